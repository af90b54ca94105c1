/* Walks the manifest and the plan side by side: both are sorted by id. */
#include "publish/metadata_join.h"

#include "base/error.h"
#include "os/file_stream.h"
#include "store/document.h"

struct join {
    const struct metadata_options *options;
    struct plan *plan;
    struct tally *tally;
    uint64_t cursor; /* the plan's next item */
    bool any;
    struct file_stream stream;
    struct text text;
};

static enum sgr_status add_item(struct join *join, const struct plan_item *item,
                                struct sgr_error *error)
{
    text_clear(&join->text);
    text_add(&join->text, join->any ? ",\n" : "\n");
    join->any = true;
    tally_add(join->tally, join->plan, item);
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
    while (join->cursor < plan_count(join->plan)) {
        struct plan_item planned;
        enum sgr_status status = plan_read(join->plan, join->cursor, &planned, error);
        if (status != SGR_OK || planned.id > item->id)
            return status;
        join->cursor++;
        if (planned.id == item->id)
            return add_item(join, &planned, error);
    }
    return SGR_OK;
}

enum sgr_status metadata_join(const struct metadata_options *options, struct plan *plan,
                              struct manifest *manifest, const char *folder, struct tally *tally,
                              struct sgr_error *error)
{
    static const char name[] = "metadata/_metadata.json";
    struct join join = {
        .options = options, .plan = plan, .tally = tally, .stream = {.handle = OPEN_FILE_NONE}};
    text_format(&join.text, "%s/%s", folder, name);
    enum sgr_status status = join.text.failed
                                 ? error_no_memory(error, "a path")
                                 : file_stream_open(&join.stream, join.text.bytes, error);
    if (status == SGR_OK)
        status = file_stream_write(&join.stream, "[", 1, error);
    if (status == SGR_OK)
        status = manifest_each_item(manifest, visit, &join, error);
    if (status == SGR_OK)
        status = file_stream_write(&join.stream, "\n]\n", 3, error);
    if (status == SGR_OK)
        status = file_stream_commit(&join.stream, error);
    file_stream_discard(&join.stream);
    text_finish(&join.text);
    return status == SGR_OK ? document_add(manifest, folder, name, error) : status;
}
