/* Draw orders that rules give to items, against moves done by hand. */
#include "plan/plan_orders.h"

#include "base/memory.h"
#include "collection/collection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LAYERS = 4, ITEMS = 6 };

static const uint64_t second[] = {2};
static const uint64_t first_or_third[] = {5};

/* Layer 0 goes above layer 2 with trait 1 of layer 1; layer 3 below 1 with trait 0 or 2 of 2. */
static const struct rule_literal on_second = {1, second};
static const struct rule_literal on_others = {2, first_or_third};
static struct rule_order given[] = {
    {"one", 0, &on_second, 1, 0, 2, true},
    {"two", 1, &on_others, 1, 3, 1, false},
    {"always", 2, NULL, 0, 2, 1, false},
};

static struct collection collection_of(size_t rules)
{
    struct collection collection = {.layer_count = LAYERS};
    collection.rules.orders = given;
    collection.rules.order_count = rules;
    return collection;
}

/* Traits of layers 1 and 2 decide. */
static const uint16_t rows[ITEMS * LAYERS] = {0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 2, 0,
                                              0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 1, 2};

static void expect_order(const struct plan_orders *orders, size_t item, const char *wanted)
{
    char made[LAYERS + 1] = "";
    assert_true(orders->ids[item] < orders->count);
    for (size_t layer = 0; layer < LAYERS; layer++)
        made[layer] = (char)('0' + orders->layers[orders->ids[item] * LAYERS + layer]);
    assert_string_equal(made, wanted);
}

static void rules_move_layers_in_turn(void **state)
{
    (void)state;
    struct collection collection = collection_of(2);
    struct plan_orders orders = {.count = 0};
    assert_int_equal(plan_orders_make(&orders, &collection, rows, ITEMS, NULL), SGR_OK);
    expect_order(&orders, 0, "0123");
    expect_order(&orders, 1, "1203");
    expect_order(&orders, 2, "0312");
    expect_order(&orders, 3, "3120");
    expect_order(&orders, 4, "0123");
    expect_order(&orders, 5, "1203");
    assert_int_equal(orders.count, 4);
    assert_int_equal(orders.ids[0], orders.ids[4]);
    plan_orders_finish(&orders);
}

static void a_rule_without_condition_matters_always(void **state)
{
    (void)state;
    struct collection collection = collection_of(3);
    struct plan_orders orders = {.count = 0};
    assert_int_equal(plan_orders_make(&orders, &collection, rows, ITEMS, NULL), SGR_OK);
    expect_order(&orders, 0, "0213");
    expect_order(&orders, 3, "3210");
    plan_orders_finish(&orders);
}

static void without_rules_there_is_nothing(void **state)
{
    (void)state;
    struct collection collection = collection_of(0);
    struct plan_orders orders = {.count = 0};
    assert_int_equal(plan_orders_make(&orders, &collection, rows, ITEMS, NULL), SGR_OK);
    assert_int_equal(orders.count, 0);
    assert_null(orders.ids);
    plan_orders_finish(&orders);
}

static void failing_memory_is_told(void **state)
{
    (void)state;
    struct collection collection = collection_of(3);
    enum sgr_status status = SGR_NO_MEMORY;
    uint64_t nth = 0;
    while (status != SGR_OK) {
        struct plan_orders orders = {.count = 0};
        memory_fail_after(++nth, false);
        status = plan_orders_make(&orders, &collection, rows, ITEMS, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        plan_orders_finish(&orders);
        assert_true(nth < 100);
    }
    assert_true(nth > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_move_layers_in_turn),
        cmocka_unit_test(a_rule_without_condition_matters_always),
        cmocka_unit_test(without_rules_there_is_nothing),
        cmocka_unit_test(failing_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
