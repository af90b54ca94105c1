/*
 * Scaling pictures in fixed point on premultiplied values, so that no dark fringe appears and the
 * bytes are the same everywhere.
 */
#ifndef SGR_IMAGE_RESAMPLE_H
#define SGR_IMAGE_RESAMPLE_H

#include "image/image.h"

#include <serigraph/types.h>

/*
 * Makes a scaled copy. `filter` is not SGR_RESAMPLE_NONE. Nearest takes, for target column x, the
 * source column floor((2x + 1) * source_width / (2 * width)), rows alike; bilinear (triangle) and
 * Lanczos (a = 3) widen by the scale when shrinking. *out is the caller's on success.
 */
enum sgr_status resample_image(const struct image *source, uint32_t width, uint32_t height,
                               enum sgr_resample filter, struct image *out,
                               struct sgr_error *error) SGR_MUST_USE;

#endif
