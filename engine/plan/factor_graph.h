/*
 * A product of tables from which variables are taken out one after the other, the cheapest first,
 * so that no table of all of them ever exists. What grows too large is refused.
 */
#ifndef SGR_PLAN_FACTOR_GRAPH_H
#define SGR_PLAN_FACTOR_GRAPH_H

#include "plan/factor.h"

enum {
    FACTOR_GRAPH_VARIABLES_MAX = 4096,
    FACTOR_GRAPH_CELLS_MAX = 1 << 20, /* what `cells_max` usually is */
    FACTOR_GRAPH_LIMBS_MAX = 1 << 22  /* of all tables of a graph together: 32 MiB */
};

/* When a variable may be taken out. */
enum factor_stage {
    FACTOR_KEEP = 0,
    FACTOR_LATE = 1,
    FACTOR_EARLY = 2,
    FACTOR_EITHER = FACTOR_EARLY | FACTOR_LATE
};

enum factor_outcome {
    FACTOR_DONE,
    FACTOR_TOO_MUCH, /* beyond one of the limits, or the work given */
    FACTOR_NO_MEMORY
};

/* Start from all zero and factor_graph_init; end with factor_graph_finish. */
struct factor_graph {
    uint32_t *domains;     /* owned: [variable_count], each at least 1 */
    unsigned char *stages; /* owned: enum factor_stage */
    unsigned char *gone;   /* owned: taken out */
    uint64_t *neighbours;  /* owned: [variable_count * words], bit sets */
    uint64_t *costs;       /* owned: the cells that taking each out multiplies */
    size_t words;
    size_t variable_count;
    struct factor *factors; /* owned */
    size_t factor_count;
    size_t factor_capacity;
    size_t limbs;       /* of all factors */
    uint64_t *work;     /* borrowed: how many multiplications are left */
    uint64_t cells_max; /* of one table, and of what is multiplied to make it */
};

/*
 * Room for up to FACTOR_GRAPH_VARIABLES_MAX variables, and tables of up to `cells_max` cells; false
 * without memory.
 */
bool factor_graph_init(struct factor_graph *graph, uint64_t cells_max, uint64_t *work);

/* Frees all but what is borrowed. */
void factor_graph_finish(struct factor_graph *graph);

/* A new variable, or FACTOR_NOTHING when there are too many. */
uint32_t factor_graph_variable(struct factor_graph *graph, uint32_t domain,
                               enum factor_stage stage);

/*
 * Adds a factor of zeros over `count` variables, ascending, with numbers of `bits`; *out_factor is
 * its place until the next is added.
 */
enum factor_outcome factor_graph_add(struct factor_graph *graph, const uint32_t *variables,
                                     size_t count, uint64_t bits, struct factor **out_factor);

/*
 * Takes out all variables of one stage, FACTOR_EARLY or FACTOR_LATE. Variables of either stage go
 * along when that is cheap; FACTOR_LATE leaves none of them.
 */
enum factor_outcome factor_graph_reduce(struct factor_graph *graph, enum factor_stage stage,
                                        enum factor_mode mode);

/* Squares all tables. */
enum factor_outcome factor_graph_square(struct factor_graph *graph);

/* Multiplies what is left into one table, which is the caller's. */
enum factor_outcome factor_graph_result(struct factor_graph *graph, struct factor *out_factor);

/* Takes from the work that is left; false when that was not enough. */
bool factor_graph_spend(struct factor_graph *graph, uint64_t work);

#endif
