/* Counting, apart from parsing: its loops are even, where those of the parser are not. */
#include "codec/deflate_tokens.h"

#include <string.h>

/* Four tables, so that equal bytes in a row need not wait for each other's count. */
static void count_literals(struct deflate_tokens *tokens)
{
    uint32_t uses[4][256];
    const uint8_t *bytes = tokens->literals;
    size_t at = 0;
    memset(uses, 0, sizeof uses);
    for (; at + 4 <= tokens->literal_count; at += 4) {
        uses[0][bytes[at]]++;
        uses[1][bytes[at + 1]]++;
        uses[2][bytes[at + 2]]++;
        uses[3][bytes[at + 3]]++;
    }
    for (; at < tokens->literal_count; at++)
        uses[0][bytes[at]]++;
    for (size_t byte = 0; byte < 256; byte++)
        tokens->literal_uses[byte] = uses[0][byte] + uses[1][byte] + uses[2][byte] + uses[3][byte];
}

/* Counts matches by length and distance symbol; lengths become symbols once a strip. */
static void count_matches(struct deflate_tokens *tokens)
{
    uint32_t of_length[DEFLATE_MATCH_MAX + 1] = {0};
    for (size_t index = 0; index < tokens->step_count; index++) {
        const struct deflate_step *step = &tokens->steps[index];
        unsigned far = deflate_distance_symbol(step->distance);
        uint32_t left = step->length;
        do {
            uint32_t piece = deflate_first_piece(left);
            of_length[piece]++;
            tokens->distance_uses[far]++;
            left -= piece;
        } while (left > 0);
    }
    for (unsigned length = DEFLATE_MATCH_MIN; length <= DEFLATE_MATCH_MAX; length++) {
        unsigned symbol = deflate_length_symbol(length);
        tokens->literal_uses[symbol] += of_length[length];
        tokens->extra_bits += (uint64_t)of_length[length] * deflate_length_bits(symbol);
    }
    for (unsigned far = 0; far < DEFLATE_DISTANCES; far++)
        tokens->extra_bits += (uint64_t)tokens->distance_uses[far] * deflate_distance_bits(far);
}

void deflate_tokens_count(struct deflate_tokens *tokens)
{
    memset(tokens->literal_uses, 0, sizeof tokens->literal_uses);
    memset(tokens->distance_uses, 0, sizeof tokens->distance_uses);
    tokens->extra_bits = 0;
    count_literals(tokens);
    count_matches(tokens);
}
