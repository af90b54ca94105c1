/*
 * First go the layers in which recipes need not differ, where it only matters whether some choice
 * of theirs completes the others; then those that are counted.
 */
#include "plan/capacity_part.h"

#include <string.h>

const uint64_t *capacity_part_cell(const struct factor *factor, uint32_t class, size_t *out_count)
{
    size_t cell = factor->variable_count ? class : 0;
    const uint64_t *limbs = factor->values + cell * factor->limbs;
    *out_count = natural_used(limbs, factor->limbs);
    return limbs;
}

/* One class's number for the goal: how many traits, their weight, or their squared weights. */
static void set_value(const struct capacity_request *request, uint32_t layer, uint32_t class,
                      uint64_t *value)
{
    bool squared = request->goal == CAPACITY_SQUARES && request->stages[layer] == FACTOR_LATE;
    memset(value, 0, CAPACITY_WEIGHT_LIMBS * sizeof *value);
    if (request->goal == CAPACITY_COUNT) {
        value[0] = request->classes->layers[layer].sizes[class];
        return;
    }
    const struct capacity_weights *weights = &request->weights[layer];
    const uint64_t *limbs = squared ? weights->squares : weights->sums;
    memcpy(value, limbs + (size_t) class * CAPACITY_WEIGHT_LIMBS,
           CAPACITY_WEIGHT_LIMBS * sizeof *value);
}

bool capacity_part_counts(const struct capacity_manner *manner, uint32_t layer, uint32_t class)
{
    uint32_t settled = manner->settled ? manner->settled[layer] : RULE_CLASSES_NONE;
    if (settled == RULE_CLASSES_NONE || settled == class)
        return true;
    const uint32_t *alike = manner->alike ? manner->alike[layer] : NULL;
    return alike && alike[class] == alike[settled];
}

/* Multiplies in what the classes of the layers of one stage count for. */
static enum factor_outcome add_values(struct factor_graph *graph,
                                      const struct capacity_request *request,
                                      const struct capacity_manner *manner, enum factor_stage stage)
{
    for (size_t at = 0; at < request->part->layer_count; at++) {
        uint32_t layer = request->part->layers[at];
        const struct rule_layer *classes = &request->classes->layers[layer];
        const uint32_t *values = request->map.values + classes->base;
        struct factor *factor;
        if (request->stages[layer] != (unsigned char)stage)
            continue;
        uint64_t bits = request->goal == CAPACITY_COUNT ? 17 : CAPACITY_WEIGHT_LIMBS * 64;
        enum factor_outcome outcome =
            factor_graph_add(graph, &request->map.variables[layer], 1, bits, &factor);
        if (outcome != FACTOR_DONE)
            return outcome;
        for (uint32_t class = 0; class < classes->class_count; class ++) {
            uint64_t value[CAPACITY_WEIGHT_LIMBS];
            if (!capacity_part_counts(manner, layer, class))
                continue;
            set_value(request, layer, class, value);
            natural_accumulate(factor->values + values[class] * factor->limbs, factor->limbs, value,
                               factor->limbs);
        }
        factor_measure(factor);
    }
    return FACTOR_DONE;
}

/* Takes everything out of a graph in the order that the goal asks for. */
static enum factor_outcome reduce(struct factor_graph *graph,
                                  const struct capacity_request *request,
                                  const struct capacity_manner *manner, struct factor *out_factor)
{
    bool squares = request->goal == CAPACITY_SQUARES;
    enum factor_outcome outcome = FACTOR_DONE;
    if (squares)
        outcome = add_values(graph, request, manner, FACTOR_EARLY);
    if (outcome == FACTOR_DONE)
        outcome = factor_graph_reduce(graph, FACTOR_EARLY, squares ? FACTOR_SUM : FACTOR_ANY);
    if (outcome == FACTOR_DONE && squares)
        outcome = factor_graph_square(graph);
    if (outcome == FACTOR_DONE)
        outcome = add_values(graph, request, manner, FACTOR_LATE);
    if (outcome == FACTOR_DONE)
        outcome = factor_graph_reduce(graph, FACTOR_LATE, FACTOR_SUM);
    return outcome == FACTOR_DONE ? factor_graph_result(graph, out_factor) : outcome;
}

uint32_t capacity_part_kept(const struct capacity_request *request)
{
    for (size_t at = 0; at < request->part->layer_count; at++) {
        if (request->stages[request->part->layers[at]] == FACTOR_KEEP)
            return request->part->layers[at];
    }
    return FACTOR_NOTHING;
}

/* Gives each class of the kept layer the number of its value. */
static bool expand(const struct capacity_request *request, struct factor *factor)
{
    const uint32_t variable = 0;
    struct factor expanded;
    if (factor->variable_count == 0)
        return true;
    const struct rule_layer *classes = &request->classes->layers[capacity_part_kept(request)];
    const uint32_t *values = request->map.values + classes->base;
    if (!factor_create(&expanded, &variable, 1, &classes->class_count, factor->bits))
        return false;
    for (uint32_t class = 0; class < classes->class_count; class ++)
        memcpy(expanded.values + class * expanded.limbs,
               factor->values + values[class] * factor->limbs,
               expanded.limbs * sizeof *factor->values);
    factor_finish(factor);
    *factor = expanded;
    return true;
}

enum factor_outcome capacity_part_eliminate(const struct capacity_request *request,
                                            const struct capacity_manner *manner,
                                            struct factor *out_factor)
{
    struct factor_graph graph;
    struct factor factor;
    uint64_t given = *request->work < manner->work_max ? *request->work : manner->work_max;
    uint64_t left = given;
    const struct rule_graph_request rules = {
        .classes = request->classes,
        .rules = request->rules,
        .rule_indexes = request->part->rules,
        .rule_count = request->part->rule_count,
        .left_out = request->left_out,
        .layers = request->part->layers,
        .layer_count = request->part->layer_count,
        .stages = request->stages,
        .settled = manner->settled,
        .cells_max =
            manner->cells_max < request->cells_max ? manner->cells_max : request->cells_max,
        .work = &left,
    };
    enum factor_outcome outcome = rule_graph_init(&graph, &rules, &request->map);
    if (outcome == FACTOR_DONE) {
        outcome = reduce(&graph, request, manner, &factor);
        factor_graph_finish(&graph);
    }
    *request->work -= given - left;
    if (outcome != FACTOR_DONE)
        return outcome;
    if (!expand(request, &factor)) {
        factor_finish(&factor);
        return FACTOR_NO_MEMORY;
    }
    *out_factor = factor;
    return FACTOR_DONE;
}
