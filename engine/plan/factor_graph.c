/* The order is greedy: next goes the variable whose table would be the smallest. */
#include "plan/factor_graph.h"

#include "base/memory.h"

#include <string.h>

bool factor_graph_init(struct factor_graph *graph, uint64_t cells_max, uint64_t *work)
{
    *graph = (struct factor_graph){.work = work, .cells_max = cells_max};
    graph->domains = memory_allocate(FACTOR_GRAPH_VARIABLES_MAX, sizeof *graph->domains);
    graph->stages = memory_allocate(FACTOR_GRAPH_VARIABLES_MAX, 1);
    if (graph->domains && graph->stages)
        return true;
    factor_graph_finish(graph);
    return false;
}

void factor_graph_finish(struct factor_graph *graph)
{
    for (size_t index = 0; index < graph->factor_count; index++)
        factor_finish(&graph->factors[index]);
    memory_free(graph->factors);
    memory_free(graph->domains);
    memory_free(graph->stages);
    memory_free(graph->gone);
    memory_free(graph->neighbours);
    memory_free(graph->costs);
    *graph = (struct factor_graph){.work = NULL};
}

bool factor_graph_spend(struct factor_graph *graph, uint64_t work)
{
    bool enough = *graph->work >= work;
    *graph->work -= enough ? work : *graph->work;
    return enough;
}

uint32_t factor_graph_variable(struct factor_graph *graph, uint32_t domain, enum factor_stage stage)
{
    if (graph->variable_count == FACTOR_GRAPH_VARIABLES_MAX)
        return FACTOR_NOTHING;
    graph->domains[graph->variable_count] = domain;
    graph->stages[graph->variable_count] = (unsigned char)stage;
    return (uint32_t)graph->variable_count++;
}

/* The cells of a table over some variables, saturating. */
static uint64_t cells_of(const struct factor_graph *graph, const uint32_t *variables, size_t count)
{
    uint64_t cells = 1;
    for (size_t at = 0; at < count; at++) {
        if (__builtin_mul_overflow(cells, graph->domains[variables[at]], &cells))
            return UINT64_MAX;
    }
    return cells;
}

/* Makes room for one more factor, which is not counted yet. */
static bool reserve_factor(struct factor_graph *graph)
{
    struct factor *grown = memory_grow(graph->factors, &graph->factor_capacity,
                                       graph->factor_count + 1, sizeof *grown);
    if (grown)
        graph->factors = grown;
    return grown;
}

enum factor_outcome factor_graph_add(struct factor_graph *graph, const uint32_t *variables,
                                     size_t count, uint64_t bits, struct factor **out_factor)
{
    uint64_t cells = cells_of(graph, variables, count);
    uint64_t limbs = bits / 64 + 1;
    if (cells > graph->cells_max || limbs > FACTOR_GRAPH_LIMBS_MAX ||
        graph->limbs + cells * limbs > FACTOR_GRAPH_LIMBS_MAX || !factor_graph_spend(graph, cells))
        return FACTOR_TOO_MUCH;
    struct factor factor;
    if (!reserve_factor(graph) || !factor_create(&factor, variables, count, graph->domains, bits))
        return FACTOR_NO_MEMORY;
    graph->limbs += factor.cells * factor.limbs;
    graph->factors[graph->factor_count++] = factor;
    *out_factor = &graph->factors[graph->factor_count - 1];
    return FACTOR_DONE;
}

static uint64_t *neighbours_of(const struct factor_graph *graph, uint32_t variable)
{
    return graph->neighbours + variable * graph->words;
}

/* The cells that are multiplied to take a variable out. */
static void set_cost(struct factor_graph *graph, uint32_t variable)
{
    const uint64_t *neighbours = neighbours_of(graph, variable);
    uint64_t cells = graph->domains[variable];
    for (size_t word = 0; word < graph->words; word++) {
        for (uint64_t bits = neighbours[word]; bits != 0; bits &= bits - 1) {
            uint32_t other = (uint32_t)(word * 64 + (unsigned)__builtin_ctzll(bits));
            if (__builtin_mul_overflow(cells, graph->domains[other], &cells))
                cells = UINT64_MAX;
        }
        if (cells == UINT64_MAX)
            break;
    }
    graph->costs[variable] = cells;
}

/* Makes variables of one table neighbours of each other. */
static void connect(struct factor_graph *graph, const uint32_t *variables, size_t count)
{
    for (size_t left = 0; left < count; left++) {
        uint64_t *neighbours = neighbours_of(graph, variables[left]);
        for (size_t right = 0; right < count; right++) {
            if (left != right)
                neighbours[variables[right] / 64] |= UINT64_C(1) << (variables[right] % 64);
        }
    }
}

/* Prepares the tables by which the next variable is found. */
static bool begin(struct factor_graph *graph)
{
    if (graph->neighbours)
        return true;
    size_t count = graph->variable_count;
    graph->words = (count + 63) / 64;
    graph->neighbours = memory_allocate_zeroed(count, graph->words * sizeof *graph->neighbours);
    graph->costs = memory_allocate(count, sizeof *graph->costs);
    graph->gone = memory_allocate_zeroed(count, 1);
    if (!graph->neighbours || !graph->costs || !graph->gone)
        return false;
    for (size_t index = 0; index < graph->factor_count; index++)
        connect(graph, graph->factors[index].variables, graph->factors[index].variable_count);
    for (uint32_t variable = 0; variable < count; variable++)
        set_cost(graph, variable);
    return true;
}

/* The cheapest variable to go, or FACTOR_NOTHING when none has to. */
static uint32_t choose(const struct factor_graph *graph, enum factor_stage stage)
{
    uint32_t best = FACTOR_NOTHING;
    bool needed = false;
    for (uint32_t variable = 0; variable < graph->variable_count; variable++) {
        if (graph->gone[variable] || !(graph->stages[variable] & stage))
            continue;
        needed |= stage == FACTOR_LATE || graph->stages[variable] == (unsigned char)stage;
        if (best == FACTOR_NOTHING || graph->costs[variable] < graph->costs[best])
            best = variable;
    }
    return needed ? best : FACTOR_NOTHING;
}

static bool has_variable(const struct factor *factor, uint32_t variable)
{
    for (size_t at = 0; at < factor->variable_count; at++) {
        if (factor->variables[at] == variable)
            return true;
    }
    return false;
}

/* What is multiplied in one go, while it is put together. */
struct bucket {
    struct factor **factors; /* [factor_count] */
    size_t factor_count;
    uint64_t *members;   /* [words]: the variables of all of them, as bits */
    uint32_t *variables; /* the same in order, without the one taken out */
    size_t variable_count;
};

/* Whether a factor may join a bucket; adds its variables if so. */
static bool joins(const struct factor_graph *graph, struct bucket *bucket,
                  const struct factor *factor)
{
    uint64_t cells = 1;
    uint64_t limbs = factor->limbs + 1;
    for (size_t index = 0; index < bucket->factor_count; index++)
        limbs += bucket->factors[index]->limbs;
    for (size_t at = 0; at < factor->variable_count; at++)
        bucket->members[factor->variables[at] / 64] |= UINT64_C(1) << (factor->variables[at] % 64);
    for (uint32_t word = 0; word < graph->words; word++) {
        for (uint64_t bits = bucket->members[word]; bits != 0; bits &= bits - 1) {
            uint32_t variable = word * 64 + (unsigned)__builtin_ctzll(bits);
            if (__builtin_mul_overflow(cells, graph->domains[variable], &cells))
                return false;
        }
    }
    return cells <= graph->cells_max && cells * limbs <= FACTOR_GRAPH_LIMBS_MAX;
}

/*
 * Fills a bucket with the factors of a variable, or with all for FACTOR_NOTHING, and moves them to
 * the end of the graph's. False when they are too large together.
 */
static bool fill(struct factor_graph *graph, struct bucket *bucket, uint32_t variable)
{
    size_t end = graph->factor_count;
    for (size_t index = graph->factor_count; index > 0; index--) {
        struct factor *factor = &graph->factors[index - 1];
        if (variable != FACTOR_NOTHING && !has_variable(factor, variable))
            continue;
        if (!joins(graph, bucket, factor))
            return false;
        struct factor joined = *factor;
        *factor = graph->factors[--end];
        graph->factors[end] = joined;
        bucket->factors[bucket->factor_count++] = &graph->factors[end];
    }
    for (uint32_t word = 0; word < graph->words; word++) {
        for (uint64_t bits = bucket->members[word]; bits != 0; bits &= bits - 1) {
            uint32_t member = word * 64 + (unsigned)__builtin_ctzll(bits);
            if (member != variable)
                bucket->variables[bucket->variable_count++] = member;
        }
    }
    return true;
}

/* Multiplies a bucket and drops its factors from the graph. */
static enum factor_outcome empty(struct factor_graph *graph, const struct bucket *bucket,
                                 uint32_t variable, enum factor_mode mode, struct factor *result)
{
    const struct factor_product product = {
        .factors = bucket->factors,
        .factor_count = bucket->factor_count,
        .domains = graph->domains,
        .variables = bucket->variables,
        .variable_count = bucket->variable_count,
        .out = variable,
        .mode = mode,
    };
    uint64_t cells = cells_of(graph, bucket->variables, bucket->variable_count);
    uint64_t domain = variable == FACTOR_NOTHING ? 1 : graph->domains[variable];
    uint64_t limbs = factor_product_bits(&product) / 64 + 1;
    if (!factor_graph_spend(graph, cells * (domain * (bucket->factor_count + limbs) + limbs)) ||
        graph->limbs + cells * limbs > FACTOR_GRAPH_LIMBS_MAX)
        return FACTOR_TOO_MUCH;
    if (!factor_multiply(&product, result))
        return FACTOR_NO_MEMORY;
    for (size_t index = 0; index < bucket->factor_count; index++) {
        struct factor *factor = &graph->factors[--graph->factor_count];
        graph->limbs -= factor->cells * factor->limbs;
        factor_finish(factor);
    }
    return FACTOR_DONE;
}

static bool bucket_init(struct bucket *bucket, const struct factor_graph *graph)
{
    *bucket = (struct bucket){.factor_count = 0};
    bucket->factors = memory_allocate(graph->factor_count + 1, sizeof *bucket->factors);
    bucket->members = memory_allocate_zeroed(graph->words + 1, sizeof *bucket->members);
    bucket->variables = memory_allocate(graph->variable_count + 1, sizeof *bucket->variables);
    return bucket->factors && bucket->members && bucket->variables;
}

static void bucket_finish(struct bucket *bucket)
{
    memory_free(bucket->factors);
    memory_free(bucket->members);
    memory_free(bucket->variables);
}

/* Forgets a variable, and finds anew what its neighbours cost. */
static void leave(struct factor_graph *graph, uint32_t variable)
{
    uint64_t *neighbours = neighbours_of(graph, variable);
    graph->gone[variable] = 1;
    for (size_t word = 0; word < graph->words; word++) {
        for (uint64_t bits = neighbours[word]; bits != 0; bits &= bits - 1) {
            uint32_t other = (uint32_t)(word * 64 + (unsigned)__builtin_ctzll(bits));
            neighbours_of(graph, other)[variable / 64] &= ~(UINT64_C(1) << (variable % 64));
            set_cost(graph, other);
        }
    }
}

static enum factor_outcome take_out(struct factor_graph *graph, uint32_t variable,
                                    enum factor_mode mode)
{
    struct bucket bucket;
    struct factor result;
    if (graph->costs[variable] > graph->cells_max ||
        !factor_graph_spend(graph, graph->factor_count + graph->variable_count))
        return FACTOR_TOO_MUCH;
    enum factor_outcome outcome = bucket_init(&bucket, graph) ? FACTOR_DONE : FACTOR_NO_MEMORY;
    if (outcome == FACTOR_DONE && !fill(graph, &bucket, variable))
        outcome = FACTOR_TOO_MUCH;
    if (outcome == FACTOR_DONE && bucket.factor_count > 0) {
        outcome = empty(graph, &bucket, variable, mode, &result);
        if (outcome == FACTOR_DONE) {
            connect(graph, result.variables, result.variable_count);
            graph->limbs += result.cells * result.limbs;
            graph->factors[graph->factor_count++] = result;
        }
    }
    bucket_finish(&bucket);
    if (outcome == FACTOR_DONE)
        leave(graph, variable);
    return outcome;
}

enum factor_outcome factor_graph_reduce(struct factor_graph *graph, enum factor_stage stage,
                                        enum factor_mode mode)
{
    enum factor_outcome outcome = begin(graph) ? FACTOR_DONE : FACTOR_NO_MEMORY;
    while (outcome == FACTOR_DONE) {
        uint32_t variable = choose(graph, stage);
        if (variable == FACTOR_NOTHING)
            break;
        outcome = take_out(graph, variable, mode);
    }
    return outcome;
}

enum factor_outcome factor_graph_square(struct factor_graph *graph)
{
    for (size_t index = 0; index < graph->factor_count; index++) {
        struct factor *factor = &graph->factors[index];
        size_t limbs = factor->cells * factor->limbs;
        if (graph->limbs + limbs > FACTOR_GRAPH_LIMBS_MAX)
            return FACTOR_TOO_MUCH;
        if (!factor_square(factor))
            return FACTOR_NO_MEMORY;
        graph->limbs += limbs;
    }
    return FACTOR_DONE;
}

enum factor_outcome factor_graph_result(struct factor_graph *graph, struct factor *out_factor)
{
    struct bucket bucket;
    enum factor_outcome outcome =
        begin(graph) && bucket_init(&bucket, graph) ? FACTOR_DONE : FACTOR_NO_MEMORY;
    if (outcome == FACTOR_DONE)
        outcome = fill(graph, &bucket, FACTOR_NOTHING)
                      ? empty(graph, &bucket, FACTOR_NOTHING, FACTOR_SUM, out_factor)
                      : FACTOR_TOO_MUCH;
    bucket_finish(&bucket);
    return outcome;
}
