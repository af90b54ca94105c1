/* Numbers of any size against arithmetic that can be done by hand. */
#include "plan/natural.h"

#include "plan_fixture.h"

static void expect_digits(const struct natural *number, const char *digits)
{
    struct text text = {0};
    natural_digits(number, &text);
    assert_false(text.failed);
    assert_string_equal(text.bytes, digits);
    text_finish(&text);
}

static void factorials_are_exact(void **state)
{
    (void)state;
    struct natural product = {.limbs = NULL};
    struct natural factor = {.limbs = NULL};
    assert_true(natural_set_small(&product, 1));
    for (uint64_t at = 2; at <= 40; at++) {
        assert_true(natural_set_small(&factor, at));
        assert_true(natural_multiply(&product, &factor));
    }
    expect_digits(&product, "815915283247897734345611269596115894272000000000");
    for (uint64_t at = 40; at >= 22; at--) {
        assert_true(natural_set_small(&factor, at));
        assert_true(natural_divide(&product, &factor));
    }
    expect_digits(&product, "51090942171709440000");
    assert_int_equal(natural_saturated(&product), UINT64_MAX);
    assert_true(natural_set_small(&factor, 21));
    assert_true(natural_divide(&product, &factor));
    assert_int_equal(natural_saturated(&product), UINT64_C(2432902008176640000));
    natural_finish(&product);
    natural_finish(&factor);
}

static void sums_carry_and_compare(void **state)
{
    (void)state;
    struct natural sum = {.limbs = NULL};
    struct natural one = {.limbs = NULL};
    expect_digits(&sum, "0");
    assert_true(natural_set_small(&sum, UINT64_MAX));
    assert_true(natural_set_small(&one, 1));
    assert_true(natural_compare(&one, &sum) < 0);
    assert_true(natural_add(&sum, &one));
    expect_digits(&sum, "18446744073709551616");
    assert_true(natural_compare(&sum, &one) > 0);
    assert_true(natural_divide(&one, &sum));
    expect_digits(&one, "0");
    assert_true(natural_multiply(&sum, &sum));
    expect_digits(&sum, "340282366920938463463374607431768211456");
    assert_true(natural_multiply(&sum, &one));
    expect_digits(&sum, "0");
    natural_finish(&sum);
    natural_finish(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factorials_are_exact),
        cmocka_unit_test(sums_carry_and_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
