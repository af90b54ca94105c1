/*
 * The GPU backend on a driver that misbehaves (tests/shim/gles_shim.h). Whatever a driver does, a
 * composer either composes right or says in one line why not, what it delivers is right, and
 * nothing of it stays on the device. An argument is the seed.
 */
#include "compose/gles/compose_gles.h"

#include "../shim/gles_shim.h"
#include "gles_fixture.h"

#include "compose/gles/gl_functions.h"
#include "os/library.h"
#include "os/machine.h"

enum { STRIPS = 6, TRIES_MAX = 400, FREE_SLOT = SLOTS };

/* How a composer's life went. */
enum outcome { COMPOSED, REFUSED, FAILED, OUTCOMES };

static const struct gles_shim_counts *counts;
static const char *seed;
static struct egl_device device;
static unsigned limit_ms; /* for a batch; 0: what is usual */
static struct scene scene;
static struct batch batch;
static struct compose_gles_facts facts;
static struct sgr_error reason; /* of the last failure */
static unsigned totals[OUTCOMES];

/* What goes wrong: the driver's fault, the host's allocation of this number; all zero: nothing. */
struct trouble {
    const char *fault;
    unsigned allocation;
    bool for_good; /* the allocation, and all later ones */
};

/* Switches troubles, counting from now; NULL: none. */
static void set_trouble(const struct trouble *trouble)
{
    static unsigned serial;
    char setting[200];
    const char *fault = trouble && trouble->fault ? trouble->fault : "";
    snprintf(setting, sizeof setting, "%s serial-%u", fault, serial++);
    setenv("TEST_GL_FAULT", setting, 1);
    memory_fail_after(trouble ? trouble->allocation : 0, trouble && trouble->for_good);
}

static void make_scene(void)
{
    struct random random;
    random_init(&random, seed, 0);
    scene_init(&scene, &random, 400, 120);
}

/* Sprites that need all blend modes, or only normal, whose programs are made more quickly. */
static void use_modes(bool modes)
{
    struct random random;
    random_init(&random, seed, 1);
    scene.set.part_count = modes ? BLEND_MODE_COUNT : 1;
    make_batch(&scene, &random, STRIPS, &batch);
    for (size_t strip = 0; strip < STRIPS && !modes; strip++) {
        for (size_t part = 0; part < PARTS_MAX; part++)
            batch.parts[strip][part].mode = BLEND_NORMAL;
    }
}

static struct compose_gles_options options_for(enum gl_program_kind program)
{
    return (struct compose_gles_options){.device = device,
                                         .program = program,
                                         .minor_max = 2,
                                         .allow_software = true,
                                         .slot_count = SLOTS + 1,
                                         .rows_max = scene.set.height,
                                         .sprite_bytes = 64 << 20,
                                         .threads = 1,
                                         .limit_ms = limit_ms};
}

/* A failure must tell of itself, in one line. */
static void check_reason(enum sgr_status status, const struct sgr_error *error)
{
    assert_true(status != SGR_OK);
    assert_int_equal(error->status, status);
    assert_true(strlen(error->text) > 10);
    assert_null(strchr(error->text, '\n'));
    reason = *error;
}

/* After a failure nothing is done or delivered until a restart; one without the fault must work. */
static void mend(struct batch_composer *composer, const struct trouble *trouble)
{
    struct sgr_error error = {SGR_OK, ""};
    size_t count = 1;
    /* Half of the time it goes wrong anew. */
    set_trouble(totals[FAILED] % 2 ? trouble : NULL);
    enum sgr_status status = batch_restart(composer, &error);
    if (status == SGR_OK)
        status = compose_all(&scene, composer, &batch, &error);
    if (status != SGR_OK) {
        check_reason(status, &error);
        error = (struct sgr_error){SGR_OK, ""};
        set_trouble(NULL);
        status = batch_submit(composer, FREE_SLOT, batch.strips, &count, &error);
        check_reason(status, &error);
        error = (struct sgr_error){SGR_OK, ""};
        if (batch_restart(composer, &error) != SGR_OK)
            fail_msg("%s", error.text);
    }
    set_trouble(NULL);
    if (compose_all(&scene, composer, &batch, &error) != SGR_OK)
        fail_msg("%s", error.text);
}

/* A composer from its making to its end, with trouble from the first call on. */
static enum outcome live_through(const struct compose_gles_options *options,
                                 const struct trouble *trouble)
{
    struct sgr_error error = {SGR_OK, ""};
    struct batch_composer *composer = NULL;
    enum outcome outcome = COMPOSED;
    unsigned left = counts->left;
    unsigned misused = counts->misused;
    set_trouble(trouble);
    enum sgr_status status = compose_gles_create(&scene.set, options, &composer, &facts, &error);
    if (status == SGR_OK) {
        status = batch_begin(composer, &error);
        bool begun = status == SGR_OK;
        if (begun)
            status = compose_all(&scene, composer, &batch, &error);
        if (status != SGR_OK) {
            outcome = FAILED;
            check_reason(status, &error);
        }
        if (!begun)
            set_trouble(NULL);
        if (!begun && batch_begin(composer, &error) != SGR_OK)
            fail_msg("%s", error.text);
        if (status != SGR_OK)
            mend(composer, trouble);
        if (status != SGR_OK)
            reason = error;
        batch_end(composer);
    } else {
        outcome = REFUSED;
        check_reason(status, &error);
        assert_null(composer);
    }
    batch_destroy(&composer);
    set_trouble(NULL);
    /* Without a context nothing can be deleted; then it goes with it. */
    if (!trouble->fault || !strstr(trouble->fault, "egl-current"))
        assert_int_equal(counts->left, left);
    assert_int_equal(counts->misused, misused);
    totals[outcome]++;
    return outcome;
}

static enum outcome live(const struct compose_gles_options *options, const char *fault)
{
    struct trouble trouble = {.fault = fault};
    return live_through(options, &trouble);
}

/* A fault at each place where it can be, one after another; from there on, at every third one. */
static unsigned live_everywhere(const char *name, bool for_good)
{
    unsigned places = 0;
    for (int program = GL_PROGRAM_COMPUTE; program <= GL_PROGRAM_FRAGMENT; program++) {
        struct compose_gles_options options = options_for((enum gl_program_kind)program);
        unsigned before;
        unsigned nth = 1;
        do {
            char fault[100];
            before = counts->counted;
            snprintf(fault, sizeof fault, "%s@%u%s", name, nth, for_good ? "+" : "");
            enum outcome outcome = live(&options, fault);
            assert_true(counts->counted != before || outcome == COMPOSED);
            assert_true(nth < TRIES_MAX);
            places += counts->counted != before;
            nth += for_good ? 3 : 1;
        } while (counts->counted != before);
    }
    printf("%s%s: %u places\n", name, for_good ? " for good" : "", places);
    return places;
}

static void without_faults_all_is_right(void **state)
{
    (void)state;
    for (int program = GL_PROGRAM_COMPUTE; program <= GL_PROGRAM_FRAGMENT; program++) {
        struct compose_gles_options options = options_for((enum gl_program_kind)program);
        unsigned struck = counts->struck;
        assert_int_equal(live(&options, ""), COMPOSED);
        assert_int_equal(counts->struck, struck);
        assert_true(facts.persistent && facts.software);
    }
}

static void mappings_that_lie_are_done_without(void **state)
{
    (void)state;
    static const char *const faults[] = {"persistent-null", "persistent-stale", "persistent-refuse",
                                         "missing=glBufferStorageEXT"};
    for (size_t index = 0; index < sizeof faults / sizeof *faults; index++) {
        for (int program = GL_PROGRAM_COMPUTE; program <= GL_PROGRAM_FRAGMENT; program++) {
            struct compose_gles_options options = options_for((enum gl_program_kind)program);
            unsigned struck = counts->struck;
            assert_int_equal(live(&options, faults[index]), COMPOSED);
            assert_true(counts->struck > struck);
            assert_false(facts.persistent);
        }
    }
}

static void what_does_not_compile_is_refused(void **state)
{
    (void)state;
    assert_true(live_everywhere("compile", false) >= 3);
    assert_non_null(strstr(reason.text, "the driver refuses it: 0:1(1): error: told by the shim"));
    assert_true(live_everywhere("link", false) >= 2);
    assert_true(live_everywhere("log-empty link", false) >= 2);
    assert_non_null(strstr(reason.text, "it does not say why"));
    assert_true(live_everywhere("no-shader", false) >= 5);
}

static void programs_that_compute_wrongly_are_refused(void **state)
{
    (void)state;
    /* What a shader has, what it gets instead; which programs have it: 1 compute, 2 fragment. */
    static const struct {
        const char *from;
        const char *to;
        unsigned programs;
    } rows[] = {
        {"value + 128u", "value + 127u", 3},
        {"2u * numerator + denominator", "2u * numerator", 3},
        {"if (source_alpha == FULL)", "if (source_alpha >= 254u)", 3},
        {"if (source_alpha == 0u)\n        return backdrop;",
         "if (source_alpha == 0u)\n        return 0u;", 3},
        {"FULL * over + backdrop_alpha * under", "FULL * over + FULL * under", 3},
        {"30 * color.r", "31 * color.r", 3},
        {"mode - BLEND_MULTIPLY), 0)", "mode - BLEND_MULTIPLY + 1u), 0)", 3},
        {"min(sum, uvec3(FULL * FULL))", "sum", 3},
        {"around = FULL - source_alpha", "around = FULL - backdrop_alpha", 3},
        {"pixel >> 24", "pixel >> 25", 3},
        {"color.g << 8", "color.b << 8", 3},
        {"mode == BLEND_COLOR", "mode == BLEND_LUMINOSITY", 3},
        {"saturation_of(shown))", "saturation_of(shown) + 1)", 3},
        {"middle + least * scale.x < 0", "middle + least * scale.x < -1000000", 3},
        {"uvec2(outside, source_alpha)", "uvec2(source_alpha, outside)", 3},
        {"/ 255.0", "/ 256.0", 2},
        {"which.top + first.y", "which.top + 1u + first.y", 1},
        {"which.draw_count; left > 0u", "which.draw_count; left > 1u", 3},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        setenv("TEST_GL_ALTER_FROM", rows[row].from, 1);
        setenv("TEST_GL_ALTER_TO", rows[row].to, 1);
        for (int program = GL_PROGRAM_COMPUTE; program <= GL_PROGRAM_FRAGMENT; program++) {
            struct compose_gles_options options = options_for((enum gl_program_kind)program);
            unsigned struck = counts->struck;
            if (!(rows[row].programs >> program & 1))
                continue;
            enum outcome outcome = live(&options, "alter");
            assert_true(counts->struck > struck);
            if (outcome != REFUSED || !strstr(reason.text, "program is wrong here"))
                fail_msg("\"%s\" for \"%s\": %s", rows[row].to, rows[row].from, reason.text);
        }
    }
    /* One that paints nothing, or only once. */
    for (int program = GL_PROGRAM_COMPUTE; program <= GL_PROGRAM_FRAGMENT; program++) {
        struct compose_gles_options options = options_for((enum gl_program_kind)program);
        assert_int_equal(live(&options, "silent"), REFUSED);
        assert_int_equal(live(&options, "silent@2+"), REFUSED);
        assert_non_null(strstr(reason.text, "program is wrong here"));
    }
}

static void a_device_without_memory_is_told(void **state)
{
    (void)state;
    assert_true(live_everywhere("oom", false) >= 20);
    assert_true(live_everywhere("oom", true) >= 8);
    struct compose_gles_options options = options_for(GL_PROGRAM_COMPUTE);
    assert_int_equal(live(&options, "oom"), REFUSED);
    assert_int_equal(reason.status, SGR_NO_MEMORY);
}

/* Where all sprites do not fit the device, as many as do are kept there. */
static void fewer_pages_do(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 2);
    scene_finish(&scene);
    scene_init(&scene, &random, 400, 400);
    use_modes(false);
    /* A strip has one sprite, so that five pages do for any. */
    for (size_t strip = 0; strip < STRIPS; strip++) {
        if (batch.strips[strip].part_count > 1)
            batch.strips[strip].part_count = 1;
    }
    /* The self-test has six. */
    for (uint32_t layers = 16; layers >= 10; layers--) {
        struct compose_gles_options options = options_for(GL_PROGRAM_FRAGMENT);
        char fault[60];
        snprintf(fault, sizeof fault, "oom-layers=%u", layers);
        options.sprite_bytes = 32 * 256 * 256 * 4;
        if (live(&options, fault) != COMPOSED)
            fail_msg("%s", reason.text);
        assert_true(facts.page_count > 16);
        assert_in_range(facts.layer_count, layers / 2, layers);
    }
    scene_finish(&scene);
    make_scene();
}

static void calls_that_are_refused_are_noticed(void **state)
{
    (void)state;
    assert_true(live_everywhere("refuse", false) >= 50);
    assert_true(live_everywhere("refuse", true) >= 16);
}

static void resets_are_noticed(void **state)
{
    (void)state;
    assert_true(live_everywhere("reset", true) >= 15);
    struct compose_gles_options options = options_for(GL_PROGRAM_COMPUTE);
    assert_int_equal(live(&options, "reset"), REFUSED);
    assert_non_null(strstr(reason.text, "was reset"));
    unsigned struck = counts->struck;
    assert_int_equal(live(&options, "junk"), COMPOSED);
    assert_true(counts->struck > struck);
}

static void fences_that_fail_are_noticed(void **state)
{
    (void)state;
    assert_true(live_everywhere("no-fence", false) >= 6);
    assert_true(live_everywhere("wait-failed", false) >= 6);
    limit_ms = 150;
    assert_true(live_everywhere("hang", true) >= 2);
    struct compose_gles_options options = options_for(GL_PROGRAM_COMPUTE);
    assert_int_equal(live(&options, "hang"), REFUSED);
    assert_non_null(strstr(reason.text, "has not answered for 0.150 seconds"));
    /* Once is no failure: it is waited for again. */
    options.limit_ms = limit_ms = 0;
    assert_int_equal(live(&options, "hang@5"), COMPOSED);
}

static void mappings_that_fail_are_noticed(void **state)
{
    (void)state;
    assert_true(live_everywhere("map-null", false) >= 8);
    assert_true(live_everywhere("persistent-null map-null", false) >= 8);
    assert_true(live_everywhere("map-null", true) >= 4);
}

static void an_egl_that_fails_is_told(void **state)
{
    (void)state;
    static const char *const names[] = {"egl-initialize", "egl-config", "egl-context",
                                        "egl-current"};
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        assert_true(live_everywhere(names[index], false) >= 2);
        assert_true(live_everywhere(names[index], true) >= 2);
    }
}

static void functions_that_are_missing_are_told(void **state)
{
    (void)state;
    static const char *const names[] = {
#define NAME(type, name) "gl" #name,
        GL_FUNCTION_LIST(NAME) GL_FUNCTION_31_LIST(NAME)
#undef NAME
    };
    struct compose_gles_options options = options_for(GL_PROGRAM_COMPUTE);
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        char fault[100];
        snprintf(fault, sizeof fault, "missing=%s", names[index]);
        assert_int_equal(live(&options, fault), REFUSED);
        assert_non_null(strstr(reason.text, names[index]));
    }
    assert_int_equal(live(&options, "missing=glGetGraphicsResetStatusKHR"), COMPOSED);
}

/* Each allocation of the host fails in turn; there are no more when it goes well many times. */
static void every_allocation_can_fail(void **state)
{
    (void)state;
    struct compose_gles_options options = options_for(GL_PROGRAM_FRAGMENT);
    enum { ENOUGH = 12 };
    /* From there on for good, at every third one. */
    for (unsigned times = 0; times < 2; times++) {
        unsigned went_well = 0;
        unsigned failed = 0;
        for (unsigned nth = 1; went_well < ENOUGH; nth += 1 + 2 * times) {
            struct trouble trouble = {.allocation = nth, .for_good = times == 1};
            went_well = live_through(&options, &trouble) == COMPOSED ? went_well + 1 : 0;
            failed += went_well == 0;
            assert_true(went_well > 0 || reason.status == SGR_NO_MEMORY);
            assert_true(nth < TRIES_MAX);
        }
        printf("memory%s: %u places\n", times ? " for good" : "", failed);
        assert_true(failed > 20);
    }
}

static void a_device_lost_on_demand_is_mended(void **state)
{
    (void)state;
    struct compose_gles_options options = options_for(GL_PROGRAM_COMPUTE);
    struct sgr_error error = {SGR_OK, ""};
    struct batch_composer *composer = NULL;
    /* The count goes on for the whole program. */
    setenv("SGR_FAULT", "gles-lost@1+", 1);
    assert_int_equal(compose_gles_create(&scene.set, &options, &composer, NULL, &error), SGR_OK);
    assert_int_equal(batch_begin(composer, &error), SGR_OK);
    enum sgr_status status = compose_all(&scene, composer, &batch, &error);
    check_reason(status, &error);
    assert_non_null(strstr(error.text, "SGR_FAULT"));
    unsetenv("SGR_FAULT");
    mend(composer, NULL);
    batch_end(composer);
    batch_destroy(&composer);
}

/* Batches that nobody collects leave nothing behind. */
static void batches_may_be_given_up(void **state)
{
    (void)state;
    for (int program = GL_PROGRAM_COMPUTE; program <= GL_PROGRAM_FRAGMENT; program++) {
        struct compose_gles_options options = options_for((enum gl_program_kind)program);
        struct sgr_error error = {SGR_OK, ""};
        struct batch_composer *composer = NULL;
        unsigned left = counts->left;
        set_trouble(NULL);
        assert_int_equal(compose_gles_create(&scene.set, &options, &composer, NULL, &error),
                         SGR_OK);
        for (unsigned pass = 0; pass < 3; pass++) {
            assert_int_equal(batch_begin(composer, &error), SGR_OK);
            for (unsigned slot = 0; slot < SLOTS; slot++) {
                size_t count = STRIPS;
                assert_int_equal(batch_submit(composer, slot, batch.strips, &count, &error),
                                 SGR_OK);
            }
            batch_end(composer);
        }
        assert_int_equal(batch_begin(composer, &error), SGR_OK);
        if (compose_all(&scene, composer, &batch, &error) != SGR_OK)
            fail_msg("%s", error.text);
        batch_end(composer);
        batch_destroy(&composer);
        assert_int_equal(counts->left, left);
    }
}

static int only_normal(void **state)
{
    (void)state;
    use_modes(false);
    return 0;
}

static int with_modes(void **state)
{
    (void)state;
    use_modes(true);
    return 0;
}

/* The shim, when it stands before EGL here. */
static bool find_shim(void)
{
    struct library library;
    struct sgr_error error = {SGR_OK, ""};
    if (library_open("libEGL.so.1", &library, &error) != SGR_OK)
        return false;
    gles_shim_counts_function *function =
        (gles_shim_counts_function *)library_find(&library, "gles_shim_counts");
    counts = function ? function() : NULL;
    return counts != NULL;
}

static bool find_device(void)
{
    struct egl_device devices[EGL_DEVICE_MAX];
    struct sgr_error error = {SGR_OK, ""};
    size_t device_count = 0;
    bool found = egl_device_choose("software", devices, &device_count, &error) == SGR_OK;
    if (found)
        device = devices[0];
    else
        printf("skipped: %s\n", error.text);
    return found;
}

static void skipped(void **state)
{
    (void)state;
    skip();
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    if (!find_shim() || !find_device()) {
        const struct CMUnitTest none[] = {cmocka_unit_test(skipped)};
        if (!counts)
            printf("skipped: libEGL.so.1 is not the one of tests/shim; ctest sets "
                   "LD_LIBRARY_PATH\n");
        return cmocka_run_group_tests(none, NULL, NULL);
    }
    make_scene();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(without_faults_all_is_right, with_modes),
        cmocka_unit_test_setup(programs_that_compute_wrongly_are_refused, with_modes),
        cmocka_unit_test_setup(what_does_not_compile_is_refused, with_modes),
        cmocka_unit_test_setup(mappings_that_lie_are_done_without, only_normal),
        cmocka_unit_test_setup(a_device_without_memory_is_told, with_modes),
        cmocka_unit_test_setup(fewer_pages_do, only_normal),
        cmocka_unit_test_setup(calls_that_are_refused_are_noticed, only_normal),
        cmocka_unit_test_setup(resets_are_noticed, only_normal),
        cmocka_unit_test_setup(fences_that_fail_are_noticed, only_normal),
        cmocka_unit_test_setup(mappings_that_fail_are_noticed, only_normal),
        cmocka_unit_test_setup(an_egl_that_fails_is_told, only_normal),
        cmocka_unit_test_setup(functions_that_are_missing_are_told, only_normal),
        cmocka_unit_test_setup(every_allocation_can_fail, only_normal),
        cmocka_unit_test_setup(a_device_lost_on_demand_is_mended, only_normal),
        cmocka_unit_test_setup(batches_may_be_given_up, only_normal),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    printf("%u composed, %u were refused, %u failed and were mended; %u faults\n", totals[COMPOSED],
           totals[REFUSED], totals[FAILED], counts->struck);
    scene_finish(&scene);
    return failed;
}
