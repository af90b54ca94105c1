/*
 * The bench over a small art: its sums are sane, nothing stays behind, whatever happens. Then the
 * advice, from made-up numbers.
 */
#include "api_fixture.h"
#include "base/random.h"

#include "publish/bench_advice.h"
#include "work/cancel.h"

static const struct sgr_bench_options few = {.items = 4, .threads = 3, .seconds = 1};

static enum sgr_status run_bench(struct fixture *fixture, struct sgr_plan *plan,
                                 struct sgr_bench_options options, struct sgr_bench_result *result)
{
    options.out = full_path(fixture, "place");
    return sgr_bench(plan, &options, result, &fixture->error);
}

static void expect_no_trace(struct fixture *fixture)
{
    struct file_info info;
    OK(fixture, file_look(full_path(fixture, "place"), &info, &fixture->error));
    assert_int_equal(info.kind, FILE_MISSING);
}

/* Every item went through every stage of the run, and no stage was busy longer than its threads. */
static void expect_sane_stages(const struct sgr_bench_run *run, uint64_t items)
{
    const struct sgr_stage_metrics *stages = run->result.stages;
    uint64_t elapsed_ns = run->result.progress.elapsed_ns;
    uint64_t workers_ns = 0;
    assert_int_equal(run->result.threads, run->threads);
    assert_int_equal(run->result.progress.items_done, items);
    assert_int_equal(stages[SGR_STAGE_SCHEDULE].count, items);
    assert_int_equal(stages[SGR_STAGE_COMPOSE].count, run->result.progress.strips_made);
    assert_int_equal(stages[SGR_STAGE_ENCODE].count, run->result.progress.strips_made);
    assert_int_equal(stages[SGR_STAGE_ASSEMBLE].count, items);
    assert_int_equal(stages[SGR_STAGE_DIGEST].count, 2 * items);
    assert_int_equal(stages[SGR_STAGE_WRITE].count, run->role == SGR_BENCH_DISK ? 2 * items : 0);
    assert_int_equal(stages[SGR_STAGE_COMMIT].count, items);
    assert_int_equal(stages[SGR_STAGE_COMMIT].bytes, run->result.progress.bytes_written);
    assert_int_equal(stages[SGR_STAGE_DIGEST].bytes, run->result.progress.bytes_written);
    assert_true(stages[SGR_STAGE_ENCODE].busy_ns > 0);
    assert_true(stages[SGR_STAGE_COMPOSE].queue_max > 0);
    for (int stage = SGR_STAGE_COMPOSE; stage <= SGR_STAGE_WRITE; stage++)
        workers_ns += stages[stage].busy_ns + stages[stage].wait_ns;
    assert_true(workers_ns <= elapsed_ns * (run->threads + run->result.writers));
    assert_int_equal(run->result.writers > 0, run->role == SGR_BENCH_DISK);
    assert_true(stages[SGR_STAGE_SCHEDULE].busy_ns <= elapsed_ns);
    assert_true(stages[SGR_STAGE_COMMIT].busy_ns + stages[SGR_STAGE_COMMIT].wait_ns <= elapsed_ns);
}

static void a_bench_measures_every_configuration(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_bench_result result;
    struct text text = {0};
    struct sgr_sink sink = sink_to(&text);
    bool seen[SGR_BENCH_DISK + 1] = {false};
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    OK(fixture, run_bench(fixture, plan, few, &result));
    assert_int_equal(result.items, 4);
    assert_int_equal(result.items_chosen, 0);
    assert_true(result.cores >= 1);
    for (size_t index = 0; index < result.run_count; index++) {
        const struct sgr_bench_run *run = &result.runs[index];
        expect_sane_stages(run, 4);
        assert_true(run->rounds >= 1);
        assert_true(run->fastest_ns <= run->result.progress.elapsed_ns);
        assert_true(run->slowest_ns >= run->result.progress.elapsed_ns);
        seen[run->role] = true;
    }
    assert_true(seen[SGR_BENCH_GRID] && seen[SGR_BENCH_NO_REUSE] && seen[SGR_BENCH_LEVEL]);
    assert_int_equal(result.runs[0].threads, 1);
    assert_int_equal(result.runs[1].threads, 2);
    assert_int_equal(result.runs[2].threads, 3);
    assert_int_equal(result.runs[result.base].threads, 3);
    assert_int_equal(result.runs[result.disk].role, SGR_BENCH_DISK);
    assert_true(result.floor_ns > 0);
    assert_int_equal(result.floor_bytes, result.runs[result.disk].result.progress.bytes_written);
    OK(fixture, sgr_bench_describe(plan, &result, SGR_FORMAT_TEXT, &sink, &fixture->error));
    assert_non_null(strstr(text.bytes, "\nbottleneck: "));
    text_finish(&text);
    sgr_bench_finish(&result);
    sgr_bench_finish(&result);
    expect_no_trace(fixture);
    sgr_plan_close(&plan);
}

static void a_bench_chooses_its_items(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_bench_result result;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    OK(fixture, run_bench(fixture, plan,
                          (struct sgr_bench_options){.seconds = 1, .kernel = "scalar"}, &result));
    assert_int_equal(result.items_chosen, 1);
    assert_true(result.items >= 8 && result.items <= 18);
    for (size_t index = 0; index < result.run_count; index++)
        assert_string_equal(result.runs[index].kernel, "scalar");
    sgr_bench_finish(&result);
    sgr_plan_close(&plan);
}

/* Noise comes out the same at all levels: here the bodies are tiles of four colours. */
static void put_drawn_art(struct fixture *fixture)
{
    static const char *const names[] = {"cat#1", "dog#1", "owl, \"the wise\"#1"};
    uint32_t pixels[SIDE * SIDE];
    struct random random;
    random_init(&random, "tiles", 1);
    put_art(fixture, SIDE);
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        char path[64];
        for (size_t pixel = 0; pixel < SIDE * SIDE; pixel++)
            pixels[pixel] = 0xff000000 | (uint32_t)random_below(&random, 4) * 0x3f5511;
        snprintf(path, sizeof path, "art/2_Body/%s.png", names[index]);
        put_pixels(fixture, path, SIDE, SIDE, pixels);
    }
}

static void levels_and_reuse_show_in_bytes_and_strips(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_bench_result result;
    put_drawn_art(fixture);
    struct sgr_plan *plan = make_plan(fixture, 18);
    struct sgr_bench_options options = few;
    options.items = 100;
    OK(fixture, run_bench(fixture, plan, options, &result));
    assert_int_equal(result.items, 18);
    const struct sgr_progress *base = &result.runs[result.base].result.progress;
    for (size_t index = 0; index < result.run_count; index++) {
        const struct sgr_bench_run *run = &result.runs[index];
        const struct sgr_progress *progress = &run->result.progress;
        bool anew = run->role == SGR_BENCH_NO_REUSE;
        assert_int_equal(progress->strips_made, anew ? 18 * 4 : base->strips_made);
        if (run->role != SGR_BENCH_LEVEL)
            assert_int_equal(progress->bytes_written, base->bytes_written);
        else if (run->png_level == SGR_PNG_SMALL)
            assert_true(progress->bytes_written != base->bytes_written);
    }
    assert_true(base->strips_made < 18 * 4);
    sgr_bench_finish(&result);
    sgr_plan_close(&plan);
}

static void stop_now(void *context, const struct sgr_bench_progress *progress)
{
    assert_true(progress->wanted_ns > 0);
    if (progress->run && progress->run->role == SGR_BENCH_DISK)
        sgr_cancel_request(context, SGR_INTERRUPTED);
}

static void stop_at_the_floor(void *context, const struct sgr_bench_progress *progress)
{
    if (!progress->run)
        sgr_cancel_request(context, SGR_STOPPED);
}

static void a_bench_that_fails_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_bench_result result;
    struct sgr_cancel cancel = {0};
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    struct sgr_bench_options options = few;
    options.cancel = &cancel;
    options.progress_context = &cancel;
    options.progress = stop_now;
    assert_int_equal(run_bench(fixture, plan, options, &result), SGR_INTERRUPTED);
    assert_int_equal(result.run_count, 0);
    expect_no_trace(fixture);
    sgr_cancel_request(&cancel, SGR_OK);
    options.progress = stop_at_the_floor;
    assert_int_equal(run_bench(fixture, plan, options, &result), SGR_STOPPED);
    expect_no_trace(fixture);
    options = few;
    options.kernel = "abacus";
    assert_int_equal(run_bench(fixture, plan, options, &result), SGR_USAGE);
    options = few;
    options.out = "/dev/null/place";
    assert_int_equal(sgr_bench(plan, &options, &result, &fixture->error), SGR_OUTPUT);
    expect_no_trace(fixture);
    sgr_plan_close(&plan);
}

/* Few of the many allocations, for every bench takes a while; the steps grow. */
static void a_bench_without_memory_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_bench_result result;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    int handles = count_handles();
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK; nth += nth / 2 + 1) {
        memory_fail_after(nth, false);
        status = run_bench(fixture, plan, few, &result);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_int_equal(count_handles(), handles);
        expect_no_trace(fixture);
    }
    sgr_bench_finish(&result);
    sgr_plan_close(&plan);
}

/* A folder that was there stays, with what was in it. */
static void a_folder_that_was_there_stays(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_bench_result result;
    put_art(fixture, SIDE);
    put_text(fixture, "place/mine", "mine");
    struct sgr_plan *plan = make_plan(fixture, 18);
    OK(fixture, run_bench(fixture, plan, few, &result));
    assert_int_equal(count_names(fixture, "place"), 1);
    sgr_bench_finish(&result);
    sgr_plan_close(&plan);
}

/* A run of 1,000 items in `ms` milliseconds with `bytes` an item. */
static struct sgr_bench_run made_up(enum sgr_bench_role role, uint64_t ms, uint64_t bytes)
{
    struct sgr_bench_run run = {.role = role, .kernel = "scalar", .threads = 2, .rounds = 3};
    run.result.progress.items_done = 1000;
    run.result.progress.bytes_written = bytes * 1000;
    run.result.progress.elapsed_ns = ms * 1000000;
    run.result.stages[SGR_STAGE_ENCODE].busy_ns = ms * 1000000;
    return run;
}

static void expect_advice(const struct sgr_bench_run *runs, size_t count, const char *wanted)
{
    struct sgr_bench_run *copy = calloc(count, sizeof *copy);
    struct bench_advice advice = {.count = 0};
    assert_non_null(copy);
    memcpy(copy, runs, count * sizeof *copy);
    struct sgr_bench_result result = {
        .runs = copy, .run_count = count, .base = 1, .disk = 2, .cores = 2};
    bench_advice_find(&result, &advice);
    if (!wanted)
        assert_int_equal(advice.count, 0);
    if (wanted) {
        assert_int_equal(advice.count, 1);
        assert_non_null(strstr(advice.lines[0].bytes, wanted));
    }
    bench_advice_finish(&advice);
    free(copy);
}

static void advice_follows_from_the_numbers(void **state)
{
    (void)state;
    struct sgr_bench_run runs[] = {
        made_up(SGR_BENCH_GRID, 1900, 50000),     made_up(SGR_BENCH_GRID, 1000, 50000),
        made_up(SGR_BENCH_DISK, 1100, 50000),     made_up(SGR_BENCH_LEVEL, 1000, 52000),
        made_up(SGR_BENCH_NO_REUSE, 3000, 50000),
    };
    runs[0].threads = 1;
    runs[3].png_level = SGR_PNG_FAST;
    expect_advice(runs, 5, NULL);
    runs[3] = made_up(SGR_BENCH_LEVEL, 800, 52000);
    runs[3].png_level = SGR_PNG_FAST;
    expect_advice(runs, 5, "--png fast is 1.25 times as fast, with 52 KB an item in place of 50");
    runs[3] = made_up(SGR_BENCH_LEVEL, 1500, 40000);
    runs[3].png_level = SGR_PNG_SMALL;
    runs[2] = made_up(SGR_BENCH_DISK, 4000, 50000);
    runs[2].result.stages[SGR_STAGE_WRITE].busy_ns = UINT64_C(9000000000);
    expect_advice(runs, 5, "4.00 times as fast; --png small writes 40 KB an item in place of 50");
    runs[2] = made_up(SGR_BENCH_DISK, 1100, 50000);
    runs[3] = made_up(SGR_BENCH_MEMORY, 500, 50000);
    runs[3].memory_bytes = 2000000000;
    runs[1].result.fragments_evicted = 77;
    expect_advice(runs, 5, "77 encoded strips had to make room: --memory 2000M is 2.00 times");
    runs[3].result.progress.elapsed_ns = 990000000;
    expect_advice(runs, 5, NULL);
    runs[4] = made_up(SGR_BENCH_NO_REUSE, 1010, 50000);
    expect_advice(runs, 5, "hardly any strip is used again");
    runs[4] = made_up(SGR_BENCH_NO_REUSE, 2000, 50000);
    runs[0].result.progress.elapsed_ns = 1010000000;
    expect_advice(runs, 5, "--threads 1 is enough: 2 are 1.01 times as fast");
    runs[0] = made_up(SGR_BENCH_GRID, 500, 50000);
    runs[0].kernel = "other";
    expect_advice(runs, 5, "--cpu-kernel other is 2.00 times as fast as scalar here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bench_measures_every_configuration),        TEST(a_bench_chooses_its_items),
        TEST(levels_and_reuse_show_in_bytes_and_strips),   TEST(a_bench_that_fails_leaves_nothing),
        TEST(a_bench_without_memory_leaves_nothing),       TEST(a_folder_that_was_there_stays),
        cmocka_unit_test(advice_follows_from_the_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
