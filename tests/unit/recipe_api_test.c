/* One item by its traits through the public calls: what is refused, and what is left behind. */
#include "api_fixture.h"
#include "base/memory.h"

#include <serigraph/generate.h>
#include <serigraph/recipe.h>

/* The hat may be absent. */
static void put_two_layers(struct fixture *fixture)
{
    put_picture(fixture, "art/1 Back/Red#1.png", SIDE, FILL_SOLID, 1);
    put_picture(fixture, "art/2 Hat/Cap#1.png", SIDE, FILL_SPOT, 2);
    put_text(fixture, "art/collection.json",
             "{\"layers\":[{\"name\":\"Back\"},{\"name\":\"Hat\",\"optional\":0.5}]}");
}

static struct sgr_plan *plan_recipe(struct fixture *fixture, const char *text)
{
    struct sgr_plan_options options = {.recipe = text};
    struct sgr_art *art = open_art(fixture, NULL);
    struct sgr_plan *plan = NULL;
    OK(fixture, sgr_plan_create(art, &options, &plan, &fixture->error));
    sgr_art_close(&art);
    return plan;
}

static void a_recipe_is_described_and_rendered(void **state)
{
    struct fixture *fixture = *state;
    put_two_layers(fixture);
    struct sgr_plan *plan = plan_recipe(fixture, "Back=Red,Hat=Cap");
    assert_int_equal(sgr_plan_count(plan), 1);
    struct sgr_recipe_options options = {.text = "Hat=Cap,Back=Red"};
    struct sgr_recipe *recipe = NULL;
    struct text text = {0};
    struct sgr_sink sink = sink_to(&text);
    OK(fixture, sgr_recipe_open(plan, &options, &recipe, &fixture->error));
    OK(fixture, sgr_recipe_describe(recipe, SGR_FORMAT_JSON, &sink, &fixture->error));
    assert_string_equal(text.bytes, "{\"Back\":\"Red\",\"Hat\":\"Cap\"}");
    OK(fixture, sgr_recipe_render_file(recipe, full_path(fixture, "k.png"), &fixture->error));
    text_finish(&text);
    sgr_recipe_close(&recipe);
    assert_null(recipe);
    sgr_recipe_close(&recipe);
    sgr_plan_close(&plan);
}

static void nothing_where_something_is_needed_is_refused(void **state)
{
    struct fixture *fixture = *state;
    put_two_layers(fixture);
    struct sgr_plan *plan = plan_recipe(fixture, "Back=Red");
    struct sgr_recipe_options options = {.text = NULL};
    struct sgr_recipe *recipe = NULL;
    assert_int_equal(sgr_recipe_open(plan, &options, &recipe, NULL), SGR_USAGE);
    assert_int_equal(sgr_recipe_open(plan, NULL, &recipe, NULL), SGR_USAGE);
    options.text = "Back=Rod";
    assert_int_equal(sgr_recipe_open(plan, &options, &recipe, NULL), SGR_USAGE);
    assert_int_equal(sgr_recipe_open(NULL, &options, &recipe, NULL), SGR_USAGE);
    assert_int_equal(sgr_recipe_open(plan, &options, NULL, NULL), SGR_USAGE);
    assert_int_equal(sgr_recipe_render_file(NULL, "k.png", NULL), SGR_USAGE);
    assert_int_equal(sgr_recipe_describe(NULL, SGR_FORMAT_TEXT, NULL, NULL), SGR_USAGE);
    assert_null(recipe);
    sgr_plan_close(&plan);
}

static void a_failing_allocation_is_told(void **state)
{
    struct fixture *fixture = *state;
    put_two_layers(fixture);
    struct sgr_plan *plan = plan_recipe(fixture, "Back=Red,Hat=Cap");
    struct sgr_art *art = open_art(fixture, NULL);
    struct sgr_recipe_options options = {.text = "Back=Red,Hat=Cap", .art = art};
    struct sgr_recipe *recipe = NULL;
    enum sgr_status status = SGR_NO_MEMORY;
    uint64_t number = 1;
    for (; status != SGR_OK; number++) {
        memory_fail_after(number, false);
        status = sgr_recipe_open(plan, &options, &recipe, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_true(number < 1000);
    }
    assert_true(number > 10);
    sgr_recipe_close(&recipe);
    sgr_art_close(&art);
    sgr_plan_close(&plan);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_recipe_is_described_and_rendered),
        TEST(nothing_where_something_is_needed_is_refused),
        TEST(a_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
