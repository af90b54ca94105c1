/*
 * The manifest: the SQLite file that says which items are done, with the size and digest of each
 * of their files. A row vouches for its files; nothing else does. One thread at a time.
 *
 * Tables (users may query them): run(key, value), layer(id, name, trait_type), trait(layer, id,
 * name, value, asked, planned), item(id, recipe, state, reason), file(item, kind, path, bytes,
 * sha256), document(path, bytes, sha256). `recipe` is the trait id of every layer joined by '-'.
 */
#ifndef SGR_STORE_MANIFEST_H
#define SGR_STORE_MANIFEST_H

#include "base/hash.h"
#include "base/text.h"

#include <stdbool.h>

struct manifest;

/* What became of an item. */
enum manifest_state { MANIFEST_DONE, MANIFEST_FAILED };

/* A file as it was written. */
struct manifest_file {
    uint64_t bytes;
    uint8_t sha256[HASH_SHA256_BYTES];
};

/* The two files of an item. */
enum manifest_kind { MANIFEST_IMAGE, MANIFEST_METADATA };

/* Room for the path of an item's file, its final zero included. */
enum { MANIFEST_PATH_BYTES = 64 };

/* One item's row. `reason` and `recipe` are borrowed for the call. */
struct manifest_item {
    uint64_t id;
    enum manifest_state state;
    const char *recipe;
    const char *reason; /* of a failure, else NULL */
    struct manifest_file image;
    struct manifest_file metadata;
};

/*
 * Writes the path of an item's file, relative to the manifest's folder: "images/7.png"; with a
 * fanout, "images/<id / fanout>/7.png", where the number has at least three digits. The number
 * follows from the id alone, so that a file keeps its place however large the collection grows.
 */
void manifest_path(char out_path[MANIFEST_PATH_BYTES], enum manifest_kind kind, uint64_t id,
                   uint64_t fanout);

/* Opens the file, making it with all tables when `create`; SGR_INPUT when it is not a manifest. */
enum sgr_status manifest_open(const char *path, bool create, struct manifest **out_manifest,
                              struct sgr_error *error) SGR_MUST_USE;

/*
 * Opens an existing manifest for the calls that read and changes nothing in its folder; SGR_INPUT
 * when it is not a manifest or cannot be read.
 */
enum sgr_status manifest_open_reading(const char *path, struct manifest **out_manifest,
                                      struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *manifest to NULL. */
void manifest_close(struct manifest **manifest);

/* Reads a value of table run into `out` (cleared first); *out_found tells whether it is there. */
enum sgr_status manifest_get(struct manifest *manifest, const char *key, struct text *out,
                             bool *out_found, struct sgr_error *error) SGR_MUST_USE;

/* Begins a transaction that manifest_commit ends; the set and add calls below belong inside. */
enum sgr_status manifest_begin(struct manifest *manifest, struct sgr_error *error) SGR_MUST_USE;

/* Makes everything since manifest_begin durable. */
enum sgr_status manifest_commit(struct manifest *manifest, struct sgr_error *error) SGR_MUST_USE;

/* Forgets everything since manifest_begin; does nothing outside a transaction. */
void manifest_rollback(struct manifest *manifest);

/* Sets a value of table run. */
enum sgr_status manifest_set(struct manifest *manifest, const char *key, const char *value,
                             struct sgr_error *error) SGR_MUST_USE;

/* Sets the most items of a sub-folder, before any item is added; 0: there are none. */
enum sgr_status manifest_set_fanout(struct manifest *manifest, uint64_t fanout,
                                    struct sgr_error *error) SGR_MUST_USE;

/* The most items of a sub-folder; 0: there are none. Any thread, once it is set. */
uint64_t manifest_fanout(const struct manifest *manifest);

/* Adds or replaces a layer's row. */
enum sgr_status manifest_add_layer(struct manifest *manifest, uint32_t layer, const char *name,
                                   const char *trait_type, struct sgr_error *error) SGR_MUST_USE;

/* One trait's row. */
struct manifest_trait {
    uint32_t layer;
    uint32_t trait;
    const char *name;
    const char *value;
    uint64_t asked; /* what weights and fixed counts ask for */
    uint64_t planned;
};

/* Adds or replaces a trait's row. */
enum sgr_status manifest_add_trait(struct manifest *manifest, const struct manifest_trait *trait,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Adds or replaces an item's row and, when it is done, those of its files. */
enum sgr_status manifest_add_item(struct manifest *manifest, const struct manifest_item *item,
                                  struct sgr_error *error) SGR_MUST_USE;

/*
 * Adds or replaces the row of a file that belongs to the whole collection; `path` is relative to
 * the manifest's folder and stays inside it.
 */
enum sgr_status manifest_add_document(struct manifest *manifest, const char *path,
                                      const struct manifest_file *file,
                                      struct sgr_error *error) SGR_MUST_USE;

/* Removes an item's row and those of its files; a missing one is success. */
enum sgr_status manifest_remove_item(struct manifest *manifest, uint64_t id,
                                     struct sgr_error *error) SGR_MUST_USE;

/* Finds an item that is done; `recipe` and `reason` of the answer are NULL. */
enum sgr_status manifest_find_done(struct manifest *manifest, uint64_t id,
                                   struct manifest_item *out_item, bool *out_found,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Whether a document has a row. */
enum sgr_status manifest_has_document(struct manifest *manifest, const char *path, bool *out_found,
                                      struct sgr_error *error) SGR_MUST_USE;

/*
 * Called for one row; a status other than SGR_OK ends the walk and is returned. It may find and
 * get, but neither change the manifest nor walk it.
 */
typedef enum sgr_status (*manifest_visit)(void *context, const struct manifest_item *item,
                                          struct sgr_error *error);

/* Walks the items by ascending id. */
enum sgr_status manifest_each_item(struct manifest *manifest, manifest_visit visit, void *context,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Called for one document row. */
typedef enum sgr_status (*manifest_visit_document)(void *context, const char *path,
                                                   const struct manifest_file *file,
                                                   struct sgr_error *error);

/* Walks the documents by path. */
enum sgr_status manifest_each_document(struct manifest *manifest, manifest_visit_document visit,
                                       void *context, struct sgr_error *error) SGR_MUST_USE;

/* Items that are done and that failed. */
enum sgr_status manifest_count(struct manifest *manifest, uint64_t *out_done, uint64_t *out_failed,
                               struct sgr_error *error) SGR_MUST_USE;

/*
 * SHA-256 over every row of every table in key order: equal for two runs that made the same
 * collection, however the SQLite files came about.
 */
enum sgr_status manifest_digest(struct manifest *manifest, uint8_t digest[HASH_SHA256_BYTES],
                                struct sgr_error *error) SGR_MUST_USE;

#endif
