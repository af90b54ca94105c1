/*
 * One pass. Containers that are open stand on a stack, so nothing recurs; an expression that goes
 * on behind what looked like a literal ("[1, 2].map(f)") is skipped word by word and becomes
 * SCRIPT_OTHER as a whole.
 */
#include "collection/script_read.h"

#include "base/error.h"
#include "base/text.h"
#include "collection/intern.h"
#include "collection/script_token.h"

#include <string.h>

/* Names are looked up among the declarations one after the other. */
enum { DECLARATIONS_MAX = 1024, SHOWN_BYTES = 60, DECIMALS = 9 };

struct reader {
    struct script_scan scan;
    struct script_token token; /* the next one that nothing has taken yet */
    size_t taken_end;          /* where the word before it ends */
    bool taken_operand;        /* and whether a value may end with it */
    struct arena *arena;
    struct script_value *root;
    struct script_value *open[SCRIPT_DEPTH_MAX]; /* containers, the outermost first */
    size_t starts[SCRIPT_DEPTH_MAX];
    size_t depth;
    size_t declaration_count;
    struct sgr_error *error;
};

static enum sgr_status advance(struct reader *reader)
{
    reader->taken_end = reader->token.last;
    reader->taken_operand = reader->scan.after_operand;
    return script_token_next(&reader->scan, &reader->token, reader->error);
}

static bool at_mark(const struct reader *reader, char mark)
{
    const struct script_token *token = &reader->token;
    return token->kind == SCRIPT_TOKEN_MARK && token->mark == mark &&
           token->last - token->first == 1;
}

static bool at_spread(const struct reader *reader)
{
    return reader->token.mark == '.' && reader->token.last - reader->token.first == 3;
}

/* Whether the expression before the next word has ended. */
static bool at_end(const struct reader *reader)
{
    const struct script_token *token = &reader->token;
    if (token->kind == SCRIPT_TOKEN_END)
        return true;
    if (token->kind == SCRIPT_TOKEN_MARK)
        return token->mark && strchr(",;)]}", token->mark);
    /* JavaScript adds the ';' that is left out at the end of a line. */
    return reader->depth == 0 && token->after_break && reader->taken_operand &&
           token->kind != SCRIPT_TOKEN_PATTERN;
}

/* Moves behind an expression. */
static enum sgr_status skip_expression(struct reader *reader)
{
    size_t nested = 0;
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK && reader->token.kind != SCRIPT_TOKEN_END) {
        if (nested == 0 && at_end(reader))
            break;
        char mark = reader->token.mark;
        if (mark == '(' || mark == '[' || mark == '{')
            nested++;
        else if (nested && (mark == ')' || mark == ']' || mark == '}'))
            nested--;
        status = advance(reader);
    }
    return status;
}

/* What is written from `start` on, as one short line. */
static const char *shown_from(struct reader *reader, size_t start)
{
    const char *bytes = reader->scan.bytes + start;
    size_t length = reader->taken_end > start ? reader->taken_end - start : 0;
    bool cut = length > SHOWN_BYTES;
    for (length = cut ? SHOWN_BYTES : length; length && !text_is_utf8(bytes, length);)
        length--;
    char *text = arena_format(reader->arena, "%.*s%s", (int)length, bytes, cut ? "..." : "");
    for (char *at = text; at && *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    }
    return text;
}

/* The value is no literal: skips the rest of its expression. */
static enum sgr_status give_up(struct reader *reader, struct script_value *value, size_t start)
{
    enum sgr_status status = skip_expression(reader);
    value->kind = SCRIPT_OTHER;
    value->first = NULL;
    value->last = NULL;
    value->text = shown_from(reader, start);
    if (status == SGR_OK && !value->text)
        return error_no_memory(reader->error, "the settings");
    return status;
}

static void read_number(const struct reader *reader, struct script_value *value)
{
    const char *bytes = reader->scan.bytes + reader->token.first;
    size_t length = reader->token.last - reader->token.first;
    char digits[32];
    size_t used = 0;
    bool is_hexadecimal = length > 2 && bytes[0] == '0' && (bytes[1] == 'x' || bytes[1] == 'X');
    value->kind = SCRIPT_OTHER;
    if (is_hexadecimal || length >= sizeof digits)
        return;
    for (size_t at = 0; at < length; at++) {
        if (bytes[at] != '_')
            digits[used++] = bytes[at];
    }
    /* "5." is a number there, and "010" another one than it looks. */
    used -= used > 1 && digits[used - 1] == '.';
    bool is_octal = used > 1 && digits[0] == '0' && digits[1] != '.';
    if (!is_octal && text_parse_decimal(digits, used, DECIMALS, &value->number))
        value->kind = SCRIPT_NUMBER;
}

/* A constant that was declared before stands for its value. */
static bool resolve(const struct reader *reader, struct script_value *value)
{
    const struct script_value *known = script_find(reader->root, value->text);
    if (!known ||
        (known->kind != SCRIPT_TEXT && known->kind != SCRIPT_NUMBER && known->kind != SCRIPT_FLAG))
        return false;
    value->kind = known->kind;
    value->text = known->text;
    value->number = known->number;
    value->negative = known->negative;
    value->flag = known->flag;
    return true;
}

/* Sets what the word before last said; `name` is its text. */
static void read_word(const struct reader *reader, struct script_value *value)
{
    const char *name = value->text;
    value->flag = strcmp(name, "true") == 0;
    if (value->flag || strcmp(name, "false") == 0)
        value->kind = SCRIPT_FLAG;
    else if (strcmp(name, "null") == 0 || strcmp(name, "undefined") == 0)
        value->kind = SCRIPT_NULL;
    else if (!resolve(reader, value))
        value->kind = SCRIPT_OTHER;
}

static enum sgr_status push(struct reader *reader, struct script_value *value)
{
    if (reader->depth == SCRIPT_DEPTH_MAX)
        return error_set(reader->error, SGR_INPUT, "%s:%zu: nested deeper than %d",
                         reader->scan.name, value->line, SCRIPT_DEPTH_MAX);
    reader->starts[reader->depth] = reader->token.first;
    reader->open[reader->depth++] = value;
    value->kind = at_mark(reader, '[') ? SCRIPT_LIST : SCRIPT_OBJECT;
    return advance(reader);
}

/* Takes the word that is a value by itself. */
static enum sgr_status take_scalar(struct reader *reader, struct script_value *value)
{
    enum script_token_kind kind = reader->token.kind;
    bool negative = at_mark(reader, '-');
    size_t start = reader->token.first;
    enum sgr_status status = negative ? advance(reader) : SGR_OK;
    if (status != SGR_OK)
        return status;
    if (negative)
        kind = reader->token.kind == SCRIPT_TOKEN_NUMBER ? SCRIPT_TOKEN_NUMBER : SCRIPT_TOKEN_MARK;
    bool done = true;
    if (kind == SCRIPT_TOKEN_TEXT) {
        done = script_token_text(&reader->scan, &reader->token, reader->arena, &value->text);
        value->kind = value->text ? SCRIPT_TEXT : SCRIPT_OTHER;
    } else if (kind == SCRIPT_TOKEN_NUMBER) {
        read_number(reader, value);
        value->negative = negative;
    } else if (kind != SCRIPT_TOKEN_NAME) {
        return give_up(reader, value, start);
    }
    if (done)
        status = advance(reader);
    if (done && kind != SCRIPT_TOKEN_TEXT)
        value->text = shown_from(reader, start);
    if (!done || (!value->text && kind != SCRIPT_TOKEN_TEXT))
        return error_no_memory(reader->error, "the settings");
    if (kind == SCRIPT_TOKEN_NAME)
        read_word(reader, value);
    bool ended = status != SGR_OK || (at_end(reader) && value->text);
    return ended ? status : give_up(reader, value, start);
}

/* Reads a value, or opens a container. */
static enum sgr_status begin_value(struct reader *reader, struct script_value *value)
{
    value->line = reader->token.line;
    if (at_mark(reader, '[') || at_mark(reader, '{'))
        return push(reader, value);
    return take_scalar(reader, value);
}

static struct script_value *add_member(struct reader *reader, struct script_value *container)
{
    struct script_value *value = arena_allocate(reader->arena, 1, sizeof *value);
    if (!value)
        return NULL;
    value->key = "";
    value->line = reader->token.line;
    if (container->last)
        container->last->next = value;
    else
        container->first = value;
    container->last = value;
    return value;
}

/* Reads an object's key; *out_has_value is false where the member is no "key: value". */
static enum sgr_status read_key(struct reader *reader, struct script_value *value,
                                bool *out_has_value)
{
    const struct script_token *token = &reader->token;
    const char *bytes = reader->scan.bytes + token->first;
    *out_has_value = false;
    value->key = NULL;
    if (token->kind == SCRIPT_TOKEN_NAME || token->kind == SCRIPT_TOKEN_NUMBER)
        value->key = arena_text(reader->arena, bytes, token->last - token->first);
    else if (token->kind != SCRIPT_TOKEN_TEXT)
        value->key = at_spread(reader) ? "..." : "[...]";
    else if (!script_token_text(&reader->scan, token, reader->arena, &value->key))
        return error_no_memory(reader->error, "the settings");
    else if (!value->key)
        value->key = "[...]";
    if (!value->key)
        return error_no_memory(reader->error, "the settings");
    bool is_key = *value->key != '[' && strcmp(value->key, "...") != 0;
    enum sgr_status status = is_key ? advance(reader) : SGR_OK;
    if (status != SGR_OK || !is_key || !at_mark(reader, ':'))
        return status;
    *out_has_value = true;
    return advance(reader);
}

static enum sgr_status read_member(struct reader *reader, struct script_value *container)
{
    size_t start = reader->token.first;
    struct script_value *value = add_member(reader, container);
    bool has_value = !at_spread(reader);
    enum sgr_status status = SGR_OK;
    if (!value)
        return error_no_memory(reader->error, "the settings");
    if (container->kind == SCRIPT_OBJECT)
        status = read_key(reader, value, &has_value);
    if (status != SGR_OK)
        return status;
    if (has_value)
        return begin_value(reader, value);
    status = give_up(reader, value, start);
    /* { width } is short for { width: width }. */
    if (status == SGR_OK && strcmp(value->key, value->text) == 0)
        (void)resolve(reader, value);
    return status;
}

/* In an object with one key twice the last one counts. */
static bool mark_replaced(struct script_value *object)
{
    struct intern keys = {0};
    struct arena arena = {0};
    bool done = true;
    size_t count = 0;
    for (const struct script_value *at = object->first; at; at = at->next)
        count++;
    struct script_value **latest = arena_allocate(&arena, count, sizeof(struct script_value *));
    done = latest != NULL;
    for (struct script_value *at = object->first; done && at; at = at->next) {
        uint32_t number;
        if (strcmp(at->key, "...") == 0)
            continue;
        done = intern_add(&keys, &arena, at->key, strlen(at->key), &number);
        if (done && latest[number])
            latest[number]->replaced = true;
        if (done)
            latest[number] = at;
    }
    intern_finish(&keys);
    arena_finish(&arena);
    return done;
}

/* Takes the closing mark; what goes on behind it is no literal. */
static enum sgr_status pop(struct reader *reader)
{
    struct script_value *value = reader->open[--reader->depth];
    if (value->kind == SCRIPT_OBJECT && !mark_replaced(value))
        return error_no_memory(reader->error, "the settings");
    enum sgr_status status = advance(reader);
    if (status != SGR_OK || at_end(reader))
        return status;
    return give_up(reader, value, reader->starts[reader->depth]);
}

/* Reads a whole value with all that is inside it. */
static enum sgr_status read_value(struct reader *reader, struct script_value *value)
{
    enum sgr_status status = begin_value(reader, value);
    while (status == SGR_OK && reader->depth) {
        struct script_value *container = reader->open[reader->depth - 1];
        bool is_list = container->kind == SCRIPT_LIST;
        if (at_mark(reader, is_list ? ']' : '}'))
            status = pop(reader);
        else if (at_mark(reader, ','))
            status = advance(reader);
        else if (at_end(reader))
            return error_set(reader->error, SGR_INPUT,
                             "%s:%zu: the '%c' that begins here is never closed", reader->scan.name,
                             container->line, is_list ? '[' : '{');
        else
            status = read_member(reader, container);
    }
    return status;
}

/* Reads "name = value, name = value"; the token is the first name. */
static enum sgr_status read_declarations(struct reader *reader)
{
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK && reader->token.kind == SCRIPT_TOKEN_NAME) {
        struct script_token name = reader->token;
        status = advance(reader);
        if (status != SGR_OK || !at_mark(reader, '='))
            return status;
        if (++reader->declaration_count > DECLARATIONS_MAX)
            return error_set(reader->error, SGR_INPUT, "%s:%zu: more than %d declarations",
                             reader->scan.name, name.line, DECLARATIONS_MAX);
        struct script_value *value = add_member(reader, reader->root);
        if (value)
            value->key =
                arena_text(reader->arena, reader->scan.bytes + name.first, name.last - name.first);
        if (!value || !value->key)
            return error_no_memory(reader->error, "the settings");
        status = advance(reader);
        if (status == SGR_OK)
            status = read_value(reader, value);
        if (status != SGR_OK || !at_mark(reader, ','))
            return status;
        status = advance(reader);
    }
    return status;
}

/* Adds the members of module.exports that say more than the name of a declaration. */
static void add_exports(struct reader *reader, struct script_value *exports)
{
    struct script_value *next;
    for (struct script_value *at = exports->first; at; at = next) {
        next = at->next;
        at->next = NULL;
        if (at->kind == SCRIPT_OTHER || at->replaced || script_find(reader->root, at->key))
            continue;
        if (reader->root->last)
            reader->root->last->next = at;
        else
            reader->root->first = at;
        reader->root->last = at;
    }
}

/* Reads "module.exports = value"; the token is the first word. */
static enum sgr_status read_exports(struct reader *reader)
{
    struct script_value exports = {.key = ""};
    enum sgr_status status = advance(reader);
    bool fits = status == SGR_OK && at_mark(reader, '.');
    if (fits)
        status = advance(reader);
    fits = fits && status == SGR_OK && script_token_is(&reader->scan, &reader->token, "exports");
    if (fits)
        status = advance(reader);
    if (status != SGR_OK || !fits || !at_mark(reader, '='))
        return status;
    status = advance(reader);
    if (status == SGR_OK)
        status = read_value(reader, &exports);
    if (status == SGR_OK)
        add_exports(reader, &exports);
    return status;
}

/* A statement that begins with the name of a setting may change it. */
static enum sgr_status read_change(struct reader *reader)
{
    const struct script_token *token = &reader->token;
    size_t line = token->line;
    const char *name =
        arena_text(reader->arena, reader->scan.bytes + token->first, token->last - token->first);
    if (!name)
        return error_no_memory(reader->error, "the settings");
    enum sgr_status status = advance(reader);
    bool changes = at_mark(reader, '.') || at_mark(reader, '[') || at_mark(reader, '=') ||
                   reader->token.mark == 'o';
    for (struct script_value *at = reader->root->first; changes && at; at = at->next) {
        if (strcmp(at->key, name) != 0)
            continue;
        at->kind = SCRIPT_OTHER;
        at->first = NULL;
        at->text = arena_format(reader->arena, "changed again in line %zu", line);
        if (!at->text)
            return error_no_memory(reader->error, "the settings");
    }
    return status;
}

static bool is_declaration(const struct reader *reader)
{
    return script_token_is(&reader->scan, &reader->token, "const") ||
           script_token_is(&reader->scan, &reader->token, "let") ||
           script_token_is(&reader->scan, &reader->token, "var");
}

/* One word, or one statement that matters, outside of all brackets. */
static enum sgr_status read_outside(struct reader *reader, bool begins)
{
    if (is_declaration(reader)) {
        enum sgr_status status = advance(reader);
        return status == SGR_OK ? read_declarations(reader) : status;
    }
    if (begins && script_token_is(&reader->scan, &reader->token, "module"))
        return read_exports(reader);
    if (begins && reader->token.kind == SCRIPT_TOKEN_NAME)
        return read_change(reader);
    return advance(reader);
}

static enum sgr_status read_all(struct reader *reader)
{
    size_t nested = 0;
    bool begins = true;
    enum sgr_status status = advance(reader);
    while (status == SGR_OK && reader->token.kind != SCRIPT_TOKEN_END) {
        char mark = reader->token.mark;
        begins = begins || reader->token.after_break;
        if (nested == 0 && !mark) {
            status = read_outside(reader, begins);
            begins = false;
            continue;
        }
        if (mark == '(' || mark == '[' || mark == '{')
            nested++;
        else if (nested && (mark == ')' || mark == ']' || mark == '}'))
            nested--;
        begins = mark == ';' || mark == '}';
        status = advance(reader);
    }
    return status;
}

enum sgr_status script_read(const char *name, const char *bytes, size_t size, struct arena *arena,
                            struct script_value *out_root, struct sgr_error *error)
{
    struct reader reader = {.scan = {.name = name, .bytes = bytes, .size = size, .line = 1},
                            .arena = arena,
                            .root = out_root,
                            .error = error};
    *out_root = (struct script_value){.kind = SCRIPT_OBJECT, .key = "", .line = 1};
    if (size > SCRIPT_BYTES_MAX)
        return error_set(error, SGR_INPUT, "%s: it has %zu bytes, more than the %d that are read",
                         name, size, SCRIPT_BYTES_MAX);
    if (!text_is_utf8(bytes, size))
        return error_set(error, SGR_INPUT, "%s: not UTF-8; save it as UTF-8", name);
    enum sgr_status status = read_all(&reader);
    if (status == SGR_OK && !mark_replaced(out_root))
        status = error_no_memory(error, "the settings");
    return status;
}

const struct script_value *script_find(const struct script_value *object, const char *key)
{
    const struct script_value *found = NULL;
    for (const struct script_value *at = object->first; at; at = at->next) {
        if (!at->replaced && strcmp(at->key, key) == 0)
            found = at;
    }
    return found;
}
