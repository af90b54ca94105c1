/*
 * A table of distinct byte strings with numbers 0, 1, 2 ... in order of first appearance, so that
 * a million recipes find their pictures and attributes without a search. One thread at a time.
 */
#ifndef SGR_COLLECTION_INTERN_H
#define SGR_COLLECTION_INTERN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One key; the bytes are in the arena given to intern_add, with a zero byte behind them. */
struct intern_entry {
    const char *bytes;
    size_t length;
    uint64_t hash;
};

/* Start from all zero bytes. */
struct intern {
    struct intern_entry *entries;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* index + 1 of the entry, 0 when free */
    size_t slot_count;
};

/*
 * Finds or adds a key. It was new when *out_index is the count from before the call. False without
 * memory.
 */
bool intern_add(struct intern *table, struct arena *arena, const void *bytes, size_t length,
                uint32_t *out_index);

/* Whether the key is there; if so, its number. */
bool intern_find(const struct intern *table, const void *bytes, size_t length, uint32_t *out_index);

/* Frees the table, not the arena; it can be used again. */
void intern_finish(struct intern *table);

#endif
