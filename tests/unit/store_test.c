/*
 * The output folder: what is committed is there in full and has a row, everything else leaves no
 * trace, and folders of other people or other processes are left alone. What fails half-way is in
 * store_fault_test.c.
 */
#include "store_fixture.h"

static void a_missing_folder_is_made_with_its_parents(void **state)
{
    struct fixture *fixture = *state;
    char folder[128];
    snprintf(folder, sizeof folder, "%s/a/b//c/", fixture->folder);
    struct item_store *store = open_store(folder);
    assert_string_equal(item_store_folder(store), folder);
    assert_non_null(item_store_manifest(store));
    assert_int_equal(count_names(folder, "images"), 0);
    assert_int_equal(count_names(folder, "metadata"), 0);
    assert_int_equal(count_names(folder, ".partial"), 0);
    item_store_close(&store);
    assert_null(store);
    item_store_close(&store);
    assert_int_equal(count_names(folder, ""), 3);
    assert_true(has(folder, "manifest.db"));
}

static void committed_items_are_there_in_full(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    commit_items(store, 1, 20);
    commit_items(store, 1000000, 1);
    commit_items(store, 5, 0);
    assert_int_equal(count_names(fixture->folder, "images"), 21);
    assert_int_equal(count_names(fixture->folder, "metadata"), 21);
    assert_int_equal(count_names(fixture->folder, ".partial"), 0);
    count_is(item_store_manifest(store), 21, 0);
    char path[128];
    uint8_t *bytes = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/images/7.png", fixture->folder);
    assert_int_equal(file_read(path, 1 << 20, &bytes, &size, NULL), SGR_OK);
    assert_int_equal(size, 3000);
    for (size_t index = 0; index < size; index++)
        assert_int_equal(bytes[index], pixel_of(7, 0));
    struct manifest_item item;
    bool found = false;
    assert_int_equal(manifest_find_done(item_store_manifest(store), 7, &item, &found, NULL),
                     SGR_OK);
    assert_true(found);
    assert_int_equal(item.image.bytes, 3000);
    assert_int_equal(item.metadata.bytes, strlen("{\"id\": 7}\n"));
    uint8_t digest[HASH_SHA256_BYTES];
    struct hash_sha256 *hash = hash_sha256_create();
    hash_sha256_begin(hash);
    hash_sha256_add(hash, bytes, size);
    hash_sha256_end(hash, digest);
    assert_memory_equal(digest, item.image.sha256, sizeof digest);
    hash_sha256_destroy(&hash);
    memory_free(bytes);
    item_store_close(&store);
}

static void files_count_only_with_the_size_of_their_row(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    commit_items(store, 3, 1);
    struct manifest_item item;
    bool found = false;
    assert_int_equal(manifest_find_done(item_store_manifest(store), 3, &item, &found, NULL),
                     SGR_OK);
    assert_true(item_store_has_files(store, &item));
    item.state = MANIFEST_FAILED;
    assert_false(item_store_has_files(store, &item));
    item.state = MANIFEST_DONE;
    item.id = 4;
    assert_false(item_store_has_files(store, &item));
    item.id = 3;
    char path[128];
    snprintf(path, sizeof path, "%s/metadata/3.json", fixture->folder);
    assert_int_equal(truncate(path, 4), 0);
    assert_false(item_store_has_files(store, &item));
    assert_int_equal(unlink(path), 0);
    assert_false(item_store_has_files(store, &item));
    item_store_close(&store);
}

static void nothing_is_kept_without_a_folder_but_digested(void **state)
{
    struct fixture *fixture = *state;
    struct item_staged kept;
    struct item_staged unkept;
    struct item_store *store = open_store(fixture->folder);
    assert_int_equal(stage(store, 9, 5000, &kept, NULL), SGR_OK);
    struct item_store *null_store = open_store(NULL);
    assert_null(item_store_manifest(null_store));
    assert_null(item_store_folder(null_store));
    int handles = count_handles();
    assert_int_equal(stage(null_store, 9, 5000, &unkept, NULL), SGR_OK);
    assert_int_equal(count_handles(), handles);
    assert_memory_equal(&kept.image, &unkept.image, sizeof kept.image);
    assert_memory_equal(&kept.metadata, &unkept.metadata, sizeof kept.metadata);
    struct manifest_item item = {.id = 9, .image = unkept.image, .metadata = unkept.metadata};
    assert_int_equal(commit(null_store, &unkept, 1, NULL), SGR_OK);
    assert_null(unkept.recipe);
    assert_false(item_store_has_files(null_store, &item));
    assert_int_equal(stage(null_store, 9, 5000, &unkept, NULL), SGR_OK);
    item_store_discard(null_store, &unkept);
    assert_int_equal(item_store_clear(null_store, NULL), SGR_OK);
    item_store_close(&null_store);
    item_store_discard(store, &kept);
    item_store_close(&store);
}

static void a_discarded_item_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    int handles = count_handles();
    struct item_staged staged;
    assert_int_equal(stage(store, 1, 100, &staged, NULL), SGR_OK);
    assert_int_equal(count_names(fixture->folder, ".partial"), 2);
    assert_int_equal(count_names(fixture->folder, "images"), 0);
    item_store_discard(store, &staged);
    assert_null(staged.recipe);
    item_store_discard(store, &staged);
    assert_int_equal(count_names(fixture->folder, ".partial"), 0);
    assert_int_equal(count_handles(), handles);
    count_is(item_store_manifest(store), 0, 0);
    item_store_close(&store);
}

static void what_a_killed_run_left_is_removed(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    item_store_close(&store);
    make_folder(fixture->folder, ".partial");
    put(fixture->folder, ".partial/17.png");
    put(fixture->folder, ".partial/17.json");
    store = open_store(fixture->folder);
    assert_int_equal(count_names(fixture->folder, ".partial"), 0);
    item_store_close(&store);
    assert_false(has(fixture->folder, ".partial"));
}

static void a_folder_with_files_but_no_manifest_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const folders[] = {"images", "metadata", ".partial"};
    for (size_t index = 0; index < 3; index++) {
        struct item_store *store = NULL;
        struct sgr_error error = {0};
        char name[64];
        char path[160];
        make_folder(fixture->folder, folders[index]);
        snprintf(name, sizeof name, "%s/holiday.png", folders[index]);
        put(fixture->folder, name);
        assert_int_equal(item_store_open(fixture->folder, &store, &error), SGR_USAGE);
        assert_non_null(strstr(error.text, folders[index]));
        assert_non_null(strstr(error.text, "choose another --out"));
        assert_int_equal(count_names(fixture->folder, ""), 1);
        assert_int_equal(count_names(fixture->folder, folders[index]), 1);
        snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
        assert_int_equal(unlink(path), 0);
        *strrchr(path, '/') = '\0';
        assert_int_equal(rmdir(path), 0);
    }
}

static void a_folder_with_other_files_is_taken_and_they_stay(void **state)
{
    struct fixture *fixture = *state;
    put(fixture->folder, "notes.txt");
    make_folder(fixture->folder, "images");
    struct item_store *store = open_store(fixture->folder);
    commit_items(store, 1, 1);
    item_store_close(&store);
    assert_true(has(fixture->folder, "notes.txt"));
}

static void an_empty_name_is_wrong_usage(void **state)
{
    (void)state;
    struct item_store *store = NULL;
    assert_int_equal(item_store_open("", &store, NULL), SGR_USAGE);
    assert_null(store);
}

static void a_file_in_the_folders_place_is_an_output_error(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    struct item_store *store = NULL;
    put(fixture->folder, "file");
    snprintf(path, sizeof path, "%s/file", fixture->folder);
    assert_int_equal(item_store_open(path, &store, NULL), SGR_OUTPUT);
    snprintf(path, sizeof path, "%s/file/below", fixture->folder);
    assert_int_equal(item_store_open(path, &store, NULL), SGR_OUTPUT);
    assert_int_equal(count_names(fixture->folder, ""), 1);
}

static int open_elsewhere(const struct fixture *fixture)
{
    struct item_store *store = NULL;
    struct sgr_error error = {0};
    if (item_store_open(fixture->folder, &store, &error) != SGR_USAGE)
        return 1;
    return strstr(error.text, "another run") ? 0 : 2;
}

static int open_and_vanish(const struct fixture *fixture)
{
    struct item_store *store = NULL;
    struct item_staged staged;
    if (item_store_open(fixture->folder, &store, NULL) != SGR_OK)
        return 1;
    return stage(store, 5, 1000, &staged, NULL) == SGR_OK ? 0 : 2;
}

static void only_one_process_has_the_folder(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    assert_int_equal(in_child(open_elsewhere, fixture), 0);
    assert_int_equal(count_names(fixture->folder, ".partial"), 0);
    commit_items(store, 1, 1);
    item_store_close(&store);
    assert_int_equal(in_child(open_and_vanish, fixture), 0);
    assert_int_equal(count_names(fixture->folder, ".partial"), 2);
    store = open_store(fixture->folder);
    assert_int_equal(count_names(fixture->folder, ".partial"), 0);
    count_is(item_store_manifest(store), 1, 0);
    item_store_close(&store);
}

static void clearing_removes_what_has_a_row_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = open_store(fixture->folder);
    commit_items(store, 1, 3);
    static const char *const ours[] = {"plan.sgp", "metadata/_metadata.json"};
    static const char *const others[] = {"images/holiday.png", "images/99.png", "notes.txt",
                                         "metadata/99.json", "_metadata.json"};
    struct manifest *manifest = item_store_manifest(store);
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    const struct manifest_file file = {.bytes = 4};
    for (size_t index = 0; index < 2; index++) {
        put(fixture->folder, ours[index]);
        assert_int_equal(manifest_add_document(manifest, ours[index], &file, NULL), SGR_OK);
    }
    const struct manifest_item failed = {
        .id = 99, .state = MANIFEST_FAILED, .recipe = "1", .reason = "lost"};
    assert_int_equal(manifest_add_item(manifest, &failed, NULL), SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    for (size_t index = 0; index < 5; index++)
        put(fixture->folder, others[index]);
    assert_int_equal(item_store_clear(store, NULL), SGR_OK);
    for (size_t index = 0; index < 5; index++)
        assert_true(has(fixture->folder, others[index]));
    assert_false(has(fixture->folder, ours[0]));
    assert_false(has(fixture->folder, ours[1]));
    assert_int_equal(count_names(fixture->folder, "images"), 2);
    assert_int_equal(count_names(fixture->folder, "metadata"), 1);
    count_is(item_store_manifest(store), 0, 0);
    commit_items(store, 1, 3);
    count_is(item_store_manifest(store), 3, 0);
    item_store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_missing_folder_is_made_with_its_parents),
        TEST(committed_items_are_there_in_full),
        TEST(files_count_only_with_the_size_of_their_row),
        TEST(nothing_is_kept_without_a_folder_but_digested),
        TEST(a_discarded_item_leaves_nothing),
        TEST(what_a_killed_run_left_is_removed),
        TEST(a_folder_with_files_but_no_manifest_is_refused),
        TEST(a_folder_with_other_files_is_taken_and_they_stay),
        TEST(an_empty_name_is_wrong_usage),
        TEST(a_file_in_the_folders_place_is_an_output_error),
        TEST(only_one_process_has_the_folder),
        TEST(clearing_removes_what_has_a_row_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
