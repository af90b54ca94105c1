/*
 * The output folder when something fails half-way: memory, rights, a full disk. No row may stand
 * without its files, nothing incomplete under a final name, and nothing temporary may be left.
 */
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/mount.h>

static void staging_that_fails_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    int handles = count_handles();
    struct sgr_error error = {0};
    struct item_staged staged;
    make_folder(fixture->folder, ".partial/6.json");
    assert_int_equal(stage(store, 6, 100, &staged, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, ".partial/6.json"));
    assert_non_null(staged.recipe);
    item_store_discard(store, &staged);
    assert_int_equal(count_names(fixture->folder, ".partial"), 1);
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t number = 1; status != SGR_OK; number++) {
        memory_fail_after(number, false);
        status = stage(store, 1, 100, &staged, NULL);
        memory_fail_after(0, false);
        assert_int_equal(count_names(fixture->folder, ".partial"), status == SGR_OK ? 3 : 1);
        item_store_discard(store, &staged);
        assert_int_equal(count_handles(), handles);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_true(number < 100);
    }
    struct text failed = {.failed = true};
    struct stage_counters stages = {0};
    struct item_writer writer;
    assert_int_equal(item_store_writer_init(store, &writer, NULL), SGR_OK);
    staged = (struct item_staged){.id = 1};
    assert_int_equal(item_store_stage(store, &writer,
                                      &(struct item_content){NULL, 0, &failed, &stages}, &staged,
                                      NULL),
                     SGR_NO_MEMORY);
    item_store_writer_finish(&writer);
    item_store_close(&store);
}

static void a_commit_that_fails_has_no_rows_and_no_temporaries(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    int handles = count_handles();
    struct item_staged staged[3];
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t number = 1; status != SGR_OK; number++) {
        for (uint64_t index = 0; index < 3; index++)
            assert_int_equal(stage(store, index, 100, &staged[index], NULL), SGR_OK);
        memory_fail_after(number, false);
        status = commit(store, staged, 3, NULL);
        memory_fail_after(0, false);
        assert_int_equal(count_names(fixture->folder, ".partial"), 0);
        assert_int_equal(count_handles(), handles);
        assert_null(staged[0].recipe);
        count_is(item_store_manifest(store), status == SGR_OK ? 3 : 0, 0);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_true(number < 200);
    }
    assert_int_equal(count_names(fixture->folder, "images"), 3);
    assert_int_equal(item_store_manifest(store) != NULL, 1);
    make_folder(fixture->folder, "images/8.png");
    struct sgr_error error = {0};
    assert_int_equal(stage(store, 7, 100, &staged[0], NULL), SGR_OK);
    assert_int_equal(stage(store, 8, 100, &staged[1], NULL), SGR_OK);
    size_t failed = 0;
    assert_int_equal(item_store_commit(store, staged, 2, &failed, &error), SGR_OK);
    assert_int_equal(failed, 1);
    assert_non_null(strstr(error.text, "item 8: "));
    assert_non_null(strstr(error.text, "images/8.png"));
    assert_int_equal(count_names(fixture->folder, ".partial"), 0);
    count_is(item_store_manifest(store), 4, 1);
    item_store_close(&store);
}

/* Items whose names are taken are given up; where no name can be given, the folder is to blame. */
static void a_folder_that_gives_no_names_ends_the_commit(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    struct item_staged staged[10];
    struct sgr_error error = {0};
    size_t failed = 0;
    for (uint64_t index = 0; index < 10; index++) {
        char name[32];
        snprintf(name, sizeof name, "metadata/%d.json", (int)index);
        make_folder(fixture->folder, name);
        assert_int_equal(stage(store, index, 100, &staged[index], NULL), SGR_OK);
    }
    assert_int_equal(item_store_commit(store, staged, 10, &failed, &error), SGR_OK);
    assert_int_equal(failed, 10);
    assert_int_equal(count_names(fixture->folder, "images"), 0);
    count_is(item_store_manifest(store), 0, 10);
    /* What had its name before is kept. */
    make_folder(fixture->folder, "metadata/.probe");
    for (uint64_t index = 0; index < 10; index++)
        assert_int_equal(stage(store, index + 8, 100, &staged[9 - index], NULL), SGR_OK);
    assert_int_equal(item_store_commit(store, staged, 10, &failed, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "metadata/9.json"));
    assert_int_equal(count_names(fixture->folder, "images"), 8);
    assert_int_equal(count_names(fixture->folder, ".partial"), 0);
    count_is(item_store_manifest(store), 8, 10);
    item_store_close(&store);
}

static enum sgr_status restage(struct item_store *store, uint8_t version,
                               struct item_staged *out_staged)
{
    const uint8_t byte = pixel_of(1, version);
    struct file_piece piece = {&byte, 1};
    struct text metadata = {.bytes = NULL};
    struct stage_counters stages = {0};
    struct item_writer writer;
    assert_int_equal(item_store_writer_init(store, &writer, NULL), SGR_OK);
    *out_staged = (struct item_staged){.id = 1, .recipe = memory_copy_text("2")};
    enum sgr_status status = item_store_stage(
        store, &writer, &(struct item_content){&piece, 1, &metadata, &stages}, out_staged, NULL);
    item_store_writer_finish(&writer);
    return status;
}

/* At no point may the old row stand beside the new file. */
static void a_replaced_item_never_has_a_row_that_lies(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    struct item_staged staged;
    enum sgr_status status = SGR_NO_MEMORY;
    struct manifest_item item;
    for (uint64_t number = 1; status != SGR_OK; number++) {
        commit_items(store, 1, 1);
        assert_int_equal(restage(store, 1, &staged), SGR_OK);
        memory_fail_after(number, false);
        status = commit(store, &staged, 1, NULL);
        memory_fail_after(0, false);
        bool found = false;
        assert_int_equal(manifest_find_done(item_store_manifest(store), 1, &item, &found, NULL),
                         SGR_OK);
        assert_true(!found || item_store_has_files(store, &item));
        assert_true(number < 200);
    }
    assert_int_equal(item.image.bytes, 1);
    assert_int_equal(item.metadata.bytes, 0);
    count_is(item_store_manifest(store), 1, 0);
    item_store_close(&store);
}

static void a_damaged_manifest_is_input_and_the_folder_stays(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    commit_items(store, 1, 2);
    item_store_close(&store);
    assert_int_equal(truncate(fixture->path, 5000), 0);
    assert_int_equal(item_store_open(fixture->folder, &store, NULL), SGR_INPUT);
    assert_int_equal(count_names(fixture->folder, "images"), 2);
    assert_int_equal(count_names(fixture->folder, ""), 3);
}

static void opening_that_fails_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    char folder[128];
    int handles = count_handles();
    snprintf(folder, sizeof folder, "%s/a/b", fixture->folder);
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t number = 1; status != SGR_OK; number++) {
        struct item_store *store = NULL;
        memory_fail_after(number, false);
        status = item_store_open(folder, &store, NULL);
        memory_fail_after(0, false);
        assert_int_equal(has(fixture->folder, "a"), status == SGR_OK);
        item_store_close(&store);
        assert_int_equal(count_handles(), handles);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_true(number < 200);
    }
}

static int open_as_nobody(const struct fixture *fixture)
{
    struct item_store *store = NULL;
    struct sgr_error error = {0};
    char below[128];
    snprintf(below, sizeof below, "%s/below", fixture->folder);
    if (geteuid() == 0 && seteuid(65534) != 0)
        return 77;
    if (item_store_open(fixture->folder, &store, &error) != SGR_OUTPUT ||
        !strstr(error.text, "rights"))
        return 1;
    return item_store_open(below, &store, &error) == SGR_OUTPUT ? 0 : 2;
}

static void a_read_only_folder_is_an_output_error(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    int answer = in_child(open_as_nobody, fixture);
    assert_int_equal(chmod(fixture->folder, 0755), 0);
    if (answer == 77)
        skip();
    assert_int_equal(answer, 0);
    assert_int_equal(count_names(fixture->folder, ""), 0);
}

/* Every file under a final name must be whole, and every row must have its files. */
static enum sgr_status row_has_files(void *context, const struct manifest_item *item,
                                     struct sgr_error *error)
{
    (void)error;
    assert_true(item_store_has_files(context, item));
    return SGR_OK;
}

static void check_whole(struct item_store *store, const char *folder, size_t size)
{
    char path[128];
    struct file_list list = {0};
    snprintf(path, sizeof path, "%s/images", folder);
    assert_int_equal(file_list_read(&list, path, NULL), SGR_OK);
    for (size_t index = 0; index < list.count; index++)
        assert_int_equal(list.entries[index].info.size, size);
    file_list_finish(&list);
    assert_int_equal(count_names(folder, ".partial"), 0);
    assert_int_equal(manifest_each_item(item_store_manifest(store), row_has_files, store, NULL),
                     SGR_OK);
}

static void fill_disk(const char *folder)
{
    char path[128];
    static const uint8_t zeros[4096];
    snprintf(path, sizeof path, "%s/filler", folder);
    int handle = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    assert_true(handle >= 0);
    while (write(handle, zeros, sizeof zeros) > 0)
        ;
    close(handle);
}

static enum sgr_status stage_and_commit(struct item_store *store, uint64_t first,
                                        struct sgr_error *error)
{
    struct item_staged staged[8];
    enum sgr_status status = SGR_OK;
    size_t count = 0;
    for (; count < 8 && status == SGR_OK; count++)
        status = stage(store, first + count, 20000, &staged[count], error);
    if (status == SGR_OK)
        return commit(store, staged, count, error);
    for (size_t index = 0; index < count; index++)
        item_store_discard(store, &staged[index]);
    return status;
}

static void full_disk_body(const char *folder)
{
    struct sgr_error error = {0};
    struct item_store *store = open_store(folder);
    enum sgr_status status = SGR_OK;
    for (uint64_t first = 0; status == SGR_OK && first < 1000; first += 8)
        status = stage_and_commit(store, first, &error);
    assert_int_equal(status, SGR_OUTPUT);
    assert_non_null(strstr(error.text, "free space"));
    check_whole(store, folder, 20000);
    uint64_t done = 0;
    uint64_t failed = 0;
    assert_int_equal(manifest_count(item_store_manifest(store), &done, &failed, NULL), SGR_OK);
    assert_true(done > 0);

    /* Staged before the disk is full, so that only the rows find no room. */
    struct item_staged staged;
    assert_int_equal(stage(store, 5000, 20000, &staged, NULL), SGR_OK);
    fill_disk(folder);
    assert_int_equal(commit(store, &staged, 1, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "free space"));
    check_whole(store, folder, 20000);
    count_is(item_store_manifest(store), done, 0);
    item_store_close(&store);

    char path[128];
    snprintf(path, sizeof path, "%s/filler", folder);
    assert_int_equal(unlink(path), 0);
    store = open_store(folder);
    count_is(item_store_manifest(store), done, 0);
    assert_int_equal(item_store_clear(store, NULL), SGR_OK);
    assert_int_equal(stage_and_commit(store, 0, &error), SGR_OK);
    item_store_close(&store);
}

static void a_full_disk_is_an_output_error_and_leaves_only_whole_files(void **state)
{
    struct fixture *fixture = *state;
    if (mount("tmpfs", fixture->folder, "tmpfs", 0, "size=1m") != 0)
        skip();
    full_disk_body(fixture->folder);
    assert_int_equal(umount(fixture->folder), 0);
}

static void a_disk_without_room_for_the_manifest_stays_as_it_was(void **state)
{
    struct fixture *fixture = *state;
    if (mount("tmpfs", fixture->folder, "tmpfs", 0, "size=64k") != 0)
        skip();
    fill_disk(fixture->folder);
    struct item_store *store = NULL;
    struct sgr_error error = {0};
    assert_int_equal(item_store_open(fixture->folder, &store, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "free space"));
    assert_int_equal(count_names(fixture->folder, ""), 1);
    assert_int_equal(umount(fixture->folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(staging_that_fails_leaves_nothing),
        TEST(a_commit_that_fails_has_no_rows_and_no_temporaries),
        TEST(a_folder_that_gives_no_names_ends_the_commit),
        TEST(a_replaced_item_never_has_a_row_that_lies),
        TEST(a_damaged_manifest_is_input_and_the_folder_stays),
        TEST(opening_that_fails_leaves_nothing),
        TEST(a_read_only_folder_is_an_output_error),
        TEST(a_full_disk_is_an_output_error_and_leaves_only_whole_files),
        TEST(a_disk_without_room_for_the_manifest_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
