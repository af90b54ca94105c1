/*
 * The backend as a whole: what lives on the device, batches going there, pixels coming back, and
 * everything made anew after a loss. One target serves all slots, as the device does one thing
 * after another; each slot has a work list and a buffer of its own.
 */
#include "compose/gles/compose_gles.h"

#include "base/log.h"
#include "base/memory.h"
#include "compose/gles/gl_pages.h"
#include "compose/gles/gl_ring.h"
#include "compose/gles/gl_self_test.h"
#include "compose/gles/work_list.h"
#include "os/fault.h"

#include <stdio.h>
#include <string.h>

/* A batch is worth a submission from about this size on, and small enough to wait for. */
enum { BATCH_BYTES = 4 << 20, SLABS_MAX = 4096, LAYERS_WANTED = 32 };

struct state {
    struct compose_gles_options options;
    const struct sprite_set *sprites;
    struct sheet *sheet;
    char name[192];
    bool modes;    /* the sprites need more than normal */
    uint32_t rows; /* of a batch */
    struct gl_context *context;
    struct gl_painter painter;
    struct gl_pages pages;
    struct gl_target target;
    struct gl_ring ring;
    struct gl_work *works; /* [slot_count] */
    struct work_list list;
    uint32_t *words;
    size_t words_capacity;
};

static _Atomic uint64_t batches_submitted;

/* Whether any part is drawn in another mode than normal. */
static bool needs_modes(const struct sprite_set *sprites)
{
    for (size_t part = 0; part < sprites->part_count; part++) {
        if (sprites->parts[part].mode != BLEND_NORMAL)
            return true;
    }
    return false;
}

/* Large pages waste less; many of them make a better choice of which to keep. */
static uint32_t page_side(uint64_t sprite_bytes)
{
    uint32_t side = 2048;
    while (side > SHEET_SIDE_MIN && sprite_bytes / LAYERS_WANTED < (uint64_t)side * side * 4)
        side /= 2;
    return side;
}

/* Frees all that depends on the context, which is current. */
static void tear_down(struct state *state)
{
    for (unsigned slot = 0; state->works && slot < state->options.slot_count; slot++)
        gl_work_finish(&state->works[slot], &state->painter);
    work_list_finish(&state->list);
    gl_ring_finish(&state->ring);
    gl_target_finish(&state->target, &state->painter);
    gl_pages_finish(&state->pages);
    gl_painter_finish(&state->painter);
}

/* Proves the painter, on buffers that stay mapped where the driver's really do. */
static enum sgr_status prove(struct state *state, bool *out_persistent, struct sgr_error *error)
{
    *out_persistent = state->context->buffer_storage;
    if (*out_persistent) {
        struct sgr_error reason = {SGR_OK, ""};
        if (gl_self_test(&state->painter, true, &reason) == SGR_OK)
            return SGR_OK;
        log_write(&state->options.log, SGR_LOG_DETAIL, "%s: without persistent mapping: %s",
                  state->name, reason.text);
        *out_persistent = false;
    }
    return gl_self_test(&state->painter, false, error);
}

/* How many rows a batch has: enough for the tallest strip. */
static enum sgr_status choose_rows(struct state *state, struct sgr_error *error)
{
    uint32_t width = state->sprites->width;
    uint32_t most = gl_painter_rows_max(&state->painter, width);
    uint32_t wanted = BATCH_BYTES / 4 / width;
    state->rows = wanted > state->options.rows_max ? wanted : state->options.rows_max;
    if (state->rows > most)
        state->rows = most;
    if (state->rows >= state->options.rows_max)
        return SGR_OK;
    return error_set(error, SGR_INTERNAL, "strips of %ux%u pixels are larger than it allows", width,
                     state->options.rows_max);
}

/* Makes all that depends on the context, which is current. */
static enum sgr_status build_up(struct state *state, struct sgr_error *error)
{
    const struct compose_gles_options *options = &state->options;
    uint32_t width = state->sprites->width;
    bool persistent = false;
    enum sgr_status status =
        gl_painter_init(&state->painter, state->context, options->program, state->modes, error);
    if (status == SGR_OK)
        status = prove(state, &persistent, error);
    if (status == SGR_OK)
        status = choose_rows(state, error);
    if (status == SGR_OK)
        status = gl_pages_init(&state->pages, state->context, state->sheet, options->sprite_bytes,
                               error);
    if (status == SGR_OK)
        status = gl_target_init(&state->target, &state->painter, width, state->rows, error);
    if (status == SGR_OK)
        status = gl_ring_init(&state->ring, state->context, options->slot_count,
                              (size_t)width * state->rows * 4, persistent, error);
    if (status == SGR_OK)
        status = gl_pages_fill(&state->pages, options->threads, error);
    struct work_limits limits = {state->rows, SLABS_MAX, state->pages.layer_count};
    if (status == SGR_OK)
        status = work_list_init(&state->list, state->sheet, &limits, error);
    return status;
}

/* The context from nothing to ready, current on the calling thread. */
static enum sgr_status open_device(struct state *state, struct sgr_error *error)
{
    const struct compose_gles_options *options = &state->options;
    enum sgr_status status =
        gl_context_open(&options->device, options->minor_max, &state->context, error);
    if (status != SGR_OK)
        return status;
    snprintf(state->name, sizeof state->name, "gles %s on %s", gl_program_name(options->program),
             state->context->renderer);
    if (options->program == GL_PROGRAM_COMPUTE && state->context->minor < 1)
        return error_set(error, SGR_USAGE, "%s: OpenGL ES 3.0 has no compute shaders",
                         state->context->renderer);
    status = gl_context_enter(state->context, error);
    if (status == SGR_OK)
        status = build_up(state, error);
    return status;
}

static void close_device(struct state *state)
{
    if (!state->context)
        return;
    /* On a context that is lost for good, deleting does nothing, but the host's memory goes. */
    struct sgr_error ignored;
    bool entered = gl_context_enter(state->context, &ignored) == SGR_OK;
    tear_down(state);
    if (entered)
        gl_context_leave(state->context);
    gl_context_close(&state->context);
}

static enum sgr_status begin(void *opaque, struct sgr_error *error)
{
    struct state *state = opaque;
    return gl_context_enter(state->context, error);
}

static void end(void *opaque)
{
    struct state *state = opaque;
    if (state->context)
        gl_context_leave(state->context);
}

/* Puts as many strips as fit into the work list. */
static enum sgr_status list_strips(struct state *state, const struct compose_strip *strips,
                                   size_t *inout_count, struct sgr_error *error)
{
    size_t count = 0;
    bool added = true;
    work_list_begin(&state->list);
    while (count < *inout_count && added) {
        enum sgr_status status = work_list_add(&state->list, &strips[count], &added, error);
        if (status != SGR_OK)
            return status;
        count += added;
    }
    *inout_count = count;
    if (count > 0)
        return SGR_OK;
    return error_set(error, SGR_NO_MEMORY,
                     "one strip needs more sprites than the %u pages that fit the device",
                     state->pages.layer_count);
}

static enum sgr_status upload_work(struct state *state, unsigned slot, struct sgr_error *error)
{
    size_t count = work_list_words(&state->list);
    uint32_t *words = memory_grow(state->words, &state->words_capacity, count + WORK_COLUMNS,
                                  sizeof *state->words);
    if (!words)
        return error_no_memory(error, "the device's work");
    state->words = words;
    enum sgr_status status =
        gl_pages_need(&state->pages, state->list.pages, state->list.page_count, error);
    if (status != SGR_OK)
        return status;
    work_list_write(&state->list, state->pages.layers, words);
    return gl_work_set(&state->works[slot], &state->painter, words, count, error);
}

static enum sgr_status submit(void *opaque, unsigned slot, const struct compose_strip *strips,
                              size_t *inout_count, struct sgr_error *error)
{
    struct state *state = opaque;
    if (fault_strikes("gles-lost", &batches_submitted))
        return error_set(error, SGR_INTERNAL, "the device was lost (SGR_FAULT)");
    if (!state->context)
        return error_set(error, SGR_INTERNAL, "the device is lost");
    enum sgr_status status = list_strips(state, strips, inout_count, error);
    if (status == SGR_OK)
        status = upload_work(state, slot, error);
    if (status != SGR_OK)
        return status;
    struct gl_painting painting = {state->pages.texture, &state->works[slot],
                                   state->sheet->mask_words, state->list.slab_count,
                                   (uint32_t)state->list.rows};
    gl_painter_paint(&state->painter, &state->target, &painting);
    return gl_ring_read(&state->ring, slot, &state->painter, &state->target, painting.rows, error);
}

static enum sgr_status collect(void *opaque, unsigned slot, unsigned wait_ms,
                               const uint32_t **out_pixels, struct sgr_error *error)
{
    struct state *state = opaque;
    return gl_ring_collect(&state->ring, slot, wait_ms, out_pixels, error);
}

static enum sgr_status restart(void *opaque, struct sgr_error *error)
{
    struct state *state = opaque;
    close_device(state);
    return open_device(state, error);
}

static void destroy(void *opaque)
{
    struct state *state = opaque;
    close_device(state);
    sheet_destroy(&state->sheet);
    memory_free(state->works);
    memory_free(state->words);
    memory_free(state);
}

static void tell_facts(const struct state *state, struct compose_gles_facts *out_facts)
{
    *out_facts = (struct compose_gles_facts){.software = state->context->software,
                                             .persistent = state->ring.persistent,
                                             .page_count = state->sheet->page_count,
                                             .page_side = state->sheet->side,
                                             .layer_count = state->pages.layer_count};
    memcpy(out_facts->renderer, state->context->renderer, sizeof out_facts->renderer);
    memcpy(out_facts->version, state->context->version, sizeof out_facts->version);
}

static enum sgr_status create(struct state *state, struct batch_composer **out_composer,
                              struct sgr_error *error)
{
    static const struct batch_interface interface = {begin, end, submit, collect, restart, destroy};
    const struct compose_gles_options *options = &state->options;
    state->works = memory_allocate_zeroed(options->slot_count, sizeof *state->works);
    if (!state->works)
        return error_no_memory(error, "the device's work");
    enum sgr_status status = sheet_create(state->sprites, page_side(options->sprite_bytes),
                                          options->threads, &state->sheet, error);
    if (status == SGR_OK)
        status = open_device(state, error);
    if (status != SGR_OK)
        return status;
    gl_context_leave(state->context);
    struct batch_shape shape = {state->name, options->slot_count,
                                (size_t)state->sprites->width * state->rows};
    return batch_create(&interface, state, state->sprites, &shape, out_composer, error);
}

enum sgr_status compose_gles_create(const struct sprite_set *sprites,
                                    const struct compose_gles_options *options,
                                    struct batch_composer **out_composer,
                                    struct compose_gles_facts *out_facts, struct sgr_error *error)
{
    struct state *state = memory_allocate_zeroed(1, sizeof *state);
    if (!state)
        return error_no_memory(error, "the device's composer");
    state->options = *options;
    state->sprites = sprites;
    state->modes = needs_modes(sprites);
    enum sgr_status status = create(state, out_composer, error);
    if (status != SGR_OK)
        destroy(state);
    else if (out_facts)
        tell_facts(state, out_facts);
    return status;
}
