/*
 * The elements of one long JSON list, one at a time and without the list in memory, however it is
 * broken into lines. Only brackets and strings are followed here; what an element is, its reader
 * finds out.
 */
#ifndef SGR_COLLECTION_RECIPE_OBJECTS_H
#define SGR_COLLECTION_RECIPE_OBJECTS_H

#include "collection/json_schema.h"
#include "collection/recipe_lines.h"

/* Start with open lines, all else zero. One thread at a time. */
struct recipe_objects {
    struct recipe_lines *lines; /* borrowed */
    size_t column;              /* bytes of the line that were handed out */
    bool begun;
    bool ended;
};

/*
 * Finds the next element, an object: *out_source has its bytes, valid until the next call, and
 * where they stand; bytes are NULL at the list's end. SGR_INPUT names line and column.
 */
enum sgr_status recipe_objects_next(struct recipe_objects *objects, struct json_source *out_source,
                                    struct sgr_error *error) SGR_MUST_USE;

#endif
