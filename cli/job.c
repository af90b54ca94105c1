/* Reads the options that all commands which need a plan share. */
#include "job.h"

#include "failure.h"
#include "value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum sgr_status job_read_art(const struct session *session, struct sgr_art_options *out_art,
                             struct sgr_error *error)
{
    static const struct value_choice grammars[] = {{"auto", SGR_GRAMMAR_AUTO, true},
                                                   {"hashlips", SGR_GRAMMAR_HASHLIPS, true},
                                                   {"nftchef", SGR_GRAMMAR_NFTCHEF, true},
                                                   {"lab", SGR_GRAMMAR_LAB, true},
                                                   {.name = NULL}};
    static const struct value_choice filters[] = {{"nearest", SGR_RESAMPLE_NEAREST, true},
                                                  {"bilinear", SGR_RESAMPLE_BILINEAR, true},
                                                  {"lanczos", SGR_RESAMPLE_LANCZOS, true},
                                                  {.name = NULL}};
    const struct arguments *arguments = session->arguments;
    struct sgr_art_options art = {.path = arguments->operands[0],
                                  .layers = arguments->values[OPTION_LAYERS],
                                  .recipes = arguments->values[OPTION_RECIPES],
                                  .plan = arguments->values[OPTION_EXTEND],
                                  .log = console_log(session->console)};
    int grammar = SGR_GRAMMAR_AUTO;
    int filter = SGR_RESAMPLE_NONE;
    uint32_t threads = 0;
    enum sgr_status status = value_choose(arguments, OPTION_GRAMMAR, grammars, &grammar, error);
    if (status == SGR_OK)
        status = value_choose(arguments, OPTION_RESAMPLE, filters, &filter, error);
    if (status == SGR_OK)
        status = value_dimensions(arguments, OPTION_SIZE, &art.width, &art.height, error);
    if (status == SGR_OK)
        status = value_threads(arguments, &threads, error);
    if (status == SGR_OK)
        status = value_bytes(arguments, OPTION_MEMORY, &art.memory_bytes, error);
    if (status != SGR_OK)
        return status;
    art.grammar = (enum sgr_grammar)grammar;
    art.resample = (enum sgr_resample)filter;
    art.threads = threads;
    *out_art = art;
    return SGR_OK;
}

static enum sgr_status check_format(const struct arguments *arguments, struct sgr_error *error)
{
    const char *format = arguments->values[OPTION_FORMAT];
    if (!format || strcmp(format, "png") == 0)
        return SGR_OK;
    return failure_set(error, SGR_USAGE, "--format: built without \"%s\"; it takes: png", format);
}

/* Everything that a plan has decided is refused next to it, rather than passed over. */
static enum sgr_status check_plan_files(const struct arguments *arguments, struct sgr_error *error)
{
    bool planned = arguments_has(arguments, OPTION_PLAN);
    bool extends = arguments_has(arguments, OPTION_EXTEND);
    for (int id = 0; id < OPTION_TOTAL; id++) {
        const struct option *option = option_at((enum option_id)id);
        bool fixed = (planned && option->fixed_by_plan) || (extends && option->fixed_by_old);
        if (fixed && arguments->values[id])
            return failure_set(error, SGR_USAGE,
                               "--%s and --%s exclude each other: the plan file has decided it",
                               option->name, planned ? "plan" : "extend");
    }
    return SGR_OK;
}

static enum sgr_status draw_seed(const struct session *session, struct job *job,
                                 struct sgr_error *error)
{
    uint64_t drawn = 0;
    ssize_t size = 0;
    do {
        size = getrandom(&drawn, sizeof drawn, 0);
    } while (size < 0 && errno == EINTR);
    if (size != (ssize_t)sizeof drawn)
        return failure_set(error, SGR_INTERNAL, "--seed random: the system gives no random bytes");
    (void)snprintf(job->drawn_seed, sizeof job->drawn_seed, "%016" PRIx64, drawn);
    job->plan.seed = job->drawn_seed;
    console_notice(session->console, "drawn seed: %s (--seed %s makes the same again)",
                   job->drawn_seed, job->drawn_seed);
    return SGR_OK;
}

static enum sgr_status read_plan_options(const struct arguments *arguments,
                                         struct sgr_plan_options *plan, struct sgr_error *error)
{
    static const struct value_choice levels[] = {{"fast", SGR_PNG_FAST, true},
                                                 {"balanced", SGR_PNG_BALANCED, true},
                                                 {"small", SGR_PNG_SMALL, true},
                                                 {.name = NULL}};
    static const struct value_choice colors[] = {{"auto", 0, true},
                                                 {"ignore", 0, true},
                                                 {"keep", 0, false},
                                                 {"srgb", 0, false},
                                                 {.name = NULL}};
    static const struct value_range counts = {1, JOB_COUNT_MAX};
    static const struct value_range starts = {0, JOB_START_MAX};
    static const struct value_range rows = {1, 32767};
    int level = SGR_PNG_BALANCED;
    int color = 0;
    enum sgr_status status = value_whole(arguments, OPTION_ITEM_COUNT, counts, &plan->count, error);
    if (status == SGR_OK)
        status = value_whole(arguments, OPTION_START, starts, &plan->start, error);
    if (status == SGR_OK)
        status = value_choose(arguments, OPTION_PNG, levels, &level, error);
    if (status == SGR_OK)
        status = value_choose(arguments, OPTION_COLOR, colors, &color, error);
    const char *bands = arguments->values[OPTION_BANDS];
    if (status == SGR_OK && bands && strcmp(bands, "auto") != 0)
        status = value_whole32(arguments, OPTION_BANDS, rows, &plan->band_rows, error);
    plan->start_set = arguments_has(arguments, OPTION_START);
    plan->png_level = (enum sgr_png_level)level;
    plan->seed = arguments->values[OPTION_SEED];
    plan->extend = arguments->values[OPTION_EXTEND];
    return status;
}

enum sgr_status job_read(const struct session *session, struct job *job, struct sgr_error *error)
{
    const struct arguments *arguments = session->arguments;
    *job = (struct job){.plan_path = arguments->values[OPTION_PLAN]};
    enum sgr_status status = check_plan_files(arguments, error);
    if (status == SGR_OK)
        status = job_read_art(session, &job->art, error);
    if (status == SGR_OK)
        status = check_format(arguments, error);
    if (status == SGR_OK)
        status = read_plan_options(arguments, &job->plan, error);
    if (status == SGR_OK && job->plan.seed && strcmp(job->plan.seed, "random") == 0)
        status = draw_seed(session, job, error);
    return status;
}

/* What --backend may ask for, as far as other options care. */
enum backend { BACKEND_ANY, BACKEND_CPU, BACKEND_GLES };

enum sgr_status job_check_backend(const struct arguments *arguments, bool all,
                                  struct sgr_error *error)
{
    const struct value_choice backends[] = {{"auto", BACKEND_ANY, true},
                                            {"cpu", BACKEND_CPU, true},
                                            {"gles", BACKEND_GLES, true},
                                            {"gles-compute", BACKEND_GLES, true},
                                            {"gles-fragment", BACKEND_GLES, true},
                                            {all ? "all" : NULL, BACKEND_ANY, true},
                                            {.name = NULL}};
    static const struct value_choice kernels[] = {
        {"auto", 0, true},   {"scalar", 0, true}, {"sse41", 0, true}, {"avx2", 0, true},
        {"avx512", 0, true}, {"neon", 0, true},   {.name = NULL}};
    int backend = BACKEND_ANY;
    int ignored = 0;
    bool has_device = arguments_has(arguments, OPTION_DEVICE);
    enum sgr_status status = value_choose(arguments, OPTION_BACKEND, backends, &backend, error);
    if (status == SGR_OK)
        status = value_choose(arguments, OPTION_CPU_KERNEL, kernels, &ignored, error);
    if (status != SGR_OK)
        return status;
    if (has_device && backend == BACKEND_CPU)
        return failure_set(error, SGR_USAGE, "--device and --backend cpu exclude each other");
    if (!SERIGRAPH_GLES && (has_device || backend == BACKEND_GLES))
        return failure_set(error, SGR_USAGE,
                           "--%s: built without the gles backend; use --backend cpu, or build "
                           "with -DSERIGRAPH_GLES=ON",
                           has_device ? "device" : "backend gles");
    return SGR_OK;
}

enum sgr_status job_open_plan(const struct job *job, struct sgr_plan **out_plan,
                              struct sgr_error *error)
{
    if (job->plan_path)
        return sgr_plan_open(job->plan_path, &job->art, out_plan, error);
    struct sgr_art *art = NULL;
    enum sgr_status status = sgr_art_open(&job->art, &art, error);
    if (status == SGR_OK)
        status = sgr_plan_create(art, &job->plan, out_plan, error);
    sgr_art_close(&art);
    return status;
}

enum sgr_status job_describe_plan(void *context, enum sgr_format format,
                                  const struct sgr_sink *sink, struct sgr_error *error)
{
    return sgr_plan_describe(context, format, sink, error);
}
