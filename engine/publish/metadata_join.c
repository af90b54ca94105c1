/* Walks the manifest and the plan side by side: both are sorted by id. */
#include "publish/metadata_join.h"

#include "base/error.h"
#include "os/file_stream.h"
#include "store/document.h"

#include <string.h>

#define FILE_NAME "metadata/_metadata.json"

/* The manifest's row that says from how many items the file was made. */
#define JOINED_KEY "joined"

struct join {
    const struct metadata_options *options;
    struct tally *tally;
    uint64_t cursor; /* the plan's next item */
    bool count_only;
    bool any;
    struct file_stream stream;
    struct text text;
};

static enum sgr_status add_item(struct join *join, const struct plan_item *item,
                                struct sgr_error *error)
{
    tally_add(join->tally, join->options->plan, item);
    if (join->count_only)
        return SGR_OK;
    text_clear(&join->text);
    text_add(&join->text, join->any ? ",\n" : "\n");
    join->any = true;
    metadata_add_item(join->options, item, &join->text);
    if (join->text.failed)
        return error_no_memory(error, "metadata");
    return file_stream_write(&join->stream, join->text.bytes, join->text.length, error);
}

static enum sgr_status visit(void *context, const struct manifest_item *item,
                             struct sgr_error *error)
{
    struct join *join = context;
    if (item->state != MANIFEST_DONE)
        return SGR_OK;
    while (join->cursor < plan_count(join->options->plan)) {
        struct plan_item planned;
        enum sgr_status status = plan_read(join->options->plan, join->cursor, &planned, error);
        if (status != SGR_OK || planned.id > item->id)
            return status;
        join->cursor++;
        if (planned.id == item->id)
            return add_item(join, &planned, error);
    }
    return SGR_OK;
}

/* Writes the whole array through the join's stream. */
static enum sgr_status write_array(struct join *join, struct manifest *manifest, const char *path,
                                   struct sgr_error *error)
{
    enum sgr_status status = file_stream_open(&join->stream, path, error);
    if (status == SGR_OK)
        status = file_stream_write(&join->stream, "[", 1, error);
    if (status == SGR_OK)
        status = manifest_each_item(manifest, visit, join, error);
    if (status == SGR_OK)
        status = file_stream_write(&join->stream, "\n]\n", 3, error);
    if (status == SGR_OK)
        status = file_stream_commit(&join->stream, error);
    file_stream_discard(&join->stream);
    return status;
}

/*
 * Whether the file is there and was made from `done` items. Items are only ever added, so as many
 * are the same ones; the row is written after the file, so it never speaks of a newer one.
 */
static enum sgr_status is_current(struct manifest *manifest, const char *path, const char *done,
                                  bool *out_current, struct sgr_error *error)
{
    struct file_info info = {FILE_MISSING, 0};
    struct text joined = {0};
    bool found = false;
    enum sgr_status status = file_look(path, &info, error);
    if (status == SGR_OK)
        status = manifest_get(manifest, JOINED_KEY, &joined, &found, error);
    *out_current =
        found && info.kind == FILE_REGULAR && joined.bytes && strcmp(joined.bytes, done) == 0;
    text_finish(&joined);
    return status;
}

/* Notes the file's digest, and then from how many items it was made. */
static enum sgr_status note_file(struct manifest *manifest, const char *folder, const char *done,
                                 struct sgr_error *error)
{
    enum sgr_status status = document_add(manifest, folder, FILE_NAME, error);
    if (status == SGR_OK)
        status = manifest_begin(manifest, error);
    if (status != SGR_OK)
        return status;
    status = manifest_set(manifest, JOINED_KEY, done, error);
    if (status == SGR_OK)
        status = manifest_commit(manifest, error);
    if (status != SGR_OK)
        manifest_rollback(manifest);
    return status;
}

enum sgr_status metadata_join(const struct metadata_options *options, struct manifest *manifest,
                              const char *folder, struct tally *tally, struct sgr_error *error)
{
    struct join join = {.options = options, .tally = tally, .stream = {.handle = OPEN_FILE_NONE}};
    struct text path = {0};
    struct text done = {0};
    uint64_t done_count = 0;
    uint64_t failed_count = 0;
    enum sgr_status status = manifest_count(manifest, &done_count, &failed_count, error);
    text_format(&path, "%s/%s", folder, FILE_NAME);
    text_format(&done, "%llu", (unsigned long long)done_count);
    if (status == SGR_OK && (path.failed || done.failed))
        status = error_no_memory(error, "metadata");
    if (status == SGR_OK)
        status = is_current(manifest, path.bytes, done.bytes, &join.count_only, error);
    if (status == SGR_OK && join.count_only)
        status = manifest_each_item(manifest, visit, &join, error);
    else if (status == SGR_OK)
        status = write_array(&join, manifest, path.bytes, error);
    if (status == SGR_OK && !join.count_only)
        status = note_file(manifest, folder, done.bytes, error);
    text_finish(&path);
    text_finish(&done);
    text_finish(&join.text);
    return status;
}
