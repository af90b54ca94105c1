/*
 * Which item stands where in a plan with groups: mixed, or one group after the other, and
 * one-of-one items at their ids.
 */
#ifndef SGR_PLAN_PLAN_PLACES_H
#define SGR_PLAN_PLAN_PLACES_H

#include "collection/collection.h"

/* The items that are given places: all of a plan, or those that it is extended by. Borrowed. */
struct plan_places {
    const struct collection *collection;
    uint16_t *rows; /* [item * layer_count + layer] */
    uint64_t count;
    uint64_t first_id;
    const uint64_t *counts; /* [group]: of these items */
};

/* Refuses ids of one-of-one items that these items do not have. SGR_INPUT. */
enum sgr_status plan_places_check(const struct plan_places *places,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Moves whole rows to their places. */
enum sgr_status plan_places_set(const struct plan_places *places, const char *seed,
                                struct sgr_error *error) SGR_MUST_USE;

#endif
