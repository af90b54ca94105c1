/*
 * The art folder itself: which sub-folders are layers, and in which order. It reads one listing;
 * the layers' own folders are layer_tree's.
 */
#ifndef SGR_COLLECTION_FOLDER_READ_H
#define SGR_COLLECTION_FOLDER_READ_H

#include "collection/draft.h"
#include "collection/trait_name.h"

/* A sub-folder; texts are in the draft's scratch arena. */
struct folder_entry {
    const char *raw;            /* as on disk */
    struct trait_name as_is;    /* its name with a numeric prefix, if it has one */
    struct trait_name stripped; /* and without */
    uint64_t number;
    bool numbered;
};

/* The sub-folders in natural order; the array is in the draft's scratch arena. */
struct folder_listing {
    struct folder_entry *entries;
    size_t count;
    bool all_numbered;    /* only then is the prefix an order and no part of the layers' names */
    size_t picture_count; /* beside the sub-folders */
};

/* Lists the root. Files that nothing will use are noticed. */
enum sgr_status folder_read_listing(struct draft *draft, struct folder_listing *out_listing,
                                    struct sgr_error *error) SGR_MUST_USE;

/* Makes a layer of every sub-folder, or one layer of the pictures when there is none. */
enum sgr_status folder_read_layers(struct draft *draft, struct folder_listing *listing,
                                   struct sgr_error *error) SGR_MUST_USE;

/*
 * The sub-folder that a user's text names: exactly, by its layer name, or without its numeric
 * prefix. NULL when there is none, or when it could be two.
 */
const struct folder_entry *folder_read_find(const struct folder_listing *listing, const char *name);

/* The layer name of a sub-folder, and the settings that its name carries. */
const struct trait_name *folder_read_name(const struct folder_listing *listing,
                                          const struct folder_entry *entry);

/*
 * Adds the settings in a layer folder's name to those of the layer: z and blend mode where it has
 * none yet, opacity always.
 */
enum sgr_status folder_read_settings(struct draft *draft, struct draft_layer *layer,
                                     const struct trait_name *name,
                                     struct sgr_error *error) SGR_MUST_USE;

#endif
