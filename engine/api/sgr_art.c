/* Opening art: folders, collection.json or recipes. */
#include "api/sgr_art.h"
#include "api/api_check.h"

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "collection/describe.h"
#include "collection/init_document.h"
#include "os/file_stream.h"
#include "os/machine.h"
#include "plan/plan.h"
#include "publish/export.h"

#define MEMORY_DEFAULT UINT64_C(500000000)

/* Code, libraries, SQLite and one worker take about half of it. */
#define MEMORY_MIN UINT64_C(32000000)

enum { THREADS_MAX = 1024 };

enum sgr_status sgr_art_resolve(unsigned *threads, uint64_t *memory_bytes, struct sgr_error *error)
{
    uint64_t available = machine_memory_bytes() / 10 * 8;
    if (*threads == 0)
        *threads = machine_core_count();
    if (*threads > THREADS_MAX)
        *threads = THREADS_MAX;
    if (*memory_bytes == 0)
        *memory_bytes = MEMORY_DEFAULT;
    if (*memory_bytes < MEMORY_MIN)
        return error_set(error, SGR_USAGE, "--memory %llu: at least %llu bytes (32M) are needed",
                         (unsigned long long)*memory_bytes, (unsigned long long)MEMORY_MIN);
    if (*memory_bytes > available)
        *memory_bytes = available;
    return SGR_OK;
}

void sgr_art_close(struct sgr_art **art)
{
    if (!art || !*art)
        return;
    if ((*art)->recipes)
        recipes_destroy(&(*art)->recipes);
    else
        collection_destroy(&(*art)->collection);
    memory_free((*art)->path);
    memory_free(*art);
    *art = NULL;
}

/* Tells what was noticed about the art. */
static void log_notices(const struct sgr_art *art)
{
    for (size_t index = 0; index < art->collection->notice_count; index++) {
        const struct collection_notice *notice = &art->collection->notices[index];
        log_write(&art->options.log, notice->level, "%s", notice->text);
    }
}

static enum sgr_status check_size(const struct sgr_art *art, struct sgr_error *error)
{
    const struct sgr_art_options *options = &art->options;
    if ((options->width == 0) != (options->height == 0) || options->width > IMAGE_SIDE_MAX ||
        options->height > IMAGE_SIDE_MAX)
        return error_set(error, SGR_USAGE, "--size %ux%u: sides go from 1 to %d", options->width,
                         options->height, IMAGE_SIDE_MAX);
    bool other = options->width && (options->width != art->collection->width ||
                                    options->height != art->collection->height);
    if (other && options->resample == SGR_RESAMPLE_NONE && options->plan)
        return error_set(error, SGR_INPUT,
                         "%s: planned for a canvas of %ux%u, but the art is %ux%u now; put the old "
                         "pictures back, or plan anew",
                         options->plan, options->width, options->height, art->collection->width,
                         art->collection->height);
    if (other && options->resample == SGR_RESAMPLE_NONE)
        return error_set(error, SGR_USAGE,
                         "--size %ux%u: the art is %ux%u; add --resample nearest (pixel art), "
                         "bilinear or lanczos to scale it",
                         options->width, options->height, art->collection->width,
                         art->collection->height);
    return SGR_OK;
}

/* Takes canvas and resampling from a plan file. */
static enum sgr_status follow_plan(struct sgr_art *art, struct sgr_error *error)
{
    struct plan *plan = NULL;
    struct sgr_art_options *options = &art->options;
    if (options->width || options->height || options->resample != SGR_RESAMPLE_NONE)
        return error_set(error, SGR_USAGE, "--size and --resample are those of %s; leave them away",
                         options->plan);
    enum sgr_status status = plan_open(options->plan, art->path, &plan, error);
    if (status != SGR_OK)
        return status;
    options->width = plan_choices(plan)->width;
    options->height = plan_choices(plan)->height;
    options->resample = plan_choices(plan)->resample;
    plan_close(&plan);
    return SGR_OK;
}

static enum sgr_status open_art(struct sgr_art *art, struct sgr_error *error)
{
    const struct sgr_art_options *options = &art->options;
    if (options->plan) {
        enum sgr_status followed = follow_plan(art, error);
        if (followed != SGR_OK)
            return followed;
    }
    struct collection_options how = {.path = art->path,
                                     .layers = options->layers,
                                     .grammar = options->grammar,
                                     .fit_sizes = options->resample != SGR_RESAMPLE_NONE};
    enum sgr_status status;
    if (options->recipes) {
        status = recipes_read(options->recipes, &how, &art->recipes, error);
        if (status == SGR_OK)
            art->collection = art->recipes->collection;
    } else {
        status = collection_read(&how, &art->collection, error);
    }
    return status == SGR_OK ? check_size(art, error) : status;
}

enum sgr_status sgr_art_open(const struct sgr_art_options *options, struct sgr_art **out_art,
                             struct sgr_error *error)
{
    if (!(out_art))
        return api_check(false, "sgr_art_open", error);
    if (!options || !options->path)
        return error_set(error, SGR_USAGE, "no art is named; give the folder of layer folders");
    struct sgr_art *art = memory_allocate_zeroed(1, sizeof *art);
    if (!art)
        return error_no_memory(error, "the art");
    art->options = *options;
    art->path = memory_copy_text(options->path);
    enum sgr_status status = art->path ? SGR_OK : error_no_memory(error, "the art");
    if (status == SGR_OK)
        status = sgr_art_resolve(&art->options.threads, &art->options.memory_bytes, error);
    if (status == SGR_OK)
        status = open_art(art, error);
    /* The caller's texts may go away; nothing below reads them again. */
    art->options.path = art->path;
    art->options.layers = NULL;
    art->options.recipes = NULL;
    art->options.plan = NULL;
    if (status != SGR_OK) {
        sgr_art_close(&art);
        return status;
    }
    log_notices(art);
    *out_art = art;
    return SGR_OK;
}

enum sgr_status sgr_art_describe(const struct sgr_art *art, enum sgr_format format,
                                 const struct sgr_sink *sink, struct sgr_error *error)
{
    if (!(art && api_is_sink(sink)))
        return api_check(false, "sgr_art_describe", error);
    struct text text = {0};
    describe_collection(art->collection, format, &text);
    enum sgr_status status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}

const char *sgr_art_folder(const struct sgr_art *art)
{
    return art ? art->collection->root : "";
}

enum sgr_status sgr_art_export_config(const struct sgr_art *art, const struct sgr_sink *sink,
                                      struct sgr_error *error)
{
    if (!(art && api_is_sink(sink)))
        return api_check(false, "sgr_art_export_config", error);
    struct text text = {0};
    enum sgr_status status = init_document_write(art->collection, &text, error);
    if (status == SGR_OK)
        status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}

enum sgr_status sgr_art_write_config(const struct sgr_art *art, const char *path,
                                     struct sgr_error *error)
{
    if (!(art && path))
        return api_check(false, "sgr_art_write_config", error);
    struct text text = {0};
    struct file_info info = {FILE_MISSING, 0};
    struct file_stream stream = {0};
    enum sgr_status status = init_document_write(art->collection, &text, error);
    if (status == SGR_OK)
        status = file_look(path, &info, error);
    if (status == SGR_OK && info.kind != FILE_MISSING)
        status = error_set(error, SGR_OUTPUT,
                           "%s: it is there already and is not replaced; move it away, or give "
                           "another file with --out",
                           path);
    if (status == SGR_OK)
        status = file_stream_open(&stream, path, error);
    if (status == SGR_OK) {
        status = file_stream_write(&stream, text.bytes, text.length, error);
        if (status == SGR_OK)
            status = file_stream_commit(&stream, error);
        file_stream_discard(&stream);
    }
    text_finish(&text);
    return status;
}

uint64_t sgr_art_count(const struct sgr_art *art)
{
    if (!(art))
        return 0;
    return art->recipes ? art->recipes->count : art->collection->count;
}

uint64_t sgr_art_warning_count(const struct sgr_art *art)
{
    if (!(art))
        return 0;
    uint64_t count = 0;
    for (size_t index = 0; index < art->collection->notice_count; index++)
        count += art->collection->notices[index].level == SGR_LOG_WARNING;
    return count;
}

enum sgr_status sgr_art_load(const struct collection *collection,
                             const struct sgr_art_options *options, struct sprite_set **out_sprites,
                             struct sgr_error *error)
{
    struct sprite_options how = {.width = options->width ? options->width : collection->width,
                                 .height = options->height ? options->height : collection->height,
                                 .resample = options->resample,
                                 .threads = options->threads,
                                 .memory_bytes = options->memory_bytes,
                                 .resident_bytes = options->memory_bytes / 2};
    return sprite_set_load(collection, &how, out_sprites, error);
}

enum sgr_status sgr_art_check_pictures(const struct sgr_art *art, struct sgr_error *error)
{
    if (!(art))
        return api_check(false, "sgr_art_check_pictures", error);
    struct sprite_set *sprites = NULL;
    enum sgr_status status = sgr_art_load(art->collection, &art->options, &sprites, error);
    sprite_set_destroy(&sprites);
    return status;
}
