/* The layers that are settled form a stack; the classes of each are gone through like digits. */
#include "plan/capacity_settle.h"

#include "base/memory.h"

#include <string.h>

/* Cells of tables before any layer is settled, and after; where that is not enough, all allowed. */
enum { PLAIN_CELLS = 1 << 16, SETTLED_CELLS = 1 << 14 };

/* What one elimination may take of the work. */
#define ATTEMPT_WORK (UINT64_C(1) << 19)

/*
 * The layer that most open rules are about, by the degrees that the last elimination left, or
 * FACTOR_NOTHING. Layers of one stage are passed over.
 */
static uint32_t busiest_layer(const struct capacity_request *request, const uint32_t *settled,
                              enum factor_stage passed)
{
    const uint32_t *degrees = request->map.degrees;
    uint32_t busiest = FACTOR_NOTHING;
    for (size_t at = 0; at < request->part->layer_count; at++) {
        uint32_t layer = request->part->layers[at];
        if (settled[layer] != RULE_CLASSES_NONE || degrees[layer] == 0 ||
            request->stages[layer] == (unsigned char)passed)
            continue;
        if (busiest == FACTOR_NOTHING || degrees[layer] > degrees[busiest])
            busiest = layer;
    }
    return busiest;
}

/* A walk through the classes of settled layers. */
struct walk {
    const struct capacity_request *request;
    uint32_t *settled; /* [all layers] */
    uint32_t **alike;  /* [all layers]: owned */
    uint32_t *stack;   /* [depth] */
    size_t depth;
    struct natural *sums; /* [sum_count]: for the classes of the kept layer, or one number */
    size_t sum_count;
    uint32_t kept; /* a layer, or FACTOR_NOTHING */
};

static bool walk_init(struct walk *walk, const struct capacity_request *request)
{
    size_t layers = request->classes->layer_count;
    *walk = (struct walk){.request = request, .kept = capacity_part_kept(request)};
    walk->sum_count =
        walk->kept == FACTOR_NOTHING ? 1 : request->classes->layers[walk->kept].class_count;
    walk->settled = memory_allocate(layers, sizeof *walk->settled);
    walk->alike = memory_allocate_zeroed(layers, sizeof *walk->alike);
    walk->stack = memory_allocate(layers, sizeof *walk->stack);
    walk->sums = memory_allocate_zeroed(walk->sum_count, sizeof *walk->sums);
    for (size_t layer = 0; layer < layers && walk->settled; layer++)
        walk->settled[layer] = RULE_CLASSES_NONE;
    return walk->settled && walk->alike && walk->stack && walk->sums;
}

static void walk_finish(struct walk *walk)
{
    for (size_t depth = 0; depth < walk->depth; depth++)
        memory_free(walk->alike[walk->stack[depth]]);
    for (size_t sum = 0; sum < walk->sum_count && walk->sums; sum++)
        natural_finish(&walk->sums[sum]);
    memory_free(walk->settled);
    memory_free(walk->alike);
    memory_free(walk->stack);
    memory_free(walk->sums);
}

/* Settles one more layer to its first class; those that no open rule tells apart go together. */
static enum factor_outcome push(struct walk *walk)
{
    const struct capacity_request *request = walk->request;
    uint32_t layer = busiest_layer(request, walk->settled, FACTOR_EARLY);
    if (layer == FACTOR_NOTHING)
        return FACTOR_TOO_MUCH;
    const struct rule_layer *classes = &request->classes->layers[layer];
    uint32_t *alike = memory_allocate(classes->class_count, sizeof *alike);
    if (!alike)
        return FACTOR_NO_MEMORY;
    memcpy(alike, request->map.values + classes->base, classes->class_count * sizeof *alike);
    walk->alike[layer] = alike;
    walk->settled[layer] = 0;
    walk->stack[walk->depth++] = layer;
    return FACTOR_DONE;
}

/* Goes to the next class of the last layer that has one; false when all were visited. */
static bool advance(struct walk *walk)
{
    while (walk->depth > 0) {
        uint32_t layer = walk->stack[walk->depth - 1];
        uint32_t *alike = walk->alike[layer];
        uint32_t count = walk->request->classes->layers[layer].class_count;
        uint32_t seen = alike[walk->settled[layer]];
        /* Numbers are given in the order of classes, so the next one is new where it is larger. */
        for (uint32_t class = walk->settled[layer] + 1; class < count; class ++) {
            if (alike[class] <= seen)
                continue;
            walk->settled[layer] = class;
            return true;
        }
        walk->settled[layer] = RULE_CLASSES_NONE;
        walk->alike[layer] = NULL;
        memory_free(alike);
        walk->depth--;
    }
    return false;
}

/* Adds what was counted to the classes of the kept layer that it stands for. */
static bool add_counted(struct walk *walk, const struct capacity_manner *manner,
                        const struct factor *factor)
{
    bool fits = true;
    for (uint32_t sum = 0; sum < walk->sum_count && fits; sum++) {
        size_t count = 0;
        if (walk->kept != FACTOR_NOTHING && !capacity_part_counts(manner, walk->kept, sum))
            continue;
        const uint64_t *limbs = capacity_part_cell(factor, sum, &count);
        struct natural number = {.limbs = NULL};
        fits = count == 0 ||
               (natural_set(&number, limbs, count) && natural_add(&walk->sums[sum], &number));
        natural_finish(&number);
    }
    return fits;
}

/* Makes a factor of the sums. */
static enum factor_outcome finish_sums(const struct walk *walk, struct factor *out_factor)
{
    const uint32_t variable = 0;
    const uint32_t domain = (uint32_t)walk->sum_count;
    size_t limbs = 1;
    for (size_t sum = 0; sum < walk->sum_count; sum++)
        limbs = walk->sums[sum].count > limbs ? walk->sums[sum].count : limbs;
    if (!factor_create(out_factor, &variable, walk->kept != FACTOR_NOTHING, &domain, limbs * 64))
        return FACTOR_NO_MEMORY;
    for (size_t sum = 0; sum < walk->sum_count; sum++) {
        if (walk->sums[sum].count > 0)
            memcpy(out_factor->values + sum * limbs, walk->sums[sum].limbs,
                   walk->sums[sum].count * sizeof *out_factor->values);
    }
    factor_measure(out_factor);
    return FACTOR_DONE;
}

/* One step: counts with the layers as they are settled and goes on, or settles one more. */
static enum factor_outcome visit(struct walk *walk, bool *out_more)
{
    const struct capacity_manner manner = {.settled = walk->settled,
                                           .alike = walk->alike,
                                           .cells_max = SETTLED_CELLS,
                                           .work_max = ATTEMPT_WORK};
    struct factor factor;
    enum factor_outcome outcome = capacity_part_eliminate(walk->request, &manner, &factor);
    if (outcome == FACTOR_TOO_MUCH)
        return *walk->request->work > 0 ? push(walk) : outcome;
    if (outcome != FACTOR_DONE)
        return outcome;
    bool fits = add_counted(walk, &manner, &factor);
    factor_finish(&factor);
    *out_more = advance(walk);
    return fits ? FACTOR_DONE : FACTOR_NO_MEMORY;
}

static enum factor_outcome count_settled(const struct capacity_request *request,
                                         struct factor *out_factor)
{
    struct walk walk;
    uint64_t given = *request->work < CAPACITY_COUNT_WORK ? *request->work : CAPACITY_COUNT_WORK;
    uint64_t left = given;
    struct capacity_request limited = *request;
    limited.work = &left;
    enum factor_outcome outcome = walk_init(&walk, &limited) ? FACTOR_DONE : FACTOR_NO_MEMORY;
    for (bool more = true; more && outcome == FACTOR_DONE;) {
        outcome = left > walk.sum_count ? visit(&walk, &more) : FACTOR_TOO_MUCH;
        left -= left > walk.sum_count ? walk.sum_count : left;
    }
    if (outcome == FACTOR_DONE)
        outcome = finish_sums(&walk, out_factor);
    *request->work -= given - left;
    walk_finish(&walk);
    return outcome;
}

enum factor_outcome capacity_settle_count(const struct capacity_request *request,
                                          struct factor *out_factor)
{
    struct capacity_manner manner = {.cells_max = PLAIN_CELLS, .work_max = ATTEMPT_WORK};
    enum factor_outcome outcome = capacity_part_eliminate(request, &manner, out_factor);
    if (outcome == FACTOR_TOO_MUCH)
        outcome = count_settled(request, out_factor);
    manner = (struct capacity_manner){.cells_max = UINT64_MAX, .work_max = CAPACITY_COUNT_WORK};
    return outcome == FACTOR_TOO_MUCH ? capacity_part_eliminate(request, &manner, out_factor)
                                      : outcome;
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

/* Settles layers until what is left can be counted. */
static enum factor_outcome settle_until_counted(struct settling *settling,
                                                struct factor *out_factor)
{
    const struct capacity_manner manner = {
        .settled = settling->settled, .cells_max = UINT64_MAX, .work_max = ATTEMPT_WORK};
    for (;;) {
        enum factor_outcome outcome =
            capacity_part_eliminate(settling->request, &manner, out_factor);
        if (outcome != FACTOR_TOO_MUCH)
            return outcome;
        uint32_t layer = busiest_layer(settling->request, settling->settled, FACTOR_KEEP);
        if (layer == FACTOR_NOTHING)
            return FACTOR_TOO_MUCH;
        outcome = settle_layer(settling, layer);
        if (outcome != FACTOR_DONE)
            return outcome;
    }
}

enum factor_outcome capacity_settle_least(const struct capacity_request *request,
                                          struct factor *out_factor)
{
    uint64_t given = *request->work < CAPACITY_COUNT_WORK ? *request->work : CAPACITY_COUNT_WORK;
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

/* Leaves out rules, evenly, until `kept` of a part's are left. */
static void leave_out(const struct capacity_request *request, size_t kept, bool *left_out)
{
    size_t count = request->part->rule_count;
    for (size_t at = 0; at < count; at++) {
        uint32_t index = request->part->rules[at];
        left_out[index] = at * kept / count == (at + 1) * kept / count ||
                          (request->left_out && request->left_out[index]);
    }
}

enum factor_outcome capacity_settle_most(const struct capacity_request *request,
                                         struct factor *out_factor)
{
    const struct capacity_manner manner = {.cells_max = PLAIN_CELLS, .work_max = ATTEMPT_WORK};
    struct capacity_request fewer = *request;
    bool *left_out = memory_allocate_zeroed(request->rules->rule_count, sizeof *left_out);
    if (!left_out)
        return FACTOR_NO_MEMORY;
    fewer.left_out = left_out;
    enum factor_outcome outcome = FACTOR_TOO_MUCH;
    for (size_t kept = request->part->rule_count; kept > 0 && outcome == FACTOR_TOO_MUCH;) {
        kept -= (kept + 3) / 4;
        leave_out(request, kept, left_out);
        outcome = capacity_part_eliminate(&fewer, &manner, out_factor);
    }
    memory_free(left_out);
    return outcome;
}
