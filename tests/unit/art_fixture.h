/* What the tests of several modules share: a folder for each test, pictures and art in it. */
#ifndef ART_FIXTURE_H
#define ART_FIXTURE_H

#include "base/error.h"
#include "base/memory.h"
#include "image/image.h"
#include "os/file.h"
#include "temporary_folder.h"

#include <serigraph/serigraph.h>

#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char *folder;
    struct sgr_error error;
    char kept[8][4096]; /* reused by full_path in turn */
    unsigned next;
};

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fixture->folder = strdup("/tmp/serigraph_test.XXXXXX");
    if (!fixture->folder || !mkdtemp(fixture->folder))
        return -1;
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    temporary_folder_remove(fixture->folder);
    free(fixture->folder);
    free(fixture);
    return 0;
}

/* The path of a name in the test's folder; good for the next seven calls. */
static inline const char *full_path(struct fixture *fixture, const char *name)
{
    char *path = fixture->kept[fixture->next++ % 8];
    snprintf(path, sizeof fixture->kept[0], "%s/%s", fixture->folder, name);
    return path;
}

/* Writes a file, with the folders above it. */
static inline void put_bytes(struct fixture *fixture, const char *name, const void *bytes,
                             size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(file_make_folders(path, NULL), SGR_OK);
    *slash = '/';
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void put_text(struct fixture *fixture, const char *name, const char *text)
{
    put_bytes(fixture, name, text, strlen(text));
}

/* Writes straight RGBA pixels as a PNG file. */
static inline void put_pixels(struct fixture *fixture, const char *name, uint32_t width,
                              uint32_t height, const uint32_t *pixels)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGBA};
    image.width = width;
    image.height = height;
    put_bytes(fixture, name, "", 0);
    assert_int_equal(png_image_write_to_file(&image, full_path(fixture, name), 0, pixels, 0, NULL),
                     1);
}

/* What a made picture is like. */
enum fill { FILL_SOLID, FILL_NOISE, FILL_SPOT };

/* A picture of one colour, of noise with any alpha, or with a translucent spot in its middle. */
static inline void put_picture(struct fixture *fixture, const char *name, uint32_t side,
                               enum fill fill, uint32_t number)
{
    uint32_t *pixels = calloc((size_t)side * side, sizeof *pixels);
    assert_non_null(pixels);
    uint64_t noise = number * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (uint32_t index = 0; index < side * side; index++) {
        noise = noise * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t x = index % side;
        uint32_t y = index / side;
        bool inside = x >= side / 4 && x < side / 4 * 3 && y >= side / 4 && y < side / 4 * 3;
        if (fill == FILL_SOLID)
            pixels[index] = (number * 2654435761u & 0xffffff) | 0xff000000;
        else if (fill == FILL_NOISE)
            pixels[index] = (uint32_t)(noise >> 32);
        else if (inside)
            pixels[index] = (number * 2246822519u & 0xffffff) | 0x80000000;
    }
    put_pixels(fixture, name, side, side, pixels);
    free(pixels);
}

/* Three layers of 2, 3 and 3 traits: opaque ground, noise with any alpha, translucent spots. */
static inline void put_art(struct fixture *fixture, uint32_t side)
{
    put_picture(fixture, "art/1_Ground/blue#1.png", side, FILL_SOLID, 1);
    put_picture(fixture, "art/1_Ground/red#3.png", side, FILL_SOLID, 2);
    put_picture(fixture, "art/2_Body/cat#1.png", side, FILL_NOISE, 3);
    put_picture(fixture, "art/2_Body/dog#1.png", side, FILL_NOISE, 4);
    put_picture(fixture, "art/2_Body/owl, \"the wise\"#1.png", side, FILL_NOISE, 5);
    put_picture(fixture, "art/3_Hat/cap#1.png", side, FILL_SPOT, 6);
    put_picture(fixture, "art/3_Hat/crown#1.png", side, FILL_SPOT, 7);
    put_picture(fixture, "art/3_Hat/fez#2.png", side, FILL_SPOT, 8);
}

/* The names of a folder under the fixture's, or -1 when it is not there. */
static inline int count_names(const struct fixture *fixture, const char *below)
{
    char path[4096];
    struct file_list list = {0};
    snprintf(path, sizeof path, "%s/%s", fixture->folder, below);
    int count = -1;
    if (file_list_read(&list, path, NULL) == SGR_OK)
        count = (int)list.count;
    file_list_finish(&list);
    return count;
}

static inline int count_handles(void)
{
    struct file_list list = {0};
    assert_int_equal(file_list_read(&list, "/proc/self/fd", NULL), SGR_OK);
    int count = (int)list.count;
    file_list_finish(&list);
    return count;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
