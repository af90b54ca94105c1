/* How often rules bind, held to counting by hand. */
#include "plan/rule_use.h"

#include "rules_fixture.h"

#include "base/memory.h"

#include <stdlib.h>

static struct plan_draft draw(struct collection *collection, uint64_t count)
{
    struct plan_draft draft = {0};
    struct sgr_error error = {SGR_OK, ""};
    if (plan_draft_draw(&draft, collection, count, "use", &error) != SGR_OK)
        fail_msg("%s", error.text);
    return draft;
}

/* Three layers; what L0/T0 and L1/T0 forbid, two rules of one source, a group, and an order. */
static struct collection *make_ruled(size_t traits)
{
    const size_t sizes[] = {4, 5, traits, 0};
    struct collection *collection = make_shape(sizes);
    struct rules *rules = &collection->rules;
    add_forbid(collection, rules, (struct made_literal){0, 1}, (struct made_literal){1, 1});
    add_then(collection, rules, (struct made_literal){0, 2}, (struct made_literal){1, 6});
    add_then(collection, rules, (struct made_literal){0, 6}, (struct made_literal){2, 7});
    rules->rules[2].source = rules->rules[1].source;
    add_unique(collection, rules, (const uint32_t[]){1, 2}, 2);
    rules->uniques[0].source = 5;
    rules->orders = arena_allocate(&collection->arena, 1, sizeof *rules->orders);
    assert_non_null(rules->orders);
    rules->orders[0] = (struct rule_order){"order", 3, rules->rules[1].conditions, 1, 0, 2, true};
    rules->order_count = 1;
    return collection;
}

static void use_is_what_counting_finds(void **state)
{
    (void)state;
    struct collection *collection = make_ruled(40);
    struct plan_draft draft = draw(collection, 50);
    struct rule_use use = {.entries = NULL};
    assert_int_equal(rule_use_count(&use, &draft, "use", NULL), SGR_OK);
    uint64_t forbid = 0;
    uint64_t either = 0;
    uint64_t order = 0;
    for (uint64_t item = 0; item < 50; item++) {
        const uint16_t *row = plan_draft_traits(&draft, item);
        forbid += row[0] == 0 || row[1] == 0;
        either += row[0] == 1 || row[0] == 2;
        order += row[0] == 1;
    }
    assert_int_equal(use.entry_count, 4);
    assert_int_equal(use.items, 50);
    assert_int_equal(use.dealt, 50);
    static const size_t sources[] = {0, 1, 3, 5};
    static const enum rule_use_kind kinds[] = {RULE_USE_TRAITS, RULE_USE_TRAITS, RULE_USE_ORDER,
                                               RULE_USE_UNIQUE};
    const uint64_t applies[] = {forbid, either, order, 50};
    for (size_t index = 0; index < 4; index++) {
        assert_int_equal(use.entries[index].source, sources[index]);
        assert_int_equal(use.entries[index].kind, kinds[index]);
        assert_int_equal(use.entries[index].applies, applies[index]);
    }
    assert_string_equal(use.entries[3].text, "unique number 0");
    assert_int_equal(use.entries[2].refused, 0);
    rule_use_finish(&use);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

/* Of items dealt freely a known share is refused; the deal follows from the seed. */
static void a_free_deal_breaks_rules_as_chance_has_it(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){4, 5, 1000, 0});
    add_forbid(collection, &collection->rules, (struct made_literal){0, 1},
               (struct made_literal){1, 3});
    add_unique(collection, &collection->rules, (const uint32_t[]){0, 1, 2}, 3);
    struct plan_draft draft = draw(collection, 10000);
    struct rule_use use = {.entries = NULL};
    struct rule_use again = {.entries = NULL};
    assert_int_equal(rule_use_count(&use, &draft, "use", NULL), SGR_OK);
    assert_int_equal(rule_use_count(&again, &draft, "use", NULL), SGR_OK);
    /* A tenth; six standard deviations are 180. */
    assert_in_range(use.entries[0].refused, 820, 1180);
    /* 10,000 of 20,000 keys: about 10,000 - 20,000 * (1 - 1 / sqrt(e)) repeat. */
    assert_in_range(use.entries[1].refused, 1900, 2360);
    for (size_t index = 0; index < 2; index++)
        assert_int_equal(use.entries[index].refused, again.entries[index].refused);
    rule_use_finish(&use);
    rule_use_finish(&again);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static void large_plans_are_sampled(void **state)
{
    (void)state;
    struct collection *collection = make_ruled(1000);
    collection->rules.unique_count = 0;
    for (size_t layer = 0; layer < 3; layer++)
        collection->layers[layer].distinct = false;
    for (size_t rule = 3; rule < RULES_MADE_MAX; rule++)
        add_forbid(collection, &collection->rules, (struct made_literal){0, 1},
                   (struct made_literal){1, 1});
    struct plan_draft draft = draw(collection, 1500000);
    struct rule_use use = {.entries = NULL};
    assert_int_equal(rule_use_count(&use, &draft, "use", NULL), SGR_OK);
    assert_in_range(use.items, 100000, 1499999);
    assert_int_equal(use.dealt, 100000);
    assert_in_range(use.entries[1].applies, use.items / 3, use.items * 2 / 3);
    rule_use_finish(&use);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static void no_rules_are_no_use(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){4, 5, 0});
    struct plan_draft draft = draw(collection, 10);
    struct rule_use use = {.entries = NULL};
    assert_int_equal(rule_use_count(&use, &draft, "use", NULL), SGR_OK);
    assert_int_equal(use.entry_count, 0);
    rule_use_finish(&use);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static void no_memory_is_told(void **state)
{
    (void)state;
    struct collection *collection = make_ruled(40);
    struct plan_draft draft = draw(collection, 50);
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK; nth++) {
        struct rule_use use = {.entries = NULL};
        memory_fail_after(nth, false);
        status = rule_use_count(&use, &draft, "use", NULL);
        memory_fail_after(0, false);
        assert_true(nth < 100 && (status == SGR_OK || status == SGR_NO_MEMORY));
        rule_use_finish(&use);
    }
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(use_is_what_counting_finds),
        cmocka_unit_test(a_free_deal_breaks_rules_as_chance_has_it),
        cmocka_unit_test(large_plans_are_sampled),
        cmocka_unit_test(no_rules_are_no_use),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
