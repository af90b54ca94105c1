/*
 * The front door to whoever composes strips: it checks, the backends trust. A backend draws the
 * parts of a strip, bottom first, on a transparent band, by the rule in image/blend.h.
 */
#ifndef SGR_COMPOSE_COMPOSE_H
#define SGR_COMPOSE_COMPOSE_H

#include "sheet/sprite.h"

/* A sprite as a strip uses it. */
struct compose_part {
    uint32_t sprite;
    uint32_t mode; /* enum blend_mode */
};

/* One band of one recipe: only the parts that can be seen in it. */
struct compose_strip {
    uint32_t top; /* canvas rows [top, bottom) */
    uint32_t bottom;
    const struct compose_part *parts; /* bottom first */
    size_t part_count;
};

struct compose;

/* What a backend offers; its slots are all set and are called only through the front door. */
struct compose_interface {
    const char *name;
    /* Draws one strip as worker `worker`. */
    enum sgr_status (*draw)(void *state, unsigned worker, const struct compose_strip *strip,
                            uint32_t *pixels, struct sgr_error *error);
    void (*destroy)(void *state);
};

/* Wraps a backend's state, which is taken on success. */
enum sgr_status compose_create(const struct compose_interface *interface, void *take_state,
                               const struct sprite_set *sprites, unsigned workers,
                               struct compose **out_compose, struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *compose to NULL. */
void compose_destroy(struct compose **compose);

/* Asserts that a strip lies on the canvas and uses sprites and modes that there are. */
void compose_check(const struct sprite_set *sprites, const struct compose_strip *strip);

/* The backend's name. */
const char *compose_name(const struct compose *compose);

/*
 * Draws a strip into `pixels`, (bottom - top) rows of the canvas's width without gaps. Each
 * worker number is used by one thread at a time.
 */
enum sgr_status compose_draw(struct compose *compose, unsigned worker,
                             const struct compose_strip *strip, uint32_t *pixels,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
