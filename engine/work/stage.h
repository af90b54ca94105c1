/*
 * Measuring the stages of a run. Each thread has counters of its own, which are added up when it
 * has ended, so that counting takes no lock; the clock is read once a strip or item and stage.
 */
#ifndef SGR_WORK_STAGE_H
#define SGR_WORK_STAGE_H

#include "os/machine.h"

#include <serigraph/stage.h>

/* One thread's counters; start from all zero. */
struct stage_counters {
    struct sgr_stage_metrics stages[SGR_STAGE_TOTAL];
};

/*
 * Ends a piece of work of `bytes` bytes that began at `start_ns`. Returns the time, at which the
 * next stage may begin.
 */
static inline uint64_t stage_end(struct stage_counters *counters, enum sgr_stage stage,
                                 uint64_t start_ns, uint64_t bytes)
{
    uint64_t now_ns = machine_now_ns();
    struct sgr_stage_metrics *metrics = &counters->stages[stage];
    metrics->busy_ns += now_ns - start_ns;
    metrics->bytes += bytes;
    metrics->count++;
    return now_ns;
}

/* Ends a wait that began at `start_ns` and returns the time. */
static inline uint64_t stage_waited(struct stage_counters *counters, enum sgr_stage stage,
                                    uint64_t start_ns)
{
    uint64_t now_ns = machine_now_ns();
    counters->stages[stage].wait_ns += now_ns - start_ns;
    return now_ns;
}

/* A stage's name, for ever; never NULL. */
const char *stage_name(enum sgr_stage stage);

/* Adds one thread's counters to a row of SGR_STAGE_TOTAL sums. */
void stage_add(struct sgr_stage_metrics *sums, const struct stage_counters *counters);

/*
 * How long things lie in a queue, measured without a note on each: every leaving time is added and
 * every entering time taken away. Start from all zero; whoever guards the queue guards this.
 */
struct stage_queue {
    uint64_t waited_ns; /* modulo 2^64 while something is in the queue */
    uint64_t count;     /* now in the queue */
    uint64_t count_max;
};

/* One thing enters the queue. */
static inline void stage_queue_enter(struct stage_queue *queue, uint64_t now_ns)
{
    queue->waited_ns -= now_ns;
    if (++queue->count > queue->count_max)
        queue->count_max = queue->count;
}

/* `count` things leave the queue. */
static inline void stage_queue_leave(struct stage_queue *queue, uint64_t count, uint64_t now_ns)
{
    queue->waited_ns += count * now_ns;
    queue->count -= count;
}

/* Ends the queue: what still lies in it has waited until now. Puts the sums in the stage's row. */
void stage_queue_finish(struct stage_queue *queue, struct sgr_stage_metrics *metrics);

#endif
