/* What the tests of engine/store share: a folder for each test, and short ways to fill it. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "base/memory.h"
#include "os/file.h"
#include "store/item_store.h"
#include "temporary_folder.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char folder[64];
    char path[96]; /* of the manifest in it */
};

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/store_test.XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->path, sizeof fixture->path, "%s/manifest.db", fixture->folder);
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    temporary_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static inline struct manifest *open_or_fail(const char *path, bool create)
{
    struct sgr_error error = {0};
    struct manifest *manifest = NULL;
    if (manifest_open(path, create, &manifest, &error) != SGR_OK)
        fail_msg("%s", error.text);
    return manifest;
}

static inline void run_sql(const char *path, const char *sql)
{
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static inline void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static inline struct manifest_item make_item(uint64_t id)
{
    struct manifest_item item = {.id = id, .state = MANIFEST_DONE, .recipe = "1-0-4"};
    item.image.bytes = 1000 + id % 1000;
    item.metadata.bytes = 100 + id % 1000;
    memset(item.image.sha256, (int)(id & 255), sizeof item.image.sha256);
    memset(item.metadata.sha256, 0xa5, sizeof item.metadata.sha256);
    return item;
}

static inline void add_items(struct manifest *manifest, const uint64_t *ids, size_t count)
{
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    for (size_t index = 0; index < count; index++) {
        struct manifest_item item = make_item(ids[index]);
        assert_int_equal(manifest_add_item(manifest, &item, NULL), SGR_OK);
    }
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
}

static inline void count_is(struct manifest *manifest, uint64_t done, uint64_t failed)
{
    uint64_t found_done = 99;
    uint64_t found_failed = 99;
    assert_int_equal(manifest_count(manifest, &found_done, &found_failed, NULL), SGR_OK);
    assert_int_equal(found_done, done);
    assert_int_equal(found_failed, failed);
}

/* Runs a body in a child, which answers 0 when all went as expected. */
static inline int in_child(int (*body)(const struct fixture *fixture),
                           const struct fixture *fixture)
{
    pid_t child = fork();
    if (child == 0)
        _exit(body(fixture));
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static inline struct item_store *open_store(const char *folder)
{
    struct sgr_error error = {0};
    struct item_store *store = NULL;
    if (item_store_open(folder, &store, &error) != SGR_OK)
        fail_msg("%s", error.text);
    return store;
}

static inline uint8_t pixel_of(uint64_t id, uint8_t version)
{
    return (uint8_t)(id * 7 + version);
}

/* Stages an item whose image is `size` bytes of one value, given in three pieces. */
static inline enum sgr_status stage(struct item_store *store, uint64_t id, size_t size,
                                    struct item_staged *out_staged, struct sgr_error *error)
{
    uint8_t *image = malloc(size + 1);
    struct item_writer writer;
    bool ready = item_store_writer_init(store, &writer, error) == SGR_OK;
    char text[64];
    snprintf(text, sizeof text, "{\"id\": %llu}\n", (unsigned long long)id);
    struct text metadata = {.bytes = text, .length = strlen(text)};
    *out_staged = (struct item_staged){.id = id, .recipe = memory_copy_text("1-0-4")};
    struct stage_counters stages = {0};
    enum sgr_status status = SGR_NO_MEMORY;
    if (image && ready && out_staged->recipe) {
        memset(image, pixel_of(id, 0), size);
        struct file_piece pieces[] = {
            {image, size / 3}, {image, 0}, {image + size / 3, size - size / 3}};
        status =
            item_store_stage(store, &writer, &(struct item_content){pieces, 3, &metadata, &stages},
                             out_staged, error);
    }
    item_store_writer_finish(&writer);
    free(image);
    return status;
}

/* Commits, and no item is given up. */
static inline enum sgr_status commit(struct item_store *store, struct item_staged *staged,
                                     size_t count, struct sgr_error *error)
{
    size_t failed = 0;
    enum sgr_status status = item_store_commit(store, staged, count, &failed, error);
    assert_int_equal(failed, 0);
    return status;
}

static inline void commit_items(struct item_store *store, uint64_t first, size_t count)
{
    struct sgr_error error = {0};
    struct item_staged staged[128];
    assert_true(count <= 128);
    for (size_t index = 0; index < count; index++) {
        assert_int_equal(stage(store, first + index, 3000, &staged[index], &error), SGR_OK);
    }
    if (commit(store, staged, count, &error) != SGR_OK)
        fail_msg("%s", error.text);
}

/* The names of a folder under the fixture's, or -1 when it is not there. */
static inline int count_names(const char *folder, const char *below)
{
    char path[256];
    struct file_list list = {0};
    snprintf(path, sizeof path, "%s/%s", folder, below);
    int count = -1;
    if (file_list_read(&list, path, NULL) == SGR_OK)
        count = (int)list.count;
    file_list_finish(&list);
    return count;
}

static inline bool has(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return is_there(path);
}

static inline void put(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    write_file(path, "mine", 4);
}

static inline void make_folder(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0777), 0);
}

static inline int count_handles(void)
{
    return count_names("/proc/self", "fd");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
