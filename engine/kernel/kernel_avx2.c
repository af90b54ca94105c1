/* The loops for AVX2, eight pixels at a time. */
#if defined(__AVX2__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

/* The helpers must melt into the loops: what they share lives in registers. */
#define VECTOR_INLINE static inline __attribute__((always_inline))

typedef __m256i vector;
typedef __m256 reals;

enum { GROUP = 8 };

#define LEFT16(lanes, bits) _mm256_slli_epi16(lanes, bits)
#define RIGHT16(lanes, bits) _mm256_srli_epi16(lanes, bits)
#define LEFT32(lanes, bits) _mm256_slli_epi32(lanes, bits)
#define RIGHT32(lanes, bits) _mm256_srli_epi32(lanes, bits)
/* All ones in 16-bit lanes whose upper, or whose lowest bit is set. */
#define NEGATIVE16(lanes) _mm256_srai_epi16(lanes, 15)
#define ODD16(lanes) NEGATIVE16(LEFT16(lanes, 15))

VECTOR_INLINE vector load(const uint32_t *pixels)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)pixels);
}

VECTOR_INLINE void store(uint32_t *pixels, vector group)
{
    _mm256_storeu_si256((__m256i *)(void *)pixels, group);
}

/* Ones in the first `count` lanes. */
VECTOR_INLINE vector first_lanes(size_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

VECTOR_INLINE vector load_some(const uint32_t *pixels, size_t count)
{
    return _mm256_maskload_epi32((const int *)(const void *)pixels, first_lanes(count));
}

VECTOR_INLINE void store_some(uint32_t *pixels, vector group, size_t count)
{
    _mm256_maskstore_epi32((int *)(void *)pixels, first_lanes(count), group);
}

VECTOR_INLINE vector fill16(uint16_t value)
{
    return _mm256_set1_epi16((short)value);
}

VECTOR_INLINE vector fill32(uint32_t value)
{
    return _mm256_set1_epi32((int)value);
}

VECTOR_INLINE reals fill_reals(float value)
{
    return _mm256_set1_ps(value);
}

VECTOR_INLINE vector bits_and(vector left, vector right)
{
    return _mm256_and_si256(left, right);
}

/* The bits of `right` that are not in `left`. */
VECTOR_INLINE vector bits_and_not(vector left, vector right)
{
    return _mm256_andnot_si256(left, right);
}

VECTOR_INLINE vector bits_or(vector left, vector right)
{
    return _mm256_or_si256(left, right);
}

VECTOR_INLINE vector bits_xor(vector left, vector right)
{
    return _mm256_xor_si256(left, right);
}

VECTOR_INLINE vector add16(vector left, vector right)
{
    return _mm256_add_epi16(left, right);
}

VECTOR_INLINE vector multiply16(vector left, vector right)
{
    return _mm256_mullo_epi16(left, right);
}

/* The upper halves of the unsigned products. */
VECTOR_INLINE vector multiply_high16(vector left, vector right)
{
    return _mm256_mulhi_epu16(left, right);
}

VECTOR_INLINE vector add32(vector left, vector right)
{
    return _mm256_add_epi32(left, right);
}

VECTOR_INLINE vector subtract32(vector left, vector right)
{
    return _mm256_sub_epi32(left, right);
}

VECTOR_INLINE vector multiply32(vector left, vector right)
{
    return _mm256_mullo_epi32(left, right);
}

VECTOR_INLINE vector minimum8(vector left, vector right)
{
    return _mm256_min_epu8(left, right);
}

VECTOR_INLINE vector maximum8(vector left, vector right)
{
    return _mm256_max_epu8(left, right);
}

VECTOR_INLINE vector subtract_down_to_zero8(vector left, vector right)
{
    return _mm256_subs_epu8(left, right);
}

VECTOR_INLINE reals to_reals(vector lanes)
{
    return _mm256_cvtepi32_ps(lanes);
}

VECTOR_INLINE vector nearest(reals lanes)
{
    return _mm256_cvtps_epi32(lanes);
}

VECTOR_INLINE vector whole(reals lanes)
{
    return _mm256_cvttps_epi32(lanes);
}

VECTOR_INLINE reals add_reals(reals left, reals right)
{
    return _mm256_add_ps(left, right);
}

VECTOR_INLINE reals multiply_reals(reals left, reals right)
{
    return _mm256_mul_ps(left, right);
}

VECTOR_INLINE reals divide(reals numerator, reals divisor)
{
    return _mm256_div_ps(numerator, divisor);
}

VECTOR_INLINE int all_transparent(vector group)
{
    return _mm256_testz_si256(group, fill32(0xff000000));
}

VECTOR_INLINE int all_opaque(vector group)
{
    return _mm256_testc_si256(group, fill32(0xff000000));
}

/* `mixed`, but the backdrop where the source has alpha 0. */
VECTOR_INLINE vector keep_where_empty(vector mixed, vector backdrop, vector source)
{
    vector empty = _mm256_cmpeq_epi32(RIGHT32(source, 24), _mm256_setzero_si256());
    return _mm256_blendv_epi8(mixed, backdrop, empty);
}

/* Each pixel's alpha in both of its 16-bit lanes. */
VECTOR_INLINE vector spread_alpha(vector group)
{
    const vector places =
        _mm256_setr_epi8(3, -1, 3, -1, 7, -1, 7, -1, 11, -1, 11, -1, 15, -1, 15,
                         -1, /* the same for the upper half */
                         3, -1, 3, -1, 7, -1, 7, -1, 11, -1, 11, -1, 15, -1, 15, -1);
    return _mm256_shuffle_epi8(group, places);
}

/* A bit for each pixel that is the same in both. */
VECTOR_INLINE unsigned equal_pixels(vector left, vector right)
{
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(left, right)));
}

/*
 * The bytes of a table at these places. A gather reads four bytes a lane, so it reads the aligned
 * four that hold the byte: a read at the byte itself would pass the end of the table.
 */
#define HAS_GATHER
VECTOR_INLINE vector look_up(const uint8_t *table, vector place)
{
    vector within = bits_and(place, fill32(3));
    vector four =
        _mm256_i32gather_epi32((const int *)(const void *)table, bits_xor(place, within), 1);
    return bits_and(_mm256_srlv_epi32(four, LEFT32(within, 3)), fill32(255));
}

#include "kernel/kernel_vector.h"

/*
 * A store of 32 bytes carries the 24 that are wanted and 8 zeros, which the next group overwrites;
 * the last groups, where the zeros would pass the end, are left to the scalar loop.
 */
static void pack_rgb(uint8_t *restrict target, const uint32_t *restrict pixels, size_t count)
{
    enum { ROOM = 11 };
    const vector drop_alpha = _mm256_setr_epi8(
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, /* the same for the upper half */
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const vector close_gap = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    size_t index = 0;
    for (; count - index >= ROOM; index += GROUP) {
        vector group = _mm256_shuffle_epi8(load(pixels + index), drop_alpha);
        _mm256_storeu_si256((__m256i *)(void *)(target + 3 * index),
                            _mm256_permutevar8x32_epi32(group, close_gap));
    }
    kernel_scalar_table.pack_rgb(target + 3 * index, pixels + index, count - index);
}

const struct kernel_table kernel_avx2_table = {.name = "avx2", VECTOR_LOOPS};

#else

/* ISO C wants a translation unit to hold something. */
typedef int kernel_avx2_is_empty;

#endif
