/* What the tests of engine/store share: a folder for each test, and short ways to fill it. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "os/file.h"
#include "store/manifest.h"

#include <ftw.h>
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
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/store_test.XXXXXX");
    if (!fixture || !mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->path, sizeof fixture->path, "%s/manifest.db", fixture->folder);
    *state = fixture;
    return 0;
}

static inline int remove_entry(const char *path, const struct stat *status, int type,
                               struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    nftw(fixture->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
