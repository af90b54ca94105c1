/* Dealing out a layer's traits to rows. */
#ifndef SGR_PLAN_PLAN_DEAL_H
#define SGR_PLAN_PLAN_DEAL_H

#include "base/random.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Fills column[0 .. count - 1] with each of `trait_count` traits as often as counts says, which add
 * up to count, and shuffles it: every order is as likely (Fisher and Yates).
 */
void plan_deal(uint16_t *column, uint64_t count, const uint64_t *counts, size_t trait_count,
               struct random *random);

/* Shuffles rows of `length` traits each. */
void plan_deal_shuffle(uint16_t *rows, uint64_t count, size_t length, struct random *random);

#endif
