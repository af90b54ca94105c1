/*
 * Art of other programs. An importer turns their settings and names into the text of a
 * collection.json, which is then read like one, so that all of them speak one language and
 * `serigraph init` can write it down. What an importer does not understand it names, and never
 * guesses.
 */
#ifndef SGR_COLLECTION_IMPORT_H
#define SGR_COLLECTION_IMPORT_H

#include "base/text.h"
#include "collection/draft.h"

enum import_kind {
    IMPORT_NONE,
    IMPORT_HASHLIPS, /* src/config.js and layers/, of HashLips or nftchef */
    IMPORT_PYTHON,   /* config.json of nft-generator-py */
    IMPORT_LAB       /* names of hashlips-lab */
};

/*
 * Finds out whether the art is another program's. *path is the settings file that draft_locate
 * found, or NULL; it becomes the file that importers read and messages name. The draft's root may
 * move: pictures are named from the project's folder on.
 */
enum sgr_status import_find(struct draft *draft, const char **path, enum import_kind *out_kind,
                            struct sgr_error *error) SGR_MUST_USE;

/* Makes the text; what was passed over is noticed in the draft. */
enum sgr_status import_read(struct draft *draft, enum import_kind kind, const char *path,
                            struct text *out_text, struct sgr_error *error) SGR_MUST_USE;

#endif
