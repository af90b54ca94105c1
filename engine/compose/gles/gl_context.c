/*
 * Contexts are asked for from the newest version down, robust ones first; a driver refuses what it
 * cannot in its own way (EGL_BAD_MATCH, EGL_BAD_ATTRIBUTE), so every refusal leads to the next.
 */
#include "compose/gles/gl_context.h"

#include "base/memory.h"
#include "compose/gles/egl_display.h"

#include <stdio.h>
#include <string.h>

/* A context of ES 3.1 may start at least so many work groups in each direction. */
#define WORK_GROUPS_LEAST 65535u

enum { SURFACE_SIDE = 16, MINOR_MAX = 2, ERRORS_MAX = 16, ATTRIBUTES_MAX = 16 };

/* Within which a device answers; drivers that compute on the CPU may take long. */
enum { HARDWARE_LIMIT_MS = 10 * 1000, SOFTWARE_LIMIT_MS = 120 * 1000 };

/* Names of rasterisers that run on the CPU, as parts of GL_RENDERER. */
static const char *const software_renderers[] = {
    "llvmpipe",    "softpipe", "swrast",     "Software Rasterizer",
    "SwiftShader", "lavapipe", "SWR (LLVM ", "Microsoft Basic Render",
};

/* EGL is loaded for as long as a context lives. */
static const struct egl_functions *loaded_egl(void)
{
    const struct egl_functions *egl = NULL;
    ERROR_ASSERT(egl_functions_load(&egl, NULL) == SGR_OK);
    return egl;
}

/* What the driver says of a display. */
struct display_traits {
    const char *extensions;
    bool is_15; /* EGL 1.5 */
    bool surfaceless;
};

static struct display_traits read_traits(const struct egl_functions *egl, EGLDisplay display)
{
    const char *version = egl->QueryString(display, EGL_VERSION);
    struct display_traits traits = {.extensions = egl->QueryString(display, EGL_EXTENSIONS)};
    traits.is_15 = version && (version[0] > '1' || (version[0] == '1' && version[2] >= '5'));
    traits.surfaceless = egl_functions_has(traits.extensions, "EGL_KHR_surfaceless_context");
    return traits;
}

/* Adds the attributes that make a context tell of resets; false when the display has none. */
static bool add_robustness(const struct display_traits *traits, EGLint *attributes, size_t *count)
{
    static const EGLint core[] = {EGL_CONTEXT_OPENGL_ROBUST_ACCESS, EGL_TRUE,
                                  EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY,
                                  EGL_LOSE_CONTEXT_ON_RESET};
    static const EGLint extension[] = {EGL_CONTEXT_OPENGL_ROBUST_ACCESS_EXT, EGL_TRUE,
                                       EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT,
                                       EGL_LOSE_CONTEXT_ON_RESET_EXT};
    bool has_extension = egl_functions_has(traits->extensions, "EGL_EXT_create_context_robustness");
    if (!has_extension && !traits->is_15)
        return false;
    memcpy(attributes + *count, has_extension ? extension : core, sizeof core);
    *count += sizeof core / sizeof core[0];
    return true;
}

static EGLContext create(const struct egl_functions *egl, const struct gl_context *context,
                         const struct display_traits *traits, unsigned minor, bool robust)
{
    EGLint attributes[ATTRIBUTES_MAX] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION,
                                         (EGLint)minor};
    size_t count = 4;
    if (!traits->is_15 && !egl_functions_has(traits->extensions, "EGL_KHR_create_context")) {
        /* Such an EGL knows the first number only. */
        count = 2;
        if (minor > 0)
            return EGL_NO_CONTEXT;
    }
    if (robust && !add_robustness(traits, attributes, &count))
        return EGL_NO_CONTEXT;
    attributes[count] = EGL_NONE;
    return egl->CreateContext(context->display, context->config, EGL_NO_CONTEXT, attributes);
}

static enum sgr_status fail(const struct egl_functions *egl, const struct egl_device *device,
                            const char *what, struct sgr_error *error)
{
    return error_set(error, SGR_USAGE, "device %u (%s) has no %s: %s", device->index,
                     egl_route_name(device->route), what,
                     egl_functions_error_text(egl->GetError()));
}

static enum sgr_status choose_config(const struct egl_functions *egl, struct gl_context *context,
                                     const struct display_traits *traits, struct sgr_error *error)
{
    const EGLint attributes[] = {EGL_SURFACE_TYPE, traits->surfaceless ? 0 : EGL_PBUFFER_BIT,
                                 EGL_RENDERABLE_TYPE, EGL_OPENGL_ES3_BIT, EGL_NONE};
    EGLint count = 0;
    EGLConfig config = NULL;
    if (!egl->ChooseConfig(context->display, attributes, &config, 1, &count))
        return fail(egl, &context->device, "configuration for ES 3", error);
    if (count == 0 && egl_functions_has(traits->extensions, "EGL_KHR_no_config_context"))
        config = EGL_NO_CONFIG_KHR;
    else if (count == 0)
        return error_set(error, SGR_USAGE,
                         "device %u (%s) has no configuration for ES 3; choose another with "
                         "--device",
                         context->device.index, egl_route_name(context->device.route));
    context->config = config;
    return SGR_OK;
}

static enum sgr_status create_context(const struct egl_functions *egl, struct gl_context *context,
                                      unsigned minor_max, struct sgr_error *error)
{
    struct display_traits traits = read_traits(egl, context->display);
    enum sgr_status status = choose_config(egl, context, &traits, error);
    if (status != SGR_OK)
        return status;
    for (unsigned tried = 0; tried <= minor_max && !context->handle; tried++) {
        context->minor = minor_max - tried;
        context->robust = true;
        context->handle = create(egl, context, &traits, context->minor, true);
        if (context->handle)
            break;
        context->robust = false;
        context->handle = create(egl, context, &traits, context->minor, false);
    }
    if (!context->handle)
        return fail(egl, &context->device, "context of ES 3", error);
    if (!traits.surfaceless) {
        static const EGLint size[] = {EGL_WIDTH, SURFACE_SIDE, EGL_HEIGHT, SURFACE_SIDE, EGL_NONE};
        context->surface = egl->CreatePbufferSurface(context->display, context->config, size);
        if (!context->surface)
            return fail(egl, &context->device, "surface", error);
    }
    return SGR_OK;
}

/* A driver's text, without what would break a line. */
static void copy_text(char *target, size_t size, const GLubyte *text)
{
    int length = snprintf(target, size, "%s", text ? (const char *)text : "");
    text_clean_line(target, length >= (int)size);
}

static uint64_t read_limit(const struct gl_functions *gl, GLenum name)
{
    GLint value = 0;
    gl->GetIntegerv(name, &value);
    return value > 0 ? (uint64_t)value : 0;
}

static void read_compute_limits(const struct gl_functions *gl, struct gl_limits *limits)
{
    GLint64 block = 0;
    gl->GetInteger64v(GL_MAX_SHADER_STORAGE_BLOCK_SIZE, &block);
    limits->storage_block_bytes = block > 0 ? (uint64_t)block : 0;
    limits->work_group_size = (uint32_t)read_limit(gl, GL_MAX_COMPUTE_WORK_GROUP_INVOCATIONS);
    for (GLuint axis = 0; axis < 2; axis++) {
        GLint groups = 0;
        gl->GetIntegeri_v(GL_MAX_COMPUTE_WORK_GROUP_COUNT, axis, &groups);
        /* Counts of 2^31 or more come out negative. */
        limits->work_groups[axis] = groups > 0 ? (uint32_t)groups : WORK_GROUPS_LEAST;
    }
}

static void read_limits(struct gl_context *context)
{
    const struct gl_functions *gl = &context->gl;
    GLint viewport[2] = {0, 0};
    gl->GetIntegerv(GL_MAX_VIEWPORT_DIMS, viewport);
    context->limits =
        (struct gl_limits){.texture_side = (uint32_t)read_limit(gl, GL_MAX_TEXTURE_SIZE),
                           .array_layers = (uint32_t)read_limit(gl, GL_MAX_ARRAY_TEXTURE_LAYERS),
                           .viewport_rows = viewport[1] > 0 ? (uint32_t)viewport[1] : 0};
    if (context->minor >= 1)
        read_compute_limits(gl, &context->limits);
}

static bool is_software(const char *renderer)
{
    for (size_t index = 0; index < sizeof software_renderers / sizeof software_renderers[0];
         index++) {
        if (strstr(renderer, software_renderers[index]))
            return true;
    }
    return false;
}

/* Learns what the context is, which is current. */
static enum sgr_status describe(struct gl_context *context, struct sgr_error *error)
{
    struct gl_functions *gl = &context->gl;
    enum sgr_status status = gl_functions_load(gl, context->minor, error);
    if (status != SGR_OK)
        return status;
    context->major = 3;
    copy_text(context->vendor, sizeof context->vendor, gl->GetString(GL_VENDOR));
    copy_text(context->renderer, sizeof context->renderer, gl->GetString(GL_RENDERER));
    copy_text(context->version, sizeof context->version, gl->GetString(GL_VERSION));
    context->software = context->device.software || is_software(context->renderer);
    context->limit_ms = context->software ? SOFTWARE_LIMIT_MS : HARDWARE_LIMIT_MS;
    context->robust =
        context->robust && (gl->GetGraphicsResetStatusKHR || gl->GetGraphicsResetStatusEXT);
    context->buffer_storage = gl->BufferStorageEXT != NULL;
    read_limits(context);
    return gl_context_check(context, "to ask for limits", error);
}

/* The same from no thread in particular. */
static enum sgr_status describe_aside(struct gl_context *context, struct sgr_error *error)
{
    enum sgr_status status = gl_context_enter(context, error);
    if (status != SGR_OK)
        return status;
    status = describe(context, error);
    gl_context_leave(context);
    return status;
}

enum sgr_status gl_context_open(const struct egl_device *device, unsigned minor_max,
                                struct gl_context **out_context, struct sgr_error *error)
{
    ERROR_ASSERT(minor_max <= MINOR_MAX);
    EGLDisplay display = EGL_NO_DISPLAY;
    struct gl_context *context = memory_allocate_zeroed(1, sizeof *context);
    if (!context)
        return error_no_memory(error, "a context");
    enum sgr_status status = egl_display_acquire(device, &display, error);
    if (status != SGR_OK) {
        memory_free(context);
        return status;
    }
    const struct egl_functions *egl = loaded_egl();
    context->device = *device;
    context->display = display;
    if (!egl->BindAPI(EGL_OPENGL_ES_API))
        status = fail(egl, device, "OpenGL ES", error);
    if (status == SGR_OK)
        status = create_context(egl, context, minor_max, error);
    if (status == SGR_OK)
        status = describe_aside(context, error);
    if (status != SGR_OK) {
        gl_context_close(&context);
        return status;
    }
    *out_context = context;
    return SGR_OK;
}

void gl_context_close(struct gl_context **context)
{
    if (!context || !*context)
        return;
    struct gl_context *closed = *context;
    const struct egl_functions *egl = loaded_egl();
    if (closed->handle) {
        if (egl->GetCurrentContext() == closed->handle)
            gl_context_leave(closed);
        (void)egl->DestroyContext(closed->display, closed->handle);
    }
    if (closed->surface)
        (void)egl->DestroySurface(closed->display, closed->surface);
    egl_display_release(closed->display);
    memory_free(closed);
    *context = NULL;
}

enum sgr_status gl_context_enter(struct gl_context *context, struct sgr_error *error)
{
    const struct egl_functions *egl = loaded_egl();
    /* A program that draws by itself finds its own context again afterwards. */
    if (egl->GetCurrentContext() != context->handle) {
        context->before = egl->GetCurrentContext();
        context->before_display = egl->GetCurrentDisplay();
        context->before_draw = egl->GetCurrentSurface(EGL_DRAW);
        context->before_read = egl->GetCurrentSurface(EGL_READ);
    }
    /* Which kind of context is meant is kept for each thread. */
    if (egl->BindAPI(EGL_OPENGL_ES_API) &&
        egl->MakeCurrent(context->display, context->surface, context->surface, context->handle))
        return SGR_OK;
    return error_set(error, SGR_USAGE, "device %u (%s) cannot be used by this thread: %s",
                     context->device.index, egl_route_name(context->device.route),
                     egl_functions_error_text(egl->GetError()));
}

void gl_context_leave(struct gl_context *context)
{
    const struct egl_functions *egl = loaded_egl();
    if (context->before && egl->MakeCurrent(context->before_display, context->before_draw,
                                            context->before_read, context->before))
        return;
    (void)egl->MakeCurrent(context->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    /* What EGL keeps for this thread, which may never come back. */
    (void)egl->ReleaseThread();
}

static const char *error_name(GLenum code)
{
    switch (code) {
    case GL_INVALID_ENUM:
        return "GL_INVALID_ENUM";
    case GL_INVALID_VALUE:
        return "GL_INVALID_VALUE";
    case GL_INVALID_OPERATION:
        return "GL_INVALID_OPERATION";
    case GL_INVALID_FRAMEBUFFER_OPERATION:
        return "GL_INVALID_FRAMEBUFFER_OPERATION";
    case GL_OUT_OF_MEMORY:
        return "GL_OUT_OF_MEMORY";
    case GL_CONTEXT_LOST_KHR:
        return "GL_CONTEXT_LOST";
    default:
        return "an unknown error";
    }
}

/* Whether the device was reset. Drivers have been seen to return junk: only the three values that
 * are defined count. */
static bool was_reset(const struct gl_context *context)
{
    GLenum status = GL_NO_ERROR;
    if (!context->robust)
        return false;
    if (context->gl.GetGraphicsResetStatusKHR)
        status = context->gl.GetGraphicsResetStatusKHR();
    else if (context->gl.GetGraphicsResetStatusEXT)
        status = context->gl.GetGraphicsResetStatusEXT();
    return status == GL_GUILTY_CONTEXT_RESET_KHR || status == GL_INNOCENT_CONTEXT_RESET_KHR ||
           status == GL_UNKNOWN_CONTEXT_RESET_KHR;
}

enum sgr_status gl_context_check(struct gl_context *context, const char *what,
                                 struct sgr_error *error)
{
    GLenum first = GL_NO_ERROR;
    /* There may be several; a lost context never stops telling one. */
    for (unsigned count = 0; count < ERRORS_MAX; count++) {
        GLenum code = context->gl.GetError();
        if (code == GL_NO_ERROR)
            break;
        if (first == GL_NO_ERROR || code == GL_OUT_OF_MEMORY)
            first = code;
    }
    if (was_reset(context))
        return error_set(error, SGR_INTERNAL, "%s was reset while it was used %s",
                         context->renderer, what);
    if (first == GL_NO_ERROR)
        return SGR_OK;
    return error_set(error, first == GL_OUT_OF_MEMORY ? SGR_NO_MEMORY : SGR_INTERNAL,
                     "%s failed %s: %s", context->renderer, what, error_name(first));
}
