/* What the tests of composers share: random sprites of every kind, and what strips must show. */
#ifndef COMPOSE_FIXTURE_H
#define COMPOSE_FIXTURE_H

#include "compose/compose.h"
#include "sprite_fixture.h"

enum { SPRITES = 14, PARTS_MAX = 9 };

/* Sprites on one canvas, and each spelled out for the reference. */
struct scene {
    struct sprite_set set;
    struct sprite sprites[SPRITES];
    struct sprite_part parts[BLEND_MODE_COUNT];
    uint32_t *canvases[SPRITES];
    uint64_t scratch_end;
};

static inline void spill(struct scene *scene, struct sprite *sprite)
{
    size_t bytes = (size_t)sprite_word_count(sprite) * sizeof(uint32_t);
    sprite->scratch_offset = scene->scratch_end;
    scene->scratch_end += bytes;
    assert_int_equal(file_write_at(scene->set.scratch, sprite->scratch_offset, sprite->words, bytes,
                                   "scratch", NULL),
                     SGR_OK);
    memory_free(sprite->words);
    sprite->words = NULL;
}

/* Makes the sprites of a canvas; some go to the scratch file. */
static inline void scene_init(struct scene *scene, struct random *random, uint32_t width,
                              uint32_t height)
{
    *scene = (struct scene){.set.scratch = OPEN_FILE_NONE};
    scene->set.width = width;
    scene->set.height = height;
    scene->set.sprites = scene->sprites;
    scene->set.sprite_count = SPRITES;
    scene->set.parts = scene->parts;
    scene->set.part_count = BLEND_MODE_COUNT;
    for (uint8_t mode = 0; mode < BLEND_MODE_COUNT; mode++)
        scene->parts[mode].mode = mode;
    assert_int_equal(file_open_scratch(&scene->set.scratch, NULL), SGR_OK);
    for (size_t index = 0; index < SPRITES; index++) {
        struct image image;
        unsigned kinds[3] = {0, 0, 0};
        struct sprite_place place = {scene->set.width, scene->set.height, 0, 0, 255};
        make_image(random, &image, scene->set.width, scene->set.height);
        if (index % 4 == 1) {
            place.x = (int32_t)random_below(random, width) - (int32_t)width / 2;
            place.y = (int32_t)random_below(random, height) - (int32_t)height / 2;
            place.opacity = (uint8_t)random_below(random, 256);
        }
        for (size_t at = 0; index < 2 && at < (size_t)image.width * image.height; at++)
            image.pixels[at] |= 0xff000000;
        assert_int_equal(sprite_build(&image, &place, &scene->sprites[index], NULL), SGR_OK);
        scene->canvases[index] =
            calloc((size_t)scene->set.width * scene->set.height, sizeof(uint32_t));
        assert_non_null(scene->canvases[index]);
        spell_out(&scene->sprites[index], scene->set.width, scene->canvases[index], kinds);
        if (random_below(random, 3) == 0)
            spill(scene, &scene->sprites[index]);
        image_finish(&image);
    }
}

static inline void scene_finish(struct scene *scene)
{
    for (size_t index = 0; index < SPRITES; index++) {
        sprite_build_finish(&scene->sprites[index]);
        free(scene->canvases[index]);
    }
    file_abandon(&scene->set.scratch);
}

/* A strip by the specification. */
static inline void draw_reference(const struct scene *scene, const struct compose_strip *strip,
                                  uint32_t *pixels)
{
    size_t count = (size_t)(strip->bottom - strip->top) * scene->set.width;
    size_t first = (size_t)strip->top * scene->set.width;
    memset(pixels, 0, count * sizeof *pixels);
    for (size_t part = 0; part < strip->part_count; part++) {
        const uint32_t *source = scene->canvases[strip->parts[part].sprite] + first;
        uint32_t mode = strip->parts[part].mode;
        for (size_t at = 0; at < count; at++)
            pixels[at] = blend_pixel((enum blend_mode)mode, pixels[at], source[at]);
    }
}

/* Rows and parts at random, in normal mode half of the time. */
static inline void random_strip(const struct scene *scene, struct random *random,
                                struct compose_part *parts, struct compose_strip *strip)
{
    uint32_t height = scene->set.height;
    strip->top = (uint32_t)random_below(random, height);
    strip->bottom = strip->top + 1 + (uint32_t)random_below(random, height - strip->top);
    strip->part_count = random_below(random, PARTS_MAX + 1);
    strip->parts = parts;
    for (size_t part = 0; part < strip->part_count; part++) {
        uint64_t mode = random_below(random, 2) ? 0 : random_below(random, BLEND_MODE_COUNT);
        parts[part] =
            (struct compose_part){(uint32_t)random_below(random, SPRITES), (uint32_t)mode};
    }
}

#endif
