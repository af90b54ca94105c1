/* Why counts are not met: each reason in a plan small enough to know it. */
#include "plan/plan_reasons.h"

#include "rules_fixture.h"

#include "base/memory.h"

static struct plan_draft draw(struct collection *collection, uint64_t count)
{
    struct plan_draft draft = {0};
    struct sgr_error error = {SGR_OK, ""};
    if (plan_draft_draw(&draft, collection, count, "reasons", &error) != SGR_OK)
        fail_msg("%s", error.text);
    return draft;
}

/* Draws, and expects a reason for a trait that contains some words. */
static void expect_reason(struct collection *collection, uint64_t count, uint32_t layer,
                          uint32_t trait, const char *words)
{
    struct plan_draft draft = draw(collection, count);
    struct plan_reasons reasons = {.count = 0};
    const char *text = "none";
    assert_int_equal(plan_reasons_find(&reasons, &draft, "reasons", NULL), SGR_OK);
    for (size_t index = 0; index < reasons.count; index++) {
        assert_non_null(reasons.list[index].text);
        if (reasons.list[index].layer == layer && reasons.list[index].trait == trait)
            text = reasons.list[index].text;
    }
    if (!strstr(text, words))
        fail_msg("L%u/T%u: '%s' has not '%s'", layer, trait, text, words);
    plan_reasons_finish(&reasons);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static void met_counts_need_no_reason(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){4, 5, 6, 0});
    struct plan_draft draft = draw(collection, 60);
    struct plan_reasons reasons = {.count = 0};
    assert_int_equal(plan_reasons_find(&reasons, &draft, "reasons", NULL), SGR_OK);
    assert_int_equal(reasons.trait_total + reasons.deviation + reasons.count, 0);
    plan_reasons_finish(&reasons);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static void the_furthest_come_first(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){2, 0});
    uint32_t bases[] = {0, 30};
    uint64_t asked[30];
    uint64_t planned[30];
    set_layer(collection, 0, 30);
    for (size_t trait = 0; trait < 30; trait++) {
        asked[trait] = 100;
        planned[trait] = trait % 2 ? 100 + trait : 100 - trait;
    }
    const struct plan_draft draft = {.collection = collection,
                                     .trait_bases = bases,
                                     .asked = asked,
                                     .planned = planned,
                                     .limited = true};
    struct plan_reasons reasons = {.count = 0};
    plan_reasons_list(&reasons, &draft);
    assert_int_equal(reasons.trait_total, 29);
    assert_int_equal(reasons.deviation, 29 * 30 / 2);
    assert_int_equal(reasons.count, PLAN_REASONS_MAX);
    assert_true(reasons.limited);
    for (size_t index = 0; index < reasons.count; index++)
        assert_int_equal(reasons.list[index].trait, 29 - index);
    collection_destroy(&collection);
}

static void too_few_that_differ_are_told(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){2, 3, 3, 0});
    collection->layers[0].traits[0].weight = 9;
    expect_reason(collection, 12, 0, 0, "at most 9 can differ");
    collection = make_shape((const size_t[]){2, 3, 9, 0});
    collection->layers[0].traits[0].weight = 9;
    add_unique(collection, &collection->rules, (const uint32_t[]){0, 1}, 2);
    expect_reason(collection, 5, 0, 0, "at most 3 can differ as rule 65");
}

static void what_other_layers_lack_is_told(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){4, 4, 60, 0});
    collection->layers[0].traits[0].weight = 9;
    for (size_t trait = 0; trait < 4; trait++)
        fix_count(&collection->layers[1], trait, 25);
    add_then(collection, &collection->rules, (struct made_literal){0, 1},
             (struct made_literal){1, 2});
    expect_reason(collection, 100, 0, 0, "at most 25 beside what goes with it in L1: rule 1");
}

static void what_is_needed_is_told(void **state)
{
    (void)state;
    for (uint32_t trait = 0; trait < 2; trait++) {
        struct collection *collection = make_shape((const size_t[]){2, 8, 100, 0});
        fix_count(&collection->layers[0], 0, 80);
        add_then(collection, &collection->rules, (struct made_literal){0, 1},
                 (struct made_literal){1, 1});
        expect_reason(collection, 100, 1, trait,
                      trait == 0 ? "at least 80 beside what goes with nothing else in L0: rule 1"
                                 : "L1/T0, which is needed, takes its places");
    }
}

static void a_trait_without_recipes_is_told(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){3, 2, 30, 0});
    add_forbid(collection, &collection->rules, (struct made_literal){0, 1},
               (struct made_literal){1, 1});
    add_forbid(collection, &collection->rules, (struct made_literal){0, 1},
               (struct made_literal){1, 2});
    expect_reason(collection, 60, 0, 0, "no item can have it: rule 1");
}

static void what_cannot_be_met_together_is_told(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){2, 2, 2, 8, 0});
    /* Three layers, so that no table of two shows it. */
    struct rule *rule = add_rule(collection, &collection->rules,
                                 (struct made_literal[]){{0, 1}, {1, 1}, {2, 1}}, 0, 3);
    rule->at_least = 2;
    rule->at_most = 3;
    fix_count(&collection->layers[0], 0, 2);
    fix_count(&collection->layers[0], 1, 6);
    fix_count(&collection->layers[1], 0, 7);
    fix_count(&collection->layers[1], 1, 1);
    expect_reason(collection, 8, 2, 1, "cannot all be met: rule 1");
}

static void no_memory_is_told(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){2, 3, 9, 0});
    collection->layers[0].traits[0].weight = 9;
    add_unique(collection, &collection->rules, (const uint32_t[]){0, 1}, 2);
    struct plan_draft draft = draw(collection, 5);
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK; nth++) {
        struct plan_reasons reasons = {.count = 0};
        memory_fail_after(nth, false);
        status = plan_reasons_find(&reasons, &draft, "reasons", NULL);
        memory_fail_after(0, false);
        assert_true(nth < 300 && (status == SGR_OK || status == SGR_NO_MEMORY));
        plan_reasons_finish(&reasons);
    }
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(met_counts_need_no_reason),
        cmocka_unit_test(the_furthest_come_first),
        cmocka_unit_test(too_few_that_differ_are_told),
        cmocka_unit_test(what_other_layers_lack_is_told),
        cmocka_unit_test(what_is_needed_is_told),
        cmocka_unit_test(a_trait_without_recipes_is_told),
        cmocka_unit_test(what_cannot_be_met_together_is_told),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
