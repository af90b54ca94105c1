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
    uint64_t lacking;     /* items whose group lacks the layer: they have its absent trait */
};

bool plan_counts_may_draw(const struct collection_trait *trait)
{
    return trait->lacked || (trait->count_fixed ? trait->count > 0 : trait->weight > 0);
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

/* What is left of a bound of a trait for the items whose group has the layer. */
static uint64_t without_lacking(const struct sharing *sharing, const struct collection_trait *trait,
                                uint64_t bound)
{
    uint64_t lacking = trait->lacked && bound != UINT64_MAX ? sharing->lacking : 0;
    return bound > lacking ? bound - lacking : 0;
}

static enum sgr_status refuse_absent(const struct sharing *sharing,
                                     const struct collection_trait *trait, uint64_t bound,
                                     struct sgr_error *error)
{
    return error_set(error, SGR_INFEASIBLE,
                     "%s/%s may come %llu times, but %llu items are of groups without this layer; "
                     "raise it, or change the groups",
                     sharing->layer->name, trait->name, (unsigned long long)bound,
                     (unsigned long long)sharing->lacking);
}

static enum sgr_status refuse_sum(uint64_t sum, uint64_t count, struct sgr_error *error)
{
    if (sum == 0)
        return error_set(error, SGR_INFEASIBLE,
                         "the counts of \"groups\" and \"items\" add up to 0, but %llu items are "
                         "asked for; raise a count, or leave one group's count away",
                         (unsigned long long)count);
    return error_set(error, SGR_INFEASIBLE,
                     "the counts of \"groups\" and \"items\" add up to %llu, but %llu items are "
                     "asked for; change a count, leave one group's count away, or set --count %llu",
                     (unsigned long long)sum, (unsigned long long)count, (unsigned long long)sum);
}

/* Gives fixed traits their counts and leaves the rest of the items to be shared. */
static enum sgr_status take_fixed(struct sharing *sharing, bool *excluded, uint64_t count,
                                  struct sgr_error *error)
{
    const struct collection_layer *layer = sharing->layer;
    uint64_t fixed = 0;
    uint64_t all = count - sharing->lacking;
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        const struct collection_trait *choice = &layer->traits[trait];
        uint64_t most = choice->count_fixed ? choice->count : choice->max;
        if (choice->lacked && most < sharing->lacking)
            return refuse_absent(sharing, choice, most, error);
        excluded[trait] = choice->count_fixed;
        sharing->counts[trait] =
            excluded[trait] ? without_lacking(sharing, choice, choice->count) : 0;
        fixed += sharing->counts[trait];
    }
    if (fixed > all && layer->groups)
        return refuse_sum(fixed, count, error);
    if (fixed > all && sharing->lacking > 0)
        return error_set(error, SGR_INFEASIBLE,
                         "layer %s: its fixed counts add up to %llu, but only %llu of the items "
                         "are of groups that have it; lower a count, or change the groups",
                         layer->name, (unsigned long long)fixed, (unsigned long long)all);
    if (fixed > all)
        return error_set(error, SGR_INFEASIBLE,
                         "layer %s: its fixed counts add up to %llu, but there are only %llu "
                         "items; lower a count or raise --count",
                         layer->name, (unsigned long long)fixed, (unsigned long long)count);
    sharing->items = all - fixed;
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
        uint64_t most = without_lacking(sharing, choice, choice->max);
        uint64_t least = without_lacking(sharing, choice, choice->min);
        if (above && count > most)
            sum += count - most;
        if (!above && count < least)
            sum += least - count;
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
            uint64_t bound =
                without_lacking(sharing, choice, over >= under ? choice->max : choice->min);
            if (excluded[trait] || (over >= under ? count <= bound : count >= bound))
                continue;
            sharing->counts[trait] = bound;
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
    const struct collection_layer *layer = sharing->layer;
    enum sgr_status status = take_fixed(sharing, excluded, count, error);
    if (status != SGR_OK)
        return status;
    uint64_t rest = sharing->items;
    if (!share_out(sharing))
        return layer->groups ? refuse_sum(count - rest, count, error)
                             : nobody_left(layer, rest, error);
    status = keep_bounds(sharing, excluded, error);
    for (size_t trait = 0; trait < layer->trait_count && status == SGR_OK; trait++)
        sharing->counts[trait] += layer->traits[trait].lacked ? sharing->lacking : 0;
    return status;
}

/* Sets what is planned: what is asked for, as far as items can differ. */
static enum sgr_status plan_layer(struct plan_draft *draft, size_t index, struct sharing *sharing,
                                  bool *excluded, struct sgr_error *error)
{
    uint64_t *planned = draft->planned + draft->trait_bases[index];
    memcpy(planned, sharing->counts, sharing->layer->trait_count * sizeof *planned);
    /* Under groups the solver tells what can differ. */
    if (!sharing->layer->distinct || draft->collection->stacks)
        return SGR_OK;
    sharing->counts = planned;
    return cut_to_cap(sharing, excluded, combinations_without(draft->collection, index), error);
}

uint64_t plan_counts_lacking(const struct plan_draft *draft, size_t layer)
{
    const struct collection *collection = draft->collection;
    size_t group_layer = collection_group_layer(collection);
    uint64_t sum = 0;
    if (!collection->stacks || layer == group_layer)
        return 0;
    for (size_t group = 0; group < collection->layers[group_layer].trait_count; group++) {
        if (!collection_stack_has(&collection->stacks[group], layer))
            sum += draft->asked[draft->trait_bases[group_layer] + group];
    }
    return sum;
}

/* How many items of a group can differ; UINT64_MAX where none of its layers must. */
static uint64_t group_combinations(const struct collection *collection,
                                   const struct collection_stack *stack)
{
    uint64_t product = 1;
    bool any = false;
    for (size_t index = 0; index < stack->layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[stack->layers[index]];
        uint64_t traits = 0;
        for (size_t trait = 0; layer->distinct && trait < layer->trait_count; trait++) {
            const struct collection_trait *choice = &layer->traits[trait];
            traits += choice->count_fixed ? choice->count > 0 : choice->weight + choice->min > 0;
        }
        product = layer->distinct ? saturating_product(product, traits) : product;
        any |= layer->distinct;
    }
    return any ? product : UINT64_MAX;
}

/* Refuses a group of more items than its own layers can make differ. */
static enum sgr_status check_groups(const struct plan_draft *draft, struct sgr_error *error)
{
    const struct collection *collection = draft->collection;
    size_t group_layer = collection_group_layer(collection);
    const struct collection_layer *groups = &collection->layers[group_layer];
    for (size_t group = 0; group < groups->trait_count; group++) {
        uint64_t asked = draft->asked[draft->trait_bases[group_layer] + group];
        if (groups->traits[group].single || asked == 0)
            continue;
        uint64_t most = group_combinations(collection, &collection->stacks[group]);
        if (asked > most)
            return error_set(error, SGR_INFEASIBLE,
                             "group %s: %llu items are asked for, but only %llu combinations of "
                             "its layers' traits exist; lower its count, or add traits",
                             groups->traits[group].name, (unsigned long long)asked,
                             (unsigned long long)most);
    }
    return SGR_OK;
}

/* What one pass over the layers works with. */
struct counting {
    struct plan_draft *draft;
    bool plan; /* also set what is planned */
    bool *excluded;
    struct share *shares;
};

static enum sgr_status set_layer(const struct counting *counting, size_t index,
                                 struct sgr_error *error)
{
    struct plan_draft *draft = counting->draft;
    struct sharing sharing = {&draft->collection->layers[index],
                              draft->asked + draft->trait_bases[index],
                              counting->excluded,
                              0,
                              counting->shares,
                              plan_counts_lacking(draft, index)};
    enum sgr_status status = ask_layer(&sharing, counting->excluded, draft->count, error);
    return status == SGR_OK && counting->plan
               ? plan_layer(draft, index, &sharing, counting->excluded, error)
               : status;
}

static enum sgr_status set_layers(struct plan_draft *draft, bool plan, struct sgr_error *error)
{
    const struct collection *collection = draft->collection;
    bool grouped = collection->stacks != NULL;
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
    struct counting counting = {draft, plan, excluded, shares};
    /* The groups come first: which layers an item can have depends on its group. */
    if (status == SGR_OK && grouped)
        status = set_layer(&counting, collection_group_layer(collection), error);
    if (status == SGR_OK && grouped)
        status = check_groups(draft, error);
    size_t layers = collection->layer_count - grouped;
    for (size_t layer = 0; layer < layers && status == SGR_OK; layer++)
        status = set_layer(&counting, layer, error);
    memory_free(excluded);
    memory_free(shares);
    return status;
}

enum sgr_status plan_counts_set(struct plan_draft *draft, struct sgr_error *error)
{
    /* What the groups of a collection can differ in is looked at group by group. */
    bool grouped = draft->collection->stacks != NULL;
    uint64_t combinations = grouped ? UINT64_MAX : plan_counts_combinations(draft->collection);
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
                upper[base + trait] = choice->lacked ? plan_counts_lacking(draft, index) : 0;
            if (choice->lacked && lower[base + trait] < plan_counts_lacking(draft, index))
                lower[base + trait] = plan_counts_lacking(draft, index);
            if (layer->groups)
                lower[base + trait] = upper[base + trait] = draft->asked[base + trait];
        }
    }
}
