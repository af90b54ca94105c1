/* The loops in plain C, one pixel at a time: the reference, and what ends others' rows. */
#include "kernel/kernel_tables.h"

#include "image/image.h"

/* On an opaque backdrop D is 255 * 255, and the general formula shrinks to a division by 255. */
static uint32_t mix_opaque(uint32_t backdrop, uint32_t source)
{
    uint32_t alpha = image_alpha(source);
    uint32_t result = UINT32_C(0xff000000);
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t sum = alpha * (source >> shift & 255) + (255 - alpha) * (backdrop >> shift & 255);
        result |= (sum + 128 + ((sum + 128) >> 8)) >> 8 << shift;
    }
    return result;
}

static void over_opaque(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (image_alpha(source[index]) == 255)
            backdrop[index] = source[index];
        else if (image_alpha(source[index]) != 0)
            backdrop[index] = mix_opaque(backdrop[index], source[index]);
    }
}

static void over(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (image_alpha(source[index]) == 255)
            backdrop[index] = source[index];
        else if (image_alpha(source[index]) != 0)
            backdrop[index] = blend_over(backdrop[index], source[index]);
    }
}

static void separable(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count,
                      const uint8_t *restrict table)
{
    for (size_t index = 0; index < count; index++) {
        if (image_alpha(source[index]) != 0)
            backdrop[index] = blend_separable(backdrop[index], source[index], table);
    }
}

static void pack_rgb(uint8_t *restrict target, const uint32_t *restrict pixels, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        target[3 * index] = (uint8_t)(pixels[index] & 255);
        target[3 * index + 1] = (uint8_t)(pixels[index] >> 8 & 255);
        target[3 * index + 2] = (uint8_t)(pixels[index] >> 16 & 255);
    }
}

static void equal_mask(uint64_t *restrict mask, const uint32_t *left, const uint32_t *right,
                       size_t count)
{
    for (size_t word = 0; word * 64 < count; word++) {
        size_t bits = count - word * 64 < 64 ? count - word * 64 : 64;
        uint64_t equal = 0;
        for (size_t bit = 0; bit < bits; bit++)
            equal |= (uint64_t)(left[word * 64 + bit] == right[word * 64 + bit]) << bit;
        mask[word] = equal;
    }
}

static size_t equal_run(const uint32_t *left, const uint32_t *right, size_t most)
{
    size_t count = 0;
    while (count < most && left[count] == right[count])
        count++;
    return count;
}

const struct kernel_table kernel_scalar_table = {
    .name = "scalar",
    .over_opaque = over_opaque,
    .over = over,
    .separable =
        {
            [BLEND_MULTIPLY] = separable,
            [BLEND_SCREEN] = separable,
            [BLEND_OVERLAY] = separable,
            [BLEND_DARKEN] = separable,
            [BLEND_LIGHTEN] = separable,
            [BLEND_COLOR_DODGE] = separable,
            [BLEND_COLOR_BURN] = separable,
            [BLEND_HARD_LIGHT] = separable,
            [BLEND_SOFT_LIGHT] = separable,
            [BLEND_DIFFERENCE] = separable,
            [BLEND_EXCLUSION] = separable,
        },
    .pack_rgb = pack_rgb,
    .equal_mask = equal_mask,
    .equal_run = equal_run,
};
