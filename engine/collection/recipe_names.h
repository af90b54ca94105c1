/*
 * A collection's layers and traits by the names that people and published files call them. A layer
 * goes by its trait type or its name, a trait by its metadata value or its name; what is shared is
 * found as a list. Filled once, then read-only but for its scratch: one thread at a time.
 */
#ifndef SGR_COLLECTION_RECIPE_NAMES_H
#define SGR_COLLECTION_RECIPE_NAMES_H

#include "base/text.h"
#include "collection/collection.h"
#include "collection/intern.h"

/* A trait of a layer. */
struct recipe_name_place {
    uint16_t layer;
    uint16_t trait;
};

/* The traits that a name may mean, of one layer or several; in the register's memory. */
struct recipe_name_list {
    const struct recipe_name_place *places;
    size_t count;
};

/* Layers and places by name. Start from all zero; end with recipe_names_finish. */
struct recipe_names {
    const struct collection *collection; /* borrowed */
    struct arena arena;
    struct intern layers;                   /* layer names: number = layer */
    struct intern types;                    /* trait types */
    struct recipe_name_list *type_lists;    /* [type]: layers, as places of no trait */
    struct recipe_name_place *layer_places; /* [layer]: itself, likewise */
    struct intern names;                    /* layer and name of a trait */
    struct recipe_name_place *name_places;
    struct intern values; /* layer and metadata value of a trait */
    struct recipe_name_list *value_lists;
    uint32_t *absents; /* [layer]: its absent trait, or RECIPE_NAMES_NO_TRAIT */
    struct text key;   /* reused */
};

#define RECIPE_NAMES_NO_TRAIT UINT32_MAX

/* Fills the register; `collection` must outlive it. SGR_NO_MEMORY. */
enum sgr_status recipe_names_init(struct recipe_names *names, const struct collection *collection,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Frees it. */
void recipe_names_finish(struct recipe_names *names);

/* The layer of a name. */
bool recipe_names_layer(const struct recipe_names *names, const char *name, uint16_t *out_layer);

/* The layers of a trait type, or else the layer of that name; none: the count is 0. */
struct recipe_name_list recipe_names_type(struct recipe_names *names, const char *type);

/*
 * The layer's traits that a text may mean: the one of this name, and only without one those of this
 * value; when `values_first` the other way round. Absent traits are not found here. False without
 * memory.
 */
bool recipe_names_traits(struct recipe_names *names, uint16_t layer, const char *text,
                         bool values_first, struct recipe_name_list *out_list);

/* Whether a text says that there is no trait: "None", "none" or nothing. */
bool recipe_names_is_none(const char *text);

/* Fails with SGR_INPUT: there is no such layer, and which one may be meant. */
enum sgr_status recipe_names_unknown_layer(const struct recipe_names *names, const char *name,
                                           struct sgr_error *error);

/* Fails with SGR_INPUT: the layer has no such trait, and which one may be meant. */
enum sgr_status recipe_names_unknown_trait(const struct recipe_names *names, uint16_t layer,
                                           const char *text, struct sgr_error *error);

#endif
