/* What a bench measured, for people and programs. */
#ifndef SGR_PUBLISH_BENCH_REPORT_H
#define SGR_PUBLISH_BENCH_REPORT_H

#include "base/text.h"
#include "plan/plan.h"

#include <serigraph/bench.h>

/* Adds the whole report. */
void bench_report(const struct plan *plan, const struct sgr_bench_result *result,
                  enum sgr_format format, struct text *out);

/* Images a second of a run in tenths. */
uint64_t bench_report_rate(const struct sgr_bench_run *run);

/* The name of a PNG level as --png takes it. */
const char *bench_report_level(enum sgr_png_level level);

#endif
