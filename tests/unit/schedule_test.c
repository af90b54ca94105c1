/*
 * The order of items: a permutation of what is wanted, the same every time, with every key told
 * before its item, and nothing left in the cache at the end. An argument is the seed.
 */
#include "api_fixture.h"

#include "api/sgr_plan.h"
#include "base/random.h"
#include "os/machine.h"
#include "pipeline/schedule.h"
#include "pipeline/schedule_layers.h"
#include "pipeline/strip_cache.h"

static const char *seed;

enum { TRAITS = 18, ITEMS = 5000, BANDS = 4 };

/* Four layers of 18 traits: the first shows in every band, the others in one or two each. */
static void put_wide_art(struct fixture *fixture)
{
    static const uint32_t rows[4][2] = {{0, 48}, {12, 24}, {12, 36}, {24, 48}};
    static uint32_t pixels[SIDE * SIDE];
    for (uint32_t layer = 0; layer < 4; layer++) {
        for (uint32_t trait = 0; trait < TRAITS; trait++) {
            char path[64];
            uint32_t color = (layer * TRAITS + trait + 1) * 2246822519u | 0x80000000;
            for (uint32_t at = 0; at < SIDE * SIDE; at++) {
                bool inside = at / SIDE >= rows[layer][0] && at / SIDE < rows[layer][1];
                pixels[at] = inside ? color : 0;
            }
            snprintf(path, sizeof path, "art/%u_L%u/t%02u.png", layer, layer, trait);
            put_pixels(fixture, path, SIDE, SIDE, pixels);
        }
    }
}

struct scene {
    struct sgr_plan *plan;
    struct visibility *visibility;
    struct selection wanted;
    struct selection done;
    struct schedule_source source;
};

static void scene_init(struct fixture *fixture, struct scene *scene, uint64_t memory_bytes)
{
    put_wide_art(fixture);
    *scene = (struct scene){.plan = make_plan(fixture, ITEMS)};
    struct plan *plan = scene->plan->plan;
    const struct plan_choices *choices = plan_choices(plan);
    assert_int_equal(choices->band_count, BANDS);
    OK(fixture, visibility_create(scene->plan->sprites, choices->band_edges, BANDS, 1 << 20,
                                  &scene->visibility, &fixture->error));
    OK(fixture, selection_all(&scene->wanted, plan, &fixture->error));
    OK(fixture, selection_sample(&scene->done, plan, 0, &fixture->error));
    scene->source = (struct schedule_source){.plan = plan,
                                             .sprites = scene->plan->sprites,
                                             .visibility = scene->visibility,
                                             .band_count = BANDS,
                                             .wanted = &scene->wanted,
                                             .done = &scene->done,
                                             .memory_bytes = memory_bytes};
}

static void scene_finish(struct scene *scene)
{
    selection_finish(&scene->wanted);
    selection_finish(&scene->done);
    visibility_destroy(&scene->visibility);
    sgr_plan_close(&scene->plan);
}

/* Walks a schedule to its end; returns the items handed out, their indexes in `indexes`. */
static size_t walk(struct fixture *fixture, const struct schedule_source *source, uint64_t *indexes)
{
    struct schedule *schedule = NULL;
    struct schedule_scratch scratch = {.parts = NULL};
    const struct hash128 *keys;
    size_t told = 0;
    size_t count = 0;
    OK(fixture, schedule_create(source, &schedule, &fixture->error));
    for (;;) {
        size_t news;
        struct plan_item item;
        struct hash128 expected[BANDS];
        OK(fixture, schedule_look(schedule, &keys, &news, &fixture->error));
        told += news;
        assert_true(told <= count * BANDS + schedule_ahead_max(schedule));
        if (!schedule_next(schedule, &indexes[count], &keys))
            break;
        OK(fixture, plan_read(source->plan, indexes[count++], &item, &fixture->error));
        assert_true(source->plain == !keys);
        if (!keys)
            continue;
        assert_true(told >= count * BANDS);
        OK(fixture, schedule_keys(source, &scratch, &item, expected, &fixture->error));
        assert_memory_equal(keys, expected, sizeof expected);
    }
    assert_true(source->plain || schedule_has_told_all(schedule));
    assert_int_equal(told, source->plain ? 0 : count * BANDS);
    schedule_scratch_finish(&scratch);
    schedule_destroy(&schedule);
    schedule_destroy(&schedule);
    return count;
}

static void expect_wanted_once(const struct scene *scene, const uint64_t *indexes, size_t count)
{
    static uint8_t seen[ITEMS];
    size_t wanted = 0;
    memset(seen, 0, sizeof seen);
    for (uint64_t index = 0; index < ITEMS; index++)
        wanted += selection_has(&scene->wanted, index) && !selection_has(&scene->done, index);
    assert_int_equal(count, wanted);
    for (size_t at = 0; at < count; at++) {
        assert_true(indexes[at] < ITEMS);
        assert_true(selection_has(&scene->wanted, indexes[at]));
        assert_false(selection_has(&scene->done, indexes[at]));
        assert_false(seen[indexes[at]]);
        seen[indexes[at]] = 1;
    }
}

static void every_wanted_item_comes_once_and_in_one_order(void **state)
{
    struct fixture *fixture = *state;
    static uint64_t first[ITEMS + 1];
    static uint64_t again[ITEMS + 1];
    /* Room for everything; and for one block of the plan, which are two windows. */
    static const uint64_t memory[] = {UINT64_C(1) << 30, 0};
    struct random random;
    struct scene scene;
    random_init(&random, seed, 1);
    scene_init(fixture, &scene, 0);
    for (int round = 0; round < 4; round++) {
        scene.source.memory_bytes = memory[round % 2];
        size_t count = walk(fixture, &scene.source, first);
        expect_wanted_once(&scene, first, count);
        assert_int_equal(walk(fixture, &scene.source, again), count);
        assert_memory_equal(first, again, count * sizeof *first);
        size_t ascending = 0;
        for (size_t at = 1; at < count; at++)
            ascending += first[at] > first[at - 1];
        assert_true(ascending < count - 1);
        /* The second window holds what the first one, a block, has no room for. */
        for (size_t at = 0; memory[round % 2] == 0 && at + 1 < count; at++)
            assert_true(first[at] / 4096 <= first[at + 1] / 4096);
        for (int left = 1000; left > 0; left--)
            selection_add(&scene.done, random_below(&random, ITEMS));
    }
    scene_finish(&scene);
}

static void a_plain_schedule_keeps_the_plan_order(void **state)
{
    struct fixture *fixture = *state;
    static uint64_t indexes[ITEMS + 1];
    struct scene scene;
    scene_init(fixture, &scene, 1 << 20);
    selection_add(&scene.done, 0);
    selection_add(&scene.done, 17);
    scene.source.plain = true;
    size_t count = walk(fixture, &scene.source, indexes);
    expect_wanted_once(&scene, indexes, count);
    for (size_t at = 1; at < count; at++)
        assert_true(indexes[at] > indexes[at - 1]);
    scene_finish(&scene);
}

/* Runs the cache over a schedule as a run does, items in flight left away. */
static uint64_t count_made(struct fixture *fixture, const struct schedule_source *source,
                           uint64_t bytes_max, uint64_t *out_peak)
{
    static const struct compose_part part = {0, 0};
    static const struct compose_strip strip = {0, 1, &part, 1};
    struct strip_cache cache;
    struct schedule *schedule = NULL;
    const struct hash128 *keys;
    uint64_t made = 0;
    uint64_t index;
    OK(fixture, schedule_create(source, &schedule, &fixture->error));
    OK(fixture, strip_cache_init(&cache, bytes_max, schedule_ahead_max(schedule), NULL));
    do {
        size_t count;
        OK(fixture, schedule_look(schedule, &keys, &count, &fixture->error));
        for (size_t key = 0; key < count; key++)
            strip_cache_expect(&cache, keys[key]);
        if (schedule_has_told_all(schedule))
            strip_cache_expect_no_more(&cache);
        if (!schedule_next(schedule, &index, &keys))
            break;
        for (size_t band = 0; band < BANDS; band++) {
            struct fragment *fragment = strip_cache_acquire(&cache, keys[band]);
            if (!fragment) {
                made++;
                fragment = strip_cache_add(&cache, keys[band], &strip, (uint32_t)band, true);
                assert_non_null(fragment);
                strip_cache_fill(&cache, fragment, memory_allocate(500, 1), 500, 1);
            }
            strip_cache_release(&cache, fragment);
        }
    } while (true);
    /* Two keys may share a count, whose fragments then stay until the end. */
    assert_true(cache.fragment_count <= made / 10);
    *out_peak = cache.bytes_peak;
    strip_cache_finish(&cache);
    schedule_destroy(&schedule);
    return made;
}

static void fragments_go_with_their_last_use(void **state)
{
    struct fixture *fixture = *state;
    struct scene scene;
    uint64_t peak;
    uint64_t small_peak;
    scene_init(fixture, &scene, 1 << 26);
    uint64_t made = count_made(fixture, &scene.source, UINT64_MAX, &peak);
    /* Every strip is made once, and most are gone before the last is made. */
    assert_true(made < ITEMS * BANDS / 2);
    assert_true(peak < made * 500 / 2);
    /* With half of the room that it takes, little is made twice. */
    uint64_t more = count_made(fixture, &scene.source, peak / 2, &small_peak);
    assert_true(more < made + (ITEMS * BANDS - made) / 10);
    assert_true(small_peak < peak);
    scene_finish(&scene);
}

static void layers_are_all_chosen_once(void **state)
{
    struct fixture *fixture = *state;
    struct scene scene;
    uint16_t layers[4];
    scene_init(fixture, &scene, 0);
    OK(fixture, schedule_layers_choose(&scene.source, layers, &fixture->error));
    unsigned seen = 0;
    for (int layer = 0; layer < 4; layer++) {
        assert_true(layers[layer] < 4);
        seen |= 1u << layers[layer];
    }
    assert_int_equal(seen, 15);
    /* The first decides the band with the fewest strips, the last the one with some more. */
    assert_int_equal(layers[0], 0);
    assert_int_equal(layers[1], 3);
    scene_finish(&scene);
}

static void running_out_of_memory_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct scene scene;
    enum sgr_status status = SGR_NO_MEMORY;
    scene_init(fixture, &scene, 1 << 20);
    for (uint64_t nth = 1; status != SGR_OK; nth++) {
        struct schedule *schedule = NULL;
        const struct hash128 *keys;
        size_t count;
        assert_true(nth < 100);
        memory_fail_after(nth, false);
        status = schedule_create(&scene.source, &schedule, &fixture->error);
        if (status == SGR_OK)
            status = schedule_look(schedule, &keys, &count, &fixture->error);
        schedule_destroy(&schedule);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
    }
    scene_finish(&scene);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        TEST(every_wanted_item_comes_once_and_in_one_order),
        TEST(a_plain_schedule_keeps_the_plan_order),
        TEST(fragments_go_with_their_last_use),
        TEST(layers_are_all_chosen_once),
        TEST(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
