/* The config.json of nft-generator-py: layers of values with file names and weights in percent. */
#ifndef SGR_COLLECTION_IMPORT_PYTHON_H
#define SGR_COLLECTION_IMPORT_PYTHON_H

#include "collection/draft.h"
#include "collection/import_document.h"

/* Whether a file looks like one; what cannot be read does not. */
bool import_python_is(const char *path);

/* Makes the document. SGR_INPUT with the place for what that program refuses, too. */
enum sgr_status import_python_read(struct draft *draft, const char *path,
                                   struct import_document *document,
                                   struct sgr_error *error) SGR_MUST_USE;

#endif
