/*
 * Whole numbers of any size, for counts of recipes. Their digits are 64-bit limbs, lowest first,
 * and lie on our own heap, so that running out of memory is an ordinary failure; GMP does the
 * arithmetic.
 */
#ifndef SGR_PLAN_NATURAL_H
#define SGR_PLAN_NATURAL_H

#include "base/text.h"

/* A number; all zero bytes are 0. One thread at a time. */
struct natural {
    uint64_t *limbs; /* owned */
    size_t count;    /* of limbs in use: the highest is not 0 */
    size_t capacity;
};

/* Frees it and makes it 0. */
void natural_finish(struct natural *number);

/* Becomes a number of `count` limbs, of which the highest may be 0; false without memory. */
bool natural_set(struct natural *number, const uint64_t *limbs, size_t count);

/* Becomes a small number; false without memory. */
bool natural_set_small(struct natural *number, uint64_t value);

/* Becomes itself times another, which may be itself; false without memory. */
bool natural_multiply(struct natural *number, const struct natural *other);

/* Adds another; false without memory. */
bool natural_add(struct natural *number, const struct natural *other);

/* Becomes the whole part of itself divided by another, which is not 0; false without memory. */
bool natural_divide(struct natural *number, const struct natural *divisor);

/* Which one is larger: <0 the right one, >0 the left one, 0 neither. */
int natural_compare(const struct natural *left, const struct natural *right);

/* The number, or UINT64_MAX when it is that or more. */
uint64_t natural_saturated(const struct natural *number);

/* Adds all its decimal digits, nothing between them. Slow beyond some thousands of limbs. */
void natural_digits(const struct natural *number, struct text *out);

/* How many limbs are left when the zeros at the top are not counted. */
static inline size_t natural_used(const uint64_t *limbs, size_t count)
{
    while (count > 0 && limbs[count - 1] == 0)
        count--;
    return count;
}

/*
 * Writes the product to all of out[left_count + right_count], which overlaps neither factor. No
 * count is 0.
 */
void natural_product(uint64_t *out, const uint64_t *left, size_t left_count, const uint64_t *right,
                     size_t right_count);

/* Adds limbs to those of out[out_count], where the sum is known to fit. */
void natural_accumulate(uint64_t *out, size_t out_count, const uint64_t *limbs, size_t count);

#endif
