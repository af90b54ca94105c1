/*
 * The compositing rule, in scalar C: this file and blend.c are the specification, and every other
 * way to composite (SIMD, GPU) must give the same bytes. Source: W3C Compositing and Blending
 * Level 1, in integers with one rounding a stored value, to nearest, ties up. All of it fits 32
 * bits but the making of soft-light's table. In the blend modes, source-over is
 *
 *     K  = (255 - Ab)*Cs + Ab*B(Cb, Cs)        (in normal mode B is Cs, so K = 255*Cs)
 *     D  = 255*(As + Ab) - As*Ab
 *     Ao = round(D / 255)
 *     Co = round((As*K + (255 - As)*Ab*Cb) / D)
 *
 * B of a separable mode is the text's formula for one channel, rounded. B of hue, saturation, color
 * and luminosity is the text's SetLum of the colour C, scaled by s/m about its own luminosity. With
 * Lum(C) = 30*R + 59*G + 11*B, Sat(C) = max - min, e = 100*C - Lum(C) for each channel, and
 *
 *     hue          C = Cs   s = Sat(Cb)   m = Sat(Cs)   L = Lum(Cb)
 *     saturation   C = Cb   s = Sat(Cs)   m = Sat(Cb)   L = Lum(Cb)
 *     color        C = Cs   s = m = 1                   L = Lum(Cb)
 *     luminosity   C = Cb   s = m = 1                   L = Lum(Cs)
 *
 * (with m 0, C is grey, and s = 0, m = 1), a channel is
 *
 *     round(L*(e - min e) / (100*(-min e)))                               if L*m + s*min e < 0
 *     round((25500*max e - (25500 - L)*(max e - e)) / (100*max e))        if > 25500*m for max e
 *     round((L*m + e*s) / (100*m))                                        otherwise
 *
 * which is the exact value: SetSat scales e by s/m, and ClipColor cancels that scale again.
 *
 * The other Porter-Duff operators have the weights S = As*Fa and U = Ab*Fb, with
 *
 *     source-in         Ab        0         destination-in     0          As
 *     source-out        255 - Ab  0         destination-out    0          255 - As
 *     source-atop       Ab        255 - As  destination-atop   255 - Ab   As
 *     destination-over  255 - Ab  255       xor                255 - Ab   255 - As
 *     copy              255       0
 *
 *     D = S + U,   Ao = round(D / 255),   Co = round((S*Cs + U*Cb) / D)
 *
 * and lighter adds: Ao = min(255, As + Ab), Co = round(min(65025, As*Cs + Ab*Cb) / Ao).
 *
 * A source pixel with As 0 leaves the backdrop alone, but in source-in, source-out, destination-in,
 * destination-atop and copy it empties it. Ao 0 is stored as 0,0,0,0. No thread rule: pure
 * functions.
 */
#ifndef SGR_IMAGE_BLEND_H
#define SGR_IMAGE_BLEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every blend mode and operator: enumerator, the name users write. */
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
    X(BLEND_EXCLUSION, "exclusion")                                                                \
    X(BLEND_HUE, "hue")                                                                            \
    X(BLEND_SATURATION, "saturation")                                                              \
    X(BLEND_COLOR, "color")                                                                        \
    X(BLEND_LUMINOSITY, "luminosity")                                                              \
    X(BLEND_SOURCE_IN, "source-in")                                                                \
    X(BLEND_SOURCE_OUT, "source-out")                                                              \
    X(BLEND_SOURCE_ATOP, "source-atop")                                                            \
    X(BLEND_DESTINATION_OVER, "destination-over")                                                  \
    X(BLEND_DESTINATION_IN, "destination-in")                                                      \
    X(BLEND_DESTINATION_OUT, "destination-out")                                                    \
    X(BLEND_DESTINATION_ATOP, "destination-atop")                                                  \
    X(BLEND_XOR, "xor")                                                                            \
    X(BLEND_LIGHTER, "lighter")                                                                    \
    X(BLEND_COPY, "copy")

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

/* Reads a name; "source-over" is normal. False for an unknown one. */
bool blend_mode_parse(const char *name, enum blend_mode *out_mode);

/* Every name that blend_mode_parse takes, ended by NULL, for "did you mean". */
const char *const *blend_mode_names(void);

/* Whether the mode blends each channel by a table; not so normal, which needs none. */
bool blend_mode_is_separable(enum blend_mode mode);

/* Whether empty source pixels empty the backdrop: then a part acts on the whole canvas. */
bool blend_mode_touches_empty(enum blend_mode mode);

/* Whether an opaque backdrop pixel stays opaque whatever the source. */
bool blend_mode_keeps_opaque(enum blend_mode mode);

/* Whether an opaque source pixel makes the result opaque whatever the backdrop. */
bool blend_mode_makes_opaque(enum blend_mode mode);

/* Whether an opaque source pixel hides what is below: normal and copy. */
bool blend_mode_hides(enum blend_mode mode);

/* B(Cb, Cs) for one channel in normal or a separable mode, 0..255, exactly rounded. */
uint8_t blend_channel(enum blend_mode mode, uint8_t backdrop, uint8_t source);

/* Fills the table of normal or a separable mode. */
void blend_table_fill(enum blend_mode mode, uint8_t table[BLEND_TABLE_BYTES]);

/* round(alpha * opacity / 255), ties up; both 0..255. */
uint8_t blend_scale_alpha(uint8_t alpha, uint8_t opacity);

/* Source-over in normal mode of one pixel on another. */
uint32_t blend_over(uint32_t backdrop, uint32_t source);

/* Source-over in a separable mode, given its table. */
uint32_t blend_separable(uint32_t backdrop, uint32_t source, const uint8_t *table);

/* A pixel on another in any mode; in separable ones slower than with a table. */
uint32_t blend_pixel(enum blend_mode mode, uint32_t backdrop, uint32_t source);

/* blend_pixel for each of `count` pixels. The rows do not overlap. */
void blend_row(enum blend_mode mode, uint32_t *restrict backdrop, const uint32_t *restrict source,
               size_t count);

#endif
