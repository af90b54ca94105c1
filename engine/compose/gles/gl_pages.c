/* Texels are whole pixels as unsigned words: no conversion, no filter, nothing to round. */
#include "compose/gles/gl_pages.h"

#include "base/memory.h"
#include "work/parallel.h"

#include <string.h>

/* The most memory for pages that are drawn at once. */
enum { FILL_BYTES = 64 << 20 };

enum sgr_status gl_pages_texture(struct gl_context *context, uint32_t side, uint32_t layer_count,
                                 GLuint *out_texture, struct sgr_error *error)
{
    const struct gl_functions *gl = &context->gl;
    GLuint texture = 0;
    gl->GenTextures(1, &texture);
    gl->ActiveTexture(GL_TEXTURE0);
    gl->BindTexture(GL_TEXTURE_2D_ARRAY, texture);
    gl->TexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    gl->TexParameteri(GL_TEXTURE_2D_ARRAY, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    gl->TexStorage3D(GL_TEXTURE_2D_ARRAY, 1, GL_R32UI, (GLsizei)side, (GLsizei)side,
                     (GLsizei)layer_count);
    enum sgr_status status = gl_context_check(context, "to make room for sprites", error);
    if (status != SGR_OK) {
        gl->DeleteTextures(1, &texture);
        texture = 0;
    }
    *out_texture = texture;
    return status;
}

void gl_pages_upload(struct gl_context *context, GLuint texture, uint32_t side, uint32_t layer,
                     const uint32_t *texels)
{
    const struct gl_functions *gl = &context->gl;
    gl->ActiveTexture(GL_TEXTURE0);
    gl->BindTexture(GL_TEXTURE_2D_ARRAY, texture);
    gl->TexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, (GLint)layer, (GLsizei)side, (GLsizei)side, 1,
                      GL_RED_INTEGER, GL_UNSIGNED_INT, texels);
}

/* As many layers as there may be, then half of that, and so on. */
static enum sgr_status make_texture(struct gl_pages *pages, uint64_t bytes, struct sgr_error *error)
{
    enum sgr_status status = SGR_NO_MEMORY;
    uint64_t page_bytes = (uint64_t)pages->sheet->side * pages->sheet->side * sizeof(uint32_t);
    uint64_t count = bytes / page_bytes;
    if (count > pages->context->limits.array_layers)
        count = pages->context->limits.array_layers;
    if (count > pages->sheet->page_count)
        count = pages->sheet->page_count;
    for (count = count ? count : 1; count > 0 && status == SGR_NO_MEMORY; count /= 2) {
        pages->layer_count = (uint32_t)count;
        status = gl_pages_texture(pages->context, pages->sheet->side, pages->layer_count,
                                  &pages->texture, error);
    }
    return status;
}

enum sgr_status gl_pages_init(struct gl_pages *pages, struct gl_context *context,
                              const struct sheet *sheet, uint64_t bytes, struct sgr_error *error)
{
    *pages = (struct gl_pages){.context = context, .sheet = sheet};
    enum sgr_status status = make_texture(pages, bytes, error);
    if (status != SGR_OK) {
        gl_pages_finish(pages);
        return status;
    }
    pages->layers = memory_allocate(sheet->page_count + 1, sizeof *pages->layers);
    pages->page_at = memory_allocate(pages->layer_count, sizeof *pages->page_at);
    pages->used = memory_allocate_zeroed(pages->layer_count, sizeof *pages->used);
    pages->staging = memory_allocate((size_t)sheet->side * sheet->side, sizeof *pages->staging);
    if (!pages->layers || !pages->page_at || !pages->used || !pages->staging) {
        gl_pages_finish(pages);
        return error_no_memory(error, "the device's pages");
    }
    memset(pages->layers, 0xff, (sheet->page_count + 1) * sizeof *pages->layers);
    memset(pages->page_at, 0xff, pages->layer_count * sizeof *pages->page_at);
    return SGR_OK;
}

void gl_pages_finish(struct gl_pages *pages)
{
    if (pages->texture)
        pages->context->gl.DeleteTextures(1, &pages->texture);
    memory_free(pages->layers);
    memory_free(pages->page_at);
    memory_free(pages->used);
    memory_free(pages->staging);
    sprite_window_finish(&pages->window);
    *pages = (struct gl_pages){.context = NULL};
}

/* Copies a drawn page into a layer, in place of what was there. */
static void put_page(struct gl_pages *pages, uint32_t layer, uint32_t page, const uint32_t *texels)
{
    if (pages->page_at[layer] != GL_NO_LAYER)
        pages->layers[pages->page_at[layer]] = GL_NO_LAYER;
    pages->page_at[layer] = page;
    pages->layers[page] = layer;
    pages->uploads++;
    gl_pages_upload(pages->context, pages->texture, pages->sheet->side, layer, texels);
}

/* A group of pages that is drawn on all threads before it is copied. */
struct drawing {
    const struct sheet *sheet;
    size_t first;
    uint32_t *texels; /* of all of them */
    struct sprite_window *windows;
};

static enum sgr_status draw_page(void *context, size_t index, unsigned worker,
                                 struct sgr_error *error)
{
    const struct drawing *drawing = context;
    size_t page_pixels = (size_t)drawing->sheet->side * drawing->sheet->side;
    return sheet_draw_page(drawing->sheet, drawing->first + index, &drawing->windows[worker],
                           drawing->texels + index * page_pixels, error);
}

enum sgr_status gl_pages_fill(struct gl_pages *pages, unsigned threads, struct sgr_error *error)
{
    const struct sheet *sheet = pages->sheet;
    size_t page_pixels = (size_t)sheet->side * sheet->side;
    struct drawing drawing = {.sheet = sheet};
    size_t fitting = FILL_BYTES / sizeof(uint32_t) / page_pixels;
    if (threads > fitting)
        threads = fitting ? (unsigned)fitting : 1;
    drawing.texels = memory_allocate(page_pixels * threads, sizeof *drawing.texels);
    drawing.windows = memory_allocate_zeroed(threads, sizeof *drawing.windows);
    enum sgr_status status =
        drawing.texels && drawing.windows ? SGR_OK : error_no_memory(error, "the device's pages");
    while (status == SGR_OK && drawing.first < pages->layer_count &&
           drawing.first < sheet->page_count) {
        size_t left = pages->layer_count - drawing.first;
        size_t count = left < threads ? left : threads;
        status = parallel_run(threads, count, draw_page, &drawing, error);
        for (size_t index = 0; index < count && status == SGR_OK; index++)
            put_page(pages, (uint32_t)(drawing.first + index), (uint32_t)(drawing.first + index),
                     drawing.texels + index * page_pixels);
        if (status == SGR_OK)
            status = gl_context_check(pages->context, "to upload sprites", error);
        drawing.first += count;
    }
    for (unsigned thread = 0; drawing.windows && thread < threads; thread++)
        sprite_window_finish(&drawing.windows[thread]);
    memory_free(drawing.texels);
    memory_free(drawing.windows);
    return status;
}

/* The layer that was not needed for longest, by none of this batch's pages. */
static uint32_t oldest_layer(const struct gl_pages *pages)
{
    uint32_t oldest = 0;
    for (uint32_t layer = 1; layer < pages->layer_count; layer++) {
        if (pages->used[layer] < pages->used[oldest])
            oldest = layer;
    }
    return oldest;
}

enum sgr_status gl_pages_need(struct gl_pages *pages, const uint32_t *needed, size_t count,
                              struct sgr_error *error)
{
    ERROR_ASSERT(count <= pages->layer_count);
    enum sgr_status status = SGR_OK;
    uint64_t before = pages->uploads;
    pages->batch++;
    for (size_t index = 0; index < count; index++) {
        if (pages->layers[needed[index]] != GL_NO_LAYER)
            pages->used[pages->layers[needed[index]]] = pages->batch;
    }
    for (size_t index = 0; index < count && status == SGR_OK; index++) {
        uint32_t page = needed[index];
        if (pages->layers[page] != GL_NO_LAYER)
            continue;
        uint32_t layer = oldest_layer(pages);
        status = sheet_draw_page(pages->sheet, page, &pages->window, pages->staging, error);
        if (status == SGR_OK)
            put_page(pages, layer, page, pages->staging);
        pages->used[layer] = pages->batch;
    }
    /* Asking a driver for errors may wait for its thread, so only where something was done. */
    if (status != SGR_OK || pages->uploads == before)
        return status;
    return gl_context_check(pages->context, "to upload sprites", error);
}
