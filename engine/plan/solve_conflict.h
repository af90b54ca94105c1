/*
 * Saying why there is no plan: the smallest set of rules and counts found that cannot all be met.
 */
#ifndef SGR_PLAN_SOLVE_CONFLICT_H
#define SGR_PLAN_SOLVE_CONFLICT_H

#include "plan/solve_state.h"

/* A trait has to come, but no recipe has it. All of these return SGR_INFEASIBLE, or no memory. */
enum sgr_status solve_conflict_trait(const struct solve_state *state, uint32_t layer,
                                     uint16_t trait, struct sgr_error *error) SGR_MUST_USE;

/* A layer's traits cannot come as often as there are items, or have to come more often. */
enum sgr_status solve_conflict_layer(const struct solve_state *state, uint32_t layer,
                                     struct sgr_error *error) SGR_MUST_USE;

/* There are fewer recipes than items. */
enum sgr_status solve_conflict_too_few(const struct solve_state *state, uint64_t recipes,
                                       struct sgr_error *error) SGR_MUST_USE;

/* No plan was found: says what conflicts where that is proven, otherwise what limit was reached. */
enum sgr_status solve_conflict_explain(const struct solve_state *state,
                                       struct sgr_error *error) SGR_MUST_USE;

#endif
