/*
 * Drawing under rules: the cases that other tools fail at, and what plans have in common over many
 * seeds. An argument is the seed of the random shapes.
 */
#include "plan/plan_draft.h"

#include "rules_fixture.h"

#include "base/hash.h"
#include "base/random.h"
#include "os/machine.h"

static const char *seed;

static int compare_keys(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

/* Draws a plan, checks it against its rules, and counts how far it is from what was asked. */
static uint64_t draw(struct collection *collection, uint64_t count, const char *own,
                     struct plan_draft *draft)
{
    struct sgr_error error = {SGR_OK, ""};
    uint64_t deviation = 0;
    size_t layers = collection->layer_count;
    if (plan_draft_draw(draft, collection, count, own, &error) != SGR_OK)
        fail_msg("%s", error.text);
    for (uint64_t item = 0; item < count; item++)
        assert_true(keeps_rules(&collection->rules, plan_draft_traits(draft, item)));
    for (size_t trait = 0; trait < draft->trait_bases[layers]; trait++)
        deviation += (uint64_t)llabs((long long)(draft->asked[trait] - draft->planned[trait]));
    return deviation;
}

/* How many items share a key in a group of layers with an earlier one. */
static uint64_t repeats(const struct plan_draft *draft, const uint32_t *layers, size_t count)
{
    uint64_t found = 0;
    uint64_t *keys = calloc((size_t)draft->count, sizeof *keys);
    assert_true(keys && count <= 4);
    for (uint64_t item = 0; item < draft->count; item++) {
        for (size_t index = 0; index < count; index++)
            keys[item] = keys[item] << 16 | plan_draft_traits(draft, item)[layers[index]];
    }
    qsort(keys, (size_t)draft->count, sizeof *keys, compare_keys);
    for (uint64_t item = 1; item < draft->count; item++)
        found += keys[item] == keys[item - 1];
    free(keys);
    return found;
}

static const uint32_t first_layers[] = {0, 1, 2, 3};

static void every_valid_recipe_is_found(void **state)
{
    (void)state;
    static const size_t sizes[] = {27, 15, 16, 0};
    struct collection *collection = make_shape(sizes);
    struct plan_draft draft = {0};
    /* 27 pairs of the outer layers are forbidden, so 6,480 - 27 * 15 recipes stay. */
    add_forbid(collection, &collection->rules, (struct made_literal){0, 0x1ff},
               (struct made_literal){2, 0x7});
    draw(collection, 6075, "all", &draft);
    assert_int_equal(repeats(&draft, first_layers, 3), 0);
    plan_draft_finish(&draft);
    struct sgr_error error = {SGR_OK, ""};
    assert_int_equal(plan_draft_draw(&draft, collection, 6076, "more", &error), SGR_INFEASIBLE);
    assert_non_null(strstr(error.text, "6075"));
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static void ten_thousand_of_ten_thousand_are_found(void **state)
{
    (void)state;
    static const size_t sizes[] = {10, 10, 10, 11, 0};
    struct collection *collection = make_shape(sizes);
    struct plan_draft draft = {0};
    add_forbid(collection, &collection->rules, (struct made_literal){0, 0x3ff},
               (struct made_literal){3, 0x400});
    draw(collection, 10000, "all", &draft);
    assert_int_equal(repeats(&draft, first_layers, 4), 0);
    assert_int_equal(draft.planned[draft.trait_bases[3]], 1000);
    plan_draft_finish(&draft);
    for (uint64_t count = 9999; count > 4000; count -= 1500) {
        draw(collection, count, "most", &draft);
        assert_int_equal(repeats(&draft, first_layers, 4), 0);
        plan_draft_finish(&draft);
    }
    collection_destroy(&collection);
}

static void a_thousand_hats_come_once_each(void **state)
{
    (void)state;
    static const size_t sizes[] = {5, 8, 3, 1000, 0};
    struct collection *collection = make_shape(sizes);
    struct plan_draft draft = {0};
    add_forbid(collection, &collection->rules, (struct made_literal){0, 1},
               (struct made_literal){1, 0x7});
    add_then(collection, &collection->rules, (struct made_literal){1, 0x10},
             (struct made_literal){2, 0x3});
    for (size_t hat = 0; hat < 1000; hat++)
        fix_count(&collection->layers[3], hat, 1);
    assert_int_equal(draw(collection, 1000, "hats", &draft), 0);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static void fifteen_of_each_are_fifteen_of_each(void **state)
{
    (void)state;
    static const size_t sizes[] = {3, 3, 5, 0};
    for (int round = 0; round < 50; round++) {
        char own[16];
        snprintf(own, sizeof own, "%d", round);
        struct collection *collection = make_shape(sizes);
        struct plan_draft draft = {0};
        add_forbid(collection, &collection->rules, (struct made_literal){0, 1},
                   (struct made_literal){1, 2});
        for (size_t layer = 0; layer < 3; layer++)
            collection->layers[layer].distinct = false;
        for (size_t layer = 0; layer < 2; layer++) {
            for (size_t trait = 0; trait < 3; trait++)
                fix_count(&collection->layers[layer], trait, 15);
        }
        assert_int_equal(draw(collection, 45, own, &draft), 0);
        plan_draft_finish(&draft);
        collection_destroy(&collection);
    }
}

/* Sums that some pairs have: of all pairs that a random rule of thumb lets in, `count` are kept. */
static void ask_for_pairs(struct random *random, struct collection *collection, uint64_t count,
                          bool tight)
{
    size_t left = collection->layers[0].trait_count;
    size_t right = collection->layers[1].trait_count;
    for (size_t trait = 0; trait < left; trait++)
        fix_count(&collection->layers[0], trait, 0);
    for (size_t trait = 0; trait < right; trait++)
        fix_count(&collection->layers[1], trait, 0);
    uint64_t seen = 0;
    for (uint64_t taken = 0; taken < count;) {
        /* In the corner when tight: such sums can be met in one way only. */
        uint64_t pair = tight ? seen++ : random_below(random, left * right);
        static uint8_t used[1 << 16];
        if (taken == 0)
            memset(used, 0, sizeof used);
        if (used[pair])
            continue;
        used[pair] = 1;
        taken++;
        collection->layers[0].traits[pair / right].count++;
        collection->layers[1].traits[pair % right].count++;
    }
}

static void unique_pairs_are_met_with_any_sums(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 8);
    static const uint32_t pair[] = {0, 1};
    int missed = 0;
    for (int round = 0; round < 60; round++) {
        size_t sizes[] = {5 + random_below(&random, 40), 5 + random_below(&random, 40), 12, 7, 0};
        uint64_t all = sizes[0] * sizes[1];
        uint64_t counts[] = {all, all - 1, all * 9 / 10, all * 3 / 4, all / 2};
        uint64_t count = counts[round % 5];
        struct collection *collection = make_shape(sizes);
        struct plan_draft draft = {0};
        struct sgr_error error = {SGR_OK, ""};
        add_unique(collection, &collection->rules, pair, 2);
        add_forbid(collection, &collection->rules, (struct made_literal){0, 0x3},
                   (struct made_literal){2, 0x1});
        add_forbid(collection, &collection->rules, (struct made_literal){2, 0x6},
                   (struct made_literal){3, 0x3});
        ask_for_pairs(&random, collection, count, round % 3 == 2);
        if (plan_draft_draw(&draft, collection, count, "pairs", &error) == SGR_OK) {
            assert_int_equal(repeats(&draft, pair, 2), 0);
        } else {
            printf("round %d: %zu x %zu, %" PRIu64 ": %s\n", round, sizes[0], sizes[1], count,
                   error.text);
            missed++;
        }
        plan_draft_finish(&draft);
        collection_destroy(&collection);
    }
    assert_int_equal(missed, 0);
}

/* Sums like a staircase are met by one set of pairs only. */
static void a_staircase_of_pairs_is_found(void **state)
{
    (void)state;
    static const uint32_t pair[] = {0, 1};
    for (size_t size = 5; size <= 80; size *= 2) {
        size_t sizes[] = {size, size, 12, 7, 0};
        struct collection *collection = make_shape(sizes);
        struct plan_draft draft = {0};
        add_unique(collection, &collection->rules, pair, 2);
        add_forbid(collection, &collection->rules, (struct made_literal){2, 0x6},
                   (struct made_literal){3, 0x3});
        for (size_t trait = 0; trait < size; trait++) {
            fix_count(&collection->layers[0], trait, size - trait);
            fix_count(&collection->layers[1], trait, size - trait);
        }
        assert_int_equal(draw(collection, size * (size + 1) / 2, "stairs", &draft), 0);
        assert_int_equal(repeats(&draft, pair, 2), 0);
        plan_draft_finish(&draft);
        collection_destroy(&collection);
    }
}

static void a_group_of_three_may_use_every_key(void **state)
{
    (void)state;
    static const size_t sizes[] = {9, 8, 7, 10, 6, 0};
    static const uint32_t group[] = {0, 1, 2};
    for (uint64_t count = 504; count > 250; count -= 84) {
        struct collection *collection = make_shape(sizes);
        struct plan_draft draft = {0};
        add_unique(collection, &collection->rules, group, 3);
        add_forbid(collection, &collection->rules, (struct made_literal){2, 0x6},
                   (struct made_literal){3, 0x3});
        assert_int_equal(draw(collection, count, "keys", &draft), 0);
        assert_int_equal(repeats(&draft, group, 3), 0);
        plan_draft_finish(&draft);
        collection_destroy(&collection);
    }
}

static uint64_t plan_hash(const char *own)
{
    static const size_t sizes[] = {12, 9, 7, 10, 6, 0};
    static const uint32_t group[] = {0, 1, 3};
    struct collection *collection = make_shape(sizes);
    struct plan_draft draft = {0};
    for (size_t layer = 0; layer < 5; layer++) {
        for (size_t trait = 0; trait < sizes[layer]; trait++)
            collection->layers[layer].traits[trait].weight = 1 + (trait * 5 + layer) % 7;
    }
    const struct made_literal made[] = {{0, 0xf}, {2, 0x3}, {4, 0x6}};
    add_rule(collection, &collection->rules, made, 0, 3)->at_most = 1;
    add_then(collection, &collection->rules, (struct made_literal){1, 0x7},
             (struct made_literal){3, 0x5f});
    add_unique(collection, &collection->rules, group, 3);
    draw(collection, 600, own, &draft);
    uint64_t hash = hash_64(draft.traits, 600 * 5 * sizeof *draft.traits);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
    return hash;
}

static void a_seed_has_one_plan(void **state)
{
    (void)state;
    uint64_t hash = plan_hash("seed");
    assert_true(hash == plan_hash("seed") && hash != plan_hash("other"));
    /* It stands for published collections: a change here changes what users get. */
    if (hash != UINT64_C(0x603964b6020e807c))
        fail_msg("the plan has the hash %#" PRIx64, hash);
}

/*
 * Layers 0 and 1 share a rule, 2 and 3 another, 4 has none: across these, traits are independent.
 */
static void layers_that_share_no_rule_are_independent(void **state)
{
    (void)state;
    enum { SEEDS = 300, ITEMS = 120, SIZE = 5 };
    static const size_t sizes[] = {SIZE, SIZE, SIZE, SIZE, 40, 0};
    static const uint32_t pairs[][2] = {{0, 2}, {0, 3}, {1, 2}, {1, 3}};
    struct collection *collection = make_shape(sizes);
    double seen[4][SIZE][SIZE] = {{{0}}};
    add_forbid(collection, &collection->rules, (struct made_literal){0, 0x3},
               (struct made_literal){1, 0x6});
    add_then(collection, &collection->rules, (struct made_literal){2, 0x4},
             (struct made_literal){3, 0x13});
    for (int round = 0; round < SEEDS; round++) {
        struct plan_draft draft = {0};
        char own[24];
        snprintf(own, sizeof own, "seed %d", round);
        assert_int_equal(draw(collection, ITEMS, own, &draft), 0);
        for (uint64_t item = 0; item < ITEMS; item++) {
            const uint16_t *row = plan_draft_traits(&draft, item);
            for (size_t pair = 0; pair < 4; pair++)
                seen[pair][row[pairs[pair][0]]][row[pairs[pair][1]]]++;
        }
        plan_draft_finish(&draft);
    }
    for (size_t pair = 0; pair < 4; pair++) {
        double wanted = (double)SEEDS * ITEMS / (SIZE * SIZE);
        double sum = 0;
        for (size_t cell = 0; cell < (size_t)SIZE * SIZE; cell++) {
            double off = seen[pair][cell / SIZE][cell % SIZE] - wanted;
            sum += off * off / wanted;
        }
        /* 16 degrees of freedom: 39.3 is passed once in a thousand tables. */
        if (sum > 39.3)
            fail_msg("layers %u and %u: chi-square %.1f", pairs[pair][0], pairs[pair][1], sum);
    }
    collection_destroy(&collection);
}

/* Every plan of a case comes as often as any other. */
static void all_plans_are_equally_likely(void **state)
{
    (void)state;
    enum { SEEDS = 6000, PLANS = 6 };
    static const size_t sizes[] = {3, 3, 0};
    int seen[PLANS] = {0};
    /* Three items, one of each trait: the six permutations, less those with 0 beside 0. */
    for (int round = 0; round < SEEDS; round++) {
        struct collection *collection = make_shape(sizes);
        struct plan_draft draft = {0};
        char own[16];
        uint16_t beside[3];
        snprintf(own, sizeof own, "%d", round);
        add_forbid(collection, &collection->rules, (struct made_literal){0, 1},
                   (struct made_literal){1, 1});
        assert_int_equal(draw(collection, 3, own, &draft), 0);
        for (uint64_t item = 0; item < 3; item++)
            beside[plan_draft_traits(&draft, item)[0]] = plan_draft_traits(&draft, item)[1];
        seen[beside[0] * 2 + (beside[1] > beside[2])]++;
        plan_draft_finish(&draft);
        collection_destroy(&collection);
    }
    double sum = 0;
    assert_int_equal(seen[0] + seen[1], 0);
    for (int plan = 2; plan < PLANS; plan++) {
        double off = seen[plan] - SEEDS / 4.0;
        sum += off * off / (SEEDS / 4.0);
    }
    if (sum > 16.3) /* 3 degrees of freedom, once in a thousand */
        fail_msg("%d %d %d %d: chi-square %.1f", seen[2], seen[3], seen[4], seen[5], sum);
}

static void expect_refusal(struct collection *collection, uint64_t count, const char *const *texts)
{
    struct plan_draft draft = {0};
    struct sgr_error error = {SGR_OK, ""};
    assert_int_equal(plan_draft_draw(&draft, collection, count, "no", &error), SGR_INFEASIBLE);
    for (; *texts; texts++) {
        if (!strstr(error.text, *texts))
            fail_msg("'%s' is not in '%s'", *texts, error.text);
    }
    if (strstr(error.text, "rule number 0"))
        fail_msg("a rule that has no part in it is named: %s", error.text);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

/* A shape with a rule 0 that has no part in what conflicts. */
static struct collection *make_case(const size_t *sizes)
{
    struct collection *collection = make_shape(sizes);
    add_forbid(collection, &collection->rules, (struct made_literal){0, 0x10},
               (struct made_literal){1, 0x10});
    return collection;
}

static void conflicts_are_named_with_their_numbers(void **state)
{
    (void)state;
    static const size_t sizes[] = {6, 6, 6, 20, 0};
    struct collection *collection = make_case(sizes);
    add_then(collection, &collection->rules, (struct made_literal){0, 1},
             (struct made_literal){1, 1});
    add_forbid(collection, &collection->rules, (struct made_literal){0, 1},
               (struct made_literal){1, 1});
    fix_count(&collection->layers[0], 0, 12);
    expect_refusal(collection, 100,
                   (const char *[]){"L0/T0", "12", "rule number 1", "rule number 2", NULL});

    collection = make_case(sizes);
    add_then(collection, &collection->rules, (struct made_literal){0, 1},
             (struct made_literal){1, 3});
    fix_count(&collection->layers[0], 0, 120);
    fix_count(&collection->layers[1], 0, 50);
    fix_count(&collection->layers[1], 1, 30);
    expect_refusal(collection, 500, (const char *[]){"L0/T0", "120", "80", NULL});

    static const size_t few[] = {6, 6, 2, 0};
    static const uint32_t pair[] = {0, 1};
    collection = make_case(few);
    add_unique(collection, &collection->rules, pair, 2);
    expect_refusal(collection, 37, (const char *[]){"37", "unique number 0", NULL});
}

/* 40 of a hundred ask for a trait that only 20 can have: the least deviation is twice the rest. */
static void counts_give_way_by_as_little_as_can_be(void **state)
{
    (void)state;
    static const size_t sizes[] = {5, 5, 50, 0};
    for (uint64_t count = 100; count <= 100000; count *= 10) {
        struct collection *collection = make_shape(sizes);
        struct plan_draft draft = {0};
        static const uint64_t weights[2][5] = {{40, 15, 15, 15, 15}, {20, 20, 20, 20, 20}};
        for (size_t trait = 0; trait < 5; trait++) {
            collection->layers[0].traits[trait].weight = weights[0][trait];
            collection->layers[1].traits[trait].weight = weights[1][trait];
        }
        collection->layers[0].distinct = false;
        collection->layers[1].distinct = false;
        collection->layers[2].distinct = false;
        add_then(collection, &collection->rules, (struct made_literal){0, 1},
                 (struct made_literal){1, 1});
        assert_int_equal(draw(collection, count, "least", &draft), count * 40 / 100);
        plan_draft_finish(&draft);
        collection_destroy(&collection);
    }
}

static void solving_without_memory_is_told(void **state)
{
    (void)state;
    static const size_t sizes[] = {5, 4, 3, 0};
    static const uint32_t pair[] = {0, 1};
    for (uint64_t count = 4; count <= 20; count += 8) {
        enum sgr_status status = SGR_NO_MEMORY;
        struct collection *collection = make_shape(sizes);
        const struct made_literal made[] = {{0, 0x3}, {1, 0x1}, {2, 0x2}};
        add_rule(collection, &collection->rules, made, 1, 2)->at_most = 1;
        add_forbid(collection, &collection->rules, (struct made_literal){0, 0x8},
                   (struct made_literal){2, 0x1});
        add_unique(collection, &collection->rules, pair, 2);
        for (uint64_t nth = 1; status == SGR_NO_MEMORY; nth++) {
            struct plan_draft draft = {0};
            memory_fail_after(nth, false);
            status = plan_draft_draw(&draft, collection, count, "memory", NULL);
            memory_fail_after(0, false);
            plan_draft_finish(&draft);
            assert_true(nth < 400);
        }
        assert_int_equal(status, SGR_OK);
        collection_destroy(&collection);
    }
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_valid_recipe_is_found),
        cmocka_unit_test(ten_thousand_of_ten_thousand_are_found),
        cmocka_unit_test(a_thousand_hats_come_once_each),
        cmocka_unit_test(fifteen_of_each_are_fifteen_of_each),
        cmocka_unit_test(unique_pairs_are_met_with_any_sums),
        cmocka_unit_test(a_staircase_of_pairs_is_found),
        cmocka_unit_test(a_group_of_three_may_use_every_key),
        cmocka_unit_test(a_seed_has_one_plan),
        cmocka_unit_test(layers_that_share_no_rule_are_independent),
        cmocka_unit_test(all_plans_are_equally_likely),
        cmocka_unit_test(conflicts_are_named_with_their_numbers),
        cmocka_unit_test(counts_give_way_by_as_little_as_can_be),
        cmocka_unit_test(solving_without_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
