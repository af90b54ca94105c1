#!/usr/bin/python3
"""Checks the C style of the tree: sizes, include tiers, restricted headers, banned calls, names,
documentation, comments, and the text that .clang-format decides.

Usage: tidy.py [ROOT]        (ROOT is by default the repository this file is in)

Prints `path:line: rule: message` for each problem and a count as the last line. Exits with 0 when
the tree is clean, 1 when there are problems, 2 when ROOT is not a folder.

It reads C with a small scanner, not with a compiler: it needs no build and no include paths, sees
every branch of every #if, and does not expand macros. Names in capitals are taken for macros.
"""

import bisect
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys

FOLDERS = ("include", "engine", "cli", "tests", "bench", "examples")
FILE_LINES_MAX = 600
COLUMNS_MAX = 100
BODY_LINES_MAX, BODY_LINES_MAX_IN_TESTS = 70, 100
PARAMETERS_MAX, NESTING_MAX = 5, 3
# Kernels, and functions whose parameters another API decides.
PARAMETERS_FREE = ("engine/kernel/", "tests/shim/")

# A folder may include folders of a lower tier; folders of one tier do not know each other.
TIERS = {name: tier for tier, names in enumerate((
    "base", "os", "work image", "kernel", "codec", "collection", "plan sheet", "compose",
    "store", "pipeline", "publish optimize", "api")) for name in names.split()}
BACKENDS = ("compose/cpu/", "compose/gles/", "compose/null/")

# The one folder that may include a header; the pattern is sought after the start or a slash.
RESTRICTED_HEADERS = (
    (r"jansson\.h$", "engine/collection"),
    (r"(sqlite3|archive|archive_entry)\.h$", "engine/store"),
    (r"(png|libdeflate|zlib|stb_image\w*|lcms2|jpeglib|turbojpeg)\.h$|(webp|avif|jxl)/",
     "engine/codec"),
    (r"(\w+intrin|arm_neon|arm_acle|arm_sve)\.h$", "engine/kernel"),
    (r"(EGL|GLES\d*|KHR)/", "engine/compose/gles"),
    (r"openssl/|xxhash\.h$", "engine/base"),
    (r"stb_rect_pack\.h$", "engine/sheet"),
    (r"gmp\.h$", "engine/plan"),
    (r"(unistd|pthread|fcntl|dirent|poll|sched|signal|dlfcn|semaphore|spawn|termios|glob|ftw"
     r"|fnmatch|pwd|strings)\.h$|sys/|linux/", "engine/os"),
)

ALLOCATION_CALLS = "malloc calloc realloc free strdup strndup aligned_alloc posix_memalign".split()
BANNED_CALLS = {name: reason for names, reason in (
    (" ".join(ALLOCATION_CALLS), "only engine/base allocates; use its functions"),
    ("gets strcpy strcat sprintf vsprintf alloca", "no bound on what it writes"),
    ("atoi atol atof sscanf", "overflow goes unnoticed; use the checked parsers"),
    ("strtok rand srand setlocale localtime gmtime asctime", "hidden process-wide state"),
    ("system popen", "no shell is started"),
    ("tmpnam mktemp", "a race; let the system create the file"),
    ("abort", "only engine/base ends the process for a broken assert"),
    ("exit", "only cli/main.c ends the process; return a status"),
) for name in names.split()}

# Comments are found together with literals, so that a marker inside a literal is none.
COMMENT_OR_LITERAL = re.compile(
    r'//(?:\\\n|[^\n])*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w*)((?:\\\n|[^\n])*)", re.MULTILINE)
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|->|\.\.\.|[^\s\w]")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
WORD = re.compile(r"[A-Za-z_]\w*$")
MACRO_NAME = re.compile(r"_*[A-Z][A-Z0-9_]*$")
BANNED_CALL = re.compile(r"\b(%s)\s*\(" % "|".join(BANNED_CALLS))
UNFINISHED = re.compile(r"\b((?i:todo|fixme)|XXX|HACK)\b")

# Words that take an argument list without being the function that a declaration declares.
NOT_A_FUNCTION = ("__attribute__ __declspec __asm__ asm _Alignas alignas _Atomic typeof __typeof__ "
                  "_Static_assert static_assert").split()

TYPE_HEADS = ("typedef", "struct", "union", "enum")
TYPE_WORDS = (
    r"(?:(?:static|const|unsigned|signed|(?:struct|enum|union)\s+\w+|int|char|short|long|float"
    r"|double|void|bool|\w+_t)[\s*]+)+")
LOOKS_LIKE_CODE = re.compile("|".join((
    r"(?:\(void\)\s*)?[a-z_]\w*(?:(?:->|\.)\w+|\[[^\]]*\])*\s*\(.*\)\s*;",  # a call
    r"[*(]*[A-Za-z_][\w.>\-\[\]]*\s*(?:[-+*/|&^%]|<<|>>)?=(?!=)\s*\S.*;",  # an assignment
    TYPE_WORDS + r"\w+(?:\[[^\]]*\])*\s*(?:=.*)?[;{]",  # a variable
    TYPE_WORDS + r"\w+\(.*\)\s*[;{]",  # a function
    r"\w+(?:\+\+|--);|(?:break|continue|return|goto\s+\w+)\s*;",
    r"return\s+(?!.*\w\s+\w).*;",  # with two words side by side it is prose
    r"(?:\}\s*)?(?:else\s+)?(?:if|for|while|switch)\s*\(.*\).*[;{]|(?:\}\s*)?(?:else|do)\s*\{",
    r"(?:static\s+)?(?:struct|enum|union)\s*\w*\s*\{",
    r"#\s*include\s*[<\"][^>\"]*[>\"]",
)))

Comment = collections.namedtuple("Comment", "start end text")
Token = collections.namedtuple("Token", "text offset")
# Places are indices of tokens: of the name, of the parenthesis of the parameters.
Declarator = collections.namedtuple("Declarator", "name at parameters_at")
# One declaration or definition at file scope; body holds the places of its two braces.
Item = collections.namedtuple("Item", "kind name start at is_static parameters body")


def blank(text):
    """Spaces in place of the text; the line breaks stay, so offsets and line numbers hold."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """The text with comments and the inside of literals blanked, and the comments."""
    comments = []

    def replace(match):
        found = match.group()
        if found[0] == "/":
            comments.append(Comment(match.start(), match.end(), found))
            return blank(found)
        return found[0] + blank(found[1:-1]) + found[-1]

    return COMMENT_OR_LITERAL.sub(replace, text), comments


def without_directives(code):
    """The code with preprocessor lines blanked. When one branch of an #if opens a brace that it
    does not close, its other branches are blanked too: they open the same brace again."""
    pieces, open_branches = [], []
    position, depth, skipping = 0, 0, False
    for match in DIRECTIVE.finditer(code):
        piece = code[position:match.start()]
        if not skipping:
            depth += piece.count("{") - piece.count("}")
        pieces += [blank(piece) if skipping else piece, blank(match.group())]
        position = match.end()
        word = match.group(1)
        if word in ("if", "ifdef", "ifndef"):
            open_branches.append((depth, skipping))
        elif word in ("elif", "else") and open_branches:
            skipping = open_branches[-1][1] or depth != open_branches[-1][0]
        elif word == "endif" and open_branches:
            skipping = open_branches.pop()[1]
    return "".join(pieces) + code[position:]


def match_brackets(tokens):
    """For each opening bracket the index of its closing one; an unclosed one runs to the end."""
    pairs, open_at = {}, []
    for index, (text, _) in enumerate(tokens):
        if text in ("(", "[", "{"):
            open_at.append(index)
        elif open_at and tokens[open_at[-1]].text + text in ("()", "[]", "{}"):
            pairs[open_at.pop()] = index
    return pairs | dict.fromkeys(open_at, len(tokens) - 1)


class Source:
    """One file with what the checks need to know about it."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.parts = path.split("/")
        self.top, self.folder = self.parts[0], "/".join(self.parts[:-1])
        self.stem = self.parts[-1].rsplit(".", 1)[0]
        self.is_header = path.endswith(".h")
        self.lines = text.split("\n")
        self.line_starts = [0] + [match.end() for match in re.finditer("\n", text)]
        self.code, self.comments = without_comments(text)
        self.directives = [(self.line_at(match.start()), match.group(1), match.group(2).strip())
                           for match in DIRECTIVE.finditer(self.code)]
        # The code says where an include is; only the text still has its name.
        self.includes = [
            (line, *INCLUDE.match(self.lines[line - 1]).groups())
            for line, word, _ in self.directives
            if word == "include" and INCLUDE.match(self.lines[line - 1])]
        bare = without_directives(self.code)
        self.tokens = [Token(match.group(), match.start()) for match in TOKEN.finditer(bare)]
        self.pairs = match_brackets(self.tokens)
        self.items = list(ItemScanner(self).items())

    def word(self, index):
        return self.tokens[index].text if index < len(self.tokens) else ""

    def line_at(self, offset):
        return bisect.bisect_right(self.line_starts, offset)

    def line_of(self, token_index):
        return self.line_at(self.tokens[token_index].offset)

    def is_in(self, folder):
        return self.path.startswith(folder + "/")


class ItemScanner:
    """Cuts the tokens of a file into its declarations and definitions at file scope."""

    def __init__(self, source):
        self.word, self.tokens, self.pairs = source.word, source.tokens, source.pairs
        # A macro of the file may stand for `static inline` with its attributes.
        self.static_words = {"static"} | {rest.split()[0] for _, word, rest in source.directives
                                          if word == "define" and re.search(r"\bstatic\b", rest)}

    def items(self):
        start, index = 0, 0
        while index < len(self.tokens):
            text = self.word(index)
            following = index + 1
            if text == ";":
                yield self.item(start, index, None)
                start = following
            elif text == "}" or (text == "{" and self.word(index - 1) == '"'):
                start = following  # The linkage block of C++ is no scope of its own.
            elif text in ("(", "[", "{"):
                following = self.pairs[index] + 1
                if text == "{" and self.declarator(start, index):
                    yield self.item(start, index, (index, self.pairs[index]))
                    start = following
            index = following

    def item(self, start, end, body):
        words = [self.word(index) for index in range(start, end)]
        declarator = self.declarator(start, end)
        if declarator:
            kind, (name, at, parameters_at) = "function" if body else "prototype", declarator
            parameters = self.count_parameters(parameters_at)
        else:
            kind, name, at, parameters = "other", "", start, 0
            front = words[:words.index("{")] if "{" in words else words
            heads = [index for index, word in enumerate(front) if word in TYPE_HEADS]
            if heads and "=" not in front and (front != words or "typedef" in front):
                kind, at = "type", start + heads[0]
                name = "the typedef" if "typedef" in front else " ".join(front[heads[0]:])
        is_static = not self.static_words.isdisjoint(words)
        return Item(kind, name, start, at, is_static, parameters, body)

    def declarator(self, index, end):
        """The function that the tokens declare, or None for a type or a variable."""
        test_macro = None
        while index < end:
            text, is_call = self.word(index), self.word(index + 1) == "("
            if text in ("=", "typedef"):
                return None
            if text in ("[", "{"):
                index = self.pairs[index]
            elif text == "(":
                return self.pointer_declarator(index + 1)
            elif is_call and text in NOT_A_FUNCTION:
                index = self.pairs[index + 1]
            elif is_call and MACRO_NAME.match(text):
                close = self.pairs[index + 1]
                name = text + "(" + self.word(index + 2) + ")"
                if self.word(close + 1) == "(" and close + 1 < end:
                    return Declarator(name, index, close + 1)
                test_macro = test_macro or Declarator(name, index, index + 1)
                index = close
            elif is_call and WORD.match(text) and self.word(index + 2) != "*":
                return Declarator(text, index, index + 1)
            index += 1
        return test_macro if self.word(end) == "{" and self.word(end - 1) == ")" else None

    def pointer_declarator(self, index):
        """Tells `int (*make(int a))(void)`, a function, from `int (*make)(void)`, a pointer."""
        while self.word(index) in ("*", "const", "restrict", "volatile"):
            index += 1
        if WORD.match(self.word(index)) and self.word(index + 1) == "(":
            return Declarator(self.word(index), index, index + 1)
        return None

    def count_parameters(self, opening):
        """The named parameters, less the error text that nearly every function ends with."""
        index, end = opening + 1, self.pairs[opening]
        count = int(end > index and self.word(end - 1) != "..." and self.word(end - 1) != "void")
        count -= [self.word(end - back) for back in (3, 2, 1)] == ["sgr_error", "*", "error"]
        while index < end:
            count += self.word(index) == ","
            index = self.pairs.get(index, index) + 1
        return count


class NestingScanner:
    """Walks the statements of a function body and notes control statements nested too deeply."""

    def __init__(self, source):
        self.word, self.pairs = source.word, source.pairs
        self.too_deep = []

    def block(self, index, depth):
        end = self.pairs[index]
        index += 1
        while index < end:
            index = max(self.statement(index, depth), index + 1)
        return end + 1

    def statement(self, index, depth):
        """Reads one statement inside `depth` control blocks; returns the index after it."""
        text = self.word(index)
        if text == "{":
            return self.block(index, depth)
        if text in ("case", "default") or (WORD.match(text) and self.word(index + 1) == ":"):
            while self.word(index) not in (":", ""):
                index = self.pairs.get(index, index) + 1
            return index + 1
        if text in ("if", "for", "while", "do", "switch") or self.is_loop_macro(index):
            return self.control(index, depth)
        return self.expression(index)

    def control(self, index, depth):
        if depth >= NESTING_MAX:
            self.too_deep.append(index)
        if self.word(index) == "do":
            return self.expression(self.statement(index + 1, depth + 1))
        after = self.statement(self.pairs.get(index + 1, index) + 1, depth + 1)
        if self.word(index) != "if" or self.word(after) != "else":
            return after
        is_chain = self.word(after + 1) == "if"
        return self.statement(after + 1, depth if is_chain else depth + 1)

    def expression(self, index):
        """Passes to the semicolon; braces on the way are initialisers and literals."""
        while self.word(index) not in (";", "}", ""):
            index = self.pairs.get(index, index) + 1
        return index + (self.word(index) == ";")

    def is_loop_macro(self, index):
        close = self.pairs.get(index + 1)
        return (WORD.match(self.word(index)) and self.word(index + 1) == "("
                and self.word(close + 1) == "{")


def check_text(source):
    count = len(source.lines) - 1
    if count > FILE_LINES_MAX:
        yield FILE_LINES_MAX + 1, "length", f"{count} lines, at most {FILE_LINES_MAX}: split it"
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, "columns", f"{len(line)} columns, at most {COLUMNS_MAX}"
        if "\t" in line:
            yield number, "text", "a tab; indent with spaces"
        if line != line.rstrip():
            yield number, "text", "blanks at the end of the line"
    if source.lines[-1] or source.lines[-2:-1] in ([], [""]):
        yield max(count, 1), "text", "a file ends with one line break"


def check_functions(source):
    body_max = BODY_LINES_MAX_IN_TESTS if source.top == "tests" else BODY_LINES_MAX
    for item in source.items:
        if item.kind != "function":
            continue
        line = source.line_of(item.at)
        length = source.line_of(item.body[1]) - source.line_of(item.body[0]) - 1
        if length > body_max:
            yield line, "body", f"{item.name} has {length} lines, at most {body_max}"
        if item.parameters > PARAMETERS_MAX and not source.path.startswith(
                PARAMETERS_FREE):
            yield line, "parameters", (
                f"{item.name} has {item.parameters}, at most {PARAMETERS_MAX}: pass a struct")
        scanner = NestingScanner(source)
        scanner.block(item.body[0], 0)
        for index in scanner.too_deep[:1]:
            message = f"{item.name} nests deeper than {NESTING_MAX} levels"
            yield source.line_of(index), "nesting", message


def check_include_tiers(source):
    if source.top in ("tests", "bench"):
        return
    if source.top == "engine" and (len(source.parts) < 3 or source.parts[1] not in TIERS):
        yield 1, "include", "the folder has no tier; put the file in a folder of the tier table"
        return
    for line, bracket, path in source.includes:
        message = include_fault(source, bracket, path)
        if message:
            yield line, "include", f"{path}: {message}"


def include_fault(source, bracket, path):
    """What is wrong with the place or the form of an include, or None."""
    target = path.split("/")[0]
    if target == "serigraph":
        return None if bracket == "<" else "write public headers as <serigraph/...>"
    if bracket == "<":
        is_ours = target in TIERS and "/" in path
        return "write engine headers in quotes, from engine/ as root" if is_ours else None
    if source.top == "include":
        return "public headers include <serigraph/...> and system headers only"
    if source.top != "engine":
        is_own = target not in TIERS and target not in ("..", "engine")
        return None if is_own else f"{source.top}/ includes <serigraph/...> and its own folder only"
    if target not in TIERS or "/" not in path or ".." in path.split("/"):
        return "write quoted includes from engine/ as root"
    if path.startswith(BACKENDS) and source.parts[1] not in ("api", "compose"):
        return "only engine/api and engine/compose name a backend; use the front door"
    if target != source.parts[1] and TIERS[target] >= TIERS[source.parts[1]]:
        return (f"engine/{source.parts[1]} (tier {TIERS[source.parts[1]]}) may not include "
                f"engine/{target} (tier {TIERS[target]})")
    return None


def check_restricted_headers(source):
    if source.top in ("tests", "bench"):
        return
    for line, bracket, path in source.includes:
        if bracket == '"' and path.split("/")[0] in TIERS:
            continue
        for pattern, folder in RESTRICTED_HEADERS:
            is_free = folder == "engine/os" and source.top in ("cli", "examples")
            is_restricted = re.search(rf"(?:^|/)(?:{pattern})", path) and not is_free
            if is_restricted and not source.is_in(folder):
                yield line, "header", f"{path} is for {folder} only"


def check_banned_calls(source):
    if source.top not in ("engine", "cli", "include"):
        return
    for match in BANNED_CALL.finditer(source.code):
        name = match.group(1)
        before = source.code[max(0, match.start() - 80):match.start()].rstrip()
        is_member = before.endswith((".", "->"))
        in_base = source.is_in("engine/base") and name in ALLOCATION_CALLS + ["abort"]
        in_main = source.path == "cli/main.c" and name == "exit"
        if not (is_member or in_base or in_main):
            yield source.line_at(match.start()), "banned", f"{name}: {BANNED_CALLS[name]}"


def check_documentation(source):
    is_public = source.is_in("include/serigraph")
    if source.top in ("engine", "include", "cli") and not has_file_comment(source):
        yield 1, "document", "begin the file with a sentence that says what it does"
    if not source.is_header or not (is_public or source.top == "engine"):
        return
    wanted = ("prototype", "function") + (("type",) if is_public else ())
    for item in source.items:
        if item.kind not in wanted or (item.is_static and not is_public):
            continue
        if not has_comment_before(source, item, is_public):
            form = "/** ... */" if is_public else "a comment"
            yield source.line_of(item.at), "document", f"{item.name} needs {form} right before it"


def has_file_comment(source):
    words, before = [], 0
    for comment in source.comments:
        if source.code[before:comment.start].strip():
            break
        before = comment.end
        lines = comment.text.strip("/*").split("\n")
        words += [line for line in lines if not re.search(r"SPDX|[Cc]opyright", line)]
    text = " ".join(words)
    return len(re.findall(r"[A-Za-z]{2,}", text)) >= 3 and bool(re.search(r"[.!?](\s|$)", text))


def has_comment_before(source, item, must_be_block):
    """Tells whether a comment of its own ends on the line above the item, or, where a macro that
    stands alone before the item was read as its beginning, above the rest of the item."""
    earlier = [c for c in source.comments if c.end <= source.tokens[item.at].offset]
    if not earlier:
        return False
    comment = earlier[-1]
    following = bisect.bisect_left(source.tokens, comment.end, key=lambda token: token.offset)
    between = slice(comment.end, source.tokens[following].offset)
    line_start = source.line_starts[source.line_at(comment.start) - 1]
    return (following >= item.start and not source.code[between].strip()
            and source.text[between].count("\n") <= 1
            and not source.code[line_start:comment.start].strip()
            and bool(re.search(r"[A-Za-z]{2,}\W+[A-Za-z]+", comment.text))
            and not (must_be_block and comment.text.startswith("//")))


def check_guards(source):
    for line, *directive in source.directives:
        if directive == ["pragma", "once"]:
            yield line, "guard", "#pragma once; use an #ifndef guard"
    if not source.is_header or source.top == "tests":
        return
    parts = source.parts[1:] if source.top in ("engine", "include") else source.parts
    prefix = "" if source.top == "include" else "SGR_"
    guard = prefix + re.sub(r"\W", "_", "_".join(parts)).upper()
    found = [directive for _, *directive in source.directives]
    if found[:2] != [["ifndef", guard], ["define", guard]] or found[-1][0] != "endif":
        line = source.directives[0][0] if found else 1
        yield line, "guard", f"enclose the header in #ifndef {guard}"


def check_comments(source):
    for line, *directive in source.directives:
        if directive == ["if", "0"]:
            yield line, "comment", "code behind #if 0; delete it"
    for comment in source.comments:
        first = source.line_at(comment.start)
        is_at_margin = comment.start == source.line_starts[first - 1]
        for number, line in enumerate(comment.text.split("\n"), first):
            unfinished = UNFINISHED.search(line)
            if unfinished:
                yield number, "comment", f"{unfinished.group()}: finish it or file an issue"
            # An indented line of a comment at the margin is an example in a documentation.
            is_example = is_at_margin and re.match(r"\s*\*\s{4,}", line)
            content = re.sub(r"^\s*(//+|/\*+|\*(?!/))?\s?|\s*\*+/\s*$", "", line).strip()
            if not is_example and LOOKS_LIKE_CODE.fullmatch(content):
                yield number, "comment", "looks like commented-out code; delete it"


def check_prefixes(source):
    if source.top != "engine" or source.is_header or len(source.parts) < 3:
        return
    folders = source.parts[1:-1]
    # A module may span several files: render_worker.c holds functions of `render` too.
    words = source.stem.split("_")
    prefixes = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    prefixes += folders if folders[0] != "base" else []
    prefixes += ["sgr"] if folders[0] == "api" else []
    for item in source.items:
        # A name that a macro makes cannot be judged before the macro is expanded.
        if item.kind != "function" or item.is_static or "(" in item.name:
            continue
        if not any(item.name == p or item.name.startswith(p + "_") for p in prefixes):
            allowed = " or ".join(f"{p}_" for p in prefixes)
            message = f"{item.name} is not static; begin its name with {allowed}"
            yield source.line_of(item.at), "prefix", message


FILE_CHECKS = (
    check_text, check_functions, check_include_tiers, check_restricted_headers,
    check_banned_calls, check_documentation, check_guards, check_comments, check_prefixes,
)


def check_unique_stems(sources):
    """A module has one name in the whole engine, so that its prefix says where it is."""
    folder_of = {}
    for source in sources:
        if source.top == "engine":
            first = folder_of.setdefault(source.stem, source.folder)
            if first != source.folder:
                yield source.path, 1, "name", f"{first} already has a module {source.stem}"


def check_format(root, paths):
    """The problems that clang-format sees, and a note when it could not be asked."""
    program = shutil.which("clang-format")
    if not program or not paths:
        return [], "skipped: clang-format"
    if not (root / ".clang-format").is_file():
        return [(".clang-format", 1, "format", "the file is missing")], None
    command = [program, "--dry-run", "-Werror", "--style=file", "--ferror-limit=0", *paths]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    places = re.findall(r"^(.+?):(\d+):\d+: error: code should be", result.stderr, re.MULTILINE)
    if result.returncode and not places:
        reason = (result.stderr.strip() or "no message").split("\n")[0]
        return [(".clang-format", 1, "format", f"clang-format failed: {reason}")], None
    message = "not as clang-format writes it; run clang-format -i"
    return [(path, int(line), "format", message) for path, line in places], None


def list_files(root):
    """The C files to check, as paths relative to root, sorted by bytes."""
    paths = list_git_files(root) if (root / ".git").exists() else list_walked_files(root)
    return sorted({path for path in paths if path.split("/")[0] in FOLDERS
                   and path.endswith((".c", ".h")) and (root / path).is_file()})


def list_git_files(root):
    command = "git ls-files -z --cached --others --exclude-standard".split()
    try:
        result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return list_walked_files(root)
    return result.stdout.split("\0")


def list_walked_files(root):
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if not re.match("build|node_modules$", name)]
        yield from ((pathlib.Path(folder) / name).relative_to(root).as_posix() for name in names)


def check_tree(root):
    """All problems of a tree as (path, line, rule, message), the file count, and a note."""
    problems, sources = [], []
    paths = list_files(root)
    for path in paths:
        try:
            source = Source(path, (root / path).read_bytes().decode("utf-8"))
        except UnicodeDecodeError:
            problems.append((path, 1, "text", "not UTF-8"))
            continue
        sources.append(source)
        for check in FILE_CHECKS:
            problems += [(path, *problem) for problem in check(source)]
    problems += check_unique_stems(sources)
    format_problems, note = check_format(root, paths)
    return sorted(set(problems + format_problems)), len(paths), note


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parents[2])
    if len(arguments) > 1 or not root.is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    problems, file_count, note = check_tree(root)
    for path, line, rule, message in problems:
        print(f"{path}:{line}: {rule}: {message}")
    if note:
        print(note)
    print(f"tidy: {file_count} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
