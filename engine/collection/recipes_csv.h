/*
 * Recipes as a table, as `plan --export csv` prints them: a header of "id" and the names of layers
 * in any order, then a record an item with the names of its traits.
 */
#ifndef SGR_COLLECTION_RECIPES_CSV_H
#define SGR_COLLECTION_RECIPES_CSV_H

#include "collection/recipes.h"

/* Reads such a file into `recipes`, which was all zero; see recipes_read. */
enum sgr_status recipes_csv_read(const char *path, const struct collection_options *options,
                                 struct recipes *recipes, struct sgr_error *error) SGR_MUST_USE;

#endif
