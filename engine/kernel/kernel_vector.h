/*
 * The loops for any SIMD instruction set, written once over the few primitives that a file such as
 * kernel_avx2.c defines before it includes this. Only such files include it.
 *
 * A `vector` is GROUP pixels, which the primitives also see as lanes of 16 or 8 bits; `reals` are
 * as many floats. Groups that are wholly transparent or wholly opaque, which is most of real art,
 * are settled by their alphas alone. The last pixels of a row are loaded into a group filled up
 * with empty ones, and nothing beyond `count` is read or written.
 */
#ifndef SGR_KERNEL_KERNEL_VECTOR_H
#define SGR_KERNEL_KERNEL_VECTOR_H

#include "kernel/kernel_tables.h"

/* What a loop does with a group of which some source pixel is not empty. */
typedef vector (*vector_mix)(vector backdrop, vector source, const uint8_t *table);

/* Mixes every group of two rows. */
VECTOR_INLINE void mix_rows(uint32_t *restrict backdrop, const uint32_t *restrict source,
                            size_t count, vector_mix mix, const uint8_t *restrict table)
{
    size_t index = 0;
    for (; count - index >= GROUP; index += GROUP) {
        vector group = load(source + index);
        if (!all_transparent(group))
            store(backdrop + index, mix(load(backdrop + index), group, table));
    }
    size_t left = count - index;
    if (left == 0)
        return;
    vector group = load_some(source + index, left);
    if (!all_transparent(group))
        store_some(backdrop + index, mix(load_some(backdrop + index, left), group, table), left);
}

/* round(sum / 255) in 16-bit lanes; at most 65025. With t = sum + 128 it is the upper half of
 * t * 257, which is (t + (t >> 8)) >> 8. */
VECTOR_INLINE vector divide_by_255(vector sum)
{
    return multiply_high16(add16(sum, fill16(128)), fill16(257));
}

/* Bytes 0 and 2 of each pixel in 16-bit lanes. */
VECTOR_INLINE vector even_bytes(vector pixels)
{
    return bits_and(pixels, fill16(255));
}

/* Bytes 1 and 3 of each pixel in 16-bit lanes. */
VECTOR_INLINE vector odd_bytes(vector pixels)
{
    return RIGHT16(pixels, 8);
}

/* The pixels with these bytes. */
VECTOR_INLINE vector join_bytes(vector even, vector odd)
{
    return bits_or(even, LEFT16(odd, 8));
}

/*
 * round((As*C + (255 - As)*Cb) / 255) with C from `colors` and As from `source`, on opaque pixels.
 * Even and odd bytes go separately with the same weights.
 */
VECTOR_INLINE vector mix_opaque(vector backdrop, vector colors, vector source)
{
    vector over = spread_alpha(source);
    vector under = bits_xor(over, fill16(255));
    /* With a source alpha of 255 the alpha lane mixes 255 with 255. */
    colors = bits_or(colors, fill32(0xff000000));
    vector even =
        add16(multiply16(over, even_bytes(colors)), multiply16(under, even_bytes(backdrop)));
    vector odd = add16(multiply16(over, odd_bytes(colors)), multiply16(under, odd_bytes(backdrop)));
    return join_bytes(divide_by_255(even), divide_by_255(odd));
}

/* A group in normal mode on opaque pixels. */
VECTOR_INLINE vector mix_over_opaque(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return all_opaque(source) ? source : mix_opaque(backdrop, source, source);
}

/* round(D / 255) of the general formula in 32-bit lanes. */
VECTOR_INLINE vector mixed_alpha(vector divisor)
{
    return divide_by_255(divisor);
}

/*
 * The general formula in normal mode. With the weights S = 255*As and U = (255 - As)*Ab, whose sum
 * is D, and d = Cs - Cb it is
 *
 *     Co = Cb + floor((S*d + floor(D/2)) / D)
 *
 * as (2N + D) / 2D and (N + floor(D/2)) / D have the same whole part. One division a pixel gives
 * T, 2^24 * S / D as a float and then to the nearest whole number, and each colour is the upper
 * byte of Cb*2^24 + T*d + H in 32 bits. The sum S*d + floor(D/2) over D is a multiple of 1/D, and H
 * moves it off the multiples: for an odd D, 2^23 adds 1/2D to floor(D/2)/D; for an even D, 2^23 +
 * 192 adds 192/2^24. That T errs by up to 3/4 and d is up to 255 makes it too close for an easy
 * proof, but Cb drops out: there are As * Ab * d = 33 million cases, and kernel_test tries every
 * one of them.
 */
struct vector_share {
    vector scale;
    vector half;
    vector alpha;
};

/* T, H and Ao. */
VECTOR_INLINE struct vector_share share_over(vector backdrop, vector source)
{
    vector over_alpha = RIGHT32(source, 24);
    vector under_alpha = RIGHT32(backdrop, 24);
    vector over = subtract32(LEFT32(over_alpha, 8), over_alpha);
    vector under = multiply16(bits_xor(over_alpha, fill32(255)), under_alpha);
    vector divisor = add32(over, under);
    reals scaled = multiply_reals(to_reals(over), fill_reals(16777216.0F));
    struct vector_share share;
    /* Two empty pixels divide 0 by 0; their result is thrown away. */
    share.scale = nearest(divide(scaled, to_reals(divisor)));
    share.half = bits_and_not(ODD16(divisor), fill32((1U << 23) + 192));
    share.alpha = mixed_alpha(divisor);
    return share;
}

/* One colour in the upper byte; `upper` is Cb there, the others are in the lowest byte. */
VECTOR_INLINE vector share_color(const struct vector_share *share, vector upper, vector under,
                                 vector over)
{
    vector moved = multiply32(share->scale, subtract32(over, under));
    return add32(add32(upper, share->half), moved);
}

/* The first, second or third colour of each pixel in 32-bit lanes. */
VECTOR_INLINE vector first_color(vector pixels)
{
    return bits_and(pixels, fill32(255));
}

/* As first_color. */
VECTOR_INLINE vector second_color(vector pixels)
{
    return bits_and(RIGHT32(pixels, 8), fill32(255));
}

/* As first_color. */
VECTOR_INLINE vector third_color(vector pixels)
{
    return bits_and(RIGHT32(pixels, 16), fill32(255));
}

/* On any backdrop. */
VECTOR_INLINE vector mix_general(vector backdrop, vector source)
{
    struct vector_share share = share_over(backdrop, source);
    vector top = fill32(0xff000000);
    vector first =
        share_color(&share, LEFT32(backdrop, 24), first_color(backdrop), first_color(source));
    vector second = share_color(&share, bits_and(LEFT32(backdrop, 16), top), second_color(backdrop),
                                second_color(source));
    vector third = share_color(&share, bits_and(LEFT32(backdrop, 8), top), third_color(backdrop),
                               third_color(source));
    vector low = bits_or(RIGHT32(first, 24), bits_and(RIGHT32(second, 16), fill32(0xff00)));
    vector high = bits_or(bits_and(RIGHT32(third, 8), fill32(0xff0000)), LEFT32(share.alpha, 24));
    return keep_where_empty(bits_or(low, high), backdrop, source);
}

/* A group in normal mode. */
VECTOR_INLINE vector mix_over(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    if (all_opaque(source))
        return source;
    if (all_opaque(backdrop))
        return mix_opaque(backdrop, source, source);
    /* Over nothing D is 255*As, and the formula gives the source itself. */
    if (all_transparent(backdrop))
        return keep_where_empty(source, backdrop, source);
    return mix_general(backdrop, source);
}

static void over_opaque(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count)
{
    mix_rows(backdrop, source, count, mix_over_opaque, NULL);
}

static void over(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count)
{
    mix_rows(backdrop, source, count, mix_over, NULL);
}

/* B(Cb, Cs) for every byte of a group; what becomes of alphas is not used. */
VECTOR_INLINE vector blend_multiply(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return join_bytes(divide_by_255(multiply16(even_bytes(backdrop), even_bytes(source))),
                      divide_by_255(multiply16(odd_bytes(backdrop), odd_bytes(source))));
}

/* 255 - (255 - Cb)*(255 - Cs)/255: no division by 255 is a tie, so it rounds as its complement. */
VECTOR_INLINE vector screen16(vector backdrop, vector source)
{
    vector full = fill16(255);
    vector dark = multiply16(bits_xor(backdrop, full), bits_xor(source, full));
    return bits_xor(divide_by_255(dark), full);
}

/* As blend_multiply. */
VECTOR_INLINE vector blend_screen(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return join_bytes(screen16(even_bytes(backdrop), even_bytes(source)),
                      screen16(odd_bytes(backdrop), odd_bytes(source)));
}

/* multiply(Cb, 2*Cs), or from 128 on, with both complemented, its complement. */
VECTOR_INLINE vector hard_light16(vector backdrop, vector source)
{
    vector flip = bits_and(NEGATIVE16(LEFT16(source, 8)), fill16(255));
    vector doubled = LEFT16(bits_xor(source, flip), 1);
    return bits_xor(divide_by_255(multiply16(bits_xor(backdrop, flip), doubled)), flip);
}

/* As blend_multiply. */
VECTOR_INLINE vector blend_hard_light(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return join_bytes(hard_light16(even_bytes(backdrop), even_bytes(source)),
                      hard_light16(odd_bytes(backdrop), odd_bytes(source)));
}

/* Hard light the other way round. */
VECTOR_INLINE vector blend_overlay(vector backdrop, vector source, const uint8_t *table)
{
    return blend_hard_light(source, backdrop, table);
}

/* As blend_multiply. */
VECTOR_INLINE vector blend_darken(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return minimum8(backdrop, source);
}

/* As blend_multiply. */
VECTOR_INLINE vector blend_lighten(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return maximum8(backdrop, source);
}

/* One of the two differences is 0. */
VECTOR_INLINE vector blend_difference(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return bits_or(subtract_down_to_zero8(backdrop, source),
                   subtract_down_to_zero8(source, backdrop));
}

/* Cb*(255 - Cs) + Cs*(255 - Cb), at most 65025. */
VECTOR_INLINE vector exclusion16(vector backdrop, vector source)
{
    vector full = fill16(255);
    return divide_by_255(add16(multiply16(backdrop, bits_xor(source, full)),
                               multiply16(source, bits_xor(backdrop, full))));
}

/* As blend_multiply. */
VECTOR_INLINE vector blend_exclusion(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return join_bytes(exclusion16(even_bytes(backdrop), even_bytes(source)),
                      exclusion16(odd_bytes(backdrop), odd_bytes(source)));
}

/* The pixels with these three colours, and alpha 0. */
VECTOR_INLINE vector join_colors(vector first, vector second, vector third)
{
    return bits_or(first, bits_or(LEFT32(second, 8), LEFT32(third, 16)));
}

/*
 * floor((numerator + floor(divisor / 2)) / divisor) for colours. Every number is below 2^24, so
 * floats hold them exactly and only the division rounds. Let q, at most 255, be the whole part of
 * the true quotient; the quotient is then at most q + 1 - 1/D. Below 256 every multiple of 2^-16 is
 * a float, and 1/D >= 1/65025 > 2^-16, so the float q + 1 - 2^-16 lies above the quotient. Rounding
 * keeps order: the rounded quotient is from q to that float, and its whole part is q.
 */
VECTOR_INLINE vector divide_color(reals numerator, vector divisor)
{
    reals half = to_reals(RIGHT32(divisor, 1));
    return whole(divide(add_reals(numerator, half), to_reals(divisor)));
}

/* 255*Cb / (255 - Cs), at most 255: where Cb >= 255 - Cs the divisor is raised to Cb. Only
 * Cb 0 on Cs 255 divides by the 1 of an empty pair, and gives 0 as it should. */
VECTOR_INLINE vector dodge_color(vector backdrop, vector source)
{
    vector divisor = maximum8(bits_xor(source, fill32(255)), backdrop);
    divisor = maximum8(divisor, fill32(1));
    vector numerator = subtract32(LEFT32(backdrop, 8), backdrop);
    return divide_color(to_reals(numerator), divisor);
}

/* B(Cb, Cs) for every colour of a group, with alpha 0. */
VECTOR_INLINE vector blend_color_dodge(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return join_colors(dodge_color(first_color(backdrop), first_color(source)),
                       dodge_color(second_color(backdrop), second_color(source)),
                       dodge_color(third_color(backdrop), third_color(source)));
}

/* 255*(Cs + Cb - 255) / Cs, at least 0. Cs 0 takes the divisor 1 and gives 0; but with Cb 255 the
 * result is 255 for every Cs, so there both become 1. */
VECTOR_INLINE vector burn_color(vector backdrop, vector source)
{
    vector lifted = maximum8(source, subtract_down_to_zero8(backdrop, fill32(254)));
    vector rest = subtract_down_to_zero8(lifted, bits_xor(backdrop, fill32(255)));
    vector numerator = subtract32(LEFT32(rest, 8), rest);
    return divide_color(to_reals(numerator), maximum8(lifted, fill32(1)));
}

/* As blend_color_dodge. */
VECTOR_INLINE vector blend_color_burn(vector backdrop, vector source, const uint8_t *table)
{
    (void)table;
    return join_colors(burn_color(first_color(backdrop), first_color(source)),
                       burn_color(second_color(backdrop), second_color(source)),
                       burn_color(third_color(backdrop), third_color(source)));
}

#ifdef HAS_GATHER
/* As blend_color_dodge. */
VECTOR_INLINE vector blend_by_table(vector backdrop, vector source, const uint8_t *table)
{
    vector first = bits_or(LEFT32(first_color(backdrop), 8), first_color(source));
    vector second =
        bits_or(bits_and(backdrop, fill32(0xff00)), bits_and(RIGHT32(source, 8), fill32(255)));
    vector third =
        bits_or(LEFT32(third_color(backdrop), 8), bits_and(RIGHT32(source, 16), fill32(255)));
    return join_colors(look_up(table, first), look_up(table, second), look_up(table, third));
}
#endif

/*
 * The general formula with the weights of Cs, B and Cb:
 *
 *     N = As*(255 - Ab)*Cs + As*Ab*B + (255 - As)*Ab*Cb,   D = the sum of the three weights
 */
struct vector_weights {
    reals source;
    reals blended;
    reals under;
    vector divisor;
};

/* N / D for colours in 32-bit lanes; N <= 255*D <= 255^3 and floor(D/2) <= 32512 are floats. */
VECTOR_INLINE vector weigh_color(const struct vector_weights *weights, vector source,
                                 vector blended, vector under)
{
    reals sum = add_reals(multiply_reals(weights->source, to_reals(source)),
                          multiply_reals(weights->blended, to_reals(blended)));
    sum = add_reals(sum, multiply_reals(weights->under, to_reals(under)));
    return divide_color(sum, weights->divisor);
}

/* In a separable mode on any backdrop. */
VECTOR_INLINE vector mix_blended(vector backdrop, vector source, vector blended)
{
    vector full = fill32(255);
    vector over_alpha = RIGHT32(source, 24);
    vector under_alpha = RIGHT32(backdrop, 24);
    vector both = multiply16(over_alpha, under_alpha);
    vector alone = multiply16(over_alpha, bits_xor(under_alpha, full));
    vector under = multiply16(bits_xor(over_alpha, full), under_alpha);
    vector divisor = add32(add32(alone, both), under);
    struct vector_weights weights = {to_reals(alone), to_reals(both), to_reals(under), divisor};
    vector colors = join_colors(
        weigh_color(&weights, first_color(source), first_color(blended), first_color(backdrop)),
        weigh_color(&weights, second_color(source), second_color(blended), second_color(backdrop)),
        weigh_color(&weights, third_color(source), third_color(blended), third_color(backdrop)));
    vector mixed = bits_or(colors, LEFT32(mixed_alpha(divisor), 24));
    return keep_where_empty(mixed, backdrop, source);
}

/* A group in a separable mode. */
VECTOR_INLINE vector mix_separable(vector backdrop, vector source, const uint8_t *table,
                                   vector_mix blend)
{
    if (all_transparent(backdrop))
        return keep_where_empty(source, backdrop, source);
    vector blended = blend(backdrop, source, table);
    if (all_opaque(backdrop))
        return mix_opaque(backdrop, blended, source);
    return mix_blended(backdrop, source, blended);
}

/* The loop of one mode, given how a group is blended. */
#define SEPARABLE_LOOP(mode, blend)                                                                \
    VECTOR_INLINE vector mix_##mode(vector backdrop, vector source, const uint8_t *table)          \
    {                                                                                              \
        return mix_separable(backdrop, source, table, blend);                                      \
    }                                                                                              \
    static void mode(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count,   \
                     const uint8_t *restrict table)                                                \
    {                                                                                              \
        mix_rows(backdrop, source, count, mix_##mode, table);                                      \
    }

SEPARABLE_LOOP(multiply, blend_multiply)
SEPARABLE_LOOP(screen, blend_screen)
SEPARABLE_LOOP(overlay, blend_overlay)
SEPARABLE_LOOP(darken, blend_darken)
SEPARABLE_LOOP(lighten, blend_lighten)
SEPARABLE_LOOP(color_dodge, blend_color_dodge)
SEPARABLE_LOOP(color_burn, blend_color_burn)
SEPARABLE_LOOP(hard_light, blend_hard_light)
SEPARABLE_LOOP(difference, blend_difference)
SEPARABLE_LOOP(exclusion, blend_exclusion)
#ifdef HAS_GATHER
SEPARABLE_LOOP(soft_light, blend_by_table)
#else
/* Its formula has a root; without gathers the table is read pixel by pixel. */
static void soft_light(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count,
                       const uint8_t *restrict table)
{
    kernel_scalar_table.separable[BLEND_SOFT_LIGHT](backdrop, source, count, table);
}
#endif

static void equal_mask(uint64_t *restrict mask, const uint32_t *left, const uint32_t *right,
                       size_t count)
{
    size_t index = 0;
    for (; count - index >= 64; index += 64) {
        uint64_t equal = 0;
        for (size_t bit = 0; bit < 64; bit += GROUP)
            equal |= (uint64_t)equal_pixels(load(left + index + bit), load(right + index + bit))
                     << bit;
        mask[index / 64] = equal;
    }
    kernel_scalar_table.equal_mask(mask + index / 64, left + index, right + index, count - index);
}

static size_t equal_run(const uint32_t *left, const uint32_t *right, size_t most)
{
    for (size_t index = 0; index < most; index += GROUP) {
        size_t rest = most - index;
        uint32_t equal = rest >= GROUP ? equal_pixels(load(left + index), load(right + index))
                                       : equal_pixels(load_some(left + index, rest),
                                                      load_some(right + index, rest));
        uint32_t run = (uint32_t)__builtin_ctz(~equal | UINT32_C(1) << GROUP);
        if (run < GROUP)
            return run < rest ? index + run : most;
    }
    return most;
}

/* The members of a kernel_table; pack_rgb is the including file's. */
#define VECTOR_LOOPS                                                                               \
    .over_opaque = over_opaque, .over = over,                                                      \
    .separable =                                                                                   \
        {                                                                                          \
            [BLEND_MULTIPLY] = multiply,     [BLEND_SCREEN] = screen,                              \
            [BLEND_OVERLAY] = overlay,       [BLEND_DARKEN] = darken,                              \
            [BLEND_LIGHTEN] = lighten,       [BLEND_COLOR_DODGE] = color_dodge,                    \
            [BLEND_COLOR_BURN] = color_burn, [BLEND_HARD_LIGHT] = hard_light,                      \
            [BLEND_SOFT_LIGHT] = soft_light, [BLEND_DIFFERENCE] = difference,                      \
            [BLEND_EXCLUSION] = exclusion,                                                         \
    },                                                                                             \
    .pack_rgb = pack_rgb, .equal_mask = equal_mask, .equal_run = equal_run

#endif
