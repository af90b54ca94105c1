/* Why EGL offers no GPU where there may be one: the usual gaps of containers and installations. */
#ifndef SGR_COMPOSE_GLES_EGL_ABSENCE_H
#define SGR_COMPOSE_GLES_EGL_ABSENCE_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether the kernel has an NVIDIA GPU, be it that EGL offers it or not. */
bool egl_absence_is_nvidia(void);

/* Adds the likeliest reason and its remedy, one line; `software_count` devices were offered. */
void egl_absence_tell(size_t software_count, struct text *reason);

#endif
