/*
 * Inner loops that exist once in scalar C and again for wider CPUs, behind one table chosen at
 * start. Every entry gives the same bytes in every table; tests/unit/kernel_test.c holds them to
 * it. Rows of pixels as in image/image.h; pointers need no alignment, rows do not overlap.
 */
#ifndef SGR_KERNEL_KERNEL_H
#define SGR_KERNEL_KERNEL_H

#include "image/blend.h"

#include <serigraph/status.h>

#include <stddef.h>
#include <stdint.h>

/* The loop of one separable mode. */
typedef void kernel_separable(uint32_t *restrict backdrop, const uint32_t *restrict source,
                              size_t count, const uint8_t *restrict table);

/* One implementation of every loop. Constant, shared by all threads. */
struct kernel_table {
    const char *name;
    /* Source-over in normal mode; every backdrop pixel has alpha 255. */
    void (*over_opaque)(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count);
    /* Source-over in normal mode on any backdrop. */
    void (*over)(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count);
    /* Source-over in each separable mode (blend_mode_is_separable; NULL for all others) on any
     * backdrop; `table` as from blend_table_fill for that mode. */
    kernel_separable *separable[BLEND_MODE_COUNT];
    /* Writes R, G, B of each pixel: 3 * count bytes. */
    void (*pack_rgb)(uint8_t *restrict target, const uint32_t *restrict pixels, size_t count);
    /* Sets bit i of the mask when left[i] equals right[i]; bits from count on to the end of its
     * last word are zero. The rows may overlap. */
    void (*equal_mask)(uint64_t *restrict mask, const uint32_t *left, const uint32_t *right,
                       size_t count);
    /* How many pixels from the first on are equal, at most `most`. The rows may overlap. */
    size_t (*equal_run)(const uint32_t *left, const uint32_t *right, size_t most);
};

/*
 * The table called `name` ("auto" or NULL: the fastest that this machine runs). SGR_USAGE when it
 * is unknown or this machine cannot run it.
 */
enum sgr_status kernel_choose(const char *name, const struct kernel_table **out_table,
                              struct sgr_error *error) SGR_MUST_USE;

/* All tables that this machine runs, the fastest first, scalar last, ended by NULL. */
const struct kernel_table *const *kernel_list(void);

#endif
