/* A collection as bytes inside a plan file, so that a plan can be rendered without its config. */
#ifndef SGR_COLLECTION_COLLECTION_FILE_H
#define SGR_COLLECTION_COLLECTION_FILE_H

#include "base/text.h"
#include "collection/collection.h"

/* Adds the bytes (docs/plan-format.md) to `out`; notices and root stay behind. */
void collection_file_encode(const struct collection *collection, struct text *out);

/*
 * Makes a collection from such bytes; its root is `root`. *out_collection is the caller's.
 * SGR_INPUT, naming `name`, for bytes that no encoder wrote.
 */
enum sgr_status collection_file_decode(const char *name, const uint8_t *bytes, size_t size,
                                       const char *root, struct collection **out_collection,
                                       struct sgr_error *error) SGR_MUST_USE;

#endif
