/* `serigraph render`: one item to a file, by its id or by its traits. */
#include "command.h"

#include "failure.h"
#include "job.h"
#include "value.h"

#include <serigraph/generate.h>
#include <serigraph/recipe.h>

#include <inttypes.h>

/* What was rendered, for the report. */
struct rendered_item {
    const char *path;
    uint64_t id;
    const char *recipe; /* as typed; NULL: the item has an id */
    struct sgr_recipe *found;
    uint32_t width;
    uint32_t height;
};

static enum sgr_status describe_json(const struct rendered_item *item, const struct sgr_sink *sink,
                                     struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    int failed = 0;
    if (item->found) {
        failed = report_format(sink, "{\"recipe\":");
        status = failed ? SGR_OK : sgr_recipe_describe(item->found, SGR_FORMAT_JSON, sink, error);
    } else {
        failed = report_format(sink, "{\"id\":%" PRIu64, item->id);
    }
    if (status != SGR_OK)
        return status;
    failed = failed || report_format(sink, ",\"file\":");
    failed = failed || report_json_string(sink, item->path);
    failed = failed || report_format(sink, ",\"width\":%" PRIu32 ",\"height\":%" PRIu32 "}\n",
                                     item->width, item->height);
    return failed ? failure_set(error, SGR_OUTPUT, "stdout could not be written") : SGR_OK;
}

static enum sgr_status describe(void *context, enum sgr_format format, const struct sgr_sink *sink,
                                struct sgr_error *error)
{
    const struct rendered_item *item = context;
    int failed = 0;
    if (format == SGR_FORMAT_JSON)
        return describe_json(item, sink, error);
    if (item->found)
        failed = report_format(sink, "the recipe, %" PRIu32 "x%" PRIu32 ": %s\n", item->width,
                               item->height, item->path);
    else
        failed = report_format(sink, "item %" PRIu64 ", %" PRIu32 "x%" PRIu32 ": %s\n", item->id,
                               item->width, item->height, item->path);
    return failed ? failure_set(error, SGR_OUTPUT, "stdout could not be written") : SGR_OK;
}

static enum sgr_status read_options(const struct arguments *arguments, struct rendered_item *item,
                                    struct sgr_error *error)
{
    static const struct value_range ids = {0, JOB_ID_MAX};
    item->recipe = arguments->values[OPTION_RECIPE];
    if (item->recipe && arguments_has(arguments, OPTION_ID))
        return failure_set(error, SGR_USAGE,
                           "--id and --recipe exclude each other: one names an "
                           "item of the plan, the other makes one");
    if (!item->recipe && !arguments_has(arguments, OPTION_ID))
        return failure_set(error, SGR_USAGE,
                           "render needs --id K or --recipe A=X,B=Y; see: serigraph help render");
    if (!arguments_has(arguments, OPTION_OUT))
        return failure_set(error, SGR_USAGE,
                           "render needs --out K.png; see: serigraph help render");
    item->path = arguments->values[OPTION_OUT];
    return item->recipe ? SGR_OK : value_whole(arguments, OPTION_ID, ids, &item->id, error);
}

/* Opens the art for its rules; next to a plan, art that cannot be read says nothing of them. */
static enum sgr_status open_rules(const struct job *job, struct sgr_art **out_art,
                                  struct sgr_error *error)
{
    if (!job->plan_path)
        return sgr_art_open(&job->art, out_art, error);
    struct sgr_art_options quiet = job->art;
    struct sgr_error ignored;
    quiet.log = (struct sgr_log){.context = NULL};
    (void)!sgr_art_open(&quiet, out_art, &ignored);
    return SGR_OK;
}

/* Renders what --recipe names; item->found stays open for the report. */
static enum sgr_status render_recipe(struct session *session, struct job *job,
                                     struct sgr_plan **out_plan, struct rendered_item *item,
                                     struct sgr_error *error)
{
    struct sgr_art *art = NULL;
    enum sgr_status status = open_rules(job, &art, error);
    if (status == SGR_OK && job->plan_path) {
        status = sgr_plan_open(job->plan_path, &job->art, out_plan, error);
    } else if (status == SGR_OK) {
        job->plan.recipe = item->recipe;
        status = sgr_plan_create(art, &job->plan, out_plan, error);
    }
    struct sgr_recipe_options options = {
        .text = item->recipe, .art = art, .log = console_log(session->console)};
    if (status == SGR_OK)
        status = sgr_recipe_open(*out_plan, &options, &item->found, error);
    if (status == SGR_OK)
        status = sgr_recipe_render_file(item->found, item->path, error);
    sgr_art_close(&art);
    return status;
}

enum sgr_status command_render(struct session *session, struct sgr_error *error)
{
    struct job job;
    struct rendered_item item = {.path = NULL};
    struct sgr_plan *plan = NULL;
    enum sgr_status status = read_options(session->arguments, &item, error);
    if (status == SGR_OK)
        status = job_read(session, &job, error);
    if (status == SGR_OK && item.recipe) {
        status = render_recipe(session, &job, &plan, &item, error);
    } else if (status == SGR_OK) {
        status = job_open_plan(&job, &plan, error);
        if (status == SGR_OK)
            status = sgr_render_file(plan, item.id, item.path, error);
    }
    if (status == SGR_OK && (session->report->json || !session->console->options.quiet)) {
        sgr_plan_size(plan, &item.width, &item.height);
        status = report_result(session->report, describe, &item, error);
    }
    sgr_recipe_close(&item.found);
    sgr_plan_close(&plan);
    return status;
}
