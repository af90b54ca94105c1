/*
 * Composing against the specification, pixel by pixel: random sprites, modes and strips, every
 * kernel, words in memory and in a scratch file. An argument is the seed.
 */
#include "compose/cpu/compose_cpu.h"

#include "compose_fixture.h"

#include "os/machine.h"

static const char *seed;

enum { WIDTH_MAX = 130, HEIGHT_MAX = 24 };

/* What random strips are drawn with and compared to. */
struct trial {
    struct scene scene;
    struct random random;
    uint32_t expected[WIDTH_MAX * HEIGHT_MAX];
    uint32_t pixels[WIDTH_MAX * HEIGHT_MAX + 1];
};

static void try_strip(struct trial *trial, struct compose *compose, unsigned worker,
                      const char *kernel)
{
    struct random *random = &trial->random;
    struct compose_part parts[PARTS_MAX];
    struct compose_strip strip;
    random_strip(&trial->scene, random, parts, &strip);
    size_t count = (size_t)(strip.bottom - strip.top) * trial->scene.set.width;
    draw_reference(&trial->scene, &strip, trial->expected);
    memset(trial->pixels, 0xa5, sizeof trial->pixels);
    assert_int_equal(compose_draw(compose, worker, &strip, trial->pixels, NULL), SGR_OK);
    for (size_t at = 0; at < count; at++) {
        if (trial->pixels[at] != trial->expected[at])
            fail_msg("%s: %zu parts, rows %u to %u, pixel %zu is %08x, not %08x", kernel,
                     strip.part_count, strip.top, strip.bottom, at, trial->pixels[at],
                     trial->expected[at]);
    }
    assert_int_equal(trial->pixels[count], 0xa5a5a5a5);
}

static void any_scene(struct scene *scene, struct random *random)
{
    uint32_t width = 1 + (uint32_t)random_below(random, WIDTH_MAX);
    scene_init(scene, random, width, 1 + (uint32_t)random_below(random, HEIGHT_MAX));
}

static void random_strips_equal_the_specification(void **state)
{
    (void)state;
    static struct trial trial;
    random_init(&trial.random, seed, 1);
    for (unsigned round = 0; round < 200; round++) {
        any_scene(&trial.scene, &trial.random);
        for (const struct kernel_table *const *kernel = kernel_list(); *kernel; kernel++) {
            struct compose *compose = NULL;
            assert_int_equal(compose_cpu_create(&trial.scene.set, *kernel, 2, &compose, NULL),
                             SGR_OK);
            for (int strip = 0; strip < 8; strip++)
                try_strip(&trial, compose, round & 1, (*kernel)->name);
            compose_destroy(&compose);
            assert_null(compose);
        }
        scene_finish(&trial.scene);
    }
}

static void a_strip_of_nothing_is_transparent(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 2);
    struct scene scene;
    any_scene(&scene, &random);
    struct compose *compose = NULL;
    assert_int_equal(compose_cpu_create(&scene.set, kernel_list()[0], 1, &compose, NULL), SGR_OK);
    assert_string_equal(compose_name(compose), "cpu");
    uint32_t pixels[WIDTH_MAX];
    memset(pixels, 0xa5, sizeof pixels);
    struct compose_strip strip = {0, 1, NULL, 0};
    assert_int_equal(compose_draw(compose, 0, &strip, pixels, NULL), SGR_OK);
    for (uint32_t x = 0; x < scene.set.width; x++)
        assert_int_equal(pixels[x], 0);
    compose_destroy(&compose);
    compose_destroy(&compose);
    scene_finish(&scene);
}

static void a_failing_scratch_file_is_told(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    struct scene scene;
    any_scene(&scene, &random);
    struct compose *compose = NULL;
    struct sgr_error error;
    uint32_t pixels[WIDTH_MAX * HEIGHT_MAX];
    if (scene.sprites[0].words)
        spill(&scene, &scene.sprites[0]);
    struct compose_part part = {0, BLEND_NORMAL};
    struct compose_strip strip = {0, scene.set.height, &part, 1};
    assert_int_equal(compose_cpu_create(&scene.set, kernel_list()[0], 1, &compose, NULL), SGR_OK);
    memory_fail_after(1, false);
    assert_int_equal(compose_draw(compose, 0, &strip, pixels, &error), SGR_NO_MEMORY);
    memory_fail_after(0, false);
    assert_int_equal(compose_draw(compose, 0, &strip, pixels, &error), SGR_OK);
    assert_int_equal(ftruncate(scene.set.scratch.descriptor, 0), 0);
    assert_int_equal(compose_draw(compose, 0, &strip, pixels, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "scratch"));
    compose_destroy(&compose);
    scene_finish(&scene);
}

static void a_composer_without_memory_is_none(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 4);
    struct scene scene;
    any_scene(&scene, &random);
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK; nth++) {
        struct compose *compose = NULL;
        memory_fail_after(nth, false);
        status = compose_cpu_create(&scene.set, kernel_list()[0], 3, &compose, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || (status == SGR_NO_MEMORY && !compose));
        compose_destroy(&compose);
        assert_true(nth < 60);
    }
    scene_finish(&scene);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_strips_equal_the_specification),
        cmocka_unit_test(a_strip_of_nothing_is_transparent),
        cmocka_unit_test(a_failing_scratch_file_is_told),
        cmocka_unit_test(a_composer_without_memory_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
