/*
 * What tests of arithmetic use of cmocka, for machines that are imitated and have no such library:
 * tests run one after the other, the first failure ends the program with 1.
 */
#ifndef CMOCKA_H
#define CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A test, what prepares and clears up its state, and what the state is made from. */
struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*set_up)(void **state);
    int (*tear_down)(void **state);
    void *initial;
};

#define cmocka_unit_test(test)                                                                     \
    {                                                                                              \
#test, test, NULL, NULL, NULL                                                              \
    }
#define cmocka_unit_test_prestate_setup_teardown(test, set_up, tear_down, initial)                 \
    {                                                                                              \
#test, test, set_up, tear_down, initial                                                    \
    }

/* Ends the program unless a condition of a test's line holds. */
static inline void cmocka_check(int holds, const char *text, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: %s\n", file, line, text);
    exit(1);
}

#define CMOCKA_CHECK(holds, text) cmocka_check(holds, text, __FILE__, __LINE__)
#define assert_true(value) CMOCKA_CHECK(!!(value), #value)
#define assert_false(value) CMOCKA_CHECK(!(value), "not " #value)
#define assert_null(pointer) CMOCKA_CHECK((pointer) == NULL, #pointer " is not NULL")
#define assert_non_null(pointer) CMOCKA_CHECK((pointer) != NULL, #pointer " is NULL")
#define assert_ptr_equal(left, right) CMOCKA_CHECK((left) == (right), #left " is not " #right)
#define assert_int_equal(left, right)                                                              \
    CMOCKA_CHECK((unsigned long long)(left) == (unsigned long long)(right), #left " is not " #right)
#define assert_string_equal(left, right)                                                           \
    CMOCKA_CHECK(strcmp(left, right) == 0, #left " is not " #right)
#define assert_memory_equal(left, right, size)                                                     \
    CMOCKA_CHECK(memcmp(left, right, size) == 0, #left " is not " #right)
#define fail_msg(...)                                                                              \
    do {                                                                                           \
        fprintf(stderr, __VA_ARGS__);                                                              \
        CMOCKA_CHECK(0, "failed");                                                                 \
    } while (0)

/* Runs the tests; 0, as the first failure ends the program. */
static inline int cmocka_run_tests(const struct CMUnitTest *tests, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        void *state = tests[index].initial;
        if (tests[index].set_up)
            CMOCKA_CHECK(tests[index].set_up(&state) == 0, tests[index].name);
        tests[index].test(&state);
        if (tests[index].tear_down)
            CMOCKA_CHECK(tests[index].tear_down(&state) == 0, tests[index].name);
        printf("ok %s\n", tests[index].name);
    }
    return 0;
}

#define cmocka_run_group_tests(tests, set_up, tear_down)                                           \
    cmocka_run_tests(tests, sizeof(tests) / sizeof((tests)[0]))

#endif
