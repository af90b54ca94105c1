/*
 * The checks of what encoders make, by libraries that did not make it, and what the encoders share.
 */
#include "bench_encoder.h"
#include "codec/deflate_write.h"
#include "png_unfilter.h"

#include <libdeflate.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void bench_quit(const char *what)
{
    fprintf(stderr, "encoder_bench: %s\n", what);
    exit(1);
}

void *bench_allocate(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        bench_quit("out of memory");
    return memory;
}

/* A quarter more than the raw bytes is more than any deflate that stores what it cannot pack. */
size_t bench_room(size_t raw_size)
{
    enum { SLACK = 1 << 16 };
    size_t ours = deflate_write_bound(raw_size);
    size_t others = raw_size + raw_size / 4;
    return (ours > others ? ours : others) + SLACK;
}

void bench_write(struct bench_target *target, const void *bytes, size_t size)
{
    if (size > target->room - target->size)
        bench_quit("an encoder's result is larger than its room");
    memcpy(target->data + target->size, bytes, size);
    target->size += size;
}

static _Noreturn void quit_wrong(const char *name, const char *decoder)
{
    fprintf(stderr, "encoder_bench: %s does not get the rows back from %s\n", decoder, name);
    exit(1);
}

static bool zlib_agrees(const uint8_t *stream_bytes, size_t size, const struct pixel_rows *rows,
                        uint8_t *inflated)
{
    size_t raw_size = (size_t)pixel_rows_raw_size(rows);
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)stream_bytes, .avail_in = (uInt)size};
    stream.next_out = inflated;
    stream.avail_out = (uInt)raw_size;
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        bench_quit("out of memory");
    bool complete = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0 &&
                    stream.total_out == raw_size;
    inflateEnd(&stream);
    return complete && unfilter(inflated, rows) != UNFILTER_WRONG &&
           memcmp(inflated, rows->raw, raw_size) == 0;
}

static bool libdeflate_agrees(const uint8_t *stream, size_t size, const struct pixel_rows *rows,
                              uint8_t *inflated)
{
    size_t raw_size = (size_t)pixel_rows_raw_size(rows);
    size_t used = 0;
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (!decompressor)
        bench_quit("out of memory");
    enum libdeflate_result result = libdeflate_deflate_decompress_ex(
        decompressor, stream, size, inflated, raw_size, &used, NULL);
    libdeflate_free_decompressor(decompressor);
    bool complete = result == LIBDEFLATE_SUCCESS && used == size;
    return complete && unfilter(inflated, rows) != UNFILTER_WRONG &&
           memcmp(inflated, rows->raw, raw_size) == 0;
}

void bench_check_strip(const char *name, const struct bench_target *strip,
                       const struct pixel_rows *rows)
{
    /* A final block that holds only its end code; it is one only when the strip ends on a byte. */
    static const uint8_t final_block[2] = {0x03, 0x00};
    size_t raw_size = (size_t)pixel_rows_raw_size(rows);
    size_t size = strip->size + sizeof final_block;
    uint8_t *stream = bench_allocate(size);
    uint8_t *inflated = bench_allocate(raw_size);
    memcpy(stream, strip->data, strip->size);
    memcpy(stream + strip->size, final_block, sizeof final_block);
    if (!zlib_agrees(stream, size, rows, inflated))
        quit_wrong(name, "zlib");
    memset(inflated, 0xff, raw_size);
    if (!libdeflate_agrees(stream, size, rows, inflated))
        quit_wrong(name, "libdeflate");
    free(stream);
    free(inflated);
}

void bench_check_file(const char *name, const struct bench_target *file,
                      const struct pixel_rows *rows)
{
    size_t row_bytes = (size_t)rows->width * rows->pixel_bytes;
    uint8_t *decoded = bench_allocate(row_bytes * rows->rows);
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, file->data, file->size) ||
        image.width != rows->width || image.height != rows->rows)
        quit_wrong(name, "libpng");
    if (image.format != (rows->pixel_bytes == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA) ||
        !png_image_finish_read(&image, NULL, decoded, (png_int_32)row_bytes, NULL))
        quit_wrong(name, "libpng");
    for (uint32_t row = 0; row < rows->rows; row++) {
        const uint8_t *samples = rows->raw + row * (1 + row_bytes) + 1;
        if (memcmp(decoded + row * row_bytes, samples, row_bytes) != 0)
            quit_wrong(name, "libpng");
    }
    free(decoded);
}
