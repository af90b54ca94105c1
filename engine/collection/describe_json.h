/* The JSON document of `serigraph inspect --json`, and what both reports take from a collection. */
#ifndef SGR_COLLECTION_DESCRIBE_JSON_H
#define SGR_COLLECTION_DESCRIBE_JSON_H

#include "base/text.h"
#include "base/wide.h"
#include "collection/collection.h"

/* Adds one document, ended by a line break. */
void describe_json(const struct collection *collection, struct text *out);

/* The sum of a layer's weights; those of traits with a fixed count do not take part. */
wide describe_json_weights(const struct collection_layer *layer);

/* "warning", "notice" or "detail". */
const char *describe_json_level(enum sgr_log_level level);

#endif
