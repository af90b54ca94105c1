/*
 * eglInitialize and eglTerminate do not count, and EGL gives the same display for the same device,
 * so the counting is done here. GBM makes a display of its own for every handle: its nodes are
 * found again by name.
 */
#include "compose/gles/egl_display.h"

#include "base/error.h"
#include "os/file.h"
#include "os/mutex.h"

#include <string.h>

/* gbm_create_device and gbm_device_destroy, which no header of EGL or GLES declares. */
typedef void *egl_gbm_create(int descriptor);
typedef void egl_gbm_destroy(void *gbm);

/* A started display. */
struct display {
    EGLDisplay handle;
    unsigned users; /* 0: a free place */
    char node[EGL_NODE_BYTES];
    enum egl_route route;
    void *gbm; /* for the GBM route */
    struct open_file file;
};

/* All of them; changes only under the lock. */
static struct {
    struct mutex lock;
    struct library gbm;
    struct display places[EGL_DEVICE_MAX];
} displays = {.lock = MUTEX_READY};

static struct display *find_display(EGLDisplay handle)
{
    for (size_t index = 0; index < EGL_DEVICE_MAX; index++) {
        if (displays.places[index].users > 0 && displays.places[index].handle == handle)
            return &displays.places[index];
    }
    return NULL;
}

static struct display *find_node(const char *node)
{
    for (size_t index = 0; index < EGL_DEVICE_MAX; index++) {
        struct display *place = &displays.places[index];
        if (place->users > 0 && place->route == EGL_ROUTE_GBM && strcmp(place->node, node) == 0)
            return place;
    }
    return NULL;
}

static struct display *find_free(void)
{
    for (size_t index = 0; index < EGL_DEVICE_MAX; index++) {
        if (displays.places[index].users == 0)
            return &displays.places[index];
    }
    return NULL;
}

static void close_gbm(struct display *display)
{
    if (display->gbm) {
        egl_gbm_destroy *destroy =
            (egl_gbm_destroy *)library_find(&displays.gbm, "gbm_device_destroy");
        if (destroy)
            destroy(display->gbm);
    }
    display->gbm = NULL;
    if (display->file.descriptor >= 0)
        file_abandon(&display->file);
}

/* GBM's device on a render node: without one, some vendors' libraries crash. */
static enum sgr_status open_gbm(struct display *display, struct sgr_error *error)
{
    enum sgr_status status = file_open_device(display->node, &display->file, error);
    if (status == SGR_OK && !displays.gbm.handle)
        status = library_open("libgbm.so.1", &displays.gbm, error);
    if (status != SGR_OK)
        return status;
    egl_gbm_create *create = (egl_gbm_create *)library_find(&displays.gbm, "gbm_create_device");
    display->gbm = create ? create(display->file.descriptor) : NULL;
    if (!display->gbm)
        return error_set(error, SGR_USAGE, "libgbm.so.1 has no driver for %s; install the vendor's",
                         display->node);
    return SGR_OK;
}

static EGLDisplay get_display(const struct egl_functions *egl, const struct egl_device *device,
                              const struct display *display)
{
    if (!egl->GetPlatformDisplayEXT)
        return EGL_NO_DISPLAY;
    switch (device->route) {
    case EGL_ROUTE_DEVICE:
        return egl->GetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, device->handle, NULL);
    case EGL_ROUTE_SURFACELESS:
        return egl->GetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, NULL, NULL);
    case EGL_ROUTE_GBM:
        return egl->GetPlatformDisplayEXT(EGL_PLATFORM_GBM_KHR, display->gbm, NULL);
    }
    return EGL_NO_DISPLAY;
}

/* Why a driver does not start; a node that may not be opened is the likeliest reason. */
static enum sgr_status tell_failure(const struct egl_functions *egl,
                                    const struct egl_device *device, struct sgr_error *error)
{
    EGLint code = egl->GetError();
    struct open_file file = OPEN_FILE_NONE;
    if (device->node[0] && file_open_device(device->node, &file, error) != SGR_OK)
        return SGR_USAGE;
    if (file.descriptor >= 0)
        file_abandon(&file);
    return error_set(error, SGR_USAGE, "device %u (%s%s%s) does not start: %s", device->index,
                     egl_route_name(device->route), device->node[0] ? ", " : "", device->node,
                     egl_functions_error_text(code));
}

static enum sgr_status start(const struct egl_functions *egl, const struct egl_device *device,
                             struct display **out_display, struct sgr_error *error)
{
    struct display *place = find_free();
    if (!place)
        return error_set(error, SGR_USAGE, "more than %d devices are in use", EGL_DEVICE_MAX);
    *place = (struct display){.route = device->route, .file = OPEN_FILE_NONE};
    memcpy(place->node, device->node, sizeof place->node);
    enum sgr_status status = device->route == EGL_ROUTE_GBM ? open_gbm(place, error) : SGR_OK;
    if (status == SGR_OK) {
        place->handle = get_display(egl, device, place);
        struct display *same = place->handle ? find_display(place->handle) : NULL;
        if (same) {
            *out_display = same;
            return SGR_OK;
        }
        if (!place->handle || !egl->Initialize(place->handle, NULL, NULL))
            status = tell_failure(egl, device, error);
    }
    if (status != SGR_OK) {
        close_gbm(place);
        return status;
    }
    *out_display = place;
    return SGR_OK;
}

enum sgr_status egl_display_acquire(const struct egl_device *device, EGLDisplay *out_display,
                                    struct sgr_error *error)
{
    const struct egl_functions *egl = NULL;
    enum sgr_status status = egl_functions_load(&egl, error);
    if (status != SGR_OK)
        return status;
    mutex_lock(&displays.lock);
    struct display *display = device->route == EGL_ROUTE_GBM ? find_node(device->node) : NULL;
    if (!display)
        status = start(egl, device, &display, error);
    if (status == SGR_OK) {
        display->users++;
        *out_display = display->handle;
    }
    mutex_unlock(&displays.lock);
    return status;
}

void egl_display_release(EGLDisplay handle)
{
    const struct egl_functions *egl = NULL;
    ERROR_ASSERT(egl_functions_load(&egl, NULL) == SGR_OK);
    mutex_lock(&displays.lock);
    struct display *display = find_display(handle);
    ERROR_ASSERT(display);
    if (--display->users == 0) {
        (void)egl->Terminate(display->handle);
        close_gbm(display);
    }
    mutex_unlock(&displays.lock);
}
