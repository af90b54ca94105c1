/*
 * Resampling: what must stay exactly as it is (flat colours, identity, nearest), where fringes
 * would show, extreme ratios, and smooth filters against the same sums on real numbers.
 */
#include "image/resample.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "os/machine.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const enum sgr_resample filters[] = {SGR_RESAMPLE_NEAREST, SGR_RESAMPLE_BILINEAR,
                                            SGR_RESAMPLE_LANCZOS};
enum { FILTERS = 3 };

static struct image make_image(uint32_t width, uint32_t height)
{
    struct image image;
    assert_int_equal(image_init(&image, width, height, NULL), SGR_OK);
    return image;
}

static struct image scaled(const struct image *source, uint32_t width, uint32_t height,
                           enum sgr_resample filter)
{
    struct image image = {0};
    assert_int_equal(resample_image(source, width, height, filter, &image, NULL), SGR_OK);
    assert_int_equal(image.width, width);
    assert_int_equal(image.height, height);
    return image;
}

static size_t area(const struct image *image)
{
    return (size_t)image->width * image->height;
}

static const uint32_t shapes[][4] = {
    {1, 1, 1, 1},     {1, 1, 300, 200},     {300, 200, 1, 1},     {7, 5, 64, 48},
    {64, 48, 7, 5},   {100, 100, 99, 101},  {99, 101, 100, 100},  {32767, 1, 1, 1},
    {1, 32767, 1, 1}, {1, 1, 32767, 1},     {32767, 2, 13, 2},    {2, 32767, 2, 32766},
    {3, 2, 2, 3},     {32767, 1, 32766, 1}, {32766, 1, 32767, 1}, {13, 13, 500, 3},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static void flat_colours_stay(void **state)
{
    (void)state;
    static const uint32_t colours[] = {0xffffffff, 0xff000000, 0xff6380fe,
                                       0x01020304, 0x80ff7f01, 0};
    for (unsigned index = 0; index < SHAPES * FILTERS; index++) {
        const uint32_t *shape = shapes[index / FILTERS];
        uint32_t colour = colours[index / FILTERS % 6];
        struct image source = make_image(shape[0], shape[1]);
        for (size_t at = 0; at < area(&source); at++)
            source.pixels[at] = colour;
        struct image target = scaled(&source, shape[2], shape[3], filters[index % FILTERS]);
        for (size_t at = 0; at < area(&target); at++)
            assert_int_equal(target.pixels[at], colour);
        image_finish(&source);
        image_finish(&target);
    }
}

static void fill_noise(struct image *image, struct random *random)
{
    for (size_t at = 0; at < area(image); at++)
        image->pixels[at] = (uint32_t)random_next(random);
}

static void one_colour_keeps_it_under_any_alpha(void **state)
{
    struct random random;
    random_init(&random, *state, 1);
    for (unsigned index = 0; index < SHAPES * FILTERS; index++) {
        const uint32_t *shape = shapes[index / FILTERS];
        struct image source = make_image(shape[0], shape[1]);
        fill_noise(&source, &random);
        for (size_t at = 0; at < area(&source); at++)
            source.pixels[at] = (source.pixels[at] & 0xff000000) | 0x17c8fd;
        struct image target = scaled(&source, shape[2], shape[3], filters[index % FILTERS]);
        for (size_t at = 0; at < area(&target); at++) {
            if (image_alpha(target.pixels[at]))
                assert_int_equal(target.pixels[at] & 0xffffff, 0x17c8fd);
            else
                assert_int_equal(target.pixels[at], 0);
        }
        image_finish(&source);
        image_finish(&target);
    }
}

static void the_same_size_is_a_copy(void **state)
{
    struct random random;
    random_init(&random, *state, 2);
    for (int filter = 0; filter < FILTERS; filter++) {
        struct image source = make_image(123, 77);
        fill_noise(&source, &random);
        source.pixels[5] &= 0xffffff;
        struct image target = scaled(&source, 123, 77, filters[filter]);
        for (size_t at = 0; at < area(&source); at++) {
            uint32_t pixel = source.pixels[at];
            assert_int_equal(target.pixels[at], image_alpha(pixel) ? pixel : 0);
        }
        image_finish(&source);
        image_finish(&target);
    }
}

static void transparent_black_leaves_no_dark_fringe(void **state)
{
    (void)state;
    for (unsigned index = 0; index < FILTERS * 60; index++) {
        struct image source = make_image(20, 20);
        for (size_t at = 0; at < area(&source); at++)
            source.pixels[at] = at % 20 < 10 ? 0xffffffff : 0;
        uint32_t side = 1 + index / FILTERS;
        struct image target = scaled(&source, side, side, filters[index % FILTERS]);
        for (size_t at = 0; at < area(&target); at++)
            assert_true(target.pixels[at] == 0 || (target.pixels[at] & 0xffffff) == 0xffffff);
        image_finish(&source);
        image_finish(&target);
    }
}

static void nearest_follows_its_formula(void **state)
{
    struct random random;
    random_init(&random, *state, 3);
    for (int round = 0; round < 60; round++) {
        struct image source = make_image(1 + (uint32_t)random_below(&random, 90),
                                         1 + (uint32_t)random_below(&random, 90));
        fill_noise(&source, &random);
        for (size_t at = 0; at < area(&source); at++)
            source.pixels[at] |= 0x01000000;
        uint32_t width = 1 + (uint32_t)random_below(&random, 200);
        uint32_t height = 1 + (uint32_t)random_below(&random, 200);
        struct image target = scaled(&source, width, height, SGR_RESAMPLE_NEAREST);
        for (uint32_t at = 0; at < width * height; at++) {
            uint32_t x = (2 * (at % width) + 1) * source.width / (2 * width);
            uint32_t y = (2 * (at / width) + 1) * source.height / (2 * height);
            assert_int_equal(target.pixels[at], source.pixels[y * source.width + x]);
        }
        image_finish(&source);
        image_finish(&target);
    }
}

static double kernel_value(enum sgr_resample filter, double distance)
{
    const double pi = 3.14159265358979323846;
    double t = fabs(distance);
    if (filter == SGR_RESAMPLE_BILINEAR)
        return t < 1 ? 1 - t : 0;
    if (t < 1e-12)
        return 1;
    return t < 3 ? 3 * sin(pi * t) * sin(pi * t / 3) / (pi * pi * t * t) : 0;
}

/* The weights of target pixel x on real numbers, over all of a short source. */
static void real_weights(enum sgr_resample filter, const uint32_t lengths[2], uint32_t x,
                         double *weights)
{
    double scale = (double)lengths[0] / lengths[1];
    double widened = scale > 1 ? scale : 1;
    double sum = 0;
    for (uint32_t index = 0; index < lengths[0]; index++) {
        weights[index] = kernel_value(filter, (index + 0.5 - (x + 0.5) * scale) / widened);
        sum += weights[index];
    }
    for (uint32_t index = 0; index < lengths[0]; index++)
        weights[index] /= sum;
}

/* Where the filters must be: within a hundredth of a level of the clamped real value. */
static void check_real(const struct image *source, uint32_t pixel, const double *across,
                       const double *down)
{
    double sums[4] = {0};
    for (uint32_t at = 0; at < area(source); at++) {
        double weight = across[at % source->width] * down[at / source->width];
        uint32_t from = source->pixels[at];
        double alpha = image_alpha(from);
        for (int channel = 0; channel < 3; channel++)
            sums[channel] += weight * alpha * (from >> (8 * channel) & 255);
        sums[3] += weight * alpha;
    }
    double alpha = fmin(fmax(sums[3], 0), 255);
    assert_true(fabs(image_alpha(pixel) - alpha) < 0.51);
    for (int channel = 0; channel < 3 && image_alpha(pixel); channel++) {
        double colour = fmin(fmax(sums[channel] / sums[3], 0), 255);
        assert_true(fabs((pixel >> (8 * channel) & 255) - colour) < 0.51 + 0.01 / alpha);
    }
}

static void smooth_filters_equal_real_sums(void **state)
{
    struct random random;
    random_init(&random, *state, 4);
    for (int round = 0; round < 200; round++) {
        enum sgr_resample filter = filters[1 + round % 2];
        double across[24];
        double down[24];
        struct image source = make_image(1 + (uint32_t)random_below(&random, 24),
                                         1 + (uint32_t)random_below(&random, 24));
        fill_noise(&source, &random);
        uint32_t width = 1 + (uint32_t)random_below(&random, 40);
        uint32_t height = 1 + (uint32_t)random_below(&random, 40);
        struct image target = scaled(&source, width, height, filter);
        for (uint32_t at = 0; at < width * height; at++) {
            real_weights(filter, (uint32_t[2]){source.width, width}, at % width, across);
            real_weights(filter, (uint32_t[2]){source.height, height}, at / width, down);
            check_real(&source, target.pixels[at], across, down);
        }
        image_finish(&source);
        image_finish(&target);
    }
}

static void pixels_are_those_of_every_other_machine(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, "golden", 0);
    struct image source = make_image(31, 29);
    fill_noise(&source, &random);
    static const struct {
        enum sgr_resample filter;
        uint32_t width;
        uint32_t height;
        uint64_t want;
    } goldens[] = {
        {SGR_RESAMPLE_BILINEAR, 11, 17, UINT64_C(0xa0f6576045b3025a)},
        {SGR_RESAMPLE_BILINEAR, 47, 40, UINT64_C(0xf2d742777f9c09bf)},
        {SGR_RESAMPLE_LANCZOS, 11, 17, UINT64_C(0xe67ef62c20d4fc7d)},
        {SGR_RESAMPLE_LANCZOS, 47, 40, UINT64_C(0x31ce59b4d686efe)},
    };
    for (size_t index = 0; index < sizeof goldens / sizeof goldens[0]; index++) {
        struct image target =
            scaled(&source, goldens[index].width, goldens[index].height, goldens[index].filter);
        assert_int_equal(hash_64(target.pixels, area(&target) * sizeof *target.pixels),
                         goldens[index].want);
        image_finish(&target);
    }
    image_finish(&source);
}

static void bad_sizes_and_lack_of_memory_are_told(void **state)
{
    (void)state;
    struct image source = make_image(4, 4);
    memset(source.pixels, 255, area(&source) * sizeof *source.pixels);
    struct image target;
    struct sgr_error error;
    assert_int_equal(resample_image(&source, 0, 5, SGR_RESAMPLE_LANCZOS, &target, &error),
                     SGR_INPUT);
    uint64_t countdown = 0;
    enum sgr_status status;
    do {
        memory_fail_after(++countdown, false);
        status = resample_image(&source, 9, 5, SGR_RESAMPLE_LANCZOS, &target, &error);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
    } while (status);
    memory_fail_after(0, false);
    assert_true(countdown > 5);
    image_finish(&target);
    image_finish(&source);
}

int main(int count, char **arguments)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, machine_now_ns());
    char *used = count > 1 ? arguments[1] : seed;
    printf("seed %s\n", used);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_colours_stay),
        cmocka_unit_test_prestate(one_colour_keeps_it_under_any_alpha, used),
        cmocka_unit_test_prestate(the_same_size_is_a_copy, used),
        cmocka_unit_test(transparent_black_leaves_no_dark_fringe),
        cmocka_unit_test_prestate(nearest_follows_its_formula, used),
        cmocka_unit_test_prestate(smooth_filters_equal_real_sums, used),
        cmocka_unit_test(pixels_are_those_of_every_other_machine),
        cmocka_unit_test(bad_sizes_and_lack_of_memory_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
