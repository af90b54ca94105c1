/* Counts by elimination against counts by enumeration; an argument is the seed. */
#include "plan/capacity.h"

#include "random_rules_fixture.h"

#include "collection/group_rules.h"
#include "os/machine.h"
#include "plan/plan_counts.h"

enum { LAYERS_MAX = 6, TRAITS_MAX = 5, CHOICES_MAX = 8192, INSTANCES = 12000 / TEST_CASES_SHARE };

static const char *seed;

/*
 * What enumeration finds. Choices are numbered by the mixed radix of the layers that are counted.
 */
struct truth {
    struct collection *collection;
    struct rules rules;
    uint16_t traits[LAYERS_MAX];
    uint64_t recipes;
    uint64_t reach[LAYERS_MAX][TRAITS_MAX];
    uint64_t effective_thousandths;
    const struct rule_unique *unique; /* only groups whose stacks have its layers count; or NULL */
};

static bool next_recipe(struct truth *truth)
{
    for (size_t layer = 0; layer < truth->collection->layer_count; layer++) {
        if (++truth->traits[layer] < truth->collection->layers[layer].trait_count)
            return true;
        truth->traits[layer] = 0;
    }
    return false;
}

static bool is_drawable(const struct truth *truth)
{
    for (size_t layer = 0; layer < truth->collection->layer_count; layer++) {
        if (!plan_counts_may_draw(&truth->collection->layers[layer].traits[truth->traits[layer]]))
            return false;
    }
    if (!truth->collection->stacks)
        return true;
    size_t last = truth->collection->layer_count - 1;
    uint16_t group = truth->traits[last];
    bool has = !truth->collection->layers[last].traits[group].single;
    for (size_t at = 0; truth->unique && at < truth->unique->layer_count; at++)
        has &= collection_stack_has(&truth->collection->stacks[group], truth->unique->layers[at]);
    return has;
}

/* The number of a recipe by the layers whose bits are set. */
static size_t choice_of(const struct truth *truth, uint64_t layers)
{
    size_t choice = 0;
    for (size_t layer = 0; layer < truth->collection->layer_count; layer++) {
        if (layers >> layer & 1)
            choice = choice * truth->collection->layers[layer].trait_count + truth->traits[layer];
    }
    return choice;
}

static uint64_t weight_of(const struct truth *truth)
{
    uint64_t product = 1;
    for (size_t layer = 0; layer < truth->collection->layer_count; layer++)
        product *= truth->collection->layers[layer].traits[truth->traits[layer]].weight;
    return product;
}

/*
 * Different choices in `layers` among valid recipes, those with one trait when `only` is a layer.
 */
static uint64_t enumerate(struct truth *truth, uint64_t layers, size_t only, size_t trait)
{
    static unsigned char seen[CHOICES_MAX];
    uint64_t count = 0;
    memset(seen, 0, sizeof seen);
    memset(truth->traits, 0, sizeof truth->traits);
    do {
        if ((only != SIZE_MAX && truth->traits[only] != trait) || !is_drawable(truth) ||
            !recipe_is_valid(&truth->rules, truth->traits))
            continue;
        size_t choice = choice_of(truth, layers);
        count += !seen[choice];
        seen[choice] = 1;
    } while (next_recipe(truth));
    return count;
}

static uint64_t distinct_layers(const struct collection *collection)
{
    uint64_t layers = 0;
    for (size_t layer = 0; layer < collection->layer_count; layer++)
        layers |= (uint64_t)collection->layers[layer].distinct << layer;
    return layers;
}

static void enumerate_effective(struct truth *truth)
{
    static uint64_t weights[CHOICES_MAX];
    uint64_t layers = distinct_layers(truth->collection);
    wide sum = 0;
    wide squares = 0;
    memset(weights, 0, sizeof weights);
    memset(truth->traits, 0, sizeof truth->traits);
    do {
        if (is_drawable(truth) && recipe_is_valid(&truth->rules, truth->traits))
            weights[choice_of(truth, layers)] += weight_of(truth);
    } while (next_recipe(truth));
    for (size_t choice = 0; choice < CHOICES_MAX; choice++) {
        sum += weights[choice];
        squares += (wide)weights[choice] * weights[choice];
    }
    truth->effective_thousandths = squares ? (uint64_t)(sum * sum * 1000 / squares) : 0;
}

static void enumerate_all(struct truth *truth)
{
    const struct collection *collection = truth->collection;
    uint64_t layers = distinct_layers(collection);
    truth->recipes = enumerate(truth, layers, SIZE_MAX, 0);
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++)
            truth->reach[layer][trait] = enumerate(truth, layers, layer, trait);
    }
    enumerate_effective(truth);
}

static void make_instance(struct truth *truth, struct random *random)
{
    size_t sizes[LAYERS_MAX + 1] = {0};
    size_t layers = 1 + random_below(random, LAYERS_MAX);
    size_t largest = layers > 5 ? 3 : TRAITS_MAX;
    for (size_t layer = 0; layer < layers; layer++)
        sizes[layer] = 1 + random_below(random, largest);
    *truth = (struct truth){.collection = make_shape(sizes)};
    for (size_t layer = 0; layer < layers; layer++) {
        struct collection_layer *made = &truth->collection->layers[layer];
        made->distinct = random_below(random, 4) > 0;
        for (size_t trait = 0; trait < sizes[layer]; trait++)
            made->traits[trait].weight = random_below(random, 8) * 6;
    }
    for (size_t rules = random_below(random, 6); rules > 0; rules--)
        add_random_rule(truth->collection, &truth->rules, random);
    struct rule_unique *uniques = arena_allocate(&truth->collection->arena, 2, sizeof *uniques);
    truth->rules.uniques = uniques;
    truth->rules.unique_count = random_below(random, 3);
    for (size_t unique = 0; unique < truth->rules.unique_count; unique++) {
        uint32_t *members = arena_allocate(&truth->collection->arena, layers, sizeof *members);
        uniques[unique] = (struct rule_unique){.text = "unique", .layers = members};
        for (uint32_t layer = 0; layer < layers; layer++) {
            if (random_below(random, 2))
                members[uniques[unique].layer_count++] = layer;
        }
    }
}

/*
 * Makes the last layer one of groups, each with some of the others, and of one-of-one items.
 * Returns how many of these there are.
 */
static uint64_t add_groups(struct truth *truth, struct random *random)
{
    struct collection *collection = truth->collection;
    size_t last = collection->layer_count - 1;
    struct collection_layer *groups = &collection->layers[last];
    struct collection_stack *stacks =
        arena_allocate(&collection->arena, groups->trait_count, sizeof *stacks);
    uint64_t singles = 0;
    assert_non_null(stacks);
    groups->groups = true;
    groups->distinct = false;
    for (size_t group = 0; group < groups->trait_count; group++) {
        uint64_t *members = arena_allocate(&collection->arena, 1, sizeof *members);
        assert_non_null(members);
        bool single = random_below(random, 4) == 0;
        *members = (single ? 0 : random_below(random, UINT64_C(1) << last)) | UINT64_C(1) << last;
        stacks[group].members = members;
        groups->traits[group].single = single;
        groups->traits[group].count_fixed = single;
        groups->traits[group].count = single;
        singles += single;
        for (size_t layer = 0; layer < last; layer++) {
            collection->layers[layer].traits[0].lacked |= !(*members >> layer & 1);
            collection->layers[layer].traits[0].none |= !(*members >> layer & 1);
        }
    }
    for (size_t index = 0; index < truth->rules.rule_count; index++) {
        struct rule *rule = &truth->rules.rules[index];
        if (rule->condition_count > 0)
            rule->at_least = rule->at_most = (uint32_t)rule->literal_count;
    }
    collection->stacks = stacks;
    collection->rules = truth->rules;
    assert_int_equal(group_rules_add(collection, NULL), SGR_OK);
    truth->rules = collection->rules;
    return singles;
}

static void fail_instance(size_t instance, const char *what, uint64_t expected,
                          const struct capacity_number *found)
{
    fail_msg("instance %zu of seed %s, %s: %" PRIu64 " expected, %" PRIu64 " to %" PRIu64, instance,
             seed, what, expected, natural_saturated(&found->least),
             natural_saturated(&found->most));
}

static void expect_number(size_t instance, const char *what, uint64_t expected,
                          const struct capacity_number *found)
{
    if (!capacity_number_is_exact(found) || natural_saturated(&found->least) != expected)
        fail_instance(instance, what, expected, found);
}

static const struct rule *find_rule(const struct rules *rules, const char *text)
{
    size_t at = 0;
    while (at < rules->rule_count && strcmp(rules->rules[at].text, text) != 0)
        at++;
    assert_true(at < rules->rule_count);
    return &rules->rules[at];
}

/* Only these rules together make it impossible, so that without any of them it is possible. */
static void expect_minimal(struct truth *truth, const char *const *texts, size_t count,
                           const struct capacity_barred *barred)
{
    struct rules all = truth->rules;
    size_t layer = barred ? barred->layer : SIZE_MAX;
    size_t trait = barred ? barred->trait : 0;
    assert_true(count > 0);
    for (size_t without = 0; without <= count; without++) {
        struct rule kept[8];
        truth->rules.rules = kept;
        truth->rules.rule_count = 0;
        for (size_t at = 0; at < count; at++) {
            if (at != without)
                kept[truth->rules.rule_count++] = *find_rule(&all, texts[at]);
        }
        uint64_t left = enumerate(truth, 0, layer, trait);
        assert_int_equal(left, without < count);
    }
    truth->rules = all;
}

static void expect_blame(struct truth *truth, const struct capacity *capacity)
{
    if (capacity->conflict_count > 0)
        expect_minimal(truth, capacity->conflict, capacity->conflict_count, NULL);
    for (size_t at = 0; at < capacity->barred_count; at++)
        expect_minimal(truth, capacity->barred[at].rules, capacity->barred[at].rule_count,
                       &capacity->barred[at]);
}

static void check_traits(struct truth *truth, const struct capacity *capacity, size_t instance)
{
    struct capacity_number number = {.least = {.limbs = NULL}};
    uint64_t barred = 0;
    for (size_t layer = 0; layer < truth->collection->layer_count; layer++) {
        for (size_t trait = 0; trait < truth->collection->layers[layer].trait_count; trait++) {
            assert_true(capacity_trait(capacity, layer, trait, &number));
            expect_number(instance, "trait", truth->reach[layer][trait], &number);
            const struct collection_trait *own = &truth->collection->layers[layer].traits[trait];
            barred += truth->recipes > 0 && truth->reach[layer][trait] == 0 &&
                      plan_counts_may_draw(own) && !own->single && !own->lacked;
        }
    }
    capacity_number_finish(&number);
    assert_int_equal(capacity->barred_total, barred);
}

static void check_instance(struct truth *truth, size_t instance, uint64_t singles)
{
    struct capacity capacity;
    const struct capacity_options options = {.collection = truth->collection,
                                             .rules = &truth->rules};
    enumerate_all(truth);
    assert_int_equal(capacity_init(&capacity, &options, NULL), SGR_OK);
    expect_number(instance, "recipes", truth->recipes, &capacity.recipes);
    check_traits(truth, &capacity, instance);
    uint64_t most = capacity.repeats && truth->recipes ? UINT64_MAX : truth->recipes;
    for (size_t unique = 0; unique < truth->rules.unique_count; unique++) {
        uint64_t layers = 0;
        for (size_t at = 0; at < truth->rules.uniques[unique].layer_count; at++)
            layers |= UINT64_C(1) << truth->rules.uniques[unique].layers[at];
        truth->unique = &truth->rules.uniques[unique];
        uint64_t expected = enumerate(truth, layers, SIZE_MAX, 0);
        truth->unique = NULL;
        if (truth->recipes > 0 || capacity.unique_count > 0)
            expect_number(instance, "unique", expected, &capacity.uniques[unique].combinations);
        most = expected < most && !capacity.uniques[unique].partial ? expected : most;
    }
    assert_int_equal(capacity_items_max(&capacity), most == UINT64_MAX ? most : most + singles);
    bool known = !capacity.repeats && truth->recipes > 0 && !truth->collection->stacks;
    assert_int_equal(capacity.effective_known, known);
    if (capacity.effective_known)
        assert_int_equal(natural_saturated(&capacity.effective_thousandths),
                         truth->effective_thousandths);
    if (!truth->collection->stacks) /* one rule may become several with the same text */
        expect_blame(truth, &capacity);
    capacity_finish(&capacity);
}

/* Whether a number lies within bounds; counts those that are not exact. */
static void expect_within(size_t instance, uint64_t expected, const struct capacity_number *found,
                          size_t *bounded)
{
    if (natural_saturated(&found->least) > expected || natural_saturated(&found->most) < expected)
        fail_instance(instance, "bounds", expected, found);
    *bounded += !capacity_number_is_exact(found);
}

static void check_bounds(struct truth *truth, struct random *random, size_t instance,
                         size_t *bounded)
{
    struct capacity capacity;
    struct capacity_number number = {.least = {.limbs = NULL}};
    const struct capacity_options options = {
        .collection = truth->collection,
        .rules = &truth->rules,
        .cells_max = UINT64_C(1) << random_below(random, 7),
        .work_max = random_below(random, 2) ? 1 + random_below(random, 3000) : 0,
    };
    enumerate_all(truth);
    assert_int_equal(capacity_init(&capacity, &options, NULL), SGR_OK);
    expect_within(instance, truth->recipes, &capacity.recipes, bounded);
    for (size_t layer = 0; layer < truth->collection->layer_count; layer++) {
        for (size_t trait = 0; trait < truth->collection->layers[layer].trait_count; trait++) {
            assert_true(capacity_trait(&capacity, layer, trait, &number));
            expect_within(instance, truth->reach[layer][trait], &number, bounded);
        }
    }
    for (size_t unique = 0; unique < capacity.unique_count; unique++) {
        uint64_t layers = 0;
        for (size_t at = 0; at < truth->rules.uniques[unique].layer_count; at++)
            layers |= UINT64_C(1) << truth->rules.uniques[unique].layers[at];
        expect_within(instance, enumerate(truth, layers, SIZE_MAX, 0),
                      &capacity.uniques[unique].combinations, bounded);
    }
    if (capacity.effective_known)
        assert_int_equal(natural_saturated(&capacity.effective_thousandths),
                         truth->effective_thousandths);
    for (size_t at = 0; at < capacity.barred_count; at++)
        assert_int_equal(truth->reach[capacity.barred[at].layer][capacity.barred[at].trait], 0);
    capacity_number_finish(&number);
    capacity_finish(&capacity);
}

static void bounds_contain_the_truth(void **state)
{
    (void)state;
    struct random random;
    size_t bounded = 0;
    random_init(&random, seed, 2);
    for (size_t instance = 0; instance < INSTANCES; instance++) {
        struct truth truth;
        make_instance(&truth, &random);
        check_bounds(&truth, &random, instance, &bounded);
        collection_destroy(&truth.collection);
    }
    assert_true(bounded > INSTANCES);
}

static void random_instances_equal_enumeration(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    for (size_t instance = 0; instance < INSTANCES; instance++) {
        struct truth truth;
        make_instance(&truth, &random);
        check_instance(&truth, instance, 0);
        collection_destroy(&truth.collection);
    }
}

static void groups_are_counted_as_enumeration_does(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    for (size_t instance = 0; instance < INSTANCES; instance++) {
        struct truth truth;
        make_instance(&truth, &random);
        uint64_t singles = truth.collection->layer_count > 1 ? add_groups(&truth, &random) : 0;
        check_instance(&truth, instance, singles);
        collection_destroy(&truth.collection);
    }
}

static void expect_digits(const struct natural *number, const char *digits)
{
    struct text text = {0};
    natural_digits(number, &text);
    assert_false(text.failed);
    assert_string_equal(text.bytes, digits);
    text_finish(&text);
}

/* Runs one count and tells how long it took. */
static void init_timed(struct capacity *capacity, const struct capacity_options *options,
                       const char *what)
{
    uint64_t start = machine_now_ns();
    assert_int_equal(capacity_init(capacity, options, NULL), SGR_OK);
    printf("%s: %" PRIu64 " us\n", what, (machine_now_ns() - start) / 1000);
}

static void without_rules_it_is_the_product(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){9, 5, 3, 3, 3, 1, 2, 0});
    struct capacity capacity;
    struct capacity_number number = {.least = {.limbs = NULL}};
    const struct capacity_options options = {.collection = collection};
    collection->layers[0].traits[3].weight = 0;
    fix_count(&collection->layers[1], 0, 0);
    collection->layers[6].distinct = false;
    assert_int_equal(capacity_init(&capacity, &options, NULL), SGR_OK);
    expect_digits(&capacity.recipes.least, "864");
    assert_int_equal(capacity_items_max(&capacity), 864);
    assert_true(capacity_trait(&capacity, 0, 0, &number));
    expect_digits(&number.most, "108");
    assert_true(capacity_trait(&capacity, 0, 3, &number));
    expect_digits(&number.most, "0");
    assert_true(capacity_trait(&capacity, 6, 0, &number));
    expect_digits(&number.least, "864");
    assert_int_equal(capacity.barred_total, 0);
    assert_false(capacity.effective_known);
    capacity_number_finish(&number);
    capacity_finish(&capacity);
    collection_destroy(&collection);
}

/* Fixed counts and weights side by side only compare once both are numbers of items. */
static void asked_counts_stand_for_fixed_ones(void **state)
{
    (void)state;
    struct collection *collection = make_shape((const size_t[]){3, 2, 0});
    struct capacity capacity;
    const uint64_t asked[] = {2, 1, 1, 2, 2};
    const struct capacity_options options = {.collection = collection, .asked = asked};
    fix_count(&collection->layers[0], 0, 2);
    assert_int_equal(capacity_init(&capacity, &options, NULL), SGR_OK);
    assert_true(capacity.effective_known);
    /* 16 / 6 in one layer, 2 in the other. */
    expect_digits(&capacity.effective_thousandths, "5333");
    capacity_finish(&capacity);
    collection_destroy(&collection);
}

static void usual_art_is_counted_at_once(void **state)
{
    (void)state;
    struct random random;
    struct rules rules = {.rules = NULL};
    struct capacity capacity;
    struct collection *collection =
        make_shape((const size_t[]){25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 0});
    const struct capacity_options options = {.collection = collection, .rules = &rules};
    static const uint32_t members[] = {0, 2, 4, 6, 8};
    struct rule_unique unique = {.text = "unique", .layers = members, .layer_count = 5};
    random_init(&random, "usual", 0);
    rules.uniques = &unique;
    rules.unique_count = 1;
    for (size_t rule = 0; rule < 30; rule++) {
        size_t left = random_below(&random, 10);
        size_t right = (left + 1 + random_below(&random, 9)) % 10;
        forbid_pair(collection, &rules, (size_t[]){left, random_below(&random, 25)},
                    (size_t[]){right, random_below(&random, 25)});
    }
    init_timed(&capacity, &options, "30 rules");
    assert_true(capacity_number_is_exact(&capacity.recipes));
    assert_true(capacity_number_is_exact(&capacity.uniques[0].combinations));
    assert_true(capacity.effective_known);
    assert_true(natural_saturated(&capacity.recipes.least) < UINT64_C(95367431640625));
    assert_true(natural_saturated(&capacity.recipes.least) > UINT64_C(90000000000000));
    capacity_finish(&capacity);
    collection_destroy(&collection);
}

static void hostile_sizes_end_soon(void **state)
{
    (void)state;
    struct random random;
    struct rules rules = {.rules = NULL};
    struct capacity capacity;
    struct capacity_options options = {.rules = &rules};
    random_init(&random, "hostile", 0);
    struct collection *collection = make_collection("/nowhere", 1024);
    for (size_t layer = 0; layer < 1024; layer++)
        set_layer(collection, layer, 1 + layer % 7);
    options.collection = collection;
    init_timed(&capacity, &options, "1,024 layers");
    assert_true(capacity_number_is_exact(&capacity.recipes));
    capacity_finish(&capacity);
    struct rule *all = add_rule(collection, &rules, 0, 1024);
    all->at_most = 512;
    all->at_least = 300;
    for (size_t layer = 0; layer < 1024; layer++)
        set_literal(&all->literals[layer], layer, trait_bits(collection, layer, 0));
    init_timed(&capacity, &options, "a rule of 1,024 layers");
    capacity_finish(&capacity);
    rules.rule_count = 0;
    for (size_t rule = 0; rule < 3000; rule++)
        forbid_pair(collection, &rules, (size_t[]){random_below(&random, 512) * 2, 0},
                    (size_t[]){random_below(&random, 512) * 2 + 1, 0});
    init_timed(&capacity, &options, "3,000 rules about 1,024 layers");
    assert_true(natural_compare(&capacity.recipes.least, &capacity.recipes.most) <= 0);
    capacity_finish(&capacity);
    collection_destroy(&collection);
}

static void many_rules_about_large_layers_end_soon(void **state)
{
    (void)state;
    struct random random;
    struct rules rules = {.rules = NULL};
    struct capacity capacity;
    random_init(&random, "hostile", 1);
    struct collection *collection = make_shape((const size_t[]){65535, 65535, 20, 20, 20, 20, 0});
    const struct capacity_options options = {.collection = collection, .rules = &rules};
    rules.rules = arena_allocate(&collection->arena, 10000, sizeof *rules.rules);
    for (size_t rule = 0; rule < 10000; rule++) {
        size_t left = random_below(&random, 6);
        size_t right = (left + 1 + random_below(&random, 5)) % 6;
        const struct rule_literal literals[2] = {
            {(uint32_t)left,
             trait_bits(collection, left,
                        random_below(&random, collection->layers[left].trait_count))},
            {(uint32_t)right,
             trait_bits(collection, right,
                        random_below(&random, collection->layers[right].trait_count))}};
        struct rule_literal *kept = arena_allocate(&collection->arena, 2, sizeof *kept);
        memcpy(kept, literals, sizeof literals);
        rules.rules[rules.rule_count++] =
            (struct rule){.text = "rule", .literals = kept, .literal_count = 2, .at_most = 1};
    }
    init_timed(&capacity, &options, "10,000 rules about 65,535 traits");
    assert_true(natural_compare(&capacity.recipes.least, &capacity.recipes.most) <= 0);
    assert_true(capacity.recipes.most.count > 0);
    capacity_finish(&capacity);
    collection_destroy(&collection);
}

/* Every allocation fails once, with exact counts, bounds, conflicts and barred traits. */
static void running_out_of_memory_is_told(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, "memory", 0);
    for (size_t instance = 0; instance < 24 / TEST_CASES_SHARE; instance++) {
        struct truth truth;
        struct capacity capacity;
        make_instance(&truth, &random);
        const struct capacity_options options = {.collection = truth.collection,
                                                 .rules = &truth.rules,
                                                 .cells_max = instance % 2 ? 4 : 0};
        enum sgr_status status = SGR_NO_MEMORY;
        uint64_t failures = 0;
        while (status != SGR_OK) {
            failures++;
            memory_fail_after(failures, failures % 2 == 0);
            status = capacity_init(&capacity, &options, NULL);
            memory_fail_after(0, false);
            if (status != SGR_OK)
                assert_int_equal(status, SGR_NO_MEMORY);
        }
        assert_true(failures > 5);
        capacity_finish(&capacity);
        collection_destroy(&truth.collection);
    }
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_instances_equal_enumeration),
        cmocka_unit_test(groups_are_counted_as_enumeration_does),
        cmocka_unit_test(bounds_contain_the_truth),
        cmocka_unit_test(without_rules_it_is_the_product),
        cmocka_unit_test(asked_counts_stand_for_fixed_ones),
        cmocka_unit_test(usual_art_is_counted_at_once),
        cmocka_unit_test(hostile_sizes_end_soon),
        cmocka_unit_test(many_rules_about_large_layers_end_soon),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
