/*
 * The folders of hashlips-lab as they are on disk: layers, variants of their options, pictures.
 */
#ifndef SGR_COLLECTION_LAB_TREE_H
#define SGR_COLLECTION_LAB_TREE_H

#include "collection/draft.h"
#include "collection/lab_name.h"

/* A picture of a variant; texts are in the draft's scratch arena, here and below. */
struct lab_part {
    const char *path; /* below the root */
    size_t variant;
    int32_t x; /* on the canvas, when placed */
    int32_t y;
    int32_t z; /* the layer's and its own */
    bool placed;
};

/*
 * An option as it is drawn: plain, or as an edge case when `trait`, a layer, has the option
 * `value`. Plain variants carry the option's weight.
 */
struct lab_variant {
    const char *option;
    const char *trait; /* NULL: plain */
    const char *value;
    const char *shown; /* its first file, for messages */
    size_t layer;
    uint64_t weight;
    bool weighted;
};

struct lab_layer {
    const char *folder;
    struct lab_name name;
    size_t first; /* of its variants, the plain ones before the edge cases */
    size_t count;
    size_t plain_count;
    uint64_t weight; /* of all options */
};

/* Start from all zero, end with lab_tree_finish. */
struct lab_tree {
    struct intern keys; /* of the variants, by layer, option, trait and value */
    struct lab_layer *layers;
    size_t layer_count;
    size_t layer_capacity;
    struct lab_variant *variants;
    size_t variant_capacity;
    struct lab_part *parts;
    size_t part_count;
    size_t part_capacity;
};

/* Reads all folders; what is left out is noticed. */
enum sgr_status lab_tree_read(struct lab_tree *tree, struct draft *draft,
                              struct sgr_error *error) SGR_MUST_USE;

/* The number of a layer, by its name; false when there is none. */
bool lab_tree_layer(const struct lab_tree *tree, const char *name, size_t *out_layer);

/* Frees the tree. */
void lab_tree_finish(struct lab_tree *tree);

#endif
