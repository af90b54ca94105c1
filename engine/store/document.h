/* Files of the whole collection: the plan, the joined metadata. */
#ifndef SGR_STORE_DOCUMENT_H
#define SGR_STORE_DOCUMENT_H

#include "store/manifest.h"

/* Digests the file `name` of `folder` and adds its row in a transaction of its own. */
enum sgr_status document_add(struct manifest *manifest, const char *folder, const char *name,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
