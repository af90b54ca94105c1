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

/* Some literals, and then a match, which may be longer than deflate can say in one. */
struct deflate_step {
    uint32_t literals; /* how many bytes, 0 for none */
    uint32_t length;   /* of the match, DEFLATE_MATCH_MIN or more */
    uint32_t distance; /* 1 to DEFLATE_WINDOW */
};

/* A whole strip. */
struct deflate_tokens {
    struct deflate_step *steps; /* borrowed room */
    size_t step_count;
    uint8_t *literals; /* borrowed room: of all steps, then those behind the last match */
    size_t literal_count;
    uint32_t literal_uses[DEFLATE_LITERALS]; /* of each symbol, without the end symbol */
    uint32_t distance_uses[DEFLATE_DISTANCES];
    uint64_t extra_bits; /* of all lengths and distances */
};

/* Counts the uses and extra bits of what the steps and literals say. */
void deflate_tokens_count(struct deflate_tokens *tokens);

/* The first piece of a match: as long as deflate can say, and so that a rest can be said too. */
static inline uint32_t deflate_first_piece(uint32_t length)
{
    if (length <= DEFLATE_MATCH_MAX)
        return length;
    return length - DEFLATE_MATCH_MAX < DEFLATE_MATCH_MIN ? DEFLATE_MATCH_MAX - DEFLATE_MATCH_MIN
                                                          : DEFLATE_MATCH_MAX;
}

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
    /* Without a branch, since distances cannot be foreseen: below 2 there is no second bit. */
    unsigned value = distance - 1;
    unsigned bits = 31u - (unsigned)__builtin_clz(value | 2);
    unsigned symbol = bits * 2 + ((value >> (bits - 1)) & 1);
    return value < 2 ? value : symbol;
}

/* The extra bits behind a distance symbol. */
static inline unsigned deflate_distance_bits(unsigned symbol)
{
    return symbol < 4 ? 0 : symbol / 2 - 1;
}

#endif
