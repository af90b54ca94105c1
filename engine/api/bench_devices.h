/* What devices do with strips of a plan and with made scenes, beside the CPU. */
#ifndef SGR_API_BENCH_DEVICES_H
#define SGR_API_BENCH_DEVICES_H

#include "api/sgr_plan.h"
#include "kernel/kernel.h"

#include <serigraph/bench.h>

/* What is measured; all of it borrowed. */
struct bench_devices_request {
    struct sgr_plan *plan;
    const struct sgr_bench_options *options;
    const struct kernel_table *kernels; /* of the CPU beside them */
    unsigned threads;
};

/*
 * Fills `devices` and `scenes` of a result, as the options' backend asks; *out_device is what was
 * opened: the one asked for, "software" where "all" finds no GPU, or NULL. SGR_USAGE when a device
 * that was asked for by name cannot be used; one that was not is left out.
 */
enum sgr_status bench_devices_measure(const struct bench_devices_request *request,
                                      struct sgr_bench_result *result, const char **out_device,
                                      struct sgr_error *error) SGR_MUST_USE;

#endif
