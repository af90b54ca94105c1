/* Checks what callers hand in, once for all backends. */
#include "compose/compose.h"

#include "base/error.h"
#include "base/memory.h"

struct compose {
    const struct compose_interface *interface;
    void *state;
    const struct sprite_set *sprites;
    unsigned workers;
};

enum sgr_status compose_create(const struct compose_interface *interface, void *take_state,
                               const struct sprite_set *sprites, unsigned workers,
                               struct compose **out_compose, struct sgr_error *error)
{
    ERROR_ASSERT(interface->name && interface->draw && interface->destroy);
    struct compose *compose = memory_allocate_zeroed(1, sizeof *compose);
    if (!compose)
        return error_no_memory(error, "the composer");
    *compose = (struct compose){interface, take_state, sprites, workers};
    *out_compose = compose;
    return SGR_OK;
}

void compose_destroy(struct compose **compose)
{
    if (!*compose)
        return;
    (*compose)->interface->destroy((*compose)->state);
    memory_free(*compose);
    *compose = NULL;
}

const char *compose_name(const struct compose *compose)
{
    return compose->interface->name;
}

void compose_check(const struct sprite_set *sprites, const struct compose_strip *strip)
{
    ERROR_ASSERT(strip->top < strip->bottom && strip->bottom <= sprites->height);
    for (size_t index = 0; index < strip->part_count; index++) {
        ERROR_ASSERT(strip->parts[index].sprite < sprites->sprite_count);
        ERROR_ASSERT(strip->parts[index].mode < BLEND_MODE_COUNT);
    }
}

enum sgr_status compose_draw(struct compose *compose, unsigned worker,
                             const struct compose_strip *strip, uint32_t *pixels,
                             struct sgr_error *error)
{
    ERROR_ASSERT(worker < compose->workers);
    compose_check(compose->sprites, strip);
    return compose->interface->draw(compose->state, worker, strip, pixels, error);
}
