/* What this machine composes with: its CPU kernels, and the GPUs that EGL offers. */
#ifndef SERIGRAPH_DEVICE_H
#define SERIGRAPH_DEVICE_H

#include <serigraph/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Prints every CPU kernel and every device, which of them would be used unasked, and why not the
 * others, as text or JSON. Every device's driver is started in turn, software ones too, which may
 * take a second and some hundred megabytes; one that does not start is told with its reason. The
 * first call in a process that needs a device sets environment variables for drivers, so no other
 * thread may be changing some meanwhile.
 */
SGR_API enum sgr_status sgr_devices_describe(enum sgr_format format, const struct sgr_sink *sink,
                                             struct sgr_error *error) SGR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
