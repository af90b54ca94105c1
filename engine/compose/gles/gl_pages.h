/*
 * A sheet's pages on the device: layers of one array texture. When the sheet has more pages than
 * there are layers, pages that were not needed for longest make room. All calls need the context
 * to be current.
 */
#ifndef SGR_COMPOSE_GLES_GL_PAGES_H
#define SGR_COMPOSE_GLES_GL_PAGES_H

#include "compose/gles/gl_context.h"
#include "sheet/sheet.h"

#define GL_NO_LAYER UINT32_MAX

struct gl_pages {
    struct gl_context *context; /* borrowed */
    const struct sheet *sheet;  /* borrowed */
    GLuint texture;
    uint32_t layer_count;
    uint32_t *layers;  /* [sheet->page_count]: where a page is, or GL_NO_LAYER */
    uint32_t *page_at; /* [layer_count]: the page that a layer holds, or GL_NO_LAYER */
    uint64_t *used;    /* [layer_count]: the batch that needed it last */
    uint32_t *staging; /* one page */
    uint64_t batch;    /* now */
    uint64_t uploads;  /* pages so far */
    struct sprite_window window;
};

/*
 * Makes room on the device for up to `bytes` bytes of pages, less when the device has less, but for
 * one page at least: else SGR_NO_MEMORY. After a failure it is finished already.
 */
enum sgr_status gl_pages_init(struct gl_pages *pages, struct gl_context *context,
                              const struct sheet *sheet, uint64_t bytes,
                              struct sgr_error *error) SGR_MUST_USE;

/* Frees what it holds. */
void gl_pages_finish(struct gl_pages *pages);

/* Brings pages to the device, as many as there is room for, drawn on up to `threads` threads. */
enum sgr_status gl_pages_fill(struct gl_pages *pages, unsigned threads,
                              struct sgr_error *error) SGR_MUST_USE;

/*
 * Makes sure that the pages of one batch are on the device, at most layer_count different ones.
 */
enum sgr_status gl_pages_need(struct gl_pages *pages, const uint32_t *needed, size_t count,
                              struct sgr_error *error) SGR_MUST_USE;

/*
 * Makes an array texture of layers of 32-bit texels; SGR_NO_MEMORY when the device has no room, and
 * then *out_texture is 0.
 */
enum sgr_status gl_pages_texture(struct gl_context *context, uint32_t side, uint32_t layer_count,
                                 GLuint *out_texture, struct sgr_error *error) SGR_MUST_USE;

/* Copies a whole layer's texels to the device. */
void gl_pages_upload(struct gl_context *context, GLuint texture, uint32_t side, uint32_t layer,
                     const uint32_t *texels);

#endif
