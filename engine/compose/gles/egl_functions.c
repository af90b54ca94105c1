/*
 * Nothing of EGL is linked, so the program runs where it is not installed. Libraries that were
 * loaded stay: drivers leave threads and exit handlers behind.
 */
#include "compose/gles/egl_functions.h"

#include "base/error.h"
#include "os/mutex.h"

#include <string.h>

/* What was loaded; changes only under the lock, and never again once `is_loaded`. */
static struct {
    struct mutex lock;
    bool is_loaded;
    struct library egl;
    struct library gles;
    struct egl_functions functions;
} loaded = {.lock = MUTEX_READY};

bool egl_functions_has(const char *extensions, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = extensions; at && (at = strstr(at, name)); at += length) {
        bool begins = at == extensions || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0'))
            return true;
    }
    return false;
}

const char *egl_functions_error_text(EGLint code)
{
    static const struct {
        EGLint code;
        const char *text;
    } rows[] = {
        {EGL_NOT_INITIALIZED, "EGL_NOT_INITIALIZED, the driver does not start"},
        {EGL_BAD_ACCESS,
         "EGL_BAD_ACCESS, this process may not use it (a container's or a cluster's limits, or a "
         "MIG slice, which has no graphics)"},
        {EGL_BAD_ALLOC, "EGL_BAD_ALLOC, the device is out of memory"},
        {EGL_BAD_ATTRIBUTE, "EGL_BAD_ATTRIBUTE"},
        {EGL_BAD_CONFIG, "EGL_BAD_CONFIG"},
        {EGL_BAD_CONTEXT, "EGL_BAD_CONTEXT"},
        {EGL_BAD_CURRENT_SURFACE, "EGL_BAD_CURRENT_SURFACE"},
        {EGL_BAD_DISPLAY, "EGL_BAD_DISPLAY"},
        {EGL_BAD_MATCH, "EGL_BAD_MATCH"},
        {EGL_BAD_NATIVE_PIXMAP, "EGL_BAD_NATIVE_PIXMAP"},
        {EGL_BAD_NATIVE_WINDOW, "EGL_BAD_NATIVE_WINDOW"},
        {EGL_BAD_PARAMETER, "EGL_BAD_PARAMETER"},
        {EGL_BAD_SURFACE, "EGL_BAD_SURFACE"},
        {EGL_CONTEXT_LOST, "EGL_CONTEXT_LOST, the device was reset"},
        {EGL_SUCCESS, "no reason is told"},
    };
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        if (rows[index].code == code)
            return rows[index].text;
    }
    return "an unknown EGL error";
}

static enum sgr_status load_functions(struct egl_functions *egl, struct sgr_error *error)
{
    const char *missing = NULL;
#define LOAD(type, name)                                                                           \
    egl->name = (type)library_find(&loaded.egl, "egl" #name);                                      \
    if (!egl->name)                                                                                \
        missing = "egl" #name;
    EGL_FUNCTION_LIST(LOAD)
#undef LOAD
    if (missing)
        return error_set(error, SGR_USAGE, "libEGL.so.1 has no %s; install a complete one",
                         missing);
#define LOAD(type, name) egl->name = (type)egl->GetProcAddress("egl" #name);
    EGL_FUNCTION_EXTENSION_LIST(LOAD)
#undef LOAD
    egl->extensions = egl->QueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
    if (!egl->extensions) {
        /* An EGL that knows no platforms: one call fails, which is taken back. */
        (void)egl->GetError();
        egl->extensions = "";
    }
    return SGR_OK;
}

static enum sgr_status load(struct sgr_error *error)
{
    /* NVIDIA's driver else spins on a core while it waits; it looks when it is loaded. */
    library_set_default("__GL_YIELD", "USLEEP");
    /* Mesa else prints what it tried on stderr; what failed is told by our own line. */
    library_set_default("EGL_LOG_LEVEL", "fatal");
    struct sgr_error reason = {.status = SGR_OK};
    if (!loaded.egl.handle && library_open("libEGL.so.1", &loaded.egl, &reason) != SGR_OK)
        return error_set(error, SGR_USAGE,
                         "%s; install libegl1 and a driver (libgl1-mesa-dri, or the vendor's)",
                         reason.text);
    enum sgr_status status = load_functions(&loaded.functions, error);
    /* Only for functions that EGL does not find, so it may be missing. */
    if (status == SGR_OK && library_open("libGLESv2.so.2", &loaded.gles, NULL) != SGR_OK)
        loaded.gles = (struct library){.handle = NULL};
    loaded.is_loaded = status == SGR_OK;
    return status;
}

enum sgr_status egl_functions_load(const struct egl_functions **out_egl, struct sgr_error *error)
{
    mutex_lock(&loaded.lock);
    enum sgr_status status = loaded.is_loaded ? SGR_OK : load(error);
    mutex_unlock(&loaded.lock);
    if (status == SGR_OK)
        *out_egl = &loaded.functions;
    return status;
}

library_function egl_functions_find_gl(const char *name)
{
    library_function function = (library_function)loaded.functions.GetProcAddress(name);
    if (!function && loaded.gles.handle)
        function = library_find(&loaded.gles, name);
    return function;
}
