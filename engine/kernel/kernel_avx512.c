/* The loops for AVX-512 with its byte instructions (F, BW, VL, VBMI), sixteen pixels at a time. */
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) &&                      \
    defined(__AVX512VBMI__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

/* The helpers must melt into the loops: what they share lives in registers. */
#define VECTOR_INLINE static inline __attribute__((always_inline))

typedef __m512i vector;
typedef __m512 reals;

enum { GROUP = 16 };

#define LEFT16(lanes, bits) _mm512_slli_epi16(lanes, bits)
#define RIGHT16(lanes, bits) _mm512_srli_epi16(lanes, bits)
#define LEFT32(lanes, bits) _mm512_slli_epi32(lanes, bits)
#define RIGHT32(lanes, bits) _mm512_srli_epi32(lanes, bits)
/* All ones in 16-bit lanes whose upper, or whose lowest bit is set. */
#define NEGATIVE16(lanes) _mm512_srai_epi16(lanes, 15)
#define ODD16(lanes) NEGATIVE16(LEFT16(lanes, 15))

VECTOR_INLINE vector load(const uint32_t *pixels)
{
    return _mm512_loadu_si512(pixels);
}

VECTOR_INLINE void store(uint32_t *pixels, vector group)
{
    _mm512_storeu_si512(pixels, group);
}

/* Bits for the first `count` lanes, fewer than all. */
VECTOR_INLINE __mmask16 first_lanes(size_t count)
{
    return (__mmask16)((1U << count) - 1);
}

VECTOR_INLINE vector load_some(const uint32_t *pixels, size_t count)
{
    return _mm512_maskz_loadu_epi32(first_lanes(count), pixels);
}

VECTOR_INLINE void store_some(uint32_t *pixels, vector group, size_t count)
{
    _mm512_mask_storeu_epi32(pixels, first_lanes(count), group);
}

VECTOR_INLINE vector fill16(uint16_t value)
{
    return _mm512_set1_epi16((short)value);
}

VECTOR_INLINE vector fill32(uint32_t value)
{
    return _mm512_set1_epi32((int)value);
}

VECTOR_INLINE reals fill_reals(float value)
{
    return _mm512_set1_ps(value);
}

VECTOR_INLINE vector bits_and(vector left, vector right)
{
    return _mm512_and_si512(left, right);
}

/* The bits of `right` that are not in `left`. */
VECTOR_INLINE vector bits_and_not(vector left, vector right)
{
    return _mm512_andnot_si512(left, right);
}

VECTOR_INLINE vector bits_or(vector left, vector right)
{
    return _mm512_or_si512(left, right);
}

VECTOR_INLINE vector bits_xor(vector left, vector right)
{
    return _mm512_xor_si512(left, right);
}

VECTOR_INLINE vector add16(vector left, vector right)
{
    return _mm512_add_epi16(left, right);
}

VECTOR_INLINE vector multiply16(vector left, vector right)
{
    return _mm512_mullo_epi16(left, right);
}

/* The upper halves of the unsigned products. */
VECTOR_INLINE vector multiply_high16(vector left, vector right)
{
    return _mm512_mulhi_epu16(left, right);
}

VECTOR_INLINE vector add32(vector left, vector right)
{
    return _mm512_add_epi32(left, right);
}

VECTOR_INLINE vector subtract32(vector left, vector right)
{
    return _mm512_sub_epi32(left, right);
}

VECTOR_INLINE vector multiply32(vector left, vector right)
{
    return _mm512_mullo_epi32(left, right);
}

VECTOR_INLINE vector minimum8(vector left, vector right)
{
    return _mm512_min_epu8(left, right);
}

VECTOR_INLINE vector maximum8(vector left, vector right)
{
    return _mm512_max_epu8(left, right);
}

VECTOR_INLINE vector subtract_down_to_zero8(vector left, vector right)
{
    return _mm512_subs_epu8(left, right);
}

VECTOR_INLINE reals to_reals(vector lanes)
{
    return _mm512_cvtepi32_ps(lanes);
}

VECTOR_INLINE vector nearest(reals lanes)
{
    return _mm512_cvtps_epi32(lanes);
}

VECTOR_INLINE vector whole(reals lanes)
{
    return _mm512_cvttps_epi32(lanes);
}

VECTOR_INLINE reals add_reals(reals left, reals right)
{
    return _mm512_add_ps(left, right);
}

VECTOR_INLINE reals multiply_reals(reals left, reals right)
{
    return _mm512_mul_ps(left, right);
}

VECTOR_INLINE reals divide(reals numerator, reals divisor)
{
    return _mm512_div_ps(numerator, divisor);
}

VECTOR_INLINE int all_transparent(vector group)
{
    return _mm512_test_epi32_mask(group, fill32(0xff000000)) == 0;
}

VECTOR_INLINE int all_opaque(vector group)
{
    return _mm512_cmplt_epu32_mask(group, fill32(0xff000000)) == 0;
}

/* `mixed`, but the backdrop where the source has alpha 0. */
VECTOR_INLINE vector keep_where_empty(vector mixed, vector backdrop, vector source)
{
    __mmask16 filled = _mm512_test_epi32_mask(source, fill32(0xff000000));
    return _mm512_mask_mov_epi32(backdrop, filled, mixed);
}

/* Each pixel's alpha in both of its 16-bit lanes. */
VECTOR_INLINE vector spread_alpha(vector group)
{
    const vector places = _mm512_broadcast_i32x4(
        _mm_setr_epi8(3, -1, 3, -1, 7, -1, 7, -1, 11, -1, 11, -1, 15, -1, 15, -1));
    return _mm512_shuffle_epi8(group, places);
}

/* A bit for each pixel that is the same in both. */
VECTOR_INLINE unsigned equal_pixels(vector left, vector right)
{
    return _mm512_cmpeq_epi32_mask(left, right);
}

/*
 * The bytes of a table at these places. A gather reads four bytes a lane, so it reads the aligned
 * four that hold the byte: a read at the byte itself would pass the end of the table.
 */
#define HAS_GATHER
VECTOR_INLINE vector look_up(const uint8_t *table, vector place)
{
    vector within = bits_and(place, fill32(3));
    vector four = _mm512_i32gather_epi32(bits_xor(place, within), table, 1);
    return bits_and(_mm512_srlv_epi32(four, LEFT32(within, 3)), fill32(255));
}

#include "kernel/kernel_vector.h"

/*
 * A store of 64 bytes carries the 48 that are wanted and 16 others, which the next group
 * overwrites; the last groups are stored byte by byte of a mask.
 */
static void pack_rgb(uint8_t *restrict target, const uint32_t *restrict pixels, size_t count)
{
    enum { ROOM = 22 };
    static const uint8_t places[64] = {
        0,  1,  2,  4,  5,  6,  8,  9,  10, 12, 13, 14, 16, 17, 18, 20,
        21, 22, 24, 25, 26, 28, 29, 30, 32, 33, 34, 36, 37, 38, 40, 41,
        42, 44, 45, 46, 48, 49, 50, 52, 53, 54, 56, 57, 58, 60, 61, 62,
    };
    const vector drop_alpha = _mm512_loadu_si512(places);
    size_t index = 0;
    for (; count - index >= ROOM; index += GROUP)
        _mm512_storeu_si512(target + 3 * index,
                            _mm512_permutexvar_epi8(drop_alpha, load(pixels + index)));
    while (index < count) {
        size_t some = count - index < GROUP ? count - index : GROUP;
        vector group = some < GROUP ? load_some(pixels + index, some) : load(pixels + index);
        _mm512_mask_storeu_epi8(target + 3 * index, (UINT64_C(1) << 3 * some) - 1,
                                _mm512_permutexvar_epi8(drop_alpha, group));
        index += some;
    }
}

const struct kernel_table kernel_avx512_table = {.name = "avx512", VECTOR_LOOPS};

#else

/* ISO C wants a translation unit to hold something. */
typedef int kernel_avx512_is_empty;

#endif
