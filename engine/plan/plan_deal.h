/* Dealing out a layer's traits to rows. */
#ifndef SGR_PLAN_PLAN_DEAL_H
#define SGR_PLAN_PLAN_DEAL_H

#include "base/random.h"

#include <serigraph/status.h>

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

/*
 * Brings rows together that have the same trait in a layer, in the order of the traits, of which
 * there are as many rows each as counts says. Within a trait the order is lost. SGR_NO_MEMORY.
 */
enum sgr_status plan_deal_gather(uint16_t *rows, size_t length, size_t layer,
                                 const uint64_t *counts, size_t trait_count) SGR_MUST_USE;

#endif
