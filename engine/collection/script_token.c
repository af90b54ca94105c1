/*
 * Whether '/' divides or begins a pattern is told by the word before it, as editors do; a file for
 * which that is wrong is refused or not understood, never misread as a setting.
 */
#include "collection/script_token.h"

#include "base/error.h"

#include <stdint.h>
#include <string.h>

enum { TEMPLATE_DEPTH_MAX = 64 };

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' || (byte & 0x80);
}

static char byte_at(const struct script_scan *scan, size_t at)
{
    return at < scan->size ? scan->bytes[at] : '\0';
}

static enum sgr_status refuse_open(const struct script_scan *scan, size_t line, const char *what,
                                   struct sgr_error *error)
{
    return error_set(error, SGR_INPUT, "%s:%zu: %s that begins here is never closed", scan->name,
                     line, what);
}

/* Moves to the end of a comment in slashes and stars. */
static enum sgr_status skip_comment(struct script_scan *scan, bool *out_break,
                                    struct sgr_error *error)
{
    size_t line = scan->line;
    for (scan->at += 2; scan->at < scan->size; scan->at++) {
        if (scan->bytes[scan->at] == '*' && byte_at(scan, scan->at + 1) == '/') {
            scan->at++;
            return SGR_OK;
        }
        *out_break |= scan->bytes[scan->at] == '\n';
        scan->line += scan->bytes[scan->at] == '\n';
    }
    return refuse_open(scan, line, "the comment", error);
}

/* Skips what editors and shells look at: a byte order mark, and a line that begins with "#!". */
static void skip_front(struct script_scan *scan)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t length = sizeof mark - 1;
    if (scan->size >= length && memcmp(scan->bytes, mark, length) == 0)
        scan->at = length;
    if (byte_at(scan, scan->at) != '#' || byte_at(scan, scan->at + 1) != '!')
        return;
    const char *end = memchr(scan->bytes + scan->at, '\n', scan->size - scan->at);
    scan->at = end ? (size_t)(end - scan->bytes) : scan->size;
}

/* Skips blanks and comments. */
static enum sgr_status skip_blanks(struct script_scan *scan, bool *out_break,
                                   struct sgr_error *error)
{
    *out_break = scan->at == 0;
    if (scan->at == 0)
        skip_front(scan);
    for (; scan->at < scan->size; scan->at++) {
        char byte = scan->bytes[scan->at];
        char next = byte_at(scan, scan->at + 1);
        if (byte == '\n') {
            scan->line++;
            *out_break = true;
        } else if (byte == '/' && next == '/') {
            const char *end = memchr(scan->bytes + scan->at, '\n', scan->size - scan->at);
            scan->at = (end ? (size_t)(end - scan->bytes) : scan->size) - 1;
        } else if (byte == '/' && next == '*') {
            enum sgr_status status = skip_comment(scan, out_break, error);
            if (status != SGR_OK)
                return status;
        } else if (!byte || !strchr(" \t\r\f\v", byte)) {
            break;
        }
    }
    return SGR_OK;
}

/* Moves behind a string in quotes, which may go on behind a '\' at the end of a line. */
static enum sgr_status skip_quoted(struct script_scan *scan, char quote, struct sgr_error *error)
{
    size_t line = scan->line;
    for (scan->at++; scan->at < scan->size; scan->at++) {
        char byte = scan->bytes[scan->at];
        if (byte == quote) {
            scan->at++;
            return SGR_OK;
        }
        if (byte == '\n')
            break;
        scan->at += byte == '\\' && byte_at(scan, scan->at + 1) == '\r';
        if (byte == '\\' && byte_at(scan, ++scan->at) == '\n')
            scan->line++;
    }
    return refuse_open(scan, line, "the text", error);
}

/* The templates around a place; depth 0 is outside of all. */
struct templates {
    size_t braces[TEMPLATE_DEPTH_MAX]; /* open within ${} */
    bool in_code[TEMPLATE_DEPTH_MAX];
    size_t depth;
};

/* One step in the text of the innermost template. */
static void step_text(struct script_scan *scan, struct templates *open)
{
    char byte = scan->bytes[scan->at++];
    if (byte == '\\' && scan->at < scan->size && scan->bytes[scan->at] != '\n')
        scan->at++;
    else if (byte == '`')
        open->depth--;
    else if (byte == '$' && byte_at(scan, scan->at) == '{') {
        scan->at++;
        open->in_code[open->depth - 1] = true;
        open->braces[open->depth - 1] = 0;
    }
}

/* One step in the code within ${}. */
static enum sgr_status step_code(struct script_scan *scan, struct templates *open,
                                 struct sgr_error *error)
{
    char byte = scan->bytes[scan->at];
    size_t *braces = &open->braces[open->depth - 1];
    if (byte == '"' || byte == '\'')
        return skip_quoted(scan, byte, error);
    scan->at++;
    if (byte == '`' && open->depth == TEMPLATE_DEPTH_MAX)
        return error_set(error, SGR_INPUT, "%s:%zu: templates are nested deeper than %d",
                         scan->name, scan->line, TEMPLATE_DEPTH_MAX);
    if (byte == '`')
        open->in_code[open->depth++] = false;
    else if (byte == '{')
        ++*braces;
    else if (byte == '}' && *braces)
        --*braces;
    else if (byte == '}')
        open->in_code[open->depth - 1] = false;
    return SGR_OK;
}

/* Moves behind a template; *out_plain tells whether it has no ${}. */
static enum sgr_status skip_template(struct script_scan *scan, bool *out_plain,
                                     struct sgr_error *error)
{
    struct templates open = {.depth = 1};
    size_t line = scan->line;
    enum sgr_status status = SGR_OK;
    *out_plain = true;
    for (scan->at++; status == SGR_OK && open.depth && scan->at < scan->size;) {
        scan->line += scan->bytes[scan->at] == '\n';
        if (open.in_code[open.depth - 1])
            status = step_code(scan, &open, error);
        else
            step_text(scan, &open);
        *out_plain &= open.depth == 0 || !open.in_code[open.depth - 1];
    }
    if (status == SGR_OK && open.depth)
        return refuse_open(scan, line, "the template", error);
    return status;
}

/* Moves behind a pattern and its flags; '/' within brackets does not end it. */
static enum sgr_status skip_pattern(struct script_scan *scan, struct sgr_error *error)
{
    bool in_brackets = false;
    for (scan->at++; scan->at < scan->size; scan->at++) {
        char byte = scan->bytes[scan->at];
        if (byte == '\n')
            break;
        if (byte == '/' && !in_brackets) {
            for (scan->at++; is_name_byte(byte_at(scan, scan->at));)
                scan->at++;
            return SGR_OK;
        }
        scan->at += byte == '\\';
        in_brackets = byte == '[' || (in_brackets && byte != ']');
    }
    return refuse_open(scan, scan->line, "the pattern /.../", error);
}

static void skip_name(struct script_scan *scan, bool is_number)
{
    while (is_name_byte(byte_at(scan, scan->at)) || (is_number && byte_at(scan, scan->at) == '.'))
        scan->at++;
}

/* After these a value follows, so a '/' begins a pattern. */
static bool is_prefix_word(const struct script_scan *scan, const struct script_token *token)
{
    static const char *const words[] = {"return", "typeof",     "case",  "in",   "of",
                                        "delete", "void",       "throw", "new",  "else",
                                        "do",     "instanceof", "await", "yield"};
    for (size_t index = 0; index < sizeof words / sizeof *words; index++) {
        if (script_token_is(scan, token, words[index]))
            return true;
    }
    return false;
}

static void skip_mark(struct script_scan *scan, struct script_token *token)
{
    const char *bytes = scan->bytes + scan->at;
    size_t left = scan->size - scan->at;
    token->mark = *bytes;
    scan->at++;
    if (left >= 3 && memcmp(bytes, "...", 3) == 0) {
        scan->at += 2;
    } else if (left >= 2 && strchr("=!<>+-*/%&|^?", *bytes) && *bytes &&
               (bytes[1] == '=' || (*bytes == '=' && bytes[1] == '>'))) {
        token->mark = 'o';
        while (byte_at(scan, scan->at) == '=' || byte_at(scan, scan->at) == '>')
            scan->at++;
    }
}

enum sgr_status script_token_next(struct script_scan *scan, struct script_token *out_token,
                                  struct sgr_error *error)
{
    struct script_token token = {.kind = SCRIPT_TOKEN_END};
    bool plain = true;
    enum sgr_status status = skip_blanks(scan, &token.after_break, error);
    if (status != SGR_OK)
        return status;
    char byte = byte_at(scan, scan->at);
    token.line = scan->line;
    token.first = scan->at;
    if (scan->at >= scan->size) {
        token.last = scan->at;
        *out_token = token;
        return SGR_OK;
    }
    if (byte == '"' || byte == '\'') {
        token.kind = SCRIPT_TOKEN_TEXT;
        status = skip_quoted(scan, byte, error);
    } else if (byte == '`') {
        status = skip_template(scan, &plain, error);
        token.kind = plain ? SCRIPT_TOKEN_TEXT : SCRIPT_TOKEN_PATTERN;
    } else if (byte == '/' && !scan->after_operand) {
        token.kind = SCRIPT_TOKEN_PATTERN;
        status = skip_pattern(scan, error);
    } else if ((byte >= '0' && byte <= '9') ||
               (byte == '.' && strchr("0123456789", byte_at(scan, scan->at + 1)) &&
                byte_at(scan, scan->at + 1))) {
        token.kind = SCRIPT_TOKEN_NUMBER;
        skip_name(scan, true);
    } else if (is_name_byte(byte)) {
        token.kind = SCRIPT_TOKEN_NAME;
        skip_name(scan, false);
    } else {
        token.kind = SCRIPT_TOKEN_MARK;
        skip_mark(scan, &token);
    }
    token.last = scan->at;
    scan->after_operand = token.kind != SCRIPT_TOKEN_MARK
                              ? !is_prefix_word(scan, &token)
                              : token.mark == ')' || token.mark == ']' || token.mark == '}';
    *out_token = token;
    return status;
}

bool script_token_is(const struct script_scan *scan, const struct script_token *token,
                     const char *name)
{
    size_t length = strlen(name);
    return token->kind == SCRIPT_TOKEN_NAME && token->last - token->first == length &&
           memcmp(scan->bytes + token->first, name, length) == 0;
}

static int hexadecimal_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* Reads `count` digits, or, with 0, those up to '}'; moves *at behind them. */
static bool read_digits(const char **at, const char *end, int count, uint32_t *out_code)
{
    uint32_t code = 0;
    bool braced = count == 0;
    int digits = 0;
    for (; *at < end && (braced || digits < count) && **at != '}'; ++*at, digits++) {
        int digit = hexadecimal_digit(**at);
        if (digit < 0 || code > 0x10ffff)
            return false;
        code = code * 16 + (uint32_t)digit;
    }
    if (braced && (*at == end || *(*at)++ != '}'))
        return false;
    *out_code = code;
    return digits > 0 && (braced || digits == count) && code <= 0x10ffff;
}

/* Reads what follows "\u" or "\x"; both halves of a surrogate pair are one character. */
static bool read_code(const char **at, const char *end, bool is_wide, uint32_t *out_code)
{
    bool braced = is_wide && *at < end && **at == '{';
    *at += braced;
    if (!read_digits(at, end, braced ? 0 : is_wide ? 4 : 2, out_code))
        return false;
    if (*out_code < 0xd800 || *out_code > 0xdfff)
        return *out_code != 0;
    uint32_t low;
    if (*out_code > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return false;
    *at += 2;
    if (!read_digits(at, end, 4, &low) || low < 0xdc00 || low > 0xdfff)
        return false;
    *out_code = 0x10000 + ((*out_code - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

static char *put_code(char *out, uint32_t code)
{
    static const uint8_t heads[] = {0, 0xc0, 0xe0, 0xf0};
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    *out++ = (char)(heads[more] | code >> (6 * more));
    while (more-- > 0)
        *out++ = (char)(0x80 | (code >> (6 * more) & 0x3f));
    return out;
}

/* Resolves the escape behind a '\'; false for one that has no meaning. */
static bool read_escape(const char **at, const char *end, char **out)
{
    static const char letters[] = "nrtbfv";
    static const char values[] = "\n\r\t\b\f\v";
    char byte = *(*at)++;
    const char *letter = strchr(letters, byte);
    uint32_t code;
    if (byte == '\r' && *at < end && **at == '\n')
        ++*at;
    if (byte == '\n' || byte == '\r')
        return true;
    if (byte == 'u' || byte == 'x') {
        bool valid = read_code(at, end, byte == 'u', &code);
        if (valid)
            *out = put_code(*out, code);
        return valid;
    }
    if (byte == '\0' || (byte >= '0' && byte <= '9'))
        return false;
    *(*out)++ = letter ? values[letter - letters] : byte;
    return true;
}

bool script_token_text(const struct script_scan *scan, const struct script_token *token,
                       struct arena *arena, const char **out_text)
{
    const char *at = scan->bytes + token->first + 1;
    const char *end = scan->bytes + token->last - 1;
    char *text = arena_text(arena, at, (size_t)(end - at));
    char *out = text;
    bool valid = true;
    if (!text)
        return false;
    while (valid && at < end) {
        if (*at == '\\' && at + 1 < end) {
            at++;
            valid = read_escape(&at, end, &out);
        } else {
            valid = *at != '\0';
            *out++ = *at++;
        }
    }
    *out = '\0';
    *out_text = valid ? text : NULL;
    return true;
}
