/* What people and programs read of a capacity. */
#include "publish/capacity_report.h"

#include "random_rules_fixture.h"

static void expect_text(const struct collection *collection, const struct rules *rules,
                        uint64_t work_max, const char *expected)
{
    struct capacity capacity;
    struct text text = {0};
    const struct capacity_options options = {
        .collection = collection, .rules = rules, .work_max = work_max};
    assert_int_equal(capacity_init(&capacity, &options, NULL), SGR_OK);
    capacity_report_text(&capacity, collection, &text);
    assert_false(text.failed);
    assert_string_equal(text.bytes, expected);
    text_finish(&text);
    capacity_finish(&capacity);
}

static void expect_json(const struct collection *collection, const struct rules *rules,
                        uint64_t work_max, const char *words)
{
    struct capacity capacity;
    struct text text = {0};
    const struct capacity_options options = {
        .collection = collection, .rules = rules, .work_max = work_max};
    assert_int_equal(capacity_init(&capacity, &options, NULL), SGR_OK);
    capacity_report_json(&capacity, collection, &text);
    capacity_report_trait(&capacity, 0, 0, &text);
    assert_false(text.failed);
    if (!strstr(text.bytes, words))
        fail_msg("'%s' has not '%s'", text.bytes, words);
    text_finish(&text);
    capacity_finish(&capacity);
}

static void numbers_are_grouped_then_rounded(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){100, 100, 10, 0});
    expect_text(collection, NULL, 0,
                "capacity: 100,000 valid recipes (100,000 effective under the weights)\n");
    collection->layers[0].traits[0].weight = 100;
    expect_text(collection, NULL, 0,
                "capacity: 100,000 valid recipes (3,920 effective under the weights)\n");
    collection_destroy(&collection);
    collection = make_shape((const size_t[]){65535, 0});
    expect_text(collection, NULL, 0,
                "capacity: 65,535 valid recipes (65,500 effective under the weights)\n");
    collection_destroy(&collection);
    collection = make_shape((const size_t[]){999, 1000, 1000, 1000, 1000, 1000, 0});
    expect_text(collection, NULL, 0,
                "capacity: 9.99e17 valid recipes (9.99e17 effective under the weights)\n");
    collection_destroy(&collection);
    collection = make_shape((const size_t[]){9999, 10000, 10000, 10000, 0});
    expect_text(collection, NULL, 0,
                "capacity: 1.00e16 valid recipes (1.00e16 effective under the weights)\n");
    expect_json(collection, NULL, 0, "\"recipes\": \"9999000000000000\",");
    expect_json(collection, NULL, 0, "\"effective\": \"1.00e16\"");
    collection_destroy(&collection);
    collection = make_shape((const size_t[]){1, 0});
    expect_text(collection, NULL, 0,
                "capacity: 1 valid recipe (1.00 effective under the weights)\n");
    collection->layers[0].distinct = false;
    expect_text(collection, NULL, 0, "capacity: items may repeat, as no layer has to differ\n");
    expect_json(collection, NULL, 0, "\"items_at_most\": null");
    collection_destroy(&collection);
}

static void rules_are_named(void **state)
{
    (void)state;
    struct rules rules = {.rules = NULL};
    struct collection *collection = make_shape((const size_t[]){2, 2, 0});
    static const uint32_t members[] = {0};
    struct rule_unique unique = {.text = "unique L0", .layers = members, .layer_count = 1};
    rules.uniques = &unique;
    rules.unique_count = 1;
    forbid_pair(collection, &rules, (size_t[]){0, 0}, (size_t[]){1, 0});
    forbid_pair(collection, &rules, (size_t[]){0, 0}, (size_t[]){1, 1});
    expect_text(collection, &rules, 0,
                "capacity: 2 valid recipes (2.00 effective under the weights)\n"
                "unique L0: 1 combination, so no more items than that\n"
                "warning: no valid recipe has L0/T0: rule 0; rule 1\n");
    expect_json(collection, &rules, 0,
                "\"unreachable\": [\n      {\"layer\": \"L0\", \"trait\": \"T0\", \"rules\": "
                "[\"rule 0\", \"rule 1\"]}]");
    expect_json(collection, &rules, 0, "}, \"recipes\": \"0\"");
    expect_json(collection, &rules, 1, "\"recipes_at_least\": \"0\", \"recipes_at_most\": \"4\"");
    expect_text(collection, &rules, 1,
                "capacity: at least 0 and at most 4 valid recipes\n"
                "unique L0: at least 0 and at most 2 combinations, so no more items than that\n");
    forbid_pair(collection, &rules, (size_t[]){0, 1}, (size_t[]){1, 0});
    forbid_pair(collection, &rules, (size_t[]){0, 1}, (size_t[]){1, 1});
    rules.unique_count = 0;
    expect_text(collection, &rules, 0,
                "capacity: no valid recipe: rule 0; rule 1; rule 2; rule 3\n");
    collection_destroy(&collection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_grouped_then_rounded),
        cmocka_unit_test(rules_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
