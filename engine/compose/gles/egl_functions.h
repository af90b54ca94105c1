/* The functions of EGL that are used, by their names without "egl"; the library is loaded here. */
#ifndef SGR_COMPOSE_GLES_EGL_FUNCTIONS_H
#define SGR_COMPOSE_GLES_EGL_FUNCTIONS_H

#include "os/library.h"

/* Without windows the headers of a window system are not needed. */
#define EGL_NO_PLATFORM_SPECIFIC_TYPES 1
#define EGL_EGL_PROTOTYPES 0
#include <EGL/egl.h>

#include <EGL/eglext.h>
#include <stdbool.h>

/* Functions that every EGL has: type, name. */
#define EGL_FUNCTION_LIST(X)                                                                       \
    X(PFNEGLBINDAPIPROC, BindAPI)                                                                  \
    X(PFNEGLCHOOSECONFIGPROC, ChooseConfig)                                                        \
    X(PFNEGLCREATECONTEXTPROC, CreateContext)                                                      \
    X(PFNEGLCREATEPBUFFERSURFACEPROC, CreatePbufferSurface)                                        \
    X(PFNEGLDESTROYCONTEXTPROC, DestroyContext)                                                    \
    X(PFNEGLDESTROYSURFACEPROC, DestroySurface)                                                    \
    X(PFNEGLGETCURRENTCONTEXTPROC, GetCurrentContext)                                              \
    X(PFNEGLGETCURRENTDISPLAYPROC, GetCurrentDisplay)                                              \
    X(PFNEGLGETCURRENTSURFACEPROC, GetCurrentSurface)                                              \
    X(PFNEGLGETERRORPROC, GetError)                                                                \
    X(PFNEGLGETPROCADDRESSPROC, GetProcAddress)                                                    \
    X(PFNEGLINITIALIZEPROC, Initialize)                                                            \
    X(PFNEGLMAKECURRENTPROC, MakeCurrent)                                                          \
    X(PFNEGLQUERYSTRINGPROC, QueryString)                                                          \
    X(PFNEGLRELEASETHREADPROC, ReleaseThread)                                                      \
    X(PFNEGLTERMINATEPROC, Terminate)

/* Functions of extensions, NULL where none of EGL's vendors has them: type, name. */
#define EGL_FUNCTION_EXTENSION_LIST(X)                                                             \
    X(PFNEGLGETPLATFORMDISPLAYEXTPROC, GetPlatformDisplayEXT)                                      \
    X(PFNEGLQUERYDEVICESEXTPROC, QueryDevicesEXT)                                                  \
    X(PFNEGLQUERYDEVICEATTRIBEXTPROC, QueryDeviceAttribEXT)                                        \
    X(PFNEGLQUERYDEVICESTRINGEXTPROC, QueryDeviceStringEXT)

/* All of them. */
struct egl_functions {
#define EGL_FUNCTION_MEMBER(type, name) type name;
    EGL_FUNCTION_LIST(EGL_FUNCTION_MEMBER)
    EGL_FUNCTION_EXTENSION_LIST(EGL_FUNCTION_MEMBER)
#undef EGL_FUNCTION_MEMBER
    const char *extensions; /* that need no display; "" when there are none */
};

/*
 * Loads libEGL.so.1 the first time; *out_egl lives as long as the program. SGR_USAGE when there is
 * none. Any thread.
 */
enum sgr_status egl_functions_load(const struct egl_functions **out_egl,
                                   struct sgr_error *error) SGR_MUST_USE;

/* A function of OpenGL ES: from libGLESv2.so.2 where EGL has none. EGL was loaded. Any thread. */
library_function egl_functions_find_gl(const char *name);

/* Whether the word is in a list of words with blanks between; NULL is an empty list. */
bool egl_functions_has(const char *extensions, const char *name);

/* An error of eglGetError in words, with a remedy where one is known, such as "EGL_BAD_MATCH". */
const char *egl_functions_error_text(EGLint code);

#endif
