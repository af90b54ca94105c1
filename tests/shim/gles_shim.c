/*
 * Built as libEGL.so.1 in a folder of its own, which LD_LIBRARY_PATH puts first. What it does not
 * spoil goes to the real libraries, whose places are known since the build. One context at a time.
 */
#include "gles_shim_state.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct gles_shim_state gles_shim_state = {.egl_error = EGL_SUCCESS};

EXPORT gles_shim_counts_function gles_shim_counts;

const struct gles_shim_counts *gles_shim_counts(void)
{
    return &gles_shim_state.counts;
}

static const char *fault_text(enum fault fault)
{
    static const char *const texts[] = {
#define FAULT_TEXT(name, text) text,
        FAULT_LIST(FAULT_TEXT)
#undef FAULT_TEXT
    };
    return texts[fault];
}

const char *gles_shim_setting(enum fault fault)
{
    const char *setting = getenv("TEST_GL_FAULT");
    const char *name = fault_text(fault);
    size_t length = strlen(name);
    if (!setting)
        setting = "";
    if (strcmp(setting, gles_shim_state.setting) != 0) {
        snprintf(gles_shim_state.setting, sizeof gles_shim_state.setting, "%s", setting);
        memset(gles_shim_state.passed, 0, sizeof gles_shim_state.passed);
    }
    for (const char *at = gles_shim_state.setting; (at = strstr(at, name)) != NULL; at += length) {
        bool begins = at == gles_shim_state.setting || at[-1] == ' ';
        if (begins && strchr(" @=", at[length]))
            return at + length;
    }
    return NULL;
}

bool gles_shim_strikes(enum fault fault)
{
    const char *setting = gles_shim_setting(fault);
    if (!setting)
        return false;
    char *end = NULL;
    unsigned long first = *setting == '@' ? strtoul(setting + 1, &end, 10) : 1;
    bool for_good = !end || *end == '+';
    unsigned passed = ++gles_shim_state.passed[fault];
    bool struck = passed == first || (for_good && passed > first);
    gles_shim_state.counts.struck += struck;
    gles_shim_state.counts.counted += struck && *setting == '@';
    return struck;
}

/* The real EGL: loaded once, never let go. */
static void *real(const char *name)
{
    static void *library;
    if (!library)
        library = dlopen(TEST_REAL_EGL, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, name) : NULL;
    if (!symbol)
        fprintf(stderr, "gles_shim: %s has no %s\n", TEST_REAL_EGL, name);
    return symbol;
}

/* C has no cast from an object's pointer to a function's. */
#define REAL(type, name)                                                                           \
    type call = NULL;                                                                              \
    void *symbol = real(name);                                                                     \
    memcpy(&call, &symbol, sizeof call);

/* Functions of EGL that are passed on: result, name, type, parameters, arguments. */
#define PASS(result, name, type, parameters, arguments)                                            \
    EXPORT result EGLAPIENTRY egl##name parameters                                                 \
    {                                                                                              \
        REAL(type, "egl" #name)                                                                    \
        return call arguments;                                                                     \
    }

PASS(EGLBoolean, BindAPI, PFNEGLBINDAPIPROC, (EGLenum api), (api))
PASS(EGLSurface, CreatePbufferSurface, PFNEGLCREATEPBUFFERSURFACEPROC,
     (EGLDisplay display, EGLConfig config, const EGLint *attributes),
     (display, config, attributes))
PASS(EGLBoolean, DestroySurface, PFNEGLDESTROYSURFACEPROC, (EGLDisplay display, EGLSurface surface),
     (display, surface))
PASS(EGLContext, GetCurrentContext, PFNEGLGETCURRENTCONTEXTPROC, (void), ())
PASS(EGLDisplay, GetCurrentDisplay, PFNEGLGETCURRENTDISPLAYPROC, (void), ())
PASS(EGLSurface, GetCurrentSurface, PFNEGLGETCURRENTSURFACEPROC, (EGLint which), (which))
PASS(const char *, QueryString, PFNEGLQUERYSTRINGPROC, (EGLDisplay display, EGLint name),
     (display, name))
PASS(EGLBoolean, ReleaseThread, PFNEGLRELEASETHREADPROC, (void), ())
PASS(EGLBoolean, Terminate, PFNEGLTERMINATEPROC, (EGLDisplay display), (display))

/* Whether a function of EGL is to fail, which it says by `error`. */
static bool egl_fails(enum fault fault, EGLint error)
{
    bool fails = gles_shim_strikes(fault);
    if (fails)
        gles_shim_state.egl_error = error;
    return fails;
}

EXPORT EGLint EGLAPIENTRY eglGetError(void)
{
    REAL(PFNEGLGETERRORPROC, "eglGetError")
    EGLint told = gles_shim_state.egl_error;
    gles_shim_state.egl_error = EGL_SUCCESS;
    return told == EGL_SUCCESS ? call() : told;
}

EXPORT EGLBoolean EGLAPIENTRY eglInitialize(EGLDisplay display, EGLint *major, EGLint *minor)
{
    REAL(PFNEGLINITIALIZEPROC, "eglInitialize")
    return !egl_fails(FAULT_EGL_INITIALIZE, EGL_NOT_INITIALIZED) && call(display, major, minor);
}

EXPORT EGLBoolean EGLAPIENTRY eglChooseConfig(EGLDisplay display, const EGLint *attributes,
                                              EGLConfig *configs, EGLint size, EGLint *count)
{
    REAL(PFNEGLCHOOSECONFIGPROC, "eglChooseConfig")
    return !egl_fails(FAULT_EGL_CONFIG, EGL_BAD_ATTRIBUTE) &&
           call(display, attributes, configs, size, count);
}

EXPORT EGLContext EGLAPIENTRY eglCreateContext(EGLDisplay display, EGLConfig config,
                                               EGLContext shared, const EGLint *attributes)
{
    REAL(PFNEGLCREATECONTEXTPROC, "eglCreateContext")
    if (egl_fails(FAULT_EGL_CONTEXT, EGL_BAD_ALLOC))
        return EGL_NO_CONTEXT;
    return call(display, config, shared, attributes);
}

EXPORT EGLBoolean EGLAPIENTRY eglMakeCurrent(EGLDisplay display, EGLSurface draw, EGLSurface read,
                                             EGLContext context)
{
    REAL(PFNEGLMAKECURRENTPROC, "eglMakeCurrent")
    if (context != EGL_NO_CONTEXT && egl_fails(FAULT_EGL_CURRENT, EGL_BAD_ACCESS))
        return EGL_FALSE;
    return call(display, draw, read, context);
}

EXPORT EGLBoolean EGLAPIENTRY eglDestroyContext(EGLDisplay display, EGLContext context)
{
    REAL(PFNEGLDESTROYCONTEXTPROC, "eglDestroyContext")
    gles_shim_state.counts.left += gles_shim_state.live;
    gles_shim_state.live = 0;
    gles_shim_state.error = GL_NO_ERROR;
    gles_shim_watch_end();
    return call(display, context);
}

EXPORT gles_shim_any EGLAPIENTRY eglGetProcAddress(const char *name)
{
    REAL(PFNEGLGETPROCADDRESSPROC, "eglGetProcAddress")
    const char *missing = gles_shim_setting(FAULT_MISSING);
    gles_shim_any found = call(name);
    size_t length = strlen(name);
    if (missing && strncmp(missing + 1, name, length) == 0 && strchr(" ", missing[1 + length])) {
        gles_shim_state.counts.struck++;
        return NULL;
    }
    return gles_shim_watch(name, found);
}
