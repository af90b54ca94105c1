/*
 * Judging goes by shares of the pixels of a few rows. Pixels that equal the left or the upper one
 * cost almost nothing unfiltered, and are found by kernels; only the others are looked at one by
 * one. Filtering takes all four bytes of pixels, so that rows are even; RGB drops the last again.
 */
#include "codec/png_filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
    SAMPLE_ROWS = 2,
    BLOCK_WORDS = 16, /* of a mask */
    COLOR_BITS = 10,
    BLOCK_BYTES = 32 /* filtered at once */
};

/*
 * Bounds in percent, from measuring packs of drawn art, gradients, grain and photographs. Drawn
 * art with marbled grounds has up to 45 of changes, but 64 of these close and 16 of novel pixels.
 */
enum { CHANGES_PERCENT = 20, CLOSE_PERCENT = 80, NOVEL_PERCENT = 20, NOVEL_CHANGES_PERCENT = 66 };

/* What was seen so far. */
struct sample {
    uint64_t pixels;
    uint64_t changes; /* pixels that differ from the left and the upper one */
    uint64_t close;   /* of them, those that are hardly different from either */
    uint64_t novel;   /* of them, those whose colour was not among the changes lately */
    uint32_t colors[1 << COLOR_BITS];
};

/* Where the changes are in a part of a row, which has a row above. */
struct changes {
    uint32_t count; /* of pixels */
    uint64_t mask[BLOCK_WORDS];
};

static void find_changes(struct changes *changes, const uint32_t *pixels, uint32_t width,
                         const struct kernel_table *kernels)
{
    uint64_t up[BLOCK_WORDS];
    uint32_t count = changes->count;
    kernels->equal_mask(changes->mask, pixels, pixels - 1, count);
    kernels->equal_mask(up, pixels, pixels - width, count);
    for (uint32_t word = 0; word * 64 < count; word++)
        changes->mask[word] = ~(changes->mask[word] | up[word]);
    if (count % 64)
        changes->mask[count / 64] &= ~(UINT64_MAX << (count % 64));
}

/* Whether each byte of a pixel is at most 2 below or 1 above that of another, modulo 256. */
static inline bool is_close(uint32_t pixel, uint32_t other)
{
    const uint32_t high = 0x80808080;
    uint32_t difference = ((pixel | high) - (other & ~high)) ^ ((pixel ^ ~other) & high);
    uint32_t moved = ((difference & ~high) + 0x02020202) ^ (difference & high);
    return (moved & 0xfcfcfcfc) == 0;
}

static inline void look_at(struct sample *sample, const uint32_t *pixel, uint32_t upper)
{
    uint32_t *color = &sample->colors[*pixel * 0x9e3779b1u >> (32 - COLOR_BITS)];
    sample->close += is_close(*pixel, pixel[-1]) || is_close(*pixel, upper);
    sample->novel += *color != *pixel;
    *color = *pixel;
}

/* Counts the changes of a row but for its first pixel, and when told looks at each. */
static void add_row(struct sample *sample, const uint32_t *row, uint32_t width, bool look,
                    const struct kernel_table *kernels)
{
    struct changes changes;
    for (uint32_t start = 1; start < width; start += changes.count) {
        const uint32_t *pixels = row + start;
        changes.count = width - start < BLOCK_WORDS * 64 ? width - start : BLOCK_WORDS * 64;
        find_changes(&changes, pixels, width, kernels);
        for (uint32_t word = 0; word * 64 < changes.count; word++) {
            uint64_t mask = changes.mask[word];
            sample->changes += (unsigned)__builtin_popcountll(mask);
            for (; look && mask; mask &= mask - 1) {
                const uint32_t *pixel = pixels + word * 64 + (uint32_t)__builtin_ctzll(mask);
                look_at(sample, pixel, *(pixel - width));
            }
        }
        sample->pixels += changes.count;
    }
}

static void add_rows(struct sample *sample, const struct pixel_rows *rows, bool look,
                     const struct kernel_table *kernels)
{
    uint32_t count = rows->rows - 1 < SAMPLE_ROWS ? rows->rows - 1 : SAMPLE_ROWS;
    for (uint32_t index = 0; index < count; index++) {
        size_t row = 1 + (size_t)(rows->rows - 1) * index / count;
        add_row(sample, rows->pixels + row * rows->width, rows->width, look, kernels);
    }
}

static bool reaches(uint64_t part, uint64_t whole, unsigned percent)
{
    return part * 100 >= whole * percent;
}

/* Most strips are drawn, and known for that by counting alone. */
enum png_filter png_filter_choose(const struct pixel_rows *rows, const struct kernel_table *kernels)
{
    struct sample counted = {0};
    add_rows(&counted, rows, false, kernels);
    if (counted.changes == 0 || !reaches(counted.changes, counted.pixels, CHANGES_PERCENT))
        return PNG_ROW_NONE;
    struct sample sample = {0};
    add_rows(&sample, rows, true, kernels);
    if (reaches(sample.novel, sample.pixels, NOVEL_PERCENT))
        return reaches(sample.novel, sample.changes, NOVEL_CHANGES_PERCENT) ? PNG_ROW_PAETH
                                                                            : PNG_ROW_SUB;
    return reaches(sample.close, sample.changes, CLOSE_PERCENT) ? PNG_ROW_SUB : PNG_ROW_NONE;
}

static inline uint8_t paeth(uint8_t left, uint8_t upper, uint8_t corner)
{
    int16_t down = (int16_t)(upper - corner);
    int16_t right = (int16_t)(left - corner);
    int16_t both = (int16_t)(down + right);
    down = (int16_t)(down < 0 ? -down : down);
    right = (int16_t)(right < 0 ? -right : right);
    both = (int16_t)(both < 0 ? -both : both);
    uint8_t second = right <= both ? upper : corner;
    bool first = (down <= right) & (down <= both);
    return first ? left : second;
}

/* Filters bytes whose left neighbours stand four bytes before them. */
static inline void paeth_bytes(uint8_t *restrict target, const uint8_t *restrict bytes,
                               const uint8_t *restrict upper, size_t count)
{
    for (size_t index = 0; index < count; index++)
        target[index] = (uint8_t)(bytes[index] - paeth(bytes[(ptrdiff_t)index - 4], upper[index],
                                                       upper[(ptrdiff_t)index - 4]));
}

static inline void sub_bytes(uint8_t *restrict target, const uint8_t *restrict bytes, size_t count)
{
    for (size_t index = 0; index < count; index++)
        target[index] = (uint8_t)(bytes[index] - bytes[(ptrdiff_t)index - 4]);
}

/* The blocks of a size that compilers know become vector instructions. */
static void sub_row(uint32_t *target, const uint32_t *row, uint32_t width)
{
    uint8_t *out = (uint8_t *)(target + 1);
    const uint8_t *bytes = (const uint8_t *)(row + 1);
    size_t left = ((size_t)width - 1) * 4;
    target[0] = row[0];
    for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES, out += BLOCK_BYTES, bytes += BLOCK_BYTES)
        sub_bytes(out, bytes, BLOCK_BYTES);
    sub_bytes(out, bytes, left);
}

static void paeth_row(uint32_t *target, const uint32_t *row, uint32_t width)
{
    uint8_t *out = (uint8_t *)target;
    const uint8_t *bytes = (const uint8_t *)row;
    const uint8_t *upper = (const uint8_t *)(row - width);
    size_t left = ((size_t)width - 1) * 4;
    /* Nothing stands left of the first pixel; then Paeth's choice is the upper one. */
    for (size_t index = 0; index < 4; index++)
        *out++ = (uint8_t)(*bytes++ - *upper++);
    for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES) {
        paeth_bytes(out, bytes, upper, BLOCK_BYTES);
        out += BLOCK_BYTES;
        bytes += BLOCK_BYTES;
        upper += BLOCK_BYTES;
    }
    paeth_bytes(out, bytes, upper, left);
}

struct pixel_rows png_filter_apply(enum png_filter filter, const struct pixel_rows *rows,
                                   uint32_t *pixels, uint8_t *raw,
                                   const struct kernel_table *kernels)
{
    size_t width = rows->width;
    uint8_t *target = raw;
    for (uint32_t row = 0; row < rows->rows; row++) {
        bool is_paeth = filter == PNG_ROW_PAETH && row > 0;
        uint32_t *filtered = pixels + row * width;
        (is_paeth ? paeth_row : sub_row)(filtered, rows->pixels + row * width, rows->width);
        *target++ = is_paeth ? PNG_ROW_PAETH : PNG_ROW_SUB;
        if (rows->pixel_bytes == 3)
            kernels->pack_rgb(target, filtered, width);
        else
            memcpy(target, filtered, width * 4);
        target += width * rows->pixel_bytes;
    }
    return (struct pixel_rows){pixels, raw, rows->width, rows->rows, rows->pixel_bytes};
}
