/*
 * Plans that grow, drawn at random: old items stay, new ones keep rules and differ from all, and
 * counts are those that a plan of all items asks for. An argument is the seed.
 */
#include "plan/plan_extend.h"

#include "random_rules_fixture.h"

#include "os/machine.h"
#include "plan/plan_counts.h"

enum { CASES = 1500 / TEST_CASES_SHARE };

static const char *seed;

/* Stores a draft with choices that nobody looks at. */
static struct plan *store(const struct plan_draft *draft)
{
    static const uint32_t edges[] = {0, 16};
    const struct plan_choices choices = {.width = 16,
                                         .height = 16,
                                         .color = PNG_COLOR_RGBA,
                                         .encoder = "enc",
                                         .seed = "seed",
                                         .band_edges = edges,
                                         .band_count = 1};
    struct plan *plan = NULL;
    struct sgr_error error;
    if (plan_draft_store(draft, &choices, &plan, &error) != SGR_OK)
        fail_msg("%s", error.text);
    return plan;
}

/* Traits need parts in a file. */
static struct collection *make_art(const size_t *sizes)
{
    struct collection *collection = make_shape(sizes);
    collection->pictures = arena_allocate(&collection->arena, 1, sizeof *collection->pictures);
    struct collection_part *part = arena_allocate(&collection->arena, 1, sizeof *part);
    assert_true(collection->pictures && part);
    collection->pictures[0] = (struct collection_picture){"a.png", 16, 16};
    collection->picture_count = 1;
    part->opacity = 255;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            collection->layers[layer].traits[trait].parts = part;
            collection->layers[layer].traits[trait].part_count = 1;
        }
    }
    return collection;
}

static struct collection *random_art(struct random *random)
{
    size_t sizes[6] = {0};
    size_t layers = 2 + random_below(random, 3);
    for (size_t layer = 0; layer < layers; layer++)
        sizes[layer] = 2 + random_below(random, 4);
    struct collection *collection = make_art(sizes);
    for (size_t layer = 0; layer < layers; layer++) {
        for (size_t trait = 0; trait < sizes[layer]; trait++)
            collection->layers[layer].traits[trait].weight = 1 + random_below(random, 9);
    }
    return collection;
}

static uint64_t deviation_of(const struct plan_draft *draft)
{
    uint64_t sum = 0;
    for (size_t trait = 0; trait < draft->trait_bases[draft->collection->layer_count]; trait++) {
        uint64_t asked = draft->asked[trait];
        uint64_t planned = draft->planned[trait];
        sum += asked > planned ? asked - planned : planned - asked;
    }
    return sum;
}

/* Old items are first and as they were; new ones keep rules and repeat nobody. */
static void check_items(const struct plan_draft *draft, struct plan *old)
{
    size_t bytes = draft->collection->layer_count * sizeof(uint16_t);
    for (uint64_t item = 0; item < draft->count; item++) {
        const uint16_t *traits = plan_draft_traits(draft, item);
        struct plan_item was;
        if (item < plan_count(old)) {
            assert_int_equal(plan_read(old, item, &was, NULL), SGR_OK);
            assert_memory_equal(traits, was.traits, bytes);
            continue;
        }
        assert_true(recipe_is_valid(&draft->collection->rules, traits));
        for (uint64_t other = 0; other < item; other++)
            assert_memory_not_equal(traits, plan_draft_traits(draft, other), bytes);
    }
}

static void random_plans_grow(void **state)
{
    (void)state;
    struct random random;
    int grown = 0;
    int exact = 0;
    random_init(&random, seed, 3);
    for (int round = 0; round < CASES; round++) {
        struct collection *collection = random_art(&random);
        struct plan_draft first = {.start = random_below(&random, 3)};
        struct plan_draft whole = {0};
        struct sgr_error error = {SGR_OK, ""};
        uint64_t combinations = plan_counts_combinations(collection);
        uint64_t most = combinations / (1 + random_below(&random, 4));
        uint64_t count = 1 + random_below(&random, most);
        assert_int_equal(plan_draft_draw(&first, collection, count, "a", &error), SGR_OK);
        for (uint64_t rules = random_below(&random, 3); rules > 0; rules--)
            add_random_rule(collection, &collection->rules, &random);
        struct plan *old = store(&first);
        uint64_t more = count + 1 + random_below(&random, most - count + 1);
        enum sgr_status status = plan_draft_extend(&whole, collection, old, more, "b", &error);
        if (more > combinations)
            assert_int_equal(status, SGR_INFEASIBLE);
        if (status == SGR_OK) {
            assert_int_equal(whole.start, first.start);
            check_items(&whole, old);
            grown++;
            exact += deviation_of(&whole) == 0;
        } else {
            assert_int_equal(status, SGR_INFEASIBLE);
            assert_true(collection->rules.rule_count > 0 || more > combinations);
        }
        plan_close(&old);
        plan_draft_finish(&first);
        plan_draft_finish(&whole);
        collection_destroy(&collection);
    }
    printf("%d of %d grown, %d of them exact\n", grown, CASES, exact);
    assert_true(grown > CASES / 3 && exact > CASES / 8);
}

/* Without rules the whole has what a plan of the whole would have, as long as that is open. */
static void counts_are_those_of_the_whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {7, 9, 11, 5, 0};
    struct collection *collection = make_art(sizes);
    struct plan_draft first = {.start = 5};
    struct plan_draft whole = {0};
    struct plan_draft fresh = {0};
    struct sgr_error error;
    for (size_t trait = 0; trait < 7; trait++)
        collection->layers[0].traits[trait].weight = 1 + trait * trait;
    fix_count(&collection->layers[1], 2, 41);
    assert_int_equal(plan_draft_draw(&fresh, collection, 1000, "a", &error), SGR_OK);
    assert_int_equal(plan_draft_draw(&first, collection, 300, "a", &error), SGR_OK);
    struct plan *old = store(&first);
    if (plan_draft_extend(&whole, collection, old, 1000, "a", &error) != SGR_OK)
        fail_msg("%s", error.text);
    size_t traits = whole.trait_bases[4];
    assert_memory_equal(whole.asked, fresh.asked, traits * sizeof *whole.asked);
    assert_memory_equal(whole.planned, fresh.asked, traits * sizeof *whole.asked);
    assert_null(plan_draft_ids(&whole));
    assert_int_equal(whole.orders.count, 0);
    check_items(&whole, old);
    plan_close(&old);
    plan_draft_finish(&first);
    plan_draft_finish(&whole);
    plan_draft_finish(&fresh);
    collection_destroy(&collection);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_plans_grow),
        cmocka_unit_test(counts_are_those_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
