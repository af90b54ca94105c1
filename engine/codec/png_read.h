/* PNG decoding through libpng. */
#ifndef SGR_CODEC_PNG_READ_H
#define SGR_CODEC_PNG_READ_H

#include "image/image.h"

#include <stddef.h>

/*
 * Decodes a whole PNG file in memory into `image`, which is initialised with the size that the
 * header says. Every colour type, depth and interlacing; 16 bits are rounded to 8, colour under
 * alpha 0 becomes 0. `name` is for the error. SGR_INPUT for anything that is not a complete,
 * correct file. Any thread.
 */
enum sgr_status png_read_pixels(const char *name, const uint8_t *bytes, size_t size,
                                struct image *image, struct sgr_error *error) SGR_MUST_USE;

#endif
