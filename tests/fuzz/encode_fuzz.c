/*
 * A libFuzzer target: the input says what strips look like, our encoder compresses them, and zlib
 * and libdeflate must give the rows back. One encoder takes all strips, so what it remembers is
 * tried too: a fresh one of every kernel has to give the same bytes.
 *
 * The input is four bytes of shape, one of rows for each strip, and then a drawing: operations that
 * are repeated until the strips are full, so that few bytes make matches of all kinds.
 */
#include "fuzz/fuzz_target.h"

#include "codec/deflate_write.h"
#include "codec/library_deflate.h"
#include "codec/png_strip.h"
#include "unit/png_unfilter.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    STRIPS_MAX = 3,
    /* Room for the most rows that a strip may have, one RGBA pixel wide; five windows. */
    STRIP_BYTES_MAX = 32767 * 5,
    PIXELS_MAX = STRIPS_MAX * STRIP_BYTES_MAX * 8, /* eight to a byte */
    JOINED_MAX = STRIPS_MAX * (STRIP_BYTES_MAX + 1000) + 100,
    WINDOW = 32768
};

/* What is left of the input; zeros follow it. */
struct input {
    const uint8_t *bytes;
    size_t size;
    size_t at;
};

/* What all strips share, and the rows of each. */
struct shape {
    enum sgr_png_level level;
    enum png_color color;
    size_t palette_count;
    uint32_t width;
    uint32_t rows[STRIPS_MAX];
    uint32_t rows_max;
    unsigned strips;
};

/* Pixels of all strips, one after the other, so that a strip can repeat what an earlier one had. */
struct drawing {
    const struct shape *shape;
    uint32_t at;
    uint32_t noise;
};

/* The file so far, of which only the zlib stream is kept, and the rows that it stands for. */
struct joined {
    size_t size;
    size_t raw_size;
    uint32_t adler;
};

static uint32_t pixels[PIXELS_MAX];
static uint8_t joined_bytes[JOINED_MAX];
static uint8_t joined_raw[STRIPS_MAX * STRIP_BYTES_MAX];
static uint8_t decoded[STRIPS_MAX * STRIP_BYTES_MAX + 1];

static uint8_t take_byte(struct input *input)
{
    return input->at < input->size ? input->bytes[input->at++] : 0;
}

static uint32_t take_word(struct input *input)
{
    uint32_t low = take_byte(input);
    return low | (uint32_t)take_byte(input) << 8;
}

/* Narrow strips, wide ones, and some whose rows are as long as the window. */
static uint32_t take_width(struct input *input, unsigned pixel_bytes)
{
    static const uint32_t most[] = {4, 12, 40, 160, 640, 2560, 11000, 0};
    uint32_t word = take_word(input);
    uint32_t limit = most[word & 7];
    return limit ? 1 + (word >> 3) % limit : WINDOW / pixel_bytes - 4 + (word >> 3) % 8;
}

static uint32_t take_rows(struct input *input, size_t row_bytes)
{
    static const uint32_t most[] = {1, 2, 4, 10, 30, 100, 1000, 32767};
    uint32_t byte = take_byte(input);
    uint32_t fit = STRIP_BYTES_MAX / (uint32_t)row_bytes;
    uint32_t rows = 1 + (byte >> 3) * (most[byte & 7] - 1) / 31;
    return rows < fit ? rows : fit;
}

static struct shape take_shape(struct input *input)
{
    static const enum png_color colors[] = {
        PNG_COLOR_RGBA, PNG_COLOR_RGB,     PNG_COLOR_RGBA, PNG_COLOR_PALETTE,
        PNG_COLOR_RGB,  PNG_COLOR_PALETTE, PNG_COLOR_GREY, PNG_COLOR_GREY_ALPHA};
    static const enum sgr_png_level levels[] = {SGR_PNG_FAST, SGR_PNG_BALANCED};
    static const size_t palette_counts[] = {256, 2, 16, 3};
    struct shape shape = {0};
    uint8_t kind = take_byte(input);
    uint8_t more = take_byte(input);
    shape.color = colors[kind & 7];
    shape.level = (kind >> 3 & 15) == 15 ? SGR_PNG_SMALL : levels[kind >> 3 & 1];
    shape.strips = kind & 128 ? 2 : 3;
    shape.palette_count = palette_counts[more & 3];
    shape.width = take_width(input, png_color_bytes(shape.color));
    size_t row_bytes = png_row_bytes(shape.color, shape.palette_count, shape.width);
    for (unsigned strip = 0; strip < shape.strips; strip++) {
        shape.rows[strip] = take_rows(input, row_bytes);
        if (shape.rows[strip] > shape.rows_max)
            shape.rows_max = shape.rows[strip];
    }
    return shape;
}

/* A colour of few, so that pixels at different places are often equal. */
static uint32_t small_color(uint32_t index)
{
    return index % 13 * 0x01f3a50bu | (index & 1) << 31;
}

/* How many pixels back a copy begins; past the first pixel there is nothing to copy from. */
static uint32_t take_distance(struct input *input, const struct drawing *drawing, unsigned way)
{
    uint32_t row = drawing->shape->width;
    unsigned bytes = png_color_bytes(drawing->shape->color);
    uint32_t window = (uint32_t)((uint64_t)WINDOW * row / (row * bytes + 1));
    uint32_t distance;
    switch (way) {
    case 0:
        distance = 1 + take_word(input);
        break;
    case 1:
        distance = row + take_byte(input) % 5 - 2;
        break;
    case 2:
        distance = window - 8 + take_byte(input) % 16;
        break;
    default:
        distance = row * drawing->shape->rows[0] - 1 + take_byte(input) % 3;
    }
    return distance < 1 ? 1 : distance < drawing->at ? distance : drawing->at;
}

/* One pixel of an operation that does not copy. */
static uint32_t plain_pixel(struct drawing *drawing, unsigned operation, uint32_t value,
                            uint32_t step)
{
    switch (operation) {
    case 0: /* a run */
        return small_color(value);
    case 1: /* two colours by the bits of a byte */
        return small_color(value >> (step & 7) & 1 ? value & 15 : value >> 4);
    case 2: /* a shade */
        return (value * 0x010101u + step * 0x00010203u) | 0xff000000;
    default: /* noise */
        drawing->noise = drawing->noise * 1664525 + 1013904223 + value;
        return drawing->noise ^ drawing->noise >> 15;
    }
}

/* Draws what one operation says: some pixels, none beyond `end`. */
static void draw_operation(struct input *input, struct drawing *drawing, uint32_t end)
{
    uint8_t operation = take_byte(input);
    uint32_t length = operation >> 3;
    length = length < 26 ? length + 1 : (16u << (length - 25)) + take_byte(input);
    uint32_t stop = end - drawing->at < length ? end : drawing->at + length;
    unsigned kind = operation & 7;
    if (kind >= 4 && drawing->at > 0) {
        uint32_t distance = take_distance(input, drawing, kind - 4);
        for (; drawing->at < stop; drawing->at++)
            pixels[drawing->at] = pixels[drawing->at - distance];
        return;
    }
    uint32_t value = take_byte(input);
    for (uint32_t step = 0; drawing->at < stop; step++)
        pixels[drawing->at++] = plain_pixel(drawing, kind & 3, value, step);
}

/* The rest of the input as pixels, then the operations in it once more, and so on. */
static void draw(struct input *input, const struct shape *shape)
{
    struct drawing drawing = {shape, 0, 1};
    size_t first = input->at;
    uint32_t end = 0;
    for (unsigned strip = 0; strip < shape->strips; strip++)
        end += shape->rows[strip] * shape->width;
    while (drawing.at < end) {
        if (input->at >= input->size)
            input->at = first;
        draw_operation(input, &drawing, end);
    }
}

/* Writes a pixel in a colour type where `row`, zero before, has it. */
static void store_pixel(const struct shape *shape, uint8_t *row, uint32_t column, uint32_t pixel)
{
    unsigned bytes = png_color_bytes(shape->color);
    if (shape->color != PNG_COLOR_PALETTE) {
        for (unsigned byte = 0; byte < bytes; byte++)
            row[1 + (size_t)column * bytes + byte] = (uint8_t)(pixel >> 8 * byte);
        return;
    }
    unsigned bits = png_palette_bits(shape->palette_count);
    uint32_t index = (pixel ^ pixel >> 8) % 256 % (uint32_t)shape->palette_count;
    row[1 + column * bits / 8] |= (uint8_t)(index << (8 - bits - column * bits % 8));
}

/* The rows of a strip in memory of just their size, so that reading past it is noticed. */
static struct pixel_rows make_rows(const struct shape *shape, unsigned strip,
                                   const uint32_t *source)
{
    size_t row_bytes = png_row_bytes(shape->color, shape->palette_count, shape->width);
    size_t count = (size_t)shape->width * shape->rows[strip];
    uint32_t *own = malloc(count * sizeof *own);
    uint8_t *raw = calloc(row_bytes * shape->rows[strip] + PIXEL_ROWS_SLACK, 1);
    CHECK(own && raw);
    for (size_t index = 0; index < count; index++) {
        own[index] = source[index] | (shape->color == PNG_COLOR_RGB ? 0xff000000 : 0);
        store_pixel(shape, raw + index / shape->width * row_bytes, (uint32_t)(index % shape->width),
                    own[index]);
    }
    return (struct pixel_rows){own, raw, shape->width, shape->rows[strip],
                               png_color_bytes(shape->color)};
}

static void free_rows(struct pixel_rows *rows)
{
    free((void *)(uintptr_t)rows->pixels);
    free((void *)(uintptr_t)rows->raw);
}

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Checks a chunk's frame and adds what it holds to the stream. */
static void join_chunk(struct joined *joined, const uint8_t *chunk, size_t size)
{
    CHECK(size >= 12 && big_endian(chunk) == size - 12);
    CHECK(memcmp(chunk + 4, "IDAT", 4) == 0);
    CHECK(big_endian(chunk + size - 4) == crc32(0, chunk + 4, (uInt)(size - 8)));
    CHECK(size - 12 <= sizeof joined_bytes - joined->size);
    memcpy(joined_bytes + joined->size, chunk + 8, size - 12);
    joined->size += size - 12;
}

static struct png_strip_encoder *make_encoder(const struct shape *shape, uint32_t rows_max,
                                              const struct kernel_table *kernels)
{
    struct png_strip_options options = {shape->level, shape->color, shape->width,
                                        rows_max,     kernels,      shape->palette_count};
    struct png_strip_encoder *encoder = NULL;
    CHECK(png_strip_create(&options, &encoder, NULL) == SGR_OK);
    return encoder;
}

/*
 * zlib gives all bytes, reads all of the payload, and is left between blocks, on a byte. The bytes,
 * of rows that may be filtered, are left in `decoded`.
 */
static void payload_is_open_and_complete(const uint8_t *payload, size_t size, size_t raw_size)
{
    z_stream stream = {0};
    CHECK(inflateInit2(&stream, -MAX_WBITS) == Z_OK);
    stream.next_in = (uint8_t *)(uintptr_t)payload;
    stream.avail_in = (uInt)size;
    stream.next_out = decoded;
    stream.avail_out = sizeof decoded;
    int result = inflate(&stream, Z_SYNC_FLUSH);
    CHECK(result == Z_OK || result == Z_BUF_ERROR);
    CHECK(stream.avail_in == 0);
    CHECK(stream.total_out == raw_size);
    /* 128 says "just behind a block"; lower bits, what is unread of a byte; 64, a final block. */
    CHECK((stream.data_type & 0xff) == 128);
    inflateEnd(&stream);
}

/* The promise that callers reserve room by. */
static size_t payload_bound(const struct shape *shape, size_t raw_size)
{
    size_t row_bytes = png_row_bytes(shape->color, shape->palette_count, shape->width);
    const char *name = png_strip_encoder_name(shape->level, shape->color, row_bytes);
    if (strncmp(name, "serigraph-", 10) == 0)
        return deflate_write_bound(raw_size);
    struct library_deflate *library = NULL;
    CHECK(library_deflate_create(1, raw_size, &library, NULL) == SGR_OK);
    size_t bound = library_deflate_bound(library, raw_size);
    library_deflate_destroy(&library);
    return bound;
}

static void same_from_every_kernel(const struct shape *shape, const struct pixel_rows *rows,
                                   const struct png_strip *strip)
{
    for (const struct kernel_table *const *kernels = kernel_list(); *kernels; kernels++) {
        struct png_strip_encoder *fresh = make_encoder(shape, rows->rows, *kernels);
        struct png_strip again;
        CHECK(png_strip_encode(fresh, rows, &again, NULL) == SGR_OK);
        CHECK(again.size == strip->size && again.adler == strip->adler);
        CHECK(memcmp(again.chunk, strip->chunk, strip->size) == 0);
        png_strip_destroy(&fresh);
    }
}

static void check_strip(struct png_strip_encoder *encoder, const struct shape *shape,
                        const struct pixel_rows *rows, struct joined *joined)
{
    size_t row_bytes = png_row_bytes(shape->color, shape->palette_count, shape->width);
    size_t raw_size = row_bytes * rows->rows;
    struct png_strip strip;
    CHECK(png_strip_encode(encoder, rows, &strip, NULL) == SGR_OK);
    join_chunk(joined, strip.chunk, strip.size);
    CHECK(strip.size - 12 <= payload_bound(shape, raw_size));
    payload_is_open_and_complete(strip.chunk + 8, strip.size - 12, raw_size);
    CHECK(strip.adler == adler32(1, decoded, (uInt)raw_size));
    memcpy(joined_raw + joined->raw_size, decoded, raw_size);
    joined->raw_size += raw_size;
    /* Narrow rows are never filtered, and a filter would show in their first byte. */
    if (shape->color == PNG_COLOR_RGB || shape->color == PNG_COLOR_RGBA)
        CHECK(unfilter(decoded, rows) != UNFILTER_WRONG);
    CHECK(memcmp(decoded, rows->raw, raw_size) == 0);
    same_from_every_kernel(shape, rows, &strip);
    joined->adler = png_strip_join_adler(joined->adler, strip.adler, raw_size);
}

/* The whole stream from its header to its Adler-32, by another decoder. */
static void stream_comes_back(const struct joined *joined)
{
    struct libdeflate_decompressor *library = libdeflate_alloc_decompressor();
    size_t used = 0;
    size_t size = 0;
    CHECK(library);
    CHECK(libdeflate_zlib_decompress_ex(library, joined_bytes, joined->size, decoded,
                                        sizeof decoded, &used, &size) == LIBDEFLATE_SUCCESS);
    libdeflate_free_decompressor(library);
    CHECK(used == joined->size && size == joined->raw_size);
    CHECK(memcmp(decoded, joined_raw, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { HEAD_BYTES = 33 + 14, FIRST_CHUNK = 33, LAST_CHUNK_BYTES = 18 };
    struct input input = {bytes, size, 0};
    struct shape shape = take_shape(&input);
    struct joined joined = {0, 0, 1};
    struct png_header header = {1, 1, PNG_COLOR_RGB, {NULL, 0}, 0};
    uint8_t head[PNG_HEAD_BYTES_MAX];
    uint8_t tail[PNG_TAIL_BYTES];
    const uint32_t *source = pixels;
    draw(&input, &shape);
    CHECK(png_strip_head(head, &header) == HEAD_BYTES);
    join_chunk(&joined, head + FIRST_CHUNK, HEAD_BYTES - FIRST_CHUNK);
    struct png_strip_encoder *encoder = make_encoder(&shape, shape.rows_max, kernel_list()[0]);
    for (unsigned strip = 0; strip < shape.strips; strip++) {
        struct pixel_rows rows = make_rows(&shape, strip, source);
        check_strip(encoder, &shape, &rows, &joined);
        source += (size_t)rows.width * rows.rows;
        free_rows(&rows);
    }
    png_strip_destroy(&encoder);
    png_strip_tail(tail, joined.adler);
    join_chunk(&joined, tail, LAST_CHUNK_BYTES);
    stream_comes_back(&joined);
    return 0;
}
