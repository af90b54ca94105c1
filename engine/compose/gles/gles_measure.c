/*
 * A run overlaps the steps, so its batches come faster than their sum; what a step takes alone says
 * which of them would be in the way.
 */
#include "compose/gles/gles_measure.h"

#include "base/memory.h"
#include "compose/gles/gles_composer.h"
#include "os/machine.h"

#include <string.h>

enum { WAIT_MS = 1000, UPLOADS = 8 };

#define MILLISECOND_NS UINT64_C(1000000)

/* A measurement under way. */
struct measuring {
    struct gles_composer *composer;
    uint32_t *copy; /* [a slot's pixels] */
    struct batch_rates *rates;
};

/* The time since `start_ns`, after all that was submitted. */
static uint64_t finish_ns(struct measuring *measuring, uint64_t start_ns)
{
    measuring->composer->context->gl.Finish();
    return machine_now_ns() - start_ns;
}

/* Uploads the page that is in the first layer again. */
static enum sgr_status measure_upload(struct measuring *measuring, struct sgr_error *error)
{
    struct gl_pages *pages = &measuring->composer->pages;
    uint32_t side = pages->sheet->side;
    if (pages->page_at[0] == GL_NO_LAYER)
        return SGR_OK;
    enum sgr_status status =
        sheet_draw_page(pages->sheet, pages->page_at[0], &pages->window, pages->staging, error);
    if (status != SGR_OK)
        return status;
    (void)finish_ns(measuring, 0);
    uint64_t start_ns = machine_now_ns();
    for (unsigned index = 0; index < UPLOADS; index++)
        gl_pages_upload(pages->context, pages->texture, side, 0, pages->staging);
    measuring->rates->upload_ns += finish_ns(measuring, start_ns);
    measuring->rates->upload_bytes += (uint64_t)UPLOADS * side * side * sizeof *pages->staging;
    return gl_context_check(pages->context, "to upload sprites", error);
}

/* What was painted last goes to every slot, one copy behind the other, as in a run. */
static enum sgr_status read_back(struct measuring *measuring, uint32_t rows,
                                 struct sgr_error *error)
{
    struct gles_composer *composer = measuring->composer;
    unsigned slots = composer->ring.slot_count;
    const uint32_t *pixels = NULL;
    enum sgr_status status = SGR_OK;
    uint64_t start_ns = machine_now_ns();
    for (unsigned slot = 0; slot < slots && status == SGR_OK; slot++)
        status = gles_composer_read(composer, slot, rows, error);
    for (unsigned slot = 0; slot < slots && status == SGR_OK; slot++) {
        pixels = NULL;
        while (status == SGR_OK && !pixels)
            status = gl_ring_collect(&composer->ring, slot, WAIT_MS, &pixels, error);
    }
    if (status != SGR_OK)
        return status;
    uint64_t read_ns = machine_now_ns();
    size_t count = (size_t)rows * composer->sprites->width;
    memcpy(measuring->copy, pixels, count * sizeof *pixels);
    measuring->rates->readback_ns += (read_ns - start_ns) / slots;
    measuring->rates->copy_ns += machine_now_ns() - read_ns;
    measuring->rates->pixels += count;
    return SGR_OK;
}

/* One batch, step by step. */
static enum sgr_status measure_batch(struct measuring *measuring,
                                     const struct compose_strip *strips, size_t *inout_count,
                                     struct sgr_error *error)
{
    struct gles_composer *composer = measuring->composer;
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
    struct batch_rates *rates = measuring->rates;
    enum sgr_status status = measure_upload(measuring, error);
    /* Drivers finish programs when they first run, so that round counts only if it is the last. */
    struct batch_rates before = *rates;
    uint64_t start_ns = machine_now_ns();
    for (unsigned round = 0; status == SGR_OK; round++) {
        for (size_t done = 0; done < count && status == SGR_OK;) {
            size_t taken = count - done;
            status = measure_batch(measuring, strips + done, &taken, error);
            done += taken;
        }
        bool slow = machine_now_ns() - start_ns > budget_ms * MILLISECOND_NS;
        if (round == 0 && !slow) {
            *rates = before;
            start_ns = machine_now_ns();
        } else if (slow) {
            break;
        }
    }
    return status;
}

enum sgr_status gles_measure(struct batch_composer *composer, const struct compose_strip *strips,
                             size_t count, unsigned budget_ms, struct batch_rates *out_rates,
                             struct sgr_error *error)
{
    struct measuring measuring = {.composer = compose_gles_state(composer), .rates = out_rates};
    ERROR_ASSERT(measuring.composer && count > 0);
    *out_rates = (struct batch_rates){.strips = 0};
    measuring.copy = memory_allocate(batch_shape(composer)->slot_pixels, sizeof(uint32_t));
    if (!measuring.copy)
        return error_no_memory(error, "the measuring");
    enum sgr_status status = batch_begin(composer, error);
    if (status == SGR_OK) {
        status = measure_all(&measuring, strips, count, budget_ms, error);
        batch_end(composer);
    }
    memory_free(measuring.copy);
    return status;
}
