/*
 * An EGL that stands before the real one in tests and misbehaves on demand. The environment
 * variable TEST_GL_FAULT is read at each call: words with blanks between, each
 *
 *     NAME      whenever it can happen        NAME@N   the Nth time from when the variable changed
 *     NAME=TEXT the same, for TEXT            NAME@N+  the Nth time and all later ones
 *
 * Words that are no names only make the variable another one. The names:
 *
 *     egl-initialize, egl-config, egl-context, egl-current   the function fails
 *     missing=glName      there is no such function
 *     no-shader, compile, link   creating, compiling, linking fails; with log-empty for no reason
 *     alter               the first TEST_GL_ALTER_FROM of a shader becomes TEST_GL_ALTER_TO
 *     oom                 a call that takes memory fails
 *     oom-layers=COUNT    making an array texture of more layers does
 *     refuse              a call that takes memory, copies or paints gives GL_INVALID_OPERATION
 *     silent              a call that paints does nothing
 *     reset, junk         the reset status says so, or something undefined
 *     no-fence, hang, wait-failed   no fence is made, none passes, waiting for one fails
 *     map-null            mapping gives NULL
 *     persistent-null, persistent-stale, persistent-refuse   a buffer that stays mapped gives NULL,
 *                         shows what was there when it was mapped, cannot be copied to
 */
#ifndef GLES_SHIM_H
#define GLES_SHIM_H

/* What happened since the program started. */
struct gles_shim_counts {
    unsigned struck;  /* faults */
    unsigned counted; /* of them those with a number */
    unsigned left;    /* objects that were not deleted when their context was */
    unsigned misused; /* calls of OpenGL ES without a context */
};

/* The library's "gles_shim_counts"; for the thread that calls OpenGL ES. */
typedef const struct gles_shim_counts *gles_shim_counts_function(void);

#endif
