/*
 * The solver held against a list of all plans of small random cases: rules are never broken, counts
 * are met where they can be, what cannot be is refused. An argument is the seed of the cases.
 */
#include "plan/plan_solve.h"

#include "rules_fixture.h"

#include "base/hash.h"
#include "base/random.h"
#include "os/machine.h"
#include "plan/plan_draft.h"

static const char *seed;

enum { VALUES_MAX = 64, RECIPES_MAX = 256, ITEMS_MAX = 10 };

/* A case: what to solve, with room for what it points to. */
struct instance {
    struct collection *collection;
    struct rules *rules;
    uint32_t bases[16];
    uint64_t asked[VALUES_MAX];
    uint64_t lower[VALUES_MAX];
    uint64_t upper[VALUES_MAX];
    uint64_t count;
};

static struct plan_solve solve_of(const struct instance *instance, const char *own, uint16_t *rows)
{
    return (struct plan_solve){.collection = instance->collection,
                               .rules = instance->rules,
                               .trait_bases = instance->bases,
                               .count = instance->count,
                               .seed = own,
                               .asked = instance->asked,
                               .lower = instance->lower,
                               .upper = instance->upper,
                               .rows = rows};
}

/* Rules looked at as rules.h puts them, without what the engine makes of them. */
static bool keeps_rules(const struct rules *rules, const uint16_t *row)
{
    for (size_t index = 0; index < rules->rule_count; index++) {
        const struct rule *rule = &rules->rules[index];
        uint32_t conditions = 0;
        uint32_t literals = 0;
        for (size_t term = 0; term < rule->condition_count; term++)
            conditions += rule->conditions[term].traits[0] >> row[rule->conditions[term].layer] & 1;
        for (size_t term = 0; term < rule->literal_count; term++)
            literals += rule->literals[term].traits[0] >> row[rule->literals[term].layer] & 1;
        if (rule->condition_count > 0 && conditions == 0)
            continue;
        if (literals < rule->at_least || literals > rule->at_most)
            return false;
    }
    return true;
}

static bool alike(const uint16_t *left, const uint16_t *right, const uint32_t *layers, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (left[layers[index]] != right[layers[index]])
            return false;
    }
    return true;
}

/* Whether two items may not both be in a plan. */
static bool collide(const struct instance *instance, const uint16_t *left, const uint16_t *right)
{
    const struct collection *collection = instance->collection;
    bool differ = false;
    bool any = false;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        any |= collection->layers[layer].distinct;
        differ |= collection->layers[layer].distinct && left[layer] != right[layer];
    }
    for (size_t index = 0; index < instance->rules->unique_count; index++) {
        const struct rule_unique *unique = &instance->rules->uniques[index];
        if (alike(left, right, unique->layers, unique->layer_count))
            return true;
    }
    return any && !differ;
}

/* All plans of an instance, one after the other, item by item in the order of the recipes. */
struct enumeration {
    const struct instance *instance;
    uint16_t recipes[RECIPES_MAX][8];
    size_t recipe_count;
    size_t stack[ITEMS_MAX];
    uint64_t counts[VALUES_MAX];
    uint64_t best; /* deviation; UINT64_MAX: no plan */
    uint64_t work; /* steps left */
};

static void list_all(struct enumeration *all)
{
    const struct collection *collection = all->instance->collection;
    uint16_t row[8] = {0};
    for (;;) {
        bool usable = keeps_rules(all->instance->rules, row);
        for (size_t layer = 0; layer < collection->layer_count; layer++)
            usable &= all->instance->upper[all->instance->bases[layer] + row[layer]] > 0;
        if (usable && all->recipe_count < RECIPES_MAX)
            memcpy(all->recipes[all->recipe_count++], row, sizeof row);
        size_t layer = 0;
        while (layer < collection->layer_count &&
               ++row[layer] == collection->layers[layer].trait_count)
            row[layer++] = 0;
        if (layer == collection->layer_count)
            return;
    }
}

static void judge(struct enumeration *all)
{
    const struct instance *instance = all->instance;
    uint64_t deviation = 0;
    for (size_t value = 0; value < instance->bases[instance->collection->layer_count]; value++) {
        uint64_t count = all->counts[value];
        if (count < instance->lower[value])
            return;
        deviation += count > instance->asked[value] ? count - instance->asked[value]
                                                    : instance->asked[value] - count;
    }
    if (deviation < all->best)
        all->best = deviation;
}

static void add_to(struct enumeration *all, size_t recipe, uint64_t by)
{
    for (size_t layer = 0; layer < all->instance->collection->layer_count; layer++)
        all->counts[all->instance->bases[layer] + all->recipes[recipe][layer]] += by;
}

static bool may_take(const struct enumeration *all, size_t recipe, size_t taken)
{
    const struct instance *instance = all->instance;
    for (size_t layer = 0; layer < instance->collection->layer_count; layer++) {
        size_t value = instance->bases[layer] + all->recipes[recipe][layer];
        if (all->counts[value] >= instance->upper[value])
            return false;
    }
    for (size_t index = 0; index < taken; index++) {
        if (collide(instance, all->recipes[all->stack[index]], all->recipes[recipe]))
            return false;
    }
    return true;
}

/* Sets all->best; false when there were too many to look at. */
static bool enumerate(struct enumeration *all)
{
    size_t taken = 0;
    size_t next = 0;
    all->best = UINT64_MAX;
    list_all(all);
    for (all->work = 300000; all->work > 0 && all->best > 0; all->work--) {
        if (taken == all->instance->count) {
            judge(all);
            next = all->recipe_count;
        }
        while (next < all->recipe_count && !may_take(all, next, taken))
            next++;
        if (next < all->recipe_count) {
            add_to(all, next, 1);
            all->stack[taken++] = next; /* the same again, where items may repeat */
            continue;
        }
        if (taken == 0)
            return true;
        add_to(all, all->stack[--taken], UINT64_MAX);
        next = all->stack[taken] + 1;
    }
    return all->best == 0;
}

static uint64_t some_traits(struct random *random, size_t count)
{
    uint64_t all = (UINT64_C(1) << count) - 1;
    uint64_t bits = random_below(random, 3) ? UINT64_C(1) << random_below(random, count)
                                            : random_next(random) & all;
    return bits;
}

/* A rule of any kind over random layers. */
static void add_random_rule(struct random *random, struct instance *instance)
{
    struct collection *collection = instance->collection;
    struct made_literal made[16];
    size_t layers = collection->layer_count;
    size_t first = random_below(random, layers);
    size_t conditions = random_below(random, 2) ? 0 : 1 + random_below(random, 2);
    size_t literals = 1 + random_below(random, layers < 4 ? layers : 4);
    for (size_t index = 0; index < conditions; index++) {
        uint32_t layer = (uint32_t)random_below(random, layers);
        made[index] = (struct made_literal){
            layer, some_traits(random, collection->layers[layer].trait_count)};
    }
    for (size_t index = 0; index < literals; index++) {
        uint32_t layer = (uint32_t)((first + index) % layers);
        made[conditions + index] = (struct made_literal){
            layer, some_traits(random, collection->layers[layer].trait_count)};
    }
    struct rule *rule = add_rule(collection, instance->rules, made, conditions, literals);
    rule->at_least = (uint32_t)random_below(random, conditions ? literals + 1 : 2);
    rule->at_most = rule->at_least + (uint32_t)random_below(random, literals + 1);
    if (rule->at_most > literals)
        rule->at_most = (uint32_t)literals;
}

static void ask_at_random(struct random *random, struct instance *instance, uint32_t layer)
{
    size_t count = instance->collection->layers[layer].trait_count;
    uint64_t *asked = instance->asked + instance->bases[layer];
    for (uint64_t item = 0; item < instance->count; item++)
        asked[random_below(random, 2) ? random_below(random, count) : item % count]++;
    for (size_t trait = 0; trait < count; trait++) {
        uint64_t *lower = instance->lower + instance->bases[layer];
        uint64_t *upper = instance->upper + instance->bases[layer];
        uint64_t kind = random_below(random, 12);
        upper[trait] = kind == 0 ? asked[trait] : UINT64_MAX;
        lower[trait] = kind == 0 ? asked[trait] : 0;
        if (kind == 1)
            upper[trait] = asked[trait] + 1;
        if (kind == 2)
            lower[trait] = asked[trait] / 2;
    }
}

/* Asks for what a random plan has, so that no deviation is needed. */
static void ask_what_can_be(struct random *random, struct instance *instance)
{
    static struct enumeration all;
    all = (struct enumeration){.instance = instance};
    list_all(&all);
    uint64_t taken = 0;
    for (int tried = 0; tried < 200 && taken < instance->count && all.recipe_count > 0; tried++) {
        size_t recipe = random_below(random, all.recipe_count);
        if (!may_take(&all, recipe, taken))
            continue;
        add_to(&all, recipe, 1);
        all.stack[taken++] = recipe;
    }
    if (taken == 0)
        return;
    instance->count = taken;
    memcpy(instance->asked, all.counts, sizeof all.counts);
    memset(instance->lower, 0, sizeof instance->lower);
    for (size_t value = 0; value < VALUES_MAX; value++)
        instance->upper[value] = instance->upper[value] ? UINT64_MAX : 0;
}

static void make_instance(struct instance *instance, struct random *random)
{
    *instance = (struct instance){0};
    size_t sizes[6] = {0};
    size_t layers = 2 + random_below(random, 3);
    for (size_t layer = 0; layer < layers; layer++)
        sizes[layer] = 1 + random_below(random, layers > 3 ? 3 : 5);
    instance->collection = make_shape(sizes);
    instance->rules = &instance->collection->rules;
    instance->count = 1 + random_below(random, ITEMS_MAX);
    for (size_t layer = 0; layer < layers; layer++) {
        instance->bases[layer + 1] = instance->bases[layer] + (uint32_t)sizes[layer];
        instance->collection->layers[layer].distinct = random_below(random, 4) != 0;
    }
    for (uint64_t rule = random_below(random, 5); rule > 0; rule--)
        add_random_rule(random, instance);
    if (random_below(random, 3) == 0) {
        uint32_t group[] = {0, (uint32_t)(1 + random_below(random, layers - 1))};
        add_unique(instance->collection, instance->rules, group, 2);
    }
    for (uint32_t layer = 0; layer < layers; layer++)
        ask_at_random(random, instance, layer);
    if (random_below(random, 2))
        ask_what_can_be(random, instance);
}

/* Checks everything that the solver promises about rows, and that its deviation is theirs. */
static void check_rows(const struct instance *instance, const struct plan_solve *solve)
{
    size_t layers = instance->collection->layer_count;
    uint64_t counts[VALUES_MAX] = {0};
    uint64_t deviation = 0;
    for (uint64_t item = 0; item < instance->count; item++) {
        const uint16_t *row = solve->rows + item * layers;
        assert_true(keeps_rules(instance->rules, row));
        for (size_t layer = 0; layer < layers; layer++) {
            assert_true(row[layer] < instance->collection->layers[layer].trait_count);
            counts[instance->bases[layer] + row[layer]]++;
        }
        for (uint64_t other = 0; other < item; other++)
            assert_false(collide(instance, row, solve->rows + other * layers));
    }
    for (size_t value = 0; value < instance->bases[layers]; value++) {
        assert_true(counts[value] >= instance->lower[value]);
        assert_true(counts[value] <= instance->upper[value]);
        deviation += counts[value] > instance->asked[value]
                         ? counts[value] - instance->asked[value]
                         : instance->asked[value] - counts[value];
    }
    assert_int_equal(deviation, solve->deviation);
}

static void small_cases_come_out_as_when_all_plans_are_listed(void **state)
{
    (void)state;
    static struct enumeration all;
    struct random random;
    int plans = 0;
    int exact = 0;
    int impossible = 0;
    int skipped = 0;
    int worse = 0;
    int missed = 0;
    random_init(&random, seed, 7);
    for (int round = 0; round < 12000; round++) {
        struct instance instance;
        uint16_t rows[ITEMS_MAX * 8];
        struct sgr_error error = {SGR_OK, ""};
        char own[16];
        snprintf(own, sizeof own, "%d", round);
        make_instance(&instance, &random);
        all = (struct enumeration){.instance = &instance};
        bool known = enumerate(&all);
        struct plan_solve solve = solve_of(&instance, own, rows);
        enum sgr_status status = plan_solve(&solve, &error);
        if (status == SGR_OK)
            check_rows(&instance, &solve);
        else
            assert_true(status == SGR_INFEASIBLE && error.text[0]);
        if ((status == SGR_OK && known && all.best == UINT64_MAX) ||
            (status != SGR_OK && all.best != UINT64_MAX))
            fail_msg("round %d: the best plan has %" PRIu64 ", the solver says %d: %s", round,
                     all.best, status, error.text);
        if (status == SGR_OK && known && solve.proven && solve.deviation != all.best)
            fail_msg("round %d: %" PRIu64 " is called proven, %" PRIu64 " exists", round,
                     solve.deviation, all.best);
        skipped += !known;
        plans += known && all.best != UINT64_MAX;
        exact += known && all.best == 0;
        impossible += known && all.best == UINT64_MAX;
        missed += known && all.best == 0 && status == SGR_OK && solve.deviation > 0;
        worse += known && all.best > 0 && status == SGR_OK && solve.deviation > all.best;
        collection_destroy(&instance.collection);
    }
    printf("%d with plans, %d exact, %d impossible, %d too many to list; %d not met, %d worse\n",
           plans, exact, impossible, skipped, missed, worse);
    assert_true(plans + impossible >= 10000 && exact > 3000 && impossible > 500);
    assert_true(missed * 100 <= exact && worse * 100 <= plans - exact);
}

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

/* Layers 0 and 1 share a rule, 2 and 3 another, 4 has none: across these, traits are independent. */
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
        char own[16];
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
        cmocka_unit_test(small_cases_come_out_as_when_all_plans_are_listed),
        cmocka_unit_test(every_valid_recipe_is_found),
        cmocka_unit_test(ten_thousand_of_ten_thousand_are_found),
        cmocka_unit_test(a_thousand_hats_come_once_each),
        cmocka_unit_test(fifteen_of_each_are_fifteen_of_each),
        cmocka_unit_test(unique_pairs_are_met_with_any_sums),
        cmocka_unit_test(a_seed_has_one_plan),
        cmocka_unit_test(layers_that_share_no_rule_are_independent),
        cmocka_unit_test(all_plans_are_equally_likely),
        cmocka_unit_test(conflicts_are_named_with_their_numbers),
        cmocka_unit_test(counts_give_way_by_as_little_as_can_be),
        cmocka_unit_test(solving_without_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
