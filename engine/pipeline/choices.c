/* Everything here is a function of plan, art and options; see engine/ARCHITECTURE.md. */
#include "pipeline/choices.h"

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/bands.h"
#include "pipeline/visibility.h"

#include <string.h>

void choices_finish(struct choices *choices)
{
    memory_free(choices->edges);
    memory_free(choices->digests);
    *choices = (struct choices){0};
}

/* Whether every item is opaque; `layers` is the order that drawn recipes have. */
static enum sgr_status all_opaque(const struct plan_draft *draft, const struct sprite_set *sprites,
                                  struct visibility *visibility, bool *out_opaque,
                                  struct sgr_error *error)
{
    size_t layer_count = draft->collection->layer_count;
    uint16_t *layers = memory_allocate(layer_count + 1, sizeof *layers);
    if (!layers)
        return error_no_memory(error, "the plan");
    for (size_t layer = 0; layer < layer_count; layer++)
        layers[layer] = (uint16_t)layer;
    struct stack stack = {0};
    enum sgr_status status = SGR_OK;
    *out_opaque = true;
    for (uint64_t item = 0; item < draft->count && *out_opaque && status == SGR_OK; item++) {
        struct plan_order order = {layers, layer_count};
        if (draft->recipes) {
            const struct recipes_order *given =
                &draft->recipes->orders[draft->recipes->order_ids[item]];
            order = (struct plan_order){given->layers, given->layer_count};
        }
        status = stack_fill(&stack, sprites, plan_draft_traits(draft, item), &order, error);
        if (status == SGR_OK)
            status = visibility_is_opaque(visibility, &stack, out_opaque, error);
    }
    stack_finish(&stack);
    memory_free(layers);
    return status;
}

static enum sgr_status choose_color(struct choices *choices, const struct plan_draft *draft,
                                    const struct sprite_set *sprites,
                                    const struct choices_options *options, struct sgr_error *error)
{
    struct visibility *visibility = NULL;
    bool opaque = false;
    enum sgr_status status =
        visibility_create(sprites, choices->edges, choices->plan.band_count,
                          options->memory_bytes / VISIBILITY_SHARE, &visibility, error);
    if (status == SGR_OK)
        status = all_opaque(draft, sprites, visibility, &opaque, error);
    visibility_destroy(&visibility);
    choices->plan.color = opaque ? PNG_COLOR_RGB : PNG_COLOR_RGBA;
    return status;
}

static const struct hash128 *part_digest(const struct sprite_set *sprites, size_t part)
{
    return &sprites->sprites[sprites->parts[part].sprite].digest;
}

static enum sgr_status list_digests(struct choices *choices, const struct sprite_set *sprites,
                                    struct sgr_error *error)
{
    choices->digests = memory_allocate(sprites->part_count + 1, sizeof *choices->digests);
    if (!choices->digests)
        return error_no_memory(error, "the plan");
    for (size_t part = 0; part < sprites->part_count; part++)
        choices->digests[part] = *part_digest(sprites, part);
    choices->plan.part_digests = choices->digests;
    choices->plan.part_count = sprites->part_count;
    return SGR_OK;
}

enum sgr_status choices_make(struct choices *choices, const struct plan_draft *draft,
                             const struct sprite_set *sprites,
                             const struct choices_options *options, struct sgr_error *error)
{
    *choices = (struct choices){.plan = {.width = sprites->width,
                                         .height = sprites->height,
                                         .resample = options->resample,
                                         .png_level = options->png_level,
                                         .encoder = png_strip_encoder_name(options->png_level),
                                         .seed = options->seed}};
    enum sgr_status status = bands_choose(sprites->width, sprites->height, options->band_rows,
                                          &choices->edges, &choices->plan.band_count, error);
    choices->plan.band_edges = choices->edges;
    if (status == SGR_OK)
        status = list_digests(choices, sprites, error);
    if (status == SGR_OK)
        status = choose_color(choices, draft, sprites, options, error);
    return status;
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

enum sgr_status choices_check(const struct plan *plan, const struct sprite_set *sprites,
                              const char *name, struct sgr_error *error)
{
    const struct plan_choices *choices = plan_choices(plan);
    const char *encoder = png_strip_encoder_name(choices->png_level);
    if (strcmp(encoder, choices->encoder) != 0)
        return error_set(error, SGR_INPUT,
                         "%s: planned for the encoder %s, this program has %s; use that version, "
                         "or make the plan again",
                         name, choices->encoder, encoder);
    if (choices->part_count != sprites->part_count)
        return error_set(error, SGR_INPUT, "%s: the plan is damaged; make it again", name);
    for (size_t part = 0; part < choices->part_count; part++) {
        if (!hash_equal(*part_digest(sprites, part), choices->part_digests[part]))
            return error_set(error, SGR_INPUT,
                             "%s: %s looks different from when the plan was made; put the old "
                             "picture back, or make a new plan",
                             name, part_path(plan_collection(plan), part));
    }
    return SGR_OK;
}
