/* What people and programs read of why a plan is as it is. */
#include "publish/explain_report.h"

#include "rules_fixture.h"

/* A plan in which L0/T0 is asked for more often than L1/T1, which it needs, can come. */
static struct collection *make_short(void)
{
    struct collection *collection = make_shape((const size_t[]){2, 2, 9, 0});
    collection->layers[0].traits[0].weight = 9;
    fix_count(&collection->layers[1], 0, 6);
    add_then(collection, &collection->rules, (struct made_literal){0, 1},
             (struct made_literal){1, 2});
    return collection;
}

static void expect_explained(struct collection *collection, uint64_t count, const char *words,
                             const char *json_words)
{
    struct plan_draft draft = {0};
    struct explanation explanation = {.use = {.entries = NULL}};
    struct text text = {0};
    struct text json = {0};
    assert_int_equal(plan_draft_draw(&draft, collection, count, "explain", NULL), SGR_OK);
    assert_int_equal(explain_report_find(&explanation, &draft, "explain", NULL), SGR_OK);
    explain_report_text(&explanation, collection, &text);
    explain_report_json(&explanation, collection, &json);
    assert_false(text.failed || json.failed);
    if (!strstr(text.bytes, words))
        fail_msg("'%s' has not '%s'", text.bytes, words);
    if (!strstr(json.bytes, json_words))
        fail_msg("'%s' has not '%s'", json.bytes, json_words);
    text_finish(&text);
    text_finish(&json);
    explain_report_finish(&explanation);
    plan_draft_finish(&draft);
}

static void counts_and_rules_are_told(void **state)
{
    (void)state;
    struct collection *collection = make_short();
    expect_explained(
        collection, 10,
        "\ncounts: 2 traits differ from what is asked, by 10 in sum (no plan differs "
        "by less)\n  L0/T0: 4 of 9: at most 4 beside what goes with it in L1: rule 1 "
        "(rule number 0)\n  L0/T1: 6 of 1: at least 6 beside what goes with nothing else in L1: "
        "rule 1 (rule number 0)\nrules: how many of 10 items each is about, and how "
        "many of 10 that are dealt without rules it would refuse\n"
        "  rule 1             4 ",
        "\"counts\": {\"differing\": 2, \"deviation\": 10, \"least\": true, "
        "\"reasons\": [\n      {\"layer\": \"L0\", \"trait\": \"T0\", \"asked\": 9, "
        "\"planned\": 4, \"reason\": \"at most 4 beside");
    expect_explained(collection, 10, "capacity: ",
                     "\"rules\": {\"items\": 10, \"dealt\": 10, \"list\": [\n      {\"rule\": 1, "
                     "\"kind\": \"traits\", \"text\": \"rule number 0\", \"applies\": 4, "
                     "\"refused\": ");
    collection_destroy(&collection);
}

static void nothing_is_told_of_what_was_met(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){3, 3, 0});
    expect_explained(collection, 9,
                     "capacity: 9 valid recipes (9.00 effective under the weights)\n",
                     "\"counts\": {\"differing\": 0, \"deviation\": 0, \"least\": true, "
                     "\"reasons\": []},\n  \"rules\": {\"items\": 0, \"dealt\": 0, \"list\": []}");
    collection_destroy(&collection);
}

static void a_line_names_the_furthest(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){8, 0});
    struct plan_reasons reasons = {.trait_total = 0};
    struct text line = {0};
    explain_report_line(&reasons, collection, &line);
    assert_int_equal(line.length, 0);
    reasons = (struct plan_reasons){.count = 4, .trait_total = 7, .limited = true};
    for (uint32_t trait = 0; trait < 4; trait++)
        reasons.list[trait] = (struct plan_reason){0, trait, 9, trait, NULL};
    explain_report_line(&reasons, collection, &line);
    assert_string_equal(
        line.bytes, "not all counts could be met: L0/T0 0 of 9, L0/T1 1 of 9, L0/T2 2 of 9 and 4 "
                    "more; nearer ones may exist, but were not found within the limit of work; "
                    "\"serigraph plan\" with --explain tells why");
    text_clear(&line);
    reasons.limited = false;
    explain_report_line(&reasons, collection, &line);
    assert_non_null(strstr(line.bytes, "; no plan is nearer in sum; "));
    text_finish(&line);
    collection_destroy(&collection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_rules_are_told),
        cmocka_unit_test(nothing_is_told_of_what_was_met),
        cmocka_unit_test(a_line_names_the_furthest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
