/* What capacity_init works with, shared by its files. */
#ifndef SGR_PLAN_CAPACITY_STATE_H
#define SGR_PLAN_CAPACITY_STATE_H

#include "plan/capacity.h"
#include "plan/capacity_settle.h"

/* What is known of one layer's classes. */
struct capacity_reach {
    struct factor least; /* a number for each class, times the rest; empty: 0 */
    struct factor most;  /* empty: as many as there are recipes */
    bool counted;        /* otherwise no rule is about the layer, and its traits are alike */
    bool differs;
    size_t rest; /* which */
};

/* What the parts other than one allow together. */
struct capacity_rest {
    struct capacity_number recipes;
};

/* A capacity in the making. */
struct capacity_counting {
    struct capacity *capacity;
    const struct capacity_options *options;
    const struct rules *rules; /* never NULL */
    struct capacity_part *parts;
    struct capacity_number *counts; /* [part_count] */
    size_t part_count;
    const struct capacity_weights *weights; /* NULL: not known */
    unsigned char *stages;                  /* [all layers] */
    struct rule_graph_map map;              /* owned scratch */
    bool *left_out;                         /* [rules->rule_count], all false between uses */
    uint64_t cells_max;
    uint64_t work;
};

/* Splits the layers into parts. FACTOR_NO_MEMORY or FACTOR_DONE. */
enum factor_outcome capacity_split(struct capacity_counting *counting);

/* Sums the weights of all classes; leaves `weights` NULL when they are not to be had. */
enum factor_outcome capacity_weigh(struct capacity_counting *counting);

/*
 * Finds the effective size when all counts are exact. FACTOR_TOO_MUCH is no failure: it stays
 * unknown.
 */
enum factor_outcome capacity_find_effective(struct capacity_counting *counting);

/* Finds which rules leave no recipe at all, or bar the traits that none has. */
enum factor_outcome capacity_blame(struct capacity_counting *counting);

/* A request about a part, for the stages that are set. */
struct capacity_request capacity_request_of(struct capacity_counting *counting,
                                            const struct capacity_part *part,
                                            enum capacity_goal goal);

#endif
