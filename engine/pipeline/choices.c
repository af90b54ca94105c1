/* Everything here is a function of plan, art and options; see engine/ARCHITECTURE.md. */
#include "pipeline/choices.h"

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/band_choice.h"
#include "pipeline/bands.h"
#include "pipeline/color_choice.h"
#include "pipeline/visibility.h"

#include <string.h>

void choices_finish(struct choices *choices)
{
    memory_free(choices->edges);
    memory_free(choices->digests);
    *choices = (struct choices){0};
}

static const struct hash128 *part_digest(const struct sprite_set *sprites, size_t part)
{
    return &sprites->sprites[sprites->parts[part].sprite].digest;
}

const char *choices_encoder(const struct plan_choices *choices)
{
    size_t row_bytes = png_row_bytes(choices->color, choices->palette.count, choices->width);
    return png_strip_encoder_name(choices->png_level, choices->color, row_bytes);
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

/* Chooses the colour type; the one that stands there already is kept when it holds. */
static enum sgr_status choose_color(struct choices *choices, const struct plan_draft *draft,
                                    const struct sprite_set *sprites,
                                    const struct choices_options *options, struct sgr_error *error)
{
    struct color_source source = {draft, sprites, NULL, options->compose};
    bool choose = !draft->extension.old;
    enum sgr_status status =
        visibility_create(sprites, choices->edges, choices->plan.band_count,
                          options->memory_bytes / VISIBILITY_SHARE, &source.visibility, error);
    if (status == SGR_OK && !choose) {
        status = color_choice_check(&choices->plan, &source, &choices->renewed, error);
        choose = choices->renewed;
    }
    if (status == SGR_OK && choose) {
        choices->plan.palette = (struct png_palette){NULL, 0};
        status = color_choice_make(&choices->plan, &source, choices->palette, error);
    }
    visibility_destroy(&source.visibility);
    return status;
}

enum sgr_status choices_make(struct choices *choices, const struct plan_draft *draft,
                             const struct sprite_set *sprites,
                             const struct choices_options *options, struct sgr_error *error)
{
    *choices = (struct choices){.plan = {.width = sprites->width,
                                         .height = sprites->height,
                                         .resample = options->resample,
                                         .png_level = options->png_level,
                                         .seed = options->seed}};
    size_t *band_count = &choices->plan.band_count;
    enum sgr_status status =
        options->band_rows ? bands_choose(sprites->width, sprites->height, options->band_rows,
                                          &choices->edges, band_count, error)
                           : band_choice_make(draft, sprites, &choices->edges, band_count, error);
    choices->plan.band_edges = choices->edges;
    if (status == SGR_OK)
        status = list_digests(choices, sprites, error);
    if (status == SGR_OK)
        status = choose_color(choices, draft, sprites, options, error);
    choices->plan.encoder = choices_encoder(&choices->plan);
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

/* Holds the pictures of an old trait, the first of which was `part`, against what is there now. */
static enum sgr_status check_old_trait(const struct plan_extension *extension,
                                       const struct sprite_set *sprites, size_t layer, size_t trait,
                                       size_t part, struct sgr_error *error)
{
    const struct collection *before = plan_collection(extension->old);
    const struct collection_trait *choice = &before->layers[layer].traits[trait];
    const struct plan_choices *were = plan_choices(extension->old);
    uint32_t now = extension->mapping.traits[plan_trait_base(extension->old, layer) + trait];
    uint32_t count;
    if (now == PLAN_MAPPING_NONE || choice->none)
        return SGR_OK;
    uint32_t first = sprite_set_trait(sprites, extension->mapping.layers[layer], now, &count);
    for (size_t index = 0; index < choice->part_count; index++) {
        if (index < count && part + index < were->part_count &&
            hash_equal(*part_digest(sprites, first + index), were->part_digests[part + index]))
            continue;
        return error_set(error, SGR_INPUT,
                         "%s/%s: %s looks different from when %s was made; put the old picture "
                         "back, or plan anew without --extend",
                         before->layers[layer].name, choice->name,
                         before->pictures[choice->parts[index].picture].path,
                         plan_name(extension->old));
    }
    return SGR_OK;
}

static enum sgr_status check_old_parts(const struct plan_extension *extension,
                                       const struct sprite_set *sprites, struct sgr_error *error)
{
    const struct collection *before = plan_collection(extension->old);
    enum sgr_status status = SGR_OK;
    size_t part = 0;
    for (size_t layer = 0; layer < before->layer_count; layer++) {
        for (size_t trait = 0; trait < before->layers[layer].trait_count; trait++) {
            if (status == SGR_OK)
                status = check_old_trait(extension, sprites, layer, trait, part, error);
            part += before->layers[layer].traits[trait].part_count;
        }
    }
    return status;
}

/* Copies the choices that stay whatever comes. */
static enum sgr_status keep_choices(struct choices *choices, const struct plan_choices *old,
                                    struct sgr_error *error)
{
    choices->edges = memory_allocate(old->band_count + 1, sizeof *choices->edges);
    if (!choices->edges)
        return error_no_memory(error, "the plan");
    memcpy(choices->edges, old->band_edges, (old->band_count + 1) * sizeof *choices->edges);
    choices->plan.band_edges = choices->edges;
    choices->plan.band_count = old->band_count;
    choices->plan.color = old->color;
    choices->plan.palette = (struct png_palette){choices->palette, old->palette.count};
    memcpy(choices->palette, old->palette.colors, old->palette.count * sizeof *choices->palette);
    return SGR_OK;
}

enum sgr_status choices_extend(struct choices *choices, const struct plan_draft *draft,
                               const struct sprite_set *sprites,
                               const struct choices_options *options, struct sgr_error *error)
{
    const struct plan_choices *old = plan_choices(draft->extension.old);
    *choices = (struct choices){.plan = {.width = old->width,
                                         .height = old->height,
                                         .resample = old->resample,
                                         .png_level = old->png_level,
                                         .seed = options->seed}};
    if (old->width != sprites->width || old->height != sprites->height)
        return error_set(error, SGR_INPUT,
                         "%s was made for a canvas of %ux%u pixels, the art has %ux%u; put the old "
                         "canvas back, or plan anew without --extend",
                         plan_name(draft->extension.old), old->width, old->height, sprites->width,
                         sprites->height);
    enum sgr_status status = check_old_parts(&draft->extension, sprites, error);
    if (status == SGR_OK)
        status = keep_choices(choices, old, error);
    if (status == SGR_OK)
        status = list_digests(choices, sprites, error);
    if (status == SGR_OK)
        status = choose_color(choices, draft, sprites, options, error);
    if (status != SGR_OK)
        return status;
    choices->plan.encoder = choices_encoder(&choices->plan);
    if (!choices->renewed && strcmp(choices->plan.encoder, old->encoder) != 0)
        choices->renewed = "this program has another version of its encoder";
    return SGR_OK;
}

enum sgr_status choices_check(const struct plan *plan, const struct sprite_set *sprites,
                              const char *name, struct sgr_error *error)
{
    const struct plan_choices *choices = plan_choices(plan);
    const char *encoder = choices_encoder(choices);
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
