/*
 * The manifest: what is added comes back in order, what is not committed does not, reading changes
 * nothing, and the digest sees rows, however their file came about.
 */
#include "store_fixture.h"

#include "base/memory.h"

struct seen {
    struct manifest_item items[8];
    char reason[64];
    char paths[4][64];
    size_t count;
    size_t stop_after;
};

static enum sgr_status see_item(void *context, const struct manifest_item *item,
                                struct sgr_error *error)
{
    (void)error;
    struct seen *seen = context;
    assert_string_equal(item->recipe, "1-0-4");
    snprintf(seen->reason, sizeof seen->reason, "%s", item->reason ? item->reason : "-");
    seen->items[seen->count++] = *item;
    return seen->count == seen->stop_after ? SGR_STOPPED : SGR_OK;
}

static enum sgr_status see_document(void *context, const char *path,
                                    const struct manifest_file *file, struct sgr_error *error)
{
    (void)error;
    struct seen *seen = context;
    assert_int_equal(file->bytes, 77);
    snprintf(seen->paths[seen->count++], sizeof seen->paths[0], "%s", path);
    return SGR_OK;
}

static void items_come_back_by_id(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){7, 2, 0}, 3);
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    struct manifest_item failed = {
        .id = 9, .state = MANIFEST_FAILED, .recipe = "1-0-4", .reason = "no memory"};
    assert_int_equal(manifest_add_item(manifest, &failed, NULL), SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    manifest_close(&manifest);
    assert_null(manifest);

    manifest = open_or_fail(fixture->path, false);
    struct seen seen = {0};
    assert_int_equal(manifest_each_item(manifest, see_item, &seen, NULL), SGR_OK);
    assert_int_equal(seen.count, 4);
    static const uint64_t ids[] = {0, 2, 7, 9};
    for (size_t index = 0; index < 3; index++) {
        struct manifest_item item = make_item(ids[index]);
        assert_int_equal(seen.items[index].id, item.id);
        assert_int_equal(seen.items[index].state, MANIFEST_DONE);
        assert_memory_equal(&seen.items[index].image, &item.image, sizeof item.image);
        assert_memory_equal(&seen.items[index].metadata, &item.metadata, sizeof item.metadata);
    }
    assert_int_equal(seen.items[3].id, 9);
    assert_int_equal(seen.items[3].state, MANIFEST_FAILED);
    assert_string_equal(seen.reason, "no memory");
    count_is(manifest, 3, 1);
    manifest_close(&manifest);
}

static void a_visit_can_end_the_walk(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){1, 2, 3}, 3);
    struct seen seen = {.stop_after = 2};
    assert_int_equal(manifest_each_item(manifest, see_item, &seen, NULL), SGR_STOPPED);
    assert_int_equal(seen.count, 2);
    seen = (struct seen){0};
    assert_int_equal(manifest_each_item(manifest, see_item, &seen, NULL), SGR_OK);
    assert_int_equal(seen.count, 3);
    manifest_close(&manifest);
}

static void values_are_set_replaced_and_missed(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    struct text out = {0};
    bool found = true;
    text_add(&out, "old");
    assert_int_equal(manifest_get(manifest, "plan", &out, &found, NULL), SGR_OK);
    assert_false(found);
    assert_int_equal(out.length, 0);
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_set(manifest, "plan", "one", NULL), SGR_OK);
    assert_int_equal(manifest_set(manifest, "plan", "two", NULL), SGR_OK);
    assert_int_equal(manifest_set(manifest, "empty", "", NULL), SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_get(manifest, "plan", &out, &found, NULL), SGR_OK);
    assert_true(found);
    assert_string_equal(out.bytes, "two");
    assert_int_equal(manifest_get(manifest, "empty", &out, &found, NULL), SGR_OK);
    assert_true(found);
    assert_int_equal(out.length, 0);
    text_finish(&out);
    manifest_close(&manifest);
}

static void documents_come_back_by_path(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    const struct manifest_file file = {.bytes = 77};
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_add_document(manifest, "plan.sgp", &file, NULL), SGR_OK);
    assert_int_equal(manifest_add_document(manifest, "metadata/_metadata.json", &file, NULL),
                     SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    struct seen seen = {0};
    assert_int_equal(manifest_each_document(manifest, see_document, &seen, NULL), SGR_OK);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.paths[0], "metadata/_metadata.json");
    assert_string_equal(seen.paths[1], "plan.sgp");
    bool found = false;
    assert_int_equal(manifest_has_document(manifest, "plan.sgp", &found, NULL), SGR_OK);
    assert_true(found);
    assert_int_equal(manifest_has_document(manifest, "plan", &found, NULL), SGR_OK);
    assert_false(found);
    manifest_close(&manifest);
}

static int first_text(void *context, int columns, char **values, char **names)
{
    (void)columns;
    (void)names;
    snprintf(context, 256, "%s", values[0]);
    return 0;
}

static void users_can_query_the_tables(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){171}, 1);
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_add_layer(manifest, 3, "Hat", "Headwear", NULL), SGR_OK);
    const struct manifest_trait trait = {
        .layer = 3, .trait = 1, .name = "Crown", .value = "Gold crown", .asked = 12, .planned = 11};
    assert_int_equal(manifest_add_trait(manifest, &trait, NULL), SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    manifest_close(&manifest);
    char journal[128];
    snprintf(journal, sizeof journal, "%s-journal", fixture->path);
    assert_false(is_there(journal));

    char text[256] = "";
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &database), SQLITE_OK);
    sqlite3_exec(database,
                 "select path || ' ' || bytes || ' ' || sha256 from file where kind = 'image'",
                 first_text, text, NULL);
    assert_string_equal(text, "images/171.png 1171 abababababababababababababababababababababababab"
                              "abababababababab");
    sqlite3_exec(database,
                 "select l.trait_type || t.name || t.value || t.asked || t.planned from trait t"
                 " join layer l on l.id = t.layer",
                 first_text, text, NULL);
    assert_string_equal(text, "HeadwearCrownGold crown1211");
    sqlite3_close(database);
}

static void a_failed_item_has_no_files(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){5}, 1);
    struct manifest_item item;
    bool found = false;
    assert_int_equal(manifest_find_done(manifest, 5, &item, &found, NULL), SGR_OK);
    assert_true(found);
    assert_int_equal(item.image.bytes, 1005);
    assert_null(item.recipe);
    const struct manifest_item failed = {
        .id = 5, .state = MANIFEST_FAILED, .recipe = "1", .reason = "lost"};
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_add_item(manifest, &failed, NULL), SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_find_done(manifest, 5, &item, &found, NULL), SGR_OK);
    assert_false(found);
    count_is(manifest, 0, 1);
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_remove_item(manifest, 5, NULL), SGR_OK);
    assert_int_equal(manifest_remove_item(manifest, 6, NULL), SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    count_is(manifest, 0, 0);
    manifest_close(&manifest);
    char text[256] = "";
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(fixture->path, &database), SQLITE_OK);
    sqlite3_exec(database, "select count(*) from file", first_text, text, NULL);
    assert_string_equal(text, "0");
    sqlite3_close(database);
}

static void what_is_not_committed_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    struct manifest_item item = make_item(1);
    manifest_rollback(manifest);
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_add_item(manifest, &item, NULL), SGR_OK);
    manifest_rollback(manifest);
    count_is(manifest, 0, 0);
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_add_item(manifest, &item, NULL), SGR_OK);
    manifest_close(&manifest);
    manifest = open_or_fail(fixture->path, false);
    count_is(manifest, 0, 0);
    manifest_close(&manifest);
}

static void a_number_that_does_not_fit_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    struct manifest_item item = make_item((uint64_t)INT64_MAX);
    struct sgr_error error;
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_add_item(manifest, &item, &error), SGR_OK);
    item.id++;
    assert_int_equal(manifest_add_item(manifest, &item, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "9223372036854775808"));
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    count_is(manifest, 1, 0);
    manifest_close(&manifest);
}

static void a_name_like_a_uri_is_a_path(void **state)
{
    struct fixture *fixture = *state;
    char *old = getcwd(NULL, 0);
    assert_int_equal(chdir(fixture->folder), 0);
    struct manifest *manifest = open_or_fail("file:x.db?mode=memory", true);
    manifest_close(&manifest);
    assert_true(is_there("file:x.db?mode=memory"));
    assert_int_equal(chdir(old), 0);
    free(old);
}

static void reading_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){1, 2}, 2);
    manifest_close(&manifest);
    uint8_t *before = NULL;
    uint8_t *after = NULL;
    size_t size = 0;
    size_t size_after = 0;
    assert_int_equal(file_read(fixture->path, 1 << 20, &before, &size, NULL), SGR_OK);
    assert_int_equal(manifest_open_reading(fixture->path, &manifest, NULL), SGR_OK);
    count_is(manifest, 2, 0);
    uint8_t digest[HASH_SHA256_BYTES];
    assert_int_equal(manifest_digest(manifest, digest, NULL), SGR_OK);
    struct file_list list = {0};
    assert_int_equal(file_list_read(&list, fixture->folder, NULL), SGR_OK);
    assert_int_equal(list.count, 1);
    file_list_finish(&list);
    assert_int_not_equal(manifest_set(manifest, "key", "value", NULL), SGR_OK);
    manifest_close(&manifest);
    assert_int_equal(file_read(fixture->path, 1 << 20, &after, &size_after, NULL), SGR_OK);
    assert_int_equal(size, size_after);
    assert_memory_equal(before, after, size);
    memory_free(before);
    memory_free(after);
}

static void digest_of(struct manifest *manifest, uint8_t digest[HASH_SHA256_BYTES])
{
    assert_int_equal(manifest_digest(manifest, digest, NULL), SGR_OK);
}

static void the_digest_does_not_depend_on_order_or_batches(void **state)
{
    struct fixture *fixture = *state;
    uint8_t first[HASH_SHA256_BYTES];
    uint8_t second[HASH_SHA256_BYTES];
    struct manifest *manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){1, 2, 3, 4, 500}, 5);
    digest_of(manifest, first);
    manifest_close(&manifest);
    unlink(fixture->path);

    manifest = open_or_fail(fixture->path, true);
    add_items(manifest, (const uint64_t[]){500, 3}, 2);
    add_items(manifest, (const uint64_t[]){2, 77}, 2);
    add_items(manifest, (const uint64_t[]){4, 1, 3}, 3);
    digest_of(manifest, second);
    assert_memory_not_equal(first, second, sizeof first);
    assert_int_equal(manifest_remove_item(manifest, 77, NULL), SGR_OK);
    digest_of(manifest, second);
    assert_memory_equal(first, second, sizeof first);
    manifest_close(&manifest);
}

static void the_digest_sees_every_table(void **state)
{
    struct fixture *fixture = *state;
    static const char *const changes[] = {
        "insert into run values('', '')",
        "update run set key = 'ab', value = 'c'",
        "update run set key = 'a', value = 'bc'",
        "insert into layer values(0, 'a', 'b')",
        "insert into trait values(0, 0, 'a', 'b', 1, 2)",
        "update trait set planned = 3",
        "insert into item values(1, '0', 'failed', null)",
        "update item set reason = ''",
        "insert into file values(1, 'image', 'x', 1, 'y')",
        "insert into document values('x', 1, 'y')",
    };
    enum { COUNT = sizeof changes / sizeof *changes };
    uint8_t digests[COUNT + 1][HASH_SHA256_BYTES];
    struct manifest *manifest = open_or_fail(fixture->path, true);
    digest_of(manifest, digests[0]);
    for (size_t index = 0; index < COUNT; index++) {
        run_sql(fixture->path, changes[index]);
        digest_of(manifest, digests[index + 1]);
        for (size_t earlier = 0; earlier <= index; earlier++)
            assert_memory_not_equal(digests[earlier], digests[index + 1], HASH_SHA256_BYTES);
    }
    run_sql(fixture->path, "update document set bytes = 1.5");
    assert_int_equal(manifest_digest(manifest, digests[0], NULL), SGR_INPUT);
    manifest_close(&manifest);
}

/* Version 1's encoding is fixed: digests that users published must come out again. */
static void the_digest_of_nothing_is_known(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"document", "file", "item", "layer", "run", "trait"};
    struct hash_sha256 *hash = hash_sha256_create();
    assert_non_null(hash);
    hash_sha256_begin(hash);
    for (size_t index = 0; index < 6; index++) {
        const uint8_t head[9] = {'T', (uint8_t)strlen(names[index])};
        hash_sha256_add(hash, head, sizeof head);
        hash_sha256_add(hash, names[index], strlen(names[index]));
    }
    uint8_t expected[HASH_SHA256_BYTES];
    uint8_t found[HASH_SHA256_BYTES];
    hash_sha256_end(hash, expected);
    hash_sha256_destroy(&hash);
    struct manifest *manifest = open_or_fail(fixture->path, true);
    digest_of(manifest, found);
    assert_memory_equal(found, expected, sizeof found);
    manifest_close(&manifest);
}

static void paths_follow_from_ids_and_the_fanout(void **state)
{
    static const struct {
        uint64_t id;
        uint64_t fanout;
        const char *path;
    } cases[] = {
        {7, 0, "images/7.png"},
        {999, 1000, "images/000/999.png"},
        {1000, 1000, "images/001/1000.png"},
        {5, 1, "images/005/5.png"},
        {12345678, 10000, "images/1234/12345678.png"},
        {INT64_MAX, 1, "images/9223372036854775807/9223372036854775807.png"},
    };
    struct fixture *fixture = *state;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char path[MANIFEST_PATH_BYTES];
        manifest_path(path, MANIFEST_IMAGE, cases[index].id, cases[index].fanout);
        assert_string_equal(path, cases[index].path);
    }
    struct manifest *manifest = open_or_fail(fixture->path, true);
    assert_int_equal(manifest_fanout(manifest), 0);
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    assert_int_equal(manifest_set_fanout(manifest, 16, NULL), SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    manifest_close(&manifest);
    manifest = open_or_fail(fixture->path, false);
    assert_int_equal(manifest_fanout(manifest), 16);
    manifest_close(&manifest);
    run_sql(fixture->path, "update run set value = 'x' where key = 'fanout'");
    struct sgr_error error = {0};
    assert_int_equal(manifest_open(fixture->path, false, &manifest, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "fanout"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paths_follow_from_ids_and_the_fanout),
        TEST(items_come_back_by_id),
        TEST(a_visit_can_end_the_walk),
        TEST(values_are_set_replaced_and_missed),
        TEST(documents_come_back_by_path),
        TEST(users_can_query_the_tables),
        TEST(a_failed_item_has_no_files),
        TEST(what_is_not_committed_is_forgotten),
        TEST(a_number_that_does_not_fit_is_refused),
        TEST(a_name_like_a_uri_is_a_path),
        TEST(reading_changes_nothing),
        TEST(the_digest_does_not_depend_on_order_or_batches),
        TEST(the_digest_sees_every_table),
        TEST(the_digest_of_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
