/* A table with one line a configuration, what it means, and the same as a JSON document. */
#include "publish/bench_report.h"

#include "publish/bench_advice.h"
#include "publish/bench_device.h"
#include "publish/stage_table.h"
#include "work/stage.h"

#include <string.h>

enum { LABEL_COLUMNS = 14 };

typedef unsigned long long number; /* what printf's %llu takes */

const char *bench_report_level(enum sgr_png_level level)
{
    switch (level) {
    case SGR_PNG_FAST:
        return "fast";
    case SGR_PNG_SMALL:
        return "small";
    default:
        return "balanced";
    }
}

uint64_t bench_report_rate(const struct sgr_bench_run *run)
{
    const struct sgr_progress *progress = &run->result.progress;
    uint64_t microseconds = progress->elapsed_ns / 1000;
    return microseconds ? progress->items_done * 10000000 / microseconds : 0;
}

/* Megabytes a second in tenths. */
static uint64_t byte_rate(const struct sgr_bench_run *run)
{
    const struct sgr_progress *progress = &run->result.progress;
    uint64_t microseconds = progress->elapsed_ns / 1000;
    return microseconds ? progress->bytes_written * 10 / microseconds : 0;
}

/* How much of the workers' time went by waiting, in percent. */
static unsigned wait_percent(const struct sgr_bench_run *run)
{
    const struct sgr_stage_metrics *stages = run->result.stages;
    /* Writers of their own wait for the disk; else it is workers that wait for the committer. */
    uint64_t waited = stages[run->result.composers ? SGR_STAGE_ENCODE : SGR_STAGE_COMPOSE].wait_ns +
                      (run->result.writers ? 0 : stages[SGR_STAGE_WRITE].wait_ns);
    uint64_t all = run->result.progress.elapsed_ns * run->threads;
    uint64_t percent = all ? (waited * 100 + all / 2) / all : 0;
    return percent > 100 ? 100 : (unsigned)percent;
}

static void add_tenths(uint64_t tenths, int width, struct text *out)
{
    text_format(out, "%*llu.%llu", width, (number)(tenths / 10), (number)(tenths % 10));
}

static void add_seconds(uint64_t ns, struct text *out)
{
    text_format(out, "%llu.%02llu", (number)(ns / 1000000000), (number)(ns / 10000000 % 100));
}

/* The kernel, or what sets a run apart from the base run. */
static void add_label(const struct sgr_bench_run *run, struct text *out)
{
    struct text label = {0};
    if (run->role == SGR_BENCH_GRID)
        text_add(&label, run->kernel);
    else if (run->role == SGR_BENCH_DEVICE)
        text_add(&label, run->backend);
    else if (run->role == SGR_BENCH_NO_REUSE)
        text_add(&label, "--no-reuse");
    else if (run->role == SGR_BENCH_LEVEL)
        text_format(&label, "--png %s", bench_report_level(run->png_level));
    else if (run->role == SGR_BENCH_MEMORY)
        text_format(&label, "--memory %lluM", (number)(run->memory_bytes / 1000000));
    else
        text_add(&label, "to disk");
    text_add_cell(out, label.bytes ? label.bytes : "", LABEL_COLUMNS);
    out->failed = out->failed || label.failed;
    text_finish(&label);
}

static void add_run_text(const struct sgr_bench_run *run, struct text *out)
{
    add_label(run, out);
    text_format(out, " %7u", run->threads);
    add_tenths(bench_report_rate(run), 8, out);
    add_tenths(byte_rate(run), 6, out);
    for (int stage = SGR_STAGE_SCHEDULE; stage < SGR_STAGE_TOTAL; stage++)
        text_format(out, " %*u", (int)strlen(stage_name((enum sgr_stage)stage)),
                    (stage_table_share(&run->result, (enum sgr_stage)stage) + 5) / 10);
    text_format(out, " %5u\n", wait_percent(run));
}

/* One line a run: parts of the busy time by stage, and of the workers' time that was waiting. */
static void add_table(const struct sgr_bench_result *result, struct text *out)
{
    text_add_cell(out, "", LABEL_COLUMNS);
    text_add(out, " threads  images/s    MB/s");
    for (int stage = SGR_STAGE_SCHEDULE; stage < SGR_STAGE_TOTAL; stage++)
        text_format(out, " %s", stage_name((enum sgr_stage)stage));
    text_add(out, "  wait\n");
    for (size_t index = 0; index < result->run_count; index++)
        add_run_text(&result->runs[index], out);
}

static void add_heading(const struct plan *plan, const struct sgr_bench_result *result,
                        struct text *out)
{
    const struct plan_choices *choices = plan_choices(plan);
    const struct sgr_bench_run *base = &result->runs[result->base];
    text_add_cell(out, plan_collection(plan)->name, 0);
    text_format(out, ": the first %llu of %llu items%s, %ux%u pixels, %zu bands, --png %s\n",
                (number)result->items, (number)plan_count(plan),
                result->items_chosen ? " (chosen for the time)" : "", choices->width,
                choices->height, choices->band_count, bench_report_level(choices->png_level));
    text_format(out, "medians of %u round%s, %u cores, ", base->rounds,
                base->rounds == 1 ? "" : "s", result->cores);
    add_seconds(result->elapsed_ns, out);
    text_format(out,
                " s of %u s; files are kept only where it says disk\n"
                "%% of busy time in each stage; wait: %% of the workers' time. Lines without a "
                "kernel are %s\n\n",
                result->seconds, base->kernel);
}

/* How often the run to disk takes the floor's time, in hundredths. */
static uint64_t floor_ratio(const struct sgr_bench_result *result)
{
    uint64_t disk_ns = result->runs[result->disk].result.progress.elapsed_ns;
    uint64_t floor_us = result->floor_ns / 1000;
    return floor_us ? disk_ns / 10 / floor_us : 0;
}

static void add_floor_text(const struct sgr_bench_result *result, struct text *out)
{
    const struct sgr_bench_run *disk = &result->runs[result->disk];
    uint64_t ratio = floor_ratio(result);
    text_format(out, "\ndisk: %llu items, %llu MB in ", (number)disk->result.progress.items_done,
                (number)(disk->result.progress.bytes_written / 1000000));
    add_seconds(disk->result.progress.elapsed_ns, out);
    text_format(out,
                " s\nfloor: the same bytes from memory, digested, written and synced by %u "
                "threads, in ",
                disk->threads);
    add_seconds(result->floor_ns, out);
    text_format(out, " s: ratio %llu.%02llu\n", (number)(ratio / 100), (number)(ratio % 100));
}

/* How many times as fast as without reuse, in tenths; 0 when that was not measured. */
static uint64_t reuse_gain(const struct sgr_bench_result *result)
{
    for (size_t index = 0; index < result->run_count; index++) {
        const struct sgr_bench_run *run = &result->runs[index];
        uint64_t rate = bench_report_rate(run);
        if (run->role == SGR_BENCH_NO_REUSE && rate)
            return bench_report_rate(&result->runs[result->base]) * 10 / rate;
    }
    return 0;
}

static void add_reuse_text(const struct sgr_bench_result *result, struct text *out)
{
    const struct sgr_generate_result *base = &result->runs[result->base].result;
    const struct sgr_progress *progress = &base->progress;
    uint64_t tenths =
        progress->strips_needed ? progress->strips_made * 1000 / progress->strips_needed : 0;
    uint64_t gain = reuse_gain(result);
    text_format(out,
                "reuse: %llu of %llu strips made (%llu.%llu %%), %llu.%llu times as fast as "
                "without\nencoded strips: at most %llu MB of memory, %llu were evicted\n",
                (number)progress->strips_made, (number)progress->strips_needed,
                (number)(tenths / 10), (number)(tenths % 10), (number)(gain / 10),
                (number)(gain % 10), (number)(base->fragment_bytes / 1000000),
                (number)base->fragments_evicted);
}

static void add_meaning(const struct sgr_bench_result *result, struct text *out)
{
    const struct sgr_generate_result *base = &result->runs[result->base].result;
    add_floor_text(result, out);
    add_reuse_text(result, out);
    text_add(out, "once, not counted above: reading ");
    add_seconds(base->stages[SGR_STAGE_READ].busy_ns, out);
    text_add(out, " s of all threads, planning ");
    add_seconds(base->stages[SGR_STAGE_PLAN].busy_ns, out);
    text_add(out, " s\nbottleneck: ");
    stage_table_add_bottleneck(base, out);
    text_add(out, "; to disk: ");
    stage_table_add_bottleneck(&result->runs[result->disk].result, out);
    text_add(out, "\n");
}

static void add_run_json(const struct sgr_bench_run *run, struct text *out)
{
    static const char *const roles[] = {"grid", "device", "no-reuse", "level", "memory", "disk"};
    const struct sgr_progress *progress = &run->result.progress;
    text_format(out,
                "{\"role\": \"%s\", \"backend\": \"%s\", \"kernel\": \"%s\", \"threads\": %u, "
                "\"writers\": %u, \"png\": \"%s\",\n"
                "    \"memory\": %llu, \"rounds\": %u, \"elapsed_ns\": %llu, "
                "\"fastest_ns\": %llu, \"slowest_ns\": %llu,\n",
                roles[run->role], run->backend, run->kernel, run->threads, run->result.writers,
                bench_report_level(run->png_level), (number)run->memory_bytes, run->rounds,
                (number)progress->elapsed_ns, (number)run->fastest_ns, (number)run->slowest_ns);
    text_format(out, "    \"items\": %llu, \"bytes\": %llu, \"images_per_second\": ",
                (number)progress->items_done, (number)progress->bytes_written);
    add_tenths(bench_report_rate(run), 0, out);
    text_format(out,
                ",\n    \"strips\": %llu, \"strips_made\": %llu, \"fragment_bytes\": %llu, "
                "\"fragments_evicted\": %llu,\n    \"bottleneck\": \"%s\", \"stages\": ",
                (number)progress->strips_needed, (number)progress->strips_made,
                (number)run->result.fragment_bytes, (number)run->result.fragments_evicted,
                stage_name(stage_table_bottleneck(&run->result)));
    stage_table_json(&run->result, out);
    text_add(out, "}");
}

static void add_json(const struct plan *plan, const struct sgr_bench_result *result,
                     const struct bench_advice *advice, struct text *out)
{
    uint64_t ratio = floor_ratio(result);
    text_add(out, "{\n  \"collection\": ");
    text_json(out, plan_collection(plan)->name);
    text_format(out,
                ",\n  \"planned\": %llu,\n  \"items\": %llu,\n  \"items_chosen\": %s,\n"
                "  \"cores\": %u,\n  \"elapsed_ns\": %llu,\n  \"base\": %zu,\n  \"disk\": %zu,\n",
                (number)plan_count(plan), (number)result->items,
                result->items_chosen ? "true" : "false", result->cores, (number)result->elapsed_ns,
                result->base, result->disk);
    text_format(out,
                "  \"floor\": {\"elapsed_ns\": %llu, \"bytes\": %llu, \"threads\": %u, "
                "\"ratio\": %llu.%02llu},\n  \"runs\": [",
                (number)result->floor_ns, (number)result->floor_bytes,
                result->runs[result->disk].threads, (number)(ratio / 100), (number)(ratio % 100));
    for (size_t index = 0; index < result->run_count; index++) {
        text_add(out, index ? ",\n  " : "\n  ");
        add_run_json(&result->runs[index], out);
    }
    text_add(out, "],\n  ");
    bench_device_json(result, out);
    text_add(out, ",\n  \"advice\": [");
    for (size_t index = 0; index < advice->count; index++) {
        text_add(out, index ? ",\n    " : "\n    ");
        text_json(out, advice->lines[index].bytes ? advice->lines[index].bytes : "");
    }
    text_add(out, "]\n}\n");
}

void bench_report(const struct plan *plan, const struct sgr_bench_result *result,
                  enum sgr_format format, struct text *out)
{
    struct bench_advice advice = {.count = 0};
    bench_advice_find(result, &advice);
    if (format == SGR_FORMAT_JSON) {
        add_json(plan, result, &advice, out);
    } else {
        add_heading(plan, result, out);
        add_table(result, out);
        add_meaning(result, out);
        bench_device_text(result, out);
        for (size_t index = 0; index < advice.count; index++)
            text_format(out, "advice: %s\n",
                        advice.lines[index].bytes ? advice.lines[index].bytes : "");
    }
    for (size_t index = 0; index < advice.count; index++)
        out->failed = out->failed || advice.lines[index].failed;
    bench_advice_finish(&advice);
}
