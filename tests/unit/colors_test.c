/*
 * What is proven of colours, held against made sprites: grey, few colours, translucent edges,
 * blend modes, parts that nobody uses; and packing by palette, by its definition. An argument is
 * the seed.
 */
#include "sprite_fixture.h"

#include "codec/png_pack.h"
#include "os/machine.h"
#include "sheet/colors.h"

enum { WIDTH = 40, HEIGHT = 150, SPRITES = 3 };

static const char *seed;

/* Up to three sprites, each the only one of a part. */
struct scene {
    struct sprite_set set;
    struct sprite sprites[SPRITES];
    struct sprite_part parts[SPRITES];
    uint64_t uses[SPRITES];
};

static void scene_init(struct scene *scene)
{
    *scene = (struct scene){.set = {.width = WIDTH, .height = HEIGHT, .scratch = OPEN_FILE_NONE}};
    scene->set.sprites = scene->sprites;
    scene->set.parts = scene->parts;
}

static void scene_finish(struct scene *scene)
{
    for (size_t index = 0; index < scene->set.sprite_count; index++)
        sprite_build_finish(&scene->sprites[index]);
    file_abandon(&scene->set.scratch);
}

/* Adds a part of normal mode, in one item, that shows `pixels`. */
static void add_part(struct scene *scene, const uint32_t *pixels)
{
    static uint32_t kept[WIDTH * HEIGHT];
    struct sprite_place place = {WIDTH, HEIGHT, 0, 0, 255};
    struct image image = {WIDTH, HEIGHT, kept};
    size_t at = scene->set.sprite_count++;
    memcpy(kept, pixels, sizeof kept);
    assert_int_equal(sprite_build(&image, &place, &scene->sprites[at], NULL), SGR_OK);
    scene->parts[at] = (struct sprite_part){(uint32_t)at, 0, BLEND_NORMAL};
    scene->uses[at] = 1;
    scene->set.part_count = scene->set.sprite_count;
}

/* Pixel `index` has the colour first + index % count; the first pixel stays empty. */
static const uint32_t *steps(uint32_t first, uint32_t count, uint32_t step)
{
    static uint32_t pixels[WIDTH * HEIGHT];
    for (uint32_t index = 0; index < WIDTH * HEIGHT; index++)
        pixels[index] = index ? 0xff000000 | (first + index % count * step) : 0;
    return pixels;
}

static struct colors survey(const struct scene *scene)
{
    struct colors colors;
    assert_int_equal(colors_survey(&scene->set, scene->uses, &colors, NULL), SGR_OK);
    return colors;
}

static void grey_is_found_with_and_without_alpha(void **state)
{
    (void)state;
    static uint32_t pixels[WIDTH * HEIGHT];
    struct scene scene;
    scene_init(&scene);
    add_part(&scene, steps(0, 256, 0x010101));
    struct colors colors = survey(&scene);
    assert_true(colors.grey && colors.countable);
    assert_int_equal(colors.palette_count, 256);
    memcpy(pixels, steps(0, 256, 0x010101), sizeof pixels);
    pixels[777] = 0x80404040;
    add_part(&scene, pixels);
    colors = survey(&scene);
    assert_true(colors.grey && !colors.countable);
    /* One pixel off grey by one in one channel, for each channel. */
    for (unsigned channel = 0; channel < 3; channel++) {
        sprite_build_finish(&scene.sprites[--scene.set.sprite_count]);
        memcpy(pixels, steps(0, 256, 0x010101), sizeof pixels);
        pixels[WIDTH * HEIGHT - 1] ^= 1u << 8 * channel;
        add_part(&scene, pixels);
        assert_false(survey(&scene).grey);
    }
    scene_finish(&scene);
}

static void colours_are_counted_up_to_256(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    add_part(&scene, steps(100, 200, 1));
    add_part(&scene, steps(244, 112, 1));
    struct colors colors = survey(&scene);
    assert_true(colors.countable && !colors.grey);
    assert_int_equal(colors.palette_count, 256);
    /* Those of both parts come first, ties are by value. */
    for (uint32_t index = 0; index < 256; index++) {
        uint32_t expected = index < 56 ? 244 + index : index < 200 ? 100 + index - 56 : 100 + index;
        assert_int_equal(colors.palette[index], 0xff000000 | expected);
    }
    /* The part of more items decides. */
    scene.uses[1] = 5;
    colors = survey(&scene);
    assert_int_equal(colors.palette[56], 0xff000000 | 300);
    assert_int_equal(colors.palette[112], 0xff000000 | 100);
    add_part(&scene, steps(356, 1, 1));
    assert_false(survey(&scene).countable);
    assert_int_equal(survey(&scene).palette_count, 0);
    /* What no item has cannot be seen. */
    scene.uses[2] = 0;
    assert_true(survey(&scene).countable);
    scene_finish(&scene);
}

static void translucent_pixels_are_no_palettes(void **state)
{
    (void)state;
    static uint32_t pixels[WIDTH * HEIGHT];
    static const uint32_t alphas[] = {1, 128, 254};
    for (size_t index = 0; index < 3; index++) {
        struct scene scene;
        scene_init(&scene);
        memcpy(pixels, steps(5, 3, 1), sizeof pixels);
        pixels[4000] = alphas[index] << 24 | 5;
        add_part(&scene, pixels);
        assert_false(survey(&scene).countable);
        scene_finish(&scene);
    }
}

static void colour_under_alpha_0_is_not_seen(void **state)
{
    (void)state;
    static uint32_t pixels[WIDTH * HEIGHT];
    struct scene scene;
    scene_init(&scene);
    memcpy(pixels, steps(0, 3, 0x010101), sizeof pixels);
    /* Between visible pixels, so that it is part of a run. */
    pixels[2001] = 0x123456;
    add_part(&scene, pixels);
    struct colors colors = survey(&scene);
    assert_true(colors.grey && colors.countable);
    assert_int_equal(colors.palette_count, 3);
    scene_finish(&scene);
}

static void blend_modes_decide_what_can_be_proven(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene);
    add_part(&scene, steps(0, 2, 0x010101));
    add_part(&scene, steps(0, 2, 0x010101));
    for (unsigned mode = 0; mode < 30; mode++) {
        scene.parts[1].mode = (uint8_t)mode;
        struct colors colors = survey(&scene);
        assert_int_equal(colors.countable, mode == BLEND_NORMAL);
        assert_int_equal(colors.grey, mode <= BLEND_EXCLUSION);
        scene.uses[1] = 0;
        colors = survey(&scene);
        assert_true(colors.grey && colors.countable);
        scene.uses[1] = 1;
    }
    scene_finish(&scene);
}

/* The scratch file is read in windows; what is found must not depend on it. */
static void sprites_in_a_scratch_file_are_looked_at(void **state)
{
    (void)state;
    static uint32_t pixels[WIDTH * HEIGHT];
    struct scene scene;
    scene_init(&scene);
    memcpy(pixels, steps(0, 90, 0x010101), sizeof pixels);
    pixels[WIDTH * HEIGHT - 1] = 0xff0000ff;
    add_part(&scene, pixels);
    struct sprite *sprite = &scene.sprites[0];
    struct colors expected = survey(&scene);
    assert_false(expected.grey);
    uint64_t words = sprite->row_starts[sprite->bottom - sprite->top];
    assert_int_equal(file_open_scratch(&scene.set.scratch, NULL), SGR_OK);
    sprite->scratch_offset = 24;
    assert_int_equal(file_write_at(scene.set.scratch, 24, sprite->words, words * 4, "it", NULL),
                     SGR_OK);
    memory_free(sprite->words);
    sprite->words = NULL;
    struct colors colors = survey(&scene);
    assert_memory_equal(&colors, &expected, sizeof colors);
    for (uint64_t nth = 1; nth <= 3; nth++) {
        memory_fail_after(nth, false);
        assert_int_equal(colors_survey(&scene.set, scene.uses, &colors, NULL), SGR_NO_MEMORY);
        memory_fail_after(0, false);
    }
    scene_finish(&scene);
}

static void random_sprites_have_the_colours_they_show(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    for (int round = 0; round < 60; round++) {
        static uint32_t pixels[WIDTH * HEIGHT];
        struct scene scene;
        struct color_table table = {.count = 0};
        uint64_t count = 1 + random_below(&random, 300);
        bool room = true;
        scene_init(&scene);
        for (size_t index = 0; index < WIDTH * HEIGHT; index++) {
            uint32_t color = 0xff000000 | (uint32_t)random_below(&random, count) * 9973;
            pixels[index] = random_below(&random, 3) ? color : 0;
            if (pixels[index])
                room = color_table_add(&table, color) != COLOR_TABLE_NONE && room;
        }
        add_part(&scene, pixels);
        struct colors colors = survey(&scene);
        assert_int_equal(colors.countable, room);
        assert_int_equal(colors.palette_count, room ? table.count : 0);
        for (size_t index = 0; index < colors.palette_count; index++)
            assert_int_not_equal(color_table_find(&table, colors.palette[index]), COLOR_TABLE_NONE);
        scene_finish(&scene);
    }
}

static void tables_find_what_was_added_and_nothing_else(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 2);
    struct color_table table = {.count = 0};
    uint32_t colors[COLOR_TABLE_COLORS_MAX];
    for (unsigned index = 0; index < COLOR_TABLE_COLORS_MAX; index++) {
        /* Half of them neighbours, half anywhere; the index makes them different. */
        colors[index] = index & 1 ? index : ((uint32_t)random_next(&random) << 8) | index;
        assert_int_equal(color_table_find(&table, colors[index]), COLOR_TABLE_NONE);
        assert_int_equal(color_table_add(&table, colors[index]), index);
        assert_int_equal(color_table_add(&table, colors[index / 2]), index / 2);
    }
    for (unsigned index = 0; index < COLOR_TABLE_COLORS_MAX; index++)
        assert_int_equal(color_table_find(&table, colors[index]), index);
    assert_int_equal(color_table_add(&table, 0xffff0100), COLOR_TABLE_NONE);
    assert_int_equal(table.count, COLOR_TABLE_COLORS_MAX);
}

static void indexes_stand_in_their_bits(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    for (int round = 0; round < 400; round++) {
        unsigned bits = 1u << (round & 3);
        uint64_t count = 1 + random_below(&random, UINT64_C(1) << bits);
        size_t width = 1 + (size_t)random_below(&random, 70);
        struct png_pack pack = {.bits = bits};
        uint32_t pixels[70];
        uint8_t packed[72];
        unsigned indexes[70];
        unsigned most = 0;
        for (uint32_t color = 0; color < count; color++)
            color_table_add(&pack.table, color * 77);
        for (size_t at = 0; at < width; at++) {
            /* Runs as well as single pixels. */
            bool same = at > 0 && random_below(&random, (uint64_t)(round / 4 % 20) + 1) > 0;
            indexes[at] = same ? indexes[at - 1] : (unsigned)random_below(&random, count);
            pixels[at] = indexes[at] * 77;
            most = indexes[at] > most ? indexes[at] : most;
        }
        memset(packed, 0xaa, sizeof packed);
        assert_true(png_pack_palette(&pack, packed, pixels, width));
        assert_int_equal(pack.used, most + 1);
        size_t bytes = (width * bits + 7) / 8;
        for (size_t at = 0; at < bytes * 8 / bits; at++) {
            unsigned found = (unsigned)packed[at * bits / 8] >> (8 - bits - at * bits % 8);
            assert_int_equal(found & ((1u << bits) - 1), at < width ? indexes[at] : 0);
        }
        assert_int_equal(packed[bytes], 0xaa);
        pixels[random_below(&random, width)] = 1;
        assert_false(png_pack_palette(&pack, packed, pixels, width));
    }
}

static void grey_is_packed_with_and_without_alpha(void **state)
{
    (void)state;
    static const uint32_t pixels[] = {0xff010101, 0x80fefefe, 0};
    static const uint8_t grey[] = {1, 0xfe, 0};
    static const uint8_t grey_alpha[] = {1, 0xff, 0xfe, 0x80, 0, 0};
    uint8_t packed[6];
    png_pack_grey(packed, pixels, 3);
    assert_memory_equal(packed, grey, sizeof grey);
    png_pack_grey_alpha(packed, pixels, 3);
    assert_memory_equal(packed, grey_alpha, sizeof grey_alpha);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_is_found_with_and_without_alpha),
        cmocka_unit_test(colours_are_counted_up_to_256),
        cmocka_unit_test(translucent_pixels_are_no_palettes),
        cmocka_unit_test(colour_under_alpha_0_is_not_seen),
        cmocka_unit_test(blend_modes_decide_what_can_be_proven),
        cmocka_unit_test(sprites_in_a_scratch_file_are_looked_at),
        cmocka_unit_test(random_sprites_have_the_colours_they_show),
        cmocka_unit_test(tables_find_what_was_added_and_nothing_else),
        cmocka_unit_test(indexes_stand_in_their_bits),
        cmocka_unit_test(grey_is_packed_with_and_without_alpha),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
