/*
 * Largest remainder (Hamilton): every trait gets the whole part of its share, the items left over
 * go to the largest fractions, ties to the earlier trait. Where a trait's share is more than can
 * differ, it is cut to that, and the rest shared out again among the others.
 */
#include "plan/plan_counts.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide.h"

#include <stdlib.h>
#include <string.h>

struct share {
    wide remainder;
    uint32_t trait;
};

/* The rest that a layer shares out, and among whom. */
struct sharing {
    const struct collection_layer *layer;
    uint64_t *counts;     /* [trait_count] */
    const bool *excluded; /* [trait_count]: fixed or cut, not shared with */
    uint64_t items;
    struct share *shares; /* scratch, [trait_count] */
};

bool plan_counts_may_draw(const struct collection_trait *trait)
{
    return trait->count_fixed ? trait->count > 0 : trait->weight > 0;
}

static uint64_t saturating_product(uint64_t left, uint64_t right)
{
    uint64_t product;
    return __builtin_mul_overflow(left, right, &product) ? UINT64_MAX : product;
}

static uint64_t drawable_traits(const struct collection_layer *layer)
{
    uint64_t count = 0;
    for (size_t trait = 0; trait < layer->trait_count; trait++)
        count += plan_counts_may_draw(&layer->traits[trait]);
    return count;
}

/* The combinations of all layers but one; `without` may be no layer's index. */
static uint64_t combinations_without(const struct collection *collection, size_t without)
{
    uint64_t product = 1;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        if (layer != without && collection->layers[layer].distinct)
            product = saturating_product(product, drawable_traits(&collection->layers[layer]));
    }
    return product;
}

bool plan_counts_must_differ(const struct collection *collection)
{
    bool any = false;
    for (size_t layer = 0; layer < collection->layer_count; layer++)
        any |= collection->layers[layer].distinct;
    return any;
}

uint64_t plan_counts_combinations(const struct collection *collection)
{
    return plan_counts_must_differ(collection) ? combinations_without(collection, SIZE_MAX)
                                               : UINT64_MAX;
}

static int compare_shares(const void *left, const void *right)
{
    const struct share *a = left;
    const struct share *b = right;
    if (a->remainder != b->remainder)
        return a->remainder > b->remainder ? -1 : 1;
    return a->trait < b->trait ? -1 : 1;
}

/* Shares items out by weight; false when nobody may take them. */
static bool share_out(const struct sharing *sharing)
{
    const struct collection_layer *layer = sharing->layer;
    wide weights = 0;
    for (size_t trait = 0; trait < layer->trait_count; trait++)
        weights += sharing->excluded[trait] ? 0 : layer->traits[trait].weight;
    if (weights == 0)
        return sharing->items == 0;
    uint64_t given = 0;
    size_t sharers = 0;
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        if (sharing->excluded[trait])
            continue;
        wide product = (wide)layer->traits[trait].weight * sharing->items;
        sharing->counts[trait] = (uint64_t)(product / weights);
        given += sharing->counts[trait];
        sharing->shares[sharers++] = (struct share){product % weights, (uint32_t)trait};
    }
    qsort(sharing->shares, sharers, sizeof *sharing->shares, compare_shares);
    for (size_t index = 0; given < sharing->items; index++, given++)
        sharing->counts[sharing->shares[index].trait]++;
    return true;
}

/* Gives fixed traits their counts and leaves the rest of the items to be shared. */
static enum sgr_status take_fixed(struct sharing *sharing, bool *excluded, uint64_t count,
                                  struct sgr_error *error)
{
    const struct collection_layer *layer = sharing->layer;
    uint64_t fixed = 0;
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        excluded[trait] = layer->traits[trait].count_fixed;
        sharing->counts[trait] = excluded[trait] ? layer->traits[trait].count : 0;
        fixed += sharing->counts[trait];
    }
    if (fixed > count)
        return error_set(error, SGR_INFEASIBLE,
                         "layer %s: its fixed counts add up to %llu, but there are only %llu "
                         "items; lower a count or raise --count",
                         layer->name, (unsigned long long)fixed, (unsigned long long)count);
    sharing->items = count - fixed;
    return SGR_OK;
}

static enum sgr_status nobody_left(const struct collection_layer *layer, uint64_t items,
                                   struct sgr_error *error)
{
    return error_set(error, SGR_INFEASIBLE,
                     "layer %s: %llu items are left without a trait by the fixed counts and by "
                     "what can differ; give another trait a weight, or lower --count",
                     layer->name, (unsigned long long)items);
}

/* How far counts are above their `max`, or below their `min`, in sum. */
static wide outside(const struct sharing *sharing, bool above)
{
    wide sum = 0;
    for (size_t trait = 0; trait < sharing->layer->trait_count; trait++) {
        const struct collection_trait *choice = &sharing->layer->traits[trait];
        uint64_t count = sharing->counts[trait];
        if (sharing->excluded[trait])
            continue;
        if (above && count > choice->max)
            sum += count - choice->max;
        if (!above && count < choice->min)
            sum += choice->min - count;
    }
    return sum;
}

/*
 * Keeps counts within `min` and `max`: the side on which more is wrong is set to its bounds, the
 * rest is shared out again, until nothing is wrong.
 */
static enum sgr_status keep_bounds(struct sharing *sharing, bool *excluded, struct sgr_error *error)
{
    const struct collection_layer *layer = sharing->layer;
    for (;;) {
        wide over = outside(sharing, true);
        wide under = outside(sharing, false);
        if (over == 0 && under == 0)
            return SGR_OK;
        for (size_t trait = 0; trait < layer->trait_count; trait++) {
            const struct collection_trait *choice = &layer->traits[trait];
            uint64_t count = sharing->counts[trait];
            if (excluded[trait] || (over >= under ? count <= choice->max : count >= choice->min))
                continue;
            sharing->counts[trait] = over >= under ? choice->max : choice->min;
            if (sharing->counts[trait] > sharing->items)
                return error_set(error, SGR_INFEASIBLE,
                                 "layer %s: its counts and \"min\" add up to more than the items; "
                                 "lower one of them or raise --count",
                                 layer->name);
            sharing->items -= sharing->counts[trait];
            excluded[trait] = true;
        }
        uint64_t rest = sharing->items;
        if (!share_out(sharing))
            return nobody_left(layer, rest, error);
    }
}

/* Cuts what exceeds `cap` and shares it out again until nothing does. */
static enum sgr_status cut_to_cap(struct sharing *sharing, bool *excluded, uint64_t cap,
                                  struct sgr_error *error)
{
    const struct collection_layer *layer = sharing->layer;
    for (bool cut = true; cut;) {
        cut = false;
        for (size_t trait = 0; trait < layer->trait_count; trait++) {
            if (sharing->counts[trait] <= cap)
                continue;
            if (layer->traits[trait].count_fixed)
                return error_set(error, SGR_INFEASIBLE,
                                 "%s/%s asks for %llu items, but only %llu items that differ can "
                                 "have it; lower its count, or add traits to other layers",
                                 layer->name, layer->traits[trait].name,
                                 (unsigned long long)sharing->counts[trait],
                                 (unsigned long long)cap);
            sharing->counts[trait] = cap;
            sharing->items -= cap;
            excluded[trait] = true;
            cut = true;
        }
        if (cut && !share_out(sharing))
            return nobody_left(layer, sharing->items, error);
    }
    return SGR_OK;
}

/* Sets what a layer's weights and counts ask for; what is shared with nobody is excluded. */
static enum sgr_status ask_layer(struct sharing *sharing, bool *excluded, uint64_t count,
                                 struct sgr_error *error)
{
    enum sgr_status status = take_fixed(sharing, excluded, count, error);
    if (status != SGR_OK)
        return status;
    uint64_t rest = sharing->items;
    if (!share_out(sharing))
        return nobody_left(sharing->layer, rest, error);
    return keep_bounds(sharing, excluded, error);
}

/* Sets what is planned: what is asked for, as far as items can differ. */
static enum sgr_status plan_layer(struct plan_draft *draft, size_t index, struct sharing *sharing,
                                  bool *excluded, struct sgr_error *error)
{
    uint64_t *planned = draft->planned + draft->trait_bases[index];
    memcpy(planned, sharing->counts, sharing->layer->trait_count * sizeof *planned);
    if (!sharing->layer->distinct)
        return SGR_OK;
    sharing->counts = planned;
    return cut_to_cap(sharing, excluded, combinations_without(draft->collection, index), error);
}

static enum sgr_status set_layers(struct plan_draft *draft, bool plan, struct sgr_error *error)
{
    const struct collection *collection = draft->collection;
    size_t largest = 1;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        if (collection->layers[layer].trait_count > largest)
            largest = collection->layers[layer].trait_count;
    }
    bool *excluded = memory_allocate(largest, sizeof *excluded);
    struct share *shares = memory_allocate(largest, sizeof *shares);
    enum sgr_status status = SGR_OK;
    if (!excluded || !shares)
        status = error_no_memory(error, "the plan");
    for (size_t layer = 0; layer < collection->layer_count && status == SGR_OK; layer++) {
        struct sharing sharing = {&collection->layers[layer],
                                  draft->asked + draft->trait_bases[layer], excluded, 0, shares};
        status = ask_layer(&sharing, excluded, draft->count, error);
        if (status == SGR_OK && plan)
            status = plan_layer(draft, layer, &sharing, excluded, error);
    }
    memory_free(excluded);
    memory_free(shares);
    return status;
}

enum sgr_status plan_counts_set(struct plan_draft *draft, struct sgr_error *error)
{
    uint64_t combinations = plan_counts_combinations(draft->collection);
    if (combinations < draft->count)
        return error_set(error, SGR_INFEASIBLE,
                         "%llu items are asked for, but only %llu combinations of traits exist; "
                         "ask for fewer with --count, or add traits",
                         (unsigned long long)draft->count, (unsigned long long)combinations);
    return set_layers(draft, true, error);
}

enum sgr_status plan_counts_ask(struct plan_draft *draft, struct sgr_error *error)
{
    return set_layers(draft, false, error);
}

void plan_counts_bounds(const struct plan_draft *draft, uint64_t *lower, uint64_t *upper)
{
    for (size_t index = 0; index < draft->collection->layer_count; index++) {
        const struct collection_layer *layer = &draft->collection->layers[index];
        uint32_t base = draft->trait_bases[index];
        for (size_t trait = 0; trait < layer->trait_count; trait++) {
            const struct collection_trait *choice = &layer->traits[trait];
            lower[base + trait] = choice->count_fixed ? choice->count : choice->min;
            upper[base + trait] = choice->count_fixed ? choice->count : choice->max;
            if (!choice->count_fixed && choice->weight == 0 && choice->min == 0)
                upper[base + trait] = 0;
        }
    }
}
