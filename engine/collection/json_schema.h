/*
 * What JSON from users may hold: tables of keys with their types and ranges, checked in one place,
 * so that every wrong key or value gets the same kind of message, and what was checked can be
 * read without looking twice.
 */
#ifndef SGR_COLLECTION_JSON_SCHEMA_H
#define SGR_COLLECTION_JSON_SCHEMA_H

#include "base/error.h"
#include "base/text.h"
#include "collection/json_span.h"
#include "image/blend.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Places lie within -JSON_SCHEMA_PLACE_MAX .. JSON_SCHEMA_PLACE_MAX. */
enum { JSON_SCHEMA_PLACE_MAX = 32767 };

/* The types of values. Decimals are exact and count in 10^-9. */
enum json_schema_type {
    SCHEMA_TEXT,    /* of at least `low` bytes */
    SCHEMA_SEED,    /* a text or a whole number */
    SCHEMA_WHOLE,   /* low..high */
    SCHEMA_DECIMAL, /* low..high */
    SCHEMA_FLAG,
    SCHEMA_PLACE, /* [x, y] */
    SCHEMA_BLEND,
    SCHEMA_TEXTS,
    SCHEMA_TEXT_OR_TEXTS, /* a list may be left out around its only text */
    SCHEMA_OBJECT,
    SCHEMA_LIST
};

/* One allowed key; a table ends with a NULL name. */
struct json_schema_key {
    const char *name;
    enum json_schema_type type;
    int64_t low;
    int64_t high;
};

/* Where a text comes from, for messages. */
struct json_source {
    const char *path;
    const char *bytes; /* the whole file, to find a key's line in; NULL when `line` tells it */
    size_t size;
    uint64_t line;         /* from 1 */
    struct json_span span; /* what messages are about, where keys are looked for; zero: the whole */
    uint64_t lines_before; /* in the file, where `bytes` are a part of it */
    size_t columns_before; /* of their first line */
    bool made;             /* by an importer, so that a place in it means nothing to the user */
};

/*
 * Parses `size` bytes; duplicate keys are refused. *out_value is the caller's (json_decref).
 * SGR_INPUT has file, line and column.
 */
enum sgr_status json_schema_parse(const struct json_source *source, const char *bytes, size_t size,
                                  json_t **out_value, struct sgr_error *error) SGR_MUST_USE;

/*
 * Checks that `object` is one and has only the keys of the table, with fitting values. `where` is
 * its place in the document ("layers[2]"), "" for the whole.
 */
enum sgr_status json_schema_check(const struct json_source *source, const char *where,
                                  json_t *object, const struct json_schema_key *keys,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Whether a value is as the table's key asks for. */
bool json_schema_fits(const json_t *value, const struct json_schema_key *key);

/*
 * Fails with SGR_INPUT about `key` (or NULL): "<path>:<line>:<column>: <where>: <text>". The place
 * is where the key stands, if it stands in the source's span once, else where the span begins.
 */
enum sgr_status json_schema_error(const struct json_source *source, const char *where,
                                  const char *key, const char *text, struct sgr_error *error);

/*
 * Fails with SGR_INPUT where the source's span begins: `<what> "<word>" is not known; did you mean
 * ...?` with the nearest of `words` (ended by NULL).
 */
enum sgr_status json_schema_unknown(const struct json_source *source, const char *where,
                                    const char *what, const char *word, const char *const *words,
                                    struct sgr_error *error);

/* Where the value of a key of `object`, the source's whole span, stands. */
struct json_span json_schema_span(const struct json_source *source, json_t *object,
                                  const char *key);

/* The front of such messages, "<path>:<line>:<column>: <where>: ", for notices. */
void json_schema_front(const struct json_source *source, const char *where, struct text *out);

/*
 * A number as a multiple of 10^-9. Of a number with a point only the nearest double is left, so it
 * is taken for the shortest decimal of at most 9 places that reads as this double, or, when there
 * is none, rounded to 9 places; false when it is negative, too large, or not 0 but rounds to 0.
 */
bool json_schema_scaled(const json_t *value, uint64_t *out_scaled);

/* The readers of checked values; false (NULL) when the key is not there. */
bool json_schema_whole(const json_t *object, const char *key, int64_t *out_value);

/* A decimal as a multiple of 10^-9. */
bool json_schema_decimal(const json_t *object, const char *key, uint64_t *out_scaled);

/* A blend mode. */
bool json_schema_blend(const json_t *object, const char *key, enum blend_mode *out_mode);

/* A place on the canvas. */
bool json_schema_place(const json_t *object, const char *key, int32_t *out_x, int32_t *out_y);

/* A text, owned by the object. */
const char *json_schema_text(const json_t *object, const char *key);

#endif
