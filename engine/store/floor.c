/* Threads that write, one that syncs behind them; bounded, as in a run. */
#include "store/floor.h"

#include "base/error.h"
#include "base/memory.h"
#include "os/condition.h"
#include "os/file.h"
#include "os/machine.h"
#include "os/thread.h"
#include "store/item_folder.h"
#include "store/item_store.h"
#include "work/parallel.h"

#include <string.h>

/* The files of an item, written and not yet durable. */
struct floor_written {
    struct open_file files[2]; /* by enum manifest_kind; none: waits for a sync of everything */
};

/* What the threads share; the mutex guards what follows it. */
struct floor {
    const struct floor_options *options;
    struct item_writer *writers; /* [threads] */
    char *paths[2];              /* by enum manifest_kind, as all that follows */
    struct file_folder folders[2];
    bool sync_all; /* with one call a batch, as a run does it */
    struct thread syncer;
    struct mutex mutex;
    struct condition written; /* something to sync, or the end */
    struct condition room;
    struct floor_written waiting[ITEM_STORE_STAGED_MAX];
    size_t waiting_count;
    bool writers_done;
    enum sgr_status status; /* of the syncing thread */
    struct sgr_error error;
};

static enum sgr_status write_file(struct floor *floor, const struct floor_item *item,
                                  enum manifest_kind kind, unsigned worker,
                                  struct open_file *out_file, struct sgr_error *error)
{
    uint8_t digest[HASH_SHA256_BYTES];
    char path[MANIFEST_PATH_BYTES];
    struct item_writer *writer = &floor->writers[worker];
    struct file_piece piece = {item->image, item->image_size};
    if (kind == MANIFEST_METADATA)
        piece = (struct file_piece){item->metadata, item->metadata_size};
    hash_sha256_begin(writer->hash);
    hash_sha256_add(writer->hash, piece.bytes, piece.size);
    hash_sha256_end(writer->hash, digest);
    manifest_path(path, kind, item->id, 0);
    const char *name = strchr(path, '/') + 1;
    enum sgr_status status =
        file_writer_begin(&writer->file, &floor->folders[kind], name, piece.size, error);
    if (status == SGR_OK)
        status = file_writer_add(&writer->file, piece.bytes, piece.size, error);
    if (status == SGR_OK)
        status = file_writer_end(&writer->file, out_file, error);
    else
        file_writer_abandon(&writer->file);
    if (status == SGR_OK && floor->sync_all)
        return file_close(out_file, path, error);
    if (status == SGR_OK)
        file_write_back(*out_file);
    return status;
}

static size_t batch_max(const struct floor *floor)
{
    return floor->sync_all ? (size_t)ITEM_STORE_BATCH_MAX : (size_t)ITEM_STORE_OPEN_BATCH_MAX;
}

static void abandon(struct floor_written *written)
{
    file_abandon(&written->files[MANIFEST_IMAGE]);
    file_abandon(&written->files[MANIFEST_METADATA]);
}

/* Hands written files to the syncing thread, waiting for room. */
static enum sgr_status hand_over(struct floor *floor, struct floor_written *written,
                                 struct sgr_error *error)
{
    mutex_lock(&floor->mutex);
    while (floor->status == SGR_OK && floor->waiting_count >= batch_max(floor) * 2)
        condition_wait(&floor->room, &floor->mutex);
    enum sgr_status status = floor->status;
    if (status == SGR_OK) {
        floor->waiting[floor->waiting_count++] = *written;
        if (floor->waiting_count == 1 || floor->waiting_count >= batch_max(floor))
            condition_signal(&floor->written);
    } else if (error) {
        *error = floor->error;
    }
    mutex_unlock(&floor->mutex);
    return status;
}

static enum sgr_status write_item(void *context, size_t index, unsigned worker,
                                  struct sgr_error *error)
{
    struct floor *floor = context;
    const struct floor_item *item = &floor->options->items[index];
    struct floor_written written = {{OPEN_FILE_NONE, OPEN_FILE_NONE}};
    enum sgr_status status = cancel_status(floor->options->cancel);
    if (status != SGR_OK)
        return error_set(error, status, "stopped while the floor was measured");
    for (int kind = MANIFEST_IMAGE; kind <= MANIFEST_METADATA && status == SGR_OK; kind++)
        status =
            write_file(floor, item, (enum manifest_kind)kind, worker, &written.files[kind], error);
    if (status == SGR_OK)
        status = hand_over(floor, &written, error);
    if (status != SGR_OK)
        abandon(&written);
    return status;
}

/* Makes a batch durable; its files are closed in any case. */
static enum sgr_status sync_batch(struct floor *floor, struct floor_written *batch, size_t count,
                                  struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < count; index++) {
        for (int kind = MANIFEST_IMAGE; kind <= MANIFEST_METADATA && status == SGR_OK; kind++) {
            if (!floor->sync_all)
                status = file_sync(batch[index].files[kind], floor->options->folder, error);
            if (status == SGR_OK)
                status = file_close(&batch[index].files[kind], floor->options->folder, error);
        }
        abandon(&batch[index]);
    }
    if (status == SGR_OK && floor->sync_all)
        status = file_folder_sync_all(&floor->folders[MANIFEST_IMAGE], error);
    if (status == SGR_OK)
        status = file_folder_sync(&floor->folders[MANIFEST_IMAGE], error);
    return status == SGR_OK ? file_folder_sync(&floor->folders[MANIFEST_METADATA], error) : status;
}

/* Takes up to a batch; 0 at the end. The mutex is held. */
static size_t take_batch(struct floor *floor, struct floor_written *batch)
{
    while (floor->waiting_count == 0 && !floor->writers_done)
        condition_wait(&floor->written, &floor->mutex);
    if (floor->waiting_count < batch_max(floor) && !floor->writers_done)
        (void)condition_wait_ms(&floor->written, &floor->mutex, ITEM_STORE_GATHER_MS);
    size_t count = floor->waiting_count;
    if (count > batch_max(floor))
        count = batch_max(floor);
    floor->waiting_count -= count;
    memcpy(batch, floor->waiting, count * sizeof *batch);
    memmove(floor->waiting, floor->waiting + count, floor->waiting_count * sizeof *batch);
    condition_broadcast(&floor->room);
    return count;
}

static void sync_all(void *context)
{
    struct floor *floor = context;
    struct floor_written batch[ITEM_STORE_BATCH_MAX];
    size_t count;
    mutex_lock(&floor->mutex);
    while ((count = take_batch(floor, batch)) > 0) {
        mutex_unlock(&floor->mutex);
        struct sgr_error error = {SGR_OK, ""};
        enum sgr_status status = sync_batch(floor, batch, count, &error);
        mutex_lock(&floor->mutex);
        if (status != SGR_OK && floor->status == SGR_OK) {
            floor->status = status;
            floor->error = error;
        }
    }
    mutex_unlock(&floor->mutex);
}

static enum sgr_status run(struct floor *floor, struct sgr_error *error)
{
    const struct floor_options *options = floor->options;
    enum sgr_status status = thread_start(&floor->syncer, sync_all, floor, error);
    if (status != SGR_OK)
        return status;
    status = parallel_run(options->threads, options->count, write_item, floor, error);
    mutex_lock(&floor->mutex);
    floor->writers_done = true;
    condition_signal(&floor->written);
    mutex_unlock(&floor->mutex);
    thread_join(&floor->syncer);
    if (status == SGR_OK && floor->status != SGR_OK && error)
        *error = floor->error;
    return status == SGR_OK ? floor->status : status;
}

static enum sgr_status make_writers(struct floor *floor, struct sgr_error *error)
{
    unsigned threads = floor->options->threads;
    floor->writers = memory_allocate_zeroed(threads, sizeof *floor->writers);
    if (!floor->writers)
        return error_no_memory(error, "the floor");
    enum sgr_status status = SGR_OK;
    for (unsigned index = 0; index < threads && status == SGR_OK; index++) {
        struct item_writer *writer = &floor->writers[index];
        writer->hash = hash_sha256_create();
        status = writer->hash ? file_writer_init(&writer->file, error)
                              : error_no_memory(error, "the floor");
    }
    return status;
}

static enum sgr_status open_folders(struct floor *floor, struct sgr_error *error)
{
    static const char *const names[] = {"images", "metadata"};
    enum sgr_status status = SGR_OK;
    for (int kind = MANIFEST_IMAGE; kind <= MANIFEST_METADATA && status == SGR_OK; kind++) {
        floor->paths[kind] = item_folder_join(floor->options->folder, names[kind]);
        status = floor->paths[kind]
                     ? file_folder_open(floor->paths[kind], &floor->folders[kind], error)
                     : error_no_memory(error, "a path");
    }
    floor->sync_all = status == SGR_OK && file_folder_can_sync_all(&floor->folders[MANIFEST_IMAGE]);
    return status;
}

static void finish(struct floor *floor)
{
    for (unsigned index = 0; floor->writers && index < floor->options->threads; index++)
        item_store_writer_finish(&floor->writers[index]);
    for (int kind = MANIFEST_IMAGE; kind <= MANIFEST_METADATA; kind++) {
        file_folder_close(&floor->folders[kind]);
        memory_free(floor->paths[kind]);
    }
    condition_finish(&floor->room);
    condition_finish(&floor->written);
    mutex_finish(&floor->mutex);
    memory_free(floor->writers);
    memory_free(floor);
}

enum sgr_status floor_run(const struct floor_options *options, uint64_t *out_ns,
                          struct sgr_error *error)
{
    ERROR_ASSERT(options->threads > 0);
    struct floor *floor = memory_allocate_zeroed(1, sizeof *floor);
    if (!floor)
        return error_no_memory(error, "the floor");
    floor->options = options;
    floor->folders[MANIFEST_IMAGE].handle = OPEN_FILE_NONE;
    floor->folders[MANIFEST_METADATA].handle = OPEN_FILE_NONE;
    mutex_init(&floor->mutex);
    condition_init(&floor->written);
    condition_init(&floor->room);
    enum sgr_status status = open_folders(floor, error);
    if (status == SGR_OK)
        status = make_writers(floor, error);
    uint64_t start_ns = machine_now_ns();
    if (status == SGR_OK)
        status = run(floor, error);
    if (status == SGR_OK)
        *out_ns = machine_now_ns() - start_ns;
    finish(floor);
    return status;
}
