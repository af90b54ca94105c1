/*
 * Items on their way to the disk. A batch becomes durable in one order only: bytes of all files,
 * final names, folders, rows. A row that would not fit a replaced file any more is removed before
 * the replacement gets its name, so that at every moment each row fits the file it vouches for.
 */
#include "store/item_store.h"

#include "base/error.h"
#include "base/memory.h"
#include "store/item_folder.h"

#include <string.h>

struct item_store {
    struct item_folder folder; /* all zero: keep nothing */
    struct manifest *manifest;
};

/* One of the two files of an item that is being staged, and what it shall hold. */
struct staged_file {
    enum manifest_kind kind;
    uint64_t id;
    struct open_file *handle;
    struct manifest_file *written;
    struct file_piece *pieces;
    size_t piece_count;
    struct stage_counters *stages;
};

static bool keeps(const struct item_store *store)
{
    return store->folder.path != NULL;
}

enum sgr_status item_store_open(const char *folder, struct item_store **out_store,
                                struct sgr_error *error)
{
    struct item_store *store = memory_allocate_zeroed(1, sizeof *store);
    if (!store)
        return error_no_memory(error, "the output");
    enum sgr_status status = SGR_OK;
    if (folder)
        status = item_folder_open(folder, &store->folder, error);
    if (status == SGR_OK && folder)
        status = manifest_open(store->folder.manifest, true, &store->manifest, error);
    if (status != SGR_OK) {
        item_folder_withdraw(&store->folder);
        memory_free(store);
        return status;
    }
    *out_store = store;
    return SGR_OK;
}

void item_store_close(struct item_store **store)
{
    if (!*store)
        return;
    manifest_close(&(*store)->manifest);
    item_folder_close(&(*store)->folder);
    memory_free(*store);
    *store = NULL;
}

struct manifest *item_store_manifest(struct item_store *store)
{
    return store->manifest;
}

const char *item_store_folder(const struct item_store *store)
{
    return store->folder.path;
}

/* Digests the pieces and, where files are kept, writes them under the temporary name. */
static enum sgr_status stage_file(struct item_store *store, struct hash_sha256 *hash,
                                  const struct staged_file *file, struct sgr_error *error)
{
    uint64_t start_ns = machine_now_ns();
    file->written->bytes = 0;
    hash_sha256_begin(hash);
    for (size_t index = 0; index < file->piece_count; index++) {
        hash_sha256_add(hash, file->pieces[index].bytes, file->pieces[index].size);
        file->written->bytes += file->pieces[index].size;
    }
    hash_sha256_end(hash, file->written->sha256);
    uint64_t bytes = file->written->bytes;
    start_ns = stage_end(file->stages, SGR_STAGE_DIGEST, start_ns, bytes);
    if (!keeps(store))
        return SGR_OK;
    char *path = item_folder_partial(&store->folder, file->kind, file->id);
    if (!path)
        return error_no_memory(error, "a path");
    enum sgr_status status = file_open_write(path, file->handle, error);
    if (status == SGR_OK)
        status = file_write_pieces(*file->handle, file->pieces, file->piece_count, path, error);
    memory_free(path);
    (void)stage_end(file->stages, SGR_STAGE_WRITE, start_ns, bytes);
    return status;
}

/* Removes a temporary file; one that cannot be removed now goes when the folder is next opened. */
static void remove_partial(struct item_store *store, enum manifest_kind kind, uint64_t id)
{
    char *path = item_folder_partial(&store->folder, kind, id);
    if (path)
        (void)!file_remove(path, NULL);
    memory_free(path);
}

/* Takes back what staging wrote. */
static void unwrite(struct item_store *store, struct item_staged *staged)
{
    if (!staged->written)
        return;
    file_abandon(&staged->image_handle);
    file_abandon(&staged->metadata_handle);
    if (keeps(store)) {
        remove_partial(store, MANIFEST_IMAGE, staged->id);
        remove_partial(store, MANIFEST_METADATA, staged->id);
    }
    staged->written = false;
}

enum sgr_status item_store_stage(struct item_store *store, struct hash_sha256 *hash,
                                 const struct item_content *content, struct item_staged *staged,
                                 struct sgr_error *error)
{
    const struct text *metadata = content->metadata;
    ERROR_ASSERT(!staged->written);
    if (metadata->failed)
        return error_no_memory(error, "an item's metadata");
    staged->image_handle = OPEN_FILE_NONE;
    staged->metadata_handle = OPEN_FILE_NONE;
    staged->written = true;
    struct file_piece piece = {metadata->bytes, metadata->length};
    const struct staged_file image = {MANIFEST_IMAGE, staged->id,      &staged->image_handle,
                                      &staged->image, content->pieces, content->piece_count,
                                      content->stages};
    const struct staged_file text = {MANIFEST_METADATA, staged->id, &staged->metadata_handle,
                                     &staged->metadata, &piece,     1,
                                     content->stages};
    enum sgr_status status = stage_file(store, hash, &image, error);
    if (status == SGR_OK)
        status = stage_file(store, hash, &text, error);
    if (status != SGR_OK)
        unwrite(store, staged);
    return status;
}

void item_store_discard(struct item_store *store, struct item_staged *staged)
{
    unwrite(store, staged);
    memory_free(staged->recipe);
    *staged = (struct item_staged){0};
}

/* Waits until a staged file's bytes are durable and closes it. */
static enum sgr_status settle(struct item_store *store, enum manifest_kind kind, uint64_t id,
                              struct open_file *handle, struct sgr_error *error)
{
    char *path = item_folder_partial(&store->folder, kind, id);
    if (!path)
        return error_no_memory(error, "a path");
    enum sgr_status status = file_sync(*handle, path, error);
    if (status == SGR_OK)
        status = file_close(handle, path, error);
    memory_free(path);
    return status;
}

static bool is_same_file(const struct manifest_file *left, const struct manifest_file *right)
{
    return left->bytes == right->bytes &&
           memcmp(left->sha256, right->sha256, HASH_SHA256_BYTES) == 0;
}

/* Removes the row of an item whose files are about to be replaced by other ones. */
static enum sgr_status retire_row(struct item_store *store, const struct item_staged *staged,
                                  struct sgr_error *error)
{
    struct manifest_item item;
    bool found = false;
    enum sgr_status status = manifest_find_done(store->manifest, staged->id, &item, &found, error);
    if (status != SGR_OK || !found ||
        (is_same_file(&item.image, &staged->image) &&
         is_same_file(&item.metadata, &staged->metadata)))
        return status;
    return manifest_remove_item(store->manifest, staged->id, error);
}

/* One transaction for the batch; it costs next to nothing while there is no row to remove. */
static enum sgr_status retire_rows(struct item_store *store, const struct item_staged *staged,
                                   size_t count, struct sgr_error *error)
{
    enum sgr_status status = manifest_begin(store->manifest, error);
    for (size_t index = 0; index < count && status == SGR_OK; index++)
        status = retire_row(store, &staged[index], error);
    return status == SGR_OK ? manifest_commit(store->manifest, error) : status;
}

static enum sgr_status publish(struct item_store *store, enum manifest_kind kind, uint64_t id,
                               struct sgr_error *error)
{
    char *from = item_folder_partial(&store->folder, kind, id);
    char *to = item_folder_final(&store->folder, kind, id);
    enum sgr_status status =
        from && to ? file_rename(from, to, error) : error_no_memory(error, "a path");
    memory_free(from);
    memory_free(to);
    return status;
}

/* Gives every file of the batch its final name, for good. */
static enum sgr_status publish_files(struct item_store *store, struct item_staged *staged,
                                     size_t count, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < count && status == SGR_OK; index++) {
        struct item_staged *item = &staged[index];
        ERROR_ASSERT(item->written && item->recipe);
        status = settle(store, MANIFEST_IMAGE, item->id, &item->image_handle, error);
        if (status == SGR_OK)
            status = settle(store, MANIFEST_METADATA, item->id, &item->metadata_handle, error);
    }
    if (status == SGR_OK)
        status = retire_rows(store, staged, count, error);
    for (size_t index = 0; index < count && status == SGR_OK; index++) {
        status = publish(store, MANIFEST_IMAGE, staged[index].id, error);
        if (status == SGR_OK)
            status = publish(store, MANIFEST_METADATA, staged[index].id, error);
    }
    if (status == SGR_OK)
        status = file_sync_folder(store->folder.images, error);
    return status == SGR_OK ? file_sync_folder(store->folder.metadata, error) : status;
}

static enum sgr_status commit_rows(struct item_store *store, const struct item_staged *staged,
                                   size_t count, struct sgr_error *error)
{
    enum sgr_status status = manifest_begin(store->manifest, error);
    for (size_t index = 0; index < count && status == SGR_OK; index++) {
        const struct manifest_item item = {.id = staged[index].id,
                                           .state = MANIFEST_DONE,
                                           .recipe = staged[index].recipe,
                                           .image = staged[index].image,
                                           .metadata = staged[index].metadata};
        status = manifest_add_item(store->manifest, &item, error);
    }
    return status == SGR_OK ? manifest_commit(store->manifest, error) : status;
}

enum sgr_status item_store_commit(struct item_store *store, struct item_staged *staged,
                                  size_t count, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    if (keeps(store) && count > 0) {
        ERROR_ASSERT(store->manifest);
        status = publish_files(store, staged, count, error);
        if (status == SGR_OK)
            status = commit_rows(store, staged, count, error);
        if (status != SGR_OK)
            manifest_rollback(store->manifest);
    }
    for (size_t index = 0; index < count; index++) {
        /* What was published has no temporary files any more. */
        if (status == SGR_OK)
            staged[index].written = false;
        item_store_discard(store, &staged[index]);
    }
    return status;
}

static enum sgr_status remove_in(struct item_store *store, const char *name,
                                 struct sgr_error *error)
{
    char *path = item_folder_join(store->folder.path, name);
    enum sgr_status status = path ? file_remove(path, error) : error_no_memory(error, "a path");
    memory_free(path);
    return status;
}

static enum sgr_status clear_item(void *context, const struct manifest_item *item,
                                  struct sgr_error *error)
{
    if (item->state != MANIFEST_DONE)
        return SGR_OK;
    char name[MANIFEST_PATH_BYTES];
    manifest_path(name, MANIFEST_IMAGE, item->id);
    enum sgr_status status = remove_in(context, name, error);
    if (status != SGR_OK)
        return status;
    manifest_path(name, MANIFEST_METADATA, item->id);
    return remove_in(context, name, error);
}

static enum sgr_status clear_document(void *context, const char *path,
                                      const struct manifest_file *file, struct sgr_error *error)
{
    (void)file;
    return remove_in(context, path, error);
}

enum sgr_status item_store_clear(struct item_store *store, struct sgr_error *error)
{
    if (!keeps(store))
        return SGR_OK;
    ERROR_ASSERT(store->manifest);
    enum sgr_status status = manifest_each_item(store->manifest, clear_item, store, error);
    if (status == SGR_OK)
        status = manifest_each_document(store->manifest, clear_document, store, error);
    if (status == SGR_OK)
        status = file_sync_folder(store->folder.images, error);
    if (status == SGR_OK)
        status = file_sync_folder(store->folder.metadata, error);
    if (status != SGR_OK)
        return status;
    /* Last, so that a clear that is cut off can be done again from the same rows. */
    manifest_close(&store->manifest);
    status = file_remove(store->folder.manifest, error);
    if (status == SGR_OK)
        status = file_sync_folder(store->folder.path, error);
    return status == SGR_OK ? manifest_open(store->folder.manifest, true, &store->manifest, error)
                            : status;
}

static bool has_file(const struct item_store *store, enum manifest_kind kind, uint64_t id,
                     uint64_t bytes)
{
    struct file_info info = {FILE_MISSING, 0};
    char *path = item_folder_final(&store->folder, kind, id);
    bool there = path && file_look(path, &info, NULL) == SGR_OK && info.kind == FILE_REGULAR &&
                 info.size == bytes;
    memory_free(path);
    return there;
}

bool item_store_has_files(const struct item_store *store, const struct manifest_item *item)
{
    return keeps(store) && item->state == MANIFEST_DONE &&
           has_file(store, MANIFEST_IMAGE, item->id, item->image.bytes) &&
           has_file(store, MANIFEST_METADATA, item->id, item->metadata.bytes);
}
