/* A trait's key is the number of its layer, then its name. */
#include "collection/trait_index.h"

#include "base/memory.h"

#include <string.h>

/* The bytes of a trait's key; 0 without memory. */
static size_t make_key(struct trait_index *index, uint32_t layer, const char *name)
{
    size_t length = strlen(name);
    char *grown =
        memory_grow(index->key, &index->key_capacity, sizeof layer + length, sizeof *grown);
    if (!grown)
        return 0;
    index->key = grown;
    memcpy(grown, &layer, sizeof layer);
    memcpy(grown + sizeof layer, name, length);
    return sizeof layer + length;
}

bool trait_index_add_layer(struct trait_index *index, const char *name, uint32_t *out_layer)
{
    return intern_add(&index->layers, &index->arena, name, strlen(name), out_layer);
}

bool trait_index_add(struct trait_index *index, uint32_t layer, const char *name,
                     uint32_t *out_trait)
{
    size_t length = make_key(index, layer, name);
    return length && intern_add(&index->traits, &index->arena, index->key, length, out_trait);
}

bool trait_index_find_layer(const struct trait_index *index, const char *name, size_t length,
                            uint32_t *out_layer)
{
    return intern_find(&index->layers, name, length, out_layer);
}

bool trait_index_find(struct trait_index *index, uint32_t layer, const char *name,
                      uint32_t *out_trait)
{
    size_t length = make_key(index, layer, name);
    return length && intern_find(&index->traits, index->key, length, out_trait);
}

void trait_index_finish(struct trait_index *index)
{
    intern_finish(&index->layers);
    intern_finish(&index->traits);
    arena_finish(&index->arena);
    memory_free(index->key);
    *index = (struct trait_index){0};
}
