/* Art made for measuring composers: a ground and discs, in bands of one height. */
#ifndef SGR_COMPOSE_COMPOSE_SCENE_H
#define SGR_COMPOSE_COMPOSE_SCENE_H

#include "compose/compose.h"

/* Pictures: the ground and the discs that take turns. */
enum { COMPOSE_SCENE_SPRITES = 5, COMPOSE_SCENE_ROWS = 64 };

/* What a scene is like. */
struct compose_scene_shape {
    uint32_t side;        /* of the canvas */
    uint32_t layers;      /* 1 or more */
    enum blend_mode mode; /* of all but the ground */
};

/* Start from all zero. */
struct compose_scene {
    struct sprite_set set;
    struct sprite sprites[COMPOSE_SCENE_SPRITES];
    struct sprite_part part; /* tells composers of the mode */
    struct compose_part *parts;
    struct compose_strip *strips;
    size_t strip_count;
};

/* Makes a scene; whatever is returned, end it with compose_scene_finish. */
enum sgr_status compose_scene_make(struct compose_scene *scene,
                                   const struct compose_scene_shape *shape,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Frees what a scene holds. */
void compose_scene_finish(struct compose_scene *scene);

#endif
