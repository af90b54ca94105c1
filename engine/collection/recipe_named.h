/*
 * Recipes that name layers and traits, not files, read against a collection: what the readers of
 * tables and of published metadata share. The items' draw orders are the collection's own.
 */
#ifndef SGR_COLLECTION_RECIPE_NAMED_H
#define SGR_COLLECTION_RECIPE_NAMED_H

#include "collection/recipe_match.h"
#include "collection/recipe_rows.h"

/* A rule and the items that break it. */
struct recipe_named_broken {
    uint64_t count;
    uint64_t first_id; /* of those that were read first */
};

/* Start from recipe_named_init; end with recipe_named_finish. One thread at a time. */
struct recipe_named {
    const char *path;
    struct recipes *recipes; /* borrowed: being filled */
    struct recipe_names names;
    struct recipe_match match;
    struct recipe_rows rows;
    uint16_t *traits; /* [row * layer_count + layer], as rows were read */
    size_t trait_capacity;
    struct recipe_named_broken *broken; /* [rule] */
};

/* Reads the collection of `options`. SGR_INPUT and SGR_USAGE as for collection_read. */
enum sgr_status recipe_named_init(struct recipe_named *named, const char *path,
                                  const struct collection_options *options, struct recipes *recipes,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Adds the item that named->match has settled. */
enum sgr_status recipe_named_add(struct recipe_named *named, const struct recipe_row *row,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Sorts the items, fills the recipes, and notes which rules they break. */
enum sgr_status recipe_named_settle(struct recipe_named *named,
                                    struct sgr_error *error) SGR_MUST_USE;

/* Adds a notice to the collection that was read; above COLLECTION_NOTICES_MAX it is left out. */
enum sgr_status recipe_named_notice(struct recipe_named *named, enum sgr_log_level level,
                                    const char *code, const struct text *text,
                                    struct sgr_error *error) SGR_MUST_USE;

/* Frees all but the recipes. */
void recipe_named_finish(struct recipe_named *named);

#endif
