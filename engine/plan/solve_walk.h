/*
 * Walking over valid recipes, depth first. The layers that rules tie together come one after the
 * other, and every choice narrows what its neighbours may have (forward checking), so that most
 * dead ends are seen before they are entered. One thread at a time.
 */
#ifndef SGR_PLAN_SOLVE_WALK_H
#define SGR_PLAN_SOLVE_WALK_H

#include "base/random.h"
#include "plan/solve_tables.h"

/* Start from all zero; end with solve_walk_finish. */
struct solve_walk {
    const struct solve_tables *tables;
    const uint32_t *trait_bases;
    size_t depth_count;         /* layers that are walked */
    uint32_t *order;            /* [depth]: the layer */
    uint32_t *depths;           /* [layer]: its place in order, or UINT32_MAX */
    uint32_t *candidate_counts; /* [layer] */
    uint16_t *candidates;       /* [trait_bases[layer] + index]: traits to try, in this order */
    uint32_t *cursors;          /* [depth] */
    uint64_t *domains;          /* [(depth * words_all) + offset of layer] */
    size_t *offsets;            /* [layer] */
    uint64_t *start;            /* [offset of layer]: classes that may be used */
    uint16_t *row;              /* [layer]: the recipe; 0 where a layer is not walked */
    size_t *rule_starts;        /* [depth]: where its part of `rules` begins */
    uint32_t *rules;            /* those that are looked at where their last layer is */
    size_t depth;
    bool ended;
    uint64_t steps_left; /* traits still to be tried before the walk is given up; 0 also when what
                            the tables allow is spent */
};

/* What a walk goes over. */
struct solve_walk_options {
    const struct solve_tables *tables; /* borrowed */
    const uint32_t *trait_bases;       /* borrowed */
    const uint64_t *upper;             /* [trait]: those with 0 are not used */
    const uint32_t *layers;            /* NULL: all */
    size_t layer_count; /* rules that speak of other layers are left out of account */
};

/* Makes room and orders the layers; solve_walk_begin comes before the first recipe. */
enum sgr_status solve_walk_init(struct solve_walk *walk, const struct solve_walk_options *options,
                                struct sgr_error *error) SGR_MUST_USE;

/* Frees what the walk owns. */
void solve_walk_finish(struct solve_walk *walk);

/* Starts from the first recipe, with a limit of steps. */
void solve_walk_begin(struct solve_walk *walk, uint64_t steps);

/* The same, over the recipes that have one trait. */
void solve_walk_begin_with(struct solve_walk *walk, uint32_t layer, uint16_t trait, uint64_t steps);

/*
 * Sets walk->row to the next recipe; false when there is none or the limit is reached, which leaves
 * steps_left 0.
 */
bool solve_walk_next(struct solve_walk *walk);

/* Shuffles the order in which traits are tried. */
void solve_walk_shuffle(struct solve_walk *walk, struct random *random);

/* An unbiased estimate (Knuth) of how many recipes there are, from so many random descents. */
uint64_t solve_walk_estimate(struct solve_walk *walk, struct random *random, uint32_t descents);

#endif
