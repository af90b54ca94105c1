/*
 * Strips on the CPU. A strip is drawn part by part into one small buffer that stays in the L2
 * cache; opaque runs are copies, flat runs fills, and only translucent ones do arithmetic.
 */
#include "compose/cpu/compose_cpu.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>
#include <wchar.h>

/* What one worker keeps between strips. */
struct worker {
    struct sprite_window window;
    uint32_t *flat; /* [width]: a flat run spelled out, for blend modes */
};

struct state {
    const struct sprite_set *sprites;
    const struct kernel_table *kernels;
    struct worker *workers;
    unsigned worker_count;
    uint8_t *tables[BLEND_MODE_COUNT]; /* of the separable modes that the sprites' parts use */
};

/* Where and how the rows of one part go. */
struct drawing {
    const struct state *state;
    struct worker *worker;
    uint32_t *target; /* the row being drawn on */
    enum blend_mode mode;
    const uint8_t *table;
    bool backdrop_opaque;
};

static void destroy(void *opaque_state)
{
    struct state *state = opaque_state;
    for (unsigned worker = 0; state->workers && worker < state->worker_count; worker++) {
        sprite_window_finish(&state->workers[worker].window);
        memory_free(state->workers[worker].flat);
    }
    for (int mode = 0; mode < BLEND_MODE_COUNT; mode++)
        memory_free(state->tables[mode]);
    memory_free(state->workers);
    memory_free(state);
}

/* The C library's wide memset, which it has for every CPU's vectors. */
static void fill(uint32_t *target, uint32_t pixel, uint32_t count)
{
    _Static_assert(sizeof(wchar_t) == sizeof(uint32_t), "wchar_t is not a pixel wide");
    wmemset((wchar_t *)target, (wchar_t)pixel, count);
}

/* Draws the runs in words [at, end) in normal mode. */
static void draw_normal(const struct drawing *drawing, const uint32_t *at, const uint32_t *end)
{
    const struct kernel_table *kernels = drawing->state->kernels;
    while (at < end) {
        uint32_t header = *at++;
        uint32_t length = sprite_run_length(header);
        uint32_t *target = drawing->target + sprite_run_column(header);
        switch (sprite_run_kind(header)) {
        case SPRITE_RUN_FLAT:
            fill(target, *at++, length);
            continue;
        case SPRITE_RUN_OPAQUE:
            memcpy(target, at, (size_t)length * sizeof *at);
            break;
        case SPRITE_RUN_TRANSLUCENT:
            if (drawing->backdrop_opaque)
                kernels->over_opaque(target, at, length);
            else
                kernels->over(target, at, length);
            break;
        }
        at += length;
    }
}

static void empty(uint32_t *target, size_t count)
{
    memset(target, 0, count * sizeof *target);
}

/* Draws a run in any mode but normal. */
static void draw_run(const struct drawing *drawing, uint32_t *target, const uint32_t *source,
                     uint32_t length)
{
    kernel_separable *kernel = drawing->state->kernels->separable[drawing->mode];
    if (kernel)
        kernel(target, source, length, drawing->table);
    else
        blend_row(drawing->mode, target, source, length);
}

/* Draws the runs in words [at, end) in a mode where nothing is just a copy. */
static void draw_blended(const struct drawing *drawing, const uint32_t *at, const uint32_t *end)
{
    bool touches_empty = blend_mode_touches_empty(drawing->mode);
    uint32_t reached = 0;
    while (at < end) {
        uint32_t header = *at++;
        uint32_t column = sprite_run_column(header);
        uint32_t length = sprite_run_length(header);
        const uint32_t *source = at;
        if (sprite_run_kind(header) == SPRITE_RUN_FLAT) {
            fill(drawing->worker->flat, *at++, length);
            source = drawing->worker->flat;
        } else {
            at += length;
        }
        if (touches_empty)
            empty(drawing->target + reached, column - reached);
        draw_run(drawing, drawing->target + column, source, length);
        reached = column + length;
    }
    if (touches_empty)
        empty(drawing->target + reached, drawing->state->sprites->width - reached);
}

/* Empties the rows of a strip that a part does not reach. */
static void empty_around(const struct compose_strip *strip, const struct image_box *rows,
                         uint32_t width, uint32_t *pixels)
{
    bool reaches = rows->top < rows->bottom;
    size_t above = reaches ? rows->top - strip->top : strip->bottom - strip->top;
    size_t below = reaches ? strip->bottom - rows->bottom : 0;
    empty(pixels, above * width);
    empty(pixels + (size_t)(strip->bottom - strip->top - below) * width, below * width);
}

static enum sgr_status draw_part(struct drawing *drawing, const struct compose_strip *strip,
                                 const struct compose_part *part, uint32_t *pixels,
                                 struct sgr_error *error)
{
    const struct sprite_set *set = drawing->state->sprites;
    const struct sprite *sprite = &set->sprites[part->sprite];
    struct image_box rows = {0, strip->top > sprite->top ? strip->top : sprite->top, 0,
                             strip->bottom < sprite->bottom ? strip->bottom : sprite->bottom};
    drawing->mode = (enum blend_mode)part->mode;
    drawing->table = drawing->state->tables[part->mode];
    if (blend_mode_touches_empty(drawing->mode))
        empty_around(strip, &rows, set->width, pixels);
    if (rows.top >= rows.bottom)
        return SGR_OK;
    const uint32_t *words;
    enum sgr_status status =
        sprite_set_rows(set, sprite, rows, &drawing->worker->window, &words, error);
    if (status != SGR_OK)
        return status;
    const uint64_t *starts = sprite->row_starts + (rows.top - sprite->top);
    for (uint32_t row = rows.top; row < rows.bottom; row++, starts++) {
        drawing->target = pixels + (size_t)(row - strip->top) * set->width;
        const uint32_t *at = words + (starts[0] - sprite->row_starts[rows.top - sprite->top]);
        const uint32_t *end = at + (starts[1] - starts[0]);
        if (drawing->mode == BLEND_NORMAL)
            draw_normal(drawing, at, end);
        else
            draw_blended(drawing, at, end);
    }
    return SGR_OK;
}

static bool covers(const struct state *state, const struct compose_strip *strip,
                   const struct compose_part *part)
{
    return sprite_covers(&state->sprites->sprites[part->sprite], strip->top, strip->bottom);
}

/* Whether all pixels of a strip are opaque after a part, when they were or were not before. */
static bool is_opaque_after(const struct state *state, const struct compose_strip *strip,
                            const struct compose_part *part, bool opaque)
{
    enum blend_mode mode = (enum blend_mode)part->mode;
    if (opaque && blend_mode_keeps_opaque(mode))
        return true;
    return blend_mode_makes_opaque(mode) && covers(state, strip, part);
}

static enum sgr_status draw(void *opaque_state, unsigned worker, const struct compose_strip *strip,
                            uint32_t *pixels, struct sgr_error *error)
{
    struct state *state = opaque_state;
    struct drawing drawing = {.state = state, .worker = &state->workers[worker]};
    const struct compose_part *parts = strip->parts;
    bool is_filled =
        strip->part_count > 0 &&
        (parts->mode == BLEND_COPY || (parts->mode == BLEND_NORMAL && covers(state, strip, parts)));
    if (!is_filled)
        empty(pixels, (size_t)(strip->bottom - strip->top) * state->sprites->width);
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < strip->part_count && status == SGR_OK; index++) {
        status = draw_part(&drawing, strip, &parts[index], pixels, error);
        drawing.backdrop_opaque =
            is_opaque_after(state, strip, &parts[index], drawing.backdrop_opaque);
    }
    return status;
}

/* Makes the tables of the modes in use. */
static bool make_tables(struct state *state)
{
    for (size_t part = 0; part < state->sprites->part_count; part++) {
        unsigned mode = state->sprites->parts[part].mode;
        if (!blend_mode_is_separable((enum blend_mode)mode) || state->tables[mode])
            continue;
        state->tables[mode] = memory_allocate(BLEND_TABLE_BYTES, 1);
        if (!state->tables[mode])
            return false;
        blend_table_fill((enum blend_mode)mode, state->tables[mode]);
    }
    return true;
}

static bool make_workers(struct state *state, unsigned workers)
{
    state->workers = memory_allocate_zeroed(workers, sizeof *state->workers);
    if (!state->workers)
        return false;
    state->worker_count = workers;
    for (unsigned worker = 0; worker < workers; worker++) {
        state->workers[worker].flat = memory_allocate(state->sprites->width, sizeof(uint32_t));
        if (!state->workers[worker].flat)
            return false;
    }
    return true;
}

enum sgr_status compose_cpu_create(const struct sprite_set *sprites,
                                   const struct kernel_table *kernels, unsigned workers,
                                   struct compose **out_compose, struct sgr_error *error)
{
    static const struct compose_interface interface = {"cpu", draw, destroy};
    struct state *state = memory_allocate_zeroed(1, sizeof *state);
    if (!state)
        return error_no_memory(error, "the composer");
    state->sprites = sprites;
    state->kernels = kernels;
    enum sgr_status status = make_tables(state) && make_workers(state, workers)
                                 ? SGR_OK
                                 : error_no_memory(error, "the composer");
    if (status == SGR_OK)
        status = compose_create(&interface, state, sprites, workers, out_compose, error);
    if (status != SGR_OK)
        destroy(state);
    return status;
}
