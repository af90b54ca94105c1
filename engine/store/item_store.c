/* Opening and clearing the folder, and items on their way; committing is item_store_commit. */
#include "store/item_store_inside.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "os/machine.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* From this size on, bytes in the page cache are sent on their way at once. */
enum { WRITE_BACK_BYTES = 64 << 10, NOISE_BYTES = 32 << 10 };

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

const char *item_store_final_name(const struct item_store *store, enum manifest_kind kind,
                                  uint64_t id, char path[MANIFEST_PATH_BYTES])
{
    manifest_path(path, kind, id, manifest_fanout(store->manifest));
    return strchr(path, '/') + 1;
}

const char *item_store_partial_name(enum manifest_kind kind, uint64_t id,
                                    char path[MANIFEST_PATH_BYTES])
{
    manifest_path(path, kind, id, 0);
    return strchr(path, '/') + 1;
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
    return !item_store_keeps(store) || atomic_load(&store->sync_all)
               ? (size_t)ITEM_STORE_BATCH_MAX
               : (size_t)ITEM_STORE_OPEN_BATCH_MAX;
}

enum sgr_status item_store_writer_init(const struct item_store *store, struct item_writer *writer,
                                       struct sgr_error *error)
{
    *writer = (struct item_writer){.hash = hash_sha256_create()};
    if (!writer->hash)
        return error_no_memory(error, "a digest");
    return item_store_keeps(store) ? file_writer_init(&writer->file, error) : SGR_OK;
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
    if (!item_store_keeps(store)) {
        digest_file(writer->hash, file);
        return SGR_OK;
    }
    char path[MANIFEST_PATH_BYTES];
    const char *name = item_store_partial_name(file->kind, file->id, path);
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
    (void)!file_folder_remove(&store->folder.partial_folder,
                              item_store_partial_name(kind, id, path), NULL);
}

void item_store_unwrite(struct item_store *store, struct item_staged *staged)
{
    if (!staged->written)
        return;
    file_abandon(&staged->image_handle);
    file_abandon(&staged->metadata_handle);
    if (item_store_keeps(store)) {
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
        item_store_unwrite(store, staged);
    return status;
}

/* Fills a file with noise, which no file system can make smaller. */
static enum sgr_status write_noise(struct open_file handle, uint64_t bytes, const char *name)
{
    uint64_t noise[NOISE_BYTES / sizeof(uint64_t)];
    struct random random;
    random_init(&random, name, 0);
    for (size_t index = 0; index < sizeof noise / sizeof *noise; index++)
        noise[index] = random_next(&random);
    enum sgr_status status = SGR_OK;
    for (uint64_t done = 0; done < bytes && status == SGR_OK; done += sizeof noise) {
        uint64_t left = bytes - done;
        size_t size = left < sizeof noise ? (size_t)left : sizeof noise;
        status = file_write_at(handle, done, noise, size, name, NULL);
    }
    return status == SGR_OK ? file_sync(handle, name, NULL) : status;
}

bool item_store_can_write(struct item_store *store, uint64_t id, uint64_t bytes)
{
    char name[MANIFEST_PATH_BYTES];
    struct open_file handle = OPEN_FILE_NONE;
    const struct file_folder *folder = &store->folder.partial_folder;
    (void)snprintf(name, sizeof name, "probe-%llu", (unsigned long long)id);
    if (!item_store_keeps(store) || file_folder_create(folder, name, &handle, NULL) != SGR_OK)
        return false;
    enum sgr_status status = write_noise(handle, bytes, name);
    file_abandon(&handle);
    (void)!file_folder_remove(folder, name, NULL);
    return status == SGR_OK;
}

void item_store_discard(struct item_store *store, struct item_staged *staged)
{
    item_store_unwrite(store, staged);
    memory_free(staged->recipe);
    memory_free(staged->failure);
    *staged = (struct item_staged){0};
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
    file_folder_remove_if_empty(item_store_final_folder(clear->store, MANIFEST_IMAGE), name);
    file_folder_remove_if_empty(item_store_final_folder(clear->store, MANIFEST_METADATA), name);
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
        const char *name = item_store_final_name(store, (enum manifest_kind)kind, item->id, path);
        status = file_folder_remove(item_store_final_folder(store, (enum manifest_kind)kind), name,
                                    error);
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
    if (!item_store_keeps(store))
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
    return item_store_keeps(store) && item->state == MANIFEST_DONE &&
           has_file(store, MANIFEST_IMAGE, item->id, item->image.bytes) &&
           has_file(store, MANIFEST_METADATA, item->id, item->metadata.bytes);
}
