/*
 * Plan files: what was stored comes back through the window of one block, damage of any byte is
 * found, and bytes under right hashes that nobody stored crash nothing. An argument is the seed.
 */
#include "plan/plan_draft.h"
#include "plan/plan_format.h"

#include "plan_fixture.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "base/random.h"
#include "os/machine.h"
#include "publish/export.h"
#include "publish/metadata.h"
#include "publish/summary.h"

static const char *seed;

static const uint32_t edges[] = {0, 5, 6, 16};
static const uint32_t palette[] = {0, 0xff0000ff, 0xffffffff};
static const struct hash128 digests[] = {{1, 2}, {UINT64_MAX, 0}, {3, UINT64_MAX}};

static struct plan_choices make_choices(void)
{
    return (struct plan_choices){.width = 16,
                                 .height = 16,
                                 .resample = SGR_RESAMPLE_LANCZOS,
                                 .png_level = SGR_PNG_SMALL,
                                 .color = PNG_COLOR_PALETTE,
                                 .palette = {palette, 3},
                                 .encoder = "enc",
                                 .seed = "seed",
                                 .band_edges = edges,
                                 .band_count = 3,
                                 .part_digests = digests,
                                 .part_count = 3};
}

static struct plan *store(const struct plan_draft *draft)
{
    struct plan_choices choices = make_choices();
    struct plan *plan = NULL;
    struct sgr_error error;
    if (plan_draft_store(draft, &choices, &plan, &error) != SGR_OK)
        fail_msg("%s", error.text);
    return plan;
}

static void expect_choices(const struct plan *plan)
{
    const struct plan_choices *choices = plan_choices(plan);
    assert_int_equal(choices->width, 16);
    assert_int_equal(choices->height, 16);
    assert_int_equal(choices->resample, SGR_RESAMPLE_LANCZOS);
    assert_int_equal(choices->png_level, SGR_PNG_SMALL);
    assert_int_equal(choices->color, PNG_COLOR_PALETTE);
    assert_int_equal(choices->palette.count, 3);
    assert_memory_equal(choices->palette.colors, palette, sizeof palette);
    assert_string_equal(choices->encoder, "enc");
    assert_string_equal(choices->seed, "seed");
    assert_int_equal(choices->band_count, 3);
    assert_memory_equal(choices->band_edges, edges, sizeof edges);
    assert_int_equal(choices->part_count, 3);
    assert_memory_equal(choices->part_digests, digests, sizeof digests);
}

static void expect_drawn(struct plan *plan, const struct plan_draft *draft)
{
    const struct collection *collection = draft->collection;
    assert_int_equal(plan_count(plan), draft->count);
    assert_false(plan_has_attributes(plan));
    expect_choices(plan);
    for (uint64_t step = 0; step < draft->count; step++) {
        /* Back and forth, so that blocks come and go. */
        uint64_t at = step % 7 ? step : draft->count - 1 - step;
        struct plan_item item;
        assert_int_equal(plan_read(plan, at, &item, NULL), SGR_OK);
        assert_int_equal(item.index, at);
        assert_int_equal(item.id, draft->start + at);
        assert_int_equal(item.order, 0);
        assert_int_equal(item.attribute_count, 0);
        assert_memory_equal(item.traits, plan_draft_traits(draft, at),
                            collection->layer_count * sizeof *item.traits);
    }
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            uint32_t place = draft->trait_bases[layer] + (uint32_t)trait;
            assert_int_equal(plan_asked(plan, layer, trait), draft->asked[place]);
            assert_int_equal(plan_planned(plan, layer, trait), draft->planned[place]);
        }
        assert_int_equal(plan_order(plan, 0)->layers[layer], layer);
    }
    assert_int_equal(plan_order(plan, 0)->layer_count, collection->layer_count);
}

static void drawn_plans_come_back(void **state)
{
    struct fixture *fixture = *state;
    static const size_t sizes[] = {300, 40, 1, 2, 0};
    static const uint64_t counts[] = {1, 4095, 4096, 4097, 9000};
    for (size_t index = 0; index < sizeof counts / sizeof *counts; index++) {
        struct collection *collection = make_shape(sizes);
        struct plan_draft draft = {0};
        struct plan *copy = NULL;
        assert_int_equal(plan_draft_draw(&draft, collection, counts[index], "s", NULL), SGR_OK);
        draft.start = UINT64_C(5000000000);
        struct plan *plan = store(&draft);
        const char *path = full_path(fixture, "plan.sgp");
        assert_int_equal(plan_copy(plan, path, NULL), SGR_OK);
        assert_int_equal(plan_open(path, "/nowhere", &copy, NULL), SGR_OK);
        assert_true(hash_equal(plan_digest(plan), plan_digest(copy)));
        expect_drawn(plan, &draft);
        expect_drawn(copy, &draft);
        plan_close(&plan);
        plan_close(&copy);
        plan_draft_finish(&draft);
        collection_destroy(&collection);
    }
}

/* Given recipes over shape 3, 2: ids with gaps, three orders, attributes for every other item. */
struct given {
    struct recipes recipes;
    uint64_t ids[6000];
    uint16_t traits[6000 * 2];
    uint32_t order_ids[6000];
    uint64_t starts[6001];
    uint32_t attribute_ids[9000];
};

static const uint16_t orders[] = {0, 1, 1, 0, 1};
static const struct recipes_order order_list[] = {{orders, 2}, {orders + 2, 2}, {orders + 4, 1}};
static const char *attribute_list[] = {"{\"value\":1}", "{\"trait_type\":\"a\",\"value\":\"b\"}"};

static void make_given(struct given *given, struct collection *collection, size_t count)
{
    uint64_t at = 0;
    for (size_t item = 0; item < count; item++) {
        given->ids[item] = item * item + 7;
        given->traits[2 * item] = (uint16_t)(item % 3);
        given->traits[2 * item + 1] = (uint16_t)(item / 3 % 2);
        given->order_ids[item] = (uint32_t)(item % 3);
        given->starts[item] = at;
        for (size_t attribute = 0; attribute < item % 4; attribute++)
            given->attribute_ids[at++] = (uint32_t)((item + attribute) % 2);
    }
    given->starts[count] = at;
    given->recipes = (struct recipes){.collection = collection,
                                      .count = count,
                                      .ids = given->ids,
                                      .traits = given->traits,
                                      .order_ids = given->order_ids,
                                      .order_count = 3,
                                      .attributes = attribute_list,
                                      .attribute_count = 2,
                                      .attribute_ids = given->attribute_ids,
                                      .attribute_starts = given->starts};
    static struct recipes_order list[3];
    memcpy(list, order_list, sizeof list);
    given->recipes.orders = list;
}

static void expect_given(struct plan *plan, const struct given *given, uint64_t count)
{
    assert_int_equal(plan_count(plan), count);
    assert_true(plan_has_attributes(plan));
    for (uint64_t at = 0; at < count; at++) {
        struct plan_item item;
        struct text recipe = {0};
        char expected[32];
        assert_int_equal(plan_read(plan, at, &item, NULL), SGR_OK);
        assert_int_equal(item.id, given->ids[at]);
        assert_int_equal(item.order, given->order_ids[at]);
        assert_memory_equal(item.traits, given->traits + 2 * at, 4);
        assert_int_equal(item.attribute_count, given->starts[at + 1] - given->starts[at]);
        for (size_t index = 0; index < item.attribute_count; index++)
            assert_string_equal(plan_attribute(plan, item.attributes[index]),
                                attribute_list[given->attribute_ids[given->starts[at] + index]]);
        snprintf(expected, sizeof expected, at % 3 ? "%u-%u@%u" : "%u-%u", item.traits[0],
                 item.traits[1], item.order);
        plan_recipe_text(plan, &item, &recipe);
        assert_string_equal(recipe.bytes, expected);
        text_finish(&recipe);
    }
    for (uint32_t order = 0; order < 3; order++) {
        assert_int_equal(plan_order(plan, order)->layer_count, order_list[order].layer_count);
        assert_memory_equal(plan_order(plan, order)->layers, order_list[order].layers,
                            order_list[order].layer_count * 2);
    }
}

static void given_recipes_come_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {3, 2, 0};
    static struct given given;
    struct collection *collection = make_shape(sizes);
    make_given(&given, collection, 5000);
    static const uint64_t counts[] = {0, 1, 4096, 4097, 5000};
    for (size_t index = 0; index < sizeof counts / sizeof *counts; index++) {
        struct plan_draft draft = {0};
        assert_int_equal(plan_draft_adopt(&draft, &given.recipes, counts[index], NULL), SGR_OK);
        struct plan *plan = store(&draft);
        expect_given(plan, &given, counts[index] ? counts[index] : 5000);
        assert_int_equal(plan_planned(plan, 0, 0), plan_asked(plan, 0, 0));
        if (counts[index] == 0)
            assert_int_equal(plan_planned(plan, 0, 0), 1667);
        plan_close(&plan);
        assert_null(plan);
        plan_close(&plan);
        plan_draft_finish(&draft);
    }
    collection_destroy(&collection);
}

static void ids_are_found_and_others_not(void **state)
{
    (void)state;
    static const size_t sizes[] = {3, 2, 0};
    static struct given given;
    struct collection *collection = make_shape(sizes);
    struct plan_draft draft = {0};
    make_given(&given, collection, 5000);
    assert_int_equal(plan_draft_adopt(&draft, &given.recipes, 0, NULL), SGR_OK);
    struct plan *plan = store(&draft);
    uint64_t index = 99;
    bool found = true;
    for (uint64_t item = 0; item < 5000; item += 37) {
        assert_int_equal(plan_find(plan, item * item + 7, &index, &found, NULL), SGR_OK);
        assert_true(found);
        assert_int_equal(index, item);
    }
    static const uint64_t missing[] = {0, 6, 9, 24990010, 100000000, UINT64_MAX};
    for (size_t at = 0; at < sizeof missing / sizeof *missing; at++) {
        assert_int_equal(plan_find(plan, missing[at], &index, &found, NULL), SGR_OK);
        assert_false(found);
    }
    plan_close(&plan);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

/* The bytes of a small plan with everything in it. */
static void make_bytes(struct fixture *fixture, struct text *bytes)
{
    static const size_t sizes[] = {3, 2, 0};
    static struct given given;
    struct collection *collection = make_shape(sizes);
    struct plan_draft draft = {0};
    uint8_t *read = NULL;
    size_t size = 0;
    make_given(&given, collection, 9);
    assert_int_equal(plan_draft_adopt(&draft, &given.recipes, 0, NULL), SGR_OK);
    struct plan *plan = store(&draft);
    const char *path = full_path(fixture, "whole.sgp");
    assert_int_equal(plan_copy(plan, path, NULL), SGR_OK);
    assert_int_equal(file_read(path, 1 << 20, &read, &size, NULL), SGR_OK);
    text_append(bytes, (const char *)read, size);
    memory_free(read);
    plan_close(&plan);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
}

static int swallow(void *context, const char *bytes, size_t size)
{
    size_t *total = context;
    *total += bytes ? size : 0;
    return 0;
}

/* Opens bytes as a plan and does all that can be done with one. */
static enum sgr_status use_bytes(const struct text *bytes, size_t length)
{
    struct open_file handle = OPEN_FILE_NONE;
    struct plan *plan = NULL;
    struct sgr_error error;
    size_t total = 0;
    struct sgr_sink sink = {&total, swallow};
    assert_int_equal(file_open_scratch(&handle, NULL), SGR_OK);
    assert_int_equal(file_write_at(handle, 0, bytes->bytes, length, "it", NULL), SGR_OK);
    enum sgr_status status = plan_open_handle(&handle, length, "it.sgp", "/art", &plan, &error);
    if (status != SGR_OK) {
        assert_non_null(strstr(error.text, "it.sgp"));
        assert_null(plan);
        file_abandon(&handle);
        return status;
    }
    assert_int_equal(handle.descriptor, -1);
    struct metadata_options metadata = {plan, "../", 0};
    struct text out = {0};
    for (uint64_t at = 0; at < plan_count(plan) && status == SGR_OK; at++) {
        struct plan_item item;
        uint64_t index = 0;
        bool found = false;
        status = plan_read(plan, at, &item, &error);
        if (status != SGR_OK)
            break;
        plan_recipe_text(plan, &item, &out);
        metadata_add_item(&metadata, &item, &out);
        status = plan_find(plan, item.id, &index, &found, &error);
    }
    if (status == SGR_OK)
        status = export_items(plan, SGR_FORMAT_JSON_LINES, &sink, &error);
    if (status == SGR_OK)
        status = export_items(plan, SGR_FORMAT_CSV, &sink, &error);
    summary_plan(plan, NULL, SGR_FORMAT_TEXT, &out);
    summary_plan(plan, NULL, SGR_FORMAT_JSON, &out);
    text_finish(&out);
    plan_close(&plan);
    return status;
}

static void a_plan_cut_anywhere_is_refused(void **state)
{
    struct text bytes = {0};
    make_bytes(*state, &bytes);
    assert_int_equal(use_bytes(&bytes, bytes.length), SGR_OK);
    for (size_t length = 0; length < bytes.length; length++)
        assert_int_equal(use_bytes(&bytes, length), SGR_INPUT);
    text_finish(&bytes);
}

static void a_plan_with_any_byte_changed_is_refused(void **state)
{
    struct text bytes = {0};
    make_bytes(*state, &bytes);
    for (size_t at = 0; at < bytes.length; at++) {
        for (int flip = 1; flip < 256; flip = flip * 3 + 1) {
            bytes.bytes[at] ^= (char)flip;
            if (use_bytes(&bytes, bytes.length) != SGR_INPUT)
                fail_msg("byte %zu changed by %d is not noticed", at, flip);
            bytes.bytes[at] ^= (char)flip;
        }
    }
    text_finish(&bytes);
}

/* Makes every hash right again. */
static void rehash(struct text *bytes)
{
    uint8_t *header = (uint8_t *)bytes->bytes;
    uint64_t offsets[PLAN_SECTION_COUNT];
    uint64_t sizes[PLAN_SECTION_COUNT];
    for (int section = 0; section < PLAN_SECTION_COUNT; section++) {
        uint8_t *row = header + PLAN_HEADER_SECTIONS + section * PLAN_SECTION_BYTES;
        offsets[section] = bytes_load(row, 8);
        sizes[section] = bytes_load(row + 8, 8);
        if (offsets[section] > bytes->length || sizes[section] > bytes->length - offsets[section])
            offsets[section] = sizes[section] = 0;
    }
    uint8_t *index = header + offsets[PLAN_SECTION_INDEX];
    for (uint64_t at = 0; at + PLAN_INDEX_BYTES <= sizes[PLAN_SECTION_INDEX];
         at += PLAN_INDEX_BYTES) {
        uint64_t offset = bytes_load(index + at, 8);
        uint64_t size = bytes_load(index + at + 8, 4);
        if (offset <= bytes->length && size <= bytes->length - offset)
            bytes_store(index + at + 12, hash_64(header + offset, (size_t)size), 8);
    }
    for (int section = PLAN_SECTION_INDEX; section < PLAN_SECTION_COUNT; section++)
        bytes_store(header + PLAN_HEADER_SECTIONS + section * PLAN_SECTION_BYTES + 16,
                    hash_64(header + offsets[section], (size_t)sizes[section]), 8);
    bytes_store(header + PLAN_HEADER_HASHED, hash_64(header, PLAN_HEADER_HASHED), 8);
}

/* Values that are likely to lie at the border of some range. */
static void change(struct random *random, struct text *bytes)
{
    static const uint8_t edge_values[] = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, 3};
    uint64_t noise = random_next(random);
    /* The magic and the version are the one thing not worth changing here. */
    size_t at = 12 + random_below(random, bytes->length - 12);
    bytes->bytes[at] = (char)(noise & 256 ? edge_values[noise & 7] : (uint8_t)noise);
}

static void hostile_bytes_under_right_hashes_crash_nothing(void **state)
{
    struct random random;
    random_init(&random, seed, 1);
    struct text whole = {0};
    int opened = 0;
    make_bytes(*state, &whole);
    for (int round = 0; round < 8000; round++) {
        struct text bytes = {0};
        text_append(&bytes, whole.bytes, whole.length);
        for (uint64_t changes = 1 + random_below(&random, 4); changes > 0; changes--)
            change(&random, &bytes);
        rehash(&bytes);
        enum sgr_status status = use_bytes(&bytes, bytes.length);
        assert_true(status == SGR_OK || status == SGR_INPUT);
        opened += status == SGR_OK;
        text_finish(&bytes);
    }
    assert_true(opened > 500);
    text_finish(&whole);
}

/* Stores a plan of one item with the choices and reads it back. */
static enum sgr_status store_choices(const struct plan_choices *choices)
{
    static const size_t sizes[] = {3, 2, 0};
    struct collection *collection = make_shape(sizes);
    struct plan_draft draft = {0};
    struct plan *plan = NULL;
    assert_int_equal(plan_draft_draw(&draft, collection, 1, "s", NULL), SGR_OK);
    enum sgr_status status = plan_draft_store(&draft, choices, &plan, NULL);
    if (status == SGR_OK)
        assert_memory_equal(plan_choices(plan)->palette.colors, choices->palette.colors,
                            choices->palette.count * sizeof(uint32_t));
    plan_close(&plan);
    plan_draft_finish(&draft);
    collection_destroy(&collection);
    return status;
}

static void palettes_that_no_file_could_have_are_refused(void **state)
{
    (void)state;
    static uint32_t many[PNG_PALETTE_COLORS_MAX + 1];
    static const struct {
        uint32_t colors[3];
        enum sgr_status status;
    } cases[] = {
        {{0, 0xff000000, 0xff000001}, SGR_OK},    {{0xff000002, 0xff000000, 0xff000001}, SGR_OK},
        {{0xff000000, 0, 0xff000001}, SGR_INPUT}, {{1, 0xff000000, 0xff000001}, SGR_INPUT},
        {{0, 0xfe000000, 0xff000001}, SGR_INPUT}, {{0, 0xff000001, 0xff000001}, SGR_INPUT}};
    struct plan_choices choices = make_choices();
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        choices.palette = (struct png_palette){cases[index].colors, 3};
        assert_int_equal(store_choices(&choices), cases[index].status);
    }
    for (uint32_t index = 0; index <= PNG_PALETTE_COLORS_MAX; index++)
        many[index] = 0xff000000 | index;
    choices.palette = (struct png_palette){many, PNG_PALETTE_COLORS_MAX};
    assert_int_equal(store_choices(&choices), SGR_OK);
    choices.palette.count++;
    assert_int_equal(store_choices(&choices), SGR_INPUT);
    choices.palette.count = 0;
    assert_int_equal(store_choices(&choices), SGR_INPUT);
    for (int color = 0; color < 9; color++) {
        bool exists = color == 0 || color == 2 || color == 4 || color == 6;
        choices.color = (enum png_color)color;
        choices.palette.count = 0;
        assert_int_equal(store_choices(&choices), exists ? SGR_OK : SGR_INPUT);
        choices.palette.count = 3;
        assert_int_equal(store_choices(&choices), color == 3 ? SGR_OK : SGR_INPUT);
    }
}

static void foreign_files_are_refused_by_what_they_are(void **state)
{
    struct fixture *fixture = *state;
    struct plan *plan = NULL;
    struct sgr_error error;
    struct text bytes = {0};
    make_bytes(fixture, &bytes);
    put_bytes(fixture, "it.sgp", "SGRPLAN\n", 8);
    assert_int_equal(plan_open(full_path(fixture, "it.sgp"), "/", &plan, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "too short"));
    bytes.bytes[0] = 's';
    put_bytes(fixture, "it.sgp", bytes.bytes, bytes.length);
    assert_int_equal(plan_open(full_path(fixture, "it.sgp"), "/", &plan, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "not a plan file"));
    bytes.bytes[0] = 'S';
    bytes.bytes[8] = 99;
    rehash(&bytes);
    put_bytes(fixture, "it.sgp", bytes.bytes, bytes.length);
    assert_int_equal(plan_open(full_path(fixture, "it.sgp"), "/", &plan, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "plan format 99"));
    assert_int_equal(plan_open(full_path(fixture, "none"), "/", &plan, &error), SGR_INPUT);
    assert_null(plan);
    text_finish(&bytes);
}

static void storing_without_memory_leaves_nothing(void **state)
{
    (void)state;
    static const size_t sizes[] = {3, 2, 0};
    static struct given given;
    struct collection *collection = make_shape(sizes);
    struct plan_choices choices = make_choices();
    make_given(&given, collection, 5000);
    int handles = count_handles();
    char wrong[SGR_ERROR_TEXT_MAX + 64] = "";
    for (int drawn = 0; drawn < 2; drawn++) {
        enum sgr_status status = SGR_NO_MEMORY;
        for (uint64_t nth = 1; status != SGR_OK; nth++) {
            struct plan_draft draft = {0};
            struct plan *plan = NULL;
            struct sgr_error error = {SGR_OK, ""};
            memory_fail_after(nth, false);
            status = drawn ? plan_draft_draw(&draft, collection, 6, "s", &error)
                           : plan_draft_adopt(&draft, &given.recipes, 0, &error);
            if (status == SGR_OK)
                status = plan_draft_store(&draft, &choices, &plan, &error);
            struct plan_item item;
            if (status == SGR_OK)
                status = plan_read(plan, 1, &item, &error);
            memory_fail_after(0, false);
            if (status != SGR_OK && status != SGR_NO_MEMORY && !wrong[0])
                snprintf(wrong, sizeof wrong, "allocation %" PRIu64 ": %s", nth, error.text);
            plan_close(&plan);
            plan_draft_finish(&draft);
            assert_int_equal(count_handles(), handles);
            assert_true(nth < 200);
        }
    }
    collection_destroy(&collection);
    if (wrong[0])
        fail_msg("%s", wrong);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        TEST(drawn_plans_come_back),
        cmocka_unit_test(given_recipes_come_back),
        cmocka_unit_test(ids_are_found_and_others_not),
        TEST(a_plan_cut_anywhere_is_refused),
        TEST(a_plan_with_any_byte_changed_is_refused),
        TEST(hostile_bytes_under_right_hashes_crash_nothing),
        cmocka_unit_test(palettes_that_no_file_could_have_are_refused),
        TEST(foreign_files_are_refused_by_what_they_are),
        cmocka_unit_test(storing_without_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
