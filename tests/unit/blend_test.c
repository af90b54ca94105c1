/*
 * Holds the blend specification to the W3C text: every table against the formulas on real numbers,
 * written anew from the text, and against values computed by hand; source-over against the
 * Porter-Duff form; the shortcut for opaque backdrops against the general formula in full.
 */
#include "image/blend.h"
#include "image/image.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fractions that are no tie are at least 3e-8 away from one, so this much is taken for a tie. */
#define TIE 1e-9L

static uint8_t rounded(long double unit)
{
    return (uint8_t)floorl(255 * unit + 0.5L + TIE);
}

static long double hard_light(long double cb, long double cs)
{
    if (cs <= 0.5L)
        return cb * 2 * cs;
    return cb + (2 * cs - 1) - cb * (2 * cs - 1);
}

static long double soft_light(long double cb, long double cs)
{
    if (cs <= 0.5L)
        return cb - (1 - 2 * cs) * cb * (1 - cb);
    long double d = cb <= 0.25L ? ((16 * cb - 12) * cb + 4) * cb : sqrtl(cb);
    return cb + (2 * cs - 1) * (d - cb);
}

static long double dodge(long double cb, long double cs)
{
    if (cb <= 0)
        return 0;
    return cs >= 1 ? 1 : fminl(1, cb / (1 - cs));
}

static long double burn(long double cb, long double cs)
{
    if (cb >= 1)
        return 1;
    return cs <= 0 ? 0 : 1 - fminl(1, (1 - cb) / cs);
}

static long double blended(enum blend_mode mode, long double cb, long double cs)
{
    switch (mode) {
    case BLEND_MULTIPLY:
        return cb * cs;
    case BLEND_SCREEN:
        return cb + cs - cb * cs;
    case BLEND_OVERLAY:
        return hard_light(cs, cb);
    case BLEND_DARKEN:
        return fminl(cb, cs);
    case BLEND_LIGHTEN:
        return fmaxl(cb, cs);
    case BLEND_COLOR_DODGE:
        return dodge(cb, cs);
    case BLEND_COLOR_BURN:
        return burn(cb, cs);
    case BLEND_HARD_LIGHT:
        return hard_light(cb, cs);
    case BLEND_SOFT_LIGHT:
        return soft_light(cb, cs);
    case BLEND_DIFFERENCE:
        return fabsl(cb - cs);
    case BLEND_EXCLUSION:
        return cb + cs - 2 * cb * cs;
    default:
        return cs;
    }
}

static void tables_equal_the_formulas_on_real_numbers(void **state)
{
    (void)state;
    static uint8_t table[BLEND_TABLE_BYTES];
    for (int mode = 0; mode <= BLEND_EXCLUSION; mode++) {
        blend_table_fill((enum blend_mode)mode, table);
        for (unsigned index = 0; index < BLEND_TABLE_BYTES; index++) {
            unsigned cb = index / 256;
            unsigned cs = index % 256;
            uint8_t want = rounded(blended((enum blend_mode)mode, cb / 255.0L, cs / 255.0L));
            if (table[index] != want)
                fail_msg("%s(%u, %u) is %u, not %u", blend_mode_name((enum blend_mode)mode), cb, cs,
                         table[index], want);
            assert_int_equal(table[index],
                             blend_channel((enum blend_mode)mode, (uint8_t)cb, (uint8_t)cs));
        }
    }
}

static void tables_hold_values_computed_by_hand(void **state)
{
    (void)state;
    static const struct {
        enum blend_mode mode;
        uint8_t cb;
        uint8_t cs;
        uint8_t want;
    } spots[] = {
        {BLEND_NORMAL, 12, 200, 200},      {BLEND_MULTIPLY, 128, 128, 64},
        {BLEND_MULTIPLY, 255, 77, 77},     {BLEND_SCREEN, 128, 128, 192},
        {BLEND_SCREEN, 0, 77, 77},         {BLEND_OVERLAY, 100, 200, 157},
        {BLEND_OVERLAY, 200, 100, 188},    {BLEND_HARD_LIGHT, 100, 200, 188},
        {BLEND_HARD_LIGHT, 200, 100, 157}, {BLEND_DARKEN, 3, 4, 3},
        {BLEND_LIGHTEN, 3, 4, 4},          {BLEND_DIFFERENCE, 10, 250, 240},
        {BLEND_DIFFERENCE, 250, 10, 240},  {BLEND_EXCLUSION, 128, 128, 127},
        {BLEND_EXCLUSION, 255, 255, 0},    {BLEND_COLOR_DODGE, 0, 255, 0},
        {BLEND_COLOR_DODGE, 1, 255, 255},  {BLEND_COLOR_DODGE, 1, 254, 255},
        {BLEND_COLOR_DODGE, 10, 155, 26},  {BLEND_COLOR_BURN, 255, 0, 255},
        {BLEND_COLOR_BURN, 254, 0, 0},     {BLEND_COLOR_BURN, 254, 1, 0},
        {BLEND_COLOR_BURN, 165, 100, 26},  {BLEND_SOFT_LIGHT, 64, 255, 128},
        {BLEND_SOFT_LIGHT, 255, 255, 255}, {BLEND_SOFT_LIGHT, 0, 255, 0},
        {BLEND_SOFT_LIGHT, 128, 0, 64},    {BLEND_SOFT_LIGHT, 1, 255, 4},
    };
    for (size_t index = 0; index < sizeof spots / sizeof spots[0]; index++)
        assert_int_equal(blend_channel(spots[index].mode, spots[index].cb, spots[index].cs),
                         spots[index].want);
}

static void names_are_read_back(void **state)
{
    (void)state;
    enum blend_mode mode;
    int count = 0;
    for (const char *const *name = blend_mode_names(); *name; name++) {
        assert_true(blend_mode_parse(*name, &mode));
        if (strcmp(*name, "source-over") == 0)
            assert_int_equal(mode, BLEND_NORMAL);
        else
            assert_string_equal(blend_mode_name(mode), *name);
        count++;
    }
    assert_int_equal(count, BLEND_MODE_COUNT + 1);
    assert_int_equal(count, 16 + 10 + 1);
    assert_false(blend_mode_parse("clear", &mode));
    assert_false(blend_mode_parse("Multiply", &mode));
    assert_false(blend_mode_parse("", &mode));
    assert_non_null(blend_mode_name(BLEND_MODE_COUNT));
}

static void alpha_is_scaled_to_nearest(void **state)
{
    (void)state;
    for (unsigned alpha = 0; alpha < 256; alpha++) {
        for (unsigned opacity = 0; opacity < 256; opacity++) {
            unsigned want = (2 * alpha * opacity + 255) / 510;
            assert_int_equal(blend_scale_alpha((uint8_t)alpha, (uint8_t)opacity), want);
        }
    }
}

static uint32_t pixel_of(unsigned red, unsigned green, unsigned blue, unsigned alpha)
{
    return red | green << 8 | blue << 16 | (uint32_t)alpha << 24;
}

/* The text's own form: blend, then co = as*Cs' + (1 - as)*ab*Cb, un-premultiplied. */
static uint8_t composited(const uint8_t *table, uint32_t backdrop, uint32_t source, int shift)
{
    long double cb = (backdrop >> shift & 255) / 255.0L;
    long double cs = (source >> shift & 255) / 255.0L;
    long double ab = image_alpha(backdrop) / 255.0L;
    long double as = image_alpha(source) / 255.0L;
    long double b = table[(backdrop >> shift & 255) * 256 + (source >> shift & 255)] / 255.0L;
    long double premultiplied = as * ((1 - ab) * cs + ab * b) + (1 - as) * ab * cb;
    return rounded(premultiplied / (as + ab * (1 - as)));
}

static void check_pixel(const uint8_t *table, uint32_t backdrop, uint32_t source)
{
    uint32_t result = blend_separable(backdrop, source, table);
    long double ab = image_alpha(backdrop) / 255.0L;
    long double as = image_alpha(source) / 255.0L;
    uint32_t want = (uint32_t)rounded(as + ab * (1 - as)) << 24;
    for (int shift = 0; shift < 24; shift += 8)
        want |= (uint32_t)composited(table, backdrop, source, shift) << shift;
    if (result != want)
        fail_msg("%08x on %08x gives %08x, not %08x", (unsigned)source, (unsigned)backdrop,
                 (unsigned)result, (unsigned)want);
}

static void compositing_equals_the_formula_on_real_numbers(void **state)
{
    (void)state;
    static uint8_t table[BLEND_TABLE_BYTES];
    static uint8_t normal[BLEND_TABLE_BYTES];
    blend_table_fill(BLEND_SOFT_LIGHT, table);
    blend_table_fill(BLEND_NORMAL, normal);
    uint32_t mixer = 1;
    for (unsigned alphas = 256; alphas < 65536; alphas++) {
        for (int round = 0; round < 4; round++) {
            mixer = mixer * 1664525 + 1013904223;
            uint32_t backdrop = (mixer >> 8) | (alphas & 255) << 24;
            mixer = mixer * 1664525 + 1013904223;
            uint32_t source = (mixer >> 8) | (alphas >> 8) << 24;
            check_pixel(table, backdrop, source);
            check_pixel(normal, backdrop, source);
            assert_int_equal(blend_over(backdrop, source),
                             blend_separable(backdrop, source, normal));
        }
    }
}

static void empty_and_opaque_pixels_are_special(void **state)
{
    (void)state;
    static uint8_t table[BLEND_TABLE_BYTES];
    blend_table_fill(BLEND_MULTIPLY, table);
    for (unsigned alpha = 0; alpha < 256; alpha++) {
        uint32_t other = pixel_of(200, 100, 50, alpha);
        uint32_t empty = pixel_of(9, 8, 7, 0);
        uint32_t opaque = pixel_of(1, 2, 3, 255);
        assert_int_equal(blend_over(other, empty), other);
        assert_int_equal(blend_separable(other, empty, table), other);
        assert_int_equal(blend_over(other, opaque), opaque);
        assert_int_equal(blend_over(empty, other), alpha ? other : empty);
        assert_int_equal(blend_separable(empty, other, table), alpha ? other : empty);
    }
    assert_int_equal(blend_over(0, 0), 0);
}

/* Three colours a call: each of the 256^3 combinations of Cb, As, Cs is met. */
static void opaque_shortcut_equals_the_general_formula(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 65536; pair++) {
        unsigned cb = pair >> 8;
        unsigned as = pair & 255;
        for (unsigned cs = 0; cs < 256; cs += 3) {
            uint32_t result = blend_over(pixel_of(cb, cb, cb, 255),
                                         pixel_of(cs, (cs + 1) & 255, (cs + 2) & 255, as));
            uint32_t want = UINT32_C(255) << 24;
            for (unsigned step = 0; step < 3; step++) {
                unsigned sum = as * ((cs + step) & 255) + (255 - as) * cb;
                want |= (sum + 128 + ((sum + 128) >> 8)) >> 8 << (8 * step);
            }
            if (result != want)
                fail_msg("Cb %u As %u Cs %u: %08x, not %08x", cb, as, cs, (unsigned)result,
                         (unsigned)want);
        }
    }
}

/* A pixel in real numbers, colours first; what the text computes with. */
struct unit {
    long double c[3];
    long double a;
};

static struct unit unit_of(uint32_t pixel)
{
    return (struct unit){
        {(pixel & 255) / 255.0L, (pixel >> 8 & 255) / 255.0L, (pixel >> 16 & 255) / 255.0L},
        image_alpha(pixel) / 255.0L};
}

static long double lum(const long double c[3])
{
    return 0.3L * c[0] + 0.59L * c[1] + 0.11L * c[2];
}

static long double least(const long double c[3])
{
    return fminl(c[0], fminl(c[1], c[2]));
}

static long double most(const long double c[3])
{
    return fmaxl(c[0], fmaxl(c[1], c[2]));
}

/* SetLum and ClipColor of the text. */
static void set_lum(long double c[3], long double luminosity)
{
    long double d = luminosity - lum(c);
    for (int k = 0; k < 3; k++)
        c[k] += d;
    long double l = lum(c);
    long double n = least(c);
    long double x = most(c);
    for (int k = 0; k < 3 && n < 0; k++)
        c[k] = l + (c[k] - l) * l / (l - n);
    for (int k = 0; k < 3 && x > 1; k++)
        c[k] = l + (c[k] - l) * (1 - l) / (x - l);
}

/* SetSat of the text, which sorts the channels: each keeps its place between min and max. */
static void set_sat(long double c[3], long double saturation)
{
    long double n = least(c);
    long double x = most(c);
    for (int k = 0; k < 3; k++)
        c[k] = x > n ? (c[k] - n) * saturation / (x - n) : 0;
}

/* B of the non-separable modes, rounded. */
static void blend_units(enum blend_mode mode, const struct unit *under, const struct unit *over,
                        uint8_t out[3])
{
    bool shows_source = mode == BLEND_HUE || mode == BLEND_COLOR;
    struct unit shown = shows_source ? *over : *under;
    const struct unit *other = shows_source ? under : over;
    if (mode == BLEND_HUE || mode == BLEND_SATURATION)
        set_sat(shown.c, most(other->c) - least(other->c));
    set_lum(shown.c, lum(mode == BLEND_LUMINOSITY ? over->c : under->c));
    for (int k = 0; k < 3; k++)
        out[k] = rounded(shown.c[k]);
}

static uint32_t next_pixel(uint32_t *mixer)
{
    uint32_t pixel = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        *mixer = *mixer * 1664525 + 1013904223;
        static const uint8_t edges[] = {0, 255, 1, 254, 128, 127, 0, 255};
        uint32_t value = *mixer >> 24;
        pixel |= (*mixer >> 20 & 7 ? value : edges[value & 7]) << shift;
    }
    return pixel;
}

static void check_want(enum blend_mode mode, uint32_t backdrop, uint32_t source, uint32_t want)
{
    uint32_t result = blend_pixel(mode, backdrop, source);
    if (result != want)
        fail_msg("%s: %08x on %08x gives %08x, not %08x", blend_mode_name(mode), (unsigned)source,
                 (unsigned)backdrop, (unsigned)result, (unsigned)want);
}

static void check_non_separable(enum blend_mode mode, uint32_t backdrop, uint32_t source)
{
    struct unit under = unit_of(backdrop);
    struct unit over = unit_of(source);
    uint8_t b[3];
    blend_units(mode, &under, &over, b);
    long double ao = over.a + under.a * (1 - over.a);
    uint32_t want = (uint32_t)rounded(ao) << 24;
    for (int k = 0; k < 3; k++) {
        long double mixed = (1 - under.a) * over.c[k] + under.a * b[k] / 255.0L;
        want |= (uint32_t)rounded((over.a * mixed + (1 - over.a) * under.a * under.c[k]) / ao)
                << (8 * k);
    }
    check_want(mode, backdrop, source, image_alpha(source) ? want : backdrop);
}

static void non_separable_modes_equal_the_text_on_real_numbers(void **state)
{
    (void)state;
    uint32_t mixer = 7;
    for (int round = 0; round < 200000; round++) {
        enum blend_mode mode = (enum blend_mode)(BLEND_HUE + round % 4);
        uint32_t backdrop = next_pixel(&mixer);
        uint32_t source = next_pixel(&mixer);
        check_non_separable(mode, backdrop, source);
        check_non_separable(mode, backdrop | 0xff000000, source | 0xff000000);
        /* Greys, which have no saturation to scale. */
        check_non_separable(mode, (backdrop & 255) * 0x010101 | 0xff000000, source);
        check_non_separable(mode, backdrop, (source & 255) * 0x010101 | 0xff000000);
    }
}

/* Fa and Fb of the text. */
static void fractions(enum blend_mode mode, long double as, long double ab, long double f[2])
{
    const struct {
        enum blend_mode mode;
        long double fa;
        long double fb;
    } rows[] = {
        {BLEND_COPY, 1, 0},
        {BLEND_SOURCE_IN, ab, 0},
        {BLEND_SOURCE_OUT, 1 - ab, 0},
        {BLEND_SOURCE_ATOP, ab, 1 - as},
        {BLEND_DESTINATION_OVER, 1 - ab, 1},
        {BLEND_DESTINATION_IN, 0, as},
        {BLEND_DESTINATION_OUT, 0, 1 - as},
        {BLEND_DESTINATION_ATOP, 1 - ab, as},
        {BLEND_XOR, 1 - ab, 1 - as},
        {BLEND_LIGHTER, 1, 1},
    };
    size_t row = 0;
    while (rows[row].mode != mode)
        row++;
    f[0] = rows[row].fa;
    f[1] = rows[row].fb;
}

static void check_operator(enum blend_mode mode, uint32_t backdrop, uint32_t source)
{
    struct unit under = unit_of(backdrop);
    struct unit over = unit_of(source);
    long double f[2];
    fractions(mode, over.a, under.a, f);
    long double ao = fminl(1, over.a * f[0] + under.a * f[1]);
    uint32_t want = (uint32_t)rounded(ao) << 24;
    for (int k = 0; k < 3 && want; k++) {
        long double co = over.a * f[0] * over.c[k] + under.a * f[1] * under.c[k];
        want |= (uint32_t)rounded(fminl(1, co) / ao) << (8 * k);
    }
    check_want(mode, backdrop, source, want);
}

static void operators_equal_the_text_on_real_numbers(void **state)
{
    (void)state;
    uint32_t mixer = 9;
    for (int mode = BLEND_SOURCE_IN; mode <= BLEND_COPY; mode++) {
        for (uint32_t alphas = 0; alphas < 65536; alphas++) {
            uint32_t backdrop = (next_pixel(&mixer) & 0xffffff) | alphas << 24;
            uint32_t source = (next_pixel(&mixer) & 0xffffff) | (alphas & 0xff00) << 16;
            backdrop = alphas & 255 ? backdrop : 0;
            check_operator((enum blend_mode)mode, backdrop, source);
        }
    }
}

/* All alphas with some colours: what the names of the properties promise, and no more. */
static void properties_are_those_of_the_pixels(void **state)
{
    (void)state;
    for (int number = 0; number < BLEND_MODE_COUNT; number++) {
        enum blend_mode mode = (enum blend_mode)number;
        bool touches = false;
        bool keeps = true;
        bool makes = true;
        bool hides = true;
        uint32_t mixer = 3;
        for (uint32_t alpha = 1; alpha < 256; alpha++) {
            uint32_t any = (next_pixel(&mixer) & 0xffffff) | alpha << 24;
            uint32_t other = (next_pixel(&mixer) & 0xffffff) | 0xff000000;
            touches |= blend_pixel(mode, any, next_pixel(&mixer) & 0xffffff) != any;
            keeps &= image_alpha(blend_pixel(mode, other, any)) == 255;
            keeps &= image_alpha(blend_pixel(mode, other, 0)) == 255;
            makes &= image_alpha(blend_pixel(mode, any, other)) == 255;
            makes &= image_alpha(blend_pixel(mode, 0, other)) == 255;
            hides &= blend_pixel(mode, any, other) == other;
        }
        assert_int_equal(blend_mode_touches_empty(mode), touches);
        assert_int_equal(blend_mode_keeps_opaque(mode), keeps);
        assert_int_equal(blend_mode_makes_opaque(mode), makes);
        assert_int_equal(blend_mode_hides(mode), hides);
    }
}

static void rows_and_pixels_and_tables_agree(void **state)
{
    (void)state;
    enum { PIXELS = 500 };
    static uint8_t table[BLEND_TABLE_BYTES];
    uint32_t source[PIXELS];
    uint32_t backdrop[PIXELS];
    uint32_t mixed[PIXELS];
    uint32_t mixer = 5;
    for (int number = 0; number < BLEND_MODE_COUNT; number++) {
        enum blend_mode mode = (enum blend_mode)number;
        for (int index = 0; index < PIXELS; index++) {
            source[index] = next_pixel(&mixer);
            backdrop[index] = mixed[index] = next_pixel(&mixer);
        }
        blend_row(mode, mixed, source, PIXELS);
        if (mode <= BLEND_EXCLUSION)
            blend_table_fill(mode, table);
        for (int index = 0; index < PIXELS; index++) {
            check_want(mode, backdrop[index], source[index], mixed[index]);
            if (mode <= BLEND_EXCLUSION)
                assert_int_equal(mixed[index],
                                 blend_separable(backdrop[index], source[index], table));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_equal_the_formulas_on_real_numbers),
        cmocka_unit_test(tables_hold_values_computed_by_hand),
        cmocka_unit_test(names_are_read_back),
        cmocka_unit_test(alpha_is_scaled_to_nearest),
        cmocka_unit_test(compositing_equals_the_formula_on_real_numbers),
        cmocka_unit_test(empty_and_opaque_pixels_are_special),
        cmocka_unit_test(opaque_shortcut_equals_the_general_formula),
        cmocka_unit_test(non_separable_modes_equal_the_text_on_real_numbers),
        cmocka_unit_test(operators_equal_the_text_on_real_numbers),
        cmocka_unit_test(properties_are_those_of_the_pixels),
        cmocka_unit_test(rows_and_pixels_and_tables_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
