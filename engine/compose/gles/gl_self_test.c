/*
 * Two pages a test: backdrops, and sources to be put on them. It goes through the same work list,
 * program, target and ring as a run does. A first frame of nothing comes before, so that memory
 * which shows what was there earlier does not pass.
 */
#include "compose/gles/gl_self_test.h"

#include "base/memory.h"
#include "base/random.h"
#include "compose/gles/gl_pages.h"
#include "compose/gles/gl_ring.h"
#include "compose/gles/work_list.h"
#include "image/blend.h"
#include "image/image.h"

#include <string.h>

enum {
    SIDE = 256,
    PIXELS = SIDE * SIDE,
    MODE_ROWS = 8, /* of a mode in the test of modes */
    TIE_TRIES = 8,
    WAIT_MS = 1000
};

/* The tests; each has a page of backdrops and one of sources. */
enum { TEST_OPAQUE, TEST_TIES, TEST_MODES, TEST_COUNT };

_Static_assert(BLEND_MODE_COUNT *MODE_ROWS <= SIDE, "the modes do not fit a page");

/* What is painted, and what must come out. */
struct test {
    struct gl_painter *painter;
    uint32_t *pages; /* [TEST_COUNT * 2 * PIXELS] */
    uint32_t *words; /* the work list */
    size_t slab_count;
    struct gl_work work;
    struct gl_target target;
    struct gl_ring ring;
    GLuint texture;
};

static uint32_t *backdrops(const struct test *test, int which)
{
    return test->pages + (size_t)which * 2 * PIXELS;
}

static uint32_t *sources(const struct test *test, int which)
{
    return backdrops(test, which) + PIXELS;
}

static uint32_t pixel_of(uint32_t red, uint32_t green, uint32_t blue, uint32_t alpha)
{
    return (red & 255) | (green & 255) << 8 | (blue & 255) << 16 | alpha << 24;
}

/* Every backdrop, in each channel, under every alpha, with sources from the whole range. */
static void fill_opaque(const struct test *test)
{
    for (uint32_t index = 0; index < PIXELS; index++) {
        uint32_t value = index / SIDE;
        uint32_t alpha = index % SIDE;
        backdrops(test, TEST_OPAQUE)[index] = pixel_of(value, value, value, 255);
        sources(test, TEST_OPAQUE)[index] =
            pixel_of(value * 5 + alpha * 3, 255 - alpha, (value ^ alpha) * 7, alpha);
    }
}

/* How far a channel's quotient is from a tie, in units of one over twice its divisor. */
static uint32_t tie_distance(uint32_t backdrop, uint32_t source, uint32_t alphas)
{
    uint32_t source_alpha = alphas & 255;
    uint32_t under = (255 - source_alpha) * (alphas >> 8);
    uint32_t divisor = 255 * source_alpha + under;
    uint32_t sum = source_alpha * 255 * source + under * backdrop;
    if (divisor == 0)
        return 0;
    uint32_t rest = 2 * (sum % divisor);
    return rest > divisor ? rest - divisor : divisor - rest;
}

/* Two colours, backdrop << 8 and source, that come near a tie under a pair of alphas. */
static uint32_t near_tie(struct random *random, uint32_t alphas)
{
    uint32_t best = 0;
    uint32_t best_distance = UINT32_MAX;
    for (int trial = 0; trial < TIE_TRIES; trial++) {
        uint32_t colors = (uint32_t)random_next(random) & 0xffff;
        uint32_t distance = tie_distance(colors >> 8, colors & 255, alphas);
        if (distance < best_distance) {
            best = colors;
            best_distance = distance;
        }
    }
    return best;
}

/* Every pair of alphas, with colours of such kind. */
static void fill_ties(const struct test *test, struct random *random)
{
    for (uint32_t index = 0; index < PIXELS; index++) {
        uint32_t backdrop = index >> 8 << 24;
        uint32_t source = index << 24;
        for (int shift = 0; shift < 24; shift += 8) {
            uint32_t colors = near_tie(random, index);
            backdrop |= colors >> 8 << shift;
            source |= (colors & 255) << shift;
        }
        backdrops(test, TEST_TIES)[index] = backdrop;
        sources(test, TEST_TIES)[index] = source;
    }
}

/* A pixel of any kind; the ends of every range come often. */
static uint32_t any_pixel(struct random *random)
{
    uint32_t pixel = (uint32_t)random_next(random);
    uint32_t ends = (uint32_t)random_next(random);
    for (int shift = 0; shift < 32; shift += 8) {
        if ((ends >> shift & 7) == 0)
            pixel |= UINT32_C(255) << shift;
        if ((ends >> shift & 7) == 1)
            pixel &= ~(UINT32_C(255) << shift);
    }
    return pixel;
}

static void fill_modes(const struct test *test, struct random *random)
{
    for (uint32_t index = 0; index < PIXELS; index++) {
        backdrops(test, TEST_MODES)[index] = any_pixel(random);
        sources(test, TEST_MODES)[index] = any_pixel(random);
    }
}

/* Which mode a row of a test is in. */
static enum blend_mode mode_of(const struct test *test, size_t row)
{
    size_t in_modes = row - TEST_MODES * SIDE;
    bool normal = row < TEST_MODES * SIDE || !test->painter->tables;
    return normal ? BLEND_NORMAL : (enum blend_mode)(in_modes / MODE_ROWS);
}

static size_t row_count(void)
{
    return TEST_MODES * SIDE + BLEND_MODE_COUNT * MODE_ROWS;
}

/* Writes a draw of a whole page. */
static uint32_t *put_draw(uint32_t *draw, uint32_t layer, enum blend_mode mode)
{
    draw[0] = layer << 8 | (uint32_t)mode;
    draw[1] = SIDE << 16;
    draw[2] = SIDE << 16;
    draw[3] = 0;
    draw[4] = (UINT32_C(1) << (SIDE / SHEET_TILE_WIDTH)) - 1;
    return draw + WORK_DRAW_WORDS + 1;
}

/* The work list: slabs of a mode's rows, each with its source on its backdrop, or with nothing. */
static size_t put_work(struct test *test, bool empty)
{
    test->slab_count = row_count() / MODE_ROWS;
    uint32_t *draw = test->words + test->slab_count * WORK_SLAB_WORDS;
    for (size_t index = 0; index < test->slab_count; index++) {
        uint32_t *slab = test->words + index * WORK_SLAB_WORDS;
        uint32_t row = (uint32_t)(index * MODE_ROWS);
        uint32_t layer = row / SIDE * 2;
        slab[0] = row;
        slab[1] = (uint32_t)MODE_ROWS << 16 | row % SIDE;
        slab[2] = (uint32_t)(draw - test->words);
        slab[3] = empty ? 0 : 2;
        draw = put_draw(draw, layer + 1, mode_of(test, row));
        draw = put_draw(draw, layer, BLEND_NORMAL);
    }
    return (size_t)(draw - test->words);
}

static uint32_t expected(const struct test *test, size_t row, size_t column)
{
    size_t at = row % SIDE * SIDE + column;
    int which = (int)(row / SIDE);
    uint32_t backdrop = blend_pixel(BLEND_NORMAL, 0, backdrops(test, which)[at]);
    return blend_pixel(mode_of(test, row), backdrop, sources(test, which)[at]);
}

static enum sgr_status compare(const struct test *test, const uint32_t *pixels, bool empty,
                               struct sgr_error *error)
{
    for (size_t row = 0; row < row_count(); row++) {
        for (size_t column = 0; column < SIDE; column++) {
            uint32_t made = pixels[row * SIDE + column];
            uint32_t right = empty ? 0 : expected(test, row, column);
            if (made == right)
                continue;
            size_t at = row / SIDE * 2 * PIXELS + row % SIDE * SIDE + column;
            return error_set(
                error, SGR_INTERNAL,
                "the %s program is wrong here: %s of %08x on %08x gives %08x, not %08x",
                gl_program_name(test->painter->kind), blend_mode_name(mode_of(test, row)),
                test->pages[at + PIXELS], test->pages[at], made, right);
        }
    }
    return SGR_OK;
}

/* Paints, waits, compares. */
static enum sgr_status run_frame(struct test *test, bool empty, struct sgr_error *error)
{
    size_t count = put_work(test, empty);
    enum sgr_status status = gl_work_set(&test->work, test->painter, test->words, count, error);
    if (status != SGR_OK)
        return status;
    struct gl_painting painting = {test->texture, &test->work, 1, test->slab_count,
                                   (uint32_t)row_count()};
    gl_painter_paint(test->painter, &test->target, &painting);
    status = gl_ring_read(&test->ring, 0, test->painter, &test->target, painting.rows, error);
    const uint32_t *pixels = NULL;
    while (status == SGR_OK && !pixels)
        status = gl_ring_collect(&test->ring, 0, WAIT_MS, &pixels, error);
    return status == SGR_OK ? compare(test, pixels, empty, error) : status;
}

static enum sgr_status set_up(struct test *test, bool persistent, struct sgr_error *error)
{
    struct gl_painter *painter = test->painter;
    struct gl_context *context = painter->context;
    size_t words = row_count() * (WORK_SLAB_WORDS + 2 * (WORK_DRAW_WORDS + 1)) + WORK_COLUMNS;
    struct random random;
    random_init(&random, "self-test", 9);
    test->pages = memory_allocate((size_t)TEST_COUNT * 2 * PIXELS, sizeof *test->pages);
    test->words = memory_allocate_zeroed(words, sizeof *test->words);
    if (!test->pages || !test->words)
        return error_no_memory(error, "the self-test");
    fill_opaque(test);
    fill_ties(test, &random);
    fill_modes(test, &random);
    enum sgr_status status = gl_pages_texture(context, SIDE, TEST_COUNT * 2, &test->texture, error);
    if (status != SGR_OK)
        return status;
    for (uint32_t layer = 0; layer < TEST_COUNT * 2; layer++)
        gl_pages_upload(context, test->texture, SIDE, layer, test->pages + (size_t)layer * PIXELS);
    status = gl_target_init(&test->target, painter, SIDE, (uint32_t)row_count(), error);
    if (status == SGR_OK)
        status = gl_ring_init(&test->ring, context, 1, row_count() * SIDE * 4, persistent, error);
    return status;
}

enum sgr_status gl_self_test(struct gl_painter *painter, bool persistent, struct sgr_error *error)
{
    struct test test = {.painter = painter};
    enum sgr_status status = set_up(&test, persistent, error);
    if (status == SGR_OK)
        status = run_frame(&test, true, error);
    if (status == SGR_OK)
        status = run_frame(&test, false, error);
    gl_ring_finish(&test.ring);
    gl_work_finish(&test.work, painter);
    gl_target_finish(&test.target, painter);
    if (test.texture)
        painter->context->gl.DeleteTextures(1, &test.texture);
    memory_free(test.pages);
    memory_free(test.words);
    return status;
}
