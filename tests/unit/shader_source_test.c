/* The shaders as they are handed to drivers, held to the language by glslangValidator. */
#include "compose/gles/shader_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "temporary_folder.h"

enum { NOT_INSTALLED = 127, PATH_BYTES = 64 };

static char folder[PATH_BYTES];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/shader_source_test.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    temporary_folder_remove(folder);
    return 0;
}

/* Writes a stage's source to a file named as the validator wants it: main.comp for compute. */
static void write_stage(enum shader_stage stage, bool modes, const char *more, char *path)
{
    struct text source = {.bytes = NULL};
    shader_source_add(stage, modes, &source);
    text_add(&source, more);
    assert_false(source.failed);
    snprintf(path, 2 * PATH_BYTES, "%s/main%s", folder, strchr(shader_source_name(stage), '.'));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(source.bytes, 1, strlen(source.bytes), file), strlen(source.bytes));
    assert_int_equal(fclose(file), 0);
    text_finish(&source);
}

/* Validates and links files, the second of which may be NULL; the validator's exit status. */
static int validate(const char *first, const char *second)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execlp("glslangValidator", "glslangValidator", "-l", first, second, (char *)NULL);
        _exit(NOT_INSTALLED);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NOT_INSTALLED) {
        printf("skipped: glslangValidator is not installed\n");
        skip();
    }
    return WEXITSTATUS(status);
}

static void programs_are_valid(void **state)
{
    (void)state;
    char compute[2 * PATH_BYTES];
    char vertex[2 * PATH_BYTES];
    char fragment[2 * PATH_BYTES];
    for (int modes = 0; modes < 2; modes++) {
        write_stage(SHADER_COMPUTE, modes, "", compute);
        write_stage(SHADER_VERTEX, modes, "", vertex);
        write_stage(SHADER_FRAGMENT, modes, "", fragment);
        assert_int_equal(validate(compute, NULL), 0);
        assert_int_equal(validate(vertex, fragment), 0);
    }
}

static void what_is_not_valid_is_noticed(void **state)
{
    (void)state;
    char compute[2 * PATH_BYTES];
    write_stage(SHADER_COMPUTE, true, "float wrong = 1;\n", compute);
    assert_int_not_equal(validate(compute, NULL), 0);
}

/* Each stage is of one version; only with modes it has more than normal. */
static void sources_are_what_was_asked_for(void **state)
{
    (void)state;
    static const char *const firsts[] = {[SHADER_COMPUTE] = "#version 310 es\n",
                                         [SHADER_VERTEX] = "#version 300 es\n",
                                         [SHADER_FRAGMENT] = "#version 300 es\n"};
    for (int stage = 0; stage < SHADER_STAGE_COUNT; stage++) {
        for (int modes = 0; modes < 2; modes++) {
            struct text source = {.bytes = NULL};
            shader_source_add((enum shader_stage)stage, modes, &source);
            assert_false(source.failed);
            assert_int_equal(strncmp(source.bytes, firsts[stage], strlen(firsts[stage])), 0);
            assert_int_equal(strstr(source.bytes, "#define MODES\n") != NULL, modes);
            /* Constants that C has as well come from C, once. */
            assert_non_null(strstr(source.bytes, "#define SLAB_WORDS 4u\n"));
            for (const struct shader_file *file = shader_files; file->name; file++)
                assert_null(strstr(file->text, "#define"));
            text_finish(&source);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_are_valid),
        cmocka_unit_test(what_is_not_valid_is_noticed),
        cmocka_unit_test(sources_are_what_was_asked_for),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
