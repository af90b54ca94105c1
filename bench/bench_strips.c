/*
 * The encoders of strips: what the program itself runs at its three levels, and libdeflate, zlib
 * and ISA-L. Ours also frame the chunk and compute its CRC-32 and the Adler-32 of the rows.
 */
#include "bench_encoder.h"
#include "codec/library_deflate.h"
#include "codec/png_strip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#if BENCH_HAS_ISAL
#include <isa-l/igzip_lib.h>
#endif

/* Around the deflate stream in a chunk: length and type before it, the CRC-32 behind. */
enum { CHUNK_HEAD_BYTES = 8, CHUNK_FRAME_BYTES = 12 };

static size_t raw_max_of(const struct bench_shape *shape)
{
    return (size_t)shape->rows_max * (1 + (size_t)shape->width * shape->pixel_bytes);
}

static void *create_ours(const struct bench_shape *shape, int level)
{
    struct png_strip_options options = {
        .level = (enum sgr_png_level)level,
        .color = shape->pixel_bytes == 3 ? PNG_COLOR_RGB : PNG_COLOR_RGBA,
        .width = shape->width,
        .rows_max = shape->rows_max,
        .kernels = shape->kernels,
    };
    struct png_strip_encoder *encoder;
    struct sgr_error error;
    if (png_strip_create(&options, &encoder, &error) != SGR_OK)
        bench_quit(error.text);
    return encoder;
}

static void encode_ours(void *state, int level, const struct pixel_rows *rows,
                        struct bench_target *target)
{
    struct png_strip strip;
    struct sgr_error error;
    (void)level;
    if (png_strip_encode(state, rows, &strip, &error) != SGR_OK)
        bench_quit(error.text);
    bench_write(target, strip.chunk + CHUNK_HEAD_BYTES, strip.size - CHUNK_FRAME_BYTES);
}

static void destroy_ours(void *state)
{
    struct png_strip_encoder *encoder = state;
    png_strip_destroy(&encoder);
}

static void *create_libdeflate(const struct bench_shape *shape, int level)
{
    struct library_deflate *deflate;
    struct sgr_error error;
    if (library_deflate_create(level, raw_max_of(shape), &deflate, &error) != SGR_OK)
        bench_quit(error.text);
    return deflate;
}

static void encode_libdeflate(void *state, int level, const struct pixel_rows *rows,
                              struct bench_target *target)
{
    struct sgr_error error;
    size_t raw_size = (size_t)pixel_rows_raw_size(rows);
    (void)level;
    if (library_deflate_bound(state, raw_size) > target->room ||
        library_deflate_run(state, rows->raw, raw_size, target->data, &target->size, &error) !=
            SGR_OK)
        bench_quit("libdeflate failed");
}

static void destroy_libdeflate(void *state)
{
    struct library_deflate *deflate = state;
    library_deflate_destroy(&deflate);
}

static void *create_zlib(const struct bench_shape *shape, int level)
{
    enum { MEMORY_LEVEL = 8 }; /* zlib's default */
    z_stream *stream = bench_allocate(sizeof *stream);
    (void)shape;
    memset(stream, 0, sizeof *stream);
    if (deflateInit2(stream, level, Z_DEFLATED, -MAX_WBITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        bench_quit("zlib failed");
    return stream;
}

static void encode_zlib(void *state, int level, const struct pixel_rows *rows,
                        struct bench_target *target)
{
    z_stream *stream = state;
    (void)level;
    if (deflateReset(stream) != Z_OK)
        bench_quit("zlib failed");
    stream->next_in = (uint8_t *)(uintptr_t)rows->raw;
    stream->avail_in = (uInt)pixel_rows_raw_size(rows);
    stream->next_out = target->data;
    stream->avail_out = (uInt)target->room;
    if (deflate(stream, Z_SYNC_FLUSH) != Z_OK || stream->avail_in != 0)
        bench_quit("zlib failed");
    target->size = stream->total_out;
}

static void destroy_zlib(void *state)
{
    deflateEnd(state);
    free(state);
}

#if BENCH_HAS_ISAL

/* The library's state, and the buffer that it works in at levels above 0. */
struct isal {
    struct isal_zstream stream;
    uint8_t buffer[ISAL_DEF_LVL3_DEFAULT];
};

static void *create_isal(const struct bench_shape *shape, int level)
{
    (void)shape;
    (void)level;
    return bench_allocate(sizeof(struct isal));
}

static void encode_isal(void *state, int level, const struct pixel_rows *rows,
                        struct bench_target *target)
{
    struct isal *isal = state;
    static const uint32_t buffer_sizes[] = {0, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT,
                                            ISAL_DEF_LVL3_DEFAULT};
    isal_deflate_stateless_init(&isal->stream);
    isal->stream.level = (uint32_t)level;
    isal->stream.level_buf = isal->buffer;
    isal->stream.level_buf_size = buffer_sizes[level];
    isal->stream.flush = FULL_FLUSH;
    isal->stream.next_in = (uint8_t *)(uintptr_t)rows->raw;
    isal->stream.avail_in = (uint32_t)pixel_rows_raw_size(rows);
    isal->stream.next_out = target->data;
    isal->stream.avail_out = (uint32_t)target->room;
    if (isal_deflate_stateless(&isal->stream) != COMP_OK || isal->stream.avail_in != 0)
        bench_quit("ISA-L failed");
    target->size = isal->stream.total_out;
}

static void destroy_isal(void *state)
{
    free(state);
}

#endif

const struct bench_encoder bench_strip_encoders[] = {
    {"fast", SGR_PNG_FAST, create_ours, encode_ours, destroy_ours},
    {"balanced", SGR_PNG_BALANCED, create_ours, encode_ours, destroy_ours},
    {"small", SGR_PNG_SMALL, create_ours, encode_ours, destroy_ours},
    {"libdeflate 1", 1, create_libdeflate, encode_libdeflate, destroy_libdeflate},
    {"libdeflate 4", 4, create_libdeflate, encode_libdeflate, destroy_libdeflate},
    {"libdeflate 6", 6, create_libdeflate, encode_libdeflate, destroy_libdeflate},
    {"libdeflate 7", 7, create_libdeflate, encode_libdeflate, destroy_libdeflate},
    {"libdeflate 9", 9, create_libdeflate, encode_libdeflate, destroy_libdeflate},
    {"libdeflate 12", 12, create_libdeflate, encode_libdeflate, destroy_libdeflate},
    {"zlib 1", 1, create_zlib, encode_zlib, destroy_zlib},
    {"zlib 6", 6, create_zlib, encode_zlib, destroy_zlib},
    {"zlib 9", 9, create_zlib, encode_zlib, destroy_zlib},
#if BENCH_HAS_ISAL
    {"igzip 0", 0, create_isal, encode_isal, destroy_isal},
    {"igzip 1", 1, create_isal, encode_isal, destroy_isal},
    {"igzip 2", 2, create_isal, encode_isal, destroy_isal},
    {"igzip 3", 3, create_isal, encode_isal, destroy_isal},
#endif
    {0},
};
