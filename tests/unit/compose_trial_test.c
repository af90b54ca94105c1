/*
 * The trial behind "auto": its sample of strips, that both ways make all of them, and what follows
 * from times.
 */
#include "api_fixture.h"
#include "batch_fixture.h"

#include "pipeline/compose_trial.h"

#include "api/sgr_plan.h"

enum { ITEMS = 18, TAKE = 3 };

/* A plan, and all that a trial takes. */
struct stage {
    struct sgr_plan *plan;
    struct visibility *visibility;
    struct strip_sample sample;
};

static void stage_init(struct stage *stage, struct fixture *fixture, uint64_t items)
{
    *stage = (struct stage){.plan = NULL};
    put_art(fixture, SIDE);
    stage->plan = make_plan(fixture, ITEMS);
    const struct plan_choices *choices = plan_choices(stage->plan->plan);
    OK(fixture, visibility_create(stage->plan->sprites, choices->band_edges, choices->band_count,
                                  1 << 20, &stage->visibility, &fixture->error));
    OK(fixture, strip_sample_make(&stage->sample, stage->plan->plan, stage->plan->sprites,
                                  stage->visibility, items, &fixture->error));
}

static void stage_finish(struct stage *stage)
{
    strip_sample_finish(&stage->sample);
    visibility_destroy(&stage->visibility);
    sgr_plan_close(&stage->plan);
}

static bool strips_equal(const struct compose_strip *left, const struct compose_strip *right)
{
    return left->top == right->top && left->part_count == right->part_count &&
           memcmp(left->parts, right->parts, left->part_count * sizeof *left->parts) == 0;
}

static void a_sample_has_each_strip_once(void **state)
{
    struct fixture *fixture = *state;
    struct stage stage;
    stage_init(&stage, fixture, ITEMS);
    const struct strip_sample *sample = &stage.sample;
    const struct plan_choices *choices = plan_choices(stage.plan->plan);
    struct sgr_generate_result result;
    const struct sgr_generate_options options = {.out = "null:", .threads = 1};
    OK(fixture, sgr_generate(stage.plan, &options, &result, &fixture->error));
    assert_int_equal(sample->count, result.progress.strips_made);
    for (size_t index = 0; index < sample->count; index++) {
        assert_int_equal(sample->strips[index].top, choices->band_edges[sample->bands[index]]);
        for (size_t other = 0; other < index; other++)
            assert_false(strips_equal(&sample->strips[index], &sample->strips[other]));
    }
    stage_finish(&stage);
}

static void a_sample_of_few_items_has_fewer_strips(void **state)
{
    struct fixture *fixture = *state;
    struct stage all;
    struct stage one;
    stage_init(&all, fixture, ITEMS);
    stage_init(&one, fixture, 1);
    assert_int_equal(one.sample.count, plan_choices(one.plan->plan)->band_count);
    assert_true(all.sample.count > one.sample.count);
    stage_finish(&all);
    stage_finish(&one);
}

static void both_ways_are_timed_over_all_strips(void **state)
{
    struct fixture *fixture = *state;
    struct stage stage;
    struct compose_trial trial = {0};
    struct strip_maker maker = {0};
    struct compose *compose = NULL;
    const struct kernel_table *kernels;
    stage_init(&stage, fixture, ITEMS);
    const struct sprite_set *sprites = stage.plan->sprites;
    OK(fixture, kernel_choose(NULL, &kernels, &fixture->error));
    OK(fixture, compose_cpu_create(sprites, kernels, 1, &compose, &fixture->error));
    OK(fixture, strip_maker_init(&maker, compose, kernels, 0, plan_choices(stage.plan->plan),
                                 &fixture->error));
    OK(fixture, compose_trial_cpu(&trial, &stage.sample, &maker, &fixture->error));
    assert_int_equal(trial.strips, stage.sample.count);
    assert_true(trial.compose_ns > 0 && trial.encode_ns > 0);
    strip_maker_finish(&maker);
    compose_destroy(&compose);

    struct fake_options how = {
        .slot_count = 2, .slot_pixels = (size_t)SIDE * SIDE, .take_most = TAKE};
    struct fake *fake;
    struct batch_composer *composer = make_fake(sprites, &how, &fake);
    OK(fixture, compose_trial_batch(&trial, &stage.sample, composer, &fixture->error));
    assert_true(trial.batch_ns > 0);
    assert_int_equal(fake->calls[FAKE_SUBMIT], 2 * ((stage.sample.count + TAKE - 1) / TAKE));
    batch_destroy(&composer);
    stage_finish(&stage);
}

static void a_device_pays_where_it_saves_a_twentieth(void **state)
{
    (void)state;
    /* Two workers: both 500, encoding alone 400. */
    struct compose_trial trial = {100, 200, 800, 300};
    assert_true(compose_trial_pays(&trial, 2));
    trial.batch_ns = 475;
    assert_true(compose_trial_pays(&trial, 2));
    trial.batch_ns = 476;
    assert_false(compose_trial_pays(&trial, 2));
    /* Many workers compose faster than the device. */
    trial.batch_ns = 300;
    assert_false(compose_trial_pays(&trial, 16));
    /* Composing that is nothing beside encoding is not worth a device. */
    trial = (struct compose_trial){100, 30, 970, 1};
    assert_false(compose_trial_pays(&trial, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sample_has_each_strip_once),
        TEST(a_sample_of_few_items_has_fewer_strips),
        TEST(both_ways_are_timed_over_all_strips),
        cmocka_unit_test(a_device_pays_where_it_saves_a_twentieth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
