/*
 * PNG files put together from strips: each strip of rows is compressed on its own, filtered or not,
 * with an empty window and a byte-aligned end, into a complete IDAT chunk that can be used again
 * in any file that shows the same rows. Format: W3C PNG, RFC 1950, RFC 1951.
 */
#ifndef SGR_CODEC_PNG_STRIP_H
#define SGR_CODEC_PNG_STRIP_H

#include "codec/pixel_rows.h"
#include "kernel/kernel.h"

#include <serigraph/types.h>

/*
 * The most bytes that a strip's rows may take at four bytes a pixel: it becomes one chunk, which
 * may not reach 2^31, and half of that leaves room for what compression can add.
 */
#define PNG_STRIP_BYTES_MAX (UINT64_C(1) << 30)

/* How pixels are stored; the numbers are PNG's colour types. */
enum png_color {
    PNG_COLOR_GREY = 0,
    PNG_COLOR_RGB = 2,
    PNG_COLOR_PALETTE = 3,
    PNG_COLOR_GREY_ALPHA = 4,
    PNG_COLOR_RGBA = 6
};

enum { PNG_PALETTE_COLORS_MAX = 256 };

/* A palette; without colours where the colour type has none. */
struct png_palette {
    const uint32_t *colors; /* all different and opaque, but that the first may be 0: empty */
    size_t count;           /* decides the bits of an index */
};

/* Bytes of a pixel in a colour type; the indexes of a small palette share a byte. */
static inline unsigned png_color_bytes(enum png_color color)
{
    static const uint8_t bytes[] = {1, 0, 3, 1, 2, 0, 4};
    return bytes[color];
}

/* The bits of an index into a palette of `count` colours: the fewest that PNG has. */
static inline unsigned png_palette_bits(size_t count)
{
    return count <= 2 ? 1 : count <= 4 ? 2 : count <= 16 ? 4 : 8;
}

/* The bytes of a row with its filter byte; `palette_count` matters to palettes only. */
static inline size_t png_row_bytes(enum png_color color, size_t palette_count, uint32_t width)
{
    if (color == PNG_COLOR_PALETTE)
        return 1 + ((size_t)width * png_palette_bits(palette_count) + 7) / 8;
    return 1 + (size_t)width * png_color_bytes(color);
}

/* Signature, IHDR, PLTE, tRNS of one entry, IDAT of two bytes; two IDATs and IEND. */
enum {
    PNG_HEAD_BYTES_MAX = 8 + 25 + (12 + 3 * PNG_PALETTE_COLORS_MAX) + 13 + 14,
    PNG_TAIL_BYTES = 18 + 12
};

/*
 * The name and version of what encodes rows of a colour type and of so many bytes (png_row_bytes)
 * at a level; part of plan and manifest. Our own encoder's version is raised whenever any strip's
 * bytes change.
 */
const char *png_strip_encoder_name(enum sgr_png_level level, enum png_color color,
                                   size_t row_bytes);

/* What the start of a file says. */
struct png_header {
    uint32_t width;
    uint32_t height;
    enum png_color color;
    struct png_palette palette;
    size_t palette_used; /* colours up to the last one that the picture has; the file has no more */
};

/*
 * Writes the start of a file: signature, IHDR, what the colour type needs, and the IDAT chunk with
 * the two-byte zlib header. Returns its bytes.
 */
size_t png_strip_head(uint8_t head[PNG_HEAD_BYTES_MAX], const struct png_header *header);

/* The end of a file: the last IDAT with the final block and the Adler-32 of all rows, and IEND. */
void png_strip_tail(uint8_t tail[PNG_TAIL_BYTES], uint32_t adler);

/* The Adler-32 of two runs of bytes from those of each and the length of the second. */
uint32_t png_strip_join_adler(uint32_t first, uint32_t second, uint64_t second_size);

struct png_strip_encoder;

/* What an encoder is for. The kernels change its speed, never its bytes. */
struct png_strip_options {
    enum sgr_png_level level;
    enum png_color color;
    uint32_t width;    /* of every strip */
    uint32_t rows_max; /* of the tallest */
    const struct kernel_table *kernels;
    size_t palette_count; /* of a palette's colours */
};

/* Makes an encoder; one thread at a time. */
enum sgr_status png_strip_create(const struct png_strip_options *options,
                                 struct png_strip_encoder **out_encoder,
                                 struct sgr_error *error) SGR_MUST_USE;

/* The memory that an encoder takes, about, in bytes. */
uint64_t png_strip_memory(const struct png_strip_options *options);

/* Accepts NULL, sets *encoder to NULL. */
void png_strip_destroy(struct png_strip_encoder **encoder);

/* An encoded strip inside the encoder, valid until its next call. */
struct png_strip {
    const uint8_t *chunk; /* a complete IDAT chunk */
    size_t size;          /* its bytes, length and CRC included */
    uint32_t adler;       /* of the rows as the file has them, filtered */
};

/* Compresses rows of the encoder's width and colour type. */
enum sgr_status png_strip_encode(struct png_strip_encoder *encoder, const struct pixel_rows *rows,
                                 struct png_strip *out_strip, struct sgr_error *error) SGR_MUST_USE;

#endif
