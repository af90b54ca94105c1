/*
 * Painting a work list: a program, the blend tables it reads, and the memory of the device that it
 * writes to. All calls need the context to be current.
 */
#ifndef SGR_COMPOSE_GLES_GL_PAINTER_H
#define SGR_COMPOSE_GLES_GL_PAINTER_H

#include "compose/gles/gl_program.h"

/* Pixels on the device: a storage buffer, or a texture with the framebuffer that draws on it. */
struct gl_target {
    uint32_t width;
    uint32_t rows;
    GLuint buffer;
    GLuint texture;
    GLuint framebuffer;
};

/* A work list on the device: a storage buffer or a texture. Start from all zero. */
struct gl_work {
    GLuint buffer;
    GLuint texture;
    size_t texture_rows;
};

/* What paints. */
struct gl_painter {
    struct gl_context *context; /* borrowed */
    enum gl_program_kind kind;
    struct gl_program program;
    GLuint tables;       /* 0: it knows normal mode only */
    GLuint vertex_array; /* 0: it draws nothing */
};

/* What is painted. */
struct gl_painting {
    GLuint pages; /* the array texture */
    const struct gl_work *work;
    size_t mask_words;
    size_t slab_count;
    uint32_t rows; /* of the target that the slabs fill */
};

/* Makes a painter for all blend modes or only normal. After a failure it is finished already. */
enum sgr_status gl_painter_init(struct gl_painter *painter, struct gl_context *context,
                                enum gl_program_kind kind, bool modes,
                                struct sgr_error *error) SGR_MUST_USE;

/* Frees what it holds on the device. */
void gl_painter_finish(struct gl_painter *painter);

/* The most rows that a target of a width can have; 0 when the device has no such targets. */
uint32_t gl_painter_rows_max(const struct gl_painter *painter, uint32_t width);

/* Makes a target; SGR_NO_MEMORY when the device has no room for it. */
enum sgr_status gl_target_init(struct gl_target *target, struct gl_painter *painter, uint32_t width,
                               uint32_t rows, struct sgr_error *error) SGR_MUST_USE;

/* Frees a target; accepts one that is all zero. */
void gl_target_finish(struct gl_target *target, struct gl_painter *painter);

/*
 * Copies words to the device. For a painter of fragments, `words` has room up to a multiple of
 * WORK_COLUMNS. What goes wrong shows when the painting is read.
 */
void gl_work_set(struct gl_work *work, struct gl_painter *painter, const uint32_t *words,
                 size_t count);

/* The most words that a work list on the device can have. */
size_t gl_work_words_max(const struct gl_painter *painter);

/* Frees a work list; accepts one that is all zero. */
void gl_work_finish(struct gl_work *work, struct gl_painter *painter);

/* Has the slabs painted; it may go on after the call. */
void gl_painter_paint(struct gl_painter *painter, const struct gl_target *target,
                      const struct gl_painting *painting);

/* Has the target's first rows copied to a buffer of bytes, after what was painted before. */
void gl_painter_read(struct gl_painter *painter, const struct gl_target *target, uint32_t rows,
                     GLuint buffer);

#endif
