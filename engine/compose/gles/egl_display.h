/*
 * EGL's displays, which are its connections to drivers: one for each device, shared by its
 * contexts and ended with the last of them. Any thread; calls wait for each other.
 */
#ifndef SGR_COMPOSE_GLES_EGL_DISPLAY_H
#define SGR_COMPOSE_GLES_EGL_DISPLAY_H

#include "compose/gles/egl_device.h"
#include "compose/gles/egl_functions.h"

/*
 * Starts the device's driver, or joins those who have. SGR_USAGE with the reason when it does not
 * start. Release it exactly once.
 */
enum sgr_status egl_display_acquire(const struct egl_device *device, EGLDisplay *out_display,
                                    struct sgr_error *error) SGR_MUST_USE;

/* Gives a display back, with no context of it left to the caller. */
void egl_display_release(EGLDisplay display);

#endif
