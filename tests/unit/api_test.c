/*
 * The public border: bad input is normal there, so every call answers it with a status. Calls with
 * nothing at all run in a child, so that one that crashes does not hide the others.
 */
#include "api_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* What calls need beside what is missing. */
struct given {
    struct sgr_art *art;
    struct sgr_plan *plan;
    struct sgr_sink sink;
    struct text text;
    const char *art_path;
    const char *plan_path;
};

static struct given given;

static int take_given(struct fixture *fixture)
{
    put_art(fixture, SIDE);
    given = (struct given){.art = open_art(fixture, NULL), .plan = make_plan(fixture, 6)};
    given.sink = sink_to(&given.text);
    given.art_path = full_path(fixture, "art");
    given.plan_path = full_path(fixture, "plan.sgp");
    OK(fixture, sgr_plan_save(given.plan, given.plan_path, &fixture->error));
    return 0;
}

static void give_back(void)
{
    sgr_art_close(&given.art);
    sgr_plan_close(&given.plan);
    text_finish(&given.text);
}

/* One call that must not crash; answers the status that it gave. */
typedef enum sgr_status (*bad_call)(void);

static int run_in_child(bad_call call)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        (void)dup2(nowhere, 2);
        signal(SIGSEGV, SIG_DFL);
        _exit((int)call());
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define CALL(name, expression)                                                                     \
    static enum sgr_status name(void)                                                              \
    {                                                                                              \
        return (expression);                                                                       \
    }

static struct sgr_art *no_art;
static struct sgr_plan *no_plan;
static struct sgr_sheets no_sheets;
static const struct sgr_art_options no_art_options;
static const struct sgr_generate_options no_generate_options;
static const struct sgr_sink no_sink;
static struct sgr_generate_result run_result;
static struct sgr_verify_result verify_result;
static const struct sgr_bench_options no_bench_options;
static struct sgr_bench_result bench_result;
static uint64_t number;
static uint32_t side;
static uint8_t pixels[SIDE * SIDE * 4];

static const struct sgr_art_options *named_art(void)
{
    static struct sgr_art_options options;
    options.path = given.art_path;
    return &options;
}

static const struct sgr_generate_options *named_out(void)
{
    static struct sgr_generate_options options;
    options.out = "null:";
    return &options;
}

CALL(art_open_without_options, sgr_art_open(NULL, &no_art, NULL))
CALL(art_open_without_path, sgr_art_open(&no_art_options, &no_art, NULL))
CALL(art_open_without_out, sgr_art_open(named_art(), NULL, NULL))
CALL(art_describe_without_art, sgr_art_describe(NULL, SGR_FORMAT_TEXT, &given.sink, NULL))
CALL(art_describe_without_sink, sgr_art_describe(given.art, SGR_FORMAT_TEXT, NULL, NULL))
CALL(art_describe_with_empty_sink, sgr_art_describe(given.art, SGR_FORMAT_TEXT, &no_sink, NULL))
CALL(art_check_without_art, sgr_art_check_pictures(NULL, NULL))
CALL(art_sheets_without_art, sgr_art_write_sheets(NULL, given.plan_path, &no_sheets, NULL))
CALL(art_sheets_without_folder, sgr_art_write_sheets(given.art, NULL, &no_sheets, NULL))
CALL(art_sheets_without_out, sgr_art_write_sheets(given.art, given.plan_path, NULL, NULL))
CALL(art_count_without_art, (number = sgr_art_count(NULL), number ? SGR_OK : SGR_USAGE))
CALL(art_warnings_without_art, (number = sgr_art_warning_count(NULL), number ? SGR_OK : SGR_USAGE))
CALL(art_close_without_place, (sgr_art_close(NULL), SGR_USAGE))
CALL(plan_create_without_art, sgr_plan_create(NULL, NULL, &no_plan, NULL))
CALL(plan_create_without_out, sgr_plan_create(given.art, NULL, NULL, NULL))
CALL(plan_open_without_path, sgr_plan_open(NULL, named_art(), &no_plan, NULL))
CALL(plan_open_without_options, sgr_plan_open(given.plan_path, NULL, &no_plan, NULL))
CALL(plan_open_without_art, sgr_plan_open(given.plan_path, &no_art_options, &no_plan, NULL))
CALL(plan_open_without_out, sgr_plan_open(given.plan_path, named_art(), NULL, NULL))
CALL(plan_close_without_place, (sgr_plan_close(NULL), SGR_USAGE))
CALL(plan_save_without_plan, sgr_plan_save(NULL, given.plan_path, NULL))
CALL(plan_save_without_path, sgr_plan_save(given.plan, NULL, NULL))
CALL(plan_count_without_plan, (number = sgr_plan_count(NULL), number ? SGR_OK : SGR_USAGE))
CALL(plan_id_without_plan, sgr_plan_id(NULL, 0, &number, NULL))
CALL(plan_id_without_out, sgr_plan_id(given.plan, 0, NULL, NULL))
CALL(plan_id_past_the_end, sgr_plan_id(given.plan, 6, &number, NULL))
CALL(plan_size_without_plan, (sgr_plan_size(NULL, &side, &side), SGR_USAGE))
CALL(plan_size_without_out, (sgr_plan_size(given.plan, NULL, NULL), SGR_USAGE))
CALL(plan_export_without_plan, sgr_plan_export(NULL, SGR_FORMAT_CSV, &given.sink, NULL))
CALL(plan_export_without_sink, sgr_plan_export(given.plan, SGR_FORMAT_CSV, NULL, NULL))
CALL(plan_export_with_empty_sink, sgr_plan_export(given.plan, SGR_FORMAT_CSV, &no_sink, NULL))
CALL(plan_describe_without_plan, sgr_plan_describe(NULL, SGR_FORMAT_TEXT, &given.sink, NULL))
CALL(plan_describe_without_sink, sgr_plan_describe(given.plan, SGR_FORMAT_TEXT, NULL, NULL))
CALL(generate_without_plan, sgr_generate(NULL, named_out(), &run_result, NULL))
CALL(generate_without_options, sgr_generate(given.plan, NULL, &run_result, NULL))
CALL(generate_without_out, sgr_generate(given.plan, &no_generate_options, &run_result, NULL))
CALL(generate_without_result, sgr_generate(given.plan, named_out(), NULL, NULL))
CALL(report_without_plan,
     sgr_generate_describe(NULL, &run_result, SGR_FORMAT_TEXT, &given.sink, NULL))
CALL(report_without_result,
     sgr_generate_describe(given.plan, NULL, SGR_FORMAT_TEXT, &given.sink, NULL))
CALL(report_without_sink,
     sgr_generate_describe(given.plan, &run_result, SGR_FORMAT_TEXT, NULL, NULL))
CALL(render_without_plan, sgr_render(NULL, 1, pixels, sizeof pixels, NULL))
CALL(render_without_pixels, sgr_render(given.plan, 1, NULL, sizeof pixels, NULL))
CALL(render_without_room, sgr_render(given.plan, 1, pixels, sizeof pixels - 1, NULL))
CALL(render_of_another_id, sgr_render(given.plan, 7, pixels, sizeof pixels, NULL))
CALL(render_file_without_plan, sgr_render_file(NULL, 1, "/tmp/never.png", NULL))
CALL(render_file_without_path, sgr_render_file(given.plan, 1, NULL, NULL))
CALL(render_file_of_another_id, sgr_render_file(given.plan, 0, "/tmp/never.png", NULL))
CALL(verify_without_folder, sgr_verify(NULL, 1, NULL, NULL, &verify_result, NULL))
CALL(verify_without_result, sgr_verify("/tmp", 1, NULL, NULL, NULL, NULL))
CALL(stages_without_result, sgr_generate_describe_stages(NULL, &given.sink, NULL))
CALL(stages_without_sink, sgr_generate_describe_stages(&run_result, NULL, NULL))
CALL(bench_without_plan, sgr_bench(NULL, &no_bench_options, &bench_result, NULL))
CALL(bench_without_options, sgr_bench(given.plan, NULL, &bench_result, NULL))
CALL(bench_without_result, sgr_bench(given.plan, &no_bench_options, NULL, NULL))
CALL(bench_report_without_plan,
     sgr_bench_describe(NULL, &bench_result, SGR_FORMAT_TEXT, &given.sink, NULL))
CALL(bench_report_without_result,
     sgr_bench_describe(given.plan, NULL, SGR_FORMAT_TEXT, &given.sink, NULL))
CALL(bench_report_of_nothing,
     sgr_bench_describe(given.plan, &bench_result, SGR_FORMAT_TEXT, &given.sink, NULL))
CALL(bench_finish_without_result, (sgr_bench_finish(NULL), SGR_USAGE))
CALL(cancel_without_flag, (sgr_cancel_request(NULL, SGR_STOPPED), SGR_USAGE))

#define NAMED(call)                                                                                \
    {                                                                                              \
#call, call                                                                                \
    }

static const struct {
    const char *name;
    bad_call call;
} bad_calls[] = {
    NAMED(art_open_without_options),    NAMED(art_open_without_path),
    NAMED(art_open_without_out),        NAMED(art_describe_without_art),
    NAMED(art_describe_without_sink),   NAMED(art_describe_with_empty_sink),
    NAMED(art_check_without_art),       NAMED(art_count_without_art),
    NAMED(art_sheets_without_art),      NAMED(art_sheets_without_folder),
    NAMED(art_sheets_without_out),      NAMED(art_warnings_without_art),
    NAMED(art_close_without_place),     NAMED(plan_create_without_art),
    NAMED(plan_create_without_out),     NAMED(plan_open_without_path),
    NAMED(plan_open_without_options),   NAMED(plan_open_without_art),
    NAMED(plan_open_without_out),       NAMED(plan_close_without_place),
    NAMED(plan_save_without_plan),      NAMED(plan_save_without_path),
    NAMED(plan_count_without_plan),     NAMED(plan_id_without_plan),
    NAMED(plan_id_without_out),         NAMED(plan_id_past_the_end),
    NAMED(plan_size_without_plan),      NAMED(plan_size_without_out),
    NAMED(plan_export_without_plan),    NAMED(plan_export_without_sink),
    NAMED(plan_export_with_empty_sink), NAMED(plan_describe_without_plan),
    NAMED(plan_describe_without_sink),  NAMED(generate_without_plan),
    NAMED(generate_without_options),    NAMED(generate_without_out),
    NAMED(generate_without_result),     NAMED(report_without_plan),
    NAMED(report_without_result),       NAMED(report_without_sink),
    NAMED(render_without_plan),         NAMED(render_without_pixels),
    NAMED(render_without_room),         NAMED(render_of_another_id),
    NAMED(render_file_without_plan),    NAMED(render_file_without_path),
    NAMED(render_file_of_another_id),   NAMED(verify_without_folder),
    NAMED(verify_without_result),       NAMED(stages_without_result),
    NAMED(stages_without_sink),         NAMED(bench_without_plan),
    NAMED(bench_without_options),       NAMED(bench_without_result),
    NAMED(bench_report_without_plan),   NAMED(bench_report_without_result),
    NAMED(bench_report_of_nothing),     NAMED(bench_finish_without_result),
    NAMED(cancel_without_flag),
};

static void every_call_answers_nothing_at_all(void **state)
{
    char wrong[4096] = "";
    size_t used = 0;
    assert_int_equal(take_given(*state), 0);
    for (size_t index = 0; index < sizeof bad_calls / sizeof *bad_calls; index++) {
        int answer = run_in_child(bad_calls[index].call);
        /* A sanitizer ends a process that crashes with 1. */
        if (answer != SGR_USAGE)
            used += (size_t)snprintf(wrong + used, sizeof wrong - used,
                                     answer < 0 || answer == 1 ? " %s crashes;" : " %s answers %d;",
                                     bad_calls[index].name, answer);
    }
    give_back();
    if (used)
        fail_msg("%s", wrong);
}

static void art_options_are_checked(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_art *art = NULL;
    put_art(fixture, SIDE);
    const char *path = full_path(fixture, "art");
    put_text(fixture, "r.jsonl", "{\"layers\": [\"1_Ground/blue#1.png\"]}\n");
    const char *recipes = full_path(fixture, "r.jsonl");
    const struct sgr_art_options bad[] = {
        {.path = path, .width = 10},
        {.path = path, .height = 10},
        {.path = path, .width = 32768, .height = 1},
        {.path = path, .width = 10, .height = 10},
        {.path = path, .layers = "Nope"},
        {.path = path, .layers = "Ground", .recipes = recipes},
        {.path = path, .memory_bytes = 1},
    };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        fixture->error.text[0] = '\0';
        assert_int_equal(sgr_art_open(&bad[index], &art, &fixture->error), SGR_USAGE);
        assert_true(fixture->error.text[0] != '\0');
        assert_int_equal(fixture->error.status, SGR_USAGE);
        assert_null(art);
        assert_int_equal(sgr_art_open(&bad[index], &art, NULL), SGR_USAGE);
    }
    struct sgr_art_options options = {.path = "/nowhere/at/all"};
    assert_int_equal(sgr_art_open(&options, &art, &fixture->error), SGR_INPUT);
    assert_non_null(strstr(fixture->error.text, "/nowhere/at/all"));
    options.path = "";
    assert_int_equal(sgr_art_open(&options, &art, &fixture->error), SGR_USAGE);
    assert_null(art);
}

static void plan_options_are_checked(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_plan *plan = NULL;
    put_art(fixture, SIDE);
    struct sgr_art *art = open_art(fixture, NULL);
    const struct {
        struct sgr_plan_options options;
        enum sgr_status status;
    } bad[] = {
        {{.count = 0}, SGR_USAGE},
        {{.count = UINT64_MAX}, SGR_USAGE},
        {{.count = 1000000001}, SGR_USAGE},
        {{.count = 1, .start_set = 1, .start = UINT64_MAX}, SGR_USAGE},
        {{.count = 19}, SGR_INFEASIBLE},
    };
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        assert_int_equal(sgr_plan_create(art, &bad[index].options, &plan, &fixture->error),
                         bad[index].status);
        assert_null(plan);
    }
    assert_int_equal(sgr_plan_create(art, NULL, &plan, NULL), SGR_USAGE);
    struct sgr_plan_options options = {
        .count = 3, .start_set = 1, .start = 0, .seed = "", .band_rows = UINT32_MAX};
    OK(fixture, sgr_plan_create(art, &options, &plan, &fixture->error));
    uint64_t id = 9;
    OK(fixture, sgr_plan_id(plan, 0, &id, &fixture->error));
    assert_int_equal(id, 0);
    sgr_plan_close(&plan);
    sgr_plan_close(&plan);
    sgr_art_close(&art);
    sgr_art_close(&art);
    put_text(fixture, "r.jsonl", "{\"layers\": [\"1_Ground/blue#1.png\"]}\n");
    art = open_art(fixture, "r.jsonl");
    options = (struct sgr_plan_options){.count = 2};
    assert_int_equal(sgr_plan_create(art, &options, &plan, &fixture->error), SGR_USAGE);
    assert_non_null(strstr(fixture->error.text, "only 1"));
    sgr_art_close(&art);
}

/* Two dots in a name are no way out of the folder. */
static void art_may_have_dots_in_its_names(void **state)
{
    struct fixture *fixture = *state;
    put_picture(fixture, "art/1_Dr. Who/Mr..png", SIDE, FILL_SOLID, 1);
    put_picture(fixture, "art/2_Hat v1..2/cap.png", SIDE, FILL_SPOT, 2);
    struct sgr_plan *plan = make_plan(fixture, 1);
    OK(fixture, sgr_render_file(plan, 1, full_path(fixture, "it.png"), &fixture->error));
    sgr_plan_close(&plan);
}

static void a_saved_plan_opens_with_its_art_only(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_plan *again = NULL;
    struct text lines[2] = {{0}, {0}};
    struct sgr_sink sinks[2] = {sink_to(&lines[0]), sink_to(&lines[1])};
    uint32_t width = 0;
    uint32_t height = 0;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    const char *path = full_path(fixture, "plan.sgp");
    struct sgr_art_options options = {.path = full_path(fixture, "art")};
    OK(fixture, sgr_plan_save(plan, path, &fixture->error));
    OK(fixture, sgr_plan_open(path, &options, &again, &fixture->error));
    assert_int_equal(sgr_plan_count(again), 18);
    sgr_plan_size(again, &width, &height);
    assert_int_equal(width, SIDE);
    assert_int_equal(height, SIDE);
    OK(fixture, sgr_plan_export(plan, SGR_FORMAT_JSON_LINES, &sinks[0], &fixture->error));
    OK(fixture, sgr_plan_export(again, SGR_FORMAT_JSON_LINES, &sinks[1], &fixture->error));
    assert_string_equal(lines[0].bytes, lines[1].bytes);
    sgr_plan_close(&again);
    put_picture(fixture, "art/2_Body/dog#1.png", SIDE, FILL_NOISE, 99);
    assert_int_equal(sgr_plan_open(path, &options, &again, &fixture->error), SGR_INPUT);
    assert_non_null(strstr(fixture->error.text, "dog#1.png looks different"));
    assert_int_equal(remove(full_path(fixture, "art/2_Body/dog#1.png")), 0);
    assert_int_equal(sgr_plan_open(path, &options, &again, &fixture->error), SGR_INPUT);
    assert_non_null(strstr(fixture->error.text, "dog#1.png"));
    options.path = "/nowhere";
    assert_int_equal(sgr_plan_open(path, &options, &again, &fixture->error), SGR_INPUT);
    assert_null(again);
    assert_int_equal(sgr_plan_save(plan, full_path(fixture, "none/plan.sgp"), &fixture->error),
                     SGR_OUTPUT);
    text_finish(&lines[0]);
    text_finish(&lines[1]);
    sgr_plan_close(&plan);
}

static void sheets_are_written_and_counted(void **state)
{
    struct fixture *fixture = *state;
    put_art(fixture, SIDE);
    struct sgr_art *art = open_art(fixture, NULL);
    struct sgr_sheets sheets;
    OK(fixture, sgr_art_write_sheets(art, full_path(fixture, "a/b"), &sheets, &fixture->error));
    assert_int_equal(count_names(fixture, "a/b"), 1);
    assert_int_equal(sheets.sprite_count, 8);
    assert_int_equal(sheets.piece_count, 8);
    assert_int_equal(sheets.page_count, 1);
    /* Two grounds are full, three spots take half a side, what noise shows is nearly full. */
    assert_true(sheets.piece_pixels > 4 * SIDE * SIDE && sheets.piece_pixels < 6 * SIDE * SIDE);
    put_bytes(fixture, "file", "", 0);
    assert_int_equal(
        sgr_art_write_sheets(art, full_path(fixture, "file"), &sheets, &fixture->error),
        SGR_OUTPUT);
    sgr_art_close(&art);
}

static void broken_pictures_are_found_before_planning(void **state)
{
    struct fixture *fixture = *state;
    put_art(fixture, SIDE);
    struct sgr_art *art = open_art(fixture, NULL);
    OK(fixture, sgr_art_check_pictures(art, &fixture->error));
    uint8_t *bytes = NULL;
    size_t size = 0;
    OK(fixture, file_read(full_path(fixture, "art/3_Hat/cap#1.png"), 1 << 20, &bytes, &size, NULL));
    put_bytes(fixture, "art/3_Hat/cap#1.png", bytes, size / 2);
    memory_free(bytes);
    assert_int_equal(sgr_art_check_pictures(art, &fixture->error), SGR_INPUT);
    assert_non_null(strstr(fixture->error.text, "3_Hat/cap#1.png"));
    struct sgr_sheets sheets = {.side = 7};
    const char *folder = full_path(fixture, "sheets");
    assert_int_equal(sgr_art_write_sheets(art, folder, &sheets, &fixture->error), SGR_INPUT);
    assert_int_equal(count_names(fixture, "sheets"), -1);
    assert_int_equal(sheets.side, 7);
    struct sgr_plan *plan = NULL;
    struct sgr_plan_options options = {.count = 2};
    assert_int_equal(sgr_plan_create(art, &options, &plan, &fixture->error), SGR_INPUT);
    assert_null(plan);
    sgr_art_close(&art);
}

static void verification_finds_what_changed(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result made;
    struct sgr_verify_result found;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 6);
    OK(fixture, run_into(fixture, plan, "out", NO_OPTIONS, &made));
    const char *folder = full_path(fixture, "out");
    OK(fixture, sgr_verify(folder, 0, NULL, NULL, &found, &fixture->error));
    assert_int_equal(found.items, 6);
    assert_int_equal(found.planned, 6);
    assert_int_equal(strlen(found.digest), 64);
    put_text(fixture, "out/images/2.png", "no picture");
    put_text(fixture, "out/images/77.png", "one more");
    assert_int_equal(remove(full_path(fixture, "out/metadata/3.json")), 0);
    folder = full_path(fixture, "out");
    assert_int_equal(sgr_verify(folder, 1, NULL, NULL, &found, &fixture->error), SGR_PARTIAL);
    assert_int_equal(found.altered, 1);
    assert_int_equal(found.missing, 1);
    assert_int_equal(found.extra, 1);
    assert_int_equal(sgr_verify(full_path(fixture, "art"), 1, NULL, NULL, &found, &fixture->error),
                     SGR_INPUT);
    sgr_plan_close(&plan);
}

static void the_version_is_told(void **state)
{
    (void)state;
    assert_true(strchr(sgr_version(), '.') != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_call_answers_nothing_at_all),
        TEST(art_options_are_checked),
        TEST(plan_options_are_checked),
        TEST(art_may_have_dots_in_its_names),
        TEST(a_saved_plan_opens_with_its_art_only),
        TEST(sheets_are_written_and_counted),
        TEST(broken_pictures_are_found_before_planning),
        TEST(verification_finds_what_changed),
        cmocka_unit_test(the_version_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
