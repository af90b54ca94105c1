/* The report behind `serigraph inspect`: how an art folder was understood. */
#ifndef SGR_COLLECTION_DESCRIBE_H
#define SGR_COLLECTION_DESCRIBE_H

#include "base/text.h"
#include "collection/collection.h"

/*
 * Adds the report to `out`: canvas, layers in draw order with folder and trait type, every trait
 * with share, weight or count, bounds and tags, parts with size, place, blend mode, opacity and z,
 * the rules in words, then the notices. SGR_FORMAT_TEXT is an aligned listing, SGR_FORMAT_JSON one
 * document.
 */
void describe_collection(const struct collection *collection, enum sgr_format format,
                         struct text *out);

#endif
