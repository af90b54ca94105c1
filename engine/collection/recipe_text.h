/*
 * One item as people type it: "Hat=Crown,Eyes=Laser", layers by name, traits by name or value. A
 * backslash stands before a comma, an equals sign or a backslash that belongs to a name.
 */
#ifndef SGR_COLLECTION_RECIPE_TEXT_H
#define SGR_COLLECTION_RECIPE_TEXT_H

#include "collection/recipe_match.h"

/*
 * Settles match->traits. Layers that the text does not name are absent. SGR_INPUT for a name that
 * is not known, for a layer that is named twice, and for one that is not named but cannot be
 * absent, with its traits.
 */
enum sgr_status recipe_text_read(const char *text, struct recipe_match *match,
                                 struct sgr_error *error) SGR_MUST_USE;

#endif
