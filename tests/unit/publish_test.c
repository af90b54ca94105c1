/*
 * What is published, read by an independent JSON parser: metadata, exports, reports. An export is
 * art again, and gives the same items.
 */
#include "api_fixture.h"

#include "base/arena.h"
#include "image/blend.h"
#include "plan/plan_draft.h"
#include "publish/export.h"
#include "publish/metadata.h"

#include <jansson.h>

static json_t *parse(const struct text *text)
{
    json_error_t error;
    assert_false(text->failed);
    json_t *value = json_loadb(text->bytes, text->length, JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fail_msg("line %d: %s in %.200s", error.line, error.text, text->bytes);
    return value;
}

static json_t *parse_file(struct fixture *fixture, const char *name)
{
    json_error_t error;
    json_t *value = json_load_file(full_path(fixture, name), JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fail_msg("%s line %d: %s", name, error.line, error.text);
    return value;
}

static const char *string_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void put_config(struct fixture *fixture)
{
    put_art(fixture, SIDE);
    put_text(
        fixture, "art/collection.json",
        "{\"name\": \"\\\"Quoted\\\" \\u20ac\", \"description\": \"Two\\nlines\\\\\","
        " \"layers\": [{\"name\": \"Ground\", \"folder\": \"1_Ground\"},"
        " {\"name\": \"Body\", \"folder\": \"2_Body\", \"blend\": \"multiply\", \"opacity\": 0.4},"
        " {\"name\": \"Hat\", \"folder\": \"3_Hat\", \"optional\": 0.25}]}");
}

static void check_item(const json_t *item, uint64_t id, const char *prefix)
{
    char expected[64];
    static const char *const keys[] = {"name", "description", "image", "edition", "attributes"};
    for (size_t key = 0; key < sizeof keys / sizeof *keys; key++)
        assert_non_null(json_object_get(item, keys[key]));
    assert_int_equal(json_object_size(item), 5);
    snprintf(expected, sizeof expected, "\"Quoted\" \xe2\x82\xac #%" PRIu64, id);
    assert_string_equal(string_of(item, "name"), expected);
    assert_string_equal(string_of(item, "description"), "Two\nlines\\");
    snprintf(expected, sizeof expected, "%s%" PRIu64 ".png", prefix, id);
    assert_string_equal(string_of(item, "image"), expected);
    assert_int_equal(json_integer_value(json_object_get(item, "edition")), id);
    size_t index;
    json_t *attribute;
    json_array_foreach(json_object_get(item, "attributes"), index, attribute)
    {
        assert_int_equal(json_object_size(attribute), 2);
        assert_true(strlen(string_of(attribute, "trait_type")) > 0);
        assert_string_not_equal(string_of(attribute, "value"), "None");
    }
    assert_in_range(index, 2, 3);
}

static void metadata_is_json_alone_and_joined(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    put_config(fixture);
    struct sgr_plan *plan = make_plan(fixture, 20);
    struct sgr_generate_options options = {.image_prefix = "ipfs://\"x\"/"};
    OK(fixture, run_into(fixture, plan, "out", options, &result));
    json_t *joined = parse_file(fixture, "out/metadata/_metadata.json");
    assert_int_equal(json_array_size(joined), 20);
    for (uint64_t id = 1; id <= 20; id++) {
        char name[64];
        snprintf(name, sizeof name, "out/metadata/%" PRIu64 ".json", id);
        json_t *item = parse_file(fixture, name);
        check_item(item, id, "ipfs://\"x\"/");
        assert_true(json_equal(item, json_array_get(joined, id - 1)));
        json_decref(item);
    }
    json_decref(joined);
    sgr_plan_close(&plan);
}

static struct text export(struct fixture *fixture, struct sgr_plan *plan, enum sgr_format format)
{
    struct text text = {0};
    struct sgr_sink sink = sink_to(&text);
    OK(fixture, sgr_plan_export(plan, format, &sink, &fixture->error));
    return text;
}

/* Reads one cell of RFC 4180 and moves past it and its separator. */
static void take_cell(const char **at, char *cell)
{
    bool quoted = **at == '"';
    *at += quoted;
    while (quoted ? !(**at == '"' && (*at)[1] != '"') : **at != ',' && **at != '\n') {
        assert_int_not_equal(**at, '\0');
        *at += quoted && **at == '"';
        *cell++ = *(*at)++;
    }
    *cell = '\0';
    *at += quoted;
    assert_true(**at == ',' || **at == '\n');
    (*at)++;
}

static void a_table_has_a_row_an_item_with_quoted_names(void **state)
{
    struct fixture *fixture = *state;
    put_config(fixture);
    struct sgr_plan *plan = make_plan(fixture, 20);
    struct text csv = export(fixture, plan, SGR_FORMAT_CSV);
    const char *at = csv.bytes;
    char cell[256];
    static const char *const head[] = {"id", "Ground", "Body", "Hat"};
    for (int column = 0; column < 4; column++) {
        take_cell(&at, cell);
        assert_string_equal(cell, head[column]);
    }
    int wise = 0;
    for (uint64_t id = 1; id <= 20; id++) {
        char expected[32];
        take_cell(&at, cell);
        snprintf(expected, sizeof expected, "%" PRIu64, id);
        assert_string_equal(cell, expected);
        take_cell(&at, cell);
        assert_true(strcmp(cell, "blue") == 0 || strcmp(cell, "red") == 0);
        take_cell(&at, cell);
        wise += strcmp(cell, "owl, \"the wise\"") == 0;
        take_cell(&at, cell);
    }
    assert_int_equal(*at, '\0');
    assert_true(wise > 2);
    text_finish(&csv);
    sgr_plan_close(&plan);
}

/* Recipes out and in again: the same lines, and the same pixels. */
static void an_export_is_art_for_the_same_items(void **state)
{
    struct fixture *fixture = *state;
    put_config(fixture);
    struct sgr_plan *plan = make_plan(fixture, 20);
    struct text lines = export(fixture, plan, SGR_FORMAT_JSON_LINES);
    put_bytes(fixture, "items.jsonl", lines.bytes, lines.length);
    struct sgr_art *art = open_art(fixture, "items.jsonl");
    assert_int_equal(sgr_art_count(art), 20);
    struct sgr_plan *again = NULL;
    struct sgr_plan_options options = {.band_rows = 7};
    OK(fixture, sgr_plan_create(art, &options, &again, &fixture->error));
    struct text second = export(fixture, again, SGR_FORMAT_JSON_LINES);
    assert_string_equal(second.bytes, lines.bytes);
    for (uint64_t id = 1; id <= 20; id++) {
        static uint8_t pixels[2][SIDE * SIDE * 4];
        OK(fixture, sgr_render(plan, id, pixels[0], sizeof pixels[0], &fixture->error));
        OK(fixture, sgr_render(again, id, pixels[1], sizeof pixels[1], &fixture->error));
        assert_memory_equal(pixels[0], pixels[1], sizeof pixels[0]);
    }
    const char *line = lines.bytes;
    for (int index = 0; index < 20; index++) {
        const char *end = strchr(line, '\n');
        struct text one = {0};
        text_append(&one, line, (size_t)(end - line));
        json_t *item = parse(&one);
        assert_true(json_array_size(json_object_get(item, "layers")) >= 2);
        assert_true(json_array_size(json_object_get(item, "attributes")) >= 2);
        json_decref(item);
        text_finish(&one);
        line = end + 1;
    }
    assert_int_equal(*line, '\0');
    text_finish(&lines);
    text_finish(&second);
    sgr_plan_close(&plan);
    sgr_plan_close(&again);
    sgr_art_close(&art);
}

/* Every opacity, every mode and odd places survive the way out and in. */
static void parts_of_every_kind_survive_an_export(void **state)
{
    struct fixture *fixture = *state;
    struct text recipes = {0};
    put_art(fixture, SIDE);
    for (unsigned opacity = 0; opacity <= 255; opacity++)
        text_format(&recipes,
                    "{\"id\": %u, \"layers\": [\"1_Ground/blue#1.png\", {\"path\": "
                    "\"2_Body/cat#1.png\", \"blend\": \"%s\", \"opacity\": 0.%07u, \"at\": "
                    "[%d, %d]}]}\n",
                    opacity * 3, blend_mode_name((enum blend_mode)(opacity % BLEND_MODE_COUNT)),
                    opacity == 255 ? 9999999 : (opacity * 10000000u + 127) / 255,
                    (int)opacity - 100, 50 - (int)opacity);
    put_bytes(fixture, "in.jsonl", recipes.bytes, recipes.length);
    struct text exports[2];
    for (int way = 0; way < 2; way++) {
        struct sgr_art *art = open_art(fixture, way ? "again.jsonl" : "in.jsonl");
        struct sgr_plan *plan = NULL;
        OK(fixture, sgr_plan_create(art, NULL, &plan, &fixture->error));
        assert_int_equal(sgr_plan_count(plan), 256);
        exports[way] = export(fixture, plan, SGR_FORMAT_JSON_LINES);
        put_bytes(fixture, "again.jsonl", exports[way].bytes, exports[way].length);
        sgr_plan_close(&plan);
        sgr_art_close(&art);
    }
    assert_string_equal(exports[0].bytes, exports[1].bytes);
    assert_non_null(strstr(exports[0].bytes, "\"opacity\":0.000000,\"at\":[-100,50]"));
    assert_non_null(strstr(exports[0].bytes, "\"opacity\":1,\"at\":[155,-205]"));
    assert_non_null(strstr(exports[0].bytes, "\"opacity\":0.501961"));
    text_finish(&exports[0]);
    text_finish(&exports[1]);
    text_finish(&recipes);
}

static void given_attributes_are_published_as_they_are(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    put_art(fixture, SIDE);
    put_text(fixture, "in.jsonl",
             "{\"id\": 5, \"layers\": [\"1_Ground/blue#1.png\"], \"attributes\": "
             "[{\"trait_type\": \"Level\", \"value\": 7, \"display_type\": \"number\"}, "
             "{\"value\": \"\\u20ac\"}]}\n"
             "{\"id\": 9, \"layers\": [\"1_Ground/red#3.png\"]}\n");
    struct sgr_art *art = open_art(fixture, "in.jsonl");
    struct sgr_plan *plan = NULL;
    OK(fixture, sgr_plan_create(art, NULL, &plan, &fixture->error));
    OK(fixture, run_into(fixture, plan, "out", NO_OPTIONS, &result));
    json_t *first = parse_file(fixture, "out/metadata/5.json");
    json_t *second = parse_file(fixture, "out/metadata/9.json");
    json_t *attributes = json_object_get(first, "attributes");
    assert_int_equal(json_array_size(attributes), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(attributes, 0), "value")),
                     7);
    assert_string_equal(string_of(json_array_get(attributes, 0), "display_type"), "number");
    assert_string_equal(string_of(json_array_get(attributes, 1), "value"), "\xe2\x82\xac");
    assert_int_equal(json_array_size(json_object_get(second, "attributes")), 0);
    json_decref(first);
    json_decref(second);
    sgr_plan_close(&plan);
    sgr_art_close(&art);
}

static void reports_are_json_with_true_numbers(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result;
    struct text text = {0};
    struct sgr_sink sink = sink_to(&text);
    put_config(fixture);
    struct sgr_plan *plan = make_plan(fixture, 20);
    OK(fixture, sgr_plan_describe(plan, SGR_FORMAT_JSON, &sink, &fixture->error));
    json_t *described = parse(&text);
    assert_int_equal(json_integer_value(json_object_get(described, "items")), 20);
    assert_int_equal(json_integer_value(json_object_get(described, "width")), SIDE);
    assert_int_equal(json_integer_value(json_object_get(described, "bands")), 4);
    assert_string_equal(string_of(described, "color"), "rgb");
    assert_string_equal(string_of(described, "seed"), "seed");
    size_t layer;
    json_t *entry;
    json_array_foreach(json_object_get(described, "layers"), layer, entry)
    {
        json_int_t planned = 0;
        size_t index;
        json_t *trait;
        json_array_foreach(json_object_get(entry, "traits"), index, trait) planned +=
            json_integer_value(json_object_get(trait, "planned"));
        assert_int_equal(planned, 20);
    }
    assert_int_equal(layer, 3);
    json_decref(described);
    OK(fixture, run_into(fixture, plan, "null:", NO_OPTIONS, &result));
    text_clear(&text);
    OK(fixture, sgr_generate_describe(plan, &result, SGR_FORMAT_JSON, &sink, &fixture->error));
    json_t *made = parse(&text);
    assert_int_equal(json_integer_value(json_object_get(made, "made")), 20);
    assert_int_equal(json_integer_value(json_object_get(made, "done")), 20);
    assert_true(json_is_true(json_object_get(made, "complete")));
    assert_int_equal(json_integer_value(json_object_get(made, "strips")), 80);
    json_decref(made);
    for (int way = 0; way < 2; way++) {
        text_clear(&text);
        if (way == 0)
            OK(fixture, sgr_plan_describe(plan, SGR_FORMAT_TEXT, &sink, &fixture->error));
        else
            OK(fixture,
               sgr_generate_describe(plan, &result, SGR_FORMAT_TEXT, &sink, &fixture->error));
        assert_non_null(strstr(text.bytes, "20 items"));
        assert_non_null(strstr(text.bytes, "owl, \"the wise\""));
    }
    text_clear(&text);
    struct sgr_art *art = open_art(fixture, NULL);
    OK(fixture, sgr_art_describe(art, SGR_FORMAT_JSON, &sink, &fixture->error));
    json_decref(parse(&text));
    sgr_art_close(&art);
    text_finish(&text);
    sgr_plan_close(&plan);
}

static int refuse(void *context, const char *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    return --*(int *)context < 0;
}

static void a_sink_that_refuses_ends_a_report(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_generate_result result = {0};
    int left = 0;
    struct sgr_sink sink = {&left, refuse};
    put_art(fixture, SIDE);
    struct sgr_art *art = open_art(fixture, NULL);
    struct sgr_plan *plan = make_plan(fixture, 18);
    assert_int_equal(sgr_art_describe(art, SGR_FORMAT_TEXT, &sink, NULL), SGR_OUTPUT);
    assert_int_equal(sgr_plan_describe(plan, SGR_FORMAT_JSON, &sink, NULL), SGR_OUTPUT);
    assert_int_equal(sgr_plan_export(plan, SGR_FORMAT_CSV, &sink, &fixture->error), SGR_OUTPUT);
    assert_non_null(strstr(fixture->error.text, "could not be written"));
    assert_int_equal(sgr_generate_describe(plan, &result, SGR_FORMAT_TEXT, &sink, NULL),
                     SGR_OUTPUT);
    struct text failed = {.failed = true};
    assert_int_equal(export_send(&failed, &sink, NULL), SGR_NO_MEMORY);
    sgr_art_close(&art);
    sgr_plan_close(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(metadata_is_json_alone_and_joined),
        TEST(a_table_has_a_row_an_item_with_quoted_names),
        TEST(an_export_is_art_for_the_same_items),
        TEST(parts_of_every_kind_survive_an_export),
        TEST(given_attributes_are_published_as_they_are),
        TEST(reports_are_json_with_true_numbers),
        TEST(a_sink_that_refuses_ends_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
