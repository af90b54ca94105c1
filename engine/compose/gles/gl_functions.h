/* The functions of OpenGL ES that are used, by their names without "gl". */
#ifndef SGR_COMPOSE_GLES_GL_FUNCTIONS_H
#define SGR_COMPOSE_GLES_GL_FUNCTIONS_H

#include <serigraph/status.h>

#include <stdbool.h>

#define GL_GLES_PROTOTYPES 0
#include <GLES3/gl31.h>

#include <GLES2/gl2ext.h>

/* Functions of ES 3.0, which every context has: type, name. */
#define GL_FUNCTION_LIST(X)                                                                        \
    X(PFNGLACTIVETEXTUREPROC, ActiveTexture)                                                       \
    X(PFNGLATTACHSHADERPROC, AttachShader)                                                         \
    X(PFNGLBINDBUFFERPROC, BindBuffer)                                                             \
    X(PFNGLBINDFRAMEBUFFERPROC, BindFramebuffer)                                                   \
    X(PFNGLBINDTEXTUREPROC, BindTexture)                                                           \
    X(PFNGLBINDVERTEXARRAYPROC, BindVertexArray)                                                   \
    X(PFNGLBUFFERDATAPROC, BufferData)                                                             \
    X(PFNGLBUFFERSUBDATAPROC, BufferSubData)                                                       \
    X(PFNGLCHECKFRAMEBUFFERSTATUSPROC, CheckFramebufferStatus)                                     \
    X(PFNGLCLIENTWAITSYNCPROC, ClientWaitSync)                                                     \
    X(PFNGLCOMPILESHADERPROC, CompileShader)                                                       \
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
    X(PFNGLDISABLEPROC, Disable)                                                                   \
    X(PFNGLDRAWARRAYSINSTANCEDPROC, DrawArraysInstanced)                                           \
    X(PFNGLFENCESYNCPROC, FenceSync)                                                               \
    X(PFNGLFINISHPROC, Finish)                                                                     \
    X(PFNGLFLUSHPROC, Flush)                                                                       \
    X(PFNGLFRAMEBUFFERTEXTURE2DPROC, FramebufferTexture2D)                                         \
    X(PFNGLGENBUFFERSPROC, GenBuffers)                                                             \
    X(PFNGLGENFRAMEBUFFERSPROC, GenFramebuffers)                                                   \
    X(PFNGLGENTEXTURESPROC, GenTextures)                                                           \
    X(PFNGLGENVERTEXARRAYSPROC, GenVertexArrays)                                                   \
    X(PFNGLGETERRORPROC, GetError)                                                                 \
    X(PFNGLGETINTEGER64VPROC, GetInteger64v)                                                       \
    X(PFNGLGETINTEGERVPROC, GetIntegerv)                                                           \
    X(PFNGLGETPROGRAMINFOLOGPROC, GetProgramInfoLog)                                               \
    X(PFNGLGETPROGRAMIVPROC, GetProgramiv)                                                         \
    X(PFNGLGETSHADERINFOLOGPROC, GetShaderInfoLog)                                                 \
    X(PFNGLGETSHADERIVPROC, GetShaderiv)                                                           \
    X(PFNGLGETSTRINGPROC, GetString)                                                               \
    X(PFNGLGETSTRINGIPROC, GetStringi)                                                             \
    X(PFNGLGETUNIFORMLOCATIONPROC, GetUniformLocation)                                             \
    X(PFNGLLINKPROGRAMPROC, LinkProgram)                                                           \
    X(PFNGLMAPBUFFERRANGEPROC, MapBufferRange)                                                     \
    X(PFNGLPIXELSTOREIPROC, PixelStorei)                                                           \
    X(PFNGLREADPIXELSPROC, ReadPixels)                                                             \
    X(PFNGLSHADERSOURCEPROC, ShaderSource)                                                         \
    X(PFNGLTEXPARAMETERIPROC, TexParameteri)                                                       \
    X(PFNGLTEXSTORAGE2DPROC, TexStorage2D)                                                         \
    X(PFNGLTEXSTORAGE3DPROC, TexStorage3D)                                                         \
    X(PFNGLTEXSUBIMAGE2DPROC, TexSubImage2D)                                                       \
    X(PFNGLTEXSUBIMAGE3DPROC, TexSubImage3D)                                                       \
    X(PFNGLUNIFORM1IPROC, Uniform1i)                                                               \
    X(PFNGLUNIFORM1UIPROC, Uniform1ui)                                                             \
    X(PFNGLUNIFORM1FPROC, Uniform1f)                                                               \
    X(PFNGLUNMAPBUFFERPROC, UnmapBuffer)                                                           \
    X(PFNGLUSEPROGRAMPROC, UseProgram)                                                             \
    X(PFNGLVIEWPORTPROC, Viewport)

/* Functions of ES 3.1, NULL in older contexts. */
#define GL_FUNCTION_31_LIST(X)                                                                     \
    X(PFNGLBINDBUFFERBASEPROC, BindBufferBase)                                                     \
    X(PFNGLDISPATCHCOMPUTEPROC, DispatchCompute)                                                   \
    X(PFNGLGETINTEGERI_VPROC, GetIntegeri_v)                                                       \
    X(PFNGLMEMORYBARRIERPROC, MemoryBarrier)

/* Functions of extensions, NULL in contexts without: type, name, the extension. */
#define GL_FUNCTION_EXTENSION_LIST(X)                                                              \
    X(PFNGLBUFFERSTORAGEEXTPROC, BufferStorageEXT, "GL_EXT_buffer_storage")                        \
    X(PFNGLGETGRAPHICSRESETSTATUSEXTPROC, GetGraphicsResetStatusEXT, "GL_EXT_robustness")          \
    X(PFNGLGETGRAPHICSRESETSTATUSKHRPROC, GetGraphicsResetStatusKHR, "GL_KHR_robustness")

/* All of them, as loaded for one context. */
struct gl_functions {
#define GL_FUNCTION_MEMBER(type, name) type name;
#define GL_FUNCTION_EXTENSION_MEMBER(type, name, extension) type name;
    GL_FUNCTION_LIST(GL_FUNCTION_MEMBER)
    GL_FUNCTION_31_LIST(GL_FUNCTION_MEMBER)
    GL_FUNCTION_EXTENSION_LIST(GL_FUNCTION_EXTENSION_MEMBER)
#undef GL_FUNCTION_MEMBER
#undef GL_FUNCTION_EXTENSION_MEMBER
};

/*
 * Loads the functions of the context that is current, to be used as ES 3.`minor`. SGR_USAGE names
 * a function that the driver should have and has not.
 */
enum sgr_status gl_functions_load(struct gl_functions *gl, unsigned minor,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Makes all functions that free something do nothing, for a context that cannot be current. */
void gl_functions_silence(struct gl_functions *gl);

/* Whether the context that is current lists an extension, such as "GL_EXT_buffer_storage". */
bool gl_functions_has(const struct gl_functions *gl, const char *extension);

#endif
