/*
 * The only door to the heap, so that sizes are checked in one place and tests can make the Nth
 * allocation fail.
 */
#ifndef SGR_BASE_MEMORY_H
#define SGR_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* count * size bytes of unset memory, or NULL (overflow or no memory). Free with memory_free. */
void *memory_allocate(size_t count, size_t size);

/* The same, all bytes zero. */
void *memory_allocate_zeroed(size_t count, size_t size);

/* `size` bytes aligned to `alignment` (a power of two, 16 or more); NULL without memory. */
void *memory_allocate_aligned(size_t size, size_t alignment);

/* Resizes to count * size bytes; on failure returns NULL and the old memory stays valid. */
void *memory_resize(void *old, size_t count, size_t size);

/* Accepts NULL. */
void memory_free(void *memory);

/* A heap copy of a zero-terminated text, or NULL without memory. */
char *memory_copy_text(const char *text);

/*
 * Makes room for `needed` items of `item_size` bytes in a heap array, growing by half. Returns the
 * array, which may have moved, and updates *capacity (in items); NULL without memory, when the old
 * array stays valid.
 */
void *memory_grow(void *items, size_t *capacity, size_t needed, size_t item_size);

/*
 * Makes the allocation number `countdown` from now fail, and all later ones too when `for_good`;
 * 0 switches it off. For fault tests only.
 */
void memory_fail_after(uint64_t countdown, bool for_good);

#endif
