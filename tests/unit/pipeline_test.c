/*
 * Bands, stacks, selections and the strip cache, each against its definition. An argument is the
 * seed.
 */
#include "plan_fixture.h"
#include "sprite_fixture.h"

#include "compose/cpu/compose_cpu.h"
#include "os/machine.h"
#include "pipeline/bands.h"
#include "pipeline/selection.h"
#include "pipeline/strip_cache.h"
#include "pipeline/visibility.h"
#include "plan/plan_draft.h"

static const char *seed;

static void check_bands(uint32_t width, uint32_t height, uint32_t rows)
{
    uint32_t *edges = NULL;
    size_t count = 0;
    assert_int_equal(bands_choose(width, height, rows, &edges, &count, NULL), SGR_OK);
    assert_true(count >= 1);
    assert_int_equal(edges[0], 0);
    assert_int_equal(edges[count], height);
    for (size_t band = 0; band < count; band++) {
        uint32_t step = edges[band + 1] - edges[band];
        bool last = band + 1 == count;
        assert_true(edges[band] < edges[band + 1]);
        uint64_t bytes = (uint64_t)step * (1 + 4 * (uint64_t)width);
        /* Only where a strip would not fit a chunk are bands lower than asked for. */
        assert_true(bytes <= UINT64_C(1) << 30);
        assert_true(rows == 0 || step == rows || last || bytes > UINT64_C(1) << 29);
        assert_true(rows != 0 || last || (step >= 32 && (uint64_t)step * width >= 16384));
    }
    memory_free(edges);
}

static void bands_cut_the_whole_canvas(void **state)
{
    (void)state;
    static const uint32_t widths[] = {1, 2, 300, 511, 512, 513, 4000, 32767};
    static const uint32_t heights[] = {1, 2, 31, 32, 33, 1000, 32767};
    static const uint32_t rows[] = {0, 1, 7, 32, 1000, 32767, UINT32_MAX};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        for (size_t h = 0; h < sizeof heights / sizeof *heights; h++) {
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
                check_bands(widths[w], heights[h], rows[r]);
        }
    }
    uint32_t *edges = NULL;
    size_t count = 0;
    memory_fail_after(1, false);
    assert_int_equal(bands_choose(1, 1, 0, &edges, &count, NULL), SGR_NO_MEMORY);
    memory_fail_after(0, false);
}

enum { WIDTH = 50, HEIGHT = 24, LAYERS = 5, TRAITS = 3, PARTS_EACH = 2, SPRITES = 12 };
enum { ALL_PARTS = LAYERS * TRAITS * PARTS_EACH };

/* Sprites with traits of none to two parts, at random heights and modes. */
struct scene {
    struct sprite_set set;
    struct sprite sprites[SPRITES];
    struct sprite_part parts[ALL_PARTS];
    uint32_t starts[LAYERS * TRAITS + 1];
    uint32_t bases[LAYERS];
    uint32_t *edges;
    size_t band_count;
    struct visibility *visibility; /* exact */
    struct visibility *rough;      /* without masks */
};

static void scene_init(struct scene *scene, struct random *random)
{
    *scene = (struct scene){.set = {.width = WIDTH, .height = HEIGHT, .scratch = OPEN_FILE_NONE}};
    scene->set.sprites = scene->sprites;
    scene->set.sprite_count = SPRITES;
    scene->set.parts = scene->parts;
    scene->set.trait_starts = scene->starts;
    scene->set.trait_bases = scene->bases;
    struct image last;
    make_image(random, &last, WIDTH, HEIGHT);
    for (size_t index = 0; index < SPRITES; index++) {
        struct image image;
        struct sprite_place place = {WIDTH, HEIGHT, 0, 0, 255};
        make_image(random, &image, WIDTH, HEIGHT);
        /* Every other one looks like the last, but in some rows. */
        size_t shared = index % 2 ? WIDTH * random_below(random, HEIGHT + 1) : 0;
        memcpy(image.pixels, last.pixels, shared * sizeof *image.pixels);
        for (size_t at = 0; at < WIDTH * HEIGHT && index < 5; at++) {
            bool solid = at / WIDTH * 5 / HEIGHT != index;
            image.pixels[at] = solid ? image.pixels[at] | 0xff000000 : 0;
        }
        assert_int_equal(sprite_build(&image, &place, &scene->sprites[index], NULL), SGR_OK);
        image_finish(&last);
        last = image;
    }
    image_finish(&last);
    for (size_t trait = 0; trait < LAYERS * TRAITS; trait++) {
        if (trait % TRAITS == 0)
            scene->bases[trait / TRAITS] = (uint32_t)trait;
        scene->starts[trait] = (uint32_t)scene->set.part_count;
        for (uint64_t left = random_below(random, PARTS_EACH + 1); left > 0; left--) {
            struct sprite_part *part = &scene->parts[scene->set.part_count++];
            part->sprite = (uint32_t)random_below(random, SPRITES);
            part->z = (int32_t)random_below(random, 3) - 1;
            part->mode =
                random_below(random, 3) ? 0 : (uint8_t)random_below(random, BLEND_MODE_COUNT);
        }
    }
    scene->starts[LAYERS * TRAITS] = (uint32_t)scene->set.part_count;
    uint32_t rows = 1 + (uint32_t)random_below(random, 9);
    assert_int_equal(bands_choose(WIDTH, HEIGHT, rows, &scene->edges, &scene->band_count, NULL),
                     SGR_OK);
    assert_int_equal(visibility_create(&scene->set, scene->edges, scene->band_count, UINT64_MAX,
                                       &scene->visibility, NULL),
                     SGR_OK);
    assert_int_equal(
        visibility_create(&scene->set, scene->edges, scene->band_count, 0, &scene->rough, NULL),
        SGR_OK);
}

static void scene_finish(struct scene *scene)
{
    for (size_t index = 0; index < SPRITES; index++)
        sprite_build_finish(&scene->sprites[index]);
    visibility_destroy(&scene->visibility);
    visibility_destroy(&scene->rough);
    memory_free(scene->edges);
}

static void effects_are_those_of_the_sprites(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    for (int round = 0; round < 40; round++) {
        struct scene scene;
        scene_init(&scene, &random);
        for (uint32_t sprite = 0; sprite < SPRITES; sprite++) {
            for (size_t band = 0; band < scene.band_count; band++) {
                const struct sprite *looked = &scene.sprites[sprite];
                uint32_t top = scene.edges[band];
                uint32_t bottom = scene.edges[band + 1];
                enum visibility_effect expected =
                    sprite_covers(looked, top, bottom)    ? VISIBILITY_COVERED
                    : sprite_reaches(looked, top, bottom) ? VISIBILITY_SOME
                                                          : VISIBILITY_NONE;
                assert_int_equal(visibility_effect(scene.visibility, sprite, band), expected);
            }
        }
        scene_finish(&scene);
    }
}

static size_t random_order(struct random *random, uint16_t layers[LAYERS])
{
    size_t count = random_below(random, LAYERS + 1);
    for (uint16_t layer = 0; layer < LAYERS; layer++)
        layers[layer] = layer;
    for (size_t left = LAYERS; left > 1; left--) {
        size_t other = random_below(random, left);
        uint16_t kept = layers[left - 1];
        layers[left - 1] = layers[other];
        layers[other] = kept;
    }
    return count;
}

static size_t list_layer(const struct scene *scene, size_t trait, int32_t z,
                         struct sprite_part *out)
{
    size_t count = 0;
    for (uint32_t part = scene->starts[trait]; part < scene->starts[trait + 1]; part++) {
        if (scene->parts[part].z == z)
            out[count++] = scene->parts[part];
    }
    return count;
}

/* The parts by the definition: layers in order, then by z, equal ones as they come. */
static size_t list_parts(const struct scene *scene, const uint16_t *traits,
                         const struct plan_order *order, struct sprite_part *out)
{
    size_t count = 0;
    for (int32_t z = -1; z <= 1; z++) {
        for (size_t index = 0; index < order->layer_count; index++) {
            uint16_t layer = order->layers[index];
            count += list_layer(scene, (size_t)layer * TRAITS + traits[layer], z, out + count);
        }
    }
    return count;
}

/* One sprite drawn alone on an empty band. */
static void draw_alone(const struct scene *scene, struct compose *compose, uint32_t sprite,
                       size_t band, uint32_t *pixels)
{
    struct compose_part part = {sprite, BLEND_NORMAL};
    struct compose_strip strip = {scene->edges[band], scene->edges[band + 1], &part, 1};
    assert_int_equal(compose_draw(compose, 0, &strip, pixels, NULL), SGR_OK);
}

/* By the definition: the parts with a pixel that no opaque pixels above hide, pixel by pixel. */
static size_t list_visible(const struct scene *scene, struct compose *compose,
                           const struct stack *stack, size_t band, struct compose_part *parts)
{
    static uint32_t alone[WIDTH * HEIGHT];
    bool hidden[WIDTH * HEIGHT] = {false};
    struct compose_part found[ALL_PARTS];
    size_t pixels = (size_t)(scene->edges[band + 1] - scene->edges[band]) * WIDTH;
    size_t count = 0;
    for (size_t index = stack->part_count; index-- > 0;) {
        bool seen = false;
        enum blend_mode mode = (enum blend_mode)stack->parts[index].mode;
        draw_alone(scene, compose, stack->parts[index].sprite, band, alone);
        for (size_t at = 0; at < pixels; at++) {
            seen |= (alone[at] >> 24 || blend_mode_touches_empty(mode)) && !hidden[at];
            hidden[at] |= mode == BLEND_COPY || (mode == BLEND_NORMAL && alone[at] >> 24 == 255);
        }
        if (seen)
            found[count++] = stack->parts[index];
    }
    for (size_t index = 0; index < count; index++)
        parts[index] = found[count - 1 - index];
    return count;
}

/* Draws a band with all parts, and with those that are called visible. */
static void compare_bands(const struct scene *scene, struct compose *compose,
                          const struct stack *stack)
{
    static uint32_t all[WIDTH * HEIGHT];
    static uint32_t seen[WIDTH * HEIGHT];
    bool opaque = false;
    bool rough_opaque = false;
    assert_int_equal(visibility_is_opaque(scene->visibility, stack, &opaque, NULL), SGR_OK);
    assert_int_equal(visibility_is_opaque(scene->rough, stack, &rough_opaque, NULL), SGR_OK);
    assert_int_equal(opaque, rough_opaque);
    for (size_t band = 0; band < scene->band_count; band++) {
        struct compose_part visible[ALL_PARTS];
        struct compose_part expected[ALL_PARTS];
        size_t count = visibility_find(scene->visibility, stack, band, visible);
        assert_int_equal(count, list_visible(scene, compose, stack, band, expected));
        struct compose_strip strip = {scene->edges[band], scene->edges[band + 1], stack->parts,
                                      stack->part_count};
        size_t pixels = (size_t)(strip.bottom - strip.top) * WIDTH;
        for (size_t part = 0; part < count; part++) {
            draw_alone(scene, compose, visible[part].sprite, band, all);
            draw_alone(scene, compose, expected[part].sprite, band, seen);
            assert_memory_equal(all, seen, pixels * sizeof *all);
            assert_true(visible[part].sprite <= expected[part].sprite);
            assert_int_equal(visible[part].mode, expected[part].mode);
        }
        assert_int_equal(compose_draw(compose, 0, &strip, all, NULL), SGR_OK);
        for (int rough = 0; rough < 2; rough++) {
            strip.parts = visible;
            strip.part_count = count;
            assert_int_equal(compose_draw(compose, 0, &strip, seen, NULL), SGR_OK);
            assert_memory_equal(all, seen, pixels * sizeof *all);
            count = visibility_find(scene->rough, stack, band, visible);
        }
        for (size_t at = 0; opaque && at < pixels; at++)
            assert_int_equal(all[at] >> 24, 255);
    }
}

static void stacks_are_sorted_and_hiding_changes_no_pixel(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 2);
    for (int round = 0; round < 60; round++) {
        struct scene scene;
        struct compose *compose = NULL;
        struct stack stack = {0};
        scene_init(&scene, &random);
        assert_int_equal(compose_cpu_create(&scene.set, kernel_list()[0], 1, &compose, NULL),
                         SGR_OK);
        for (int item = 0; item < 30; item++) {
            uint16_t layers[LAYERS];
            uint16_t traits[LAYERS];
            struct sprite_part expected[ALL_PARTS];
            struct plan_order order = {layers, random_order(&random, layers)};
            for (size_t layer = 0; layer < LAYERS; layer++)
                traits[layer] = (uint16_t)random_below(&random, TRAITS);
            assert_int_equal(stack_fill(&stack, &scene.set, traits, &order, NULL), SGR_OK);
            size_t count = list_parts(&scene, traits, &order, expected);
            assert_int_equal(stack.part_count, count);
            for (size_t part = 0; part < count; part++) {
                assert_int_equal(stack.parts[part].sprite, expected[part].sprite);
                assert_int_equal(stack.parts[part].mode, expected[part].mode);
            }
            compare_bands(&scene, compose, &stack);
        }
        stack_finish(&stack);
        compose_destroy(&compose);
        scene_finish(&scene);
    }
}

/* What stands for a sprite in a band; UINT32_MAX where it shows nothing. */
static uint32_t stand_in(const struct scene *scene, uint32_t sprite, size_t band)
{
    struct compose_part part = {sprite, BLEND_NORMAL};
    struct compose_part seen;
    struct stack stack = {.parts = &part, .part_count = 1};
    return visibility_find(scene->visibility, &stack, band, &seen) ? seen.sprite : UINT32_MAX;
}

static void sprites_that_look_the_same_in_a_band_count_as_one(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 4);
    struct scene scene;
    struct compose *compose = NULL;
    static uint32_t left[WIDTH * HEIGHT];
    static uint32_t right[WIDTH * HEIGHT];
    size_t twins = 0;
    scene_init(&scene, &random);
    assert_int_equal(compose_cpu_create(&scene.set, kernel_list()[0], 1, &compose, NULL), SGR_OK);
    for (size_t band = 0; band < scene.band_count; band++) {
        size_t bytes = (scene.edges[band + 1] - scene.edges[band]) * WIDTH * sizeof *left;
        for (uint32_t pair = 0; pair < SPRITES * SPRITES; pair++) {
            draw_alone(&scene, compose, pair / SPRITES, band, left);
            draw_alone(&scene, compose, pair % SPRITES, band, right);
            bool same = memcmp(left, right, bytes) == 0;
            uint32_t first = stand_in(&scene, pair / SPRITES, band);
            assert_int_equal(first == stand_in(&scene, pair % SPRITES, band), same);
            twins += same && pair / SPRITES != pair % SPRITES;
        }
    }
    assert_true(twins > 0);
    compose_destroy(&compose);
    scene_finish(&scene);
}

static void different_strips_have_different_keys(void **state)
{
    (void)state;
    struct compose_part parts[3] = {{1, 0}, {2, 3}, {1, 0}};
    struct compose_part again[3] = {{1, 0}, {2, 3}, {1, 0}};
    assert_true(hash_equal(stack_key(parts, 3, 5), stack_key(again, 3, 5)));
    struct hash128 keys[12];
    size_t count = 0;
    for (size_t band = 0; band < 2; band++) {
        for (size_t parts_count = 0; parts_count <= 3; parts_count++)
            keys[count++] = stack_key(parts, parts_count, band);
    }
    parts[0].mode = 1;
    keys[count++] = stack_key(parts, 3, 0);
    parts[0] = (struct compose_part){2, 3};
    parts[1] = (struct compose_part){1, 0};
    keys[count++] = stack_key(parts, 3, 0);
    parts[0] = (struct compose_part){0, 0};
    keys[count++] = stack_key(parts, 1, 0);
    keys[count++] = stack_key(parts, 1, 1);
    for (size_t left = 0; left < count; left++) {
        for (size_t right = 0; right < left; right++)
            assert_false(hash_equal(keys[left], keys[right]));
    }
}

static void filling_without_memory_is_told(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    struct scene scene;
    scene_init(&scene, &random);
    uint16_t layers[LAYERS] = {0, 1, 2, 3, 4};
    uint16_t traits[LAYERS] = {0};
    struct plan_order order = {layers, LAYERS};
    for (uint64_t nth = 1; nth <= 2; nth++) {
        struct stack stack = {0};
        memory_fail_after(nth, false);
        assert_int_equal(stack_fill(&stack, &scene.set, traits, &order, NULL), SGR_NO_MEMORY);
        memory_fail_after(0, false);
        assert_int_equal(stack_fill(&stack, &scene.set, traits, &order, NULL), SGR_OK);
        stack_finish(&stack);
    }
    for (uint64_t nth = 1;; nth++) {
        struct visibility *visibility = NULL;
        memory_fail_after(nth, false);
        enum sgr_status status = visibility_create(&scene.set, scene.edges, scene.band_count,
                                                   UINT64_MAX, &visibility, NULL);
        memory_fail_after(0, false);
        visibility_destroy(&visibility);
        if (status == SGR_OK)
            break;
        assert_int_equal(status, SGR_NO_MEMORY);
        assert_true(nth < 1000);
    }
    scene_finish(&scene);
}

static struct plan *make_plan(uint64_t count, uint64_t start)
{
    static const size_t sizes[] = {40, 40, 0};
    static const uint32_t edges[] = {0, 16};
    struct collection *collection = make_shape(sizes);
    struct plan_draft draft = {0};
    struct plan *plan = NULL;
    struct plan_choices choices = {.width = 16,
                                   .height = 16,
                                   .color = PNG_COLOR_RGB,
                                   .encoder = "",
                                   .seed = "",
                                   .band_edges = edges,
                                   .band_count = 1};
    assert_int_equal(plan_draft_draw(&draft, collection, count, "s", NULL), SGR_OK);
    draft.start = start;
    assert_int_equal(plan_draft_store(&draft, &choices, &plan, NULL), SGR_OK);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
    return plan;
}

static void samples_are_spread_evenly(void **state)
{
    (void)state;
    for (uint64_t count = 1; count <= 40; count += 13) {
        struct plan *plan = make_plan(count, 1);
        for (uint64_t sample = 0; sample <= count + 2; sample++) {
            struct selection selection = {0};
            assert_int_equal(selection_sample(&selection, plan, sample, NULL), SGR_OK);
            uint64_t expected = sample < count ? sample : count;
            assert_int_equal(selection.count, expected);
            uint64_t found = 0;
            for (uint64_t index = 0; index < count; index++)
                found += selection_has(&selection, index);
            assert_int_equal(found, expected);
            for (uint64_t item = 0; item < expected; item++)
                assert_true(selection_has(&selection, item * count / expected));
            selection_finish(&selection);
            assert_int_equal(selection_first(&selection, plan, sample, NULL), SGR_OK);
            assert_int_equal(selection.count, expected);
            for (uint64_t index = 0; index < count; index++)
                assert_int_equal(selection_has(&selection, index), index < expected);
            selection_finish(&selection);
        }
        struct selection all = {0};
        assert_int_equal(selection_all(&all, plan, NULL), SGR_OK);
        assert_int_equal(all.count, count);
        selection_finish(&all);
        memory_fail_after(1, false);
        assert_int_equal(selection_all(&all, plan, NULL), SGR_NO_MEMORY);
        memory_fail_after(0, false);
        selection_finish(&all);
        plan_close(&plan);
    }
}

static void lists_of_ids_choose_those(void **state)
{
    (void)state;
    struct plan *plan = make_plan(30, 100);
    static const struct {
        const char *ids;
        uint64_t count; /* 0: refused */
        const char *words;
    } lists[] = {{"100", 1, ""},
                 {"100-129", 30, ""},
                 {"129,100,110-112", 5, ""},
                 {"100-105,103-107,100", 8, ""},
                 {"0000000100", 1, ""},
                 {"99", 0, "no item 99"},
                 {"130", 0, "no item 130"},
                 {"128-200", 0, "no item 130"},
                 {"1-18446744073709551614", 0, "no item 1;"},
                 {"", 0, "not a list of ids"},
                 {",", 0, "not a list"},
                 {"100,", 0, "not a list"},
                 {"100,,101", 0, "not a list"},
                 {"105-100", 0, "ranges go upwards"},
                 {"100-", 0, "not a list"},
                 {"-100", 0, "not a list"},
                 {"100 ,101", 0, "not a list"},
                 {"1e2", 0, "1e2"},
                 {"99999999999999999999999999", 0, "not a list"},
                 {"18446744073709551615", 0, "not a list"}};
    for (size_t index = 0; index < sizeof lists / sizeof *lists; index++) {
        struct selection selection = {0};
        struct sgr_error error = {SGR_OK, ""};
        enum sgr_status status = selection_ids(&selection, plan, lists[index].ids, &error);
        assert_int_equal(status, lists[index].count ? SGR_OK : SGR_USAGE);
        if (status == SGR_OK)
            assert_int_equal(selection.count, lists[index].count);
        else if (!strstr(error.text, lists[index].words))
            fail_msg("'%s': '%s'", lists[index].ids, error.text);
        selection_finish(&selection);
    }
    plan_close(&plan);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_cut_the_whole_canvas),
        cmocka_unit_test(effects_are_those_of_the_sprites),
        cmocka_unit_test(stacks_are_sorted_and_hiding_changes_no_pixel),
        cmocka_unit_test(sprites_that_look_the_same_in_a_band_count_as_one),
        cmocka_unit_test(different_strips_have_different_keys),
        cmocka_unit_test(filling_without_memory_is_told),
        cmocka_unit_test(samples_are_spread_evenly),
        cmocka_unit_test(lists_of_ids_choose_those),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
