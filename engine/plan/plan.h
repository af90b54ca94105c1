/*
 * A plan file, open for reading: which traits every item has, and every choice that can change an
 * output byte. Items are read through a window of one block or a few, never whole. The layout is in
 * docs/plan-format.md. One thread at a time.
 */
#ifndef SGR_PLAN_PLAN_H
#define SGR_PLAN_PLAN_H

#include "base/hash.h"
#include "base/text.h"
#include "codec/png_strip.h"
#include "collection/collection.h"
#include "os/file.h"

/* Everything besides the recipes that decides bytes: a function of plan, art and options only. */
struct plan_choices {
    uint32_t width; /* canvas, pixels */
    uint32_t height;
    enum sgr_resample resample;
    enum sgr_png_level png_level;
    enum png_color color;
    struct png_palette palette;
    const char *encoder;
    const char *seed;           /* "" when the recipes were given */
    const uint32_t *band_edges; /* [band_count + 1], from 0 to height, ascending */
    size_t band_count;
    const struct hash128 *part_digests; /* of every part's sprite, in the order of layers */
    size_t part_count;
};

/* A stack: layers, bottom first. */
struct plan_order {
    const uint16_t *layers;
    size_t layer_count;
};

/* One item; its pointers are good until the next call on the plan. */
struct plan_item {
    uint64_t index;
    uint64_t id;
    const uint16_t *traits; /* [layer_count] */
    uint32_t order;
    const uint32_t *attributes; /* indexes into the plan's attributes */
    size_t attribute_count;
};

struct plan;

/* Opens a plan file whose art is below `root`. SGR_INPUT for a damaged or foreign file. */
enum sgr_status plan_open(const char *path, const char *root, struct plan **out_plan,
                          struct sgr_error *error) SGR_MUST_USE;

/* The same for a handle, which the plan takes on success. */
enum sgr_status plan_open_handle(struct open_file *take_handle, uint64_t size, const char *name,
                                 const char *root, struct plan **out_plan,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *plan to NULL. */
void plan_close(struct plan **plan);

/* Checks every block's hash, and that ids ascend, for a file that came from elsewhere. */
enum sgr_status plan_check(struct plan *plan, struct sgr_error *error) SGR_MUST_USE;

/* Copies the file's bytes to `path`, complete or not at all. */
enum sgr_status plan_copy(struct plan *plan, const char *path,
                          struct sgr_error *error) SGR_MUST_USE;

/* The file's name, for messages. */
const char *plan_name(const struct plan *plan);

/* The collection that the plan is about. */
const struct collection *plan_collection(const struct plan *plan);

/* The choices. */
const struct plan_choices *plan_choices(const struct plan *plan);

/* How many items. */
uint64_t plan_count(const struct plan *plan);

/* How many draw orders there are. */
size_t plan_order_count(const struct plan *plan);

/* A draw order. */
const struct plan_order *plan_order(const struct plan *plan, uint32_t order);

/* Whether items bring attributes of their own; otherwise these follow from the traits. */
bool plan_has_attributes(const struct plan *plan);

/* How many different attributes items bring. */
size_t plan_attribute_count(const struct plan *plan);

/* An attribute as a JSON object. */
const char *plan_attribute(const struct plan *plan, uint32_t attribute);

/* Where a layer's traits begin in a row of all layers' traits; for layer_count, the row's end. */
uint32_t plan_trait_base(const struct plan *plan, size_t layer);

/* How many items weights and counts ask for with a trait, and how many have it. */
uint64_t plan_asked(const struct plan *plan, size_t layer, size_t trait);

/* See plan_asked. */
uint64_t plan_planned(const struct plan *plan, size_t layer, size_t trait);

/* What makes this plan another than all others: a digest over the whole file. */
struct hash128 plan_digest(const struct plan *plan);

/* The bytes that all items take in the file. */
uint64_t plan_items_bytes(const struct plan *plan);

/*
 * Keeps `blocks` (at least 1) blocks of PLAN_FORMAT_BLOCK_ITEMS items in memory, for a reader that
 * jumps between neighbouring ones; at first one is kept.
 */
enum sgr_status plan_keep(struct plan *plan, size_t blocks, struct sgr_error *error) SGR_MUST_USE;

/* Reads item `index` (below plan_count). SGR_INPUT when the file was damaged meanwhile. */
enum sgr_status plan_read(struct plan *plan, uint64_t index, struct plan_item *out_item,
                          struct sgr_error *error) SGR_MUST_USE;

/* Finds the index of an id; false when there is none. */
enum sgr_status plan_find(struct plan *plan, uint64_t id, uint64_t *out_index, bool *out_found,
                          struct sgr_error *error) SGR_MUST_USE;

/* Adds the recipe as it stands in manifests: trait indexes joined by '-', "@order" when not 0. */
void plan_recipe_text(const struct plan *plan, const struct plan_item *item, struct text *out);

#endif
