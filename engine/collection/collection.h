/*
 * A collection as it was understood: layers, their traits, the parts of each, and the pictures
 * that they use. Made by collection_read (folders or collection.json) or by recipes_read; read-only
 * from then on, so any number of threads may look at it.
 */
#ifndef SGR_COLLECTION_COLLECTION_H
#define SGR_COLLECTION_COLLECTION_H

#include "base/arena.h"
#include "base/text.h"
#include "collection/rules.h"
#include "image/blend.h"

#include <serigraph/log.h>
#include <serigraph/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COLLECTION_LAYERS_MAX = 1024,
    COLLECTION_TRAITS_MAX = 65535, /* of one layer: trait indexes are 16 bits in a plan */
    COLLECTION_PARTS_MAX = 64,     /* of one trait */
    COLLECTION_TAGS_MAX = 64,      /* of one trait */
    COLLECTION_NOTICES_MAX = 200,
    COLLECTION_WEIGHT_DECIMALS = 9
};

/* The layer that groups and one-of-one items are the traits of, where there are any: the last. */
#define COLLECTION_GROUP_LAYER_NAME "Group"

/* Item counts stay below this. */
#define COLLECTION_COUNT_MAX UINT64_C(1000000000)

/* No id is larger: the largest first id that can be asked for, and then so many items. */
#define COLLECTION_ID_MAX UINT64_C(1001000000000)

/* A file with a picture. */
struct collection_picture {
    const char *path; /* below the root, '/' between names, as on disk */
    uint32_t width;   /* pixels, from the file's header */
    uint32_t height;
};

/* A picture as a trait draws it. */
struct collection_part {
    uint32_t picture; /* index into pictures */
    int32_t z;        /* parts of an item are drawn by ascending z, stable in layer order */
    int32_t x;        /* canvas column of its left edge, only when placed */
    int32_t y;
    bool placed;  /* `at` was given; otherwise the picture covers the canvas */
    uint8_t mode; /* enum blend_mode */
    uint8_t opacity;
};

/* One choice for a layer. */
struct collection_trait {
    const char *name;  /* unique in its layer, for rules and files ("Crown", "male/hat") */
    const char *value; /* for metadata */
    uint64_t weight;   /* relative to the layer's other traits; 0 is never drawn */
    uint64_t count;    /* exact, when count_fixed */
    uint64_t min;      /* so many items have it at least; 0 when count_fixed */
    uint64_t max;      /* at most; UINT64_MAX: no bound, and when count_fixed */
    bool count_fixed;
    bool none;   /* the absent trait: no parts, no attribute */
    bool lacked; /* of the absent trait: some group's stack has no such layer, so its items have it
                    whatever its weight, which is about the other groups' items */
    bool single; /* of the group layer: a one-of-one item */
    const char *const *attributes; /* of a one-of-one item, as JSON objects */
    size_t attribute_count;
    struct collection_part *parts; /* bottom first */
    size_t part_count;
    const char *const *tags; /* sorted, each once; equal texts are one pointer */
    size_t tag_count;
};

/* A slot in the stack; layers are in draw order, bottom first. */
struct collection_layer {
    const char *name;
    const char *folder;     /* below the root; NULL when there is none (recipes, loose files) */
    const char *trait_type; /* for metadata */
    bool distinct;          /* whether items must differ in it */
    bool groups;            /* the group layer: its traits give no attribute */
    struct collection_trait *traits;
    size_t trait_count;
};

/* The layers that the items of a group draw, and where a one-of-one item goes. */
struct collection_stack {
    const uint16_t
        *layers; /* bottom first, the group layer on top; of a one-of-one item that alone */
    size_t layer_count;
    const uint64_t *members; /* a bit for each layer of the collection */
    bool placed;             /* a one-of-one item whose id was given */
    uint64_t id;
};

/* Something the user should know about how the art was understood. */
struct collection_notice {
    enum sgr_log_level level;
    const char *code; /* constant, lower-case with dashes: "stray-file" */
    const char *text; /* one line, names the file or trait */
};

/* The whole. Everything but the struct itself lives in the arena. */
struct collection {
    struct arena arena;
    const char *root;        /* the art folder, as given */
    const char *grammar;     /* how it was read: "folders", "hashlips", "nftchef", "recipes" ... */
    bool has_config;         /* a file of settings was read, not names alone */
    const char *imported;    /* the collection.json that an importer made of it, or NULL */
    const char *name;        /* never NULL */
    const char *description; /* never NULL, may be empty */
    const char *seed;        /* NULL when the art sets none */
    uint64_t count;          /* 0 when the art sets none */
    uint64_t start;          /* first item's id */
    bool start_set;
    uint32_t width; /* canvas, pixels */
    uint32_t height;
    struct collection_layer *layers;
    size_t layer_count;
    struct collection_picture *pictures;
    size_t picture_count;
    const struct collection_stack *stacks; /* [trait of the group layer]; NULL without groups, and
                                              in a collection that a plan file holds */
    bool in_group_order; /* items of a group follow each other, instead of being mixed */
    struct rules rules;  /* all zero: none, as in a collection that a plan file holds */
    struct collection_notice *notices;
    size_t notice_count;
};

/* The index of the group layer, or SIZE_MAX. */
static inline size_t collection_group_layer(const struct collection *collection)
{
    size_t last = collection->layer_count - 1; /* SIZE_MAX where there is no layer */
    return collection->layer_count > 0 && collection->layers[last].groups ? last : SIZE_MAX;
}

/* Whether the items of a stack can have a layer. */
static inline bool collection_stack_has(const struct collection_stack *stack, size_t layer)
{
    return stack->members[layer / 64] >> (layer % 64) & 1;
}

/* How to read; all zero is the default. */
struct collection_options {
    const char *path;   /* a folder, or a collection.json */
    const char *layers; /* "Background,Body,...", bottom first, or NULL */
    enum sgr_grammar grammar;
    bool fit_sizes; /* pictures of another size than the canvas are accepted (they get resampled) */
};

/*
 * Reads folder names or collection.json and the header of every picture, no pixels. *out_collection
 * is the caller's. SGR_INPUT for what is wrong in the art (one line that names it), SGR_USAGE for
 * options that do not fit it.
 */
enum sgr_status collection_read(const struct collection_options *options,
                                struct collection **out_collection,
                                struct sgr_error *error) SGR_MUST_USE;

/* Adds the attribute that follows from a trait, which is not the absent one, as a JSON object. */
void collection_add_attribute(const struct collection_layer *layer,
                              const struct collection_trait *trait, struct text *out);

/* Frees all of it; accepts NULL, sets *collection to NULL. */
void collection_destroy(struct collection **collection);

#endif
