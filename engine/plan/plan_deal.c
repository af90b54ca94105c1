/* Shuffles, each from the last place down. */
#include "plan/plan_deal.h"

#include "base/error.h"
#include "base/memory.h"

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

static void swap_rows(uint16_t *left, uint16_t *right, size_t length)
{
    for (size_t index = 0; index < length; index++) {
        uint16_t kept = left[index];
        left[index] = right[index];
        right[index] = kept;
    }
}

void plan_deal_shuffle(uint16_t *rows, uint64_t count, size_t length, struct random *random)
{
    for (uint64_t left = count; left > 1; left--) {
        uint16_t *last = rows + (left - 1) * length;
        uint16_t *other = rows + random_below(random, left) * length;
        swap_rows(last, other, length);
    }
}

enum sgr_status plan_deal_gather(uint16_t *rows, size_t length, size_t layer,
                                 const uint64_t *counts, size_t trait_count)
{
    uint64_t *next = memory_allocate(trait_count + 1, sizeof *next);
    uint64_t end = 0;
    if (!next)
        return SGR_NO_MEMORY;
    for (size_t trait = 0; trait < trait_count; trait++) {
        next[trait] = end;
        end += counts[trait];
    }
    end = 0;
    for (size_t trait = 0; trait < trait_count; trait++) {
        end += counts[trait];
        while (next[trait] < end) {
            uint16_t *row = rows + next[trait] * length;
            uint64_t place = next[row[layer]]++;
            if (row[layer] != trait)
                swap_rows(row, rows + place * length, length);
        }
    }
    memory_free(next);
    return SGR_OK;
}
