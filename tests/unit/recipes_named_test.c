/* Recipes that name traits: CSV, published metadata, and one recipe as people type it. */
#include "collection/published_item.h"
#include "collection/recipe_text.h"
#include "collection/recipes.h"
#include "collection_fixture.h"
#include "plan/plan_draft.h"

/* Two layers share a trait type, two traits a value, and a rule tells some of them apart. */
static void put_art(struct fixture *fixture)
{
    put(fixture, "art/Back/Red.png|art/Back/a,b=c.png|art/Front/Curl.png|art/Rear/Curl.png|"
                 "art/Rear/Bun.png|art/Hat/Silk#5/Cap#5.png|art/Hat/Wool#5/Cap#5.png");
    put_text(fixture, "art/collection.json",
             "{\"layers\":[{\"name\":\"Back\"},{\"name\":\"Rear\",\"trait_type\":\"Hair\","
             "\"optional\":0.5},{\"name\":\"Front\",\"trait_type\":\"Hair\",\"optional\":0.5},"
             "{\"name\":\"Hat\",\"optional\":0.5}],"
             "\"rules\":[{\"forbid\":[\"Hat/Wool/Cap\",\"Back/Red\"]},"
             "{\"if\":\"Front/Curl\",\"order\":[\"Hat\",\"below\",\"Front\"]}]}");
}

static enum sgr_status try_read(struct fixture *fixture, const char *name,
                                struct recipes **out_recipes)
{
    char art[4096];
    strcpy(art, full_path(fixture, "art"));
    struct collection_options options = {.path = art};
    fixture->error.text[0] = '\0';
    return recipes_read(full_path(fixture, name), &options, out_recipes, &fixture->error);
}

static struct recipes *read_text(struct fixture *fixture, const char *text)
{
    struct recipes *recipes = NULL;
    put_text(fixture, "recipes", text);
    if (try_read(fixture, "recipes", &recipes) != SGR_OK)
        fail_msg("not read: %s", fixture->error.text);
    return recipes;
}

/* "Red None Curl Wool/Cap": an item's traits. */
static void expect_item(const struct recipes *recipes, size_t item, uint64_t id,
                        const char *expected)
{
    char names[256] = "";
    const struct collection *collection = recipes->collection;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        size_t used = strlen(names);
        uint16_t trait = recipes->traits[item * collection->layer_count + layer];
        snprintf(names + used, sizeof names - used, "%s%s", layer ? " " : "",
                 collection->layers[layer].traits[trait].name);
    }
    assert_int_equal(recipes->ids[item], id);
    assert_string_equal(names, expected);
}

static const char csv_text[] =
    "id,Hat,Back,Front,Rear\n7,Wool/Cap,\"a,b=c\",Curl,\n2,none,Red,,Bun";

static const char list_text[] =
    "[{\"edition\":4,\"attributes\":[{\"trait_type\":\"Back\",\"value\":\"Red\"},"
    "{\"trait_type\":\"Hat\",\"value\":\"Cap\"}]},\n"
    "{\"edition\":3,\"attributes\":[{\"trait_type\":\"Hair\",\"value\":\"Curl\"},"
    "{\"trait_type\":\"Hair\",\"value\":\"Curl\"},{\"trait_type\":\"Back\",\"value\":\"Red\"},"
    "{\"trait_type\":\"Level\",\"value\":0.5}]}]";

static void tables_name_layers_and_traits(void **state)
{
    struct fixture *fixture = *state;
    put_art(fixture);
    struct recipes *recipes = read_text(fixture, csv_text);
    assert_int_equal(recipes->count, 2);
    assert_int_equal(recipes->order_count, 0);
    assert_null(recipes->attribute_starts);
    expect_item(recipes, 0, 2, "Red Bun None None");
    expect_item(recipes, 1, 7, "a,b=c None Curl Wool/Cap");
    struct plan_draft draft = {0};
    assert_int_equal(plan_draft_adopt(&draft, recipes, 0, &fixture->error), SGR_OK);
    assert_int_equal(plan_draft_order_count(&draft), 2);
    assert_int_not_equal(plan_draft_order_id(&draft, 0), plan_draft_order_id(&draft, 1));
    plan_draft_finish(&draft);
    recipes_destroy(&recipes);
}

static void published_attributes_are_kept_where_they_say_more(void **state)
{
    struct fixture *fixture = *state;
    put_art(fixture);
    struct recipes *recipes = read_text(fixture, list_text);
    expect_item(recipes, 0, 3, "Red Curl Curl None");
    expect_item(recipes, 1, 4, "Red None None Silk/Cap");
    assert_non_null(recipes->attribute_starts);
    assert_int_equal(recipes->attribute_starts[1], 4);
    assert_int_equal(recipes->attribute_starts[2], 6);
    assert_string_equal(recipes->attributes[recipes->attribute_ids[3]],
                        "{\"trait_type\":\"Level\",\"value\":0.5}");
    assert_string_equal(recipes->attributes[recipes->attribute_ids[5]],
                        "{\"trait_type\":\"Hat\",\"value\":\"Cap\"}");
    assert_int_equal(count_notices(recipes->collection, "attribute-kept", "Level"), 1);
    recipes_destroy(&recipes);
}

static void broken_rules_are_noticed_by_item(void **state)
{
    struct fixture *fixture = *state;
    put_art(fixture);
    struct recipes *recipes = read_text(
        fixture, "id,Back,Hat,Front,Rear\n5,Red,Wool/Cap,,\n6,Red,,,\n4,Red,Wool/Cap,,\n");
    assert_int_equal(count_notices(recipes->collection, "rule-broken", "2 of the items"), 1);
    assert_int_equal(count_notices(recipes->collection, "rule-broken", "item 5"), 1);
    recipes_destroy(&recipes);
}

static void put_groups(struct fixture *fixture)
{
    put(fixture, "art/Back/Red.png|art/Body/Cat.png|art/Body/Dog.png|art/Hat/Cap.png|"
                 "art/Hat/Top.png");
    put_text(fixture, "art/collection.json",
             "{\"layers\":[{\"name\":\"Back\"},{\"name\":\"Body\"},{\"name\":\"Hat\"}],"
             "\"groups\":[{\"name\":\"Plain\",\"count\":2,\"layers\":[\"Back\",\"Body\"]},"
             "{\"name\":\"Hatted\",\"count\":2,\"layers\":[\"Back\",\"Body\",\"Hat\"]}]}");
}

static void what_groups_mean_is_told_by_its_text(void **state)
{
    struct fixture *fixture = *state;
    put_groups(fixture);
    struct recipes *recipes =
        read_text(fixture, "id,Back,Body,Hat,Group\n1,Red,Cat,Cap,Plain\n2,Red,Dog,Cap,Plain\n");
    assert_int_equal(count_notices(recipes->collection, "rule-broken", "without the layer Hat"), 1);
    assert_int_equal(count_notices(recipes->collection, "rule-broken", "2 of the items"), 1);
    assert_int_equal(count_notices(recipes->collection, "rule-broken", "rules["), 0);
    recipes_destroy(&recipes);
}

static void groups_are_told_by_the_layers_of_an_item(void **state)
{
    struct fixture *fixture = *state;
    struct recipes *recipes;
    put_groups(fixture);
    put(fixture, "art/Ones/Saint.png");
    recipes = read_text(fixture, "id,Back,Body,Hat\n1,Red,Cat,Cap\n2,Red,Dog,\n");
    expect_item(recipes, 0, 1, "Red Cat Cap Hatted");
    expect_item(recipes, 1, 2, "Red Dog None Plain");
    recipes_destroy(&recipes);
    recipes =
        read_text(fixture, "{\"id\":3,\"attributes\":[{\"trait_type\":\"Body\","
                           "\"value\":\"Dog\"},{\"trait_type\":\"Back\",\"value\":\"Red\"}]}");
    expect_item(recipes, 0, 3, "Red Dog None Plain");
    recipes_destroy(&recipes);
    put_text(fixture, "art/collection.json",
             "{\"layers\":[{\"name\":\"Back\"},{\"name\":\"Body\"},{\"name\":\"Hat\"}],"
             "\"groups\":[{\"name\":\"A\",\"count\":1,\"layers\":[\"Back\",\"Body\"]},"
             "{\"name\":\"B\",\"count\":1,\"layers\":[\"Body\",\"Back\"]},"
             "{\"name\":\"C\",\"count\":1,\"layers\":[\"Body\",\"Hat\"]}],"
             "\"items\":[{\"name\":\"Saint\",\"image\":\"Ones/Saint.png\"}]}");
    recipes = read_text(fixture, "id,Back,Body,Hat\n1,,,\n2,,Dog,Top\n");
    expect_item(recipes, 0, 1, "None None None Saint");
    expect_item(recipes, 1, 2, "None Dog Top C");
    recipes_destroy(&recipes);
    put_text(fixture, "recipes", "id,Back,Body,Hat\n1,Red,Cat,\n");
    assert_int_equal(try_read(fixture, "recipes", &recipes), SGR_INPUT);
    assert_non_null(strstr(fixture->error.text, "Group/A or Group/B"));
    put_text(fixture, "recipes", "id,Back,Body,Hat\n1,Red,,Cap\n");
    assert_int_equal(try_read(fixture, "recipes", &recipes), SGR_INPUT);
    assert_non_null(strstr(fixture->error.text, "no group draws just these layers"));
}

/* Cells and objects that do not fit the window that files are read through. */
static void what_is_longer_than_the_window_is_read(void **state)
{
    struct fixture *fixture = *state;
    enum { LONG = 3 << 20 };
    char *text = calloc(1, LONG + 400);
    char *filler = calloc(1, LONG + 1);
    assert_true(text && filler);
    memset(filler, '\n', LONG);
    put_art(fixture);
    snprintf(text, LONG + 400,
             "[{\"edition\":1,\"note\":\"}\\\"]\",%s\"attributes\":"
             "[{\"trait_type\":\"Back\",\"value\":\"Red\"}]}\n]",
             filler);
    struct recipes *recipes = read_text(fixture, text);
    assert_int_equal(recipes->count, 1);
    recipes_destroy(&recipes);
    snprintf(text, LONG + 400, "id,Back,Hat,Front,Rear\n1,Red,\"%s\",,\n", filler);
    put_text(fixture, "recipes", text);
    assert_int_equal(try_read(fixture, "recipes", &recipes), SGR_INPUT);
    expect_text(fixture, "recipes:2: cell 3: the trait of layer Hat");
    free(text);
    free(filler);
}

/* Every allocation of a form fails once, and nothing is left behind. */
static void fail_allocations(struct fixture *fixture, const char *name, uint64_t least)
{
    enum sgr_status status = SGR_NO_MEMORY;
    struct recipes *recipes = NULL;
    uint64_t number = 1;
    char art[4096];
    strcpy(art, full_path(fixture, "art"));
    struct collection_options options = {.path = art};
    const char *path = full_path(fixture, name);
    for (; status != SGR_OK; number++) {
        memory_fail_after(number, false);
        status = recipes_read(path, &options, &recipes, &fixture->error);
        memory_fail_after(0, false);
        if (status != SGR_OK && status != SGR_NO_MEMORY)
            fail_msg("allocation %llu: %s", (unsigned long long)number, fixture->error.text);
        assert_true((status == SGR_OK) == (recipes != NULL));
        assert_true(number < 5000);
    }
    assert_true(number > least);
    recipes_destroy(&recipes);
}

static void a_failing_allocation_is_told_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    put_art(fixture);
    put_text(fixture, "table", csv_text);
    put_text(fixture, "list", list_text);
    put_text(fixture, "published/1.json",
             "{\"attributes\":[{\"trait_type\":\"Back\",\"value\":\"Red\"}]}");
    put_text(fixture, "published/0/2",
             "{\"attributes\":[{\"trait_type\":\"Back\",\"value\":\"Red\"},{\"value\":7}]}");
    fail_allocations(fixture, "table", 60);
    fail_allocations(fixture, "list", 60);
    fail_allocations(fixture, "published", 60);
}

static void files_are_called_by_numbers(void **state)
{
    (void)state;
    static const char hex[] = "00000000000000000000000000000000000000000000000000000000000000fF";
    uint64_t id = 0;
    assert_true(published_item_file_id("0012.json", &id));
    assert_int_equal(id, 12);
    assert_true(published_item_file_id(hex, &id));
    assert_int_equal(id, 255);
    char large[80];
    strcpy(large, hex);
    strcpy(large + 62, "10");
    assert_true(published_item_file_id(large, &id));
    assert_int_equal(id, 16);
    strcpy(large, hex);
    large[5] = '1';
    assert_false(published_item_file_id(large, &id));
    static const char *const others[] = {"",   ".json",          "a.json",      "1.png",
                                         "-1", "_metadata.json", "1.json.json", "0x1"};
    for (size_t index = 0; index < sizeof others / sizeof *others; index++)
        assert_false(published_item_file_id(others[index], &id));
}

/* The traits that a typed recipe comes to, or the error. */
static void expect_typed(struct fixture *fixture, struct recipe_match *match, const char *text,
                         const char *expected)
{
    char names[256] = "";
    fixture->error.text[0] = '\0';
    if (recipe_text_read(text, match, &fixture->error) != SGR_OK) {
        expect_text(fixture, expected);
        return;
    }
    const struct collection *collection = match->names->collection;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", layer ? " " : "",
                 collection->layers[layer].traits[match->traits[layer]].name);
    }
    assert_string_equal(names, expected);
}

static void typed_recipes_have_escapes_and_leave_layers_out(void **state)
{
    struct fixture *fixture = *state;
    put_art(fixture);
    char art[4096];
    strcpy(art, full_path(fixture, "art"));
    struct collection_options options = {.path = art};
    const struct collection *collection = read_art(fixture, options);
    struct recipe_names names;
    struct recipe_match match;
    assert_int_equal(recipe_names_init(&names, collection, NULL), SGR_OK);
    assert_int_equal(recipe_match_init(&match, &names, NULL), SGR_OK);
    expect_typed(fixture, &match, "Back=Red", "Red None None None");
    expect_typed(fixture, &match, "Hat=Wool/Cap,Back=a\\,b\\=c,", "a,b=c None None Wool/Cap");
    expect_typed(fixture, &match, "Back=Red,Hat=Cap,Rear=none", "Red None None Silk/Cap");
    expect_typed(fixture, &match, "Back=a\\,b\\=c,Hat=Cap", "may mean|Hat/Silk/Cap|Hat/Wool/Cap");
    expect_typed(fixture, &match, "", "Back|cannot be absent|Red");
    expect_typed(fixture, &match, "Hat=Cap", "Back|cannot be absent|Red");
    expect_typed(fixture, &match, "Back", "LAYER=TRAIT");
    expect_typed(fixture, &match, ",Back=Red", "\",Back\"");
    expect_typed(fixture, &match, "Back=Red,Back=Red", "Back|twice");
    expect_typed(fixture, &match, "Back=Rd", "\"Rd\"|\"Red\"");
    expect_typed(fixture, &match, "Back=", "Back|no absent trait");
    recipe_match_finish(&match);
    recipe_names_finish(&names);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tables_name_layers_and_traits),
        TEST(published_attributes_are_kept_where_they_say_more),
        TEST(broken_rules_are_noticed_by_item),
        TEST(what_groups_mean_is_told_by_its_text),
        TEST(groups_are_told_by_the_layers_of_an_item),
        TEST(what_is_longer_than_the_window_is_read),
        TEST(a_failing_allocation_is_told_and_leaves_nothing),
        TEST(files_are_called_by_numbers),
        TEST(typed_recipes_have_escapes_and_leave_layers_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
