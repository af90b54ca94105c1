/* One item of published metadata: its id, and its attributes as the words of a recipe. */
#ifndef SGR_COLLECTION_PUBLISHED_ITEM_H
#define SGR_COLLECTION_PUBLISHED_ITEM_H

#include "collection/json_schema.h"
#include "collection/recipe_named.h"

/* The reading of items. Start with all zero; end with published_item_finish. */
struct published_items {
    struct recipe_named named;
    struct intern unknown; /* trait types that no layer has */
    struct arena arena;    /* their texts */
    struct text text;      /* reused */
};

/*
 * The number that a file's name stands for, decimal or 64 hexadecimal digits, ".json" left aside;
 * false when it is none.
 */
bool published_item_file_id(const char *name, uint64_t *out_id);

/*
 * Adds an item, an object, as `row->line`. `file_id` is the number of its file's name, or NULL.
 * SGR_INPUT names file, line and what is wrong.
 */
enum sgr_status published_item_add(struct published_items *items, const struct json_source *source,
                                   json_t *object, struct recipe_row row, const uint64_t *file_id,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Notes which trait types no layer has. */
enum sgr_status published_item_note_unknown(struct published_items *items,
                                            struct sgr_error *error) SGR_MUST_USE;

/* Frees all but the recipes. */
void published_item_finish(struct published_items *items);

#endif
