/* Shuffles, each from the last place down. */
#include "plan/plan_deal.h"

#include "base/error.h"

void plan_deal(uint16_t *column, uint64_t count, const uint64_t *counts, size_t trait_count,
               struct random *random)
{
    uint64_t row = 0;
    for (size_t trait = 0; trait < trait_count; trait++) {
        for (uint64_t copy = 0; copy < counts[trait]; copy++)
            column[row++] = (uint16_t)trait;
    }
    ERROR_ASSERT(row == count);
    plan_deal_shuffle(column, count, 1, random);
}

void plan_deal_shuffle(uint16_t *rows, uint64_t count, size_t length, struct random *random)
{
    for (uint64_t left = count; left > 1; left--) {
        uint16_t *last = rows + (left - 1) * length;
        uint16_t *other = rows + random_below(random, left) * length;
        for (size_t index = 0; index < length; index++) {
            uint16_t kept = last[index];
            last[index] = other[index];
            other[index] = kept;
        }
    }
}
