/*
 * Making items differ without changing how often each trait comes: two items swap their traits in
 * one layer until no two items are alike in the layers that matter.
 */
#ifndef SGR_PLAN_PLAN_DISTINCT_H
#define SGR_PLAN_PLAN_DISTINCT_H

#include "base/random.h"
#include "collection/collection.h"

/* Rows being made distinct. `rows` and `collection` are borrowed. */
struct plan_distinct {
    const struct collection *collection;
    uint16_t *rows; /* [row * layer_count + layer] */
    uint64_t count;
    const uint32_t *trait_bases; /* [layer_count + 1] */
    uint64_t wanted;             /* items that the user asked for, for the error's text */
    int64_t *surplus; /* [trait_bases[layer] + trait]: how many too many there are; kept current */
};

/*
 * Swaps, and where no swap is found within a stated limit changes a trait whose count is not
 * fixed, preferring those with a surplus. SGR_INFEASIBLE when that fails too. Deterministic for a
 * sequence of random numbers.
 */
enum sgr_status plan_distinct_resolve(struct plan_distinct *distinct, struct random *random,
                                      struct sgr_error *error) SGR_MUST_USE;

#endif
