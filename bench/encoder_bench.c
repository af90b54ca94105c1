/*
 * Our encoders against libdeflate on finished images, on one core: each image is cut into strips,
 * every strip is encoded several times, and its fastest time counts. Every result is inflated by
 * zlib and compared first. Prints milliseconds and kilobytes an image, and megabytes of rows a
 * second.
 *
 * usage: encoder_bench ROWS rgb|rgba IMAGE.png...
 */
#include "base/memory.h"
#include "codec/deflate_write.h"
#include "codec/library_deflate.h"
#include "codec/picture.h"
#include "codec/pixel_parse.h"
#include "os/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { REPEATS = 5, ENCODERS = 4 };

static const char *const names[ENCODERS] = {"fast", "balanced", "libdeflate 1", "libdeflate 6"};

/* The encoders and what they took and gave. */
struct bench {
    uint32_t rows_max;
    unsigned pixel_bytes;
    uint32_t width; /* that the parsers were made for */
    struct pixel_parse *parses[2];
    struct library_deflate *libraries[2];
    uint8_t *raw;
    uint8_t *target;
    uint8_t *inflated;
    uint64_t ns[ENCODERS];
    uint64_t bytes[ENCODERS];
    uint64_t raw_bytes;
    unsigned images;
};

static void quit(const char *what)
{
    fprintf(stderr, "encoder_bench: %s\n", what);
    exit(1);
}

static size_t encode(struct bench *bench, int encoder, const struct pixel_rows *rows)
{
    size_t size = 0;
    size_t raw_size = (size_t)pixel_rows_raw_size(rows);
    if (encoder < 2)
        return deflate_write(pixel_parse_run(bench->parses[encoder], rows), rows->raw, raw_size,
                             bench->target);
    struct library_deflate *library = bench->libraries[encoder - 2];
    if (library_deflate_run(library, rows->raw, raw_size, bench->target, &size, NULL) != SGR_OK)
        quit("libdeflate failed");
    return size;
}

static void check(const struct bench *bench, size_t size, const struct pixel_rows *rows)
{
    size_t raw_size = (size_t)pixel_rows_raw_size(rows);
    z_stream stream = {.next_in = bench->target, .avail_in = (uInt)size};
    stream.next_out = bench->inflated;
    stream.avail_out = (uInt)raw_size;
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        quit("zlib failed");
    inflate(&stream, Z_SYNC_FLUSH);
    if (stream.total_out != raw_size || memcmp(bench->inflated, rows->raw, raw_size) != 0)
        quit("an encoder's result does not come back");
    inflateEnd(&stream);
}

static void measure(struct bench *bench, const struct pixel_rows *rows)
{
    bench->raw_bytes += pixel_rows_raw_size(rows);
    for (int encoder = 0; encoder < ENCODERS; encoder++) {
        uint64_t best = UINT64_MAX;
        size_t size = 0;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            uint64_t start = machine_now_ns();
            size = encode(bench, encoder, rows);
            uint64_t taken = machine_now_ns() - start;
            best = taken < best ? taken : best;
        }
        check(bench, size, rows);
        bench->ns[encoder] += best;
        bench->bytes[encoder] += size;
    }
}

/* Makes encoders and buffers for images of a width. */
static void prepare(struct bench *bench, uint32_t width, const struct kernel_table *kernels)
{
    static const int levels[2] = {1, 6};
    size_t raw_size = (size_t)bench->rows_max * (1 + (size_t)width * bench->pixel_bytes);
    bench->width = width;
    for (int index = 0; index < 2; index++) {
        if (pixel_parse_create((enum pixel_effort)index, width, bench->rows_max, kernels,
                               &bench->parses[index], NULL) != SGR_OK ||
            library_deflate_create(levels[index], raw_size, &bench->libraries[index], NULL) !=
                SGR_OK)
            quit("out of memory");
    }
    size_t bound = library_deflate_bound(bench->libraries[0], raw_size);
    bench->raw = memory_allocate(raw_size, 1);
    bench->inflated = memory_allocate(raw_size, 1);
    bench->target = memory_allocate(bound + deflate_write_bound(raw_size), 1);
    if (!bench->raw || !bench->inflated || !bench->target)
        quit("out of memory");
}

static void run_image(struct bench *bench, const struct image *image)
{
    size_t stride = 1 + (size_t)image->width * bench->pixel_bytes;
    for (uint32_t top = 0; top < image->height; top += bench->rows_max) {
        uint32_t left = image->height - top;
        struct pixel_rows rows = {image->pixels + (size_t)top * image->width, bench->raw,
                                  image->width, left < bench->rows_max ? left : bench->rows_max,
                                  bench->pixel_bytes};
        for (uint32_t row = 0; row < rows.rows; row++) {
            uint8_t *target = bench->raw + row * stride;
            *target++ = 0;
            for (uint32_t column = 0; column < image->width; column++)
                memcpy(target + (size_t)column * bench->pixel_bytes,
                       &rows.pixels[(size_t)row * image->width + column], bench->pixel_bytes);
        }
        measure(bench, &rows);
    }
    bench->images++;
}

int main(int count, char **arguments)
{
    struct bench bench = {0};
    const struct kernel_table *kernels;
    struct sgr_error error;
    if (count < 4 || kernel_choose("auto", &kernels, &error) != SGR_OK)
        quit("usage: encoder_bench ROWS rgb|rgba IMAGE.png...");
    bench.rows_max = (uint32_t)strtoul(arguments[1], NULL, 10);
    bench.pixel_bytes = strcmp(arguments[2], "rgb") == 0 ? 3 : 4;
    for (int index = 3; index < count; index++) {
        struct image image;
        if (bench.rows_max < 1 || picture_read(arguments[index], &image, &error) != SGR_OK)
            quit(bench.rows_max < 1 ? "ROWS is 1 or more" : error.text);
        if (bench.width == 0)
            prepare(&bench, image.width, kernels);
        if (image.width != bench.width)
            quit("all images must have one width");
        run_image(&bench, &image);
        image_finish(&image);
    }
    for (int encoder = 0; encoder < ENCODERS; encoder++)
        printf("%-12s %7.2f ms %8.1f KB %6.0f MB/s\n", names[encoder],
               (double)bench.ns[encoder] / bench.images / 1e6,
               (double)bench.bytes[encoder] / bench.images / 1e3,
               (double)bench.raw_bytes / ((double)bench.ns[encoder] / 1e9) / 1e6);
    return 0;
}
