/*
 * The src/config.js of HashLips and nftchef, read as data: layers and their order, how many items,
 * canvas, name, and which traits go together. What is no plain literal is named with its line;
 * where it decides which items come out, it is an error.
 */
#ifndef SGR_COLLECTION_IMPORT_HASHLIPS_H
#define SGR_COLLECTION_IMPORT_HASHLIPS_H

#include "collection/draft.h"
#include "collection/import_document.h"

/* Makes the document; pictures are below layers/ in the draft's root. */
enum sgr_status import_hashlips_read(struct draft *draft, const char *path,
                                     struct import_document *document,
                                     struct sgr_error *error) SGR_MUST_USE;

#endif
