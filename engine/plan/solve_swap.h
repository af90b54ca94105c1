/*
 * Exchanges: two rows swap their traits in one layer, or in the layers of a unit. That keeps how
 * often each trait comes, and as partners are drawn at random, rows without a fault are as likely
 * to end up with one trait as with another of the same count.
 */
#ifndef SGR_PLAN_SOLVE_SWAP_H
#define SGR_PLAN_SOLVE_SWAP_H

#include "plan/solve_state.h"

/* Exchanges until rules hold, as far as it can; holds nothing. */
void solve_swap_mend(struct solve_state *state);

/* Holds every row that fits, and exchanges for the others; returns how many are left over. */
uint64_t solve_swap_enter(struct solve_state *state);

/* Exchanges a row that is not held with random held ones until both are; false leaves all as is. */
bool solve_swap_settle(struct solve_state *state, uint64_t row, int tries);

/*
 * Exchanges held rows at random where both stay held, a Markov chain that prefers no plan: it takes
 * away what the way to a plan may have left in it.
 */
void solve_swap_mix(struct solve_state *state, uint64_t proposals);

/* A random row that has a trait; SOLVE_KEYS_NONE when none was met. */
uint64_t solve_swap_draw(struct solve_state *state, uint32_t layer, uint16_t trait);

#endif
