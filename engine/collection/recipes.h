/*
 * Recipes that already exist, whichever way they are written: JSON Lines that name the files of
 * pictures, a table of traits, or metadata that was published. Files named by recipes turn into a
 * collection whose layers are the folders used (a folder used twice in one recipe makes a second
 * layer, "setting 2"); names of traits are looked up in the collection of the art.
 */
#ifndef SGR_COLLECTION_RECIPES_H
#define SGR_COLLECTION_RECIPES_H

#include "collection/collection.h"

/* A stack: layer indexes, bottom first; a layer stands in it at most once. */
struct recipes_order {
    const uint16_t *layers;
    size_t layer_count;
};

/*
 * Everything the recipes say. Where they name files, each has its order; trait 0 of every layer is
 * the absent one; an item has trait 0 in every layer that its order does not name; a trait's weight
 * and count say how many items have it. Where they name traits, there are no orders, and items are
 * drawn as the collection says. Attributes are compact JSON objects, each distinct one kept once;
 * item i has attribute_ids[attribute_starts[i] .. attribute_starts[i + 1] - 1]. When
 * attribute_starts is NULL, they follow from the traits.
 */
struct recipes {
    struct arena arena;
    struct collection *collection; /* owned */
    size_t count;
    uint64_t *ids;       /* ascending; a repeated id is an error */
    uint16_t *traits;    /* [item * layer_count + layer] */
    uint32_t *order_ids; /* [item] into orders */
    struct recipes_order *orders;
    size_t order_count; /* 0: order_ids and orders are NULL */
    const char **attributes;
    size_t attribute_count;
    uint32_t *attribute_ids;
    uint64_t *attribute_starts;
};

/*
 * Reads the whole file, or folder of metadata; its form is seen from what it holds. `options` is as
 * for collection_read; recipes that name files take neither layers nor a grammar (SGR_USAGE).
 * *out_recipes is the caller's. SGR_INPUT names the file and line.
 */
enum sgr_status recipes_read(const char *path, const struct collection_options *options,
                             struct recipes **out_recipes, struct sgr_error *error) SGR_MUST_USE;

/* Frees all of it, the collection included; accepts NULL, sets *recipes to NULL. */
void recipes_destroy(struct recipes **recipes);

#endif
