/* Recipes files: what layers and traits they come to, the order of items, and wrong lines. */
#include "collection/recipes.h"
#include "collection_fixture.h"

static enum sgr_status try_recipes(struct fixture *fixture, const char *text,
                                   struct recipes **out_recipes)
{
    put_text(fixture, "recipes.jsonl", text);
    struct collection_options options = {.path = fixture->folder};
    fixture->error.text[0] = '\0';
    return recipes_read(full_path(fixture, "recipes.jsonl"), &options, out_recipes,
                        &fixture->error);
}

static struct recipes *read_recipes(struct fixture *fixture, const char *text)
{
    struct recipes *recipes = NULL;
    if (try_recipes(fixture, text, &recipes) != SGR_OK)
        fail_msg("not read: %s", fixture->error.text);
    return recipes;
}

static void refuse(struct fixture *fixture, const char *text, const char *pieces)
{
    struct recipes *recipes = NULL;
    assert_int_equal(try_recipes(fixture, text, &recipes), SGR_INPUT);
    assert_null(recipes);
    expect_text(fixture, pieces);
}

static uint16_t trait_at(const struct recipes *recipes, size_t item, size_t layer)
{
    return recipes->traits[item * recipes->collection->layer_count + layer];
}

static void layers_are_folders_in_order_of_appearance(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "sky/red.png|sky/blue.png|set/chair.png|set/body.png|hat/cap.png|a/hat/top.png");
    struct recipes *recipes = read_recipes(
        fixture, "{\"layers\":[\"sky/red.png\",\"set/chair.png\",\"set/body.png\"]}\n\n"
                 "{\"id\":9,\"layers\":[\"hat/cap.png\",\"set/body.png\",\"sky/blue.png\"]}\r\n"
                 "{\"id\":4,\"layers\":[\"sky/red.png\",\"a/hat/top.png\"],\"traits\":{}}");
    const struct collection *collection = recipes->collection;
    expect_layers(collection, "sky, set, set 2, hat, hat 2");
    expect_traits(collection, "sky", "None 0, red 2, blue 1");
    expect_traits(collection, "set", "None 1, chair 1, body 1");
    expect_traits(collection, "set 2", "None 2, body 1");
    assert_true(collection->layers[0].traits[0].none);
    assert_string_equal(collection->grammar, "recipes");
    assert_int_equal(collection->picture_count, 6);
    assert_int_equal(recipes->count, 3);
    assert_int_equal(recipes->ids[0], 0);
    assert_int_equal(recipes->ids[1], 4);
    assert_int_equal(recipes->ids[2], 9);
    assert_int_equal(trait_at(recipes, 0, 0), 1);
    assert_int_equal(trait_at(recipes, 0, 2), 1);
    assert_int_equal(trait_at(recipes, 1, 1), 0);
    assert_int_equal(trait_at(recipes, 1, 4), 1);
    assert_int_equal(trait_at(recipes, 2, 0), 2);
    assert_int_equal(trait_at(recipes, 2, 1), 2);
    const struct recipes_order *order = &recipes->orders[recipes->order_ids[2]];
    assert_int_equal(order->layer_count, 3);
    assert_int_equal(order->layers[0], 3);
    assert_int_equal(order->layers[1], 1);
    assert_int_equal(order->layers[2], 0);
    assert_null(recipes->attribute_starts);
    recipes_destroy(&recipes);
    assert_null(recipes);
    recipes_destroy(&recipes);
}

static void traits_are_told_apart_by_all_settings(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "01_Hat/z3,cap#5?blend=screen&opacity=50.png|01_Hat/cap.png|01_Hat/None.png");
    struct recipes *recipes = read_recipes(
        fixture,
        "{\"layers\":[\"01_Hat/z3,cap#5?blend=screen&opacity=50.png\"]}\n"
        "{\"layers\":[{\"path\":\"01_Hat/z3,cap#5?blend=screen&opacity=50.png\","
        "\"blend\":\"multiply\",\"opacity\":0.2}]}\n"
        "{\"layers\":[{\"path\":\"01_Hat/cap.png\",\"at\":[-3,4]}]}\n"
        "{\"layers\":[{\"path\":\"01_Hat/cap.png\",\"opacity\":1,\"blend\":\"source-over\"}]}\n"
        "{\"layers\":[\"01_Hat/cap.png\"]}\n{\"layers\":[\"01_Hat/None.png\"]}\n{\"layers\":[]}\n");
    const struct collection *collection = recipes->collection;
    expect_traits(collection, "Hat", "None 1, cap 1, cap (2) 1, cap (3) 1, cap (4) 2, None (2) 1");
    const struct collection_part *part = trait_of(collection, "Hat", "cap")->parts;
    assert_int_equal(part->mode, BLEND_SCREEN);
    assert_int_equal(part->opacity, 128);
    assert_int_equal(part->z, 0);
    part = trait_of(collection, "Hat", "cap (2)")->parts;
    assert_int_equal(part->mode, BLEND_MULTIPLY);
    assert_int_equal(part->opacity, 51);
    part = trait_of(collection, "Hat", "cap (3)")->parts;
    assert_true(part->placed);
    assert_int_equal(part->x, -3);
    assert_string_equal(trait_of(collection, "Hat", "cap (3)")->value, "cap");
    assert_int_equal(recipes->orders[recipes->order_ids[6]].layer_count, 0);
    recipes_destroy(&recipes);
}

static void none_is_skipped(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png");
    put_text(fixture, "Hat/NONE#5.png", "");
    struct recipes *recipes =
        read_recipes(fixture, "{\"layers\":[\"Hat/NONE#5.png\",\"Hat/a.png\"]}\n");
    expect_layers(recipes->collection, "Hat");
    assert_int_equal(recipes->orders[0].layer_count, 1);
    assert_int_equal(recipes->collection->picture_count, 1);
    recipes_destroy(&recipes);
}

static void attributes_are_kept_once_each(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a.png");
    struct recipes *recipes = read_recipes(
        fixture,
        "{\"id\":2,\"layers\":[\"a.png\"],\"attributes\":[{\"trait_type\":\"Hat\",\"value\":"
        "\"\xc3\xa9/\\n\"},"
        "{\"value\":0.1}]}\n"
        "{\"id\":1,\"layers\":[],\"attributes\":[{ \"value\" : 0.1 },{\"value\":7,"
        "\"display_type\":\"number\"}]}\n{\"id\":3,\"layers\":[]}");
    assert_int_equal(recipes->attribute_count, 3);
    assert_string_equal(recipes->attributes[0],
                        "{\"trait_type\":\"Hat\",\"value\":\"\xc3\xa9/\\n\"}");
    assert_string_equal(recipes->attributes[1], "{\"value\":0.1}");
    assert_string_equal(recipes->attributes[2], "{\"value\":7,\"display_type\":\"number\"}");
    const uint64_t starts[] = {0, 2, 4, 4};
    const uint32_t ids[] = {1, 2, 0, 1};
    assert_memory_equal(recipes->attribute_starts, starts, sizeof starts);
    assert_memory_equal(recipes->attribute_ids, ids, sizeof ids);
    expect_layers(recipes->collection, strrchr(fixture->folder, '/') + 1);
    recipes_destroy(&recipes);
}

static void wrong_lines_are_refused_by_number(void **state)
{
    struct fixture *fixture = *state;
    static const char *const cases[][2] = {
        {"", "recipes.jsonl|no recipe"},
        {"\n \n", "no recipe"},
        {"{\"layers\":[]}\n{\"layers\":}", "recipes.jsonl:2:11|not valid JSON"},
        {"{\"layers\":[],\"layers\":[]}", "recipes.jsonl:1:|duplicate"},
        {"[]", "recipes.jsonl|no item"},
        {"{\"id\":1}", "recipes.jsonl:1|\"layers\" is missing"},
        {"{\"id\":-1,\"layers\":[]}", "recipes.jsonl:1|\"id\"|from 0 to 1001000000000"},
        {"{\"layer\":[]}", "recipes.jsonl:1|\"layer\"|\"layers\""},
        {"{\"layers\":[7]}", "recipes.jsonl:1: layers[0]|path"},
        {"{\"layers\":[{\"blend\":\"normal\"}]}", "layers[0]|\"path\" is missing"},
        {"{\"layers\":[{\"path\":\"Hat/a.png\",\"opacty\":1}]}", "layers[0]|opacty|\"opacity\""},
        {"{\"layers\":[{\"path\":\"Hat/a.png\",\"blend\":\"scren\"}]}", "scren|\"screen\""},
        {"{\"layers\":[{\"path\":\"Hat/a.png\",\"opacity\":2}]}", "\"opacity\"|from 0 to 1"},
        {"{\"layers\":[\"../Hat/a.png\"]}", "recipes.jsonl:1|../Hat/a.png|\"..\""},
        {"{\"layers\":[\"/Hat/a.png\"]}", "/Hat/a.png"},
        {"{\"layers\":[\"Hat//a.png\"]}", "Hat//a.png"},
        {"{\"layers\":[\"Hat\\\\a.png\"]}", "Hat\\a.png"},
        {"{\"layers\":[\"Hat/a.txt\"]}", "Hat/a.txt|picture"},
        {"\n{\"layers\":[\"Hat/b.png\"]}", "recipes.jsonl:2: |Hat/b.png"},
        {"{\"layers\":[\"Hat/c#x.png\"]}", "recipes.jsonl:1: Hat/c#x.png|weight"},
        {"{\"layers\":[],\"attributes\":[1]}", "attributes[0]|value"},
        {"{\"layers\":[],\"attributes\":[{\"trait_type\":\"a\"}]}", "attributes[0]|value"},
        {"{\"layers\":[],\"attributes\":[{\"trait_type\":1,\"value\":1}]}", "trait_type"},
        {"{\"id\":7,\"layers\":[\"Hat/a.png\"]}\n{\"id\":3,\"layers\":[]}\n"
         "{\"id\":7,\"layers\":[]}",
         "recipes.jsonl:3: |id 7|line 1"},
    };
    put(fixture, "Hat/a.png");
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        refuse(fixture, cases[index][0], cases[index][1]);
    struct recipes *recipes = NULL;
    struct collection_options options = {.path = fixture->folder};
    assert_int_equal(recipes_read("/nowhere.jsonl", &options, &recipes, &fixture->error),
                     SGR_INPUT);
    options.path = "/nowhere";
    assert_int_equal(recipes_read("/nowhere.jsonl", &options, &recipes, &fixture->error),
                     SGR_INPUT);
    assert_int_equal(recipes_read("/nowhere.jsonl", &options, &recipes, NULL), SGR_INPUT);
}

static void sizes_have_to_fit(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png|Hat/b.png");
    put_sized(fixture, "Hat/c.png", 2, 2);
    refuse(
        fixture,
        "{\"layers\":[\"Hat/a.png\"]}\n{\"layers\":[\"Hat/c.png\"]}\n{\"layers\":[\"Hat/b.png\"]}",
        "Hat/c.png|2x2|4x4");
    struct recipes *recipes = read_recipes(
        fixture, "{\"layers\":[\"Hat/a.png\",{\"path\":\"Hat/c.png\",\"at\":[0,1]}]}\n");
    recipes_destroy(&recipes);
    put_text(fixture, "collection.json",
             "{\"name\":\"N\",\"canvas\":{\"width\":2,\"height\":2},\"layers\":[]}");
    recipes = read_recipes(fixture, "{\"layers\":[\"Hat/c.png\"]}\n");
    assert_string_equal(recipes->collection->name, "N");
    assert_int_equal(recipes->collection->width, 2);
    assert_int_equal(count_notices(recipes->collection, "config-unused", ""), 1);
    recipes_destroy(&recipes);
}

static void lines_longer_than_the_window_are_read(void **state)
{
    struct fixture *fixture = *state;
    enum { LONG = 3 << 20 };
    char *text = calloc(1, LONG + 200);
    assert_non_null(text);
    put(fixture, "a.png");
    strcpy(text, "{\"id\":1,\"layers\":[\"a.png\"]}\n{\"id\":2,\"layers\":[]");
    size_t used = strlen(text);
    memset(text + used, ' ', LONG);
    strcpy(text + used + LONG, "}\n{\"id\":3,\"layers\":[\"a.png\"]}");
    struct recipes *recipes = read_recipes(fixture, text);
    assert_int_equal(recipes->count, 3);
    assert_int_equal(trait_at(recipes, 2, 0), 1);
    recipes_destroy(&recipes);
    free(text);
}

static void a_failing_allocation_is_told_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/a.png|Hat/b.png|Body/a.png");
    static const char text[] =
        "{\"id\":5,\"layers\":[\"Hat/a.png\",\"Body/a.png\"],\"attributes\":[{\"value\":1}]}\n"
        "{\"id\":2,\"layers\":[\"Hat/b.png\",\"Hat/b.png\"]}\n";
    enum sgr_status status = SGR_NO_MEMORY;
    struct recipes *recipes = NULL;
    put_text(fixture, "recipes.jsonl", text);
    struct collection_options options = {.path = fixture->folder};
    const char *path = full_path(fixture, "recipes.jsonl");
    uint64_t number = 1;
    for (; status != SGR_OK; number++) {
        memory_fail_after(number, false);
        status = recipes_read(path, &options, &recipes, &fixture->error);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_true((status == SGR_OK) == (recipes != NULL));
        assert_true(number < 1000);
    }
    assert_true(number > 30);
    recipes_destroy(&recipes);
}

static void the_mfers_pack_is_read(void **state)
{
    struct fixture *fixture = *state;
    char path[4096];
    char art[4096];
    struct file_info info;
    snprintf(art, sizeof art, "%s/packs/mfers", shared_folder());
    snprintf(path, sizeof path, "%s/packs/mfers/recipes.jsonl", shared_folder());
    if (file_look(path, &info, NULL) != SGR_OK || info.kind != FILE_REGULAR)
        skip();
    struct collection_options options = {.path = art};
    struct recipes *recipes = NULL;
    if (recipes_read(path, &options, &recipes, &fixture->error) != SGR_OK)
        fail_msg("not read: %s", fixture->error.text);
    const struct collection *collection = recipes->collection;
    assert_int_equal(recipes->count, 10021);
    assert_int_equal(recipes->order_count, 455);
    assert_int_equal(collection->layer_count, 18);
    assert_int_equal(collection->width, 1000);
    assert_int_equal(trait_of(collection, "background", "red")->count, 1846);
    assert_string_equal(collection->layers[2].name, "setting 2");
    assert_int_equal(recipes->attribute_starts[recipes->count], 79666);
    assert_string_equal(recipes->attributes[recipes->attribute_ids[0]],
                        "{\"trait_type\":\"background\",\"value\":\"red\"}");
    for (size_t item = 0; item < recipes->count; item++) {
        const struct recipes_order *order = &recipes->orders[recipes->order_ids[item]];
        for (size_t index = 0; index < order->layer_count; index++)
            assert_int_not_equal(trait_at(recipes, item, order->layers[index]), 0);
    }
    recipes_destroy(&recipes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest recipes_become_a_collection[] = {
        TEST(layers_are_folders_in_order_of_appearance),
        TEST(traits_are_told_apart_by_all_settings),
        TEST(none_is_skipped),
        TEST(attributes_are_kept_once_each),
        TEST(lines_longer_than_the_window_are_read),
        TEST(the_mfers_pack_is_read),
    };
    const struct CMUnitTest wrong_recipes_are_refused[] = {
        TEST(wrong_lines_are_refused_by_number),
        TEST(sizes_have_to_fit),
        TEST(a_failing_allocation_is_told_and_leaves_nothing),
    };
    int failures = cmocka_run_group_tests(recipes_become_a_collection, NULL, NULL);
    failures += cmocka_run_group_tests(wrong_recipes_are_refused, NULL, NULL);
    return failures;
}
