/*
 * Looks at what EGL offers. No driver is started: Mesa's software drivers load a compiler of some
 * hundred megabytes.
 */
#include "compose/gles/egl_device.h"

#include "compose/gles/egl_absence.h"
#include "compose/gles/egl_functions.h"
#include "os/file.h"

#include <stdio.h>
#include <string.h>

#define NODE_FOLDER "/dev/dri"
#define NODE_PREFIX "renderD"

/* A list that grows. */
struct list {
    const struct egl_functions *egl;
    struct egl_device *devices; /* [EGL_DEVICE_MAX] */
    size_t count;
    struct file_list nodes; /* names in NODE_FOLDER */
};

const char *egl_route_name(enum egl_route route)
{
    switch (route) {
    case EGL_ROUTE_DEVICE:
        return "device platform";
    case EGL_ROUTE_SURFACELESS:
        return "surfaceless platform";
    case EGL_ROUTE_GBM:
        return "GBM";
    }
    return "";
}

/* The path of a render node in the list of names; false for another name. */
static bool node_path(const struct list *list, size_t index, char path[EGL_NODE_BYTES])
{
    const char *name = list->nodes.entries[index].name;
    int length = snprintf(path, EGL_NODE_BYTES, "%s/%s", NODE_FOLDER, name);
    return strncmp(name, NODE_PREFIX, sizeof NODE_PREFIX - 1) == 0 && length < EGL_NODE_BYTES;
}

/* Whether this user may open one. */
static bool has_open_node(const struct list *list)
{
    bool found = false;
    for (size_t index = 0; index < list->nodes.count && !found; index++) {
        char path[EGL_NODE_BYTES];
        struct open_file file = OPEN_FILE_NONE;
        found = node_path(list, index, path) && file_open_device(path, &file, NULL) == SGR_OK;
        if (found)
            file_abandon(&file);
    }
    return found;
}

static bool has_hardware(const struct list *list)
{
    for (size_t index = 0; index < list->count; index++) {
        if (!list->devices[index].software)
            return true;
    }
    return false;
}

static struct egl_device *add(struct list *list, enum egl_route route)
{
    if (list->count == EGL_DEVICE_MAX)
        return NULL;
    struct egl_device *device = &list->devices[list->count];
    *device = (struct egl_device){.index = (unsigned)list->count, .route = route, .cuda = -1};
    list->count++;
    return device;
}

static void set_node(struct egl_device *device, const char *path)
{
    /* Drivers answer NULL although they list the extension, as on hosts without kernel modes. */
    if (path && strlen(path) < sizeof device->node)
        (void)snprintf(device->node, sizeof device->node, "%s", path);
}

static void add_device(struct list *list, EGLDeviceEXT handle)
{
    const struct egl_functions *egl = list->egl;
    struct egl_device *device = add(list, EGL_ROUTE_DEVICE);
    if (!device)
        return;
    const char *extensions = egl->QueryDeviceStringEXT(handle, EGL_EXTENSIONS);
    device->handle = handle;
    device->software = egl_functions_has(extensions, "EGL_MESA_device_software");
    if (egl_functions_has(extensions, "EGL_EXT_device_drm_render_node"))
        set_node(device, egl->QueryDeviceStringEXT(handle, EGL_DRM_RENDER_NODE_FILE_EXT));
    if (!device->node[0] && egl_functions_has(extensions, "EGL_EXT_device_drm"))
        set_node(device, egl->QueryDeviceStringEXT(handle, EGL_DRM_DEVICE_FILE_EXT));
    EGLAttrib cuda = -1;
    if (egl->QueryDeviceAttribEXT && egl_functions_has(extensions, "EGL_NV_device_cuda") &&
        egl->QueryDeviceAttribEXT(handle, EGL_CUDA_DEVICE_NV, &cuda))
        device->cuda = (int)cuda;
}

static void add_platform_devices(struct list *list)
{
    const struct egl_functions *egl = list->egl;
    EGLDeviceEXT handles[EGL_DEVICE_MAX];
    EGLint count = 0;
    if (!egl_functions_has(egl->extensions, "EGL_EXT_platform_device") || !egl->QueryDevicesEXT ||
        !egl->QueryDeviceStringEXT || !egl->QueryDevicesEXT(EGL_DEVICE_MAX, handles, &count))
        return;
    for (EGLint index = 0; index < count; index++)
        add_device(list, handles[index]);
}

/* Mesa's platform takes the first render node that it can use, and the CPU when there is none;
 * nodes that may not be opened are told of by GBM's rows. */
static void add_surfaceless(struct list *list)
{
    if (has_hardware(list) ||
        !egl_functions_has(list->egl->extensions, "EGL_MESA_platform_surfaceless"))
        return;
    struct egl_device *device = add(list, EGL_ROUTE_SURFACELESS);
    if (device)
        device->software = !has_open_node(list);
}

static bool is_listed(const struct list *list, const char *node)
{
    for (size_t index = 0; index < list->count; index++) {
        if (strcmp(list->devices[index].node, node) == 0)
            return true;
    }
    return false;
}

static void add_gbm(struct list *list)
{
    const char *extensions = list->egl->extensions;
    if (!egl_functions_has(extensions, "EGL_KHR_platform_gbm") &&
        !egl_functions_has(extensions, "EGL_MESA_platform_gbm"))
        return;
    for (size_t index = 0; index < list->nodes.count; index++) {
        char node[EGL_NODE_BYTES];
        if (!node_path(list, index, node) || is_listed(list, node))
            continue;
        struct egl_device *device = add(list, EGL_ROUTE_GBM);
        if (device)
            set_node(device, node);
    }
}

size_t egl_device_list(struct egl_device devices[EGL_DEVICE_MAX], struct text *reason)
{
    struct list list = {.devices = devices};
    struct sgr_error error = {.status = SGR_OK};
    if (egl_functions_load(&list.egl, &error) != SGR_OK) {
        if (reason)
            text_add(reason, error.text);
        return 0;
    }
    /* A machine without the folder has no nodes. */
    if (file_list_read(&list.nodes, NODE_FOLDER, NULL) != SGR_OK)
        file_list_finish(&list.nodes);
    add_platform_devices(&list);
    add_surfaceless(&list);
    add_gbm(&list);
    bool found = has_hardware(&list);
    file_list_finish(&list.nodes);
    if (!found && reason)
        egl_absence_tell(list.count, reason);
    return list.count;
}
