/*
 * Groups of layers that use many of all keys there are: their keys are chosen first, as a whole,
 * and stay together while the rest is exchanged.
 */
#ifndef SGR_PLAN_SOLVE_BLOCKS_H
#define SGR_PLAN_SOLVE_BLOCKS_H

#include "plan/solve_state.h"

/*
 * Deals every group of which the items use more than one key in `sparseness`, where its keys can be
 * listed, and makes it a unit of state->units. Other layers stay units of their own.
 */
enum sgr_status solve_blocks_deal(struct solve_state *state, uint64_t sparseness,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Every layer is its own unit again. */
void solve_blocks_split(struct solve_state *state);

#endif
