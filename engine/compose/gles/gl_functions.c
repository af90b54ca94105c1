/*
 * A driver's loader gives an address for any name that begins with "gl", so an extension's
 * function is there only when the extension is listed.
 */
#include "compose/gles/gl_functions.h"

#include "base/error.h"
#include "compose/gles/egl_functions.h"

#include <string.h>

bool gl_functions_has(const struct gl_functions *gl, const char *extension)
{
    GLint count = 0;
    gl->GetIntegerv(GL_NUM_EXTENSIONS, &count);
    for (GLint index = 0; index < count; index++) {
        const GLubyte *name = gl->GetStringi(GL_EXTENSIONS, (GLuint)index);
        if (name && strcmp((const char *)name, extension) == 0)
            return true;
    }
    return false;
}

enum sgr_status gl_functions_load(struct gl_functions *gl, unsigned minor, struct sgr_error *error)
{
    const char *missing = NULL;
    *gl = (struct gl_functions){.ActiveTexture = NULL};
#define LOAD(type, name)                                                                           \
    gl->name = (type)egl_functions_find_gl("gl" #name);                                            \
    if (!gl->name)                                                                                 \
        missing = "gl" #name;
#define LOAD_EXTENSION(type, name, extension)                                                      \
    if (!missing && gl_functions_has(gl, extension))                                               \
        gl->name = (type)egl_functions_find_gl("gl" #name);
    GL_FUNCTION_LIST(LOAD)
    if (minor >= 1) {
        GL_FUNCTION_31_LIST(LOAD)
    }
    GL_FUNCTION_EXTENSION_LIST(LOAD_EXTENSION)
#undef LOAD
#undef LOAD_EXTENSION
    if (missing)
        return error_set(error, SGR_USAGE, "the driver says ES 3.%u but has no %s; update it",
                         minor, missing);
    return SGR_OK;
}

static void GL_APIENTRY free_none(GLsizei count, const GLuint *names)
{
    (void)count;
    (void)names;
}

static void GL_APIENTRY free_program(GLuint program)
{
    (void)program;
}

static void GL_APIENTRY free_sync(GLsync sync)
{
    (void)sync;
}

static void GL_APIENTRY bind_nothing(GLenum target, GLuint buffer)
{
    (void)target;
    (void)buffer;
}

static GLboolean GL_APIENTRY unmap_nothing(GLenum target)
{
    (void)target;
    return GL_TRUE;
}

void gl_functions_silence(struct gl_functions *gl)
{
    gl->BindBuffer = bind_nothing;
    gl->DeleteBuffers = free_none;
    gl->DeleteFramebuffers = free_none;
    gl->DeleteProgram = free_program;
    gl->DeleteSync = free_sync;
    gl->DeleteTextures = free_none;
    gl->DeleteVertexArrays = free_none;
    gl->UnmapBuffer = unmap_nothing;
}
