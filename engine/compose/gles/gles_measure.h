/* How fast a device does each part of the work, one after another: for `devices` and `bench`. */
#ifndef SGR_COMPOSE_GLES_GLES_MEASURE_H
#define SGR_COMPOSE_GLES_GLES_MEASURE_H

#include "compose/gles/compose_gles.h"

/*
 * Has a composer that compose_gles_create made compose `count` strips again and again for about
 * `budget_ms`, waiting after every step, so that each can be told apart. The composer is bound to
 * no thread.
 */
enum sgr_status gles_measure(struct batch_composer *composer, const struct compose_strip *strips,
                             size_t count, unsigned budget_ms, struct batch_rates *out_rates,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
