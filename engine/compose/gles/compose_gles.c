/* The backend as the pipeline sees it: batches go in, pixels come out, a loss is mended. */
#include "compose/gles/compose_gles.h"

#include "base/memory.h"
#include "compose/gles/gles_composer.h"
#include "os/fault.h"

static _Atomic uint64_t batches_submitted;

static enum sgr_status tell_loss(struct sgr_error *error)
{
    return error_set(error, SGR_INTERNAL, "the device failed before and has to be started anew");
}

static enum sgr_status begin(void *state, struct sgr_error *error)
{
    struct gles_composer *composer = state;
    return composer->context ? gl_context_enter(composer->context, error) : tell_loss(error);
}

static void end(void *state)
{
    struct gles_composer *composer = state;
    if (composer->context)
        gl_context_leave(composer->context);
}

static enum sgr_status submit(void *state, unsigned slot, const struct compose_strip *strips,
                              size_t *inout_count, struct sgr_error *error)
{
    struct gles_composer *composer = state;
    enum sgr_status status = SGR_OK;
    if (composer->failed)
        return tell_loss(error);
    if (fault_strikes("gles-lost", &batches_submitted))
        status = error_set(error, SGR_INTERNAL, "the device was lost (SGR_FAULT)");
    if (status == SGR_OK)
        status = gles_composer_list(composer, slot, strips, inout_count, error);
    if (status == SGR_OK) {
        uint32_t rows = gles_composer_paint(composer, slot);
        status = gles_composer_read(composer, slot, rows, error);
    }
    /* A device that ran out of memory gets less to hold when it is started anew. */
    if (status == SGR_NO_MEMORY)
        composer->options.sprite_bytes /= 2;
    composer->failed = status != SGR_OK;
    return status;
}

static enum sgr_status collect(void *state, unsigned slot, unsigned wait_ms,
                               const uint32_t **out_pixels, struct sgr_error *error)
{
    struct gles_composer *composer = state;
    if (composer->failed)
        return tell_loss(error);
    enum sgr_status status = gl_ring_collect(&composer->ring, slot, wait_ms, out_pixels, error);
    /* Drivers that take memory when it is used tell of the lack only now. */
    if (status == SGR_NO_MEMORY)
        composer->options.sprite_bytes /= 2;
    composer->failed = status != SGR_OK;
    return status;
}

static enum sgr_status restart(void *state, struct sgr_error *error)
{
    struct gles_composer *composer = state;
    gles_composer_close(composer);
    return gles_composer_open(composer, error);
}

static void destroy(void *state)
{
    gles_composer_finish(state);
    memory_free(state);
}

static const struct batch_interface interface = {begin, end, submit, collect, restart, destroy};

struct gles_composer *compose_gles_state(const struct batch_composer *composer)
{
    return batch_state(composer, &interface);
}

enum sgr_status compose_gles_create(const struct sprite_set *sprites,
                                    const struct compose_gles_options *options,
                                    struct batch_composer **out_composer,
                                    struct compose_gles_facts *out_facts, struct sgr_error *error)
{
    struct gles_composer *composer = memory_allocate_zeroed(1, sizeof *composer);
    if (!composer)
        return error_no_memory(error, "the device's composer");
    enum sgr_status status = gles_composer_init(composer, sprites, options, error);
    if (status == SGR_OK)
        status = gles_composer_open(composer, error);
    if (status == SGR_OK) {
        gl_context_leave(composer->context);
        /* From here on it is opened again on other threads, whose lines would cross. */
        composer->options.log = (struct sgr_log){.line = NULL};
        struct batch_shape shape = {composer->name, options->slot_count,
                                    (size_t)sprites->width * composer->rows,
                                    gles_composer_memory(composer)};
        status = batch_create(&interface, composer, sprites, &shape, out_composer, error);
    }
    if (status != SGR_OK)
        destroy(composer);
    else if (out_facts)
        gles_composer_facts(composer, out_facts);
    return status;
}
