/* What follows from the numbers of a bench: nothing is advised that was not measured. */
#ifndef SGR_PUBLISH_BENCH_ADVICE_H
#define SGR_PUBLISH_BENCH_ADVICE_H

#include "base/text.h"

#include <serigraph/bench.h>

enum { BENCH_ADVICE_MAX = 8 };

/* Lines of advice without line breaks; start from all zero. */
struct bench_advice {
    struct text lines[BENCH_ADVICE_MAX];
    size_t count;
};

/* Finds what applies. */
void bench_advice_find(const struct sgr_bench_result *result, struct bench_advice *advice);

/* Frees the lines. */
void bench_advice_finish(struct bench_advice *advice);

#endif
