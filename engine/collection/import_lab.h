/*
 * Art of hashlips-lab: a folder a layer, files of one name are one trait, and folders `edge-cases`
 * with the art that a trait has when another layer has a certain trait.
 */
#ifndef SGR_COLLECTION_IMPORT_LAB_H
#define SGR_COLLECTION_IMPORT_LAB_H

#include "collection/draft.h"
#include "collection/import_document.h"

/* Whether names in the root or its folders are of this grammar, and none has a weight behind #. */
enum sgr_status import_lab_find(struct draft *draft, bool *out_is_lab,
                                struct sgr_error *error) SGR_MUST_USE;

/* Makes the document. */
enum sgr_status import_lab_read(struct draft *draft, struct import_document *document,
                                struct sgr_error *error) SGR_MUST_USE;

#endif
