/*
 * Rules as tables: a variable for each layer, its values the layer's classes, and for rules about
 * many layers a chain of variables for what was read so far. Each valid choice of classes has
 * exactly one value of all the others, so these never change a count.
 */
#ifndef SGR_PLAN_RULE_GRAPH_H
#define SGR_PLAN_RULE_GRAPH_H

#include "plan/factor_graph.h"
#include "plan/rule_scope.h"

/* What to make tables of; everything is borrowed for the call. */
struct rule_graph_request {
    const struct rule_classes *classes;
    const struct rules *rules;
    const uint32_t *rule_indexes; /* [rule_count] */
    size_t rule_count;
    const bool *left_out;   /* [rules->rule_count]: rules to pass over; NULL: none */
    const uint32_t *layers; /* [layer_count]: all that the rules are about */
    size_t layer_count;
    const unsigned char *stages; /* [all layers]: enum factor_stage, never FACTOR_EITHER */
    const uint32_t
        *settled;       /* [all layers]: a class, or RULE_CLASSES_NONE; NULL: none is settled */
    bool relax;         /* pass over rules that are too large, and split tables */
    uint64_t cells_max; /* see factor_graph_init */
    uint64_t *work;
};

/*
 * Fills a graph and *variables, which is [all layers] and the caller's. A settled layer has a
 * variable with one value. On failure nothing is left behind.
 */
enum factor_outcome rule_graph_init(struct factor_graph *graph,
                                    const struct rule_graph_request *request, uint32_t *variables);

#endif
