/* Pixel buffers: what sizes they take, and the box of visible pixels against a plain search. */
#include "image/image.h"

#include "base/memory.h"
#include "base/random.h"
#include "os/machine.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void sizes_in_range_are_taken(void **state)
{
    (void)state;
    static const uint32_t sides[][2] = {{1, 1}, {IMAGE_SIDE_MAX, 1}, {1, IMAGE_SIDE_MAX}, {64, 48}};
    for (size_t index = 0; index < sizeof sides / sizeof sides[0]; index++) {
        struct image image;
        assert_int_equal(image_init(&image, sides[index][0], sides[index][1], NULL), SGR_OK);
        assert_int_equal(image.width, sides[index][0]);
        assert_int_equal(image.height, sides[index][1]);
        memset(image.pixels, 255, (size_t)image.width * image.height * sizeof *image.pixels);
        image_finish(&image);
        assert_null(image.pixels);
        image_finish(&image);
    }
}

static void sizes_out_of_range_are_refused(void **state)
{
    (void)state;
    static const uint32_t sides[][2] = {
        {0, 1}, {1, 0}, {IMAGE_SIDE_MAX + 1, 1}, {1, IMAGE_SIDE_MAX + 1}, {UINT32_MAX, UINT32_MAX}};
    for (size_t index = 0; index < sizeof sides / sizeof sides[0]; index++) {
        struct image image;
        struct sgr_error error = {.status = SGR_OK};
        assert_int_equal(image_init(&image, sides[index][0], sides[index][1], &error), SGR_INPUT);
        assert_int_equal(error.status, SGR_INPUT);
        assert_non_null(strstr(error.text, "32767"));
    }
}

static void lack_of_memory_is_told(void **state)
{
    (void)state;
    struct image image;
    struct sgr_error error;
    memory_fail_after(1, false);
    assert_int_equal(image_init(&image, 10, 10, &error), SGR_NO_MEMORY);
    memory_fail_after(0, false);
}

static void nothing_visible_has_the_zero_box(void **state)
{
    (void)state;
    uint32_t pixels[12] = {0x00ffffff, 1, 2};
    struct image image = {4, 3, pixels};
    struct image_box box = image_visible_box(&image);
    struct image_box zero = {0, 0, 0, 0};
    assert_memory_equal(&box, &zero, sizeof box);
}

static struct image_box searched_box(const struct image *image)
{
    struct image_box box = {image->width, image->height, 0, 0};
    for (uint32_t index = 0; index < image->width * image->height; index++) {
        uint32_t x = index % image->width;
        uint32_t y = index / image->width;
        if (image_alpha(image->pixels[index]) == 0)
            continue;
        box.left = x < box.left ? x : box.left;
        box.top = y < box.top ? y : box.top;
        box.right = x + 1 > box.right ? x + 1 : box.right;
        box.bottom = y + 1 > box.bottom ? y + 1 : box.bottom;
    }
    return box.bottom ? box : (struct image_box){0, 0, 0, 0};
}

static void box_equals_a_plain_search(void **state)
{
    const char *seed = *state;
    struct random random;
    random_init(&random, seed, 0);
    uint32_t pixels[32 * 32];
    for (int round = 0; round < 3000; round++) {
        struct image image = {1 + (uint32_t)random_below(&random, 32),
                              1 + (uint32_t)random_below(&random, 32), pixels};
        for (size_t index = 0; index < 32 * 32; index++)
            pixels[index] = (uint32_t)random_next(&random) & 0xffffff;
        for (uint64_t dots = random_below(&random, 5); dots > 0; dots--) {
            uint32_t alpha = 1 + (uint32_t)random_below(&random, 255);
            pixels[random_below(&random, image.width * image.height)] |= alpha << 24;
        }
        struct image_box box = image_visible_box(&image);
        struct image_box want = searched_box(&image);
        assert_memory_equal(&box, &want, sizeof box);
    }
}

int main(int count, char **arguments)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, machine_now_ns());
    char *used = count > 1 ? arguments[1] : seed;
    printf("seed %s\n", used);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_in_range_are_taken),
        cmocka_unit_test(sizes_out_of_range_are_refused),
        cmocka_unit_test(lack_of_memory_is_told),
        cmocka_unit_test(nothing_visible_has_the_zero_box),
        cmocka_unit_test_prestate(box_equals_a_plain_search, used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
