/* The writers of whole PNG files: libpng, libspng, stb_image_write, with their own filters. */
#include "bench_encoder.h"

#include <png.h>
#include <stdlib.h>

#if BENCH_HAS_SPNG
#include <spng.h>
#endif
#if BENCH_HAS_STB
#include <stb_image_write.h>
#endif

/* The samples of a row, behind its filter byte. */
static const uint8_t *samples_of(const struct pixel_rows *rows, uint32_t row)
{
    return rows->raw + row * (1 + (size_t)rows->width * rows->pixel_bytes) + 1;
}

static void write_libpng(png_structp png, png_bytep bytes, size_t size)
{
    bench_write(png_get_io_ptr(png), bytes, size);
}

static void flush_libpng(png_structp png)
{
    (void)png;
}

static void fail_libpng(png_structp png, const char *what)
{
    (void)png;
    bench_quit(what);
}

static void encode_libpng(void *state, int level, const struct pixel_rows *rows,
                          struct bench_target *target)
{
    (void)state;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, fail_libpng, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info)
        bench_quit("out of memory");
    png_set_write_fn(png, target, write_libpng, flush_libpng);
    png_set_IHDR(png, info, rows->width, rows->rows, 8,
                 rows->pixel_bytes == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGBA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, level);
    png_write_info(png, info);
    for (uint32_t row = 0; row < rows->rows; row++)
        png_write_row(png, samples_of(rows, row));
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
}

#if BENCH_HAS_SPNG

static void encode_spng(void *state, int level, const struct pixel_rows *rows,
                        struct bench_target *target)
{
    (void)state;
    size_t row_bytes = (size_t)rows->width * rows->pixel_bytes;
    struct spng_ihdr header = {.width = rows->width, .height = rows->rows, .bit_depth = 8};
    header.color_type =
        rows->pixel_bytes == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
    spng_ctx *context = spng_ctx_new(SPNG_CTX_ENCODER);
    if (!context || spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1) != 0 ||
        spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, level) != 0 ||
        spng_set_ihdr(context, &header) != 0 ||
        spng_encode_image(context, NULL, 0, SPNG_FMT_PNG,
                          SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE) != 0)
        bench_quit("libspng failed");
    int status = 0;
    for (uint32_t row = 0; row < rows->rows && status == 0; row++)
        status = spng_encode_row(context, samples_of(rows, row), row_bytes);
    size_t size = 0;
    int error = 0;
    void *file = spng_get_png_buffer(context, &size, &error);
    if (status != SPNG_EOI || !file)
        bench_quit("libspng failed");
    bench_write(target, file, size);
    free(file);
    spng_ctx_free(context);
}

#endif

#if BENCH_HAS_STB

static void write_stb(void *target, void *bytes, int size)
{
    bench_write(target, bytes, (size_t)size);
}

/* The level is the library's own default; it is a global variable there. */
static void encode_stb(void *state, int level, const struct pixel_rows *rows,
                       struct bench_target *target)
{
    (void)state;
    (void)level;
    int stride = 1 + (int)(rows->width * rows->pixel_bytes);
    if (!stbi_write_png_to_func(write_stb, target, (int)rows->width, (int)rows->rows,
                                (int)rows->pixel_bytes, samples_of(rows, 0), stride))
        bench_quit("stb_image_write failed");
}

#endif

const struct bench_encoder bench_file_encoders[] = {
    {"libpng 1", 1, NULL, encode_libpng, NULL},
    {"libpng 6", 6, NULL, encode_libpng, NULL},
    {"libpng 9", 9, NULL, encode_libpng, NULL},
#if BENCH_HAS_SPNG
    {"libspng 1", 1, NULL, encode_spng, NULL},
    {"libspng 6", 6, NULL, encode_spng, NULL},
    {"libspng 9", 9, NULL, encode_spng, NULL},
#endif
#if BENCH_HAS_STB
    {"stb_image_write", 0, NULL, encode_stb, NULL},
#endif
    {0},
};
