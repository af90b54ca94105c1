/* The counters of stages: what is counted comes out, threads add up, queues tell their waiting. */
#include "publish/stage_table.h"
#include "work/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void stages_have_distinct_names(void **state)
{
    (void)state;
    for (int stage = 0; stage < SGR_STAGE_TOTAL; stage++) {
        const char *name = sgr_stage_name((enum sgr_stage)stage);
        assert_string_not_equal(name, "unknown");
        for (int other = 0; other < stage; other++)
            assert_string_not_equal(name, sgr_stage_name((enum sgr_stage)other));
    }
    assert_string_equal(sgr_stage_name(SGR_STAGE_TOTAL), "unknown");
    assert_string_equal(sgr_stage_name((enum sgr_stage) - 1), "unknown");
}

static void work_and_waits_count_where_they_belong(void **state)
{
    (void)state;
    struct stage_counters counters = {0};
    uint64_t start = machine_now_ns() - 1000;
    uint64_t first = stage_end(&counters, SGR_STAGE_COMPOSE, start, 300);
    uint64_t second = stage_end(&counters, SGR_STAGE_ENCODE, first, 40);
    uint64_t third = stage_end(&counters, SGR_STAGE_ENCODE, second, 2);
    uint64_t last = stage_waited(&counters, SGR_STAGE_COMPOSE, third - 500);
    const struct sgr_stage_metrics *compose = &counters.stages[SGR_STAGE_COMPOSE];
    const struct sgr_stage_metrics *encode = &counters.stages[SGR_STAGE_ENCODE];
    /* Stages that follow each other leave nothing out and count nothing twice. */
    assert_true(compose->busy_ns >= 1000);
    assert_int_equal(compose->busy_ns + encode->busy_ns, third - start);
    assert_int_equal(compose->wait_ns, last - (third - 500));
    assert_int_equal(compose->count, 1);
    assert_int_equal(compose->bytes, 300);
    assert_int_equal(encode->count, 2);
    assert_int_equal(encode->bytes, 42);
    assert_int_equal(encode->wait_ns, 0);
    assert_int_equal(counters.stages[SGR_STAGE_WRITE].count, 0);
}

static void threads_add_up(void **state)
{
    (void)state;
    struct sgr_stage_metrics sums[SGR_STAGE_TOTAL];
    struct stage_counters counters = {0};
    memset(sums, 0, sizeof sums);
    counters.stages[SGR_STAGE_COMMIT] =
        (struct sgr_stage_metrics){.busy_ns = 5, .wait_ns = 6, .count = 7, .bytes = 8};
    counters.stages[SGR_STAGE_READ].busy_ns = 9;
    stage_add(sums, &counters);
    stage_add(sums, &counters);
    assert_int_equal(sums[SGR_STAGE_COMMIT].busy_ns, 10);
    assert_int_equal(sums[SGR_STAGE_COMMIT].wait_ns, 12);
    assert_int_equal(sums[SGR_STAGE_COMMIT].count, 14);
    assert_int_equal(sums[SGR_STAGE_COMMIT].bytes, 16);
    assert_int_equal(sums[SGR_STAGE_READ].busy_ns, 18);
    assert_int_equal(sums[SGR_STAGE_PLAN].busy_ns, 0);
}

static void a_queue_tells_how_long_things_lay_in_it(void **state)
{
    (void)state;
    struct sgr_stage_metrics metrics = {.queue_ns = 1000};
    struct stage_queue queue = {0};
    stage_queue_enter(&queue, 100);
    stage_queue_enter(&queue, 110);
    stage_queue_enter(&queue, 120);
    stage_queue_leave(&queue, 1, 150);
    stage_queue_leave(&queue, 2, 160);
    stage_queue_enter(&queue, 200);
    stage_queue_leave(&queue, 1, 207);
    stage_queue_finish(&queue, &metrics);
    assert_int_equal(metrics.queue_ns, 1000 + 50 + 50 + 40 + 7);
    assert_int_equal(metrics.queue_max, 3);
}

static void what_is_left_in_a_queue_has_waited_until_its_end(void **state)
{
    (void)state;
    struct sgr_stage_metrics metrics = {.queue_max = 9};
    struct stage_queue queue = {0};
    uint64_t now = machine_now_ns();
    stage_queue_enter(&queue, now - 5000);
    stage_queue_enter(&queue, now - 2000);
    stage_queue_finish(&queue, &metrics);
    uint64_t later = machine_now_ns();
    assert_true(metrics.queue_ns >= 7000);
    assert_true(metrics.queue_ns <= 7000 + 2 * (later - now));
    assert_int_equal(metrics.queue_max, 9);
    assert_int_equal(queue.count, 0);
}

/* A run of 1 s; a stage of one thread cannot be busy for longer, those of the workers can. */
static void the_bottleneck_is_what_the_others_waited_for(void **state)
{
    static const struct {
        unsigned composers;
        uint64_t compose_ms;
        uint64_t encode_ms;
        uint64_t commit_ms;
        enum sgr_stage expected;
    } runs[] = {
        {0, 2000, 1900, 100, SGR_STAGE_COMPOSE}, {0, 1800, 1900, 100, SGR_STAGE_ENCODE},
        {0, 1000, 1900, 950, SGR_STAGE_COMMIT},  {1, 950, 1900, 100, SGR_STAGE_COMPOSE},
        {1, 850, 500, 100, SGR_STAGE_ENCODE},    {2, 950, 500, 100, SGR_STAGE_ENCODE},
        {2, 1900, 1950, 0, SGR_STAGE_COMPOSE},
    };
    (void)state;
    for (size_t run = 0; run < sizeof runs / sizeof *runs; run++) {
        struct sgr_generate_result result = {.composers = runs[run].composers};
        result.progress.elapsed_ns = 1000000000;
        result.stages[SGR_STAGE_COMPOSE].busy_ns = runs[run].compose_ms * 1000000;
        result.stages[SGR_STAGE_ENCODE].busy_ns = runs[run].encode_ms * 1000000;
        result.stages[SGR_STAGE_COMMIT].busy_ns = runs[run].commit_ms * 1000000;
        assert_int_equal(stage_table_bottleneck(&result), runs[run].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_have_distinct_names),
        cmocka_unit_test(work_and_waits_count_where_they_belong),
        cmocka_unit_test(threads_add_up),
        cmocka_unit_test(a_queue_tells_how_long_things_lay_in_it),
        cmocka_unit_test(what_is_left_in_a_queue_has_waited_until_its_end),
        cmocka_unit_test(the_bottleneck_is_what_the_others_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
