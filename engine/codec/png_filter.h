/*
 * PNG's row filters, and which of them suits a strip, judged by a few of its rows instead of by
 * trying. Format: W3C PNG, 9 Filtering.
 */
#ifndef SGR_CODEC_PNG_FILTER_H
#define SGR_CODEC_PNG_FILTER_H

#include "codec/pixel_rows.h"
#include "kernel/kernel.h"

/* The filter types that are used, by PNG's numbers; libpng has other things of like names. */
enum png_filter { PNG_ROW_NONE = 0, PNG_ROW_SUB = 1, PNG_ROW_PAETH = 4 };

/*
 * The filter for a strip of RGB or RGBA rows:
 * None for drawn art, whose pixels mostly equal others;
 * Sub for soft shading, few of whose colours are new, but whose steps are small;
 * Paeth for photographs and noise, where most pixels are like no other.
 * The answer depends on the pixels alone.
 */
enum png_filter png_filter_choose(const struct pixel_rows *rows,
                                  const struct kernel_table *kernels);

/*
 * Filters RGB or RGBA rows into `pixels` and `raw`, which have the room that those of `rows` have.
 * The first row is filtered by Sub, as it must not look at the strip above it.
 */
struct pixel_rows png_filter_apply(enum png_filter filter, const struct pixel_rows *rows,
                                   uint32_t *pixels, uint8_t *raw,
                                   const struct kernel_table *kernels);

#endif
