/*
 * Code lengths by the two-queue method on sorted counts, then cut to the
 * longest that is allowed: over-long codes are shortened, and the room that takes is won back by
 * lengthening the longest of the shorter ones. Not optimal under the limit, but that is rarely hit.
 */
#include "codec/huffman.h"

#include "base/error.h"

#include <string.h>

/* A sort key is a count above a symbol; larger counts are cut, which costs nothing noticeable. */
enum { SYMBOL_BITS = 9, COUNT_BITS = 22, COUNT_MAX = (1 << COUNT_BITS) - 1, DIGIT_BITS = 6 };

/*
 * Sorts keys, which come by symbol, by count: digit by digit, since comparisons of counts cannot
 * be foreseen. `spare` has the same room. Returns where the result is.
 */
static uint32_t *sort_keys(uint32_t *keys, uint32_t *spare, unsigned count)
{
    uint32_t all = 0;
    for (unsigned index = 0; index < count; index++)
        all |= keys[index] >> SYMBOL_BITS;
    for (unsigned shift = SYMBOL_BITS; all > 0; shift += DIGIT_BITS, all >>= DIGIT_BITS) {
        unsigned starts[1 << DIGIT_BITS] = {0};
        unsigned start = 0;
        for (unsigned index = 0; index < count; index++)
            starts[keys[index] >> shift & ((1 << DIGIT_BITS) - 1)]++;
        for (unsigned digit = 0; digit < 1 << DIGIT_BITS; digit++) {
            unsigned size = starts[digit];
            starts[digit] = start;
            start += size;
        }
        for (unsigned index = 0; index < count; index++)
            spare[starts[keys[index] >> shift & ((1 << DIGIT_BITS) - 1)]++] = keys[index];
        uint32_t *sorted = spare;
        spare = keys;
        keys = sorted;
    }
    return keys;
}

/*
 * Counts how many leaves of the tree over ascending counts lie at each depth. Of leaves and inner
 * nodes, the smaller is next; a node not made yet, and what is behind the last leaf, are largest.
 */
static void count_depths(const uint32_t *keys, unsigned count, unsigned *of_depth)
{
    uint32_t leaves[HUFFMAN_SYMBOLS_MAX + 2];
    uint32_t nodes[HUFFMAN_SYMBOLS_MAX];
    uint16_t parents[HUFFMAN_SYMBOLS_MAX];
    uint16_t inner[HUFFMAN_SYMBOLS_MAX + 1] = {0};
    uint16_t depths[HUFFMAN_SYMBOLS_MAX];
    for (unsigned index = 0; index < count; index++)
        leaves[index] = keys[index] >> SYMBOL_BITS;
    leaves[count] = UINT32_MAX;
    leaves[count + 1] = UINT32_MAX;
    memset(nodes, 0xff, count * sizeof *nodes);
    unsigned leaf = 0;
    unsigned root = 0;
    for (unsigned next = 0; next < count - 1; next++) {
        uint32_t sum = 0;
        for (int child = 0; child < 2; child++) {
            unsigned take_node = nodes[root] < leaves[leaf];
            sum += take_node ? nodes[root] : leaves[leaf];
            parents[root] = (uint16_t)next;
            root += take_node;
            leaf += 1 - take_node;
        }
        nodes[next] = sum;
    }
    depths[count - 2] = 0;
    inner[0] = 1;
    for (unsigned next = count - 2; next-- > 0;) {
        depths[next] = (uint16_t)(depths[parents[next]] + 1);
        inner[depths[next]]++;
    }
    of_depth[0] = 0;
    for (unsigned depth = 1; depth < count; depth++)
        of_depth[depth] = 2u * inner[depth - 1] - inner[depth];
}

/* Counts how many codes have each length, none above `bits_max`, as a complete code. */
static void limit_depths(const unsigned *of_depth, unsigned count, unsigned bits_max,
                         unsigned *lengths)
{
    memset(lengths, 0, (bits_max + 1) * sizeof *lengths);
    for (unsigned depth = 1; depth < count; depth++)
        lengths[depth < bits_max ? depth : bits_max] += of_depth[depth];
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
    uint32_t spare[HUFFMAN_SYMBOLS_MAX];
    unsigned of_depth[HUFFMAN_SYMBOLS_MAX];
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
    const uint32_t *sorted = sort_keys(keys, spare, used);
    count_depths(sorted, used, of_depth);
    limit_depths(of_depth, used, bits_max, of_length);
    unsigned index = 0;
    for (unsigned bits = bits_max; bits > 0; bits--) {
        for (unsigned left = of_length[bits]; left > 0; left--)
            lengths[sorted[index++] & ((1u << SYMBOL_BITS) - 1)] = (uint8_t)bits;
    }
    ERROR_ASSERT(index == used);
}

/* The lowest `bits` of a code the other way round. */
static uint16_t reverse(unsigned code, unsigned bits)
{
    code = (code & 0x5555) << 1 | (code >> 1 & 0x5555);
    code = (code & 0x3333) << 2 | (code >> 2 & 0x3333);
    code = (code & 0x0f0f) << 4 | (code >> 4 & 0x0f0f);
    code = (code & 0x00ff) << 8 | (code >> 8 & 0x00ff);
    return (uint16_t)(code >> (16 - bits));
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
