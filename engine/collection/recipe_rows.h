/*
 * The items of a recipes file as they were read: their ids, where they stand in the file, and the
 * attributes that they bring. The readers of all forms fill one, and it puts the items in order.
 */
#ifndef SGR_COLLECTION_RECIPE_ROWS_H
#define SGR_COLLECTION_RECIPE_ROWS_H

#include "collection/intern.h"
#include "collection/recipes.h"

/* An item. */
struct recipe_row {
    uint64_t id;
    uint64_t line;            /* from 1; where there are files, the file's number */
    uint64_t first_trait;     /* the reader's own affair */
    uint64_t first_attribute; /* in attribute_ids */
    uint32_t attribute_count;
    uint32_t order; /* the reader's own affair */
};

/* Start with a path, all else zero; end with recipe_rows_finish. One thread at a time. */
struct recipe_rows {
    const char *path;         /* of the file, or of the folder of `files` */
    const char *const *files; /* [line - 1]: a file an item, below the path; NULL: it is one file */
    struct recipe_row *rows;
    size_t count;
    size_t capacity;
    struct intern attributes; /* compact JSON objects */
    uint32_t *attribute_ids;
    size_t attribute_count;
    size_t attribute_capacity;
    bool has_attributes; /* items bring attributes of their own */
};

/* Whether there is room for one more row; SGR_INPUT when there is not. */
enum sgr_status recipe_rows_reserve(struct recipe_rows *rows, struct sgr_error *error) SGR_MUST_USE;

/*
 * Adds a row, for which there is room, with the attributes that were added since
 * row->first_attribute.
 */
void recipe_rows_add(struct recipe_rows *rows, const struct recipe_row *row);

/* Adds an attribute to those of the row that comes next; texts go into `arena`. */
bool recipe_rows_add_attribute(struct recipe_rows *rows, struct arena *arena, const char *bytes,
                               size_t length);

/* Puts the rows in the order of their ids. SGR_INPUT names two with the same id. */
enum sgr_status recipe_rows_sort(struct recipe_rows *rows, struct sgr_error *error) SGR_MUST_USE;

/* Fills the ids and attributes of sorted rows into `recipes`; false without memory. */
bool recipe_rows_settle(const struct recipe_rows *rows, struct arena *arena,
                        struct recipes *recipes);

/* Frees the rows, not the arena. */
void recipe_rows_finish(struct recipe_rows *rows);

#endif
