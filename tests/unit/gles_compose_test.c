/*
 * The GPU backend against the specification, on the driver that the environment chooses: random
 * sprites, modes and strips, in batches of many, with either program and every version of OpenGL
 * ES, pages that do not all fit the device, canvases wider than a page. An argument is the seed,
 * another how many rounds.
 */
#include "compose/gles/compose_gles.h"

#include "gles_fixture.h"

#include "compose/gles/shader_source.h"
#include "os/machine.h"

static const char *seed;
static unsigned rounds; /* 0: as many as the driver is quick enough for */
static struct egl_device device;
static bool has_device;

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
                                         .allow_software = true,
                                         .slot_count = SLOTS,
                                         .rows_max = scene->set.height,
                                         .sprite_bytes = 64 << 20,
                                         .threads = 2,
                                         .log = {NULL, show_line}};
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
    make_batch(scene, random, STRIPS_MAX, &batch);
    uint64_t passes = 1 + random_below(random, 2);
    for (uint64_t pass = 0; pass < passes; pass++) {
        if (pass > 0)
            assert_int_equal(batch_restart(composer, &error), SGR_OK);
        if (compose_all(scene, composer, &batch, &error) != SGR_OK)
            fail_msg("%s", error.text);
    }
    batch_end(composer);
    batch_destroy(&composer);
    assert_null(composer);
}

/*
 * Whether the driver has this version and program, and is the one that the environment expects
 * (tests/CMakeLists.txt); if not, tells so. Says how many rounds it is quick enough for.
 */
static bool is_here(enum gl_program_kind program, unsigned minor, unsigned *out_rounds)
{
    struct gl_context *context = NULL;
    struct sgr_error error;
    const char *driver = getenv("TEST_GL_DRIVER");
    if (!has_device)
        return false;
    if (gl_context_open(&device, minor, &context, &error) != SGR_OK) {
        printf("skipped: %s\n", error.text);
        return false;
    }
    bool expected = !driver || strstr(context->renderer, driver);
    bool here = context->minor == minor && (program == GL_PROGRAM_FRAGMENT || minor > 0);
    if (!expected)
        printf("skipped: the driver is %s, not %s\n", context->renderer, driver);
    else if (!here)
        printf("skipped: %s has no OpenGL ES 3.%u\n", context->renderer, minor);
    *out_rounds = strstr(context->renderer, "softpipe") ? 1 : 4;
    gl_context_close(&context);
    return expected && here;
}

static void strips_equal_the_specification(enum gl_program_kind program, unsigned minor)
{
    unsigned quick = 0;
    if (!is_here(program, minor, &quick))
        skip();
    struct random random;
    random_init(&random, seed, minor * 2 + program);
    for (unsigned round = 0; round < (rounds ? rounds : quick); round++) {
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
    has_device = egl_device_choose("software", devices, &device_count, &error) == SGR_OK;
    if (has_device)
        device = devices[0];
    else
        printf("skipped: %s\n", error.text);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_of_es_3_0), cmocka_unit_test(fragments_of_es_3_1),
        cmocka_unit_test(fragments_of_es_3_2), cmocka_unit_test(compute_of_es_3_1),
        cmocka_unit_test(compute_of_es_3_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
