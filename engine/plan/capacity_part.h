/*
 * Counting within one part of a collection: layers that rules connect, which no rule connects with
 * any other. Counts of parts multiply.
 */
#ifndef SGR_PLAN_CAPACITY_PART_H
#define SGR_PLAN_CAPACITY_PART_H

#include "plan/rule_graph.h"

/* What one count may take of the work that is left. */
#define CAPACITY_COUNT_WORK (UINT64_C(1) << 25)

/* A part; lives in an arena. */
struct capacity_part {
    uint32_t *layers; /* ascending */
    size_t layer_count;
    uint32_t *rules; /* ascending */
    size_t rule_count;
};

enum capacity_goal {
    CAPACITY_COUNT,  /* different choices in the late layers that some valid recipe has */
    CAPACITY_WEIGH,  /* the sum of the recipes' weights; every layer is late */
    CAPACITY_SQUARES /* the sum, over the late layers' choices, of their recipes' weights squared */
};

enum { CAPACITY_WEIGHT_LIMBS = 3 };

/* The weights of a layer's classes; lives in an arena. */
struct capacity_weights {
    const uint64_t *sums;    /* [class_count * CAPACITY_WEIGHT_LIMBS] */
    const uint64_t *squares; /* the sums of the traits' squared weights, the same */
};

/* What to count; everything is borrowed. */
struct capacity_request {
    const struct rule_classes *classes;
    const struct rules *rules;
    const struct capacity_part *part;
    unsigned char *stages;     /* [all layers]: enum factor_stage; one layer may be kept */
    struct rule_graph_map map; /* scratch */
    const bool *left_out;      /* [rules->rule_count], or NULL */
    const struct capacity_weights *weights; /* [all layers]; NULL when only counted */
    enum capacity_goal goal;
    uint64_t cells_max; /* of one table */
    uint64_t *work;     /* what is left of it */
};

/* A count that may only be known between two bounds, which are equal when it is exact. */
struct capacity_number {
    struct natural least;
    struct natural most;
};

/* How one elimination is done. */
struct capacity_manner {
    const uint32_t *settled; /* [all layers]: a class, or RULE_CLASSES_NONE; NULL: none */
    uint32_t *const *alike;  /* [all layers]: NULL, or [class_count]: a settled class stands for all
                                that have its number there; NULL: each stands for itself */
    uint64_t cells_max;
    uint64_t work_max;
};

/*
 * One elimination: one number, or one for each class of the layer that is kept unless it is
 * settled. *out_factor is the caller's.
 */
enum factor_outcome capacity_part_eliminate(const struct capacity_request *request,
                                            const struct capacity_manner *manner,
                                            struct factor *out_factor);

/* The layer that is kept, or FACTOR_NOTHING. */
uint32_t capacity_part_kept(const struct capacity_request *request);

/* Whether a settled class stands for a class, or the layer is not settled. */
bool capacity_part_counts(const struct capacity_manner *manner, uint32_t layer, uint32_t class);

/* The limbs of the number for a class of the kept layer; *out_count is how many. */
const uint64_t *capacity_part_cell(const struct factor *factor, uint32_t class, size_t *out_count);

#endif
