/* What was decided and what was made, for people and programs. */
#ifndef SGR_PUBLISH_SUMMARY_H
#define SGR_PUBLISH_SUMMARY_H

#include "publish/explain_report.h"
#include "publish/tally.h"

#include <serigraph/generate.h>

/*
 * Adds the plan: canvas, bands, colour, encoder, every trait's asked and planned count, and what is
 * explained of it; `explanation` is NULL where nothing is.
 */
void summary_plan(const struct plan *plan, const struct explanation *explanation,
                  enum sgr_format format, struct text *out);

/*
 * Adds what a run made, with how often each trait came out over the items in `tally`, or as planned
 * when nothing was counted.
 */
void summary_run(const struct plan *plan, const struct sgr_generate_result *result,
                 const struct tally *tally, enum sgr_format format, struct text *out);

#endif
