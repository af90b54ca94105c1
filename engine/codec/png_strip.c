/*
 * The strip writer: rows become a deflate stream that ends on a byte, framed as an IDAT chunk. The
 * stream comes from our own encoder for drawn pixels, or at the densest level from libdeflate.
 *
 * Our own encoder knows pixels of three or four bytes only. Narrower ones are given to it four
 * bytes at a time where rows allow that: in flat and enlarged art, which palettes are mostly for,
 * most matches begin at such groups anyway. Elsewhere libdeflate serves.
 */
#include "codec/png_strip.h"

#include "base/error.h"
#include "base/memory.h"
#include "codec/deflate_write.h"
#include "codec/library_deflate.h"
#include "codec/pixel_parse.h"
#include "codec/png_filter.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK_FRAME_BYTES = 12, CHUNK_DATA_OFFSET = 8 };

enum { GROUP_BYTES = 4 };

/* Narrow pixels have one of parse and library, others parse and at some levels library too. */
struct png_strip_encoder {
    struct pixel_parse *parse;
    struct library_deflate *library;
    const struct kernel_table *kernels;
    bool is_narrow;
    uint32_t *pixels; /* filtered ones, or narrow ones in groups as parse takes them */
    uint8_t *raw;     /* filtered rows; NULL for narrow pixels */
    uint8_t *chunk;
    size_t row_bytes;
    size_t raw_max;
};

/* What encodes: libdeflate at a level, or with level 0 our own encoder. */
struct method {
    int library_level;
    const char *name;
};

#define LIBRARY_NAME(level) "libdeflate-" LIBDEFLATE_VERSION_STRING "-" #level
#define LIBRARY_METHOD(level)                                                                      \
    {                                                                                              \
        level, LIBRARY_NAME(level)                                                                 \
    }

static bool is_narrow(enum png_color color)
{
    return png_color_bytes(color) < 3;
}

static const struct method *method_of(enum sgr_png_level level, enum png_color color,
                                      size_t row_bytes)
{
    static const struct method own[] = {[SGR_PNG_BALANCED] = {0, "serigraph-3-balanced"},
                                        [SGR_PNG_FAST] = {0, "serigraph-3-fast"},
                                        [SGR_PNG_SMALL] = LIBRARY_METHOD(9)};
    static const struct method small = {9, LIBRARY_NAME(9) "-serigraph-3"};
    static const struct method library[] = {[SGR_PNG_BALANCED] = LIBRARY_METHOD(6),
                                            [SGR_PNG_FAST] = LIBRARY_METHOD(1),
                                            [SGR_PNG_SMALL] = LIBRARY_METHOD(9)};
    if (!is_narrow(color) && level == SGR_PNG_SMALL)
        return &small;
    /* Grey art is mostly shaded; there libdeflate is slower, but smaller by an eighth. */
    bool prefer_own = color == PNG_COLOR_PALETTE || level == SGR_PNG_FAST;
    bool grouped = (row_bytes - 1) % GROUP_BYTES == 0 && prefer_own;
    return !is_narrow(color) || grouped ? &own[level] : &library[level];
}

static size_t row_bytes_of(const struct png_strip_options *options)
{
    return png_row_bytes(options->color, options->palette_count, options->width);
}

const char *png_strip_encoder_name(enum sgr_png_level level, enum png_color color, size_t row_bytes)
{
    return method_of(level, color, row_bytes)->name;
}

static void put_big_endian(uint8_t *target, uint32_t value)
{
    target[0] = (uint8_t)(value >> 24);
    target[1] = (uint8_t)(value >> 16);
    target[2] = (uint8_t)(value >> 8);
    target[3] = (uint8_t)value;
}

/* Frames `size` bytes that already stand at target + 8; returns the chunk's whole size. */
static size_t frame_chunk(uint8_t *target, const char type[4], size_t size)
{
    put_big_endian(target, (uint32_t)size);
    memcpy(target + 4, type, 4);
    put_big_endian(target + CHUNK_DATA_OFFSET + size, libdeflate_crc32(0, target + 4, size + 4));
    return size + CHUNK_FRAME_BYTES;
}

/* Writes PLTE, and tRNS when the first colour is the empty one; returns their bytes. */
static size_t put_palette(uint8_t *target, const struct png_palette *palette, size_t used)
{
    uint8_t *data = target + CHUNK_DATA_OFFSET;
    for (size_t index = 0; index < used; index++) {
        for (unsigned channel = 0; channel < 3; channel++)
            *data++ = (uint8_t)(palette->colors[index] >> 8 * channel);
    }
    size_t size = frame_chunk(target, "PLTE", 3 * used);
    if (palette->colors[0] != 0)
        return size;
    target[size + CHUNK_DATA_OFFSET] = 0;
    return size + frame_chunk(target + size, "tRNS", 1);
}

size_t png_strip_head(uint8_t head[PNG_HEAD_BYTES_MAX], const struct png_header *header)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t zlib_header[2] = {0x78, 0x9c};
    memcpy(head, signature, sizeof signature);
    uint8_t *chunk = head + sizeof signature;
    uint8_t *data = chunk + CHUNK_DATA_OFFSET;
    bool indexed = header->color == PNG_COLOR_PALETTE;
    put_big_endian(data, header->width);
    put_big_endian(data + 4, header->height);
    data[8] = indexed ? (uint8_t)png_palette_bits(header->palette.count) : 8;
    data[9] = (uint8_t)header->color;
    memset(data + 10, 0, 3);
    chunk += frame_chunk(chunk, "IHDR", 13);
    if (indexed)
        chunk += put_palette(chunk, &header->palette, header->palette_used);
    memcpy(chunk + CHUNK_DATA_OFFSET, zlib_header, sizeof zlib_header);
    chunk += frame_chunk(chunk, "IDAT", sizeof zlib_header);
    return (size_t)(chunk - head);
}

void png_strip_tail(uint8_t tail[PNG_TAIL_BYTES], uint32_t adler)
{
    /* A final block of type "fixed" that holds only its end code. */
    static const uint8_t final_block[2] = {0x03, 0x00};
    memcpy(tail + CHUNK_DATA_OFFSET, final_block, sizeof final_block);
    put_big_endian(tail + CHUNK_DATA_OFFSET + sizeof final_block, adler);
    size_t used = frame_chunk(tail, "IDAT", sizeof final_block + 4);
    frame_chunk(tail + used, "IEND", 0);
}

uint32_t png_strip_join_adler(uint32_t first, uint32_t second, uint64_t second_size)
{
    return (uint32_t)adler32_combine(first, second, (z_off_t)second_size);
}

void png_strip_destroy(struct png_strip_encoder **encoder)
{
    if (!*encoder)
        return;
    pixel_parse_destroy(&(*encoder)->parse);
    library_deflate_destroy(&(*encoder)->library);
    memory_free((*encoder)->pixels);
    memory_free((*encoder)->raw);
    memory_free((*encoder)->chunk);
    memory_free(*encoder);
    *encoder = NULL;
}

/* The width that the parser is made for: pixels, or groups of bytes of narrow ones. */
static uint32_t parse_width(const struct png_strip_options *options)
{
    if (!is_narrow(options->color))
        return options->width;
    return (uint32_t)((row_bytes_of(options) - 1) / GROUP_BYTES);
}

uint64_t png_strip_memory(const struct png_strip_options *options)
{
    size_t row_bytes = row_bytes_of(options);
    uint64_t raw = (uint64_t)row_bytes * options->rows_max;
    int library_level = method_of(options->level, options->color, row_bytes)->library_level;
    uint64_t library = library_level ? raw * 3 + (UINT64_C(1) << 20) : 0;
    if (is_narrow(options->color) && library_level)
        return library;
    uint64_t pixels = (uint64_t)parse_width(options) * options->rows_max * sizeof(uint32_t);
    return library + deflate_write_bound((size_t)raw) + pixels +
           (is_narrow(options->color) ? 0 : raw) +
           pixel_parse_memory(parse_width(options), options->rows_max);
}

/* Makes our own encoder and the room that it needs. */
static enum sgr_status make_own(struct png_strip_encoder *encoder,
                                const struct png_strip_options *options, struct sgr_error *error)
{
    uint32_t width = parse_width(options);
    encoder->pixels = memory_allocate((size_t)width * options->rows_max, sizeof(uint32_t));
    if (!encoder->is_narrow)
        encoder->raw = memory_allocate(encoder->raw_max + PIXEL_ROWS_SLACK, 1);
    if (!encoder->pixels || (!encoder->is_narrow && !encoder->raw))
        return error_no_memory(error, "an encoder");
    return pixel_parse_create(options->level == SGR_PNG_FAST ? PIXEL_EFFORT_FAST
                                                             : PIXEL_EFFORT_BALANCED,
                              width, options->rows_max, options->kernels, &encoder->parse, error);
}

/* Makes the encoders of the level, and says how large their results can be. */
static enum sgr_status make_deflate(struct png_strip_encoder *encoder,
                                    const struct png_strip_options *options, size_t *out_bound,
                                    struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    int library_level =
        method_of(options->level, options->color, encoder->row_bytes)->library_level;
    if (library_level) {
        status = library_deflate_create(library_level, encoder->raw_max, &encoder->library, error);
        if (status == SGR_OK)
            *out_bound = library_deflate_bound(encoder->library, encoder->raw_max);
    }
    if (status != SGR_OK || (library_level && encoder->is_narrow))
        return status;
    size_t bound = deflate_write_bound(encoder->raw_max);
    *out_bound = bound > *out_bound ? bound : *out_bound;
    return make_own(encoder, options, error);
}

enum sgr_status png_strip_create(const struct png_strip_options *options,
                                 struct png_strip_encoder **out_encoder, struct sgr_error *error)
{
    struct png_strip_encoder *encoder = memory_allocate_zeroed(1, sizeof *encoder);
    if (!encoder)
        return error_no_memory(error, "an encoder");
    size_t bound = 0;
    encoder->kernels = options->kernels;
    encoder->is_narrow = is_narrow(options->color);
    encoder->row_bytes = row_bytes_of(options);
    encoder->raw_max = encoder->row_bytes * options->rows_max;
    enum sgr_status status = make_deflate(encoder, options, &bound, error);
    if (status == SGR_OK) {
        encoder->chunk = memory_allocate(bound + CHUNK_FRAME_BYTES, 1);
        status = encoder->chunk ? SGR_OK : error_no_memory(error, "an encoder");
    }
    if (status != SGR_OK) {
        png_strip_destroy(&encoder);
        return status;
    }
    *out_encoder = encoder;
    return SGR_OK;
}

/* Narrow pixels in groups that parse takes for pixels. */
static struct pixel_rows group(struct png_strip_encoder *encoder, const struct pixel_rows *rows)
{
    size_t data = encoder->row_bytes - 1;
    for (uint32_t row = 0; row < rows->rows; row++)
        memcpy(encoder->pixels + row * (data / GROUP_BYTES),
               rows->raw + row * encoder->row_bytes + 1, data);
    return (struct pixel_rows){encoder->pixels, rows->raw, (uint32_t)(data / GROUP_BYTES),
                               rows->rows, GROUP_BYTES};
}

/* The rows as they are to be compressed; whether they are noise goes to *out_noise. */
static struct pixel_rows prepare(struct png_strip_encoder *encoder, const struct pixel_rows *rows,
                                 bool *out_noise)
{
    *out_noise = false;
    if (encoder->is_narrow)
        return encoder->library ? *rows : group(encoder, rows);
    enum png_filter filter = png_filter_choose(rows, encoder->kernels);
    *out_noise = filter == PNG_ROW_PAETH;
    if (filter == PNG_ROW_NONE)
        return *rows;
    return png_filter_apply(filter, rows, encoder->pixels, encoder->raw, encoder->kernels);
}

enum sgr_status png_strip_encode(struct png_strip_encoder *encoder, const struct pixel_rows *rows,
                                 struct png_strip *out_strip, struct sgr_error *error)
{
    uint8_t *data = encoder->chunk + CHUNK_DATA_OFFSET;
    size_t raw_size = rows->rows * encoder->row_bytes;
    size_t size = 0;
    bool noise;
    ERROR_ASSERT(raw_size <= encoder->raw_max);
    struct pixel_rows prepared = prepare(encoder, rows, &noise);
    enum sgr_status status = SGR_OK;
    /* In noise our own runs are smaller than what the library finds. */
    if (noise)
        size = deflate_write(pixel_parse_runs(encoder->parse, &prepared), prepared.raw, raw_size,
                             data);
    else if (encoder->library)
        status = library_deflate_run(encoder->library, prepared.raw, raw_size, data, &size, error);
    else
        size =
            deflate_write(pixel_parse_run(encoder->parse, &prepared), prepared.raw, raw_size, data);
    if (status != SGR_OK)
        return status;
    out_strip->chunk = encoder->chunk;
    out_strip->size = frame_chunk(encoder->chunk, "IDAT", size);
    out_strip->adler = libdeflate_adler32(1, prepared.raw, raw_size);
    return SGR_OK;
}
