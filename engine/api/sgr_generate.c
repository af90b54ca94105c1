/*
 * The main job: takes the folder, makes sure that it belongs to this plan, renders what is
 * missing, and writes what belongs to the whole collection.
 */
#include "api/sgr_generate.h"
#include "api/api_check.h"
#include "api/backend.h"
#include "api/sgr_art.h"
#include "api/sgr_plan.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "compose/cpu/compose_cpu.h"
#include "os/machine.h"
#include "pipeline/render.h"
#include "pipeline/strip_maker.h"
#include "publish/export.h"
#include "publish/metadata.h"
#include "publish/metadata_join.h"
#include "publish/stage_table.h"
#include "publish/summary.h"
#include "store/document.h"

#include <serigraph/serigraph.h>
#include <stdio.h>
#include <string.h>

/* What code, libraries, stacks, queues and SQLite take beside the parts that are counted. */
#define MEMORY_BASE UINT64_C(48000000)

/* Below this a cache is of no use, so it is the least even under a tight promise. */
#define FRAGMENTS_MIN UINT64_C(8000000)

/* Where images are, as seen from the joined metadata. */
#define JOINED_PREFIX "../images/"

enum { PLAN_TEXT_BYTES = 33 };

/* A run being set up; ends with finish. */
struct job {
    struct sgr_plan *plan;
    const struct sgr_generate_options *options;
    const struct generate_part *part; /* NULL: what the options say */
    struct metadata_options metadata;
    unsigned threads;
    uint64_t memory_bytes;
    struct selection selection;
    const struct kernel_table *kernels;
    struct compose *compose;
    struct visibility *visibility;
    struct backend backend;
    struct item_store *store;
};

static void finish(struct job *job)
{
    selection_finish(&job->selection);
    backend_close(&job->backend);
    compose_destroy(&job->compose);
    visibility_destroy(&job->visibility);
    item_store_close(&job->store);
}

static void plan_text(const struct plan *plan, char text[PLAN_TEXT_BYTES])
{
    struct hash128 digest = plan_digest(plan);
    snprintf(text, PLAN_TEXT_BYTES, "%016llx%016llx", (unsigned long long)digest.high,
             (unsigned long long)digest.low);
}

static enum sgr_status choose_backend(struct job *job, struct sgr_error *error)
{
    const struct sgr_generate_options *options = job->options;
    const struct plan_choices *choices = plan_choices(job->plan->plan);
    const struct backend_request request = {.name = options->backend,
                                            .device = options->device,
                                            .device_bytes = options->device_bytes,
                                            .sprites = job->plan->sprites,
                                            .rows_max = strip_maker_rows_max(choices),
                                            .pixels = job->selection.count * choices->width *
                                                      choices->height,
                                            .plan = job->plan->plan,
                                            .visibility = job->visibility,
                                            .compose = job->compose,
                                            .kernels = job->kernels,
                                            .threads = job->threads,
                                            .log = options->log};
    return backend_open(&job->backend, &request, error);
}

/* Everything that can be refused without touching the output folder. */
static enum sgr_status prepare(struct job *job, struct sgr_error *error)
{
    const struct sgr_generate_options *options = job->options;
    struct plan *plan = job->plan->plan;
    if (!options->out || !*options->out)
        return error_set(error, SGR_USAGE, "no output folder is named; give --out DIR, or null:");
    if (options->ids && options->sample)
        return error_set(error, SGR_USAGE, "--sample and --ids exclude each other; give one");
    job->threads = options->threads ? options->threads : job->plan->threads;
    job->memory_bytes = options->memory_bytes ? options->memory_bytes : job->plan->memory_bytes;
    enum sgr_status status = sgr_art_resolve(&job->threads, &job->memory_bytes, error);
    if (status != SGR_OK)
        return status;
    job->metadata.plan = plan;
    job->metadata.fanout = options->fanout;
    /* Relative to the metadata's own file, which may be one folder deeper. */
    job->metadata.image_prefix = options->fanout ? "../" JOINED_PREFIX : JOINED_PREFIX;
    if (options->image_prefix)
        job->metadata.image_prefix = options->image_prefix;
    if (job->part)
        status = selection_first(&job->selection, plan, job->part->first, error);
    else if (options->ids)
        status = selection_ids(&job->selection, plan, options->ids, error);
    else if (options->sample)
        status = selection_sample(&job->selection, plan, options->sample, error);
    else
        status = selection_all(&job->selection, plan, error);
    if (status == SGR_OK)
        status = kernel_choose(options->kernel, &job->kernels, error);
    if (status == SGR_OK)
        status = compose_cpu_create(job->plan->sprites, job->kernels, job->threads, &job->compose,
                                    error);
    const struct plan_choices *choices = plan_choices(plan);
    if (status == SGR_OK)
        status = visibility_create(job->plan->sprites, choices->band_edges, choices->band_count,
                                   job->memory_bytes / VISIBILITY_SHARE, &job->visibility, error);
    return status == SGR_OK ? choose_backend(job, error) : status;
}

/* Writes the rows that tell what the plan is about. */
static enum sgr_status add_plan_rows(const struct job *job, struct manifest *manifest,
                                     struct sgr_error *error)
{
    const struct plan *plan = job->plan->plan;
    const struct collection *collection = plan_collection(plan);
    char digest[PLAN_TEXT_BYTES];
    char count[24];
    plan_text(plan, digest);
    snprintf(count, sizeof count, "%llu", (unsigned long long)plan_count(plan));
    const char *rows[][2] = {{"collection", collection->name},
                             {"items", count},
                             {"encoder", plan_choices(plan)->encoder},
                             {"image_prefix", job->metadata.image_prefix},
                             {"version", sgr_version()},
                             {"plan", digest}};
    enum sgr_status status = SGR_OK;
    if (job->options->fanout)
        status = manifest_set_fanout(manifest, job->options->fanout, error);
    for (size_t row = 0; row < sizeof rows / sizeof *rows && status == SGR_OK; row++)
        status = manifest_set(manifest, rows[row][0], rows[row][1], error);
    for (size_t layer = 0; layer < collection->layer_count && status == SGR_OK; layer++) {
        const struct collection_layer *choices = &collection->layers[layer];
        status = manifest_add_layer(manifest, (uint32_t)layer, choices->name, choices->trait_type,
                                    error);
        for (size_t trait = 0; trait < choices->trait_count && status == SGR_OK; trait++) {
            struct manifest_trait row = {(uint32_t)layer,
                                         (uint32_t)trait,
                                         choices->traits[trait].name,
                                         choices->traits[trait].value,
                                         plan_asked(plan, layer, trait),
                                         plan_planned(plan, layer, trait)};
            status = manifest_add_trait(manifest, &row, error);
        }
    }
    return status;
}

/* Writes the plan file and its row, unless the file is there already. */
static enum sgr_status keep_plan_file(const struct job *job, struct manifest *manifest,
                                      bool replace, struct sgr_error *error)
{
    const char *folder = item_store_folder(job->store);
    struct text path = {0};
    struct file_info info = {FILE_MISSING, 0};
    text_format(&path, "%s/plan.sgp", folder);
    enum sgr_status status =
        path.failed ? error_no_memory(error, "a path") : file_look(path.bytes, &info, error);
    bool write = replace || info.kind == FILE_MISSING;
    if (status == SGR_OK && write)
        status = plan_copy(job->plan->plan, path.bytes, error);
    text_finish(&path);
    return status == SGR_OK && write ? document_add(manifest, folder, "plan.sgp", error) : status;
}

/* Makes a new folder this plan's: the plan file first, the row that vouches for it last. */
static enum sgr_status claim(const struct job *job, struct manifest *manifest,
                             struct sgr_error *error)
{
    enum sgr_status status = keep_plan_file(job, manifest, true, error);
    if (status == SGR_OK)
        status = manifest_begin(manifest, error);
    if (status != SGR_OK)
        return status;
    status = add_plan_rows(job, manifest, error);
    if (status == SGR_OK)
        status = manifest_commit(manifest, error);
    if (status != SGR_OK)
        manifest_rollback(manifest);
    return status;
}

/* Compares a value that the folder was begun with; an absent one differs. */
static enum sgr_status same_value(struct manifest *manifest, const char *key, const char *value,
                                  bool *out_same, struct sgr_error *error)
{
    struct text stored = {0};
    bool found = false;
    enum sgr_status status = manifest_get(manifest, key, &stored, &found, error);
    *out_same = found && strcmp(stored.bytes ? stored.bytes : "", value) == 0;
    text_finish(&stored);
    return status;
}

/* Refuses to go on where files lie elsewhere than this run would put them. */
static enum sgr_status check_fanout(const struct job *job, const struct manifest *manifest,
                                    struct sgr_error *error)
{
    uint64_t fanout = manifest_fanout(manifest);
    if (fanout == job->options->fanout)
        return SGR_OK;
    const char *folder = item_store_folder(job->store);
    if (fanout == 0)
        return error_set(error, SGR_USAGE,
                         "%s: its files were begun without --fanout; leave it out, or add --fresh "
                         "to begin anew",
                         folder);
    return error_set(error, SGR_USAGE,
                     "%s: its files were begun with --fanout %llu; give the same, or add --fresh "
                     "to begin anew",
                     folder, (unsigned long long)fanout);
}

/* Goes on with a folder of this plan, begins a new one, refuses any other. */
static enum sgr_status take_folder(const struct job *job, struct sgr_error *error)
{
    struct manifest *manifest = item_store_manifest(job->store);
    const char *folder = item_store_folder(job->store);
    struct text stored = {0};
    char digest[PLAN_TEXT_BYTES];
    bool found = false;
    bool same = false;
    plan_text(job->plan->plan, digest);
    enum sgr_status status = manifest_get(manifest, "plan", &stored, &found, error);
    text_finish(&stored);
    if (status != SGR_OK)
        return status;
    if (!found)
        return claim(job, manifest, error);
    status = same_value(manifest, "plan", digest, &same, error);
    if (status == SGR_OK && !same)
        return error_set(error, SGR_USAGE,
                         "%s: holds items of another plan (other art, count, seed or options); "
                         "choose another --out, or add --fresh to remove what was made there",
                         folder);
    if (status == SGR_OK)
        status = check_fanout(job, manifest, error);
    if (status == SGR_OK)
        status = same_value(manifest, "image_prefix", job->metadata.image_prefix, &same, error);
    if (status == SGR_OK && !same)
        return error_set(error, SGR_USAGE,
                         "%s: its metadata was begun with another --image-prefix; use the same, "
                         "or add --fresh to begin anew",
                         folder);
    return status == SGR_OK ? keep_plan_file(job, manifest, false, error) : status;
}

static enum sgr_status open_store(struct job *job, struct sgr_error *error)
{
    bool keep = strcmp(job->options->out, "null:") != 0;
    enum sgr_status status = item_store_open(keep ? job->options->out : NULL, &job->store, error);
    if (status != SGR_OK || !keep)
        return status;
    if (job->options->fresh)
        status = item_store_clear(job->store, error);
    return status == SGR_OK ? take_folder(job, error) : status;
}

/* What is left of the promise for encoded strips. */
static uint64_t fragment_bytes(const struct job *job)
{
    const struct plan *plan = job->plan->plan;
    const struct sprite_set *sprites = job->plan->sprites;
    uint64_t bands = plan_choices(plan)->band_count;
    uint64_t taken =
        MEMORY_BASE + sprites->resident_bytes + sprites->table_bytes + plan_count(plan) / 8 * 2 +
        bands * 128 * (uint64_t)job->threads + visibility_memory(job->visibility) +
        job->threads * strip_maker_memory(plan_choices(plan)) + backend_memory(&job->backend) +
        (item_store_folder(job->store) ? RENDER_WRITERS * FILE_WRITER_BYTES : 0);
    /* Freed fragments leave holes that the heap cannot always use again: an eighth is for them. */
    if (job->memory_bytes >= taken + FRAGMENTS_MIN)
        return (job->memory_bytes - taken) / 8 * 7;
    log_write(
        &job->options->log, SGR_LOG_WARNING,
        "--memory %lluM is less than this art and %u threads need, about %lluM; the peak will "
        "be above it",
        (unsigned long long)(job->memory_bytes / 1000000), job->threads,
        (unsigned long long)((taken + FRAGMENTS_MIN) / 1000000 + 1));
    return FRAGMENTS_MIN;
}

static void describe_item(void *context, const struct plan_item *item, struct text *out)
{
    const struct metadata_options *options = context;
    metadata_add_item(options, item, out);
    text_add(out, "\n");
}

static enum sgr_status render(struct job *job, struct sgr_generate_result *result,
                              struct sgr_error *error)
{
    struct render_options how = {.plan = job->plan->plan,
                                 .sprites = job->plan->sprites,
                                 .visibility = job->visibility,
                                 .compose = job->compose,
                                 .composers = job->backend.composers,
                                 .composer_count = job->backend.composer_count,
                                 .kernels = job->kernels,
                                 .choices = job->part ? job->part->choices : NULL,
                                 .store = job->store,
                                 .selection = &job->selection,
                                 .threads = job->threads,
                                 .fragment_bytes = fragment_bytes(job),
                                 .reuse = !job->options->no_reuse,
                                 .cancel = job->options->cancel,
                                 .describe = describe_item,
                                 .describe_context = &job->metadata,
                                 .log = job->options->log,
                                 .progress = job->options->progress,
                                 .progress_context = job->options->progress_context};
    if (job->plan->sprites->scratch.descriptor >= 0)
        log_write(&job->options->log, SGR_LOG_NOTICE,
                  "the art does not fit --memory whole: part of it is read from a scratch file");
    return render_run(&how, result, error);
}

/* Counts the traits of a run that kept nothing: all that was selected was made. */
static enum sgr_status tally_selection(const struct job *job, struct sgr_error *error)
{
    struct plan *plan = job->plan->plan;
    enum sgr_status status = SGR_OK;
    for (uint64_t index = 0; index < plan_count(plan) && status == SGR_OK; index++) {
        struct plan_item item;
        if (!selection_has(&job->selection, index))
            continue;
        status = plan_read(plan, index, &item, error);
        if (status == SGR_OK)
            tally_add(&job->plan->made, plan, &item);
    }
    return status;
}

/* Joins the metadata of everything that is done, and counts it. */
static enum sgr_status publish(struct job *job, struct sgr_generate_result *result,
                               struct sgr_error *error)
{
    struct manifest *manifest = item_store_manifest(job->store);
    uint64_t count = plan_count(job->plan->plan);
    uint64_t done = result->progress.items_done;
    enum sgr_status status = tally_begin(&job->plan->made, job->plan->plan, error);
    if (status == SGR_OK && !manifest)
        status = tally_selection(job, error);
    if (status == SGR_OK && manifest)
        status = manifest_count(manifest, &done, &result->items_failed, error);
    struct metadata_options joined = job->metadata;
    if (!job->options->image_prefix)
        joined.image_prefix = JOINED_PREFIX;
    if (status == SGR_OK && manifest)
        status = metadata_join(&joined, manifest, item_store_folder(job->store), &job->plan->made,
                               error);
    result->complete = status == SGR_OK && done == count;
    return status;
}

enum sgr_status sgr_generate_part(struct sgr_plan *plan, const struct sgr_generate_options *options,
                                  const struct generate_part *part,
                                  struct sgr_generate_result *out_result, struct sgr_error *error)
{
    struct job job = {.plan = plan, .options = options, .part = part};
    tally_finish(&plan->made);
    *out_result = (struct sgr_generate_result){.sprite_bytes = plan->sprites->resident_bytes};
    out_result->stages[SGR_STAGE_READ] = plan->sprites->reading;
    out_result->stages[SGR_STAGE_PLAN] = plan->planning;
    enum sgr_status status = prepare(&job, error);
    if (status == SGR_OK)
        status = open_store(&job, error);
    if (status == SGR_OK)
        status = render(&job, out_result, error);
    /* Items that were given up do not keep the others from being published. */
    if (status == SGR_OK || status == SGR_PARTIAL) {
        struct sgr_error reason = {SGR_OK, ""};
        enum sgr_status published = publish(&job, out_result, &reason);
        if (published != SGR_OK && error)
            *error = reason;
        status = published == SGR_OK ? status : published;
    }
    finish(&job);
    out_result->peak_memory_bytes = machine_peak_memory_bytes();
    return status;
}

enum sgr_status sgr_generate(struct sgr_plan *plan, const struct sgr_generate_options *options,
                             struct sgr_generate_result *out_result, struct sgr_error *error)
{
    if (!plan || !options || !out_result)
        return error_set(error, SGR_USAGE, "a plan, options and room for the result are needed");
    return sgr_generate_part(plan, options, NULL, out_result, error);
}

enum sgr_status sgr_generate_describe(struct sgr_plan *plan,
                                      const struct sgr_generate_result *result,
                                      enum sgr_format format, const struct sgr_sink *sink,
                                      struct sgr_error *error)
{
    if (!(plan && result && api_is_sink(sink)))
        return api_check(false, "sgr_generate_describe", error);
    struct text text = {0};
    summary_run(plan->plan, result, &plan->made, format, &text);
    enum sgr_status status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}

enum sgr_status sgr_generate_describe_stages(const struct sgr_generate_result *result,
                                             const struct sgr_sink *sink, struct sgr_error *error)
{
    if (!(result && api_is_sink(sink)))
        return api_check(false, "sgr_generate_describe_stages", error);
    struct text text = {0};
    stage_table_text(result, &text);
    enum sgr_status status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}
