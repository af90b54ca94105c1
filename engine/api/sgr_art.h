/* The art object behind serigraph/art.h, as the other API files see it. */
#ifndef SGR_API_SGR_ART_H
#define SGR_API_SGR_ART_H

#include "collection/recipes.h"

#include <serigraph/art.h>

/* Either a collection or recipes with theirs. */
struct sgr_art {
    struct sgr_art_options options; /* its texts are owned copies; threads and memory resolved */
    char *path;
    struct collection *collection; /* owned unless recipes own it */
    struct recipes *recipes;       /* owned, or NULL */
};

/* Replaces 0 by all cores, or by the default promise lowered to what the machine has. */
void sgr_art_resolve(unsigned *threads, uint64_t *memory_bytes);

#endif
