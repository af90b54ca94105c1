/*
 * The GPU backend against the specification, on the driver that the environment chooses: random
 * sprites, modes and strips, in batches of many, with either program and every version of OpenGL
 * ES, pages that do not all fit the device, canvases wider than a page. An argument is the seed,
 * another how many rounds.
 */
#include "compose/gles/compose_gles.h"

#include "compose_fixture.h"

#include "compose/gles/shader_source.h"
#include "os/machine.h"

static const char *seed;
static unsigned rounds = 4;
static struct egl_device device;

enum { STRIPS = 40, SLOTS = 3 };

/* A batch and what must come of it. */
struct batch {
    struct compose_part parts[STRIPS][PARTS_MAX];
    struct compose_strip strips[STRIPS];
};

static void show_line(void *context, enum sgr_log_level level, const char *text)
{
    (void)context;
    (void)level;
    printf("%s\n", text);
}

static struct compose_gles_options options_for(const struct scene *scene,
                                               enum gl_program_kind program, unsigned minor)
{
    return (struct compose_gles_options){.device = device,
                                         .program = program,
                                         .minor_max = minor,
                                         .slot_count = SLOTS,
                                         .rows_max = scene->set.height,
                                         .sprite_bytes = 64 << 20,
                                         .threads = 2,
                                         .log = {NULL, show_line}};
}

static void check_strip(const struct scene *scene, const struct compose_strip *strip,
                        const uint32_t *pixels)
{
    size_t count = (size_t)(strip->bottom - strip->top) * scene->set.width;
    uint32_t *expected = malloc(count * sizeof *expected);
    assert_non_null(expected);
    draw_reference(scene, strip, expected);
    for (size_t at = 0; at < count; at++) {
        if (pixels[at] == expected[at])
            continue;
        for (size_t part = 0; part < strip->part_count; part++)
            printf("part %zu: sprite %u, %s\n", part, strip->parts[part].sprite,
                   blend_mode_name((enum blend_mode)strip->parts[part].mode));
        fail_msg("rows %u to %u, column %zu, row %zu is %08x, not %08x", strip->top, strip->bottom,
                 at % scene->set.width, at / scene->set.width, pixels[at], expected[at]);
    }
    free(expected);
}

/* Composes all strips, as many at a time as are taken, a slot after another. */
static void compose_all(const struct scene *scene, struct batch_composer *composer,
                        const struct batch *batch)
{
    size_t done = 0;
    for (unsigned slot = 0; done < STRIPS; slot = (slot + 1) % SLOTS) {
        struct sgr_error error = {SGR_OK, ""};
        size_t count = STRIPS - done;
        const uint32_t *pixels = NULL;
        if (batch_submit(composer, slot, &batch->strips[done], &count, &error) != SGR_OK)
            fail_msg("%s", error.text);
        while (!pixels) {
            if (batch_collect(composer, slot, 10, &pixels, &error) != SGR_OK)
                fail_msg("%s", error.text);
        }
        for (size_t strip = done; strip < done + count; strip++) {
            const struct compose_strip *one = &batch->strips[strip];
            check_strip(scene, one, pixels);
            pixels += (size_t)(one->bottom - one->top) * scene->set.width;
        }
        done += count;
    }
}

static void make_batch(const struct scene *scene, struct random *random, struct batch *batch)
{
    for (size_t strip = 0; strip < STRIPS; strip++)
        random_strip(scene, random, batch->parts[strip], &batch->strips[strip]);
}

/* Composes random strips of a scene by given options. */
static void try_scene(const struct scene *scene, struct random *random,
                      const struct compose_gles_options *options)
{
    static struct batch batch;
    struct sgr_error error = {SGR_OK, ""};
    struct batch_composer *composer = NULL;
    struct compose_gles_facts facts;
    if (compose_gles_create(&scene->set, options, &composer, &facts, &error) != SGR_OK)
        fail_msg("%s", error.text);
    assert_int_equal(batch_begin(composer, &error), SGR_OK);
    make_batch(scene, random, &batch);
    compose_all(scene, composer, &batch);
    if (random_below(random, 2)) {
        assert_int_equal(batch_restart(composer, &error), SGR_OK);
        compose_all(scene, composer, &batch);
    }
    batch_end(composer);
    batch_destroy(&composer);
    assert_null(composer);
}

/* Whether the driver has this version and program; a test that it has not says so. */
static bool is_here(enum gl_program_kind program, unsigned minor)
{
    struct gl_context *context = NULL;
    struct sgr_error error;
    bool here = gl_context_open(&device, minor, &context, &error) == SGR_OK &&
                context->minor == minor && (program == GL_PROGRAM_FRAGMENT || minor > 0);
    gl_context_close(&context);
    return here;
}

static void strips_equal_the_specification(enum gl_program_kind program, unsigned minor)
{
    if (!is_here(program, minor)) {
        printf("no OpenGL ES 3.%u with this program here\n", minor);
        skip();
    }
    struct random random;
    random_init(&random, seed, minor * 2 + program);
    for (unsigned round = 0; round < rounds; round++) {
        static struct scene scene;
        uint32_t width = 1 + (uint32_t)random_below(&random, 300);
        scene_init(&scene, &random, width, 1 + (uint32_t)random_below(&random, 60));
        struct compose_gles_options options = options_for(&scene, program, minor);
        /* Every second time only few of the pages fit. */
        if (round & 1)
            options.sprite_bytes = 12 * 256 * 256 * 4;
        try_scene(&scene, &random, &options);
        scene_finish(&scene);
    }
}

#define VERSION_TEST(program, kind, minor)                                                         \
    static void program##_of_es_3_##minor(void **state)                                            \
    {                                                                                              \
        (void)state;                                                                               \
        strips_equal_the_specification(kind, minor);                                               \
    }

VERSION_TEST(fragments, GL_PROGRAM_FRAGMENT, 0)
VERSION_TEST(fragments, GL_PROGRAM_FRAGMENT, 1)
VERSION_TEST(fragments, GL_PROGRAM_FRAGMENT, 2)
VERSION_TEST(compute, GL_PROGRAM_COMPUTE, 1)
VERSION_TEST(compute, GL_PROGRAM_COMPUTE, 2)

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    if (count > 2)
        rounds = (unsigned)atoi(arguments[2]);
    printf("seed %s\n", seed);
    struct egl_device devices[EGL_DEVICE_MAX];
    struct sgr_error error = {SGR_OK, ""};
    size_t device_count = 0;
    if (egl_device_choose("software", devices, &device_count, &error) != SGR_OK) {
        printf("skipped: %s\n", error.text);
        return 77;
    }
    device = devices[0];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_of_es_3_0), cmocka_unit_test(fragments_of_es_3_1),
        cmocka_unit_test(fragments_of_es_3_2), cmocka_unit_test(compute_of_es_3_1),
        cmocka_unit_test(compute_of_es_3_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
