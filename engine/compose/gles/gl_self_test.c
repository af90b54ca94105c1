/*
 * Two pages a test: backdrops, and sources to be put on them. It goes through the same work list,
 * program, target and ring as a run does. Frames of nothing and of everything take turns on one
 * target, so that memory which shows what was there earlier does not pass, nor a copy that the next
 * frame overtakes.
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
    MODE_ROWS = 8,                      /* of a mode in the test of modes */
    PLACE_ROWS = 2 * SHEET_TILE_HEIGHT, /* of the test of places */
    TIE_TRIES = 8,
    FRAMES = 2,
    WAIT_MS = 1000
};

/* The tests; each has a page of backdrops and one of sources. The test of places has the last's. */
enum { TEST_OPAQUE, TEST_TIES, TEST_MODES, TEST_COUNT };

/* Rows of the target: first those of whole pages, then those of places. */
enum {
    PAGE_ROWS = TEST_MODES * SIDE + BLEND_MODE_COUNT * MODE_ROWS,
    ROWS = PAGE_ROWS + PLACE_ROWS,
    PAGE_SLABS = PAGE_ROWS / MODE_ROWS,
    SLABS = PAGE_SLABS + PLACE_ROWS / SHEET_TILE_HEIGHT
};

/* Rectangles that lie elsewhere on their page than on the canvas, seen in some tiles only. */
static const struct place {
    uint32_t left;
    uint32_t top;
    uint32_t right;
    uint32_t bottom;
    uint32_t x; /* on the page */
    uint32_t y;
    uint32_t mask;
} whole = {0, 0, SIDE, SIDE, 0, 0, (UINT32_C(1) << (SIDE / SHEET_TILE_WIDTH)) - 1},
  source_place = {13, 3, 201, PLACE_ROWS - 3, 7, 5, 0xb5},
  backdrop_place = {1, 0, SIDE, PLACE_ROWS - 1, 0, 11, 0xf7};

_Static_assert(BLEND_MODE_COUNT *MODE_ROWS <= SIDE, "the modes do not fit a page");

/* What is painted, and what must come out. */
struct test {
    struct gl_painter *painter;
    uint32_t *pages; /* [TEST_COUNT * 2 * PIXELS] */
    uint32_t *words; /* the work list */
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

static uint32_t *put_draw(uint32_t *draw, const struct place *place, uint32_t layer,
                          enum blend_mode mode)
{
    draw[0] = layer << 8 | (uint32_t)mode;
    draw[1] = place->right << 16 | place->left;
    draw[2] = place->bottom << 16 | place->top;
    draw[3] = place->y << 16 | place->x;
    draw[4] = place->mask;
    return draw + WORK_DRAW_WORDS + 1;
}

/* The work list: slabs of a mode's rows, then of places; sources on backdrops, or nothing. */
static size_t put_work(struct test *test, bool empty)
{
    uint32_t *draw = test->words + (size_t)SLABS * WORK_SLAB_WORDS;
    for (uint32_t index = 0; index < SLABS; index++) {
        uint32_t *slab = test->words + (size_t)index * WORK_SLAB_WORDS;
        bool placed = index >= PAGE_SLABS;
        uint32_t rows = placed ? SHEET_TILE_HEIGHT : MODE_ROWS;
        uint32_t top = placed ? (index - PAGE_SLABS) * rows : index * rows;
        uint32_t layer = (placed ? TEST_MODES : top / SIDE) * 2;
        slab[0] = placed ? PAGE_ROWS + top : top;
        slab[1] = rows << 16 | top % SIDE;
        slab[2] = (uint32_t)(draw - test->words);
        slab[3] = empty ? 0 : 2;
        draw = put_draw(draw, placed ? &source_place : &whole, layer + 1,
                        placed ? BLEND_NORMAL : mode_of(test, top));
        draw = put_draw(draw, placed ? &backdrop_place : &whole, layer, BLEND_NORMAL);
    }
    return (size_t)(draw - test->words);
}

/* What a draw has to show at a pixel. */
static uint32_t placed_pixel(const struct place *place, const uint32_t *page, uint32_t row,
                             uint32_t column)
{
    bool inside = column >= place->left && column < place->right && row >= place->top &&
                  row < place->bottom && (place->mask >> (column / SHEET_TILE_WIDTH) & 1);
    return inside ? page[(row - place->top + place->y) * SIDE + column - place->left + place->x]
                  : 0;
}

/* What was on what, and what must come of it. */
struct expected {
    uint32_t backdrop;
    uint32_t source;
    enum blend_mode mode;
    uint32_t result;
};

static struct expected expect(const struct test *test, uint32_t row, uint32_t column)
{
    bool placed = row >= PAGE_ROWS;
    int which = placed ? TEST_MODES : (int)(row / SIDE);
    uint32_t top = placed ? row - PAGE_ROWS : row % SIDE;
    struct expected at = {
        placed_pixel(placed ? &backdrop_place : &whole, backdrops(test, which), top, column),
        placed_pixel(placed ? &source_place : &whole, sources(test, which), top, column),
        placed ? BLEND_NORMAL : mode_of(test, row), 0};
    at.result = blend_pixel(at.mode, blend_pixel(BLEND_NORMAL, 0, at.backdrop), at.source);
    return at;
}

static enum sgr_status compare(const struct test *test, const uint32_t *pixels, bool empty,
                               struct sgr_error *error)
{
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint32_t column = 0; column < SIDE; column++) {
            uint32_t made = pixels[row * SIDE + column];
            struct expected right = expect(test, row, column);
            if (made == (empty ? 0 : right.result))
                continue;
            return error_set(
                error, SGR_INTERNAL,
                "the %s program is wrong here: %s of %08x on %08x gives %08x, not %08x",
                gl_program_name(test->painter->kind), blend_mode_name(right.mode), right.source,
                right.backdrop, made, empty ? 0 : right.result);
        }
    }
    return SGR_OK;
}

/* Has a frame painted, and copied to a slot of the ring. */
static enum sgr_status submit_frame(struct test *test, unsigned slot, bool empty,
                                    struct sgr_error *error)
{
    size_t count = put_work(test, empty);
    gl_work_set(&test->work, test->painter, test->words, count);
    struct gl_painting painting = {test->texture, &test->work, 1, SLABS, ROWS};
    gl_painter_paint(test->painter, &test->target, &painting);
    return gl_ring_read(&test->ring, slot, test->painter, &test->target, painting.rows, error);
}

static enum sgr_status check_frame(struct test *test, unsigned slot, bool empty,
                                   struct sgr_error *error)
{
    const uint32_t *pixels = NULL;
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK && !pixels)
        status = gl_ring_collect(&test->ring, slot, WAIT_MS, &pixels, error);
    return status == SGR_OK ? compare(test, pixels, empty, error) : status;
}

/* Frames of nothing and of everything in turn; all are on their way before one is looked at. */
static enum sgr_status run_frames(struct test *test, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    for (unsigned frame = 0; frame < FRAMES && status == SGR_OK; frame++)
        status = submit_frame(test, frame, frame % 2 == 0, error);
    for (unsigned frame = 0; frame < FRAMES && status == SGR_OK; frame++)
        status = check_frame(test, frame, frame % 2 == 0, error);
    /* Once more into a slot that was read. */
    if (status == SGR_OK)
        status = submit_frame(test, 0, false, error);
    return status == SGR_OK ? check_frame(test, 0, false, error) : status;
}

static enum sgr_status set_up(struct test *test, bool persistent, struct sgr_error *error)
{
    struct gl_painter *painter = test->painter;
    struct gl_context *context = painter->context;
    size_t words = (size_t)SLABS * (WORK_SLAB_WORDS + 2 * (WORK_DRAW_WORDS + 1)) + WORK_COLUMNS;
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
    status = gl_target_init(&test->target, painter, SIDE, ROWS, error);
    if (status == SGR_OK)
        status =
            gl_ring_init(&test->ring, context, FRAMES, (size_t)ROWS * SIDE * 4, persistent, error);
    return status;
}

enum sgr_status gl_self_test(struct gl_painter *painter, bool persistent, struct sgr_error *error)
{
    struct test test = {.painter = painter};
    enum sgr_status status = set_up(&test, persistent, error);
    if (status == SGR_OK)
        status = run_frames(&test, error);
    gl_ring_finish(&test.ring);
    gl_work_finish(&test.work, painter);
    gl_target_finish(&test.target, painter);
    if (test.texture)
        painter->context->gl.DeleteTextures(1, &test.texture);
    memory_free(test.pages);
    memory_free(test.words);
    return status;
}
