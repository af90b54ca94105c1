/* Checks what callers hand in, and in what order, once for all batch composers. */
#include "compose/batch.h"

#include "base/error.h"
#include "base/memory.h"

struct batch_composer {
    const struct batch_interface *interface;
    void *state;
    const struct sprite_set *sprites;
    struct batch_shape shape;
    bool begun;
    bool *submitted; /* [slot_count]: not collected yet */
};

enum sgr_status batch_create(const struct batch_interface *interface, void *take_state,
                             const struct sprite_set *sprites, const struct batch_shape *shape,
                             struct batch_composer **out_composer, struct sgr_error *error)
{
    ERROR_ASSERT(interface->begin && interface->end && interface->submit && interface->collect &&
                 interface->restart && interface->destroy);
    ERROR_ASSERT(shape->name && shape->slot_count > 0 && shape->slot_pixels > 0);
    struct batch_composer *composer = memory_allocate_zeroed(1, sizeof *composer);
    bool *submitted = memory_allocate_zeroed(shape->slot_count, sizeof *submitted);
    if (!composer || !submitted) {
        memory_free(composer);
        memory_free(submitted);
        return error_no_memory(error, "the composer");
    }
    *composer = (struct batch_composer){interface, take_state, sprites, *shape, false, submitted};
    *out_composer = composer;
    return SGR_OK;
}

void batch_destroy(struct batch_composer **composer)
{
    if (!*composer)
        return;
    ERROR_ASSERT(!(*composer)->begun);
    (*composer)->interface->destroy((*composer)->state);
    memory_free((*composer)->submitted);
    memory_free(*composer);
    *composer = NULL;
}

void *batch_state(const struct batch_composer *composer, const struct batch_interface *interface)
{
    return composer->interface == interface ? composer->state : NULL;
}

const struct batch_shape *batch_shape(const struct batch_composer *composer)
{
    return &composer->shape;
}

enum sgr_status batch_begin(struct batch_composer *composer, struct sgr_error *error)
{
    ERROR_ASSERT(!composer->begun);
    enum sgr_status status = composer->interface->begin(composer->state, error);
    composer->begun = status == SGR_OK;
    return status;
}

static void free_slots(struct batch_composer *composer)
{
    for (unsigned slot = 0; slot < composer->shape.slot_count; slot++)
        composer->submitted[slot] = false;
}

void batch_end(struct batch_composer *composer)
{
    ERROR_ASSERT(composer->begun);
    composer->interface->end(composer->state);
    composer->begun = false;
    free_slots(composer);
}

static size_t strip_pixels(const struct batch_composer *composer, const struct compose_strip *strip)
{
    return (size_t)(strip->bottom - strip->top) * composer->sprites->width;
}

enum sgr_status batch_submit(struct batch_composer *composer, unsigned slot,
                             const struct compose_strip *strips, size_t *inout_count,
                             struct sgr_error *error)
{
    size_t offered = *inout_count;
    ERROR_ASSERT(composer->begun && slot < composer->shape.slot_count);
    ERROR_ASSERT(!composer->submitted[slot] && offered > 0);
    for (size_t index = 0; index < offered; index++)
        compose_check(composer->sprites, &strips[index]);
    ERROR_ASSERT(strip_pixels(composer, strips) <= composer->shape.slot_pixels);
    enum sgr_status status =
        composer->interface->submit(composer->state, slot, strips, inout_count, error);
    if (status != SGR_OK)
        return status;
    size_t pixels = 0;
    ERROR_ASSERT(*inout_count > 0 && *inout_count <= offered);
    for (size_t index = 0; index < *inout_count; index++)
        pixels += strip_pixels(composer, &strips[index]);
    ERROR_ASSERT(pixels <= composer->shape.slot_pixels);
    composer->submitted[slot] = true;
    return SGR_OK;
}

enum sgr_status batch_collect(struct batch_composer *composer, unsigned slot, unsigned wait_ms,
                              const uint32_t **out_pixels, struct sgr_error *error)
{
    ERROR_ASSERT(composer->begun && slot < composer->shape.slot_count);
    ERROR_ASSERT(composer->submitted[slot]);
    enum sgr_status status =
        composer->interface->collect(composer->state, slot, wait_ms, out_pixels, error);
    if (status == SGR_OK && *out_pixels)
        composer->submitted[slot] = false;
    return status;
}

enum sgr_status batch_restart(struct batch_composer *composer, struct sgr_error *error)
{
    ERROR_ASSERT(composer->begun);
    enum sgr_status status = composer->interface->restart(composer->state, error);
    if (status == SGR_OK)
        free_slots(composer);
    return status;
}
