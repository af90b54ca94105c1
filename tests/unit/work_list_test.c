/*
 * Work lists without any device: an interpreter reads the words as the shaders do, over the sheet's
 * pages, and must make what the specification says; hidden parts must have gone; a strip for which
 * there is no room must leave the list as it was. An argument is the seed.
 */
#include "compose/gles/work_list.h"

#include "compose_fixture.h"
#include "os/machine.h"

enum { STRIPS = 12, ROUNDS = 24 };

static const char *seed;

/* A scene's sheet, on a device that is imagined. */
struct stage {
    struct scene scene;
    struct sheet *sheet;
    uint32_t *texels; /* layer after layer */
    uint32_t *layers; /* of pages */
    struct compose_part parts[STRIPS][PARTS_MAX];
    struct compose_strip strips[STRIPS];
};

/* Pages lie in the layers in another order than in the sheet. */
static void stage_init(struct stage *stage, struct random *random, uint32_t width, uint32_t height)
{
    struct sprite_window window = {0};
    scene_init(&stage->scene, random, width, height);
    assert_int_equal(sheet_create(&stage->scene.set, 256, 1, &stage->sheet, NULL), SGR_OK);
    size_t pages = stage->sheet->page_count;
    size_t pixels = (size_t)stage->sheet->side * stage->sheet->side;
    stage->texels = malloc((pages + 1) * pixels * sizeof *stage->texels);
    stage->layers = malloc((pages + 1) * sizeof *stage->layers);
    assert_true(stage->texels && stage->layers);
    for (size_t page = 0; page < pages; page++) {
        stage->layers[page] = (uint32_t)(pages - 1 - page);
        assert_int_equal(sheet_draw_page(stage->sheet, page, &window,
                                         stage->texels + stage->layers[page] * pixels, NULL),
                         SGR_OK);
    }
    sprite_window_finish(&window);
    for (size_t strip = 0; strip < STRIPS; strip++)
        random_strip(&stage->scene, random, stage->parts[strip], &stage->strips[strip]);
}

static void stage_finish(struct stage *stage)
{
    sheet_destroy(&stage->sheet);
    free(stage->texels);
    free(stage->layers);
    scene_finish(&stage->scene);
}

/* What shaders/slab.glsl finds for a draw at a pixel of the canvas. */
static uint32_t draw_pixel(const struct stage *stage, const uint32_t *draw, uint32_t x, uint32_t y)
{
    uint32_t left = draw[1] & 0xffff;
    uint32_t top = draw[2] & 0xffff;
    uint32_t side = stage->sheet->side;
    if (x < left || x >= draw[1] >> 16 || y < top || y >= draw[2] >> 16)
        return 0;
    size_t row = (size_t)(draw[0] >> 8) * side + y - top + (draw[3] >> 16);
    assert_true(draw[0] >> 8 < stage->sheet->page_count);
    assert_true((y - top) + (draw[3] >> 16) < side && x - left + (draw[3] & 0xffff) < side);
    return stage->texels[row * side + x - left + (draw[3] & 0xffff)];
}

/* One pixel of a slab, `row` counted in it. */
static uint32_t slab_pixel(const struct stage *stage, const uint32_t *words, const uint32_t *slab,
                           uint32_t x, uint32_t row)
{
    uint32_t pixel = 0;
    size_t step = WORK_DRAW_WORDS + stage->sheet->mask_words;
    uint32_t tile = x / SHEET_TILE_WIDTH;
    for (uint32_t left = slab[3]; left > 0; left--) {
        const uint32_t *draw = words + slab[2] + (left - 1) * step;
        if (draw[WORK_DRAW_WORDS + tile / 32] >> tile % 32 & 1)
            pixel = blend_pixel((enum blend_mode)(draw[0] & 0xff), pixel,
                                draw_pixel(stage, draw, x, (slab[1] & 0xffff) + row));
    }
    return pixel;
}

/* Plays a whole list into `target`, every row of which must be made once. */
static void play(const struct stage *stage, const struct work_list *list, const uint32_t *words,
                 uint32_t *target)
{
    uint32_t width = stage->scene.set.width;
    uint32_t next = 0;
    for (size_t index = 0; index < list->slab_count; index++) {
        const uint32_t *slab = words + index * WORK_SLAB_WORDS;
        uint32_t top = slab[1] & 0xffff;
        uint32_t rows = slab[1] >> 16;
        assert_int_equal(slab[0], next);
        assert_true(rows > 0 && top / SHEET_TILE_HEIGHT == (top + rows - 1) / SHEET_TILE_HEIGHT);
        for (uint32_t row = 0; row < rows; row++) {
            for (uint32_t x = 0; x < width; x++)
                target[(size_t)(next + row) * width + x] = slab_pixel(stage, words, slab, x, row);
        }
        next += rows;
    }
    assert_int_equal(next, list->rows);
}

/* Holds what a list makes to the specification, for the strips that it took. */
static void check_list(const struct stage *stage, const struct work_list *list, size_t first,
                       size_t count)
{
    size_t pixels = list->rows * stage->scene.set.width;
    size_t size = work_list_words(list);
    uint32_t *words = malloc((size + 1) * sizeof *words);
    uint32_t *target = malloc((pixels + 1) * sizeof *target);
    uint32_t *expected = malloc((pixels + 1) * sizeof *expected);
    assert_true(words && target && expected);
    words[size] = 0xfeedface;
    work_list_write(list, stage->layers, words);
    assert_int_equal(words[size], 0xfeedface);
    play(stage, list, words, target);
    uint32_t *at = expected;
    for (size_t strip = first; strip < first + count; strip++) {
        draw_reference(&stage->scene, &stage->strips[strip], at);
        at += (size_t)(stage->strips[strip].bottom - stage->strips[strip].top) *
              stage->scene.set.width;
    }
    assert_int_equal(at - expected, pixels);
    assert_memory_equal(target, expected, pixels * sizeof *target);
    free(words);
    free(target);
    free(expected);
}

/* Adds strips from `first` on until one has no room; returns how many have. */
static size_t add_strips(const struct stage *stage, struct work_list *list, size_t first)
{
    size_t count = 0;
    bool added = true;
    work_list_begin(list);
    while (first + count < STRIPS && added) {
        assert_int_equal(work_list_add(list, &stage->strips[first + count], &added, NULL), SGR_OK);
        count += added;
    }
    return count;
}

static void lists_make_what_the_specification_says(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        static struct stage stage;
        struct work_list list;
        struct work_limits limits = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
        /* Some are wider than a word of a mask, whose canvas is cut into chunks as well. */
        uint32_t width = 1 + (uint32_t)random_below(&random, round % 4 ? 300 : 1300);
        stage_init(&stage, &random, width, 1 + (uint32_t)random_below(&random, 60));
        assert_int_equal(work_list_init(&list, stage.sheet, &limits, NULL), SGR_OK);
        for (unsigned pass = 0; pass < 2; pass++) {
            assert_int_equal(add_strips(&stage, &list, 0), STRIPS);
            check_list(&stage, &list, 0, STRIPS);
        }
        work_list_finish(&list);
        stage_finish(&stage);
    }
}

/* The list as it must be again after a strip that had no room. */
static uint32_t *copy_words(const struct stage *stage, const struct work_list *list)
{
    uint32_t *words = malloc((work_list_words(list) + 1) * sizeof *words);
    assert_non_null(words);
    work_list_write(list, stage->layers, words);
    return words;
}

/* Different pages that a list's draws use. */
static size_t count_pages(const struct stage *stage, const struct work_list *list,
                          const uint32_t *words)
{
    bool used[256] = {false};
    size_t step = WORK_DRAW_WORDS + stage->sheet->mask_words;
    size_t count = 0;
    assert_true(stage->sheet->page_count <= 256);
    for (size_t draw = 0; draw < list->draw_count; draw++) {
        const uint32_t *at = words + list->slab_count * WORK_SLAB_WORDS + draw * step;
        /* A draw of nothing has an empty rectangle, and no page. */
        bool empty = at[1] == 0 && at[2] == 0;
        count += !empty && !used[at[0] >> 8];
        used[at[0] >> 8] |= !empty;
    }
    return count;
}

/* A refused strip leaves no trace, neither in this batch nor in what the next one may hold. */
static void check_refusal(const struct stage *stage, struct work_list *list, size_t strip)
{
    uint32_t *before = copy_words(stage, list);
    size_t size = work_list_words(list);
    size_t rows = list->rows;
    size_t pages = list->page_count;
    bool added = true;
    assert_int_equal(work_list_add(list, &stage->strips[strip], &added, NULL), SGR_OK);
    assert_false(added);
    assert_int_equal(work_list_words(list), size);
    assert_int_equal(list->rows, rows);
    assert_int_equal(list->page_count, pages);
    assert_int_equal(count_pages(stage, list, before), pages);
    uint32_t *after = copy_words(stage, list);
    assert_memory_equal(after, before, size * sizeof *before);
    free(before);
    free(after);
}

static void limits_hold_and_refused_strips_leave_no_trace(void **state)
{
    (void)state;
    struct random random;
    unsigned refused[4] = {0, 0, 0, 0};
    random_init(&random, seed, 2);
    for (unsigned round = 0; round < ROUNDS; round++) {
        static struct stage stage;
        struct work_list list;
        unsigned kind = round % 4;
        stage_init(&stage, &random, 250 + (uint32_t)random_below(&random, 300), 60);
        size_t enough = stage.sheet->page_count;
        struct work_limits limits = {kind == 0 ? 60 + random_below(&random, 60) : SIZE_MAX,
                                     kind == 1 ? 4 + random_below(&random, 4) : SIZE_MAX,
                                     kind == 2 ? 1 + random_below(&random, enough) : SIZE_MAX,
                                     kind == 3 ? 300 + random_below(&random, 300) : SIZE_MAX};
        assert_int_equal(work_list_init(&list, stage.sheet, &limits, NULL), SGR_OK);
        size_t first = 0;
        while (first < STRIPS) {
            size_t count = add_strips(&stage, &list, first);
            assert_true(list.rows <= limits.rows && list.slab_count <= limits.slabs);
            assert_true(list.page_count <= limits.pages);
            assert_true(work_list_words(&list) <= limits.words);
            check_list(&stage, &list, first, count);
            first += count;
            if (first == STRIPS)
                break;
            refused[kind]++;
            check_refusal(&stage, &list, first);
            check_list(&stage, &list, first - count, count);
            /* Only pages and words can be too few for a single strip. */
            assert_true(count > 0 || kind >= 2);
            first += count == 0;
        }
        work_list_finish(&list);
        stage_finish(&stage);
    }
    printf("refused for rows %u, slabs %u, pages %u, words %u\n", refused[0], refused[1],
           refused[2], refused[3]);
    assert_true(refused[0] > 0 && refused[1] > 0 && refused[2] > 0 && refused[3] > 0);
}

/* What a sprite does in a tile. */
struct look {
    bool covers;
    bool shows;
};

static struct look look_at_tile(const struct scene *scene, uint32_t sprite, uint32_t tile,
                                uint32_t row)
{
    struct look look = {.covers = true};
    for (uint32_t y = row * SHEET_TILE_HEIGHT;
         y < (row + 1) * SHEET_TILE_HEIGHT && y < scene->set.height; y++) {
        for (uint32_t x = tile * SHEET_TILE_WIDTH;
             x < (tile + 1) * SHEET_TILE_WIDTH && x < scene->set.width; x++) {
            uint32_t alpha = scene->canvases[sprite][(size_t)y * scene->set.width + x] >> 24;
            look.covers &= alpha == 255;
            look.shows |= alpha != 0;
        }
    }
    return look;
}

/* The draws of a tile that a list has: every part that does something above the topmost cover. */
static unsigned tile_draws(const struct stage *stage, const struct compose_strip *strip,
                           uint32_t tile, uint32_t row)
{
    unsigned draws = 0;
    bool hidden = false;
    for (size_t part = strip->part_count; part > 0 && !hidden; part--) {
        const struct compose_part *one = &strip->parts[part - 1];
        struct look look = look_at_tile(&stage->scene, one->sprite, tile, row);
        bool everywhere = blend_mode_touches_empty((enum blend_mode)one->mode);
        draws += look.shows || everywhere;
        hidden = blend_mode_hides((enum blend_mode)one->mode) && (look.covers || everywhere);
    }
    return draws;
}

static void what_is_hidden_is_dropped(void **state)
{
    (void)state;
    struct random random;
    static const uint32_t modes[] = {BLEND_NORMAL, BLEND_NORMAL, BLEND_MULTIPLY, BLEND_COPY};
    unsigned drawn = 0;
    unsigned all = 0;
    random_init(&random, seed, 3);
    for (unsigned round = 0; round < ROUNDS; round++) {
        static struct stage stage;
        struct work_list list;
        struct work_limits limits = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
        bool added = false;
        stage_init(&stage, &random, 1 + (uint32_t)random_below(&random, 300), 60);
        struct compose_strip strip = stage.strips[0];
        strip.top = 0;
        strip.bottom = stage.scene.set.height;
        strip.part_count = PARTS_MAX;
        for (unsigned part = 0; part < PARTS_MAX; part++)
            stage.parts[0][part] = (struct compose_part){(uint32_t)random_below(&random, SPRITES),
                                                         modes[random_below(&random, 4)]};
        /* The first two sprites are opaque all over. */
        stage.parts[0][random_below(&random, PARTS_MAX)].sprite = 0;
        assert_int_equal(work_list_init(&list, stage.sheet, &limits, NULL), SGR_OK);
        work_list_begin(&list);
        assert_int_equal(work_list_add(&list, &strip, &added, NULL), SGR_OK);
        uint32_t *words = copy_words(&stage, &list);
        size_t step = WORK_DRAW_WORDS + stage.sheet->mask_words;
        uint32_t tiles = (stage.scene.set.width + SHEET_TILE_WIDTH - 1) / SHEET_TILE_WIDTH;
        for (uint32_t at = 0; at < list.slab_count * tiles; at++) {
            const uint32_t *slab = words + at / tiles * WORK_SLAB_WORDS;
            uint32_t tile = at % tiles;
            unsigned found = 0;
            for (uint32_t draw = 0; draw < slab[3]; draw++)
                found +=
                    words[slab[2] + draw * step + WORK_DRAW_WORDS + tile / 32] >> tile % 32 & 1;
            unsigned expected = tile_draws(&stage, &strip, tile, at / tiles);
            assert_int_equal(found, expected);
            drawn += found;
            all += PARTS_MAX;
        }
        free(words);
        work_list_finish(&list);
        stage_finish(&stage);
    }
    printf("%u of %u draws of tiles are left\n", drawn, all);
    assert_true(drawn < all * 3 / 4);
}

static void failures_leave_nothing(void **state)
{
    (void)state;
    struct random random;
    static struct stage stage;
    enum sgr_status status = SGR_NO_MEMORY;
    uint64_t nth = 1;
    random_init(&random, seed, 4);
    stage_init(&stage, &random, 290, 60);
    for (; status != SGR_OK; nth++) {
        struct work_list list;
        struct work_limits limits = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
        struct sgr_error error = {SGR_OK, ""};
        bool added = true;
        memory_fail_after(nth, false);
        status = work_list_init(&list, stage.sheet, &limits, &error);
        bool made = status == SGR_OK;
        for (size_t strip = 0; strip < STRIPS && status == SGR_OK; strip++)
            status = work_list_add(&list, &stage.strips[strip], &added, &error);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        /* The list can be used on. */
        if (made) {
            assert_int_equal(add_strips(&stage, &list, 0), STRIPS);
            check_list(&stage, &list, 0, STRIPS);
            work_list_finish(&list);
        }
        assert_true(nth < 100);
    }
    assert_true(nth > 6);
    stage_finish(&stage);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_make_what_the_specification_says),
        cmocka_unit_test(limits_hold_and_refused_strips_leave_no_trace),
        cmocka_unit_test(what_is_hidden_is_dropped),
        cmocka_unit_test(failures_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
