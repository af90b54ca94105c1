/* `serigraph render`: one item to a file. */
#include "command.h"

#include "failure.h"
#include "job.h"
#include "value.h"

#include <serigraph/generate.h>

#include <inttypes.h>

/* What was rendered, for the report. */
struct rendered_item {
    const char *path;
    uint64_t id;
    uint32_t width;
    uint32_t height;
};

static enum sgr_status describe(void *context, enum sgr_format format, const struct sgr_sink *sink,
                                struct sgr_error *error)
{
    const struct rendered_item *item = context;
    int failed = 0;
    if (format == SGR_FORMAT_JSON) {
        failed = report_format(sink, "{\"id\":%" PRIu64 ",\"file\":", item->id);
        failed = failed || report_json_string(sink, item->path);
        failed = failed || report_format(sink, ",\"width\":%" PRIu32 ",\"height\":%" PRIu32 "}\n",
                                         item->width, item->height);
    } else {
        failed = report_format(sink, "item %" PRIu64 ", %" PRIu32 "x%" PRIu32 ": %s\n", item->id,
                               item->width, item->height, item->path);
    }
    return failed ? failure_set(error, SGR_OUTPUT, "stdout could not be written") : SGR_OK;
}

static enum sgr_status read_options(const struct arguments *arguments, struct rendered_item *item,
                                    struct sgr_error *error)
{
    static const struct value_range ids = {0, JOB_ID_MAX};
    if (!arguments_has(arguments, OPTION_ID))
        return failure_set(error, SGR_USAGE, "render needs --id K; see: serigraph help render");
    if (!arguments_has(arguments, OPTION_OUT))
        return failure_set(error, SGR_USAGE,
                           "render needs --out K.png; see: serigraph help render");
    item->path = arguments->values[OPTION_OUT];
    return value_whole(arguments, OPTION_ID, ids, &item->id, error);
}

enum sgr_status command_render(struct session *session, struct sgr_error *error)
{
    struct job job;
    struct rendered_item item = {.path = NULL};
    struct sgr_plan *plan = NULL;
    enum sgr_status status = read_options(session->arguments, &item, error);
    if (status == SGR_OK)
        status = job_read(session, &job, error);
    if (status == SGR_OK)
        status = job_open_plan(&job, &plan, error);
    if (status == SGR_OK)
        status = sgr_render_file(plan, item.id, item.path, error);
    if (status == SGR_OK && (session->report->json || !session->console->options.quiet)) {
        sgr_plan_size(plan, &item.width, &item.height);
        status = report_result(session->report, describe, &item, error);
    }
    sgr_plan_close(&plan);
    return status;
}
