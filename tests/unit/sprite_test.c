/*
 * The sprites of a whole collection: shared, scaled, in memory or in a scratch file, on any number
 * of threads. An argument is the seed.
 */
#include "plan_fixture.h"
#include "sprite_fixture.h"

#include "codec/picture.h"
#include "image/resample.h"
#include "os/machine.h"

static const char *seed;

/* What a part of the made collections is. */
struct part {
    uint32_t picture;
    bool placed;
    int32_t x;
    int32_t y;
    uint8_t opacity;
};

enum { PICTURES = 5, PARTS = 9 };

/* Pictures 0 and 1 are the same; picture 4 is small, for parts with a place. */
static const struct part parts[PARTS] = {
    {0, false, 0, 0, 255},  {1, false, 0, 0, 255},  {2, false, 0, 0, 255},
    {2, false, 0, 0, 100},  {3, false, 0, 0, 255},  {0, false, 0, 0, 255},
    {4, true, -3, 20, 255}, {4, true, 30, -2, 255}, {0, true, 0, 0, 255},
};

static struct collection *make_art(struct fixture *fixture)
{
    struct random random;
    random_init(&random, seed, 1);
    struct collection *collection = make_collection(fixture->folder, 3);
    collection->width = 40;
    collection->height = 30;
    collection->pictures =
        arena_allocate(&collection->arena, PICTURES, sizeof(struct collection_picture));
    collection->picture_count = PICTURES;
    struct image first = {0, 0, NULL};
    for (uint32_t index = 0; index < PICTURES; index++) {
        struct collection_picture *picture = &collection->pictures[index];
        struct image image;
        picture->path = arena_format(&collection->arena, "deep/p%u.png", index);
        picture->width = index == 4 ? 17 : 40;
        picture->height = index == 4 ? 9 : 30;
        make_image(&random, &image, picture->width, picture->height);
        if (index == 1)
            memcpy(image.pixels, first.pixels, sizeof(uint32_t) * 40 * 30);
        put_pixels(fixture, picture->path, image.width, image.height, image.pixels);
        if (index == 0)
            first = image;
        else
            image_finish(&image);
    }
    image_finish(&first);
    for (size_t layer = 0; layer < 3; layer++) {
        struct collection_layer *made = set_layer(collection, layer, 3);
        for (size_t trait = 0; trait < 3; trait++) {
            const struct part *part = &parts[layer * 3 + trait];
            struct collection_part *drawn = arena_allocate(&collection->arena, 2, sizeof *drawn);
            *drawn = (struct collection_part){.picture = part->picture,
                                              .x = part->x,
                                              .y = part->y,
                                              .placed = part->placed,
                                              .opacity = part->opacity,
                                              .mode = (uint8_t)(layer * 3),
                                              .z = (int32_t)trait - 1};
            made->traits[trait].parts = drawn;
            made->traits[trait].part_count = 1;
        }
    }
    return collection;
}

static struct sprite_options plain_options(void)
{
    return (struct sprite_options){.width = 40,
                                   .height = 30,
                                   .threads = 3,
                                   .memory_bytes = 100000000,
                                   .resident_bytes = 50000000};
}

static struct sprite_set *load(const struct collection *collection,
                               const struct sprite_options *options)
{
    struct sprite_set *set = NULL;
    struct sgr_error error;
    if (sprite_set_load(collection, options, &set, &error) != SGR_OK)
        fail_msg("%s", error.text);
    return set;
}

static void look_alikes_share_a_sprite(void **state)
{
    struct collection *collection = make_art(*state);
    struct sprite_options options = plain_options();
    struct sprite_set *set = load(collection, &options);
    assert_int_equal(set->part_count, PARTS);
    uint32_t sprites[PARTS];
    for (size_t index = 0; index < PARTS; index++) {
        uint32_t count = 0;
        uint32_t first = sprite_set_trait(set, index / 3, index % 3, &count);
        assert_int_equal(count, 1);
        assert_int_equal(first, index);
        sprites[index] = set->parts[index].sprite;
        assert_true(sprites[index] < set->sprite_count);
        assert_int_equal(set->parts[index].mode, index / 3 * 3);
        assert_int_equal(set->parts[index].z, (int32_t)(index % 3) - 1);
    }
    assert_int_equal(sprites[0], sprites[1]);
    assert_int_equal(sprites[0], sprites[5]);
    assert_int_equal(sprites[0], sprites[8]);
    static const size_t different[] = {0, 2, 3, 4, 6, 7};
    for (size_t left = 0; left < 6; left++) {
        for (size_t right = 0; right < left; right++)
            assert_int_not_equal(sprites[different[left]], sprites[different[right]]);
    }
    sprite_set_destroy(&set);
    assert_null(set);
    sprite_set_destroy(&set);
    collection_destroy(&collection);
}

static void sprites_are_the_pictures_in_their_places(void **state)
{
    struct fixture *fixture = *state;
    struct collection *collection = make_art(fixture);
    struct sprite_options options = plain_options();
    struct sprite_set *set = load(collection, &options);
    for (size_t index = 0; index < PARTS; index++) {
        struct image image;
        const struct part *part = &parts[index];
        const char *path = full_path(fixture, collection->pictures[part->picture].path);
        uint32_t *canvas = calloc(40 * 30, sizeof *canvas);
        unsigned kinds[3] = {0, 0, 0};
        assert_non_null(canvas);
        assert_int_equal(picture_read(path, &image, NULL), SGR_OK);
        struct sprite_place place = {40, 30, part->x, part->y, part->opacity};
        spell_out(&set->sprites[set->parts[index].sprite], 40, canvas, kinds);
        for (uint32_t pixel = 0; pixel < 40 * 30; pixel++)
            assert_int_equal(canvas[pixel], placed_pixel(&image, &place, pixel % 40, pixel / 40));
        image_finish(&image);
        free(canvas);
    }
    sprite_set_destroy(&set);
    collection_destroy(&collection);
}

/* Reads a sprite through the set in random pieces of rows and compares with another set's. */
static void compare_rows(struct random *random, const struct sprite_set *set, size_t index,
                         const struct sprite *other, struct sprite_window *window)
{
    const struct sprite *sprite = &set->sprites[index];
    assert_int_equal(sprite->top, other->top);
    assert_int_equal(sprite->bottom, other->bottom);
    assert_true(hash_equal(sprite->digest, other->digest));
    for (int round = 0; round < 20 && sprite->top < sprite->bottom; round++) {
        uint32_t height = sprite->bottom - sprite->top;
        uint32_t top = (uint32_t)random_below(random, height);
        uint32_t bottom = top + 1 + (uint32_t)random_below(random, height - top);
        struct image_box rows = {0, sprite->top + top, 0, sprite->top + bottom};
        const uint32_t *words = NULL;
        assert_int_equal(sprite_set_rows(set, sprite, rows, window, &words, NULL), SGR_OK);
        size_t count = (size_t)(sprite->row_starts[bottom] - sprite->row_starts[top]);
        assert_memory_equal(sprite->row_starts, other->row_starts, (height + 1) * sizeof(uint64_t));
        assert_memory_equal(sprite->covered_rows, other->covered_rows, height);
        assert_memory_equal(words, other->words + sprite->row_starts[top],
                            count * sizeof(uint32_t));
    }
}

static void a_scratch_file_gives_the_same_words(void **state)
{
    struct collection *collection = make_art(*state);
    struct random random;
    random_init(&random, seed, 2);
    struct sprite_options options = plain_options();
    struct sprite_set *resident = load(collection, &options);
    assert_int_equal(resident->scratch.descriptor, -1);
    assert_int_equal(resident->resident_bytes, resident->words_total * sizeof(uint32_t));
    uint64_t all = resident->resident_bytes;
    const uint64_t limits[] = {0, 4, all / 3, all - 1, all};
    for (size_t limit = 0; limit < 5; limit++) {
        for (unsigned threads = 1; threads <= 4; threads++) {
            struct sprite_window window = {0};
            options.resident_bytes = limits[limit];
            options.threads = threads;
            options.memory_bytes = threads == 4 ? 30000 : 1000000;
            struct sprite_set *set = load(collection, &options);
            assert_int_equal(set->sprite_count, resident->sprite_count);
            assert_int_equal(set->words_total, resident->words_total);
            assert_true(set->resident_bytes <= limits[limit]);
            assert_int_equal(set->scratch.descriptor < 0, limits[limit] == all);
            for (size_t index = 0; index < set->sprite_count; index++)
                compare_rows(&random, set, index, &resident->sprites[index], &window);
            for (size_t index = 0; index < PARTS; index++)
                assert_int_equal(set->parts[index].sprite, resident->parts[index].sprite);
            sprite_window_finish(&window);
            sprite_set_destroy(&set);
        }
    }
    sprite_set_destroy(&resident);
    collection_destroy(&collection);
}

/* Grows bands from `top` down, and asks about each. */
static void check_bands_from(const struct sprite *sprite, const uint32_t *canvas, uint32_t top)
{
    bool seen = false;
    bool covered = true;
    for (uint32_t bottom = top + 1; bottom <= 30; bottom++) {
        for (uint32_t x = 0; x < 40; x++) {
            seen |= canvas[(bottom - 1) * 40 + x] != 0;
            covered &= canvas[(bottom - 1) * 40 + x] >> 24 == 255;
        }
        assert_int_equal(sprite_reaches(sprite, top, bottom), seen);
        assert_int_equal(sprite_covers(sprite, top, bottom), covered);
    }
}

static void reach_and_cover_hold_for_every_band(void **state)
{
    struct collection *collection = make_art(*state);
    struct sprite_options options = plain_options();
    struct sprite_set *set = load(collection, &options);
    for (size_t index = 0; index < set->sprite_count; index++) {
        uint32_t canvas[40 * 30] = {0};
        unsigned kinds[3] = {0, 0, 0};
        spell_out(&set->sprites[index], 40, canvas, kinds);
        for (uint32_t top = 0; top < 30; top++)
            check_bands_from(&set->sprites[index], canvas, top);
    }
    sprite_set_destroy(&set);
    collection_destroy(&collection);
}

/* On another canvas, sizes and places scale by the same ratio, rounded to nearest. */
static void another_canvas_scales_sizes_and_places(void **state)
{
    struct fixture *fixture = *state;
    struct collection *collection = make_art(fixture);
    struct sprite_options options = plain_options();
    options.width = 100;
    options.height = 45;
    options.resample = SGR_RESAMPLE_BILINEAR;
    struct sprite_set *set = load(collection, &options);
    static const struct {
        size_t part;
        uint32_t width;
        uint32_t height;
        int32_t x;
        int32_t y;
    } scaled[] = {{2, 100, 45, 0, 0}, {6, 43, 14, -7, 30}, {7, 43, 14, 75, -3}};
    for (size_t index = 0; index < 3; index++) {
        const struct part *part = &parts[scaled[index].part];
        struct image image;
        struct image target;
        uint32_t *canvas = calloc(100 * 45, sizeof *canvas);
        unsigned kinds[3] = {0, 0, 0};
        assert_non_null(canvas);
        const char *path = full_path(fixture, collection->pictures[part->picture].path);
        assert_int_equal(picture_read(path, &image, NULL), SGR_OK);
        assert_int_equal(resample_image(&image, scaled[index].width, scaled[index].height,
                                        SGR_RESAMPLE_BILINEAR, &target, NULL),
                         SGR_OK);
        struct sprite_place place = {100, 45, scaled[index].x, scaled[index].y, part->opacity};
        spell_out(&set->sprites[set->parts[scaled[index].part].sprite], 100, canvas, kinds);
        for (uint32_t pixel = 0; pixel < 100 * 45; pixel++)
            assert_int_equal(canvas[pixel],
                             placed_pixel(&target, &place, pixel % 100, pixel / 100));
        image_finish(&image);
        image_finish(&target);
        free(canvas);
    }
    sprite_set_destroy(&set);
    collection_destroy(&collection);
}

static void bad_pictures_are_named_and_nothing_stays(void **state)
{
    struct fixture *fixture = *state;
    struct collection *collection = make_art(fixture);
    struct sprite_options options = plain_options();
    struct sprite_set *set = NULL;
    struct sgr_error error;
    int handles = count_handles();
    options.resident_bytes = 0;
    put_picture(fixture, "deep/p3.png", 20, FILL_NOISE, 1);
    assert_int_equal(sprite_set_load(collection, &options, &set, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "deep/p3.png"));
    assert_non_null(strstr(error.text, "20x20 pixels where 40x30"));
    options.resample = SGR_RESAMPLE_NEAREST;
    assert_int_equal(sprite_set_load(collection, &options, &set, NULL), SGR_OK);
    sprite_set_destroy(&set);
    put_bytes(fixture, "deep/p2.png", "no", 2);
    assert_int_equal(sprite_set_load(collection, &options, &set, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "deep/p2.png"));
    assert_int_equal(remove(full_path(fixture, "deep/p0.png")), 0);
    options.threads = 1;
    assert_int_equal(sprite_set_load(collection, &options, &set, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "deep/p0.png"));
    assert_null(set);
    assert_int_equal(count_handles(), handles);
    collection_destroy(&collection);
}

static void loading_without_memory_leaves_nothing(void **state)
{
    struct collection *collection = make_art(*state);
    struct sprite_options options = plain_options();
    int handles = count_handles();
    for (int way = 0; way < 4; way++) {
        enum sgr_status status = SGR_NO_MEMORY;
        options.resident_bytes = way & 1 ? 0 : 50000000;
        options.threads = way & 2 ? 3 : 1;
        for (uint64_t nth = 1; status != SGR_OK; nth++) {
            struct sprite_set *set = NULL;
            struct sgr_error error = {SGR_OK, ""};
            memory_fail_after(nth, false);
            status = sprite_set_load(collection, &options, &set, &error);
            memory_fail_after(0, false);
            if (status != SGR_OK && status != SGR_NO_MEMORY)
                fail_msg("allocation %" PRIu64 ": status %d, %s", nth, status, error.text);
            assert_true((set != NULL) == (status == SGR_OK));
            sprite_set_destroy(&set);
            assert_int_equal(count_handles(), handles);
            assert_true(nth < 3000);
        }
    }
    collection_destroy(&collection);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        TEST(look_alikes_share_a_sprite),
        TEST(sprites_are_the_pictures_in_their_places),
        TEST(a_scratch_file_gives_the_same_words),
        TEST(reach_and_cover_hold_for_every_band),
        TEST(another_canvas_scales_sizes_and_places),
        TEST(bad_pictures_are_named_and_nothing_stays),
        TEST(loading_without_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
