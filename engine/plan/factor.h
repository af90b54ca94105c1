/*
 * Tables of numbers over a few variables, and the one operation on them: multiply some together and
 * take one variable out (variable elimination; Dechter, "Bucket elimination", 1999).
 */
#ifndef SGR_PLAN_FACTOR_H
#define SGR_PLAN_FACTOR_H

#include "plan/natural.h"

/* A table with a number for each combination of its variables' values; ends with factor_finish. */
struct factor {
    uint32_t *variables; /* owned, ascending */
    size_t variable_count;
    size_t cells;     /* the product of the variables' domains: 1 without variables */
    size_t limbs;     /* of one number */
    uint64_t bits;    /* no number has more */
    uint64_t *values; /* owned: [cells * limbs], the last variable's values side by side */
};

/* How the values of the variable that is taken out become one. */
enum factor_mode {
    FACTOR_SUM,
    FACTOR_ANY /* 1 when one of them is not 0 */
};

/* What to combine. */
struct factor_product {
    struct factor *const *factors;
    size_t factor_count;
    const uint32_t *domains;   /* of all variables */
    const uint32_t *variables; /* of the result, ascending */
    size_t variable_count;
    uint32_t out; /* the variable taken out, in none of `variables`; FACTOR_NOTHING: none */
    enum factor_mode mode;
};

#define FACTOR_NOTHING UINT32_MAX

/* A table of zeros; false without memory, or when it has more cells than a size can tell. */
bool factor_create(struct factor *factor, const uint32_t *variables, size_t variable_count,
                   const uint32_t *domains, uint64_t bits);

/* Frees it; all zero bytes are accepted. */
void factor_finish(struct factor *factor);

/* Becomes a copy; false without memory. */
bool factor_copy(struct factor *factor, const struct factor *from);

/* Multiplies and takes out; *out_factor is the caller's. False without memory. */
bool factor_multiply(const struct factor_product *product, struct factor *out_factor);

/* Sets `bits` to what the numbers really have: what a product may have is foreseen from it. */
void factor_measure(struct factor *factor);

/* Squares every number; false without memory. */
bool factor_square(struct factor *factor);

/* The bits that the largest number of factor_multiply's result may have. */
uint64_t factor_product_bits(const struct factor_product *product);

#endif
