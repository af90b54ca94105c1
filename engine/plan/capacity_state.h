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
    struct rules scoped;       /* the same, and behind them one for each unique group: that an item
                                  is of a group which that is about; owned, with groups only */
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

/* Makes counting->scoped; does nothing where there are no groups. */
enum factor_outcome capacity_scope_make(struct capacity_counting *counting);

/* Whether some group's items need not differ in any layer. */
bool capacity_scope_repeats(const struct collection *collection);

/* How many one-of-one items there are. */
uint64_t capacity_scope_singles(const struct collection *collection);

/* Whether a unique group of layers is not about all items that are recipes. */
bool capacity_scope_is_partial(const struct capacity_counting *counting, size_t unique);

/*
 * The part as a unique group of layers sees it, with the rule of its scope where the part has the
 * groups; its list of rules is the caller's (memory_free).
 */
enum factor_outcome capacity_scope_part(const struct capacity_counting *counting, size_t unique,
                                        const struct capacity_part *part,
                                        struct capacity_part *out_part);

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
