/*
 * Replays the inputs of a target that tests/fuzz/run.sh has found worth keeping, without
 * libFuzzer. An argument is another folder of inputs.
 */
#include "fuzz/fuzz_target.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { INPUT_MAX = 65536 };

static const char *folder = TEST_CORPUS;

static void try_file(const char *name)
{
    static uint8_t bytes[INPUT_MAX];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    /* Named before, because a failure ends the process. */
    print_message("%s\n", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_true(feof(file));
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
}

static void every_input_comes_back(void **state)
{
    (void)state;
    unsigned tried = 0;
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        try_file(entry->d_name);
        tried++;
    }
    closedir(open);
    assert_true(tried > 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_input_comes_back)};
    if (argc > 1)
        folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
