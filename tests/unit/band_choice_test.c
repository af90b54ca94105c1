/*
 * Chosen bands against a search of all, surveys against pixels, and the limits. An argument is the
 * seed.
 */
#include "plan_fixture.h"
#include "sprite_fixture.h"

#include "compose/cpu/compose_cpu.h"
#include "os/machine.h"
#include "pipeline/band_choice.h"
#include "pipeline/draft_stack.h"

static const char *seed;

enum { GROUPS = 9, SAMPLES = 12 };

/* A survey made up: few different looks, so that some bands repeat. */
struct made_up {
    struct band_survey survey;
    uint32_t edges[GROUPS + 1];
    uint64_t looks[GROUPS * SAMPLES];
    uint32_t words[GROUPS * SAMPLES];
    uint64_t top_words[GROUPS];
};

static void make_up(struct made_up *made, struct random *random)
{
    size_t samples = 1 + random_below(random, SAMPLES);
    *made = (struct made_up){
        .survey = {.item_count = samples + random_below(random, 3) * random_below(random, 500),
                   .width = 1 + (uint32_t)random_below(random, 3000),
                   .group_count = 1 + random_below(random, GROUPS),
                   .sample_count = samples}};
    for (size_t group = 0; group < made->survey.group_count; group++) {
        uint64_t kinds = 1 + random_below(random, 4);
        made->edges[group + 1] = made->edges[group] + 1 + (uint32_t)random_below(random, 20);
        made->top_words[group] = random_below(random, 100000);
        for (size_t sample = 0; sample < samples; sample++) {
            uint64_t look = random_below(random, kinds);
            made->looks[group * samples + sample] = hash_64(&look, sizeof look);
            made->words[group * samples + sample] = (uint32_t)(look * 5000 + kinds);
        }
    }
    made->survey.edges = made->edges;
    made->survey.looks = made->looks;
    made->survey.words = made->words;
    made->survey.top_words = made->top_words;
}

static bool looks_alike(const struct band_survey *survey, size_t start, size_t end,
                        const size_t samples[2])
{
    for (size_t group = start; group < end; group++) {
        const uint64_t *looks = survey->looks + group * survey->sample_count;
        if (looks[samples[0]] != looks[samples[1]])
            return false;
    }
    return true;
}

/* What a band of groups [start, end) costs, by the definition. */
static uint64_t band_cost(const struct band_survey *survey, size_t start, size_t end)
{
    uint64_t counts[2] = {0, 0};
    uint64_t cost = 0;
    uint64_t rows = survey->edges[end] - survey->edges[start];
    for (size_t sample = 0; sample < survey->sample_count; sample++) {
        bool seen = false;
        for (size_t other = 0; other < sample && !seen; other++)
            seen = looks_alike(survey, start, end, (size_t[2]){sample, other});
        if (seen)
            continue;
        cost += BAND_COST_STRIP + BAND_COST_PIXEL * rows * survey->width;
        for (size_t group = start; group < end; group++)
            cost += (uint64_t)BAND_COST_WORD * survey->words[group * survey->sample_count + sample];
        counts[0] += sample < (survey->sample_count + 1) / 2;
        counts[1]++;
    }
    uint64_t ratio = (counts[1] << 16) / counts[0];
    ratio = ratio > 2 << 16 ? 2 << 16 : ratio;
    uint64_t scale = 1 << 16;
    uint64_t reached = survey->sample_count;
    for (; 2 * reached <= survey->item_count; reached *= 2)
        scale = scale * ratio >> 16;
    scale += (scale * (ratio - (1 << 16)) * (survey->item_count - reached) / reached) >> 16;
    uint64_t bytes =
        survey->sample_count * BAND_RESTART_BYTES + survey->top_words[start] / BAND_RESTART_WORDS;
    return (cost * scale >> 16) +
           bytes * survey->item_count * BAND_COST_BYTE / survey->sample_count;
}

/* What bands cost whose inner edges are the bits of a number; UINT64_MAX when not possible. */
static uint64_t cost_of_edges(const struct band_survey *survey, const struct band_limits *limits,
                              unsigned edges)
{
    uint64_t cost = 0;
    size_t start = 0;
    for (size_t end = 1; end <= survey->group_count; end++) {
        bool last = end == survey->group_count;
        if (!last && !(edges >> (end - 1) & 1))
            continue;
        if (end - start > limits->groups_max || (end - start < limits->groups_min && !last))
            return UINT64_MAX;
        cost += band_cost(survey, start, end);
        start = end;
    }
    return cost;
}

static unsigned inner_edges(const struct band_survey *survey, const uint32_t *edges, size_t count)
{
    unsigned bits = 0;
    assert_int_equal(edges[0], 0);
    assert_int_equal(edges[count], survey->edges[survey->group_count]);
    size_t found = 0;
    for (size_t group = 1; group < survey->group_count; group++) {
        for (size_t edge = 1; edge < count; edge++) {
            bits |= edges[edge] == survey->edges[group] ? 1u << (group - 1) : 0;
            found += edges[edge] == survey->edges[group];
        }
    }
    assert_int_equal(found, count - 1);
    return bits;
}

static void no_other_edges_are_cheaper(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    size_t between = 0;
    for (int round = 0; round < 300; round++) {
        struct made_up made;
        make_up(&made, &random);
        size_t least = 1 + random_below(&random, 2);
        struct band_limits limits = {least, 2 * least + random_below(&random, GROUPS)};
        uint32_t *edges = NULL;
        size_t count = 0;
        assert_int_equal(band_choice_search(&made.survey, &limits, &edges, &count, NULL), SGR_OK);
        unsigned chosen = inner_edges(&made.survey, edges, count);
        uint64_t cost = cost_of_edges(&made.survey, &limits, chosen);
        unsigned ways = 1u << (made.survey.group_count - 1);
        for (unsigned other = 0; other < ways; other++)
            assert_true(cost <= cost_of_edges(&made.survey, &limits, other));
        between += chosen > 0 && chosen < ways - 1;
        memory_free(edges);
    }
    /* Else the costs would not be of a kind that needs a search. */
    assert_true(between > 30);
}

static void searching_without_memory_is_told(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 2);
    struct made_up made;
    make_up(&made, &random);
    for (uint64_t nth = 1; nth <= 6; nth++) {
        struct band_limits limits = {1, GROUPS};
        uint32_t *edges = NULL;
        size_t count = 0;
        memory_fail_after(nth, false);
        enum sgr_status status = band_choice_search(&made.survey, &limits, &edges, &count, NULL);
        memory_fail_after(0, false);
        assert_int_equal(status, nth <= 5 ? SGR_NO_MEMORY : SGR_OK);
        memory_free(edges);
    }
}

enum { WIDTH = 300, HEIGHT = 120, LAYERS = 3, TRAITS = 4, SPRITES = LAYERS * TRAITS };

/* A plan of sprites that each show a stretch of rows. */
struct scene {
    struct sprite_set set;
    struct sprite sprites[SPRITES];
    struct sprite_part parts[SPRITES];
    uint32_t starts[SPRITES + 1];
    uint32_t bases[LAYERS];
    struct collection *collection;
    struct plan_draft draft;
};

static void scene_init(struct scene *scene, struct random *random)
{
    static const size_t shape[] = {TRAITS, TRAITS, TRAITS, 0};
    *scene = (struct scene){.set = {.width = WIDTH, .height = HEIGHT, .scratch = OPEN_FILE_NONE}};
    scene->set.sprites = scene->sprites;
    scene->set.sprite_count = SPRITES;
    scene->set.parts = scene->parts;
    scene->set.part_count = SPRITES;
    scene->set.trait_starts = scene->starts;
    scene->set.trait_bases = scene->bases;
    for (uint32_t index = 0; index < SPRITES; index++) {
        struct image image;
        struct sprite_place place = {WIDTH, HEIGHT, 0, 0, 255};
        make_image(random, &image, WIDTH, HEIGHT);
        size_t top = random_below(random, HEIGHT);
        memset(image.pixels, 0, top * WIDTH * sizeof *image.pixels);
        assert_int_equal(sprite_build(&image, &place, &scene->sprites[index], NULL), SGR_OK);
        image_finish(&image);
        scene->parts[index].sprite = index;
        scene->starts[index] = index;
        if (index % TRAITS == 0)
            scene->bases[index / TRAITS] = index;
    }
    scene->starts[SPRITES] = SPRITES;
    scene->collection = make_shape(shape);
    assert_int_equal(plan_draft_draw(&scene->draft, scene->collection, 40, "s", NULL), SGR_OK);
}

static void scene_finish(struct scene *scene)
{
    for (size_t index = 0; index < SPRITES; index++)
        sprite_build_finish(&scene->sprites[index]);
    plan_draft_finish(&scene->draft);
    collection_destroy(&scene->collection);
}

static void draw_item(struct scene *scene, struct compose *compose, uint64_t item, uint32_t *pixels)
{
    struct draft_stack items;
    assert_int_equal(draft_stack_init(&items, &scene->draft, &scene->set, NULL), SGR_OK);
    assert_int_equal(draft_stack_item(&items, item, NULL), SGR_OK);
    struct compose_strip strip = {0, HEIGHT, items.stack.parts, items.stack.part_count};
    assert_int_equal(compose_draw(compose, 0, &strip, pixels, NULL), SGR_OK);
    draft_stack_finish(&items);
}

static void samples_look_alike_only_when_their_pixels_do(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    struct scene scene;
    struct band_survey survey = {0};
    struct compose *compose = NULL;
    enum { ITEMS = 8, ROWS = 16 };
    /* Every fifth of 40 items, those at even places first. */
    static const uint64_t items[ITEMS] = {0, 10, 20, 30, 5, 15, 25, 35};
    static uint32_t pixels[ITEMS][WIDTH * HEIGHT];
    size_t alike = 0;
    scene_init(&scene, &random);
    assert_int_equal(band_survey_make(&survey, &scene.draft, &scene.set, ROWS, ITEMS, NULL),
                     SGR_OK);
    assert_int_equal(survey.group_count, 8);
    assert_int_equal(survey.edges[8], HEIGHT);
    assert_int_equal(survey.sample_count, ITEMS);
    assert_int_equal(compose_cpu_create(&scene.set, kernel_list()[0], 1, &compose, NULL), SGR_OK);
    for (size_t sample = 0; sample < ITEMS; sample++)
        draw_item(&scene, compose, items[sample], pixels[sample]);
    for (size_t cell = 0; cell < survey.group_count * ITEMS * ITEMS; cell++) {
        size_t group = cell / (ITEMS * ITEMS);
        size_t left = cell / ITEMS % ITEMS;
        size_t right = cell % ITEMS;
        const uint64_t *looks = survey.looks + group * ITEMS;
        size_t from = (size_t)survey.edges[group] * WIDTH;
        size_t bytes =
            (size_t)survey.edges[group + 1] * WIDTH * sizeof **pixels - from * sizeof **pixels;
        if (looks[left] != looks[right])
            continue;
        assert_memory_equal(pixels[left] + from, pixels[right] + from, bytes);
        assert_int_equal(survey.words[group * ITEMS + left], survey.words[group * ITEMS + right]);
        alike += left != right;
    }
    assert_true(alike > 0);
    compose_destroy(&compose);
    band_survey_finish(&survey);
    scene_finish(&scene);
}

static void choosing_is_repeatable_and_tells_of_no_memory(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 4);
    struct scene scene;
    uint32_t *first = NULL;
    size_t first_count = 0;
    scene_init(&scene, &random);
    assert_int_equal(band_choice_make(&scene.draft, &scene.set, &first, &first_count, NULL),
                     SGR_OK);
    for (uint64_t nth = 1;; nth++) {
        uint32_t *edges = NULL;
        size_t count = 0;
        memory_fail_after(nth, false);
        enum sgr_status status = band_choice_make(&scene.draft, &scene.set, &edges, &count, NULL);
        memory_fail_after(0, false);
        if (status != SGR_OK) {
            assert_int_equal(status, SGR_NO_MEMORY);
            assert_true(nth < 10000);
            continue;
        }
        assert_int_equal(count, first_count);
        assert_memory_equal(edges, first, (count + 1) * sizeof *edges);
        memory_free(edges);
        break;
    }
    memory_free(first);
    scene_finish(&scene);
}

/* Bands of a plan that shows nothing, on any canvas. */
static void check_canvas(struct scene *scene, uint32_t width, uint32_t height)
{
    uint32_t *edges = NULL;
    size_t count = 0;
    scene->set.width = width;
    scene->set.height = height;
    assert_int_equal(band_choice_make(&scene->draft, &scene->set, &edges, &count, NULL), SGR_OK);
    assert_true(count >= 1);
    assert_int_equal(edges[0], 0);
    assert_int_equal(edges[count], height);
    for (size_t band = 0; band < count; band++) {
        assert_true(edges[band] < edges[band + 1]);
        uint64_t pixels = (uint64_t)(edges[band + 1] - edges[band]) * width;
        assert_true(pixels >= 8192 || band + 1 == count);
        assert_true(pixels <= 1 << 20);
    }
    memory_free(edges);
}

static void any_canvas_is_cut_within_the_limits(void **state)
{
    (void)state;
    static const uint32_t sides[] = {1, 2, 31, 32, 33, 100, 300, 1000, 4000, 32767};
    struct random random;
    random_init(&random, seed, 5);
    struct scene scene;
    scene_init(&scene, &random);
    scene.set.sprite_count = 0;
    memset(scene.starts, 0, sizeof scene.starts);
    uint64_t drawn = scene.draft.count;
    for (size_t w = 0; w < sizeof sides / sizeof *sides; w++) {
        for (size_t h = 0; h < sizeof sides / sizeof *sides; h++) {
            for (scene.draft.count = 0; scene.draft.count <= drawn; scene.draft.count += drawn)
                check_canvas(&scene, sides[w], sides[h]);
        }
    }
    scene.draft.count = drawn;
    scene.set.sprite_count = SPRITES;
    scene_finish(&scene);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_other_edges_are_cheaper),
        cmocka_unit_test(searching_without_memory_is_told),
        cmocka_unit_test(samples_look_alike_only_when_their_pixels_do),
        cmocka_unit_test(choosing_is_repeatable_and_tells_of_no_memory),
        cmocka_unit_test(any_canvas_is_cut_within_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
