/*
 * Bytes, digests, random numbers, errors and log lines. The pinned numbers decide every plan and
 * every published digest: a change that breaks one of them would silently change collections.
 */
#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/wide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void bytes_are_little_endian(void **state)
{
    (void)state;
    struct text out = {0};
    bytes_put(&out, 0x12, 1);
    bytes_put(&out, 0x3456, 2);
    bytes_put(&out, 0x789abcde, 4);
    bytes_put(&out, UINT64_C(0xf0e1d2c3b4a59687), 8);
    static const uint8_t expected[] = {0x12, 0x56, 0x34, 0xde, 0xbc, 0x9a, 0x78, 0x87,
                                       0x96, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0};
    assert_int_equal(out.length, sizeof expected);
    assert_memory_equal(out.bytes, expected, sizeof expected);
    struct bytes_reader reader = {expected, sizeof expected, false};
    assert_int_equal(bytes_get(&reader, 1, 0x12), 0x12);
    assert_int_equal(bytes_get(&reader, 2, UINT64_MAX), 0x3456);
    assert_int_equal(bytes_get(&reader, 4, UINT64_MAX), 0x789abcde);
    assert_true(bytes_get(&reader, 8, UINT64_MAX) == UINT64_C(0xf0e1d2c3b4a59687));
    assert_false(reader.failed);
    assert_int_equal(bytes_get(&reader, 1, UINT64_MAX), 0);
    assert_true(reader.failed);
    text_finish(&out);
}

static void reading_stays_failed_after_anything_that_did_not_fit(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {9, 1, 2, 3};
    struct bytes_reader reader = {bytes, sizeof bytes, false};
    assert_int_equal(bytes_get(&reader, 1, 8), 0);
    assert_true(reader.failed);
    assert_int_equal(bytes_get(&reader, 1, 255), 0);
    const char *text = "untouched";
    assert_int_equal(bytes_get_text(&reader, &text), 0);
    assert_null(text);
    struct bytes_reader empty = {NULL, 0, false};
    assert_int_equal(bytes_get_text(&empty, &text), 0);
    assert_true(empty.failed);
}

static void texts_come_back_and_null_stays_null(void **state)
{
    (void)state;
    struct text out = {0};
    bytes_put_text(&out, "abc");
    bytes_put_text(&out, NULL);
    bytes_put_text(&out, "");
    struct bytes_reader reader = {(const uint8_t *)out.bytes, out.length, false};
    const char *text = NULL;
    assert_int_equal(bytes_get_text(&reader, &text), 3);
    assert_memory_equal(text, "abc", 3);
    assert_int_equal(bytes_get_text(&reader, &text), 0);
    assert_null(text);
    assert_false(reader.failed);
    assert_int_equal(bytes_get_text(&reader, &text), 0);
    assert_non_null(text);
    assert_false(reader.failed);
    assert_int_equal(reader.left, 0);
    text_finish(&out);
}

static void texts_that_lie_about_their_length_fail(void **state)
{
    (void)state;
    static const uint8_t cases[][8] = {{4, 0, 0, 0, 'a', 'b', 'c'},
                                       {0xfe, 0xff, 0xff, 0xff, 'a', 'b', 'c'},
                                       {3, 0, 0, 0, 'a', 0, 'c'}};
    for (size_t index = 0; index < 3; index++) {
        struct bytes_reader reader = {cases[index], 7, false};
        const char *text = "untouched";
        assert_int_equal(bytes_get_text(&reader, &text), 0);
        assert_null(text);
        assert_true(reader.failed);
    }
}

/* The vectors for empty input and "abc" are those of xxHash's own documentation and tools. */
static void keys_are_xxh3(void **state)
{
    (void)state;
    assert_true(hash_64("", 0) == UINT64_C(0x2d06800538d394c2));
    assert_true(hash_64("abc", 3) == UINT64_C(0x78af5f94892f3950));
    struct hash128 empty = hash_128("", 0);
    assert_true(empty.high == UINT64_C(0x99aa06d3014798d8));
    assert_true(empty.low == UINT64_C(0x6001c324468d497f));
    assert_int_equal(hash_equal(empty, hash_128("abc", 0)), 1);
    assert_int_equal(hash_equal(empty, hash_128("abc", 1)), 0);
    assert_int_equal(hash_equal((struct hash128){1, 2}, (struct hash128){1, 3}), 0);
    assert_int_equal(hash_equal((struct hash128){1, 2}, (struct hash128){3, 2}), 0);
}

static void expect_sha256(struct hash_sha256 *hash, const char *message, size_t step,
                          const char *expected)
{
    uint8_t digest[HASH_SHA256_BYTES];
    char text[HASH_SHA256_TEXT];
    size_t size = strlen(message);
    hash_sha256_begin(hash);
    for (size_t at = 0; at < size; at += step)
        hash_sha256_add(hash, message + at, size - at < step ? size - at : step);
    hash_sha256_end(hash, digest);
    hash_sha256_text(digest, text);
    assert_string_equal(text, expected);
}

/* Vectors of FIPS 180-4. */
static void published_digests_are_sha256(void **state)
{
    (void)state;
    struct hash_sha256 *hash = hash_sha256_create();
    assert_non_null(hash);
    for (size_t step = 1; step < 70; step += 11) {
        expect_sha256(hash, "", step,
                      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        expect_sha256(hash, "abc", step,
                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        expect_sha256(hash, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", step,
                      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
    hash_sha256_destroy(&hash);
    assert_null(hash);
    hash_sha256_destroy(&hash);
    memory_fail_after(1, false);
    assert_null(hash_sha256_create());
    memory_fail_after(0, false);
}

static void the_first_random_numbers_never_change(void **state)
{
    (void)state;
    static const uint64_t expected[][4] = {
        {UINT64_C(0xa575169226ef9441), UINT64_C(0x9ea07cd5b8fd5a12), UINT64_C(0x7bed57c38401e0c0),
         UINT64_C(0xb1c04904631e5314)},
        {UINT64_C(0x34260340a68479e6), UINT64_C(0xc7155c550f5d4b0), UINT64_C(0x684581f4388db20d),
         UINT64_C(0x576b729bc3026a26)},
        {UINT64_C(0xb82aa9abecf74253), UINT64_C(0x634a85ed2bcf6bed), UINT64_C(0x6eb301af8afe7e20),
         UINT64_C(0xa35d0a7769dfaebe)},
        {UINT64_C(0x83e5136899e2a727), UINT64_C(0x16d31cacc1d45c29), UINT64_C(0xc543d1433e379c9d),
         UINT64_C(0x2f482baf32222282)}};
    static const struct {
        const char *seed;
        uint64_t stream;
    } starts[] = {{"serigraph", 0}, {"serigraph", 1}, {"", 0}, {"42", 1048576}};
    for (size_t index = 0; index < 4; index++) {
        struct random random;
        random_init(&random, starts[index].seed, starts[index].stream);
        for (size_t number = 0; number < 4; number++) {
            uint64_t value = random_next(&random);
            if (value != expected[index][number])
                fail_msg("%s/%llu [%zu]: %#llx", starts[index].seed,
                         (unsigned long long)starts[index].stream, number,
                         (unsigned long long)value);
        }
    }
    static const uint64_t below[] = {UINT64_C(4), UINT64_C(7416),   UINT64_C(11447500097743160829),
                                     UINT64_C(8), UINT64_C(103453), UINT64_C(7206824131127775996),
                                     UINT64_C(9), UINT64_C(896891), UINT64_C(13036998665250028235)};
    struct random random;
    random_init(&random, "serigraph", 7);
    for (size_t index = 0; index < sizeof below / sizeof *below; index++) {
        uint64_t bound = index % 3 == 0 ? 10 : index % 3 == 1 ? 1000003 : UINT64_C(3) << 62;
        uint64_t value = random_below(&random, bound);
        if (value != below[index])
            fail_msg("below %llu [%zu]: %llu", (unsigned long long)bound, index,
                     (unsigned long long)value);
    }
}

static void bounded_numbers_are_even(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, "even", 0);
    unsigned counts[7] = {0};
    for (int index = 0; index < 70000; index++) {
        uint64_t value = random_below(&random, 7);
        assert_true(value < 7);
        counts[value]++;
    }
    /* Six degrees of freedom; 30 would be passed by chance once in 25,000, but the seed is set. */
    double squares = 0;
    for (int index = 0; index < 7; index++)
        squares += (counts[index] - 10000.0) * (counts[index] - 10000.0) / 10000.0;
    assert_true(squares < 30);
    for (int index = 0; index < 1000; index++)
        assert_int_equal(random_below(&random, 1), 0);
    for (int index = 0; index < 1000; index++)
        assert_true(random_below(&random, UINT64_MAX) < UINT64_MAX);
}

static void the_greatest_divisor_is_found(void **state)
{
    (void)state;
    assert_int_equal(wide_gcd(0, 5), 5);
    assert_int_equal(wide_gcd(5, 0), 5);
    assert_int_equal(wide_gcd(12, 18), 6);
    assert_int_equal(wide_gcd(17, 31), 1);
    assert_true(wide_gcd(UINT64_MAX, UINT64_MAX) == UINT64_MAX);
}

static void an_error_is_one_clean_line(void **state)
{
    (void)state;
    struct sgr_error error = {SGR_OK, "before"};
    assert_int_equal(error_set(&error, SGR_INPUT, "%s: %d", "a\nb\x7f\x1b", 3), SGR_INPUT);
    assert_int_equal(error.status, SGR_INPUT);
    assert_string_equal(error.text, "a?b??: 3");
    assert_int_equal(error_set(NULL, SGR_OUTPUT, "%s", "x"), SGR_OUTPUT);
    assert_int_equal(error_no_memory(&error, "a thing"), SGR_NO_MEMORY);
    assert_int_equal(error.status, SGR_NO_MEMORY);
    assert_non_null(strstr(error.text, "a thing"));
    assert_int_equal(error_no_memory(NULL, "a thing"), SGR_NO_MEMORY);
    char large[2000];
    memset(large, 'x', sizeof large);
    large[1999] = '\0';
    assert_int_equal(error_set(&error, SGR_INPUT, "%s", large), SGR_INPUT);
    assert_int_equal(strlen(error.text), SGR_ERROR_TEXT_MAX - 1);
}

/* The public header promises UTF-8, so a cut may not leave half a character. */
static void an_error_that_is_cut_stays_utf8(void **state)
{
    (void)state;
    for (int shift = 0; shift < 3; shift++) {
        char path[1000] = "";
        memset(path, 'x', (size_t)shift);
        for (int index = 0; index < 300; index++)
            memcpy(path + shift + 3 * index, "\xe2\x82\xac", 4);
        struct sgr_error error;
        assert_int_equal(error_set(&error, SGR_INPUT, "%s", path), SGR_INPUT);
        assert_true(text_is_utf8(error.text, strlen(error.text)));
    }
}

static void every_status_has_a_text_and_an_exit_code(void **state)
{
    (void)state;
    static const struct {
        enum sgr_status status;
        int code;
    } codes[] = {{SGR_OK, 0},         {SGR_INTERNAL, 1},     {SGR_USAGE, 2},  {SGR_INPUT, 3},
                 {SGR_INFEASIBLE, 4}, {SGR_PARTIAL, 5},      {SGR_OUTPUT, 6}, {SGR_STOPPED, 75},
                 {SGR_NO_MEMORY, 75}, {SGR_INTERRUPTED, 130}};
    for (size_t index = 0; index < sizeof codes / sizeof *codes; index++) {
        assert_int_equal(codes[index].status, index);
        assert_int_equal(sgr_status_exit_code(codes[index].status), codes[index].code);
        assert_true(strlen(sgr_status_text(codes[index].status)) > 0);
    }
    assert_int_equal(sgr_status_exit_code((enum sgr_status)99), 1);
    assert_int_equal(sgr_status_exit_code((enum sgr_status) - 1), 1);
    assert_non_null(sgr_status_text((enum sgr_status) - 1));
}

static void a_broken_invariant_ends_the_process(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        ERROR_ASSERT(1 + 1 == 2);
        ERROR_ASSERT(1 + 1 == 3);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

struct heard {
    int lines;
    enum sgr_log_level level;
    char text[2048];
};

static void hear(void *context, enum sgr_log_level level, const char *text)
{
    struct heard *heard = context;
    heard->lines++;
    heard->level = level;
    snprintf(heard->text, sizeof heard->text, "%s", text);
}

static void log_lines_arrive_clean_or_not_at_all(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct sgr_log log = {&heard, hear};
    log_write(NULL, SGR_LOG_WARNING, "%s", "nobody");
    log_write(&(struct sgr_log){0}, SGR_LOG_WARNING, "%s", "nobody");
    assert_int_equal(heard.lines, 0);
    log_write(&log, SGR_LOG_NOTICE, "%s-%d", "a\tb\r\n", 1);
    assert_int_equal(heard.lines, 1);
    assert_int_equal(heard.level, SGR_LOG_NOTICE);
    assert_string_equal(heard.text, "a?b?"
                                    "?-1");
    char large[3000];
    memset(large, 'x', sizeof large);
    large[2999] = '\0';
    log_write(&log, SGR_LOG_DETAIL, "%s", large);
    assert_true(strlen(heard.text) >= 1000);
}

static void a_log_line_that_is_cut_stays_utf8(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct sgr_log log = {&heard, hear};
    char large[1600] = "";
    for (int shift = 0; shift < 3; shift++) {
        memset(large, 'x', (size_t)shift);
        for (int index = 0; index < 500; index++)
            memcpy(large + shift + 3 * index, "\xe2\x82\xac", 4);
        log_write(&log, SGR_LOG_WARNING, "%s", large);
        assert_true(text_is_utf8(heard.text, strlen(heard.text)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_little_endian),
        cmocka_unit_test(reading_stays_failed_after_anything_that_did_not_fit),
        cmocka_unit_test(texts_come_back_and_null_stays_null),
        cmocka_unit_test(texts_that_lie_about_their_length_fail),
        cmocka_unit_test(keys_are_xxh3),
        cmocka_unit_test(published_digests_are_sha256),
        cmocka_unit_test(the_first_random_numbers_never_change),
        cmocka_unit_test(bounded_numbers_are_even),
        cmocka_unit_test(the_greatest_divisor_is_found),
        cmocka_unit_test(an_error_is_one_clean_line),
        cmocka_unit_test(an_error_that_is_cut_stays_utf8),
        cmocka_unit_test(every_status_has_a_text_and_an_exit_code),
        cmocka_unit_test(a_broken_invariant_ends_the_process),
        cmocka_unit_test(log_lines_arrive_clean_or_not_at_all),
        cmocka_unit_test(a_log_line_that_is_cut_stays_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
