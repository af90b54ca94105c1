/*
 * A context on a device, without any window: ES 3.2, 3.1 or 3.0, robust where the driver can. It
 * belongs to one thread at a time, which it is current on between gl_context_enter and _leave.
 * Contexts may be opened and closed on any thread, others at the same time. A process that forks
 * afterwards must not use them in the child.
 */
#ifndef SGR_COMPOSE_GLES_GL_CONTEXT_H
#define SGR_COMPOSE_GLES_GL_CONTEXT_H

#include "compose/gles/egl_device.h"
#include "compose/gles/gl_functions.h"

/* What the context's driver allows; 0 where it has no such thing. */
struct gl_limits {
    uint32_t texture_side; /* texels of a 2D texture */
    uint32_t array_layers; /* of an array texture */
    uint32_t viewport_rows;
    uint64_t storage_block_bytes; /* that a compute shader may bind, from here on ES 3.1 */
    uint32_t work_group_size;     /* invocations */
    uint32_t work_groups[2];      /* of one dispatch, in x and y */
};

struct gl_context {
    struct gl_functions gl; /* callable on the thread that it is current on */
    unsigned major;         /* 3 */
    unsigned minor;         /* that it may be used as; the driver may have made a later one */
    bool software;          /* the driver computes on the CPU */
    unsigned limit_ms;      /* no batch takes this long but on a device that hangs */
    bool robust;            /* it tells when it was reset */
    bool buffer_storage;    /* GL_EXT_buffer_storage */
    char vendor[64];
    char renderer[128];
    char version[128];
    struct gl_limits limits;
    struct egl_device device; /* that it was made on */
    void *display;            /* EGLDisplay */
    void *config;             /* EGLConfig */
    void *handle;             /* EGLContext */
    void *surface;            /* EGLSurface, or none where contexts need none */
    void *before;             /* EGLContext that was current on the thread when it was entered */
    void *before_display;
    void *before_draw; /* EGLSurface */
    void *before_read; /* EGLSurface */
};

/*
 * Makes a context of at most ES 3.`minor_max` (0 to 2) on a device; it is current on no thread.
 * SGR_USAGE when the device has none, with the reason. *out_context is the caller's.
 */
enum sgr_status gl_context_open(const struct egl_device *device, unsigned minor_max,
                                struct gl_context **out_context,
                                struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *context to NULL. It is current on no thread, or on the calling one. */
void gl_context_close(struct gl_context **context);

/* Makes it current on the calling thread, in the place of one that is; twice is success. */
enum sgr_status gl_context_enter(struct gl_context *context, struct sgr_error *error) SGR_MUST_USE;

/* Makes it current on no thread; the calling one had it, and gets back what was current before. */
void gl_context_leave(struct gl_context *context);

/*
 * SGR_INTERNAL when the driver reports an error or a reset since the last call, SGR_NO_MEMORY when
 * it ran out of memory; `what` was being done, such as "to upload sprites". On its thread.
 */
enum sgr_status gl_context_check(struct gl_context *context, const char *what,
                                 struct sgr_error *error) SGR_MUST_USE;

#endif
