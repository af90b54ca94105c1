/*
 * Scaling by weighted sums, first along the rows, then down the columns. Pixels become
 * premultiplied fixed-point quadruples and the weights whole numbers that sum to exactly one, so a
 * flat colour stays what it is and no floating point decides a byte. Source rows are filtered when
 * the first target row needs them and kept in a ring that is as high as one window.
 */
#include "image/resample.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide.h"

#include <stddef.h>

/*
 * Weights are in 2^28ths: several thousand steps each even when 32767 pixels become one, and an
 * int32_t holds eight times a full weight where dropped neighbours make the rest grow (by about a
 * fifth in fact). Filtered rows are in 256ths of a premultiplied unit, 255 * 255 units being full.
 */
enum {
    WEIGHT_BITS = 28,
    ROW_BITS = 8,
    CHANNELS = 4,
    UNITS_FULL = 255 * 255,
    RADIUS_MAX = 3,
};

/* The source pixels that make one target pixel: `count` from `first`, on one axis. */
struct window {
    uint32_t first;
    uint32_t count;
};

/* All windows of one axis and their weights, `stride` apart. Owns both arrays. */
struct axis {
    uint32_t source_length;
    uint32_t length;
    int64_t radius;
    uint32_t stride;
    struct window *windows;
    int32_t *weights;
};

/* The product of two fixed-point numbers with 60 fractional bits. */
static uint64_t multiply_60(uint64_t left, uint64_t right)
{
    return (uint64_t)((wide)left * right >> 60);
}

/*
 * |sin(pi * numerator / denominator)| with 60 fractional bits, exactly 0 at whole numbers. The
 * angle is brought to 0..pi/2, where 12 terms of the sine's series, in Horner's form, leave less
 * than the last bit.
 */
static uint64_t sine(uint64_t numerator, uint64_t denominator)
{
    const uint64_t pi = UINT64_C(3622009729038561421);
    uint64_t rest = numerator % denominator;
    if (2 * rest > denominator)
        rest = denominator - rest;
    uint64_t angle = (uint64_t)((wide)pi * rest / denominator);
    uint64_t square = multiply_60(angle, angle);
    uint64_t sum = UINT64_C(1) << 60;
    for (uint64_t term = 12; term > 0; term--)
        sum = (UINT64_C(1) << 60) - multiply_60(square, sum) / (2 * term * (2 * term + 1));
    return multiply_60(angle, sum);
}

/*
 * The Lanczos window 3 * sin(pi*t) * sin(pi*t/3) / (pi*t)^2 at t = distance / unit, |t| < 3, with
 * 30 fractional bits. The second sine is positive there; the first is negative from 1 to 2.
 */
static int64_t lanczos_weight(int64_t distance, int64_t unit)
{
    const uint64_t pi_squared = UINT64_C(11378879155978302162);
    if (distance == 0)
        return INT64_C(1) << 30;
    uint64_t numerator = (uint64_t)(distance < 0 ? -distance : distance);
    uint64_t denominator = (uint64_t)unit;
    wide sines = multiply_60(sine(numerator, denominator), sine(numerator, 3 * denominator));
    wide over_square = sines * 3 * denominator * denominator / ((wide)numerator * numerator);
    int64_t weight = (int64_t)((over_square << 30) / pi_squared);
    return numerator / denominator == 1 ? -weight : weight;
}

/*
 * Target pixel x lies over the source at (2x + 1) * source_length / (2 * length), source pixel i
 * has its middle at i + 1/2. Their distance in units of the filter, widened by the scale when
 * shrinking, is this number over filter_unit, both whole.
 */
static int64_t filter_distance(const struct axis *axis, uint32_t x, uint32_t source_index)
{
    return (2 * (int64_t)source_index + 1) * axis->length -
           (2 * (int64_t)x + 1) * axis->source_length;
}

static int64_t filter_unit(const struct axis *axis)
{
    return 2 * (int64_t)(axis->length > axis->source_length ? axis->length : axis->source_length);
}

/* Radius 1 is the triangle, radius 3 Lanczos. */
static int64_t raw_weight(const struct axis *axis, int64_t distance)
{
    int64_t unit = filter_unit(axis);
    if (axis->radius == RADIUS_MAX)
        return lanczos_weight(distance, unit);
    return unit - (distance < 0 ? -distance : distance);
}

/*
 * Sets the window and the weights of target pixel x; its window begins at or after `from`. Each
 * quotient's remainder is carried to the next one, so the weights sum to exactly 2^WEIGHT_BITS.
 */
static void weigh_pixel(struct axis *axis, uint32_t x, uint32_t from)
{
    int64_t reach = axis->radius * filter_unit(axis);
    int32_t *weights = axis->weights + (size_t)x * axis->stride;
    uint32_t first = from;
    while (filter_distance(axis, x, first) <= -reach)
        first++;
    int64_t sum = 0;
    uint32_t end = first;
    for (; end < axis->source_length && filter_distance(axis, x, end) < reach; end++)
        sum += raw_weight(axis, filter_distance(axis, x, end));
    ERROR_ASSERT(sum > 0 && end - first <= axis->stride);
    int64_t carried = 0;
    for (uint32_t index = first; index < end; index++) {
        int64_t raw = raw_weight(axis, filter_distance(axis, x, index));
        carried += raw * (INT64_C(1) << WEIGHT_BITS);
        weights[index - first] = (int32_t)(carried / sum);
        carried %= sum;
    }
    ERROR_ASSERT(carried == 0);
    axis->windows[x] = (struct window){first, end - first};
}

static void axis_finish(struct axis *axis)
{
    memory_free(axis->windows);
    memory_free(axis->weights);
    *axis = (struct axis){.windows = NULL};
}

/* False without memory; finish it in either case. */
static bool axis_init(struct axis *axis, uint32_t source_length, uint32_t length, int64_t radius)
{
    *axis = (struct axis){.source_length = source_length, .length = length, .radius = radius};
    uint64_t reach = (uint64_t)(radius * filter_unit(axis));
    uint64_t stride = reach / length + 1;
    axis->stride = stride < source_length ? (uint32_t)stride : source_length;
    axis->windows = memory_allocate(length, sizeof *axis->windows);
    axis->weights = memory_allocate((size_t)length * axis->stride, sizeof *axis->weights);
    if (!axis->windows || !axis->weights)
        return false;
    uint32_t from = 0;
    for (uint32_t x = 0; x < length; x++) {
        weigh_pixel(axis, x, from);
        from = axis->windows[x].first;
    }
    return true;
}

/* One resampling under way. */
struct resampler {
    const struct image *source;
    struct axis across;
    struct axis down;
    /* One source row, premultiplied; `ring_rows` filtered rows; the sums of one target row. */
    int32_t *premultiplied;
    int32_t *ring;
    int64_t *sums;
    uint32_t ring_rows;
    /* Source rows before this one have been filtered. */
    uint32_t filtered;
};

static void premultiply_row(const uint32_t *pixels, uint32_t width, int32_t *units)
{
    for (uint32_t x = 0; x < width; x++) {
        uint32_t pixel = pixels[x];
        uint32_t alpha = image_alpha(pixel);
        int32_t *unit = units + (size_t)CHANNELS * x;
        unit[0] = (int32_t)((pixel & 255) * alpha);
        unit[1] = (int32_t)((pixel >> 8 & 255) * alpha);
        unit[2] = (int32_t)((pixel >> 16 & 255) * alpha);
        unit[3] = (int32_t)(255 * alpha);
    }
}

/* To nearest, halves away from 0: the same for a value and its negative. */
static int64_t shift_rounded(int64_t value, int bits)
{
    int64_t half = INT64_C(1) << (bits - 1);
    return (value < 0 ? value - half : value + half) / (INT64_C(1) << bits);
}

static void filter_row(const struct axis *axis, const int32_t *units, int32_t *target)
{
    for (uint32_t x = 0; x < axis->length; x++) {
        const struct window *window = &axis->windows[x];
        const int32_t *weights = axis->weights + (size_t)x * axis->stride;
        const int32_t *unit = units + (size_t)CHANNELS * window->first;
        int64_t sums[CHANNELS] = {0};
        for (uint32_t index = 0; index < window->count; index++, unit += CHANNELS) {
            for (int channel = 0; channel < CHANNELS; channel++)
                sums[channel] += (int64_t)weights[index] * unit[channel];
        }
        for (int channel = 0; channel < CHANNELS; channel++)
            target[CHANNELS * (size_t)x + (size_t)channel] =
                (int32_t)shift_rounded(sums[channel], WEIGHT_BITS - ROW_BITS);
    }
}

static int32_t *ring_row(const struct resampler *resampler, uint32_t row)
{
    size_t row_units = (size_t)CHANNELS * resampler->across.length;
    return resampler->ring + row_units * (row % resampler->ring_rows);
}

/* Filters the source rows before `end` that have not been yet. */
static void filter_rows_until(struct resampler *resampler, uint32_t end)
{
    const struct image *source = resampler->source;
    for (; resampler->filtered < end; resampler->filtered++) {
        uint32_t row = resampler->filtered;
        premultiply_row(source->pixels + (size_t)row * source->width, source->width,
                        resampler->premultiplied);
        filter_row(&resampler->across, resampler->premultiplied, ring_row(resampler, row));
    }
}

/* Sums whole rows, one after the other, as they lie in memory. */
static void sum_rows(const struct resampler *resampler, uint32_t y)
{
    const struct axis *down = &resampler->down;
    const struct window *window = &down->windows[y];
    size_t row_units = (size_t)CHANNELS * resampler->across.length;
    int64_t *sums = resampler->sums;
    for (size_t unit = 0; unit < row_units; unit++)
        sums[unit] = 0;
    for (uint32_t index = 0; index < window->count; index++) {
        const int32_t *row = ring_row(resampler, window->first + index);
        int64_t weight = down->weights[(size_t)y * down->stride + index];
        for (size_t unit = 0; unit < row_units; unit++)
            sums[unit] += weight * row[unit];
    }
}

static int64_t clamp(int64_t value, int64_t limit)
{
    if (value < 0)
        return 0;
    return value < limit ? value : limit;
}

/*
 * Lanczos may overshoot. The colour is divided by the alpha as it came out, so that where alpha
 * overshoots alone the colour stays; what is stored is clamped.
 */
static uint32_t unpremultiply(const int64_t sums[CHANNELS])
{
    const int64_t full = (int64_t)UNITS_FULL << ROW_BITS;
    int64_t alpha = shift_rounded(sums[3], WEIGHT_BITS);
    uint32_t stored = (uint32_t)((2 * 255 * clamp(alpha, full) + full) / (2 * full));
    if (stored == 0)
        return 0;
    uint32_t pixel = stored << 24;
    for (int channel = 0; channel < 3; channel++) {
        int64_t colour = clamp(shift_rounded(sums[channel], WEIGHT_BITS), alpha);
        pixel |= (uint32_t)((2 * 255 * colour + alpha) / (2 * alpha)) << (8 * channel);
    }
    return pixel;
}

static void resample_rows(struct resampler *resampler, struct image *target)
{
    for (uint32_t y = 0; y < target->height; y++) {
        const struct window *window = &resampler->down.windows[y];
        filter_rows_until(resampler, window->first + window->count);
        sum_rows(resampler, y);
        uint32_t *row = target->pixels + (size_t)y * target->width;
        for (uint32_t x = 0; x < target->width; x++)
            row[x] = unpremultiply(resampler->sums + (size_t)CHANNELS * x);
    }
}

static void resampler_finish(struct resampler *resampler)
{
    axis_finish(&resampler->across);
    axis_finish(&resampler->down);
    memory_free(resampler->premultiplied);
    memory_free(resampler->ring);
    memory_free(resampler->sums);
}

/* False without memory; finish it in either case. */
static bool resampler_init(struct resampler *resampler, const struct image *target, int64_t radius)
{
    const struct image *source = resampler->source;
    if (!axis_init(&resampler->across, source->width, target->width, radius) ||
        !axis_init(&resampler->down, source->height, target->height, radius))
        return false;
    /* A window is at most a stride long, and windows only move down: no row is needed again. */
    resampler->ring_rows = resampler->down.stride;
    size_t row_units = (size_t)CHANNELS * target->width;
    resampler->premultiplied = memory_allocate((size_t)CHANNELS * source->width, sizeof(int32_t));
    resampler->ring = memory_allocate(row_units * resampler->ring_rows, sizeof(int32_t));
    resampler->sums = memory_allocate(row_units, sizeof(int64_t));
    return resampler->premultiplied && resampler->ring && resampler->sums;
}

static enum sgr_status resample_smooth(const struct image *source, int64_t radius,
                                       struct image *target, struct sgr_error *error)
{
    struct resampler resampler = {.source = source};
    enum sgr_status status = SGR_OK;
    if (resampler_init(&resampler, target, radius))
        resample_rows(&resampler, target);
    else
        status = error_no_memory(error, "scaling a picture");
    resampler_finish(&resampler);
    return status;
}

static uint32_t nearest_index(uint32_t index, uint32_t source_length, uint32_t length)
{
    return (uint32_t)((2 * (uint64_t)index + 1) * source_length / (2 * (uint64_t)length));
}

/* Pixels without alpha are stored as 0 like the other filters do. */
static void resample_nearest(const struct image *source, struct image *target)
{
    for (uint32_t y = 0; y < target->height; y++) {
        uint32_t source_y = nearest_index(y, source->height, target->height);
        const uint32_t *from = source->pixels + (size_t)source_y * source->width;
        uint32_t *row = target->pixels + (size_t)y * target->width;
        for (uint32_t x = 0; x < target->width; x++) {
            uint32_t pixel = from[nearest_index(x, source->width, target->width)];
            row[x] = image_alpha(pixel) ? pixel : 0;
        }
    }
}

enum sgr_status resample_image(const struct image *source, uint32_t width, uint32_t height,
                               enum sgr_resample filter, struct image *out, struct sgr_error *error)
{
    ERROR_ASSERT(filter != SGR_RESAMPLE_NONE);
    struct image target;
    enum sgr_status status = image_init(&target, width, height, error);
    if (status)
        return status;
    if (filter == SGR_RESAMPLE_NEAREST)
        resample_nearest(source, &target);
    else
        status = resample_smooth(source, filter == SGR_RESAMPLE_LANCZOS ? RADIUS_MAX : 1, &target,
                                 error);
    if (status) {
        image_finish(&target);
        return status;
    }
    *out = target;
    return SGR_OK;
}
