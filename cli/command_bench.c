/* `serigraph bench`: measure. */
#include "command.h"

#include "interrupt.h"
#include "job.h"
#include "value.h"

#include <serigraph/bench.h>

#include <inttypes.h>
#include <stdio.h>

/* Where a bench without a count begins: as many items as collections usually have. */
enum { COUNT_USUAL = 10000, STATUS_MAX = 160 };

/* A bench and its outcome, for the report. */
struct finished_bench {
    struct sgr_plan *plan;
    struct sgr_bench_result result;
};

static enum sgr_status read_options(const struct session *session, const struct job *job,
                                    struct sgr_bench_options *options, struct sgr_error *error)
{
    static const struct value_range counts = {1, JOB_COUNT_MAX};
    static const struct value_range seconds = {1, 3600};
    const struct arguments *arguments = session->arguments;
    enum sgr_status status = job_check_backend(arguments, true, error);
    uint32_t wanted = 0;
    if (status == SGR_OK)
        status = value_whole(arguments, OPTION_ITEM_COUNT, counts, &options->items, error);
    if (status == SGR_OK)
        status = value_whole32(arguments, OPTION_SECONDS, seconds, &wanted, error);
    if (status == SGR_OK)
        status = value_bytes(arguments, OPTION_DEVICE_MEMORY, &options->device_bytes, error);
    options->seconds = wanted;
    options->out = arguments->values[OPTION_OUT];
    options->kernel = arguments->values[OPTION_CPU_KERNEL];
    options->backend = arguments->values[OPTION_BACKEND];
    options->device = arguments->values[OPTION_DEVICE];
    options->threads = job->art.threads;
    options->memory_bytes = job->art.memory_bytes;
    options->log = console_log(session->console);
    return status;
}

/*
 * Plans the art's own count, or more when more items are asked for. Art without a count gets the
 * usual one, or what its combinations allow: a bench should not need a number to begin.
 */
static enum sgr_status plan_art(const struct job *job, uint64_t items, struct sgr_plan **out_plan,
                                struct sgr_error *error)
{
    struct sgr_art *art = NULL;
    struct sgr_plan_options plan = job->plan;
    enum sgr_status status = sgr_art_open(&job->art, &art, error);
    if (status != SGR_OK)
        return status;
    if (items > sgr_art_count(art))
        plan.count = items;
    else if (sgr_art_count(art) == 0)
        plan.count = COUNT_USUAL;
    do {
        status = sgr_plan_create(art, &plan, out_plan, error);
        plan.count /= 2;
    } while (status == SGR_INFEASIBLE && items == 0 && plan.count > 0);
    sgr_art_close(&art);
    return status;
}

/* Keeps a status line that says what is being run. */
static void show_progress(void *context, const struct sgr_bench_progress *progress)
{
    struct console *console = context;
    const struct sgr_bench_run *run = progress->run;
    char text[STATUS_MAX];
    char what[STATUS_MAX / 2] = "the floor";
    if (console->options.quiet || !console->live)
        return;
    if (run)
        (void)snprintf(what, sizeof what, "%s, %u threads%s", run->kernel, run->threads,
                       run->role == SGR_BENCH_DISK ? ", to disk" : "");
    (void)snprintf(text, sizeof text, "bench: round %u, %s (%" PRIu64 " of about %" PRIu64 " s)",
                   progress->round, what, progress->elapsed_ns / 1000000000,
                   progress->wanted_ns / 1000000000);
    console_show_status(console, text);
}

static enum sgr_status describe_bench(void *context, enum sgr_format format,
                                      const struct sgr_sink *sink, struct sgr_error *error)
{
    const struct finished_bench *bench = context;
    return sgr_bench_describe(bench->plan, &bench->result, format, sink, error);
}

static enum sgr_status measure(struct session *session, struct sgr_bench_options *options,
                               struct sgr_plan *plan, struct sgr_error *error)
{
    struct finished_bench bench = {.plan = plan};
    options->cancel = sgr_cancel_shared();
    options->progress = show_progress;
    options->progress_context = session->console;
    interrupt_job_begin();
    enum sgr_status status = sgr_bench(plan, options, &bench.result, error);
    interrupt_job_end();
    console_clear_status(session->console);
    if (status == SGR_OK)
        status = report_result(session->report, describe_bench, &bench, error);
    sgr_bench_finish(&bench.result);
    return status;
}

enum sgr_status command_bench(struct session *session, struct sgr_error *error)
{
    /* The count is that of the bench, so that it goes with a plan file too. */
    struct arguments arguments = *session->arguments;
    arguments.values[OPTION_ITEM_COUNT] = NULL;
    struct session planning = *session;
    planning.arguments = &arguments;
    struct job job;
    struct sgr_bench_options options = {.out = NULL};
    struct sgr_plan *plan = NULL;
    enum sgr_status status = job_read(&planning, &job, error);
    if (status == SGR_OK)
        status = read_options(session, &job, &options, error);
    if (status == SGR_OK)
        status = job.plan_path ? job_open_plan(&job, &plan, error)
                               : plan_art(&job, options.items, &plan, error);
    if (status == SGR_OK)
        status = measure(session, &options, plan, error);
    sgr_plan_close(&plan);
    return status;
}
