/*
 * Holds every kernel of this machine to the scalar specification: rows of random length and place,
 * between poison and against a guard page, all combinations where they can be counted, and the
 * tuples of the general formula that lie nearest to a tie. `kernel_test --exhaustive` instead tries
 * every tuple of the general formula (half a minute); any other argument is the seed.
 */
#include "image/blend.h"
#include "image/image.h"
#include "kernel/kernel.h"

#include "base/random.h"
#include "os/machine.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { COUNT_MAX = 300, POISON = 0xa5, SEPARABLE_MODES = BLEND_EXCLUSION };

/* Memory that ends where reading faults. */
struct guarded {
    uint8_t *start;
    uint8_t *end;
    size_t page;
};

static struct guarded make_guarded(void)
{
    struct guarded guarded;
    guarded.page = (size_t)sysconf(_SC_PAGESIZE);
    guarded.start =
        mmap(NULL, 2 * guarded.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(guarded.start != MAP_FAILED);
    guarded.end = guarded.start + guarded.page;
    assert_int_equal(mprotect(guarded.end, guarded.page, PROT_NONE), 0);
    return guarded;
}

static void drop_guarded(struct guarded *guarded)
{
    assert_int_equal(munmap(guarded->start, 2 * guarded->page), 0);
}

/* What the tests share. */
struct fixture {
    struct random random;
    struct guarded backdrop;
    struct guarded source;
    struct guarded packed;
    uint8_t tables[1 + SEPARABLE_MODES][BLEND_TABLE_BYTES];
};

static int set_up(void **state)
{
    const char *seed = *state;
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    random_init(&fixture->random, seed, 0);
    fixture->backdrop = make_guarded();
    fixture->source = make_guarded();
    fixture->packed = make_guarded();
    for (int mode = 0; mode <= SEPARABLE_MODES; mode++)
        blend_table_fill((enum blend_mode)mode, fixture->tables[mode]);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    drop_guarded(&fixture->backdrop);
    drop_guarded(&fixture->source);
    drop_guarded(&fixture->packed);
    free(fixture);
    return 0;
}

/* Runs of one kind of alpha, so that whole groups and mixed ones are both met. */
static void fill_pixels(struct random *random, uint32_t *pixels, size_t count)
{
    uint64_t kind = 0;
    uint64_t left = 0;
    for (size_t index = 0; index < count; index++, left--) {
        if (left == 0) {
            kind = random_below(random, 5);
            left = 1 + random_below(random, 24);
        }
        uint64_t noise = random_next(random);
        static const uint8_t edges[] = {0, 1, 127, 128, 254, 255, 0, 255};
        uint32_t alphas[] = {0, 255, (uint32_t)(noise >> 32 & 255), edges[noise >> 32 & 7], 128};
        pixels[index] = (uint32_t)(noise & 0xffffff) | alphas[kind] << 24;
    }
}

static bool is_poisoned(const uint8_t *from, const uint8_t *end)
{
    while (from < end && *from == POISON)
        from++;
    return from == end;
}

enum operation { OVER_OPAQUE, OVER, SEPARABLE, OPERATIONS };

struct rows {
    enum operation operation;
    enum blend_mode mode; /* a separable one, for SEPARABLE */
    const uint8_t *blend_table;
    size_t count;
    uint32_t *backdrop;
    uint32_t *source;
};

/* The mode of a number, from 0 to SEPARABLE_MODES - 1. */
static void set_mode(struct rows *rows, const struct fixture *fixture, uint64_t number)
{
    rows->mode = (enum blend_mode)(BLEND_MULTIPLY + number);
    rows->blend_table = fixture->tables[rows->mode];
    assert_true(blend_mode_is_separable(rows->mode));
}

static void run_kernel(const struct kernel_table *table, const struct rows *rows)
{
    if (rows->operation == OVER_OPAQUE)
        table->over_opaque(rows->backdrop, rows->source, rows->count);
    else if (rows->operation == OVER)
        table->over(rows->backdrop, rows->source, rows->count);
    else
        table->separable[rows->mode](rows->backdrop, rows->source, rows->count, rows->blend_table);
}

/* Runs a kernel on copies of the backdrop and compares with the specification. */
static void check_rows(const struct kernel_table *table, const struct rows *rows,
                       const uint32_t *original)
{
    memcpy(rows->backdrop, original, rows->count * sizeof *original);
    run_kernel(table, rows);
    for (size_t index = 0; index < rows->count; index++) {
        uint32_t want =
            rows->operation == SEPARABLE
                ? blend_separable(original[index], rows->source[index], rows->blend_table)
                : blend_over(original[index], rows->source[index]);
        if (rows->backdrop[index] != want)
            fail_msg("%s %d %s: %08x on %08x gives %08x, not %08x", table->name, rows->operation,
                     blend_mode_name(rows->mode), (unsigned)rows->source[index],
                     (unsigned)original[index], (unsigned)rows->backdrop[index], (unsigned)want);
    }
}

static void check_all_tables(const struct rows *rows, const uint32_t *original)
{
    for (const struct kernel_table *const *table = kernel_list(); *table; table++)
        check_rows(*table, rows, original);
}

static void random_rows_equal_the_specification(void **state)
{
    struct fixture *fixture = *state;
    struct random *random = &fixture->random;
    for (int round = 0; round < 6000; round++) {
        uint32_t original[COUNT_MAX];
        uint32_t source[COUNT_MAX];
        size_t count = random_below(random, COUNT_MAX + 1);
        size_t gap = random_below(random, 2) ? 4 * random_below(random, 17) : 0;
        size_t bytes = count * sizeof *original;
        memset(fixture->backdrop.start, POISON, fixture->backdrop.page);
        fill_pixels(random, original, count);
        fill_pixels(random, source, count);
        uint8_t *at = fixture->backdrop.end - gap - bytes;
        struct rows rows = {
            .operation = (enum operation)random_below(random, OPERATIONS),
            .count = count,
            .backdrop = (uint32_t *)(void *)at,
            .source = (uint32_t *)(void *)(fixture->source.end - bytes),
        };
        set_mode(&rows, fixture, random_below(random, SEPARABLE_MODES));
        for (size_t index = 0; index < count && rows.operation == OVER_OPAQUE; index++)
            original[index] |= UINT32_C(0xff000000);
        memcpy(rows.source, source, bytes);
        check_all_tables(&rows, original);
        assert_memory_equal(rows.source, source, bytes);
        assert_true(is_poisoned(fixture->backdrop.start, at));
        assert_true(is_poisoned(at + bytes, fixture->backdrop.end));
    }
}

static void packing_drops_alpha_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct random *random = &fixture->random;
    for (int round = 0; round < 6000; round++) {
        size_t count = random_below(random, COUNT_MAX + 1);
        size_t gap = random_below(random, 2) ? random_below(random, 70) : 0;
        uint32_t *pixels = (uint32_t *)(void *)(fixture->source.end - 4 * count);
        uint8_t *target = fixture->packed.end - gap - 3 * count;
        for (size_t index = 0; index < count; index++)
            pixels[index] = (uint32_t)random_next(random);
        for (const struct kernel_table *const *table = kernel_list(); *table; table++) {
            memset(fixture->packed.start, POISON, fixture->packed.page);
            (*table)->pack_rgb(target, pixels, count);
            for (size_t index = 0; index < 3 * count; index++)
                assert_int_equal(target[index], pixels[index / 3] >> (8 * (index % 3)) & 255);
            assert_true(is_poisoned(fixture->packed.start, target));
            assert_true(is_poisoned(target + 3 * count, fixture->packed.end));
        }
    }
}

/* Rows that end at a guard page, often equal, and a mask that ends with its last word. */
static void masks_have_a_bit_for_each_equal_pixel_and_no_other(void **state)
{
    struct fixture *fixture = *state;
    struct random *random = &fixture->random;
    for (int round = 0; round < 6000; round++) {
        size_t count = random_below(random, COUNT_MAX + 1);
        size_t words = (count + 63) / 64;
        uint32_t *left = (uint32_t *)(void *)(fixture->source.end - 4 * count);
        uint32_t *right = (uint32_t *)(void *)(fixture->backdrop.end - 4 * count);
        uint64_t *mask = (uint64_t *)(void *)(fixture->packed.end - 8 * words);
        for (size_t index = 0; index < count; index++) {
            left[index] = (uint32_t)random_next(random);
            right[index] = left[index] ^ (random_below(random, 3) ? 0 : 1u << (round % 32));
        }
        for (const struct kernel_table *const *table = kernel_list(); *table; table++) {
            memset(fixture->packed.start, POISON, fixture->packed.page);
            (*table)->equal_mask(mask, left, right, count);
            for (size_t bit = 0; bit < 64 * words; bit++)
                assert_int_equal(mask[bit / 64] >> (bit % 64) & 1,
                                 bit < count && left[bit] == right[bit]);
            assert_true(is_poisoned(fixture->packed.start, (uint8_t *)mask));
        }
    }
}

/* Rows of every length that end at a guard page, and differ in one pixel, in two, or in none. */
static void runs_end_at_the_first_difference(void **state)
{
    struct fixture *fixture = *state;
    struct random *random = &fixture->random;
    for (size_t pair = 0; pair < 81 * 81; pair++) {
        size_t count = pair / 81;
        size_t first = pair % 81;
        uint32_t *left = (uint32_t *)(void *)(fixture->source.end - 4 * count);
        uint32_t *right = (uint32_t *)(void *)(fixture->backdrop.end - 4 * count);
        for (size_t index = 0; index < count; index++)
            left[index] = right[index] = (uint32_t)random_next(random);
        if (first < count) {
            right[first] ^= 1u << (first % 32);
            right[first + random_below(random, count - first)] ^= 1u << (count % 32);
        }
        size_t expected = 0;
        while (expected < count && left[expected] == right[expected])
            expected++;
        for (const struct kernel_table *const *table = kernel_list(); *table; table++)
            assert_int_equal((*table)->equal_run(left, right, count), expected);
    }
}

/* Each of the 256^3 combinations, three a pixel; 88 pixels are some whole groups and a rest. */
static void opaque_backdrops_are_exact_for_every_combination(void **state)
{
    (void)state;
    enum { PIXELS = 88 };
    uint32_t original[PIXELS];
    uint32_t backdrop[PIXELS];
    uint32_t source[PIXELS];
    struct rows rows = {OVER_OPAQUE, BLEND_NORMAL, NULL, PIXELS, backdrop, source};
    for (uint32_t pair = 0; pair < 65536; pair++) {
        for (uint32_t index = 0; index < PIXELS; index++) {
            uint32_t cs = 3 * index;
            original[index] = (pair >> 8) * 0x010101 | UINT32_C(0xff000000);
            source[index] =
                (cs & 255) | ((cs + 1) & 255) << 8 | ((cs + 2) & 255) << 16 | (pair & 255) << 24;
        }
        check_all_tables(&rows, original);
    }
}

static void all_alphas_are_exact_for_a_spread_of_colours(void **state)
{
    struct fixture *fixture = *state;
    enum { PIXELS = 16 };
    uint32_t original[PIXELS];
    uint32_t backdrop[PIXELS];
    uint32_t source[PIXELS];
    struct rows rows = {OVER, BLEND_NORMAL, NULL, PIXELS, backdrop, source};
    for (uint32_t alphas = 0; alphas < 65536; alphas++) {
        set_mode(&rows, fixture, alphas % SEPARABLE_MODES);
        for (uint32_t index = 0; index < PIXELS; index++) {
            uint64_t noise = random_next(&fixture->random);
            original[index] = (uint32_t)(noise & 0xffffff) | (alphas & 255) << 24;
            source[index] = (uint32_t)(noise >> 32 & 0xffffff) | (alphas >> 8) << 24;
        }
        original[0] |= 0xffffff;
        source[1] |= 0xffffff;
        for (int operation = OVER; operation <= SEPARABLE; operation++) {
            rows.operation = (enum operation)operation;
            check_all_tables(&rows, original);
        }
    }
}

/* How far twice the numerator and D are from a multiple of 2 * D: 0 is a tie. */
static uint32_t tie_distance(uint32_t as, uint32_t ab, uint32_t cs, uint32_t cb)
{
    uint32_t divisor = 255 * (as + ab) - as * ab;
    uint32_t numerator = 255 * as * cs + (255 - as) * ab * cb;
    uint32_t rest = (2 * numerator + divisor) % (2 * divisor);
    return rest < divisor ? rest : 2 * divisor - rest;
}

/* The backdrop colour whose result lies nearest to a tie. */
static uint32_t nearest_tie(uint32_t as, uint32_t ab, uint32_t cs)
{
    uint32_t best = 0;
    uint32_t best_distance = UINT32_MAX;
    for (uint32_t cb = 0; cb < 256 && best_distance > 1; cb++) {
        uint32_t distance = tie_distance(as, ab, cs, cb);
        if (distance < best_distance) {
            best = cb;
            best_distance = distance;
        }
    }
    return best;
}

static void tuples_nearest_to_a_tie_are_exact(void **state)
{
    struct fixture *fixture = *state;
    enum { PIXELS = 256 };
    uint32_t original[PIXELS];
    uint32_t backdrop[PIXELS];
    uint32_t source[PIXELS];
    struct rows rows = {OVER, BLEND_NORMAL, NULL, PIXELS, backdrop, source};
    for (uint32_t as = 1; as < 255; as++) {
        for (uint32_t ab = 1; ab < 255; ab++) {
            uint32_t cs = (uint32_t)random_below(&fixture->random, 256);
            uint32_t cb = nearest_tie(as, ab, cs);
            uint32_t opposite = nearest_tie(as, ab, 255 - cs);
            source[ab] = cs | cs << 8 | (255 - cs) << 16 | as << 24;
            original[ab] = cb | (255 - cb) << 8 | opposite << 16 | ab << 24;
        }
        original[0] = original[255] = source[0] = source[255] = UINT32_C(0x80402010);
        rows.operation = OVER;
        check_all_tables(&rows, original);
        rows.operation = SEPARABLE;
        set_mode(&rows, fixture, as % SEPARABLE_MODES);
        check_all_tables(&rows, original);
    }
}

/* Colours 3 * index to 3 * index + 2 on black for differences up to 255, then black on colours. */
static void set_differences(uint32_t index, uint32_t *original, uint32_t *source)
{
    for (uint32_t step = 3 * index, shift = 0; shift < 24; step++, shift += 8) {
        if (step < 256)
            *source |= step << shift;
        else
            *original |= ((step - 255) & 255) << shift;
    }
}

/*
 * Source-over on a translucent backdrop depends on As, Ab and Cs - Cb, up to adding Cb: that the
 * kernels' sums are exact for every one of these proves it for every tuple.
 */
static void over_is_exact_for_every_difference_of_colours(void **state)
{
    (void)state;
    enum { PIXELS = 176 };
    uint32_t original[PIXELS];
    uint32_t backdrop[PIXELS];
    uint32_t source[PIXELS];
    struct rows rows = {OVER, BLEND_NORMAL, NULL, PIXELS, backdrop, source};
    for (uint32_t alphas = 0; alphas < 65536; alphas++) {
        for (uint32_t index = 0; index < PIXELS; index++) {
            original[index] = (alphas & 255) << 24;
            source[index] = (alphas >> 8) << 24;
            set_differences(index, &original[index], &source[index]);
        }
        check_all_tables(&rows, original);
    }
}

/* An opaque source on an opaque backdrop shows B itself. */
static void modes_are_exact_for_every_pair_of_colours(void **state)
{
    struct fixture *fixture = *state;
    enum { PIXELS = 86 };
    uint32_t original[PIXELS];
    uint32_t backdrop[PIXELS];
    uint32_t source[PIXELS];
    struct rows rows = {SEPARABLE, BLEND_MULTIPLY, NULL, PIXELS, backdrop, source};
    for (uint64_t number = 0; number < SEPARABLE_MODES; number++) {
        set_mode(&rows, fixture, number);
        for (uint32_t cb = 0; cb < 256; cb++) {
            for (uint32_t index = 0; index < PIXELS; index++) {
                uint32_t cs = 3 * index;
                original[index] = cb * 0x010101 | UINT32_C(0xff000000);
                source[index] = (cs & 255) | ((cs + 1) & 255) << 8 | ((cs + 2) & 255) << 16 |
                                UINT32_C(0xff000000);
            }
            check_all_tables(&rows, original);
            /* The same colours where alphas make B count only in part. */
            for (uint32_t index = 0; index < PIXELS; index++) {
                original[index] ^= (uint32_t)random_below(&fixture->random, 256) << 24;
                source[index] ^= (uint32_t)random_below(&fixture->random, 256) << 24;
            }
            check_all_tables(&rows, original);
        }
    }
}

static void tables_are_chosen_by_name(void **state)
{
    (void)state;
    const struct kernel_table *chosen = NULL;
    const struct kernel_table *const *list = kernel_list();
    struct sgr_error error;
    const struct kernel_table *fastest = list[0];
    for (; *list; list++) {
        assert_int_equal(kernel_choose((*list)->name, &chosen, &error), SGR_OK);
        assert_ptr_equal(chosen, *list);
    }
    assert_string_equal(list[-1]->name, "scalar");
    assert_int_equal(kernel_choose("auto", &chosen, &error), SGR_OK);
    assert_ptr_equal(chosen, fastest);
    chosen = NULL;
    assert_int_equal(kernel_choose(NULL, &chosen, &error), SGR_OK);
    assert_ptr_equal(chosen, fastest);
    chosen = NULL;
    assert_int_equal(kernel_choose("avx", &chosen, &error), SGR_USAGE);
    assert_null(chosen);
    assert_non_null(strstr(error.text, "'avx'"));
    assert_non_null(strstr(error.text, "one of auto, "));
}

/* All of As, Ab, Cs, Cb, three colours a pixel. */
static void every_tuple_is_exact(void **state)
{
    (void)state;
    enum { PIXELS = 256 };
    uint32_t original[PIXELS];
    uint32_t backdrop[PIXELS];
    uint32_t source[PIXELS];
    struct rows rows = {OVER, BLEND_NORMAL, NULL, PIXELS, backdrop, source};
    for (uint32_t alphas = 256; alphas < 65536; alphas++) {
        for (uint32_t cs = 0; cs < 256; cs += 3) {
            uint32_t colours = cs | ((cs + 1) & 255) << 8 | ((cs + 2) & 255) << 16;
            for (uint32_t cb = 0; cb < PIXELS; cb++) {
                original[cb] = cb * 0x010101 | (alphas & 255) << 24;
                source[cb] = colours | (alphas >> 8) << 24;
            }
            check_all_tables(&rows, original);
        }
    }
}

int main(int count, char **arguments)
{
    const struct CMUnitTest exhaustive[] = {cmocka_unit_test(every_tuple_is_exact)};
    if (count > 1 && strcmp(arguments[1], "--exhaustive") == 0)
        return cmocka_run_group_tests(exhaustive, NULL, NULL);
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, machine_now_ns());
    char *used = count > 1 ? arguments[1] : seed;
    printf("seed %s, kernels", used);
    for (const struct kernel_table *const *table = kernel_list(); *table; table++)
        printf(" %s", (*table)->name);
    printf("\n");
#define WITH_FIXTURE(test) cmocka_unit_test_prestate_setup_teardown(test, set_up, tear_down, used)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(random_rows_equal_the_specification),
        WITH_FIXTURE(packing_drops_alpha_and_nothing_else),
        WITH_FIXTURE(masks_have_a_bit_for_each_equal_pixel_and_no_other),
        WITH_FIXTURE(runs_end_at_the_first_difference),
        cmocka_unit_test(opaque_backdrops_are_exact_for_every_combination),
        WITH_FIXTURE(all_alphas_are_exact_for_a_spread_of_colours),
        WITH_FIXTURE(tuples_nearest_to_a_tie_are_exact),
        cmocka_unit_test(over_is_exact_for_every_difference_of_colours),
        WITH_FIXTURE(modes_are_exact_for_every_pair_of_colours),
        cmocka_unit_test(tables_are_chosen_by_name),
    };
#undef WITH_FIXTURE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
