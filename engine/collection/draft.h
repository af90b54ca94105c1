/*
 * A collection in the making: what the modules that read folders and collection.json share, and
 * how drafts become the finished tables. A draft and its scratch arena end with the reading.
 */
#ifndef SGR_COLLECTION_DRAFT_H
#define SGR_COLLECTION_DRAFT_H

#include "collection/collection.h"
#include "collection/intern.h"
#include "collection/opacity.h"

/* The file in an art folder that says more than names can. */
#define DRAFT_CONFIG_NAME "collection.json"

/* The name of the absent trait. */
#define DRAFT_NONE "None"

/* The settings of a layer, folder, file or trait, as far as they are given. */
struct draft_settings {
    bool z_set;
    bool mode_set;
    bool placed;
    int32_t z;
    enum blend_mode mode;
    struct opacity opacity; /* OPACITY_FULL when not given */
    int32_t x;
    int32_t y;
};

#define DRAFT_SETTINGS_NONE ((struct draft_settings){.opacity = OPACITY_FULL})

/* A picture of a trait. */
struct draft_part {
    const char *path; /* below the root */
    struct draft_settings settings;
};

/* A choice. */
struct draft_trait {
    const char *name;
    const char *value;
    const char *path; /* weighted names from the layer down, joined by '/'; traits sort by it */
    const char *file; /* a file or folder that it comes from, for messages; NULL for none */
    uint64_t weight;  /* relative to the layer's others */
    uint64_t weight_given; /* in 10^-9, when weight_set */
    uint64_t count;
    uint64_t min;
    uint64_t max; /* when max_set */
    bool weight_set;
    bool count_fixed;
    bool max_set;
    bool none;
    bool lacked; /* as in struct collection_trait */
    bool single;
    const char *const *attributes; /* in the collection's arena */
    size_t attribute_count;
    struct opacity opacity;   /* from collection.json, on top of the parts' own */
    struct draft_part *parts; /* bottom first */
    size_t part_count;
    const char *const *tags; /* in the collection's arena */
    size_t tag_count;
};

/* A slot in the stack. */
struct draft_layer {
    const char *name;
    const char *folder;      /* below the root, NULL for the pictures in the root itself */
    struct json_t *pictures; /* what collection.json lists instead of a folder, or NULL */
    const char *trait_type;
    const char *shown; /* how errors name it: the folder's path */
    bool distinct;
    bool groups;
    bool lacked; /* some group's stack has no such layer */
    bool optional_set;
    uint64_t optional; /* the absent trait's share, in 10^-9 */
    struct draft_settings settings;
    struct draft_trait *traits;
    size_t trait_count;
    uint64_t weight_total; /* what the weights written in the layer's folder add up to, in 10^-9;
                              0 when that means nothing */
};

/* The whole. */
struct draft {
    struct collection *collection;
    const struct collection_options *options;
    enum sgr_grammar grammar; /* of the names: the option's, else what collection.json says */
    bool quiet_root;          /* what stands in the root beside layers is nobody's forgotten art */
    struct arena scratch;
    const char *root;    /* the art folder, without a '/' at its end */
    struct intern paths; /* of the pictures */
    struct collection_picture *pictures;
    size_t picture_capacity;
    struct draft_layer *layers;
    size_t layer_count;
    struct collection_notice *notices;
    size_t notice_count;
    size_t notice_capacity;
    size_t notices_dropped;
    struct intern item_images; /* paths of one-of-one items' pictures */
    size_t entry_count;        /* files and folders seen so far */
};

/* Makes an empty collection to work on; `options` must outlive the draft. */
enum sgr_status draft_init(struct draft *draft, const struct collection_options *options,
                           struct sgr_error *error) SGR_MUST_USE;

/* Frees the draft, and the collection too unless it was taken by draft_take. */
void draft_finish(struct draft *draft);

/* Hands out the collection with the pictures and notices gathered so far. */
enum sgr_status draft_take(struct draft *draft, struct collection **out_collection,
                           struct sgr_error *error) SGR_MUST_USE;

/* Finds out where the art is: *out_config is the path of its collection.json, or NULL. */
enum sgr_status draft_locate(struct draft *draft, const char **out_config,
                             struct sgr_error *error) SGR_MUST_USE;

/* Notes something for the user; above COLLECTION_NOTICES_MAX only the number is kept. */
enum sgr_status draft_notice(struct draft *draft, struct sgr_error *error, enum sgr_log_level level,
                             const char *code, const char *format, ...)
    __attribute__((format(printf, 5, 6))) SGR_MUST_USE;

/* root + '/' + path in the scratch arena, or NULL without memory; "" is the root itself. */
const char *draft_full_path(struct draft *draft, const char *path);

/* The last name of the root's absolute path ("." too has one), in the scratch arena. */
enum sgr_status draft_root_name(struct draft *draft, const char **out_name,
                                struct sgr_error *error) SGR_MUST_USE;

/* Whether a name is one that systems and editors leave behind and nobody wants to hear about. */
bool draft_is_hidden(const char *name);

/*
 * Whether a file counts as art. Photoshop files do not: they are sources that artists keep beside
 * what they export.
 */
bool draft_is_picture(const char *name);

/* Refuses a name that is not UTF-8: it could not be written into metadata. */
enum sgr_status draft_check_name(const char *folder, const char *name,
                                 struct sgr_error *error) SGR_MUST_USE;

/*
 * Whether a path from a file is plain: names joined by single '/', none of them "." or "..", not
 * absolute, no backslash. Others could lead out of the art folder or name one picture twice.
 */
bool draft_is_plain_path(const char *path);

/* The number of a picture, whose header is read when it is new. */
enum sgr_status draft_picture(struct draft *draft, const char *path, uint32_t *out_index,
                              struct sgr_error *error) SGR_MUST_USE;

/* Turns the layers of the draft into those of the collection: weights, opacities, pictures. */
enum sgr_status draft_layers_settle(struct draft *draft, struct sgr_error *error) SGR_MUST_USE;

/*
 * Decides the canvas, unless the collection has one: the commonest size of the pictures that
 * cover it. Pictures of another size are refused, or noticed with options->fit_sizes.
 */
enum sgr_status draft_canvas_settle(struct draft *draft, struct sgr_error *error) SGR_MUST_USE;

#endif
