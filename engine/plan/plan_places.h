/*
 * Which item stands where in a plan with groups: mixed, or one group after the other, and
 * one-of-one items at their ids.
 */
#ifndef SGR_PLAN_PLAN_PLACES_H
#define SGR_PLAN_PLAN_PLACES_H

#include "plan/plan_draft.h"

/* Refuses ids of one-of-one items that the plan does not have. SGR_INPUT. */
enum sgr_status plan_places_check(const struct plan_draft *draft,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Moves whole rows to their places; does nothing where there are no groups. */
enum sgr_status plan_places_set(struct plan_draft *draft, const char *seed,
                                struct sgr_error *error) SGR_MUST_USE;

#endif
