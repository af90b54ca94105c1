/*
 * Two layers of which every pair of traits may come once: the pairs that are used are the edges of
 * a bipartite graph whose degrees are the counts. One is made as Havel and Hakimi do, completed
 * along augmenting paths where rules forbid pairs, and made random by switches of two edges.
 */
#ifndef SGR_PLAN_SOLVE_PAIRS_H
#define SGR_PLAN_SOLVE_PAIRS_H

#include "plan/solve_state.h"

/* Tables of all pairs have at most so many bits. */
#define SOLVE_PAIRS_MAX (UINT64_C(1) << 22)

/*
 * Writes the two layers of a group into the rows so that each trait comes as often as its target.
 * *out_placed is the number of rows whose pair no other has; it is below the count only where no
 * such pairs exist with these counts (Gale and Ryser), and the rest are then arbitrary.
 */
enum sgr_status solve_pairs_deal(struct solve_state *state, const struct solve_group *group,
                                 uint64_t *out_placed, struct sgr_error *error) SGR_MUST_USE;

#endif
