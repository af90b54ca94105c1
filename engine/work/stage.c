/* Adding up what the threads counted. */
#include "work/stage.h"

const char *stage_name(enum sgr_stage stage)
{
    static const char *const names[] = {
#define STAGE_NAME(name, text) text,
        SGR_STAGE_LIST(STAGE_NAME)
#undef STAGE_NAME
    };
    return (unsigned)stage < SGR_STAGE_TOTAL ? names[stage] : "unknown";
}

void stage_add(struct sgr_stage_metrics *sums, const struct stage_counters *counters)
{
    for (int stage = 0; stage < SGR_STAGE_TOTAL; stage++) {
        const struct sgr_stage_metrics *more = &counters->stages[stage];
        sums[stage].busy_ns += more->busy_ns;
        sums[stage].wait_ns += more->wait_ns;
        sums[stage].count += more->count;
        sums[stage].bytes += more->bytes;
    }
}

void stage_queue_finish(struct stage_queue *queue, struct sgr_stage_metrics *metrics)
{
    stage_queue_leave(queue, queue->count, machine_now_ns());
    metrics->queue_ns += queue->waited_ns;
    if (queue->count_max > metrics->queue_max)
        metrics->queue_max = queue->count_max;
}
