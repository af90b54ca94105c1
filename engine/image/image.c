/* Pixel buffers, and the box that holds everything visible of a picture. */
#include "image/image.h"

#include "base/error.h"
#include "base/memory.h"

#include <stddef.h>

enum sgr_status image_init(struct image *image, uint32_t width, uint32_t height,
                           struct sgr_error *error)
{
    if (width < 1 || height < 1 || width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX) {
        return error_set(error, SGR_INPUT,
                         "a picture of %u x %u pixels: each side must be 1 to %d pixels",
                         (unsigned)width, (unsigned)height, (int)IMAGE_SIDE_MAX);
    }
    uint32_t *pixels = memory_allocate((size_t)width * height, sizeof *pixels);
    if (!pixels)
        return error_no_memory(error, "a picture");
    *image = (struct image){.width = width, .height = height, .pixels = pixels};
    return SGR_OK;
}

void image_finish(struct image *image)
{
    memory_free(image->pixels);
    *image = (struct image){.pixels = NULL};
}

/* The column of the first visible pixel, or `width`. */
static uint32_t first_visible(const uint32_t *row, uint32_t width)
{
    uint32_t column = 0;
    while (column < width && image_alpha(row[column]) == 0)
        column++;
    return column;
}

/* The column after the last visible pixel, or `known` if that is more: no need to look there. */
static uint32_t last_visible_end(const uint32_t *row, uint32_t width, uint32_t known)
{
    uint32_t end = width;
    while (end > known && image_alpha(row[end - 1]) == 0)
        end--;
    return end;
}

struct image_box image_visible_box(const struct image *image)
{
    struct image_box box = {.left = image->width};
    for (uint32_t y = 0; y < image->height; y++) {
        const uint32_t *row = image->pixels + (size_t)y * image->width;
        uint32_t left = first_visible(row, image->width);
        if (left == image->width)
            continue;
        if (box.bottom == 0)
            box.top = y;
        box.bottom = y + 1;
        box.left = left < box.left ? left : box.left;
        box.right = last_visible_end(row, image->width, box.right);
    }
    if (box.bottom == 0)
        return (struct image_box){.left = 0};
    return box;
}
