/* From the text of one recipe to its traits, with the errors of a command line. */
#ifndef SGR_API_RECIPE_TRAITS_H
#define SGR_API_RECIPE_TRAITS_H

#include "collection/collection.h"

/* *out_traits, one a layer, is in the arena. SGR_USAGE: "--recipe: ...". */
enum sgr_status recipe_traits_find(const struct collection *collection, const char *text,
                                   struct arena *arena, uint16_t **out_traits,
                                   struct sgr_error *error) SGR_MUST_USE;

#endif
