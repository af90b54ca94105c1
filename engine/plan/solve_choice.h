/*
 * Choosing items from the list of all recipes, where it is short enough to be written down. A
 * recipe takes one value in each column: its trait in each layer, and its key in each group of
 * layers that may not repeat. The number of items with a value has bounds, for keys 0 and 1. One
 * thread.
 */
#ifndef SGR_PLAN_SOLVE_CHOICE_H
#define SGR_PLAN_SOLVE_CHOICE_H

#include "plan/solve_state.h"
#include "plan/solve_walk.h"

/* Start from all zero; end with solve_choice_finish. */
struct solve_choice {
    const struct solve_state *state;
    const uint32_t *layers; /* that the list is about, ascending */
    size_t layer_count;
    size_t column_count; /* those layers, then the groups within them */
    uint64_t recipe_count;
    uint16_t *recipes;      /* [recipe * state->layer_count + layer] */
    uint32_t *values;       /* [recipe * column_count + column] */
    uint32_t *column_bases; /* [column_count + 1]: the first value of a column */
    uint64_t *asked;        /* [value] */
    uint64_t *lower;
    uint64_t *upper;
    bool repeats;     /* a recipe may be chosen more than once */
    uint64_t *chosen; /* [count]: recipes, set by solve_select and solve_search */
    uint64_t deviation;
};

/* How an attempt to list or to search ended. */
enum solve_end { SOLVE_FOUND, SOLVE_NONE, SOLVE_LIMIT };

/*
 * Lists the recipes of a walk, which goes over `layers`, but those that may not stand beside given
 * rows. *out_end is SOLVE_LIMIT when the walk has more than `recipes_max`, and the choice is then
 * of no use.
 */
enum sgr_status solve_choice_init(struct solve_choice *choice, const struct solve_state *state,
                                  struct solve_walk *walk, uint64_t recipes_max,
                                  enum solve_end *out_end, struct sgr_error *error) SGR_MUST_USE;

/* Frees what the choice owns. */
void solve_choice_finish(struct solve_choice *choice);

/*
 * Chooses by local search; SOLVE_FOUND when all bounds are met, deviation and chosen are then set.
 */
enum sgr_status solve_select(struct solve_choice *choice, struct random *random,
                             enum solve_end *out_end, struct sgr_error *error) SGR_MUST_USE;

/*
 * Searches to the end for a choice within the bounds whose deviation is at most `deviation`
 * (UINT64_MAX: any). SOLVE_NONE proves that there is none.
 */
enum sgr_status solve_search(struct solve_choice *choice, uint64_t deviation, uint64_t nodes,
                             struct random *random, enum solve_end *out_end,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
