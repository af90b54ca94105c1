/* Settings in JavaScript read as data: what is a literal, what is not, and hostile files. */
#include "collection/script_read.h"

#include "base/error.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct script {
    struct arena arena;
    struct script_value root;
    struct sgr_error error;
};

static enum sgr_status try_script(struct script *script, const char *text)
{
    arena_finish(&script->arena);
    return script_read("c.js", text, strlen(text), &script->arena, &script->root, &script->error);
}

static const struct script_value *read(struct script *script, const char *text, const char *key)
{
    if (try_script(script, text) != SGR_OK)
        fail_msg("not read: %s", script->error.text);
    const struct script_value *value = script_find(&script->root, key);
    if (!value)
        fail_msg("no %s in: %s", key, text);
    return value;
}

static void expect_text(struct script *script, const char *written, const char *meant)
{
    char source[1024];
    snprintf(source, sizeof source, "const a = %s;", written);
    const struct script_value *value = read(script, source, "a");
    assert_int_equal(value->kind, SCRIPT_TEXT);
    assert_string_equal(value->text, meant);
}

static void expect_other(struct script *script, const char *written)
{
    char source[1024];
    snprintf(source, sizeof source, "const a = %s;\nconst b = 7", written);
    const struct script_value *value = read(script, source, "a");
    if (value->kind != SCRIPT_OTHER)
        fail_msg("taken for a literal: %s", written);
    assert_int_equal(read(script, source, "b")->number, 7000000000);
}

static void texts_are_read_with_their_escapes(void **state)
{
    struct script script = {0};
    (void)state;
    expect_text(&script, "\"it's\"", "it's");
    expect_text(&script, "'a\\'b\\n\\x41\\u0042\\u{1F600}\\uD83D\\uDE00'",
                "a'b\nAB\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
    expect_text(&script, "`two\nlines`", "two\nlines");
    expect_text(&script, "'go\\\non'", "goon");
    expect_text(&script, "'// no comment /* */'", "// no comment /* */");
    expect_other(&script, "`${b} and`");
    expect_other(&script, "`${ `${'}'}` } // {`");
    expect_other(&script, "'\\ud83d'");
    expect_other(&script, "'\\0'");
    expect_other(&script, "'\\u{110000}'");
    expect_other(&script, "'a' + 'b'");
    static const char zero[] = "const a = 'b\\\0'";
    arena_finish(&script.arena);
    assert_int_equal(
        script_read("c.js", zero, sizeof zero - 1, &script.arena, &script.root, &script.error),
        SGR_OK);
    assert_int_equal(script_find(&script.root, "a")->kind, SCRIPT_OTHER);
    arena_finish(&script.arena);
}

static void marks_and_interpreters_in_front_are_passed_over(void **state)
{
    struct script script = {0};
    (void)state;
    assert_int_equal(read(&script,
                          "\xef\xbb\xbf"
                          "const a = 1",
                          "a")
                         ->number,
                     1000000000);
    assert_int_equal(read(&script, "#!/usr/bin/env node '\nconst a = 1", "a")->number, 1000000000);
    assert_int_equal(read(&script, "\xef\xbb\xbf#!/bin/x `\nconst a = 1", "a")->number, 1000000000);
    assert_int_equal(try_script(&script, "#!"), SGR_OK);
    arena_finish(&script.arena);
}

static void numbers_are_exact(void **state)
{
    struct script script = {0};
    (void)state;
    assert_int_equal(read(&script, "let a = 0.1;", "a")->number, 100000000);
    assert_int_equal(read(&script, "var a = 1_000", "a")->number, 1000000000000);
    assert_int_equal(read(&script, "const a = .5", "a")->number, 500000000);
    const struct script_value *value = read(&script, "const a = -5", "a");
    assert_true(value->kind == SCRIPT_NUMBER && value->negative && value->number == 5000000000);
    expect_other(&script, "2 / 128");
    expect_other(&script, "0x10");
    expect_other(&script, "010");
    expect_other(&script, "1e3");
    expect_other(&script, "10n");
    expect_other(&script, "5 * count");
    expect_other(&script, "-b");
    arena_finish(&script.arena);
}

static void containers_are_trees(void **state)
{
    struct script script = {0};
    (void)state;
    const struct script_value *value =
        read(&script,
             "const a = { // a comment\n  bare: 1, 'quoted key': [true, false, null,],\n"
             "  /* another */ 5: { deep: [[{}]] },\n  bare: 2,\n};",
             "a");
    assert_int_equal(value->kind, SCRIPT_OBJECT);
    assert_int_equal(script_find(value, "bare")->number, 2000000000);
    assert_int_equal(script_find(value, "bare")->line, 4);
    assert_true(value->first->replaced);
    const struct script_value *list = script_find(value, "quoted key");
    assert_int_equal(list->kind, SCRIPT_LIST);
    assert_true(list->first->kind == SCRIPT_FLAG && list->first->flag);
    assert_int_equal(list->last->kind, SCRIPT_NULL);
    assert_int_equal(script_find(script_find(value, "5"), "deep")->kind, SCRIPT_LIST);
    arena_finish(&script.arena);
}

static void what_is_computed_is_not_understood(void **state)
{
    struct script script = {0};
    (void)state;
    static const char *const written[] = {"[1, 2].map((x) => x * 2)",
                                          "() => [1, 2]",
                                          "function () { return { a: 1 }; }",
                                          "require(`${p}/x.js`)",
                                          "{ a: 1 }.a",
                                          "/[/\"']+/g",
                                          "process.cwd()",
                                          "true ? 1 : 2",
                                          "!true",
                                          "[1]\n  .concat([2])"};
    for (size_t index = 0; index < sizeof written / sizeof *written; index++)
        expect_other(&script, written[index]);
    const struct script_value *value =
        read(&script, "const a = [...b, { ...c, d() { return 1 }, [e]: 2, f }]", "a");
    assert_int_equal(value->first->kind, SCRIPT_OTHER);
    assert_string_equal(value->first->text, "...b");
    const struct script_value *object = value->last;
    assert_string_equal(object->first->key, "...");
    assert_int_equal(script_find(object, "d")->kind, SCRIPT_OTHER);
    assert_int_equal(script_find(object, "f")->kind, SCRIPT_OTHER);
    arena_finish(&script.arena);
}

static void constants_stand_for_their_values(void **state)
{
    struct script script = {0};
    (void)state;
    const struct script_value *value =
        read(&script, "const n = 12, s = 'x'\nconst a = { n, m: n, t: s, u: other }", "a");
    assert_int_equal(script_find(value, "n")->number, 12000000000);
    assert_int_equal(script_find(value, "m")->number, 12000000000);
    assert_string_equal(script_find(value, "t")->text, "x");
    assert_int_equal(script_find(value, "u")->kind, SCRIPT_OTHER);
    arena_finish(&script.arena);
}

static void only_the_outside_of_functions_counts(void **state)
{
    struct script script = {0};
    (void)state;
    static const char text[] = "function f() { const a = 1; }\nconst g = () => { const a = 2 }\n"
                               "const { x, y } = require('z')\nif (g) { a = 4 }\nconst a = 3\n"
                               "module.exports = { a, b: 'only here', c: f }";
    assert_int_equal(read(&script, text, "a")->number, 3000000000);
    assert_string_equal(read(&script, text, "b")->text, "only here");
    assert_null(script_find(&script.root, "c"));
    assert_int_equal(read(&script, "export const a = 1", "a")->number, 1000000000);
    const struct script_value *value = read(&script, "let a = [1];\na.push(2)", "a");
    assert_int_equal(value->kind, SCRIPT_OTHER);
    assert_string_equal(value->text, "changed again in line 2");
    assert_int_equal(read(&script, "let a = 1;\na = 2", "a")->kind, SCRIPT_OTHER);
    assert_int_equal(read(&script, "let a = 1;\na += 2", "a")->kind, SCRIPT_OTHER);
    assert_int_equal(read(&script, "let a = 1;\nif (a == 2) f()", "a")->kind, SCRIPT_NUMBER);
    arena_finish(&script.arena);
}

static void expect_refusal(struct script *script, const char *text, const char *piece)
{
    assert_int_equal(try_script(script, text), SGR_INPUT);
    if (!strstr(script->error.text, piece))
        fail_msg("\"%s\" is not in \"%s\"", piece, script->error.text);
}

static void what_is_never_closed_is_refused_with_its_line(void **state)
{
    struct script script = {0};
    (void)state;
    expect_refusal(&script, "\nconst a = 'x\n'", "c.js:2: the text");
    expect_refusal(&script, "const a = \"x", "c.js:1: the text");
    expect_refusal(&script, "const a = 'x\\", "c.js:1: the text");
    expect_refusal(&script, "\n\nconst a = `x", "c.js:3: the template");
    expect_refusal(&script, "const a = `${`", "c.js:1: the template");
    expect_refusal(&script, "/* x", "c.js:1: the comment");
    expect_refusal(&script, "const a = /x", "c.js:1: the pattern");
    expect_refusal(&script, "\nconst a = [1, {", "c.js:2: the '{'");
    expect_refusal(&script, "const a = [1)", "c.js:1: the '['");
    expect_refusal(&script, "const a = '\xff'", "not UTF-8");
    assert_int_equal(try_script(&script, ""), SGR_OK);
    assert_int_equal(try_script(&script, ")]}"), SGR_OK);
    assert_int_equal(try_script(&script, "const"), SGR_OK);
    assert_int_equal(try_script(&script, "const a ="), SGR_OK);
    arena_finish(&script.arena);
}

/* `count` times `piece` behind `front`. */
static char *repeat(const char *front, const char *piece, size_t count)
{
    size_t length = strlen(piece);
    size_t start = strlen(front);
    char *text = malloc(start + length * count + 1);
    assert_non_null(text);
    memcpy(text, front, start);
    for (size_t index = 0; index < count; index++)
        memcpy(text + start + index * length, piece, length);
    text[start + length * count] = '\0';
    return text;
}

static void hostile_files_meet_limits(void **state)
{
    struct script script = {0};
    (void)state;
    static const struct {
        const char *front;
        const char *piece;
        size_t count;
        const char *refusal; /* NULL: it is read */
    } rows[] = {
        {"const a = ", "[", 65, "nested deeper than 64"},
        {"const a = ", "[", 1000000, "nested deeper than 64"},
        {"const a = f", "(", 1000000, NULL},
        {"const a = '", "x", 1000000, "never closed"},
        {"const a = ", "`${", 300000, "nested deeper than 64"},
        {"", "x", SCRIPT_BYTES_MAX + 1, "more than the 1048576"},
        {"", "let a=1;", 100000, "more than 1024 declarations"},
        {"const a = {", "a:1,", 200000, "never closed"},
        {"const a = 1; b", ";a.b", 200000, NULL},
        {"const a = 1\nconst b = [", "a,", 400000, "never closed"},
        {"/", "/", 1000000, NULL},
        {"", "/*", 500000, "never closed"},
    };
    for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
        char *text = repeat(rows[index].front, rows[index].piece, rows[index].count);
        if (rows[index].refusal)
            expect_refusal(&script, text, rows[index].refusal);
        else
            assert_int_equal(try_script(&script, text), SGR_OK);
        free(text);
    }
    char *text = repeat("const a = '", "x", 1000000);
    text[1000010] = '\'';
    assert_int_equal(strlen(read(&script, text, "a")->text), 999999);
    free(text);
    arena_finish(&script.arena);
}

static void every_failed_allocation_is_told(void **state)
{
    struct script script = {0};
    (void)state;
    static const char text[] = "const n = 1; const a = [{ n, 'k\\n': `t`, ...s }, f(x)]; a.b = 1\n"
                               "module.exports = { z: [1] }";
    enum sgr_status status = SGR_NO_MEMORY;
    for (uint64_t at = 1; status != SGR_OK; at++) {
        memory_fail_after(at, true);
        status = try_script(&script, text);
        memory_fail_after(0, false);
        assert_true(status == SGR_OK || status == SGR_NO_MEMORY);
    }
    arena_finish(&script.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_with_their_escapes),
        cmocka_unit_test(marks_and_interpreters_in_front_are_passed_over),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(containers_are_trees),
        cmocka_unit_test(what_is_computed_is_not_understood),
        cmocka_unit_test(constants_stand_for_their_values),
        cmocka_unit_test(only_the_outside_of_functions_counts),
        cmocka_unit_test(what_is_never_closed_is_refused_with_its_line),
        cmocka_unit_test(hostile_files_meet_limits),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
