/* Old rows come first; the solver adds the others beside them. */
#include "plan/plan_extend.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "plan/group_scope.h"
#include "plan/plan_counts.h"
#include "plan/plan_places.h"
#include "plan/plan_solve.h"
#include "plan/solve_keys.h"

#include <string.h>

/* Tables of counts while a draft is extended; start from all zero. */
struct extending {
    struct plan_draft *draft;
    uint64_t old_count;
    uint64_t *have; /* [trait]: how many old items have it */
    uint64_t *asked;
    uint64_t *lower;
    uint64_t *upper;
    uint64_t *tables; /* owned: all of these */
};

static enum sgr_status make_tables(struct extending *extending, struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    size_t layers = draft->collection->layer_count;
    size_t traits = draft->trait_bases[layers];
    size_t cells;
    if (__builtin_mul_overflow((size_t)draft->count, layers, &cells))
        return error_no_memory(error, "the plan");
    draft->traits = memory_allocate(cells + 1, sizeof *draft->traits);
    extending->tables = memory_allocate_zeroed(4 * traits + 1, sizeof *extending->tables);
    if (!draft->traits || !extending->tables)
        return error_no_memory(error, "the plan");
    extending->have = extending->tables;
    extending->asked = extending->tables + traits;
    extending->lower = extending->tables + 2 * traits;
    extending->upper = extending->tables + 3 * traits;
    return SGR_OK;
}

/* Writes the old items' rows and counts their traits. */
static enum sgr_status take_rows(struct extending *extending, struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    struct plan_extension *extension = &draft->extension;
    size_t layers = draft->collection->layer_count;
    for (uint64_t index = 0; index < extending->old_count; index++) {
        struct plan_item item;
        uint16_t *row = draft->traits + index * layers;
        enum sgr_status status = plan_read(extension->old, index, &item, error);
        if (status == SGR_OK)
            status = plan_mapping_row(&extension->mapping, extension->old, draft->collection,
                                      item.traits, row, error);
        if (status != SGR_OK)
            return status;
        for (size_t layer = 0; layer < layers; layer++)
            extending->have[draft->trait_bases[layer] + row[layer]]++;
        if (index == 0)
            draft->start = item.id;
    }
    return SGR_OK;
}

/* Notes that one more old item breaks a rule. */
static void note_broken(struct plan_extension *extension, const char *rule, size_t source)
{
    extension->breaches++;
    if (extension->broken_rule && extension->broken_source <= source)
        return;
    extension->broken_rule = rule;
    extension->broken_source = source;
}

/* Notes the old items that share with an earlier one what a unique group forbids to share. */
static enum sgr_status note_repeats(const struct extending *extending,
                                    const struct rule_unique *unique, struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    struct random random;
    random_init(&random, "repeats", 0);
    struct solve_keys keys = {.layers = unique->layers,
                              .layer_count = unique->layer_count,
                              .trait_bases = draft->trait_bases,
                              .rows = draft->traits,
                              .row_length = draft->collection->layer_count};
    struct arena arena = {0};
    const uint64_t *scope = NULL;
    size_t groups = collection_group_layer(draft->collection);
    enum sgr_status status = solve_keys_init(&keys, extending->old_count, &random, error);
    if (status == SGR_OK && draft->collection->stacks) {
        const struct group_scope_request request = {draft->collection, unique->layers,
                                                    unique->layer_count, false};
        scope = group_scope_make(&request, &arena);
        status = scope ? SGR_OK : error_no_memory(error, "the plan");
    }
    for (uint64_t item = 0; status == SGR_OK && item < extending->old_count; item++) {
        if (scope && !group_scope_has(scope, plan_draft_traits(draft, item)[groups]))
            continue;
        if (!solve_keys_enter(&keys, item))
            note_broken(&draft->extension, unique->text, unique->source);
    }
    arena_finish(&arena);
    solve_keys_finish(&keys);
    return status;
}

static enum sgr_status note_all_broken(const struct extending *extending, struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    const struct rules *rules = &draft->collection->rules;
    enum sgr_status status = SGR_OK;
    for (uint64_t item = 0; rules->rule_count > 0 && item < extending->old_count; item++) {
        size_t broken = rules_broken(rules, plan_draft_traits(draft, item));
        if (broken != RULES_NONE)
            note_broken(&draft->extension, rules->rules[broken].text, rules->rules[broken].source);
    }
    for (size_t unique = 0; unique < rules->unique_count && status == SGR_OK; unique++)
        status = note_repeats(extending, &rules->uniques[unique], error);
    return status;
}

/* Refuses counts that old items have gone past already. */
static enum sgr_status check_layer(const struct extending *extending, size_t index,
                                   struct sgr_error *error)
{
    const struct plan_draft *draft = extending->draft;
    const struct collection_layer *layer = &draft->collection->layers[index];
    const char *name = plan_name(draft->extension.old);
    uint64_t needed = 0;
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        const struct collection_trait *choice = &layer->traits[trait];
        uint64_t have = extending->have[draft->trait_bases[index] + trait];
        uint64_t least = choice->count_fixed ? choice->count : choice->min;
        uint64_t most = choice->count_fixed ? choice->count : choice->max;
        if (have > most)
            return error_set(error, SGR_INFEASIBLE,
                             "%s/%s: %llu items of %s have it, its %s allows %llu; raise that, or "
                             "plan anew without --extend",
                             layer->name, choice->name, (unsigned long long)have, name,
                             choice->count_fixed ? "\"count\"" : "\"max\"",
                             (unsigned long long)most);
        needed += least > have ? least : have;
    }
    if (needed <= draft->count)
        return SGR_OK;
    return error_set(error, SGR_INFEASIBLE,
                     "layer %s: the items of %s and what its counts ask for beside them need %llu "
                     "items; raise --count to that, or lower a count",
                     layer->name, name, (unsigned long long)needed);
}

/* How many new items are of groups that lack a layer, once what groups ask for is known. */
static uint64_t new_lacking(const struct extending *extending, size_t layer)
{
    const struct plan_draft *draft = extending->draft;
    const struct collection *collection = draft->collection;
    size_t groups = collection_group_layer(collection);
    uint64_t sum = 0;
    for (size_t group = 0;
         collection->stacks && layer != groups && group < collection->layers[groups].trait_count;
         group++) {
        size_t index = draft->trait_bases[groups] + group;
        if (!collection_stack_has(&collection->stacks[group], layer))
            sum += draft->asked[index] - extending->have[index];
    }
    return sum;
}

/* Shares out `whole`, whose traits are a copy with `min` as low as items may have them. */
static enum sgr_status ask(struct extending *extending, const struct collection *whole,
                           struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    const struct collection *collection = draft->collection;
    draft->collection = whole;
    enum sgr_status status = plan_counts_ask(draft, error);
    draft->collection = collection;
    return status;
}

/*
 * Shares out the whole: no trait gets less than old items have, so what they have beyond their
 * share is taken from the others. What new items lack comes on top of what old ones have, which is
 * known only when the groups have their counts.
 */
static enum sgr_status ask_whole(struct extending *extending, struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    const struct collection *collection = draft->collection;
    struct collection whole = *collection;
    struct arena arena = {0};
    enum sgr_status status = SGR_OK;
    whole.layers = arena_allocate(&arena, whole.layer_count + 1, sizeof *whole.layers);
    if (!whole.layers)
        status = error_no_memory(error, "the plan");
    for (size_t index = 0; index < whole.layer_count && status == SGR_OK; index++) {
        struct collection_layer *layer = &whole.layers[index];
        *layer = collection->layers[index];
        layer->traits = arena_allocate(&arena, layer->trait_count + 1, sizeof *layer->traits);
        status = layer->traits ? check_layer(extending, index, error)
                               : error_no_memory(error, "the plan");
        for (size_t trait = 0; trait < layer->trait_count && status == SGR_OK; trait++) {
            uint64_t have = extending->have[draft->trait_bases[index] + trait];
            layer->traits[trait] = collection->layers[index].traits[trait];
            if (!layer->traits[trait].count_fixed && layer->traits[trait].min < have)
                layer->traits[trait].min = have;
        }
    }
    if (status == SGR_OK)
        status = ask(extending, &whole, error);
    for (size_t index = 0; index < whole.layer_count && status == SGR_OK; index++) {
        uint64_t lacking = new_lacking(extending, index);
        for (size_t trait = 0; trait < whole.layers[index].trait_count; trait++) {
            struct collection_trait *choice = &whole.layers[index].traits[trait];
            uint64_t have = extending->have[draft->trait_bases[index] + trait];
            if (choice->lacked && !choice->count_fixed && choice->min < have + lacking)
                choice->min = have + lacking;
        }
    }
    if (status == SGR_OK && collection->stacks)
        status = ask(extending, &whole, error);
    arena_finish(&arena);
    return status;
}

/* Takes off what old items have. */
static void ask_new(struct extending *extending)
{
    struct plan_draft *draft = extending->draft;
    const struct collection *collection = draft->collection;
    plan_counts_bounds(draft, extending->lower, extending->upper);
    for (size_t trait = 0; trait < draft->trait_bases[collection->layer_count]; trait++) {
        uint64_t have = extending->have[trait];
        uint64_t lower = extending->lower[trait];
        uint64_t upper = extending->upper[trait];
        extending->asked[trait] = draft->asked[trait] - have;
        extending->lower[trait] = lower > have ? lower - have : 0;
        if (upper != UINT64_MAX)
            extending->upper[trait] = upper > have ? upper - have : 0;
    }
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        uint64_t lacking = new_lacking(extending, layer);
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            size_t index = draft->trait_bases[layer] + trait;
            if (!collection->layers[layer].traits[trait].lacked)
                continue;
            if (extending->lower[index] < lacking)
                extending->lower[index] = lacking;
            if (extending->upper[index] < lacking)
                extending->upper[index] = lacking;
        }
    }
}

/* Gives the new items of groups their places among themselves. */
static enum sgr_status set_places(const struct extending *extending, const char *seed,
                                  struct sgr_error *error)
{
    const struct plan_draft *draft = extending->draft;
    size_t groups = collection_group_layer(draft->collection);
    struct plan_item last;
    if (!draft->collection->stacks)
        return SGR_OK;
    enum sgr_status status =
        plan_read(draft->extension.old, extending->old_count - 1, &last, error);
    if (status != SGR_OK)
        return status;
    const struct plan_places places = {.collection = draft->collection,
                                       .rows = draft->traits + extending->old_count *
                                                                   draft->collection->layer_count,
                                       .count = draft->count - extending->old_count,
                                       .first_id = last.id + 1,
                                       .counts = extending->asked + draft->trait_bases[groups]};
    status = plan_places_check(&places, error);
    return status == SGR_OK ? plan_places_set(&places, seed, error) : status;
}

static enum sgr_status add_rows(struct extending *extending, const char *seed,
                                struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    /* The draw must be another one than that of the old plan, which may have the same seed. */
    struct text own_seed = {0};
    text_format(&own_seed, "%s+%llu", seed, (unsigned long long)extending->old_count);
    struct plan_solve solve = {.collection = draft->collection,
                               .rules = &draft->collection->rules,
                               .trait_bases = draft->trait_bases,
                               .given_count = extending->old_count,
                               .count = draft->count - extending->old_count,
                               .seed = own_seed.bytes,
                               .asked = extending->asked,
                               .lower = extending->lower,
                               .upper = extending->upper,
                               .rows = draft->traits};
    enum sgr_status status =
        own_seed.failed ? error_no_memory(error, "the plan") : plan_solve(&solve, error);
    draft->limited = status == SGR_OK && solve.limited;
    if (status == SGR_OK)
        status = set_places(extending, own_seed.bytes, error);
    text_finish(&own_seed);
    return status;
}

/*
 * Writes an old order for today's layers. Those that it leaves out come after the layer below them;
 * its items have nothing there.
 */
static void map_order(const struct plan_draft *draft, const struct plan_order *order,
                      uint16_t *out_layers)
{
    const struct plan_mapping *mapping = &draft->extension.mapping;
    size_t count = draft->collection->layer_count;
    size_t used = 0;
    for (size_t index = 0; index < order->layer_count; index++) {
        uint32_t layer = mapping->layers[order->layers[index]];
        bool known = layer == PLAN_MAPPING_NONE;
        for (size_t at = 0; at < used && !known; at++)
            known = out_layers[at] == layer;
        if (!known)
            out_layers[used++] = (uint16_t)layer;
    }
    for (size_t layer = 0; layer < count; layer++) {
        size_t place = 0;
        size_t below = 0;
        while (place < used && out_layers[place] != layer) {
            if (layer > 0 && out_layers[place] == layer - 1)
                below = place + 1;
            place++;
        }
        if (place < used)
            continue;
        memmove(out_layers + below + 1, out_layers + below, (used - below) * sizeof *out_layers);
        out_layers[below] = (uint16_t)layer;
        used++;
    }
}

/* New orders are looked for among so many old ones; one that stands twice does no harm. */
enum { ORDERS_COMPARED = 4096 };

/* The number of a new order, which is added unless it is one of the old ones. */
static uint32_t find_order(struct plan_orders *orders, size_t old_orders, const uint16_t *layers,
                           size_t layer_count)
{
    size_t compared = old_orders < ORDERS_COMPARED ? old_orders : ORDERS_COMPARED;
    size_t bytes = layer_count * sizeof *layers;
    for (uint32_t order = 0; order < compared; order++) {
        if (memcmp(orders->layers + order * layer_count, layers, bytes) == 0)
            return order;
    }
    memcpy(orders->layers + orders->count * layer_count, layers, bytes);
    return (uint32_t)orders->count++;
}

/* Old items keep their orders' numbers, new ones get those that the rules give. */
static enum sgr_status join_orders(struct extending *extending, const struct plan_orders *added,
                                   struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    struct plan *old = draft->extension.old;
    struct plan_orders *orders = &draft->orders;
    size_t layers = draft->collection->layer_count;
    size_t added_count = added->count ? added->count : 1;
    size_t old_orders = plan_order_count(old);
    orders->layers =
        memory_allocate_zeroed((old_orders + added_count) * layers + 1, sizeof *orders->layers);
    orders->ids = memory_allocate((size_t)draft->count + 1, sizeof *orders->ids);
    uint32_t *numbers = memory_allocate(added_count, sizeof *numbers);
    uint16_t *own = memory_allocate(layers + 1, sizeof *own);
    enum sgr_status status = SGR_OK;
    if (!orders->layers || !orders->ids || !numbers || !own)
        status = error_no_memory(error, "the draw orders");
    for (uint32_t order = 0; order < old_orders && status == SGR_OK; order++)
        map_order(draft, plan_order(old, order), orders->layers + orders->count++ * layers);
    for (size_t layer = 0; layer < layers && status == SGR_OK; layer++)
        own[layer] = (uint16_t)layer;
    for (size_t order = 0; order < added_count && status == SGR_OK; order++)
        numbers[order] = find_order(orders, old_orders,
                                    added->count ? added->layers + order * layers : own, layers);
    for (uint64_t index = 0; index < draft->count && status == SGR_OK; index++) {
        struct plan_item item = {.order = 0};
        if (index >= extending->old_count) {
            orders->ids[index] =
                numbers[added->count ? added->ids[index - extending->old_count] : 0];
            continue;
        }
        if (old_orders > 1)
            status = plan_read(old, index, &item, error);
        orders->ids[index] = item.order;
    }
    memory_free(numbers);
    memory_free(own);
    return status;
}

/* Whether layers are drawn as they stand, in old items and new ones. */
static bool is_plain(const struct plan_draft *draft)
{
    bool plain = draft->orders.count == 1;
    for (size_t layer = 0; layer < draft->collection->layer_count && plain; layer++)
        plain = draft->orders.layers[layer] == layer;
    return plain;
}

static enum sgr_status make_orders(struct extending *extending, struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    struct plan_orders added = {.count = 0};
    const uint16_t *rows = plan_draft_traits(draft, extending->old_count);
    enum sgr_status status = plan_orders_make(&added, draft->collection, rows,
                                              draft->count - extending->old_count, error);
    if (status == SGR_OK)
        status = join_orders(extending, &added, error);
    if (status == SGR_OK && is_plain(draft))
        plan_orders_finish(&draft->orders);
    plan_orders_finish(&added);
    return status;
}

/* All steps; the tables are the caller's to free. */
static enum sgr_status extend(struct extending *extending, const char *seed,
                              struct sgr_error *error)
{
    struct plan_draft *draft = extending->draft;
    struct plan_extension *extension = &draft->extension;
    enum sgr_status status = plan_draft_begin(draft, error);
    if (status == SGR_OK)
        status = plan_mapping_make(&extension->mapping, extension->old, draft->collection, error);
    if (status == SGR_OK)
        status = make_tables(extending, error);
    if (status == SGR_OK)
        status = take_rows(extending, error);
    if (status == SGR_OK)
        status = note_all_broken(extending, error);
    if (status == SGR_OK)
        status = ask_whole(extending, error);
    if (status != SGR_OK)
        return status;
    ask_new(extending);
    status = add_rows(extending, seed, error);
    if (status != SGR_OK)
        return status;
    plan_draft_count(draft);
    status = make_orders(extending, error);
    if (status == SGR_OK)
        status =
            plan_extension_fill(extension, draft->collection, draft->traits, draft->count, error);
    return status;
}

enum sgr_status plan_draft_extend(struct plan_draft *draft, const struct collection *collection,
                                  struct plan *old, uint64_t count, const char *seed,
                                  struct sgr_error *error)
{
    struct extending extending = {.draft = draft, .old_count = plan_count(old)};
    draft->collection = collection;
    draft->count = count;
    draft->extension.old = old;
    ERROR_ASSERT(count > extending.old_count);
    if (extending.old_count == 0)
        return error_set(error, SGR_INPUT, "%s: the plan has no items; plan anew without --extend",
                         plan_name(old));
    enum sgr_status status = extend(&extending, seed, error);
    memory_free(extending.tables);
    return status;
}
