/*
 * Filtered rows give the same rows back, the choice goes by what strips look like, and strips of
 * any filter join in any order. An argument is the seed.
 */
#include "codec/png_filter.h"

#include "base/random.h"
#include "base/text.h"
#include "codec/png_strip.h"
#include "os/machine.h"
#include "png_unfilter.h"

#include <inttypes.h>
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 1300, ROWS = 32, STRIPS = 6 };

static const char *seed;
static uint32_t pixels[WIDTH * ROWS];
static uint8_t raw[WIDTH * ROWS * 4 + ROWS + PIXEL_ROWS_SLACK];

static struct pixel_rows pack(uint32_t width, uint32_t rows, unsigned pixel_bytes)
{
    uint8_t *at = raw;
    for (uint32_t row = 0; row < rows; row++) {
        *at++ = 0;
        for (uint32_t column = 0; column < width; column++, at += pixel_bytes) {
            uint32_t *pixel = &pixels[(size_t)row * width + column];
            *pixel |= pixel_bytes == 3 ? 0xff000000 : 0;
            memcpy(at, pixel, pixel_bytes);
        }
    }
    return (struct pixel_rows){pixels, raw, width, rows, pixel_bytes};
}

static void filter_and_back(const struct pixel_rows *rows, enum png_filter filter,
                            const struct kernel_table *kernels)
{
    static uint32_t filtered[WIDTH * ROWS];
    static uint8_t bytes[sizeof raw];
    struct pixel_rows out = png_filter_apply(filter, rows, filtered, bytes, kernels);
    size_t size = (size_t)pixel_rows_raw_size(rows);
    size_t row_bytes = size / rows->rows;
    assert_int_equal(pixel_rows_raw_size(&out), size);
    for (uint32_t row = 0; row < rows->rows; row++) {
        assert_int_equal(bytes[row * row_bytes], row ? filter : PNG_ROW_SUB);
        for (uint32_t column = 0; column < rows->width; column++)
            assert_memory_equal(bytes + row * row_bytes + 1 + column * rows->pixel_bytes,
                                out.pixels + (size_t)row * rows->width + column, rows->pixel_bytes);
    }
    assert_int_not_equal(unfilter(bytes, rows), UNFILTER_WRONG);
    assert_memory_equal(bytes, raw, size);
}

static void filtered_rows_come_back(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    for (uint32_t width = 1; width < 90; width += 1 + width / 20) {
        for (uint32_t index = 0; index < width * 5; index++)
            pixels[index] = (uint32_t)random_next(&random) & (index % 3 ? 0xffffffff : 0x01030f01);
        for (const struct kernel_table *const *kernel = kernel_list(); *kernel; kernel++) {
            for (unsigned pixel_bytes = 3; pixel_bytes <= 4; pixel_bytes++) {
                struct pixel_rows rows = pack(width, 5, pixel_bytes);
                filter_and_back(&rows, PNG_ROW_SUB, *kernel);
                filter_and_back(&rows, PNG_ROW_PAETH, *kernel);
            }
        }
    }
}

/* What a strip shows in its left part; the rest is flat. */
enum scene { FLAT, TILES, DITHER, GRAIN, NOISE, SCENES };

static uint32_t paint_pixel(struct random *random, enum scene scene, uint32_t column, uint32_t row)
{
    static const uint32_t tiles[] = {0xff000000, 0xff0040ff, 0xffffffff, 0xff80ff20};
    uint32_t noise = (uint32_t)random_next(random);
    switch (scene) {
    case TILES:
        return tiles[noise % 4];
    case DITHER:
        return 0xff405060 + (column / 100 + (noise & 1)) * 0x010101;
    case GRAIN:
        return 0xff404040 + (noise & 0xf) * 0x010101 + ((row * 40 + column / 50) & 0x3f) * 0x0100;
    case NOISE:
        return noise | 0xff000000;
    default:
        return 0xff204060;
    }
}

static enum png_filter choose(enum scene scene, uint32_t percent, uint32_t width, uint32_t rows)
{
    struct random random;
    random_init(&random, seed, 2);
    for (uint32_t row = 0; row < rows; row++) {
        for (uint32_t column = 0; column < width; column++)
            pixels[row * width + column] =
                paint_pixel(&random, column * 100 < width * percent ? scene : FLAT, column, row);
    }
    struct pixel_rows packed = pack(width, rows, 3);
    enum png_filter filter = png_filter_choose(&packed, kernel_list()[0]);
    for (const struct kernel_table *const *kernel = kernel_list(); *kernel; kernel++)
        assert_int_equal(png_filter_choose(&packed, *kernel), filter);
    return filter;
}

static void the_choice_goes_by_what_is_shown(void **state)
{
    (void)state;
    assert_int_equal(choose(FLAT, 100, WIDTH, ROWS), PNG_ROW_NONE);
    assert_int_equal(choose(TILES, 100, WIDTH, ROWS), PNG_ROW_NONE);
    assert_int_equal(choose(DITHER, 100, WIDTH, ROWS), PNG_ROW_SUB);
    assert_int_equal(choose(GRAIN, 100, WIDTH, ROWS), PNG_ROW_SUB);
    assert_int_equal(choose(NOISE, 100, WIDTH, ROWS), PNG_ROW_PAETH);
}

static void a_fifth_of_a_strip_decides(void **state)
{
    (void)state;
    assert_int_equal(choose(NOISE, 18, WIDTH, ROWS), PNG_ROW_NONE);
    assert_int_equal(choose(NOISE, 23, WIDTH, ROWS), PNG_ROW_PAETH);
    assert_int_equal(choose(NOISE, 18, 100, 3), PNG_ROW_NONE);
    assert_int_equal(choose(NOISE, 25, 100, 3), PNG_ROW_PAETH);
}

static void strips_without_neighbours_are_not_filtered(void **state)
{
    (void)state;
    assert_int_equal(choose(NOISE, 100, WIDTH, 1), PNG_ROW_NONE);
    assert_int_equal(choose(NOISE, 100, 1, ROWS), PNG_ROW_NONE);
}

/* Paints and encodes a strip of a random scene; returns its Adler-32. */
static uint32_t append_strip(struct random *random, struct png_strip_encoder *encoder,
                             struct text *file, uint32_t *expected)
{
    struct png_strip strip;
    enum scene scene = (enum scene)random_below(random, SCENES);
    for (uint32_t index = 0; index < 200 * ROWS; index++)
        pixels[index] = paint_pixel(random, scene, index % 200, index / 200);
    struct pixel_rows rows = pack(200, ROWS, 3);
    memcpy(expected, pixels, 200 * ROWS * sizeof *pixels);
    assert_int_equal(png_strip_encode(encoder, &rows, &strip, NULL), SGR_OK);
    text_append(file, (const char *)strip.chunk, strip.size);
    return strip.adler;
}

/* A file of strips, each made without a look at the others; libpng sees what was painted. */
static void join_and_decode(struct random *random, enum sgr_png_level level)
{
    static uint32_t expected[200 * ROWS * STRIPS];
    static uint32_t decoded[200 * ROWS * STRIPS];
    struct png_strip_options options = {level, PNG_COLOR_RGB, 200, ROWS, kernel_list()[0], 0};
    struct png_header header = {200, ROWS * STRIPS, PNG_COLOR_RGB, {NULL, 0}, 0};
    struct png_strip_encoder *encoder = NULL;
    struct text file = {0};
    uint8_t head[PNG_HEAD_BYTES_MAX];
    uint8_t tail[PNG_TAIL_BYTES];
    uint32_t adler = 1;
    assert_int_equal(png_strip_create(&options, &encoder, NULL), SGR_OK);
    text_append(&file, (const char *)head, png_strip_head(head, &header));
    for (size_t strip = 0; strip < STRIPS; strip++) {
        uint32_t next = append_strip(random, encoder, &file, expected + strip * 200 * ROWS);
        adler = png_strip_join_adler(adler, next, ROWS * (1 + 200 * 3));
    }
    png_strip_tail(tail, adler);
    text_append(&file, (const char *)tail, sizeof tail);
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, file.bytes, file.length));
    image.format = PNG_FORMAT_RGBA;
    assert_true(png_image_finish_read(&image, NULL, decoded, 0, NULL));
    assert_int_equal(image.warning_or_error, 0);
    assert_memory_equal(decoded, expected, sizeof expected);
    text_finish(&file);
    png_strip_destroy(&encoder);
}

static void strips_of_all_filters_join(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    for (int level = SGR_PNG_BALANCED; level <= SGR_PNG_SMALL; level++) {
        for (int round = 0; round < 8; round++)
            join_and_decode(&random, (enum sgr_png_level)level);
    }
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filtered_rows_come_back),
        cmocka_unit_test(the_choice_goes_by_what_is_shown),
        cmocka_unit_test(a_fifth_of_a_strip_decides),
        cmocka_unit_test(strips_without_neighbours_are_not_filtered),
        cmocka_unit_test(strips_of_all_filters_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
