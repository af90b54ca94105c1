/*
 * The front of size and speed on finished images, on one core: our encoders and the libraries' on
 * strips of rows, and writers of whole PNG files. Every result is first decoded by libraries that
 * did not make it. Then all encoders take turns at every image, round after round, and the median
 * round counts. Prints a table for each height of strips, fastest first; a star marks encoders that
 * no other one beats in both time and size.
 *
 * usage: encoder_bench [--rounds N] [--only NAME,...] ROWS[,ROWS...] rgb|rgba IMAGE.png...
 */
#include "base/text.h"
#include "bench_encoder.h"
#include "codec/picture.h"
#include "os/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: encoder_bench [--rounds N] [--only NAME,...] ROWS[,ROWS...] rgb|rgba IMAGE.png...";

enum { ROUNDS_DEFAULT = 5, ROUNDS_MAX = 1000, HEIGHTS_MAX = 8, LANES_MAX = 256 };

/* What was asked for. */
struct options {
    unsigned rounds;
    const char *only; /* names of encoders with commas between, or NULL for all */
    uint32_t heights[HEIGHTS_MAX];
    unsigned height_count;
    unsigned pixel_bytes;
    char **paths;
    unsigned path_count;
};

/* An encoder, the rows that it is given at once, and what it took and gave. */
struct lane {
    const struct bench_encoder *encoder;
    bool is_file;
    uint32_t rows;
    void *state;
    uint64_t bytes;
    uint64_t *round_ns;
    uint64_t ns; /* the median round */
};

/* Everything that is measured, with the buffers that all encoders use. */
struct bench {
    struct options options;
    const struct kernel_table *kernels;
    uint32_t width;
    uint32_t height;
    uint8_t *raw;
    struct bench_target target;
    struct lane lanes[LANES_MAX];
    unsigned lane_count;
};

/* Whether the list, with commas between its words, holds the word. */
static bool list_holds(const char *list, const char *word)
{
    size_t length = strlen(word);
    while (true) {
        size_t item = strcspn(list, ",");
        if (item == length && memcmp(list, word, length) == 0)
            return true;
        if (list[item] == 0)
            return false;
        list += item + 1;
    }
}

static void read_heights(struct options *options, const char *list)
{
    while (*list) {
        char *end;
        unsigned long rows = strtoul(list, &end, 10);
        if (rows < 1 || rows > IMAGE_SIDE_MAX || (*end && *end != ',') ||
            options->height_count == HEIGHTS_MAX)
            bench_quit("ROWS are up to 8 numbers from 1 to 32767 with commas between");
        options->heights[options->height_count++] = (uint32_t)rows;
        list = *end ? end + 1 : end;
    }
}

static struct options read_options(int count, char **words)
{
    struct options options = {.rounds = ROUNDS_DEFAULT};
    int at = 1;
    for (; at + 1 < count && strncmp(words[at], "--", 2) == 0; at += 2) {
        uint64_t rounds;
        if (strcmp(words[at], "--only") == 0)
            options.only = words[at + 1];
        else if (strcmp(words[at], "--rounds") != 0)
            bench_quit(usage);
        else if (!text_parse_whole(words[at + 1], ROUNDS_MAX, &rounds) || rounds < 1)
            bench_quit("--rounds is 1 to 1000");
        else
            options.rounds = (unsigned)rounds;
    }
    if (count - at < 3)
        bench_quit(usage);
    read_heights(&options, words[at]);
    if (strcmp(words[at + 1], "rgb") != 0 && strcmp(words[at + 1], "rgba") != 0)
        bench_quit(usage);
    options.pixel_bytes = strcmp(words[at + 1], "rgb") == 0 ? 3 : 4;
    options.paths = words + at + 2;
    options.path_count = (unsigned)(count - at - 2);
    return options;
}

static void add_lane(struct bench *bench, const struct bench_encoder *encoder, uint32_t rows,
                     bool is_file)
{
    const struct options *options = &bench->options;
    struct bench_shape shape = {bench->width, rows, options->pixel_bytes, bench->kernels};
    if (options->only && !list_holds(options->only, encoder->name))
        return;
    if (bench->lane_count == LANES_MAX)
        bench_quit("too many encoders");
    size_t size = options->rounds * sizeof(uint64_t);
    struct lane *lane = &bench->lanes[bench->lane_count++];
    lane->encoder = encoder;
    lane->is_file = is_file;
    lane->rows = rows;
    lane->state = encoder->create ? encoder->create(&shape, encoder->level) : NULL;
    lane->round_ns = bench_allocate(size);
    memset(lane->round_ns, 0, size);
}

/* Makes the encoders and the buffers for images of the first one's size. */
static void prepare(struct bench *bench, const struct image *first)
{
    const struct options *options = &bench->options;
    uint32_t rows_max = first->height;
    bench->width = first->width;
    bench->height = first->height;
    for (unsigned index = 0; index < options->height_count; index++) {
        uint32_t rows = options->heights[index];
        rows_max = rows > rows_max ? rows : rows_max;
        for (const struct bench_encoder *strip = bench_strip_encoders; strip->name; strip++)
            add_lane(bench, strip, rows, false);
    }
    for (const struct bench_encoder *file = bench_file_encoders; file->name; file++)
        add_lane(bench, file, first->height, true);
    if (bench->lane_count == 0)
        bench_quit("--only names no encoder; the names are those of the table");
    size_t raw_max = (size_t)rows_max * (1 + (size_t)first->width * options->pixel_bytes);
    bench->raw = bench_allocate(raw_max);
    bench->target.room = bench_room(raw_max);
    bench->target.data = bench_allocate(bench->target.room);
}

static void finish(struct bench *bench)
{
    for (unsigned index = 0; index < bench->lane_count; index++) {
        struct lane *lane = &bench->lanes[index];
        if (lane->encoder->destroy)
            lane->encoder->destroy(lane->state);
        free(lane->round_ns);
    }
    free(bench->raw);
    free(bench->target.data);
}

/* Packs rows of the image as a run does right before it encodes them. */
static struct pixel_rows pack(struct bench *bench, const struct image *image, uint32_t top,
                              uint32_t rows_max)
{
    unsigned pixel_bytes = bench->options.pixel_bytes;
    size_t row_bytes = (size_t)image->width * pixel_bytes;
    uint32_t left = image->height - top;
    struct pixel_rows rows = {image->pixels + (size_t)top * image->width, bench->raw, image->width,
                              left < rows_max ? left : rows_max, pixel_bytes};
    for (uint32_t row = 0; row < rows.rows; row++) {
        const uint32_t *pixels = rows.pixels + (size_t)row * image->width;
        uint8_t *target = bench->raw + row * (1 + row_bytes);
        *target++ = 0;
        if (pixel_bytes == 3)
            bench->kernels->pack_rgb(target, pixels, image->width);
        else
            memcpy(target, pixels, row_bytes);
    }
    return rows;
}

/*
 * Encodes an image and returns the nanoseconds, without the packing; `check` also decodes and
 * counts. Each strip is encoded once: again and again would teach the CPU's branch predictor the
 * strip, and make the fastest encoders look half as fast again.
 */
static uint64_t encode_image(struct bench *bench, struct lane *lane, const struct image *image,
                             bool check)
{
    uint64_t taken = 0;
    for (uint32_t top = 0; top < image->height; top += lane->rows) {
        struct pixel_rows rows = pack(bench, image, top, lane->rows);
        bench->target.size = 0;
        uint64_t start = machine_now_ns();
        lane->encoder->encode(lane->state, lane->encoder->level, &rows, &bench->target);
        taken += machine_now_ns() - start;
        if (!check)
            continue;
        lane->bytes += bench->target.size;
        if (lane->is_file)
            bench_check_file(lane->encoder->name, &bench->target, &rows);
        else
            bench_check_strip(lane->encoder->name, &bench->target, &rows);
    }
    return taken;
}

static void read_image(const char *path, struct image *image)
{
    struct sgr_error error;
    if (picture_read(path, image, &error) != SGR_OK)
        bench_quit(error.text);
}

static void check_image(struct bench *bench, const char *path)
{
    struct image image;
    read_image(path, &image);
    if (bench->lane_count == 0)
        prepare(bench, &image);
    if (image.width != bench->width || image.height != bench->height)
        bench_quit("all images must have one size");
    for (unsigned index = 0; index < bench->lane_count; index++)
        (void)encode_image(bench, &bench->lanes[index], &image, true);
    image_finish(&image);
}

static void time_image(struct bench *bench, const char *path, unsigned round)
{
    struct image image;
    read_image(path, &image);
    for (unsigned index = 0; index < bench->lane_count; index++) {
        struct lane *lane = &bench->lanes[index];
        lane->round_ns[round] += encode_image(bench, lane, &image, false);
    }
    image_finish(&image);
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static int compare_speed(const void *left, const void *right)
{
    const struct lane *a = left;
    const struct lane *b = right;
    return (a->ns > b->ns) - (a->ns < b->ns);
}

static void take_medians(struct bench *bench)
{
    unsigned rounds = bench->options.rounds;
    for (unsigned index = 0; index < bench->lane_count; index++) {
        struct lane *lane = &bench->lanes[index];
        qsort(lane->round_ns, rounds, sizeof *lane->round_ns, compare_numbers);
        lane->ns = lane->round_ns[rounds / 2];
    }
    qsort(bench->lanes, bench->lane_count, sizeof *bench->lanes, compare_speed);
}

/* Two that make the same bytes in the same time, but for noise, are both on the front. */
static bool beats(const struct lane *lane, const struct lane *other)
{
    enum { NOISE_PERCENT = 1 };
    bool is_faster = lane->ns * 100 < other->ns * (100 - NOISE_PERCENT);
    return (lane->bytes <= other->bytes && is_faster) ||
           (lane->bytes < other->bytes && lane->ns <= other->ns);
}

static bool in_table(const struct lane *lane, uint32_t rows)
{
    return lane->is_file || lane->rows == rows;
}

static bool is_on_front(const struct bench *bench, const struct lane *lane, uint32_t rows)
{
    for (unsigned index = 0; index < bench->lane_count; index++) {
        const struct lane *other = &bench->lanes[index];
        if (in_table(other, rows) && beats(other, lane))
            return false;
    }
    return true;
}

/* The strips of one height together with the whole files. */
static void print_table(const struct bench *bench, uint32_t rows)
{
    const struct options *options = &bench->options;
    unsigned images = options->path_count;
    double raw_bytes =
        (double)bench->height * (1 + (double)bench->width * options->pixel_bytes) * images;
    printf("%u images of %ux%u, %s; strips of %u rows; median of %u rounds\n\n", images,
           bench->width, bench->height, options->pixel_bytes == 3 ? "RGB" : "RGBA", rows,
           options->rounds);
    printf("| encoder         | of    |      ms |      KB |  MB/s | front |\n");
    printf("| --------------- | ----- | ------: | ------: | ----: | ----- |\n");
    for (unsigned index = 0; index < bench->lane_count; index++) {
        const struct lane *lane = &bench->lanes[index];
        if (!in_table(lane, rows))
            continue;
        printf("| %-15s | %-5s | %7.2f | %7.1f | %5.0f | %-5s |\n", lane->encoder->name,
               lane->is_file ? "file" : "strip", (double)lane->ns / images / 1e6,
               (double)lane->bytes / images / 1e3, raw_bytes / ((double)lane->ns / 1e9) / 1e6,
               is_on_front(bench, lane, rows) ? "*" : "");
    }
    printf("\n");
}

int main(int count, char **words)
{
    static struct bench bench;
    struct sgr_error error;
    bench.options = read_options(count, words);
    const struct options *options = &bench.options;
    if (kernel_choose("auto", &bench.kernels, &error) != SGR_OK)
        bench_quit(error.text);
    for (unsigned index = 0; index < options->path_count; index++)
        check_image(&bench, options->paths[index]);
    for (unsigned round = 0; round < options->rounds; round++) {
        for (unsigned index = 0; index < options->path_count; index++)
            time_image(&bench, options->paths[index], round);
    }
    take_medians(&bench);
    for (unsigned index = 0; index < options->height_count; index++)
        print_table(&bench, options->heights[index]);
    finish(&bench);
    return 0;
}
