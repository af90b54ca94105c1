/*
 * Art folders as users have them: which folders become layers, which names become traits, with
 * which chance and which parts, and what is said about what is wrong.
 */
#include "collection_fixture.h"

static void layers_follow_their_numbers(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "10_Hat/a.png|2. Body/a.png|01 Eyes/a.png|0-Sky/a.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_layers(collection, "Sky, Eyes, Body, Hat");
    assert_string_equal(collection->layers[2].folder, "2. Body");
    assert_string_equal(collection->layers[2].trait_type, "Body");
    assert_true(collection->layers[2].distinct);
    assert_int_equal(collection->notice_count, 0);
    assert_string_equal(collection->grammar, "folders");
}

static void layers_without_numbers_are_in_natural_order_with_a_warning(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat 10/a.png|Hat 9/a.png|3 Body/a.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_layers(collection, "3 Body, Hat 9, Hat 10");
    assert_int_equal(count_notices(collection, "layer-order", "3 Body, Hat 9, Hat 10"), 1);
    assert_int_equal(count_notices(collection, "layer-order", "--layers"), 1);
    assert_int_equal(collection->notices[0].level, SGR_LOG_WARNING);
}

static void one_layer_needs_no_order(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "7_Hat/a.png");
    expect_layers(read_art(fixture, DEFAULTS), "Hat");
    assert_int_equal(fixture->collection->notice_count, 0);
}

static void loose_pictures_are_one_layer(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "faces/b#2.png|faces/a#1.png");
    put_text(fixture, "faces/notes.txt", "x");
    struct collection_options options = {.path = full_path(fixture, "faces/.")};
    const struct collection *collection = read_art(fixture, options);
    expect_layers(collection, "faces");
    expect_traits(collection, "faces", "a 1, b 2");
    assert_null(collection->layers[0].folder);
    assert_string_equal(collection->name, "faces");
    assert_int_equal(count_notices(collection, "stray-file", "notes.txt"), 1);
    char *old = getcwd(NULL, 0);
    assert_int_equal(chdir(options.path), 0);
    options.path = ".";
    expect_layers(read_art(fixture, options), "faces");
    assert_string_equal(fixture->collection->pictures[0].path, "a#1.png");
    assert_int_equal(chdir(old), 0);
    free(old);
}

static void what_is_no_art_is_noticed_or_skipped(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "1_Hat/a.png|loose.png|.hidden/x.png|__MACOSX/x.png|1_Hat/.cache/x.png");
    put_text(fixture, ".DS_Store", "x");
    put_text(fixture, "1_Hat/Thumbs.db", "x");
    put_text(fixture, "1_Hat/desktop.ini", "x");
    put_text(fixture, "README.md", "x");
    put_text(fixture, "1_Hat/hat.psd", "x");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_layers(collection, "Hat");
    assert_int_equal(count_notices(collection, "stray-file", "loose.png"), 1);
    assert_int_equal(count_notices(collection, "stray-file", "README.md"), 1);
    assert_int_equal(count_notices(collection, "stray-file", "1_Hat/hat.psd"), 1);
    assert_int_equal(collection->notice_count, 3);
    for (size_t index = 0; index < collection->notice_count; index++) {
        bool loose = strstr(collection->notices[index].text, "loose.png") != NULL;
        assert_int_equal(collection->notices[index].level,
                         loose ? SGR_LOG_WARNING : SGR_LOG_NOTICE);
    }
}

static void notices_end_with_the_number_of_those_left_out(void **state)
{
    struct fixture *fixture = *state;
    char name[64];
    put(fixture, "Hat/a.png");
    for (int index = 0; index < 250; index++) {
        snprintf(name, sizeof name, "Hat/note %d.txt", index);
        put_text(fixture, name, "");
    }
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_int_equal(collection->notice_count, COLLECTION_NOTICES_MAX);
    assert_int_equal(count_notices(collection, "more-notices", "51 more"), 1);
}

static void the_option_layers_picks_and_orders(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "01_Sky/a.png|02_Body/a.png|03_Hat/a.png|04_Empty/|05_Body/a.png");
    struct collection_options options = {.layers = "Hat, 02_Body,Sky"};
    const struct collection *collection = read_art(fixture, options);
    expect_layers(collection, "Hat, Body, Sky");
    assert_int_equal(count_notices(collection, "layer-order", ""), 0);
    options.layers = "Hatt";
    expect_refusal(fixture, options, SGR_USAGE, "--layers|\"Hatt\"|did you mean \"Hat\"");
    options.layers = "zzzzzz";
    expect_refusal(fixture, options, SGR_USAGE, "zzzzzz|known: Sky, Body");
    options.layers = "Hat,Sky,03_Hat";
    expect_refusal(fixture, options, SGR_USAGE, "--layers|\"03_Hat\"|twice");
    options.layers = "Hat,Body";
    expect_refusal(fixture, options, SGR_USAGE, "--layers|\"Body\"|2 layers");
    options.layers = "Hat,,Sky";
    expect_refusal(fixture, options, SGR_USAGE, "--layers|empty");
    options.layers = "02_Body,05_Body";
    expect_refusal(fixture, options, SGR_INPUT, "02_Body|05_Body|rename");
    remove(full_path(fixture, "01_Sky/a.png"));
    put(fixture, "Ground/a.png");
    options.layers = "Body,Ground,Hat";
    expect_refusal(fixture, options, SGR_USAGE, "2 layers");
    options.layers = "Ground,Hat";
    expect_layers(read_art(fixture, options), "Ground, 03_Hat");
}

static void art_that_is_none_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct collection_options options = {.path = "/nowhere/art"};
    expect_refusal(fixture, options, SGR_INPUT, "/nowhere/art|no such");
    options.path = "";
    expect_refusal(fixture, options, SGR_USAGE, "no art folder");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "no pictures");
    put_text(fixture, "art.txt", "x");
    options.path = full_path(fixture, "art.txt");
    expect_refusal(fixture, options, SGR_INPUT, "art.txt|collection.json");
    put(fixture, "Hat/a.png|Body/");
    put_text(fixture, "Body/readme.txt", "x");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "/Body|no picture");
    put(fixture, "A#1/a.png|Body/x.png|B/x.png");
    assert_int_equal(count_notices(read_art(fixture, DEFAULTS), "layer-weight", "/A#1"), 1);
    put(fixture, "1_Hat/a.png");
    expect_layers(read_art(fixture, DEFAULTS), "1_Hat, A, B, Body, Hat");
}

static void pictures_that_are_none_are_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png");
    put_text(fixture, "Hat/b.png", "");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "Hat/b.png|empty");
    put_text(fixture, "Hat/b.png", "\xff\xd8\xff JFIF and so on and on and on and on and on");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "Hat/b.png|JPEG");
    remove(full_path(fixture, "Hat/b.png"));
    assert_int_equal(symlink("nowhere.png", full_path(fixture, "Hat/c.png")), 0);
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "Hat/c.png|leads nowhere");
    remove(full_path(fixture, "Hat/c.png"));
    put(fixture, "Hat/caf\xe9.png");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "Hat/caf?.png|UTF-8");
    remove(full_path(fixture, "Hat/caf\xe9.png"));
    put(fixture, "caf\xe9/a.png");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "caf?|UTF-8");
}

static void folders_that_lead_back_are_refused(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png");
    assert_int_equal(symlink(".", full_path(fixture, "Hat/again")), 0);
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "again|nested|16");
}

static void unweighted_layers_are_equal_choices(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/b.png|Hat/a 10.png|Hat/a 9.PNG|Hat/sub/x.png|Hat/sub/y.png|Hat/NONE.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "Hat", "None 2, a 9 2, a 10 2, b 2, sub/x 1, sub/y 1");
    assert_string_equal(trait_of(collection, "Hat", "sub/x")->value, "x");
    assert_true(trait_of(collection, "Hat", "None")->none);
    assert_int_equal(count_notices(collection, "sub-folder-choices", "/Hat"), 1);
}

static void weights_are_exact(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a#0.2.png|Hat/b#20.png|Hat/c#1#0.png");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "c#1#0.png|two weights");
    remove(full_path(fixture, "Hat/c#1#0.png"));
    put(fixture, "Hat/c #0.png");
    expect_traits(read_art(fixture, DEFAULTS), "Hat", "a 1, b 100, c 0");
    put(fixture, "Hat/d#0.000000001.png");
    expect_traits(read_art(fixture, DEFAULTS), "Hat", "a 200000000, b 20000000000, c 0, d 1");
    put(fixture, "Eye/a#20.png|Eye/b#40.png");
    expect_traits(read_art(fixture, DEFAULTS), "Eye", "a 20, b 40");
    put(fixture, "Eye/c#1000000001.png");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "c#1000000001.png|above");
    remove(full_path(fixture, "Eye/c#1000000001.png"));
    put(fixture, "Nose/a#0.png|Nose/b#0.png");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "/Nose|weights|0");
}

static void nested_weights_multiply(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Eyes/z1,eye#50/happy#50/e.png|Eyes/z1,eye#50/sad#50/z-3,e.png|Eyes/star#30.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "Eyes", "happy 25, sad 25, star 30");
    expect_parts(collection, "Eyes", "happy", "e.png z1");
    expect_parts(collection, "Eyes", "sad", "z-3,e.png z-3");
    expect_parts(collection, "Eyes", "star", "star#30.png");
    put(fixture, "Eyes/z1,eye#50/wild#1/a#1.png|Eyes/z1,eye#50/wild#1/b#2.png");
    expect_traits(read_art(fixture, DEFAULTS), "Eyes", "happy 750, sad 750, a 5, b 10, star 909");
    put(fixture, "Eyes/none#1/a#0.png");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "Eyes/none#1|weights|0");
    remove(full_path(fixture, "Eyes/none#1/a#0.png"));
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "Eyes/none#1|no picture");
}

static void required_parts_lie_below_in_reverse_order(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hair/1lines.png|Hair/2shade.png|Hair/red#2.png|Hair/long#1/10.png|"
                 "Hair/long#1/9.png|Hair/long#1/z9,8.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "Hair", "long 1, red 2");
    expect_parts(collection, "Hair", "red", "2shade.png, 1lines.png, red#2.png");
    expect_parts(collection, "Hair", "long", "2shade.png, 1lines.png, z9,8.png z9, 10.png, 9.png");
    assert_int_equal(count_notices(collection, "required-part", "Hair/1lines.png"), 1);
}

static void unweighted_sub_folders_combine_with_the_choice(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a#1.png|Hat/b#3.png|Hat/gem/x#1.png|Hat/gem/y#1.png|Hat/rim/r.png|Hat/void/");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "Hat", "a + x 1, a + y 1, b + x 3, b + y 3");
    expect_parts(collection, "Hat", "a + y", "r.png, y#1.png, a#1.png");
    assert_int_equal(count_notices(collection, "empty-folder", "Hat/void"), 1);
}

static void too_many_combinations_are_refused(void **state)
{
    struct fixture *fixture = *state;
    char name[64];
    for (int folder = 0; folder < 3; folder++) {
        for (int index = 0; index < 41; index++) {
            snprintf(name, sizeof name, "layers/%c/%d#1.png", 'a' + folder, index);
            put(fixture, name);
        }
    }
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "/layers|68921 traits|ART");
    for (int index = 0; index < 65; index++) {
        snprintf(name, sizeof name, "parts/a#1/%d.png", index);
        put(fixture, name);
    }
    struct collection_options options = {.layers = "parts"};
    expect_refusal(fixture, options, SGR_INPUT, "/parts/a#1|65 parts|64");
}

static void the_absent_trait_is_a_file_called_none(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a#3.png|Hat/sub#2/b#1.png|Hat/zed#1.png");
    put_text(fixture, "Hat/NONE#5.png", "");
    put_text(fixture, "Hat/sub#2/NONE#1.png", "");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "Hat", "None 6, a 3, b 1, zed 1");
    assert_int_equal(trait_of(collection, "Hat", "None")->part_count, 0);
    assert_int_equal(collection->picture_count, 3);
    put(fixture, "Hat/sub#2/always.png");
    collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "Hat", "None 5, a 3, sub 1, b 1, zed 1");
    expect_parts(collection, "Hat", "sub", "always.png");
    put_text(fixture, "Hat/NONE.png", "");
    collection = read_art(fixture, DEFAULTS);
    assert_int_equal(count_notices(collection, "none-without-weight", "Hat/NONE.png"), 1);
    put(fixture, "Hat/None#1.png");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "None#1.png|NONE#5.png|Hat/None");
}

static void names_that_collide_take_their_path(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/m#1/cap#1.png|Hat/m#1/bow#1.png|Hat/f#1/cap#1.png|Hat/f#1/tie#1.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "Hat", "f/cap 1, tie 1, bow 1, m/cap 1");
    assert_string_equal(trait_of(collection, "Hat", "m/cap")->value, "cap");
    put(fixture, "Hat/f#1/cap#2.png");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "f#1/cap#1.png|f#1/cap#2.png|Hat/f/cap");
}

static void names_pass_settings_down(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "z7,Fog?opacity=0.5/a#1/x?opacity=50&blend=screen.png|"
                 "z7,Fog?opacity=0.5/z2,b?blend=multiply#1/z0,y.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    const struct collection_part *a = trait_of(collection, "Fog", "a")->parts;
    const struct collection_part *b = trait_of(collection, "Fog", "b")->parts;
    assert_int_equal(a->opacity, 64);
    assert_int_equal(a->mode, BLEND_SCREEN);
    assert_int_equal(a->z, 7);
    assert_int_equal(b->opacity, 128);
    assert_int_equal(b->mode, BLEND_MULTIPLY);
    assert_int_equal(b->z, 0);
    assert_false(a->placed);
}

static void grammar_nftchef_draws_what_has_no_weight(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Body/1a.png|Body/2b.png|Hat/only.png|Eye/a#1.png");
    struct collection_options options = {.grammar = SGR_GRAMMAR_NFTCHEF};
    const struct collection *collection = read_art(fixture, options);
    expect_traits(collection, "Body", "Body 1");
    expect_parts(collection, "Body", "Body", "2b.png, 1a.png");
    expect_traits(collection, "Hat", "only 1");
    assert_string_equal(collection->grammar, "nftchef");
    options.grammar = SGR_GRAMMAR_AUTO;
    expect_traits(read_art(fixture, options), "Body", "1a 1, 2b 1");
}

static void grammar_hashlips_is_flat(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png|Hat/b#3.png|Hat/sub/c#1.png");
    struct collection_options options = {.grammar = SGR_GRAMMAR_HASHLIPS};
    const struct collection *collection = read_art(fixture, options);
    expect_traits(collection, "Hat", "a 1, b 3");
    assert_int_equal(count_notices(collection, "sub-folder", "Hat/sub"), 1);
    assert_string_equal(collection->grammar, "hashlips");
    put(fixture, "Body/sub/c#1.png");
    expect_refusal(fixture, options, SGR_INPUT, "/Body|no picture");
}

static void the_canvas_is_the_commonest_size(void **state)
{
    struct fixture *fixture = *state;
    put_sized(fixture, "1_A/a.png", 8, 4);
    put_sized(fixture, "1_A/b.png", 6, 6);
    struct collection_options options = {.fit_sizes = true};
    const struct collection *collection = read_art(fixture, options);
    assert_int_equal(collection->width, 6);
    assert_int_equal(collection->height, 6);
    assert_int_equal(count_notices(collection, "other-size", "1_A/a.png is 8x4"), 1);
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "1_A/a.png|8x4|6x6|--resample|\"at\"");
    put_sized(fixture, "2_B/c.png", 8, 4);
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "1_A/b.png|6x6|8x4");
    assert_string_equal(read_art(fixture, options)->root, fixture->folder);
}

static void a_failing_allocation_is_told_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    put(fixture,
        "Hat/a#1.png|Hat/b/x#1.png|Hat/m#1/a#1.png|Body/note.png|2 eyes/z1,a?opacity=3.png");
    put_text(fixture, "collection.json",
             "{\"name\":\"N\",\"layers\":[{\"name\":\"Hat\",\"optional\":0.1},{\"name\":\"eyes\"}],"
             "\"traits\":{\"Hat/*\":{\"z\":3},\"eyes/None\":{\"weight\":2}}}");
    enum sgr_status status = SGR_NO_MEMORY;
    uint64_t number = 1;
    for (; status != SGR_OK; number++) {
        memory_fail_after(number, false);
        status = try_art(fixture, DEFAULTS);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_true(number < 1000);
    }
    assert_true(number > 50);
}

static void the_nftchef_pack_is_understood(void **state)
{
    struct fixture *fixture = *state;
    char path[4096];
    struct file_info info;
    snprintf(path, sizeof path, "%s/packs/nftchef/layers", shared_folder());
    if (file_look(path, &info, NULL) != SGR_OK || info.kind != FILE_FOLDER)
        skip();
    struct collection_options options = {.path = path, .grammar = SGR_GRAMMAR_NFTCHEF};
    for (int pass = 0; pass < 2; pass++) {
        const struct collection *collection = read_art(fixture, options);
        assert_int_equal(collection->layer_count, 8);
        assert_int_equal(collection->width, 1080);
        expect_traits(collection, "Accessory",
                      "Helmet 10, MetallicShades 1, None 100, "
                      "Purple Glasses 25");
        expect_traits(collection, "Eyes", "happy 25, normal 25, star eyes 30");
        expect_traits(collection, "Hair", "bluehair 10, purplehair 10");
        expect_parts(collection, "Accessory", "Purple Glasses",
                     "z-10,Glasses back.png z-10, Glasses front.png");
        expect_parts(collection, "Back Accessory", "Backpack",
                     "backpack-FILL.png, 1backpack-lines.png");
        expect_parts(collection, "Hair", "bluehair", "bluehair#50.png z1");
        assert_non_null(trait_of(collection, "Clothes", "shirt one"));
        options.grammar = SGR_GRAMMAR_AUTO;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest layers_are_found_and_ordered[] = {
        TEST(layers_follow_their_numbers),
        TEST(layers_without_numbers_are_in_natural_order_with_a_warning),
        TEST(one_layer_needs_no_order),
        TEST(loose_pictures_are_one_layer),
        TEST(what_is_no_art_is_noticed_or_skipped),
        TEST(notices_end_with_the_number_of_those_left_out),
        TEST(the_option_layers_picks_and_orders),
    };
    const struct CMUnitTest wrong_art_is_refused_by_name[] = {
        TEST(art_that_is_none_is_refused),
        TEST(pictures_that_are_none_are_refused_by_name),
        TEST(folders_that_lead_back_are_refused),
        TEST(too_many_combinations_are_refused),
        TEST(a_failing_allocation_is_told_and_leaves_nothing),
    };
    const struct CMUnitTest names_become_traits[] = {
        TEST(unweighted_layers_are_equal_choices),
        TEST(weights_are_exact),
        TEST(nested_weights_multiply),
        TEST(required_parts_lie_below_in_reverse_order),
        TEST(unweighted_sub_folders_combine_with_the_choice),
        TEST(the_absent_trait_is_a_file_called_none),
        TEST(names_that_collide_take_their_path),
        TEST(names_pass_settings_down),
        TEST(grammar_nftchef_draws_what_has_no_weight),
        TEST(grammar_hashlips_is_flat),
        TEST(the_canvas_is_the_commonest_size),
        TEST(the_nftchef_pack_is_understood),
    };
    int failures = cmocka_run_group_tests(layers_are_found_and_ordered, NULL, NULL);
    failures += cmocka_run_group_tests(wrong_art_is_refused_by_name, NULL, NULL);
    failures += cmocka_run_group_tests(names_become_traits, NULL, NULL);
    return failures;
}
