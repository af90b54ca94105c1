/*
 * Pixels a nanosecond of every loop in every kernel table: rows of 1024 pixels of noise with random
 * alpha on an opaque backdrop (`over` also on a translucent one), the median of many repetitions,
 * beside pixman's source-over on 8-bit premultiplied pixels of the same size.
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

enum { WIDTH = 1024, ROWS = 16, PIXELS = WIDTH * ROWS, REPETITIONS = 2001 };

/* The rows that all measurements use. */
struct rows {
    uint32_t source[PIXELS];
    uint32_t backdrop[PIXELS];
    uint8_t packed[3 * PIXELS];
    uint8_t blend_table[BLEND_TABLE_BYTES];
    pixman_image_t *pixman_source;
    pixman_image_t *pixman_backdrop;
};

typedef void (*measured)(const struct kernel_table *table, struct rows *rows);

static void run_over_opaque(const struct kernel_table *table, struct rows *rows)
{
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->over_opaque(rows->backdrop + at, rows->source + at, WIDTH);
}

static void run_over(const struct kernel_table *table, struct rows *rows)
{
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->over(rows->backdrop + at, rows->source + at, WIDTH);
}

static void run_separable(const struct kernel_table *table, struct rows *rows)
{
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->separable(rows->backdrop + at, rows->source + at, WIDTH, rows->blend_table);
}

static void run_pack_rgb(const struct kernel_table *table, struct rows *rows)
{
    for (size_t at = 0; at < PIXELS; at += WIDTH)
        table->pack_rgb(rows->packed + 3 * at, rows->backdrop + at, WIDTH);
}

/* One call for all rows, which spares pixman the cost of a call for each. */
static void run_pixman(const struct kernel_table *table, struct rows *rows)
{
    (void)table;
    pixman_image_composite32(PIXMAN_OP_OVER, rows->pixman_source, NULL, rows->pixman_backdrop, 0, 0,
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
static double median_speed(measured run, const struct kernel_table *table, struct rows *rows,
                           const uint32_t *backdrop)
{
    double speeds[REPETITIONS];
    for (int repetition = 0; repetition < REPETITIONS; repetition++) {
        memcpy(rows->backdrop, backdrop, sizeof rows->backdrop);
        uint64_t begin = machine_now_ns();
        run(table, rows);
        uint64_t duration = machine_now_ns() - begin;
        speeds[repetition] = (double)PIXELS / (double)(duration ? duration : 1);
    }
    qsort(speeds, REPETITIONS, sizeof *speeds, compare_doubles);
    return speeds[REPETITIONS / 2];
}

static void print_tables(struct rows *rows, const uint32_t *opaque, const uint32_t *translucent)
{
    static const struct {
        const char *name;
        measured run;
        bool on_translucent;
        bool is_like_pixman;
    } loops[] = {
        {"over_opaque", run_over_opaque, false, true},
        {"over", run_over, false, true},
        {"over, translucent backdrop", run_over, true, true},
        {"separable", run_separable, false, false},
        {"pack_rgb", run_pack_rgb, false, false},
    };
    double pixman = median_speed(run_pixman, NULL, rows, opaque);
    printf("%-10s %-28s %12s %12s\n", "kernel", "loop", "pixels/ns", "of pixman");
    for (const struct kernel_table *const *table = kernel_list(); *table; table++) {
        for (size_t index = 0; index < sizeof loops / sizeof loops[0]; index++) {
            const uint32_t *backdrop = loops[index].on_translucent ? translucent : opaque;
            double speed = median_speed(loops[index].run, *table, rows, backdrop);
            printf("%-10s %-28s %12.3f", (*table)->name, loops[index].name, speed);
            if (loops[index].is_like_pixman)
                printf(" %12.2f", speed / pixman);
            printf("\n");
        }
    }
    printf("%-10s %-28s %12.3f %12.2f\n", "pixman", "over, premultiplied", pixman, 1.0);
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
    blend_table_fill(BLEND_MULTIPLY, rows.blend_table);
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
    print_tables(&rows, opaque, translucent);
    pixman_image_unref(rows.pixman_source);
    pixman_image_unref(rows.pixman_backdrop);
    return 0;
}
