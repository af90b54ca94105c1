/* Making plans and opening them, each with its art. */
#include "api/sgr_plan.h"
#include "api/api_check.h"

#include "api/recipe_traits.h"
#include "api/sgr_art.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "compose/cpu/compose_cpu.h"
#include "pipeline/choices.h"
#include "plan/plan_extend.h"
#include "publish/export.h"
#include "publish/summary.h"
#include "work/stage.h"

#include <string.h>

void sgr_plan_close(struct sgr_plan **plan)
{
    if (!plan || !*plan)
        return;
    plan_close(&(*plan)->plan);
    sprite_set_destroy(&(*plan)->sprites);
    explain_report_finish(&(*plan)->explanation);
    tally_finish(&(*plan)->made);
    memory_free(*plan);
    *plan = NULL;
}

static enum sgr_status adopt_recipes(struct plan_draft *draft, const struct recipes *recipes,
                                     const struct sgr_plan_options *options,
                                     struct sgr_error *error)
{
    if (options->seed || options->start_set)
        return error_set(error, SGR_USAGE,
                         "--seed and --start do not go with --recipes, which have their own ids "
                         "and leave nothing to chance");
    if (options->count > recipes->count)
        return error_set(error, SGR_USAGE,
                         "--count %llu: the recipes file has only %llu; leave --count away",
                         (unsigned long long)options->count, (unsigned long long)recipes->count);
    return plan_draft_adopt(draft, recipes, options->count, error);
}

/* How many items are asked for, by the options or the art. */
static enum sgr_status choose_count(const struct collection *collection,
                                    const struct sgr_plan_options *options, uint64_t *out_count,
                                    struct sgr_error *error)
{
    *out_count = options->count ? options->count : collection->count;
    if (*out_count == 0)
        return error_set(error, SGR_USAGE,
                         "how many items? give --count N (-n N), or \"count\" in collection.json");
    if (*out_count > COLLECTION_COUNT_MAX)
        return error_set(error, SGR_USAGE, "--count %llu: at most %llu items",
                         (unsigned long long)*out_count, (unsigned long long)COLLECTION_COUNT_MAX);
    return SGR_OK;
}

/* Makes recipes of the one item that the options name; `one` borrows the collection. */
static enum sgr_status adopt_recipe(struct plan_draft *draft, struct recipes *one,
                                    const struct sgr_art *art,
                                    const struct sgr_plan_options *options, struct sgr_error *error)
{
    if (art->recipes || options->seed || options->start_set || options->count)
        return error_set(error, SGR_USAGE,
                         "--recipe makes one item, so --count, --seed, --start and --recipes do "
                         "not go with it");
    one->collection = art->collection;
    one->count = 1;
    one->ids = arena_allocate(&one->arena, 1, sizeof *one->ids);
    if (!one->ids)
        return error_no_memory(error, "the plan");
    enum sgr_status status =
        recipe_traits_find(art->collection, options->recipe, &one->arena, &one->traits, error);
    return status == SGR_OK ? plan_draft_adopt(draft, one, 0, error) : status;
}

static enum sgr_status draw_recipes(struct plan_draft *draft, const struct collection *collection,
                                    const struct sgr_plan_options *options, const char *seed,
                                    struct sgr_error *error)
{
    uint64_t count;
    enum sgr_status status = choose_count(collection, options, &count, error);
    if (status != SGR_OK)
        return status;
    draft->start = 1;
    if (options->start_set)
        draft->start = options->start;
    else if (collection->start_set)
        draft->start = collection->start;
    if (draft->start > INT64_MAX - COLLECTION_COUNT_MAX)
        return error_set(error, SGR_USAGE, "--start %llu is too large",
                         (unsigned long long)draft->start);
    return plan_draft_draw(draft, collection, count, seed, error);
}

/* What explaining a plan needs beside it. */
struct explaining {
    const struct sgr_plan_options *options;
    const char *seed;
    const struct sgr_log *log;
};

/* Tells where counts are not met, and explains a plan if that is wished. */
static enum sgr_status explain(struct sgr_plan *plan, const struct plan_draft *draft,
                               const struct explaining *how, struct sgr_error *error)
{
    struct plan_reasons reasons = {.count = 0};
    struct text line = {0};
    plan_reasons_list(&reasons, draft);
    explain_report_line(&reasons, draft->collection, &line);
    if (line.length > 0 && !line.failed)
        log_write(how->log, SGR_LOG_NOTICE, "%s", line.bytes);
    text_finish(&line);
    if (!how->options->capacity)
        return SGR_OK;
    plan->explained = true;
    return explain_report_find(&plan->explanation, draft, how->seed, error);
}

/* Opens the older plan and draws what is to stand beside its items. */
static enum sgr_status extend_recipes(struct plan_draft *draft, const struct sgr_art *art,
                                      const struct sgr_plan_options *options, struct plan **out_old,
                                      const char **out_seed, struct sgr_error *error)
{
    uint64_t count;
    if (options->start_set)
        return error_set(error, SGR_USAGE, "--start and --extend exclude each other: %s has ids",
                         options->extend);
    enum sgr_status status = choose_count(art->collection, options, &count, error);
    if (status == SGR_OK)
        status = plan_open(options->extend, art->collection->root, out_old, error);
    if (status == SGR_OK)
        status = plan_check(*out_old, error);
    if (status != SGR_OK)
        return status;
    if (count <= plan_count(*out_old))
        return error_set(error, SGR_USAGE,
                         "--count %llu: %s has %llu items already; ask for more than that in all",
                         (unsigned long long)count, options->extend,
                         (unsigned long long)plan_count(*out_old));
    if (!options->seed && plan_choices(*out_old)->seed[0])
        *out_seed = plan_choices(*out_old)->seed;
    return plan_draft_extend(draft, art->collection, *out_old, count, *out_seed, error);
}

/* Decides the recipes. *out_old is the caller's, and what the draft extends. */
static enum sgr_status decide(struct plan_draft *draft, const struct sgr_art *art,
                              const struct sgr_plan_options *options, struct plan **out_old,
                              const char **out_seed, struct sgr_error *error)
{
    const struct collection *collection = art->collection;
    if (art->recipes && options->extend)
        return error_set(error, SGR_USAGE, "--recipes and --extend exclude each other");
    if (art->recipes)
        return adopt_recipes(draft, art->recipes, options, error);
    *out_seed = options->seed ? options->seed : collection->seed;
    *out_seed = *out_seed ? *out_seed : "serigraph";
    if (options->extend)
        return extend_recipes(draft, art, options, out_old, out_seed, error);
    return draw_recipes(draft, collection, options, *out_seed, error);
}

/* Tells of old items that today's art would not have made as they are. */
static void tell_breaches(const struct plan_draft *draft, const struct sgr_art *art)
{
    const struct plan_extension *extension = &draft->extension;
    if (extension->mapping.retold && !plan_has_attributes(extension->old))
        log_write(&art->options.log, SGR_LOG_WARNING,
                  "metadata of the items of %s changes: the art tells something else of layer %s "
                  "now (its trait_type, values, attributes or place); their images stay",
                  plan_name(extension->old), extension->mapping.retold);
    if (extension->breaches > 0 && extension->broken_source == RULES_NONE)
        log_write(
            &art->options.log, SGR_LOG_NOTICE,
            "the items of %s do not fit today's groups %llu times (%s); they stay as they are",
            plan_name(extension->old), (unsigned long long)extension->breaches,
            extension->broken_rule);
    else if (extension->breaches > 0)
        log_write(&art->options.log, SGR_LOG_NOTICE,
                  "the items of %s break rules of today %llu times, rule %zu (%s) among them; they "
                  "stay as they are",
                  plan_name(extension->old), (unsigned long long)extension->breaches,
                  extension->broken_source + 1, extension->broken_rule);
}

/* Chooses what decides bytes, or takes it over. */
static enum sgr_status choose(struct choices *choices, const struct plan_draft *draft,
                              const struct sgr_plan *plan, const struct choices_options *how,
                              const struct sgr_log *log, struct sgr_error *error)
{
    if (!draft->extension.old)
        return choices_make(choices, draft, plan->sprites, how, error);
    enum sgr_status status = choices_extend(choices, draft, plan->sprites, how, error);
    if (status == SGR_OK && choices->renewed)
        log_write(log, SGR_LOG_WARNING,
                  "what decides the bytes of %s does not hold for all items (%s) and is chosen "
                  "anew: the image files of its items change, their pixels do not",
                  plan_name(draft->extension.old), choices->renewed);
    return status;
}

/* Decides the recipes, decodes the art, and makes the choices that need both. */
static enum sgr_status make(struct sgr_plan *plan, const struct sgr_art *art,
                            const struct sgr_plan_options *options, struct sgr_error *error)
{
    const struct collection *collection = art->collection;
    struct plan_draft draft = {0};
    struct recipes one = {.collection = NULL};
    struct choices choices = {.edges = NULL};
    struct plan *old = NULL;
    struct choices_options how = {options->png_level, art->options.resample,
                                  options->band_rows, "",
                                  plan->memory_bytes, NULL};
    const struct kernel_table *kernels;
    struct stage_counters stages = {0};
    uint64_t start_ns = machine_now_ns();
    unsigned threads = plan->threads;
    enum sgr_status status = sgr_art_resolve(&threads, &how.memory_bytes, error);
    if (status != SGR_OK)
        return status;
    status = options->recipe ? adopt_recipe(&draft, &one, art, options, error)
                             : decide(&draft, art, options, &old, &how.seed, error);
    (void)stage_end(&stages, SGR_STAGE_PLAN, start_ns, 0);
    plan->planning = stages.stages[SGR_STAGE_PLAN];
    if (status == SGR_OK)
        tell_breaches(&draft, art);
    if (status == SGR_OK && !draft.recipes)
        status = explain(plan, &draft, &(struct explaining){options, how.seed, &art->options.log},
                         error);
    if (status == SGR_OK)
        status = sgr_art_load(collection, &art->options, &plan->sprites, error);
    if (status == SGR_OK)
        status = kernel_choose("auto", &kernels, error);
    if (status == SGR_OK)
        status = compose_cpu_create(plan->sprites, kernels, 1, &how.compose, error);
    if (status == SGR_OK)
        status = choose(&choices, &draft, plan, &how, &art->options.log, error);
    if (status == SGR_OK)
        status = plan_draft_store(&draft, &choices.plan, &plan->plan, error);
    compose_destroy(&how.compose);
    choices_finish(&choices);
    plan_draft_finish(&draft);
    plan_close(&old);
    arena_finish(&one.arena);
    return status;
}

enum sgr_status sgr_plan_create(const struct sgr_art *art, const struct sgr_plan_options *options,
                                struct sgr_plan **out_plan, struct sgr_error *error)
{
    if (!(art && out_plan))
        return api_check(false, "sgr_plan_create", error);
    static const struct sgr_plan_options defaults;
    struct sgr_plan *plan = memory_allocate_zeroed(1, sizeof *plan);
    if (!plan)
        return error_no_memory(error, "the plan");
    plan->threads = art->options.threads;
    plan->memory_bytes = art->options.memory_bytes;
    enum sgr_status status = make(plan, art, options ? options : &defaults, error);
    if (status != SGR_OK) {
        sgr_plan_close(&plan);
        return status;
    }
    *out_plan = plan;
    return SGR_OK;
}

/* Loads the art of an opened plan as its choices say, and holds it against them. */
static enum sgr_status load_planned(struct sgr_plan *plan, const char *path,
                                    struct sgr_error *error)
{
    const struct plan_choices *choices = plan_choices(plan->plan);
    struct sgr_art_options how = {.width = choices->width,
                                  .height = choices->height,
                                  .resample = choices->resample,
                                  .threads = plan->threads,
                                  .memory_bytes = plan->memory_bytes};
    enum sgr_status status = sgr_art_load(plan_collection(plan->plan), &how, &plan->sprites, error);
    return status == SGR_OK ? choices_check(plan->plan, plan->sprites, path, error) : status;
}

/* The folder that a plan's paths count from: the art folder, or where its collection.json lies. */
static char *root_of(const char *path)
{
    char *root = memory_copy_text(path);
    if (!root || !text_ends_with_ignoring_case(root, ".json"))
        return root;
    char *slash = strrchr(root, '/');
    if (slash)
        slash[slash == root] = '\0';
    else
        memcpy(root, ".", 2);
    return root;
}

enum sgr_status sgr_plan_open(const char *path, const struct sgr_art_options *options,
                              struct sgr_plan **out_plan, struct sgr_error *error)
{
    if (!(out_plan))
        return api_check(false, "sgr_plan_open", error);
    if (!path || !options || !options->path)
        return error_set(error, SGR_USAGE, "a plan file and the folder of its art are needed");
    struct sgr_plan *plan = memory_allocate_zeroed(1, sizeof *plan);
    char *root = root_of(options->path);
    enum sgr_status status = plan && root ? SGR_OK : error_no_memory(error, "the plan");
    if (status == SGR_OK) {
        plan->threads = options->threads;
        plan->memory_bytes = options->memory_bytes;
        status = sgr_art_resolve(&plan->threads, &plan->memory_bytes, error);
    }
    if (status == SGR_OK)
        status = plan_open(path, root, &plan->plan, error);
    if (status == SGR_OK)
        status = plan_check(plan->plan, error);
    if (status == SGR_OK)
        status = load_planned(plan, path, error);
    memory_free(root);
    if (status != SGR_OK) {
        sgr_plan_close(&plan);
        return status;
    }
    *out_plan = plan;
    return SGR_OK;
}

enum sgr_status sgr_plan_save(struct sgr_plan *plan, const char *path, struct sgr_error *error)
{
    if (!(plan && path))
        return api_check(false, "sgr_plan_save", error);
    return plan_copy(plan->plan, path, error);
}

uint64_t sgr_plan_count(const struct sgr_plan *plan)
{
    if (!(plan))
        return 0;
    return plan_count(plan->plan);
}

enum sgr_status sgr_plan_id(struct sgr_plan *plan, uint64_t index, uint64_t *out_id,
                            struct sgr_error *error)
{
    if (!(plan && out_id))
        return api_check(false, "sgr_plan_id", error);
    struct plan_item item;
    if (index >= plan_count(plan->plan))
        return error_set(error, SGR_USAGE, "the plan has no item at index %llu",
                         (unsigned long long)index);
    enum sgr_status status = plan_read(plan->plan, index, &item, error);
    if (status == SGR_OK)
        *out_id = item.id;
    return status;
}

void sgr_plan_size(const struct sgr_plan *plan, uint32_t *out_width, uint32_t *out_height)
{
    if (!(plan && out_width && out_height))
        return;
    *out_width = plan_choices(plan->plan)->width;
    *out_height = plan_choices(plan->plan)->height;
}

enum sgr_status sgr_plan_export(struct sgr_plan *plan, enum sgr_format format,
                                const struct sgr_sink *sink, struct sgr_error *error)
{
    if (!(plan && api_is_sink(sink)))
        return api_check(false, "sgr_plan_export", error);
    return export_items(plan->plan, format, sink, error);
}

enum sgr_status sgr_plan_describe(struct sgr_plan *plan, enum sgr_format format,
                                  const struct sgr_sink *sink, struct sgr_error *error)
{
    if (!(plan && api_is_sink(sink)))
        return api_check(false, "sgr_plan_describe", error);
    struct text text = {0};
    summary_plan(plan->plan, plan->explained ? &plan->explanation : NULL, format, &text);
    enum sgr_status status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}
