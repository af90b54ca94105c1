/*
 * The parser's tokens, replayed: they stand for exactly the raw bytes, keep to deflate's window
 * and lengths, are counted right, and depend on nothing but the rows. An argument is the seed.
 */
#include "codec/pixel_parse.h"

#include "base/memory.h"
#include "base/random.h"
#include "os/machine.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *seed;

enum { PIXELS_MAX = 200000, RAW_MAX = PIXELS_MAX * 5 };

static uint32_t pixels[PIXELS_MAX];
static uint8_t raw[RAW_MAX];

/* Drawn art: runs of a small palette, rows like those above, moved pieces, a little noise. */
static void draw(struct random *random, uint32_t width, uint32_t rows)
{
    uint32_t palette[12];
    uint64_t noise_share = random_below(random, 3) ? 40 : 3;
    for (int index = 0; index < 12; index++)
        palette[index] = (uint32_t)random_next(random);
    for (uint32_t row = 0; row < rows; row++) {
        uint32_t *line = pixels + (size_t)row * width;
        uint64_t way = random_below(random, 4);
        for (uint32_t x = 0; x < width;) {
            uint32_t length = 1 + (uint32_t)random_below(random, random_below(random, 2) ? 5 : 300);
            uint32_t color = palette[random_below(random, 12)];
            size_t from = way && row ? random_below(random, (size_t)row * width) : 0;
            for (uint32_t end = x + length < width ? x + length : width; x < end; x++) {
                bool noisy = random_below(random, noise_share) == 0;
                line[x] = noisy      ? (uint32_t)random_next(random)
                          : way == 0 ? color
                          : row == 0 ? color
                          : way == 1 ? line[(ptrdiff_t)x - (ptrdiff_t)width]
                          : way == 2 ? pixels[from++]
                                     : (color & 0xffff00) | (x & 3);
            }
        }
    }
}

static struct pixel_rows pack(uint32_t width, uint32_t rows, unsigned pixel_bytes)
{
    uint8_t *at = raw;
    for (uint32_t row = 0; row < rows; row++) {
        *at++ = 0;
        for (uint32_t x = 0; x < width; x++, at += pixel_bytes) {
            uint32_t *pixel = &pixels[(size_t)row * width + x];
            *pixel |= pixel_bytes == 3 ? 0xff000000 : 0;
            memcpy(at, pixel, pixel_bytes);
        }
    }
    return (struct pixel_rows){pixels, raw, width, rows, pixel_bytes};
}

/* What the tokens say, written out; counts the symbols that deflate needs for it. */
struct replay {
    uint8_t out[RAW_MAX];
    size_t at;
    uint32_t literals[DEFLATE_LITERALS];
    uint32_t distances[DEFLATE_DISTANCES];
    uint64_t extra_bits;
};

static void replay_literals(struct replay *replay, const uint8_t *bytes, size_t count)
{
    assert_true(count <= sizeof replay->out - replay->at);
    for (size_t index = 0; index < count; index++) {
        replay->out[replay->at++] = bytes[index];
        replay->literals[bytes[index]]++;
    }
}

static void replay_match(struct replay *replay, const struct deflate_step *step)
{
    assert_in_range(step->distance, 1, DEFLATE_WINDOW);
    assert_true(step->distance <= replay->at);
    assert_true(step->length >= DEFLATE_MATCH_MIN &&
                step->length <= sizeof replay->out - replay->at);
    for (uint32_t left = step->length; left > 0;) {
        uint32_t piece = deflate_first_piece(left);
        assert_in_range(piece, DEFLATE_MATCH_MIN, DEFLATE_MATCH_MAX);
        unsigned length_symbol = deflate_length_symbol(piece);
        unsigned distance_symbol = deflate_distance_symbol(step->distance);
        replay->literals[length_symbol]++;
        replay->distances[distance_symbol]++;
        replay->extra_bits +=
            deflate_length_bits(length_symbol) + deflate_distance_bits(distance_symbol);
        left -= piece;
    }
    for (uint32_t left = step->length; left > 0; left--, replay->at++)
        replay->out[replay->at] = replay->out[replay->at - step->distance];
}

static void check_replay(const struct deflate_tokens *tokens, const struct pixel_rows *rows)
{
    static struct replay replay;
    const uint8_t *literals = tokens->literals;
    memset(&replay, 0, sizeof replay);
    for (size_t index = 0; index < tokens->step_count; index++) {
        replay_literals(&replay, literals, tokens->steps[index].literals);
        literals += tokens->steps[index].literals;
        replay_match(&replay, &tokens->steps[index]);
    }
    assert_true(literals <= tokens->literals + tokens->literal_count);
    replay_literals(&replay, literals,
                    (size_t)(tokens->literals + tokens->literal_count - literals));
    assert_int_equal(replay.at, pixel_rows_raw_size(rows));
    assert_memory_equal(replay.out, rows->raw, replay.at);
    assert_memory_equal(tokens->literal_uses, replay.literals, sizeof replay.literals);
    assert_memory_equal(tokens->distance_uses, replay.distances, sizeof replay.distances);
    assert_int_equal(tokens->extra_bits, replay.extra_bits);
}

/* Parses with a parser in use and with a fresh one of each kernel; all must say the same. */
static void check(struct pixel_parse *used, enum pixel_effort effort, const struct pixel_rows *rows)
{
    const struct deflate_tokens *tokens = pixel_parse_run(used, rows);
    check_replay(tokens, rows);
    for (const struct kernel_table *const *kernel = kernel_list(); *kernel; kernel++) {
        struct pixel_parse *fresh = NULL;
        assert_int_equal(pixel_parse_create(effort, rows->width, rows->rows, *kernel, &fresh, NULL),
                         SGR_OK);
        const struct deflate_tokens *again = pixel_parse_run(fresh, rows);
        assert_int_equal(again->step_count, tokens->step_count);
        assert_int_equal(again->literal_count, tokens->literal_count);
        assert_memory_equal(again->steps, tokens->steps,
                            tokens->step_count * sizeof *tokens->steps);
        assert_memory_equal(again->literals, tokens->literals, tokens->literal_count);
        pixel_parse_destroy(&fresh);
        assert_null(fresh);
    }
}

static void check_width(struct random *random, uint32_t width, uint32_t rows_max, int rounds)
{
    for (int effort = PIXEL_EFFORT_RUNS; effort <= PIXEL_EFFORT_BALANCED; effort++) {
        struct pixel_parse *used = NULL;
        assert_int_equal(pixel_parse_create((enum pixel_effort)effort, width, rows_max,
                                            kernel_list()[0], &used, NULL),
                         SGR_OK);
        for (int round = 0; round < rounds; round++) {
            uint32_t rows = 1 + (uint32_t)random_below(random, rows_max);
            draw(random, width, rows);
            struct pixel_rows packed = pack(width, rows, round & 1 ? 3 : 4);
            check(used, (enum pixel_effort)effort, &packed);
        }
        pixel_parse_destroy(&used);
        pixel_parse_destroy(&used);
    }
}

static void small_drawings_are_said_exactly(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    for (uint32_t width = 1; width < 140; width += width < 12 ? 1 : 1 + width / 5)
        check_width(&random, width, 1 + PIXELS_MAX / 50 / width, 12);
}

/* Rows just shorter and longer than the window, where the row above goes out of reach. */
static void matches_keep_to_the_window(void **state)
{
    (void)state;
    static const uint32_t widths[] = {4095,  4096,  8190,  8191,  8192,  8193,
                                      10921, 10922, 10923, 10924, 16384, 32767};
    struct random random;
    random_init(&random, seed, 2);
    for (size_t index = 0; index < sizeof widths / sizeof *widths; index++)
        check_width(&random, widths[index], 5, 4);
}

/* Row numbers run out after 65,535 rows; the tables then start anew. */
static void row_numbers_may_run_out(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    check_width(&random, 1, 32767, 8);
    check_width(&random, 5, 32767, 4);
}

/* Where only runs are wanted, a row that was seen two rows before is said anew. */
static void runs_alone_are_taken_from_neighbours(void **state)
{
    (void)state;
    struct pixel_parse *parse = NULL;
    struct random random;
    random_init(&random, seed, 4);
    draw(&random, 300, 60);
    struct pixel_rows rows = pack(300, 60, 3);
    assert_int_equal(
        pixel_parse_create(PIXEL_EFFORT_BALANCED, 300, 60, kernel_list()[0], &parse, NULL), SGR_OK);
    const struct deflate_tokens *tokens = pixel_parse_runs(parse, &rows);
    check_replay(tokens, &rows);
    for (size_t index = 0; index < tokens->step_count; index++)
        assert_true(tokens->steps[index].distance == 3 ||
                    tokens->steps[index].distance == 1 + 300 * 3);
    check_replay(pixel_parse_run(parse, &rows), &rows);
    pixel_parse_destroy(&parse);
}

static void one_colour_is_a_few_matches(void **state)
{
    (void)state;
    struct pixel_parse *parse = NULL;
    for (uint32_t index = 0; index < 1000 * 40; index++)
        pixels[index] = 0xff204060;
    struct pixel_rows rows = pack(1000, 40, 4);
    assert_int_equal(
        pixel_parse_create(PIXEL_EFFORT_BALANCED, 1000, 40, kernel_list()[0], &parse, NULL),
        SGR_OK);
    const struct deflate_tokens *tokens = pixel_parse_run(parse, &rows);
    check_replay(tokens, &rows);
    assert_true(tokens->step_count < 60);
    pixel_parse_destroy(&parse);
}

static void a_parser_without_memory_is_none(void **state)
{
    (void)state;
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK; nth++) {
        struct pixel_parse *parse = NULL;
        memory_fail_after(nth, false);
        status = pixel_parse_create(PIXEL_EFFORT_FAST, 9, 9, kernel_list()[0], &parse, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || (status == SGR_NO_MEMORY && !parse));
        pixel_parse_destroy(&parse);
        assert_true(nth < 10);
    }
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_drawings_are_said_exactly),
        cmocka_unit_test(matches_keep_to_the_window),
        cmocka_unit_test(row_numbers_may_run_out),
        cmocka_unit_test(runs_alone_are_taken_from_neighbours),
        cmocka_unit_test(one_colour_is_a_few_matches),
        cmocka_unit_test(a_parser_without_memory_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
