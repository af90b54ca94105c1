/*
 * Discs are shaded, so that they are no flat runs, and translucent, so that none hides another;
 * each covers a fifth of the canvas, as parts of drawn collections do.
 */
#include "compose/compose_scene.h"

#include "base/error.h"
#include "base/memory.h"
#include "sheet/sprite_build.h"

/* A disc's radius and soft edge, and where the discs are, in 64ths of the canvas's side. */
enum { RADIUS = 16, EDGE = 1, UNITS = 64, ALPHA = 230 };

static const int centers[COMPOSE_SCENE_SPRITES][2] = {
    {0, 0}, {20, 22}, {44, 20}, {24, 44}, {42, 40}};

/* The alpha of a disc at squared distance `distance`; radii are squares too. */
static uint32_t disc_alpha(int64_t distance, int64_t inner, int64_t outer)
{
    if (distance <= inner)
        return ALPHA;
    return distance >= outer ? 0 : (uint32_t)(ALPHA * (outer - distance) / (outer - inner));
}

static void fill(struct image *image, unsigned which)
{
    int64_t side = image->width;
    int64_t inner = side * (RADIUS - EDGE) / UNITS;
    int64_t outer = side * RADIUS / UNITS + 1;
    for (int64_t y = 0; y < side; y++) {
        for (int64_t x = 0; x < side; x++) {
            int64_t dx = x - side * centers[which][0] / UNITS;
            int64_t dy = y - side * centers[which][1] / UNITS;
            uint32_t alpha = 255;
            if (which > 0)
                alpha = disc_alpha(dx * dx + dy * dy, inner * inner, outer * outer);
            uint32_t color = (uint32_t)(x + 2 * y + 50 * (int64_t)which) & 255;
            uint32_t pixel = color | (255 - color) << 8 | (color * which & 255) << 16;
            image->pixels[y * side + x] = alpha ? pixel | alpha << 24 : 0;
        }
    }
}

static enum sgr_status make_sprites(struct compose_scene *scene, uint32_t side,
                                    struct sgr_error *error)
{
    struct image image = {0};
    struct sprite_place place = {side, side, 0, 0, 255};
    enum sgr_status status = image_init(&image, side, side, error);
    for (unsigned which = 0; which < COMPOSE_SCENE_SPRITES && status == SGR_OK; which++) {
        fill(&image, which);
        status = sprite_build(&image, &place, &scene->sprites[which], error);
    }
    image_finish(&image);
    return status;
}

enum sgr_status compose_scene_make(struct compose_scene *scene,
                                   const struct compose_scene_shape *shape, struct sgr_error *error)
{
    size_t strips = (shape->side + COMPOSE_SCENE_ROWS - 1) / COMPOSE_SCENE_ROWS;
    *scene = (struct compose_scene){.part.mode = (uint8_t)shape->mode, .strip_count = strips};
    scene->set = (struct sprite_set){.width = shape->side,
                                     .height = shape->side,
                                     .sprites = scene->sprites,
                                     .sprite_count = COMPOSE_SCENE_SPRITES,
                                     .parts = &scene->part,
                                     .part_count = 1,
                                     .scratch = OPEN_FILE_NONE};
    scene->parts = memory_allocate(shape->layers, sizeof *scene->parts);
    scene->strips = memory_allocate(strips, sizeof *scene->strips);
    if (!scene->parts || !scene->strips)
        return error_no_memory(error, "a scene");
    for (uint32_t layer = 0; layer < shape->layers; layer++) {
        uint32_t sprite = layer ? 1 + (layer - 1) % (COMPOSE_SCENE_SPRITES - 1) : 0;
        scene->parts[layer] =
            (struct compose_part){sprite, (uint32_t)(layer ? shape->mode : BLEND_NORMAL)};
    }
    for (uint32_t strip = 0; strip < strips; strip++) {
        uint32_t top = strip * COMPOSE_SCENE_ROWS;
        uint32_t bottom = top + COMPOSE_SCENE_ROWS;
        scene->strips[strip] = (struct compose_strip){
            top, bottom < shape->side ? bottom : shape->side, scene->parts, shape->layers};
    }
    return make_sprites(scene, shape->side, error);
}

void compose_scene_finish(struct compose_scene *scene)
{
    for (unsigned which = 0; which < COMPOSE_SCENE_SPRITES; which++)
        sprite_build_finish(&scene->sprites[which]);
    memory_free(scene->parts);
    memory_free(scene->strips);
    *scene = (struct compose_scene){.strip_count = 0};
}
