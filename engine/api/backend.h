/* Who composes a run's strips: the CPU's workers, or devices beside them. */
#ifndef SGR_API_BACKEND_H
#define SGR_API_BACKEND_H

#include "compose/batch.h"
#include "kernel/kernel.h"
#include "pipeline/visibility.h"

#include <serigraph/generate.h>

/* What is asked for, and what choosing takes; all of it borrowed. */
struct backend_request {
    const char *name;   /* NULL or "auto", "cpu", "gles", "gles-compute", "gles-fragment" */
    const char *device; /* NULL: the first that works; "N", "cuda:N", a node, "software", lists */
    uint64_t device_bytes; /* that sprites may take on a device; 0: a default */
    const struct sprite_set *sprites;
    uint32_t rows_max; /* of a strip */
    uint64_t pixels;   /* of all items to be made; "auto" looks for GPUs where there are many */
    const struct kernel_table *kernels;
    struct plan *plan;             /* for the trial of "auto", as what follows */
    struct visibility *visibility; /* in the plan's bands */
    struct compose *compose;       /* the CPU's */
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

/* Whether EGL offers a device that is not known to compute on the CPU. */
bool backend_has_gpu(void);

/* Has the first device make strips again and again, step by step, for about `budget_ms`. */
enum sgr_status backend_measure(struct backend *backend, const struct compose_strip *strips,
                                size_t count, unsigned budget_ms, struct batch_rates *out_rates,
                                struct sgr_error *error) SGR_MUST_USE;

/* The bytes that the devices take of the program's memory, and the items in flight for them. */
uint64_t backend_memory(const struct backend *backend);

/* Closes the devices. */
void backend_close(struct backend *backend);

#endif
