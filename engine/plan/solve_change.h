/*
 * Changes: a row takes a trait that then comes once more, another once less. For what exchanges
 * cannot mend, and to bring counts back to what is asked. Bounds of counts are kept.
 */
#ifndef SGR_PLAN_SOLVE_CHANGE_H
#define SGR_PLAN_SOLVE_CHANGE_H

#include "plan/solve_state.h"
#include "plan/solve_walk.h"

/* Gives rows that are not held other traits, the least deviation first; returns how many stay. */
uint64_t solve_change_rows(struct solve_state *state, struct solve_walk *walk);

/* Lowers the deviation of held rows by changes and exchanges, within a limit of tries. */
void solve_change_polish(struct solve_state *state);

#endif
