/*
 * Measuring runs: each configuration once a round, so that a machine which slows down or speeds up
 * meanwhile does so for all of them.
 */
#include "api/api_check.h"
#include "api/bench_devices.h"
#include "api/bench_files.h"
#include "api/sgr_art.h"
#include "api/sgr_generate.h"
#include "base/error.h"
#include "base/memory.h"
#include "kernel/kernel.h"
#include "os/machine.h"
#include "pipeline/choices.h"
#include "publish/bench_report.h"
#include "publish/export.h"

#include <serigraph/bench.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 5, SECONDS_DEFAULT = 30, TRIAL_ITEMS = 8, TRIAL_MS = 100 };

#define SECOND_NS UINT64_C(1000000000)

/* One configuration's rounds. */
struct samples {
    struct sgr_generate_result results[ROUNDS_MAX];
    unsigned count;
};

/* A bench under way. */
struct bench {
    struct sgr_plan *plan;
    const struct sgr_bench_options *options;
    struct sgr_bench_result *result;
    const struct kernel_table *kernel; /* of the base run */
    const char *device;                /* that GPU runs are to use; NULL: any */
    unsigned threads;
    uint64_t memory_bytes;
    struct sgr_log log; /* until the first run */
    uint64_t start_ns;
    uint64_t wanted_ns;
    unsigned round;
    struct samples *samples; /* parallel to the result's runs */
    size_t samples_capacity;
    size_t runs_capacity;
    struct bench_files files;
    uint64_t floors[ROUNDS_MAX];
    unsigned floor_count;
};

/* Adds a configuration like the base run. */
static struct sgr_bench_run *add_run(struct bench *bench, enum sgr_bench_role role,
                                     struct sgr_error *error)
{
    struct sgr_bench_result *result = bench->result;
    size_t count = result->run_count + 1;
    struct sgr_bench_run *runs =
        memory_grow(result->runs, &bench->runs_capacity, count, sizeof *result->runs);
    if (runs)
        result->runs = runs;
    struct samples *samples =
        memory_grow(bench->samples, &bench->samples_capacity, count, sizeof *bench->samples);
    if (samples)
        bench->samples = samples;
    if (!runs || !samples) {
        (void)error_no_memory(error, "the bench");
        return NULL;
    }
    samples[result->run_count] = (struct samples){.count = 0};
    struct sgr_bench_run *run = &runs[result->run_count++];
    *run = (struct sgr_bench_run){.role = role,
                                  .kernel = bench->kernel->name,
                                  .backend = "cpu",
                                  .threads = bench->threads,
                                  .png_level = plan_choices(bench->plan->plan)->png_level,
                                  .memory_bytes = bench->memory_bytes};
    return run;
}

/* Adds a kernel's runs: 1, 2, 4 ... threads, and the most. */
static enum sgr_status add_kernel(struct bench *bench, const struct kernel_table *kernel,
                                  struct sgr_error *error)
{
    for (unsigned threads = 1;;
         threads = threads * 2 < bench->threads ? threads * 2 : bench->threads) {
        struct sgr_bench_run *run = add_run(bench, SGR_BENCH_GRID, error);
        if (!run)
            return SGR_NO_MEMORY;
        run->kernel = kernel->name;
        run->threads = threads;
        if (threads == bench->threads)
            break;
    }
    if (kernel == bench->kernel)
        bench->result->base = bench->result->run_count - 1;
    return SGR_OK;
}

/* Adds a run for each device that can be used. */
static enum sgr_status add_devices(struct bench *bench, struct sgr_error *error)
{
    struct sgr_bench_result *result = bench->result;
    for (size_t index = 0; index < result->device_count; index++) {
        if (result->devices[index].reason[0])
            continue;
        struct sgr_bench_run *run = add_run(bench, SGR_BENCH_DEVICE, error);
        if (!run)
            return SGR_NO_MEMORY;
        run->backend = result->devices[index].backend;
    }
    return SGR_OK;
}

static enum sgr_status add_runs(struct bench *bench, struct sgr_error *error)
{
    bool all = !bench->options->kernel || strcmp(bench->options->kernel, "auto") == 0;
    enum sgr_status status = SGR_OK;
    for (const struct kernel_table *const *kernel = kernel_list(); *kernel; kernel++) {
        if (status == SGR_OK && (all || *kernel == bench->kernel))
            status = add_kernel(bench, *kernel, error);
    }
    if (status == SGR_OK)
        status = add_devices(bench, error);
    if (status == SGR_OK && !add_run(bench, SGR_BENCH_NO_REUSE, error))
        status = SGR_NO_MEMORY;
    for (int level = SGR_PNG_BALANCED; level <= SGR_PNG_SMALL && status == SGR_OK; level++) {
        if (level == (int)plan_choices(bench->plan->plan)->png_level)
            continue;
        struct sgr_bench_run *run = add_run(bench, SGR_BENCH_LEVEL, error);
        if (!run)
            return SGR_NO_MEMORY;
        run->png_level = (enum sgr_png_level)level;
    }
    if (status == SGR_OK && !add_run(bench, SGR_BENCH_DISK, error))
        status = SGR_NO_MEMORY;
    bench->result->disk = bench->result->run_count - 1;
    return status;
}

static uint64_t elapsed_ns(const struct bench *bench)
{
    return machine_now_ns() - bench->start_ns;
}

static void report(const struct bench *bench, const struct sgr_bench_run *run)
{
    struct sgr_bench_progress progress = {elapsed_ns(bench), bench->wanted_ns, bench->round, run};
    if (bench->options->progress)
        bench->options->progress(bench->options->progress_context, &progress);
}

/* Runs a configuration over the plan's first items. */
static enum sgr_status measure(struct bench *bench, const struct sgr_bench_run *run, uint64_t items,
                               struct sgr_generate_result *out_result, struct sgr_error *error)
{
    struct plan_choices choices = *plan_choices(bench->plan->plan);
    choices.png_level = run->png_level;
    choices.encoder = choices_encoder(&choices);
    bool to_disk = run->role == SGR_BENCH_DISK;
    const struct generate_part part = {items, to_disk ? NULL : &choices};
    const char *device = run->role == SGR_BENCH_DEVICE ? bench->device : NULL;
    const struct sgr_generate_options options = {.out = to_disk ? bench->files.run_folder : "null:",
                                                 .kernel = run->kernel,
                                                 .backend = run->backend,
                                                 .device = device,
                                                 .device_bytes = bench->options->device_bytes,
                                                 .threads = run->threads,
                                                 .memory_bytes = run->memory_bytes,
                                                 .no_reuse = run->role == SGR_BENCH_NO_REUSE,
                                                 .fresh = to_disk,
                                                 .log = bench->log,
                                                 .cancel = bench->options->cancel};
    enum sgr_status status = cancel_status(bench->options->cancel);
    report(bench, run);
    /* What a run has to say of the art and the memory, the others would only say again. */
    bench->log = (struct sgr_log){.line = NULL};
    if (status == SGR_OK)
        status = sgr_generate_part(bench->plan, &options, &part, out_result, error);
    if (status == SGR_INTERRUPTED || status == SGR_STOPPED)
        return error_set(error, status, "the bench was stopped; run it again");
    return status;
}

/* Two leading digits, so that the number can be remembered and given again. */
static uint64_t round_down(uint64_t items)
{
    uint64_t unit = 1;
    while (items / unit >= 100)
        unit *= 10;
    return items / unit * unit;
}

/*
 * Finds how many items let three rounds fit: doubles until a run of the base takes long enough to
 * tell, then tries every configuration once. Few items use little again, so this estimates high.
 */
static enum sgr_status choose_items(struct bench *bench, struct sgr_error *error)
{
    struct sgr_bench_result *result = bench->result;
    uint64_t available = plan_count(bench->plan->plan);
    uint64_t trial = TRIAL_ITEMS < available ? TRIAL_ITEMS : available;
    uint64_t round_ns = 0;
    struct sgr_generate_result tried = {.threads = 0};
    enum sgr_status status = measure(bench, &result->runs[result->base], trial, &tried, error);
    while (status == SGR_OK && trial < available &&
           tried.progress.elapsed_ns < (uint64_t)TRIAL_MS * 1000000) {
        trial = trial * 2 < available ? trial * 2 : available;
        status = measure(bench, &result->runs[result->base], trial, &tried, error);
    }
    /* The floor takes about as long as half of a run to files. */
    round_ns = tried.progress.elapsed_ns / 2;
    for (size_t index = 0; index < result->run_count && status == SGR_OK; index++) {
        status = measure(bench, &result->runs[index], trial, &tried, error);
        round_ns += tried.progress.elapsed_ns;
    }
    if (status != SGR_OK)
        return status;
    uint64_t spent_ns = elapsed_ns(bench);
    uint64_t left_ns = bench->wanted_ns > spent_ns ? bench->wanted_ns - spent_ns : 0;
    double fitting = (double)trial * (double)left_ns / (3.0 * (double)round_ns + 1.0);
    uint64_t items = fitting < (double)available ? round_down((uint64_t)fitting) : available;
    result->items = items < trial ? trial : items;
    result->items_chosen = 1;
    return SGR_OK;
}

/* Room in memory for the files of a run: half of what the sprites leave of the promise. */
static uint64_t file_bytes(const struct bench *bench)
{
    uint64_t sprites = bench->plan->sprites->resident_bytes;
    uint64_t least = bench->memory_bytes / 8;
    uint64_t half = bench->memory_bytes > sprites ? (bench->memory_bytes - sprites) / 2 : 0;
    return half > least ? half : least;
}

/* How many items the run to files makes: as many as fit memory afterwards, and the disk twice. */
static uint64_t disk_items(const struct bench *bench)
{
    const struct samples *base = &bench->samples[bench->result->base];
    uint64_t items = bench->result->items;
    uint64_t bytes = base->results[0].progress.bytes_written;
    uint64_t free_bytes = file_free_bytes(bench->files.folder) / 4;
    uint64_t room = file_bytes(bench) < free_bytes ? file_bytes(bench) : free_bytes;
    uint64_t fitting =
        bytes > room ? (uint64_t)((double)items * (double)room / (double)bytes) : items;
    return fitting > 0 ? fitting : 1;
}

/* Measures the floor with the files of the last run to files. */
static enum sgr_status measure_floor(struct bench *bench, struct sgr_error *error)
{
    report(bench, NULL);
    enum sgr_status status = bench_files_load(&bench->files, bench->plan->plan, error);
    const struct floor_options options = {bench->files.floor_folder, bench->files.items,
                                          bench->files.count, bench->threads,
                                          bench->options->cancel};
    if (status == SGR_OK)
        status = floor_run(&options, &bench->floors[bench->floor_count], error);
    bench->floor_count += status == SGR_OK;
    bench->result->floor_bytes = bench->files.bytes;
    bench_files_unload(&bench->files);
    return status;
}

/* When fragments had to make room, more memory may be worth it: that is measured too. */
static enum sgr_status add_memory_run(struct bench *bench, struct sgr_error *error)
{
    struct sgr_bench_result *result = bench->result;
    unsigned threads = bench->threads;
    uint64_t memory_bytes = bench->memory_bytes * 4;
    if (bench->samples[result->base].results[0].fragments_evicted == 0)
        return SGR_OK;
    enum sgr_status status = sgr_art_resolve(&threads, &memory_bytes, error);
    if (status != SGR_OK || memory_bytes / 3 * 2 < bench->memory_bytes)
        return status;
    struct sgr_bench_run *run = add_run(bench, SGR_BENCH_MEMORY, error);
    if (!run)
        return SGR_NO_MEMORY;
    run->memory_bytes = memory_bytes;
    return SGR_OK;
}

/* Every configuration once, and the floor. */
static enum sgr_status run_round(struct bench *bench, struct sgr_error *error)
{
    struct sgr_bench_result *result = bench->result;
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < result->run_count && status == SGR_OK; index++) {
        struct samples *samples = &bench->samples[index];
        bool to_disk = index == result->disk;
        uint64_t items = to_disk ? disk_items(bench) : result->items;
        status =
            measure(bench, &result->runs[index], items, &samples->results[samples->count], error);
        samples->count += status == SGR_OK;
        if (status == SGR_OK && to_disk)
            status = measure_floor(bench, error);
        if (status == SGR_OK && to_disk && bench->round == 1)
            status = add_memory_run(bench, error);
    }
    return status;
}

static int compare_results(const void *left, const void *right)
{
    const struct sgr_generate_result *a = left;
    const struct sgr_generate_result *b = right;
    return (a->progress.elapsed_ns > b->progress.elapsed_ns) -
           (a->progress.elapsed_ns < b->progress.elapsed_ns);
}

static int compare_times(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Takes the medians; of an even number the lower one. */
static void conclude(struct bench *bench)
{
    struct sgr_bench_result *result = bench->result;
    for (size_t index = 0; index < result->run_count; index++) {
        struct samples *samples = &bench->samples[index];
        struct sgr_bench_run *run = &result->runs[index];
        qsort(samples->results, samples->count, sizeof *samples->results, compare_results);
        run->rounds = samples->count;
        run->fastest_ns = samples->results[0].progress.elapsed_ns;
        run->slowest_ns = samples->results[samples->count - 1].progress.elapsed_ns;
        run->result = samples->results[(samples->count - 1) / 2];
    }
    qsort(bench->floors, bench->floor_count, sizeof *bench->floors, compare_times);
    result->floor_ns = bench->floors[(bench->floor_count - 1) / 2];
    result->elapsed_ns = elapsed_ns(bench);
}

/* Rounds as long as another one fits the time, one at least. */
static enum sgr_status run_rounds(struct bench *bench, struct sgr_error *error)
{
    uint64_t round_ns = 0;
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK && bench->round < ROUNDS_MAX &&
           (bench->round == 0 || elapsed_ns(bench) + round_ns <= bench->wanted_ns)) {
        uint64_t start_ns = machine_now_ns();
        bench->round++;
        status = run_round(bench, error);
        round_ns = machine_now_ns() - start_ns;
    }
    if (status == SGR_OK)
        conclude(bench);
    return status;
}

/* Sets the items that were asked for, after a run for what only a process's first one pays. */
static enum sgr_status take_items(struct bench *bench, struct sgr_error *error)
{
    struct sgr_bench_result *result = bench->result;
    uint64_t available = plan_count(bench->plan->plan);
    uint64_t asked = bench->options->items;
    struct sgr_generate_result ignored;
    result->items = asked < available ? asked : available;
    uint64_t few = TRIAL_ITEMS < result->items ? TRIAL_ITEMS : result->items;
    return measure(bench, &result->runs[result->base], few, &ignored, error);
}

static enum sgr_status run(struct bench *bench, struct sgr_error *error)
{
    const struct bench_devices_request request = {bench->plan, bench->options, bench->kernel,
                                                  bench->threads};
    enum sgr_status status = bench_devices_measure(&request, bench->result, &bench->device, error);
    if (status == SGR_OK)
        status = add_runs(bench, error);
    if (status == SGR_OK)
        status = bench_files_open(&bench->files, bench->options->out, error);
    if (status == SGR_OK)
        status = bench->options->items ? take_items(bench, error) : choose_items(bench, error);
    return status == SGR_OK ? run_rounds(bench, error) : status;
}

enum sgr_status sgr_bench(struct sgr_plan *plan, const struct sgr_bench_options *options,
                          struct sgr_bench_result *out_result, struct sgr_error *error)
{
    if (!(plan && options && out_result))
        return api_check(false, "sgr_bench", error);
    unsigned seconds = options->seconds ? options->seconds : SECONDS_DEFAULT;
    struct bench bench = {.plan = plan,
                          .options = options,
                          .result = out_result,
                          .threads = options->threads ? options->threads : plan->threads,
                          .memory_bytes =
                              options->memory_bytes ? options->memory_bytes : plan->memory_bytes,
                          .log = options->log,
                          .start_ns = machine_now_ns(),
                          .wanted_ns = seconds * SECOND_NS};
    *out_result = (struct sgr_bench_result){.seconds = seconds, .cores = machine_core_count()};
    enum sgr_status status = sgr_art_resolve(&bench.threads, &bench.memory_bytes, error);
    if (status == SGR_OK)
        status = kernel_choose(options->kernel, &bench.kernel, error);
    out_result->memory_bytes = bench.memory_bytes;
    if (status == SGR_OK)
        status = run(&bench, error);
    status = bench_files_close(&bench.files, status, error);
    memory_free(bench.samples);
    if (status != SGR_OK)
        sgr_bench_finish(out_result);
    return status;
}

void sgr_bench_finish(struct sgr_bench_result *result)
{
    if (!result)
        return;
    memory_free(result->runs);
    memory_free(result->scenes);
    *result = (struct sgr_bench_result){0};
}

enum sgr_status sgr_bench_describe(struct sgr_plan *plan, const struct sgr_bench_result *result,
                                   enum sgr_format format, const struct sgr_sink *sink,
                                   struct sgr_error *error)
{
    if (!(plan && result && result->run_count && api_is_sink(sink)))
        return api_check(false, "sgr_bench_describe", error);
    struct text text = {0};
    bench_report(plan->plan, result, format, &text);
    enum sgr_status status = export_send(&text, sink, error);
    text_finish(&text);
    return status;
}
