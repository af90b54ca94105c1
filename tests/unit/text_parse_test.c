/* Numbers from text: exact, complete, without silent overflow. */
#include "base/text.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { UNTOUCHED = 77 };

static void whole_numbers_fill_their_text(void **state)
{
    (void)state;
    uint64_t value = UNTOUCHED;
    static const char *const wrong[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "0x1",
                                        "1e3",
                                        "1.",
                                        "a",
                                        "18446744073709551616",
                                        "99999999999999999999999"};
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        assert_false(text_parse_whole(wrong[index], UINT64_MAX, &value));
        assert_int_equal(value, UNTOUCHED);
    }
    assert_true(text_parse_whole("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_true(text_parse_whole("0", 0, &value));
    assert_int_equal(value, 0);
    assert_true(text_parse_whole("00012", 12, &value));
    assert_int_equal(value, 12);
    assert_false(text_parse_whole("13", 12, &value));
    assert_int_equal(value, 12);
}

static void decimal_is(const char *text, unsigned decimals, uint64_t expected)
{
    uint64_t value = UNTOUCHED;
    if (!text_parse_decimal(text, strlen(text), decimals, &value) || value != expected)
        fail_msg("'%s' with %u decimals is %" PRIu64 ", not %" PRIu64, text, decimals, value,
                 expected);
}

static void decimals_are_exact(void **state)
{
    (void)state;
    decimal_is("12", 3, 12000);
    decimal_is("0.5", 3, 500);
    decimal_is(".25", 3, 250);
    decimal_is("0.001", 3, 1);
    decimal_is("0.0010000", 3, 1);
    decimal_is("7.000", 0, 7);
    decimal_is("7.", 2, 700);
    decimal_is("0.1", 9, 100000000);
    decimal_is("18446744073.709551615", 9, UINT64_MAX);
    decimal_is("18446744073709551615", 0, UINT64_MAX);
    decimal_is("0", 9, 0);
    decimal_is(".0", 9, 0);
}

static void decimals_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", ".", "1.2.3", "-1", "1e2", " 1", "0.0001", "1,5", "18446744073709552", "nan", "1.0005"};
    uint64_t value = UNTOUCHED;
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        if (text_parse_decimal(wrong[index], strlen(wrong[index]), 3, &value))
            fail_msg("'%s' is read as %" PRIu64, wrong[index], value);
        assert_int_equal(value, UNTOUCHED);
    }
    assert_true(text_parse_decimal("12345", 2, 0, &value));
    assert_int_equal(value, 12);
}

/* A zero written with a point and no whole part is a number too, with any count of decimals. */
static void a_point_and_a_zero_is_a_number_without_decimals_too(void **state)
{
    (void)state;
    decimal_is(".0", 1, 0);
    decimal_is(".0", 0, 0);
}

static void sizes_know_both_kinds_of_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {{"1", 1},
                 {"500", 500},
                 {"1K", 1000},
                 {"1k", 1000},
                 {"2KB", 2000},
                 {"2Ki", 2048},
                 {"2KiB", 2048},
                 {"3M", 3000000},
                 {"3Mi", 3 * 1048576},
                 {"4G", UINT64_C(4000000000)},
                 {"4Gi", UINT64_C(4294967296)},
                 {"5T", UINT64_C(5000000000000)},
                 {"1Ti", UINT64_C(1099511627776)},
                 {"16777215Ti", UINT64_C(16777215) << 40}};
    uint64_t bytes = UNTOUCHED;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        assert_true(text_parse_size(cases[index].text, &bytes));
        assert_true(bytes == cases[index].bytes);
    }
    static const char *const wrong[] = {"",   "0",   "0K",  "K",  "1.5G", "-1",         "1 K",
                                        "1X", "1KK", "1iB", "5B", "1Kix", "16777216Ti", "1Bi"};
    bytes = UNTOUCHED;
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        if (text_parse_size(wrong[index], &bytes))
            fail_msg("'%s' is read as %" PRIu64, wrong[index], bytes);
        assert_int_equal(bytes, UNTOUCHED);
    }
}

static void dimensions_are_two_positive_numbers(void **state)
{
    (void)state;
    uint32_t width = UNTOUCHED;
    uint32_t height = UNTOUCHED;
    static const char *const wrong[] = {
        "",     "x",    "1x",   "x1",   "0x1",          "1x0",          "1X1",
        "1x1x", "1x1 ", " 1x1", "-1x1", "4294967296x1", "1x4294967296", "99999999999999999999x1",
        "12"};
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        assert_false(text_parse_dimensions(wrong[index], &width, &height));
        assert_int_equal(width, UNTOUCHED);
        assert_int_equal(height, UNTOUCHED);
    }
    assert_true(text_parse_dimensions("1024x768", &width, &height));
    assert_int_equal(width, 1024);
    assert_int_equal(height, 768);
    assert_true(text_parse_dimensions("4294967295x1", &width, &height));
    assert_int_equal(width, UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_fill_their_text),
        cmocka_unit_test(decimals_are_exact),
        cmocka_unit_test(decimals_that_do_not_fit_are_refused),
        cmocka_unit_test(a_point_and_a_zero_is_a_number_without_decimals_too),
        cmocka_unit_test(sizes_know_both_kinds_of_units),
        cmocka_unit_test(dimensions_are_two_positive_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
