/* Whole PNG files on disk: there in full and durable, or not at all. */
#ifndef SGR_CODEC_PNG_FILE_H
#define SGR_CODEC_PNG_FILE_H

#include "codec/png_strip.h"
#include "image/image.h"
#include "os/file_stream.h"

/* Opens the stream and writes a file's head; strips follow by file_stream_write. */
enum sgr_status png_file_begin(struct file_stream *stream, const char *path,
                               const struct png_header *header,
                               struct sgr_error *error) SGR_MUST_USE;

/* Writes the tail, `adler` being that of all rows, and commits; ends the stream in any case. */
enum sgr_status png_file_end(struct file_stream *stream, uint32_t adler,
                             struct sgr_error *error) SGR_MUST_USE;

/* Writes an image with its alpha, at level balanced. */
enum sgr_status png_file_write(const char *path, const struct image *image,
                               const struct kernel_table *kernels,
                               struct sgr_error *error) SGR_MUST_USE;

/* The memory that png_file_write takes besides the image of that width, about, in bytes. */
uint64_t png_file_memory(uint32_t width);

#endif
