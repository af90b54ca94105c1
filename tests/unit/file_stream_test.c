/* Buffered files: complete under their name, or not there at all. */
#include "os/file_stream.h"

#include "art_fixture.h"

#include <sys/stat.h>

enum { LARGE = 700001 };

static uint8_t *make_large(void)
{
    uint8_t *bytes = malloc(LARGE);
    assert_non_null(bytes);
    for (size_t index = 0; index < LARGE; index++)
        bytes[index] = (uint8_t)(index * 2654435761u >> 11);
    return bytes;
}

static void expect_file(const char *path, const uint8_t *expected, size_t size)
{
    uint8_t *bytes = NULL;
    size_t got = 0;
    assert_int_equal(file_read(path, 1 << 24, &bytes, &got, NULL), SGR_OK);
    assert_int_equal(got, size);
    assert_memory_equal(bytes, expected, size);
    memory_free(bytes);
}

static void a_file_appears_with_its_commit(void **state)
{
    struct fixture *fixture = *state;
    static const size_t steps[] = {1, 7, 1000, 262143, 262144, 262145, LARGE};
    uint8_t *large = make_large();
    const char *path = full_path(fixture, "file");
    for (size_t index = 0; index < sizeof steps / sizeof *steps; index++) {
        struct file_stream stream;
        struct file_info info;
        size_t size = steps[index] == 1 ? 300000 : LARGE;
        assert_int_equal(file_remove(path, NULL), SGR_OK);
        assert_int_equal(file_stream_open(&stream, path, NULL), SGR_OK);
        for (size_t at = 0; at < size; at += steps[index]) {
            size_t step = size - at < steps[index] ? size - at : steps[index];
            assert_int_equal(file_stream_write(&stream, large + at, step, NULL), SGR_OK);
            assert_int_equal(stream.size, at + step);
        }
        assert_int_equal(file_look(path, &info, NULL), SGR_OK);
        assert_int_equal(info.kind, FILE_MISSING);
        assert_int_equal(file_stream_commit(&stream, NULL), SGR_OK);
        expect_file(path, large, size);
        assert_int_equal(count_names(fixture, ""), 1);
        file_stream_discard(&stream);
        expect_file(path, large, size);
    }
    free(large);
}

static void patches_change_earlier_bytes_only(void **state)
{
    struct fixture *fixture = *state;
    struct file_stream stream;
    uint8_t *large = make_large();
    const char *path = full_path(fixture, "file");
    assert_int_equal(file_stream_open(&stream, path, NULL), SGR_OK);
    assert_int_equal(file_stream_write(&stream, large, 10, NULL), SGR_OK);
    assert_int_equal(file_stream_patch(&stream, 3, "abc", 3, NULL), SGR_OK);
    assert_int_equal(file_stream_write(&stream, large + 10, LARGE - 10, NULL), SGR_OK);
    assert_int_equal(file_stream_patch(&stream, LARGE - 2, "yz", 2, NULL), SGR_OK);
    assert_int_equal(file_stream_patch(&stream, 300000, "q", 1, NULL), SGR_OK);
    assert_int_equal(file_stream_commit(&stream, NULL), SGR_OK);
    memcpy(large + 3, "abc", 3);
    memcpy(large + LARGE - 2, "yz", 2);
    large[300000] = 'q';
    expect_file(path, large, LARGE);
    free(large);
}

static void a_discarded_file_was_never_there(void **state)
{
    struct fixture *fixture = *state;
    struct file_stream stream;
    put_bytes(fixture, "file", "old", 3);
    const char *path = full_path(fixture, "file");
    assert_int_equal(file_stream_open(&stream, path, NULL), SGR_OK);
    assert_int_equal(file_stream_write(&stream, "new text", 8, NULL), SGR_OK);
    file_stream_discard(&stream);
    file_stream_discard(&stream);
    expect_file(path, (const uint8_t *)"old", 3);
    assert_int_equal(count_names(fixture, ""), 1);
    stream = (struct file_stream){.handle = OPEN_FILE_NONE};
    file_stream_discard(&stream);
    assert_int_equal(file_stream_open(&stream, full_path(fixture, "x"), NULL), SGR_OK);
    assert_int_equal(file_stream_commit(&stream, NULL), SGR_OK);
    expect_file(full_path(fixture, "x"), (const uint8_t *)"", 0);
}

static void a_commit_that_fails_leaves_no_temporary(void **state)
{
    struct fixture *fixture = *state;
    struct file_stream stream;
    struct sgr_error error;
    int handles = count_handles();
    assert_int_equal(file_stream_open(&stream, full_path(fixture, "taken"), NULL), SGR_OK);
    assert_int_equal(mkdir(full_path(fixture, "taken"), 0777), 0);
    put_bytes(fixture, "taken/inside", "1", 1);
    assert_int_equal(file_stream_write(&stream, "new", 3, NULL), SGR_OK);
    assert_int_equal(file_stream_commit(&stream, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "taken"));
    assert_int_equal(count_names(fixture, ""), 1);
    assert_int_equal(count_handles(), handles);
    char path[512];
    snprintf(path, sizeof path, "%s/none/file", fixture->folder);
    assert_int_equal(file_stream_open(&stream, path, &error), SGR_OUTPUT);
    file_stream_discard(&stream);
    for (uint64_t nth = 1; nth <= 3; nth++) {
        memory_fail_after(nth, false);
        assert_int_equal(file_stream_open(&stream, full_path(fixture, "x"), NULL), SGR_NO_MEMORY);
        memory_fail_after(0, false);
        file_stream_discard(&stream);
        assert_int_equal(count_names(fixture, ""), 1);
    }
    for (uint64_t nth = 1; nth <= 2; nth++) {
        memory_fail_after(nth, false);
        assert_int_equal(file_stream_open_scratch(&stream, NULL), SGR_NO_MEMORY);
        memory_fail_after(0, false);
    }
    assert_int_equal(count_handles(), handles);
}

static void what_is_no_regular_file_stays(void **state)
{
    struct fixture *fixture = *state;
    struct file_stream stream;
    struct sgr_error error;
    struct stat info;
    const char *path = full_path(fixture, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(file_stream_open(&stream, path, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "no regular file"));
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_int_equal(count_names(fixture, ""), 1);
    file_stream_discard(&stream);
    assert_int_equal(file_remove(path, NULL), SGR_OK);
}

static void a_scratch_stream_hands_its_file_over(void **state)
{
    (void)state;
    struct file_stream stream;
    struct open_file handle = OPEN_FILE_NONE;
    uint64_t size = 0;
    uint8_t *large = make_large();
    uint8_t *got = malloc(LARGE);
    assert_non_null(got);
    assert_int_equal(file_stream_open_scratch(&stream, NULL), SGR_OK);
    assert_int_equal(file_stream_write(&stream, large, LARGE, NULL), SGR_OK);
    assert_int_equal(file_stream_take(&stream, &handle, &size, NULL), SGR_OK);
    assert_int_equal(size, LARGE);
    assert_int_equal(file_read_at(handle, 0, got, LARGE, "it", NULL), SGR_OK);
    assert_memory_equal(got, large, LARGE);
    file_stream_discard(&stream);
    file_abandon(&handle);
    int handles = count_handles();
    assert_int_equal(file_stream_open_scratch(&stream, NULL), SGR_OK);
    file_stream_discard(&stream);
    assert_int_equal(count_handles(), handles);
    free(got);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_appears_with_its_commit),   TEST(patches_change_earlier_bytes_only),
        TEST(a_discarded_file_was_never_there), TEST(a_commit_that_fails_leaves_no_temporary),
        TEST(what_is_no_regular_file_stays),    TEST(a_scratch_stream_hands_its_file_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
