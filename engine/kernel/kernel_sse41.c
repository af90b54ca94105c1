/* The loops for SSE4.1, four pixels at a time. */
#if defined(__SSE4_1__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

/* The helpers must melt into the loops: what they share lives in registers. */
#define VECTOR_INLINE static inline __attribute__((always_inline))

typedef __m128i vector;
typedef __m128 reals;

enum { GROUP = 4 };

#define LEFT16(lanes, bits) _mm_slli_epi16(lanes, bits)
#define RIGHT16(lanes, bits) _mm_srli_epi16(lanes, bits)
#define LEFT32(lanes, bits) _mm_slli_epi32(lanes, bits)
#define RIGHT32(lanes, bits) _mm_srli_epi32(lanes, bits)
/* All ones in 16-bit lanes whose upper, or whose lowest bit is set. */
#define NEGATIVE16(lanes) _mm_srai_epi16(lanes, 15)
#define ODD16(lanes) NEGATIVE16(LEFT16(lanes, 15))

VECTOR_INLINE vector load(const uint32_t *pixels)
{
    return _mm_loadu_si128((const __m128i *)(const void *)pixels);
}

VECTOR_INLINE void store(uint32_t *pixels, vector group)
{
    _mm_storeu_si128((__m128i *)(void *)pixels, group);
}

/* Lanes one by one: a copy of variable size would be a call. */
VECTOR_INLINE vector load_some(const uint32_t *pixels, size_t count)
{
    if (count == 1)
        return _mm_cvtsi32_si128((int)pixels[0]);
    vector pair = _mm_loadl_epi64((const __m128i *)(const void *)pixels);
    return count == 2 ? pair : _mm_insert_epi32(pair, (int)pixels[2], 2);
}

VECTOR_INLINE void store_some(uint32_t *pixels, vector group, size_t count)
{
    pixels[0] = (uint32_t)_mm_cvtsi128_si32(group);
    if (count > 1)
        pixels[1] = (uint32_t)_mm_extract_epi32(group, 1);
    if (count > 2)
        pixels[2] = (uint32_t)_mm_extract_epi32(group, 2);
}

VECTOR_INLINE vector fill16(uint16_t value)
{
    return _mm_set1_epi16((short)value);
}

VECTOR_INLINE vector fill32(uint32_t value)
{
    return _mm_set1_epi32((int)value);
}

VECTOR_INLINE reals fill_reals(float value)
{
    return _mm_set1_ps(value);
}

VECTOR_INLINE vector bits_and(vector left, vector right)
{
    return _mm_and_si128(left, right);
}

/* The bits of `right` that are not in `left`. */
VECTOR_INLINE vector bits_and_not(vector left, vector right)
{
    return _mm_andnot_si128(left, right);
}

VECTOR_INLINE vector bits_or(vector left, vector right)
{
    return _mm_or_si128(left, right);
}

VECTOR_INLINE vector bits_xor(vector left, vector right)
{
    return _mm_xor_si128(left, right);
}

VECTOR_INLINE vector add16(vector left, vector right)
{
    return _mm_add_epi16(left, right);
}

VECTOR_INLINE vector multiply16(vector left, vector right)
{
    return _mm_mullo_epi16(left, right);
}

/* The upper halves of the unsigned products. */
VECTOR_INLINE vector multiply_high16(vector left, vector right)
{
    return _mm_mulhi_epu16(left, right);
}

VECTOR_INLINE vector add32(vector left, vector right)
{
    return _mm_add_epi32(left, right);
}

VECTOR_INLINE vector subtract32(vector left, vector right)
{
    return _mm_sub_epi32(left, right);
}

VECTOR_INLINE vector multiply32(vector left, vector right)
{
    return _mm_mullo_epi32(left, right);
}

VECTOR_INLINE vector minimum8(vector left, vector right)
{
    return _mm_min_epu8(left, right);
}

VECTOR_INLINE vector maximum8(vector left, vector right)
{
    return _mm_max_epu8(left, right);
}

VECTOR_INLINE vector subtract_down_to_zero8(vector left, vector right)
{
    return _mm_subs_epu8(left, right);
}

VECTOR_INLINE reals to_reals(vector lanes)
{
    return _mm_cvtepi32_ps(lanes);
}

VECTOR_INLINE vector nearest(reals lanes)
{
    return _mm_cvtps_epi32(lanes);
}

VECTOR_INLINE vector whole(reals lanes)
{
    return _mm_cvttps_epi32(lanes);
}

VECTOR_INLINE reals add_reals(reals left, reals right)
{
    return _mm_add_ps(left, right);
}

VECTOR_INLINE reals multiply_reals(reals left, reals right)
{
    return _mm_mul_ps(left, right);
}

VECTOR_INLINE reals divide(reals numerator, reals divisor)
{
    return _mm_div_ps(numerator, divisor);
}

VECTOR_INLINE int all_transparent(vector group)
{
    return _mm_testz_si128(group, fill32(0xff000000));
}

VECTOR_INLINE int all_opaque(vector group)
{
    return _mm_testc_si128(group, fill32(0xff000000));
}

/* `mixed`, but the backdrop where the source has alpha 0. */
VECTOR_INLINE vector keep_where_empty(vector mixed, vector backdrop, vector source)
{
    vector empty = _mm_cmpeq_epi32(RIGHT32(source, 24), _mm_setzero_si128());
    return _mm_blendv_epi8(mixed, backdrop, empty);
}

/* Each pixel's alpha in both of its 16-bit lanes. */
VECTOR_INLINE vector spread_alpha(vector group)
{
    const vector places = _mm_setr_epi8(3, -1, 3, -1, 7, -1, 7, -1, 11, -1, 11, -1, 15, -1, 15, -1);
    return _mm_shuffle_epi8(group, places);
}

/* A bit for each pixel that is the same in both. */
VECTOR_INLINE unsigned equal_pixels(vector left, vector right)
{
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(left, right)));
}

#include "kernel/kernel_vector.h"

/*
 * A store of 16 bytes carries the 12 that are wanted and 4 zeros, which the next group overwrites;
 * the last groups, where the zeros would pass the end, are left to the scalar loop.
 */
static void pack_rgb(uint8_t *restrict target, const uint32_t *restrict pixels, size_t count)
{
    enum { ROOM = 6 };
    const vector drop_alpha = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    size_t index = 0;
    for (; count - index >= ROOM; index += GROUP) {
        vector group = _mm_shuffle_epi8(load(pixels + index), drop_alpha);
        _mm_storeu_si128((__m128i *)(void *)(target + 3 * index), group);
    }
    kernel_scalar_table.pack_rgb(target + 3 * index, pixels + index, count - index);
}

const struct kernel_table kernel_sse41_table = {.name = "sse41", VECTOR_LOOPS};

#else

/* ISO C wants a translation unit to hold something. */
typedef int kernel_sse41_is_empty;

#endif
