/* Opening a device from nothing to ready, and batches going there. */
#include "compose/gles/gles_composer.h"

#include "base/log.h"
#include "base/memory.h"
#include "compose/gles/gl_self_test.h"

#include <stdio.h>
#include <string.h>

/* A batch is worth a submission from about this size on, and small enough to wait for. */
enum { BATCH_BYTES = 4 << 20, SLABS_MAX = 4096, LAYERS_WANTED = 32 };

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

static uint64_t gles_composer_page_bytes(const struct gles_composer *composer)
{
    return (uint64_t)composer->sheet->side * composer->sheet->side * sizeof(uint32_t);
}

/* Frees all that depends on the context, which is current. */
static void tear_down(struct gles_composer *composer)
{
    for (unsigned slot = 0; composer->works && slot < composer->options.slot_count; slot++)
        gl_work_finish(&composer->works[slot], &composer->painter);
    work_list_finish(&composer->list);
    gl_ring_finish(&composer->ring);
    for (unsigned turn = 0; turn < 2; turn++)
        gl_target_finish(&composer->targets[turn], &composer->painter);
    gl_pages_finish(&composer->pages);
    gl_painter_finish(&composer->painter);
}

/* Proves the painter, on buffers that stay mapped where the driver's really do. */
static enum sgr_status prove(struct gles_composer *composer, bool *out_persistent,
                             struct sgr_error *error)
{
    *out_persistent = composer->context->buffer_storage;
    if (*out_persistent) {
        struct sgr_error reason = {SGR_OK, ""};
        if (gl_self_test(&composer->painter, true, &reason) == SGR_OK)
            return SGR_OK;
        log_write(&composer->options.log, SGR_LOG_DETAIL, "%s: without persistent mapping: %s",
                  composer->name, reason.text);
        *out_persistent = false;
    }
    return gl_self_test(&composer->painter, false, error);
}

/* How many rows a batch has: enough for the tallest strip. */
static enum sgr_status choose_rows(struct gles_composer *composer, struct sgr_error *error)
{
    uint32_t width = composer->sprites->width;
    uint32_t most = gl_painter_rows_max(&composer->painter, width);
    uint32_t wanted = BATCH_BYTES / 4 / width;
    composer->rows = wanted > composer->options.rows_max ? wanted : composer->options.rows_max;
    if (composer->rows > most)
        composer->rows = most;
    if (composer->rows >= composer->options.rows_max)
        return SGR_OK;
    return error_set(error, SGR_INTERNAL, "strips of %ux%u pixels are larger than it allows", width,
                     composer->options.rows_max);
}

/* Makes all that depends on the context, which is current. */
static enum sgr_status build_up(struct gles_composer *composer, struct sgr_error *error)
{
    const struct compose_gles_options *options = &composer->options;
    uint32_t width = composer->sprites->width;
    bool persistent = false;
    enum sgr_status status = gl_painter_init(&composer->painter, composer->context,
                                             options->program, composer->modes, error);
    if (status == SGR_OK)
        status = prove(composer, &persistent, error);
    if (status == SGR_OK)
        status = choose_rows(composer, error);
    /* Sprites are cut for a device that was proven, once: it may be opened again. */
    if (status == SGR_OK && !composer->sheet)
        status = sheet_create(composer->sprites, page_side(options->sprite_bytes), options->threads,
                              &composer->sheet, error);
    if (status == SGR_OK)
        status = gl_pages_init(&composer->pages, composer->context, composer->sheet,
                               options->sprite_bytes, error);
    for (unsigned turn = 0; turn < 2 && status == SGR_OK; turn++)
        status = gl_target_init(&composer->targets[turn], &composer->painter, width, composer->rows,
                                error);
    if (status == SGR_OK)
        status = gl_ring_init(&composer->ring, composer->context, options->slot_count,
                              (size_t)width * composer->rows * 4, persistent, error);
    if (status == SGR_OK)
        status = gl_pages_fill(&composer->pages, options->threads, error);
    if (status != SGR_OK)
        return status;
    struct work_limits limits = {composer->rows, SLABS_MAX, composer->pages.layer_count,
                                 gl_work_words_max(&composer->painter)};
    return work_list_init(&composer->list, composer->sheet, &limits, error);
}

/* The context from nothing to ready, current on the calling thread. */
static enum sgr_status start(struct gles_composer *composer, struct sgr_error *error)
{
    const struct compose_gles_options *options = &composer->options;
    enum sgr_status status =
        gl_context_open(&options->device, options->minor_max, &composer->context, error);
    if (status != SGR_OK)
        return status;
    if (options->limit_ms)
        composer->context->limit_ms = options->limit_ms;
    snprintf(composer->name, sizeof composer->name, "gles %s on device %u, %s",
             gl_program_name(options->program), options->device.index, composer->context->renderer);
    if (composer->context->software && !options->allow_software)
        return error_set(error, SGR_USAGE,
                         "%s computes on the CPU too; --device software asks "
                         "for it",
                         composer->context->renderer);
    if (options->program == GL_PROGRAM_COMPUTE && composer->context->minor < 1)
        return error_set(error, SGR_USAGE, "%s: OpenGL ES 3.0 has no compute shaders",
                         composer->context->renderer);
    status = gl_context_enter(composer->context, error);
    if (status == SGR_OK)
        status = build_up(composer, error);
    return status;
}

void gles_composer_close(struct gles_composer *composer)
{
    if (!composer->context)
        return;
    struct sgr_error ignored;
    bool entered = gl_context_enter(composer->context, &ignored) == SGR_OK;
    /* What cannot be deleted goes with the context; the host's memory is to be freed anyhow. */
    if (!entered)
        gl_functions_silence(&composer->context->gl);
    tear_down(composer);
    if (entered)
        gl_context_leave(composer->context);
    gl_context_close(&composer->context);
}

/* Whether a device that is out of memory may do with fewer pages of sprites. */
static bool take_less(struct gles_composer *composer)
{
    uint64_t page_bytes = composer->sheet ? gles_composer_page_bytes(composer) : 0;
    composer->options.sprite_bytes /= 2;
    return page_bytes && composer->options.sprite_bytes >= page_bytes;
}

enum sgr_status gles_composer_open(struct gles_composer *composer, struct sgr_error *error)
{
    enum sgr_status status = start(composer, error);
    while (status == SGR_NO_MEMORY && take_less(composer)) {
        gles_composer_close(composer);
        status = start(composer, error);
    }
    composer->failed = status != SGR_OK;
    if (status != SGR_OK)
        gles_composer_close(composer);
    return status;
}

/* Puts as many strips as fit into the work list. */
static enum sgr_status list_strips(struct gles_composer *composer,
                                   const struct compose_strip *strips, size_t *inout_count,
                                   struct sgr_error *error)
{
    size_t count = 0;
    bool added = true;
    work_list_begin(&composer->list);
    while (count < *inout_count && added) {
        enum sgr_status status = work_list_add(&composer->list, &strips[count], &added, error);
        if (status != SGR_OK)
            return status;
        count += added;
    }
    *inout_count = count;
    if (count > 0)
        return SGR_OK;
    return error_set(error, SGR_USAGE,
                     "a strip needs more than the %u pages of sprites that fit; a larger "
                     "--device-memory has room for them",
                     composer->pages.layer_count);
}

static enum sgr_status upload_work(struct gles_composer *composer, unsigned slot,
                                   struct sgr_error *error)
{
    size_t count = work_list_words(&composer->list);
    uint32_t *words = memory_grow(composer->words, &composer->words_capacity, count + WORK_COLUMNS,
                                  sizeof *composer->words);
    if (!words)
        return error_no_memory(error, "the device's work");
    composer->words = words;
    enum sgr_status status =
        gl_pages_need(&composer->pages, composer->list.pages, composer->list.page_count, error);
    if (status != SGR_OK)
        return status;
    work_list_write(&composer->list, composer->pages.layers, words);
    gl_work_set(&composer->works[slot], &composer->painter, words, count);
    return SGR_OK;
}

enum sgr_status gles_composer_list(struct gles_composer *composer, unsigned slot,
                                   const struct compose_strip *strips, size_t *inout_count,
                                   struct sgr_error *error)
{
    enum sgr_status status = list_strips(composer, strips, inout_count, error);
    return status == SGR_OK ? upload_work(composer, slot, error) : status;
}

uint32_t gles_composer_paint(struct gles_composer *composer, unsigned slot)
{
    struct gl_painting painting = {composer->pages.texture, &composer->works[slot],
                                   composer->sheet->mask_words, composer->list.slab_count,
                                   (uint32_t)composer->list.rows};
    composer->turn = !composer->turn;
    gl_painter_paint(&composer->painter, &composer->targets[composer->turn], &painting);
    return painting.rows;
}

enum sgr_status gles_composer_read(struct gles_composer *composer, unsigned slot, uint32_t rows,
                                   struct sgr_error *error)
{
    return gl_ring_read(&composer->ring, slot, &composer->painter,
                        &composer->targets[composer->turn], rows, error);
}

enum sgr_status gles_composer_init(struct gles_composer *composer, const struct sprite_set *sprites,
                                   const struct compose_gles_options *options,
                                   struct sgr_error *error)
{
    *composer = (struct gles_composer){
        .options = *options, .sprites = sprites, .modes = needs_modes(sprites)};
    composer->works = memory_allocate_zeroed(options->slot_count, sizeof *composer->works);
    if (!composer->works)
        return error_no_memory(error, "the device's work");
    return SGR_OK;
}

void gles_composer_finish(struct gles_composer *composer)
{
    gles_composer_close(composer);
    sheet_destroy(&composer->sheet);
    memory_free(composer->works);
    memory_free(composer->words);
    *composer = (struct gles_composer){.sprites = NULL};
}

uint64_t gles_composer_memory(const struct gles_composer *composer)
{
    uint64_t slot_bytes = (uint64_t)composer->sprites->width * composer->rows * sizeof(uint32_t);
    return sheet_memory(composer->sheet) + gles_composer_page_bytes(composer) +
           composer->options.slot_count * slot_bytes;
}

void gles_composer_facts(const struct gles_composer *composer, struct compose_gles_facts *out_facts)
{
    *out_facts = (struct compose_gles_facts){.software = composer->context->software,
                                             .robust = composer->context->robust,
                                             .persistent = composer->ring.persistent,
                                             .page_count = composer->sheet->page_count,
                                             .page_side = composer->sheet->side,
                                             .layer_count = composer->pages.layer_count};
    memcpy(out_facts->renderer, composer->context->renderer, sizeof out_facts->renderer);
    memcpy(out_facts->version, composer->context->version, sizeof out_facts->version);
}
