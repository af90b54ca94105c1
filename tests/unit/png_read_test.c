/*
 * Decoding against pictures whose every sample is known: all colour types, depths and both kinds
 * of interlacing, written by libpng; then files that are cut, flipped, and wrong with right CRCs.
 * An argument is the seed.
 */
#include "codec/png_read.h"

#include "art_fixture.h"
#include "base/random.h"
#include "base/text.h"
#include "codec/picture.h"
#include "os/machine.h"

#include <inttypes.h>
#include <zlib.h>

static const char *seed;

/* A picture to be written: its form, and its samples one a number. */
struct source {
    int type;
    int depth;
    int interlace;
    bool transparent; /* with a tRNS chunk */
    uint32_t width;
    uint32_t height;
    uint16_t *samples; /* channels of each pixel, row by row */
    png_color palette[256];
    uint8_t alphas[256];
    uint16_t key[3]; /* of tRNS in grey and RGB */
};

static unsigned channels_of(int type)
{
    static const unsigned channels[] = {1, 0, 3, 1, 2, 0, 4};
    return channels[type];
}

static void make_source(struct random *random, struct source *source)
{
    unsigned channels = channels_of(source->type);
    size_t count = (size_t)source->width * source->height * channels;
    uint64_t limit = UINT64_C(1) << source->depth;
    source->samples = calloc(count, sizeof *source->samples);
    assert_non_null(source->samples);
    for (size_t index = 0; index < count; index++) {
        bool edge = random_below(random, 4) == 0;
        source->samples[index] = (uint16_t)(edge ? (random_below(random, 2) ? limit - 1 : 0)
                                                 : random_below(random, limit));
    }
    for (int index = 0; index < 256; index++) {
        uint64_t noise = random_next(random);
        source->palette[index] =
            (png_color){(uint8_t)noise, (uint8_t)(noise >> 8), (uint8_t)(noise >> 16)};
        source->alphas[index] = (uint8_t)(index % 3 ? noise >> 24 : 0);
    }
    for (unsigned channel = 0; channel < channels && channel < 3; channel++)
        source->key[channel] = source->samples[channel];
}

static uint32_t to_8_bits(uint32_t sample, int depth)
{
    uint32_t most = (1u << depth) - 1;
    return (2 * sample * 255 + most) / (2 * most);
}

/* What the pixel must become, by the PNG specification. */
static uint32_t expected_pixel(const struct source *source, size_t pixel)
{
    unsigned channels = channels_of(source->type);
    const uint16_t *from = source->samples + pixel * channels;
    uint32_t value[4] = {0, 0, 0, 255};
    if (source->type == PNG_COLOR_TYPE_PALETTE) {
        value[0] = source->palette[from[0]].red;
        value[1] = source->palette[from[0]].green;
        value[2] = source->palette[from[0]].blue;
        if (source->transparent && from[0] < (1u << source->depth) / 2)
            value[3] = source->alphas[from[0]];
    } else {
        bool colour = source->type & PNG_COLOR_MASK_COLOR;
        bool keyed = source->transparent;
        for (unsigned channel = 0; channel < 3; channel++) {
            value[channel] = to_8_bits(from[colour ? channel : 0], source->depth);
            keyed &= from[colour ? channel : 0] == source->key[colour ? channel : 0];
        }
        if (source->type & PNG_COLOR_MASK_ALPHA)
            value[3] = to_8_bits(from[channels - 1], source->depth);
        if (keyed)
            value[3] = 0;
    }
    return value[3] ? value[0] | value[1] << 8 | value[2] << 16 | value[3] << 24 : 0;
}

static void write_bytes(png_structp png, png_bytep bytes, png_size_t size)
{
    text_append(png_get_io_ptr(png), (const char *)bytes, size);
}

static void flush_bytes(png_structp png)
{
    (void)png;
}

static void set_transparency(png_structp png, png_infop info, const struct source *source)
{
    png_color_16 key = {.red = source->key[0],
                        .green = source->key[1],
                        .blue = source->key[2],
                        .gray = source->key[0]};
    if (source->type == PNG_COLOR_TYPE_PALETTE)
        png_set_tRNS(png, info, source->alphas, (1 << source->depth) / 2, NULL);
    else
        png_set_tRNS(png, info, NULL, 0, &key);
}

/* Writes the source with chunks that must not matter: gamma, background, a text. */
static void write_source(const struct source *source, struct text *out)
{
    unsigned channels = channels_of(source->type);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    assert_int_equal(setjmp(png_jmpbuf(png)), 0);
    png_set_write_fn(png, out, write_bytes, flush_bytes);
    png_set_IHDR(png, info, source->width, source->height, source->depth, source->type,
                 source->interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (source->type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, source->palette, 1 << source->depth);
    if (source->transparent)
        set_transparency(png, info, source);
    png_color_16 background = {.index = 1, .red = 1, .green = 1, .blue = 1, .gray = 1};
    png_set_bKGD(png, info, &background);
    png_set_gAMA(png, info, 1.0);
    png_text note = {.compression = PNG_TEXT_COMPRESSION_NONE};
    char words[] = "Comment";
    note.key = words;
    note.text = words;
    png_set_text(png, info, &note, 1);
    png_write_info(png, info);
    size_t per_row = (size_t)source->width * channels;
    uint8_t *rows = calloc(source->height, per_row * 2);
    uint8_t **places = calloc(source->height, sizeof *places);
    assert_true(rows && places);
    for (uint32_t row = 0; row < source->height; row++) {
        uint8_t *target = places[row] = rows + row * per_row * 2;
        for (size_t index = 0; index < per_row; index++) {
            uint32_t sample = source->samples[row * per_row + index];
            size_t bit = index * (size_t)source->depth;
            if (source->depth == 16) {
                target[2 * index] = (uint8_t)(sample >> 8);
                target[2 * index + 1] = (uint8_t)sample;
            } else {
                target[bit / 8] |= (uint8_t)(sample << (8 - (size_t)source->depth - bit % 8));
            }
        }
    }
    png_write_image(png, places);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(rows);
    free(places);
}

static enum sgr_status decode(const struct text *file, uint32_t width, uint32_t height,
                              struct image *image, struct sgr_error *error)
{
    assert_int_equal(image_init(image, width, height, NULL), SGR_OK);
    memset(image->pixels, 0xa5, (size_t)width * height * 4);
    return png_read_pixels("it.png", (const uint8_t *)file->bytes, file->length, image, error);
}

static void check_source(const struct source *source)
{
    struct text file = {0};
    struct image image;
    struct sgr_error error = {SGR_OK, ""};
    write_source(source, &file);
    assert_false(file.failed);
    if (decode(&file, source->width, source->height, &image, &error) != SGR_OK)
        fail_msg("type %d depth %d: %s", source->type, source->depth, error.text);
    for (size_t pixel = 0; pixel < (size_t)source->width * source->height; pixel++) {
        uint32_t expected = expected_pixel(source, pixel);
        if (image.pixels[pixel] != expected)
            fail_msg("type %d depth %d interlace %d tRNS %d %ux%u: pixel %zu is %08x, not %08x",
                     source->type, source->depth, source->interlace, source->transparent,
                     source->width, source->height, pixel, image.pixels[pixel], expected);
    }
    image_finish(&image);
    text_finish(&file);
}

static void every_form_gives_the_right_pixels(void **state)
{
    (void)state;
    static const struct {
        int type;
        int depths[6];
    } forms[] = {{PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16}},
                 {PNG_COLOR_TYPE_RGB, {8, 16}},
                 {PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8}},
                 {PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16}},
                 {PNG_COLOR_TYPE_RGB_ALPHA, {8, 16}}};
    static const uint32_t sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {5, 5}, {33, 20}, {70, 67}};
    struct random random;
    random_init(&random, seed, 1);
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        for (const int *depth = forms[form].depths; *depth; depth++) {
            for (unsigned way = 0; way < 24; way++) {
                struct source source = {.type = forms[form].type,
                                        .depth = *depth,
                                        .interlace = way & 1,
                                        .transparent = (way & 2) && forms[form].type < 4,
                                        .width = sizes[way / 4][0],
                                        .height = sizes[way / 4][1]};
                make_source(&random, &source);
                check_source(&source);
                free(source.samples);
            }
        }
    }
}

/* A small file with all kinds of chunks, for damage. */
static void make_file(struct text *file, struct image *image, int interlace)
{
    struct random random;
    random_init(&random, seed, 2);
    struct source source = {.type = PNG_COLOR_TYPE_PALETTE,
                            .depth = 4,
                            .interlace = interlace,
                            .transparent = true,
                            .width = 13,
                            .height = 11};
    make_source(&random, &source);
    write_source(&source, file);
    free(source.samples);
    assert_int_equal(decode(file, 13, 11, image, NULL), SGR_OK);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    for (int interlace = 0; interlace < 2; interlace++) {
        struct text file = {0};
        struct image whole;
        make_file(&file, &whole, interlace);
        for (size_t length = 0; length < file.length; length++) {
            /* A copy of its own, so that reading past its end is seen. */
            struct text cut = {.length = length, .bytes = malloc(length + 1)};
            memcpy(cut.bytes, file.bytes, length);
            struct image image;
            struct sgr_error error = {SGR_OK, ""};
            assert_int_equal(decode(&cut, 13, 11, &image, &error), SGR_INPUT);
            assert_non_null(strstr(error.text, "it.png"));
            image_finish(&image);
            free(cut.bytes);
        }
        image_finish(&whole);
        text_finish(&file);
    }
}

/* Chunks that decide pixels are guarded by their CRC; a flip elsewhere changes no pixel. */
static void a_flipped_byte_is_refused_or_harmless(void **state)
{
    (void)state;
    struct text file = {0};
    struct image whole;
    size_t wrong = 0;
    size_t first_wrong = 0;
    make_file(&file, &whole, 0);
    for (size_t at = 0; at < file.length; at++) {
        struct image image;
        file.bytes[at] ^= (char)(1 << at % 8);
        enum sgr_status status = decode(&file, 13, 11, &image, NULL);
        file.bytes[at] ^= (char)(1 << at % 8);
        assert_true(status == SGR_OK || status == SGR_INPUT);
        if (status == SGR_OK && memcmp(image.pixels, whole.pixels, sizeof(uint32_t) * 13 * 11) != 0)
            wrong++;
        first_wrong = wrong == 1 ? at : first_wrong;
        image_finish(&image);
    }
    image_finish(&whole);
    text_finish(&file);
    if (wrong)
        fail_msg("%zu flips, the first at %zu, give another picture", wrong, first_wrong);
}

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Makes every chunk's CRC right again. */
static void repair(struct text *file)
{
    uint8_t *bytes = (uint8_t *)file->bytes;
    for (size_t at = 8; at + 12 <= file->length;) {
        size_t size = big_endian(bytes + at);
        if (size > file->length - at - 12)
            return;
        uint32_t crc = (uint32_t)crc32(0, bytes + at + 4, (uInt)size + 4);
        for (int byte = 0; byte < 4; byte++)
            bytes[at + 8 + size + (size_t)byte] = (uint8_t)(crc >> (24 - 8 * byte));
        at += 12 + size;
    }
}

/* Lengths of megabytes would only make libpng clear megabytes before it finds the file's end. */
static void keep_lengths_small(struct text *file, const struct text *whole)
{
    const uint8_t *bytes = (const uint8_t *)whole->bytes;
    for (size_t at = 8; at + 12 <= whole->length; at += 12 + big_endian(bytes + at))
        memcpy(file->bytes + at, whole->bytes + at, 2);
}

static void hostile_bytes_under_right_crcs_never_crash(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 3);
    for (int interlace = 0; interlace < 2; interlace++) {
        struct text whole = {0};
        struct image image;
        make_file(&whole, &image, interlace);
        image_finish(&image);
        for (int round = 0; round < 2500; round++) {
            struct text file = {0};
            text_append(&file, whole.bytes, whole.length);
            for (uint64_t flips = 1 + random_below(&random, 4); flips > 0; flips--)
                file.bytes[random_below(&random, file.length)] = (char)random_next(&random);
            keep_lengths_small(&file, &whole);
            repair(&file);
            enum sgr_status status = decode(&file, 13, 11, &image, NULL);
            assert_true(status == SGR_OK || status == SGR_INPUT);
            for (size_t pixel = 0; status == SGR_OK && pixel < 13 * 11; pixel++)
                assert_true(image.pixels[pixel] == 0 || image_alpha(image.pixels[pixel]) > 0);
            image_finish(&image);
            text_finish(&file);
        }
        text_finish(&whole);
    }
}

/* The status tells a full machine from a damaged picture: only the first is worth trying again. */
static void failing_memory_is_not_a_damaged_picture(void **state)
{
    struct fixture *fixture = *state;
    put_picture(fixture, "noise.png", 40, FILL_NOISE, 1);
    const char *path = full_path(fixture, "noise.png");
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK; nth++) {
        struct image image = {0, 0, NULL};
        struct sgr_error error = {SGR_OK, ""};
        memory_fail_after(nth, false);
        status = picture_read(path, &image, &error);
        memory_fail_after(0, false);
        if (status != SGR_OK && status != SGR_NO_MEMORY)
            fail_msg("allocation %" PRIu64 ": status %d, %s", nth, status, error.text);
        image_finish(&image);
        assert_true(nth < 100);
    }
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_gives_the_right_pixels),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_flipped_byte_is_refused_or_harmless),
        cmocka_unit_test(hostile_bytes_under_right_crcs_never_crash),
        TEST(failing_memory_is_not_a_damaged_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
