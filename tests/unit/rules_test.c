/*
 * Rules: what each kind allows, item by item, against the user's words; wrong names by line and
 * column; rules that can never be kept or change nothing; limits. An argument is the seed.
 */
#include "collection_fixture.h"

#include "base/random.h"
#include "collection/describe.h"
#include "collection/rules_read.h"
#include "os/machine.h"

enum { LAYERS = 4 };

static const char *seed;

/* Four layers; Hat and Eyes may be absent. Tags: royal, metal, old. */
static const char art_files[] = "Body/King.png|Body/Queen.png|Body/Robot.png|Eyes/Laser.png|"
                                "Eyes/Plain.png|Hair/Long.png|Hair/Short.png|Hat/Cap.png|"
                                "Hat/Crown.png|Hat/Hood.png";

/* The rules begin at line 3, column 11. */
static const char prefix[] =
    "{'layers': [{'name': 'Body'}, {'name': 'Hair'}, {'name': 'Eyes', 'optional': 0.1}, "
    "{'name': 'Hat'}],\n'traits': {'Hat/None': {'weight': 1}, "
    "'Body/King': {'tags': ['royal', 'old']}, "
    "'Body/Robot': {'tags': ['metal']}, 'Hat/Crown': {'tags': ['royal']}, "
    "'Hair/Long': {'tags': ['old', 'old']}, 'Hat/Hood': {'tags': ['metal', 'old']}},\n'rules': [";

static void configure(struct fixture *fixture, const char *rules)
{
    struct text text = {0};
    text_add(&text, prefix);
    text_add(&text, rules);
    text_add(&text, "]}");
    for (char *at = text.bytes; *at; at++) {
        if (*at == '\'')
            *at = '"';
    }
    put_text(fixture, "collection.json", text.bytes);
    text_finish(&text);
}

static const struct collection *read_rules(struct fixture *fixture, const char *rules)
{
    configure(fixture, rules);
    return read_art(fixture, DEFAULTS);
}

/* An item in words. */
struct item {
    const struct collection *collection;
    uint16_t traits[LAYERS];
};

/* Whether the item has the trait "Layer/Trait". */
static bool has(const struct item *item, const char *name)
{
    for (size_t layer = 0; layer < LAYERS; layer++) {
        const struct collection_layer *owner = &item->collection->layers[layer];
        size_t length = strlen(owner->name);
        if (strncmp(owner->name, name, length) == 0 && name[length] == '/')
            return strcmp(owner->traits[item->traits[layer]].name, name + length + 1) == 0;
    }
    fail_msg("no layer in %s", name);
    return false;
}

/* Counts through all items; false behind the last. */
static bool next_item(struct item *item)
{
    for (size_t layer = 0; layer < LAYERS; layer++) {
        if (++item->traits[layer] < item->collection->layers[layer].trait_count)
            return true;
        item->traits[layer] = 0;
    }
    return false;
}

/* A rule and the same in C, over the names of traits. */
struct meaning {
    const char *rule;
    bool (*holds)(const struct item *item);
};

static bool has_hair(const struct item *item)
{
    return has(item, "Hair/Long") || has(item, "Hair/Short");
}

static bool has_hat(const struct item *item)
{
    return !has(item, "Hat/None");
}

static bool crown_not_with_long(const struct item *item)
{
    return !(has(item, "Hat/Crown") && has(item, "Hair/Long"));
}

static bool crown_or_cap_not_with_long(const struct item *item)
{
    return !((has(item, "Hat/Crown") || has(item, "Hat/Cap")) && has(item, "Hair/Long"));
}

static bool hat_not_with_laser(const struct item *item)
{
    return !(has_hat(item) && has(item, "Eyes/Laser"));
}

static bool not_all_three(const struct item *item)
{
    return !(has(item, "Hat/None") && has(item, "Eyes/None") && has(item, "Body/King"));
}

static bool robot_has_laser_or_plain(const struct item *item)
{
    return !has(item, "Body/Robot") || has(item, "Eyes/Laser") || has(item, "Eyes/Plain");
}

static bool robot_or_bare_is_short_and_eyeless(const struct item *item)
{
    bool matters = has(item, "Body/Robot") || has(item, "Hat/None");
    return !matters || (has(item, "Hair/Short") && has(item, "Eyes/None"));
}

static bool crown_with_royals_cap_with_laser(const struct item *item)
{
    bool crown = !has(item, "Hat/Crown") || has(item, "Body/King") || has(item, "Body/Queen");
    bool cap = !has(item, "Hat/Cap") || has(item, "Eyes/Laser");
    return crown && cap;
}

static bool body_and_hat_share(const struct item *item)
{
    /* royal: King, Crown; metal: Robot, Hood; old: King, Hood. Queen, Cap, None have no tags. */
    return !(has(item, "Body/Robot") && has(item, "Hat/Crown"));
}

static bool none_of_three_share(const struct item *item)
{
    bool body_hat = (has(item, "Body/King") && has(item, "Hat/Crown")) ||
                    (has(item, "Body/King") && has(item, "Hat/Hood")) ||
                    (has(item, "Body/Robot") && has(item, "Hat/Hood"));
    bool body_hair = has(item, "Body/King") && has(item, "Hair/Long");
    bool hair_hat = has(item, "Hair/Long") && has(item, "Hat/Hood");
    return !body_hat && !body_hair && !hair_hat;
}

static int count_three(const struct item *item)
{
    return (has(item, "Hat/Crown") || has(item, "Hat/Cap")) + has(item, "Eyes/Laser") +
           has(item, "Hair/Long");
}

static bool at_most_one(const struct item *item)
{
    return count_three(item) <= 1;
}

static bool at_least_two(const struct item *item)
{
    return count_three(item) >= 2;
}

static bool one_or_two(const struct item *item)
{
    return count_three(item) == 1 || count_three(item) == 2;
}

static bool exactly_one(const struct item *item)
{
    return count_three(item) == 1;
}

static bool none_at_all(const struct item *item)
{
    return count_three(item) == 0;
}

static bool always(const struct item *item)
{
    return has_hair(item);
}

static const struct meaning meanings[] = {
    {"{'forbid': ['Hat/Crown', 'Hair/Long']}", crown_not_with_long},
    {"{'forbid': ['Hair/L*', 'Hat/*own']}", crown_not_with_long},
    {"{'forbid': ['Hat/Crown', 'Hair/Long', 'Hat/Cap']}", crown_or_cap_not_with_long},
    {"{'forbid': ['Hat/C*', 'Hair/Long']}", crown_or_cap_not_with_long},
    {"{'forbid': ['Hat/*', 'Eyes/Laser']}", hat_not_with_laser},
    {"{'forbid': ['Hat/None', 'Eyes/None', 'Body/King']}", not_all_three},
    {"{'if': 'Body/Robot', 'then': ['Eyes/Laser', 'Eyes/Plain']}", robot_has_laser_or_plain},
    {"{'if': ['Body/Robot'], 'then': 'Eyes/*'}", robot_has_laser_or_plain},
    {"{'if': ['Body/Robot', 'Hat/None'], 'then': ['Hair/Short', 'Eyes/None']}",
     robot_or_bare_is_short_and_eyeless},
    {"{'only_with': {'Hat/Crown': ['Body/King', 'Body/Queen'], 'Hat/Cap': 'Eyes/Laser'}}",
     crown_with_royals_cap_with_laser},
    {"{'same_tag': ['Hat', 'Body']}", body_and_hat_share},
    {"{'different_tag': ['Hat', 'Body', 'Hair']}", none_of_three_share},
    {"{'at_most': 1, 'of': ['Hat/C*', 'Eyes/Laser', 'Hair/Long']}", at_most_one},
    {"{'at_least': 2, 'of': ['Hat/Crown', 'Hat/Cap', 'Eyes/Laser', 'Hair/Long']}", at_least_two},
    {"{'at_least': 1, 'at_most': 2, 'of': ['Hat/C*', 'Eyes/Laser', 'Hair/Long']}", one_or_two},
    {"{'exactly': 1, 'of': ['Hat/C*', 'Eyes/Laser', 'Hair/Long']}", exactly_one},
    {"{'at_most': 0, 'of': ['Hat/C*', 'Eyes/Laser', 'Hair/Long']}", none_at_all},
    {"{'unique': ['Hat', 'Body']}", always},
    {"{'if': 'Hat/Hood', 'order': ['Hat', 'above', 'Hair']}", always},
};

enum { MEANINGS = sizeof meanings / sizeof *meanings };

/* The items must be those that every rule of the list allows in words. */
static void expect_meanings(const struct collection *collection, const size_t *list, size_t count)
{
    struct item item = {.collection = collection};
    size_t items = 0;
    do {
        bool expected = true;
        for (size_t index = 0; index < count; index++)
            expected &= meanings[list[index]].holds(&item);
        size_t broken = rules_broken(&collection->rules, item.traits);
        if ((broken == RULES_NONE) != expected)
            fail_msg("%s: item %u %u %u %u", meanings[list[0]].rule, item.traits[0], item.traits[1],
                     item.traits[2], item.traits[3]);
        if (broken != RULES_NONE)
            assert_false(rule_holds(&collection->rules.rules[broken], item.traits));
        items++;
    } while (next_item(&item));
    assert_int_equal(items, 3 * 2 * 3 * 4);
}

static void each_kind_allows_what_it_says(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, art_files);
    for (size_t index = 0; index < MEANINGS; index++)
        expect_meanings(read_rules(fixture, meanings[index].rule), &index, 1);
}

/* Any rules together, in any order, allow what each of them allows. */
static void the_order_of_rules_never_matters(void **state)
{
    struct fixture *fixture = *state;
    struct random random;
    random_init(&random, seed, 0);
    put(fixture, art_files);
    for (size_t round = 0; round < 60; round++) {
        size_t list[4];
        struct text rules = {0};
        for (size_t index = 0; index < 4; index++) {
            list[index] = random_below(&random, MEANINGS);
            text_format(&rules, "%s%s", index ? ", " : "", meanings[list[index]].rule);
        }
        expect_meanings(read_rules(fixture, rules.bytes), list, 4);
        text_finish(&rules);
    }
}

static void groups_and_orders_are_kept_apart(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, art_files);
    const struct collection *collection =
        read_rules(fixture, "{'unique': ['Hat', 'Body']}, {'unique': ['Eyes']},"
                            "{'if': ['Hat/Hood', 'Body/*'], 'order': ['Hat', 'above', 'Hair']},"
                            "{'order': ['Eyes', 'below', 'Body']}");
    const struct rules *rules = &collection->rules;
    assert_int_equal(rules->rule_count, 0);
    assert_int_equal(rules->unique_count, 2);
    assert_int_equal(rules->uniques[0].layer_count, 2);
    assert_int_equal(rules->uniques[0].layers[0], 0);
    assert_int_equal(rules->uniques[0].layers[1], 3);
    assert_int_equal(rules->uniques[1].layers[0], 2);
    assert_int_equal(rules->uniques[1].source, 1);
    assert_int_equal(rules->order_count, 2);
    assert_int_equal(rules->orders[0].condition_count, 2);
    assert_int_equal(rules->orders[0].layer, 3);
    assert_int_equal(rules->orders[0].other, 1);
    assert_true(rules->orders[0].above);
    assert_false(rules->orders[1].above);
    assert_int_equal(rules->orders[1].condition_count, 0);
    assert_string_equal(rules->orders[1].text, "{\"order\": [\"Eyes\", \"below\", \"Body\"]}");
    collection = read_rules(fixture, "");
    assert_int_equal(collection->rules.rule_count + collection->rules.unique_count, 0);
}

static void what_cannot_be_meant_is_refused_by_place(void **state)
{
    struct fixture *fixture = *state;
    static const char *const cases[][2] = {
        {"{}", "json:3:11: rules[0]: a rule has one of"},
        {"7", "json:3:11: rules[0]|object"},
        {"{'forbid': ['Hat/Cap', 'Hair/Long']}, {'forbit': []}", "json:3:50: rules[1]|\"forbid\""},
        {"{'forbid': 'Hat/Cap'}", "json:3:12: rules[0]|\"forbid\" has to be a list of texts"},
        {"{'forbid': []}", "json:3:22: rules[0]: the list is empty"},
        {"{'forbid': ['Hat/Cap', 'Hat/Crown']}",
         "json:3:12: rules[0]|different layers|\"weight\" 0"},
        {"{'forbid': ['Hat/Cap',\n 'Hair/Lnog']}",
         "json:4:2: rules[0]: the trait of Hair \"Lnog\" is "
         "not known; did you mean \"Long\"?"},
        {"{'forbid': ['Hta/Cap', 'Hair/Long']}", "json:3:23|layer \"Hta\"|did you mean \"Hat\"?"},
        {"{'forbid': ['Hat', 'Hair/Long']}", "json:3:23|\"Layer/Trait\""},
        {"{'forbid': ['/Cap', 'Hair/Long']}", "json:3:23|\"Layer/Trait\""},
        {"{'forbid': ['Hat/', 'Hair/Long']}", "json:3:23|\"Layer/Trait\""},
        {"{'forbid': ['Hat/x*', 'Hair/Long']}", "json:3:23|no trait fits"},
        {"{'forbid': ['*/Cap', 'Hair/Long']}", "json:3:23|layer \"*\""},
        {"{'forbid': ['Body/*', 'Hair/*']}", "json:3:11|no item can ever keep"},
        {"{'if': 'Hat/Cap'}", "json:3:12|\"if\" needs \"then\" or \"order\""},
        {"{'then': 'Hat/Cap'}", "json:3:12|\"then\" needs \"if\""},
        {"{'if': 'Hat/Cap', 'then': []}", "json:3:37|empty"},
        {"{'if': 'Hat/Cap', 'then': 'Hat/Hood'}", "json:3:11|one trait of Hat"},
        {"{'if': 'Hat/Cap', 'then': 'Hair/Long', 'forbid': []}",
         "\"if\" does not go with \"forbid\""
         "|entry for each"},
        {"{'if': 'Hat/Cap', 'unique': ['Hat']}", "\"if\" does not go with \"unique\""},
        {"{'only_with': {}}", "json:3:25|empty"},
        {"{'only_with': {'Hat/Cap': 'Body/King', 'Hat/Hood': 3}}", "json:3:62|a list of traits"},
        {"{'only_with': {'Hat/Cap': 'Body/Kin'}}", "json:3:37|\"Kin\"|\"King\""},
        {"{'only_with': {'Hat/Cpa': 'Body/King'}}", "json:3:26|\"Cpa\"|\"Cap\""},
        {"{'only_with': {'Hat/Cap': 'Body/King', 'Hat/Cap': 'Body/King'}}", "json:3:|duplicate"},
        {"{'only_with': {'Hat/Cap': ['Hat/Hood']}}", "json:3:26|one trait of Hat"},
        {"{'same_tag': ['Hat']}", "json:3:12|two"},
        {"{'same_tag': ['Hat', 'Body', 'Hat']}", "json:3:40|twice"},
        {"{'different_tag': ['Hat', 'Bdoy']}", "json:3:37|\"Bdoy\"|\"Body\""},
        {"{'at_most': 1}", "json:3:11|\"of\""},
        {"{'of': ['Hat/Cap']}", "json:3:12|\"at_most\""},
        {"{'at_most': -1, 'of': ['Hat/Cap']}", "json:3:12|from 0 to 1024"},
        {"{'at_most': 1e9, 'of': ['Hat/Cap']}", "json:3:12|whole number"},
        {"{'at_most': 99999999999999999999, 'of': ['Hat/Cap']}", "json:3:|not valid JSON"},
        {"{'at_least': 2, 'of': ['Hat/Cap', 'Hat/Crown']}", "json:3:27|fewer layers"},
        {"{'exactly': 2, 'of': ['Hat/Cap', 'Hat/Crown']}", "fewer layers"},
        {"{'at_least': 2, 'at_most': 1, 'of': ['Hat/Cap', 'Hair/Long']}", "json:3:12|above"},
        {"{'at_least': 1, 'exactly': 1, 'of': ['Hat/Cap', 'Hair/Long']}", "json:3:27|keep one"},
        {"{'at_least': 1, 'of': ['Body/None', 'Hair/None']}", "no item can ever keep"},
        {"{'unique': []}", "empty"},
        {"{'unique': ['Hat', 'Hat']}", "json:3:30|twice"},
        {"{'unique': ['Hat/Cap']}", "json:3:23|layer \"Hat/Cap\""},
        {"{'unique': ['Hat', 'Hair', 'Body', 'Eyes', 'Hat']}", "not so many layers"},
        {"{'order': ['Hat', 'over', 'Hair']}", "json:3:12|\"above\" or \"below\""},
        {"{'order': ['Hat', 'above']}", "\"above\" or \"below\""},
        {"{'order': []}", "\"above\" or \"below\""},
        {"{'order': ['Hat', 'above', 'Hiar']}", "json:3:38|\"Hiar\"|\"Hair\""},
        {"{'order': ['Hat', 'above', 'Hat']}", "json:3:38|itself"},
        {"{'order': ['Hat', 'above', 'Hair'], 'if': 'Hat/Hod'}", "json:3:53|\"Hod\"|\"Hood\""},
    };
    put(fixture, art_files);
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        configure(fixture, cases[index][0]);
        if (try_art(fixture, DEFAULTS) != SGR_INPUT)
            fail_msg("%s was accepted", cases[index][0]);
        expect_text(fixture, cases[index][1]);
    }
}

static void what_changes_nothing_is_a_warning(void **state)
{
    struct fixture *fixture = *state;
    static const char *const cases[][3] = {
        {"{'forbid': ['Body/None', 'Hair/Long']}", "rule-never-absent", "json:3:23: rules[0]: "},
        {"{'forbid': ['Body/None', 'Hair/Long']}", "rule-without-effect", "json:3:11: rules[0]: "},
        {"{'if': 'Body/None', 'then': 'Hair/Long'}", "rule-without-effect", "no item has"},
        {"{'if': 'Hat/Cap', 'then': 'Hair/*'}", "rule-without-effect", "every item"},
        {"{'at_most': 2, 'of': ['Hair/Long', 'Hat/Cap']}", "rule-without-effect", "every item"},
        {"{'at_least': 0, 'of': ['Hair/Long', 'Hat/Cap']}", "rule-without-effect", "every item"},
        {"{'if': 'Hat/Cap', 'then': 'Hair/None'}", "rule-excludes-trait", "so no item has it"},
        {"{'forbid': ['Hair/*', 'Hat/Cap']}", "rule-excludes-trait", "the rest of those"},
        {"{'same_tag': ['Hat', 'Eyes']}", "rule-without-tags", "no trait of Eyes has tags"},
    };
    put(fixture, art_files);
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        const struct collection *collection = read_rules(fixture, cases[index][0]);
        if (count_notices(collection, cases[index][1], cases[index][2]) != 1)
            fail_msg("%s: no warning %s", cases[index][0], cases[index][1]);
        assert_int_equal(collection->notices[0].level, SGR_LOG_WARNING);
    }
    put(fixture, "Extra/only.png");
    put_text(fixture, "collection.json", "{\"rules\": [{\"unique\": [\"Extra\", \"Hat\"]}]}");
    assert_int_equal(
        count_notices(read_art(fixture, DEFAULTS), "rule-one-trait", "1:12: rules[0]: Extra"), 1);
}

static void tags_without_partners_are_told(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "A/a.png|A/b.png|B/c.png|B/d.png");
    put_text(fixture, "collection.json",
             "{\"traits\": {\"A/a\": {\"tags\": [\"x\"]}, \"B/*\": {\"tags\": [\"y\"]}, \"B/d\": "
             "{\"tags\": [\"y\", \"z\"]}}, \"rules\": [{\"same_tag\": [\"A\", \"B\"]}]}");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    assert_int_equal(count_notices(collection, "rule-excludes-trait", "A/a"), 1);
    assert_int_equal(trait_of(collection, "B", "d")->tag_count, 2);
    assert_int_equal(trait_of(collection, "B", "c")->tag_count, 1);
    assert_ptr_equal(trait_of(collection, "B", "c")->tags[0],
                     trait_of(collection, "B", "d")->tags[0]);
    assert_true(rules_broken(&collection->rules, (const uint16_t[]){0, 0}) != RULES_NONE);
    assert_true(rules_broken(&collection->rules, (const uint16_t[]){1, 0}) == RULES_NONE);
}

static void bounds_of_traits_are_read(void **state)
{
    struct fixture *fixture = *state;
    static const char *const wrong[][2] = {
        {"'Hat/a': {'min': -1}", "json:1:23: traits[\"Hat/a\"]|\"min\"|from 0"},
        {"'Hat/a': {'max': 1.5}", "\"max\"|whole"},
        {"'Hat/a': {'min': 3, 'max': 2}", "traits[\"Hat/a\"]|above"},
        {"'Hat/a': {'min': 3, 'count': 5}", "\"count\" is exact|keep one"},
        {"'Hat/a': {'max': 3, 'count': 5}", "keep one"},
        {"'Hat/*': {'min': 9}, 'Hat/a': {'max': 3}", "Hat/a|9|above|3"},
        {"'Hat/a': {'tags': ['']}", "a tag is empty"},
        {"'Hat/a': {'tags': 'x'}", "\"tags\"|list of texts"},
    };
    put(fixture, "Hat/a.png|Hat/b.png|Hat/c.png");
    put_text(fixture, "collection.json",
             "{\"traits\": {\"Hat/*\": {\"min\": 2, \"max\": 9}, \"Hat/b\": {\"count\": 5},"
             " \"Hat/c\": {\"max\": 4}, \"Hat/None\": {\"min\": 1}}}");
    const struct collection *collection = read_art(fixture, DEFAULTS);
    const struct collection_trait *trait = trait_of(collection, "Hat", "a");
    assert_int_equal(trait->min, 2);
    assert_int_equal(trait->max, 9);
    trait = trait_of(collection, "Hat", "b");
    assert_true(trait->count_fixed && trait->min == 0 && trait->max == UINT64_MAX);
    assert_int_equal(trait_of(collection, "Hat", "c")->max, 4);
    assert_int_equal(trait_of(collection, "Hat", "c")->min, 2);
    assert_true(trait_of(collection, "Hat", "None")->none);
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        struct text text = {0};
        text_format(&text, "{'traits': {%s}}", wrong[index][0]);
        for (char *at = text.bytes; *at; at++)
            *at = *at == '\'' ? '"' : *at;
        put_text(fixture, "collection.json", text.bytes);
        text_finish(&text);
        expect_refusal(fixture, DEFAULTS, SGR_INPUT, wrong[index][1]);
    }
}

static void reports_say_how_rules_were_understood(void **state)
{
    struct fixture *fixture = *state;
    static const char *const expected[] = {
        "rules[0] {\"forbid\": [\"Hat/C*\", \"Hair/*\"]}\n",
        "    never together: Hair/(any); Hat/(Cap, Crown)\n",
        "    items with Body/Robot or Hat/None have Hair/Short and Eyes/*\n",
        "    items with Hat/Cap have Body/None, which does not occur\n",
        "    at most 1 of: Hair/Long; Eyes/Laser; Hat/Crown\n",
        "    exactly 1 of: Hair/Long; Hat/Crown\n",
        "    at least 1 of: Hair/Long; Hat/Crown\n",
        "    1 to 2 of: Hair/Long; Eyes/Laser; Hat/Crown\n",
        "    never all together: Body/King; Hair/Long; Hat/Crown\n",
        "    no two items have the same Body and Hat together\n",
        "    Hat is drawn right below Hair in items with Hat/Hood\n",
        "at least 3 x  tags metal, old\n",
    };
    put(fixture, art_files);
    const struct collection *collection = read_rules(
        fixture, "{'forbid': ['Hat/C*', 'Hair/*']},"
                 "{'if': ['Body/Robot', 'Hat/None'], 'then': ['Eyes/*', 'Hair/Short']},"
                 "{'only_with': {'Hat/Cap': 'Body/None'}},"
                 "{'at_most': 1, 'of': ['Hat/Crown', 'Eyes/Laser', 'Hair/Long']},"
                 "{'exactly': 1, 'of': ['Hat/Crown', 'Hair/Long']},"
                 "{'at_least': 1, 'of': ['Hat/Crown', 'Hair/Long']},"
                 "{'at_least': 1, 'at_most': 2, 'of': ['Hat/Crown', 'Eyes/Laser', 'Hair/Long']},"
                 "{'forbid': ['Hat/Crown', 'Body/King', 'Hair/Long']},"
                 "{'unique': ['Hat', 'Body']},"
                 "{'if': 'Hat/Hood', 'order': ['Hat', 'below', 'Hair']}");
    struct text text = {0};
    collection->layers[3].traits[2].min = 3;
    describe_collection(collection, SGR_FORMAT_TEXT, &text);
    for (size_t index = 0; index < sizeof expected / sizeof *expected; index++) {
        if (!strstr(text.bytes, expected[index]))
            fail_msg("\"%s\" is not in %s", expected[index], text.bytes);
    }
    text_clear(&text);
    describe_collection(collection, SGR_FORMAT_JSON, &text);
    assert_non_null(strstr(text.bytes, "\"at_least\": 0, \"at_most\": 1, \"of\": [{\"layer\": "
                                       "\"Hair\", \"trait_count\": 2, \"traits\": [\"Long\", "
                                       "\"Short\"]}"));
    assert_non_null(strstr(text.bytes, "\"min\": 3, \"tags\": [\"metal\", \"old\"]"));
    text_finish(&text);
}

/* Reads a config with `count` entries made by `add`; returns how long it took. */
static uint64_t read_many(struct fixture *fixture, size_t count,
                          void (*add)(struct text *out, size_t index))
{
    struct text text = {0};
    text_add(&text, "{\"rules\": [");
    for (size_t index = 0; index < count; index++) {
        text_add(&text, index ? ",\n" : "\n");
        add(&text, index);
    }
    text_add(&text, "]}");
    put_text(fixture, "collection.json", text.bytes);
    text_finish(&text);
    uint64_t start = machine_now_ns();
    (void)try_art(fixture, DEFAULTS);
    return machine_now_ns() - start;
}

static void add_cyclic(struct text *out, size_t index)
{
    static const char *const traits[] = {"A/0", "B/0", "C/0"};
    text_format(out, "{\"only_with\": {\"%s\": [\"%s\"]}}", traits[index % 3],
                traits[(index + 1) % 3]);
}

static void add_pattern(struct text *out, size_t index)
{
    text_format(out, "{\"forbid\": [\"A/*%zu\", \"B/*\"]}", index % 100);
}

static void add_many_warnings(struct text *out, size_t index)
{
    (void)index;
    text_add(out, "{\"forbid\": [\"A/None\", \"B/*\"]}");
}

/* Hostile numbers of rules end in an answer, soon; sanitizers and slow machines get some room. */
static void many_rules_are_read_or_refused_soon(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t limit_ns = UINT64_C(20000000000);
    char names[64];
    for (int index = 0; index < 200; index++) {
        snprintf(names, sizeof names, "A/%d.png", index);
        put(fixture, names);
    }
    put(fixture, "B/0.png|B/1.png|C/0.png|C/1.png");
    assert_true(read_many(fixture, 10000, add_cyclic) < limit_ns);
    assert_non_null(fixture->collection);
    assert_int_equal(fixture->collection->rules.rule_count, 10000);
    /* Equal sets are one. */
    const struct rule *rules = fixture->collection->rules.rules;
    assert_ptr_equal(rules[0].conditions[0].traits, rules[9999].conditions[0].traits);
    assert_true(read_many(fixture, 10000, add_pattern) < limit_ns);
    assert_non_null(fixture->collection);
    assert_true(read_many(fixture, 10000, add_many_warnings) < limit_ns);
    assert_non_null(fixture->collection);
    assert_int_equal(fixture->collection->notice_count, COLLECTION_NOTICES_MAX);
    assert_true(read_many(fixture, RULES_ENTRIES_MAX + 1, add_cyclic) < limit_ns);
    assert_null(fixture->collection);
    expect_text(fixture, "json:1:2|65536");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_allows_what_it_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_order_of_rules_never_matters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(groups_and_orders_are_kept_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_meant_is_refused_by_place, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_changes_nothing_is_a_warning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tags_without_partners_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bounds_of_traits_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reports_say_how_rules_were_understood, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_rules_are_read_or_refused_soon, set_up, tear_down),
    };
    char drawn[32];
    snprintf(drawn, sizeof drawn, "%llx", (unsigned long long)machine_now_ns());
    seed = argc > 1 ? argv[1] : drawn;
    print_message("seed %s\n", seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
