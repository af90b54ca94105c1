/* collection.json: what every key does, and that wrong keys and values are named by place. */
#include "collection_fixture.h"

/* Writes collection.json with single quotes for double ones, so that tests stay readable. */
static void configure(struct fixture *fixture, const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; *at; at++) {
        if (*at == '\'')
            *at = '"';
    }
    put_text(fixture, "collection.json", copy);
    free(copy);
}

static void refuse(struct fixture *fixture, const char *text, const char *pieces)
{
    configure(fixture, text);
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, pieces);
    expect_text(fixture, "collection.json");
}

static void the_whole_is_described(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "2_Hat/a.png|1_Body/a.png");
    configure(fixture,
              "\xef\xbb\xbf{'$schema': 'x', 'name': 'Critters', 'description': 'two\\nlines', "
              "'count': 10000, 'start': 0, 'seed': 42, 'canvas': {'width': 4, 'height': 4}}");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_string_equal(collection->name, "Critters");
    assert_string_equal(collection->description, "two\nlines");
    assert_string_equal(collection->seed, "42");
    assert_int_equal(collection->count, 10000);
    assert_true(collection->start_set);
    assert_int_equal(collection->start, 0);
    assert_string_equal(collection->grammar, "collection.json");
    expect_layers(collection, "Body, Hat");
    assert_int_equal(collection->notice_count, 0);
    struct collection_options options = {.path = full_path(fixture, "collection.json")};
    collection = read_art(fixture, options);
    assert_string_equal(collection->root, fixture->folder);
    configure(fixture, "{'seed': 'spring'}");
    collection = read_art(fixture, DEFAULTS);
    assert_string_equal(collection->seed, "spring");
    assert_string_equal(collection->name, strrchr(fixture->folder, '/') + 1);
    assert_int_equal(collection->count, 0);
    assert_false(collection->start_set);
}

static void other_json_files_and_folders_work_too(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png");
    put_text(fixture, "other.json", "{\"name\": \"Other\"}");
    char *old = getcwd(NULL, 0);
    assert_int_equal(chdir(fixture->folder), 0);
    struct collection_options options = {.path = "other.json"};
    const struct collection *collection = read_art(fixture, options);
    assert_string_equal(collection->name, "Other");
    assert_string_equal(collection->root, ".");
    assert_string_equal(collection->pictures[0].path, "Hat/a.png");
    assert_int_equal(chdir(old), 0);
    free(old);
}

static void layers_are_those_listed(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "01_Body/a.png|02_Hat/a.png|02_Hat/b?opacity=0.5.png|deep/art/z3,c.png|Old/a.png");
    configure(fixture, "{'layers': [{'name': 'Hat', 'opacity': 0.8, 'blend': 'multiply', 'z': 5,"
                       "'trait_type': 'Headwear', 'distinct': false}, {'name': 'Body'},"
                       "{'name': 'Coat', 'folder': 'deep/art', 'at': [10, -20], 'z': 9},"
                       "{'name': 'Hat again', 'folder': '02_Hat'}]}");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_layers(collection, "Hat, Body, Coat, Hat again");
    const struct collection_layer *hat = &collection->layers[0];
    assert_string_equal(hat->folder, "02_Hat");
    assert_string_equal(hat->trait_type, "Headwear");
    assert_false(hat->distinct);
    assert_true(collection->layers[1].distinct);
    const struct collection_part *part = trait_of(collection, "Hat", "a")->parts;
    assert_int_equal(part->opacity, 204);
    assert_int_equal(part->mode, BLEND_MULTIPLY);
    assert_int_equal(part->z, 5);
    assert_int_equal(trait_of(collection, "Hat", "b")->parts->opacity, 102);
    part = trait_of(collection, "Coat", "c")->parts;
    assert_int_equal(part->z, 3);
    assert_true(part->placed);
    assert_int_equal(part->x, 10);
    assert_int_equal(part->y, -20);
    assert_int_equal(collection->picture_count, 4);
    assert_int_equal(count_notices(collection, "unused-folder", "/Old"), 1);
    assert_int_equal(collection->notice_count, 1);
    struct collection_options options = {.layers = "Coat,Body"};
    expect_layers(read_art(fixture, options), "Coat, Body");
}

static void placed_pictures_have_their_own_size(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Body/a.png");
    put_sized(fixture, "Badge/x.png", 2, 2);
    put_sized(fixture, "Badge/y.png", 2, 2);
    configure(fixture, "{'layers': [{'name': 'Body'}, {'name': 'Badge', 'at': [1, 1]}]}");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_int_equal(collection->width, 4);
    configure(fixture, "{'canvas': {'width': 4, 'height': 4}, 'layers': [{'name': 'Badge'}],"
                       "'traits': {'Badge/x': {'at': [0, 0]}}}");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "Badge/y.png|2x2|4x4|at");
    configure(fixture, "{'layers': [{'name': 'Badge', 'at': [1, 1]}]}");
    assert_int_equal(read_art(fixture, DEFAULTS)->width, 2);
}

static void optional_is_the_exact_share_of_none(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/Alpha#1.png|Hat/Zed#2.png");
    configure(fixture, "{'layers': [{'name': 'Hat', 'optional': 0.3}]}");
    expect_traits(read_art(fixture, DEFAULTS), "Hat", "Alpha 7, None 9, Zed 14");
    configure(fixture, "{'layers': [{'name': 'Hat', 'optional': 0.000000001}]}");
    expect_traits(read_art(fixture, DEFAULTS), "Hat", "Alpha 333333333, None 1, Zed 666666666");
    configure(fixture, "{'layers': [{'name': 'Hat', 'optional': 0}]}");
    expect_traits(read_art(fixture, DEFAULTS), "Hat", "Alpha 1, Zed 2");
    configure(fixture, "{'layers': [{'name': 'Hat', 'optional': 0.5}],"
                       "'traits': {'Hat/None': {'weight': 1}}}");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "layer Hat|optional|None");
    put_text(fixture, "Hat/NONE#1.png", "");
    configure(fixture, "{'layers': [{'name': 'Hat', 'optional': 0.5}]}");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "layer Hat|optional|Hat/NONE#1.png");
}

static void traits_are_set_by_key(void **state)
{
    struct fixture *fixture = *state;
    put(fixture,
        "Hat/Crown#20.png|Hat/Cap#20?opacity=0.5.png|Hat/Bow#60.png|Eyes/a.png|Eyes/b.png");
    configure(fixture, "{'traits': {'Hat/Crown': {'count': 12, 'tags': ['rare'], 'z': 5},"
                       "'Hat/Bow': {'weight': 0.5, 'blend': 'screen', 'at': [1, 2]},"
                       "'*/*': {'opacity': 0.5}, 'Hat/C*p': {'opacity': 0.2, 'z': -1},"
                       "'Eyes/None': {'weight': 2}, 'Hat/None': {'count': 3}}}");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    const struct collection_trait *crown = trait_of(collection, "Hat", "Crown");
    const struct collection_trait *bow = trait_of(collection, "Hat", "Bow");
    const struct collection_trait *cap = trait_of(collection, "Hat", "Cap");
    assert_true(crown->count_fixed);
    assert_int_equal(crown->count, 12);
    assert_int_equal(crown->parts->z, 5);
    assert_int_equal(crown->parts->opacity, 128);
    assert_int_equal(bow->weight * 40, cap->weight);
    assert_int_equal(bow->parts->mode, BLEND_SCREEN);
    assert_true(bow->parts->placed);
    assert_int_equal(bow->parts->y, 2);
    assert_int_equal(cap->parts->opacity, 26);
    assert_int_equal(cap->parts->z, -1);
    expect_traits(collection, "Eyes", "None 2, a 1, b 1");
    assert_true(trait_of(collection, "Eyes", "None")->none);
    assert_true(trait_of(collection, "Hat", "None")->count_fixed);
    assert_int_equal(trait_of(collection, "Hat", "None")->count, 3);
}

static void weights_from_names_and_keys_share_a_scale(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Eyes/eye#50/happy#1.png|Eyes/eye#50/sad#2.png|Eyes/star#30.png");
    configure(fixture, "{'traits': {'Eyes/star': {'weight': 50}}}");
    expect_traits(read_art(fixture, DEFAULTS), "Eyes", "happy 1, sad 2, star 3");
    configure(fixture, "{'traits': {'Eyes/happy': {'weight': 0}, 'Eyes/s*': {'weight': 0}}}");
    expect_refusal(fixture, DEFAULTS, SGR_INPUT, "/Eyes|weights|0");
    configure(fixture, "{'traits': {'Eyes/*': {'weight': 0}, 'Eyes/sad': {'count': 5}}}");
    assert_int_equal(trait_of(read_art(fixture, DEFAULTS), "Eyes", "sad")->count, 5);
}

static void wrong_json_has_line_and_column(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png");
    refuse(fixture, "{\n  'name': 'x',\n  'name': 'y'\n}", "collection.json:3:|duplicate");
    refuse(fixture, "{\n  'name': }", "collection.json:2:|not valid JSON");
    refuse(fixture, "", "collection.json:1:");
    refuse(fixture, "[1]", "object");
    refuse(fixture, "{'name': '\xff'}", "not valid JSON");
    refuse(fixture, "{'name': 'a\\u0000b'}", "not valid JSON");
}

static void unknown_keys_are_named_with_the_nearest(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png");
    refuse(fixture, "{\n 'cuont': 5}", "collection.json:2:2|\"cuont\"|did you mean \"count\"");
    refuse(fixture, "{'canvas': {'widht': 5}}", "canvas|\"widht\"|did you mean \"width\"");
    refuse(fixture, "{'canvas': {'width': 5}}", "canvas|height");
    refuse(fixture, "{'layers': [{'name': 'Hat'},\n{'name': 'B', 'optionl': 0}]}",
           "collection.json:2:15: layers[1]|\"optionl\"|\"optional\"");
    refuse(fixture, "{'traits': {'Hat/a': {'waight': 1}}}", "traits[\"Hat/a\"]|waight|\"weight\"");
}

static void wrong_values_are_named_with_their_range(void **state)
{
    struct fixture *fixture = *state;
    static const char *const cases[][2] = {
        {"{'name': ''}", "\"name\"|not empty"},
        {"{'name': 7}", "\"name\"|text"},
        {"{'count': 0}", "\"count\"|from 1 to 1000000000"},
        {"{'count': 1.5}", "\"count\"|whole number"},
        {"{'count': 1000000001}", "\"count\""},
        {"{'start': -1}", "\"start\"|from 0"},
        {"{'seed': 1.5}", "\"seed\""},
        {"{'canvas': {'width': 32768, 'height': 1}}", "\"width\"|from 1 to 32767"},
        {"{'canvas': 5}", "\"canvas\"|object"},
        {"{'layers': {}}", "\"layers\"|list"},
        {"{'layers': []}", "\"layers\"|1 to 1024"},
        {"{'layers': ['Hat']}", "layers[0]|object"},
        {"{'layers': [{'folder': 'Hat'}]}", "layers[0]|\"name\""},
        {"{'layers': [{'name': 'a/b', 'folder': 'Hat'}]}", "layers[0]|'/'"},
        {"{'layers': [{'name': 'Hat', 'optional': 1}]}", "\"optional\"|0 to 0.999999999"},
        {"{'layers': [{'name': 'Hat', 'optional': -0.1}]}", "\"optional\""},
        {"{'layers': [{'name': 'Hat', 'opacity': 1.1}]}", "\"opacity\"|from 0 to 1"},
        {"{'layers': [{'name': 'Hat', 'z': 0.5}]}", "\"z\"|whole"},
        {"{'layers': [{'name': 'Hat', 'at': [1]}]}", "\"at\"|[x, y]"},
        {"{'layers': [{'name': 'Hat', 'at': [1, 32768]}]}", "\"at\"|32767"},
        {"{'layers': [{'name': 'Hat', 'distinct': 1}]}", "\"distinct\"|true or false"},
        {"{'layers': [{'name': 'Hat', 'blend': 'multipy'}]}", "multipy|\"multiply\""},
        {"{'layers': [{'name': 'Hat', 'blend': 'luminosty'}]}", "luminosty|\"luminosity\""},
        {"{'layers': [{'name': 'Hta'}]}", "folder|\"Hta\"|\"Hat\""},
        {"{'layers': [{'name': 'x', 'folder': 'Hat/none'}]}", "folder|\"Hat/none\""},
        {"{'layers': [{'name': 'x', 'folder': '../Hat'}]}", "layers[0]|folder|\"..\""},
        {"{'layers': [{'name': 'x', 'folder': '/Hat'}]}", "folder"},
        {"{'layers': [{'name': 'x', 'folder': 'Hat\\\\b'}]}", "folder"},
        {"{'layers': [{'name': 'Hat'}, {'name': 'Hat'}]}", "/Hat|both would be the layer Hat"},
        {"{'traits': {'Hat': {}}}", "traits[\"Hat\"]|Layer/Trait"},
        {"{'traits': {'Hat/b': {}}}", "traits[\"Hat/b\"]|trait|\"b\"|known: Crown"},
        {"{'traits': {'Hat/Crwn': {}}}", "\"Crwn\"|did you mean \"Crown\""},
        {"{'traits': {'Hta/Crown': {}}}", "layer|\"Hta\"|did you mean \"Hat\""},
        {"{'traits': {'Hat/x*': {}}}", "traits[\"Hat/x*\"]|pattern"},
        {"{'traits': {'Hat/Crown': 3}}", "traits[\"Hat/Crown\"]|object"},
        {"{'traits': {'Hat/Crown': {'weight': -1}}}", "\"weight\"|from 0"},
        {"{'traits': {'Hat/Crown': {'weight': 1, 'count': 2}}}", "keep one"},
        {"{'traits': {'Hat/Crown': {'tags': [1]}}}", "\"tags\"|list of texts"},
        {"{'traits': {'Hat/None': {'weight': 1, 'z': 2}}}", "traits[\"Hat/None\"]|absent"},
        {"{'traits': {'Hat/None': {}}}", "\"None\""},
    };
    put(fixture, "Hat/Crown.png");
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        configure(fixture, cases[index][0]);
        if (try_art(fixture, DEFAULTS) != SGR_INPUT)
            fail_msg("%s was accepted", cases[index][0]);
        expect_text(fixture, cases[index][1]);
    }
}

static void decimals_are_what_was_written(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png|Hat/b.png");
    configure(fixture, "{'traits': {'Hat/a': {'weight': 0.1}, 'Hat/b': {'weight': 0.3}}}");
    expect_traits(read_art(fixture, DEFAULTS), "Hat", "a 1, b 3");
    configure(fixture,
              "{'traits': {'Hat/a': {'weight': 1e-9}, 'Hat/b': {'weight': 123456.123456789}}}");
    expect_traits(read_art(fixture, DEFAULTS), "Hat", "a 1, b 123456123456789");
    configure(fixture, "{'traits': {'Hat/a': {'weight': 1e9}, 'Hat/b': {'weight': 1000000.5}}}");
    expect_traits(read_art(fixture, DEFAULTS), "Hat", "a 2000000000, b 2000001");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest keys_do_what_they_say[] = {
        TEST(the_whole_is_described),
        TEST(other_json_files_and_folders_work_too),
        TEST(layers_are_those_listed),
        TEST(placed_pictures_have_their_own_size),
        TEST(optional_is_the_exact_share_of_none),
        TEST(traits_are_set_by_key),
        TEST(weights_from_names_and_keys_share_a_scale),
        TEST(decimals_are_what_was_written),
    };
    const struct CMUnitTest wrong_files_are_refused_with_their_place[] = {
        TEST(wrong_json_has_line_and_column),
        TEST(unknown_keys_are_named_with_the_nearest),
        TEST(wrong_values_are_named_with_their_range),
    };
    int failures = cmocka_run_group_tests(keys_do_what_they_say, NULL, NULL);
    failures += cmocka_run_group_tests(wrong_files_are_refused_with_their_place, NULL, NULL);
    return failures;
}
