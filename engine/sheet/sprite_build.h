/* Turning one decoded picture into a sprite. */
#ifndef SGR_SHEET_SPRITE_BUILD_H
#define SGR_SHEET_SPRITE_BUILD_H

#include "sheet/sprite.h"

/*
 * Makes the sprite of a picture whose left upper corner lies at column x, row y of a canvas of
 * width x height (parts outside are cut off), with its alpha multiplied by opacity / 255. The
 * sprite owns its memory; end it with sprite_build_finish.
 */
enum sgr_status sprite_build(const struct image *image, int32_t x, int32_t y, uint8_t opacity,
                             struct image_box canvas, struct sprite *out_sprite,
                             struct sgr_error *error) SGR_MUST_USE;

/* Frees what a sprite owns. */
void sprite_build_finish(struct sprite *sprite);

/* The words of a sprite. */
static inline uint64_t sprite_word_count(const struct sprite *sprite)
{
    return sprite->row_starts ? sprite->row_starts[sprite->bottom - sprite->top] : 0;
}

#endif
