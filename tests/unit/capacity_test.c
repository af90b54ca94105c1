/* Counts by elimination against counts by enumeration; an argument is the seed. */
#include "plan/capacity.h"

#include "rules_fixture.h"

#include "os/machine.h"
#include "plan/plan_counts.h"

#include <time.h>

enum { LAYERS_MAX = 6, TRAITS_MAX = 5, CHOICES_MAX = 8192, INSTANCES = 12000 };

static const char *seed;

/* What enumeration finds. Choices are numbered by the mixed radix of the layers that are counted. */
struct truth {
    struct collection *collection;
    struct rules rules;
    uint16_t traits[LAYERS_MAX];
    uint64_t recipes;
    uint64_t reach[LAYERS_MAX][TRAITS_MAX];
    uint64_t effective_thousandths;
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
    return true;
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

/* Different choices in `layers` among valid recipes, those with one trait when `only` is a layer. */
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
            for (size_t rule = 0; rule < all.rule_count && at != without; rule++) {
                if (all.rules[rule].text == texts[at])
                    kept[truth->rules.rule_count++] = all.rules[rule];
            }
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
            barred += truth->recipes > 0 && truth->reach[layer][trait] == 0 &&
                      plan_counts_may_draw(&truth->collection->layers[layer].traits[trait]);
        }
    }
    capacity_number_finish(&number);
    assert_int_equal(capacity->barred_total, barred);
}

static void check_instance(struct truth *truth, size_t instance)
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
        uint64_t expected = enumerate(truth, layers, SIZE_MAX, 0);
        if (truth->recipes > 0 || capacity.unique_count > 0)
            expect_number(instance, "unique", expected, &capacity.uniques[unique].combinations);
        most = expected < most ? expected : most;
    }
    assert_int_equal(capacity_items_max(&capacity), most);
    assert_int_equal(capacity.effective_known, !capacity.repeats && truth->recipes > 0);
    if (capacity.effective_known)
        assert_int_equal(natural_saturated(&capacity.effective_thousandths),
                         truth->effective_thousandths);
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
        check_instance(&truth, instance);
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
        cmocka_unit_test(bounds_contain_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
