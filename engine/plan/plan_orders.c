/* Items that the same rules matter to share an order, so each set of rules is applied once. */
#include "plan/plan_orders.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "collection/collection.h"
#include "plan/plan_format.h"

#include <string.h>

/* Behind the bits of the rules stands the number of the item's stack. */
enum { STACK_SHIFT = 40 };

/* Orders being found, by the rules and the stack that make them. */
struct finder {
    struct plan_orders *orders;
    const struct collection *collection;
    size_t words;    /* of a set of rules, and a stack's number */
    uint64_t *sets;  /* [order * words]: the rules that matter */
    uint32_t *slots; /* order + 1; 0 is empty */
    size_t slot_count;
    size_t sets_capacity;
    size_t layers_capacity;
};

/* NULL without groups. */
static const struct collection_stack *stack_of(const struct collection *collection,
                                               const uint16_t *traits)
{
    if (!collection->stacks)
        return NULL;
    return &collection->stacks[traits[collection_group_layer(collection)]];
}

/* Whether a rule is about an item; what its group lacks it does not move. */
static bool matters(const struct collection *collection, const struct rule_order *rule,
                    const uint16_t *traits)
{
    const struct collection_stack *stack = stack_of(collection, traits);
    if (stack &&
        !(collection_stack_has(stack, rule->layer) && collection_stack_has(stack, rule->other)))
        return false;
    for (size_t index = 0; index < rule->condition_count; index++) {
        if (rule_literal_holds(&rule->conditions[index], traits))
            return true;
    }
    return rule->condition_count == 0;
}

/* The layers of an item's own stack, bottom first, then those that it lacks. */
static void begin(const struct collection *collection, const uint16_t *traits, uint16_t *layers)
{
    const struct collection_stack *stack = stack_of(collection, traits);
    size_t next = 0;
    for (; stack && next < stack->layer_count; next++)
        layers[next] = stack->layers[next];
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        if (!stack || !collection_stack_has(stack, layer))
            layers[next++] = (uint16_t)layer;
    }
}

/* Moves a layer right above or below another. */
static void move(uint16_t *layers, size_t count, const struct rule_order *rule)
{
    size_t from = 0;
    while (layers[from] != rule->layer)
        from++;
    memmove(layers + from, layers + from + 1, (count - from - 1) * sizeof *layers);
    size_t to = 0;
    while (layers[to] != rule->other)
        to++;
    to += rule->above;
    memmove(layers + to + 1, layers + to, (count - 1 - to) * sizeof *layers);
    layers[to] = (uint16_t)rule->layer;
}

static bool add_order(struct finder *finder, const uint64_t *set, const uint16_t *traits)
{
    struct plan_orders *orders = finder->orders;
    const struct collection *collection = finder->collection;
    size_t layer_count = collection->layer_count;
    uint64_t *sets = memory_grow(finder->sets, &finder->sets_capacity,
                                 (orders->count + 1) * finder->words, sizeof *sets);
    finder->sets = sets ? sets : finder->sets;
    uint16_t *layers = memory_grow(orders->layers, &finder->layers_capacity,
                                   (orders->count + 1) * layer_count, sizeof *layers);
    orders->layers = layers ? layers : orders->layers;
    if (!sets || !layers)
        return false;
    memcpy(sets + orders->count * finder->words, set, finder->words * sizeof *set);
    layers += orders->count++ * layer_count;
    begin(collection, traits, layers);
    for (size_t rule = 0; rule < collection->rules.order_count; rule++) {
        if (set[rule / 64] >> (rule % 64) & 1)
            move(layers, layer_count, &collection->rules.orders[rule]);
    }
    return true;
}

/* The slot that holds a set of rules, or the empty one where it belongs. */
static size_t find_slot(const struct finder *finder, const uint64_t *set)
{
    size_t bytes = finder->words * sizeof *set;
    size_t slot = (size_t)hash_64(set, bytes) & (finder->slot_count - 1);
    while (finder->slots[slot] &&
           memcmp(finder->sets + (finder->slots[slot] - 1) * finder->words, set, bytes) != 0)
        slot = (slot + 1) & (finder->slot_count - 1);
    return slot;
}

/* Keeps the table at most half full. */
static bool widen(struct finder *finder)
{
    if (finder->orders->count * 2 < finder->slot_count)
        return true;
    size_t count = finder->slot_count ? finder->slot_count * 2 : 64;
    uint32_t *slots = memory_allocate_zeroed(count, sizeof *slots);
    if (!slots)
        return false;
    memory_free(finder->slots);
    finder->slots = slots;
    finder->slot_count = count;
    for (uint32_t order = 0; order < finder->orders->count; order++)
        slots[find_slot(finder, finder->sets + order * finder->words)] = order + 1;
    return true;
}

static bool find_order(struct finder *finder, const uint64_t *set, const uint16_t *traits,
                       uint32_t *out_order)
{
    if (!widen(finder))
        return false;
    size_t slot = find_slot(finder, set);
    if (!finder->slots[slot]) {
        if (!add_order(finder, set, traits))
            return false;
        finder->slots[slot] = (uint32_t)finder->orders->count;
    }
    *out_order = finder->slots[slot] - 1;
    return true;
}

/* What tells an item's stack from others; one-of-one items all have the same. */
static uint64_t stack_number(const struct collection *collection, const uint16_t *traits)
{
    if (!collection->stacks)
        return 0;
    size_t layer = collection_group_layer(collection);
    uint16_t group = traits[layer];
    return collection->layers[layer].traits[group].single ? 1 : group + UINT64_C(2);
}

static enum sgr_status find_all(struct finder *finder, uint64_t *set, const uint16_t *rows,
                                uint64_t item_count, struct sgr_error *error)
{
    const struct rules *rules = &finder->collection->rules;
    for (uint64_t item = 0; item < item_count; item++) {
        const uint16_t *traits = rows + item * finder->collection->layer_count;
        memset(set, 0, finder->words * sizeof *set);
        for (size_t rule = 0; rule < rules->order_count; rule++)
            set[rule / 64] |= (uint64_t)matters(finder->collection, &rules->orders[rule], traits)
                              << (rule % 64);
        set[finder->words - 1] |= stack_number(finder->collection, traits) << STACK_SHIFT;
        if (!find_order(finder, set, traits, &finder->orders->ids[item]))
            return error_no_memory(error, "the draw orders");
        if (finder->orders->count > PLAN_ORDERS_MAX)
            return error_set(error, SGR_INPUT,
                             "the rules give more than %d different draw orders; use fewer",
                             PLAN_ORDERS_MAX);
    }
    return SGR_OK;
}

enum sgr_status plan_orders_make(struct plan_orders *orders, const struct collection *collection,
                                 const uint16_t *rows, uint64_t item_count, struct sgr_error *error)
{
    struct finder finder = {.orders = orders, .collection = collection};
    if (collection->rules.order_count == 0 && !collection->stacks)
        return SGR_OK;
    finder.words = (collection->rules.order_count + 64 - STACK_SHIFT + 63) / 64;
    uint64_t *set = memory_allocate(finder.words, sizeof *set);
    orders->ids = memory_allocate((size_t)item_count + 1, sizeof *orders->ids);
    enum sgr_status status = set && orders->ids ? find_all(&finder, set, rows, item_count, error)
                                                : error_no_memory(error, "the draw orders");
    memory_free(finder.sets);
    memory_free(finder.slots);
    memory_free(set);
    return status;
}

void plan_orders_finish(struct plan_orders *orders)
{
    memory_free(orders->layers);
    memory_free(orders->ids);
    *orders = (struct plan_orders){.count = 0};
}
