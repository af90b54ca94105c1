/*
 * The random numbers behind a plan: xoshiro256** (Blackman and Vigna) seeded by SplitMix64 from a
 * text. One seed gives one sequence on every machine; this file may never change its results.
 */
#ifndef SGR_BASE_RANDOM_H
#define SGR_BASE_RANDOM_H

#include <stdint.h>

/* The state of one sequence; one thread at a time. */
struct random {
    uint64_t state[4];
};

/* Starts the sequence of `seed`; `stream` tells apart uses that must not influence each other. */
void random_init(struct random *random, const char *seed, uint64_t stream);

/* The next 64 bits. */
uint64_t random_next(struct random *random);

/* A number in 0..bound-1, each exactly as likely (Lemire's method with rejection); bound >= 1. */
uint64_t random_below(struct random *random, uint64_t bound);

#endif
