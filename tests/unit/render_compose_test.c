/*
 * Runs whose strips are composed by batches: whatever a composer does, takes or fails, the files
 * are those of a run on the CPU, and the run is told about it once.
 */
#include "api_fixture.h"
#include "batch_fixture.h"

#include "pipeline/render.h"

#include "api/sgr_plan.h"

enum { ITEMS = 18, COMPOSERS_MAX = 2, BAND_ROWS = SIDE / 4 };

/* What was logged; render_run promises one call at a time. */
struct heard {
    unsigned warnings;
    unsigned notices;
    char warning[256];
};

/* A plan, and how it is run. */
struct trial {
    struct fixture *fixture;
    struct sgr_plan *plan;
    unsigned threads;
    bool reuse;
    unsigned composer_count;
    struct fake_options fakes[COMPOSERS_MAX];
    struct sgr_cancel *cancel;
    uint64_t fail_at; /* this allocation of the run fails; 0: none */
    /* What came of it. */
    struct sgr_generate_result result;
    struct heard heard;
    unsigned calls[COMPOSERS_MAX][FAKE_CALLS];
    char digest[65];
};

static void hear(void *context, enum sgr_log_level level, const char *text)
{
    struct heard *heard = context;
    heard->warnings += level == SGR_LOG_WARNING;
    heard->notices += level == SGR_LOG_NOTICE;
    if (level == SGR_LOG_WARNING)
        snprintf(heard->warning, sizeof heard->warning, "%s", text);
}

static void describe_nothing(void *context, const struct plan_item *item, struct text *out)
{
    (void)context;
    text_format(out, "%" PRIu64, item->id);
}

static void check_calls(struct trial *trial, unsigned index, const struct fake *fake)
{
    bool begun = fake->options.faults[FAKE_BEGIN].first != 1;
    memcpy(trial->calls[index], fake->calls, sizeof fake->calls);
    assert_true(fake->calls[FAKE_BEGIN] <= 1);
    assert_int_equal(fake->ends, begun ? fake->calls[FAKE_BEGIN] : 0);
    assert_true(fake->calls[FAKE_RESTART] <= 1);
}

/* Runs into a folder of the fixture, or into none when it is NULL. */
static enum sgr_status run_trial(struct trial *trial, const char *folder)
{
    struct fixture *fixture = trial->fixture;
    struct sgr_plan *plan = trial->plan;
    const struct plan_choices *choices = plan_choices(plan->plan);
    struct selection all = {0};
    struct item_store *store = NULL;
    struct batch_composer *composers[COMPOSERS_MAX] = {NULL, NULL};
    struct fake *fakes[COMPOSERS_MAX] = {NULL, NULL};
    struct render_options options = {.plan = plan->plan,
                                     .sprites = plan->sprites,
                                     .selection = &all,
                                     .threads = trial->threads,
                                     .fragment_bytes = 1 << 20,
                                     .reuse = trial->reuse,
                                     .composers = composers,
                                     .composer_count = trial->composer_count,
                                     .cancel = trial->cancel,
                                     .log = {&trial->heard, hear},
                                     .describe = describe_nothing};
    trial->heard = (struct heard){0};
    trial->result = (struct sgr_generate_result){.threads = 0};
    OK(fixture, kernel_choose(NULL, &options.kernels, NULL));
    OK(fixture, visibility_create(plan->sprites, choices->band_edges, choices->band_count, 0,
                                  &options.visibility, NULL));
    OK(fixture,
       compose_cpu_create(plan->sprites, options.kernels, trial->threads, &options.compose, NULL));
    OK(fixture, selection_all(&all, plan->plan, NULL));
    OK(fixture,
       item_store_open(folder ? full_path(fixture, folder) : NULL, &store, &fixture->error));
    options.store = store;
    for (unsigned index = 0; index < trial->composer_count; index++)
        composers[index] = make_fake(plan->sprites, &trial->fakes[index], &fakes[index]);
    memory_fail_after(trial->fail_at, false);
    enum sgr_status status = render_run(&options, &trial->result, &fixture->error);
    memory_fail_after(0, false);
    for (unsigned index = 0; index < trial->composer_count; index++) {
        check_calls(trial, index, fakes[index]);
        batch_destroy(&composers[index]);
    }
    item_store_close(&store);
    visibility_destroy(&options.visibility);
    compose_destroy(&options.compose);
    selection_finish(&all);
    return status;
}

/* Removes a folder of the fixture. */
static void remove_folder(struct fixture *fixture, const char *folder)
{
    temporary_folder_remove(full_path(fixture, folder));
}

/* Runs into a new folder and holds the files to those of the run on the CPU. */
static void expect_same(struct trial *trial)
{
    OK(trial->fixture, run_trial(trial, "out"));
    assert_int_equal(trial->result.progress.items_done, ITEMS);
    assert_string_equal(digest_of(trial->fixture, "out"), trial->digest);
    remove_folder(trial->fixture, "out");
    uint64_t composed = trial->result.stages[SGR_STAGE_COMPOSE].count;
    assert_int_equal(composed, trial->result.progress.strips_made);
    assert_int_equal(composed, trial->result.stages[SGR_STAGE_ENCODE].count);
    assert_true(trial->result.strips_batched <= composed);
    uint64_t bytes = trial->result.stages[SGR_STAGE_COMPOSE].bytes;
    assert_true(trial->reuse ? bytes <= ITEMS * SIDE * SIDE * 4 : bytes == ITEMS * SIDE * SIDE * 4);
}

/* Makes a plan in bands of some rows, and what the CPU makes of it. */
static void trial_init(struct trial *trial, struct fixture *fixture, uint32_t band_rows)
{
    struct sgr_plan_options options = {.count = ITEMS, .seed = "seed", .band_rows = band_rows};
    *trial = (struct trial){.fixture = fixture, .threads = 2};
    put_art(fixture, SIDE);
    struct sgr_art *art = open_art(fixture, NULL);
    OK(fixture, sgr_plan_create(art, &options, &trial->plan, &fixture->error));
    sgr_art_close(&art);
    OK(fixture, run_trial(trial, "cpu"));
    strcpy(trial->digest, digest_of(fixture, "cpu"));
    assert_int_equal(trial->result.composers, 0);
    assert_int_equal(trial->result.strips_batched, 0);
}

/* A composer whose slots hold a few bands, as many as the workers want. */
static struct fake_options usual_fake(const struct trial *trial, size_t bands)
{
    return (struct fake_options){.slot_count = trial->threads + 2,
                                 .slot_pixels = bands * BAND_ROWS * SIDE};
}

/* Says that the composers made everything, and nobody complained. */
static void expect_all_batched(const struct trial *trial)
{
    assert_int_equal(trial->result.composers, trial->composer_count);
    assert_int_equal(trial->result.strips_batched, trial->result.progress.strips_made);
    assert_int_equal(trial->heard.warnings + trial->heard.notices, 0);
}

static void batches_make_the_same_files(void **state)
{
    static const struct fake_options modes[] = {
        {.late = false},
        {.late = true},
        {.take_most = 1},
        {.not_done = 3},
        {.late = true, .take_most = 2, .not_done = 1},
        {.delay_us = 300},
    };
    struct trial trial;
    trial_init(&trial, *state, BAND_ROWS);
    for (size_t mode = 0; mode < sizeof modes / sizeof *modes; mode++) {
        for (unsigned way = 0; way < 8; way++) {
            trial.threads = way % 4 + 1;
            trial.composer_count = (way + (unsigned)mode) % COMPOSERS_MAX + 1;
            trial.reuse = way & 1;
            for (unsigned index = 0; index < trial.composer_count; index++) {
                struct fake_options usual = usual_fake(&trial, 1 + way % 3);
                trial.fakes[index] = modes[mode];
                trial.fakes[index].slot_count = usual.slot_count;
                trial.fakes[index].slot_pixels = usual.slot_pixels;
            }
            expect_same(&trial);
            expect_all_batched(&trial);
        }
    }
    sgr_plan_close(&trial.plan);
}

static void one_slot_or_many_and_any_room_are_enough(void **state)
{
    struct trial trial;
    trial_init(&trial, *state, BAND_ROWS);
    trial.composer_count = 1;
    for (unsigned slots = 1; slots <= 9; slots += 4) {
        for (unsigned way = 0; way < 4; way++) {
            trial.threads = way + 1;
            trial.reuse = way & 1;
            trial.fakes[0] = (struct fake_options){
                .slot_count = slots, .slot_pixels = (size_t)BAND_ROWS * SIDE * (way * 50 + 1) + 7};
            expect_same(&trial);
            expect_all_batched(&trial);
        }
    }
    sgr_plan_close(&trial.plan);
}

static void plans_of_any_bands_are_composed(void **state)
{
    static const uint32_t rows[] = {SIDE, 1, 20, 47};
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        struct trial trial;
        trial_init(&trial, *state, rows[index]);
        trial.composer_count = 1 + index % 2;
        for (unsigned way = 0; way < 4; way++) {
            trial.threads = way + 1;
            trial.reuse = way & 1;
            /* The tallest band just fits, or has much room. */
            size_t pixels = (size_t)rows[index] * SIDE * (way < 2 ? 1 : 9);
            trial.fakes[0] = trial.fakes[1] =
                (struct fake_options){.slot_count = way + 3, .slot_pixels = pixels};
            expect_same(&trial);
            expect_all_batched(&trial);
        }
        remove_folder(*state, "cpu");
        sgr_plan_close(&trial.plan);
    }
}

static void strips_that_no_slot_holds_are_left_to_the_cpu(void **state)
{
    struct trial trial;
    trial_init(&trial, *state, 20);
    trial.composer_count = 2;
    trial.fakes[0] = trial.fakes[1] =
        (struct fake_options){.slot_count = 4, .slot_pixels = 20 * SIDE - 1};
    expect_same(&trial);
    assert_int_equal(trial.result.composers, 0);
    assert_int_equal(trial.heard.warnings, 2);
    assert_string_equal(trial.heard.warning, "fake: rows 0 to 20 of an item are more than the 959 "
                                             "pixels it draws at once; going on with the CPU");
    trial.fakes[0].slot_pixels++;
    expect_same(&trial);
    assert_int_equal(trial.result.composers, 1);
    assert_int_equal(trial.heard.warnings, 1);
    assert_int_equal(trial.result.strips_batched, trial.result.progress.strips_made);
    sgr_plan_close(&trial.plan);
}

/* Lets a call fail at the Nth time, then runs; the ways of running take turns. */
static void fail_call(struct trial *trial, enum fake_call call, unsigned nth, bool for_ever)
{
    trial->threads = nth % 4 + 1;
    trial->reuse = nth % 3 == 0;
    trial->composer_count = nth / 4 % COMPOSERS_MAX + 1;
    for (unsigned index = 0; index < trial->composer_count; index++) {
        trial->fakes[index] = usual_fake(trial, 1 + nth % 2);
        trial->fakes[index].late = nth % 5 < 2;
        trial->fakes[index].not_done = nth % 7 == 0;
        trial->fakes[index].faults[call] = (struct fake_fault){nth, for_ever ? UINT_MAX : nth};
    }
    expect_same(trial);
}

/* Each composer restarts once at its first failure, and is given up, with one line, at its next. */
static void expect_told(const struct trial *trial, enum fake_call call)
{
    unsigned given_up = 0;
    unsigned restarted = 0;
    for (unsigned index = 0; index < trial->composer_count; index++) {
        struct fake_fault fault = trial->fakes[index].faults[call];
        unsigned calls = trial->calls[index][call];
        unsigned failures = fault.first == 0 || calls < fault.first ? 0 : calls - fault.first + 1;
        if (fault.first > 0 && failures > fault.last - fault.first + 1)
            failures = fault.last - fault.first + 1;
        assert_true(failures <= 2);
        assert_int_equal(trial->calls[index][FAKE_RESTART], failures > 0);
        restarted += failures > 0;
        given_up += failures == 2;
    }
    assert_int_equal(trial->heard.notices, restarted);
    assert_int_equal(trial->heard.warnings, given_up);
    if (given_up < trial->composer_count)
        assert_int_equal(trial->result.strips_batched, trial->result.progress.strips_made);
}

static void a_call_that_fails_costs_no_byte(void **state)
{
    static const enum fake_call calls[] = {FAKE_SUBMIT, FAKE_COLLECT};
    struct trial trial;
    unsigned restarts = 0;
    trial_init(&trial, *state, BAND_ROWS);
    for (unsigned nth = 0; nth <= 30; nth++) {
        for (int call = 0; call < 2; call++) {
            for (int for_ever = 0; for_ever < 2 - (nth == 0); for_ever++) {
                fail_call(&trial, calls[call], nth, for_ever);
                expect_told(&trial, calls[call]);
                restarts += trial.heard.notices;
            }
        }
    }
    assert_true(restarts > 30);
    sgr_plan_close(&trial.plan);
}

static void a_composer_that_never_works_is_given_up_with_one_line(void **state)
{
    struct trial trial;
    trial_init(&trial, *state, BAND_ROWS);
    for (unsigned threads = 1; threads <= 4; threads++) {
        trial.threads = threads;
        trial.composer_count = 1;
        trial.fakes[0] = usual_fake(&trial, 2);
        trial.fakes[0].faults[FAKE_COLLECT] = (struct fake_fault){1, UINT_MAX};
        expect_same(&trial);
        assert_int_equal(trial.result.strips_batched, 0);
        assert_int_equal(trial.result.composers, 1);
        assert_int_equal(trial.heard.notices, 1);
        assert_int_equal(trial.heard.warnings, 1);
        assert_string_equal(trial.heard.warning, "fake: collect 2 failed; going on with the CPU");
    }
    sgr_plan_close(&trial.plan);
}

static void a_composer_that_refuses_strips_is_not_started_anew(void **state)
{
    struct trial trial;
    trial_init(&trial, *state, BAND_ROWS);
    trial.composer_count = 1;
    for (unsigned nth = 1; nth <= 5; nth++) {
        trial.threads = nth % 4 + 1;
        trial.fakes[0] = usual_fake(&trial, 1);
        trial.fakes[0].faults[FAKE_SUBMIT] = (struct fake_fault){nth, UINT_MAX};
        trial.fakes[0].refuses = true;
        expect_same(&trial);
        assert_int_equal(trial.calls[0][FAKE_RESTART], 0);
        assert_int_equal(trial.heard.notices, 0);
        assert_int_equal(trial.heard.warnings, 1);
    }
    sgr_plan_close(&trial.plan);
}

static void a_restart_that_fails_is_the_second_failure(void **state)
{
    struct trial trial;
    trial_init(&trial, *state, BAND_ROWS);
    trial.composer_count = 1;
    for (unsigned nth = 1; nth <= 30; nth++) {
        trial.threads = nth % 4 + 1;
        trial.fakes[0] = usual_fake(&trial, 1);
        trial.fakes[0].faults[FAKE_SUBMIT] = (struct fake_fault){nth, nth};
        trial.fakes[0].faults[FAKE_RESTART] = (struct fake_fault){1, 1};
        expect_same(&trial);
        assert_int_equal(trial.calls[0][FAKE_SUBMIT], nth);
        assert_int_equal(trial.heard.warnings, 1);
        assert_string_equal(trial.heard.warning, "fake: restart 1 failed; going on with the CPU");
        assert_true(trial.result.strips_batched < nth);
    }
    sgr_plan_close(&trial.plan);
}

static void a_composer_that_does_not_begin_is_done_without(void **state)
{
    struct trial trial;
    trial_init(&trial, *state, BAND_ROWS);
    for (unsigned composers = 1; composers <= 2; composers++) {
        trial.composer_count = composers;
        trial.fakes[0] = trial.fakes[1] = usual_fake(&trial, 2);
        trial.fakes[0].faults[FAKE_BEGIN] = (struct fake_fault){1, 1};
        expect_same(&trial);
        assert_int_equal(trial.heard.notices, 0);
        assert_int_equal(trial.heard.warnings, 1);
        assert_string_equal(trial.heard.warning, "fake: begin 1 failed; going on with the CPU");
        assert_int_equal(trial.result.strips_batched,
                         composers == 1 ? 0 : trial.result.progress.strips_made);
    }
    sgr_plan_close(&trial.plan);
}

static void a_run_stopped_on_its_way_goes_on(void **state)
{
    struct trial trial;
    struct sgr_cancel cancel = {0};
    unsigned stopped = 0;
    trial_init(&trial, *state, BAND_ROWS);
    trial.composer_count = 1;
    for (unsigned at = 1; at <= 12; at++) {
        trial.threads = (at - 1) % 4 + 1;
        trial.reuse = at & 1;
        trial.fakes[0] = usual_fake(&trial, 1);
        trial.fakes[0].late = at & 2;
        trial.fakes[0].cancel = &cancel;
        trial.fakes[0].cancel_at = at;
        trial.cancel = &cancel;
        enum sgr_status status = run_trial(&trial, "out");
        assert_true(status == SGR_OK || status == SGR_INTERRUPTED);
        stopped += status == SGR_INTERRUPTED;
        assert_int_equal(count_names(*state, "out/images"), trial.result.progress.items_done);
        sgr_cancel_request(&cancel, SGR_OK);
        trial.cancel = NULL;
        trial.fakes[0].cancel = NULL;
        OK(trial.fixture, run_trial(&trial, "out"));
        assert_string_equal(digest_of(*state, "out"), trial.digest);
        remove_folder(*state, "out");
    }
    /* One worker has fewer items in flight than there are, and none is whole at the first batch. */
    assert_true(stopped > 0);
    sgr_plan_close(&trial.plan);
}

/* Makes folders where the items' images shall go, and a name for tries, or removes them. */
static void block_names(struct fixture *fixture, bool block)
{
    for (unsigned item = 0; item <= ITEMS; item++) {
        char name[32] = "out/images/.probe";
        if (item > 0)
            snprintf(name, sizeof name, "out/images/%u.png", item);
        if (block)
            OK(fixture, file_make_folders(full_path(fixture, name), &fixture->error));
        else
            assert_int_equal(rmdir(full_path(fixture, name)), 0);
    }
}

static void a_run_that_fails_leaves_batches_where_they_are(void **state)
{
    struct trial trial;
    struct fixture *fixture = *state;
    trial_init(&trial, fixture, BAND_ROWS);
    trial.composer_count = 1;
    for (unsigned way = 0; way < 12; way++) {
        struct item_store *store = NULL;
        trial.threads = way % 4 + 1;
        trial.reuse = way & 1;
        trial.fakes[0] = usual_fake(&trial, 1 + way % 2);
        trial.fakes[0].not_done = way % 3;
        trial.fakes[0].delay_us = way % 2 ? 200 : 0;
        if (way & 4)
            trial.fakes[0].faults[FAKE_COLLECT] = (struct fake_fault){way, UINT_MAX};
        OK(fixture, item_store_open(full_path(fixture, "out"), &store, &fixture->error));
        item_store_close(&store);
        block_names(fixture, true);
        assert_int_equal(run_trial(&trial, "out"), SGR_OUTPUT);
        block_names(fixture, false);
        trial.fakes[0].faults[FAKE_COLLECT] = (struct fake_fault){0, 0};
        OK(fixture, run_trial(&trial, "out"));
        assert_string_equal(digest_of(fixture, "out"), trial.digest);
        remove_folder(fixture, "out");
    }
    sgr_plan_close(&trial.plan);
}

/* The heap fails for engine and composer alike; a run that could not be made says so. */
static void failing_memory_ends_a_run_or_a_composer(void **state)
{
    struct trial trial;
    struct fixture *fixture = *state;
    trial_init(&trial, fixture, BAND_ROWS);
    unsigned failures = 0;
    int handles = count_handles();
    for (unsigned nth = 1; nth <= 250; nth++) {
        trial.threads = nth % 3 + 1;
        trial.reuse = nth & 1;
        trial.composer_count = nth / 2 % COMPOSERS_MAX + 1;
        trial.fakes[0] = trial.fakes[1] = usual_fake(&trial, 1);
        trial.fakes[0].late = nth & 4;
        trial.fail_at = nth;
        enum sgr_status status = run_trial(&trial, NULL);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        if (status == SGR_OK)
            assert_int_equal(trial.result.progress.items_done, ITEMS);
        else
            assert_true(fixture->error.text[0] != '\0');
        failures += status != SGR_OK;
        assert_int_equal(count_handles(), handles);
    }
    assert_true(failures > 50);
    trial.fail_at = 0;
    expect_same(&trial);
    sgr_plan_close(&trial.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(batches_make_the_same_files),
        TEST(one_slot_or_many_and_any_room_are_enough),
        TEST(plans_of_any_bands_are_composed),
        TEST(strips_that_no_slot_holds_are_left_to_the_cpu),
        TEST(a_call_that_fails_costs_no_byte),
        TEST(a_composer_that_never_works_is_given_up_with_one_line),
        TEST(a_composer_that_refuses_strips_is_not_started_anew),
        TEST(a_restart_that_fails_is_the_second_failure),
        TEST(a_composer_that_does_not_begin_is_done_without),
        TEST(a_run_stopped_on_its_way_goes_on),
        TEST(a_run_that_fails_leaves_batches_where_they_are),
        TEST(failing_memory_ends_a_run_or_a_composer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
