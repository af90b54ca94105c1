/*
 * Counting where tables would be too large: layers are settled to each of their classes in turn,
 * which makes rules and differences between classes vanish, and the counts add up (cutset
 * conditioning; Dechter, 1990); or to one class each, which gives a lower bound.
 */
#ifndef SGR_PLAN_CAPACITY_SETTLE_H
#define SGR_PLAN_CAPACITY_SETTLE_H

#include "plan/capacity_part.h"

/*
 * Counts exactly: one number, or one for each class of the layer that is kept. *out_factor is the
 * caller's. FACTOR_TOO_MUCH when the work given does not suffice.
 */
enum factor_outcome capacity_settle_count(const struct capacity_request *request,
                                          struct factor *out_factor);

/* A lower bound of the same. FACTOR_TOO_MUCH when none is found. */
enum factor_outcome capacity_settle_least(const struct capacity_request *request,
                                          struct factor *out_factor);

/*
 * An upper bound of the same: the exact count under some of the rules. FACTOR_TOO_MUCH when the
 * work given does not suffice.
 */
enum factor_outcome capacity_settle_most(const struct capacity_request *request,
                                         struct factor *out_factor);

#endif
