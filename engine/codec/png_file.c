/* An image is encoded strip by strip, so that writing it takes little next to its pixels. */
#include "codec/png_file.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum { STRIP_ROWS = 256 };

enum sgr_status png_file_begin(struct file_stream *stream, const char *path,
                               const struct png_header *header, struct sgr_error *error)
{
    uint8_t head[PNG_HEAD_BYTES_MAX];
    enum sgr_status status = file_stream_open(stream, path, error);
    if (status == SGR_OK)
        status = file_stream_write(stream, head, png_strip_head(head, header), error);
    return status;
}

enum sgr_status png_file_end(struct file_stream *stream, uint32_t adler, struct sgr_error *error)
{
    uint8_t tail[PNG_TAIL_BYTES];
    png_strip_tail(tail, adler);
    enum sgr_status status = file_stream_write(stream, tail, sizeof tail, error);
    if (status == SGR_OK)
        return file_stream_commit(stream, error);
    file_stream_discard(stream);
    return status;
}

static struct png_strip_options strip_options(uint32_t width, const struct kernel_table *kernels)
{
    return (struct png_strip_options){.level = SGR_PNG_BALANCED,
                                      .color = PNG_COLOR_RGBA,
                                      .width = width,
                                      .rows_max = STRIP_ROWS,
                                      .kernels = kernels};
}

/* Writes all strips to the stream; `raw` has room for one. */
static enum sgr_status write_strips(struct file_stream *stream, struct png_strip_encoder *encoder,
                                    const struct image *image, uint8_t *raw,
                                    struct sgr_error *error)
{
    size_t row_bytes = png_row_bytes(PNG_COLOR_RGBA, 0, image->width);
    uint32_t adler = 1;
    for (uint32_t top = 0; top < image->height; top += STRIP_ROWS) {
        uint32_t left = image->height - top;
        const uint32_t *pixels = image->pixels + (size_t)top * image->width;
        struct pixel_rows rows = {pixels, raw, image->width, left < STRIP_ROWS ? left : STRIP_ROWS,
                                  4};
        struct png_strip strip;
        for (uint32_t row = 0; row < rows.rows; row++) {
            raw[row * row_bytes] = 0;
            memcpy(raw + row * row_bytes + 1, pixels + (size_t)row * image->width, row_bytes - 1);
        }
        enum sgr_status status = png_strip_encode(encoder, &rows, &strip, error);
        if (status == SGR_OK)
            status = file_stream_write(stream, strip.chunk, strip.size, error);
        if (status != SGR_OK)
            return status;
        adler = png_strip_join_adler(adler, strip.adler, pixel_rows_raw_size(&rows));
    }
    return png_file_end(stream, adler, error);
}

enum sgr_status png_file_write(const char *path, const struct image *image,
                               const struct kernel_table *kernels, struct sgr_error *error)
{
    struct png_header header = {
        .width = image->width, .height = image->height, .color = PNG_COLOR_RGBA};
    struct png_strip_options options = strip_options(image->width, kernels);
    struct file_stream stream = {.handle = OPEN_FILE_NONE};
    struct png_strip_encoder *encoder = NULL;
    size_t row_bytes = png_row_bytes(PNG_COLOR_RGBA, 0, image->width);
    uint8_t *raw = memory_allocate_aligned(STRIP_ROWS * row_bytes + PIXEL_ROWS_SLACK, 64);
    enum sgr_status status =
        raw ? png_strip_create(&options, &encoder, error) : error_no_memory(error, "a picture");
    if (status == SGR_OK)
        status = png_file_begin(&stream, path, &header, error);
    if (status == SGR_OK)
        status = write_strips(&stream, encoder, image, raw, error);
    file_stream_discard(&stream);
    png_strip_destroy(&encoder);
    memory_free(raw);
    return status;
}

uint64_t png_file_memory(uint32_t width)
{
    struct png_strip_options options = strip_options(width, NULL);
    return png_strip_memory(&options) + STRIP_ROWS * png_row_bytes(PNG_COLOR_RGBA, 0, width);
}
