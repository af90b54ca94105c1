/*
 * Recipes for a number of items under rules: every trait as often as asked, where the rules allow
 * it. Rules and distinctness are never broken in the result; counts give way, by the smallest total
 * deviation that was found. Rows that are there already stay as they are, rules or not, and no new
 * one repeats what must differ from them.
 *
 * Each layer's traits are dealt out and shuffled, then exchanged between items until every rule
 * holds and no two items are alike; an exchange keeps all counts. Only what exchanges cannot mend
 * changes a trait. Where few recipes exist, or most of them are wanted, items are chosen from the
 * list of all recipes instead, and small cases are searched to the end, which proves what cannot
 * be.
 */
#ifndef SGR_PLAN_PLAN_SOLVE_H
#define SGR_PLAN_PLAN_SOLVE_H

#include "collection/collection.h"
#include "collection/rules.h"

#include <serigraph/status.h>

/*
 * Limits of work, so that a plan never hangs: exchanges looked at are 64 an item and
 * PLAN_SOLVE_STEPS more; lists of all recipes have at most PLAN_SOLVE_RECIPES_MAX of them, or two
 * an item where that is more; choosing from lists takes at most PLAN_SOLVE_STEPS steps, searching
 * to the end PLAN_SOLVE_NODES choices for each deviation that is tried. A stage also ends when it
 * has looked at PLAN_SOLVE_WORK tables and terms of rules and PLAN_SOLVE_WORK_EACH an item: where
 * rules are very many, steps take long.
 */
#define PLAN_SOLVE_STEPS UINT64_C(4000000)
#define PLAN_SOLVE_RECIPES_MAX UINT64_C(100000)
#define PLAN_SOLVE_NODES UINT64_C(20000)
#define PLAN_SOLVE_WORK (UINT64_C(1) << 26)
#define PLAN_SOLVE_WORK_EACH UINT64_C(1024)

/* What to solve, and what came out. All is borrowed. */
struct plan_solve {
    const struct collection *collection;
    const struct rules *rules;   /* NULL: none */
    const uint32_t *trait_bases; /* [layer_count + 1] */
    uint64_t given_count;        /* rows that are there already */
    uint64_t count;              /* items to add; what follows is about them alone */
    const char *seed;
    const uint64_t *asked; /* [trait_bases[layer] + trait]: of every layer adding up to count */
    const uint64_t *lower; /* [trait]: counts never leave these bounds; upper 0 is never drawn */
    const uint64_t *upper;
    uint16_t *rows;     /* [row * layer_count + layer]: the given ones, then out: the others */
    uint64_t deviation; /* out: the sum over all traits of how far counts are from what is asked */
    bool proven;        /* out: no plan has a smaller deviation */
    bool limited;       /* out: a limit of work was reached, a better plan may exist */
};

/*
 * SGR_INFEASIBLE, with what conflicts and the numbers, when no plan was found; the text says
 * whether none exists or the limit of work was reached. Deterministic: one seed, one plan.
 */
enum sgr_status plan_solve(struct plan_solve *solve, struct sgr_error *error) SGR_MUST_USE;

#endif
