/*
 * How far a collection can grow: how many valid recipes there are, counted exactly by variable
 * elimination over the rules, or between proven bounds where the rules are too many for that.
 *
 * Recipes count as different by the layers that must differ (`distinct`) alone: a choice in these
 * layers is one recipe when some choice in the other layers completes it to one that breaks no
 * rule. Only traits that may be drawn are counted. Where the collection has groups, a recipe is one
 * of any group, and one-of-one items are no recipes.
 */
#ifndef SGR_PLAN_CAPACITY_H
#define SGR_PLAN_CAPACITY_H

#include "plan/capacity_part.h"

enum { CAPACITY_BARRED_MAX = 20 };

/* What a unique group allows. */
struct capacity_unique {
    const char *text;
    struct capacity_number combinations; /* of its layers, such that a valid recipe has them */
    bool partial; /* it is about the items of some groups only, so it does not bound them all */
};

/* A trait that may be drawn, but that no valid recipe has. */
struct capacity_barred {
    uint32_t layer;
    uint32_t trait;
    const char *const *rules; /* what bars it: none can be spared; empty when not found in time */
    size_t rule_count;
};

/* Start from all zero and capacity_init; end with capacity_finish. Read-only between the two. */
struct capacity {
    struct arena arena;
    bool
        repeats; /* no layer (of some group) must differ, so the number of recipes limits nothing */
    uint64_t singles; /* one-of-one items, which come on top */
    struct capacity_number recipes;
    struct capacity_unique *uniques; /* [unique_count], in the order of the rules */
    size_t unique_count;
    bool effective_known;
    struct natural effective_thousandths; /* 1000 / sum of p^2: see capacity_init */
    struct capacity_barred *barred;       /* the first CAPACITY_BARRED_MAX */
    size_t barred_count;
    uint64_t barred_total;
    const char *const *conflict; /* rules that leave no recipe, none of which can be spared */
    size_t conflict_count;
    struct rule_classes classes;
    struct capacity_reach *reaches; /* [layer_count]: see capacity_trait */
    struct capacity_rest *rests;
    size_t rest_count;
};

/* What to count; `rules` and `asked` may be NULL. The limits are 0 but in tests: as is usual. */
struct capacity_options {
    const struct collection *collection;
    const struct rules *rules;
    const uint64_t *asked; /* items wanted of each trait, layer after layer, for fixed counts */
    bool without_traits;   /* only `recipes`, `uniques` and `conflict` are wanted */
    uint64_t cells_max;    /* of one table */
    uint64_t work_max;     /* multiplications of cells */
};

/*
 * Counts. Does a bounded number of steps whatever the rules, and gives bounds where these do not
 * suffice. The effective size is how many equally likely recipes would repeat by chance as rarely
 * as recipes drawn by weight do: 1 / sum of p^2 over the recipes, p being the product of the
 * weights made a probability. It is known when all counts are exact, some layer must differ,
 * weights are to be had and there are no groups. SGR_NO_MEMORY leaves nothing behind.
 */
enum sgr_status capacity_init(struct capacity *capacity, const struct capacity_options *options,
                              struct sgr_error *error) SGR_MUST_USE;

/* Frees all of it. */
void capacity_finish(struct capacity *capacity);

/*
 * How many recipes have a trait; replaces *number, which starts from all zero and is ended by
 * capacity_number_finish. False without memory.
 */
bool capacity_trait(const struct capacity *capacity, size_t layer, size_t trait,
                    struct capacity_number *number);

/* The most items that can be made, by the recipes and the unique groups; UINT64_MAX: no limit. */
uint64_t capacity_items_max(const struct capacity *capacity);

/*
 * capacity_items_max alone: how many items there can be at most. No plan with more exists; one with
 * as many does when counts are exact, no group is unique and no count is fixed. 0 when the rules
 * contradict each other.
 */
enum sgr_status capacity_combinations(const struct collection *collection,
                                      const struct rules *rules, uint64_t *out_most,
                                      struct sgr_error *error) SGR_MUST_USE;

/* Whether both bounds are one. */
bool capacity_number_is_exact(const struct capacity_number *number);

/* Frees both bounds. */
void capacity_number_finish(struct capacity_number *number);

#endif
