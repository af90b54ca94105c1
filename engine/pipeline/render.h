/*
 * The run: the calling thread schedules items and looks strips up, workers compose and encode,
 * writers join and write, one more thread commits. Where there are batch composers, each has a
 * thread that composes with it, and workers only encode while one of them works. Every queue is
 * bounded: a slow disk slows the scheduler, it does not grow memory.
 */
#ifndef SGR_PIPELINE_RENDER_H
#define SGR_PIPELINE_RENDER_H

#include "compose/batch.h"
#include "compose/compose.h"
#include "kernel/kernel.h"
#include "pipeline/selection.h"
#include "pipeline/visibility.h"
#include "plan/plan.h"
#include "store/item_store.h"
#include "work/cancel.h"

#include <serigraph/generate.h>
#include <serigraph/log.h>

/* Threads that write, beside the workers, where files are kept; each has a buffer. */
enum { RENDER_WRITERS = 4 };

/* The most that the items in flight take which batch composers ask for, in bytes. */
enum { RENDER_COMPOSE_JOBS_BYTES = 4000000 };

/* What a run needs; everything is borrowed. */
struct render_options {
    struct plan *plan;
    const struct sprite_set *sprites;
    struct visibility *visibility; /* of these sprites in the plan's bands */
    struct compose *compose;       /* made for `threads` workers */
    /*
     * Compose instead of `compose`, which goes on when none of them works any more: they never fail
     * a run. With two slots more than `threads` each they need not wait for slots.
     */
    struct batch_composer *const *composers;
    size_t composer_count; /* at most SGR_DEVICES_MAX; 0: workers compose */
    const struct kernel_table *kernels;
    const struct plan_choices *choices; /* NULL: the plan's; others only where nothing is kept */
    struct item_store *store;
    const struct selection *selection;
    unsigned threads;
    uint64_t fragment_bytes; /* for the strip cache */
    bool reuse;
    const struct sgr_cancel *cancel;
    /* Writes an item's metadata; called on the scheduling thread. */
    void (*describe)(void *context, const struct plan_item *item, struct text *out);
    void *describe_context;
    struct sgr_log log; /* what becomes of composers that fail */
    void (*progress)(void *context, const struct sgr_progress *progress); /* may be NULL */
    void *progress_context;
};

/*
 * Renders the selected items that the store's manifest does not have yet. Whatever happens, what
 * was finished is committed, and *out_result tells how far it came. SGR_PARTIAL when all is done
 * but items that could not be written while others could; their rows say why.
 */
enum sgr_status render_run(const struct render_options *options,
                           struct sgr_generate_result *out_result,
                           struct sgr_error *error) SGR_MUST_USE;

#endif
