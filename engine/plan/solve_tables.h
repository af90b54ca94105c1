/*
 * Rules made ready for the solver. The traits of a layer that no rule tells apart are one class,
 * and everything below speaks of classes. What rules say about one layer or two becomes a table of
 * bits: the classes that may stand alone, and for each class of one layer those of another that may
 * stand beside it. Rules about three layers or more stay rules. Read-only once made, any thread.
 */
#ifndef SGR_PLAN_SOLVE_TABLES_H
#define SGR_PLAN_SOLVE_TABLES_H

#include "base/arena.h"
#include "collection/collection.h"
#include "plan/solve_watch.h"

#include <serigraph/status.h>

/* A table of two layers, from one of them. */
struct solve_link {
    uint32_t layer;           /* the other */
    size_t words;             /* of the other layer's classes */
    const uint64_t *allowed;  /* [class here * words]: a bit for each class of the other */
    const uint64_t *backward; /* [class of the other * words here]: a bit for each class here */
};

/* A literal over classes. */
struct solve_term {
    uint32_t layer;
    const uint64_t *classes;
};

/* A rule about three layers or more, as struct rule. */
struct solve_rule {
    const struct solve_term *conditions;
    size_t condition_count;
    const struct solve_term *literals;
    size_t literal_count;
    uint32_t at_least;
    uint32_t at_most;
    const uint32_t *layers; /* each once */
    size_t layer_count;
};

struct solve_layer {
    size_t trait_count;
    uint16_t *class_of; /* [trait] */
    uint32_t class_count;
    size_t words;    /* of a set of classes: (class_count + 63) / 64 */
    uint64_t *alone; /* classes that no rule about this layer only forbids */
    struct solve_link *links;
    size_t link_count;
    uint32_t *rules; /* those about three layers or more that speak of this one */
    size_t rule_count;
};

/* A table of two layers, once, for looking at whole rows. */
struct solve_pair {
    uint32_t low;
    uint32_t high;
    const uint16_t *low_classes; /* [trait] */
    const uint16_t *high_classes;
    size_t words;
    const uint64_t *allowed; /* [class of low * words] */
};

struct solve_tables {
    struct arena arena;
    struct solve_pair *pairs;
    size_t pair_count;
    bool any_alone; /* whether a class may not stand alone */
    size_t layer_count;
    struct solve_layer *layers;
    struct solve_rule *rules;
    size_t rule_count;
    struct solve_watch watch;
    uint64_t *work_left; /* see solve_tables_allow */
    uint64_t rule_work;  /* of looking at one rule, on average */
    uint64_t all_work;   /* of looking at all rules */
    size_t words_max;    /* of any layer */
    size_t words_all;    /* of all layers together */
};

/*
 * `rules` may be NULL. The tables are the caller's, also after a failure: end with
 * solve_tables_finish.
 */
enum sgr_status solve_tables_init(struct solve_tables *tables, const struct collection *collection,
                                  const struct rules *rules, struct sgr_error *error) SGR_MUST_USE;

/* Frees what the tables own. */
void solve_tables_finish(struct solve_tables *tables);

/*
 * Limits the work with the tables, in tables and terms of rules that are looked at, so that very
 * many rules mean fewer steps. The count is the tables' own even where they are const. Unlimited at
 * first.
 */
void solve_tables_allow(const struct solve_tables *tables, uint64_t work);

/* How many tables and rules a row of traits breaks; 0 is a valid recipe. */
uint64_t solve_tables_cost(const struct solve_tables *tables, const uint16_t *row);

/*
 * The same, of what an exchange of the layer's trait may change; less by as much as the cost is
 * when it does.
 */
uint64_t solve_tables_cost_about(const struct solve_tables *tables, const uint16_t *row,
                                 uint32_t layer);

/* Whether a rule about three layers or more holds. */
bool solve_tables_rule_holds(const struct solve_tables *tables, const struct solve_rule *rule,
                             const uint16_t *row);

/*
 * Sets `out_classes` to the classes of a layer with which the row breaks nothing about the layer.
 */
void solve_tables_allowed(const struct solve_tables *tables, const uint16_t *row, uint32_t layer,
                          uint64_t *out_classes);

/*
 * Lists, with repeats, layers of what a row breaks, at most `room`; returns how many. Both layers
 * of a broken table, all layers of a broken rule.
 */
size_t solve_tables_broken(const struct solve_tables *tables, const uint16_t *row, uint32_t *layers,
                           size_t room);

/* Spends of what is allowed. */
static inline void solve_tables_spend(const struct solve_tables *tables, uint64_t work)
{
    *tables->work_left -= work < *tables->work_left ? work : *tables->work_left;
}

/* Whether nothing is left of it. */
static inline bool solve_tables_exhausted(const struct solve_tables *tables)
{
    return *tables->work_left == 0;
}

static inline bool solve_bit(const uint64_t *bits, size_t index)
{
    return bits[index / 64] >> (index % 64) & 1;
}

#endif
