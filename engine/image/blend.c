/*
 * The specification of compositing. Every blend formula is written as one fraction, or as a
 * comparison of whole numbers where a root appears, so that each result is rounded once and no
 * floating point takes part.
 */
#include "image/blend.h"

#include "base/error.h"
#include "image/image.h"

#include <string.h>

/* Another word for normal: what canvas programs call the operator. */
#define NORMAL_SYNONYM "source-over"

const char *blend_mode_name(enum blend_mode mode)
{
    static const char *const names[] = {
#define NAME(mode, text) text,
        BLEND_MODE_LIST(NAME)
#undef NAME
    };
    size_t index = (size_t)mode;
    return index < BLEND_MODE_COUNT ? names[index] : "unknown";
}

const char *const *blend_mode_names(void)
{
    static const char *const names[] = {
#define NAME(mode, text) text,
        BLEND_MODE_LIST(NAME)
#undef NAME
            NORMAL_SYNONYM,
        NULL};
    return names;
}

bool blend_mode_parse(const char *name, enum blend_mode *out_mode)
{
    if (strcmp(name, NORMAL_SYNONYM) == 0) {
        *out_mode = BLEND_NORMAL;
        return true;
    }
    for (int mode = 0; mode < BLEND_MODE_COUNT; mode++) {
        if (strcmp(name, blend_mode_name((enum blend_mode)mode)) == 0) {
            *out_mode = (enum blend_mode)mode;
            return true;
        }
    }
    return false;
}

bool blend_mode_is_separable(enum blend_mode mode)
{
    return mode >= BLEND_MULTIPLY && mode <= BLEND_EXCLUSION;
}

bool blend_mode_touches_empty(enum blend_mode mode)
{
    return mode == BLEND_SOURCE_IN || mode == BLEND_SOURCE_OUT || mode == BLEND_DESTINATION_IN ||
           mode == BLEND_DESTINATION_ATOP || mode == BLEND_COPY;
}

bool blend_mode_keeps_opaque(enum blend_mode mode)
{
    return mode <= BLEND_LUMINOSITY || mode == BLEND_SOURCE_ATOP ||
           mode == BLEND_DESTINATION_OVER || mode == BLEND_LIGHTER;
}

bool blend_mode_makes_opaque(enum blend_mode mode)
{
    return mode <= BLEND_LUMINOSITY || mode == BLEND_DESTINATION_OVER ||
           mode == BLEND_DESTINATION_ATOP || mode == BLEND_LIGHTER || mode == BLEND_COPY;
}

bool blend_mode_hides(enum blend_mode mode)
{
    return mode == BLEND_NORMAL || mode == BLEND_COPY;
}

/* To nearest, ties up. Needs 2 * numerator + denominator below 2^32. */
static uint32_t divide_rounded(uint32_t numerator, uint32_t denominator)
{
    return (2 * numerator + denominator) / (2 * denominator);
}

static uint32_t normal(uint32_t backdrop, uint32_t source)
{
    (void)backdrop;
    return source;
}

static uint32_t multiply(uint32_t backdrop, uint32_t source)
{
    return divide_rounded(backdrop * source, 255);
}

static uint32_t screen(uint32_t backdrop, uint32_t source)
{
    return divide_rounded(255 * (backdrop + source) - backdrop * source, 255);
}

static uint32_t hard_light(uint32_t backdrop, uint32_t source)
{
    if (2 * source <= 255)
        return multiply(backdrop, 2 * source);
    return screen(backdrop, 2 * source - 255);
}

static uint32_t overlay(uint32_t backdrop, uint32_t source)
{
    return hard_light(source, backdrop);
}

static uint32_t darken(uint32_t backdrop, uint32_t source)
{
    return backdrop < source ? backdrop : source;
}

static uint32_t lighten(uint32_t backdrop, uint32_t source)
{
    return backdrop > source ? backdrop : source;
}

static uint32_t color_dodge(uint32_t backdrop, uint32_t source)
{
    if (backdrop == 0)
        return 0;
    if (backdrop >= 255 - source)
        return 255;
    return divide_rounded(255 * backdrop, 255 - source);
}

/* 1 - min(1, (1 - Cb) / Cs) as one fraction: rounding the quotient first would turn ties down. */
static uint32_t color_burn(uint32_t backdrop, uint32_t source)
{
    if (backdrop == 255)
        return 255;
    if (source <= 255 - backdrop)
        return 0;
    return divide_rounded(255 * (source + backdrop - 255), source);
}

/*
 * The branch with D = sqrt(Cb). With m = 2*Cs - 255 the value is
 * Cb + (m/255) * (sqrt(255*Cb) - Cb), never below Cb. It rounds to at least k when
 * k - 1/2 is not above it, that is when
 * 255*(2k - 1) - 2*(255 - m)*Cb <= 2*m*sqrt(255*Cb); both sides are compared as squares.
 */
static uint32_t soft_light_root(uint32_t backdrop, uint32_t source)
{
    int64_t slope = 2 * (int64_t)source - 255;
    int64_t right_squared = 4 * slope * slope * 255 * backdrop;
    uint32_t value = backdrop;
    while (value < 255) {
        int64_t left = 255 * (2 * (int64_t)value + 1) - 2 * (255 - slope) * backdrop;
        if (left > 0 && left * left > right_squared)
            break;
        value++;
    }
    return value;
}

static uint32_t soft_light(uint32_t backdrop, uint32_t source)
{
    if (2 * source <= 255) {
        uint32_t darkening = (255 - 2 * source) * backdrop * (255 - backdrop);
        return divide_rounded(65025 * backdrop - darkening, 65025);
    }
    if (4 * backdrop > 255)
        return soft_light_root(backdrop, source);
    /* Over 255^3; the polynomial is D - Cb with D = ((16*Cb - 12)*Cb + 4)*Cb. */
    uint64_t cube = 16581375;
    uint64_t polynomial = backdrop * (16 * backdrop * backdrop + 3 * 65025 - 3060 * backdrop);
    uint64_t numerator = cube * backdrop + (2 * source - 255) * polynomial;
    return (uint32_t)((2 * numerator + cube) / (2 * cube));
}

static uint32_t difference(uint32_t backdrop, uint32_t source)
{
    return backdrop > source ? backdrop - source : source - backdrop;
}

static uint32_t exclusion(uint32_t backdrop, uint32_t source)
{
    return divide_rounded(255 * (backdrop + source) - 2 * backdrop * source, 255);
}

uint8_t blend_channel(enum blend_mode mode, uint8_t backdrop, uint8_t source)
{
    static uint32_t (*const formulas[])(uint32_t, uint32_t) = {
        [BLEND_NORMAL] = normal,           [BLEND_MULTIPLY] = multiply,
        [BLEND_SCREEN] = screen,           [BLEND_OVERLAY] = overlay,
        [BLEND_DARKEN] = darken,           [BLEND_LIGHTEN] = lighten,
        [BLEND_COLOR_DODGE] = color_dodge, [BLEND_COLOR_BURN] = color_burn,
        [BLEND_HARD_LIGHT] = hard_light,   [BLEND_SOFT_LIGHT] = soft_light,
        [BLEND_DIFFERENCE] = difference,   [BLEND_EXCLUSION] = exclusion,
    };
    ERROR_ASSERT((size_t)mode < sizeof formulas / sizeof formulas[0]);
    return (uint8_t)formulas[mode](backdrop, source);
}

void blend_table_fill(enum blend_mode mode, uint8_t table[BLEND_TABLE_BYTES])
{
    for (unsigned index = 0; index < BLEND_TABLE_BYTES; index++)
        table[index] = blend_channel(mode, (uint8_t)(index >> 8), (uint8_t)(index & 255));
}

/* The shift form of x / 255 is exact to nearest for x up to 65025; ties cannot occur. */
uint8_t blend_scale_alpha(uint8_t alpha, uint8_t opacity)
{
    uint32_t biased = (uint32_t)alpha * opacity + 128;
    return (uint8_t)((biased + (biased >> 8)) >> 8);
}

/* How much each pixel counts: D of the header is 255 * source + under. */
struct mix {
    uint32_t source;
    uint32_t under;
    uint32_t divisor;
};

static struct mix mix_of(uint32_t source_alpha, uint32_t backdrop_alpha)
{
    uint32_t under = (255 - source_alpha) * backdrop_alpha;
    return (struct mix){source_alpha, under, 255 * source_alpha + under};
}

/* Co for one channel. The sum is at most 255 * D, so twice it and D stay below 2^26. */
static uint32_t mix_channel(const struct mix *mix, uint32_t blended, uint32_t backdrop)
{
    return divide_rounded(mix->source * blended + mix->under * backdrop, mix->divisor);
}

uint32_t blend_over(uint32_t backdrop, uint32_t source)
{
    uint32_t source_alpha = image_alpha(source);
    if (source_alpha == 0)
        return backdrop;
    struct mix mix = mix_of(source_alpha, image_alpha(backdrop));
    uint32_t result = divide_rounded(mix.divisor, 255) << 24;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t blended = 255 * (source >> shift & 255);
        result |= mix_channel(&mix, blended, backdrop >> shift & 255) << shift;
    }
    return result;
}

/* Source-over of the channel at `shift`, in its place, given its B. */
static uint32_t mix_blended(const struct mix *mix, uint32_t backdrop, uint32_t source, int shift,
                            uint32_t blended)
{
    uint32_t backdrop_alpha = image_alpha(backdrop);
    uint32_t alone = (255 - backdrop_alpha) * (source >> shift & 255);
    return mix_channel(mix, alone + backdrop_alpha * blended, backdrop >> shift & 255) << shift;
}

uint32_t blend_separable(uint32_t backdrop, uint32_t source, const uint8_t *table)
{
    if (image_alpha(source) == 0)
        return backdrop;
    struct mix mix = mix_of(image_alpha(source), image_alpha(backdrop));
    uint32_t result = divide_rounded(mix.divisor, 255) << 24;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t blended = table[(backdrop >> shift & 255) * 256 + (source >> shift & 255)];
        result |= mix_blended(&mix, backdrop, source, shift, blended);
    }
    return result;
}

static uint32_t blend_by_formula(enum blend_mode mode, uint32_t backdrop, uint32_t source)
{
    if (image_alpha(source) == 0)
        return backdrop;
    struct mix mix = mix_of(image_alpha(source), image_alpha(backdrop));
    uint32_t result = divide_rounded(mix.divisor, 255) << 24;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t blended = blend_channel(mode, (uint8_t)(backdrop >> shift & 255),
                                         (uint8_t)(source >> shift & 255));
        result |= mix_blended(&mix, backdrop, source, shift, blended);
    }
    return result;
}

/* A pixel's colours, with what the non-separable modes ask about them. */
struct color {
    int32_t channels[3];
    int32_t luminosity; /* in hundredths */
    int32_t saturation;
};

static struct color color_of(uint32_t pixel)
{
    struct color color = {
        {(int32_t)(pixel & 255), (int32_t)(pixel >> 8 & 255), (int32_t)(pixel >> 16 & 255)}, 0, 0};
    const int32_t *c = color.channels;
    int32_t least = c[0] < c[1] ? c[0] : c[1];
    int32_t most = c[0] > c[1] ? c[0] : c[1];
    color.luminosity = 30 * c[0] + 59 * c[1] + 11 * c[2];
    color.saturation = (most > c[2] ? most : c[2]) - (least < c[2] ? least : c[2]);
    return color;
}

/* A fraction whose denominator is not 0. */
struct ratio {
    int32_t numerator;
    int32_t denominator;
};

/* The colour with another luminosity and its saturation scaled; the header has the formulas. */
static void set_luminosity(const struct color *color, int32_t luminosity, struct ratio scale,
                           uint32_t blended[3])
{
    int32_t offsets[3];
    int32_t least = 0;
    int32_t most = 0;
    for (int channel = 0; channel < 3; channel++) {
        offsets[channel] = 100 * color->channels[channel] - color->luminosity;
        least = offsets[channel] < least ? offsets[channel] : least;
        most = offsets[channel] > most ? offsets[channel] : most;
    }
    int32_t full = 25500;
    int32_t middle = luminosity * scale.denominator;
    for (int channel = 0; channel < 3; channel++) {
        int32_t numerator = middle + offsets[channel] * scale.numerator;
        int32_t denominator = 100 * scale.denominator;
        if (middle + least * scale.numerator < 0) {
            numerator = luminosity * (offsets[channel] - least);
            denominator = -100 * least;
        } else if (middle + most * scale.numerator > full * scale.denominator) {
            numerator = full * most - (full - luminosity) * (most - offsets[channel]);
            denominator = 100 * most;
        }
        blended[channel] = divide_rounded((uint32_t)numerator, (uint32_t)denominator);
    }
}

static uint32_t blend_by_luminosity(enum blend_mode mode, uint32_t backdrop, uint32_t source)
{
    if (image_alpha(source) == 0)
        return backdrop;
    struct color under = color_of(backdrop);
    struct color over = color_of(source);
    bool shows_source = mode == BLEND_HUE || mode == BLEND_COLOR;
    const struct color *shown = shows_source ? &over : &under;
    struct ratio scale = {1, 1};
    if (mode == BLEND_HUE || mode == BLEND_SATURATION) {
        scale.numerator = shows_source ? under.saturation : over.saturation;
        scale.denominator = shown->saturation;
    }
    if (scale.denominator == 0)
        scale = (struct ratio){0, 1};
    uint32_t blended[3];
    set_luminosity(shown, mode == BLEND_LUMINOSITY ? over.luminosity : under.luminosity, scale,
                   blended);
    struct mix mix = mix_of(image_alpha(source), image_alpha(backdrop));
    uint32_t result = divide_rounded(mix.divisor, 255) << 24;
    for (int channel = 0; channel < 3; channel++)
        result |= mix_blended(&mix, backdrop, source, 8 * channel, blended[channel]);
    return result;
}

/* How much of a pixel an operator takes, by the alpha of the other pixel. */
enum share { SHARE_NONE, SHARE_ALL, SHARE_INSIDE, SHARE_OUTSIDE };

static uint32_t share_of(enum share share, uint32_t other_alpha)
{
    const uint32_t shares[] = {0, 255, other_alpha, 255 - other_alpha};
    return shares[share];
}

static uint32_t blend_by_operator(enum blend_mode mode, uint32_t backdrop, uint32_t source)
{
    static const struct {
        enum share source;
        enum share backdrop;
    } operators[] = {
        [BLEND_SOURCE_IN] = {SHARE_INSIDE, SHARE_NONE},
        [BLEND_SOURCE_OUT] = {SHARE_OUTSIDE, SHARE_NONE},
        [BLEND_SOURCE_ATOP] = {SHARE_INSIDE, SHARE_OUTSIDE},
        [BLEND_DESTINATION_OVER] = {SHARE_OUTSIDE, SHARE_ALL},
        [BLEND_DESTINATION_IN] = {SHARE_NONE, SHARE_INSIDE},
        [BLEND_DESTINATION_OUT] = {SHARE_NONE, SHARE_OUTSIDE},
        [BLEND_DESTINATION_ATOP] = {SHARE_OUTSIDE, SHARE_INSIDE},
        [BLEND_XOR] = {SHARE_OUTSIDE, SHARE_OUTSIDE},
        [BLEND_COPY] = {SHARE_ALL, SHARE_NONE},
    };
    uint32_t source_alpha = image_alpha(source);
    uint32_t backdrop_alpha = image_alpha(backdrop);
    if (source_alpha == 0)
        return blend_mode_touches_empty(mode) ? 0 : backdrop;
    uint32_t over = source_alpha * share_of(operators[mode].source, backdrop_alpha);
    uint32_t under = backdrop_alpha * share_of(operators[mode].backdrop, source_alpha);
    uint32_t alpha = divide_rounded(over + under, 255);
    if (alpha == 0)
        return 0;
    uint32_t result = alpha << 24;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t sum = over * (source >> shift & 255) + under * (backdrop >> shift & 255);
        result |= divide_rounded(sum, over + under) << shift;
    }
    return result;
}

/* The one operator whose sum may be too much. */
static uint32_t blend_lighter(enum blend_mode mode, uint32_t backdrop, uint32_t source)
{
    (void)mode;
    uint32_t source_alpha = image_alpha(source);
    uint32_t backdrop_alpha = image_alpha(backdrop);
    if (source_alpha == 0)
        return backdrop;
    uint32_t alpha = source_alpha + backdrop_alpha;
    alpha = alpha < 255 ? alpha : 255;
    uint32_t result = alpha << 24;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t sum = source_alpha * (source >> shift & 255);
        sum += backdrop_alpha * (backdrop >> shift & 255);
        result |= divide_rounded(sum < 65025 ? sum : 65025, alpha) << shift;
    }
    return result;
}

static uint32_t blend_normal(enum blend_mode mode, uint32_t backdrop, uint32_t source)
{
    (void)mode;
    return blend_over(backdrop, source);
}

/* How a pixel goes on another in a mode. */
typedef uint32_t pixel_formula(enum blend_mode mode, uint32_t backdrop, uint32_t source);

static pixel_formula *formula_of(enum blend_mode mode)
{
    ERROR_ASSERT((size_t)mode < BLEND_MODE_COUNT);
    if (mode == BLEND_NORMAL)
        return blend_normal;
    if (blend_mode_is_separable(mode))
        return blend_by_formula;
    if (mode <= BLEND_LUMINOSITY)
        return blend_by_luminosity;
    return mode == BLEND_LIGHTER ? blend_lighter : blend_by_operator;
}

uint32_t blend_pixel(enum blend_mode mode, uint32_t backdrop, uint32_t source)
{
    return formula_of(mode)(mode, backdrop, source);
}

void blend_row(enum blend_mode mode, uint32_t *restrict backdrop, const uint32_t *restrict source,
               size_t count)
{
    pixel_formula *formula = formula_of(mode);
    for (size_t index = 0; index < count; index++)
        backdrop[index] = formula(mode, backdrop[index], source[index]);
}
