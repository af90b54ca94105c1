/* What was decided and what was made, for people and programs. */
#ifndef SGR_PUBLISH_SUMMARY_H
#define SGR_PUBLISH_SUMMARY_H

#include "plan/capacity.h"
#include "publish/tally.h"

#include <serigraph/generate.h>

/*
 * Adds the plan: canvas, bands, colour, encoder, every trait's asked and planned count, and how far
 * the collection can grow; `capacity` is NULL where that was not counted.
 */
void summary_plan(const struct plan *plan, const struct capacity *capacity, enum sgr_format format,
                  struct text *out);

/*
 * Adds what a run made, with how often each trait came out over the items in `tally`, or as planned
 * when nothing was counted.
 */
void summary_run(const struct plan *plan, const struct sgr_generate_result *result,
                 const struct tally *tally, enum sgr_format format, struct text *out);

#endif
