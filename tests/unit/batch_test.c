/* The front door to batch composers: pixels come through it unchanged, misuse ends the process. */
#include "api_fixture.h"
#include "batch_fixture.h"

#include "api/sgr_plan.h"

#include <signal.h>
#include <sys/wait.h>

enum { ROWS = SIDE / 4 };

/* A composer over a plan's sprites, and strips for it. */
struct scene {
    struct sgr_plan *plan;
    struct batch_composer *composer;
    struct fake *fake;
    struct compose_part part;
    struct compose_strip strips[4]; /* the canvas from top to bottom */
};

static void scene_init(struct scene *scene, struct fixture *fixture)
{
    put_art(fixture, SIDE);
    struct fake_options options = {.slot_count = 2, .slot_pixels = 2 * ROWS * SIDE};
    *scene = (struct scene){.plan = make_plan(fixture, 3), .part = {2, 0}};
    scene->composer = make_fake(scene->plan->sprites, &options, &scene->fake);
    for (uint32_t band = 0; band < 4; band++)
        scene->strips[band] =
            (struct compose_strip){band * ROWS, (band + 1) * ROWS, &scene->part, 1};
}

static void scene_finish(struct scene *scene)
{
    batch_destroy(&scene->composer);
    assert_null(scene->composer);
    batch_destroy(&scene->composer);
    sgr_plan_close(&scene->plan);
}

static void pixels_are_those_of_the_backend(void **state)
{
    struct scene scene;
    static uint32_t expected[ROWS * SIDE];
    scene_init(&scene, *state);
    assert_string_equal(batch_shape(scene.composer)->name, "fake");
    assert_int_equal(batch_shape(scene.composer)->slot_count, 2);
    assert_int_equal(batch_shape(scene.composer)->slot_pixels, 2 * ROWS * SIDE);
    OK((struct fixture *)*state, batch_begin(scene.composer, NULL));
    for (unsigned slot = 0; slot < 2; slot++) {
        size_t count = 2 + slot;
        const uint32_t *pixels = NULL;
        OK((struct fixture *)*state,
           batch_submit(scene.composer, slot, scene.strips + slot, &count, NULL));
        assert_int_equal(count, 2);
        OK((struct fixture *)*state, batch_collect(scene.composer, slot, 0, &pixels, NULL));
        assert_non_null(pixels);
        for (size_t strip = 0; strip < 2; strip++) {
            OK((struct fixture *)*state,
               compose_draw(scene.fake->cpu, 0, &scene.strips[slot + strip], expected, NULL));
            assert_memory_equal(pixels + strip * ROWS * SIDE, expected, sizeof expected);
        }
    }
    batch_end(scene.composer);
    scene_finish(&scene);
}

static void failures_come_through_and_a_restart_frees_all_slots(void **state)
{
    struct scene scene;
    struct sgr_error error = {SGR_OK, ""};
    const uint32_t *pixels = NULL;
    size_t count = 1;
    scene_init(&scene, *state);
    scene.fake->options.faults[FAKE_BEGIN] = (struct fake_fault){1, 1};
    scene.fake->options.faults[FAKE_SUBMIT] = (struct fake_fault){1, 1};
    scene.fake->options.faults[FAKE_COLLECT] = (struct fake_fault){1, 1};
    assert_int_equal(batch_begin(scene.composer, &error), SGR_INTERNAL);
    assert_string_equal(error.text, "begin 1 failed");
    assert_int_equal(batch_begin(scene.composer, &error), SGR_OK);
    assert_int_equal(batch_submit(scene.composer, 1, scene.strips, &count, &error), SGR_INTERNAL);
    assert_string_equal(error.text, "submit 1 failed");
    assert_int_equal(batch_submit(scene.composer, 1, scene.strips, &count, &error), SGR_OK);
    assert_int_equal(batch_collect(scene.composer, 1, 0, &pixels, &error), SGR_INTERNAL);
    assert_string_equal(error.text, "collect 1 failed");
    assert_int_equal(batch_restart(scene.composer, &error), SGR_OK);
    assert_int_equal(batch_submit(scene.composer, 1, scene.strips, &count, &error), SGR_OK);
    batch_end(scene.composer);
    /* Nor is a slot taken by what was submitted before the end. */
    assert_int_equal(batch_begin(scene.composer, &error), SGR_OK);
    assert_int_equal(batch_submit(scene.composer, 1, scene.strips, &count, &error), SGR_OK);
    batch_end(scene.composer);
    scene_finish(&scene);
}

static void a_composer_that_cannot_be_wrapped_stays_the_callers(void **state)
{
    static const struct batch_interface interface = {fake_begin,   fake_end,     fake_submit,
                                                     fake_collect, fake_restart, fake_destroy};
    struct batch_shape shape = {"none", 1, 1, 0};
    struct batch_composer *composer = NULL;
    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        memory_fail_after(nth, false);
        assert_int_equal(batch_create(&interface, NULL, NULL, &shape, &composer, NULL),
                         SGR_NO_MEMORY);
        memory_fail_after(0, false);
        assert_null(composer);
    }
}

static enum sgr_status submit(struct scene *scene, unsigned slot, const struct compose_strip *strip)
{
    size_t count = 1;
    return batch_submit(scene->composer, slot, strip, &count, NULL);
}

static enum sgr_status collect(struct scene *scene, unsigned slot)
{
    const uint32_t *pixels = NULL;
    return batch_collect(scene->composer, slot, 0, &pixels, NULL);
}

static enum sgr_status begin_twice(struct scene *scene)
{
    return batch_begin(scene->composer, NULL);
}

static enum sgr_status destroy_begun(struct scene *scene)
{
    batch_destroy(&scene->composer);
    return SGR_OK;
}

static enum sgr_status end_twice(struct scene *scene)
{
    batch_end(scene->composer);
    batch_end(scene->composer);
    return SGR_OK;
}

static enum sgr_status submit_after_the_end(struct scene *scene)
{
    batch_end(scene->composer);
    return submit(scene, 0, scene->strips);
}

static enum sgr_status collect_after_the_end(struct scene *scene)
{
    (void)submit(scene, 0, scene->strips);
    batch_end(scene->composer);
    return collect(scene, 0);
}

static enum sgr_status restart_after_the_end(struct scene *scene)
{
    batch_end(scene->composer);
    return batch_restart(scene->composer, NULL);
}

static enum sgr_status submit_to_no_slot(struct scene *scene)
{
    return submit(scene, 2, scene->strips);
}

static enum sgr_status submit_to_a_busy_slot(struct scene *scene)
{
    (void)submit(scene, 0, scene->strips);
    return submit(scene, 0, scene->strips);
}

static enum sgr_status submit_nothing(struct scene *scene)
{
    size_t count = 0;
    return batch_submit(scene->composer, 0, scene->strips, &count, NULL);
}

static enum sgr_status submit_too_tall_a_strip(struct scene *scene)
{
    return submit(scene, 0, &(struct compose_strip){0, 2 * ROWS + 1, NULL, 0});
}

static enum sgr_status submit_below_the_canvas(struct scene *scene)
{
    return submit(scene, 0, &(struct compose_strip){SIDE, SIDE + 1, NULL, 0});
}

static enum sgr_status submit_an_unknown_sprite(struct scene *scene)
{
    struct compose_part part = {(uint32_t)scene->plan->sprites->sprite_count, 0};
    return submit(scene, 0, &(struct compose_strip){0, ROWS, &part, 1});
}

static enum sgr_status submit_an_unknown_mode(struct scene *scene)
{
    struct compose_part part = {0, BLEND_MODE_COUNT};
    return submit(scene, 0, &(struct compose_strip){0, ROWS, &part, 1});
}

static enum sgr_status collect_a_free_slot(struct scene *scene)
{
    return collect(scene, 1);
}

static enum sgr_status collect_twice(struct scene *scene)
{
    (void)submit(scene, 0, scene->strips);
    (void)collect(scene, 0);
    return collect(scene, 0);
}

static enum sgr_status collect_from_no_slot(struct scene *scene)
{
    return collect(scene, 2);
}

/* Whether a use ends the process. */
static bool aborts(struct scene *scene, enum sgr_status (*use)(struct scene *scene))
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        /* cmocka would take the signal for a failed test. */
        signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) && batch_begin(scene->composer, NULL) == SGR_OK)
            (void)use(scene);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void misuse_ends_the_process(void **state)
{
    enum sgr_status (*const uses[])(struct scene *) = {
        begin_twice,
        destroy_begun,
        end_twice,
        submit_after_the_end,
        collect_after_the_end,
        restart_after_the_end,
        submit_to_no_slot,
        submit_to_a_busy_slot,
        submit_nothing,
        submit_too_tall_a_strip,
        submit_below_the_canvas,
        submit_an_unknown_sprite,
        submit_an_unknown_mode,
        collect_a_free_slot,
        collect_twice,
        collect_from_no_slot,
    };
    struct scene scene;
    scene_init(&scene, *state);
    for (size_t use = 0; use < sizeof uses / sizeof *uses; use++) {
        if (!aborts(&scene, uses[use]))
            fail_msg("use %zu is let through", use);
    }
    scene_finish(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pixels_are_those_of_the_backend),
        TEST(failures_come_through_and_a_restart_frees_all_slots),
        TEST(a_composer_that_cannot_be_wrapped_stays_the_callers),
        TEST(misuse_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
