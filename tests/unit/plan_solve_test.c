/*
 * The solver held against a list of all plans of small random cases: rules are never broken, counts
 * are met where they can be, what cannot be is refused. An argument is the seed of the cases.
 */
#include "plan/plan_solve.h"

#include "rules_fixture.h"

#include "base/random.h"
#include "collection/group_rules.h"
#include "os/machine.h"

enum { CASES = 12000 / TEST_CASES_SHARE };

static const char *seed;

enum { VALUES_MAX = 64, RECIPES_MAX = 512, ITEMS_MAX = 10, GROUPS_MAX = 3, GIVEN_MAX = 12 };

/* A case: what to solve, with room for what it points to. */
struct instance {
    struct collection *collection;
    struct rules *rules;
    struct rules written; /* before groups made rules of their own */
    uint32_t bases[16];
    uint64_t asked[VALUES_MAX];
    uint64_t lower[VALUES_MAX];
    uint64_t upper[VALUES_MAX];
    uint64_t count;
    uint64_t given_count;
    uint16_t given[GIVEN_MAX][8];
};

static struct plan_solve solve_of(const struct instance *instance, const char *own, uint16_t *rows)
{
    return (struct plan_solve){.collection = instance->collection,
                               .rules = instance->rules,
                               .trait_bases = instance->bases,
                               .given_count = instance->given_count,
                               .count = instance->count,
                               .seed = own,
                               .asked = instance->asked,
                               .lower = instance->lower,
                               .upper = instance->upper,
                               .rows = rows};
}

static bool alike(const uint16_t *left, const uint16_t *right, const uint32_t *layers, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        if (left[layers[index]] != right[layers[index]])
            return false;
    }
    return true;
}

/* Whether an item's stack has a layer. */
static bool has_layer(const struct collection *collection, const uint16_t *row, size_t layer)
{
    size_t last = collection->layer_count - 1;
    return !collection->stacks || collection_stack_has(&collection->stacks[row[last]], layer);
}

static bool is_single(const struct collection *collection, const uint16_t *row)
{
    size_t last = collection->layer_count - 1;
    return collection->stacks && collection->layers[last].traits[row[last]].single;
}

static bool has_all(const struct collection *collection, const uint16_t *row,
                    const struct rule_unique *unique)
{
    bool all = true;
    for (size_t index = 0; index < unique->layer_count; index++)
        all &= has_layer(collection, row, unique->layers[index]);
    return all;
}

static bool has_distinct(const struct collection *collection, const uint16_t *row)
{
    bool any = false;
    for (size_t layer = 0; layer < collection->layer_count; layer++)
        any |= collection->layers[layer].distinct && has_layer(collection, row, layer);
    return any;
}

/* Whether a row is as its group's stack says, and keeps the rules that are about it. */
static bool is_allowed(const struct instance *instance, const uint16_t *row)
{
    const struct collection *collection = instance->collection;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        const struct collection_trait *trait = &collection->layers[layer].traits[row[layer]];
        bool has = has_layer(collection, row, layer);
        if (has ? trait->none && trait->weight == 0 : !trait->none)
            return false;
    }
    for (size_t index = 0; index < instance->written.rule_count; index++) {
        const struct rules one = {.rules = &instance->written.rules[index], .rule_count = 1};
        bool about = false;
        for (size_t term = 0; term < one.rules->condition_count; term++)
            about |= has_layer(collection, row, one.rules->conditions[term].layer);
        for (size_t term = 0; term < one.rules->literal_count; term++)
            about |= has_layer(collection, row, one.rules->literals[term].layer);
        if (about && !keeps_rules(&one, row))
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
    if (is_single(collection, left) || is_single(collection, right))
        return false;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        any |= collection->layers[layer].distinct;
        differ |= collection->layers[layer].distinct && left[layer] != right[layer];
    }
    for (size_t index = 0; index < instance->rules->unique_count; index++) {
        const struct rule_unique *unique = &instance->rules->uniques[index];
        if (has_all(collection, left, unique) && has_all(collection, right, unique) &&
            alike(left, right, unique->layers, unique->layer_count))
            return true;
    }
    any &= has_distinct(collection, left) && has_distinct(collection, right);
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
        bool usable = is_allowed(all->instance, row);
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
    for (size_t index = 0; index < instance->given_count; index++) {
        if (collide(instance, instance->given[index], all->recipes[recipe]))
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

/* Rows that are there already: some keep rules and differ, some do not. */
static void give_rows(struct random *random, struct instance *instance)
{
    if (random_below(random, 2))
        return;
    instance->given_count = 1 + random_below(random, GIVEN_MAX);
    for (uint64_t row = 0; row < instance->given_count; row++) {
        for (size_t layer = 0; layer < instance->collection->layer_count; layer++)
            instance->given[row][layer] =
                (uint16_t)random_below(random, instance->collection->layers[layer].trait_count);
    }
}

/* Makes the last layer one of groups, each with some of the others, and of one-of-one items. */
static void make_groups(struct random *random, struct instance *instance)
{
    struct collection *collection = instance->collection;
    size_t last = collection->layer_count - 1;
    struct collection_layer *groups = &collection->layers[last];
    struct collection_stack *stacks =
        arena_allocate(&collection->arena, groups->trait_count, sizeof *stacks);
    assert_non_null(stacks);
    groups->groups = true;
    groups->distinct = false;
    for (size_t group = 0; group < groups->trait_count; group++) {
        uint64_t *members = arena_allocate(&collection->arena, 1, sizeof *members);
        assert_non_null(members);
        bool single = group > 0 && random_below(random, 3) == 0;
        uint64_t drawn = random_below(random, 3) ? random_next(random) : UINT64_MAX;
        *members = single ? UINT64_C(1) << last
                          : (drawn & ((UINT64_C(1) << last) - 1)) | UINT64_C(1) << last;
        groups->traits[group].single = single;
        stacks[group].members = members;
        for (size_t layer = 0; layer < last; layer++) {
            struct collection_trait *none = &collection->layers[layer].traits[0];
            bool has = collection_stack_has(&stacks[group], layer);
            if (!has && !none->lacked)
                none->weight = random_below(random, 3) == 0;
            none->lacked |= !has;
            none->none |= !has;
        }
    }
    collection->stacks = stacks;
}

/* How many items are asked for of groups that lack a layer. */
static uint64_t lacking(const struct instance *instance, size_t layer)
{
    const struct collection *collection = instance->collection;
    size_t last = collection->layer_count - 1;
    uint64_t sum = 0;
    for (size_t group = 0; group < collection->layers[last].trait_count; group++) {
        if (!collection_stack_has(&collection->stacks[group], layer))
            sum += instance->asked[instance->bases[last] + group];
    }
    return sum;
}

/* Groups' counts are exact, and what a group lacks is absent. */
static void bind_groups(struct instance *instance)
{
    const struct collection *collection = instance->collection;
    size_t last = collection->layer_count - 1;
    for (size_t value = instance->bases[last]; value < instance->bases[last + 1]; value++)
        instance->lower[value] = instance->upper[value] = instance->asked[value];
    for (size_t layer = 0; layer < last; layer++) {
        const struct collection_trait *none = &collection->layers[layer].traits[0];
        size_t value = instance->bases[layer];
        uint64_t least = lacking(instance, layer);
        if (!none->lacked)
            continue;
        if (instance->lower[value] < least)
            instance->lower[value] = least;
        if (none->weight == 0)
            instance->upper[value] = least;
        else if (instance->upper[value] < least)
            instance->upper[value] = least;
    }
}

/* Asks for one of each one-of-one item and a random number of each group. */
static void ask_groups(struct random *random, struct instance *instance)
{
    const struct collection *collection = instance->collection;
    size_t last = collection->layer_count - 1;
    const struct collection_layer *groups = &collection->layers[last];
    uint64_t *asked = instance->asked + instance->bases[last];
    uint64_t left = instance->count;
    memset(instance->asked, 0, sizeof instance->asked);
    for (size_t group = 0; group < groups->trait_count; group++) {
        asked[group] = groups->traits[group].single && left > 0;
        left -= asked[group];
    }
    while (left > 0) {
        size_t group = random_below(random, groups->trait_count);
        bool takes = !groups->traits[group].single;
        asked[group] += takes;
        left -= takes;
    }
    for (size_t layer = 0; layer < last; layer++) {
        uint64_t *own = instance->asked + instance->bases[layer];
        uint64_t least = lacking(instance, layer);
        bool lacked = collection->layers[layer].traits[0].lacked;
        size_t count = collection->layers[layer].trait_count;
        size_t first = lacked && count > 1 && collection->layers[layer].traits[0].weight == 0;
        own[0] += least;
        for (uint64_t item = least; item < instance->count; item++)
            own[first + random_below(random, count - first)]++;
    }
}

/* Rules of every shape that is read, for groups. */
static void make_rules_readable(struct instance *instance)
{
    for (size_t index = 0; index < instance->rules->rule_count; index++) {
        struct rule *rule = &instance->rules->rules[index];
        if (rule->condition_count > 0)
            rule->at_least = rule->at_most = (uint32_t)rule->literal_count;
    }
}

static void make_instance(struct instance *instance, struct random *random)
{
    *instance = (struct instance){0};
    size_t sizes[7] = {0};
    size_t layers = 2 + random_below(random, 3);
    for (size_t layer = 0; layer < layers; layer++)
        sizes[layer] = 1 + random_below(random, layers > 3 ? 3 : 5);
    bool grouped = random_below(random, 4) == 0;
    if (grouped)
        sizes[layers++] = 1 + random_below(random, GROUPS_MAX);
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
    if (grouped) {
        struct sgr_error error = {SGR_OK, ""};
        make_groups(random, instance);
        make_rules_readable(instance);
        instance->written = *instance->rules;
        assert_int_equal(group_rules_add(instance->collection, &error), SGR_OK);
    } else {
        instance->written = *instance->rules;
    }
    give_rows(random, instance);
    for (uint32_t layer = 0; layer < layers; layer++)
        ask_at_random(random, instance, layer);
    if (grouped) {
        ask_groups(random, instance);
        bind_groups(instance);
    }
    if (random_below(random, 2))
        ask_what_can_be(random, instance);
    if (grouped)
        bind_groups(instance);
}

/* Checks everything that the solver promises about rows, and that its deviation is theirs. */
static void check_rows(const struct instance *instance, const struct plan_solve *solve)
{
    size_t layers = instance->collection->layer_count;
    for (uint64_t row = 0; row < instance->given_count; row++)
        assert_memory_equal(solve->rows + row * layers, instance->given[row], layers * 2);
    uint64_t counts[VALUES_MAX] = {0};
    uint64_t deviation = 0;
    for (uint64_t item = 0; item < instance->count; item++) {
        const uint16_t *row = solve->rows + (instance->given_count + item) * layers;
        assert_true(keeps_rules(instance->rules, row) && is_allowed(instance, row));
        for (size_t layer = 0; layer < layers; layer++) {
            assert_true(row[layer] < instance->collection->layers[layer].trait_count);
            counts[instance->bases[layer] + row[layer]]++;
        }
        for (uint64_t other = 0; other < item; other++)
            assert_false(
                collide(instance, row, solve->rows + (instance->given_count + other) * layers));
        for (uint64_t other = 0; other < instance->given_count; other++)
            assert_false(collide(instance, row, instance->given[other]));
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
    int extended = 0;
    int worse = 0;
    int missed = 0;
    random_init(&random, seed, 7);
    for (int round = 0; round < CASES; round++) {
        struct instance instance;
        uint16_t rows[(GIVEN_MAX + ITEMS_MAX) * 8];
        struct sgr_error error = {SGR_OK, ""};
        char own[16];
        snprintf(own, sizeof own, "%d", round);
        make_instance(&instance, &random);
        all = (struct enumeration){.instance = &instance};
        bool known = enumerate(&all);
        for (uint64_t row = 0; row < instance.given_count; row++)
            memcpy(rows + row * instance.collection->layer_count, instance.given[row],
                   instance.collection->layer_count * sizeof *rows);
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
        extended += known && instance.given_count > 0;
        plans += known && all.best != UINT64_MAX;
        exact += known && all.best == 0;
        impossible += known && all.best == UINT64_MAX;
        missed += known && all.best == 0 && status == SGR_OK && solve.deviation > 0;
        worse += known && all.best > 0 && status == SGR_OK && solve.deviation > all.best;
        collection_destroy(&instance.collection);
    }
    printf("%d with given rows, %d with plans, %d exact, %d impossible, %d too many to list; "
           "%d not met, %d worse\n",
           extended, plans, exact, impossible, skipped, missed, worse);
    assert_true(plans + impossible >= CASES * 10 / 12 && extended > CASES / 3);
    assert_true(exact > CASES / 4 && impossible > CASES / 24);
    assert_true(missed * 100 <= exact && worse * 100 <= plans - exact);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_cases_come_out_as_when_all_plans_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
