/* From weights to whole numbers, against a slow reference; an argument is the seed. */
#include "plan/plan_counts.h"

#include "plan_fixture.h"

#include "base/random.h"
#include "base/wide.h"
#include "os/machine.h"

static const char *seed;

static void draft_init(struct plan_draft *draft, const struct collection *collection,
                       uint64_t count)
{
    uint32_t next = 0;
    *draft = (struct plan_draft){.collection = collection, .count = count};
    draft->trait_bases = memory_allocate(collection->layer_count + 1, sizeof *draft->trait_bases);
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        draft->trait_bases[layer] = next;
        next += (uint32_t)collection->layers[layer].trait_count;
    }
    draft->trait_bases[collection->layer_count] = next;
    draft->asked = memory_allocate_zeroed(next + 1, sizeof *draft->asked);
    draft->planned = memory_allocate_zeroed(next + 1, sizeof *draft->planned);
}

static void expect_counts(struct collection *collection, uint64_t count, const uint64_t *asked,
                          const uint64_t *planned)
{
    struct plan_draft draft;
    struct sgr_error error;
    draft_init(&draft, collection, count);
    if (plan_counts_set(&draft, &error) != SGR_OK)
        fail_msg("%s", error.text);
    for (size_t trait = 0; trait < collection->layers[0].trait_count; trait++) {
        if (draft.asked[trait] != asked[trait] || draft.planned[trait] != planned[trait])
            fail_msg("trait %zu: %" PRIu64 " asked, %" PRIu64 " planned", trait, draft.asked[trait],
                     draft.planned[trait]);
    }
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static void expect_infeasible(struct collection *collection, uint64_t count, const char *words)
{
    struct plan_draft draft;
    struct sgr_error error = {SGR_OK, ""};
    draft_init(&draft, collection, count);
    assert_int_equal(plan_counts_set(&draft, &error), SGR_INFEASIBLE);
    assert_int_equal(error.status, SGR_INFEASIBLE);
    if (!strstr(error.text, words))
        fail_msg("'%s' has not '%s'", error.text, words);
    assert_int_equal(plan_counts_set(&draft, NULL), SGR_INFEASIBLE);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

#define SHAPE(...) make_shape((const size_t[]){__VA_ARGS__, 0})

static void ties_go_to_the_earlier_trait(void **state)
{
    (void)state;
    uint64_t thirds[] = {4, 3, 3};
    expect_counts(SHAPE(3, 100), 10, thirds, thirds);
    uint64_t two_more[] = {4, 4, 3};
    expect_counts(SHAPE(3, 100), 11, two_more, two_more);
    uint64_t one[] = {1, 0, 0};
    expect_counts(SHAPE(3, 100), 1, one, one);
}

static void the_largest_remainder_comes_first(void **state)
{
    (void)state;
    struct collection *collection = SHAPE(4, 1000);
    static const uint64_t weights[] = {50, 30, 0, 19};
    for (size_t trait = 0; trait < 4; trait++)
        collection->layers[0].traits[trait].weight = weights[trait];
    /* Shares of 10: 5.05, 3.03, 0, 1.92. */
    uint64_t counts[] = {5, 3, 0, 2};
    expect_counts(collection, 10, counts, counts);
}

static void the_largest_weights_do_not_overflow(void **state)
{
    (void)state;
    struct collection *collection = SHAPE(3, 1000);
    for (size_t trait = 0; trait < 3; trait++)
        collection->layers[0].traits[trait].weight = UINT64_MAX - trait;
    collection->layers[0].distinct = false;
    collection->layers[1].distinct = false;
    uint64_t counts[] = {333333334, 333333333, 333333333};
    expect_counts(collection, COLLECTION_COUNT_MAX, counts, counts);
}

static void fixed_counts_come_first(void **state)
{
    (void)state;
    struct collection *collection = SHAPE(4, 1000);
    fix_count(&collection->layers[0], 1, 7);
    fix_count(&collection->layers[0], 3, 0);
    collection->layers[0].traits[2].weight = 2;
    uint64_t counts[] = {31, 7, 62, 0};
    expect_counts(collection, 100, counts, counts);
    collection = SHAPE(2, 10);
    fix_count(&collection->layers[0], 0, 8);
    fix_count(&collection->layers[0], 1, 3);
    expect_infeasible(collection, 10, "L0: its fixed counts add up to 11, but there are only 10");
    collection = SHAPE(2, 10);
    fix_count(&collection->layers[0], 0, 3);
    fix_count(&collection->layers[0], 1, 3);
    expect_infeasible(collection, 10, "layer L0: 4 items are left without a trait");
    collection = SHAPE(2, 10);
    fix_count(&collection->layers[0], 0, 5);
    collection->layers[0].traits[1].weight = 0;
    expect_infeasible(collection, 8, "layer L0: 3 items are left without a trait");
}

static void what_cannot_differ_is_cut_and_shared_again(void **state)
{
    (void)state;
    struct collection *collection = SHAPE(3, 4);
    collection->layers[0].traits[0].weight = 98;
    uint64_t asked[] = {8, 0, 0};
    uint64_t planned[] = {4, 2, 2};
    expect_counts(collection, 8, asked, planned);
    collection = SHAPE(2, 10);
    fix_count(&collection->layers[0], 0, 11);
    expect_infeasible(collection, 12,
                      "L0/T0 asks for 11 items, but only 10 items that differ can have it");
    collection = SHAPE(2, 4);
    fix_count(&collection->layers[0], 0, 1);
    expect_infeasible(collection, 6, "layer L0: 1 items are left without a trait");
    collection = SHAPE(2, 4);
    collection->layers[0].distinct = false;
    collection->layers[0].traits[0].weight = 99;
    uint64_t free_to_repeat[] = {4, 0};
    expect_counts(collection, 4, free_to_repeat, free_to_repeat);
}

static void combinations_are_counted_without_overflow(void **state)
{
    (void)state;
    struct collection *collection = SHAPE(3, 4, 5);
    assert_int_equal(plan_counts_combinations(collection), 60);
    collection->layers[1].traits[0].weight = 0;
    assert_int_equal(plan_counts_combinations(collection), 45);
    fix_count(&collection->layers[1], 0, 1);
    assert_int_equal(plan_counts_combinations(collection), 60);
    fix_count(&collection->layers[1], 1, 0);
    assert_int_equal(plan_counts_combinations(collection), 45);
    collection->layers[0].distinct = false;
    assert_int_equal(plan_counts_combinations(collection), 15);
    collection->layers[1].distinct = false;
    collection->layers[2].distinct = false;
    assert_true(plan_counts_combinations(collection) == UINT64_MAX);
    collection_destroy(&collection);
    collection = SHAPE(65535, 65535, 65535, 65535, 65535);
    assert_true(plan_counts_combinations(collection) == UINT64_MAX);
    collection_destroy(&collection);
    expect_infeasible(SHAPE(3, 4), 13, "13 items are asked for, but only 12 combinations");
}

/* Hamilton's method done slowly: give what is left one by one to the largest remainder. */
static void share_slowly(const struct collection_layer *layer, uint64_t items, uint64_t *counts)
{
    wide total = 0;
    uint64_t given = 0;
    wide rests[8];
    for (size_t trait = 0; trait < layer->trait_count; trait++)
        total += layer->traits[trait].count_fixed ? 0 : layer->traits[trait].weight;
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        bool fixed = layer->traits[trait].count_fixed;
        wide product = (wide)layer->traits[trait].weight * items;
        counts[trait] = fixed ? layer->traits[trait].count : (uint64_t)(product / total);
        rests[trait] = fixed ? 0 : product % total + 1;
        given += fixed ? 0 : counts[trait];
    }
    for (; given < items; given++) {
        size_t best = 0;
        for (size_t trait = 1; trait < layer->trait_count; trait++)
            best = rests[trait] > rests[best] ? trait : best;
        counts[best]++;
        rests[best] = 0;
    }
}

static void random_layers_equal_the_slow_way(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    for (int round = 0; round < 1000; round++) {
        struct plan_draft draft;
        struct sgr_error error;
        size_t count = 1 + random_below(&random, 7);
        struct collection *collection = SHAPE(count, 2000);
        struct collection_layer *layer = &collection->layers[0];
        uint64_t items = random_below(&random, 2000);
        uint64_t left = items;
        for (size_t trait = 0; trait < count; trait++) {
            static const uint64_t limits[] = {2, 10, 1000, UINT64_MAX};
            layer->traits[trait].weight = random_below(&random, limits[random_below(&random, 4)]);
            if (random_below(&random, 4) == 0) {
                fix_count(layer, trait, random_below(&random, left + 1));
                left -= layer->traits[trait].count;
            }
        }
        layer->traits[0].count_fixed = false;
        layer->traits[0].weight += layer->traits[0].weight == 0;
        left = items;
        for (size_t trait = 0; trait < count; trait++)
            left -= layer->traits[trait].count_fixed ? layer->traits[trait].count : 0;
        draft_init(&draft, collection, items);
        if (plan_counts_set(&draft, &error) != SGR_OK)
            fail_msg("%s", error.text);
        uint64_t expected[8];
        share_slowly(layer, left, expected);
        assert_memory_equal(draft.asked, expected, count * sizeof *expected);
        assert_memory_equal(draft.planned, expected, count * sizeof *expected);
        plan_draft_finish(&draft);
        collection_destroy(&collection);
    }
}

/* Without fixed counts, any number of items up to all combinations can be planned. */
static void caps_hold_and_nothing_is_refused_without_fixed_counts(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 2);
    for (int round = 0; round < 1000; round++) {
        struct plan_draft draft;
        struct sgr_error error;
        size_t sizes[5] = {0};
        size_t layers = 1 + random_below(&random, 4);
        for (size_t layer = 0; layer < layers; layer++)
            sizes[layer] = 1 + random_below(&random, 5);
        struct collection *collection = make_shape(sizes);
        for (size_t layer = 0; layer < layers; layer++) {
            for (size_t trait = 0; trait < sizes[layer]; trait++)
                collection->layers[layer].traits[trait].weight =
                    random_below(&random, 3) ? 1 + random_below(&random, 1000) : trait == 0;
        }
        uint64_t all = plan_counts_combinations(collection);
        uint64_t items = 1 + random_below(&random, all);
        draft_init(&draft, collection, items);
        if (plan_counts_set(&draft, &error) != SGR_OK)
            fail_msg("%" PRIu64 " of %" PRIu64 ": %s", items, all, error.text);
        for (size_t layer = 0; layer < layers; layer++) {
            uint64_t drawable = 0;
            uint64_t sum = 0;
            for (size_t trait = 0; trait < sizes[layer]; trait++)
                drawable += plan_counts_may_draw(&collection->layers[layer].traits[trait]);
            for (size_t trait = 0; trait < sizes[layer]; trait++) {
                size_t at = draft.trait_bases[layer] + trait;
                uint64_t cap = all / drawable;
                sum += draft.planned[at];
                assert_true(draft.planned[at] <= cap);
                assert_true(draft.planned[at] >= (draft.asked[at] < cap ? draft.asked[at] : cap) ||
                            draft.planned[at] + 1 >= draft.asked[at]);
                assert_true(draft.planned[at] == 0 ||
                            plan_counts_may_draw(&collection->layers[layer].traits[trait]));
            }
            assert_int_equal(sum, items);
        }
        plan_draft_finish(&draft);
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
        cmocka_unit_test(ties_go_to_the_earlier_trait),
        cmocka_unit_test(the_largest_remainder_comes_first),
        cmocka_unit_test(the_largest_weights_do_not_overflow),
        cmocka_unit_test(fixed_counts_come_first),
        cmocka_unit_test(what_cannot_differ_is_cut_and_shared_again),
        cmocka_unit_test(combinations_are_counted_without_overflow),
        cmocka_unit_test(random_layers_equal_the_slow_way),
        cmocka_unit_test(caps_hold_and_nothing_is_refused_without_fixed_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
