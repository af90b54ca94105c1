/*
 * GMP's functions on bare limbs, and only those that do not allocate: its own memory functions are
 * shared by the whole process and may not fail. Hence the schoolbook product; numbers here are
 * short.
 */
#include "plan/natural.h"

#include "base/memory.h"

#include <gmp.h>
#include <string.h>

_Static_assert(GMP_NUMB_BITS == 64 && sizeof(mp_limb_t) == sizeof(uint64_t),
               "the limbs of GMP are those of struct natural");

enum { CHUNK_DIGITS = 19 };

/* 10^CHUNK_DIGITS, the largest power of ten in a limb. */
#define CHUNK UINT64_C(10000000000000000000)

void natural_finish(struct natural *number)
{
    memory_free(number->limbs);
    *number = (struct natural){.limbs = NULL};
}

static bool reserve(struct natural *number, size_t count)
{
    uint64_t *grown = memory_grow(number->limbs, &number->capacity, count, sizeof *grown);
    if (grown)
        number->limbs = grown;
    return grown;
}

bool natural_set(struct natural *number, const uint64_t *limbs, size_t count)
{
    if (!reserve(number, count))
        return false;
    if (count > 0)
        memmove(number->limbs, limbs, count * sizeof *limbs);
    number->count = natural_used(number->limbs, count);
    return true;
}

bool natural_set_small(struct natural *number, uint64_t value)
{
    return natural_set(number, &value, 1);
}

void natural_product(uint64_t *out, const uint64_t *left, size_t left_count, const uint64_t *right,
                     size_t right_count)
{
    if (left_count < right_count) {
        const uint64_t *shorter = left;
        size_t count = left_count;
        left = right;
        left_count = right_count;
        right = shorter;
        right_count = count;
    }
    out[left_count] = mpn_mul_1(out, left, (mp_size_t)left_count, right[0]);
    for (size_t limb = 1; limb < right_count; limb++)
        out[left_count + limb] = mpn_addmul_1(out + limb, left, (mp_size_t)left_count, right[limb]);
}

void natural_accumulate(uint64_t *out, size_t out_count, const uint64_t *limbs, size_t count)
{
    if (count > 0)
        mpn_add(out, out, (mp_size_t)out_count, limbs, (mp_size_t)count);
}

bool natural_multiply(struct natural *number, const struct natural *other)
{
    struct natural product = {.limbs = NULL};
    if (number->count == 0 || other->count == 0) {
        number->count = 0;
        return true;
    }
    if (!reserve(&product, number->count + other->count))
        return false;
    natural_product(product.limbs, number->limbs, number->count, other->limbs, other->count);
    product.count = natural_used(product.limbs, number->count + other->count);
    natural_finish(number);
    *number = product;
    return true;
}

bool natural_add(struct natural *number, const struct natural *other)
{
    size_t count = (number->count > other->count ? number->count : other->count) + 1;
    if (!reserve(number, count))
        return false;
    memset(number->limbs + number->count, 0, (count - number->count) * sizeof *number->limbs);
    natural_accumulate(number->limbs, count, other->limbs, other->count);
    number->count = natural_used(number->limbs, count);
    return true;
}

bool natural_divide(struct natural *number, const struct natural *divisor)
{
    if (number->count < divisor->count) {
        number->count = 0;
        return true;
    }
    size_t count = number->count - divisor->count + 1;
    struct natural quotient = {.limbs = NULL};
    struct natural rest = {.limbs = NULL};
    bool fits = reserve(&quotient, count) && reserve(&rest, divisor->count);
    if (fits) {
        mpn_tdiv_qr(quotient.limbs, rest.limbs, 0, number->limbs, (mp_size_t)number->count,
                    divisor->limbs, (mp_size_t)divisor->count);
        quotient.count = natural_used(quotient.limbs, count);
        natural_finish(number);
        *number = quotient;
    } else {
        natural_finish(&quotient);
    }
    natural_finish(&rest);
    return fits;
}

int natural_compare(const struct natural *left, const struct natural *right)
{
    if (left->count != right->count)
        return left->count < right->count ? -1 : 1;
    return left->count ? mpn_cmp(left->limbs, right->limbs, (mp_size_t)left->count) : 0;
}

uint64_t natural_saturated(const struct natural *number)
{
    if (number->count > 1)
        return UINT64_MAX;
    return number->count ? number->limbs[0] : 0;
}

void natural_digits(const struct natural *number, struct text *out)
{
    struct natural rest = {.limbs = NULL};
    struct natural chunks = {.limbs = NULL};
    size_t count = 0;
    bool fits = natural_set(&rest, number->limbs, number->count);
    while (fits && rest.count > 0) {
        fits = reserve(&chunks, count + 1);
        if (!fits)
            break;
        chunks.limbs[count++] =
            mpn_divrem_1(rest.limbs, 0, rest.limbs, (mp_size_t)rest.count, CHUNK);
        rest.count = natural_used(rest.limbs, rest.count);
    }
    if (fits && count == 0)
        text_add(out, "0");
    for (size_t chunk = count; chunk > 0 && fits; chunk--)
        text_format(out, "%0*llu", chunk == count ? 1 : CHUNK_DIGITS,
                    (unsigned long long)chunks.limbs[chunk - 1]);
    out->failed = out->failed || !fits;
    natural_finish(&rest);
    natural_finish(&chunks);
}
