/* The two programs, made from shaders/: compute for ES 3.1, vertex and fragment for ES 3.0. */
#ifndef SGR_COMPOSE_GLES_GL_PROGRAM_H
#define SGR_COMPOSE_GLES_GL_PROGRAM_H

#include "compose/gles/gl_context.h"

/* Which of them. */
enum gl_program_kind { GL_PROGRAM_COMPUTE, GL_PROGRAM_FRAGMENT };

/* Where the programs look for their inputs. */
enum { GL_UNIT_PAGES, GL_UNIT_TABLES, GL_UNIT_WORK };
enum { GL_BINDING_WORK, GL_BINDING_TARGET };

/* A linked program; uniforms that it does not have are -1. */
struct gl_program {
    GLuint handle; /* 0: none */
    GLint target_width;
    GLint target_height;
    GLint mask_words;
};

/* "compute" or "fragment". */
const char *gl_program_name(enum gl_program_kind kind);

/*
 * Compiles and links, with all blend modes or only normal. SGR_INTERNAL carries the first line of
 * the compiler's log. The context is current.
 */
enum sgr_status gl_program_create(struct gl_context *context, enum gl_program_kind kind, bool modes,
                                  struct gl_program *out_program,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Accepts one that was not made. The context is current. */
void gl_program_finish(struct gl_context *context, struct gl_program *program);

#endif
