/* Files and folders: looks, listings, whole reads, complete writes, locks. */
#include "os/file.h"

#include "art_fixture.h"
#include "base/random.h"
#include "os/file_stream.h"

#include <errno.h>
#include <sys/wait.h>

static void a_look_tells_kinds_apart(void **state)
{
    struct fixture *fixture = *state;
    struct file_info info = {FILE_OTHER, 7};
    put_bytes(fixture, "file", "12345", 5);
    assert_int_equal(file_look(full_path(fixture, "file"), &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_REGULAR);
    assert_int_equal(info.size, 5);
    assert_int_equal(file_look(fixture->folder, &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_FOLDER);
    assert_int_equal(info.size, 0);
    assert_int_equal(file_look(full_path(fixture, "none"), &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_MISSING);
    assert_int_equal(file_look("/dev/null", &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_OTHER);
    char below[512];
    snprintf(below, sizeof below, "%s/file/below", fixture->folder);
    assert_int_equal(file_look(below, &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_MISSING);
    assert_int_equal(symlink("file", full_path(fixture, "link")), 0);
    assert_int_equal(file_look(full_path(fixture, "link"), &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_REGULAR);
    char name[5000];
    memset(name, 'n', sizeof name);
    name[4999] = '\0';
    struct sgr_error error;
    assert_int_equal(file_look(name, &info, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "cannot look at"));
}

static void listings_are_sorted_by_bytes(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"b", "a", "B", "10", "2", ".hidden", "\xc3\xa9"};
    static const char *const sorted[] = {".hidden", "10", "2", "B", "a", "b", "\xc3\xa9"};
    for (size_t index = 0; index < 7; index++)
        put_bytes(fixture, names[index], "xyz", 3);
    assert_int_equal(mkdir(full_path(fixture, "folder"), 0777), 0);
    assert_int_equal(symlink("nowhere", full_path(fixture, "zlink")), 0);
    struct file_list list = {0};
    assert_int_equal(file_list_read(&list, fixture->folder, NULL), SGR_OK);
    assert_int_equal(list.count, 9);
    for (size_t index = 0, at = 0; index < 9; index++) {
        const struct file_entry *entry = &list.entries[index];
        if (strcmp(entry->name, "folder") == 0) {
            assert_int_equal(entry->info.kind, FILE_FOLDER);
            continue;
        }
        if (strcmp(entry->name, "zlink") == 0) {
            assert_int_equal(entry->info.kind, FILE_MISSING);
            continue;
        }
        assert_string_equal(entry->name, sorted[at++]);
        assert_int_equal(entry->info.kind, FILE_REGULAR);
        assert_int_equal(entry->info.size, 3);
    }
    file_list_finish(&list);
    assert_int_equal(list.count, 0);
    struct sgr_error error;
    assert_int_equal(file_list_read(&list, full_path(fixture, "none"), &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "none"));
    file_list_finish(&list);
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK; nth++) {
        memory_fail_after(nth, false);
        status = file_list_read(&list, fixture->folder, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        file_list_finish(&list);
        assert_true(nth < 50);
    }
}

static enum sgr_status count_name(void *context, const char *name, struct sgr_error *error)
{
    int *left = context;
    assert_true(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
    return --*left == 0 ? error_set(error, SGR_STOPPED, "enough") : SGR_OK;
}

static void a_walk_visits_all_names_or_stops(void **state)
{
    struct fixture *fixture = *state;
    for (int index = 0; index < 20; index++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", index);
        put_bytes(fixture, name, "", 0);
    }
    int left = 100;
    struct sgr_error error;
    assert_int_equal(file_each_name(fixture->folder, count_name, &left, NULL), SGR_OK);
    assert_int_equal(left, 80);
    left = 5;
    assert_int_equal(file_each_name(fixture->folder, count_name, &left, &error), SGR_STOPPED);
    assert_int_equal(left, 0);
    assert_string_equal(error.text, "enough");
    assert_int_equal(file_each_name(full_path(fixture, "none"), count_name, &left, NULL),
                     SGR_INPUT);
}

static void a_whole_read_keeps_to_its_limit(void **state)
{
    struct fixture *fixture = *state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sgr_error error;
    put_bytes(fixture, "file", "12345", 5);
    const char *path = full_path(fixture, "file");
    assert_int_equal(file_read(path, 5, &bytes, &size, NULL), SGR_OK);
    assert_int_equal(size, 5);
    assert_memory_equal(bytes, "12345", 6);
    memory_free(bytes);
    bytes = NULL;
    assert_int_equal(file_read(path, 4, &bytes, &size, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "5 bytes"));
    assert_null(bytes);
    memory_fail_after(1, false);
    assert_int_equal(file_read(path, 5, &bytes, &size, &error), SGR_NO_MEMORY);
    memory_fail_after(0, false);
    put_bytes(fixture, "empty", "", 0);
    assert_int_equal(file_read(full_path(fixture, "empty"), 0, &bytes, &size, NULL), SGR_OK);
    assert_int_equal(size, 0);
    assert_int_equal(bytes[0], 0);
    memory_free(bytes);
    assert_int_equal(file_read(full_path(fixture, "none"), 9, &bytes, &size, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "check the path"));
    assert_int_equal(file_read(fixture->folder, 9, &bytes, &size, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "not a regular file"));
}

/* Opening a FIFO for reading would otherwise wait for a writer that never comes. */
static void a_fifo_is_refused_instead_of_waited_for(void **state)
{
    struct fixture *fixture = *state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(mkfifo(full_path(fixture, "fifo"), 0600), 0);
    assert_int_equal(file_read(full_path(fixture, "fifo"), 9, &bytes, &size, NULL), SGR_INPUT);
}

static void folders_are_made_with_those_above(void **state)
{
    struct fixture *fixture = *state;
    struct file_info info;
    struct sgr_error error;
    char path[512];
    snprintf(path, sizeof path, "%s/a//b/c/", fixture->folder);
    assert_int_equal(file_make_folders(path, NULL), SGR_OK);
    assert_int_equal(file_make_folders(path, NULL), SGR_OK);
    assert_int_equal(file_look(path, &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_FOLDER);
    assert_int_equal(file_make_folders("/", NULL), SGR_OK);
    put_bytes(fixture, "file", "1", 1);
    snprintf(path, sizeof path, "%s/file/below", fixture->folder);
    assert_int_equal(file_make_folders(path, &error), SGR_OUTPUT);
    assert_int_equal(file_make_folders(full_path(fixture, "file"), &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "not a folder"));
    assert_int_equal(file_make_folders("", NULL), SGR_OUTPUT);
    memory_fail_after(1, false);
    assert_int_equal(file_make_folders("/tmp", NULL), SGR_NO_MEMORY);
    memory_fail_after(0, false);
}

static void removing_and_renaming_say_what_failed(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_error error;
    char other[512];
    snprintf(other, sizeof other, "%s/other", fixture->folder);
    put_bytes(fixture, "file", "1", 1);
    put_bytes(fixture, "other", "22", 2);
    assert_int_equal(file_rename(full_path(fixture, "file"), other, NULL), SGR_OK);
    struct file_info info;
    assert_int_equal(file_look(other, &info, NULL), SGR_OK);
    assert_int_equal(info.size, 1);
    assert_int_equal(file_rename(full_path(fixture, "none"), other, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, other));
    assert_int_equal(file_remove(other, NULL), SGR_OK);
    assert_int_equal(file_remove(other, NULL), SGR_OK);
    assert_int_equal(file_remove(fixture->folder, &error), SGR_OUTPUT);
    assert_int_equal(mkdir(full_path(fixture, "full"), 0777), 0);
    put_bytes(fixture, "full/kept", "1", 1);
    file_remove_folder_if_empty(full_path(fixture, "full"));
    assert_int_equal(file_look(full_path(fixture, "full/kept"), &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_REGULAR);
    assert_int_equal(file_remove(full_path(fixture, "full/kept"), NULL), SGR_OK);
    snprintf(other, sizeof other, "%s/full", fixture->folder);
    file_remove_folder_if_empty(other);
    file_remove_folder_if_empty(other);
    assert_int_equal(file_look(other, &info, NULL), SGR_OK);
    assert_int_equal(info.kind, FILE_MISSING);
    assert_int_equal(file_sync_folder(fixture->folder, NULL), SGR_OK);
    assert_int_equal(file_sync_folder(other, &error), SGR_OUTPUT);
}

static void paths_become_absolute_and_disks_have_room(void **state)
{
    struct fixture *fixture = *state;
    char twisted[512];
    snprintf(twisted, sizeof twisted, "%s/../%s/.", fixture->folder,
             strrchr(fixture->folder, '/') + 1);
    char *straight = file_absolute(twisted);
    assert_string_equal(straight, fixture->folder);
    memory_free(straight);
    assert_null(file_absolute(full_path(fixture, "none")));
    memory_fail_after(1, false);
    assert_null(file_absolute(fixture->folder));
    memory_fail_after(0, false);
    assert_true(file_free_bytes(fixture->folder) > 0);
    assert_true(file_free_bytes(full_path(fixture, "none")) == UINT64_MAX);
}

static void reads_and_writes_at_places_are_exact(void **state)
{
    struct fixture *fixture = *state;
    struct open_file handle = OPEN_FILE_NONE;
    struct sgr_error error;
    uint8_t bytes[8] = {0};
    uint64_t size = 0;
    const char *path = full_path(fixture, "file");
    assert_int_equal(file_open_write(path, &handle, NULL), SGR_OK);
    assert_int_equal(file_write_at(handle, 3, "defg", 4, "it", NULL), SGR_OK);
    assert_int_equal(file_write_at(handle, 0, "abc", 3, "it", NULL), SGR_OK);
    assert_int_equal(file_read_at(handle, 1, bytes, 5, "it", NULL), SGR_OK);
    assert_memory_equal(bytes, "bcdef", 6);
    assert_int_equal(file_sync(handle, "it", NULL), SGR_OK);
    assert_int_equal(file_close(&handle, "it", NULL), SGR_OK);
    assert_int_equal(handle.descriptor, -1);
    assert_int_equal(file_close(&handle, "it", NULL), SGR_OK);
    assert_int_equal(file_open_read(path, &handle, &size, NULL), SGR_OK);
    assert_int_equal(size, 7);
    assert_int_equal(file_read_at(handle, 0, bytes, 8, "its name", &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "its name"));
    assert_int_equal(file_read_at(handle, 7, bytes, 0, "it", NULL), SGR_OK);
    assert_int_equal(file_write_at(handle, 0, "x", 1, "its name", &error), SGR_OUTPUT);
    file_abandon(&handle);
    file_abandon(&handle);
    assert_int_equal(file_open_read(full_path(fixture, "none"), &handle, &size, NULL), SGR_INPUT);
    assert_int_equal(file_open_write(fixture->folder, &handle, NULL), SGR_OUTPUT);
    assert_int_equal(handle.descriptor, -1);
}

static void a_full_disk_is_told_with_its_remedy(void **state)
{
    (void)state;
    struct open_file handle = OPEN_FILE_NONE;
    struct sgr_error error;
    assert_int_equal(file_open_write("/dev/full", &handle, NULL), SGR_OK);
    assert_int_equal(file_write_at(handle, 0, "x", 1, "/dev/full", &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "free space"));
    file_abandon(&handle);
}

static void scratch_files_have_no_name(void **state)
{
    struct fixture *fixture = *state;
    struct open_file handle = OPEN_FILE_NONE;
    struct sgr_error error;
    assert_int_equal(setenv("TMPDIR", fixture->folder, 1), 0);
    assert_int_equal(file_open_scratch(&handle, NULL), SGR_OK);
    assert_int_equal(count_names(fixture, ""), 0);
    uint8_t byte = 0;
    assert_int_equal(file_write_at(handle, 5, "x", 1, "it", NULL), SGR_OK);
    assert_int_equal(file_read_at(handle, 5, &byte, 1, "it", NULL), SGR_OK);
    assert_int_equal(byte, 'x');
    file_abandon(&handle);
    assert_int_equal(setenv("TMPDIR", full_path(fixture, "none"), 1), 0);
    assert_int_equal(file_open_scratch(&handle, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "none"));
    assert_int_equal(setenv("TMPDIR", "", 1), 0);
    assert_int_equal(file_open_scratch(&handle, NULL), SGR_OK);
    file_abandon(&handle);
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

static void a_folder_is_taken_once(void **state)
{
    struct fixture *fixture = *state;
    struct open_file first = OPEN_FILE_NONE;
    struct open_file second = OPEN_FILE_NONE;
    struct sgr_error error;
    assert_int_equal(file_lock_folder(fixture->folder, &first, NULL), SGR_OK);
    assert_int_equal(file_lock_folder(fixture->folder, &second, &error), SGR_USAGE);
    assert_non_null(strstr(error.text, "another run"));
    assert_int_equal(second.descriptor, -1);
    file_abandon(&first);
    assert_int_equal(file_lock_folder(fixture->folder, &second, NULL), SGR_OK);
    file_abandon(&second);
    assert_int_equal(file_lock_folder(full_path(fixture, "none"), &first, NULL), SGR_OUTPUT);
}

static void unique_folders_differ_and_trees_go(void **state)
{
    struct fixture *fixture = *state;
    struct sgr_error error;
    char *paths[2] = {NULL, NULL};
    put_text(fixture, "kept", "kept");
    for (int index = 0; index < 2; index++)
        assert_int_equal(SGR_OK,
                         file_make_unique_folder(fixture->folder, "one-", &paths[index], &error));
    assert_string_not_equal(paths[0], paths[1]);
    char deep[4096];
    snprintf(deep, sizeof deep, "%s/a/b/c", paths[0]);
    assert_int_equal(SGR_OK, file_make_folders(deep, &error));
    snprintf(deep, sizeof deep, "%s/a/link", paths[0]);
    assert_int_equal(symlink("../../kept", deep), 0);
    for (int index = 0; index < 2; index++) {
        assert_int_equal(SGR_OK, file_remove_tree(paths[index], &error));
        memory_free(paths[index]);
    }
    assert_int_equal(count_names(fixture, "."), 1);
    assert_int_equal(SGR_OK, file_remove_tree(full_path(fixture, "none"), &error));
    assert_int_equal(file_make_unique_folder("/dev/null", "one-", &paths[0], &error), SGR_OUTPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_look_tells_kinds_apart),
        TEST(listings_are_sorted_by_bytes),
        TEST(a_walk_visits_all_names_or_stops),
        TEST(a_whole_read_keeps_to_its_limit),
        TEST(a_fifo_is_refused_instead_of_waited_for),
        TEST(folders_are_made_with_those_above),
        TEST(removing_and_renaming_say_what_failed),
        TEST(paths_become_absolute_and_disks_have_room),
        TEST(reads_and_writes_at_places_are_exact),
        TEST(a_full_disk_is_told_with_its_remedy),
        TEST(scratch_files_have_no_name),
        TEST(a_folder_is_taken_once),
        TEST(unique_folders_differ_and_trees_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
