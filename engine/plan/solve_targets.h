/* Which traits can be had at all, and how often each shall come. */
#ifndef SGR_PLAN_SOLVE_TARGETS_H
#define SGR_PLAN_SOLVE_TARGETS_H

#include "plan/solve_state.h"
#include "plan/solve_walk.h"

/*
 * Sets state->caps and state->targets, and begins `walk` (from all zero) over all layers and traits
 * that can be had. SGR_INFEASIBLE when a trait that has to come cannot, or a layer cannot be
 * filled.
 */
enum sgr_status solve_targets_set(struct solve_state *state, struct solve_walk *walk,
                                  struct sgr_error *error) SGR_MUST_USE;

/*
 * Moves the targets of unique groups' layers, or of all where there are none, towards equal shares:
 * for another try where exchanges and changes have not found a plan near to what is asked.
 */
void solve_targets_relax(struct solve_state *state);

#endif
