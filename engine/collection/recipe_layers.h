/*
 * The layers and traits that recipes come to: a layer is a folder and how often it was used before
 * in the same recipe, a trait is a picture with the settings it was used with. Both are numbered
 * in the order in which they first appear.
 */
#ifndef SGR_COLLECTION_RECIPE_LAYERS_H
#define SGR_COLLECTION_RECIPE_LAYERS_H

#include "collection/draft.h"

/* One element of a recipe's "layers". */
struct recipe_element {
    const char *path;
    bool mode_set;
    bool opacity_set;
    bool placed;
    enum blend_mode mode;
    uint64_t opacity; /* in 10^-9 */
    int32_t x;
    int32_t y;
};

/* Where an element went; nowhere when `absent`. */
struct recipe_place {
    bool absent;
    uint16_t layer;
    uint16_t trait;
};

struct recipe_path;
struct recipe_folder;
struct recipe_slot;
struct recipe_layer;

/* All of them; start from recipe_layers_init. One thread at a time. */
struct recipe_layers {
    struct draft *draft;
    struct intern paths;
    struct intern folders;
    struct intern slots;    /* folder and occurrence: a layer */
    struct intern elements; /* everything that tells traits apart */
    struct intern names;    /* of traits, with their layer */
    struct recipe_path *path_infos;
    size_t path_capacity;
    struct recipe_folder *folder_infos;
    size_t folder_capacity;
    struct recipe_place *places; /* of elements */
    size_t place_capacity;
    struct recipe_layer *layers;
    size_t layer_capacity;
    uint64_t recipe; /* the number of the recipe that is being read, from 1 */
};

/* Makes an empty register; texts and pictures go into the draft, which must outlive it. */
void recipe_layers_init(struct recipe_layers *layers, struct draft *draft);

/* Begins a recipe: no folder was used in it yet. */
void recipe_layers_begin(struct recipe_layers *layers);

/* Finds or makes the layer and trait of the next element. SGR_INPUT names its path. */
enum sgr_status recipe_layers_add(struct recipe_layers *layers,
                                  const struct recipe_element *element,
                                  struct recipe_place *out_place,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Makes the collection's layers, trait 0 of each being the absent one of `item_count` items. */
enum sgr_status recipe_layers_settle(struct recipe_layers *layers, uint64_t item_count,
                                     struct sgr_error *error) SGR_MUST_USE;

/* Frees the register. */
void recipe_layers_finish(struct recipe_layers *layers);

#endif
