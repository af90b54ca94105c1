/* The part of a bench's report that tells what devices did. */
#ifndef SGR_PUBLISH_BENCH_DEVICE_H
#define SGR_PUBLISH_BENCH_DEVICE_H

#include "base/text.h"

#include <serigraph/bench.h>

/* Adds paragraphs for the devices and scenes of a result; nothing where there are none. */
void bench_device_text(const struct sgr_bench_result *result, struct text *out);

/* Adds `"devices": [...], "scenes": [...]`, empty lists where there are none. */
void bench_device_json(const struct sgr_bench_result *result, struct text *out);

#endif
