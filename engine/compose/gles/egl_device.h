/*
 * The devices that EGL offers without a screen: first those of EGL_EXT_platform_device, then
 * Mesa's surfaceless platform, then GBM on a render node. EGL is loaded when it is first asked for
 * and stays loaded; a machine without it has no devices. Any thread; but the first call in a
 * process sets environment variables for drivers, so no other thread may be changing some then.
 */
#ifndef SGR_COMPOSE_GLES_EGL_DEVICE_H
#define SGR_COMPOSE_GLES_EGL_DEVICE_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a device is reached. */
enum egl_route { EGL_ROUTE_DEVICE, EGL_ROUTE_SURFACELESS, EGL_ROUTE_GBM };

enum { EGL_DEVICE_MAX = 32, EGL_NODE_BYTES = 64 };

/* One device, as far as it is known without starting its driver. */
struct egl_device {
    unsigned index; /* in egl_device_list, what --device N means */
    enum egl_route route;
    void *handle;              /* EGLDeviceEXT, for the device route */
    char node[EGL_NODE_BYTES]; /* such as "/dev/dri/renderD128"; "" when it is not told */
    int cuda;                  /* its place in CUDA's list, -1 when it has none */
    bool software;             /* known to compute on the CPU; a context tells for sure */
};

/*
 * Fills `devices` and returns how many there are. `reason` (may be NULL) gets why there are none
 * without "software", in one line, such as "libEGL.so.1 cannot be loaded ...; install libegl1";
 * nothing is added to it when there are some.
 */
size_t egl_device_list(struct egl_device devices[EGL_DEVICE_MAX], struct text *reason);

/*
 * Finds the devices that `choice` asks for, to be tried in their order: NULL or "auto" for all
 * that are not known to be software, "software", "N", "cuda:N" or "/dev/dri/renderD128". SGR_USAGE
 * when there is none, with what there is instead.
 */
enum sgr_status egl_device_choose(const char *choice, struct egl_device devices[EGL_DEVICE_MAX],
                                  size_t *out_count, struct sgr_error *error) SGR_MUST_USE;

/* How it is reached, in words: "device platform", "surfaceless platform", "GBM". */
const char *egl_route_name(enum egl_route route);

#endif
