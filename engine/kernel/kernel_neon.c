/* The loops for NEON of 64-bit ARM, four pixels at a time. */
#if defined(__aarch64__)

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>

/* The helpers must melt into the loops: what they share lives in registers. */
#define VECTOR_INLINE static inline __attribute__((always_inline))

typedef uint32x4_t vector;
typedef float32x4_t reals;

enum { GROUP = 4 };

/* The same bits seen as lanes of other widths. */
#define AS8(lanes) vreinterpretq_u8_u32(lanes)
#define AS16(lanes) vreinterpretq_u16_u32(lanes)
#define FROM8(lanes) vreinterpretq_u32_u8(lanes)
#define FROM16(lanes) vreinterpretq_u32_u16(lanes)

#define LEFT16(lanes, bits) FROM16(vshlq_n_u16(AS16(lanes), bits))
#define RIGHT16(lanes, bits) FROM16(vshrq_n_u16(AS16(lanes), bits))
#define LEFT32(lanes, bits) vshlq_n_u32(lanes, bits)
#define RIGHT32(lanes, bits) vshrq_n_u32(lanes, bits)
/* All ones in 16-bit lanes whose upper, or whose lowest bit is set. */
#define NEGATIVE16(lanes) vreinterpretq_u32_s16(vshrq_n_s16(vreinterpretq_s16_u32(lanes), 15))
#define ODD16(lanes) NEGATIVE16(LEFT16(lanes, 15))

VECTOR_INLINE vector load(const uint32_t *pixels)
{
    return vld1q_u32(pixels);
}

VECTOR_INLINE void store(uint32_t *pixels, vector group)
{
    vst1q_u32(pixels, group);
}

/* Lanes one by one: a copy of variable size would be a call. */
VECTOR_INLINE vector load_some(const uint32_t *pixels, size_t count)
{
    vector group = vsetq_lane_u32(pixels[0], vdupq_n_u32(0), 0);
    if (count > 1)
        group = vsetq_lane_u32(pixels[1], group, 1);
    return count > 2 ? vsetq_lane_u32(pixels[2], group, 2) : group;
}

VECTOR_INLINE void store_some(uint32_t *pixels, vector group, size_t count)
{
    pixels[0] = vgetq_lane_u32(group, 0);
    if (count > 1)
        pixels[1] = vgetq_lane_u32(group, 1);
    if (count > 2)
        pixels[2] = vgetq_lane_u32(group, 2);
}

VECTOR_INLINE vector fill16(uint16_t value)
{
    return FROM16(vdupq_n_u16(value));
}

VECTOR_INLINE vector fill32(uint32_t value)
{
    return vdupq_n_u32(value);
}

VECTOR_INLINE reals fill_reals(float value)
{
    return vdupq_n_f32(value);
}

VECTOR_INLINE vector bits_and(vector left, vector right)
{
    return vandq_u32(left, right);
}

/* The bits of `right` that are not in `left`. */
VECTOR_INLINE vector bits_and_not(vector left, vector right)
{
    return vbicq_u32(right, left);
}

VECTOR_INLINE vector bits_or(vector left, vector right)
{
    return vorrq_u32(left, right);
}

VECTOR_INLINE vector bits_xor(vector left, vector right)
{
    return veorq_u32(left, right);
}

VECTOR_INLINE vector add16(vector left, vector right)
{
    return FROM16(vaddq_u16(AS16(left), AS16(right)));
}

VECTOR_INLINE vector multiply16(vector left, vector right)
{
    return FROM16(vmulq_u16(AS16(left), AS16(right)));
}

/* The upper halves of the unsigned products. */
VECTOR_INLINE vector multiply_high16(vector left, vector right)
{
    uint16x8_t a = AS16(left);
    uint16x8_t b = AS16(right);
    uint32x4_t low = vmull_u16(vget_low_u16(a), vget_low_u16(b));
    uint32x4_t high = vmull_high_u16(a, b);
    return FROM16(vuzp2q_u16(AS16(low), AS16(high)));
}

VECTOR_INLINE vector add32(vector left, vector right)
{
    return vaddq_u32(left, right);
}

VECTOR_INLINE vector subtract32(vector left, vector right)
{
    return vsubq_u32(left, right);
}

VECTOR_INLINE vector multiply32(vector left, vector right)
{
    return vmulq_u32(left, right);
}

VECTOR_INLINE vector minimum8(vector left, vector right)
{
    return FROM8(vminq_u8(AS8(left), AS8(right)));
}

VECTOR_INLINE vector maximum8(vector left, vector right)
{
    return FROM8(vmaxq_u8(AS8(left), AS8(right)));
}

VECTOR_INLINE vector subtract_down_to_zero8(vector left, vector right)
{
    return FROM8(vqsubq_u8(AS8(left), AS8(right)));
}

VECTOR_INLINE reals to_reals(vector lanes)
{
    return vcvtq_f32_u32(lanes);
}

VECTOR_INLINE vector nearest(reals lanes)
{
    return vcvtnq_u32_f32(lanes);
}

VECTOR_INLINE vector whole(reals lanes)
{
    return vcvtq_u32_f32(lanes);
}

VECTOR_INLINE reals add_reals(reals left, reals right)
{
    return vaddq_f32(left, right);
}

VECTOR_INLINE reals multiply_reals(reals left, reals right)
{
    return vmulq_f32(left, right);
}

VECTOR_INLINE reals divide(reals numerator, reals divisor)
{
    return vdivq_f32(numerator, divisor);
}

VECTOR_INLINE int all_transparent(vector group)
{
    return vmaxvq_u32(group) < 0x01000000;
}

VECTOR_INLINE int all_opaque(vector group)
{
    return vminvq_u32(group) >= 0xff000000;
}

/* `mixed`, but the backdrop where the source has alpha 0. */
VECTOR_INLINE vector keep_where_empty(vector mixed, vector backdrop, vector source)
{
    return vbslq_u32(vcltq_u32(source, fill32(0x01000000)), backdrop, mixed);
}

/* Each pixel's alpha in both of its 16-bit lanes. */
VECTOR_INLINE vector spread_alpha(vector group)
{
    vector alpha = RIGHT32(group, 24);
    return bits_or(alpha, LEFT32(alpha, 16));
}

/* A bit for each pixel that is the same in both. */
VECTOR_INLINE unsigned equal_pixels(vector left, vector right)
{
    const vector bits = {1, 2, 4, 8};
    return vaddvq_u32(bits_and(vceqq_u32(left, right), bits));
}

#include "kernel/kernel_vector.h"

/* Sixteen pixels are taken apart into channels, three of which are put together again. */
static void pack_rgb(uint8_t *restrict target, const uint32_t *restrict pixels, size_t count)
{
    size_t index = 0;
    for (; count - index >= 16; index += 16) {
        uint8x16x4_t channels = vld4q_u8((const uint8_t *)(pixels + index));
        uint8x16x3_t colors = {{channels.val[0], channels.val[1], channels.val[2]}};
        vst3q_u8(target + 3 * index, colors);
    }
    kernel_scalar_table.pack_rgb(target + 3 * index, pixels + index, count - index);
}

const struct kernel_table kernel_neon_table = {.name = "neon", VECTOR_LOOPS};

#else

/* ISO C wants a translation unit to hold something. */
typedef int kernel_neon_is_empty;

#endif
