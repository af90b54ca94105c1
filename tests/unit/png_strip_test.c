/*
 * Strips against zlib and libpng, which know nothing of them: every chunk is framed as PNG wants
 * it, ends on a byte without ending the stream, and any joined sequence decodes to the raw bytes.
 * An argument is the seed.
 */
#include "codec/png_strip.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "os/machine.h"
#include "png_unfilter.h"

#include <inttypes.h>
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

enum { LARGEST = 1 << 20 };

/* What raw bytes are like. */
enum kind { FLAT, NOISE, RUNS, TEXTURE, SHADE, KINDS };

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void fill(struct random *random, enum kind kind, uint8_t *bytes, size_t size)
{
    uint64_t left = 0;
    uint8_t value = (uint8_t)random_next(random);
    for (size_t index = 0; index < size; index++) {
        uint64_t noise = kind == FLAT ? 0 : random_next(random);
        if (kind == RUNS && left-- == 0) {
            left = noise >> 32 & 63;
            value = (uint8_t)noise;
        }
        bytes[index] = kind == NOISE     ? (uint8_t)noise
                       : kind == SHADE   ? (uint8_t)(index / 100 + (noise & 1))
                       : kind == TEXTURE ? (uint8_t)((index * 3 & 0x70) + (noise & 3))
                                         : value;
    }
}

/* Checks a chunk's frame and adds what it holds to `joined`. */
static void take_chunk(const uint8_t *chunk, size_t size, struct text *joined)
{
    assert_true(size >= 12);
    assert_int_equal(big_endian(chunk), size - 12);
    assert_memory_equal(chunk + 4, "IDAT", 4);
    assert_int_equal(big_endian(chunk + size - 4), crc32(0, chunk + 4, (uInt)(size - 8)));
    text_append(joined, (const char *)chunk + 8, size - 12);
    assert_false(joined->failed);
}

/* The payload alone: it gives all bytes, uses all its own, and leaves the stream open. */
static void payload_is_open_and_complete(const uint8_t *payload, size_t size,
                                         const struct pixel_rows *rows, uint32_t adler)
{
    static uint8_t out[LARGEST + 1];
    size_t raw_size = (size_t)pixel_rows_raw_size(rows);
    z_stream stream = {0};
    assert_int_equal(inflateInit2(&stream, -MAX_WBITS), Z_OK);
    stream.next_in = (uint8_t *)(uintptr_t)payload;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = sizeof out;
    int result = inflate(&stream, Z_SYNC_FLUSH);
    assert_true(result == Z_OK || result == Z_BUF_ERROR);
    assert_int_equal(stream.avail_in, 0);
    assert_int_equal(stream.total_out, raw_size);
    assert_int_equal(adler32(1, out, (uInt)raw_size), adler);
    assert_int_not_equal(unfilter(out, rows), UNFILTER_WRONG);
    assert_memory_equal(out, rows->raw, raw_size);
    /* Between blocks and on a byte: an empty window could start here. */
    assert_int_equal(stream.data_type & 7, 0);
    inflateEnd(&stream);
    assert_memory_equal(payload + size - 4, "\x00\x00\xff\xff", 4);
}

static void decodes_as_zlib(const struct text *joined, const struct pixel_rows *rows)
{
    static uint8_t out[LARGEST + 1];
    uLongf size = sizeof out;
    assert_int_equal(uncompress(out, &size, (const uint8_t *)joined->bytes, joined->length), Z_OK);
    assert_int_equal(size, pixel_rows_raw_size(rows));
    assert_int_not_equal(unfilter(out, rows), UNFILTER_WRONG);
    assert_memory_equal(out, rows->raw, size);
}

/* A picture as strips are made from it; `pixels` and `raw` are static, one picture at a time. */
static uint32_t pixels[LARGEST / 3 + 1];
static uint8_t raw_rows[LARGEST];

/* Fills rows with noise of a kind, in both forms. */
static struct pixel_rows paint(struct random *random, enum kind kind, uint32_t width, uint32_t rows,
                               enum png_color color)
{
    struct pixel_rows painted = {pixels, raw_rows, width, rows, png_color_bytes(color)};
    size_t size = (size_t)pixel_rows_raw_size(&painted);
    assert_true(size <= sizeof raw_rows);
    fill(random, kind, raw_rows, size);
    const uint8_t *at = raw_rows;
    for (uint32_t row = 0; row < rows; row++) {
        raw_rows[at++ - raw_rows] = 0;
        if (painted.pixel_bytes < 3) {
            at += (size_t)width * painted.pixel_bytes;
            continue;
        }
        for (uint32_t column = 0; column < width; column++, at += painted.pixel_bytes) {
            uint32_t alpha = color == PNG_COLOR_RGB ? 255 : at[3];
            pixels[(size_t)row * width + column] =
                alpha << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
        }
    }
    return painted;
}

static const struct kernel_table *kernels_named(const char *name)
{
    const struct kernel_table *kernels = NULL;
    assert_int_equal(kernel_choose(name, &kernels, NULL), SGR_OK);
    return kernels;
}

static struct png_strip_encoder *make_encoder(enum sgr_png_level level, enum png_color color,
                                              uint32_t width, uint32_t rows)
{
    struct png_strip_options options = {level, color, width, rows, kernels_named("auto"), 256};
    struct png_strip_encoder *encoder = NULL;
    assert_int_equal(png_strip_create(&options, &encoder, NULL), SGR_OK);
    return encoder;
}

static size_t write_head(uint8_t *head, uint32_t width, uint32_t height, enum png_color color)
{
    struct png_header header = {width, height, color, {NULL, 0}, 0};
    return png_strip_head(head, &header);
}

static void round_trip(struct png_strip_encoder *encoder, const struct pixel_rows *rows)
{
    struct png_strip strip = {NULL, 0, 0};
    struct sgr_error error;
    size_t size = (size_t)pixel_rows_raw_size(rows);
    if (png_strip_encode(encoder, rows, &strip, &error) != SGR_OK)
        fail_msg("%zu bytes: %s", size, error.text);
    struct text joined = {0};
    uint8_t head[PNG_HEAD_BYTES_MAX];
    uint8_t tail[PNG_TAIL_BYTES];
    assert_int_equal(write_head(head, 1, 1, PNG_COLOR_RGB), 47);
    png_strip_tail(tail, png_strip_join_adler(1, strip.adler, size));
    take_chunk(head + 33, 14, &joined);
    take_chunk(strip.chunk, strip.size, &joined);
    payload_is_open_and_complete(strip.chunk + 8, strip.size - 12, rows, strip.adler);
    take_chunk(tail, 18, &joined);
    decodes_as_zlib(&joined, rows);
    text_finish(&joined);
}

/* Strips of one width and many heights through one encoder. */
static void one_width_comes_back(struct random *random, enum sgr_png_level level,
                                 enum png_color color, uint32_t width)
{
    uint32_t most = width > 20000 ? 3 : 40;
    struct png_strip_encoder *encoder = make_encoder(level, color, width, most);
    for (uint32_t rows = 1; rows <= most; rows = rows * 2 + 1) {
        for (int kind = 0; kind < KINDS && (width < 5000 || rows < 4); kind++) {
            struct pixel_rows painted = paint(random, (enum kind)kind, width, rows, color);
            round_trip(encoder, &painted);
        }
    }
    png_strip_destroy(&encoder);
    assert_null(encoder);
    png_strip_destroy(&encoder);
}

static const enum png_color all_colors[] = {PNG_COLOR_GREY, PNG_COLOR_RGB, PNG_COLOR_PALETTE,
                                            PNG_COLOR_GREY_ALPHA, PNG_COLOR_RGBA};

static void all_sizes_and_kinds_come_back(void **state)
{
    static const uint32_t widths[] = {1,  2,  3,  4,   5,   7,    8,    15,   63,
                                      64, 65, 66, 127, 128, 1000, 2731, 8200, 32767};
    struct random random;
    random_init(&random, *state, 1);
    for (int level = SGR_PNG_BALANCED; level <= SGR_PNG_SMALL; level++) {
        for (size_t index = 0; index < sizeof widths / sizeof *widths; index++) {
            for (size_t color = 0; color < sizeof all_colors / sizeof *all_colors; color++)
                one_width_comes_back(&random, (enum sgr_png_level)level, all_colors[color],
                                     widths[index]);
        }
    }
}

/* The end of the compressed stream falls on every one of a byte's eight bits many times. */
static void random_small_strips_come_back(void **state)
{
    struct random random;
    random_init(&random, *state, 2);
    for (int round = 0; round < 400; round++) {
        uint32_t width = 1 + (uint32_t)random_below(&random, random_below(&random, 2) ? 80 : 12);
        enum png_color color = all_colors[round % 5];
        struct png_strip_encoder *encoder =
            make_encoder((enum sgr_png_level)(round % 3), color, width, 12);
        for (int strip = 0; strip < 10; strip++) {
            struct pixel_rows painted =
                paint(&random, (enum kind)random_below(&random, KINDS), width,
                      1 + (uint32_t)random_below(&random, 12), color);
            round_trip(encoder, &painted);
        }
        png_strip_destroy(&encoder);
    }
}

/* A tall strip numbers many rows; the next one must not take its old rows for its own. */
static void rows_are_numbered_anew_in_time(void **state)
{
    struct random random;
    random_init(&random, *state, 3);
    struct png_strip_encoder *encoder = make_encoder(SGR_PNG_BALANCED, PNG_COLOR_RGB, 3, 32767);
    for (int round = 0; round < 5; round++) {
        struct pixel_rows painted =
            paint(&random, (enum kind)(round % KINDS), 3, 32767, PNG_COLOR_RGB);
        round_trip(encoder, &painted);
    }
    png_strip_destroy(&encoder);
}

static enum png_color color_of(const struct pixel_rows *rows)
{
    static const enum png_color colors[] = {PNG_COLOR_GREY, PNG_COLOR_PALETTE, PNG_COLOR_GREY_ALPHA,
                                            PNG_COLOR_RGB, PNG_COLOR_RGBA};
    return colors[rows->pixel_bytes];
}

/* Encodes with a fresh encoder of the named kernels and compares. */
static void same_as_fresh(const struct png_strip *strip, const struct pixel_rows *rows,
                          enum sgr_png_level level, const char *kernels)
{
    struct png_strip_options options = {level,      color_of(rows),         rows->width,
                                        rows->rows, kernels_named(kernels), 256};
    struct png_strip_encoder *fresh = NULL;
    struct png_strip again;
    assert_int_equal(png_strip_create(&options, &fresh, NULL), SGR_OK);
    assert_int_equal(png_strip_encode(fresh, rows, &again, NULL), SGR_OK);
    assert_int_equal(strip->size, again.size);
    assert_memory_equal(strip->chunk, again.chunk, strip->size);
    png_strip_destroy(&fresh);
}

/* Rows of 152 pixels, which narrow pixels can be grouped in. */
static void bytes_of_a_color_depend_on_the_rows(struct random *random, enum sgr_png_level level,
                                                enum png_color color)
{
    struct png_strip_encoder *used = make_encoder(level, color, 152, 40);
    for (int round = 0; round < 40; round++) {
        struct png_strip strip;
        struct pixel_rows painted = paint(random, (enum kind)(round % KINDS), 152,
                                          1 + (uint32_t)random_below(random, 40), color);
        assert_int_equal(png_strip_encode(used, &painted, &strip, NULL), SGR_OK);
        same_as_fresh(&strip, &painted, level, "auto");
        same_as_fresh(&strip, &painted, level, "scalar");
    }
    png_strip_destroy(&used);
}

static void bytes_depend_on_nothing_but_the_rows(void **state)
{
    struct random random;
    random_init(&random, *state, 4);
    for (int level = SGR_PNG_BALANCED; level <= SGR_PNG_SMALL; level++) {
        bytes_of_a_color_depend_on_the_rows(&random, (enum sgr_png_level)level, PNG_COLOR_RGBA);
        bytes_of_a_color_depend_on_the_rows(&random, (enum sgr_png_level)level, PNG_COLOR_PALETTE);
        bytes_of_a_color_depend_on_the_rows(&random, (enum sgr_png_level)level,
                                            PNG_COLOR_GREY_ALPHA);
    }
}

/* A picture in any colour type, as PNG defines what it means. */
struct picture {
    struct png_header header;
    uint32_t colors[PNG_PALETTE_COLORS_MAX];
    size_t stride;
};

/* Makes a palette of 1 to 256 colours, half of them with an empty one first. */
static void make_palette(struct random *random, struct picture *picture)
{
    static const size_t most[] = {2, 4, 16, 256};
    struct png_palette *palette = &picture->header.palette;
    palette->count = 1 + (size_t)random_below(random, most[random_below(random, 4)]);
    palette->colors = picture->colors;
    for (size_t index = 0; index < palette->count; index++)
        picture->colors[index] =
            0xff000000 | (uint32_t)index | (uint32_t)random_below(random, 65536) << 8;
    if (random_below(random, 2))
        picture->colors[0] = 0;
}

static unsigned index_bits(const struct picture *picture)
{
    size_t count = picture->header.palette.count;
    return count > 16 ? 8 : count > 4 ? 4 : count > 2 ? 2 : 1;
}

/* Writes indexes into the raw rows, some of them often. */
static void paint_indexes(struct random *random, struct picture *picture)
{
    unsigned bits = index_bits(picture);
    uint64_t count = picture->header.palette.count;
    picture->stride = 1 + (picture->header.width * bits + 7) / 8;
    memset(raw_rows, 0, picture->stride * picture->header.height);
    for (uint32_t row = 0; row < picture->header.height; row++) {
        for (uint32_t column = 0; column < picture->header.width; column++) {
            uint64_t index = random_below(random, random_below(random, 3) ? 1 : count);
            if (index + 1 > picture->header.palette_used)
                picture->header.palette_used = (size_t)index + 1;
            raw_rows[row * picture->stride + 1 + column * bits / 8] |=
                (uint8_t)(index << (8 - bits - column * bits % 8));
        }
    }
}

/* The pixel that a picture's raw rows stand for. */
static uint32_t meant_pixel(const struct picture *picture, uint32_t row, uint32_t column)
{
    const uint8_t *data = raw_rows + row * picture->stride + 1;
    const uint8_t *at = data + (size_t)column * png_color_bytes(picture->header.color);
    unsigned bits = index_bits(picture);
    unsigned shifted;
    switch (picture->header.color) {
    case PNG_COLOR_GREY:
        return at[0] * 0x010101u | 0xff000000;
    case PNG_COLOR_GREY_ALPHA:
        return at[0] * 0x010101u | (uint32_t)at[1] << 24;
    case PNG_COLOR_RGB:
        return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | 0xff000000;
    case PNG_COLOR_RGBA:
        return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    case PNG_COLOR_PALETTE:
        shifted = (unsigned)data[column * bits / 8] >> (8 - bits - column * bits % 8);
        return picture->colors[shifted & ((1u << bits) - 1)];
    }
    return 0;
}

static void check_pixels(const struct text *file, const struct picture *picture)
{
    static uint32_t decoded[90 * 80];
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, file->bytes, file->length));
    assert_int_equal(image.width, picture->header.width);
    assert_int_equal(image.height, picture->header.height);
    assert_int_equal(file->bytes[25], picture->header.color);
    image.format = PNG_FORMAT_RGBA;
    assert_true(png_image_finish_read(&image, NULL, decoded, 0, NULL));
    assert_int_equal(image.warning_or_error, 0);
    for (uint32_t row = 0; row < image.height; row++) {
        for (uint32_t column = 0; column < image.width; column++)
            assert_int_equal(decoded[row * image.width + column],
                             meant_pixel(picture, row, column));
    }
}

/* Cuts the picture into strips of random heights, each from an encoder of another level. */
static void add_strips(struct random *random, const struct picture *picture, struct text *file)
{
    const struct png_header *header = &picture->header;
    uint8_t tail[PNG_TAIL_BYTES];
    uint32_t adler = 1;
    for (uint32_t row = 0; row < header->height;) {
        struct pixel_rows part = {pixels + (size_t)row * header->width,
                                  raw_rows + row * picture->stride, header->width,
                                  1 + (uint32_t)random_below(random, header->height - row),
                                  png_color_bytes(header->color)};
        struct png_strip_options options = {(enum sgr_png_level)random_below(random, 3),
                                            header->color,
                                            header->width,
                                            part.rows,
                                            kernels_named("auto"),
                                            header->palette.count};
        struct png_strip strip;
        struct png_strip_encoder *encoder = NULL;
        assert_int_equal(png_strip_create(&options, &encoder, NULL), SGR_OK);
        assert_int_equal(png_strip_encode(encoder, &part, &strip, NULL), SGR_OK);
        text_append(file, (const char *)strip.chunk, strip.size);
        adler = png_strip_join_adler(adler, strip.adler, part.rows * picture->stride);
        row += part.rows;
        png_strip_destroy(&encoder);
    }
    png_strip_tail(tail, adler);
    text_append(file, (const char *)tail, sizeof tail);
}

/* Whole files of every colour type and of one to nine strips, read by libpng. */
static void joined_strips_are_png_files(void **state)
{
    struct random random;
    random_init(&random, *state, 5);
    for (int round = 0; round < 600; round++) {
        struct picture picture = {.header = {.width = 1 + (uint32_t)random_below(&random, 90),
                                             .height = 1 + (uint32_t)random_below(&random, 80),
                                             .color = all_colors[round % 5]}};
        struct png_header *header = &picture.header;
        picture.stride = 1 + (size_t)header->width * png_color_bytes(header->color);
        if (header->color == PNG_COLOR_PALETTE) {
            make_palette(&random, &picture);
            paint_indexes(&random, &picture);
        } else {
            paint(&random, (enum kind)(round % KINDS), header->width, header->height,
                  header->color);
        }
        uint8_t head[PNG_HEAD_BYTES_MAX];
        struct text file = {0};
        text_append(&file, (const char *)head, png_strip_head(head, header));
        add_strips(&random, &picture, &file);
        check_pixels(&file, &picture);
        text_finish(&file);
    }
}

/* Spelled out from the PNG specification; the CRCs are those that every PNG tool writes. */
static void heads_and_tails_are_exact(void **state)
{
    (void)state;
    static const uint8_t expected_head[] = {
        0x89, 'P',  'N',  'G',  0x0d, 0x0a, 0x1a, 0x0a,                                     //
        0x00, 0x00, 0x00, 0x0d, 'I',  'H',  'D',  'R',  0x00, 0x00, 0x00, 0x01, 0x00, 0x00, //
        0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89,                   //
        0x00, 0x00, 0x00, 0x02, 'I',  'D',  'A',  'T',  0x78, 0x9c, 0xd2, 0x6b, 0x4b, 0x1f};
    uint8_t head[PNG_HEAD_BYTES_MAX];
    uint8_t tail[PNG_TAIL_BYTES];
    assert_int_equal(write_head(head, 1, 1, PNG_COLOR_RGBA), 47);
    assert_memory_equal(head, expected_head, 43);
    assert_int_equal(big_endian(head + 43), crc32(0, head + 37, 6));
    write_head(head, 0x1234, 0x7fff, PNG_COLOR_RGB);
    assert_int_equal(big_endian(head + 16), 0x1234);
    assert_int_equal(big_endian(head + 20), 0x7fff);
    assert_int_equal(head[25], 2);
    assert_int_equal(big_endian(head + 29), crc32(0, head + 12, 17));
    png_strip_tail(tail, 0x89abcdef);
    static const uint8_t expected_tail[] = {0x00, 0x00, 0x00, 0x06, 'I',  'D',  'A',
                                            'T',  0x03, 0x00, 0x89, 0xab, 0xcd, 0xef};
    static const uint8_t expected_end[] = {0x00, 0x00, 0x00, 0x00, 'I',  'E',
                                           'N',  'D',  0xae, 0x42, 0x60, 0x82};
    assert_memory_equal(tail, expected_tail, sizeof expected_tail);
    assert_int_equal(big_endian(tail + 14), crc32(0, tail + 4, 10));
    assert_memory_equal(tail + 18, expected_end, sizeof expected_end);
}

static void palettes_are_no_longer_than_they_are_used(void **state)
{
    (void)state;
    static const uint32_t colors[] = {0, 0xff030201, 0xff060504, 0xff090807};
    static const uint8_t expected[] = {0, 0, 0, 9, 'P', 'L', 'T', 'E', 0, 0, 0, 1, 2, 3, 4, 5, 6};
    uint8_t head[PNG_HEAD_BYTES_MAX];
    struct png_header header = {1, 1, PNG_COLOR_PALETTE, {colors, 4}, 3};
    assert_int_equal(png_strip_head(head, &header), 33 + 21 + 13 + 14);
    assert_int_equal(head[24], 2);
    assert_int_equal(head[25], 3);
    assert_memory_equal(head + 33, expected, sizeof expected);
    assert_int_equal(big_endian(head + 50), crc32(0, head + 37, 13));
    assert_memory_equal(head + 54, "\0\0\0\1tRNS\0", 9);
    assert_int_equal(big_endian(head + 63), crc32(0, head + 58, 5));
    assert_memory_equal(head + 71, "IDAT", 4);
    /* Without an empty colour there is nothing that tRNS could say. */
    header.palette = (struct png_palette){colors + 1, 3};
    assert_int_equal(png_strip_head(head, &header), 33 + 21 + 14);
    /* The bits follow from the whole palette: all files of a plan share their strips. */
    header.palette_used = 1;
    png_strip_head(head, &header);
    assert_int_equal(head[24], 2);
}

static void adlers_join_like_their_bytes(void **state)
{
    struct random random;
    random_init(&random, *state, 6);
    uint8_t raw[4000];
    fill(&random, NOISE, raw, sizeof raw);
    for (size_t cut = 0; cut <= sizeof raw; cut += 13) {
        uint32_t first = (uint32_t)adler32(1, raw, (uInt)cut);
        uint32_t second = (uint32_t)adler32(1, raw + cut, (uInt)(sizeof raw - cut));
        assert_int_equal(png_strip_join_adler(first, second, sizeof raw - cut),
                         adler32(1, raw, sizeof raw));
    }
    /* Lengths above 32 bits: joining in either order gives the same. */
    for (int round = 0; round < 1000; round++) {
        uint32_t sums[3];
        uint64_t sizes[3];
        for (int part = 0; part < 3; part++) {
            sums[part] =
                (uint32_t)(random_below(&random, 65521) << 16 | random_below(&random, 65521));
            sizes[part] = random_below(&random, UINT64_C(1) << 40);
        }
        uint32_t left = png_strip_join_adler(png_strip_join_adler(sums[0], sums[1], sizes[1]),
                                             sums[2], sizes[2]);
        uint32_t right = png_strip_join_adler(
            sums[0], png_strip_join_adler(sums[1], sums[2], sizes[2]), sizes[1] + sizes[2]);
        assert_int_equal(left, right);
    }
}

static void make_without_memory(enum png_color color)
{
    struct png_strip_encoder *encoder = NULL;
    struct png_strip_options options = {SGR_PNG_FAST, color, 100, 10, kernels_named("auto"), 256};
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK; nth++) {
        memory_fail_after(nth, false);
        status = png_strip_create(&options, &encoder, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || (status == SGR_NO_MEMORY && !encoder));
        assert_true(nth < 13);
    }
    png_strip_destroy(&encoder);
}

static void an_encoder_without_memory_is_none(void **state)
{
    (void)state;
    make_without_memory(PNG_COLOR_RGB);
    make_without_memory(PNG_COLOR_PALETTE);
}

static void expect_encoder(const char *wanted, enum sgr_png_level level, enum png_color color,
                           uint32_t width)
{
    const char *name = png_strip_encoder_name(level, color, png_row_bytes(color, 256, width));
    if (strncmp(name, wanted, strlen(wanted)) != 0)
        fail_msg("%s where %s is wanted", name, wanted);
}

static void encoders_are_called_what_they_are(void **state)
{
    (void)state;
    expect_encoder("serigraph-", SGR_PNG_FAST, PNG_COLOR_RGB, 7);
    expect_encoder("serigraph-", SGR_PNG_BALANCED, PNG_COLOR_RGBA, 7);
    expect_encoder("libdeflate-", SGR_PNG_SMALL, PNG_COLOR_RGB, 8);
    /* Only rows of whole groups of four bytes go to our own encoder. */
    expect_encoder("serigraph-", SGR_PNG_FAST, PNG_COLOR_GREY, 8);
    expect_encoder("libdeflate-", SGR_PNG_FAST, PNG_COLOR_GREY, 7);
    expect_encoder("libdeflate-", SGR_PNG_BALANCED, PNG_COLOR_GREY, 8);
    expect_encoder("serigraph-", SGR_PNG_BALANCED, PNG_COLOR_PALETTE, 8);
    expect_encoder("libdeflate-", SGR_PNG_BALANCED, PNG_COLOR_PALETTE, 9);
    expect_encoder("libdeflate-", SGR_PNG_SMALL, PNG_COLOR_PALETTE, 8);
    const enum png_color color = PNG_COLOR_RGB;
    assert_string_not_equal(png_strip_encoder_name(SGR_PNG_FAST, color, 31),
                            png_strip_encoder_name(SGR_PNG_BALANCED, color, 31));
}

static void rows_have_the_bytes_that_png_says(void **state)
{
    (void)state;
    static const size_t palettes[] = {1, 2, 3, 4, 5, 16, 17, 256};
    static const size_t expected[] = {3, 3, 4, 4, 6, 6, 10, 10};
    for (size_t index = 0; index < sizeof palettes / sizeof *palettes; index++)
        assert_int_equal(png_row_bytes(PNG_COLOR_PALETTE, palettes[index], 9), expected[index]);
    assert_int_equal(png_row_bytes(PNG_COLOR_GREY, 0, 9), 10);
    assert_int_equal(png_row_bytes(PNG_COLOR_GREY_ALPHA, 0, 9), 19);
    assert_int_equal(png_row_bytes(PNG_COLOR_RGB, 0, 9), 28);
    assert_int_equal(png_row_bytes(PNG_COLOR_RGBA, 0, 9), 37);
}

int main(int count, char **arguments)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, machine_now_ns());
    char *used = count > 1 ? arguments[1] : seed;
    printf("seed %s\n", used);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(all_sizes_and_kinds_come_back, used),
        cmocka_unit_test_prestate(random_small_strips_come_back, used),
        cmocka_unit_test_prestate(rows_are_numbered_anew_in_time, used),
        cmocka_unit_test_prestate(bytes_depend_on_nothing_but_the_rows, used),
        cmocka_unit_test_prestate(joined_strips_are_png_files, used),
        cmocka_unit_test(heads_and_tails_are_exact),
        cmocka_unit_test(palettes_are_no_longer_than_they_are_used),
        cmocka_unit_test_prestate(adlers_join_like_their_bytes, used),
        cmocka_unit_test(an_encoder_without_memory_is_none),
        cmocka_unit_test(encoders_are_called_what_they_are),
        cmocka_unit_test(rows_have_the_bytes_that_png_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
