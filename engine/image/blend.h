/*
 * The compositing rule, in scalar C: this file and blend.c are the specification, and every other
 * way to composite (SIMD, GPU) must give the same bytes. Source: W3C Compositing and Blending
 * Level 1, in integers with one rounding a stored value, to nearest, ties up:
 *
 *     K  = (255 - Ab)*Cs + Ab*B(Cb, Cs)        (in normal mode B is Cs, so K = 255*Cs)
 *     D  = 255*(As + Ab) - As*Ab
 *     Ao = round(D / 255)
 *     Co = round((As*K + (255 - As)*Ab*Cb) / D)
 *
 * A source pixel with As 0 leaves the backdrop alone; Ao 0 is stored as 0,0,0,0. No thread rule:
 * pure functions.
 */
#ifndef SGR_IMAGE_BLEND_H
#define SGR_IMAGE_BLEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every blend mode: enumerator, the name users write. */
#define BLEND_MODE_LIST(X)                                                                         \
    X(BLEND_NORMAL, "normal")                                                                      \
    X(BLEND_MULTIPLY, "multiply")                                                                  \
    X(BLEND_SCREEN, "screen")                                                                      \
    X(BLEND_OVERLAY, "overlay")                                                                    \
    X(BLEND_DARKEN, "darken")                                                                      \
    X(BLEND_LIGHTEN, "lighten")                                                                    \
    X(BLEND_COLOR_DODGE, "color-dodge")                                                            \
    X(BLEND_COLOR_BURN, "color-burn")                                                              \
    X(BLEND_HARD_LIGHT, "hard-light")                                                              \
    X(BLEND_SOFT_LIGHT, "soft-light")                                                              \
    X(BLEND_DIFFERENCE, "difference")                                                              \
    X(BLEND_EXCLUSION, "exclusion")

/* The numbers are stored in plan files: new modes are added at the end. */
enum blend_mode {
#define BLEND_ENUMERATOR(name, text) name,
    BLEND_MODE_LIST(BLEND_ENUMERATOR)
#undef BLEND_ENUMERATOR
        BLEND_MODE_COUNT
};

/* Bytes of a table for one separable mode: B(Cb, Cs) at [Cb * 256 + Cs]. */
enum { BLEND_TABLE_BYTES = 65536 };

/* The mode's name, never NULL. */
const char *blend_mode_name(enum blend_mode mode);

/* Reads a name; "source-over" is normal. False for an unknown or a not yet supported one. */
bool blend_mode_parse(const char *name, enum blend_mode *out_mode);

/* Every name that blend_mode_parse takes, ended by NULL, for "did you mean". */
const char *const *blend_mode_names(void);

/* Whether the mode blends each channel by a table; not so normal, which needs none. */
bool blend_mode_is_separable(enum blend_mode mode);

/* B(Cb, Cs) for one channel, 0..255, exactly rounded. */
uint8_t blend_channel(enum blend_mode mode, uint8_t backdrop, uint8_t source);

/* Fills the table of a mode. */
void blend_table_fill(enum blend_mode mode, uint8_t table[BLEND_TABLE_BYTES]);

/* round(alpha * opacity / 255), ties up; both 0..255. */
uint8_t blend_scale_alpha(uint8_t alpha, uint8_t opacity);

/* Source-over in normal mode of one pixel on another. */
uint32_t blend_over(uint32_t backdrop, uint32_t source);

/* Source-over in a separable mode, given its table. */
uint32_t blend_separable(uint32_t backdrop, uint32_t source, const uint8_t *table);

#endif
