/* The heap's door and the arena: sizes that overflow are refused, failures come on demand. */
#include "base/arena.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* AddressSanitizer would end the process instead of answering NULL, as the real heap does. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    static const size_t pairs[][2] = {
        {SIZE_MAX, 1},         {SIZE_MAX, 2},
        {SIZE_MAX / 2 + 1, 2}, {(size_t)1 << 33, (size_t)1 << 33},
        {1, SIZE_MAX},         {(size_t)PTRDIFF_MAX + 1, 1},
    };
    for (size_t index = 0; index < sizeof pairs / sizeof *pairs; index++) {
        assert_null(memory_allocate(pairs[index][0], pairs[index][1]));
        assert_null(memory_allocate_zeroed(pairs[index][0], pairs[index][1]));
        char *old = memory_allocate(4, 1);
        assert_non_null(old);
        memcpy(old, "old", 4);
        assert_null(memory_resize(old, pairs[index][0], pairs[index][1]));
        assert_string_equal(old, "old");
        memory_free(old);
    }
    assert_null(memory_allocate_aligned(SIZE_MAX, 64));
    assert_null(memory_allocate_aligned(SIZE_MAX - 63, 64));
}

static void nothing_at_all_is_still_memory(void **state)
{
    (void)state;
    void *memory[] = {memory_allocate(0, 8), memory_allocate(8, 0), memory_allocate_zeroed(0, 0),
                      memory_allocate_aligned(0, 64), memory_resize(NULL, 0, 1)};
    for (size_t index = 0; index < sizeof memory / sizeof *memory; index++) {
        assert_non_null(memory[index]);
        memory_free(memory[index]);
    }
    memory_free(NULL);
}

static void zeroed_memory_is_zero_and_aligned_memory_aligned(void **state)
{
    (void)state;
    static const uint8_t zero[999];
    for (size_t alignment = 16; alignment <= 4096; alignment *= 2) {
        for (size_t size = 1; size < 300; size += 37) {
            void *memory = memory_allocate_aligned(size, alignment);
            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % alignment, 0);
            memset(memory, 0xa5, size);
            memory_free(memory);
        }
    }
    uint8_t *zeroed = memory_allocate_zeroed(333, 3);
    assert_memory_equal(zeroed, zero, 999);
    memory_free(zeroed);
}

static void a_copied_text_is_its_own(void **state)
{
    (void)state;
    char text[] = "first";
    char *copy = memory_copy_text(text);
    text[0] = 'F';
    assert_string_equal(copy, "first");
    memory_free(copy);
}

static void growing_keeps_what_was_there(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t capacity = 0;
    size_t moves = 0;
    for (uint32_t index = 0; index < 10000; index++) {
        size_t before = capacity;
        uint32_t *grown = memory_grow(items, &capacity, index + 1, sizeof *items);
        assert_non_null(grown);
        assert_true(capacity > index);
        moves += capacity != before;
        items = grown;
        items[index] = index;
    }
    for (uint32_t index = 0; index < 10000; index++)
        assert_int_equal(items[index], index);
    assert_true(moves < 25);
    assert_null(memory_grow(items, &capacity, SIZE_MAX, sizeof *items));
    assert_true(capacity >= 10000 && capacity < 20000);
    assert_int_equal(items[9999], 9999);
    memory_free(items);
}

static void the_nth_allocation_fails_and_no_other(void **state)
{
    (void)state;
    for (uint64_t nth = 1; nth <= 6; nth++) {
        memory_fail_after(nth, false);
        void *memory[] = {memory_allocate(1, 1),          memory_allocate_zeroed(1, 1),
                          memory_allocate_aligned(1, 16), memory_resize(NULL, 1, 1),
                          memory_copy_text("x"),          memory_allocate(1, 1)};
        memory_fail_after(0, false);
        for (uint64_t index = 0; index < 6; index++) {
            assert_int_equal(memory[index] == NULL, index + 1 == nth);
            memory_free(memory[index]);
        }
    }
}

static void failing_for_good_lasts_until_switched_off(void **state)
{
    (void)state;
    memory_fail_after(2, true);
    void *first = memory_allocate(1, 1);
    for (int index = 0; index < 5; index++)
        assert_null(memory_allocate(1, 1));
    memory_fail_after(0, true);
    void *last = memory_allocate(1, 1);
    assert_non_null(first);
    assert_non_null(last);
    memory_free(first);
    memory_free(last);
}

static void arena_memory_is_zero_aligned_and_apart(void **state)
{
    (void)state;
    static const uint8_t zero[3000];
    struct arena arena = {0};
    uint8_t *blocks[400];
    for (size_t index = 0; index < 400; index++) {
        size_t size = index * 7 % 3000 + 1;
        blocks[index] = arena_allocate(&arena, size, 1);
        assert_non_null(blocks[index]);
        assert_int_equal((uintptr_t)blocks[index] % _Alignof(max_align_t), 0);
        assert_memory_equal(blocks[index], zero, size);
        memset(blocks[index], (int)(index % 255 + 1), size);
    }
    for (size_t index = 0; index < 400; index++) {
        size_t size = index * 7 % 3000 + 1;
        for (size_t at = 0; at < size; at++)
            assert_int_equal(blocks[index][at], index % 255 + 1);
    }
    uint8_t *large = arena_allocate(&arena, 1000, 1000);
    assert_non_null(large);
    memset(large, 1, 1000000);
    arena_finish(&arena);
    assert_null(arena.newest);
    assert_non_null(arena_allocate(&arena, 1, 1));
    arena_finish(&arena);
    arena_finish(&arena);
}

static void arena_refuses_what_overflows_and_survives_failure(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_null(arena_allocate(&arena, SIZE_MAX, 2));
    assert_null(arena_allocate(&arena, SIZE_MAX, 1));
    assert_null(arena_allocate(&arena, SIZE_MAX - 8, 1));
    memory_fail_after(1, false);
    assert_null(arena_allocate(&arena, 1, 1));
    memory_fail_after(1, false);
    assert_null(arena_text(&arena, "text", 4));
    memory_fail_after(1, false);
    assert_null(arena_format(&arena, "%d", 4));
    memory_fail_after(0, false);
    assert_string_equal(arena_text(&arena, "text", 3), "tex");
    assert_string_equal(arena_text(&arena, NULL, 0), "");
    assert_string_equal(arena_format(&arena, "%d-%s", 4, "five"), "4-five");
    assert_string_equal(arena_format(&arena, "%s", ""), "");
    char *wide = arena_format(&arena, "%100000d", 7);
    assert_int_equal(strlen(wide), 100000);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(nothing_at_all_is_still_memory),
        cmocka_unit_test(zeroed_memory_is_zero_and_aligned_memory_aligned),
        cmocka_unit_test(a_copied_text_is_its_own),
        cmocka_unit_test(growing_keeps_what_was_there),
        cmocka_unit_test(the_nth_allocation_fails_and_no_other),
        cmocka_unit_test(failing_for_good_lasts_until_switched_off),
        cmocka_unit_test(arena_memory_is_zero_aligned_and_apart),
        cmocka_unit_test(arena_refuses_what_overflows_and_survives_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
