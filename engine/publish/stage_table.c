/* The table of stages, and which of them holds a run up. */
#include "publish/stage_table.h"

#include "work/stage.h"

typedef unsigned long long number; /* what printf's %llu takes */

uint64_t stage_table_busy(const struct sgr_generate_result *result)
{
    uint64_t busy = 0;
    for (int stage = SGR_STAGE_SCHEDULE; stage < SGR_STAGE_TOTAL; stage++)
        busy += result->stages[stage].busy_ns;
    return busy;
}

unsigned stage_table_share(const struct sgr_generate_result *result, enum sgr_stage stage)
{
    uint64_t busy = stage_table_busy(result);
    return busy ? (unsigned)((result->stages[stage].busy_ns * 1000 + busy / 2) / busy) : 0;
}

/* Whether a stage of so many threads of its own was busy nearly all of the time. */
static bool is_saturated(const struct sgr_generate_result *result, enum sgr_stage stage,
                         unsigned threads)
{
    return result->stages[stage].busy_ns / 9 * 10 > result->progress.elapsed_ns * threads;
}

enum sgr_stage stage_table_bottleneck(const struct sgr_generate_result *result)
{
    if (is_saturated(result, SGR_STAGE_COMMIT, 1))
        return SGR_STAGE_COMMIT;
    if (is_saturated(result, SGR_STAGE_SCHEDULE, 1))
        return SGR_STAGE_SCHEDULE;
    if (result->composers && is_saturated(result, SGR_STAGE_COMPOSE, result->composers))
        return SGR_STAGE_COMPOSE;
    enum sgr_stage most = result->composers ? SGR_STAGE_ENCODE : SGR_STAGE_COMPOSE;
    for (int stage = (int)most; stage <= SGR_STAGE_WRITE; stage++) {
        if (result->stages[stage].busy_ns > result->stages[most].busy_ns)
            most = (enum sgr_stage)stage;
    }
    return most;
}

void stage_table_add_bottleneck(const struct sgr_generate_result *result, struct text *out)
{
    enum sgr_stage stage = stage_table_bottleneck(result);
    text_format(out, "%s (%u %% of busy time)", stage_name(stage),
                (stage_table_share(result, stage) + 5) / 10);
}

/* Megabytes a second of busy time; 0 where there is nothing to divide. */
static uint64_t megabytes_a_second(const struct sgr_stage_metrics *metrics)
{
    uint64_t microseconds = metrics->busy_ns / 1000;
    return microseconds ? metrics->bytes / microseconds : 0;
}

/* A duration in milliseconds with one decimal. */
static void add_milliseconds(uint64_t ns, struct text *out)
{
    text_format(out, " %9llu.%llu", (number)(ns / 1000000), (number)(ns / 100000 % 10));
}

/* "composed by: gles compute on llvmpipe 312 strips, the CPU (avx2) 87 strips". */
static void add_composers(const struct sgr_generate_result *result, struct text *out)
{
    uint64_t batched = result->strips_batched;
    uint64_t made = result->progress.strips_made;
    text_add(out, "composed by: ");
    for (unsigned index = 0; index < result->composers; index++) {
        text_add_cell(out, result->devices[index].name, 0);
        text_format(out, " %llu strips, ", (number)result->devices[index].strips);
    }
    text_format(out, "the CPU (%s) %llu strips\n", result->kernel ? result->kernel : "not used",
                (number)(made > batched ? made - batched : 0));
}

void stage_table_text(const struct sgr_generate_result *result, struct text *out)
{
    text_add(out,
             "stage         busy ms  share     wait ms    queued ms  most       count   MB/s\n");
    for (int stage = 0; stage < SGR_STAGE_TOTAL; stage++) {
        const struct sgr_stage_metrics *metrics = &result->stages[stage];
        if (metrics->count == 0)
            continue;
        text_add_cell(out, stage_name((enum sgr_stage)stage), 9);
        add_milliseconds(metrics->busy_ns, out);
        if (stage < SGR_STAGE_SCHEDULE)
            text_add(out, "      -");
        else
            text_format(out, " %4u %%",
                        (stage_table_share(result, (enum sgr_stage)stage) + 5) / 10);
        add_milliseconds(metrics->wait_ns, out);
        text_add(out, " ");
        add_milliseconds(metrics->queue_ns, out);
        text_format(out, " %5llu %11llu", (number)metrics->queue_max, (number)metrics->count);
        if (metrics->bytes)
            text_format(out, " %6llu", (number)megabytes_a_second(metrics));
        text_add(out, "\n");
    }
    text_add(out, "bottleneck: ");
    stage_table_add_bottleneck(result, out);
    text_add(out, "\n");
    add_composers(result, out);
}

void stage_table_json(const struct sgr_generate_result *result, struct text *out)
{
    text_add(out, "[");
    for (int stage = 0; stage < SGR_STAGE_TOTAL; stage++) {
        const struct sgr_stage_metrics *metrics = &result->stages[stage];
        text_add(out, stage ? ",\n    {\"name\": " : "\n    {\"name\": ");
        text_json(out, stage_name((enum sgr_stage)stage));
        text_format(out,
                    ", \"busy_ns\": %llu, \"wait_ns\": %llu, \"queue_ns\": %llu, "
                    "\"queue_max\": %llu, \"count\": %llu, \"bytes\": %llu}",
                    (number)metrics->busy_ns, (number)metrics->wait_ns, (number)metrics->queue_ns,
                    (number)metrics->queue_max, (number)metrics->count, (number)metrics->bytes);
    }
    text_add(out, "]");
}
