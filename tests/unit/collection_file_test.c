/*
 * Collections as bytes: what was encoded comes back, what nobody encoded is refused. An argument
 * is the seed.
 */
#include "collection/collection_file.h"

#include "plan_fixture.h"

#include "base/random.h"
#include "os/machine.h"

static const char *seed;

/* A small collection that uses every field at its borders. */
static struct collection *make_rich(void)
{
    struct collection *collection = make_collection("/art", 3);
    struct arena *arena = &collection->arena;
    collection->description = "Zw\xc3\xb6lf \"cats\"\n";
    collection->width = 32767;
    collection->height = 1;
    collection->pictures = arena_allocate(arena, 2, sizeof *collection->pictures);
    collection->picture_count = 2;
    collection->pictures[0] = (struct collection_picture){"a/b c.png", 1, 32767};
    collection->pictures[1] = (struct collection_picture){"\xe2\x82\xac.png", 32767, 1};
    for (size_t layer = 0; layer < 3; layer++) {
        struct collection_layer *made = set_layer(collection, layer, layer + 1);
        made->distinct = layer != 1;
        for (size_t trait = 0; trait < made->trait_count; trait++) {
            struct collection_trait *choice = &made->traits[trait];
            choice->weight = trait ? UINT64_MAX - trait : 0;
            choice->part_count = (layer + trait) % 3;
            choice->parts = arena_allocate(arena, 3, sizeof *choice->parts);
            for (size_t part = 0; part < choice->part_count; part++)
                choice->parts[part] = (struct collection_part){.picture = (uint32_t)part,
                                                               .z = part ? INT32_MIN : INT32_MAX,
                                                               .x = part ? -32767 : 32767,
                                                               .y = part ? 32767 : -32767,
                                                               .placed = part == 0,
                                                               .mode = BLEND_MODE_COUNT - 1,
                                                               .opacity = (uint8_t)(255 * part)};
        }
    }
    collection->layers[1].folder = NULL;
    collection->layers[2].trait_type = "";
    collection->layers[2].traits[1].none = true;
    fix_count(&collection->layers[2], 2, COLLECTION_COUNT_MAX);
    fix_count(&collection->layers[2], 1, 0);
    return collection;
}

static enum sgr_status decode(const struct text *bytes, struct collection **out_collection,
                              struct sgr_error *error)
{
    return collection_file_decode("it.sgp", (const uint8_t *)bytes->bytes, bytes->length, "/root",
                                  out_collection, error);
}

static void expect_same_text(const char *left, const char *right)
{
    assert_int_equal(left == NULL, right == NULL);
    if (left)
        assert_string_equal(left, right);
}

static void expect_same_trait(const struct collection_trait *left,
                              const struct collection_trait *right)
{
    assert_string_equal(left->name, right->name);
    assert_string_equal(left->value, right->value);
    assert_true(left->weight == right->weight);
    assert_true(left->count == right->count);
    assert_int_equal(left->count_fixed, right->count_fixed);
    assert_int_equal(left->none, right->none);
    assert_int_equal(left->part_count, right->part_count);
    for (size_t index = 0; index < left->part_count; index++) {
        const struct collection_part *a = &left->parts[index];
        const struct collection_part *b = &right->parts[index];
        assert_int_equal(a->picture, b->picture);
        assert_int_equal(a->z, b->z);
        assert_int_equal(a->x, b->x);
        assert_int_equal(a->y, b->y);
        assert_int_equal(a->placed, b->placed);
        assert_int_equal(a->mode, b->mode);
        assert_int_equal(a->opacity, b->opacity);
    }
}

static void every_field_comes_back(void **state)
{
    (void)state;
    struct collection *collection = make_rich();
    struct collection *read = NULL;
    struct text bytes = {0};
    struct sgr_error error;
    collection_file_encode(collection, &bytes);
    if (decode(&bytes, &read, &error) != SGR_OK)
        fail_msg("%s", error.text);
    assert_string_equal(read->root, "/root");
    assert_string_equal(read->grammar, collection->grammar);
    assert_string_equal(read->name, collection->name);
    assert_string_equal(read->description, collection->description);
    assert_int_equal(read->width, collection->width);
    assert_int_equal(read->height, collection->height);
    assert_int_equal(read->notice_count, 0);
    assert_int_equal(read->picture_count, 2);
    for (size_t index = 0; index < 2; index++) {
        assert_string_equal(read->pictures[index].path, collection->pictures[index].path);
        assert_int_equal(read->pictures[index].width, collection->pictures[index].width);
        assert_int_equal(read->pictures[index].height, collection->pictures[index].height);
    }
    assert_int_equal(read->layer_count, 3);
    for (size_t layer = 0; layer < 3; layer++) {
        const struct collection_layer *a = &collection->layers[layer];
        const struct collection_layer *b = &read->layers[layer];
        assert_string_equal(a->name, b->name);
        expect_same_text(a->folder, b->folder);
        assert_string_equal(a->trait_type, b->trait_type);
        assert_int_equal(a->distinct, b->distinct);
        assert_int_equal(a->trait_count, b->trait_count);
        for (size_t trait = 0; trait < a->trait_count; trait++)
            expect_same_trait(&a->traits[trait], &b->traits[trait]);
    }
    collection_destroy(&read);
    collection_destroy(&collection);
    text_finish(&bytes);
}

/* Two dots are a way out only as a whole name; artists' file names may have them. */
static void dots_inside_names_come_back(void **state)
{
    (void)state;
    static const char *const paths[] = {"Dr..png", "a/v1..2/b.png", "...png", "a../b.png"};
    for (size_t index = 0; index < sizeof paths / sizeof *paths; index++) {
        struct collection *collection = make_rich();
        struct collection *read = NULL;
        struct text bytes = {0};
        struct sgr_error error = {SGR_OK, ""};
        collection->pictures[0].path = paths[index];
        collection_file_encode(collection, &bytes);
        enum sgr_status status = decode(&bytes, &read, &error);
        collection_destroy(&read);
        collection_destroy(&collection);
        text_finish(&bytes);
        if (status != SGR_OK)
            fail_msg("'%s': %s", paths[index], error.text);
    }
}

static void ways_out_of_the_folder_are_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"/etc/passwd", "../x.png", "a/../../x.png", "a/.."};
    for (size_t index = 0; index < sizeof paths / sizeof *paths; index++) {
        struct collection *collection = make_rich();
        struct collection *read = NULL;
        struct text bytes = {0};
        struct sgr_error error = {SGR_OK, ""};
        collection->pictures[0].path = paths[index];
        collection_file_encode(collection, &bytes);
        assert_int_equal(decode(&bytes, &read, &error), SGR_INPUT);
        assert_non_null(strstr(error.text, "it.sgp"));
        assert_null(read);
        collection_destroy(&collection);
        text_finish(&bytes);
    }
}

static void bytes_cut_or_too_many_are_refused(void **state)
{
    (void)state;
    struct collection *collection = make_rich();
    struct text bytes = {0};
    collection_file_encode(collection, &bytes);
    for (size_t length = 0; length <= bytes.length + 1; length++) {
        struct collection *read = NULL;
        struct text cut = {.bytes = calloc(length + 1, 1), .length = length};
        assert_non_null(cut.bytes);
        memcpy(cut.bytes, bytes.bytes, length < bytes.length ? length : bytes.length);
        assert_int_equal(decode(&cut, &read, NULL), length == bytes.length ? SGR_OK : SGR_INPUT);
        collection_destroy(&read);
        free(cut.bytes);
    }
    collection_destroy(&collection);
    text_finish(&bytes);
}

/* Whatever is accepted is what an encoder would have written. */
static void hostile_bytes_are_refused_or_encode_the_same(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, seed, 1);
    struct collection *collection = make_rich();
    struct text whole = {0};
    int accepted = 0;
    collection_file_encode(collection, &whole);
    for (size_t round = 0; round < whole.length * 8 + 20000; round++) {
        struct collection *read = NULL;
        struct text bytes = {0};
        text_append(&bytes, whole.bytes, whole.length);
        if (round < whole.length * 8) {
            bytes.bytes[round / 8] ^= (char)(1 << round % 8);
        } else {
            for (uint64_t changes = 1 + random_below(&random, 5); changes > 0; changes--)
                bytes.bytes[random_below(&random, bytes.length)] =
                    (char)(random_below(&random, 2) ? random_below(&random, 4)
                                                    : random_below(&random, 256));
        }
        enum sgr_status status = decode(&bytes, &read, NULL);
        if (status == SGR_OK) {
            struct text again = {0};
            collection_file_encode(read, &again);
            assert_int_equal(again.length, bytes.length);
            assert_memory_equal(again.bytes, bytes.bytes, bytes.length);
            text_finish(&again);
            accepted++;
        } else {
            assert_int_equal(status, SGR_INPUT);
            assert_null(read);
        }
        collection_destroy(&read);
        text_finish(&bytes);
    }
    assert_true(accepted > 100);
    collection_destroy(&collection);
    text_finish(&whole);
}

static void decoding_without_memory_is_told(void **state)
{
    (void)state;
    struct collection *collection = make_rich();
    struct text bytes = {0};
    /* A description of 60,000 bytes fills the first chunk of the arena. */
    collection->description = arena_format(&collection->arena, "%060000d", 1);
    collection_file_encode(collection, &bytes);
    enum sgr_status status = SGR_NO_MEMORY;
    uint64_t nth = 1;
    for (; status != SGR_OK; nth++) {
        struct collection *read = NULL;
        memory_fail_after(nth, false);
        status = decode(&bytes, &read, NULL);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || (status == SGR_NO_MEMORY && !read));
        collection_destroy(&read);
        assert_true(nth < 20);
    }
    assert_true(nth > 3);
    text_finish(&bytes);
    collection_destroy(&collection);
}

int main(int count, char **arguments)
{
    char now[32];
    snprintf(now, sizeof now, "%" PRIu64, machine_now_ns());
    seed = count > 1 ? arguments[1] : now;
    printf("seed %s\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_comes_back),
        cmocka_unit_test(dots_inside_names_come_back),
        cmocka_unit_test(ways_out_of_the_folder_are_refused),
        cmocka_unit_test(bytes_cut_or_too_many_are_refused),
        cmocka_unit_test(hostile_bytes_are_refused_or_encode_the_same),
        cmocka_unit_test(decoding_without_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
