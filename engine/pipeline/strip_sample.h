/* Strips as a run of a plan would have to make them, for measuring those who make them. */
#ifndef SGR_PIPELINE_STRIP_SAMPLE_H
#define SGR_PIPELINE_STRIP_SAMPLE_H

#include "pipeline/visibility.h"
#include "plan/plan.h"

/* Different strips. Start from all zero. */
struct strip_sample {
    struct compose_strip *strips; /* owned; their parts point into `parts` */
    uint32_t *bands;              /* owned: [count] */
    struct compose_part *parts;   /* owned */
    size_t count;
};

/*
 * Takes the different strips of `items` items, spread evenly over the plan, in the plan's bands.
 * Whatever is returned, end it with strip_sample_finish.
 */
enum sgr_status strip_sample_make(struct strip_sample *sample, struct plan *plan,
                                  const struct sprite_set *sprites, struct visibility *visibility,
                                  uint64_t items, struct sgr_error *error) SGR_MUST_USE;

/* Frees the strips. */
void strip_sample_finish(struct strip_sample *sample);

#endif
