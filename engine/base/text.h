/*
 * Building and comparing texts: a growing buffer with JSON escapes, the order of names, the
 * nearest known word to a typo. Locale never matters here.
 */
#ifndef SGR_BASE_TEXT_H
#define SGR_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A growing text; start from all zero bytes. `bytes` is zero-terminated once anything was added.
 * A failed allocation sets `failed` and the rest is ignored, so that a long sequence of calls
 * needs one check at its end.
 */
struct text {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed;
};

/* Adds `length` bytes. */
void text_append(struct text *text, const char *bytes, size_t length);

/* Adds a zero-terminated text. */
void text_add(struct text *text, const char *more);

/*
 * Adds a name as a cell of a listing: control characters as '?', then blanks up to `columns`
 * characters.
 */
void text_add_cell(struct text *text, const char *name, size_t columns);

/* Characters of a UTF-8 text. */
size_t text_columns(const char *text);

/* Adds a formatted text. */
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void text_json(struct text *text, const char *value);

/* Adds a value for a CSV cell, quoted where RFC 4180 asks for it. */
void text_csv(struct text *text, const char *value);

/*
 * Makes a message one clean line: control characters become '?', and when it was cut to fit, a
 * character that lost its end goes too.
 */
void text_clean_line(char *line, bool was_cut);

/* Empties the text and keeps its memory. */
void text_clear(struct text *text);

/* Frees the memory; the text can be used again. */
void text_finish(struct text *text);

/*
 * Natural order: runs of digits compare as numbers (2 before 10), all else by bytes; names that
 * are equal so far ("01" and "1") by bytes, so that the order is total. Returns <0, 0, >0.
 */
int text_compare_natural(const char *left, const char *right);

/* ASCII letters of either case count as equal. */
bool text_equal_ignoring_case(const char *left, const char *right);

/* Whether `text` ends with `ending`, ASCII letters of either case counting as equal. */
bool text_ends_with_ignoring_case(const char *text, const char *ending);

/* Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates). */
bool text_is_utf8(const char *bytes, size_t length);

/*
 * The word of `words` (ended by NULL) nearest to a mistyped one by edit distance, or NULL when
 * none is near enough to be meant.
 */
const char *text_nearest(const char *typed, const char *const *words);

/*
 * Reads an unsigned whole number that fills all of `text`; false when it is not one or is above
 * `limit`.
 */
bool text_parse_whole(const char *text, uint64_t limit, uint64_t *out_value);

/*
 * Reads an unsigned decimal ("12", "0.5", ".25") of `length` bytes, exactly, as a multiple of
 * 10^-decimals. False when it is not one, needs more decimals, or does not fit.
 */
bool text_parse_decimal(const char *text, size_t length, unsigned decimals, uint64_t *out_value);

/* Reads a byte size: a whole number, then optionally K, M, G or T (powers of 1000) or Ki, Mi ... */
bool text_parse_size(const char *text, uint64_t *out_bytes);

/* Reads "WxH", both 1 or more; false when it is not that. */
bool text_parse_dimensions(const char *text, uint32_t *out_width, uint32_t *out_height);

#endif
