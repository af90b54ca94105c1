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
    _Static_assert(sizeof formulas / sizeof formulas[0] == BLEND_MODE_COUNT, "one formula a mode");
    ERROR_ASSERT((size_t)mode < BLEND_MODE_COUNT);
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

uint32_t blend_separable(uint32_t backdrop, uint32_t source, const uint8_t *table)
{
    uint32_t source_alpha = image_alpha(source);
    if (source_alpha == 0)
        return backdrop;
    uint32_t backdrop_alpha = image_alpha(backdrop);
    struct mix mix = mix_of(source_alpha, backdrop_alpha);
    uint32_t result = divide_rounded(mix.divisor, 255) << 24;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t over = source >> shift & 255;
        uint32_t under = backdrop >> shift & 255;
        uint32_t mixed = (255 - backdrop_alpha) * over + backdrop_alpha * table[under * 256 + over];
        result |= mix_channel(&mix, mixed, under) << shift;
    }
    return result;
}
