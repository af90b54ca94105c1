/*
 * Which colours the items of a collection can show at all, told from its sprites before anything
 * is drawn. Grey on grey stays grey in normal mode and in every separable one; where all parts are
 * drawn in normal mode and no pixel is translucent, an item's pixel is a sprite's pixel or empty.
 */
#ifndef SGR_SHEET_COLORS_H
#define SGR_SHEET_COLORS_H

#include "image/color_table.h"
#include "sheet/sprite.h"

/* What is proven; false means only that it could not be. */
struct colors {
    bool grey;      /* every pixel has R = G = B, whatever its alpha */
    bool countable; /* every pixel is empty or one of `palette` */
    /* When countable: opaque colours, those of most items first, ties by value. */
    uint32_t palette[COLOR_TABLE_COLORS_MAX];
    size_t palette_count;
};

/*
 * Looks at the sprites of the parts that are in use: `uses[part]` says how many items have the
 * part, 0 leaves it out. Stops at the first sprite that leaves nothing to prove.
 */
enum sgr_status colors_survey(const struct sprite_set *set, const uint64_t *uses,
                              struct colors *out_colors, struct sgr_error *error) SGR_MUST_USE;

#endif
