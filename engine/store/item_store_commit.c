/*
 * A batch becomes durable in one order only: bytes of all files, final names, folders, rows. A row
 * that would not fit a replaced file any more is removed before the replacement gets its name, so
 * that at every moment each row fits the file it vouches for.
 */
#include "base/error.h"
#include "base/memory.h"
#include "os/machine.h"
#include "store/item_store_inside.h"

#include <string.h>

/*
 * A sync of the whole file system waits for what other programs wrote, too. One that takes this
 * long in all and a file, and gets this little done, tells that they write a lot.
 */
#define SLOW_SYNC_NS UINT64_C(1000000000)
#define SLOW_FILE_NS UINT64_C(10000000)
#define SLOW_BYTES_A_SECOND UINT64_C(20000000)

/* The sub-folders that files of a batch went to. */
struct touched {
    uint64_t numbers[ITEM_STORE_BATCH_MAX];
    size_t count;
};

/* Waits until a staged file's bytes are durable and closes it; notes one that is closed already. */
static enum sgr_status settle(enum manifest_kind kind, uint64_t id, struct open_file *handle,
                              size_t *closed, struct sgr_error *error)
{
    char path[MANIFEST_PATH_BYTES];
    const char *name = item_store_partial_name(kind, id, path);
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
        if (item->failure)
            continue;
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
    if (staged->failure)
        return SGR_OK;
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
        status =
            file_folder_make(item_store_final_folder(store, (enum manifest_kind)kind), name, error);
    }
    return status;
}

static enum sgr_status publish(struct item_store *store, enum manifest_kind kind, uint64_t id,
                               struct sgr_error *error)
{
    char from[MANIFEST_PATH_BYTES];
    char to[MANIFEST_PATH_BYTES];
    return file_folder_rename(
        &store->folder.partial_folder, item_store_partial_name(kind, id, from),
        item_store_final_folder(store, kind), item_store_final_name(store, kind, id, to), error);
}

/* Gives the files of one item their final names. */
static enum sgr_status publish_item(struct item_store *store, const struct item_staged *item,
                                    struct touched *touched, struct sgr_error *error)
{
    enum sgr_status status = touch(store, item->id, touched, error);
    if (status == SGR_OK)
        status = publish(store, MANIFEST_IMAGE, item->id, error);
    if (status != SGR_OK)
        return status;
    status = publish(store, MANIFEST_METADATA, item->id, error);
    if (status != SGR_OK) {
        /* An image without a row would be taken for somebody else's. */
        char path[MANIFEST_PATH_BYTES];
        const char *name = item_store_final_name(store, MANIFEST_IMAGE, item->id, path);
        (void)!file_folder_remove(item_store_final_folder(store, MANIFEST_IMAGE), name, NULL);
    }
    return status;
}

/* Whether a file can get a name in a folder of finished files; it is removed again. */
static bool can_name(struct item_store *store, enum manifest_kind kind)
{
    static const char name[] = ".probe";
    const struct file_folder *partial = &store->folder.partial_folder;
    const struct file_folder *folder = item_store_final_folder(store, kind);
    struct open_file handle = OPEN_FILE_NONE;
    if (file_folder_create(partial, name, &handle, NULL) != SGR_OK)
        return false;
    file_abandon(&handle);
    enum sgr_status status = file_folder_rename(partial, name, folder, name, NULL);
    (void)!file_folder_remove(status == SGR_OK ? folder : partial, name, NULL);
    return status == SGR_OK;
}

/* Gives an item up for `reason`; SGR_OK when others can do better. */
static enum sgr_status give_up(struct item_store *store, struct item_staged *item,
                               const struct sgr_error *reason)
{
    if (reason->status != SGR_OUTPUT || !can_name(store, MANIFEST_IMAGE) ||
        !can_name(store, MANIFEST_METADATA))
        return reason->status;
    item_store_unwrite(store, item);
    item->failure = memory_copy_text(reason->text);
    return item->failure ? SGR_OK : SGR_NO_MEMORY;
}

/* Makes the batch's final names durable: with sub-folders, only those hold any. */
static enum sgr_status sync_names(struct item_store *store, const struct touched *touched,
                                  struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    for (int kind = MANIFEST_IMAGE; kind <= MANIFEST_METADATA && status == SGR_OK; kind++) {
        const struct file_folder *folder = item_store_final_folder(store, (enum manifest_kind)kind);
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

/*
 * Gives every file of the batch its final name, for good. *out_published tells for how many items,
 * those given up included: after a failure their rows still make them last.
 */
static enum sgr_status publish_files(struct item_store *store, struct item_staged *staged,
                                     size_t count, size_t *out_published, struct sgr_error *error)
{
    struct touched touched = {.count = 0};
    size_t published = 0;
    *out_published = 0;
    enum sgr_status status = settle_files(store, staged, count, error);
    if (status == SGR_OK)
        status = retire_rows(store, staged, count, error);
    if (status != SGR_OK)
        return status;
    while (published < count && status == SGR_OK) {
        struct item_staged *item = &staged[published];
        struct sgr_error reason = {SGR_OK, ""};
        if (!item->failure)
            status = publish_item(store, item, &touched, &reason);
        if (status != SGR_OK && (status = give_up(store, item, &reason)) != SGR_OK && error)
            *error = reason;
        published += status == SGR_OK;
    }
    enum sgr_status synced = sync_names(store, &touched, status == SGR_OK ? error : NULL);
    if (synced == SGR_OK)
        *out_published = published;
    return status == SGR_OK ? synced : status;
}

static enum sgr_status commit_rows(struct item_store *store, const struct item_staged *staged,
                                   size_t count, struct sgr_error *error)
{
    enum sgr_status status = manifest_begin(store->manifest, error);
    for (size_t index = 0; index < count && status == SGR_OK; index++) {
        bool failed = staged[index].failure != NULL;
        const struct manifest_item item = {.id = staged[index].id,
                                           .state = failed ? MANIFEST_FAILED : MANIFEST_DONE,
                                           .reason = staged[index].failure,
                                           .recipe = staged[index].recipe,
                                           .image = staged[index].image,
                                           .metadata = staged[index].metadata};
        status = manifest_add_item(store->manifest, &item, error);
    }
    return status == SGR_OK ? manifest_commit(store->manifest, error) : status;
}

enum sgr_status item_store_commit(struct item_store *store, struct item_staged *staged,
                                  size_t count, size_t *out_failed, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    *out_failed = 0;
    if (item_store_keeps(store) && count > 0) {
        ERROR_ASSERT(store->manifest && count <= ITEM_STORE_BATCH_MAX);
        size_t published;
        status = publish_files(store, staged, count, &published, error);
        bool whole = status == SGR_OK;
        if (whole || published > 0) {
            enum sgr_status committed = commit_rows(store, staged, published, whole ? error : NULL);
            status = whole ? committed : status;
        }
        if (status != SGR_OK)
            manifest_rollback(store->manifest);
    }
    for (size_t index = 0; index < count; index++) {
        if (status == SGR_OK && staged[index].failure && (*out_failed)++ == 0)
            (void)error_set(error, SGR_PARTIAL, "item %llu: %s",
                            (unsigned long long)staged[index].id, staged[index].failure);
        /* What was published has no temporary files any more. */
        if (status == SGR_OK)
            staged[index].written = false;
        item_store_discard(store, &staged[index]);
    }
    return status;
}
