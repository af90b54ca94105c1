/*
 * The colour type that a plan of made art gets: what the art can show decides, and for palettes
 * also the size of the files.
 */
#include "art_fixture.h"

#include "api/sgr_plan.h"

enum { SIDE = 64 };

/* What a made picture is like: how many colours, grey or not, and which alphas. */
struct look {
    uint32_t colors;
    bool grey;
    uint32_t alpha; /* of every seventh pixel; 255 of the others */
};

static void put_look(struct fixture *fixture, const char *name, uint32_t first, struct look look)
{
    static uint32_t pixels[SIDE * SIDE];
    uint64_t noise = first + 1;
    for (uint32_t index = 0; index < SIDE * SIDE; index++) {
        noise = noise * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t value = first + (uint32_t)(noise >> 33) % look.colors;
        pixels[index] = 0xff000000 | (look.grey ? (value & 255) * 0x010101 : value * 0x3331);
        if (index % 7 == 3)
            pixels[index] = look.alpha ? (pixels[index] & 0xffffff) | look.alpha << 24 : 0;
    }
    put_pixels(fixture, name, SIDE, SIDE, pixels);
}

/* Two layers, each of two traits; the lower one is opaque unless its alpha says otherwise. */
static void put_looks(struct fixture *fixture, struct look back, struct look front)
{
    put_look(fixture, "art/1 Back/a.png", 0, back);
    put_look(fixture, "art/1 Back/b.png", 2, back);
    put_look(fixture, "art/2 Front/c.png", 4, front);
    put_look(fixture, "art/2 Front/d.png", 6, front);
}

static struct sgr_plan *make_plan(struct fixture *fixture, struct sgr_error *error)
{
    struct sgr_art_options art_options = {.path = full_path(fixture, "art"), .threads = 1};
    struct sgr_plan_options options = {.count = 4};
    struct sgr_art *art = NULL;
    struct sgr_plan *plan = NULL;
    if (sgr_art_open(&art_options, &art, error) == SGR_OK) {
        enum sgr_status status = sgr_plan_create(art, &options, &plan, error);
        assert_true(status == SGR_OK || !plan);
    }
    sgr_art_close(&art);
    return plan;
}

/* The colour type of the art's plan, and the colours of its palette. */
static enum png_color color_of(struct fixture *fixture, size_t *out_colors)
{
    struct sgr_error error = {SGR_OK, ""};
    struct sgr_plan *plan = make_plan(fixture, &error);
    if (!plan)
        fail_msg("%s", error.text);
    enum png_color color = plan_choices(plan->plan)->color;
    *out_colors = plan_choices(plan->plan)->palette.count;
    sgr_plan_close(&plan);
    return color;
}

static void the_art_decides_the_colour_type(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        struct look back;
        struct look front;
        enum png_color color;
        size_t colors;
    } cases[] = {
        {{100, true, 255}, {90, true, 0}, PNG_COLOR_GREY, 0},
        {{100, true, 255}, {90, true, 77}, PNG_COLOR_GREY, 0},
        {{100, true, 77}, {90, true, 0}, PNG_COLOR_GREY_ALPHA, 0},
        {{10, false, 255}, {10, false, 0}, PNG_COLOR_PALETTE, 16},
        {{10, false, 0}, {10, false, 0}, PNG_COLOR_PALETTE, 17},
        {{10, false, 255}, {10, false, 254}, PNG_COLOR_RGB, 0},
        {{10, false, 1}, {10, false, 0}, PNG_COLOR_RGBA, 0},
        {{248, false, 255}, {10, false, 0}, PNG_COLOR_PALETTE, 250},
        {{254, false, 255}, {10, false, 0}, PNG_COLOR_PALETTE, 256},
        {{255, false, 255}, {10, false, 0}, PNG_COLOR_RGB, 0},
        {{254, false, 0}, {10, false, 0}, PNG_COLOR_RGBA, 0},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        size_t colors = 999;
        put_looks(fixture, cases[index].back, cases[index].front);
        enum png_color color = color_of(fixture, &colors);
        if (color != cases[index].color || colors != cases[index].colors)
            fail_msg("case %zu: colour type %d with %zu colours", index, color, colors);
    }
}

/* A palette that every file has to carry is not worth it where there is little to draw. */
static void a_palette_that_makes_files_larger_is_not_taken(void **state)
{
    struct fixture *fixture = *state;
    struct look look = {200, false, 255};
    size_t colors = 999;
    put_looks(fixture, look, look);
    assert_int_equal(color_of(fixture, &colors), PNG_COLOR_PALETTE);
    static uint32_t pixels[SIDE * SIDE];
    static const char *const names[] = {"art/1 Back/a.png", "art/1 Back/b.png", "art/2 Front/c.png",
                                        "art/2 Front/d.png"};
    for (uint32_t number = 0; number < 4; number++) {
        for (uint32_t index = 0; index < SIDE * SIDE; index++) {
            uint32_t value = index < 50 ? number * 50 + index : number;
            pixels[index] = number < 2 || index < 50 ? 0xff000000 | value * 0x3331 : 0;
        }
        put_pixels(fixture, names[number], SIDE, SIDE, pixels);
    }
    assert_int_equal(color_of(fixture, &colors), PNG_COLOR_RGB);
    assert_int_equal(colors, 0);
}

static void choosing_without_memory_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    put_looks(fixture, (struct look){10, false, 0}, (struct look){10, false, 0});
    int handles = count_handles();
    struct sgr_plan *plan = NULL;
    for (uint64_t nth = 1; !plan; nth++) {
        struct sgr_error error = {SGR_OK, ""};
        memory_fail_after(nth, false);
        plan = make_plan(fixture, &error);
        memory_fail_after(0, false);
        if (!plan && error.status != SGR_NO_MEMORY)
            fail_msg("allocation %d: %s", (int)nth, error.text);
        assert_true(nth < 5000);
    }
    assert_int_equal(plan_choices(plan->plan)->color, PNG_COLOR_PALETTE);
    sgr_plan_close(&plan);
    assert_int_equal(count_handles(), handles);
}

/* Only a plan that was made up can be like this; wrong pixels must not come of it. */
static void a_palette_without_the_arts_colours_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_error error = {SGR_OK, ""};
    put_looks(fixture, (struct look){10, false, 0}, (struct look){10, false, 0});
    struct sgr_plan *plan = make_plan(fixture, &error);
    assert_non_null(plan);
    const char *path = full_path(fixture, "1.png");
    assert_int_equal(sgr_render_file(plan, 1, path, &error), SGR_OK);
    uint32_t *colors = (uint32_t *)(uintptr_t)plan_choices(plan->plan)->palette.colors;
    colors[1] ^= 1;
    assert_int_equal(sgr_render_file(plan, 1, path, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "palette"));
    sgr_plan_close(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_art_decides_the_colour_type),
        TEST(a_palette_that_makes_files_larger_is_not_taken),
        TEST(choosing_without_memory_leaves_nothing),
        TEST(a_palette_without_the_arts_colours_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
