/* `serigraph plan`: decide, and tell what was decided. */
#include "command.h"

#include "failure.h"
#include "job.h"
#include "value.h"

#include <inttypes.h>

/* What to do with the plan. */
struct plan_wishes {
    bool export;
    bool describe;
    enum sgr_format export_format;
    const char *out; /* NULL: no file */
};

static enum sgr_status read_wishes(const struct session *session, struct plan_wishes *wishes,
                                   struct sgr_error *error)
{
    static const struct value_choice forms[] = {
        {"csv", SGR_FORMAT_CSV, true}, {"jsonl", SGR_FORMAT_JSON_LINES, true}, {.name = NULL}};
    const struct arguments *arguments = session->arguments;
    int form = SGR_FORMAT_TEXT;
    enum sgr_status status = value_choose(arguments, OPTION_EXPORT, forms, &form, error);
    if (status != SGR_OK)
        return status;
    bool quiet = session->console->options.quiet;
    wishes->export = arguments_has(arguments, OPTION_EXPORT);
    wishes->export_format = (enum sgr_format)form;
    wishes->out = arguments->values[OPTION_OUT];
    wishes->describe = session->report->json || arguments_has(arguments, OPTION_EXPLAIN) ||
                       (!wishes->out && !wishes->export && !quiet);
    if (!wishes->export || !wishes->describe)
        return SGR_OK;
    return failure_set(error, SGR_USAGE, "--export and --%s exclude each other: both fill stdout",
                       session->report->json ? "json" : "explain");
}

static enum sgr_status save(struct session *session, struct sgr_plan *plan, const char *path,
                            struct sgr_error *error)
{
    enum sgr_status status = sgr_plan_save(plan, path, error);
    if (status == SGR_OK)
        console_notice(session->console, "planned %" PRIu64 " items: %s", sgr_plan_count(plan),
                       path);
    return status;
}

enum sgr_status command_plan(struct session *session, struct sgr_error *error)
{
    struct job job;
    struct plan_wishes wishes = {.out = NULL};
    struct sgr_plan *plan = NULL;
    enum sgr_status status = read_wishes(session, &wishes, error);
    if (status == SGR_OK)
        status = job_read(session, &job, error);
    job.plan.capacity = wishes.describe;
    if (status == SGR_OK)
        status = job_open_plan(&job, &plan, error);
    if (status == SGR_OK && wishes.out)
        status = save(session, plan, wishes.out, error);
    if (status == SGR_OK && wishes.describe)
        status = report_result(session->report, job_describe_plan, plan, error);
    if (status == SGR_OK && wishes.export) {
        struct sgr_sink sink = report_sink(session->report);
        status = sgr_plan_export(plan, wishes.export_format, &sink, error);
        status = report_forgive(session->report, status);
    }
    sgr_plan_close(&plan);
    return status;
}
