/*
 * Each function looks at one thing. Differences below the noise of a shared machine are passed
 * over.
 */
#include "publish/bench_advice.h"

#include "publish/bench_report.h"
#include "publish/stage_table.h"

#include <string.h>

typedef unsigned long long number; /* what printf's %llu takes */

/* In hundredths: what counts as faster, and as the disk slowing a run down; in tenths of a percent:
 * how much of the busy time is much. */
enum { FASTER = 105, SLOWED = 130, MUCH = 400 };

static struct text *new_line(struct bench_advice *advice)
{
    return &advice->lines[advice->count++];
}

/* How many times as fast `run` is as `other`, in hundredths. */
static uint64_t speed(const struct sgr_bench_run *run, const struct sgr_bench_run *other)
{
    uint64_t rate = bench_report_rate(other);
    return rate ? bench_report_rate(run) * 100 / rate : 0;
}

static void add_hundredths(uint64_t hundredths, struct text *out)
{
    text_format(out, "%llu.%02llu", (number)(hundredths / 100), (number)(hundredths % 100));
}

/* Mean bytes of an item in a run. */
static uint64_t item_bytes(const struct sgr_bench_run *run)
{
    const struct sgr_progress *progress = &run->result.progress;
    return progress->items_done ? progress->bytes_written / progress->items_done : 0;
}

static const struct sgr_bench_run *find(const struct sgr_bench_result *result,
                                        enum sgr_bench_role role)
{
    for (size_t index = 0; index < result->run_count; index++) {
        if (result->runs[index].role == role)
            return &result->runs[index];
    }
    return NULL;
}

static const struct sgr_bench_run *find_level(const struct sgr_bench_result *result,
                                              enum sgr_png_level level)
{
    for (size_t index = 0; index < result->run_count; index++) {
        const struct sgr_bench_run *run = &result->runs[index];
        if (run->role == SGR_BENCH_LEVEL && run->png_level == level)
            return run;
    }
    return NULL;
}

/* Whether a good part of the run to files is writing, and it is slower for that. */
static bool writing_dominates(const struct sgr_bench_result *result)
{
    const struct sgr_bench_run *disk = &result->runs[result->disk];
    return speed(&result->runs[result->base], disk) >= SLOWED &&
           stage_table_share(&disk->result, SGR_STAGE_WRITE) +
                   stage_table_share(&disk->result, SGR_STAGE_COMMIT) >=
               MUCH;
}

/* Smaller files help a slow disk when they are still made faster than it takes them. */
static void advise_smaller(const struct sgr_bench_result *result, struct bench_advice *advice)
{
    const struct sgr_bench_run *base = &result->runs[result->base];
    const struct sgr_bench_run *disk = &result->runs[result->disk];
    const struct sgr_bench_run *small = find_level(result, SGR_PNG_SMALL);
    if (!writing_dominates(result))
        return;
    struct text *line = new_line(advice);
    text_add(line, "writing holds the run up: to nowhere it is ");
    add_hundredths(speed(base, disk), line);
    text_add(line, " times as fast");
    if (!small || item_bytes(small) * 100 > item_bytes(base) * 97 || speed(small, disk) < FASTER)
        return;
    text_format(line, "; --png small writes %llu KB an item in place of %llu KB",
                (number)(item_bytes(small) / 1000), (number)(item_bytes(base) / 1000));
}

static void advise_fast(const struct sgr_bench_result *result, struct bench_advice *advice)
{
    const struct sgr_bench_run *base = &result->runs[result->base];
    const struct sgr_bench_run *fast = find_level(result, SGR_PNG_FAST);
    if (!fast || writing_dominates(result) ||
        stage_table_bottleneck(&base->result) != SGR_STAGE_ENCODE || speed(fast, base) < FASTER)
        return;
    struct text *line = new_line(advice);
    text_add(line, "encoding is the bottleneck: --png fast is ");
    add_hundredths(speed(fast, base), line);
    text_format(line, " times as fast, with %llu KB an item in place of %llu KB",
                (number)(item_bytes(fast) / 1000), (number)(item_bytes(base) / 1000));
}

static void advise_schedule(const struct sgr_bench_result *result, struct bench_advice *advice)
{
    const struct sgr_bench_run *base = &result->runs[result->base];
    if (stage_table_bottleneck(&base->result) != SGR_STAGE_SCHEDULE)
        return;
    text_add(new_line(advice),
             "scheduling, which one thread does, is the bottleneck: taller --bands give it fewer "
             "strips to look up");
}

static void advise_memory(const struct sgr_bench_result *result, struct bench_advice *advice)
{
    const struct sgr_bench_run *base = &result->runs[result->base];
    const struct sgr_bench_run *memory = find(result, SGR_BENCH_MEMORY);
    if (!memory || speed(memory, base) < FASTER)
        return;
    struct text *line = new_line(advice);
    text_format(line, "%llu encoded strips had to make room: --memory %lluM is ",
                (number)base->result.fragments_evicted, (number)(memory->memory_bytes / 1000000));
    add_hundredths(speed(memory, base), line);
    text_format(line, " times as fast as %lluM", (number)(base->memory_bytes / 1000000));
}

/* The base kernel's run with the most threads but one step. */
static const struct sgr_bench_run *fewer_threads(const struct sgr_bench_result *result)
{
    if (result->base == 0)
        return NULL;
    const struct sgr_bench_run *fewer = &result->runs[result->base - 1];
    return strcmp(fewer->kernel, result->runs[result->base].kernel) == 0 ? fewer : NULL;
}

/* Either more threads than were allowed pay, or those that were do not. */
static void advise_threads(const struct sgr_bench_result *result, struct bench_advice *advice)
{
    const struct sgr_bench_run *base = &result->runs[result->base];
    const struct sgr_bench_run *fewer = fewer_threads(result);
    if (!fewer && base->threads < result->cores) {
        text_format(new_line(advice), "one thread of %u cores was measured: try --threads %u",
                    result->cores, result->cores);
        return;
    }
    if (!fewer)
        return;
    if (base->threads < result->cores &&
        speed(base, fewer) * fewer->threads >= 80 * base->threads) {
        struct text *line = new_line(advice);
        text_format(line, "--threads %u is ", base->threads);
        add_hundredths(speed(base, fewer), line);
        text_format(line, " times as fast as %u, and this machine has %u cores: try more",
                    fewer->threads, result->cores);
    }
    if (speed(base, fewer) < FASTER) {
        struct text *line = new_line(advice);
        text_format(line, "--threads %u is enough: %u are ", fewer->threads, base->threads);
        add_hundredths(speed(base, fewer), line);
        text_add(line, " times as fast");
    }
}

static void advise_kernel(const struct sgr_bench_result *result, struct bench_advice *advice)
{
    const struct sgr_bench_run *base = &result->runs[result->base];
    for (size_t index = 0; index < result->run_count; index++) {
        const struct sgr_bench_run *run = &result->runs[index];
        if (run->role != SGR_BENCH_GRID || run->threads != base->threads ||
            speed(run, base) < FASTER)
            continue;
        struct text *line = new_line(advice);
        text_format(line, "--cpu-kernel %s is ", run->kernel);
        add_hundredths(speed(run, base), line);
        text_format(line, " times as fast as %s here", base->kernel);
        return;
    }
}

static void advise_no_reuse(const struct sgr_bench_result *result, struct bench_advice *advice)
{
    const struct sgr_bench_run *base = &result->runs[result->base];
    const struct sgr_bench_run *anew = find(result, SGR_BENCH_NO_REUSE);
    if (!anew || speed(base, anew) >= FASTER || base->result.progress.items_done < 100)
        return;
    text_add(new_line(advice),
             "hardly any strip is used again in this art: smaller --bands may find more that are "
             "alike");
}

void bench_advice_find(const struct sgr_bench_result *result, struct bench_advice *advice)
{
    advise_smaller(result, advice);
    advise_fast(result, advice);
    advise_schedule(result, advice);
    advise_memory(result, advice);
    advise_threads(result, advice);
    advise_kernel(result, advice);
    advise_no_reuse(result, advice);
}

void bench_advice_finish(struct bench_advice *advice)
{
    for (size_t index = 0; index < advice->count; index++)
        text_finish(&advice->lines[index]);
    *advice = (struct bench_advice){.count = 0};
}
