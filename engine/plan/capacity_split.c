/* Parts by union-find; weights by class. */
#include "plan/capacity_state.h"

#include "base/memory.h"

#include <string.h>

static uint32_t root_of(uint32_t *roots, uint32_t layer)
{
    while (roots[layer] != layer) {
        roots[layer] = roots[roots[layer]];
        layer = roots[layer];
    }
    return layer;
}

/* The layer whose root stands for all of a rule's; FACTOR_NOTHING when it is about none. */
static uint32_t layer_of(const struct rule *rule)
{
    if (rule->condition_count > 0)
        return rule->conditions[0].layer;
    return rule->literal_count > 0 ? rule->literals[0].layer : FACTOR_NOTHING;
}

static void join(uint32_t *roots, uint32_t left, uint32_t right)
{
    uint32_t low = root_of(roots, left);
    uint32_t high = root_of(roots, right);
    roots[low > high ? low : high] = low > high ? high : low;
}

static void join_all(uint32_t *roots, const struct rules *rules)
{
    for (size_t index = 0; index < rules->rule_count; index++) {
        const struct rule *rule = &rules->rules[index];
        for (size_t at = 0; at < rule->condition_count; at++)
            join(roots, layer_of(rule), rule->conditions[at].layer);
        for (size_t at = 0; at < rule->literal_count; at++)
            join(roots, layer_of(rule), rule->literals[at].layer);
    }
}

/* Gives every part that has rules its slices of two arrays. */
static void slice(struct capacity_counting *counting, uint32_t *roots, uint32_t *layers,
                  uint32_t *rules)
{
    size_t layer_count = counting->capacity->classes.layer_count;
    for (uint32_t root = 0; root < layer_count; root++) {
        struct capacity_part *part = &counting->parts[counting->part_count];
        if (counting->map.variables[root] == 0)
            continue;
        *part = (struct capacity_part){layers, 0, rules, 0};
        rules += counting->map.variables[root];
        for (uint32_t layer = root; layer < layer_count; layer++) {
            if (root_of(roots, layer) == root)
                layers[part->layer_count++] = layer;
        }
        layers += part->layer_count;
        counting->map.variables[root] = (uint32_t)counting->part_count++;
    }
}

enum factor_outcome capacity_split(struct capacity_counting *counting)
{
    const struct rules *rules = counting->rules;
    size_t layer_count = counting->capacity->classes.layer_count;
    struct arena *arena = &counting->capacity->arena;
    uint32_t *roots = memory_allocate(layer_count, sizeof *roots);
    uint32_t *layers = arena_allocate(arena, layer_count + 1, sizeof *layers);
    uint32_t *indexes = arena_allocate(arena, rules->rule_count + 1, sizeof *indexes);
    counting->parts = arena_allocate(arena, layer_count + 1, sizeof *counting->parts);
    counting->counts = memory_allocate_zeroed(layer_count, sizeof *counting->counts);
    bool fits = roots && layers && indexes && counting->parts && counting->counts;
    for (uint32_t layer = 0; layer < layer_count && fits; layer++) {
        roots[layer] = layer;
        counting->map.variables[layer] = 0;
    }
    if (fits) {
        join_all(roots, rules);
        for (size_t index = 0; index < rules->rule_count; index++) {
            if (layer_of(&rules->rules[index]) != FACTOR_NOTHING)
                counting->map.variables[root_of(roots, layer_of(&rules->rules[index]))]++;
        }
        slice(counting, roots, layers, indexes);
    }
    for (size_t index = 0; index < rules->rule_count && fits; index++) {
        uint32_t layer = layer_of(&rules->rules[index]);
        if (layer == FACTOR_NOTHING)
            continue;
        struct capacity_part *part =
            &counting->parts[counting->map.variables[root_of(roots, layer)]];
        part->rules[part->rule_count++] = (uint32_t)index;
    }
    memory_free(roots);
    return fits ? FACTOR_DONE : FACTOR_NO_MEMORY;
}

/* A layer's weights as they are drawn by. */
struct weighing {
    const struct collection_layer *layer;
    const uint64_t *asked; /* of the layer, when they are its weights; else NULL */
};

static uint64_t weight_of(const struct weighing *weighing, size_t trait)
{
    if (weighing->asked)
        return weighing->asked[trait];
    const struct collection_trait *drawn = &weighing->layer->traits[trait];
    return drawn->count_fixed ? drawn->count : drawn->weight;
}

/* Whether a layer mixes fixed counts and weights, which cannot be compared. */
static bool is_mixed(const struct collection_layer *layer)
{
    bool fixed = false;
    bool weighed = false;
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        fixed |= layer->traits[trait].count_fixed;
        weighed |= !layer->traits[trait].count_fixed && layer->traits[trait].weight > 0;
    }
    return fixed && weighed;
}

static bool weigh_layer(struct capacity_counting *counting, const struct weighing *weighing,
                        size_t layer, struct capacity_weights *weights)
{
    const struct rule_layer *classes = &counting->capacity->classes.layers[layer];
    size_t room = (size_t)(classes->class_count + 1) * CAPACITY_WEIGHT_LIMBS;
    struct arena *arena = &counting->capacity->arena;
    uint64_t *sums = arena_allocate(arena, room, sizeof *sums);
    uint64_t *squares = arena_allocate(arena, room, sizeof *squares);
    uint64_t divisor = 0;
    if (!sums || !squares)
        return false;
    for (size_t trait = 0; trait < weighing->layer->trait_count; trait++) {
        if (classes->of_traits[trait] != RULE_CLASSES_NONE)
            divisor = wide_gcd(divisor, weight_of(weighing, trait));
    }
    for (size_t trait = 0; trait < weighing->layer->trait_count && divisor > 0; trait++) {
        uint32_t class = classes->of_traits[trait];
        if (class == RULE_CLASSES_NONE)
            continue;
        uint64_t weight = weight_of(weighing, trait) / divisor;
        wide square = (wide)weight * weight;
        const uint64_t limbs[2] = {(uint64_t)square, (uint64_t)(square >> 64)};
        size_t at = (size_t) class * CAPACITY_WEIGHT_LIMBS;
        natural_accumulate(sums + at, CAPACITY_WEIGHT_LIMBS, &weight, 1);
        natural_accumulate(squares + at, CAPACITY_WEIGHT_LIMBS, limbs, 2);
    }
    *weights = (struct capacity_weights){sums, squares};
    return true;
}

enum factor_outcome capacity_weigh(struct capacity_counting *counting)
{
    const struct collection *collection = counting->options->collection;
    const uint64_t *asked = counting->options->asked;
    /* What is absent in one group has no weight beside the traits of another. */
    if (collection->stacks)
        return FACTOR_DONE;
    struct capacity_weights *weights =
        arena_allocate(&counting->capacity->arena, collection->layer_count + 1, sizeof *weights);
    if (!weights)
        return FACTOR_NO_MEMORY;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        struct weighing weighing = {.layer = &collection->layers[layer]};
        if (is_mixed(weighing.layer)) {
            if (!asked)
                return FACTOR_DONE;
            weighing.asked = asked;
        }
        if (!weigh_layer(counting, &weighing, layer, &weights[layer]))
            return FACTOR_NO_MEMORY;
        if (asked)
            asked += weighing.layer->trait_count;
    }
    counting->weights = weights;
    return FACTOR_DONE;
}
