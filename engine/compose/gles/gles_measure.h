/* How fast a device does each part of the work, one after another: for `devices` and `bench`. */
#ifndef SGR_COMPOSE_GLES_GLES_MEASURE_H
#define SGR_COMPOSE_GLES_GLES_MEASURE_H

#include "compose/gles/compose_gles.h"

/* What was measured: sums over everything that was done. */
struct gles_rates {
    uint64_t upload_bytes;
    uint64_t upload_ns;
    uint64_t strips;
    uint64_t pixels;
    uint64_t list_ns;     /* making the work lists and bringing them there, on the CPU */
    uint64_t compose_ns;  /* from submission to the end on the device */
    uint64_t readback_ns; /* until the pixels can be read */
    uint64_t copy_ns;     /* reading them once on the CPU */
};

/*
 * Has a composer that compose_gles_create made compose `count` strips again and again for about
 * `budget_ms`, waiting after every step, so that each can be told apart. The composer is bound to no
 * thread.
 */
enum sgr_status gles_measure(struct batch_composer *composer, const struct compose_strip *strips,
                             size_t count, unsigned budget_ms, struct gles_rates *out_rates,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
