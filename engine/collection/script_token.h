/*
 * The words of a JavaScript file. It knows comments, strings, templates and patterns, so that what
 * is inside them is never taken for code; it knows nothing of what the words mean.
 */
#ifndef SGR_COLLECTION_SCRIPT_TOKEN_H
#define SGR_COLLECTION_SCRIPT_TOKEN_H

#include "base/arena.h"

#include <serigraph/status.h>

#include <stdbool.h>
#include <stddef.h>

enum script_token_kind {
    SCRIPT_TOKEN_END,
    SCRIPT_TOKEN_NAME,    /* a keyword too */
    SCRIPT_TOKEN_NUMBER,  /* a sign is a mark of its own */
    SCRIPT_TOKEN_TEXT,    /* in quotes, or a template without ${} */
    SCRIPT_TOKEN_PATTERN, /* a regular expression, or a template with ${} */
    SCRIPT_TOKEN_MARK     /* anything else; operators that end with '=' and "=>" have mark 'o' */
};

/* One word: the bytes [first, last) of the file. */
struct script_token {
    enum script_token_kind kind;
    size_t first;
    size_t last;
    size_t line;      /* from 1 */
    bool after_break; /* the first word on its line */
    char mark;        /* of a mark; "..." has '.' and three bytes; 0 otherwise */
};

/* A walk over the words; starts with `line` 1 and the rest zero but name, bytes and size. */
struct script_scan {
    const char *name; /* of the file, for errors */
    const char *bytes;
    size_t size;
    size_t at;
    size_t line;
    bool after_operand; /* so that a '/' divides */
};

/* The next word. SGR_INPUT with the line for what is never closed. */
enum sgr_status script_token_next(struct script_scan *scan, struct script_token *out_token,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Whether a token is this name. */
bool script_token_is(const struct script_scan *scan, const struct script_token *token,
                     const char *name);

/*
 * What a text token stands for, its escapes resolved. *out_text is NULL where it cannot be a text
 * of ours: a zero character, half of a surrogate pair, or an escape that JavaScript refuses. False
 * without memory.
 */
bool script_token_text(const struct script_scan *scan, const struct script_token *token,
                       struct arena *arena, const char **out_text);

#endif
