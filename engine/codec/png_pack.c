/* Packing; drawn pixels mostly equal the one before: it is looked up once, and runs are filled. */
#include "codec/png_pack.h"

#include <string.h>

/* Pixels that are compared at once; their indexes take whole bytes. */
enum { BLOCK = 16 };

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

/* How many whole blocks of pixels from `pixels` on have one colour. */
static size_t equal_blocks(const uint32_t *pixels, size_t count, uint32_t color)
{
    size_t blocks = 0;
    for (; count >= BLOCK && pixels[BLOCK - 1] == color; count -= BLOCK, pixels += BLOCK) {
        uint32_t difference = 0;
        for (unsigned index = 0; index < BLOCK; index++)
            difference |= pixels[index] ^ color;
        if (difference)
            break;
        blocks++;
    }
    return blocks;
}

bool png_pack_palette(struct png_pack *pack, uint8_t *target, const uint32_t *pixels, size_t count)
{
    unsigned bits = pack->bits;
    unsigned packed = 0;
    unsigned filled = 0;
    unsigned color = 0;
    for (size_t at = 0; at < count;) {
        if (at == 0 || pixels[at] != pixels[at - 1]) {
            color = color_table_find(&pack->table, pixels[at]);
            if (color == COLOR_TABLE_NONE)
                return false;
            pack->used = color + 1 > pack->used ? color + 1 : pack->used;
        }
        size_t blocks = filled == 0 ? equal_blocks(pixels + at, count - at, pixels[at]) : 0;
        if (blocks > 0) {
            /* The index as often as a byte holds it. */
            unsigned spread = color * (0xff / ((1u << bits) - 1));
            memset(target, (int)spread, blocks * BLOCK * bits / 8);
            target += blocks * BLOCK * bits / 8;
            at += blocks * BLOCK;
            continue;
        }
        packed = packed << bits | color;
        filled += bits;
        at++;
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
