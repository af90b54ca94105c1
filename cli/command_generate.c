/* `serigraph generate`: plan and render. */
#include "command.h"

#include "failure.h"
#include "interrupt.h"
#include "job.h"
#include "value.h"
#include "watch.h"

#include <serigraph/generate.h>

#include <string.h>

/* A run and what it did, for the report. */
struct finished_run {
    struct sgr_plan *plan;
    struct sgr_generate_result result;
    bool verbose;
};

static enum sgr_status read_options(const struct session *session, const struct job *job,
                                    struct sgr_generate_options *options, struct sgr_error *error)
{
    static const struct value_range samples = {1, JOB_COUNT_MAX};
    static const struct value_range fanouts = {1, JOB_COUNT_MAX};
    const struct arguments *arguments = session->arguments;
    enum sgr_status status = job_check_backend(arguments, false, error);
    if (status == SGR_OK)
        status = value_bytes(arguments, OPTION_DEVICE_MEMORY, &options->device_bytes, error);
    if (status == SGR_OK)
        status = value_whole(arguments, OPTION_SAMPLE, samples, &options->sample, error);
    if (status == SGR_OK)
        status = value_whole(arguments, OPTION_FANOUT, fanouts, &options->fanout, error);
    if (status == SGR_OK && arguments_has(arguments, OPTION_SAMPLE) &&
        arguments_has(arguments, OPTION_IDS))
        status = failure_set(error, SGR_USAGE, "--sample and --ids exclude each other");
    const char *out = arguments->values[OPTION_OUT];
    options->out = out ? out : "out";
    options->kernel = arguments->values[OPTION_CPU_KERNEL];
    options->backend = arguments->values[OPTION_BACKEND];
    options->device = arguments->values[OPTION_DEVICE];
    options->threads = job->art.threads;
    options->memory_bytes = job->art.memory_bytes;
    options->ids = arguments->values[OPTION_IDS];
    options->image_prefix = arguments->values[OPTION_IMAGE_PREFIX];
    options->no_reuse = arguments_has(arguments, OPTION_NO_REUSE);
    options->fresh = arguments_has(arguments, OPTION_FRESH);
    options->log = console_log(session->console);
    return status;
}

static enum sgr_status describe_run(void *context, enum sgr_format format,
                                    const struct sgr_sink *sink, struct sgr_error *error)
{
    struct finished_run *run = context;
    enum sgr_status status = sgr_generate_describe(run->plan, &run->result, format, sink, error);
    if (status != SGR_OK || format != SGR_FORMAT_TEXT || !run->verbose)
        return status;
    if (report_format(sink, "\n") != 0)
        return failure_set(error, SGR_OUTPUT, "stdout could not be written");
    return sgr_generate_describe_stages(&run->result, sink, error);
}

/* Whether sgr_generate says what it did although it did not end with SGR_OK. */
static bool has_result(enum sgr_status status, const struct sgr_generate_result *result)
{
    switch (status) {
    case SGR_OK:
    case SGR_PARTIAL:
    case SGR_INTERRUPTED:
    case SGR_STOPPED:
        return true;
    default:
        return result->progress.items_done > 0;
    }
}

static enum sgr_status render_all(struct session *session, struct sgr_generate_options *options,
                                  struct sgr_plan *plan, struct watch *watch,
                                  struct sgr_error *error)
{
    options->cancel = sgr_cancel_shared();
    options->progress = watch_update;
    options->progress_context = watch;
    struct finished_run run = {.plan = plan, .verbose = session->console->options.verbose};
    interrupt_job_begin();
    enum sgr_status status = sgr_generate(plan, options, &run.result, error);
    interrupt_job_end();
    console_clear_status(session->console);
    watch_end(watch, &run.result.progress, sgr_status_text(status));
    bool is_wanted = session->report->json || !session->console->options.quiet;
    if (!is_wanted || !has_result(status, &run.result))
        return status;
    struct sgr_error describe_error = {.status = SGR_OK};
    enum sgr_status described = report_result(session->report, describe_run, &run, &describe_error);
    /* What went wrong first is what the user needs to know. */
    if (status == SGR_OK && described != SGR_OK) {
        *error = describe_error;
        return described;
    }
    return status;
}

enum sgr_status command_generate(struct session *session, struct sgr_error *error)
{
    struct job job;
    struct sgr_generate_options options = {.out = NULL};
    struct sgr_plan *plan = NULL;
    struct watch watch;
    enum sgr_status status = job_read(session, &job, error);
    if (status == SGR_OK)
        status = read_options(session, &job, &options, error);
    if (status == SGR_OK)
        status = watch_init(&watch, session, error);
    bool dry = arguments_has(session->arguments, OPTION_DRY_RUN);
    job.plan.capacity = dry;
    if (status == SGR_OK)
        status = job_open_plan(&job, &plan, error);
    if (status == SGR_OK && dry)
        status = report_result(session->report, job_describe_plan, plan, error);
    else if (status == SGR_OK)
        status = render_all(session, &options, plan, &watch, error);
    sgr_plan_close(&plan);
    return status;
}
