/*
 * Literals and matches between parsing and writing, and how often each deflate symbol is used.
 * Source: RFC 1951.
 */
#ifndef SGR_CODEC_DEFLATE_TOKENS_H
#define SGR_CODEC_DEFLATE_TOKENS_H

#include <stddef.h>
#include <stdint.h>

enum {
    DEFLATE_LITERALS = 286, /* literal and length symbols */
    DEFLATE_DISTANCES = 30,
    DEFLATE_END = 256,
    DEFLATE_MATCH_MIN = 3,
    DEFLATE_MATCH_MAX = 258,
    DEFLATE_WINDOW = 32768
};

/*
 * A token: a match has bit 31 set, its length - 3 in bits 16-23 and its distance - 1 in bits 0-14;
 * literals have their count (1 to 3) in bits 24-25 and their bytes from bit 0 up.
 */
struct deflate_tokens {
    uint32_t *items; /* borrowed room */
    size_t count;
    uint32_t literals[DEFLATE_LITERALS]; /* uses of each symbol, without the end symbol */
    uint32_t distances[DEFLATE_DISTANCES];
    uint64_t extra_bits; /* of all lengths and distances */
};

/* The length symbol of a match, 257 to 285. */
static inline unsigned deflate_length_symbol(unsigned length)
{
    unsigned value = length - DEFLATE_MATCH_MIN;
    if (length == DEFLATE_MATCH_MAX)
        return 285;
    if (value < 8)
        return 257 + value;
    unsigned bits = 31u - (unsigned)__builtin_clz(value);
    return 257 + (bits - 1) * 4 + ((value >> (bits - 2)) & 3);
}

/* The extra bits behind a length symbol. */
static inline unsigned deflate_length_bits(unsigned symbol)
{
    return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4;
}

/* The distance symbol of a distance, 0 to 29. */
static inline unsigned deflate_distance_symbol(unsigned distance)
{
    unsigned value = distance - 1;
    if (value < 4)
        return value;
    unsigned bits = 31u - (unsigned)__builtin_clz(value);
    return bits * 2 + ((value >> (bits - 1)) & 1);
}

/* The extra bits behind a distance symbol. */
static inline unsigned deflate_distance_bits(unsigned symbol)
{
    return symbol < 4 ? 0 : symbol / 2 - 1;
}

#endif
