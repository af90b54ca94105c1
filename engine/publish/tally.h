/* Counting how often each trait came out. */
#ifndef SGR_PUBLISH_TALLY_H
#define SGR_PUBLISH_TALLY_H

#include "plan/plan.h"

/* Counts over some items of a plan; start from all zero. */
struct tally {
    uint64_t *counts; /* [plan_trait_base(layer) + trait]; NULL: nothing was counted */
    uint64_t items;
};

/* Begins at zero, whatever was counted before. */
enum sgr_status tally_begin(struct tally *tally, const struct plan *plan,
                            struct sgr_error *error) SGR_MUST_USE;

/* Counts one item. */
void tally_add(struct tally *tally, const struct plan *plan, const struct plan_item *item);

/* Frees the counts. */
void tally_finish(struct tally *tally);

#endif
