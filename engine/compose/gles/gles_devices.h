/* All devices, each with what its driver says when it is started. */
#ifndef SGR_COMPOSE_GLES_GLES_DEVICES_H
#define SGR_COMPOSE_GLES_GLES_DEVICES_H

#include "compose/batch.h"
#include "compose/gles/gl_context.h"
#include "compose/gles/gl_program.h"

/* What one of the two programs does on a device. */
struct gles_program_look {
    bool works;       /* it passed the self-test */
    bool persistent;  /* its buffers stay mapped */
    char reason[256]; /* why it does not work */
    struct batch_rates rates;
};

/* One device. What follows `started` is set only when it is. */
struct gles_device {
    struct egl_device device;
    char reason[SGR_ERROR_TEXT_MAX]; /* why it is not started; "" when it is */
    bool started;
    bool software;
    bool robust;
    bool buffer_storage;
    unsigned minor; /* of ES 3 */
    char vendor[64];
    char renderer[128];
    char version[128];
    struct gl_limits limits;
    struct gles_program_look programs[2]; /* [enum gl_program_kind] */
};

/* All of them. */
struct gles_devices {
    struct gles_device entries[EGL_DEVICE_MAX];
    size_t count;
    size_t usable;      /* index of the one that is used unasked; count when there is none */
    struct text reason; /* why there is none */
};

/*
 * Starts every device's driver in turn, has each program prove itself and compose a made scene for
 * a moment, and ends it again. *out_devices is the caller's; a device
 * that does not start is no failure. As egl_device_list otherwise.
 */
enum sgr_status gles_devices_look(struct gles_devices **out_devices,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *devices to NULL. */
void gles_devices_destroy(struct gles_devices **devices);

#endif
