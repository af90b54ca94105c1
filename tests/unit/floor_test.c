/* The floor: all bytes are there, whatever the threads; failures come back, no handle leaks. */
#include "store_fixture.h"

#include "store/floor.h"

enum { ITEMS = 300, BYTES_MAX = 5000 };

static struct floor_item *make_items(void)
{
    struct floor_item *items = calloc(ITEMS, sizeof *items);
    assert_non_null(items);
    for (size_t index = 0; index < ITEMS; index++) {
        struct floor_item *item = &items[index];
        *item = (struct floor_item){.id = 1000 + index,
                                    .image = malloc(BYTES_MAX),
                                    .image_size = index * 7 % BYTES_MAX,
                                    .metadata = malloc(BYTES_MAX),
                                    .metadata_size = index % 3};
        assert_true(item->image && item->metadata);
        memset(item->image, (int)index, BYTES_MAX);
        memset(item->metadata, (int)~index, BYTES_MAX);
    }
    return items;
}

static void free_items(struct floor_item *items)
{
    for (size_t index = 0; index < ITEMS; index++) {
        free(items[index].image);
        free(items[index].metadata);
    }
    free(items);
}

static void expect_file(const char *folder, const char *below, uint64_t id, const uint8_t *bytes,
                        size_t size)
{
    char path[160];
    uint8_t *found = NULL;
    size_t found_size = 0;
    snprintf(path, sizeof path, "%s/%s/%llu.%s", folder, below, (unsigned long long)id,
             below[0] == 'i' ? "png" : "json");
    assert_int_equal(file_read(path, 1 << 20, &found, &found_size, NULL), SGR_OK);
    assert_int_equal(found_size, size);
    assert_memory_equal(found, bytes, size);
    memory_free(found);
}

static void make_folders(const struct fixture *fixture)
{
    char path[128];
    snprintf(path, sizeof path, "%s/images", fixture->folder);
    assert_int_equal(file_make_folders(path, NULL), SGR_OK);
    snprintf(path, sizeof path, "%s/metadata", fixture->folder);
    assert_int_equal(file_make_folders(path, NULL), SGR_OK);
}

static void all_bytes_are_written(void **state)
{
    struct fixture *fixture = *state;
    struct floor_item *items = make_items();
    make_folders(fixture);
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct sgr_error error = {0};
        struct floor_options options = {fixture->folder, items, ITEMS, threads, NULL};
        uint64_t elapsed_ns = 0;
        if (floor_run(&options, &elapsed_ns, &error) != SGR_OK)
            fail_msg("%s", error.text);
        assert_true(elapsed_ns > 0);
        for (size_t index = 0; index < ITEMS; index++) {
            const struct floor_item *item = &items[index];
            expect_file(fixture->folder, "images", item->id, item->image, item->image_size);
            expect_file(fixture->folder, "metadata", item->id, item->metadata, item->metadata_size);
        }
    }
    free_items(items);
}

static void failures_and_requests_to_stop_come_back(void **state)
{
    struct fixture *fixture = *state;
    struct floor_item *items = make_items();
    struct sgr_cancel cancel = {0};
    struct sgr_error error = {0};
    struct floor_options options = {fixture->folder, items, ITEMS, 2, &cancel};
    uint64_t elapsed_ns = 77;
    int handles = count_handles();
    assert_int_equal(floor_run(&options, &elapsed_ns, &error), SGR_OUTPUT);
    assert_non_null(strstr(error.text, "/images: "));
    make_folders(fixture);
    sgr_cancel_request(&cancel, SGR_STOPPED);
    assert_int_equal(floor_run(&options, &elapsed_ns, &error), SGR_STOPPED);
    assert_int_equal(elapsed_ns, 77);
    assert_int_equal(count_handles(), handles);
    free_items(items);
}

static void every_allocation_may_fail(void **state)
{
    struct fixture *fixture = *state;
    struct floor_item *items = make_items();
    struct floor_options options = {fixture->folder, items, 2, 1, NULL};
    make_folders(fixture);
    int handles = count_handles();
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t nth = 1; status != SGR_OK && nth < 100; nth++) {
        uint64_t elapsed_ns = 0;
        memory_fail_after(nth, false);
        status = floor_run(&options, &elapsed_ns, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
        assert_int_equal(count_handles(), handles);
    }
    assert_int_equal(status, SGR_OK);
    free_items(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_bytes_are_written),
        TEST(failures_and_requests_to_stop_come_back),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
