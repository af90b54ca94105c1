/* Rows of pixels in the colour types that have fewer than three bytes a pixel. */
#ifndef SGR_CODEC_PNG_PACK_H
#define SGR_CODEC_PNG_PACK_H

#include "image/color_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes one byte a pixel, of pixels that are grey and opaque. */
void png_pack_grey(uint8_t *target, const uint32_t *pixels, size_t count);

/* Writes value and alpha of grey pixels: 2 * count bytes. */
void png_pack_grey_alpha(uint8_t *target, const uint32_t *pixels, size_t count);

/* A palette to pack by. Start from all zero, then fill the table and set the bits. */
struct png_pack {
    struct color_table table;
    unsigned bits; /* of an index: 1, 2, 4 or 8 */
    unsigned used; /* the highest index written so far + 1 */
};

/*
 * Writes each pixel's index in the table, the first pixel highest; the last byte is filled up with
 * zeros. False when a pixel's colour is not in the table.
 */
bool png_pack_palette(struct png_pack *pack, uint8_t *target, const uint32_t *pixels, size_t count);

#endif
