/* Packing; drawn pixels mostly equal the one before, which is looked up once. */
#include "codec/png_pack.h"

void png_pack_grey(uint8_t *target, const uint32_t *pixels, size_t count)
{
    for (size_t index = 0; index < count; index++)
        target[index] = (uint8_t)pixels[index];
}

void png_pack_grey_alpha(uint8_t *target, const uint32_t *pixels, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        target[2 * index] = (uint8_t)pixels[index];
        target[2 * index + 1] = (uint8_t)(pixels[index] >> 24);
    }
}

bool png_pack_palette(uint8_t *target, const uint32_t *pixels, size_t count,
                      const struct color_table *table, unsigned bits, unsigned *used)
{
    unsigned packed = 0;
    unsigned filled = 0;
    unsigned color = 0;
    for (size_t at = 0; at < count; at++) {
        if (at == 0 || pixels[at] != pixels[at - 1]) {
            color = color_table_find(table, pixels[at]);
            if (color == COLOR_TABLE_NONE)
                return false;
            *used = color + 1 > *used ? color + 1 : *used;
        }
        packed = packed << bits | color;
        filled += bits;
        if (filled == 8) {
            *target++ = (uint8_t)packed;
            packed = 0;
            filled = 0;
        }
    }
    if (filled)
        *target = (uint8_t)(packed << (8 - filled));
    return true;
}
