/*
 * Pixels a nanosecond of every loop in every kernel table: rows of 1024 pixels of noise with random
 * alpha on an opaque backdrop, and where that makes a difference on a translucent one, the median
 * of many repetitions, beside what pixman does for the same on 8-bit premultiplied pixels.
 */
#include "image/blend.h"
#include "kernel/kernel.h"

#include "base/random.h"
#include "os/machine.h"

#include <pixman.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 1024, ROWS = 16, PIXELS = WIDTH * ROWS, REPETITIONS = 501 };

enum { LOOPS_MAX = 5 + 2 * BLEND_MODE_COUNT };

/* The rows that all measurements use. */
struct rows {
    uint32_t source[PIXELS];
    uint32_t backdrop[PIXELS];
    uint8_t packed[3 * PIXELS];
    uint64_t mask[WIDTH / 64];
    uint8_t blend_table[BLEND_TABLE_BYTES];
    pixman_image_t *pixman_source;
    pixman_image_t *pixman_backdrop;
};

/* A loop that is measured; `mode` is for those of the separable modes. */
struct loop {
    const char *name;
    void (*run)(const struct kernel_table *table, const struct loop *loop, struct rows *rows);
    enum blend_mode mode;
    pixman_op_t pixman; /* PIXMAN_OP_SRC: it has none */
    bool on_translucent;
};

static void run_over_opaque(const struct kernel_table *table, const struct loop *loop,
                            struct rows *rows)
{
    (void)loop;
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->over_opaque(rows->backdrop + at, rows->source + at, WIDTH);
}

static void run_over(const struct kernel_table *table, const struct loop *loop, struct rows *rows)
{
    (void)loop;
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->over(rows->backdrop + at, rows->source + at, WIDTH);
}

static void run_separable(const struct kernel_table *table, const struct loop *loop,
                          struct rows *rows)
{
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->separable[loop->mode](rows->backdrop + at, rows->source + at, WIDTH,
                                     rows->blend_table);
}

static void run_pack_rgb(const struct kernel_table *table, const struct loop *loop,
                         struct rows *rows)
{
    (void)loop;
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->pack_rgb(rows->packed + 3 * at, rows->backdrop + at, WIDTH);
}

static void run_equal_mask(const struct kernel_table *table, const struct loop *loop,
                           struct rows *rows)
{
    (void)loop;
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->equal_mask(rows->mask, rows->backdrop + at, rows->source + at, WIDTH);
}

/* One call for all rows, which spares pixman the cost of a call for each. */
static void run_pixman(const struct kernel_table *table, const struct loop *loop, struct rows *rows)
{
    (void)table;
    pixman_image_composite32(loop->pixman, rows->pixman_source, NULL, rows->pixman_backdrop, 0, 0,
                             0, 0, 0, 0, WIDTH, ROWS);
}

static void fill_noise(struct random *random, uint32_t *pixels, uint32_t alpha)
{
    for (size_t index = 0; index < PIXELS; index++)
        pixels[index] = (uint32_t)random_next(random) | alpha << 24;
}

static void premultiply(uint32_t *pixels)
{
    for (size_t index = 0; index < PIXELS; index++) {
        uint32_t alpha = pixels[index] >> 24;
        uint32_t result = alpha << 24;
        for (int shift = 0; shift < 24; shift += 8)
            result |=
                (uint32_t)blend_scale_alpha((uint8_t)(pixels[index] >> shift & 255), (uint8_t)alpha)
                << shift;
        pixels[index] = result;
    }
}

static int compare_doubles(const void *left, const void *right)
{
    double first = *(const double *)left;
    double second = *(const double *)right;
    return (first > second) - (first < second);
}

/* Copies the backdrop back before each repetition: a translucent one would fill up. */
static double median_speed(const struct loop *loop, const struct kernel_table *table,
                           struct rows *rows, const uint32_t *backdrop)
{
    double speeds[REPETITIONS];
    if (blend_mode_is_separable(loop->mode))
        blend_table_fill(loop->mode, rows->blend_table);
    for (int repetition = 0; repetition < REPETITIONS; repetition++) {
        memcpy(rows->backdrop, backdrop, sizeof rows->backdrop);
        uint64_t begin = machine_now_ns();
        loop->run(table, loop, rows);
        uint64_t duration = machine_now_ns() - begin;
        speeds[repetition] = (double)PIXELS / (double)(duration ? duration : 1);
    }
    qsort(speeds, REPETITIONS, sizeof *speeds, compare_doubles);
    return speeds[REPETITIONS / 2];
}

/* Every loop; the separable modes take two rows each. */
static size_t list_loops(struct loop *loops)
{
    static const pixman_op_t operators[BLEND_MODE_COUNT] = {
        [BLEND_MULTIPLY] = PIXMAN_OP_MULTIPLY,     [BLEND_SCREEN] = PIXMAN_OP_SCREEN,
        [BLEND_OVERLAY] = PIXMAN_OP_OVERLAY,       [BLEND_DARKEN] = PIXMAN_OP_DARKEN,
        [BLEND_LIGHTEN] = PIXMAN_OP_LIGHTEN,       [BLEND_COLOR_DODGE] = PIXMAN_OP_COLOR_DODGE,
        [BLEND_COLOR_BURN] = PIXMAN_OP_COLOR_BURN, [BLEND_HARD_LIGHT] = PIXMAN_OP_HARD_LIGHT,
        [BLEND_SOFT_LIGHT] = PIXMAN_OP_SOFT_LIGHT, [BLEND_DIFFERENCE] = PIXMAN_OP_DIFFERENCE,
        [BLEND_EXCLUSION] = PIXMAN_OP_EXCLUSION,
    };
    static const struct loop simple[] = {
        {"over_opaque", run_over_opaque, BLEND_NORMAL, PIXMAN_OP_OVER, false},
        {"over", run_over, BLEND_NORMAL, PIXMAN_OP_OVER, false},
        {"over", run_over, BLEND_NORMAL, PIXMAN_OP_OVER, true},
        {"pack_rgb", run_pack_rgb, BLEND_NORMAL, PIXMAN_OP_SRC, false},
        {"equal_mask", run_equal_mask, BLEND_NORMAL, PIXMAN_OP_SRC, false},
    };
    size_t count = sizeof simple / sizeof simple[0];
    memcpy(loops, simple, sizeof simple);
    for (enum blend_mode mode = 0; mode < BLEND_MODE_COUNT; mode++) {
        if (!blend_mode_is_separable(mode))
            continue;
        loops[count] =
            (struct loop){blend_mode_name(mode), run_separable, mode, operators[mode], false};
        loops[count + 1] = loops[count];
        loops[count + 1].on_translucent = true;
        count += 2;
    }
    return count;
}

static void print_loop(const struct loop *loop, struct rows *rows, const uint32_t *opaque,
                       const uint32_t *translucent)
{
    const uint32_t *backdrop = loop->on_translucent ? translucent : opaque;
    double pixman = 0;
    if (loop->pixman != PIXMAN_OP_SRC) {
        struct loop theirs = *loop;
        theirs.run = run_pixman;
        pixman = median_speed(&theirs, NULL, rows, backdrop);
    }
    for (const struct kernel_table *const *table = kernel_list(); *table; table++) {
        double speed = median_speed(loop, *table, rows, backdrop);
        printf("%-12s %-12s %-8s %10.3f", loop->name,
               loop->on_translucent ? "translucent" : "opaque", (*table)->name, speed);
        if (pixman > 0)
            printf(" %10.2f", speed / pixman);
        printf("\n");
    }
    if (pixman > 0)
        printf("%-12s %-12s %-8s %10.3f %10.2f\n", loop->name,
               loop->on_translucent ? "translucent" : "opaque", "pixman", pixman, 1.0);
}

int main(void)
{
    static struct rows rows;
    static uint32_t opaque[PIXELS];
    static uint32_t translucent[PIXELS];
    static uint32_t premultiplied[PIXELS];
    struct random random;
    random_init(&random, "bench", 0);
    fill_noise(&random, rows.source, 0);
    fill_noise(&random, opaque, 255);
    fill_noise(&random, translucent, 0);
    memcpy(premultiplied, rows.source, sizeof premultiplied);
    premultiply(premultiplied);
    rows.pixman_source =
        pixman_image_create_bits(PIXMAN_a8r8g8b8, WIDTH, ROWS, premultiplied, WIDTH * 4);
    rows.pixman_backdrop =
        pixman_image_create_bits(PIXMAN_a8r8g8b8, WIDTH, ROWS, rows.backdrop, WIDTH * 4);
    if (!rows.pixman_source || !rows.pixman_backdrop) {
        fprintf(stderr, "no memory for pixman's images\n");
        return 1;
    }
    printf("%d x %d pixels, median of %d\n", WIDTH, ROWS, REPETITIONS);
    printf("%-12s %-12s %-8s %10s %10s\n", "loop", "backdrop", "kernel", "pixels/ns", "of pixman");
    struct loop loops[LOOPS_MAX];
    size_t count = list_loops(loops);
    for (size_t index = 0; index < count; index++)
        print_loop(&loops[index], &rows, opaque, translucent);
    pixman_image_unref(rows.pixman_source);
    pixman_image_unref(rows.pixman_backdrop);
    return 0;
}
