/*
 * Whole runs over a small art: the bytes are the same however they are made, files hold what the
 * specification says, runs stop and go on.
 */
#include "api_fixture.h"

#include "codec/picture.h"
#include "compose/cpu/compose_cpu.h"
#include "image/blend.h"
#include "pipeline/render.h"
#include "work/cancel.h"

#include "api/sgr_plan.h"

static void expect_same_file(struct fixture *fixture, const char *left, const char *right)
{
    uint8_t *bytes[2] = {NULL, NULL};
    size_t sizes[2] = {0, 0};
    OK(fixture,
       file_read(full_path(fixture, left), 1 << 24, &bytes[0], &sizes[0], &fixture->error));
    OK(fixture,
       file_read(full_path(fixture, right), 1 << 24, &bytes[1], &sizes[1], &fixture->error));
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    memory_free(bytes[0]);
    memory_free(bytes[1]);
}

static void bytes_do_not_depend_on_how_they_are_made(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 17);
    const struct sgr_generate_options ways[] = {
        {.threads = 1},
        {.threads = 3, .kernel = "scalar"},
        {.threads = 2, .no_reuse = 1},
        {.kernel = "auto"},
        {.threads = 40},
        {.memory_bytes = 40000000},
    };
    char first[65] = "";
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        char folder[16];
        snprintf(folder, sizeof folder, "out%zu", way);
        OK(fixture, run_into(fixture, plan, folder, ways[way], &result));
        assert_int_equal(result.complete, 1);
        assert_int_equal(result.items_failed, 0);
        assert_int_equal(result.progress.items_total, 17);
        assert_int_equal(result.progress.items_done, 17);
        assert_int_equal(result.progress.items_found, 0);
        assert_int_equal(result.progress.strips_needed, 17 * 4);
        assert_true(ways[way].no_reuse ? result.progress.strips_made == 17 * 4
                                       : result.progress.strips_made < 17 * 4);
        const char *digest = digest_of(fixture, folder);
        if (way == 0)
            memcpy(first, digest, sizeof first);
        assert_string_equal(digest, first);
        expect_same_file(fixture, "out0/metadata/_metadata.json", "out0/metadata/_metadata.json");
    }
    sgr_plan_close(&plan);
}

/* The trait names of an item from the CSV export, as files of the art. */
static void list_files(struct sgr_plan *plan, uint64_t index, char files[3][64])
{
    static const char *const folders[] = {"1_Ground", "2_Body", "3_Hat"};
    static const char *const suffixes[][2] = {{"red", "#3"}, {"no", ""}, {"fez", "#2"}};
    struct plan_item item;
    assert_int_equal(plan_read(plan->plan, index, &item, NULL), SGR_OK);
    for (int layer = 0; layer < 3; layer++) {
        const char *name =
            plan_collection(plan->plan)->layers[layer].traits[item.traits[layer]].name;
        bool weighted = strcmp(name, suffixes[layer][0]) == 0;
        snprintf(files[layer], sizeof files[layer], "art/%s/%s%s.png", folders[layer], name,
                 weighted ? suffixes[layer][1] : "#1");
    }
}

/* Each item against its pictures, laid over each other pixel by pixel. */
static void items_show_their_pictures(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    OK(fixture, run_into(fixture, plan, "out", NO_OPTIONS, &result));
    for (uint64_t index = 0; index < 18; index++) {
        static uint32_t expected[SIDE * SIDE];
        static uint32_t pixels[SIDE * SIDE];
        char files[3][64];
        char name[64];
        uint64_t id = 0;
        struct image image = {0, 0, NULL};
        memset(expected, 0, sizeof expected);
        OK(fixture, sgr_plan_id(plan, index, &id, &fixture->error));
        assert_int_equal(id, index + 1);
        list_files(plan, index, files);
        for (int layer = 0; layer < 3; layer++) {
            OK(fixture, picture_read(full_path(fixture, files[layer]), &image, &fixture->error));
            for (size_t at = 0; at < SIDE * SIDE; at++)
                expected[at] = blend_over(expected[at], image.pixels[at]);
            image_finish(&image);
        }
        OK(fixture, sgr_render(plan, id, (uint8_t *)pixels, sizeof pixels, &fixture->error));
        assert_memory_equal(pixels, expected, sizeof expected);
        snprintf(name, sizeof name, "out/images/%" PRIu64 ".png", id);
        OK(fixture, picture_read(full_path(fixture, name), &image, &fixture->error));
        assert_memory_equal(image.pixels, expected, sizeof expected);
        image_finish(&image);
        OK(fixture, sgr_render_file(plan, id, full_path(fixture, "one.png"), &fixture->error));
        expect_same_file(fixture, "one.png", name);
    }
    sgr_plan_close(&plan);
}

static void transparent_items_are_rgba_and_levels_agree_on_pixels(void **state)
{
    struct fixture *fixture = *state;
    put_picture(fixture, "art/1_Ground/a#1.png", SIDE, FILL_SPOT, 1);
    put_picture(fixture, "art/1_Ground/b#1.png", SIDE, FILL_NOISE, 2);
    put_picture(fixture, "art/2_Hat/c.png", SIDE, FILL_NOISE, 3);
    struct sgr_art *art = open_art(fixture, NULL);
    static uint32_t first[SIDE * SIDE];
    for (int level = SGR_PNG_BALANCED; level <= SGR_PNG_SMALL; level++) {
        struct sgr_plan_options options = {.count = 2, .png_level = (enum sgr_png_level)level};
        struct sgr_plan *plan = NULL;
        struct image image = {0, 0, NULL};
        uint8_t *bytes = NULL;
        size_t size = 0;
        OK(fixture, sgr_plan_create(art, &options, &plan, &fixture->error));
        OK(fixture, sgr_render_file(plan, 2, full_path(fixture, "two.png"), &fixture->error));
        OK(fixture, file_read(full_path(fixture, "two.png"), 1 << 20, &bytes, &size, NULL));
        assert_int_equal(bytes[25], 6);
        memory_free(bytes);
        OK(fixture, picture_read(full_path(fixture, "two.png"), &image, &fixture->error));
        if (level == SGR_PNG_BALANCED)
            memcpy(first, image.pixels, sizeof first);
        assert_memory_equal(first, image.pixels, sizeof first);
        image_finish(&image);
        sgr_plan_close(&plan);
    }
    sgr_art_close(&art);
}

static void samples_and_ids_make_just_those(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    OK(fixture,
       run_into(fixture, plan, "out", (struct sgr_generate_options){.sample = 4}, &result));
    assert_int_equal(result.progress.items_done, 4);
    assert_int_equal(result.complete, 0);
    assert_int_equal(count_names(fixture, "out/images"), 4);
    OK(fixture,
       run_into(fixture, plan, "out", (struct sgr_generate_options){.ids = "1-3,18"}, &result));
    assert_int_equal(result.progress.items_total, 4);
    assert_int_equal(result.progress.items_found, 1);
    assert_int_equal(count_names(fixture, "out/images"), 7);
    OK(fixture, run_into(fixture, plan, "out", NO_OPTIONS, &result));
    assert_int_equal(result.progress.items_found, 7);
    assert_int_equal(result.complete, 1);
    OK(fixture, run_into(fixture, plan, "whole", NO_OPTIONS, &result));
    assert_string_equal(digest_of(fixture, "out"), digest_of(fixture, "whole"));
    OK(fixture, run_into(fixture, plan, "out", NO_OPTIONS, &result));
    assert_int_equal(result.progress.items_found, 18);
    assert_int_equal(result.progress.strips_made, 0);
    sgr_plan_close(&plan);
}

static void a_run_asked_to_stop_goes_on_later(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    struct sgr_cancel *cancel = sgr_cancel_shared();
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    struct sgr_generate_options options = {.cancel = cancel};
    static const enum sgr_status reasons[] = {SGR_INTERRUPTED, SGR_STOPPED};
    for (int index = 0; index < 2; index++) {
        sgr_cancel_request(cancel, reasons[index]);
        assert_int_equal(run_into(fixture, plan, "out", options, &result), reasons[index]);
        assert_non_null(strstr(fixture->error.text, "of 18 items"));
        assert_int_equal(result.complete, 0);
        assert_true(result.progress.items_done < 18);
    }
    sgr_cancel_request(cancel, SGR_OK);
    OK(fixture, run_into(fixture, plan, "out", options, &result));
    assert_int_equal(result.complete, 1);
    /* Nothing is left to stop, so the request is no failure. */
    sgr_cancel_request(cancel, SGR_STOPPED);
    OK(fixture, run_into(fixture, plan, "out", options, &result));
    sgr_cancel_request(cancel, SGR_OK);
    OK(fixture, run_into(fixture, plan, "whole", NO_OPTIONS, &result));
    assert_string_equal(digest_of(fixture, "out"), digest_of(fixture, "whole"));
    sgr_plan_close(&plan);
}

static void stop_at_once(void *context, const struct sgr_progress *progress)
{
    assert_true(progress->items_done <= progress->items_total);
    sgr_cancel_request(context, SGR_STOPPED);
}

/* Progress comes ten times a second; a run that has none of it is too short to be stopped. */
static void a_run_stopped_on_its_way_keeps_what_it_made(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    struct sgr_cancel cancel = {0};
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    struct sgr_generate_options options = {
        .cancel = &cancel, .progress = stop_at_once, .progress_context = &cancel, .threads = 1};
    enum sgr_status status = run_into(fixture, plan, "out", options, &result);
    assert_true(status == SGR_OK || status == SGR_STOPPED);
    assert_int_equal(count_names(fixture, "out/images"), result.progress.items_done);
    OK(fixture, run_into(fixture, plan, "out", NO_OPTIONS, &result));
    assert_int_equal(result.complete, 1);
    (void)digest_of(fixture, "out");
    sgr_plan_close(&plan);
}

static void a_folder_belongs_to_one_plan(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 6);
    struct sgr_plan *other = make_plan(fixture, 7);
    OK(fixture, run_into(fixture, plan, "out", NO_OPTIONS, &result));
    assert_int_equal(run_into(fixture, other, "out", NO_OPTIONS, &result), SGR_USAGE);
    assert_non_null(strstr(fixture->error.text, "another plan"));
    struct sgr_generate_options prefix = {.image_prefix = "ipfs://x/"};
    assert_int_equal(run_into(fixture, plan, "out", prefix, &result), SGR_USAGE);
    assert_non_null(strstr(fixture->error.text, "--image-prefix"));
    (void)digest_of(fixture, "out");
    OK(fixture,
       run_into(fixture, other, "out", (struct sgr_generate_options){.fresh = 1}, &result));
    assert_int_equal(count_names(fixture, "out/images"), 7);
    put_text(fixture, "mine/images/7.png", "mine");
    assert_int_equal(run_into(fixture, plan, "mine", NO_OPTIONS, &result), SGR_USAGE);
    assert_int_equal(count_names(fixture, "mine/images"), 1);
    put_text(fixture, "file", "mine");
    assert_int_equal(run_into(fixture, plan, "file", NO_OPTIONS, &result), SGR_OUTPUT);
    sgr_plan_close(&plan);
    sgr_plan_close(&other);
}

static void refused_options_touch_no_folder(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 6);
    const struct sgr_generate_options bad[] = {
        {.kernel = "mmx"},         {.ids = "99"},      {.ids = "x"}, {.ids = ""},
        {.ids = "1", .sample = 1}, {.memory_bytes = 1}};
    for (size_t index = 0; index < sizeof bad / sizeof *bad; index++) {
        assert_int_equal(run_into(fixture, plan, "out", bad[index], &result), SGR_USAGE);
        assert_int_equal(count_names(fixture, "out"), -1);
    }
    sgr_plan_close(&plan);
}

static void describe_nothing(void *context, const struct plan_item *item, struct text *out)
{
    (void)context;
    text_format(out, "%" PRIu64, item->id);
}

/* A cache without room gives every fragment away as soon as nobody needs it. */
static void a_cache_without_room_changes_no_byte(void **state)
{
    struct fixture *fixture = *state;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    const char *digest = NULL;
    for (int way = 0; way < 4; way++) {
        struct sgr_generate_result result = {0};
        struct selection all = {0};
        struct item_store *store = NULL;
        const struct kernel_table *kernels = NULL;
        unsigned threads = way & 1 ? 4 : 1;
        char folder[16];
        snprintf(folder, sizeof folder, "out%d", way);
        OK(fixture, kernel_choose(NULL, &kernels, NULL));
        struct render_options options = {.plan = plan->plan,
                                         .sprites = plan->sprites,
                                         .kernels = kernels,
                                         .selection = &all,
                                         .threads = threads,
                                         .fragment_bytes = way & 2 ? 0 : 1 << 20,
                                         .reuse = true,
                                         .describe = describe_nothing};
        const struct plan_choices *choices = plan_choices(plan->plan);
        OK(fixture, visibility_create(plan->sprites, choices->band_edges, choices->band_count, 0,
                                      &options.visibility, NULL));
        OK(fixture, compose_cpu_create(plan->sprites, kernels, threads, &options.compose, NULL));
        OK(fixture, selection_all(&all, plan->plan, NULL));
        OK(fixture, item_store_open(full_path(fixture, folder), &store, &fixture->error));
        options.store = store;
        OK(fixture, render_run(&options, &result, &fixture->error));
        assert_int_equal(result.progress.items_done, 18);
        item_store_close(&store);
        visibility_destroy(&options.visibility);
        compose_destroy(&options.compose);
        selection_finish(&all);
        const char *made = digest_of(fixture, folder);
        if (digest)
            assert_string_equal(made, digest);
        digest = made;
    }
    sgr_plan_close(&plan);
}

static void an_item_that_cannot_be_written_is_given_up_and_told(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    put_art(fixture, SIDE);
    struct sgr_plan *plan = make_plan(fixture, 18);
    OK(fixture, run_into(fixture, plan, "out", (struct sgr_generate_options){.ids = "1"}, &result));
    /* A folder stands where item 5 shall go. */
    assert_int_equal(mkdir(full_path(fixture, "out/images/5.png"), 0777), 0);
    assert_int_equal(run_into(fixture, plan, "out", NO_OPTIONS, &result), SGR_PARTIAL);
    assert_non_null(strstr(fixture->error.text, "item 5: "));
    assert_non_null(strstr(fixture->error.text, "images/5.png"));
    assert_int_equal(result.progress.items_done, 17);
    assert_int_equal(result.progress.items_failed, 1);
    assert_int_equal(result.complete, 0);
    assert_int_equal(rmdir(full_path(fixture, "out/images/5.png")), 0);
    OK(fixture, run_into(fixture, plan, "out", NO_OPTIONS, &result));
    assert_int_equal(result.complete, 1);
    (void)digest_of(fixture, "out");
    sgr_plan_close(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_do_not_depend_on_how_they_are_made),
        TEST(items_show_their_pictures),
        TEST(transparent_items_are_rgba_and_levels_agree_on_pixels),
        TEST(samples_and_ids_make_just_those),
        TEST(a_run_asked_to_stop_goes_on_later),
        TEST(a_run_stopped_on_its_way_keeps_what_it_made),
        TEST(a_folder_belongs_to_one_plan),
        TEST(refused_options_touch_no_folder),
        TEST(a_cache_without_room_changes_no_byte),
        TEST(an_item_that_cannot_be_written_is_given_up_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
