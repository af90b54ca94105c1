/*
 * The smallest conflicting set that is found: rules, groups and bounds of counts are left out one
 * after the other (in halves first) as long as what remains is still proven to be impossible.
 */
#ifndef SGR_PLAN_SOLVE_CORE_H
#define SGR_PLAN_SOLVE_CORE_H

#include "plan/plan_solve.h"

/* What has to be impossible. */
struct solve_core_question {
    const struct plan_solve *solve;
    bool about_trait; /* that an item has one trait; otherwise that there is a plan */
    uint32_t layer;
    uint16_t trait;
};

/*
 * Writes names of what conflicts into `text`, as 'rule 3 (...), Hat/Crown 120'. SGR_INFEASIBLE with
 * the text when it was proven, SGR_OK when it was not, or is too large to be looked at.
 */
enum sgr_status solve_core_find(const struct solve_core_question *question, char *text, size_t size,
                                struct sgr_error *error) SGR_MUST_USE;

#endif
