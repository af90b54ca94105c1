/* The growing text, its escapes, and the order of names; an argument is the seed. */
#include "base/text.h"

#include "base/memory.h"
#include "base/random.h"
#include "os/machine.h"

#include <inttypes.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void pieces_come_one_after_another(void **state)
{
    (void)state;
    struct text text = {0};
    text_append(&text, "a\0b", 3);
    text_add(&text, "c");
    text_add(&text, "");
    text_format(&text, "%d%s", 12, "x");
    assert_int_equal(text.length, 7);
    assert_memory_equal(text.bytes, "a\0bc12x", 8);
    text_clear(&text);
    assert_int_equal(text.length, 0);
    assert_string_equal(text.bytes, "");
    for (int index = 0; index < 5000; index++)
        text_format(&text, "%04d", index);
    assert_int_equal(text.length, 20000);
    assert_memory_equal(text.bytes + 4 * 4321, "4321", 4);
    assert_false(text.failed);
    text_finish(&text);
    assert_null(text.bytes);
    text_add(&text, "again");
    assert_string_equal(text.bytes, "again");
    text_finish(&text);
}

static void a_failure_is_kept_until_the_end(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct text text = {0};
        text_add(&text, "kept");
        memory_fail_after(1, false);
        char large[1000];
        memset(large, 'x', sizeof large);
        large[999] = '\0';
        if (way == 0)
            text_add(&text, large);
        else if (way == 1)
            text_format(&text, "%s", large);
        else if (way == 2)
            text_json(&text, large);
        else
            text_csv(&text, large);
        memory_fail_after(0, false);
        assert_true(text.failed);
        text_add(&text, "more");
        assert_true(text.failed);
        assert_true(strncmp(text.bytes, "kept", 4) == 0 && !strstr(text.bytes, "more"));
        text_clear(&text);
        assert_false(text.failed);
        text_finish(&text);
    }
}

static void expect_json(const char *value, const char *expected)
{
    struct text text = {0};
    text_json(&text, value);
    assert_string_equal(text.bytes, expected);
    text_finish(&text);
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    expect_json("", "\"\"");
    expect_json("plain", "\"plain\"");
    expect_json("a\"b\\c", "\"a\\\"b\\\\c\"");
    expect_json("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"");
    expect_json("\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"");
    expect_json("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    expect_json("a\xff"
                "b",
                "\"a\xef\xbf\xbd"
                "b\"");
    expect_json("\xc3", "\"\xef\xbf\xbd\"");
    expect_json("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    expect_json("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

/* Any bytes become a JSON string that an independent parser reads; good UTF-8 comes back. */
static void any_bytes_become_json_that_parses(void **state)
{
    struct random random;
    random_init(&random, *state, 1);
    for (int round = 0; round < 20000; round++) {
        char bytes[24] = {0};
        size_t length = random_below(&random, sizeof bytes);
        for (size_t index = 0; index < length; index++) {
            static const uint8_t leads[] = {0xc2, 0xe0, 0xed, 0xf0, 0xf4, '"', '\\', 0xbf};
            uint64_t noise = random_next(&random);
            bytes[index] = (char)(noise & 256 ? leads[noise & 7] : 1 + noise % 255);
        }
        struct text text = {0};
        text_json(&text, bytes);
        json_error_t error;
        json_t *value = json_loadb(text.bytes, text.length, JSON_DECODE_ANY, &error);
        assert_non_null(value);
        /* Jansson is an independent judge of what well-formed means. */
        json_t *same = json_stringn(bytes, length);
        assert_int_equal(text_is_utf8(bytes, length), same != NULL);
        if (same)
            assert_string_equal(json_string_value(value), bytes);
        json_decref(same);
        json_decref(value);
        text_finish(&text);
    }
}

static void utf8_is_judged_at_its_borders(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool good;
    } cases[] = {
        {"", true},
        {"\x7f", true},
        {"\x80", false},
        {"\xc1\xbf", false},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\x9f\xbf", false},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xed\xa0\x80", false},
        {"\xee\x80\x80", true},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xe2\x82", false},
        {"ab\xe2\x82\xac"
         "c",
         true},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        assert_int_equal(text_is_utf8(cases[index].bytes, strlen(cases[index].bytes)),
                         cases[index].good);
    assert_true(text_is_utf8("\0", 1));
}

static void csv_values_are_quoted_only_where_needed(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},
        {"plain text", "plain text"},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"a\nb", "\"a\nb\""},
        {"a\r", "\"a\r\""},
        {"\"", "\"\"\"\""},
        {"a;b\t'", "a;b\t'"},
    };
    for (size_t index = 0; index < sizeof pairs / sizeof *pairs; index++) {
        struct text text = {0};
        text_csv(&text, pairs[index][0]);
        assert_string_equal(text.bytes, pairs[index][1]);
        text_finish(&text);
    }
}

static void names_sort_by_their_numbers(void **state)
{
    (void)state;
    static const char *const sorted[] = {"",
                                         "0",
                                         "01",
                                         "1",
                                         "2",
                                         "9",
                                         "010",
                                         "10",
                                         "A",
                                         "a",
                                         "a001",
                                         "a01",
                                         "a1",
                                         "a1b",
                                         "a2",
                                         "a10",
                                         "a10b2",
                                         "a10b10",
                                         "a99999999999999999999998",
                                         "a99999999999999999999999",
                                         "b"};
    size_t count = sizeof sorted / sizeof *sorted;
    for (size_t left = 0; left < count; left++) {
        for (size_t right = 0; right < count; right++) {
            int order = text_compare_natural(sorted[left], sorted[right]);
            int wanted = left < right ? -1 : left > right;
            if ((order > 0) - (order < 0) != wanted)
                fail_msg("'%s' against '%s' gives %d", sorted[left], sorted[right], order);
        }
    }
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void the_order_of_names_is_total(void **state)
{
    struct random random;
    random_init(&random, *state, 2);
    for (int round = 0; round < 100000; round++) {
        char names[3][8] = {{0}};
        for (int name = 0; name < 3; name++) {
            size_t length = random_below(&random, 7);
            for (size_t index = 0; index < length; index++)
                names[name][index] = "0012ab./\xc3"[random_below(&random, 9)];
        }
        int ab = sign(text_compare_natural(names[0], names[1]));
        int bc = sign(text_compare_natural(names[1], names[2]));
        int ac = sign(text_compare_natural(names[0], names[2]));
        assert_int_equal(ab, -sign(text_compare_natural(names[1], names[0])));
        assert_int_equal(ab == 0, strcmp(names[0], names[1]) == 0);
        if (ab == bc && ab != ac)
            fail_msg("'%s' '%s' '%s' are not ordered", names[0], names[1], names[2]);
    }
}

static void case_counts_only_where_it_is_asked_for(void **state)
{
    (void)state;
    assert_true(text_equal_ignoring_case("", ""));
    assert_true(text_equal_ignoring_case("aBz[", "AbZ["));
    assert_false(text_equal_ignoring_case("a", "ab"));
    assert_false(text_equal_ignoring_case("ab", "a"));
    assert_false(text_equal_ignoring_case("@", "`"));
    assert_false(text_equal_ignoring_case("\xc3\xa9", "\xc3\x89"));
    assert_true(text_ends_with_ignoring_case("Cat.PNG", ".png"));
    assert_true(text_ends_with_ignoring_case(".png", ".PNG"));
    assert_true(text_ends_with_ignoring_case("x", ""));
    assert_false(text_ends_with_ignoring_case("png", ".png"));
    assert_false(text_ends_with_ignoring_case("a.png ", ".png"));
}

static void the_nearest_word_is_suggested(void **state)
{
    (void)state;
    static const char *const words[] = {"generate", "verify", "inspect", "plan", NULL};
    char long_word[200];
    memset(long_word, 'g', sizeof long_word);
    long_word[199] = '\0';
    assert_string_equal(text_nearest("generat", words), "generate");
    assert_string_equal(text_nearest("genrate", words), "generate");
    assert_string_equal(text_nearest("VERIFY", words), "verify");
    assert_string_equal(text_nearest("pla", words), "plan");
    assert_string_equal(text_nearest("inspct", words), "inspect");
    assert_null(text_nearest("zzzzzzz", words));
    assert_null(text_nearest(long_word, words));
    assert_null(text_nearest("", words));
    const char *const too_long[] = {long_word, NULL};
    assert_null(text_nearest("ggg", too_long));
}

int main(int count, char **arguments)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, machine_now_ns());
    char *used = count > 1 ? arguments[1] : seed;
    printf("seed %s\n", used);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_come_one_after_another),
        cmocka_unit_test(a_failure_is_kept_until_the_end),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test_prestate(any_bytes_become_json_that_parses, used),
        cmocka_unit_test(utf8_is_judged_at_its_borders),
        cmocka_unit_test(csv_values_are_quoted_only_where_needed),
        cmocka_unit_test(names_sort_by_their_numbers),
        cmocka_unit_test_prestate(the_order_of_names_is_total, used),
        cmocka_unit_test(case_counts_only_where_it_is_asked_for),
        cmocka_unit_test(the_nearest_word_is_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
