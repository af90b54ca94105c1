/*
 * Pictures in memory: straight-alpha RGBA, 8 bits a channel, sRGB-coded. A pixel is a uint32_t
 * whose bytes in memory are R, G, B, A (little-endian: R is the low byte).
 */
#ifndef SGR_IMAGE_IMAGE_H
#define SGR_IMAGE_IMAGE_H

#include <serigraph/status.h>

#include <stdbool.h>
#include <stdint.h>

/* The largest side of a canvas or picture, in pixels. */
enum { IMAGE_SIDE_MAX = 32767 };

/* Rows follow each other without gaps; owns its pixels between init and finish. */
struct image {
    uint32_t width;
    uint32_t height;
    uint32_t *pixels;
};

/* A half-open box: columns left..right-1, rows top..bottom-1. Empty when left >= right. */
struct image_box {
    uint32_t left;
    uint32_t top;
    uint32_t right;
    uint32_t bottom;
};

/* Makes room for unset pixels; both sides 1..IMAGE_SIDE_MAX. */
enum sgr_status image_init(struct image *image, uint32_t width, uint32_t height,
                           struct sgr_error *error) SGR_MUST_USE;

/* Frees the pixels; all zero is fine. */
void image_finish(struct image *image);

/* The smallest box that holds every pixel with alpha above 0; all zero when there is none. */
struct image_box image_visible_box(const struct image *image);

/* The alpha of a pixel. */
static inline uint32_t image_alpha(uint32_t pixel)
{
    return pixel >> 24;
}

#endif
