/* Art of other programs: what each importer makes of it, what it names, and what it refuses. */
#include "collection_fixture.h"

#include "collection/init_document.h"

/* Writes a text with single quotes for double ones, so that tests stay readable. */
static void put_quoted(struct fixture *fixture, const char *name, const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    put_text(fixture, name, copy);
    free(copy);
}

/* What init writes, read again, is the same collection. */
static void expect_round_trip(struct fixture *fixture)
{
    struct text before = {0};
    struct text after = {0};
    assert_int_equal(init_document_write(fixture->collection, &before, NULL), SGR_OK);
    put_text(fixture, "collection.json", before.bytes);
    const struct collection *old = fixture->collection;
    fixture->collection = NULL;
    const struct collection *again = read_art(fixture, DEFAULTS);
    assert_int_equal(again->layer_count, old->layer_count);
    assert_string_equal(again->grammar, old->grammar);
    for (size_t layer = 0; layer < old->layer_count; layer++) {
        assert_int_equal(again->layers[layer].trait_count, old->layers[layer].trait_count);
        for (size_t at = 0; at < old->layers[layer].trait_count; at++) {
            const struct collection_trait *left = &old->layers[layer].traits[at];
            const struct collection_trait *right = &again->layers[layer].traits[at];
            assert_string_equal(left->name, right->name);
            assert_string_equal(left->value, right->value);
            assert_int_equal(left->weight, right->weight);
            assert_int_equal(left->part_count, right->part_count);
        }
    }
    assert_int_equal(again->rules.rule_count, old->rules.rule_count);
    assert_int_equal(init_document_write(again, &after, &fixture->error), SGR_USAGE);
    expect_text(fixture, "there is a collection.json already");
    assert_int_equal(file_remove(full_path(fixture, "collection.json"), NULL), SGR_OK);
    struct collection *owned = (struct collection *)(uintptr_t)old;
    collection_destroy(&owned);
    text_finish(&before);
    text_finish(&after);
}

static void lab_names_are_known_by_their_settings(void **state)
{
    struct fixture *fixture = *state;
    put(fixture,
        "Hat__z30/Crown__w2.png|Hat__z30/Cap.png|Body__z10/A__w10.png|Body__z10/B__w5.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_string_equal(collection->grammar, "lab");
    expect_layers(collection, "Body, Hat");
    expect_traits(collection, "Body", "A 2, B 1");
    expect_traits(collection, "Hat", "Cap 1, Crown 2");
    expect_parts(collection, "Hat", "Cap", "Cap.png z30");
    assert_int_equal(count_notices(collection, "layer-order", ""), 0);
    expect_round_trip(fixture);
}

static void lab_offsets_and_depths_add_up(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Back__z5/a.png|Hair__z10__x1__y2/Long__z-20__w3.png|"
                 "Hair__z10__x1__y2/Long__x5.png|Hair__z10__x1__y2/Short__y-1.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "Hair", "Long 3, Short 1");
    expect_parts(collection, "Hair", "Long", "Long__z-20__w3.png z-10, Long__x5.png z10");
    const struct collection_part *parts = trait_of(collection, "Hair", "Long")->parts;
    assert_true(parts[0].placed && parts[0].x == 1 && parts[0].y == 2);
    assert_true(parts[1].placed && parts[1].x == 6 && parts[1].y == 2);
    parts = trait_of(collection, "Hair", "Short")->parts;
    assert_true(parts[0].placed && parts[0].x == 1 && parts[0].y == 1);
    assert_false(trait_of(collection, "Back", "a")->parts[0].placed);
    expect_round_trip(fixture);
}

static void lab_edge_cases_become_traits_with_rules(void **state)
{
    struct fixture *fixture = *state;
    put(fixture,
        "Body__z1/Robot__w1.png|Body__z1/Human__w3.png|Eyes__z2/Dot.png|Eyes__z2/Ray.png|"
        "Hat__z3/Crown__w2.png|Hat__z3/Cap__w2.png|Hat__z3/edge-cases/Crown__tBody__vRobot.png|"
        "Hat__z3/edge-cases/In__tEyes__vRay__z9/Crown.png|"
        "Hat__z3/edge-cases/Cap__tBody__vGhost.png|Hat__z3/edge-cases/Fez__tBody__vRobot.png");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    /* Robot is 1 of 4, Ray 1 of 2: of 8 crowns 2 are with a robot, 3 of the others with a ray. */
    expect_traits(collection, "Hat", "Cap 8, Crown 3, Crown (Body Robot) 2, Crown (Eyes Ray) 3");
    assert_string_equal(trait_of(collection, "Hat", "Crown (Body Robot)")->value, "Crown");
    expect_parts(collection, "Hat", "Crown (Eyes Ray)", "Crown.png z12");
    assert_int_equal(collection->rules.rule_count, 4);
    assert_int_equal(count_notices(collection, "edge-case", ""), 2);
    /* Every body, eyes and option of hat has exactly one trait that may be drawn. */
    const struct collection_layer *hat = layer_of(collection, "Hat");
    for (uint16_t look = 0; look < 4; look++) {
        size_t crowns = 0;
        for (uint16_t at = 0; at < hat->trait_count; at++) {
            uint16_t traits[3] = {look / 2, look % 2, at};
            bool fits = rules_broken(&collection->rules, traits) == RULES_NONE;
            crowns += fits && strcmp(hat->traits[at].value, "Crown") == 0;
        }
        assert_int_equal(crowns, 1);
    }
    expect_round_trip(fixture);
}

static void lab_names_that_say_nothing_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct collection_options lab = {.grammar = SGR_GRAMMAR_LAB};
    static const char *const rows[][2] = {
        {"a__q5.png", "__q5|no setting of a lab name"},
        {"a__w0.png", "__w0|begins with 1"},
        {"a__w1.5.png", "__w1.5|whole number"},
        {"a__wx.png", "__wx|whole number"},
        {"a__z1000001.png", "__z1000001|1000000"},
        {"a__x40000.png", "__x40000|32767"},
        {"a__.png", "__|no setting"},
        {"__w1.png", "nothing is left"},
        {"a__tHat__vB.png", "belong to pictures in edge-cases"},
        {"a__tHat.png", "belong to pictures in edge-cases"},
        {"a__vB.png", "belong to pictures in edge-cases"},
        {"edge-cases/a__tHat.png", "__t<Layer>__v<Trait>"},
        {"edge-cases/a.png", "__t<Layer>__v<Trait>"},
    };
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        char name[128];
        put(fixture, "Body/b__w1.png");
        snprintf(name, sizeof name, "Body/%s", rows[index][0]);
        put(fixture, name);
        expect_refusal(fixture, lab, SGR_INPUT, rows[index][1]);
        assert_int_equal(file_remove(full_path(fixture, name), NULL), SGR_OK);
    }
    put(fixture, "Body/b__z5__w2.png");
    expect_refusal(fixture, lab, SGR_INPUT, "the weight of b already");
    assert_int_equal(file_remove(full_path(fixture, "Body/b__z5__w2.png"), NULL), SGR_OK);
    put(fixture, "Body__z1/c.png");
    expect_refusal(fixture, lab, SGR_INPUT, "both would be the layer Body");
}

static void hash_names_are_not_taken_for_lab(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Body/a__w5#2.png|Body/b__z.png|Body/c__w5x.png");
    assert_string_equal(read_art(fixture, DEFAULTS)->grammar, "folders");
    put(fixture, "Aura/d__z5.png|Hat__z2/e.png");
    assert_string_equal(read_art(fixture, DEFAULTS)->grammar, "folders");
    assert_int_equal(file_remove(full_path(fixture, "Body/a__w5#2.png"), NULL), SGR_OK);
    assert_int_equal(file_remove(full_path(fixture, "Body/b__z.png"), NULL), SGR_OK);
    assert_int_equal(file_remove(full_path(fixture, "Body/c__w5x.png"), NULL), SGR_OK);
    put(fixture, "Body/f.png");
    assert_string_equal(read_art(fixture, DEFAULTS)->grammar, "lab");
}

#define PYTHON_LAYERS                                                                              \
    "'layers': [{'name': 'Ground', 'values': ['Blue', 'Red'], 'trait_path': './art/ground/',"      \
    "'filename': ['b', 'r'], 'weights': [25.5, 74.5]}, {'name': 'Logo', 'values': ['None', 'Py', " \
    "'Py 2'], 'trait_path': 'art', 'filename': ['x', 'py', 'py'], 'weights': [50, 25, 25]}]"

static void python_settings_become_pictures_and_rules(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "art/ground/b.png|art/ground/r.png|art/x.png|art/py.png|other/z.png");
    put_quoted(fixture, "config.json",
               "{" PYTHON_LAYERS ", 'incompatibilities': [{'layer': 'Ground', 'value': 'Blue', "
               "'incompatible_with': ['Py', 'Py 2'], 'default': {'value': 'None'}}], "
               "'baseURI': '.', 'name': 'NFT #', 'description': 'd'}");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_string_equal(collection->grammar, "python");
    assert_string_equal(collection->name, "NFT");
    expect_traits(collection, "Ground", "Blue 51, Red 149");
    expect_traits(collection, "Logo", "None 50, Py 25, Py 2 25");
    assert_false(trait_of(collection, "Logo", "None")->none);
    assert_int_equal(collection->rules.rule_count, 1);
    assert_int_equal(count_notices(collection, "import-setting", "default"), 1);
    assert_int_equal(count_notices(collection, "import-setting", "baseURI"), 1);
    expect_round_trip(fixture);
    struct collection_options file = {.path = strdup(full_path(fixture, "config.json"))};
    assert_string_equal(read_art(fixture, file)->grammar, "python");
    free((char *)(uintptr_t)file.path);
}

static void python_settings_that_fit_nothing_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const rows[][2] = {
        {"{" PYTHON_LAYERS ", 'incompatibilities': [{'layer': 'Ground', 'value': 'Blue', "
         "'incompatible_with': ['Py 3']}]}",
         "config.json|incompatibilities[0]|Py 3|did you mean"},
        {"{" PYTHON_LAYERS ", 'incompatibilities': [{'layer': 'Sky', 'value': 'Blue', "
         "'incompatible_with': []}]}",
         "names no layer"},
        {"{'layers': [{'name': 'A', 'values': ['x'], 'trait_path': '../up', 'filename': ['a'], "
         "'weights': [1]}]}",
         "below the folder of this file"},
        {"{'layers': [{'name': 'A', 'values': ['x'], 'trait_path': 'a', 'filename': [], "
         "'weights': [1]}]}",
         "equally long"},
        {"{'layers': [{'name': 'A', 'values': ['x'], 'trait_path': 'a', 'filename': ['x'], "
         "'weights': ['1']}]}",
         "\"weights\"|config.json:1:"},
        {"{'layers': [{'values': ['x'], 'trait_path': 'a', 'filename': ['x'], 'weights': [1]}]}",
         "layers[0]|\"name\" has to be"},
        {"{" PYTHON_LAYERS ", 'incompatibilities': {}}",
         "\"incompatibilities\" has to be a list|config.json:1:"},
    };
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        put_quoted(fixture, "config.json", rows[index][0]);
        expect_refusal(fixture, DEFAULTS, SGR_INPUT, rows[index][1]);
    }
}

/* A project of three layers with these settings. */
static void put_project(struct fixture *fixture, const char *settings)
{
    put(fixture, "layers/Ground/Red#3.png|layers/Ground/Blue.png|layers/Eye color/Green#1.png|"
                 "layers/Eye color/Cyan#1.png|layers/Hat/Top#1.png|layers/Hat/Cap#2.png|"
                 "node_modules/x.png");
    put_text(fixture, "package.json", "{}");
    put_text(fixture, "src/config.js", settings);
}

#define THREE_LAYERS                                                                               \
    "[{ name: \"Ground\" }, { name: \"Eye color\", options: { displayName: 'Eyes', "               \
    "blend: MODE.colorBurn, opacity: 0.5, bypassDNA: true } }, { name: `Hat` }]"

static void hashlips_projects_are_read_as_they_are(void **state)
{
    struct fixture *fixture = *state;
    put_project(fixture, "const { MODE } = require('x');\nconst namePrefix = \"Cats\";\n"
                         "const description = 'd';\nconst baseUri = 'ipfs://';\n"
                         "const network = NETWORK.sol;\n"
                         "const layerConfigurations = [{ growEditionSizeTo: 10, layersOrder: "
                         "" THREE_LAYERS " }];\n"
                         "const format = { width: 4, height: 4, smoothing: false };\n"
                         "const background = { generate: true, brightness: '80%' };\n"
                         "const preview = { imageRatio: format.height / format.width };\n");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_string_equal(collection->grammar, "hashlips");
    assert_string_equal(collection->name, "Cats");
    assert_int_equal(collection->count, 10);
    assert_true(collection->start_set && collection->start == 0);
    expect_layers(collection, "Ground, Eye color, Hat");
    expect_traits(collection, "Ground", "Blue 1, Red 3");
    const struct collection_layer *eyes = layer_of(collection, "Eye color");
    assert_string_equal(eyes->trait_type, "Eyes");
    assert_false(eyes->distinct);
    assert_int_equal(eyes->traits[0].parts[0].mode, BLEND_COLOR_BURN);
    assert_int_equal(eyes->traits[0].parts[0].opacity, 128);
    assert_int_equal(count_notices(collection, "import-setting", "config.js:8: background"), 1);
    assert_int_equal(count_notices(collection, "import-setting", "baseUri (line 4)"), 1);
    assert_int_equal(collection->notice_count, 2);
    expect_round_trip(fixture);
    struct collection_options file = {.path = strdup(full_path(fixture, "src/config.js"))};
    assert_string_equal(read_art(fixture, file)->name, "Cats");
    free((char *)(uintptr_t)file.path);
}

static void nftchef_combinations_become_rules(void **state)
{
    struct fixture *fixture = *state;
    put_project(fixture,
                "const layerConfigurations = [{ growEditionSizeTo: 5, namePrefix: 'M',\n"
                "layersOrder: " THREE_LAYERS " }];\n"
                "const incompatible = { Red: ['Top', 'Cyan'], Cap: ['Blue'], Ghost: ['Red'] };\n"
                "const forcedCombinations = { Green: 'Cap' };\n"
                "const traitValueOverrides = { Cap: 'Flat Cap' };\n");
    put(fixture, "layers/Ground/Blue#1.png");
    assert_int_equal(file_remove(full_path(fixture, "layers/Ground/Blue.png"), NULL), SGR_OK);
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_string_equal(collection->grammar, "nftchef");
    assert_string_equal(collection->name, "M");
    assert_int_equal(collection->rules.rule_count, 4);
    assert_string_equal(trait_of(collection, "Hat", "Cap")->value, "Flat Cap");
    assert_int_equal(count_notices(collection, "import-setting", "\"Ghost\" is no choice"), 1);
    /* Ground Blue/Red, Eye color Cyan/Green, Hat Cap/Top: what the rules leave of eight. */
    size_t valid = 0;
    for (uint16_t item = 0; item < 8; item++) {
        uint16_t traits[3] = {item / 4, item / 2 % 2, item % 2};
        valid += rules_broken(&collection->rules, traits) == RULES_NONE;
    }
    assert_int_equal(valid, 2);
    expect_round_trip(fixture);
}

static void several_configurations_are_groups(void **state)
{
    struct fixture *fixture = *state;
    put_project(fixture, "const layerConfigurations = [\n"
                         "{ growEditionSizeTo: 3, layersOrder: [{ name: 'Ground' }, { name: 'Hat' "
                         "}] },\n{ growEditionSizeTo: 3, layersOrder: [{ name: 'Hat' }] },\n"
                         "{ growEditionSizeTo: 9, layersOrder: [{ name: 'Ground' }, { name: 'Hat', "
                         "blend: 'multiply' }] }];");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_int_equal(count_notices(collection, "import-setting", "config.js:3"), 1);
    assert_int_equal(collection->layer_count, 4);
    assert_string_equal(collection->layers[2].name, "Hat 2");
    assert_string_equal(collection->layers[2].trait_type, "Hat");
    /* A configuration that makes nothing is no group. */
    assert_int_equal(collection_group_layer(collection), 3);
    assert_int_equal(collection->layers[3].trait_count, 2);
    assert_int_equal(collection->stacks[1].layer_count, 3);
}

static void settings_that_decide_items_have_to_be_plain(void **state)
{
    struct fixture *fixture = *state;
    static const char *const rows[][2] = {
        {"", "no layerConfigurations"},
        {"const layerConfigurations = make();", "config.js:1: layerConfigurations|write it out"},
        {"const layerConfigurations = [];", "config.js:1: layerConfigurations"},
        {"\nconst layerConfigurations = [...sets];", "config.js:2|layerConfigurations is no plain"},
        {"const layerConfigurations = [{ growEditionSizeTo: 5, layersOrder: order }];",
         "config.js:1: layersOrder"},
        {"const layerConfigurations = [{ growEditionSizeTo: 5, layersOrder: [...order] }];",
         "config.js:1|layersOrder"},
        {"const layerConfigurations = [{ growEditionSizeTo: n, layersOrder: [{ name: 'Hat' }] }];",
         "growEditionSizeTo is no plain whole number"},
        {"const layerConfigurations = [{ growEditionSizeTo: 0, layersOrder: [{ name: 'Hat' }] }];",
         "no configuration makes an item"},
        {"const layerConfigurations = [{ growEditionSizeTo: 5, layersOrder: [{ name: 'Hut' }] }];",
         "layers/Hut"},
        {"const layerConfigurations = [{ growEditionSizeTo: 5, layersOrder: [{ name: 'Hat', blend: "
         "'burn' }] }];",
         "config.js:1: the blend mode|burn"},
        {"const layerConfigurations = [{ growEditionSizeTo: 5, layersOrder: [{ name: 'Hat', "
         "opacity: 2 }] }];",
         "config.js:1: opacity"},
        {"const layerConfigurations = [{ growEditionSizeTo: 5, layersOrder: [{ name: 'Hat' }] }];\n"
         "layerConfigurations.push({});",
         "layerConfigurations"},
        {"const layerConfigurations = [{ growEditionSizeTo: 5, layersOrder: [{ name: 'Hat' }] }];\n"
         "const incompatible = { Top: names };",
         "config.js:2: Top"},
        {"const rarityDelimiter = '%';", "config.js:1: rarityDelimiter is %"},
    };
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        put_project(fixture, rows[index][0]);
        expect_refusal(fixture, DEFAULTS, SGR_INPUT, rows[index][1]);
    }
}

static void layers_may_list_pictures(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a/x.png|a/y.png|b/z.png");
    put_quoted(
        fixture, "collection.json",
        "{'layers': [{'name': 'A', 'z': 2, 'opacity': 0.5, 'pictures': {'None': [], 'X': "
        "'a/x.png', 'Y': ['a/x.png', {'file': 'a/y.png', 'z': 7, 'at': [1, -1], 'blend': "
        "'multiply', 'opacity': 0.5}]}}, {'name': 'B', 'folder': 'b'}], 'traits': {'A/None': "
        "{'weight': 2}, 'A/X': {'value': 'An X'}}}");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    expect_traits(collection, "A", "None 2, X 1, Y 1");
    assert_true(trait_of(collection, "A", "None")->none);
    assert_string_equal(trait_of(collection, "A", "X")->value, "An X");
    expect_parts(collection, "A", "Y", "x.png z2, y.png z7");
    const struct collection_part *part = &trait_of(collection, "A", "Y")->parts[1];
    assert_true(part->placed && part->x == 1 && part->y == -1 && part->mode == BLEND_MULTIPLY);
    assert_int_equal(part->opacity, 64);
    static const char *const rows[][2] = {
        {"{'layers': [{'name': 'A', 'pictures': {}}]}", "1 to 65535 traits"},
        {"{'layers': [{'name': 'A', 'folder': 'a', 'pictures': {'X': 'a/x.png'}}]}", "keep one"},
        {"{'layers': [{'name': 'A', 'pictures': {'X': []}}]}", "only the trait None"},
        {"{'layers': [{'name': 'A', 'pictures': {'X': 5}}]}", "has to be an object"},
        {"{'layers': [{'name': 'A', 'pictures': {'X': '../x.png'}}]}", "below the art folder"},
        {"{'layers': [{'name': 'A', 'pictures': {'X': 'a/w.png'}}]}", "a/w.png"},
        {"{'layers': [{'name': 'A', 'pictures': {'X': {'file': 'a/x.png', 'zz': 1}}}]}", "zz"},
        {"{'grammar': 'hash'}", "the grammar|hash|hashlips"},
        {"{'grammar': 'lab', 'layers': [{'name': 'A', 'folder': 'a'}]}", "pictures"},
    };
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        put_quoted(fixture, "collection.json", rows[index][0]);
        expect_refusal(fixture, DEFAULTS, SGR_INPUT, rows[index][1]);
    }
}

static void every_failed_allocation_is_told(void **state)
{
    struct fixture *fixture = *state;
    put_project(fixture,
                "const layerConfigurations = [{ growEditionSizeTo: 5, layersOrder: " THREE_LAYERS
                " }];\nconst incompatible = { Red: ['Top'] };");
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t at = 1; status != SGR_OK; at += 3) {
        memory_fail_after(at, true);
        status = try_art(fixture, DEFAULTS);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lab_names_are_known_by_their_settings),
        TEST(lab_offsets_and_depths_add_up),
        TEST(lab_edge_cases_become_traits_with_rules),
        TEST(lab_names_that_say_nothing_are_refused),
        TEST(hash_names_are_not_taken_for_lab),
        TEST(python_settings_become_pictures_and_rules),
        TEST(python_settings_that_fit_nothing_are_refused),
        TEST(hashlips_projects_are_read_as_they_are),
        TEST(nftchef_combinations_become_rules),
        TEST(several_configurations_are_groups),
        TEST(settings_that_decide_items_have_to_be_plain),
        TEST(layers_may_list_pictures),
        TEST(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
