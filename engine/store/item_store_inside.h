/*
 * The inside of an item store, for the files that make up its module: where items go, and the names
 * that their files have on the way and in the end.
 */
#ifndef SGR_STORE_ITEM_STORE_INSIDE_H
#define SGR_STORE_ITEM_STORE_INSIDE_H

#include "store/item_folder.h"
#include "store/item_store.h"

#include <stdatomic.h>

struct item_store {
    struct item_folder folder; /* all zero: keep nothing */
    struct manifest *manifest;
    _Atomic bool sync_all; /* files are made durable by one call a batch */
};

static inline bool item_store_keeps(const struct item_store *store)
{
    return store->folder.path != NULL;
}

static inline const struct file_folder *item_store_final_folder(const struct item_store *store,
                                                                enum manifest_kind kind)
{
    return kind == MANIFEST_IMAGE ? &store->folder.images_folder : &store->folder.metadata_folder;
}

/* The file's name in images/ or metadata/, sub-folder included. */
const char *item_store_final_name(const struct item_store *store, enum manifest_kind kind,
                                  uint64_t id, char path[MANIFEST_PATH_BYTES]);

/* Its name in .partial, which is flat. */
const char *item_store_partial_name(enum manifest_kind kind, uint64_t id,
                                    char path[MANIFEST_PATH_BYTES]);

/* Takes back what staging wrote. */
void item_store_unwrite(struct item_store *store, struct item_staged *staged);

#endif
