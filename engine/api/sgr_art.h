/* The art object behind serigraph/art.h, as the other API files see it. */
#ifndef SGR_API_SGR_ART_H
#define SGR_API_SGR_ART_H

#include "collection/recipes.h"
#include "sheet/sprite.h"

#include <serigraph/art.h>

/* Either a collection or recipes with theirs. */
struct sgr_art {
    struct sgr_art_options options; /* its texts are owned copies; threads and memory resolved */
    char *path;
    struct collection *collection; /* owned unless recipes own it */
    struct recipes *recipes;       /* owned, or NULL */
};

/*
 * Replaces 0 by all cores, or by the default promise lowered to what the machine has. SGR_USAGE
 * for a promise that no run can keep.
 */
enum sgr_status sgr_art_resolve(unsigned *threads, uint64_t *memory_bytes,
                                struct sgr_error *error) SGR_MUST_USE;

/* Decodes a collection's pictures for the canvas and the memory that the options name. */
enum sgr_status sgr_art_load(const struct collection *collection,
                             const struct sgr_art_options *options, struct sprite_set **out_sprites,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
