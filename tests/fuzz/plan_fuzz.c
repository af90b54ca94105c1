/*
 * A libFuzzer target: the input is a plan file. Its hashes are put right first, so that numbers no
 * writer stores get as far as the reader. It is refused by one line, or everything that is said of
 * items comes out.
 */
#include "fuzz/fuzz_target.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "os/file.h"
#include "plan/plan.h"
#include "plan/plan_format.h"
#include "publish/export.h"
#include "publish/metadata.h"
#include "publish/summary.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 9000, LAYERS_MAX = 64 };

/* Gives every block that lies within the file its hash. */
static void mend_blocks(uint8_t *bytes, size_t size, uint8_t *index, size_t index_size)
{
    for (size_t at = 0; at + PLAN_INDEX_BYTES <= index_size; at += PLAN_INDEX_BYTES) {
        uint64_t offset = bytes_load(index + at, 8);
        uint64_t length = bytes_load(index + at + 8, 4);
        if (offset <= size && length <= size - offset)
            bytes_store(index + at + 12, hash_64(bytes + offset, (size_t)length), 8);
    }
}

/* Makes the header fit the file: sections one behind another, the last one up to the end. */
static void mend(uint8_t *bytes, size_t size)
{
    size_t end = PLAN_HEADER_BYTES;
    memcpy(bytes, PLAN_FORMAT_MAGIC, 8);
    bytes_store(bytes + 8, PLAN_FORMAT_VERSION, 4);
    for (int section = 0; section < PLAN_SECTION_COUNT; section++) {
        uint8_t *row = bytes + PLAN_HEADER_SECTIONS + section * PLAN_SECTION_BYTES;
        uint64_t length = bytes_load(row + 8, 8);
        if (length > size - end || section == PLAN_SECTION_COUNT - 1)
            length = size - end;
        if (section == PLAN_SECTION_INDEX)
            mend_blocks(bytes, size, bytes + end, (size_t)length);
        bytes_store(row, end, 8);
        bytes_store(row + 8, length, 8);
        bytes_store(row + 16, hash_64(bytes + end, (size_t)length), 8);
        end += (size_t)length;
    }
    bytes_store(bytes + PLAN_HEADER_HASHED, hash_64(bytes, PLAN_HEADER_HASHED), 8);
}

static int swallow(void *context, const char *bytes, size_t size)
{
    uint64_t *hash = context;
    *hash += hash_64(bytes, size);
    return 0;
}

static void check_item(struct plan *plan, uint64_t index, const struct metadata_options *options,
                       struct text *text)
{
    struct plan_item item;
    struct sgr_error error = {0};
    if (plan_read(plan, index, &item, &error) != SGR_OK) {
        CHECK(error.text[0] && !strchr(error.text, '\n'));
        return;
    }
    const struct collection *collection = plan_collection(plan);
    for (size_t layer = 0; layer < collection->layer_count; layer++)
        CHECK(item.traits[layer] < collection->layers[layer].trait_count);
    const struct plan_order *order = plan_order(plan, item.order);
    for (size_t place = 0; place < order->layer_count; place++)
        CHECK(order->layers[place] < collection->layer_count);
    for (size_t attribute = 0; attribute < item.attribute_count; attribute++)
        CHECK(plan_attribute(plan, item.attributes[attribute]));
    text_clear(text);
    plan_recipe_text(plan, &item, text);
    metadata_add_item(options, &item, text);
    CHECK(!text->failed);
}

static void check_plan(struct plan *plan)
{
    struct metadata_options options = {.plan = plan, .image_prefix = "../images/"};
    struct text text = {0};
    uint64_t hash = 0;
    struct sgr_sink sink = {&hash, swallow};
    uint64_t found = 0;
    bool is_there = false;
    bool small = plan_count(plan) <= ITEMS_MAX && plan_collection(plan)->layer_count <= LAYERS_MAX;
    summary_plan(plan, NULL, SGR_FORMAT_TEXT, &text);
    text_clear(&text);
    summary_plan(plan, NULL, SGR_FORMAT_JSON, &text);
    CHECK(!text.failed);
    for (uint64_t index = 0; index < plan_count(plan) && index < ITEMS_MAX; index++)
        check_item(plan, index, &options, &text);
    (void)!plan_find(plan, 7, &found, &is_there, NULL);
    if (small && plan_check(plan, NULL) == SGR_OK) {
        (void)!export_items(plan, SGR_FORMAT_CSV, &sink, NULL);
        (void)!export_items(plan, SGR_FORMAT_JSON_LINES, &sink, NULL);
    }
    text_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct open_file handle = OPEN_FILE_NONE;
    struct sgr_error error = {0};
    struct plan *plan = NULL;
    uint8_t *file = malloc(size + 1);
    CHECK(file);
    if (size)
        memcpy(file, bytes, size);
    if (size >= PLAN_HEADER_BYTES)
        mend(file, size);
    CHECK(file_open_scratch(&handle, NULL) == SGR_OK);
    CHECK(file_write_at(handle, 0, file, size, "the plan", NULL) == SGR_OK);
    enum sgr_status status = plan_open_handle(&handle, size, "the plan", "/nowhere", &plan, &error);
    CHECK((status == SGR_OK) == (plan != NULL));
    if (status == SGR_OK)
        check_plan(plan);
    else
        CHECK(status == SGR_INPUT && error.text[0] && !strchr(error.text, '\n'));
    plan_close(&plan);
    file_abandon(&handle);
    free(file);
    return 0;
}
