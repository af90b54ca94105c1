/* Who composes a run's strips: the CPU's workers, or devices beside them. */
#ifndef SGR_API_SGR_BACKEND_H
#define SGR_API_SGR_BACKEND_H

#include "api/sgr_plan.h"
#include "compose/batch.h"
#include "kernel/kernel.h"
#include "pipeline/visibility.h"

#include <serigraph/generate.h>

/* What is asked for, and what choosing takes; all of it borrowed. */
struct backend_request {
    const char *name;   /* NULL or "auto", "cpu", "gles", "gles-compute", "gles-fragment" */
    const char *device; /* NULL: the first that works; "N", "cuda:N", a node, "software", lists */
    uint64_t device_bytes; /* that sprites may take on a device; 0: a default */
    struct sgr_plan *plan;
    struct visibility *visibility;
    struct compose *compose; /* the CPU's */
    const struct kernel_table *kernels;
    unsigned threads;
    struct sgr_log log;
};

/* The devices of a run; none: the workers compose. Start from all zero. */
struct backend {
    struct batch_composer *composers[SGR_DEVICES_MAX];
    size_t composer_count;
};

/*
 * Opens what was asked for and says in one line what composes, and why not otherwise. With "auto" a
 * device is taken when a trial on the plan's own strips shows that it pays, and any trouble with it
 * ends at the CPU; else SGR_USAGE when no device works. Whatever is returned, end it with
 * backend_close.
 */
enum sgr_status backend_open(struct backend *backend, const struct backend_request *request,
                             struct sgr_error *error) SGR_MUST_USE;

/* Closes the devices. */
void backend_close(struct backend *backend);

#endif
