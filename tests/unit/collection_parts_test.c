/* The pieces under a collection: names, exact weights and opacities, the table of keys, reports. */
#include "base/random.h"
#include "collection/describe.h"
#include "collection/intern.h"
#include "collection/json_schema.h"
#include "collection/opacity.h"
#include "collection/suggest.h"
#include "collection/trait_name.h"
#include "collection/weights.h"
#include "collection_fixture.h"

static enum sgr_status parse(struct arena *arena, const char *text, struct trait_name *name,
                             struct sgr_error *error)
{
    struct trait_name_input input = {text, text, strstr(text, ".png") != NULL};
    return trait_name_parse(arena, &input, name, error);
}

static void names_are_taken_apart(void **state)
{
    static const struct {
        const char *text;
        const char *name;
        int64_t weight; /* -1 for none */
        int z;          /* 99 for none */
        int opacity;    /* 255ths, -1 for none */
        int mode;       /* -1 for none */
    } cases[] = {
        {"Crown.png", "Crown", -1, 99, -1, -1},
        {"Crown#20.png", "Crown", 20000000000, 99, -1, -1},
        {"Crown #0.2.PNG.png", "Crown", -2, 99, -1, -1},
        {"shirt one #3.png", "shirt one", 3000000000, 99, -1, -1},
        {"z-10,Glasses back.png", "Glasses back", -1, -10, -1, -1},
        {"z1,Hair#0.000000001", "Hair", 1, 1, -1, -1},
        {"z1000000,Hair", "Hair", -1, 1000000, -1, -1},
        {"zebra,stripes.png", "zebra,stripes", -1, 99, -1, -1},
        {"z5.png", "z5", -1, 99, -1, -1},
        {"a#5?blend=multiply&opacity=50.png", "a", 5000000000, 99, 128, BLEND_MULTIPLY},
        {"a?opacity=0.5#5.png", "a", 5000000000, 99, 128, -1},
        {"a?opacity=1.png", "a", -1, 99, 255, -1},
        {"a?opacity=1.5.png", "a", -1, 99, 4, -1},
        {"a?blend=source-over.png", "a", -1, 99, -1, BLEND_NORMAL},
        {"v1.5#2", "v1.5", 2000000000, 99, -1, -1},
        {"v1.5.png", "v1.5", -1, 99, -1, -1},
        {"caf\xc3\xa9#1.png", "caf\xc3\xa9", 1000000000, 99, -1, -1},
    };
    struct arena arena = {0};
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        struct trait_name name;
        struct sgr_error error;
        enum sgr_status status = parse(&arena, cases[index].text, &name, &error);
        assert_int_equal(status, cases[index].weight == -2 ? SGR_INPUT : SGR_OK);
        if (status != SGR_OK)
            continue;
        assert_string_equal(name.name, cases[index].name);
        assert_int_equal(name.weighted ? (int64_t)name.weight : -1, cases[index].weight);
        assert_int_equal(name.z_set ? name.z : 99, cases[index].z);
        assert_int_equal(name.mode_set ? (int)name.mode : -1, cases[index].mode);
        assert_int_equal(name.opacity_set ? opacity_byte(opacity_of(name.opacity)) : -1,
                         cases[index].opacity);
    }
    arena_finish(&arena);
}

static void wrong_names_are_refused(void **state)
{
    static const char *const cases[][2] = {
        {"a#.png", "\"#\" is no weight"},
        {"a#abc.png", "\"#abc\" is no weight"},
        {"a#-5.png", "\"#-5\" is no weight"},
        {"a#1e3.png", "\"#1e3\" is no weight"},
        {"a#0.0000000001.png", "9 decimals"},
        {"a#1#2.png", "two weights"},
        {"#5.png", "name"},
        {"z1,.png", "name"},
        {"z1000001,a.png", "z is outside"},
        {"z99999999999999999999,a.png", "z is outside"},
        {"a?.png", "'?' begins settings"},
        {"a?blend=multipli.png", "did you mean \"multiply\""},
        {"a?blend=.png", "blend mode"},
        {"a?blend=clear.png", "\"clear\""},
        {"a?opacity=101.png", "opacity"},
        {"a?opacity=-1.png", "opacity"},
        {"a?opacity=1.00000001.png", "opacity"},
        {"a?opacity=.png", "opacity"},
        {"a?opacity=1&opacity=1.png", "twice"},
        {"a?blend=screen&blend=screen.png", "twice"},
        {"a?opasity=1.png", "did you mean \"opacity\""},
        {"a?opacity=1&.png", "'?' begins settings"},
    };
    struct arena arena = {0};
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        struct trait_name name;
        struct sgr_error error;
        assert_int_equal(parse(&arena, cases[index][0], &name, &error), SGR_INPUT);
        if (!strstr(error.text, cases[index][1]) || !strstr(error.text, cases[index][0]))
            fail_msg("%s: %s", cases[index][0], error.text);
    }
    arena_finish(&arena);
}

static void prefixes_are_numbers_with_a_separator(void **state)
{
    uint64_t number = 77;
    (void)state;
    assert_int_equal(trait_name_prefix("0-x", &number), 2);
    assert_int_equal(number, 0);
    assert_int_equal(trait_name_prefix("1. x", &number), 3);
    assert_int_equal(trait_name_prefix("02 x", &number), 3);
    assert_int_equal(trait_name_prefix("00_x", &number), 3);
    assert_int_equal(trait_name_prefix("12", &number), 0);
    assert_int_equal(trait_name_prefix("12_", &number), 0);
    assert_int_equal(trait_name_prefix("3D", &number), 0);
    assert_int_equal(trait_name_prefix("x", &number), 0);
    assert_int_equal(trait_name_prefix("1234567890_x", &number), 0);
}

static void opacities_multiply_before_they_are_rounded(void **state)
{
    struct opacity product = opacity_of(500000000);
    (void)state;
    assert_true(opacity_multiply(&product, opacity_of(10000000)));
    assert_int_equal(opacity_byte(product), 1);
    assert_int_equal(opacity_byte(opacity_of(500000000)), 128);
    assert_int_equal(opacity_byte(opacity_of(498039215)), 127);
    assert_int_equal(opacity_byte(opacity_of(0)), 0);
    assert_int_equal(opacity_byte(OPACITY_FULL), 255);
    struct opacity zero = opacity_of(0);
    for (int index = 0; index < 40; index++)
        assert_true(opacity_multiply(&zero, opacity_of(123456789)));
    struct opacity odd = opacity_of(999999999);
    assert_true(opacity_multiply(&odd, opacity_of(999999997)));
    struct opacity before = odd;
    assert_false(opacity_multiply(&odd, opacity_of(999999991)));
    assert_int_equal(odd.bottom, before.bottom);
}

/* Every weight over the sum must be parent / parents * child / children. */
static void nested_weights_are_exact(void **state)
{
    struct random random;
    (void)state;
    random_init(&random, "weights", 0);
    for (int round = 0; round < 2000; round++) {
        uint64_t parents[5];
        size_t sizes[5];
        uint64_t children[20];
        uint64_t weights[20];
        size_t groups = 1 + (size_t)random_below(&random, 5);
        size_t count = 0;
        for (size_t group = 0; group < groups; group++) {
            parents[group] = (random_below(&random, 100) + (group == 0)) * WEIGHTS_SCALE / 10;
            sizes[group] = 1 + (size_t)random_below(&random, 4);
            for (size_t child = 0; child < sizes[group]; child++, count++)
                weights[count] = children[count] = random_below(&random, 50) + (child == 0);
        }
        assert_true(weights_nest(parents, sizes, groups, weights));
        wide parent_sum = weights_sum(parents, groups);
        wide sum = weights_sum(weights, count);
        uint64_t divisor = 0;
        size_t at = 0;
        assert_true(sum > 0 && sum <= WEIGHTS_SUM_MAX);
        for (size_t group = 0; group < groups; group++) {
            wide child_sum = weights_sum(children + at, sizes[group]);
            for (size_t child = 0; child < sizes[group]; child++, at++) {
                assert_true(parent_sum * child_sum * weights[at] ==
                            (wide)parents[group] * children[at] * sum);
                divisor = wide_gcd(divisor, weights[at]);
            }
        }
        assert_int_equal(divisor, 1);
    }
}

static void huge_weights_are_scaled_down_to_nearest(void **state)
{
    /* Large primes as sums have no common scale within 120 bits. */
    static const uint64_t sums[] = {999999999989, 999999999961, 999999999937, 999999999899,
                                    999999999877, 999999999863, 999999999859, 999999999857};
    uint64_t parents[8];
    size_t sizes[8];
    uint64_t weights[17];
    (void)state;
    for (size_t group = 0; group < 8; group++) {
        parents[group] = WEIGHTS_ONE_MAX - group * 7;
        sizes[group] = 2;
        weights[2 * group] = 1;
        weights[2 * group + 1] = sums[group] - 1;
    }
    assert_true(weights_nest(parents, sizes, 8, weights));
    for (size_t group = 0; group < 8; group++) {
        assert_true(weights[2 * group] >= 1);
        double share = (double)weights[2 * group + 1] / (double)(UINT64_C(1) << 56);
        assert_true(share > 0.12499999 && share < 0.12500001);
    }
    wide exact[3] = {(wide)1 << 120, (wide)1 << 119, 1};
    weights_reduce(exact, 3, weights);
    assert_true(weights[0] / 2 == weights[1] || weights[0] / 2 == weights[1] - 1);
    assert_int_equal(weights[2], 1);
    exact[0] = exact[1] = exact[2] = 0;
    weights_reduce(exact, 3, weights);
    assert_int_equal(weights[0] + weights[1] + weights[2], 0);
    uint64_t left[2] = {2, 4};
    uint64_t right[3] = {0, 3, 6};
    assert_true(weights_product(left, 2, right, 3, weights));
    const uint64_t expected[6] = {0, 1, 2, 0, 2, 4};
    assert_memory_equal(weights, expected, sizeof expected);
}

static void keys_are_numbered_in_order_of_appearance(void **state)
{
    struct intern table = {0};
    struct arena arena = {0};
    uint32_t number;
    (void)state;
    assert_false(intern_find(&table, "x", 1, &number));
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t key = 0; key < 5000; key++) {
            uint32_t spread = key * 2654435761u;
            assert_true(intern_add(&table, &arena, &spread, sizeof spread, &number));
            assert_int_equal(number, key);
        }
    }
    assert_int_equal(table.count, 5000);
    assert_true(intern_add(&table, &arena, "", 0, &number));
    assert_int_equal(number, 5000);
    assert_true(intern_find(&table, "", 0, &number));
    assert_false(intern_find(&table, "none", 4, &number));
    intern_finish(&table);
    arena_finish(&arena);
}

static void decimals_are_the_shortest_that_read_the_same(void **state)
{
    static const struct {
        const char *text;
        int64_t scaled; /* -1 when it is none */
    } cases[] = {
        {"0", 0},
        {"1", 1000000000},
        {"0.1", 100000000},
        {"0.30000000000000004", 300000000},
        {"0.3", 300000000},
        {"0.999999999", 999999999},
        {"0.9999999999", 1000000000},
        {"1e-9", 1},
        {"1e-10", -1},
        {"123456.123456789", 123456123456789},
        {"9007199254.5", 9007199254500000000},
        {"18446744074", -1},
        {"1e300", -1},
        {"-0.5", -1},
        {"-1", -1},
        {"true", -1},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        json_t *value = json_loads(cases[index].text, JSON_DECODE_ANY, NULL);
        uint64_t scaled;
        assert_non_null(value);
        bool read = json_schema_scaled(value, &scaled);
        assert_int_equal(read ? (int64_t)scaled : -1, cases[index].scaled);
        json_decref(value);
    }
    char text[32];
    for (unsigned number = 0; number < 1000000; number += 7) {
        snprintf(text, sizeof text, "0.%06u", number);
        json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
        uint64_t scaled;
        assert_true(json_schema_scaled(value, &scaled));
        assert_int_equal(scaled, (uint64_t)number * 1000);
        json_decref(value);
    }
}

static void unknown_words_get_a_suggestion(void **state)
{
    static const char *const words[] = {"count", "start", NULL};
    struct sgr_error error;
    (void)state;
    assert_int_equal(suggest_error(&error, SGR_USAGE, "the key", "cuont", words), SGR_USAGE);
    assert_string_equal(error.text, "the key \"cuont\" is not known; did you mean \"count\"?");
    suggest_error(&error, SGR_INPUT, "the key", "zzzzzz", words);
    assert_string_equal(error.text, "the key \"zzzzzz\" is not known; known: count, start");
    suggest_error(&error, SGR_INPUT, "the key", "zzzzzz", words + 2);
    assert_string_equal(error.text, "the key \"zzzzzz\" is not known");
}

static void reports_say_how_the_art_was_understood(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "Hat/Cr\xc3\xb6wn?blend=screen&opacity=0.5.png|Hat/z2,Cap\x01.png|Hat/NONE.png");
    put_text(
        fixture, "collection.json",
        "{\"name\":\"N\",\"description\":\"D\",\"count\":9,\"start\":1,\"seed\":\"s\",\"layers\":"
        "[{\"name\":\"Hat\",\"trait_type\":\"T\",\"distinct\":false,\"at\":[1,-2]}],"
        "\"traits\":{\"Hat/None\":{\"count\":3}}}");
    put_text(fixture, "x.txt", "");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    struct text text = {0};
    describe_collection(collection, SGR_FORMAT_TEXT, &text);
    assert_false(text.failed);
    assert_non_null(strstr(text.bytes, "N: 1 layers, 2 pictures, canvas 4x4"));
    assert_non_null(strstr(text.bytes, "1. Hat  3 traits  trait type T  not counted"));
    assert_non_null(strstr(text.bytes, "   50.00 %  Cap?   Hat/z2,Cap?.png  at 1,-2  z 2\n"));
    assert_non_null(strstr(text.bytes, "   50.00 %  Cr\xc3\xb6wn  Hat/"));
    assert_non_null(strstr(text.bytes, "        3 x  None  (nothing is drawn)\n"));
    assert_non_null(strstr(text.bytes, "at 1,-2  screen  opacity 128/255\n"));
    assert_non_null(strstr(text.bytes, "notice: "));
    assert_non_null(strstr(text.bytes, "[stray-file]"));
    text_clear(&text);
    describe_collection(collection, SGR_FORMAT_JSON, &text);
    json_t *root = json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    const json_t *layer = json_array_get(json_object_get(root, "layers"), 0);
    const json_t *traits = json_object_get(layer, "traits");
    assert_int_equal(json_array_size(traits), 3);
    const json_t *cap = json_array_get(traits, 0);
    assert_string_equal(json_string_value(json_object_get(cap, "name")), "Cap\x01");
    const json_t *part = json_array_get(json_object_get(cap, "parts"), 0);
    assert_int_equal(json_integer_value(json_object_get(part, "z")), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(traits, 2), "count")), 3);
    assert_int_equal(json_integer_value(json_object_get(root, "count")), 9);
    assert_int_equal(json_array_size(json_object_get(root, "notices")), 1);
    json_decref(root);
    text_finish(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest names_are_read_as_users_write_them[] = {
        cmocka_unit_test(names_are_taken_apart),
        cmocka_unit_test(wrong_names_are_refused),
        cmocka_unit_test(prefixes_are_numbers_with_a_separator),
        cmocka_unit_test(unknown_words_get_a_suggestion),
    };
    const struct CMUnitTest numbers_stay_exact[] = {
        cmocka_unit_test(opacities_multiply_before_they_are_rounded),
        cmocka_unit_test(nested_weights_are_exact),
        cmocka_unit_test(huge_weights_are_scaled_down_to_nearest),
        cmocka_unit_test(decimals_are_the_shortest_that_read_the_same),
    };
    const struct CMUnitTest tables_and_reports_are_complete[] = {
        cmocka_unit_test(keys_are_numbered_in_order_of_appearance),
        TEST(reports_say_how_the_art_was_understood),
    };
    int failures = cmocka_run_group_tests(names_are_read_as_users_write_them, NULL, NULL);
    failures += cmocka_run_group_tests(numbers_stay_exact, NULL, NULL);
    failures += cmocka_run_group_tests(tables_and_reports_are_complete, NULL, NULL);
    return failures;
}
