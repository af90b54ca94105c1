/* From weights to whole numbers of items, by largest remainder. */
#ifndef SGR_PLAN_PLAN_COUNTS_H
#define SGR_PLAN_PLAN_COUNTS_H

#include "plan/plan_draft.h"

/*
 * How many items can differ from each other: the product, over the layers that must differ, of
 * the traits that may be drawn. UINT64_MAX when it is that or more, or when no layer must differ.
 */
uint64_t plan_counts_combinations(const struct collection *collection);

/*
 * Sets draft->asked from weights and fixed counts, and draft->planned, which never gives a trait
 * more items than can differ while having it. SGR_INFEASIBLE with the numbers.
 */
enum sgr_status plan_counts_set(struct plan_draft *draft, struct sgr_error *error) SGR_MUST_USE;

/*
 * Sets draft->asked alone, whether or not so many items can differ. SGR_INFEASIBLE with the
 * numbers.
 */
enum sgr_status plan_counts_ask(struct plan_draft *draft, struct sgr_error *error) SGR_MUST_USE;

/* The bounds that a trait's count may not leave; upper 0 is never drawn. Both are [trait]. */
void plan_counts_bounds(const struct plan_draft *draft, uint64_t *lower, uint64_t *upper);

/* How many items are asked for of groups that lack a layer, once the groups' counts are set. */
uint64_t plan_counts_lacking(const struct plan_draft *draft, size_t layer);

/* Whether any layer must differ between items; without, items may repeat. */
bool plan_counts_must_differ(const struct collection *collection);

/* Whether a trait may be drawn at all. */
bool plan_counts_may_draw(const struct collection_trait *trait);

#endif
