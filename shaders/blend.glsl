/*
 * The compositing rule, formula by formula as in engine/image/blend.c, which is the specification:
 * straight alpha, whole numbers, one rounding a stored value. A pixel is a word, red in its lowest
 * byte. Separable modes come as the tables of the specification. A program without MODES knows
 * normal mode only, which leaves more registers to those that need no other.
 */

const uint FULL = 255u;

uint image_alpha(uint pixel)
{
    return pixel >> 24;
}

uvec3 image_color(uint pixel)
{
    return uvec3(pixel, pixel >> 8, pixel >> 16) & FULL;
}

uint image_pixel(uvec3 color, uint alpha)
{
    return color.r | color.g << 8 | color.b << 16 | alpha << 24;
}

/*
 * To nearest, ties up, for quotients below 2^16. A driver's float division may be some units in the
 * last place off, so that the estimate may be one off; the remainder, which is exact, tells.
 */
uvec3 divide_rounded(uvec3 numerator, uint denominator)
{
    uvec3 dividend = 2u * numerator + denominator;
    uint divisor = 2u * denominator;
    uvec3 quotient = uvec3(vec3(dividend) / float(divisor));
    ivec3 remainder = ivec3(dividend - quotient * divisor);
    quotient -= uvec3(lessThan(remainder, ivec3(0)));
    return quotient + uvec3(greaterThanEqual(remainder, ivec3(divisor)));
}

/* round(value / 255) for up to 255 * 255, where no tie can occur. */
uvec3 divide_full(uvec3 value)
{
    uvec3 biased = value + 128u;
    return (biased + (biased >> 8)) >> 8;
}

uint divide_full(uint value)
{
    uint biased = value + 128u;
    return (biased + (biased >> 8)) >> 8;
}

/* How much each pixel counts: D of the specification is 255 * source + under. */
struct mix_weights {
    uint source;
    uint under;
    uint divisor;
};

mix_weights mix_of(uint source_alpha, uint backdrop_alpha)
{
    uint under = (FULL - source_alpha) * backdrop_alpha;
    return mix_weights(source_alpha, under, FULL * source_alpha + under);
}

uint blend_over(uint backdrop, uint source)
{
    uint source_alpha = image_alpha(source);
    if (source_alpha == 0u)
        return backdrop;
    if (source_alpha == FULL)
        return source;
    uint backdrop_alpha = image_alpha(backdrop);
    uvec3 over = source_alpha * image_color(source);
    uvec3 under = (FULL - source_alpha) * image_color(backdrop);
    if (backdrop_alpha == FULL)
        return image_pixel(divide_full(over + under), FULL);
    mix_weights weights = mix_of(source_alpha, backdrop_alpha);
    uvec3 sum = FULL * over + backdrop_alpha * under;
    return image_pixel(divide_rounded(sum, weights.divisor), divide_full(weights.divisor));
}

#ifdef MODES

/* B(Cb, Cs) of every separable mode: a layer a mode, a row a backdrop, a column a source. */
uniform highp usampler2DArray blend_tables;

uint blend_channel(uint mode, uint backdrop, uint source)
{
    return texelFetch(blend_tables, ivec3(source, backdrop, mode - BLEND_MULTIPLY), 0).r;
}

/* Source-over with a given B. */
uint mix_blended(uint backdrop, uint source, uvec3 blended)
{
    uint backdrop_alpha = image_alpha(backdrop);
    mix_weights weights = mix_of(image_alpha(source), backdrop_alpha);
    uvec3 alone = (FULL - backdrop_alpha) * image_color(source);
    uvec3 sum = weights.source * (alone + backdrop_alpha * blended);
    sum += weights.under * image_color(backdrop);
    return image_pixel(divide_rounded(sum, weights.divisor), divide_full(weights.divisor));
}

uint blend_by_table(uint mode, uint backdrop, uint source)
{
    uvec3 under = image_color(backdrop);
    uvec3 over = image_color(source);
    uvec3 blended = uvec3(blend_channel(mode, under.r, over.r), blend_channel(mode, under.g, over.g),
                          blend_channel(mode, under.b, over.b));
    return mix_blended(backdrop, source, blended);
}

int luminosity_of(ivec3 color)
{
    return 30 * color.r + 59 * color.g + 11 * color.b;
}

int saturation_of(ivec3 color)
{
    return max(color.r, max(color.g, color.b)) - min(color.r, min(color.g, color.b));
}

/* The colour with another luminosity and its saturation scaled by `scale.x / scale.y`. */
uvec3 set_luminosity(ivec3 color, int luminosity, ivec2 scale)
{
    ivec3 offsets = 100 * color - luminosity_of(color);
    int least = min(offsets.r, min(offsets.g, offsets.b));
    int most = max(offsets.r, max(offsets.g, offsets.b));
    int full = 25500;
    int middle = luminosity * scale.y;
    if (middle + least * scale.x < 0)
        return divide_rounded(uvec3(luminosity * (offsets - least)), uint(-100 * least));
    if (middle + most * scale.x > full * scale.y)
        return divide_rounded(uvec3(full * most - (full - luminosity) * (most - offsets)),
                              uint(100 * most));
    return divide_rounded(uvec3(middle + offsets * scale.x), uint(100 * scale.y));
}

uint blend_by_luminosity(uint mode, uint backdrop, uint source)
{
    ivec3 under = ivec3(image_color(backdrop));
    ivec3 over = ivec3(image_color(source));
    bool shows_source = mode == BLEND_HUE || mode == BLEND_COLOR;
    ivec3 shown = shows_source ? over : under;
    ivec2 scale = ivec2(1);
    if (mode == BLEND_HUE || mode == BLEND_SATURATION)
        scale = ivec2(saturation_of(shows_source ? under : over), saturation_of(shown));
    if (scale.y == 0)
        scale = ivec2(0, 1);
    int luminosity = luminosity_of(mode == BLEND_LUMINOSITY ? over : under);
    return mix_blended(backdrop, source, set_luminosity(shown, luminosity, scale));
}

/* What source-in and its like take of the source and of the backdrop: Fa and Fb. */
uvec2 shares_of(uint mode, uint source_alpha, uint backdrop_alpha)
{
    uint outside = FULL - backdrop_alpha;
    uint around = FULL - source_alpha;
    switch (mode) {
    case BLEND_SOURCE_IN:
        return uvec2(backdrop_alpha, 0u);
    case BLEND_SOURCE_OUT:
        return uvec2(outside, 0u);
    case BLEND_SOURCE_ATOP:
        return uvec2(backdrop_alpha, around);
    case BLEND_DESTINATION_OVER:
        return uvec2(outside, FULL);
    case BLEND_DESTINATION_IN:
        return uvec2(0u, source_alpha);
    case BLEND_DESTINATION_OUT:
        return uvec2(0u, around);
    case BLEND_DESTINATION_ATOP:
        return uvec2(outside, source_alpha);
    case BLEND_XOR:
        return uvec2(outside, around);
    default: /* BLEND_COPY */
        return uvec2(FULL, 0u);
    }
}

uint blend_by_operator(uint mode, uint backdrop, uint source)
{
    uint source_alpha = image_alpha(source);
    uint backdrop_alpha = image_alpha(backdrop);
    uvec2 weights = uvec2(source_alpha, backdrop_alpha);
    weights *= shares_of(mode, source_alpha, backdrop_alpha);
    uint alpha = divide_full(weights.x + weights.y);
    if (alpha == 0u)
        return 0u;
    uvec3 sum = weights.x * image_color(source) + weights.y * image_color(backdrop);
    return image_pixel(divide_rounded(sum, weights.x + weights.y), alpha);
}

/* The one operator whose sum may be too much. */
uint blend_lighter(uint backdrop, uint source)
{
    uint alpha = min(image_alpha(source) + image_alpha(backdrop), FULL);
    uvec3 sum = image_alpha(source) * image_color(source);
    sum += image_alpha(backdrop) * image_color(backdrop);
    return image_pixel(divide_rounded(min(sum, uvec3(FULL * FULL)), alpha), alpha);
}

bool blend_mode_touches_empty(uint mode)
{
    return mode == BLEND_SOURCE_IN || mode == BLEND_SOURCE_OUT || mode == BLEND_DESTINATION_IN ||
           mode == BLEND_DESTINATION_ATOP || mode == BLEND_COPY;
}

uint blend_pixel(uint mode, uint backdrop, uint source)
{
    if (mode == BLEND_NORMAL)
        return blend_over(backdrop, source);
    if (image_alpha(source) == 0u)
        return blend_mode_touches_empty(mode) ? 0u : backdrop;
    if (mode < BLEND_HUE)
        return blend_by_table(mode, backdrop, source);
    if (mode < BLEND_SOURCE_IN)
        return blend_by_luminosity(mode, backdrop, source);
    return mode == BLEND_LIGHTER ? blend_lighter(backdrop, source)
                                 : blend_by_operator(mode, backdrop, source);
}

#else

uint blend_pixel(uint mode, uint backdrop, uint source)
{
    return blend_over(backdrop, source);
}

#endif
