/* A unique group's scope is one more rule about the groups, which only its own counts look at. */
#include "base/memory.h"
#include "plan/capacity_state.h"
#include "plan/group_scope.h"
#include "plan/plan_counts.h"

#include <string.h>

/* The groups in whose items recipes are found. */
static bool is_drawn(const struct collection *collection, size_t group)
{
    const struct collection_trait *trait =
        &collection->layers[collection_group_layer(collection)].traits[group];
    return !trait->single && plan_counts_may_draw(trait);
}

static size_t count_groups(const struct collection *collection)
{
    return collection->stacks ? collection->layers[collection_group_layer(collection)].trait_count
                              : 0;
}

uint64_t capacity_scope_singles(const struct collection *collection)
{
    uint64_t sum = 0;
    for (size_t group = 0; group < count_groups(collection); group++)
        sum += collection->layers[collection_group_layer(collection)].traits[group].single;
    return sum;
}

bool capacity_scope_repeats(const struct collection *collection)
{
    bool repeats = false;
    for (size_t group = 0; group < count_groups(collection); group++) {
        const struct collection_stack *stack = &collection->stacks[group];
        bool differs = false;
        for (size_t layer = 0; layer < collection->layer_count; layer++)
            differs |= collection->layers[layer].distinct && collection_stack_has(stack, layer);
        repeats |= is_drawn(collection, group) && !differs;
    }
    return repeats;
}

static const uint64_t *scope_of(const struct capacity_counting *counting, size_t unique)
{
    return counting->scoped.rules[counting->rules->rule_count + unique].literals->traits;
}

bool capacity_scope_is_partial(const struct capacity_counting *counting, size_t unique)
{
    const struct collection *collection = counting->options->collection;
    bool partial = false;
    for (size_t group = 0; group < count_groups(collection); group++)
        partial |=
            is_drawn(collection, group) && !group_scope_has(scope_of(counting, unique), group);
    return partial;
}

enum factor_outcome capacity_scope_make(struct capacity_counting *counting)
{
    const struct collection *collection = counting->options->collection;
    const struct rules *rules = counting->rules;
    struct arena *arena = &counting->capacity->arena;
    size_t count = rules->rule_count + rules->unique_count;
    if (!collection->stacks)
        return FACTOR_DONE;
    struct rule *all = memory_allocate(count + 1, sizeof *all);
    struct rule_literal *literals =
        arena_allocate(arena, rules->unique_count + 1, sizeof *literals);
    counting->scoped = *rules;
    counting->scoped.rules = all;
    counting->scoped.rule_count = count;
    if (!all || !literals)
        return FACTOR_NO_MEMORY;
    if (rules->rule_count > 0)
        memcpy(all, rules->rules, rules->rule_count * sizeof *all);
    for (size_t unique = 0; unique < rules->unique_count; unique++) {
        struct group_scope_request request = {collection, rules->uniques[unique].layers,
                                              rules->uniques[unique].layer_count, false};
        literals[unique].layer = (uint32_t)collection_group_layer(collection);
        literals[unique].traits = group_scope_make(&request, arena);
        if (!literals[unique].traits)
            return FACTOR_NO_MEMORY;
        all[rules->rule_count + unique] = (struct rule){.text = rules->uniques[unique].text,
                                                        .source = RULES_NONE,
                                                        .literals = &literals[unique],
                                                        .literal_count = 1,
                                                        .at_least = 1,
                                                        .at_most = 1};
    }
    return FACTOR_DONE;
}

enum factor_outcome capacity_scope_part(const struct capacity_counting *counting, size_t unique,
                                        const struct capacity_part *part,
                                        struct capacity_part *out_part)
{
    bool grouped = false;
    *out_part = *part;
    out_part->rules = memory_allocate(part->rule_count + 1, sizeof *part->rules);
    if (!out_part->rules)
        return FACTOR_NO_MEMORY;
    if (part->rule_count > 0)
        memcpy(out_part->rules, part->rules, part->rule_count * sizeof *part->rules);
    for (size_t at = 0; at < part->layer_count; at++)
        grouped |= counting->scoped.rules &&
                   part->layers[at] == collection_group_layer(counting->options->collection);
    if (grouped)
        out_part->rules[out_part->rule_count++] = (uint32_t)(counting->rules->rule_count + unique);
    return FACTOR_DONE;
}
