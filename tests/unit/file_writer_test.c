/* Files written from a buffer: every byte is there, whatever the size, or the failure is told. */
#include "os/file_writer.h"

#include "art_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { SIZE_MAX_BYTES = 3 * FILE_WRITER_BYTES + 77 };

static uint8_t source[SIZE_MAX_BYTES];

static void fill_source(void)
{
    for (size_t index = 0; index < sizeof source; index++)
        source[index] = (uint8_t)(index * 2654435761U >> 13);
}

/* Writes `size` bytes in uneven steps. */
static enum sgr_status write_one(struct file_writer *writer, const struct file_folder *folder,
                                 size_t size, struct sgr_error *error)
{
    struct open_file handle = OPEN_FILE_NONE;
    enum sgr_status status = file_writer_begin(writer, folder, "f", size, error);
    for (size_t at = 0, step = 1; at < size && status == SGR_OK; at += step, step = step * 3 + 1) {
        if (step > size - at)
            step = size - at;
        status = file_writer_add(writer, source + at, step, error);
    }
    if (status == SGR_OK)
        status = file_writer_end(writer, &handle, error);
    if (status == SGR_OK)
        return file_close(&handle, "f", error);
    file_writer_abandon(writer);
    return status;
}

static void expect_whole(const char *folder, size_t size)
{
    char path[160];
    uint8_t *bytes = NULL;
    size_t found = 0;
    snprintf(path, sizeof path, "%s/f", folder);
    assert_int_equal(file_read(path, SIZE_MAX_BYTES, &bytes, &found, NULL), SGR_OK);
    assert_int_equal(found, size);
    assert_memory_equal(bytes, source, size);
    memory_free(bytes);
}

static void write_all_sizes(struct file_writer *writer, const char *path)
{
    static const size_t sizes[] = {SIZE_MAX_BYTES,
                                   0,
                                   1,
                                   4096,
                                   65535,
                                   65536,
                                   65537,
                                   190001,
                                   FILE_WRITER_BYTES - 1,
                                   FILE_WRITER_BYTES,
                                   FILE_WRITER_BYTES + 1,
                                   FILE_WRITER_BYTES + 4096};
    struct file_folder folder;
    assert_int_equal(file_folder_open(path, &folder, NULL), SGR_OK);
    fill_source();
    for (size_t index = 0; index < sizeof sizes / sizeof *sizes; index++) {
        struct sgr_error error = {0};
        if (write_one(writer, &folder, sizes[index], &error) != SGR_OK)
            fail_msg("%zu bytes: %s", sizes[index], error.text);
        assert_int_equal(writer->written, sizes[index]);
        /* What went past the cache is whole blocks. */
        assert_int_equal((writer->written - writer->cached) % 4096, 0);
        expect_whole(path, sizes[index]);
    }
    file_folder_close(&folder);
}

static void every_byte_is_written(void **state)
{
    struct fixture *fixture = *state;
    struct file_writer writer;
    assert_int_equal(file_writer_init(&writer, NULL), SGR_OK);
    write_all_sizes(&writer, fixture->folder);
    file_writer_finish(&writer);
    file_writer_finish(&writer);
}

static void every_byte_is_written_where_direct_writes_may_be_refused(void **state)
{
    struct fixture *fixture = *state;
    struct file_writer writer;
    if (mount("ramfs", fixture->folder, "ramfs", 0, NULL) != 0)
        skip();
    assert_int_equal(file_writer_init(&writer, NULL), SGR_OK);
    write_all_sizes(&writer, fixture->folder);
    file_writer_finish(&writer);
    assert_int_equal(umount(fixture->folder), 0);
}

/* A buffer at an odd place is refused at the first write, where direct writes go at all. */
static void a_refused_write_is_done_through_the_cache(void **state)
{
    struct fixture *fixture = *state;
    struct file_writer writer;
    struct file_folder folder;
    uint8_t *larger = malloc(FILE_WRITER_BYTES + 64);
    assert_non_null(larger);
    assert_int_equal(file_folder_open(fixture->folder, &folder, NULL), SGR_OK);
    assert_int_equal(file_writer_init(&writer, NULL), SGR_OK);
    uint8_t *aligned = writer.buffer;
    writer.buffer = larger + (16 - (uintptr_t)larger % 16) + 1;
    write_all_sizes(&writer, fixture->folder);
    writer.buffer = aligned;
    file_writer_finish(&writer);
    file_folder_close(&folder);
    free(larger);
}

/* Under a limit the first call comes up short, and what goes on from there is told. */
static int write_under_a_limit(const char *path)
{
    struct file_writer writer;
    struct file_folder folder;
    struct sgr_error error = {0};
    struct rlimit limit = {100000, 100000};
    signal(SIGXFSZ, SIG_IGN);
    if (file_folder_open(path, &folder, NULL) != SGR_OK ||
        file_writer_init(&writer, NULL) != SGR_OK || setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    if (write_one(&writer, &folder, 190000, &error) != SGR_OUTPUT || !strstr(error.text, "/f: "))
        return 3;
    return write_one(&writer, &folder, 100000, &error) == SGR_OK ? 0 : 4;
}

static void short_writes_go_on_until_all_is_written_or_told(void **state)
{
    struct fixture *fixture = *state;
    fill_source();
    pid_t child = fork();
    if (child == 0)
        _exit(write_under_a_limit(fixture->folder));
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    expect_whole(fixture->folder, 100000);
}

static void a_full_disk_is_told_with_its_remedy(void **state)
{
    struct fixture *fixture = *state;
    struct file_writer writer;
    struct file_folder folder;
    struct sgr_error error = {0};
    if (mount("tmpfs", fixture->folder, "tmpfs", 0, "size=128k") != 0)
        skip();
    assert_int_equal(file_folder_open(fixture->folder, &folder, NULL), SGR_OK);
    assert_int_equal(file_writer_init(&writer, NULL), SGR_OK);
    assert_int_equal(write_one(&writer, &folder, 190000, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "/f: "));
    assert_non_null(strstr(error.text, "free space"));
    assert_int_equal(write_one(&writer, &folder, 90000, &error), SGR_OK);
    file_writer_finish(&writer);
    file_folder_close(&folder);
    assert_int_equal(umount(fixture->folder), 0);
}

static void names_in_a_folder_are_made_moved_and_removed(void **state)
{
    struct fixture *fixture = *state;
    struct file_folder folder;
    struct open_file handle = OPEN_FILE_NONE;
    struct sgr_error error = {0};
    assert_int_equal(file_folder_open(full_path(fixture, "none"), &folder, &error), SGR_OUTPUT);
    assert_int_equal(file_folder_open(fixture->folder, &folder, NULL), SGR_OK);
    assert_int_equal(file_folder_make(&folder, "sub", NULL), SGR_OK);
    assert_int_equal(file_folder_make(&folder, "sub", NULL), SGR_OK);
    assert_int_equal(file_folder_create(&folder, "a", &handle, NULL), SGR_OK);
    assert_int_equal(file_close(&handle, "a", NULL), SGR_OK);
    assert_int_equal(file_folder_make(&folder, "a", &error), SGR_OUTPUT);
    assert_int_equal(file_folder_create(&folder, "sub", &handle, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "/sub: "));
    assert_int_equal(file_folder_rename(&folder, "a", &folder, "sub/b", NULL), SGR_OK);
    assert_int_equal(file_folder_rename(&folder, "a", &folder, "sub/b", &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "/sub/b: "));
    file_folder_remove_if_empty(&folder, "sub");
    assert_int_equal(file_folder_sync_in(&folder, "sub", NULL), SGR_OK);
    assert_int_equal(file_folder_remove(&folder, "sub/b", NULL), SGR_OK);
    assert_int_equal(file_folder_remove(&folder, "sub/b", NULL), SGR_OK);
    file_folder_remove_if_empty(&folder, "sub");
    assert_int_equal(file_folder_sync_in(&folder, "sub", &error), SGR_OUTPUT);
    assert_int_equal(file_folder_sync(&folder, NULL), SGR_OK);
    assert_int_equal(file_folder_sync_all(&folder, NULL), SGR_OK);
    file_folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_byte_is_written),
        TEST(every_byte_is_written_where_direct_writes_may_be_refused),
        TEST(a_refused_write_is_done_through_the_cache),
        TEST(short_writes_go_on_until_all_is_written_or_told),
        TEST(a_full_disk_is_told_with_its_remedy),
        TEST(names_in_a_folder_are_made_moved_and_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
