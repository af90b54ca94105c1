/* Walks the manifest and the plan side by side: both are sorted by id. */
#include "publish/metadata_join.h"

#include "base/error.h"
#include "os/file_stream.h"
#include "store/document.h"

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

enum sgr_status metadata_join(const struct metadata_options *options, struct manifest *manifest,
                              const char *folder, bool keep, struct tally *tally,
                              struct sgr_error *error)
{
    static const char name[] = "metadata/_metadata.json";
    struct join join = {.options = options, .tally = tally, .stream = {.handle = OPEN_FILE_NONE}};
    struct text path = {0};
    struct file_info info = {FILE_MISSING, 0};
    bool known = false;
    text_format(&path, "%s/%s", folder, name);
    enum sgr_status status =
        path.failed ? error_no_memory(error, "a path") : file_look(path.bytes, &info, error);
    if (status == SGR_OK && keep && info.kind == FILE_REGULAR)
        status = manifest_has_document(manifest, name, &known, error);
    join.count_only = known;
    if (status == SGR_OK && known)
        status = manifest_each_item(manifest, visit, &join, error);
    else if (status == SGR_OK)
        status = write_array(&join, manifest, path.bytes, error);
    text_finish(&path);
    text_finish(&join.text);
    return status == SGR_OK && !known ? document_add(manifest, folder, name, error) : status;
}
