/*
 * How often each rule of a plan was binding: the items that it is about, and those of a free deal
 * that it would have refused. A free deal has the plan's counts, but every layer is shuffled by
 * itself, as if there were no rules.
 */
#ifndef SGR_PLAN_RULE_USE_H
#define SGR_PLAN_RULE_USE_H

#include "plan/plan_draft.h"

enum rule_use_kind {
    RULE_USE_TRAITS, /* about each item alone */
    RULE_USE_UNIQUE, /* a group of layers that may not repeat */
    RULE_USE_ORDER   /* changes the draw order */
};

/* One rule of the config. */
struct rule_use_entry {
    enum rule_use_kind kind;
    size_t source; /* its place in the config's list, from 0 */
    const char *text;
    uint64_t applies; /* items for which a condition holds, or without conditions a literal; all
                         that were looked at for a unique group */
    uint64_t refused; /* dealt items that break it, or repeat another's key; 0 for orders */
};

/* Start from all zero; end with rule_use_finish. Read-only once made, any thread. */
struct rule_use {
    struct arena arena;
    struct rule_use_entry *entries; /* [entry_count], as they stand in the config */
    size_t entry_count;
    uint64_t items; /* that `applies` is about: the plan's, or an even sample of them */
    uint64_t dealt; /* that `refused` is about */
};

/*
 * Counts, in a bounded number of steps: of large plans under many rules items are sampled, and at
 * most 100,000 are dealt. `draft` is one that was drawn; `seed` decides the deal. SGR_NO_MEMORY is
 * the only failure.
 */
enum sgr_status rule_use_count(struct rule_use *use, const struct plan_draft *draft,
                               const char *seed, struct sgr_error *error) SGR_MUST_USE;

/* Frees all of it. */
void rule_use_finish(struct rule_use *use);

#endif
