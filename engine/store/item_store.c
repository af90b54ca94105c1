/*
 * Items on their way to the disk. A batch becomes durable in one order only: bytes of all files,
 * final names, folders, rows. A row that would not fit a replaced file any more is removed before
 * the replacement gets its name, so that at every moment each row fits the file it vouches for.
 */
#include "store/item_store.h"

#include "base/error.h"
#include "base/memory.h"
#include "os/machine.h"
#include "store/item_folder.h"

#include <stdatomic.h>
#include <string.h>

/* From this size on, bytes in the page cache are sent on their way at once. */
enum { WRITE_BACK_BYTES = 64 << 10 };

/*
 * A sync of the whole file system waits for what other programs wrote, too. One that takes this
 * long in all and a file, and gets this little done, tells that they write a lot.
 */
#define SLOW_SYNC_NS UINT64_C(1000000000)
#define SLOW_FILE_NS UINT64_C(10000000)
#define SLOW_BYTES_A_SECOND UINT64_C(20000000)

struct item_store {
    struct item_folder folder; /* all zero: keep nothing */
    struct manifest *manifest;
    _Atomic bool sync_all; /* files are made durable by one call a batch */
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

/* The sub-folders that files of a batch went to. */
struct touched {
    uint64_t numbers[ITEM_STORE_BATCH_MAX];
    size_t count;
};

static bool keeps(const struct item_store *store)
{
    return store->folder.path != NULL;
}

/* The file's name in images/ or metadata/, sub-folder included. */
static const char *final_name(const struct item_store *store, enum manifest_kind kind, uint64_t id,
                              char path[MANIFEST_PATH_BYTES])
{
    manifest_path(path, kind, id, manifest_fanout(store->manifest));
    return strchr(path, '/') + 1;
}

/* Its name in .partial, which is flat. */
static const char *partial_name(enum manifest_kind kind, uint64_t id,
                                char path[MANIFEST_PATH_BYTES])
{
    manifest_path(path, kind, id, 0);
    return strchr(path, '/') + 1;
}

static const struct file_folder *final_folder(const struct item_store *store,
                                              enum manifest_kind kind)
{
    return kind == MANIFEST_IMAGE ? &store->folder.images_folder : &store->folder.metadata_folder;
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
    if (status == SGR_OK && folder)
        atomic_store(&store->sync_all, file_folder_can_sync_all(&store->folder.partial_folder));
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

size_t item_store_batch_max(const struct item_store *store)
{
    return !keeps(store) || atomic_load(&store->sync_all) ? (size_t)ITEM_STORE_BATCH_MAX
                                                          : (size_t)ITEM_STORE_OPEN_BATCH_MAX;
}

enum sgr_status item_store_writer_init(const struct item_store *store, struct item_writer *writer,
                                       struct sgr_error *error)
{
    *writer = (struct item_writer){.hash = hash_sha256_create()};
    if (!writer->hash)
        return error_no_memory(error, "a digest");
    return keeps(store) ? file_writer_init(&writer->file, error) : SGR_OK;
}

void item_store_writer_finish(struct item_writer *writer)
{
    hash_sha256_destroy(&writer->hash);
    file_writer_finish(&writer->file);
}

static void digest_file(struct hash_sha256 *hash, const struct staged_file *file)
{
    uint64_t start_ns = machine_now_ns();
    hash_sha256_begin(hash);
    for (size_t index = 0; index < file->piece_count; index++)
        hash_sha256_add(hash, file->pieces[index].bytes, file->pieces[index].size);
    hash_sha256_end(hash, file->written->sha256);
    (void)stage_end(file->stages, SGR_STAGE_DIGEST, start_ns, file->written->bytes);
}

/* Copies the pieces to the file, each digested while it is still in the processor's cache. */
static enum sgr_status write_file(struct item_writer *writer, const struct staged_file *file,
                                  struct sgr_error *error)
{
    uint64_t start_ns = machine_now_ns();
    uint64_t digest_ns = 0;
    enum sgr_status status = SGR_OK;
    hash_sha256_begin(writer->hash);
    for (size_t index = 0; index < file->piece_count && status == SGR_OK; index++) {
        uint64_t before_ns = machine_now_ns();
        hash_sha256_add(writer->hash, file->pieces[index].bytes, file->pieces[index].size);
        digest_ns += machine_now_ns() - before_ns;
        status = file_writer_add(&writer->file, file->pieces[index].bytes, file->pieces[index].size,
                                 error);
    }
    hash_sha256_end(writer->hash, file->written->sha256);
    if (status == SGR_OK)
        status = file_writer_end(&writer->file, file->handle, error);
    else
        file_writer_abandon(&writer->file);
    /* The two stages take turns, so their times are put together afterwards. */
    uint64_t now_ns = machine_now_ns();
    (void)stage_end(file->stages, SGR_STAGE_DIGEST, now_ns - digest_ns, file->written->bytes);
    (void)stage_end(file->stages, SGR_STAGE_WRITE, start_ns + digest_ns, file->written->bytes);
    return status;
}

/* Digests the pieces and, where files are kept, writes them under the temporary name. */
static enum sgr_status stage_file(struct item_store *store, struct item_writer *writer,
                                  const struct staged_file *file, struct sgr_error *error)
{
    file->written->bytes = 0;
    for (size_t index = 0; index < file->piece_count; index++)
        file->written->bytes += file->pieces[index].size;
    if (!keeps(store)) {
        digest_file(writer->hash, file);
        return SGR_OK;
    }
    char path[MANIFEST_PATH_BYTES];
    const char *name = partial_name(file->kind, file->id, path);
    const struct file_folder *folder = &store->folder.partial_folder;
    enum sgr_status status =
        file_writer_begin(&writer->file, folder, name, file->written->bytes, error);
    if (status == SGR_OK)
        status = write_file(writer, file, error);
    if (status != SGR_OK)
        return status;
    bool sync_all = atomic_load(&store->sync_all);
    /* Small files that one call syncs together go to the disk in fewer, larger requests. */
    if (!sync_all || writer->file.cached >= WRITE_BACK_BYTES)
        file_write_back(*file->handle);
    return sync_all ? file_close(file->handle, name, error) : SGR_OK;
}

/* Removes a temporary file; one that cannot be removed now goes when the folder is next opened. */
static void remove_partial(struct item_store *store, enum manifest_kind kind, uint64_t id)
{
    char path[MANIFEST_PATH_BYTES];
    (void)!file_folder_remove(&store->folder.partial_folder, partial_name(kind, id, path), NULL);
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

enum sgr_status item_store_stage(struct item_store *store, struct item_writer *writer,
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
    enum sgr_status status = stage_file(store, writer, &image, error);
    if (status == SGR_OK)
        status = stage_file(store, writer, &text, error);
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

/* Waits until a staged file's bytes are durable and closes it; notes one that is closed already. */
static enum sgr_status settle(enum manifest_kind kind, uint64_t id, struct open_file *handle,
                              size_t *closed, struct sgr_error *error)
{
    char path[MANIFEST_PATH_BYTES];
    const char *name = partial_name(kind, id, path);
    if (handle->descriptor < 0) {
        ++*closed;
        return SGR_OK;
    }
    enum sgr_status status = file_sync(*handle, name, error);
    return status == SGR_OK ? file_close(handle, name, error) : status;
}

/* Syncs the file system; when that waits for others, files are synced one by one from now on. */
static enum sgr_status sync_all(struct item_store *store, size_t files, uint64_t bytes,
                                struct sgr_error *error)
{
    uint64_t start_ns = machine_now_ns();
    enum sgr_status status = file_folder_sync_all(&store->folder.partial_folder, error);
    uint64_t took_ns = machine_now_ns() - start_ns;
    if (took_ns > SLOW_SYNC_NS && took_ns / files > SLOW_FILE_NS &&
        bytes / (took_ns / SLOW_SYNC_NS) < SLOW_BYTES_A_SECOND)
        atomic_store(&store->sync_all, false);
    return status;
}

/*
 * Makes the bytes of a batch durable. One syncfs for all files takes half the processor time of a
 * fdatasync each, 0.8 for 1.5 s of 20,000 files of 500 bytes on ext4, and less than half of the
 * time, 1.2 for 2.3 s: the disk gets few large requests, and one flush in place of 20,000. Four
 * threads that sync at the same time come to 1.6 and 1.9 s.
 */
static enum sgr_status settle_files(struct item_store *store, struct item_staged *staged,
                                    size_t count, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    size_t closed = 0;
    uint64_t bytes = 0;
    for (size_t index = 0; index < count && status == SGR_OK; index++) {
        struct item_staged *item = &staged[index];
        ERROR_ASSERT(item->written && item->recipe);
        bytes += item->image.bytes + item->metadata.bytes;
        status = settle(MANIFEST_IMAGE, item->id, &item->image_handle, &closed, error);
        if (status == SGR_OK)
            status = settle(MANIFEST_METADATA, item->id, &item->metadata_handle, &closed, error);
    }
    return status == SGR_OK && closed > 0 ? sync_all(store, closed, bytes, error) : status;
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

/* Makes an item's sub-folders and notes them. */
static enum sgr_status touch(struct item_store *store, uint64_t id, struct touched *touched,
                             struct sgr_error *error)
{
    uint64_t fanout = manifest_fanout(store->manifest);
    if (fanout == 0)
        return SGR_OK;
    /* Neighbours come together, so the last one is mostly the one. */
    for (size_t index = touched->count; index-- > 0;) {
        if (touched->numbers[index] == id / fanout)
            return SGR_OK;
    }
    touched->numbers[touched->count++] = id / fanout;
    enum sgr_status status = SGR_OK;
    for (int kind = MANIFEST_IMAGE; kind <= MANIFEST_METADATA && status == SGR_OK; kind++) {
        char name[MANIFEST_PATH_BYTES];
        item_folder_sub_name(name, id / fanout);
        status = file_folder_make(final_folder(store, (enum manifest_kind)kind), name, error);
    }
    return status;
}

static enum sgr_status publish(struct item_store *store, enum manifest_kind kind, uint64_t id,
                               struct sgr_error *error)
{
    char from[MANIFEST_PATH_BYTES];
    char to[MANIFEST_PATH_BYTES];
    return file_folder_rename(&store->folder.partial_folder, partial_name(kind, id, from),
                              final_folder(store, kind), final_name(store, kind, id, to), error);
}

/* Makes the batch's final names durable: with sub-folders, only those hold any. */
static enum sgr_status sync_names(struct item_store *store, const struct touched *touched,
                                  struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    for (int kind = MANIFEST_IMAGE; kind <= MANIFEST_METADATA && status == SGR_OK; kind++) {
        const struct file_folder *folder = final_folder(store, (enum manifest_kind)kind);
        if (manifest_fanout(store->manifest) == 0)
            status = file_folder_sync(folder, error);
        for (size_t index = 0; index < touched->count && status == SGR_OK; index++) {
            char name[MANIFEST_PATH_BYTES];
            item_folder_sub_name(name, touched->numbers[index]);
            status = file_folder_sync_in(folder, name, error);
        }
    }
    return status;
}

/* Gives every file of the batch its final name, for good. */
static enum sgr_status publish_files(struct item_store *store, struct item_staged *staged,
                                     size_t count, struct sgr_error *error)
{
    struct touched touched = {.count = 0};
    enum sgr_status status = settle_files(store, staged, count, error);
    if (status == SGR_OK)
        status = retire_rows(store, staged, count, error);
    for (size_t index = 0; index < count && status == SGR_OK; index++) {
        status = touch(store, staged[index].id, &touched, error);
        if (status == SGR_OK)
            status = publish(store, MANIFEST_IMAGE, staged[index].id, error);
        if (status == SGR_OK)
            status = publish(store, MANIFEST_METADATA, staged[index].id, error);
    }
    return status == SGR_OK ? sync_names(store, &touched, error) : status;
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
        ERROR_ASSERT(store->manifest && count <= ITEM_STORE_BATCH_MAX);
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

/* A walk over the items to be removed. */
struct clear {
    struct item_store *store;
    uint64_t number; /* of the sub-folder at hand */
};

/* Removes the sub-folder at hand from images/ and metadata/, unless something else is in it. */
static void clear_subfolder(const struct clear *clear)
{
    if (manifest_fanout(clear->store->manifest) == 0)
        return;
    char name[MANIFEST_PATH_BYTES];
    item_folder_sub_name(name, clear->number);
    file_folder_remove_if_empty(final_folder(clear->store, MANIFEST_IMAGE), name);
    file_folder_remove_if_empty(final_folder(clear->store, MANIFEST_METADATA), name);
}

static enum sgr_status clear_item(void *context, const struct manifest_item *item,
                                  struct sgr_error *error)
{
    struct clear *clear = context;
    struct item_store *store = clear->store;
    uint64_t fanout = manifest_fanout(store->manifest);
    if (item->state != MANIFEST_DONE)
        return SGR_OK;
    if (fanout > 0 && item->id / fanout != clear->number) {
        clear_subfolder(clear);
        clear->number = item->id / fanout;
    }
    enum sgr_status status = SGR_OK;
    for (int kind = MANIFEST_IMAGE; kind <= MANIFEST_METADATA && status == SGR_OK; kind++) {
        char path[MANIFEST_PATH_BYTES];
        const char *name = final_name(store, (enum manifest_kind)kind, item->id, path);
        status = file_folder_remove(final_folder(store, (enum manifest_kind)kind), name, error);
    }
    return status;
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
    struct clear clear = {store, 0};
    enum sgr_status status = manifest_each_item(store->manifest, clear_item, &clear, error);
    clear_subfolder(&clear);
    if (status == SGR_OK)
        status = manifest_each_document(store->manifest, clear_document, store, error);
    if (status == SGR_OK)
        status = file_folder_sync(&store->folder.images_folder, error);
    if (status == SGR_OK)
        status = file_folder_sync(&store->folder.metadata_folder, error);
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
    char name[MANIFEST_PATH_BYTES];
    manifest_path(name, kind, id, manifest_fanout(store->manifest));
    char *path = item_folder_join(store->folder.path, name);
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
