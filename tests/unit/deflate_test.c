/*
 * The Huffman codes and the block writer alone: codes are complete and as short as the counts ask
 * for, and the writer picks the cheapest kind of block.
 */
#include "base/random.h"
#include "codec/deflate_write.h"
#include "codec/huffman.h"
#include "os/machine.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

static void check_code(const uint32_t *counts, unsigned symbols, unsigned bits_max)
{
    uint8_t lengths[HUFFMAN_SYMBOLS_MAX];
    uint16_t codes[HUFFMAN_SYMBOLS_MAX];
    uint32_t room = 0;
    unsigned used = 0;
    huffman_lengths(counts, symbols, bits_max, lengths);
    huffman_codes(lengths, symbols, codes);
    for (unsigned symbol = 0; symbol < symbols; symbol++) {
        assert_int_equal(lengths[symbol] > 0, counts[symbol] > 0);
        assert_true(lengths[symbol] <= bits_max);
        assert_true(codes[symbol] >> lengths[symbol] == 0);
        used += counts[symbol] > 0;
        room += lengths[symbol] ? 1u << (15 - lengths[symbol]) : 0;
    }
    if (used > 1)
        assert_int_equal(room, 1u << 15);
    for (unsigned left = 0; left < symbols; left++) {
        for (unsigned right = 0; right < symbols; right++) {
            if (counts[left] > counts[right] && counts[right] > 0)
                assert_true(lengths[left] <= lengths[right]);
        }
    }
}

static void codes_are_complete_whatever_the_counts(void **state)
{
    struct random random;
    random_init(&random, *state, 1);
    for (int round = 0; round < 400; round++) {
        uint32_t counts[286] = {0};
        unsigned symbols = 1 + (unsigned)random_below(&random, 286);
        unsigned bits_max = symbols <= 19 && round & 1 ? 7 : 15;
        for (unsigned symbol = 0; symbol < symbols; symbol++) {
            unsigned shift = (unsigned)random_below(&random, 22);
            counts[symbol] = random_below(&random, 3)
                                 ? (uint32_t)random_below(&random, UINT64_C(1) << shift)
                                 : 0;
        }
        check_code(counts, symbols, bits_max);
    }
}

/* Fibonacci counts make the deepest trees, so the limit must cut. */
static void codes_keep_to_the_longest_allowed(void **state)
{
    (void)state;
    uint32_t counts[30] = {1, 1};
    for (int symbol = 2; symbol < 30; symbol++)
        counts[symbol] = counts[symbol - 1] + counts[symbol - 2];
    check_code(counts, 30, 15);
    check_code(counts, 19, 7);
}

/* The textbook example: counts 5 9 12 13 16 45 have the lengths 4 4 3 3 3 1. */
static void known_counts_get_their_optimal_lengths(void **state)
{
    (void)state;
    static const uint32_t counts[] = {5, 9, 12, 13, 16, 45};
    static const uint8_t expected[] = {4, 4, 3, 3, 3, 1};
    uint8_t lengths[6];
    huffman_lengths(counts, 6, 15, lengths);
    assert_memory_equal(lengths, expected, sizeof expected);
}

enum { RAW_MAX = 200000 };

/* Tokens that say every byte literally. */
static void say_literally(struct deflate_tokens *tokens, const uint8_t *raw, size_t size)
{
    memcpy(tokens->literals, raw, size);
    tokens->literal_count = size;
    tokens->step_count = 0;
    deflate_tokens_count(tokens);
}

static void comes_back(const uint8_t *stream, size_t stream_size, const uint8_t *raw, size_t size)
{
    static uint8_t out[RAW_MAX + 1];
    z_stream inflater = {0};
    assert_int_equal(inflateInit2(&inflater, -MAX_WBITS), Z_OK);
    inflater.next_in = (uint8_t *)(uintptr_t)stream;
    inflater.avail_in = (uInt)stream_size;
    inflater.next_out = out;
    inflater.avail_out = sizeof out;
    int result = inflate(&inflater, Z_SYNC_FLUSH);
    assert_true(result == Z_OK || result == Z_BUF_ERROR);
    assert_int_equal(inflater.total_out, size);
    assert_memory_equal(out, raw, size);
    inflateEnd(&inflater);
}

static void the_cheapest_kind_of_block_is_written(void **state)
{
    static uint8_t raw[RAW_MAX];
    static uint8_t literals[RAW_MAX];
    static uint8_t target[RAW_MAX + 1000];
    struct deflate_tokens tokens = {.literals = literals};
    struct random random;
    random_init(&random, *state, 2);
    assert_true(deflate_write_bound(RAW_MAX) <= sizeof target);
    for (size_t at = 0; at < RAW_MAX; at++)
        raw[at] = (uint8_t)random_next(&random);
    say_literally(&tokens, raw, RAW_MAX);
    size_t size = deflate_write(&tokens, raw, RAW_MAX, target);
    assert_int_equal(target[0] & 7, 0);
    assert_true(size <= RAW_MAX + 5 * 5);
    comes_back(target, size, raw, RAW_MAX);
    memset(raw, 7, RAW_MAX);
    say_literally(&tokens, raw, RAW_MAX);
    size = deflate_write(&tokens, raw, RAW_MAX, target);
    assert_int_equal(target[0] & 7, 4);
    assert_true(size < RAW_MAX / 7);
    comes_back(target, size, raw, RAW_MAX);
    say_literally(&tokens, (const uint8_t *)"few bytes", 9);
    size = deflate_write(&tokens, (const uint8_t *)"few bytes", 9, target);
    assert_int_equal(target[0] & 7, 2);
    comes_back(target, size, (const uint8_t *)"few bytes", 9);
}

/* Every length and distance that deflate knows, against zlib's reading of them. */
static void every_length_and_distance_comes_back(void **state)
{
    (void)state;
    static uint8_t raw[RAW_MAX];
    static uint8_t literals[RAW_MAX];
    static struct deflate_step steps[DEFLATE_MATCH_MAX + 8];
    static uint8_t target[RAW_MAX + 1000];
    for (unsigned distance = 1; distance <= DEFLATE_WINDOW; distance += distance / 7 + 1) {
        struct deflate_tokens tokens = {.literals = literals, .steps = steps};
        struct random random;
        random_init(&random, "bytes", distance);
        for (unsigned at = 0; at < distance; at++)
            raw[at] = (uint8_t)random_next(&random);
        say_literally(&tokens, raw, distance);
        size_t size = distance;
        for (unsigned length = DEFLATE_MATCH_MIN; length <= DEFLATE_MATCH_MAX + 7; length++) {
            bool first = length == DEFLATE_MATCH_MIN;
            steps[tokens.step_count++] =
                (struct deflate_step){first ? distance : 0, length, distance};
            for (unsigned step = 0; step < length; step++, size++)
                raw[size] = raw[size - distance];
        }
        deflate_tokens_count(&tokens);
        comes_back(target, deflate_write(&tokens, raw, size, target), raw, size);
    }
}

int main(int count, char **arguments)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, machine_now_ns());
    char *used = count > 1 ? arguments[1] : seed;
    printf("seed %s\n", used);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(codes_are_complete_whatever_the_counts, used),
        cmocka_unit_test(codes_keep_to_the_longest_allowed),
        cmocka_unit_test(known_counts_get_their_optimal_lengths),
        cmocka_unit_test_prestate(the_cheapest_kind_of_block_is_written, used),
        cmocka_unit_test(every_length_and_distance_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
