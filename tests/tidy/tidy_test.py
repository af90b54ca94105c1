#!/usr/bin/python3
"""Tests tidy.py: a clean tree passes, and each fault, seeded into that tree, is reported with its
file, line and rule, and nothing besides it.

Usage: tidy_test.py [-v]        (the options of unittest)
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True  # The source tree gets no __pycache__ from a test run.
import tidy  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]

# What the scanner has to get through: attributes, X-macros, function pointers, conditional braces.
CLEAN_TREE = {
    "include/serigraph/plan.h": '''\
/* Reads plans. Nothing here draws a pixel; a path like "a/*b" or 'it//s' opens no comment. */
#ifndef SERIGRAPH_PLAN_H
#define SERIGRAPH_PLAN_H
#include <serigraph/status.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
#define SGR_MODE_LIST(X) X(SGR_MODE_NORMAL, "normal") X(SGR_MODE_MULTIPLY, "multiply")
/** How the parts of a recipe combine. */
enum sgr_mode {
#define SGR_MODE_VALUE(name, text) name,
    SGR_MODE_LIST(SGR_MODE_VALUE) SGR_MODE_COUNT = 2
};

struct sgr_plan;

/**
 * Called for each item; an example:
 *
 *     return item_count > 5 ? 1 : 0;
 */
typedef int (*sgr_plan_visit)(void *context, size_t item_count);

/** Sizes of a plan, borrowed by the caller. */
struct sgr_plan_sizes {
    size_t item_count; /* at least 1 */
    void (*free)(void *memory);
};

/**
 * Opens a plan; many words follow here; they end a line; in semicolons;
 * `out_plan` is written on success only.
 */
SGR_API enum sgr_status sgr_plan_open(const char *path, struct sgr_plan **out_plan) SGR_MUST_USE
    __attribute__((nonnull(1, 2)));

/** Formats one line of text. */
__attribute__((format(printf, 2, 3))) int sgr_plan_print(struct sgr_plan *plan, const char *format,
                                                         ...);

/** The function to call, which never is NULL. */
void (*sgr_plan_handler(int number, void (*fallback)(int)))(int);
#ifdef __cplusplus
}
#endif
#endif
''',
    "include/serigraph/status.h": '''\
/* Says what a function has to tell about its failure. */
#ifndef SERIGRAPH_STATUS_H
#define SERIGRAPH_STATUS_H
#define SGR_BEGIN
#define SGR_API __attribute__((visibility("default")))
#define SGR_MUST_USE __attribute__((warn_unused_result))
SGR_BEGIN

/** What became of a call. */
enum sgr_status { SGR_OK = 0 };
#endif
''',
    "engine/base/memory.h": '''\
/* Allocates: the only module that calls the allocator of the system. */
#ifndef SGR_BASE_MEMORY_H
#define SGR_BASE_MEMORY_H
#include <stddef.h>
_Static_assert(sizeof(size_t) == 8, "sizes are 64 bits");

/* Memory of `size_bytes`, or NULL. */
void *memory_create(size_t size_bytes);

// Accepts NULL and
// sets NULL.
void memory_destroy(void **memory);

static inline size_t memory_round(size_t size_bytes)
{
    return (size_bytes + 15) & ~(size_t)15;
}

extern int (*const memory_hook)(int, int);
#endif
''',
    "engine/base/memory.c": '''\
// SPDX-License-Identifier: MIT
// Allocates and counts: nothing else.
#include "base/memory.h"
#include <openssl/evp.h>
static int add(int first, int second)
{
    return first + second;
}

void *memory_create(size_t size_bytes)
{
    void *memory = malloc(memory_round(size_bytes));
    if (memory == NULL)
        abort();
    return memory;
}

void memory_destroy(void **memory)
{
    free(*memory);
    *memory = NULL;
}
''',
    "engine/os/clock.c": '''\
/* Tells the time and never sets it. */
#include "base/memory.h"
#include <serigraph/status.h>
#include <sys/time.h>
#ifdef __linux__
int clock_read(int kind)
{
#else
int clock_read(long kind)
{
#endif
    return (int)kind;
}
''',
    "engine/kernel/blend_over.c": '''\
/* Blends rows of pixels; the scalar version is the reference. */
#include <immintrin.h>
#include <stdint.h>
#define KERNEL_NAME(name) name##_sse41

void KERNEL_NAME(blend_over)(uint8_t *restrict target, const uint8_t *restrict source,
                             uint32_t count, uint32_t stride, uint32_t opacity, uint32_t mode)
{
    for (uint32_t i = 0; i < count; i++)
        target[i] = source[i];
}
''',
    "engine/collection/trait_name.c": '''\
/* Parses what the name of a trait's file says. */
#include "codec/decode.h"
#include "collection/trait.h"
#include <jansson.h>
struct option {
    int kind;
};

static const struct option options[] = {
    {.kind = '{'},
};

static void release(struct option *option, const char *text)
{
    option->free(option);
    print("free(text); // {", text, '"', '\\\\');
}

/* Exactly three levels; the chain of else counts once, literals and plain blocks not at all. */
int trait_name_parse(const char *text, size_t length, int kind, int weight, int *out_weight, ...)
{
    if (kind == 0) {
        return 0;
    } else if (kind == 2) {
        for (size_t i = 0; i < length; i++) {
            switch (text[i]) {
            case '{':
                *out_weight = apply((struct option){.kind = (int[]){1, 2}[0]});
                break;
            default:
                goto done;
            }
        }
    } else {
        do
            weight++;
        while (weight < 0);
    }
    {
        while (weight > 5)
            if (weight > 6)
                weight--;
            else
                for (;;)
                    weight -= 2;
    }
done:
    return weight;
}
''',
    "cli/main.c": '''\
/* Starts the program and ends it. */
#include "arguments.h"
#include <serigraph/plan.h>
#include <unistd.h>
int main(int argument_count, char **arguments)
{
    exit(arguments_run(argument_count, arguments));
}
''',
    "tests/unit/memory_test.c": '''\
#include "../support/fault.h"
#include "base/memory.h"
#include <sqlite3.h>
#include <stdlib.h>
TEST(allocation_can_fail)
{
    char *text = strdup("x");
    free(text);
}

void unprefixed(void **state)
{
    (void)state;
}
''',
    "tests/support/fault.h": '''\
void undocumented(void);
''',
    "cli/README.md": "\t",
}

PLAN = "include/serigraph/plan.h"
TRAIT = "engine/collection/trait_name.c"
MEMORY = "engine/base/memory.c"
MEMORY_HEADER = "engine/base/memory.h"
COMPOSE, API = "engine/compose/compose.c", "engine/api/api_plan.c"
GLES = "engine/compose/gles/gles_context.c"
COMMENT = "/* Counts what there is to count. */\n"


def write_tree(root, tree):
    for path, text in tree.items():
        target = pathlib.Path(root) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())


def run_tidy(*arguments):
    command = [sys.executable, str(HERE / "tidy.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class TreeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tidy_test_")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def problems(self, tree):
        """The (path, line, rule) of each problem, clang-format not asked."""
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            write_tree(folder, tree)
            with mock.patch.object(tidy.shutil, "which", return_value=None):
                problems, _, _ = tidy.check_tree(pathlib.Path(folder))
        return sorted(problem[:3] for problem in problems)

    def expect(self, path, text, *expected):
        """Puts a file into the clean tree. Each expected problem is a rule and a part of the line
        it is about, or the number of that line."""
        lines = text.split("\n") if isinstance(text, str) else []
        wanted = []
        for rule, place in expected:
            if isinstance(place, str):
                self.assertIn(place, text)
                place = next(i for i, line in enumerate(lines, 1) if place in line)
            wanted.append((path, place, rule))
        with self.subTest(path=path, expected=expected):
            self.assertEqual(self.problems(CLEAN_TREE | {path: text}), sorted(wanted))

    def expect_change(self, path, old, new, *expected):
        self.assertEqual(CLEAN_TREE[path].count(old), 1, old)
        self.expect(path, CLEAN_TREE[path].replace(old, new), *expected)


class TextTest(TreeTest):
    def test_clean_tree_passes(self):
        self.assertEqual(self.problems(CLEAN_TREE), [])
        self.assertEqual(self.problems({}), [])

    def test_whitespace_faults(self):
        self.expect_change(TRAIT, "    int kind;", "\tint kind;", ("text", "\tint kind;"))
        self.expect_change(TRAIT, "    int kind;", "    int kind; ", ("text", "int kind; "))
        self.expect_change(TRAIT, "    int kind;", "    int kind;\r", ("text", "int kind;\r"))

    def test_file_must_end_with_one_line_break(self):
        text = CLEAN_TREE[MEMORY]
        self.expect(MEMORY, text[:-1], ("text", text.count("\n") - 1))
        self.expect(MEMORY, text + "\n", ("text", text.count("\n") + 1))

    def test_columns_are_characters(self):
        fits = "/* " + "ä" * 94 + " */"
        self.expect_change(MEMORY, "static int add", fits + "\nstatic int add")
        long = "/* " + "a" * 95 + " */"
        self.expect_change(MEMORY, "static int add", long + "\nstatic int add", ("columns", long))

    def test_file_length(self):
        text = CLEAN_TREE[MEMORY]
        missing = 600 - text.count("\n")
        self.expect(MEMORY, text + "int x;\n" * missing)
        self.expect(MEMORY, text + "int x;\n" * (missing + 1), ("length", 601))

    def test_not_utf8(self):
        self.expect(MEMORY, b"/* \xff */\n", ("text", 1))


class FunctionTest(TreeTest):
    def test_body_length(self):
        start = COMMENT + "static int\ncount(void)\n{\n"
        path = "engine/plan/count.c"
        self.expect(path, start + "    step();\n" * 70 + "}\n")
        self.expect(path, start + "    step();\n" * 71 + "}\n", ("body", "count(void)"))
        self.expect("tests/unit/count.c", start + "    step();\n" * 100 + "}\n")
        self.expect("tests/unit/count.c", start + "    step();\n" * 101 + "}\n",
                    ("body", "count(void)"))

    def test_body_length_ignores_braces_in_literals_comments_and_directives(self):
        body = '    step("}", \'}\'); /* } */ // }\n#define CLOSE \\\n}\n' + "    step();\n" * 68
        self.expect("engine/plan/count.c", COMMENT + "int count(void)\n{\n" + body + "}\n",
                    ("body", "int count("))

    def test_functions_are_found_behind_macros_and_conditions(self):
        for head in ("TEST(count)", "void KERNEL_NAME(count)(int a)", "MADE\n\nint count(void)"):
            text = head + "\n{\n" + "    step();\n" * 101 + "}\n"
            self.expect("tests/unit/count.c", text, ("body", "(count)" if "(c" in head else "int"))
        text = CLEAN_TREE["engine/os/clock.c"] + "int wrong(void)\n{\n}\n"
        self.expect("engine/os/clock.c", text, ("prefix", "int wrong"))

    def test_parameters(self):
        self.expect_change(TRAIT, "int *out_weight, ...", "int *out, int more",
                           ("parameters", "int trait_name_parse"))
        six = "static int count(int a, int (*visit)(int, int), int c[2], int d, int e, int f)\n{}\n"
        self.expect("engine/plan/count.c", COMMENT + six, ("parameters", "static int count"))
        self.expect("engine/plan/count.c", COMMENT + six.replace(", int f", ""))
        self.expect("engine/kernel/count.c", COMMENT + six)

    def test_nesting(self):
        self.expect_change(TRAIT, "                weight--;",
                           "                while (weight > 0)\n                    weight--;")
        self.expect_change(TRAIT, "                    weight -= 2;",
                           "                    do weight -= 2; while (weight > 0);",
                           ("nesting", "do weight"))
        self.expect_change(TRAIT, "                break;", "                if (kind) { break; }",
                           ("nesting", "if (kind) {"))
        self.expect("engine/plan/count.c", COMMENT + "int count(void)\n{\n    do\nswitch (a) {\n"
                    "case 1:\nagain:\nfor (;;)\nif (c)\nd();\n}\nwhile (0);\n}\n",
                    ("nesting", "if (c)"))
        loops = "    LIST_EACH(a, b) {\n" * 4 + "    }\n" * 4
        self.expect("engine/plan/count.c", COMMENT + "int count(void)\n{\n" + loops + "}\n",
                    ("nesting", 7))


class IncludeTest(TreeTest):
    def test_tiers(self):
        for path, include in (
                (MEMORY, '"os/clock.h"'), (TRAIT, '"plan/plan.h"'), (TRAIT, '"nowhere/x.h"'),
                (TRAIT, '"trait.h"'), (TRAIT, '"../base/memory.h"'), (TRAIT, '"base/../os/x.h"'),
                (TRAIT, "<base/memory.h>"), (TRAIT, '"serigraph/plan.h"'),
                (TRAIT, '"engine/base/memory.h"'),
                ("engine/plan/count.c", '"sheet/sheet.h"'),
                ("engine/work/queue.c", '"image/image.h"'),
                ("engine/publish/report.c", '"optimize/choose.h"'),
                ("engine/store/sink.c", '"compose/cpu/cpu_backend.h"'),
                ("engine/pipeline/run.c", '"compose/gles/gles_context.h"'),
                ("engine/pipeline/run.c", '"compose/null/null_backend.h"'),
                ("cli/run.c", '"base/memory.h"'), ("cli/run.c", '"../engine/base/memory.h"'),
                ("examples/show.c", '"api/x.h"')):
            text = CLEAN_TREE.get(path, COMMENT) + "#include " + include + "\n"
            self.expect(path, text, ("include", "#include " + include))
        self.expect_change(PLAN, "<serigraph/status.h>", '"status.h"', ("include", '"status.h"'))

    def test_allowed_includes(self):
        for path, include in (
                ("engine/pipeline/run.c", '"compose/compose.h"'), (TRAIT, "<serigraph/plan.h>"),
                ("engine/optimize/choose.c", '"pipeline/run.h"'), ("cli/run.c", '"cli/run.h"'),
                (COMPOSE, '"compose/cpu/cpu_backend.h"'), (COMPOSE, '"plan/plan_file.h"'),
                (GLES, '"compose/null/null_backend.h"'), (API, '"compose/gles/gles_context.h"'),
                ("bench/run.c", '"compose/cpu/cpu_backend.h"'), ("cli/run.c", "<sys/stat.h>")):
            self.expect(path, CLEAN_TREE.get(path, COMMENT) + "#include " + include + "\n")

    def test_folder_without_tier(self):
        self.expect("engine/misc/thing.c", COMMENT, ("include", 1))
        self.expect("engine/thing.c", COMMENT, ("include", 1))

    def test_include_in_a_comment_or_literal_is_none(self):
        self.expect(MEMORY, CLEAN_TREE[MEMORY] + '/* see\n#include "os/x.h" there */\n')

    def test_restricted_headers(self):
        allowed = {
            "collection": "jansson.h", "store": "sqlite3.h archive.h", "sheet": "stb_rect_pack.h",
            "plan": "gmp.h",
            "codec": "png.h libpng16/png.h libdeflate.h zlib.h lcms2.h stb/stb_image.h webp/x.h",
            "kernel": "immintrin.h x86intrin.h arm_neon.h emmintrin.h",
            "compose/gles": "EGL/egl.h GLES2/gl2.h", "base": "openssl/sha.h xxhash.h",
            "os": "unistd.h pthread.h sys/mman.h fcntl.h dirent.h poll.h sched.h signal.h dlfcn.h",
        }
        for folder, headers in allowed.items():
            for header in headers.split():
                text = COMMENT + f"#include <{header}>\n"
                self.expect(f"engine/{folder}/thing.c", text)
                self.expect("engine/optimize/thing.c", text, ("header", "#include"))
                self.expect("bench/thing.c", text)
        self.expect("cli/thing.c", COMMENT + "#include <png.h>\n", ("header", "png.h"))
        self.expect("engine/work/queue.c", COMMENT + '#include "os/signal.h"\n')
        self.expect("cli/thing.c", COMMENT + '#include "png.h"\n', ("header", "png.h"))


class BannedCallTest(TreeTest):
    def test_each_call_is_reported(self):
        for name in (
                "malloc calloc realloc free strdup strndup aligned_alloc posix_memalign gets strcpy"
                " strcat sprintf vsprintf strtok atoi atol atof rand srand alloca setlocale"
                " localtime gmtime asctime system popen tmpnam mktemp abort exit sscanf").split():
            for path in (TRAIT, "cli/run.c", "include/serigraph/inline.c"):
                text = CLEAN_TREE.get(path, COMMENT)
                self.expect(path, text + f"#define RUN {name} (1)\n", ("banned", "#define RUN"))
            self.expect("tests/unit/run.c", f"int x = {name}(1);\n")

    def test_base_and_main_have_their_exceptions_only(self):
        self.expect(MEMORY, CLEAN_TREE[MEMORY] + "int x = exit(1);\n", ("banned", "exit"))
        self.expect(MEMORY, CLEAN_TREE[MEMORY] + "int x = sprintf(1);\n", ("banned", "sprintf"))
        self.expect("cli/main.c", CLEAN_TREE["cli/main.c"] + "int x = free(1);\n",
                    ("banned", "free"))

    def test_other_words_are_not_calls(self):
        text = "int x = my_free(1) + freed(1) + a.free(1) + a -> free(1) + (free);\n"
        self.expect(TRAIT, CLEAN_TREE[TRAIT] + text)


class DocumentationTest(TreeTest):
    def test_file_comment(self):
        for comment in ("/* Run. */", "/* all that there is */", "// SPDX-License-Id: MIT or so.",
                        "#include <stdio.h>\n" + COMMENT.strip()):
            self.expect("cli/run.c", comment + "\n", ("document", 1))

    def test_public_declarations(self):
        for comment, place in (
                ("/** How the parts of a recipe combine. */\n", "enum sgr_mode {"),
                ("/** Sizes of a plan, borrowed by the caller. */\n", "struct sgr_plan_sizes {"),
                ("/** Formats one line of text. */\n", "int sgr_plan_print"),
                ("/** The function to call, which never is NULL. */\n", "sgr_plan_handler")):
            self.expect_change(PLAN, comment, "", ("document", place))
            self.expect_change(PLAN, comment, comment + "\n", ("document", place))
            self.expect_change(PLAN, comment, "// Only a line comment.\n", ("document", place))
            self.expect_change(PLAN, comment, "/* ---------- */\n", ("document", place))
        self.expect_change(PLAN, "\nstruct sgr_plan;\n", "\ntypedef int sgr_number;\n",
                           ("document", "typedef int sgr_number"))
        self.expect_change(PLAN, "struct sgr_plan;\n", "struct sgr_plan; /* not about this: */\n"
                           "int sgr_plan_count(void);\n", ("document", "sgr_plan_count"))

    def test_comment_is_found_after_a_macro_that_stands_alone(self):
        self.expect_change("include/serigraph/status.h", "/** What became of a call. */\n", "",
                           ("document", "enum sgr_status"))

    def test_engine_headers(self):
        self.expect_change(MEMORY_HEADER, "// Accepts NULL and\n// sets NULL.\n", "",
                           ("document", "memory_destroy"))
        self.expect_change(MEMORY_HEADER, "/* Memory of `size_bytes`, or NULL. */\n", "",
                           ("document", "memory_create"))
        self.expect_change(MEMORY_HEADER, "extern int (*const memory_hook)(int, int);",
                           "int memory_count(\n    int (*visit)(int));",
                           ("document", "int memory_count("))


class NameTest(TreeTest):
    def test_guards(self):
        for path in (PLAN, MEMORY_HEADER):
            guard = "SERIGRAPH_PLAN_H" if path == PLAN else "SGR_BASE_MEMORY_H"
            text = CLEAN_TREE[path]
            self.expect(path, text.replace(guard, "OTHER_H"), ("guard", "#ifndef OTHER_H"))
            self.expect(path, text.replace("#define " + guard, "#define X_H"),
                        ("guard", "#ifndef"))
        once = COMMENT + "#pragma once\n"
        self.expect("engine/work/queue.h", once, ("guard", 2), ("guard", "#pragma once"))
        self.expect("tests/support/once.h", once, ("guard", "#pragma once"))
        guarded = "#ifndef SGR_COMPOSE_CPU_CPU_ROW_H\n#define SGR_COMPOSE_CPU_CPU_ROW_H\n#endif\n"
        self.expect("engine/compose/cpu/cpu_row.h", COMMENT + guarded)

    def test_stems_are_unique_in_the_engine(self):
        self.expect("engine/work/memory.c", COMMENT, ("name", 1))
        self.expect("engine/os/mid/clock.c", COMMENT, ("name", 1))
        self.expect("cli/memory.c", COMMENT)

    def test_prefixes(self):
        for path, name in (
                (TRAIT, "parse_name"), (TRAIT, "parse_trait"), (TRAIT, "sgr_trait_name"),
                (MEMORY, "base_memory"), (MEMORY, "memoryless"), (COMPOSE, "strip_compose"),
                (API, "plan_count")):
            for form in (f"int {name}(void)", f"void (*{name}(int a))(int)",
                         f"__attribute__((cold)) struct a *{name}(int a)"):
                text = CLEAN_TREE.get(path, COMMENT) + form + "\n{\n}\n"
                self.expect(path, text, ("prefix", form))
        for path, name in (
                (TRAIT, "collection_count"), (TRAIT, "trait_name"), (COMPOSE, "compose_all"),
                (GLES, "gles_close"), (GLES, "gles_context_open"), (API, "sgr_close")):
            text = CLEAN_TREE.get(path, COMMENT) + f"int {name}(void)\n{{\n}}\n"
            self.expect(path, text)
        macro = "#define INLINE __attribute__((always_inline)) static inline\n"
        self.expect(TRAIT, CLEAN_TREE[TRAIT] + macro + "INLINE int load(void)\n{\n}\n")


class CommentTest(TreeTest):
    def test_commented_out_code(self):
        for line in ("memory_destroy(&memory);", "x = y + 1;", "int count = 0;", "return x + 1;",
                     "if (a > b) {", "} else {", "break;", "struct option {", "a->b[2].c(1);",
                     "static int add(int a, int b)  {", "count++;", '#include "x.h"',
                     "for (i = 0; i < 9; i++) sum += i;", "const char *text;"):
            for form in (f"// {line}\n", f"/* {line} */\n", f"/*\n{line}\n*/\n", f"//{line}\n",
                         f"    /* {line}\n     * and prose */\n"):
                self.expect(MEMORY, CLEAN_TREE[MEMORY] + form, ("comment", line))
        self.expect(MEMORY, CLEAN_TREE[MEMORY] + "#if 0\n#endif\n", ("comment", "#if 0"))

    def test_prose_is_not_code(self):
        for line in ("The words end here;", "see memory_create(3);", "return the count;",
                     "K = (255 - Ab) * Cs + Ab * B.", "nothing is kept (not even names);",
                     "a set like {", "memory_create() fails"):
            self.expect(MEMORY, CLEAN_TREE[MEMORY] + f"/* {line} */\n")

    def test_unfinished_work(self):
        for word in ("TODO", "FIXME", "XXX", "HACK", "todo"):
            self.expect(MEMORY, CLEAN_TREE[MEMORY] + f"/* A\n{word}: more */\n",
                        ("comment", word))
        self.expect(MEMORY, CLEAN_TREE[MEMORY] + '/* a file like x.XXXXXX */ int TODO;\n')


class CommandTest(TreeTest):
    def test_output_and_exit_status(self):
        write_tree(self.root, CLEAN_TREE | {"engine/work/sum.c": COMMENT + "int x = atoi(y);\n"})
        shutil.copy(REPOSITORY / ".clang-format", self.root)
        result = run_tidy(self.root)
        self.assertRegex(result.stdout, r"\Aengine/work/sum\.c:2: banned: atoi: .+\n")
        self.assertRegex(result.stdout, r"\ntidy: 11 files, 1 problems\n\Z")
        self.assertEqual(result.returncode, 1, result.stdout)
        (self.root / "engine/work/sum.c").unlink()
        result = run_tidy(self.root)
        self.assertRegex(result.stdout, r"(?:\A|\n)tidy: 10 files, 0 problems\n\Z")
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_wrong_root_is_wrong_usage(self):
        self.assertEqual(run_tidy(self.root / "missing").returncode, 2)
        self.assertEqual(run_tidy(self.root, self.root).returncode, 2)

    def test_clang_format_is_skipped_aloud(self):
        with mock.patch.object(tidy.shutil, "which", return_value=None):
            self.assertEqual(tidy.check_tree(self.root)[2], "skipped: clang-format")

    @unittest.skipUnless(shutil.which("clang-format"), "no clang-format")
    def test_clang_format_places_are_reported(self):
        write_tree(self.root, {"bench/sum.c": "int x;\nint  y;\n\nint f(void) { return 1; }\n"})
        problems, _, note = tidy.check_tree(self.root)
        self.assertEqual([problem[:3] for problem in problems], [(".clang-format", 1, "format")])
        shutil.copy(REPOSITORY / ".clang-format", self.root)
        problems, _, note = tidy.check_tree(self.root)
        self.assertIsNone(note)
        self.assertEqual([problem[:3] for problem in problems],
                         [("bench/sum.c", 2, "format"), ("bench/sum.c", 4, "format")])
        (self.root / ".clang-format").write_text("NoSuchKey: 1\n")
        problems, _, _ = tidy.check_tree(self.root)
        self.assertEqual([problem[:3] for problem in problems], [(".clang-format", 1, "format")])

    def test_build_folders_are_not_walked(self):
        write_tree(self.root, {"cli/build-debug/a.c": "\t", "tests/node_modules/b.c": "\t"})
        self.assertEqual(tidy.check_tree(self.root)[:2], ([], 0))

    @unittest.skipUnless(shutil.which("git"), "no git")
    def test_git_checkout_leaves_ignored_files_out(self):
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        write_tree(self.root, {".gitignore": "made.c\n", "cli/made.c": "\t",
                               "cli/build/new.c": COMMENT + "int  x;\t\n"})
        with mock.patch.object(tidy.shutil, "which", return_value=None):
            problems, count, _ = tidy.check_tree(self.root)
        self.assertEqual(count, 1)
        self.assertEqual({problem[:2] for problem in problems}, {("cli/build/new.c", 2)})


if __name__ == "__main__":
    sys.exit(unittest.main())
