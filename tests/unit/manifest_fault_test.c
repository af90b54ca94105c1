/*
 * Manifests that are not ours, damaged, or on a failing disk: each is refused with its status and
 * a remedy, nothing that was committed is lost, and nothing half-made is left.
 */
#include "store_fixture.h"

#include "base/memory.h"

#include <signal.h>
#include <sys/resource.h>

static enum sgr_status ignore_item(void *context, const struct manifest_item *item,
                                   struct sgr_error *error)
{
    (void)item;
    (void)error;
    ++*(size_t *)context;
    return SGR_OK;
}

static enum sgr_status ignore_document(void *context, const char *path,
                                       const struct manifest_file *file, struct sgr_error *error)
{
    (void)path;
    (void)file;
    (void)error;
    ++*(size_t *)context;
    return SGR_OK;
}

/* Opens in every way, which must all answer SGR_INPUT, and looks for `words` in the text. */
static void refused(const char *path, const char *words)
{
    struct manifest *manifest = NULL;
    struct sgr_error error = {0};
    assert_int_equal(manifest_open(path, true, &manifest, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, words));
    assert_int_equal(manifest_open(path, false, &manifest, NULL), SGR_INPUT);
    assert_int_equal(manifest_open_reading(path, &manifest, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, words));
    assert_null(manifest);
}

static void a_file_that_is_no_database_is_refused_and_kept(void **state)
{
    struct fixture *fixture = *state;
    static const char bytes[] = "these are my notes, and they are longer than a header of a "
                                "database, so that nobody takes them for one: 100 bytes are over";
    write_file(fixture->path, bytes, sizeof bytes);
    refused(fixture->path, "choose another");
    uint8_t *kept = NULL;
    size_t size = 0;
    assert_int_equal(file_read(fixture->path, 1000, &kept, &size, NULL), SGR_OK);
    assert_int_equal(size, sizeof bytes);
    assert_memory_equal(kept, bytes, size);
    memory_free(kept);
}

static void a_truncated_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){1, 2, 3}, 3);
    manifest_close(&manifest);
    struct file_info info;
    assert_int_equal(file_look(fixture->path, &info, NULL), SGR_OK);
    for (off_t size = (off_t)info.size - 1; size > 0; size -= 3333) {
        assert_int_equal(truncate(fixture->path, size), 0);
        refused(fixture->path, fixture->path);
    }
}

static void overwritten_pages_are_told_when_they_are_read(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){1, 2, 3}, 3);
    manifest_close(&manifest);
    FILE *file = fopen(fixture->path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    /* The second page is table run's, which opening reads. */
    assert_int_equal(fseek(file, 8192, SEEK_SET), 0);
    for (long at = 8192; at < size; at++)
        fputc(0xee, file);
    fclose(file);
    manifest = open_or_fail(fixture->path, false);
    size_t seen = 0;
    struct sgr_error error = {0};
    assert_int_equal(manifest_each_item(manifest, ignore_item, &seen, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "not an intact manifest"));
    uint8_t digest[HASH_SHA256_BYTES];
    assert_int_equal(manifest_digest(manifest, digest, &error), SGR_INPUT);
    manifest_close(&manifest);
}

static void another_version_is_refused_by_its_number(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    manifest_close(&manifest);
    run_sql(fixture->path, "pragma user_version = 42");
    refused(fixture->path, "version 42");
}

static void another_programs_database_is_refused(void **state)
{
    struct fixture *fixture = *state;
    run_sql(fixture->path, "create table item(id integer primary key); pragma user_version = 1");
    refused(fixture->path, "some other program");
}

static void a_missing_table_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    manifest_close(&manifest);
    run_sql(fixture->path, "drop table file");
    refused(fixture->path, "file");
}

static void a_folder_in_its_place_is_refused(void **state)
{
    struct fixture *fixture = *state;
    refused(fixture->folder, "not a regular file");
}

static void broken_rows_are_told(void **state)
{
    struct fixture *fixture = *state;
    static const char *const breaks[] = {
        "update file set sha256 = 'ABAB'",
        "update file set sha256 = replace(sha256, 'a', 'A')",
        "update file set bytes = -1",
        "update file set bytes = 'many'",
        "delete from file where kind = 'metadata'",
        "update item set id = -5",
    };
    for (size_t index = 0; index < sizeof breaks / sizeof *breaks; index++) {
        unlink(fixture->path);
        struct manifest *manifest = open_or_fail(fixture->path, true);
        add_items(manifest, (const uint64_t[]){1}, 1);
        manifest_close(&manifest);
        run_sql(fixture->path, breaks[index]);
        manifest = open_or_fail(fixture->path, false);
        size_t seen = 0;
        assert_int_equal(manifest_each_item(manifest, ignore_item, &seen, NULL), SGR_INPUT);
        assert_int_equal(seen, 0);
        manifest_close(&manifest);
    }
}

static void a_document_may_not_lead_out_of_the_folder(void **state)
{
    struct fixture *fixture = *state;
    static const char *const paths[] = {"/etc/passwd", "../x", "a/../../x", "a//b",
                                        "a/",          ".",    "",          "a/.."};
    for (size_t index = 0; index < sizeof paths / sizeof *paths; index++) {
        unlink(fixture->path);
        struct manifest *manifest = open_or_fail(fixture->path, true);
        manifest_close(&manifest);
        char sql[256];
        snprintf(sql, sizeof sql, "insert into document values('%s', 77, lower(hex(zeroblob(32))))",
                 paths[index]);
        run_sql(fixture->path, sql);
        manifest = open_or_fail(fixture->path, false);
        size_t seen = 0;
        assert_int_equal(manifest_each_document(manifest, ignore_document, &seen, NULL), SGR_INPUT);
        assert_int_equal(seen, 0);
        manifest_close(&manifest);
    }
}

/* More rows than the page cache holds, so that some are in the file when the process ends. */
static int add_without_commit(const struct fixture *fixture)
{
    struct manifest *manifest = NULL;
    if (manifest_open(fixture->path, true, &manifest, NULL) != SGR_OK ||
        manifest_begin(manifest, NULL) != SGR_OK)
        return 1;
    for (uint64_t id = 100; id < 40100; id++) {
        struct manifest_item item = make_item(id);
        if (manifest_add_item(manifest, &item, NULL) != SGR_OK)
            return 2;
    }
    return 0;
}

static void a_run_that_was_cut_off_is_rolled_back(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){1, 2}, 2);
    manifest_close(&manifest);
    assert_int_equal(in_child(add_without_commit, fixture), 0);
    char journal[128];
    snprintf(journal, sizeof journal, "%s-journal", fixture->path);
    assert_true(is_there(journal));
    struct sgr_error error = {0};
    assert_int_equal(manifest_open_reading(fixture->path, &manifest, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "run the command"));
    assert_true(is_there(journal));
    manifest = open_or_fail(fixture->path, false);
    count_is(manifest, 2, 0);
    manifest_close(&manifest);
    assert_false(is_there(journal));
}

/* Too small a limit on file sizes looks to SQLite like a failing disk. */
static int write_beyond_limit(const struct fixture *fixture)
{
    struct manifest *manifest = NULL;
    struct sgr_error error = {0};
    signal(SIGXFSZ, SIG_IGN);
    if (manifest_open(fixture->path, false, &manifest, &error) != SGR_OK)
        return 1;
    const struct rlimit limit = {1 << 16, 1 << 16};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || manifest_begin(manifest, &error) != SGR_OK)
        return 2;
    enum sgr_status status = SGR_OK;
    for (uint64_t id = 100; id < 40100 && status == SGR_OK; id++) {
        struct manifest_item item = make_item(id);
        status = manifest_add_item(manifest, &item, &error);
    }
    if (status == SGR_OK)
        status = manifest_commit(manifest, &error);
    manifest_rollback(manifest);
    manifest_close(&manifest);
    return status == SGR_OUTPUT && strstr(error.text, "run the same command again") ? 0 : 3;
}

static void a_failing_disk_is_an_output_error_and_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){1, 2}, 2);
    manifest_close(&manifest);
    assert_int_equal(in_child(write_beyond_limit, fixture), 0);
    manifest = open_or_fail(fixture->path, false);
    count_is(manifest, 2, 0);
    manifest_close(&manifest);
}

static int create_beyond_limit(const struct fixture *fixture)
{
    struct manifest *manifest = NULL;
    const struct rlimit limit = {1 << 12, 1 << 12};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    return manifest_open(fixture->path, true, &manifest, NULL) == SGR_OUTPUT ? 0 : 2;
}

static void a_manifest_that_cannot_be_made_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(in_child(create_beyond_limit, fixture), 0);
    struct file_list list = {0};
    assert_int_equal(file_list_read(&list, fixture->folder, NULL), SGR_OK);
    assert_int_equal(list.count, 0);
    file_list_finish(&list);
}

static int write_as_nobody(const struct fixture *fixture)
{
    struct manifest *manifest = NULL;
    if (geteuid() == 0 && seteuid(65534) != 0)
        return 77;
    if (manifest_open(fixture->path, false, &manifest, NULL) != SGR_OUTPUT)
        return 1;
    if (manifest_open_reading(fixture->path, &manifest, NULL) != SGR_OK)
        return 2;
    manifest_close(&manifest);
    return 0;
}

static void a_read_only_manifest_can_be_read_only(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    manifest_close(&manifest);
    assert_int_equal(chmod(fixture->path, 0444), 0);
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    int answer = in_child(write_as_nobody, fixture);
    assert_int_equal(chmod(fixture->folder, 0755), 0);
    if (answer == 77)
        skip();
    assert_int_equal(answer, 0);
}

static void missing_memory_is_told_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t number = 1; status != SGR_OK; number++) {
        struct manifest *manifest = NULL;
        struct text out = {0};
        bool found = false;
        uint8_t digest[HASH_SHA256_BYTES];
        memory_fail_after(number, false);
        status = manifest_open(fixture->path, true, &manifest, NULL);
        bool was_made = status == SGR_OK;
        if (status == SGR_OK)
            status = manifest_set(manifest, "a", "b", NULL);
        if (status == SGR_OK)
            status = manifest_get(manifest, "a", &out, &found, NULL);
        if (status == SGR_OK)
            status = manifest_digest(manifest, digest, NULL);
        memory_fail_after(0, false);
        text_finish(&out);
        manifest_close(&manifest);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_int_equal(is_there(fixture->path), was_made);
        unlink(fixture->path);
        assert_true(number < 100);
    }
}

static void a_folder_that_is_missing_is_an_output_error(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    struct manifest *manifest = NULL;
    struct sgr_error error = {0};
    snprintf(path, sizeof path, "%s/none/manifest.db", fixture->folder);
    assert_int_equal(manifest_open(path, true, &manifest, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, path));
}

static void a_missing_manifest_is_not_made_by_reading(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = NULL;
    assert_int_equal(manifest_open(fixture->path, false, &manifest, NULL), SGR_INPUT);
    assert_int_equal(manifest_open_reading(fixture->path, &manifest, NULL), SGR_INPUT);
    assert_false(is_there(fixture->path));
}

static void an_empty_file_becomes_a_manifest_only_when_asked(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = NULL;
    write_file(fixture->path, "", 0);
    assert_int_equal(manifest_open(fixture->path, false, &manifest, NULL), SGR_INPUT);
    assert_int_equal(manifest_open_reading(fixture->path, &manifest, NULL), SGR_INPUT);
    manifest = open_or_fail(fixture->path, true);
    count_is(manifest, 0, 0);
    manifest_close(&manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_that_is_no_database_is_refused_and_kept),
        TEST(a_truncated_database_is_refused),
        TEST(overwritten_pages_are_told_when_they_are_read),
        TEST(another_version_is_refused_by_its_number),
        TEST(another_programs_database_is_refused),
        TEST(a_missing_table_is_refused),
        TEST(a_folder_in_its_place_is_refused),
        TEST(broken_rows_are_told),
        TEST(a_document_may_not_lead_out_of_the_folder),
        TEST(a_run_that_was_cut_off_is_rolled_back),
        TEST(a_failing_disk_is_an_output_error_and_loses_nothing),
        TEST(a_manifest_that_cannot_be_made_leaves_nothing),
        TEST(a_read_only_manifest_can_be_read_only),
        TEST(missing_memory_is_told_and_leaves_nothing),
        TEST(a_folder_that_is_missing_is_an_output_error),
        TEST(a_missing_manifest_is_not_made_by_reading),
        TEST(an_empty_file_becomes_a_manifest_only_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
