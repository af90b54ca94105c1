/*
 * Sprites against the definition: every pixel of the canvas, at any place and opacity. An argument
 * is the seed.
 */
#include "sprite_fixture.h"

#include "os/machine.h"

static const char *seed;

static void check_sprite(const struct image *image, const struct sprite_place *place,
                         unsigned kinds[3])
{
    struct sprite sprite;
    uint32_t width = place->canvas_width;
    uint32_t height = place->canvas_height;
    uint32_t *canvas = calloc((size_t)width * height, sizeof *canvas);
    assert_non_null(canvas);
    assert_int_equal(sprite_build(image, place, &sprite, NULL), SGR_OK);
    assert_true(sprite.top <= sprite.bottom && sprite.bottom <= height);
    spell_out(&sprite, width, canvas, kinds);
    for (uint32_t y = 0; y < height; y++) {
        bool seen = false;
        bool covered = true;
        for (uint32_t x = 0; x < width; x++) {
            uint32_t expected = placed_pixel(image, place, x, y);
            if (canvas[(size_t)y * width + x] != expected)
                fail_msg("%d,%d opacity %u: pixel %u,%u is %08x, not %08x", place->x, place->y,
                         place->opacity, x, y, canvas[(size_t)y * width + x], expected);
            seen |= expected != 0;
            covered &= expected >> 24 == 255;
        }
        assert_int_equal(sprite_reaches(&sprite, y, y + 1), seen);
        assert_int_equal(sprite_covers(&sprite, y, y + 1), covered);
    }
    sprite_build_finish(&sprite);
    assert_null(sprite.words);
    free(canvas);
}

static void every_pixel_is_where_it_belongs(void **state)
{
    (void)state;
    struct random random;
    unsigned kinds[3] = {0, 0, 0};
    random_init(&random, seed, 1);
    for (int round = 0; round < 3000; round++) {
        struct image image;
        uint32_t side = random_below(&random, 4) ? 60 : 150;
        make_image(&random, &image, 1 + (uint32_t)random_below(&random, side),
                   1 + (uint32_t)random_below(&random, 12));
        struct sprite_place place = {.canvas_width = 1 + (uint32_t)random_below(&random, 120),
                                     .canvas_height = 1 + (uint32_t)random_below(&random, 14),
                                     .opacity = 255};
        if (random_below(&random, 3)) {
            place.x = (int32_t)random_below(&random, 200) - 100;
            place.y = (int32_t)random_below(&random, 30) - 15;
        }
        if (random_below(&random, 2))
            place.opacity = (uint8_t)random_below(&random, 256);
        check_sprite(&image, &place, kinds);
        image_finish(&image);
    }
    assert_true(kinds[0] > 100 && kinds[1] > 100 && kinds[2] > 100);
}

static void places_far_outside_leave_nothing(void **state)
{
    (void)state;
    struct random random;
    unsigned kinds[3] = {0, 0, 0};
    random_init(&random, seed, 2);
    struct image image;
    make_image(&random, &image, 40, 9);
    static const int32_t places[] = {-32767, -40, -39, 0, 29, 30, 32767, INT32_MIN, INT32_MAX};
    for (size_t x = 0; x < sizeof places / sizeof *places; x++) {
        for (size_t y = 0; y < sizeof places / sizeof *places; y++) {
            struct sprite_place place = {30, 20, places[x], places[y], 200};
            check_sprite(&image, &place, kinds);
        }
    }
    image_finish(&image);
}

/* The widest row is one run of each kind; what is flat takes two words, what is empty none. */
static void the_widest_rows_fit_one_run(void **state)
{
    (void)state;
    enum { WIDE = IMAGE_SIDE_MAX };
    struct image image;
    struct sprite sprite;
    struct sprite_place place = {WIDE, 4, 0, 0, 255};
    assert_int_equal(image_init(&image, WIDE, 4, NULL), SGR_OK);
    for (uint32_t x = 0; x < WIDE; x++) {
        image.pixels[x] = 0xff102030;
        image.pixels[WIDE + x] = 0xff000000 | x;
        image.pixels[2 * WIDE + x] = 0x80000000 | x;
        image.pixels[3 * WIDE + x] = 0;
    }
    assert_int_equal(sprite_build(&image, &place, &sprite, NULL), SGR_OK);
    assert_int_equal(sprite.row_starts[1], 2);
    assert_int_equal(sprite.row_starts[2], 2 + 1 + WIDE);
    assert_int_equal(sprite.row_starts[3], 2 + 2 * (1 + WIDE));
    assert_int_equal(sprite.bottom, 3);
    assert_int_equal(sprite_run_kind(sprite.words[0]), SPRITE_RUN_FLAT);
    assert_int_equal(sprite_run_length(sprite.words[0]), WIDE);
    assert_int_equal(sprite_run_kind(sprite.words[2]), SPRITE_RUN_OPAQUE);
    assert_int_equal(sprite_run_length(sprite.words[2]), WIDE);
    assert_int_equal(sprite_run_kind(sprite.words[3 + WIDE]), SPRITE_RUN_TRANSLUCENT);
    assert_true(sprite_covers(&sprite, 0, 2));
    assert_false(sprite_covers(&sprite, 0, 3));
    assert_false(sprite_covers(&sprite, 1, 4));
    assert_int_equal(sprite_word_count(&sprite), sprite.row_starts[3]);
    unsigned kinds[3] = {0, 0, 0};
    check_sprite(&image, &place, kinds);
    sprite_build_finish(&sprite);
    image_finish(&image);
}

static void long_gaps_cost_nothing(void **state)
{
    (void)state;
    struct image image;
    struct sprite sprite;
    struct sprite_place place = {1000, 1, 0, 0, 255};
    assert_int_equal(image_init(&image, 1000, 1, NULL), SGR_OK);
    memset(image.pixels, 0, 4000);
    image.pixels[3] = 0x40112233;
    image.pixels[990] = 0x40112233;
    assert_int_equal(sprite_build(&image, &place, &sprite, NULL), SGR_OK);
    assert_int_equal(sprite_word_count(&sprite), 4);
    assert_int_equal(sprite_run_column(sprite.words[0]), 3);
    assert_int_equal(sprite_run_column(sprite.words[2]), 990);
    sprite_build_finish(&sprite);
    memset(image.pixels, 0, 4000);
    assert_int_equal(sprite_build(&image, &place, &sprite, NULL), SGR_OK);
    assert_int_equal(sprite.top, sprite.bottom);
    assert_int_equal(sprite_word_count(&sprite), 0);
    assert_false(sprite_reaches(&sprite, 0, 1));
    assert_false(sprite_covers(&sprite, 0, 1));
    sprite_build_finish(&sprite);
    image_finish(&image);
}

/* Equal digests mean that twins look the same; anything else must show in them. */
static void digests_tell_looks_apart(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    for (int round = 0; round < 300; round++) {
        struct image image;
        struct sprite sprites[5];
        make_image(&random, &image, 20, 5);
        image.pixels[43] = 0xff102030;
        image.pixels[44] = 0xff102031;
        struct sprite_place places[5] = {{20, 8, 0, 1, 255},
                                         {20, 8, 0, 1, 255},
                                         {20, 8, 0, 2, 255},
                                         {20, 8, 1, 1, 255},
                                         {20, 8, 0, 1, 254}};
        for (int index = 0; index < 5; index++)
            assert_int_equal(sprite_build(&image, &places[index], &sprites[index], NULL), SGR_OK);
        assert_true(hash_equal(sprites[0].digest, sprites[1].digest));
        for (int index = 2; index < 5; index++)
            assert_false(hash_equal(sprites[0].digest, sprites[index].digest));
        struct sprite changed;
        image.pixels[43] ^= 1u << random_below(&random, 24);
        assert_int_equal(sprite_build(&image, &places[0], &changed, NULL), SGR_OK);
        assert_false(hash_equal(sprites[0].digest, changed.digest));
        sprite_build_finish(&changed);
        for (int index = 0; index < 5; index++)
            sprite_build_finish(&sprites[index]);
        image_finish(&image);
    }
}

static void building_without_memory_leaves_nothing(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 4);
    struct image image;
    make_image(&random, &image, 200, 40);
    struct sprite_place place = {200, 40, 0, 0, 255};
    struct sprite sprite;
    enum sgr_status status = SGR_NO_MEMORY;
    struct sgr_error error;
    /* A failure to give leftover room back is no failure, so for good is tried too. */
    for (int for_good = 0; for_good < 2; for_good++) {
        status = SGR_NO_MEMORY;
        for (uint64_t nth = 1; status != SGR_OK; nth++) {
            memory_fail_after(nth, for_good);
            status = sprite_build(&image, &place, &sprite, &error);
            memory_fail_after(0, false);
            assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
            assert_true(nth < 100);
        }
        sprite_build_finish(&sprite);
    }
    image_finish(&image);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pixel_is_where_it_belongs),
        cmocka_unit_test(places_far_outside_leave_nothing),
        cmocka_unit_test(the_widest_rows_fit_one_run),
        cmocka_unit_test(long_gaps_cost_nothing),
        cmocka_unit_test(digests_tell_looks_apart),
        cmocka_unit_test(building_without_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
