/* The functions of OpenGL ES that misbehave; all others are the driver's own. */
#include "gles_shim_state.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAPPINGS_MAX = 64 };

/* A buffer that stays mapped. */
struct mapping {
    GLuint buffer; /* 0: a free place */
    void *copy;    /* what a lying driver shows */
};

static struct {
    bool refused; /* a shader or program was, so the log is the shim's */
    GLuint pack_buffer;
    GLuint write_buffer;
    struct mapping mappings[MAPPINGS_MAX];
} shim;

/* Functions of OpenGL ES that are watched: type, name. */
#define WATCHED_LIST(X)                                                                            \
    X(PFNGLBINDBUFFERPROC, BindBuffer)                                                             \
    X(PFNGLBUFFERDATAPROC, BufferData)                                                             \
    X(PFNGLBUFFERSTORAGEEXTPROC, BufferStorageEXT)                                                 \
    X(PFNGLCLIENTWAITSYNCPROC, ClientWaitSync)                                                     \
    X(PFNGLCOPYBUFFERSUBDATAPROC, CopyBufferSubData)                                               \
    X(PFNGLCREATEPROGRAMPROC, CreateProgram)                                                       \
    X(PFNGLCREATESHADERPROC, CreateShader)                                                         \
    X(PFNGLDELETEBUFFERSPROC, DeleteBuffers)                                                       \
    X(PFNGLDELETEFRAMEBUFFERSPROC, DeleteFramebuffers)                                             \
    X(PFNGLDELETEPROGRAMPROC, DeleteProgram)                                                       \
    X(PFNGLDELETESHADERPROC, DeleteShader)                                                         \
    X(PFNGLDELETESYNCPROC, DeleteSync)                                                             \
    X(PFNGLDELETETEXTURESPROC, DeleteTextures)                                                     \
    X(PFNGLDELETEVERTEXARRAYSPROC, DeleteVertexArrays)                                             \
    X(PFNGLDISPATCHCOMPUTEPROC, DispatchCompute)                                                   \
    X(PFNGLDRAWARRAYSINSTANCEDPROC, DrawArraysInstanced)                                           \
    X(PFNGLFENCESYNCPROC, FenceSync)                                                               \
    X(PFNGLGENBUFFERSPROC, GenBuffers)                                                             \
    X(PFNGLGENFRAMEBUFFERSPROC, GenFramebuffers)                                                   \
    X(PFNGLGENTEXTURESPROC, GenTextures)                                                           \
    X(PFNGLGENVERTEXARRAYSPROC, GenVertexArrays)                                                   \
    X(PFNGLGETERRORPROC, GetError)                                                                 \
    X(PFNGLGETGRAPHICSRESETSTATUSEXTPROC, GetGraphicsResetStatusEXT)                               \
    X(PFNGLGETGRAPHICSRESETSTATUSKHRPROC, GetGraphicsResetStatusKHR)                               \
    X(PFNGLGETPROGRAMINFOLOGPROC, GetProgramInfoLog)                                               \
    X(PFNGLGETPROGRAMIVPROC, GetProgramiv)                                                         \
    X(PFNGLGETSHADERINFOLOGPROC, GetShaderInfoLog)                                                 \
    X(PFNGLGETSHADERIVPROC, GetShaderiv)                                                           \
    X(PFNGLMAPBUFFERRANGEPROC, MapBufferRange)                                                     \
    X(PFNGLREADPIXELSPROC, ReadPixels)                                                             \
    X(PFNGLSHADERSOURCEPROC, ShaderSource)                                                         \
    X(PFNGLTEXSTORAGE2DPROC, TexStorage2D)                                                         \
    X(PFNGLTEXSTORAGE3DPROC, TexStorage3D)                                                         \
    X(PFNGLTEXSUBIMAGE2DPROC, TexSubImage2D)                                                       \
    X(PFNGLTEXSUBIMAGE3DPROC, TexSubImage3D)                                                       \
    X(PFNGLUNMAPBUFFERPROC, UnmapBuffer)

/* The driver's own. */
static struct {
#define WATCHED_MEMBER(type, name) type name;
    WATCHED_LIST(WATCHED_MEMBER)
#undef WATCHED_MEMBER
} gl;

static void fail_with(GLenum error)
{
    if (gles_shim_state.error == GL_NO_ERROR)
        gles_shim_state.error = error;
}

static void check_current(void)
{
    gles_shim_state.counts.misused += eglGetCurrentContext() == EGL_NO_CONTEXT;
}

/* Objects that come and go by arrays of names. */
#define GENERATED(kind)                                                                            \
    static void GL_APIENTRY watch_Gen##kind(GLsizei count, GLuint *names)                          \
    {                                                                                              \
        check_current();                                                                           \
        gles_shim_state.live += (unsigned)count;                                                   \
        gl.Gen##kind(count, names);                                                                \
    }                                                                                              \
    static void GL_APIENTRY watch_Delete##kind(GLsizei count, const GLuint *names)                 \
    {                                                                                              \
        check_current();                                                                           \
        gles_shim_state.live -= (unsigned)count;                                                   \
        gl.Delete##kind(count, names);                                                             \
    }

GENERATED(Buffers)
GENERATED(Framebuffers)
GENERATED(Textures)
GENERATED(VertexArrays)

static GLuint GL_APIENTRY watch_CreateProgram(void)
{
    check_current();
    if (gles_shim_strikes(FAULT_NO_SHADER))
        return 0;
    gles_shim_state.live++;
    return gl.CreateProgram();
}

static void GL_APIENTRY watch_DeleteProgram(GLuint program)
{
    check_current();
    gles_shim_state.live--;
    gl.DeleteProgram(program);
}

static GLuint GL_APIENTRY watch_CreateShader(GLenum type)
{
    check_current();
    if (gles_shim_strikes(FAULT_NO_SHADER))
        return 0;
    gles_shim_state.live++;
    return gl.CreateShader(type);
}

static void GL_APIENTRY watch_DeleteShader(GLuint shader)
{
    check_current();
    gles_shim_state.live--;
    gl.DeleteShader(shader);
}

static GLenum GL_APIENTRY watch_GetError(void)
{
    GLenum told = gles_shim_state.error;
    check_current();
    gles_shim_state.error = GL_NO_ERROR;
    return told == GL_NO_ERROR ? gl.GetError() : told;
}

/* A spoilt copy of a shader's text, or NULL. */
static char *altered(const GLchar *source)
{
    const char *from = getenv("TEST_GL_ALTER_FROM");
    const char *to = getenv("TEST_GL_ALTER_TO");
    const char *at = from && to ? strstr(source, from) : NULL;
    if (!at || !gles_shim_strikes(FAULT_ALTER))
        return NULL;
    size_t size = strlen(source) + strlen(to) + 1;
    char *copy = malloc(size);
    if (copy)
        snprintf(copy, size, "%.*s%s%s", (int)(at - source), source, to, at + strlen(from));
    return copy;
}

static void GL_APIENTRY watch_ShaderSource(GLuint shader, GLsizei count,
                                           const GLchar *const *strings, const GLint *lengths)
{
    char *copy =
        gles_shim_setting(FAULT_ALTER) && count == 1 && !lengths ? altered(strings[0]) : NULL;
    const GLchar *text = copy;
    gl.ShaderSource(shader, count, copy ? &text : strings, lengths);
    free(copy);
}

static void GL_APIENTRY watch_GetShaderiv(GLuint shader, GLenum name, GLint *value)
{
    gl.GetShaderiv(shader, name, value);
    shim.refused = name == GL_COMPILE_STATUS && gles_shim_strikes(FAULT_COMPILE);
    if (shim.refused)
        *value = GL_FALSE;
}

static void GL_APIENTRY watch_GetProgramiv(GLuint program, GLenum name, GLint *value)
{
    gl.GetProgramiv(program, name, value);
    shim.refused = name == GL_LINK_STATUS && gles_shim_strikes(FAULT_LINK);
    if (shim.refused)
        *value = GL_FALSE;
}

static void write_log(GLsizei size, GLchar *log)
{
    bool empty = gles_shim_setting(FAULT_LOG_EMPTY) != NULL;
    snprintf(log, (size_t)size, "%s", empty ? "" : "\n0:1(1): error: told by the shim\nand more\n");
}

static void GL_APIENTRY watch_GetShaderInfoLog(GLuint shader, GLsizei size, GLsizei *length,
                                               GLchar *log)
{
    gl.GetShaderInfoLog(shader, size, length, log);
    if (shim.refused)
        write_log(size, log);
}

static void GL_APIENTRY watch_GetProgramInfoLog(GLuint program, GLsizei size, GLsizei *length,
                                                GLchar *log)
{
    gl.GetProgramInfoLog(program, size, length, log);
    if (shim.refused)
        write_log(size, log);
}

/* Whether a call that may be refused is. */
static bool refuses(void)
{
    check_current();
    bool refused = gles_shim_strikes(FAULT_REFUSE);
    if (refused)
        fail_with(GL_INVALID_OPERATION);
    return refused;
}

/* The same for one that takes memory. */
static bool lacks(uint64_t layers)
{
    const char *limit = gles_shim_setting(FAULT_OOM_LAYERS);
    bool above =
        limit && layers > strtoull(limit + 1, NULL, 10) && gles_shim_strikes(FAULT_OOM_LAYERS);
    if (above || gles_shim_strikes(FAULT_OOM)) {
        check_current();
        fail_with(GL_OUT_OF_MEMORY);
        return true;
    }
    return refuses();
}

static void GL_APIENTRY watch_BufferData(GLenum target, GLsizeiptr size, const void *data,
                                         GLenum usage)
{
    if (!lacks(0))
        gl.BufferData(target, size, data, usage);
}

static void GL_APIENTRY watch_BufferStorageEXT(GLenum target, GLsizeiptr size, const void *data,
                                               GLbitfield flags)
{
    if (!lacks(0))
        gl.BufferStorageEXT(target, size, data, flags);
}

static void GL_APIENTRY watch_TexStorage2D(GLenum target, GLsizei levels, GLenum format,
                                           GLsizei width, GLsizei height)
{
    if (!lacks(0))
        gl.TexStorage2D(target, levels, format, width, height);
}

static void GL_APIENTRY watch_TexStorage3D(GLenum target, GLsizei levels, GLenum format,
                                           GLsizei width, GLsizei height, GLsizei depth)
{
    if (!lacks((uint64_t)depth))
        gl.TexStorage3D(target, levels, format, width, height, depth);
}

static void GL_APIENTRY watch_TexSubImage2D(GLenum target, GLint level, GLint x, GLint y,
                                            GLsizei width, GLsizei height, GLenum format,
                                            GLenum type, const void *pixels)
{
    if (!refuses())
        gl.TexSubImage2D(target, level, x, y, width, height, format, type, pixels);
}

static void GL_APIENTRY watch_TexSubImage3D(GLenum target, GLint level, GLint x, GLint y, GLint z,
                                            GLsizei width, GLsizei height, GLsizei depth,
                                            GLenum format, GLenum type, const void *pixels)
{
    if (!refuses())
        gl.TexSubImage3D(target, level, x, y, z, width, height, depth, format, type, pixels);
}

static void GL_APIENTRY watch_DispatchCompute(GLuint x, GLuint y, GLuint z)
{
    if (!refuses() && !gles_shim_strikes(FAULT_SILENT))
        gl.DispatchCompute(x, y, z);
}

static void GL_APIENTRY watch_DrawArraysInstanced(GLenum mode, GLint first, GLsizei count,
                                                  GLsizei instances)
{
    if (!refuses() && !gles_shim_strikes(FAULT_SILENT))
        gl.DrawArraysInstanced(mode, first, count, instances);
}

static GLenum reset_status(GLenum told)
{
    check_current();
    if (gles_shim_strikes(FAULT_RESET))
        return GL_GUILTY_CONTEXT_RESET_KHR;
    return gles_shim_strikes(FAULT_JUNK) ? 0x1234 : told;
}

static GLenum GL_APIENTRY watch_GetGraphicsResetStatusEXT(void)
{
    return reset_status(gl.GetGraphicsResetStatusEXT());
}

static GLenum GL_APIENTRY watch_GetGraphicsResetStatusKHR(void)
{
    return reset_status(gl.GetGraphicsResetStatusKHR());
}

static GLsync GL_APIENTRY watch_FenceSync(GLenum condition, GLbitfield flags)
{
    check_current();
    if (gles_shim_strikes(FAULT_NO_FENCE))
        return NULL;
    gles_shim_state.live++;
    return gl.FenceSync(condition, flags);
}

static void GL_APIENTRY watch_DeleteSync(GLsync fence)
{
    check_current();
    gles_shim_state.live--;
    gl.DeleteSync(fence);
}

static GLenum GL_APIENTRY watch_ClientWaitSync(GLsync fence, GLbitfield flags, GLuint64 timeout)
{
    check_current();
    if (gles_shim_strikes(FAULT_HANG))
        return GL_TIMEOUT_EXPIRED;
    if (gles_shim_strikes(FAULT_WAIT_FAILED))
        return GL_WAIT_FAILED;
    return gl.ClientWaitSync(fence, flags, timeout);
}

static void GL_APIENTRY watch_BindBuffer(GLenum target, GLuint buffer)
{
    check_current();
    if (target == GL_PIXEL_PACK_BUFFER)
        shim.pack_buffer = buffer;
    if (target == GL_COPY_WRITE_BUFFER)
        shim.write_buffer = buffer;
    gl.BindBuffer(target, buffer);
}

/* The place of a buffer that stays mapped; 0 finds a free one. */
static struct mapping *find_mapping(GLuint buffer)
{
    for (size_t index = 0; index < MAPPINGS_MAX; index++) {
        if (shim.mappings[index].buffer == buffer)
            return &shim.mappings[index];
    }
    return NULL;
}

/* Whether a copy to a buffer is refused because it is mapped. */
static bool is_mapped(GLuint buffer)
{
    bool refused = buffer && find_mapping(buffer) && gles_shim_strikes(FAULT_PERSISTENT_REFUSE);
    if (refused)
        fail_with(GL_INVALID_OPERATION);
    return refused;
}

static void GL_APIENTRY watch_CopyBufferSubData(GLenum from, GLenum to, GLintptr from_offset,
                                                GLintptr to_offset, GLsizeiptr size)
{
    if (!refuses() && !is_mapped(shim.write_buffer))
        gl.CopyBufferSubData(from, to, from_offset, to_offset, size);
}

static void GL_APIENTRY watch_ReadPixels(GLint x, GLint y, GLsizei width, GLsizei height,
                                         GLenum format, GLenum type, void *pixels)
{
    if (!refuses() && !is_mapped(shim.pack_buffer))
        gl.ReadPixels(x, y, width, height, format, type, pixels);
}

static void *GL_APIENTRY watch_MapBufferRange(GLenum target, GLintptr offset, GLsizeiptr size,
                                              GLbitfield access)
{
    bool persistent = access & GL_MAP_PERSISTENT_BIT_EXT;
    check_current();
    if (gles_shim_strikes(FAULT_MAP_NULL) ||
        (persistent && gles_shim_strikes(FAULT_PERSISTENT_NULL)))
        return NULL;
    void *pixels = gl.MapBufferRange(target, offset, size, access);
    struct mapping *mapping = persistent && pixels ? find_mapping(0) : NULL;
    if (!mapping)
        return pixels;
    mapping->buffer = shim.pack_buffer;
    if (!gles_shim_strikes(FAULT_PERSISTENT_STALE))
        return pixels;
    mapping->copy = malloc((size_t)size);
    if (mapping->copy)
        memcpy(mapping->copy, pixels, (size_t)size);
    return mapping->copy;
}

static GLboolean GL_APIENTRY watch_UnmapBuffer(GLenum target)
{
    check_current();
    struct mapping *mapping = shim.pack_buffer ? find_mapping(shim.pack_buffer) : NULL;
    if (mapping) {
        free(mapping->copy);
        *mapping = (struct mapping){.buffer = 0};
    }
    return gl.UnmapBuffer(target);
}

void gles_shim_watch_end(void)
{
    for (size_t index = 0; index < MAPPINGS_MAX; index++) {
        free(shim.mappings[index].copy);
        shim.mappings[index] = (struct mapping){.buffer = 0};
    }
}

gles_shim_any gles_shim_watch(const char *name, gles_shim_any function)
{
#define WATCHED_FIND(type, watched)                                                                \
    if (function && strcmp(name, "gl" #watched) == 0) {                                            \
        gl.watched = (type)function;                                                               \
        return (gles_shim_any)watch_##watched;                                                     \
    }
    WATCHED_LIST(WATCHED_FIND)
#undef WATCHED_FIND
    return function;
}
