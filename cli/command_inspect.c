/* `serigraph inspect`: the doctor for art. */
#include "command.h"

#include "failure.h"
#include "job.h"

#include <inttypes.h>

static enum sgr_status describe(void *context, enum sgr_format format, const struct sgr_sink *sink,
                                struct sgr_error *error)
{
    return sgr_art_describe(context, format, sink, error);
}

static enum sgr_status count_warnings(const struct sgr_art *art, struct sgr_error *error)
{
    uint64_t count = sgr_art_warning_count(art);
    if (count == 0)
        return SGR_OK;
    return failure_set(error, SGR_INPUT, "%" PRIu64 " warning%s, and --strict refuses them", count,
                       count == 1 ? "" : "s");
}

enum sgr_status command_inspect(struct session *session, struct sgr_error *error)
{
    bool is_described = session->report->json || !session->console->options.quiet;
    struct sgr_art_options options;
    struct sgr_art *art = NULL;
    enum sgr_status status = job_read_art(session, &options, error);
    if (status != SGR_OK)
        return status;
    /* The description has the warnings too; once is enough. */
    if (is_described)
        options.log = (struct sgr_log){.line = NULL};
    status = sgr_art_open(&options, &art, error);
    if (status == SGR_OK && is_described)
        status = report_result(session->report, describe, art, error);
    if (status == SGR_OK)
        status = sgr_art_check_pictures(art, error);
    if (status == SGR_OK && arguments_has(session->arguments, OPTION_STRICT))
        status = count_warnings(art, error);
    sgr_art_close(&art);
    return status;
}
