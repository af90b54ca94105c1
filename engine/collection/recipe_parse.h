/* One line of a recipes file: what it may hold, and its parts as plain values. */
#ifndef SGR_COLLECTION_RECIPE_PARSE_H
#define SGR_COLLECTION_RECIPE_PARSE_H

#include "base/text.h"
#include "collection/json_schema.h"
#include "collection/recipe_layers.h"

/* Checks a parsed line and all that is in it. SGR_INPUT names file and line. */
enum sgr_status recipe_parse_check(const struct json_source *source, json_t *recipe,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Checks the attribute number `index`. SGR_INPUT names file and line. */
enum sgr_status recipe_parse_check_attribute(const struct json_source *source,
                                             const json_t *attribute, size_t index,
                                             struct sgr_error *error) SGR_MUST_USE;

/* Reads a checked element of "layers", which it borrows. */
void recipe_parse_element(const json_t *element, struct recipe_element *out_element);

/* Writes a checked attribute as compact JSON over `text`; false without memory. */
bool recipe_parse_attribute(json_t *attribute, struct text *text);

/* The same for a value that is neither a list nor an object. */
bool recipe_parse_value(json_t *value, struct text *text);

#endif
