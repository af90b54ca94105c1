/* The heap behind one door: checked sizes, and failures on demand for tests. */
#include "base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t fail_countdown;
static _Atomic bool fail_for_good;

void memory_fail_after(uint64_t countdown, bool for_good)
{
    atomic_store(&fail_for_good, for_good);
    atomic_store(&fail_countdown, countdown);
}

static bool must_fail(void)
{
    uint64_t left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
    while (left != 0) {
        uint64_t next = left == 1 && atomic_load(&fail_for_good) ? 1 : left - 1;
        if (atomic_compare_exchange_weak(&fail_countdown, &left, next))
            return left == 1;
    }
    return false;
}

void *memory_allocate(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX || must_fail())
        return NULL;
    return malloc(bytes ? bytes : 1);
}

void *memory_allocate_zeroed(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX || must_fail())
        return NULL;
    return calloc(count ? count : 1, size ? size : 1);
}

void *memory_allocate_aligned(size_t size, size_t alignment)
{
    if (size > PTRDIFF_MAX - alignment || must_fail())
        return NULL;
    size_t rounded = (size + alignment - 1) & ~(alignment - 1);
    return aligned_alloc(alignment, rounded ? rounded : alignment);
}

void *memory_resize(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX || must_fail())
        return NULL;
    return realloc(old, bytes ? bytes : 1);
}

void memory_free(void *memory)
{
    free(memory);
}

char *memory_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memory_allocate(size, 1);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

void *memory_grow(void *items, size_t *capacity, size_t needed, size_t item_size)
{
    if (items && needed <= *capacity)
        return items;
    size_t grown = *capacity + *capacity / 2 + 8;
    if (grown < needed)
        grown = needed;
    void *moved = memory_resize(items, grown, item_size);
    if (moved)
        *capacity = grown;
    return moved;
}
