/*
 * Where finished items go: a folder (DIR/images/<id>.png, DIR/metadata/<id>.json, DIR/manifest.db)
 * or nowhere ("null:", which digests everything and keeps nothing). Files are staged under
 * temporary names in DIR/.partial by many threads, then committed in batches by one: synced,
 * renamed, folders synced, rows committed, in that order, so that no row ever vouches for a file
 * that a power cut could take back, and nothing half-written stands under a final name.
 */
#ifndef SGR_STORE_ITEM_STORE_H
#define SGR_STORE_ITEM_STORE_H

#include "os/file_writer.h"
#include "store/manifest.h"
#include "work/stage.h"

/*
 * The most written items that are committed together and that wait for it, where open files do not
 * limit them further; and how long a smaller batch waits for more, which costs nothing but a later
 * progress line.
 */
enum { ITEM_STORE_BATCH_MAX = 512, ITEM_STORE_STAGED_MAX = 1024, ITEM_STORE_GATHER_MS = 100 };

/*
 * The same for a batch whose files stay open to be synced one by one: most systems allow 1,024
 * open files.
 */
enum { ITEM_STORE_OPEN_BATCH_MAX = 128 };

struct item_store;

/* What one thread writes items with. */
struct item_writer {
    struct hash_sha256 *hash;
    struct file_writer file; /* all zero where nothing is kept */
};

/*
 * An item whose files are written but not yet durable. Start from all zero. A handle that is none
 * means that the file is closed and waits for a sync of the whole file system.
 */
struct item_staged {
    uint64_t id;
    char *recipe;  /* owned */
    char *failure; /* owned; why the item is given up: it has a row and no files; else NULL */
    bool written;
    struct open_file image_handle;
    struct open_file metadata_handle;
    struct manifest_file image;
    struct manifest_file metadata;
};

/* What an item's files hold; borrowed, and the pieces are used up. */
struct item_content {
    struct file_piece *pieces; /* of the image */
    size_t piece_count;
    const struct text *metadata;
    struct stage_counters *stages; /* where digesting and writing count */
};

/*
 * Opens `folder` (NULL: keep nothing), which is made when missing, takes it for this process and
 * removes what an earlier run left in .partial. SGR_USAGE when another run holds it, or when it
 * holds files of items (images/, metadata/, .partial/) but no manifest.
 */
enum sgr_status item_store_open(const char *folder, struct item_store **out_store,
                                struct sgr_error *error) SGR_MUST_USE;

/* Gives the folder back and removes an empty .partial; accepts NULL, sets *store to NULL. */
void item_store_close(struct item_store **store);

/* The manifest, or NULL when nothing is kept. Not while another thread commits. */
struct manifest *item_store_manifest(struct item_store *store);

/* The folder, or NULL when nothing is kept. */
const char *item_store_folder(const struct item_store *store);

/* The most items of a batch now; twice as many may be staged. Any thread. */
size_t item_store_batch_max(const struct item_store *store);

/* Makes ready what a thread writes with; end it with item_store_writer_finish, also on failure. */
enum sgr_status item_store_writer_init(const struct item_store *store, struct item_writer *writer,
                                       struct sgr_error *error) SGR_MUST_USE;

/* Frees what a writer has; accepts one that is all zero. */
void item_store_writer_finish(struct item_writer *writer);

/*
 * Writes an item's image and metadata under temporary names, digesting both on the way. `writer` is
 * the caller's, one a thread; `staged` comes with its id and recipe. On failure no file is left
 * behind; the recipe stays until item_store_discard. Any thread.
 */
enum sgr_status item_store_stage(struct item_store *store, struct item_writer *writer,
                                 const struct item_content *content, struct item_staged *staged,
                                 struct sgr_error *error) SGR_MUST_USE;

/*
 * Whether items can be written at all, after the item `id` could not: writes `bytes` bytes of no
 * meaning under another name, makes them durable and removes them. Any thread.
 */
bool item_store_can_write(struct item_store *store, uint64_t id, uint64_t bytes);

/*
 * Makes staged items durable and final, and their rows too; those whose files cannot get their
 * final names while others could are given up. Ends every staged item, also on failure: then only
 * those that had their names before it have rows. *out_failed tells how many were given up, and
 * `error` why the first of them. One thread at a time.
 */
enum sgr_status item_store_commit(struct item_store *store, struct item_staged *staged,
                                  size_t count, size_t *out_failed,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Throws a staged item away, or one whose staging failed; it is all zero afterwards. */
void item_store_discard(struct item_store *store, struct item_staged *staged);

/*
 * Removes every file that the manifest vouches for, the documents, and the manifest itself; other
 * files stay. For `--fresh`. The store is empty, as new, afterwards.
 */
enum sgr_status item_store_clear(struct item_store *store, struct sgr_error *error) SGR_MUST_USE;

/* Whether the files of a done item are there with the size that its row says. */
bool item_store_has_files(const struct item_store *store, const struct manifest_item *item);

#endif
