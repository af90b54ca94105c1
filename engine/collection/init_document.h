/* What was understood of some art, as the text of a collection.json that reads as the same. */
#ifndef SGR_COLLECTION_INIT_DOCUMENT_H
#define SGR_COLLECTION_INIT_DOCUMENT_H

#include "base/text.h"
#include "collection/collection.h"

/*
 * Adds the text: of what an importer made, or of a folder's names, whose weights and settings stay
 * in the names. SGR_USAGE when the art has a collection.json, or is recipes.
 */
enum sgr_status init_document_write(const struct collection *collection, struct text *out_text,
                                    struct sgr_error *error) SGR_MUST_USE;

#endif
