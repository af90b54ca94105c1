/*
 * Making plans: recipes are drawn, pictures decoded, and then the choices that decide bytes are
 * made from both.
 */
#include "api/sgr_plan.h"

#include "api/sgr_art.h"
#include "base/error.h"
#include "base/memory.h"
#include "pipeline/bands.h"
#include "pipeline/stack.h"
#include "plan/plan_draft.h"
#include "publish/export.h"
#include "publish/summary.h"

#include <string.h>

/* A plan under construction; ends with finish_making. */
struct making {
    const struct sgr_art *art;
    const struct sgr_plan_options *options;
    struct plan_draft draft;
    struct plan_choices choices;
    uint32_t *edges;
    struct hash128 *digests;
    struct bands_table bands;
};

static void finish_making(struct making *making)
{
    plan_draft_finish(&making->draft);
    bands_table_finish(&making->bands);
    memory_free(making->edges);
    memory_free(making->digests);
}

void sgr_plan_close(struct sgr_plan **plan)
{
    if (!*plan)
        return;
    plan_close(&(*plan)->plan);
    sprite_set_destroy(&(*plan)->sprites);
    tally_finish(&(*plan)->made);
    memory_free(*plan);
    *plan = NULL;
}

static enum sgr_status adopt_recipes(struct making *making, struct sgr_error *error)
{
    const struct recipes *recipes = making->art->recipes;
    if (making->options->seed || making->options->start_set)
        return error_set(
            error, SGR_USAGE,
            "--seed and --start do not go with --recipes, which have their own ids and "
            "leave nothing to chance");
    uint64_t wanted = making->options->count;
    if (wanted > recipes->count)
        return error_set(error, SGR_USAGE,
                         "--count %llu: the recipes file has only %llu; leave --count away",
                         (unsigned long long)wanted, (unsigned long long)recipes->count);
    enum sgr_status status = plan_draft_adopt(&making->draft, recipes, wanted, error);
    making->choices.seed = "";
    return status;
}

static enum sgr_status draw_recipes(struct making *making, struct sgr_error *error)
{
    const struct sgr_plan_options *options = making->options;
    const struct collection *collection = making->art->collection;
    uint64_t count = options->count ? options->count : collection->count;
    if (count == 0)
        return error_set(error, SGR_USAGE,
                         "how many items? give --count N (-n N), or \"count\" in collection.json");
    if (count > COLLECTION_COUNT_MAX)
        return error_set(error, SGR_USAGE, "--count %llu: at most %llu items",
                         (unsigned long long)count, (unsigned long long)COLLECTION_COUNT_MAX);
    making->draft.start = options->start_set      ? options->start
                          : collection->start_set ? collection->start
                                                  : 1;
    if (making->draft.start > INT64_MAX - COLLECTION_COUNT_MAX)
        return error_set(error, SGR_USAGE, "--start %llu is too large",
                         (unsigned long long)making->draft.start);
    const char *seed = options->seed ? options->seed : collection->seed;
    making->choices.seed = seed ? seed : "serigraph";
    return plan_draft_draw(&making->draft, collection, count, making->choices.seed, error);
}

static enum sgr_status load_sprites(struct sgr_plan *plan, const struct collection *collection,
                                    const struct plan_choices *choices, struct sgr_error *error)
{
    struct sprite_options how = {.width = choices->width,
                                 .height = choices->height,
                                 .resample = choices->resample,
                                 .threads = plan->threads,
                                 .memory_bytes = plan->memory_bytes,
                                 .resident_bytes = plan->memory_bytes / 2};
    return sprite_set_load(collection, &how, &plan->sprites, error);
}

/* RGB when every item is opaque, RGBA otherwise. */
static enum sgr_status choose_color(struct making *making, const struct sprite_set *sprites,
                                    struct sgr_error *error)
{
    const struct plan_draft *draft = &making->draft;
    size_t layer_count = draft->collection->layer_count;
    uint16_t *layers = memory_allocate(layer_count + 1, sizeof *layers);
    if (!layers)
        return error_no_memory(error, "the plan");
    for (size_t layer = 0; layer < layer_count; layer++)
        layers[layer] = (uint16_t)layer;
    struct stack stack = {0};
    enum sgr_status status = SGR_OK;
    making->choices.color = PNG_COLOR_RGB;
    for (uint64_t item = 0; item < draft->count && making->choices.color == PNG_COLOR_RGB; item++) {
        struct plan_order order = {layers, layer_count};
        if (draft->recipes) {
            const struct recipes_order *given =
                &draft->recipes->orders[draft->recipes->order_ids[item]];
            order = (struct plan_order){given->layers, given->layer_count};
        }
        status = stack_fill(&stack, sprites, plan_draft_traits(draft, item), &order, error);
        if (status != SGR_OK)
            break;
        if (!stack_is_opaque(&stack, &making->bands))
            making->choices.color = PNG_COLOR_RGBA;
    }
    stack_finish(&stack);
    memory_free(layers);
    return status;
}

static enum sgr_status list_digests(struct making *making, const struct sprite_set *sprites,
                                    struct sgr_error *error)
{
    making->digests = memory_allocate(sprites->part_count + 1, sizeof *making->digests);
    if (!making->digests)
        return error_no_memory(error, "the plan");
    for (size_t part = 0; part < sprites->part_count; part++)
        making->digests[part] = sprites->sprites[sprites->parts[part].sprite].digest;
    making->choices.part_digests = making->digests;
    making->choices.part_count = sprites->part_count;
    return SGR_OK;
}

/* Makes every choice that decides bytes, from the draft, the art and the options alone. */
static enum sgr_status choose(struct making *making, struct sgr_plan *plan, struct sgr_error *error)
{
    const struct collection *collection = making->art->collection;
    const struct sgr_art_options *options = &making->art->options;
    struct plan_choices *choices = &making->choices;
    choices->width = options->width ? options->width : collection->width;
    choices->height = options->height ? options->height : collection->height;
    choices->resample = options->resample;
    choices->png_level = making->options->png_level;
    choices->encoder = png_strip_encoder_name(choices->png_level);
    enum sgr_status status = load_sprites(plan, collection, choices, error);
    if (status == SGR_OK)
        status = bands_choose(choices->width, choices->height, making->options->band_rows,
                              &making->edges, &choices->band_count, error);
    choices->band_edges = making->edges;
    if (status == SGR_OK)
        status = bands_table_init(&making->bands, plan->sprites, making->edges, choices->band_count,
                                  error);
    if (status == SGR_OK)
        status = list_digests(making, plan->sprites, error);
    if (status == SGR_OK)
        status = choose_color(making, plan->sprites, error);
    return status;
}

enum sgr_status sgr_plan_create(const struct sgr_art *art, const struct sgr_plan_options *options,
                                struct sgr_plan **out_plan, struct sgr_error *error)
{
    static const struct sgr_plan_options defaults;
    struct making making = {.art = art, .options = options ? options : &defaults};
    struct sgr_plan *plan = memory_allocate_zeroed(1, sizeof *plan);
    if (!plan)
        return error_no_memory(error, "the plan");
    plan->threads = art->options.threads;
    plan->memory_bytes = art->options.memory_bytes;
    enum sgr_status status =
        art->recipes ? adopt_recipes(&making, error) : draw_recipes(&making, error);
    if (status == SGR_OK)
        status = choose(&making, plan, error);
    if (status == SGR_OK)
        status = plan_draft_store(&making.draft, &making.choices, &plan->plan, error);
    finish_making(&making);
    if (status != SGR_OK) {
        sgr_plan_close(&plan);
        return status;
    }
    *out_plan = plan;
    return SGR_OK;
}

/* The path of the picture behind part `wanted`, counted through all layers. */
static const char *part_path(const struct collection *collection, size_t wanted)
{
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            const struct collection_trait *choice = &collection->layers[layer].traits[trait];
            if (wanted < choice->part_count)
                return collection->pictures[choice->parts[wanted].picture].path;
            wanted -= choice->part_count;
        }
    }
    return "";
}

/* Refuses art and encoders that would give other bytes than the plan promises. */
static enum sgr_status check_art(const struct sgr_plan *plan, const char *path,
                                 struct sgr_error *error)
{
    const struct plan_choices *choices = plan_choices(plan->plan);
    const char *encoder = png_strip_encoder_name(choices->png_level);
    if (strcmp(encoder, choices->encoder) != 0)
        return error_set(error, SGR_INPUT,
                         "%s: planned for the encoder %s, this program has %s; use that version, "
                         "or make the plan again",
                         path, choices->encoder, encoder);
    if (choices->part_count != plan->sprites->part_count)
        return error_set(error, SGR_INPUT, "%s: the plan is damaged; make it again", path);
    for (size_t part = 0; part < choices->part_count; part++) {
        const struct sprite *sprite = &plan->sprites->sprites[plan->sprites->parts[part].sprite];
        if (!hash_equal(sprite->digest, choices->part_digests[part]))
            return error_set(error, SGR_INPUT,
                             "%s: %s looks different from when the plan was made; put the old "
                             "picture back, or make a new plan",
                             path, part_path(plan_collection(plan->plan), part));
    }
    return SGR_OK;
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
        status = load_sprites(plan, plan_collection(plan->plan), plan_choices(plan->plan), error);
    if (status == SGR_OK)
        status = check_art(plan, path, error);
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
    return plan_copy(plan->plan, path, error);
}

uint64_t sgr_plan_count(const struct sgr_plan *plan)
{
    return plan_count(plan->plan);
}

enum sgr_status sgr_plan_id(struct sgr_plan *plan, uint64_t index, uint64_t *out_id,
                            struct sgr_error *error)
{
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
    *out_width = plan_choices(plan->plan)->width;
    *out_height = plan_choices(plan->plan)->height;
}

enum sgr_status sgr_plan_export(struct sgr_plan *plan, enum sgr_format format,
                                const struct sgr_sink *sink, struct sgr_error *error)
{
    return export_items(plan->plan, format, sink, error);
}

enum sgr_status sgr_plan_describe(struct sgr_plan *plan, enum sgr_format format,
                                  const struct sgr_sink *sink, struct sgr_error *error)
{
    struct text text = {0};
    summary_plan(plan->plan, format, &text);
    enum sgr_status status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}
