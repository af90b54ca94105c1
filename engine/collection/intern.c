/* Open addressing with linear probing, at most half full, so that a miss ends soon. */
#include "collection/intern.h"

#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum { SLOTS_FIRST = 64 };

/* The slot that holds the key, or the free one where it belongs. */
static size_t slot_of(const struct intern *table, const struct intern_entry *key)
{
    size_t mask = table->slot_count - 1;
    size_t slot = (size_t)key->hash & mask;
    while (table->slots[slot]) {
        const struct intern_entry *entry = &table->entries[table->slots[slot] - 1];
        if (entry->hash == key->hash && entry->length == key->length &&
            memcmp(entry->bytes, key->bytes, key->length) == 0)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Doubles the slots when half of them are taken. */
static bool make_room(struct intern *table)
{
    if (table->slots && table->count < table->slot_count / 2)
        return true;
    size_t grown = table->slots ? table->slot_count * 2 : SLOTS_FIRST;
    uint32_t *slots = memory_allocate_zeroed(grown, sizeof *slots);
    if (!slots)
        return false;
    memory_free(table->slots);
    table->slots = slots;
    table->slot_count = grown;
    for (size_t index = 0; index < table->count; index++) {
        size_t slot = (size_t)table->entries[index].hash & (grown - 1);
        while (slots[slot])
            slot = (slot + 1) & (grown - 1);
        slots[slot] = (uint32_t)index + 1;
    }
    return true;
}

bool intern_add(struct intern *table, struct arena *arena, const void *bytes, size_t length,
                uint32_t *out_index)
{
    if (table->count >= UINT32_MAX - 1 || !make_room(table))
        return false;
    struct intern_entry key = {bytes, length, hash_64(bytes, length)};
    size_t slot = slot_of(table, &key);
    if (table->slots[slot]) {
        *out_index = table->slots[slot] - 1;
        return true;
    }
    struct intern_entry *grown =
        memory_grow(table->entries, &table->capacity, table->count + 1, sizeof *grown);
    if (!grown)
        return false;
    table->entries = grown;
    key.bytes = arena_text(arena, bytes, length);
    if (!key.bytes)
        return false;
    *out_index = (uint32_t)table->count;
    table->entries[table->count++] = key;
    table->slots[slot] = (uint32_t)table->count;
    return true;
}

bool intern_find(const struct intern *table, const void *bytes, size_t length, uint32_t *out_index)
{
    if (!table->slots)
        return false;
    struct intern_entry key = {bytes, length, hash_64(bytes, length)};
    size_t slot = slot_of(table, &key);
    if (!table->slots[slot])
        return false;
    *out_index = table->slots[slot] - 1;
    return true;
}

void intern_finish(struct intern *table)
{
    memory_free(table->entries);
    memory_free(table->slots);
    *table = (struct intern){0};
}
