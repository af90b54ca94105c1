/*
 * A run overlaps the steps, so its batches come faster than their sum; what a step takes alone says
 * which of them would be in the way.
 */
#include "compose/gles/gles_measure.h"

#include "base/memory.h"
#include "compose/gles/gles_composer.h"
#include "os/machine.h"

#include <string.h>

enum { WAIT_MS = 1000, UPLOADS_MAX = 16 };

#define MILLISECOND_NS UINT64_C(1000000)

/* A measurement under way. */
struct measuring {
    struct gles_composer composer;
    uint32_t *copy; /* [a slot's pixels] */
    struct gles_rates *rates;
};

/* The time since `start_ns`, after all that was submitted. */
static uint64_t finish_ns(struct measuring *measuring, uint64_t start_ns)
{
    measuring->composer.context->gl.Finish();
    return machine_now_ns() - start_ns;
}

/* Uploads the first pages again. */
static void measure_upload(struct measuring *measuring)
{
    struct gl_pages *pages = &measuring->composer.pages;
    uint32_t side = pages->sheet->side;
    uint32_t count = pages->layer_count < UPLOADS_MAX ? pages->layer_count : UPLOADS_MAX;
    if (pages->page_at[0] == GL_NO_LAYER)
        return;
    (void)finish_ns(measuring, 0);
    uint64_t start_ns = machine_now_ns();
    /* The contents do not matter to the time, and layer 0 shows its page afterwards. */
    for (uint32_t index = 0; index < count; index++)
        gl_pages_upload(pages->context, pages->texture, side, 0, pages->staging);
    measuring->rates->upload_ns += finish_ns(measuring, start_ns);
    measuring->rates->upload_bytes += (uint64_t)count * side * side * sizeof *pages->staging;
}

static enum sgr_status read_back(struct measuring *measuring, uint32_t rows,
                                 struct sgr_error *error)
{
    struct gles_composer *composer = &measuring->composer;
    const uint32_t *pixels = NULL;
    uint64_t start_ns = machine_now_ns();
    enum sgr_status status =
        gl_ring_read(&composer->ring, 0, &composer->painter, &composer->target, rows, error);
    while (status == SGR_OK && !pixels)
        status = gl_ring_collect(&composer->ring, 0, WAIT_MS, &pixels, error);
    if (status != SGR_OK)
        return status;
    uint64_t read_ns = machine_now_ns();
    size_t count = (size_t)rows * composer->sprites->width;
    memcpy(measuring->copy, pixels, count * sizeof *pixels);
    measuring->rates->readback_ns += read_ns - start_ns;
    measuring->rates->copy_ns += machine_now_ns() - read_ns;
    measuring->rates->pixels += count;
    return SGR_OK;
}

/* One batch, step by step. */
static enum sgr_status measure_batch(struct measuring *measuring,
                                     const struct compose_strip *strips, size_t *inout_count,
                                     struct sgr_error *error)
{
    struct gles_composer *composer = &measuring->composer;
    uint64_t start_ns = machine_now_ns();
    enum sgr_status status = gles_composer_list(composer, 0, strips, inout_count, error);
    if (status != SGR_OK)
        return status;
    uint64_t listed_ns = machine_now_ns();
    uint32_t rows = gles_composer_paint(composer, 0);
    measuring->rates->compose_ns += finish_ns(measuring, listed_ns);
    measuring->rates->list_ns += listed_ns - start_ns;
    measuring->rates->strips += *inout_count;
    return read_back(measuring, rows, error);
}

static enum sgr_status measure_all(struct measuring *measuring, const struct compose_strip *strips,
                                   size_t count, unsigned budget_ms, struct sgr_error *error)
{
    struct gles_rates *rates = measuring->rates;
    enum sgr_status status = SGR_OK;
    measure_upload(measuring);
    /* The first round is not counted: drivers finish their programs when they first run. */
    struct gles_rates before = *rates;
    uint64_t start_ns = machine_now_ns();
    for (unsigned round = 0; status == SGR_OK; round++) {
        for (size_t done = 0; done < count && status == SGR_OK;) {
            size_t taken = count - done;
            status = measure_batch(measuring, strips + done, &taken, error);
            done += taken;
        }
        if (round == 0) {
            *rates = before;
            start_ns = machine_now_ns();
        } else if (machine_now_ns() - start_ns > budget_ms * MILLISECOND_NS) {
            break;
        }
    }
    return status;
}

enum sgr_status gles_measure(const struct sprite_set *sprites,
                             const struct compose_gles_options *options,
                             const struct compose_strip *strips, size_t count, unsigned budget_ms,
                             struct gles_rates *out_rates, struct sgr_error *error)
{
    struct measuring measuring = {.rates = out_rates};
    struct gles_composer *composer = &measuring.composer;
    uint64_t start_ns = machine_now_ns();
    *out_rates = (struct gles_rates){.strips = 0};
    enum sgr_status status = gles_composer_init(composer, sprites, options, error);
    if (status == SGR_OK)
        status = gles_composer_open(composer, error);
    out_rates->open_ns = machine_now_ns() - start_ns;
    if (status == SGR_OK) {
        gles_composer_facts(composer, &out_rates->facts);
        measuring.copy = memory_allocate((size_t)composer->rows * sprites->width, sizeof(uint32_t));
        status = measuring.copy ? measure_all(&measuring, strips, count, budget_ms, error)
                                : error_no_memory(error, "the measuring");
    }
    gles_composer_finish(composer);
    memory_free(measuring.copy);
    return status;
}
