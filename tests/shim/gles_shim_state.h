/* What the parts of the shim share. */
#ifndef GLES_SHIM_STATE_H
#define GLES_SHIM_STATE_H

#include "gles_shim.h"

#define EGL_NO_PLATFORM_SPECIFIC_TYPES 1
#define EGL_EGL_PROTOTYPES 1
#include <EGL/egl.h>

#include <EGL/eglext.h>

#define GL_GLES_PROTOTYPES 0
#include <GLES3/gl31.h>

#include <GLES2/gl2ext.h>
#include <stdbool.h>

/* What can be counted: an enumerator for each name of gles_shim.h. */
#define FAULT_LIST(X)                                                                              \
    X(EGL_INITIALIZE, "egl-initialize")                                                            \
    X(EGL_CONFIG, "egl-config")                                                                    \
    X(EGL_CONTEXT, "egl-context")                                                                  \
    X(EGL_CURRENT, "egl-current")                                                                  \
    X(NO_SHADER, "no-shader")                                                                      \
    X(COMPILE, "compile")                                                                          \
    X(LINK, "link")                                                                                \
    X(LOG_EMPTY, "log-empty")                                                                      \
    X(ALTER, "alter")                                                                              \
    X(OOM, "oom")                                                                                  \
    X(OOM_LAYERS, "oom-layers")                                                                    \
    X(REFUSE, "refuse")                                                                            \
    X(SILENT, "silent")                                                                            \
    X(RESET, "reset")                                                                              \
    X(JUNK, "junk")                                                                                \
    X(NO_FENCE, "no-fence")                                                                        \
    X(HANG, "hang")                                                                                \
    X(WAIT_FAILED, "wait-failed")                                                                  \
    X(MAP_NULL, "map-null")                                                                        \
    X(PERSISTENT_NULL, "persistent-null")                                                          \
    X(PERSISTENT_STALE, "persistent-stale")                                                        \
    X(PERSISTENT_REFUSE, "persistent-refuse")                                                      \
    X(MISSING, "missing")

enum fault {
#define FAULT_ENUMERATOR(name, text) FAULT_##name,
    FAULT_LIST(FAULT_ENUMERATOR)
#undef FAULT_ENUMERATOR
        FAULT_COUNT
};

/* What the variable says, and what came of it. */
struct gles_shim_state {
    char setting[256];
    unsigned passed[FAULT_COUNT];
    GLenum error;     /* that glGetError has to tell */
    EGLint egl_error; /* that eglGetError has to tell */
    unsigned live;    /* objects of the context */
    struct gles_shim_counts counts;
};

extern struct gles_shim_state gles_shim_state;

/* A function of EGL or OpenGL ES. */
typedef __eglMustCastToProperFunctionPointerType gles_shim_any;

/* What follows a fault's name in the variable, NULL when it is not there. */
const char *gles_shim_setting(enum fault fault);

/* Whether a fault happens here and now. */
bool gles_shim_strikes(enum fault fault);

/* What stands before the driver's function of this name; the function itself when nothing does. */
gles_shim_any gles_shim_watch(const char *name, gles_shim_any function);

/* Forgets what the context had. */
void gles_shim_watch_end(void);

#endif
