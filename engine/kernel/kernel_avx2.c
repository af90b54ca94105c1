/*
 * The loops for AVX2, eight pixels at a time. Groups that are wholly transparent or wholly opaque,
 * which is most of real art, are settled by their alphas alone. What is left of a row goes to the
 * scalar loops, so nothing beyond `count` is read or written.
 */
#include "kernel/kernel_tables.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
/* The helpers must melt into the loops: what they share lives in registers. */
#define AVX2_INLINE inline __attribute__((target("avx2"), always_inline))

enum { GROUP = 8 };

static AVX2_INLINE __m256i load(const uint32_t *pixels)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)pixels);
}

static AVX2_INLINE void store(uint32_t *pixels, __m256i group)
{
    _mm256_storeu_si256((__m256i *)(void *)pixels, group);
}

static AVX2_INLINE __m256i alpha_bits(void)
{
    return _mm256_set1_epi32((int)UINT32_C(0xff000000));
}

static AVX2_INLINE int all_transparent(__m256i group)
{
    return _mm256_testz_si256(group, alpha_bits());
}

static AVX2_INLINE int all_opaque(__m256i group)
{
    return _mm256_testc_si256(group, alpha_bits());
}

/*
 * round((As*Cs + (255 - As)*Cb) / 255) in 16-bit lanes: the sum is at most 65025, and with
 * t = sum + 128 the result (t + (t >> 8)) >> 8 is the high half of t * 257. Even and odd bytes go
 * separately; both use the same weights.
 */
static AVX2_INLINE __m256i mix_opaque(__m256i backdrop, __m256i source)
{
    const __m256i low_bytes = _mm256_set1_epi16(255);
    const __m256i half = _mm256_set1_epi16(128);
    const __m256i scale = _mm256_set1_epi16(257);
    const __m256i spread_alpha =
        _mm256_setr_epi8(3, -1, 3, -1, 7, -1, 7, -1, 11, -1, 11, -1, 15, -1, 15,
                         -1, /* the same for the upper half */
                         3, -1, 3, -1, 7, -1, 7, -1, 11, -1, 11, -1, 15, -1, 15, -1);
    __m256i over = _mm256_shuffle_epi8(source, spread_alpha);
    __m256i under = _mm256_xor_si256(over, low_bytes);
    /* With a source alpha of 255 the alpha lane mixes 255 with 255. */
    source = _mm256_or_si256(source, alpha_bits());
    __m256i even =
        _mm256_add_epi16(_mm256_mullo_epi16(over, _mm256_and_si256(source, low_bytes)),
                         _mm256_mullo_epi16(under, _mm256_and_si256(backdrop, low_bytes)));
    __m256i odd = _mm256_add_epi16(_mm256_mullo_epi16(over, _mm256_srli_epi16(source, 8)),
                                   _mm256_mullo_epi16(under, _mm256_srli_epi16(backdrop, 8)));
    even = _mm256_mulhi_epu16(_mm256_add_epi16(even, half), scale);
    odd = _mm256_mulhi_epu16(_mm256_add_epi16(odd, half), scale);
    return _mm256_or_si256(even, _mm256_slli_epi16(odd, 8));
}

static AVX2 void over_opaque(uint32_t *restrict backdrop, const uint32_t *restrict source,
                             size_t count)
{
    size_t index = 0;
    for (; count - index >= GROUP; index += GROUP) {
        __m256i group = load(source + index);
        if (all_transparent(group))
            continue;
        if (!all_opaque(group))
            group = mix_opaque(load(backdrop + index), group);
        store(backdrop + index, group);
    }
    kernel_scalar_table.over_opaque(backdrop + index, source + index, count - index);
}

/*
 * The general formula for eight pixels with the weights of Cs, B and Cb:
 *
 *     N = As*(255 - Ab)*Cs + As*Ab*B + (255 - As)*Ab*Cb,   D = the sum of the three weights
 *     Co = floor((2N + D) / 2D) = floor((N + floor(D/2)) / D)
 *
 * (the last step: for an odd D the dropped half cannot carry a whole number over a multiple of D).
 * All of it is whole numbers below 2^24, as N <= 255*D <= 255^3 and floor(D/2) <= 32512, so floats
 * hold every product and sum exactly. Only the division rounds. Let q, at most 255, be the whole
 * part of the true quotient; the quotient is then at most q + 1 - 1/D. Below 256 every multiple of
 * 2^-16 is a float, and 1/D >= 1/65025 > 2^-16, so the float q + 1 - 2^-16 lies above the quotient.
 * Rounding keeps order: the rounded quotient is from q to that float, and its whole part is q, in
 * every rounding mode and without a correction.
 */
struct weights {
    __m256 source;
    __m256 blended;
    __m256 under;
    __m256 divisor;
    __m256 half;
    __m256i alpha;
};

static AVX2_INLINE __m256 channel(__m256i group, int shift)
{
    return _mm256_cvtepi32_ps(
        _mm256_and_si256(_mm256_srli_epi32(group, shift), _mm256_set1_epi32(255)));
}

/* The products are at most 65025, so 16-bit multiplication gives them in 32-bit lanes. */
static AVX2_INLINE struct weights weigh(__m256i backdrop, __m256i source)
{
    const __m256i full = _mm256_set1_epi32(255);
    __m256i over_alpha = _mm256_srli_epi32(source, 24);
    __m256i under_alpha = _mm256_srli_epi32(backdrop, 24);
    __m256i blended = _mm256_mullo_epi16(over_alpha, under_alpha);
    __m256i alone = _mm256_mullo_epi16(over_alpha, _mm256_sub_epi32(full, under_alpha));
    __m256i under = _mm256_mullo_epi16(_mm256_sub_epi32(full, over_alpha), under_alpha);
    __m256i divisor = _mm256_add_epi32(_mm256_add_epi32(alone, blended), under);
    __m256i biased = _mm256_add_epi32(divisor, _mm256_set1_epi32(128));
    struct weights weights;
    weights.source = _mm256_cvtepi32_ps(alone);
    weights.blended = _mm256_cvtepi32_ps(blended);
    weights.under = _mm256_cvtepi32_ps(under);
    /* Two empty pixels give 0; their result is thrown away, the division by 0 should not happen. */
    weights.divisor = _mm256_cvtepi32_ps(_mm256_max_epi32(divisor, _mm256_set1_epi32(1)));
    weights.half = _mm256_cvtepi32_ps(_mm256_srli_epi32(divisor, 1));
    weights.alpha = _mm256_srli_epi32(_mm256_add_epi32(biased, _mm256_srli_epi32(biased, 8)), 8);
    return weights;
}

static AVX2_INLINE __m256i divide(const struct weights *weights, __m256 sum)
{
    return _mm256_cvttps_epi32(_mm256_div_ps(_mm256_add_ps(sum, weights->half), weights->divisor));
}

static AVX2_INLINE __m256i join(const __m256i channels[3], __m256i alpha)
{
    __m256i low = _mm256_or_si256(channels[0], _mm256_slli_epi32(channels[1], 8));
    __m256i high = _mm256_or_si256(channels[2], _mm256_slli_epi32(alpha, 8));
    return _mm256_or_si256(low, _mm256_slli_epi32(high, 16));
}

/* `mixed`, but the backdrop where the source has alpha 0. */
static AVX2_INLINE __m256i keep_where_empty(__m256i mixed, __m256i backdrop, __m256i source)
{
    __m256i empty = _mm256_cmpeq_epi32(_mm256_srli_epi32(source, 24), _mm256_setzero_si256());
    return _mm256_blendv_epi8(mixed, backdrop, empty);
}

static AVX2_INLINE __m256i mix_general(__m256i backdrop, __m256i source)
{
    struct weights weights = weigh(backdrop, source);
    __m256 over = _mm256_add_ps(weights.source, weights.blended);
    __m256i channels[3];
    for (int index = 0; index < 3; index++) {
        __m256 sum = _mm256_add_ps(_mm256_mul_ps(over, channel(source, 8 * index)),
                                   _mm256_mul_ps(weights.under, channel(backdrop, 8 * index)));
        channels[index] = divide(&weights, sum);
    }
    return keep_where_empty(join(channels, weights.alpha), backdrop, source);
}

/* One group with some, but not only, opaque source pixels. */
static AVX2_INLINE __m256i mix_any(__m256i backdrop, __m256i source)
{
    if (all_opaque(backdrop))
        return mix_opaque(backdrop, source);
    /* Over nothing D is 255*As, and the formula gives the source itself. */
    if (all_transparent(backdrop))
        return keep_where_empty(source, backdrop, source);
    return mix_general(backdrop, source);
}

static AVX2 void over(uint32_t *restrict backdrop, const uint32_t *restrict source, size_t count)
{
    size_t index = 0;
    for (; count - index >= GROUP; index += GROUP) {
        __m256i group = load(source + index);
        if (all_transparent(group))
            continue;
        if (!all_opaque(group))
            group = mix_any(load(backdrop + index), group);
        store(backdrop + index, group);
    }
    kernel_scalar_table.over(backdrop + index, source + index, count - index);
}

/*
 * B for eight pixels. A gather reads four bytes a lane, so it reads the aligned four that hold the
 * byte: a read at the byte itself would pass the end of the table.
 */
static AVX2_INLINE __m256i look_up(const uint8_t *table, __m256i backdrop, __m256i source,
                                   int shift)
{
    const __m256i full = _mm256_set1_epi32(255);
    __m256i row = _mm256_and_si256(_mm256_srli_epi32(backdrop, shift), full);
    __m256i column = _mm256_and_si256(_mm256_srli_epi32(source, shift), full);
    __m256i place = _mm256_or_si256(_mm256_slli_epi32(row, 8), column);
    __m256i within = _mm256_and_si256(place, _mm256_set1_epi32(3));
    __m256i four = _mm256_i32gather_epi32((const int *)(const void *)table,
                                          _mm256_xor_si256(place, within), 1);
    return _mm256_and_si256(_mm256_srlv_epi32(four, _mm256_slli_epi32(within, 3)), full);
}

static AVX2_INLINE __m256i mix_separable(__m256i backdrop, __m256i source, const uint8_t *table)
{
    struct weights weights = weigh(backdrop, source);
    __m256i channels[3];
    for (int index = 0; index < 3; index++) {
        __m256 blended = _mm256_cvtepi32_ps(look_up(table, backdrop, source, 8 * index));
        __m256 sum =
            _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(weights.source, channel(source, 8 * index)),
                                        _mm256_mul_ps(weights.blended, blended)),
                          _mm256_mul_ps(weights.under, channel(backdrop, 8 * index)));
        channels[index] = divide(&weights, sum);
    }
    return keep_where_empty(join(channels, weights.alpha), backdrop, source);
}

static AVX2 void separable(uint32_t *restrict backdrop, const uint32_t *restrict source,
                           size_t count, const uint8_t *restrict table)
{
    size_t index = 0;
    for (; count - index >= GROUP; index += GROUP) {
        __m256i group = load(source + index);
        if (!all_transparent(group))
            store(backdrop + index, mix_separable(load(backdrop + index), group, table));
    }
    kernel_scalar_table.separable(backdrop + index, source + index, count - index, table);
}

/*
 * A store of 32 bytes carries the 24 that are wanted and 8 zeros, which the next group overwrites;
 * the last groups, where the zeros would pass the end, are left to the scalar loop.
 */
static AVX2 void pack_rgb(uint8_t *restrict target, const uint32_t *restrict pixels, size_t count)
{
    enum { ROOM = 11 };
    const __m256i drop_alpha = _mm256_setr_epi8(
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, /* the same for the upper half */
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const __m256i close_gap = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    size_t index = 0;
    for (; count - index >= ROOM; index += GROUP) {
        __m256i group = _mm256_shuffle_epi8(load(pixels + index), drop_alpha);
        _mm256_storeu_si256((__m256i *)(void *)(target + 3 * index),
                            _mm256_permutevar8x32_epi32(group, close_gap));
    }
    kernel_scalar_table.pack_rgb(target + 3 * index, pixels + index, count - index);
}

static AVX2 void equal_mask(uint64_t *restrict mask, const uint32_t *left, const uint32_t *right,
                            size_t count)
{
    size_t index = 0;
    for (; count - index >= 64; index += 64) {
        uint64_t equal = 0;
        for (size_t bit = 0; bit < 64; bit += GROUP) {
            __m256i same = _mm256_cmpeq_epi32(load(left + index + bit), load(right + index + bit));
            unsigned lanes = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(same));
            equal |= (uint64_t)lanes << bit;
        }
        mask[index / 64] = equal;
    }
    kernel_scalar_table.equal_mask(mask + index / 64, left + index, right + index, count - index);
}

const struct kernel_table kernel_avx2_table = {
    .name = "avx2",
    .over_opaque = over_opaque,
    .over = over,
    .separable = separable,
    .pack_rgb = pack_rgb,
    .equal_mask = equal_mask,
};

#else

/* ISO C wants a translation unit to hold something. */
typedef int kernel_avx2_is_empty;

#endif
