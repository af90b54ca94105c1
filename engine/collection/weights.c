/*
 * The bounds that keep 128 bits enough: parents add up to less than 2^63, a reduced set to little
 * more than 2^56 (scaling down may lift each of 65,535 weights to 1).
 */
#include "collection/weights.h"

#include "base/memory.h"

enum { SUM_BITS = 56, SHARE_BITS = 60, ROOM_BITS = 120 };

static wide gcd(wide left, wide right)
{
    while (right) {
        wide rest = left % right;
        left = right;
        right = rest;
    }
    return left;
}

wide weights_sum(const uint64_t *weights, size_t count)
{
    wide sum = 0;
    for (size_t index = 0; index < count; index++)
        sum += weights[index];
    return sum;
}

/* Scales to a sum of about WEIGHTS_SUM_MAX, to nearest, and never a chance to none. */
static void scale_down(const wide *exact, size_t count, wide sum, uint64_t *out_weights)
{
    unsigned shift = 0;
    while (sum >> shift >> (SUM_BITS + 8))
        shift++;
    wide whole = sum >> shift;
    for (size_t index = 0; index < count; index++) {
        wide scaled = (((exact[index] >> shift) << SUM_BITS) + whole / 2) / whole;
        out_weights[index] = scaled || !exact[index] ? (uint64_t)scaled : 1;
    }
}

void weights_reduce(const wide *exact, size_t count, uint64_t *out_weights)
{
    wide divisor = 0;
    wide sum = 0;
    for (size_t index = 0; index < count; index++) {
        divisor = gcd(divisor, exact[index]);
        sum += exact[index];
    }
    if (divisor == 0)
        divisor = 1;
    if (sum / divisor > WEIGHTS_SUM_MAX) {
        scale_down(exact, count, sum, out_weights);
        return;
    }
    for (size_t index = 0; index < count; index++)
        out_weights[index] = (uint64_t)(exact[index] / divisor);
}

/*
 * A number by which every parent / (sum of its children) becomes whole, or 0 when the weights
 * made with it might not fit. The result of nesting adds up to it times the sum of the parents.
 */
static wide common_scale(const uint64_t *parents, const size_t *sizes, size_t group_count,
                         const uint64_t *weights)
{
    wide parent_sum = weights_sum(parents, group_count);
    wide limit = parent_sum ? ((wide)1 << ROOM_BITS) / parent_sum : 1;
    wide scale = 1;
    for (size_t group = 0; group < group_count; group++) {
        wide child_sum = weights_sum(weights, sizes[group]);
        wide bottom = child_sum / gcd(parents[group], child_sum);
        wide missing = bottom / gcd(scale, bottom);
        if (missing > limit / scale)
            return 0;
        scale *= missing;
        weights += sizes[group];
    }
    return scale;
}

bool weights_nest(const uint64_t *parents, const size_t *sizes, size_t group_count,
                  uint64_t *weights)
{
    size_t count = 0;
    for (size_t group = 0; group < group_count; group++)
        count += sizes[group];
    wide *exact = memory_allocate(count, sizeof *exact);
    if (!exact)
        return false;
    wide scale = common_scale(parents, sizes, group_count, weights);
    wide parent_sum = weights_sum(parents, group_count);
    size_t at = 0;
    for (size_t group = 0; group < group_count; group++) {
        wide child_sum = weights_sum(weights + at, sizes[group]);
        wide divisor = gcd(parents[group], child_sum);
        /* Without a common scale: the parent's share of all to 60 bits, then the child's of it. */
        wide factor = parents[group] / divisor * (scale / (child_sum / divisor));
        wide share = parent_sum ? ((wide)parents[group] << SHARE_BITS) / parent_sum : 0;
        for (size_t end = at + sizes[group]; at < end; at++) {
            wide rough = share * weights[at] / child_sum;
            if (rough == 0 && parents[group] && weights[at])
                rough = 1;
            exact[at] = scale ? factor * weights[at] : rough;
        }
    }
    weights_reduce(exact, count, weights);
    memory_free(exact);
    return true;
}

bool weights_product(const uint64_t *left, size_t left_count, const uint64_t *right,
                     size_t right_count, uint64_t *out_weights)
{
    size_t count = left_count * right_count;
    wide *exact = memory_allocate(count, sizeof *exact);
    if (!exact)
        return false;
    for (size_t row = 0; row < left_count; row++) {
        for (size_t column = 0; column < right_count; column++)
            exact[row * right_count + column] = (wide)left[row] * right[column];
    }
    weights_reduce(exact, count, out_weights);
    memory_free(exact);
    return true;
}
