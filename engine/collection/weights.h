/*
 * Exact weights: chances of nested and combined choices as whole numbers. Everything is relative,
 * so a set of weights may be multiplied or divided as a whole. Nothing is rounded until a set
 * would add up to more than WEIGHTS_SUM_MAX; then to nearest, and what can be chosen stays so.
 */
#ifndef SGR_COLLECTION_WEIGHTS_H
#define SGR_COLLECTION_WEIGHTS_H

#include "base/wide.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What weight 1 is among decimals read with COLLECTION_WEIGHT_DECIMALS places. */
#define WEIGHTS_SCALE UINT64_C(1000000000)

/* The largest weight a user may write, scaled: 10^9. */
#define WEIGHTS_ONE_MAX (WEIGHTS_SCALE * WEIGHTS_SCALE)

/* What a set may add up to before it is scaled down. */
#define WEIGHTS_SUM_MAX (UINT64_C(1) << 56)

/* Whole numbers in the proportions of `exact`, which must add up to less than 2^127. */
void weights_reduce(const wide *exact, size_t count, uint64_t *out_weights);

/*
 * Chances of choices within choices. Group g has `parents[g]`, up to WEIGHTS_ONE_MAX, and the next
 * `sizes[g]` of `weights`, which do not all have to be there (a size of 1 with weight 1 is a
 * choice without choices inside) but must not add up to 0. On return the weights are
 * parent * child / (sum of the group's children), in whole numbers. The parents must add up to
 * less than 2^63. False without memory.
 */
bool weights_nest(const uint64_t *parents, const size_t *sizes, size_t group_count,
                  uint64_t *weights);

/*
 * Chances of two independent choices: out[l * right_count + r]. Both sets as weights_reduce makes
 * them. False without memory.
 */
bool weights_product(const uint64_t *left, size_t left_count, const uint64_t *right,
                     size_t right_count, uint64_t *out_weights);

/* Their sum. */
wide weights_sum(const uint64_t *weights, size_t count);

#endif
