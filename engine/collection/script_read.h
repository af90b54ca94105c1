/*
 * Settings that are written as JavaScript, read as data. Nothing is executed: a declaration whose
 * value is a plain literal (texts, numbers, flags, lists and objects of them) becomes a value,
 * every other expression stays as the text that it is, for the reader to name.
 */
#ifndef SGR_COLLECTION_SCRIPT_READ_H
#define SGR_COLLECTION_SCRIPT_READ_H

#include "base/arena.h"

#include <serigraph/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a file, and containers within containers. */
enum { SCRIPT_BYTES_MAX = 1 << 20, SCRIPT_DEPTH_MAX = 64 };

enum script_kind {
    SCRIPT_OTHER, /* not a plain literal */
    SCRIPT_TEXT,
    SCRIPT_NUMBER,
    SCRIPT_FLAG,
    SCRIPT_NULL, /* null or undefined */
    SCRIPT_LIST,
    SCRIPT_OBJECT
};

/* A value in a tree; everything is in the arena of script_read. */
struct script_value {
    enum script_kind kind;
    const char *key;            /* of a declaration or a member; "" in a list, "..." of a spread */
    const char *text;           /* SCRIPT_TEXT; of others what is written, cut to one short line */
    uint64_t number;            /* SCRIPT_NUMBER, in 10^-9, without its sign */
    bool negative;              /* SCRIPT_NUMBER */
    bool flag;                  /* SCRIPT_FLAG */
    bool replaced;              /* a later member of the object has the same key */
    size_t line;                /* from 1 */
    struct script_value *first; /* of a container */
    struct script_value *last;
    struct script_value *next; /* in the same container */
};

/*
 * Reads the declarations (const, let, var) outside of all functions, and the members of
 * module.exports; `root` becomes an object of them. A constant that is a text, number or flag
 * stands for its value where it is named later; what a statement outside of all functions changes
 * later is SCRIPT_OTHER. SGR_INPUT with the line for what is never closed, or is nested too deep,
 * and for bytes that are not UTF-8.
 */
enum sgr_status script_read(const char *name, const char *bytes, size_t size, struct arena *arena,
                            struct script_value *out_root, struct sgr_error *error) SGR_MUST_USE;

/* The member of an object that counts, or NULL. */
const struct script_value *script_find(const struct script_value *object, const char *key);

#endif
