/* What the tests of sprites and of composing share: random pictures, and sprites spelled out. */
#ifndef SPRITE_FIXTURE_H
#define SPRITE_FIXTURE_H

#include "art_fixture.h"
#include "base/random.h"
#include "image/blend.h"
#include "sheet/sprite_build.h"

#include <inttypes.h>

/* Stretches of every kind a row can have: gaps short and long, flat, opaque, translucent. */
static inline void fill_stretches(struct random *random, uint32_t *pixels, size_t count)
{
    uint64_t kind = 0;
    uint64_t left = 0;
    uint32_t flat = 0;
    for (size_t index = 0; index < count; index++, left--) {
        uint64_t noise = random_next(random);
        if (left == 0) {
            kind = random_below(random, 6);
            left = 1 + random_below(random, random_below(random, 3) ? 12 : 60);
            flat = (uint32_t)noise;
        }
        uint32_t alpha = (uint32_t)(noise >> 56);
        uint32_t color = (uint32_t)noise & 0xffffff;
        uint32_t values[] = {0,
                             flat | 0xff000000,
                             color | 0xff000000,
                             alpha ? color | alpha << 24 : 0,
                             flat | 0x80000000,
                             alpha & 1 ? color | 0xff000000 : 0};
        pixels[index] = values[kind];
    }
}

static inline void make_image(struct random *random, struct image *image, uint32_t width,
                              uint32_t height)
{
    assert_int_equal(image_init(image, width, height, NULL), SGR_OK);
    fill_stretches(random, image->pixels, (size_t)width * height);
    /* Some rows empty, some opaque from edge to edge, so that bands are hidden and covered. */
    for (uint32_t row = 0; row < height; row++) {
        uint64_t way = random_below(random, 6);
        for (uint32_t x = 0; x < width && way < 2; x++) {
            uint32_t *pixel = &image->pixels[(size_t)row * width + x];
            *pixel = way == 0 ? 0 : *pixel | 0xff000000;
        }
    }
}

/* The pixel that the canvas must show at x, y, by the definition alone. */
static inline uint32_t placed_pixel(const struct image *image, const struct sprite_place *place,
                                    uint32_t x, uint32_t y)
{
    int64_t column = (int64_t)x - place->x;
    int64_t row = (int64_t)y - place->y;
    if (column < 0 || row < 0 || column >= image->width || row >= image->height)
        return 0;
    uint32_t pixel = image->pixels[(size_t)row * image->width + (size_t)column];
    uint32_t alpha = (2 * (pixel >> 24) * place->opacity + 255) / 510;
    return alpha ? (pixel & 0xffffff) | alpha << 24 : 0;
}

/* Spells a sprite out on a transparent canvas, holding its runs to every promise of sprite.h. */
static inline void spell_out(const struct sprite *sprite, uint32_t width, uint32_t *canvas,
                             unsigned kinds[3])
{
    assert_true(sprite->row_starts[0] == 0);
    for (uint32_t row = sprite->top; row < sprite->bottom; row++) {
        const uint64_t *starts = sprite->row_starts + (row - sprite->top);
        assert_true(starts[1] >= starts[0]);
        const uint32_t *at = sprite->words + starts[0];
        const uint32_t *end = sprite->words + starts[1];
        uint32_t reached = 0;
        uint32_t opaque = 0;
        while (at < end) {
            uint32_t header = *at++;
            uint32_t column = sprite_run_column(header);
            uint32_t length = sprite_run_length(header);
            enum sprite_run_kind kind = sprite_run_kind(header);
            assert_in_range(kind, SPRITE_RUN_FLAT, SPRITE_RUN_TRANSLUCENT);
            assert_true(length > 0 && column >= reached && column + length <= width);
            for (uint32_t index = 0; index < length; index++) {
                uint32_t pixel = kind == SPRITE_RUN_FLAT ? at[0] : at[index];
                canvas[(size_t)row * width + column + index] = pixel;
                assert_true(kind == SPRITE_RUN_TRANSLUCENT || pixel >> 24 == 255);
                opaque += pixel >> 24 == 255;
            }
            at += kind == SPRITE_RUN_FLAT ? 1 : length;
            reached = column + length;
            kinds[kind]++;
        }
        assert_true(at == end);
        assert_int_equal(sprite->covered_rows[row - sprite->top], opaque == width);
    }
}

#endif
