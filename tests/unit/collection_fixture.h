/* What the tests of engine/collection share: a folder for each test, and short ways to fill it. */
#ifndef COLLECTION_FIXTURE_H
#define COLLECTION_FIXTURE_H

#include "base/memory.h"
#include "collection/collection.h"
#include "os/file.h"
#include "temporary_folder.h"

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
    char folder[64];
    struct collection *collection; /* what read_art read last */
    struct sgr_error error;
    char full[4096]; /* reused by full_path */
};

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/collection_test.XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    collection_destroy(&fixture->collection);
    temporary_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

/* The path of a name in the test's folder, with the folders above it made. */
static inline const char *full_path(struct fixture *fixture, const char *name)
{
    snprintf(fixture->full, sizeof fixture->full, "%s/%s", fixture->folder, name);
    char *slash = strrchr(fixture->full, '/');
    *slash = '\0';
    assert_int_equal(file_make_folders(fixture->full, NULL), SGR_OK);
    *slash = '/';
    return fixture->full;
}

static inline void put_text(struct fixture *fixture, const char *name, const char *text)
{
    FILE *file = fopen(full_path(fixture, name), "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static inline void put_sized(struct fixture *fixture, const char *name, uint32_t width,
                             uint32_t height)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGBA};
    image.width = width;
    image.height = height;
    void *pixels = calloc((size_t)width * height, 4);
    assert_non_null(pixels);
    const char *path = full_path(fixture, name);
    assert_int_equal(png_image_write_to_file(&image, path, 0, pixels, 0, NULL), 1);
    free(pixels);
}

/* Pictures of the usual size, separated by '|'; a name that ends with '/' makes an empty folder. */
static inline void put(struct fixture *fixture, const char *names)
{
    char *list = strdup(names);
    char *rest = list;
    assert_non_null(list);
    for (char *name = strsep(&rest, "|"); name; name = strsep(&rest, "|")) {
        if (name[strlen(name) - 1] == '/')
            full_path(fixture, name);
        else
            put_sized(fixture, name, 4, 4);
    }
    free(list);
}

static inline enum sgr_status try_art(struct fixture *fixture, struct collection_options options)
{
    collection_destroy(&fixture->collection);
    if (!options.path)
        options.path = fixture->folder;
    fixture->error.text[0] = '\0';
    enum sgr_status status = collection_read(&options, &fixture->collection, &fixture->error);
    assert_true((status == SGR_OK) == (fixture->collection != NULL));
    return status;
}

static inline const struct collection *read_art(struct fixture *fixture,
                                                struct collection_options options)
{
    if (try_art(fixture, options) != SGR_OK)
        fail_msg("not read: %s", fixture->error.text);
    return fixture->collection;
}

#define DEFAULTS ((struct collection_options){0})

/* The error of a failed read must have all the pieces, separated by '|'. */
static inline void expect_text(struct fixture *fixture, const char *pieces)
{
    char *list = strdup(pieces);
    char *rest = list;
    assert_non_null(list);
    for (char *piece = strsep(&rest, "|"); piece; piece = strsep(&rest, "|")) {
        if (!strstr(fixture->error.text, piece))
            fail_msg("\"%s\" is not in \"%s\"", piece, fixture->error.text);
    }
    assert_null(strchr(fixture->error.text, '\n'));
    free(list);
}

static inline void expect_refusal(struct fixture *fixture, struct collection_options options,
                                  enum sgr_status status, const char *pieces)
{
    assert_int_equal(try_art(fixture, options), status);
    assert_int_equal(fixture->error.status, status);
    expect_text(fixture, pieces);
}

static inline const struct collection_layer *layer_of(const struct collection *collection,
                                                      const char *name)
{
    for (size_t index = 0; index < collection->layer_count; index++) {
        if (strcmp(collection->layers[index].name, name) == 0)
            return &collection->layers[index];
    }
    fail_msg("there is no layer %s", name);
    return NULL;
}

static inline const struct collection_trait *trait_of(const struct collection *collection,
                                                      const char *layer, const char *name)
{
    const struct collection_layer *owner = layer_of(collection, layer);
    for (size_t index = 0; index < owner->trait_count; index++) {
        if (strcmp(owner->traits[index].name, name) == 0)
            return &owner->traits[index];
    }
    fail_msg("there is no trait %s/%s", layer, name);
    return NULL;
}

/* "A, B, C": the layers' names in their order. */
static inline void expect_layers(const struct collection *collection, const char *expected)
{
    char names[1024] = "";
    for (size_t index = 0; index < collection->layer_count; index++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", index ? ", " : "",
                 collection->layers[index].name);
    }
    assert_string_equal(names, expected);
}

/* "Crown 3, None 5": a layer's traits in their order with weights. */
static inline void expect_traits(const struct collection *collection, const char *layer,
                                 const char *expected)
{
    char names[4096] = "";
    const struct collection_layer *owner = layer_of(collection, layer);
    for (size_t index = 0; index < owner->trait_count; index++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s %llu", index ? ", " : "",
                 owner->traits[index].name, (unsigned long long)owner->traits[index].weight);
    }
    assert_string_equal(names, expected);
}

/* "back.png z-10, front.png": file names of a trait's parts, bottom first, z where it is not 0. */
static inline void expect_parts(const struct collection *collection, const char *layer,
                                const char *trait, const char *expected)
{
    char names[4096] = "";
    const struct collection_trait *owner = trait_of(collection, layer, trait);
    for (size_t index = 0; index < owner->part_count; index++) {
        const struct collection_part *part = &owner->parts[index];
        const char *path = collection->pictures[part->picture].path;
        const char *slash = strrchr(path, '/');
        size_t used = strlen(names);
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", index ? ", " : "",
                                 slash ? slash + 1 : path);
        if (part->z)
            snprintf(names + used, sizeof names - used, " z%d", part->z);
    }
    assert_string_equal(names, expected);
}

/* How many notices have the code, and the text in them. */
static inline size_t count_notices(const struct collection *collection, const char *code,
                                   const char *text)
{
    size_t count = 0;
    for (size_t index = 0; index < collection->notice_count; index++) {
        const struct collection_notice *notice = &collection->notices[index];
        count += strcmp(notice->code, code) == 0 && strstr(notice->text, text);
    }
    return count;
}

static inline const char *shared_folder(void)
{
    const char *folder = getenv("SGR_SHARED");
    return folder ? folder : "../shared";
}

#endif
