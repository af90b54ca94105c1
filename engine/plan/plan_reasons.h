/*
 * Why traits do not come as often as asked: what holds each of them back, with numbers, as far as
 * that can be shown in a bounded number of steps.
 */
#ifndef SGR_PLAN_PLAN_REASONS_H
#define SGR_PLAN_PLAN_REASONS_H

#include "plan/plan_draft.h"

/* Only so many traits, those furthest from what is asked, get a reason. */
enum { PLAN_REASONS_MAX = 20 };

struct plan_reason {
    uint32_t layer;
    uint32_t trait;
    uint64_t asked;
    uint64_t planned;
    const char *text; /* one clause, as "at most 80 ...: rule 3 (...)"; NULL until it is found */
};

/* Start from all zero; end with plan_reasons_finish. Read-only once made, any thread. */
struct plan_reasons {
    struct arena arena;
    struct plan_reason list[PLAN_REASONS_MAX]; /* furthest first, then in the order of layers */
    size_t count;
    uint64_t trait_total; /* traits whose count is not what is asked */
    uint64_t deviation;   /* the sum of how far all of them are from it */
    bool limited;         /* nearer counts may exist; otherwise it is proven that none do */
};

/* Lists the traits, without texts. */
void plan_reasons_list(struct plan_reasons *reasons, const struct plan_draft *draft);

/*
 * Lists them and finds the texts. `draft` is one that was drawn, `seed` what it was drawn with;
 * nothing of them is kept. SGR_NO_MEMORY is the only failure.
 */
enum sgr_status plan_reasons_find(struct plan_reasons *reasons, const struct plan_draft *draft,
                                  const char *seed, struct sgr_error *error) SGR_MUST_USE;

/* Frees the texts. */
void plan_reasons_finish(struct plan_reasons *reasons);

#endif
