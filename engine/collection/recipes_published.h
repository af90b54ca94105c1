/*
 * Recipes from metadata that was published: ERC-721 objects with "attributes", as a folder of
 * files, one list (HashLips' _metadata.json) or JSON Lines. Trait types name layers, values name
 * traits. An item's id is its "edition", "id", "tokenId" or "token_id", the file's name, or the
 * number after '#' at the end of its "name", whichever is there first. Attributes that follow from
 * the traits are not kept; if those of any item do not, all items keep theirs as they are.
 */
#ifndef SGR_COLLECTION_RECIPES_PUBLISHED_H
#define SGR_COLLECTION_RECIPES_PUBLISHED_H

#include "collection/recipes.h"

/* The largest file of one item, in bytes. */
#define RECIPES_PUBLISHED_FILE_MAX (UINT64_C(16) << 20)

/* Reads one JSON list into `recipes`, which was all zero; see recipes_read. */
enum sgr_status recipes_published_list(const char *path, const struct collection_options *options,
                                       struct recipes *recipes,
                                       struct sgr_error *error) SGR_MUST_USE;

/* The same for JSON Lines. */
enum sgr_status recipes_published_lines(const char *path, const struct collection_options *options,
                                        struct recipes *recipes,
                                        struct sgr_error *error) SGR_MUST_USE;

/*
 * The same for a folder of files called by numbers, with ".json" behind them or nothing, and of
 * numbered folders of such files. Other files are passed over.
 */
enum sgr_status recipes_published_folder(const char *path, const struct collection_options *options,
                                         struct recipes *recipes,
                                         struct sgr_error *error) SGR_MUST_USE;

#endif
