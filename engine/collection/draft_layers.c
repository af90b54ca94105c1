/*
 * From the layers of a draft to those of the collection. Weights stay as the user wrote them where
 * these are whole numbers, for then `inspect` shows what stands in the file names.
 */
#include "base/error.h"
#include "base/memory.h"
#include "collection/draft.h"
#include "collection/layer_traits.h"
#include "collection/weights.h"

#include <string.h>

enum { TOP_BITS_MAX = 40 };

/*
 * Brings weights from the names and weights from collection.json to one scale. A trait's own
 * weight is weight * total / sum; with `top` and `bottom` as sum and total in lowest terms, every
 * weight is multiplied by `top` to be whole.
 */
static void scale_weights(const struct draft_layer *layer, wide *exact, wide *out_unit)
{
    wide sum = 0;
    for (size_t index = 0; index < layer->trait_count; index++)
        sum += layer->traits[index].weight;
    uint64_t top = 1;
    uint64_t bottom = WEIGHTS_SCALE;
    if (sum && layer->weight_total) {
        uint64_t divisor = wide_gcd((uint64_t)sum, layer->weight_total);
        top = (uint64_t)sum / divisor;
        bottom = layer->weight_total / divisor;
    }
    /* Only sums that were rounded before come here, so a little more rounding is no loss. */
    while (top >> TOP_BITS_MAX) {
        top >>= 1;
        bottom = bottom > 1 ? bottom >> 1 : 1;
    }
    for (size_t index = 0; index < layer->trait_count; index++) {
        const struct draft_trait *trait = &layer->traits[index];
        exact[index] =
            trait->weight_set ? (wide)trait->weight_given * top : (wide)trait->weight * bottom;
    }
    *out_unit = (wide)top * WEIGHTS_SCALE;
}

static void settle_weights(struct draft_layer *layer, wide *exact, uint64_t *weights)
{
    wide unit;
    scale_weights(layer, exact, &unit);
    bool whole = true;
    wide sum = 0;
    for (size_t index = 0; index < layer->trait_count; index++) {
        whole &= exact[index] % unit == 0;
        sum += exact[index];
    }
    whole &= sum / unit <= WEIGHTS_SUM_MAX;
    if (!whole)
        weights_reduce(exact, layer->trait_count, weights);
    for (size_t index = 0; index < layer->trait_count; index++)
        layer->traits[index].weight = whole ? (uint64_t)(exact[index] / unit) : weights[index];
}

/* The absent trait gets exactly its share: p of the whole against 1 - p for all others. */
static void settle_optional(struct draft_layer *layer, wide *exact, uint64_t *weights)
{
    size_t others = layer->trait_count;
    wide sum = 0;
    for (size_t index = 0; index < others; index++) {
        sum += layer->traits[index].weight;
        exact[index] = (wide)layer->traits[index].weight * (WEIGHTS_SCALE - layer->optional);
    }
    exact[others] = sum * layer->optional;
    weights_reduce(exact, others + 1, weights);
    layer->traits[layer->trait_count++] = (struct draft_trait){
        .name = DRAFT_NONE, .value = DRAFT_NONE, .path = DRAFT_NONE, .none = true};
    for (size_t index = 0; index <= others; index++)
        layer->traits[index].weight = weights[index];
    layer_traits_sort(layer);
}

static enum sgr_status check_optional(const struct draft_layer *layer, struct sgr_error *error)
{
    for (size_t index = 0; index < layer->trait_count; index++) {
        const struct draft_trait *trait = &layer->traits[index];
        if (trait->none || strcmp(trait->name, DRAFT_NONE) == 0)
            return error_set(error, SGR_INPUT,
                             "layer %s: \"optional\" and %s both say how often the layer is "
                             "absent; keep one of them",
                             layer->name,
                             trait->file ? trait->file : "the trait None in \"traits\"");
    }
    return SGR_OK;
}

static enum sgr_status check_weights(const struct draft_layer *layer, struct sgr_error *error)
{
    for (size_t index = 0; index < layer->trait_count; index++) {
        const struct draft_trait *trait = &layer->traits[index];
        if (trait->weight || trait->count_fixed || trait->min)
            return SGR_OK;
    }
    return error_set(error, SGR_INPUT,
                     "%s: all weights of the layer %s are 0, so nothing can be chosen; raise one",
                     layer->shown, layer->name);
}

static enum sgr_status settle_chances(struct draft_layer *layer, struct sgr_error *error)
{
    size_t room = layer->trait_count + 1;
    wide *exact = memory_allocate_zeroed(room, sizeof *exact);
    uint64_t *weights = memory_allocate_zeroed(room, sizeof *weights);
    enum sgr_status status = SGR_OK;
    if (!exact || !weights) {
        status = error_no_memory(error, "a layer's weights");
    } else {
        settle_weights(layer, exact, weights);
        status = check_weights(layer, error);
    }
    bool adds_none = layer->optional_set && layer->optional > 0;
    if (status == SGR_OK && layer->optional_set)
        status = check_optional(layer, error);
    if (status == SGR_OK && adds_none)
        settle_optional(layer, exact, weights);
    memory_free(exact);
    memory_free(weights);
    return status;
}

/* Items of groups that lack the layer have its absent trait, whether others can or not. */
static enum sgr_status settle_lacked(struct draft_layer *layer, struct sgr_error *error)
{
    for (size_t index = 0; layer->lacked && index < layer->trait_count; index++) {
        struct draft_trait *trait = &layer->traits[index];
        if (trait->none) {
            trait->lacked = true;
            return SGR_OK;
        }
        if (strcmp(trait->name, DRAFT_NONE) == 0)
            return error_set(error, SGR_INPUT,
                             "%s: None is what items have whose group lacks the layer %s; rename "
                             "the picture",
                             trait->file ? trait->file : layer->shown, layer->name);
    }
    if (!layer->lacked)
        return SGR_OK;
    /* layer_traits_make leaves room for this one. */
    layer->traits[layer->trait_count++] = (struct draft_trait){
        .name = DRAFT_NONE, .value = DRAFT_NONE, .path = DRAFT_NONE, .none = true, .lacked = true};
    layer_traits_sort(layer);
    return SGR_OK;
}

static enum sgr_status settle_part(struct draft *draft, const struct draft_part *part,
                                   struct opacity opacity, struct collection_part *out_part,
                                   struct sgr_error *error)
{
    const struct draft_settings *settings = &part->settings;
    if (!opacity_multiply(&opacity, settings->opacity))
        return error_set(error, SGR_INPUT,
                         "%s: the opacities in names and collection.json have too many decimals "
                         "together; shorten them",
                         part->path);
    *out_part = (struct collection_part){.z = settings->z,
                                         .placed = settings->placed,
                                         .x = settings->x,
                                         .y = settings->y,
                                         .mode = (uint8_t)settings->mode,
                                         .opacity = opacity_byte(opacity)};
    return draft_picture(draft, part->path, &out_part->picture, error);
}

static enum sgr_status settle_trait(struct draft *draft, const struct draft_trait *from,
                                    struct collection_trait *trait, struct sgr_error *error)
{
    struct arena *arena = &draft->collection->arena;
    *trait = (struct collection_trait){.weight = from->weight,
                                       .count = from->count,
                                       .count_fixed = from->count_fixed,
                                       .min = from->min,
                                       .max = from->max_set ? from->max : UINT64_MAX,
                                       .tags = from->tags,
                                       .tag_count = from->tag_count,
                                       .none = from->none,
                                       .lacked = from->lacked,
                                       .single = from->single,
                                       .attributes = from->attributes,
                                       .attribute_count = from->attribute_count,
                                       .part_count = from->part_count};
    trait->name = arena_text(arena, from->name, strlen(from->name));
    trait->value = arena_text(arena, from->value, strlen(from->value));
    trait->parts = arena_allocate(arena, from->part_count, sizeof *trait->parts);
    if (!trait->name || !trait->value || !trait->parts)
        return error_no_memory(error, "a trait");
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < from->part_count; index++)
        status =
            settle_part(draft, &from->parts[index], from->opacity, &trait->parts[index], error);
    return status;
}

static enum sgr_status settle_layer(struct draft *draft, struct draft_layer *from,
                                    struct collection_layer *layer, struct sgr_error *error)
{
    enum sgr_status status = settle_chances(from, error);
    if (status == SGR_OK)
        status = settle_lacked(from, error);
    if (status != SGR_OK)
        return status;
    if (from->trait_count > COLLECTION_TRAITS_MAX)
        return error_set(error, SGR_INPUT, "%s: the layer has more than %d traits", from->shown,
                         COLLECTION_TRAITS_MAX);
    struct arena *arena = &draft->collection->arena;
    layer->name = arena_text(arena, from->name, strlen(from->name));
    layer->trait_type = arena_text(arena, from->trait_type, strlen(from->trait_type));
    if (from->folder)
        layer->folder = arena_text(arena, from->folder, strlen(from->folder));
    layer->distinct = from->distinct;
    layer->groups = from->groups;
    layer->traits = arena_allocate(arena, from->trait_count, sizeof *layer->traits);
    layer->trait_count = from->trait_count;
    if (!layer->name || !layer->trait_type || !layer->traits || (from->folder && !layer->folder))
        return error_no_memory(error, "a layer");
    for (size_t index = 0; status == SGR_OK && index < from->trait_count; index++)
        status = settle_trait(draft, &from->traits[index], &layer->traits[index], error);
    return status;
}

enum sgr_status draft_layers_settle(struct draft *draft, struct sgr_error *error)
{
    struct collection *collection = draft->collection;
    collection->layers =
        arena_allocate(&collection->arena, draft->layer_count, sizeof *collection->layers);
    if (!collection->layers)
        return error_no_memory(error, "the layers");
    collection->layer_count = draft->layer_count;
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < draft->layer_count; index++)
        status = settle_layer(draft, &draft->layers[index], &collection->layers[index], error);
    return status;
}
