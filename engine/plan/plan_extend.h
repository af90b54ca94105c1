/*
 * Growing a plan: every old item stays as it is, new ones are added, and counts are exact over the
 * whole as far as the old items allow it.
 */
#ifndef SGR_PLAN_PLAN_EXTEND_H
#define SGR_PLAN_PLAN_EXTEND_H

#include "plan/plan_draft.h"

/*
 * Decides the recipes of `count` items in all, which is more than the old plan has. What weights
 * ask for is shared out over all items; a trait that old items have more often than that keeps its
 * count, and the rest is shared out among the others. New items keep all rules, and differ from old
 * ones as `distinct` and unique groups want; old items may break rules, which the draft's extension
 * tells. `old` must outlive the draft. SGR_INPUT when old items cannot be found in the collection,
 * SGR_INFEASIBLE with the numbers. Deterministic: one seed and one old plan, one plan.
 */
enum sgr_status plan_draft_extend(struct plan_draft *draft, const struct collection *collection,
                                  struct plan *old, uint64_t count, const char *seed,
                                  struct sgr_error *error) SGR_MUST_USE;

#endif
