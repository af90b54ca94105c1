/* What was decided and what was made, for people and programs. */
#ifndef SGR_PUBLISH_SUMMARY_H
#define SGR_PUBLISH_SUMMARY_H

#include "plan/plan.h"

#include <serigraph/generate.h>

/* Adds the plan: canvas, bands, colour, encoder, and every trait's asked and planned count. */
void summary_plan(const struct plan *plan, enum sgr_format format, struct text *out);

/* Adds what a run made, with how often each trait comes. */
void summary_run(const struct plan *plan, const struct sgr_generate_result *result,
                 enum sgr_format format, struct text *out);

#endif
