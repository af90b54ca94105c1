/*
 * First go the layers in which recipes need not differ, where it only matters whether some choice
 * of theirs completes the others; then those that are counted.
 */
#include "plan/capacity_part.h"

#include "base/memory.h"

#include <string.h>

/* What one elimination may take of the work that is left, and one of a lower bound's attempts. */
#define COUNT_WORK (UINT64_C(1) << 23)
#define ATTEMPT_WORK (UINT64_C(1) << 20)

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

/* Multiplies in what the classes of the layers of one stage count for. */
static enum factor_outcome add_values(struct factor_graph *graph,
                                      const struct capacity_request *request,
                                      const uint32_t *settled, enum factor_stage stage)
{
    for (size_t at = 0; at < request->part->layer_count; at++) {
        uint32_t layer = request->part->layers[at];
        struct factor *factor;
        if (request->stages[layer] != (unsigned char)stage)
            continue;
        uint64_t bits = request->goal == CAPACITY_COUNT ? 17 : CAPACITY_WEIGHT_LIMBS * 64;
        enum factor_outcome outcome =
            factor_graph_add(graph, &request->variables[layer], 1, bits, &factor);
        if (outcome != FACTOR_DONE)
            return outcome;
        bool is_settled = settled && settled[layer] != RULE_CLASSES_NONE;
        for (uint32_t class = 0; class < factor->cells; class ++) {
            uint64_t value[CAPACITY_WEIGHT_LIMBS];
            set_value(request, layer, is_settled ? settled[layer] : class, value);
            memcpy(factor->values + class * factor->limbs, value, factor->limbs * sizeof *value);
        }
        factor_measure(factor);
    }
    return FACTOR_DONE;
}

/* Takes everything out of a graph in the order that the goal asks for. */
static enum factor_outcome reduce(struct factor_graph *graph,
                                  const struct capacity_request *request, const uint32_t *settled,
                                  struct factor *out_factor)
{
    bool squares = request->goal == CAPACITY_SQUARES;
    enum factor_outcome outcome = FACTOR_DONE;
    if (squares)
        outcome = add_values(graph, request, settled, FACTOR_EARLY);
    if (outcome == FACTOR_DONE)
        outcome = factor_graph_reduce(graph, FACTOR_EARLY, squares ? FACTOR_SUM : FACTOR_ANY);
    if (outcome == FACTOR_DONE && squares)
        outcome = factor_graph_square(graph);
    if (outcome == FACTOR_DONE)
        outcome = add_values(graph, request, settled, FACTOR_LATE);
    if (outcome == FACTOR_DONE)
        outcome = factor_graph_reduce(graph, FACTOR_LATE, FACTOR_SUM);
    return outcome == FACTOR_DONE ? factor_graph_result(graph, out_factor) : outcome;
}

/* How the tables are made. */
struct manner {
    const uint32_t *settled; /* NULL: none */
    bool relax;
    uint64_t work_max;
};

static enum factor_outcome eliminate(const struct capacity_request *request, struct manner manner,
                                     struct factor *out_factor)
{
    struct factor_graph graph;
    uint64_t given = *request->work < manner.work_max ? *request->work : manner.work_max;
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
        .settled = manner.settled,
        .relax = manner.relax,
        .cells_max = request->cells_max,
        .work = &left,
    };
    enum factor_outcome outcome = rule_graph_init(&graph, &rules, request->variables);
    if (outcome == FACTOR_DONE) {
        outcome = reduce(&graph, request, manner.settled, out_factor);
        factor_graph_finish(&graph);
    }
    *request->work -= given - left;
    return outcome;
}

enum factor_outcome capacity_part_count(const struct capacity_request *request,
                                        struct factor *out_factor)
{
    return eliminate(request, (struct manner){NULL, false, COUNT_WORK}, out_factor);
}

enum factor_outcome capacity_part_most(const struct capacity_request *request,
                                       struct factor *out_factor)
{
    return eliminate(request, (struct manner){NULL, true, COUNT_WORK}, out_factor);
}

/* A search for classes to settle. */
struct settling {
    const struct capacity_request *request;
    uint32_t *settled; /* [all layers] */
    uint64_t *work;    /* what is left of it for the search */
    struct rule_scope scope;
};

static bool is_about(const struct rule *rule, uint32_t layer)
{
    bool found = false;
    for (size_t at = 0; at < rule->condition_count; at++)
        found |= rule->conditions[at].layer == layer;
    for (size_t at = 0; at < rule->literal_count; at++)
        found |= rule->literals[at].layer == layer;
    return found;
}

/* What settling a layer to a class does to the rules: fewer broken is better, then fewer open. */
struct verdicts {
    size_t broken;
    size_t open;
};

/* Counts what becomes of the rules about a layer; FACTOR_NOTHING: of all. */
static enum factor_outcome judge(struct settling *settling, uint32_t layer,
                                 struct verdicts *out_verdicts)
{
    const struct capacity_request *request = settling->request;
    *out_verdicts = (struct verdicts){0, 0};
    for (size_t at = 0; at < request->part->rule_count; at++) {
        uint32_t index = request->part->rules[at];
        const struct rule *rule = &request->rules->rules[index];
        uint64_t work = rule_scope_work(request->classes, rule);
        if (*settling->work < work)
            return FACTOR_TOO_MUCH;
        *settling->work -= work;
        if ((request->left_out && request->left_out[index]) ||
            (layer != FACTOR_NOTHING && !is_about(rule, layer)))
            continue;
        const struct rule_scope_request reading = {request->classes, rule, settling->settled, NULL};
        if (!rule_scope_read(&settling->scope, &reading))
            return FACTOR_NO_MEMORY;
        enum rule_verdict verdict = rule_scope_verdict(&settling->scope);
        out_verdicts->broken += verdict == RULE_BROKEN;
        out_verdicts->open += verdict == RULE_OPEN;
    }
    return FACTOR_DONE;
}

/* Settles a layer to its best class; FACTOR_TOO_MUCH when each breaks a rule. */
static enum factor_outcome settle_layer(struct settling *settling, uint32_t layer)
{
    const struct rule_layer *classes = &settling->request->classes->layers[layer];
    struct verdicts best = {SIZE_MAX, SIZE_MAX};
    uint32_t chosen = 0;
    for (uint32_t class = 0; class < classes->class_count; class ++) {
        struct verdicts verdicts;
        settling->settled[layer] = class;
        enum factor_outcome outcome = judge(settling, layer, &verdicts);
        if (outcome != FACTOR_DONE)
            return outcome;
        if (verdicts.broken > best.broken ||
            (verdicts.broken == best.broken && verdicts.open > best.open) ||
            (verdicts.broken == best.broken && verdicts.open == best.open &&
             classes->sizes[class] <= classes->sizes[chosen]))
            continue;
        best = verdicts;
        chosen = class;
    }
    settling->settled[layer] = chosen;
    return best.broken == 0 ? FACTOR_DONE : FACTOR_TOO_MUCH;
}

/* The layer that most open rules are about, or FACTOR_NOTHING when all are settled. */
static enum factor_outcome busiest_layer(struct settling *settling, uint32_t *out_layer)
{
    const struct capacity_request *request = settling->request;
    size_t most = 0;
    *out_layer = FACTOR_NOTHING;
    for (size_t at = 0; at < request->part->layer_count; at++) {
        uint32_t layer = request->part->layers[at];
        struct verdicts verdicts;
        if (settling->settled[layer] != RULE_CLASSES_NONE || request->stages[layer] == FACTOR_KEEP)
            continue;
        enum factor_outcome outcome = judge(settling, layer, &verdicts);
        if (outcome != FACTOR_DONE)
            return outcome;
        if (*out_layer != FACTOR_NOTHING && verdicts.open <= most)
            continue;
        *out_layer = layer;
        most = verdicts.open;
    }
    return FACTOR_DONE;
}

/* Settles 1, 2, 4 ... layers until what is left can be counted. */
static enum factor_outcome settle_until_counted(struct settling *settling,
                                                struct factor *out_factor)
{
    const struct manner manner = {settling->settled, false, ATTEMPT_WORK};
    for (size_t count = 1, next = 1;; count++) {
        uint32_t layer;
        enum factor_outcome outcome = busiest_layer(settling, &layer);
        if (outcome == FACTOR_DONE && layer != FACTOR_NOTHING)
            outcome = settle_layer(settling, layer);
        if (outcome != FACTOR_DONE)
            return outcome;
        if (count < next && layer != FACTOR_NOTHING)
            continue;
        next *= 2;
        outcome = eliminate(settling->request, manner, out_factor);
        if (outcome != FACTOR_TOO_MUCH || layer == FACTOR_NOTHING)
            return outcome;
    }
}

enum factor_outcome capacity_part_least(const struct capacity_request *request,
                                        struct factor *out_factor)
{
    uint64_t given = *request->work < COUNT_WORK ? *request->work : COUNT_WORK;
    uint64_t left = given;
    struct settling settling = {.request = request, .work = &left};
    size_t layers = request->classes->layer_count;
    settling.settled = memory_allocate(layers, sizeof *settling.settled);
    if (!settling.settled)
        return FACTOR_NO_MEMORY;
    for (size_t layer = 0; layer < layers; layer++)
        settling.settled[layer] = RULE_CLASSES_NONE;
    enum factor_outcome outcome = settle_until_counted(&settling, out_factor);
    *request->work -= given - left < *request->work ? given - left : *request->work;
    rule_scope_finish(&settling.scope);
    memory_free(settling.settled);
    return outcome;
}
