/*
 * Code lengths by Moffat and Katajainen's in-place method on sorted counts, then cut to the
 * longest that is allowed: over-long codes are shortened, and the room that takes is won back by
 * lengthening the longest of the shorter ones. Not optimal under the limit, but that is rarely hit.
 */
#include "codec/huffman.h"

#include "base/error.h"

#include <string.h>

/* A sort key is a count above a symbol; larger counts are cut, which costs nothing noticeable. */
enum { SYMBOL_BITS = 9, COUNT_MAX = (1 << 22) - 1 };

/* Shell sort of small keys: a hundred of them do not pay for anything cleverer. */
static void sort_keys(uint32_t *keys, unsigned count)
{
    static const unsigned gaps[] = {57, 23, 10, 4, 1};
    for (unsigned step = 0; step < sizeof gaps / sizeof *gaps; step++) {
        unsigned gap = gaps[step];
        for (unsigned index = gap; index < count; index++) {
            uint32_t key = keys[index];
            unsigned at = index;
            for (; at >= gap && keys[at - gap] > key; at -= gap)
                keys[at] = keys[at - gap];
            keys[at] = key;
        }
    }
}

/* Replaces ascending counts by the depths of their leaves, the deepest first. */
static void counts_to_depths(uint32_t *values, unsigned count)
{
    unsigned leaf = 0;
    unsigned root = 0;
    /* Values before `next` become the parents of inner nodes; counts are used up in order. */
    for (unsigned next = 0; next < count - 1; next++) {
        uint32_t sum = 0;
        for (int child = 0; child < 2; child++) {
            if (leaf >= count || (root < next && values[root] < values[leaf])) {
                sum += values[root];
                values[root++] = next;
            } else {
                sum += values[leaf++];
            }
        }
        values[next] = sum;
    }
    values[count - 2] = 0;
    for (unsigned next = count - 2; next-- > 0;)
        values[next] = values[values[next]] + 1;
    unsigned available = 1;
    unsigned depth = 0;
    int inner = (int)count - 2;
    int at = (int)count - 1;
    while (available > 0) {
        unsigned used = 0;
        while (inner >= 0 && values[inner] == depth) {
            used++;
            inner--;
        }
        while (available > used) {
            values[at--] = depth;
            available--;
        }
        available = 2 * used;
        depth++;
    }
}

/* Counts how many codes have each length, none above `bits_max`, as a complete code. */
static void limit_depths(const uint32_t *depths, unsigned count, unsigned bits_max,
                         unsigned *lengths)
{
    memset(lengths, 0, (bits_max + 1) * sizeof *lengths);
    for (unsigned index = 0; index < count; index++)
        lengths[depths[index] < bits_max ? depths[index] : bits_max]++;
    uint32_t room = 0;
    for (unsigned bits = 1; bits <= bits_max; bits++)
        room += (uint32_t)lengths[bits] << (bits_max - bits);
    while (room > UINT32_C(1) << bits_max) {
        unsigned bits = bits_max - 1;
        while (lengths[bits] == 0)
            bits--;
        lengths[bits]--;
        lengths[bits + 1] += 2;
        lengths[bits_max]--;
        room--;
    }
}

void huffman_lengths(const uint32_t *counts, unsigned symbols, unsigned bits_max, uint8_t *lengths)
{
    uint32_t keys[HUFFMAN_SYMBOLS_MAX];
    uint32_t depths[HUFFMAN_SYMBOLS_MAX];
    unsigned of_length[HUFFMAN_BITS_MAX + 1];
    unsigned used = 0;
    ERROR_ASSERT(symbols <= HUFFMAN_SYMBOLS_MAX && bits_max <= HUFFMAN_BITS_MAX);
    memset(lengths, 0, symbols);
    for (unsigned symbol = 0; symbol < symbols; symbol++) {
        uint32_t count = counts[symbol] < COUNT_MAX ? counts[symbol] : COUNT_MAX;
        if (count > 0)
            keys[used++] = count << SYMBOL_BITS | symbol;
    }
    if (used < 2) {
        if (used == 1)
            lengths[keys[0] & ((1u << SYMBOL_BITS) - 1)] = 1;
        return;
    }
    sort_keys(keys, used);
    for (unsigned index = 0; index < used; index++)
        depths[index] = keys[index] >> SYMBOL_BITS;
    counts_to_depths(depths, used);
    limit_depths(depths, used, bits_max, of_length);
    unsigned index = 0;
    for (unsigned bits = bits_max; bits > 0; bits--) {
        for (unsigned left = of_length[bits]; left > 0; left--)
            lengths[keys[index++] & ((1u << SYMBOL_BITS) - 1)] = (uint8_t)bits;
    }
    ERROR_ASSERT(index == used);
}

static uint16_t reverse(unsigned code, unsigned bits)
{
    unsigned reversed = 0;
    for (unsigned bit = 0; bit < bits; bit++)
        reversed |= (code >> bit & 1) << (bits - 1 - bit);
    return (uint16_t)reversed;
}

void huffman_codes(const uint8_t *lengths, unsigned symbols, uint16_t *codes)
{
    unsigned of_length[HUFFMAN_BITS_MAX + 1] = {0};
    unsigned next[HUFFMAN_BITS_MAX + 1];
    for (unsigned symbol = 0; symbol < symbols; symbol++)
        of_length[lengths[symbol]]++;
    unsigned code = 0;
    of_length[0] = 0;
    next[0] = 0;
    for (unsigned bits = 1; bits <= HUFFMAN_BITS_MAX; bits++) {
        code = (code + of_length[bits - 1]) << 1;
        next[bits] = code;
    }
    for (unsigned symbol = 0; symbol < symbols; symbol++)
        codes[symbol] = lengths[symbol] ? reverse(next[lengths[symbol]]++, lengths[symbol]) : 0;
}
