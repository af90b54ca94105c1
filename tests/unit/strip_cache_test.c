/* The strip cache against a plain list: what is pinned stays, the oldest of the rest go first. */
#include "pipeline/strip_cache.h"

#include "base/memory.h"
#include "base/random.h"
#include "os/machine.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *seed;

static const struct compose_part part = {7, 3};
static const struct compose_strip strip = {0, 1, &part, 1};

static struct hash128 key_of(uint64_t number)
{
    /* Many share a bucket, and some differ in their high half only. */
    return (struct hash128){number / 3 * 1024, number % 3};
}

static void fill(struct strip_cache *cache, struct fragment *fragment, size_t size, uint8_t value)
{
    uint8_t *chunk = memory_allocate(size, 1);
    assert_non_null(chunk);
    memset(chunk, value, size);
    strip_cache_fill(cache, fragment, chunk, size, value);
}

static void a_fragment_is_found_by_its_key(void **state)
{
    (void)state;
    struct strip_cache cache;
    assert_int_equal(strip_cache_init(&cache, 1 << 20, 0, NULL), SGR_OK);
    assert_null(strip_cache_acquire(&cache, key_of(1)));
    struct fragment *fragment = strip_cache_add(&cache, key_of(1), &strip, 5, true);
    assert_non_null(fragment);
    assert_false(fragment->ready);
    assert_int_equal(fragment->band, 5);
    assert_int_equal(fragment->pins, 1);
    assert_int_equal(fragment->part_count, 1);
    assert_int_equal(fragment->parts[0].sprite, 7);
    assert_int_equal(fragment->parts[0].mode, 3);
    assert_ptr_equal(strip_cache_acquire(&cache, key_of(1)), fragment);
    assert_int_equal(fragment->pins, 2);
    fill(&cache, fragment, 100, 9);
    assert_true(fragment->ready);
    assert_null(fragment->parts);
    assert_int_equal(fragment->adler, 9);
    assert_true(cache.bytes >= 100 && cache.bytes_peak == cache.bytes);
    strip_cache_release(&cache, fragment);
    strip_cache_release(&cache, fragment);
    assert_ptr_equal(strip_cache_acquire(&cache, key_of(1)), fragment);
    assert_null(strip_cache_acquire(&cache, key_of(2)));
    assert_null(strip_cache_acquire(&cache, key_of(0)));
    strip_cache_finish(&cache);
}

static void an_uncached_fragment_goes_with_its_pin(void **state)
{
    (void)state;
    struct strip_cache cache;
    assert_int_equal(strip_cache_init(&cache, 1 << 20, 0, NULL), SGR_OK);
    struct fragment *fragment = strip_cache_add(&cache, key_of(1), &strip, 0, false);
    assert_null(strip_cache_acquire(&cache, key_of(1)));
    fill(&cache, fragment, 100, 1);
    strip_cache_release(&cache, fragment);
    assert_int_equal(cache.bytes, 0);
    fragment = strip_cache_add(&cache, key_of(1), &strip, 0, false);
    strip_cache_release(&cache, fragment);
    assert_int_equal(cache.bytes, 0);
    assert_true(cache.bytes_peak > 100);
    strip_cache_finish(&cache);
}

static void the_oldest_unpinned_go_first(void **state)
{
    (void)state;
    struct strip_cache cache;
    struct fragment *fragments[4];
    assert_int_equal(strip_cache_init(&cache, 0, 0, NULL), SGR_OK);
    for (uint64_t index = 0; index < 4; index++) {
        fragments[index] = strip_cache_add(&cache, key_of(index), &strip, 0, true);
        fill(&cache, fragments[index], 1000, (uint8_t)index);
    }
    /* Room for two and a bit; three are released in the order 2, 0, 1, and 2 is used once more. */
    cache.bytes_max = cache.bytes / 4 * 3;
    strip_cache_release(&cache, fragments[2]);
    assert_null(strip_cache_acquire(&cache, key_of(2)));
    strip_cache_release(&cache, fragments[0]);
    assert_ptr_equal(strip_cache_acquire(&cache, key_of(0)), fragments[0]);
    strip_cache_release(&cache, fragments[0]);
    strip_cache_release(&cache, fragments[1]);
    fragments[2] = strip_cache_add(&cache, key_of(2), &strip, 0, true);
    fill(&cache, fragments[2], 1000, 2);
    strip_cache_release(&cache, fragments[2]);
    assert_null(strip_cache_acquire(&cache, key_of(0)));
    assert_ptr_equal(strip_cache_acquire(&cache, key_of(1)), fragments[1]);
    assert_ptr_equal(strip_cache_acquire(&cache, key_of(2)), fragments[2]);
    assert_ptr_equal(strip_cache_acquire(&cache, key_of(3)), fragments[3]);
    strip_cache_finish(&cache);
}

enum { KEYS = 5000, STEPS = 200000 };

/* Random use by several items: pinned fragments keep their bytes, bounds hold, sums come out. */
static void random_use_keeps_what_is_pinned(void **state)
{
    (void)state;
    static struct fragment *pinned[KEYS];
    static uint32_t pins[KEYS];
    struct random random;
    struct strip_cache cache;
    random_init(&random, seed, 1);
    memset(pins, 0, sizeof pins);
    assert_int_equal(strip_cache_init(&cache, 400000, 0, NULL), SGR_OK);
    uint64_t found = 0;
    for (int step = 0; step < STEPS; step++) {
        uint64_t number = random_below(&random, KEYS);
        if (pins[number] && random_below(&random, 2)) {
            struct fragment *fragment = pinned[number];
            assert_true(hash_equal(fragment->key, key_of(number)));
            assert_int_equal(fragment->pins, pins[number]);
            assert_int_equal(fragment->size, 50 + number % 200);
            assert_int_equal(fragment->chunk[number % 50], number & 255);
            pins[number]--;
            strip_cache_release(&cache, fragment);
            if (pins[number] == 0)
                assert_true(cache.bytes <= cache.bytes_max || !cache.wanted.oldest);
            continue;
        }
        struct fragment *fragment = strip_cache_acquire(&cache, key_of(number));
        assert_true(fragment || !pins[number]);
        found += fragment != NULL;
        if (!fragment) {
            fragment = strip_cache_add(&cache, key_of(number), &strip, 0, true);
            assert_non_null(fragment);
            fill(&cache, fragment, 50 + number % 200, (uint8_t)number);
        }
        pinned[number] = fragment;
        pins[number]++;
    }
    assert_true(found > 1000);
    for (uint64_t number = 0; number < KEYS; number++) {
        for (; pins[number] > 0; pins[number]--)
            strip_cache_release(&cache, pinned[number]);
    }
    assert_true(cache.bytes <= cache.bytes_max);
    size_t listed = 0;
    for (struct fragment *at = cache.wanted.newest; at; at = at->older)
        listed++;
    assert_int_equal(listed, cache.fragment_count);
    assert_true(cache.bucket_count >= cache.fragment_count);
    strip_cache_finish(&cache);
}

/* Uses that are known keep a fragment longer than younger ones of which none is. */
static void what_is_expected_stays_longest(void **state)
{
    (void)state;
    struct strip_cache cache;
    struct fragment *fragments[3];
    assert_int_equal(strip_cache_init(&cache, 1 << 20, 100, NULL), SGR_OK);
    for (uint64_t index = 0; index < 3; index++) {
        struct hash128 key = {index, index};
        strip_cache_expect(&cache, key);
        assert_null(strip_cache_acquire(&cache, key));
        fragments[index] = strip_cache_add(&cache, key, &strip, 0, true);
        fill(&cache, fragments[index], 1000, (uint8_t)index);
    }
    /* 0 is expected before its release, 1 after it; 2, the youngest, never. */
    strip_cache_expect(&cache, (struct hash128){0, 0});
    for (uint64_t index = 0; index < 3; index++)
        strip_cache_release(&cache, fragments[index]);
    strip_cache_expect(&cache, (struct hash128){1, 1});
    cache.bytes_max = cache.bytes;
    for (uint64_t index = 3; index < 5; index++) {
        struct hash128 key = {index, index};
        strip_cache_expect(&cache, key);
        assert_null(strip_cache_acquire(&cache, key));
        struct fragment *more = strip_cache_add(&cache, key, &strip, 0, true);
        fill(&cache, more, 1000, (uint8_t)index);
        strip_cache_release(&cache, more);
        assert_true(cache.bytes <= cache.bytes_max);
    }
    assert_int_equal(cache.evicted, 2);
    for (uint64_t index = 0; index < 2; index++) {
        struct hash128 key = {index, index};
        assert_ptr_equal(strip_cache_acquire(&cache, key), fragments[index]);
    }
    /* From now on the last use frees. */
    strip_cache_expect_no_more(&cache);
    assert_int_equal(cache.fragment_count, 2);
    strip_cache_release(&cache, fragments[0]);
    strip_cache_release(&cache, fragments[1]);
    assert_int_equal(cache.fragment_count, 0);
    assert_int_equal(cache.bytes, 0);
    assert_int_equal(cache.evicted, 2);
    strip_cache_finish(&cache);
}

/* More uses than a count can hold are never taken for fewer. */
static void a_full_count_keeps_its_fragment(void **state)
{
    (void)state;
    struct strip_cache cache;
    struct hash128 key = {5, 5};
    assert_int_equal(strip_cache_init(&cache, 1 << 20, 1, NULL), SGR_OK);
    assert_int_equal(strip_cache_expected_bytes(0), 0);
    assert_true(strip_cache_expected_bytes(1) >= 2 * sizeof(uint16_t));
    for (int use = 0; use < 70000; use++)
        strip_cache_expect(&cache, key);
    strip_cache_expect_no_more(&cache);
    assert_null(strip_cache_acquire(&cache, key));
    struct fragment *fragment = strip_cache_add(&cache, key, &strip, 0, true);
    fill(&cache, fragment, 100, 1);
    strip_cache_release(&cache, fragment);
    for (int use = 1; use < 70000; use++) {
        assert_ptr_equal(strip_cache_acquire(&cache, key), fragment);
        strip_cache_release(&cache, fragment);
    }
    strip_cache_finish(&cache);
}

static void adding_without_memory_is_none(void **state)
{
    (void)state;
    struct strip_cache cache;
    memory_fail_after(1, false);
    assert_int_equal(strip_cache_init(&cache, 0, 0, NULL), SGR_NO_MEMORY);
    memory_fail_after(0, false);
    strip_cache_finish(&cache);
    memory_fail_after(2, false);
    assert_int_equal(strip_cache_init(&cache, 0, 9, NULL), SGR_NO_MEMORY);
    memory_fail_after(0, false);
    strip_cache_finish(&cache);
    assert_int_equal(strip_cache_init(&cache, 1 << 30, 0, NULL), SGR_OK);
    for (uint64_t nth = 1; nth <= 2; nth++) {
        memory_fail_after(nth, false);
        assert_null(strip_cache_add(&cache, key_of(1), &strip, 0, true));
        memory_fail_after(0, false);
        assert_null(strip_cache_acquire(&cache, key_of(1)));
        assert_int_equal(cache.bytes, 0);
    }
    /* A table that cannot grow only gets slower. */
    for (uint64_t number = 0; number < 3000; number++) {
        memory_fail_after(3, false);
        assert_non_null(strip_cache_add(&cache, key_of(number), &strip, 0, true));
        memory_fail_after(0, false);
    }
    assert_int_equal(cache.fragment_count, 3000);
    for (uint64_t number = 0; number < 3000; number++)
        assert_non_null(strip_cache_acquire(&cache, key_of(number)));
    strip_cache_finish(&cache);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fragment_is_found_by_its_key),
        cmocka_unit_test(an_uncached_fragment_goes_with_its_pin),
        cmocka_unit_test(the_oldest_unpinned_go_first),
        cmocka_unit_test(random_use_keeps_what_is_pinned),
        cmocka_unit_test(what_is_expected_stays_longest),
        cmocka_unit_test(a_full_count_keeps_its_fragment),
        cmocka_unit_test(adding_without_memory_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
