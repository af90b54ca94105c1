/* Turning one decoded picture into a sprite. */
#ifndef SGR_SHEET_SPRITE_BUILD_H
#define SGR_SHEET_SPRITE_BUILD_H

#include "sheet/sprite.h"

/* How a picture lies on the canvas. */
struct sprite_place {
    uint32_t canvas_width;
    uint32_t canvas_height;
    int32_t x; /* canvas column and row of the picture's left upper corner */
    int32_t y;
    uint8_t opacity; /* its alpha is multiplied by opacity / 255 */
};

/*
 * Makes the sprite of a picture; what lies outside the canvas is cut off. The sprite owns its
 * memory; end it with sprite_build_finish.
 */
enum sgr_status sprite_build(const struct image *image, const struct sprite_place *place,
                             struct sprite *out_sprite, struct sgr_error *error) SGR_MUST_USE;

/* Frees what a sprite owns. */
void sprite_build_finish(struct sprite *sprite);

/* The words of a sprite. */
static inline uint64_t sprite_word_count(const struct sprite *sprite)
{
    return sprite->row_starts ? sprite->row_starts[sprite->bottom - sprite->top] : 0;
}

#endif
