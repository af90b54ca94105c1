/*
 * Every allocation of every large call fails once: the call says so, leaves nothing, and works the
 * next time. Then plans whose bytes were changed under right hashes are opened and rendered. An
 * argument is the seed.
 */
#include "api_fixture.h"

#include "api/sgr_art.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"
#include "os/machine.h"
#include "plan/plan_format.h"

static const char *seed;

/* What the calls under test work on. */
struct given {
    struct fixture *fixture;
    struct sgr_art_options art_options;
    struct sgr_plan_options plan_options;
    struct sgr_generate_options options;
    struct sgr_generate_result result;
    struct sgr_art *art;
    struct sgr_plan *plan;
    const char *plan_path;
    struct sgr_error error;
};

static struct given make_given(struct fixture *fixture)
{
    put_art(fixture, SIDE);
    struct given given = {.fixture = fixture, .plan_options = {.count = 9, .band_rows = SIDE / 4}};
    given.art_options.path = strdup(full_path(fixture, "art"));
    given.plan_path = strdup(full_path(fixture, "plan.sgp"));
    given.art_options.threads = 1;
    given.options.out = "null:";
    given.options.threads = 1;
    return given;
}

static void finish_given(struct given *given)
{
    sgr_plan_close(&given->plan);
    sgr_art_close(&given->art);
    free((void *)(uintptr_t)given->art_options.path);
    free((void *)(uintptr_t)given->plan_path);
}

typedef enum sgr_status (*call)(struct given *given);

/* Fails allocation 1, 2, ... until the call succeeds; handles must not leak. */
static void fail_each(struct given *given, call called, const char *name)
{
    struct text wrong = {0};
    int handles = count_handles();
    for (int for_good = 0; for_good < 2; for_good++) {
        enum sgr_status status = SGR_NO_MEMORY;
        uint64_t nth = 1;
        for (; status != SGR_OK && nth < 20000; nth++) {
            given->error.text[0] = '\0';
            memory_fail_after(nth, for_good);
            status = called(given);
            memory_fail_after(0, false);
            if (status != SGR_OK && status != SGR_NO_MEMORY && wrong.length < 2000)
                text_format(&wrong, "%s, allocation %" PRIu64 ": status %d, %s\n", name, nth,
                            status, given->error.text);
            if (status == SGR_NO_MEMORY)
                assert_true(given->error.text[0] != '\0');
        }
        assert_int_equal(status, SGR_OK);
    }
    assert_int_equal(count_handles(), handles);
    if (wrong.length)
        fail_msg("%s", wrong.bytes);
}

static enum sgr_status open_and_close_art(struct given *given)
{
    struct sgr_art *art = NULL;
    enum sgr_status status = sgr_art_open(&given->art_options, &art, &given->error);
    assert_true((art != NULL) == (status == SGR_OK));
    sgr_art_close(&art);
    return status;
}

static void opening_art_survives_failing_memory(void **state)
{
    struct given given = make_given(*state);
    fail_each(&given, open_and_close_art, "sgr_art_open");
    finish_given(&given);
}

static enum sgr_status create_and_close_plan(struct given *given)
{
    struct sgr_plan *plan = NULL;
    enum sgr_status status =
        sgr_plan_create(given->art, &given->plan_options, &plan, &given->error);
    assert_true((plan != NULL) == (status == SGR_OK));
    sgr_plan_close(&plan);
    return status;
}

static void creating_a_plan_survives_failing_memory(void **state)
{
    struct given given = make_given(*state);
    OK(&given, sgr_art_open(&given.art_options, &given.art, &given.error));
    fail_each(&given, create_and_close_plan, "sgr_plan_create");
    given.art->options.threads = 3;
    fail_each(&given, create_and_close_plan, "sgr_plan_create on three threads");
    finish_given(&given);
}

static void make_plan_in(struct given *given)
{
    OK(given, sgr_art_open(&given->art_options, &given->art, &given->error));
    OK(given, sgr_plan_create(given->art, &given->plan_options, &given->plan, &given->error));
    OK(given, sgr_plan_save(given->plan, given->plan_path, &given->error));
}

static enum sgr_status open_and_close_plan(struct given *given)
{
    struct sgr_plan *plan = NULL;
    enum sgr_status status =
        sgr_plan_open(given->plan_path, &given->art_options, &plan, &given->error);
    assert_true((plan != NULL) == (status == SGR_OK));
    sgr_plan_close(&plan);
    return status;
}

static enum sgr_status save_plan(struct given *given)
{
    return sgr_plan_save(given->plan, given->plan_path, &given->error);
}

static void opening_and_saving_a_plan_survive_failing_memory(void **state)
{
    struct given given = make_given(*state);
    make_plan_in(&given);
    fail_each(&given, open_and_close_plan, "sgr_plan_open");
    fail_each(&given, save_plan, "sgr_plan_save");
    finish_given(&given);
}

static void extending_a_plan_survives_failing_memory(void **state)
{
    struct given given = make_given(*state);
    make_plan_in(&given);
    given.plan_options.extend = given.plan_path;
    given.plan_options.count = 11;
    fail_each(&given, create_and_close_plan, "sgr_plan_create that extends");
    finish_given(&given);
}

static enum sgr_status generate(struct given *given)
{
    return sgr_generate(given->plan, &given->options, &given->result, &given->error);
}

static void a_run_to_nowhere_survives_failing_memory(void **state)
{
    struct given given = make_given(*state);
    make_plan_in(&given);
    fail_each(&given, generate, "sgr_generate");
    given.options.no_reuse = 1;
    fail_each(&given, generate, "sgr_generate without reuse");
    given.options.threads = 3;
    fail_each(&given, generate, "sgr_generate on three threads");
    assert_int_equal(given.result.complete, 1);
    finish_given(&given);
}

/* Whatever was committed stays true, and the folder is finished in the end. */
static void a_run_into_a_folder_survives_failing_memory(void **state)
{
    struct given given = make_given(*state);
    char out[256];
    snprintf(out, sizeof out, "%s/out", given.fixture->folder);
    make_plan_in(&given);
    given.options.out = out;
    struct sgr_verify_result found;
    /* Later allocations of a run that goes on: every 5th keeps the test short. */
    uint64_t nth = 1;
    enum sgr_status status = SGR_NO_MEMORY;
    for (; status != SGR_OK && nth < 20000; nth += 5) {
        memory_fail_after(nth, false);
        status = generate(&given);
        memory_fail_after(0, false);
        if (status != SGR_OK && status != SGR_NO_MEMORY)
            fail_msg("allocation %" PRIu64 ": status %d, %s", nth, status, given.error.text);
    }
    assert_int_equal(given.result.complete, 1);
    OK(&given, sgr_verify(out, 1, NULL, NULL, &found, &given.error));
    assert_int_equal(found.items, 9);
    finish_given(&given);
}

static enum sgr_status render_pixels(struct given *given)
{
    static uint8_t pixels[SIDE * SIDE * 4];
    return sgr_render(given->plan, 3, pixels, sizeof pixels, &given->error);
}

static enum sgr_status render_file(struct given *given)
{
    char path[256];
    snprintf(path, sizeof path, "%s/one.png", given->fixture->folder);
    return sgr_render_file(given->plan, 3, path, &given->error);
}

static enum sgr_status report(struct given *given)
{
    /* The sink's own text must not be what fails. */
    static char room[1 << 16];
    struct text text = {.bytes = room, .capacity = sizeof room};
    struct sgr_sink sink = sink_to(&text);
    enum sgr_status status = sgr_art_describe(given->art, SGR_FORMAT_JSON, &sink, &given->error);
    if (status == SGR_OK)
        status = sgr_plan_describe(given->plan, SGR_FORMAT_TEXT, &sink, &given->error);
    if (status == SGR_OK)
        status = sgr_plan_export(given->plan, SGR_FORMAT_JSON_LINES, &sink, &given->error);
    if (status == SGR_OK)
        status = sgr_plan_export(given->plan, SGR_FORMAT_CSV, &sink, &given->error);
    if (status == SGR_OK)
        status = sgr_generate_describe(given->plan, &given->result, SGR_FORMAT_JSON, &sink,
                                       &given->error);
    return status;
}

static enum sgr_status write_sheets(struct given *given)
{
    struct sgr_sheets sheets;
    char path[256];
    snprintf(path, sizeof path, "%s/sheets", given->fixture->folder);
    return sgr_art_write_sheets(given->art, path, &sheets, &given->error);
}

static void sheets_survive_failing_memory(void **state)
{
    struct given given = make_given(*state);
    make_plan_in(&given);
    fail_each(&given, write_sheets, "sgr_art_write_sheets");
    assert_int_equal(count_names(given.fixture, "sheets"), 1);
    finish_given(&given);
}

static void one_item_and_reports_survive_failing_memory(void **state)
{
    struct given given = make_given(*state);
    make_plan_in(&given);
    fail_each(&given, render_pixels, "sgr_render");
    fail_each(&given, render_file, "sgr_render_file");
    fail_each(&given, report, "reports");
    assert_int_equal(count_names(given.fixture, ""), 3);
    finish_given(&given);
}

/* Makes the header's and the tables' hashes right again; blocks are left as they are. */
static void rehash(uint8_t *bytes, size_t size)
{
    for (int section = PLAN_SECTION_INDEX; section < PLAN_SECTION_COUNT; section++) {
        uint8_t *row = bytes + PLAN_HEADER_SECTIONS + section * PLAN_SECTION_BYTES;
        uint64_t offset = bytes_load(row, 8);
        uint64_t length = bytes_load(row + 8, 8);
        if (offset <= size && length <= size - offset)
            bytes_store(row + 16, hash_64(bytes + offset, (size_t)length), 8);
    }
    bytes_store(bytes + PLAN_HEADER_HASHED, hash_64(bytes, PLAN_HEADER_HASHED), 8);
}

/* Writes a plan file with some other bytes under hashes that are right. */
static void put_hostile_plan(struct given *given, const uint8_t *whole, size_t size,
                             struct random *random)
{
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    memcpy(bytes, whole, size);
    for (uint64_t changes = 1 + random_below(random, 3); changes > 0; changes--)
        bytes[8 + random_below(random, size - 8)] =
            (uint8_t)(random_below(random, 2) ? random_next(random) : random_below(random, 4));
    rehash(bytes, size);
    put_bytes(given->fixture, "plan.sgp", bytes, size);
    free(bytes);
}

static void hostile_plans_extend_or_are_refused(void **state)
{
    struct given given = make_given(*state);
    struct random random;
    uint8_t *whole = NULL;
    size_t size = 0;
    int extended = 0;
    random_init(&random, seed, 2);
    make_plan_in(&given);
    given.plan_options.extend = given.plan_path;
    given.plan_options.count = 11;
    OK(&given, file_read(given.plan_path, 1 << 20, &whole, &size, &given.error));
    for (int round = 0; round < 1500; round++) {
        struct sgr_plan *plan = NULL;
        put_hostile_plan(&given, whole, size, &random);
        enum sgr_status status =
            sgr_plan_create(given.art, &given.plan_options, &plan, &given.error);
        if (status == SGR_OK) {
            status = sgr_generate(plan, &given.options, &given.result, &given.error);
            extended += status == SGR_OK;
        }
        if (status != SGR_OK && status != SGR_INPUT && status != SGR_USAGE &&
            status != SGR_INFEASIBLE)
            fail_msg("round %d: status %d, %s", round, status, given.error.text);
        sgr_plan_close(&plan);
    }
    assert_true(extended > 20);
    memory_free(whole);
    finish_given(&given);
}

static void hostile_plans_render_or_are_refused(void **state)
{
    struct given given = make_given(*state);
    struct random random;
    uint8_t *whole = NULL;
    size_t size = 0;
    int rendered = 0;
    random_init(&random, seed, 1);
    make_plan_in(&given);
    OK(&given, file_read(given.plan_path, 1 << 20, &whole, &size, &given.error));
    for (int round = 0; round < 1500; round++) {
        struct sgr_plan *plan = NULL;
        put_hostile_plan(&given, whole, size, &random);
        enum sgr_status status =
            sgr_plan_open(given.plan_path, &given.art_options, &plan, &given.error);
        if (status == SGR_OK) {
            status = sgr_generate(plan, &given.options, &given.result, &given.error);
            rendered += status == SGR_OK;
        }
        if (status != SGR_OK && status != SGR_INPUT && status != SGR_USAGE)
            fail_msg("round %d: status %d, %s", round, status, given.error.text);
        sgr_plan_close(&plan);
    }
    assert_true(rendered > 20);
    memory_free(whole);
    finish_given(&given);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        TEST(opening_art_survives_failing_memory),
        TEST(creating_a_plan_survives_failing_memory),
        TEST(opening_and_saving_a_plan_survive_failing_memory),
        TEST(extending_a_plan_survives_failing_memory),
        TEST(a_run_to_nowhere_survives_failing_memory),
        TEST(a_run_into_a_folder_survives_failing_memory),
        TEST(one_item_and_reports_survive_failing_memory),
        TEST(sheets_survive_failing_memory),
        TEST(hostile_plans_render_or_are_refused),
        TEST(hostile_plans_extend_or_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
