/* The main job as the bench runs it: a part of a plan. */
#ifndef SGR_API_SGR_GENERATE_H
#define SGR_API_SGR_GENERATE_H

#include "api/sgr_plan.h"

#include <serigraph/generate.h>

/* A part of a plan, in place of the options' sample and ids. */
struct generate_part {
    uint64_t first;                     /* only this many items, from the plan's start */
    const struct plan_choices *choices; /* NULL: the plan's; others only for "null:" */
};

/* Does what sgr_generate does; `part` may be NULL. */
enum sgr_status sgr_generate_part(struct sgr_plan *plan, const struct sgr_generate_options *options,
                                  const struct generate_part *part,
                                  struct sgr_generate_result *out_result,
                                  struct sgr_error *error) SGR_MUST_USE;

#endif
