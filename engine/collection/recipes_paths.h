/* Recipes that name the files of pictures: JSON Lines of {"id", "layers", "attributes"}. */
#ifndef SGR_COLLECTION_RECIPES_PATHS_H
#define SGR_COLLECTION_RECIPES_PATHS_H

#include "collection/recipes.h"

/* Reads such a file into `recipes`, which was all zero; see recipes_read. */
enum sgr_status recipes_paths_read(const char *path, const struct collection_options *options,
                                   struct recipes *recipes, struct sgr_error *error) SGR_MUST_USE;

#endif
