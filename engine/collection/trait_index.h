/*
 * Layers and their traits by name, so that a config with a hundred thousand names is read without
 * searching. Numbers are given in order: layers 0, 1, 2 ...; traits of all layers together
 * likewise. One thread at a time.
 */
#ifndef SGR_COLLECTION_TRAIT_INDEX_H
#define SGR_COLLECTION_TRAIT_INDEX_H

#include "collection/intern.h"

/* Start from all zero bytes. */
struct trait_index {
    struct arena arena;
    struct intern layers;
    struct intern traits;
    char *key; /* owned, reused */
    size_t key_capacity;
};

/* Adds a layer; the same name again has the same number. False without memory. */
bool trait_index_add_layer(struct trait_index *index, const char *name, uint32_t *out_layer);

/* Adds a trait to a layer; the same name again has the same number. False without memory. */
bool trait_index_add(struct trait_index *index, uint32_t layer, const char *name,
                     uint32_t *out_trait);

/* Whether the layer is there; its name is `length` bytes. */
bool trait_index_find_layer(const struct trait_index *index, const char *name, size_t length,
                            uint32_t *out_layer);

/* Whether the trait is there; without memory it is not. */
bool trait_index_find(struct trait_index *index, uint32_t layer, const char *name,
                      uint32_t *out_trait);

/* Frees everything. */
void trait_index_finish(struct trait_index *index);

#endif
