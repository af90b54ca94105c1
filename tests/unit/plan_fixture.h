/* What the tests of sprites, plans and publishing share: collections made in memory. */
#ifndef PLAN_FIXTURE_H
#define PLAN_FIXTURE_H

#include "art_fixture.h"
#include "base/arena.h"
#include "collection/collection.h"

#include <inttypes.h>

/* An empty collection below `root`, of 16 x 16 pixels; ended by collection_destroy. */
static inline struct collection *make_collection(const char *root, size_t layers)
{
    struct collection *collection = memory_allocate_zeroed(1, sizeof *collection);
    assert_non_null(collection);
    collection->root = arena_text(&collection->arena, root, strlen(root));
    collection->grammar = "folders";
    collection->name = "Test";
    collection->description = "";
    collection->width = 16;
    collection->height = 16;
    collection->layers = arena_allocate(&collection->arena, layers + 1, sizeof *collection->layers);
    collection->layer_count = layers;
    return collection;
}

/* Gives a layer `count` traits of weight 1, called "T0", "T1" ... */
static inline struct collection_layer *set_layer(struct collection *collection, size_t layer,
                                                 size_t count)
{
    struct arena *arena = &collection->arena;
    struct collection_layer *made = &collection->layers[layer];
    made->name = arena_format(arena, "L%zu", layer);
    made->folder = made->name;
    made->trait_type = made->name;
    made->distinct = true;
    made->traits = arena_allocate(arena, count + 1, sizeof *made->traits);
    made->trait_count = count;
    for (size_t trait = 0; trait < count; trait++) {
        made->traits[trait].name = arena_format(arena, "T%zu", trait);
        made->traits[trait].value = made->traits[trait].name;
        made->traits[trait].weight = 1;
        made->traits[trait].max = UINT64_MAX;
    }
    return made;
}

/* A collection of layers with the given numbers of traits, ended by 0. */
static inline struct collection *make_shape(const size_t *counts)
{
    size_t layers = 0;
    while (counts[layers])
        layers++;
    struct collection *collection = make_collection("/nowhere", layers);
    for (size_t layer = 0; layer < layers; layer++)
        set_layer(collection, layer, counts[layer]);
    return collection;
}

static inline void fix_count(struct collection_layer *layer, size_t trait, uint64_t count)
{
    layer->traits[trait].count_fixed = true;
    layer->traits[trait].count = count;
}

#endif
