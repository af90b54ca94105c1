/*
 * Checking finished folders: each kind of difference is found, counted and told, nothing is
 * changed, and pages, threads and the order of the file system do not matter.
 */
#include "store/verify.h"
#include "store_fixture.h"

#include "base/memory.h"
#include "store/item_store.h"

/* The lines of a log, one after another with a line break each. */
struct lines {
    struct text text;
    size_t count;
};

static void keep_line(void *context, enum sgr_log_level level, const char *text)
{
    struct lines *lines = context;
    assert_int_equal(level, SGR_LOG_WARNING);
    text_add(&lines->text, text);
    text_add(&lines->text, "\n");
    lines->count++;
}

static void put_file(const struct fixture *fixture, const char *name, const char *bytes)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
    write_file(path, bytes, strlen(bytes));
}

static struct manifest_file file_of(struct hash_sha256 *hash, const char *bytes)
{
    struct manifest_file file = {.bytes = strlen(bytes)};
    hash_sha256_begin(hash);
    hash_sha256_add(hash, bytes, strlen(bytes));
    hash_sha256_end(hash, file.sha256);
    return file;
}

/* Makes a finished folder of `count` items by hand, with a plan and one failed item. */
static void make_finished(const struct fixture *fixture, uint64_t count)
{
    struct item_store *store = NULL;
    assert_int_equal(item_store_open(fixture->folder, &store, NULL), SGR_OK);
    struct manifest *manifest = item_store_manifest(store);
    struct hash_sha256 *hash = hash_sha256_create();
    assert_int_equal(manifest_begin(manifest, NULL), SGR_OK);
    for (uint64_t id = 0; id < count; id++) {
        char image[32];
        char name[MANIFEST_PATH_BYTES];
        snprintf(image, sizeof image, "image %llu", (unsigned long long)id);
        manifest_path(name, MANIFEST_IMAGE, id, manifest_fanout(manifest));
        put_file(fixture, name, image);
        manifest_path(name, MANIFEST_METADATA, id, manifest_fanout(manifest));
        put_file(fixture, name, "{}");
        const struct manifest_item item = {.id = id,
                                           .state = MANIFEST_DONE,
                                           .recipe = "0",
                                           .image = file_of(hash, image),
                                           .metadata = file_of(hash, "{}")};
        assert_int_equal(manifest_add_item(manifest, &item, NULL), SGR_OK);
    }
    const struct manifest_item failed = {
        .id = count, .state = MANIFEST_FAILED, .recipe = "0", .reason = "lost"};
    assert_int_equal(manifest_add_item(manifest, &failed, NULL), SGR_OK);
    const struct manifest_file plan = file_of(hash, "the plan");
    const struct manifest_file all = file_of(hash, "[]");
    put_file(fixture, "plan.sgp", "the plan");
    put_file(fixture, "metadata/_metadata.json", "[]");
    assert_int_equal(manifest_add_document(manifest, "plan.sgp", &plan, NULL), SGR_OK);
    assert_int_equal(manifest_add_document(manifest, "metadata/_metadata.json", &all, NULL),
                     SGR_OK);
    assert_int_equal(manifest_commit(manifest, NULL), SGR_OK);
    hash_sha256_destroy(&hash);
    item_store_close(&store);
}

static struct verify_result check(const struct fixture *fixture, unsigned threads,
                                  struct lines *lines)
{
    struct verify_result result = {0};
    struct sgr_error error = {0};
    const struct sgr_log log = {lines, keep_line};
    if (verify_folder(fixture->folder, threads, NULL, lines ? &log : NULL, &result, &error) !=
        SGR_OK)
        fail_msg("%s", error.text);
    return result;
}

static void a_finished_folder_has_no_findings(void **state)
{
    struct fixture *fixture = *state;
    struct lines lines = {.count = 0};
    make_finished(fixture, 12);
    struct verify_result result = check(fixture, 2, &lines);
    assert_int_equal(result.items, 12);
    assert_int_equal(result.failed, 1);
    assert_int_equal(result.files, 26);
    assert_int_equal(result.bytes, 10 * 7 + 2 * 8 + 12 * 2 + 8 + 2);
    assert_int_equal(result.altered + result.missing + result.extra, 0);
    assert_int_equal(lines.count, 0);
}

static void every_kind_of_difference_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct lines lines = {.count = 0};
    make_finished(fixture, 20);
    char path[128];
    put_file(fixture, "images/3.png", "Image 3");
    snprintf(path, sizeof path, "%s/images/10.png", fixture->folder);
    assert_int_equal(truncate(path, 3), 0);
    snprintf(path, sizeof path, "%s/images/4.png", fixture->folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/metadata/7.json", fixture->folder);
    assert_int_equal(unlink(path), 0);
    put_file(fixture, "plan.sgp", "the plam");
    snprintf(path, sizeof path, "%s/.partial", fixture->folder);
    assert_int_equal(mkdir(path, 0777), 0);
    static const char *const extras[] = {"images/20.png",    "images/21.png", "images/03.png",
                                         "images/3.png.bak", "images/3.json", "metadata/+3.json",
                                         ".partial/3.png"};
    for (size_t index = 0; index < sizeof extras / sizeof *extras; index++)
        put_file(fixture, extras[index], "x");
    struct verify_result result = check(fixture, 3, &lines);
    assert_int_equal(result.altered, 4);
    assert_int_equal(result.missing, 1);
    assert_int_equal(result.extra, 7);
    assert_int_equal(result.files, 42);
    assert_string_equal(lines.text.bytes, "altered: images/3.png\n"
                                          "altered: images/4.png\n"
                                          "missing: metadata/7.json\n"
                                          "altered: images/10.png\n"
                                          "altered: plan.sgp\n"
                                          "extra: .partial/3.png\n"
                                          "extra: images/3.json\n"
                                          "extra: images/03.png\n"
                                          "extra: images/3.png.bak\n"
                                          "extra: images/20.png\n"
                                          "extra: images/21.png\n"
                                          "extra: metadata/+3.json\n");
    text_finish(&lines.text);
}

static void missing_folders_are_missing_files(void **state)
{
    struct fixture *fixture = *state;
    make_finished(fixture, 2);
    char path[128];
    char away[128];
    snprintf(path, sizeof path, "%s/images", fixture->folder);
    snprintf(away, sizeof away, "%s/pictures", fixture->folder);
    assert_int_equal(rename(path, away), 0);
    struct verify_result result = check(fixture, 1, NULL);
    assert_int_equal(result.missing, 2);
    assert_int_equal(result.extra, 0);
}

static void many_findings_are_counted_not_told(void **state)
{
    struct fixture *fixture = *state;
    struct lines lines = {.count = 0};
    make_finished(fixture, 150);
    for (unsigned id = 0; id < 150; id++) {
        char name[64];
        snprintf(name, sizeof name, "images/%u.png", id);
        put_file(fixture, name, "other");
        snprintf(name, sizeof name, "metadata/x%u.json", id);
        put_file(fixture, name, "other");
    }
    struct verify_result result = check(fixture, 2, &lines);
    assert_int_equal(result.altered, 150);
    assert_int_equal(result.extra, 150);
    assert_int_equal(lines.count, 202);
    assert_non_null(strstr(lines.text.bytes, "altered: images/99.png\n"));
    assert_null(strstr(lines.text.bytes, "images/100.png"));
    assert_non_null(strstr(lines.text.bytes, "extra: metadata/x99.json\n"));
    assert_null(strstr(lines.text.bytes, "metadata/x100.json"));
    assert_non_null(strstr(lines.text.bytes, "altered: 50 more\nextra: 50 more\n"));
    text_finish(&lines.text);
}

static void pages_and_threads_do_not_matter(void **state)
{
    struct fixture *fixture = *state;
    make_finished(fixture, 4200);
    put_file(fixture, "images/4199.png", "Image 4199");
    for (unsigned threads = 0; threads < 4; threads++) {
        struct lines lines = {.count = 0};
        struct verify_result result = check(fixture, threads, &lines);
        assert_int_equal(result.items, 4200);
        assert_int_equal(result.altered, 1);
        assert_int_equal(result.missing + result.extra, 0);
        assert_string_equal(lines.text.bytes, "altered: images/4199.png\n");
        text_finish(&lines.text);
    }
}

static void a_file_larger_than_a_piece_is_digested_whole(void **state)
{
    struct fixture *fixture = *state;
    size_t size = (3u << 20) + 17;
    char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    memset(bytes, 'x', size);
    bytes[size] = '\0';
    make_finished(fixture, 1);
    struct manifest *manifest = open_or_fail(fixture->path, false);
    struct hash_sha256 *hash = hash_sha256_create();
    const struct manifest_file file = file_of(hash, bytes);
    assert_int_equal(manifest_add_document(manifest, "report.html", &file, NULL), SGR_OK);
    manifest_close(&manifest);
    hash_sha256_destroy(&hash);
    put_file(fixture, "report.html", bytes);
    struct verify_result result = check(fixture, 1, NULL);
    assert_int_equal(result.altered, 0);
    assert_true(result.bytes > size);
    bytes[size - 1] = 'y';
    put_file(fixture, "report.html", bytes);
    assert_int_equal(check(fixture, 1, NULL).altered, 1);
    free(bytes);
}

static void a_folder_without_a_manifest_is_input(void **state)
{
    struct fixture *fixture = *state;
    struct verify_result result = {.items = 5};
    struct sgr_error error = {0};
    assert_int_equal(verify_folder(fixture->folder, 1, NULL, NULL, &result, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, fixture->folder));
    assert_int_equal(verify_folder("/tmp/no/such/folder", 1, NULL, NULL, &result, NULL), SGR_INPUT);
    assert_int_equal(verify_folder("", 1, NULL, NULL, &result, NULL), SGR_INPUT);
    assert_int_equal(result.items, 5);
}

static void a_folder_in_use_is_wrong_usage(void **state)
{
    struct fixture *fixture = *state;
    struct item_store *store = NULL;
    struct verify_result result;
    assert_int_equal(item_store_open(fixture->folder, &store, NULL), SGR_OK);
    assert_int_equal(verify_folder(fixture->folder, 1, NULL, NULL, &result, NULL), SGR_USAGE);
    item_store_close(&store);
    assert_int_equal(verify_folder(fixture->folder, 1, NULL, NULL, &result, NULL), SGR_OK);
}

static void asking_to_stop_ends_the_check(void **state)
{
    struct fixture *fixture = *state;
    struct verify_result result = {.items = 5};
    struct sgr_error error = {0};
    struct sgr_cancel cancel = {0};
    make_finished(fixture, 10);
    atomic_store(&cancel.status, SGR_INTERRUPTED);
    assert_int_equal(verify_folder(fixture->folder, 2, &cancel, NULL, &result, &error),
                     SGR_INTERRUPTED);
    assert_int_equal(error.status, SGR_INTERRUPTED);
    assert_int_equal(result.items, 5);
    atomic_store(&cancel.status, SGR_OK);
    assert_int_equal(verify_folder(fixture->folder, 2, &cancel, NULL, &result, NULL), SGR_OK);
}

static int check_as_nobody(const struct fixture *fixture)
{
    struct verify_result result;
    if (geteuid() == 0 && seteuid(65534) != 0)
        return 77;
    if (verify_folder(fixture->folder, 2, NULL, NULL, &result, NULL) != SGR_OK)
        return 1;
    return result.items == 5 && result.altered + result.missing + result.extra == 0 ? 0 : 2;
}

static void a_read_only_folder_can_be_checked(void **state)
{
    struct fixture *fixture = *state;
    make_finished(fixture, 5);
    assert_int_equal(chmod(fixture->path, 0444), 0);
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    int answer = in_child(check_as_nobody, fixture);
    assert_int_equal(chmod(fixture->folder, 0755), 0);
    if (answer == 77)
        skip();
    assert_int_equal(answer, 0);
}

static int read_locked_file(const struct fixture *fixture)
{
    struct verify_result result;
    if (geteuid() == 0 && seteuid(65534) != 0)
        return 77;
    return verify_folder(fixture->folder, 2, NULL, NULL, &result, NULL) == SGR_INPUT ? 0 : 1;
}

static void a_file_that_cannot_be_read_ends_the_check(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    make_finished(fixture, 5);
    assert_int_equal(chmod(fixture->folder, 0755), 0);
    snprintf(path, sizeof path, "%s/images/3.png", fixture->folder);
    assert_int_equal(chmod(path, 0), 0);
    int answer = in_child(read_locked_file, fixture);
    if (answer == 77)
        skip();
    assert_int_equal(answer, 0);
}

static void missing_memory_is_told(void **state)
{
    struct fixture *fixture = *state;
    make_finished(fixture, 2);
    put_file(fixture, "images/x.png", "x");
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t number = 1; status != SGR_OK; number++) {
        struct verify_result result;
        memory_fail_after(number, false);
        status = verify_folder(fixture->folder, 2, NULL, NULL, &result, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_true(number < 300);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_finished_folder_has_no_findings),
        TEST(every_kind_of_difference_is_found),
        TEST(missing_folders_are_missing_files),
        TEST(many_findings_are_counted_not_told),
        TEST(pages_and_threads_do_not_matter),
        TEST(a_file_larger_than_a_piece_is_digested_whole),
        TEST(a_folder_without_a_manifest_is_input),
        TEST(a_folder_in_use_is_wrong_usage),
        TEST(asking_to_stop_ends_the_check),
        TEST(a_read_only_folder_can_be_checked),
        TEST(a_file_that_cannot_be_read_ends_the_check),
        TEST(missing_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
