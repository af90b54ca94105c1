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
    uint64_t cells_max; /* see factor_graph_init */
    uint64_t *work;
};

/* What the tables are about; the arrays are the caller's, and written where the layers are. */
struct rule_graph_map {
    uint32_t *variables; /* [all layers] */
    uint32_t *values;    /* [classes->class_count]: a class's value; several may share one */
    uint32_t *degrees;   /* [all layers]: how many rules are open that are about it */
};

/*
 * Fills a graph and its map. Classes that no open rule tells apart share a value; a settled layer
 * has one. When a rule is broken for certain the other rules are passed over. On failure no graph
 * is left behind, but degrees are there once the rules were read.
 */
enum factor_outcome rule_graph_init(struct factor_graph *graph,
                                    const struct rule_graph_request *request,
                                    const struct rule_graph_map *map);

#endif
