/*
 * jansson forgets where a value stood, so for messages a key's line is looked up in the text again,
 * in the span of what the message is about; there only a key that stands there once can be pointed
 * at.
 */
#include "collection/json_schema.h"

#include "base/text.h"
#include "collection/suggest.h"

#include <string.h>

enum { KEYS_MAX = 24, DECIMALS = 9 };

/* A double holds every whole number up to here. */
#define EXACT_MAX 9007199254740992.0

enum sgr_status json_schema_parse(const struct json_source *source, const char *bytes, size_t size,
                                  json_t **out_value, struct sgr_error *error)
{
    json_error_t fault;
    json_t *value = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &fault);
    if (value) {
        *out_value = value;
        return SGR_OK;
    }
    if (json_error_code(&fault) == json_error_out_of_memory)
        return error_no_memory(error, source->path);
    uint64_t line = fault.line > 0 ? (uint64_t)fault.line : 1;
    size_t column = fault.column > 0 ? (size_t)fault.column : 1;
    column += line == 1 ? source->columns_before : 0;
    line = source->line ? source->line : line + source->lines_before;
    return error_set(error, SGR_INPUT, "%s:%llu:%zu: not valid JSON: %s", source->path,
                     (unsigned long long)line, column, fault.text);
}

/* Whether a quoted word at `at` is `key` in the place of a key. */
static bool is_key(const char *at, const char *end, const char *key, size_t length)
{
    if ((size_t)(end - at) < length + 3 || memcmp(at + 1, key, length) != 0 ||
        at[length + 1] != '"')
        return false;
    at += length + 2;
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    return at < end && *at == ':';
}

/* What a message is about. */
struct subject {
    const struct json_source *source;
    const char *where;
    const char *key; /* NULL for the object itself */
    struct sgr_error *error;
};

/* The only place in the span where the key stands, else the span's beginning, else NULL. */
static const char *find_place(const struct json_source *source, const char *key)
{
    bool is_part = source->span.last != 0;
    const char *end = source->bytes + (is_part ? source->span.last : source->size);
    const char *begin = source->bytes + source->span.first;
    const char *found = NULL;
    size_t length = key ? strlen(key) : 0;
    for (const char *at = begin; key && at < end; at++) {
        if (*at != '"' || !is_key(at, end, key, length))
            continue;
        if (found)
            return is_part ? begin : NULL;
        found = at;
    }
    if (!found && is_part)
        return begin;
    return found;
}

/* Writes ":<line>:<column>", or nothing where the place is not known. */
static void add_location(const struct json_source *source, const char *key, struct text *out)
{
    if (source->line)
        text_format(out, ":%llu", (unsigned long long)source->line);
    if (source->line || source->made || !source->bytes)
        return;
    const char *found = find_place(source, key);
    if (!found)
        return;
    size_t line = 1;
    const char *start = found;
    for (const char *at = source->bytes; at < found; at++)
        line += *at == '\n';
    while (start > source->bytes && start[-1] != '\n')
        start--;
    size_t column = (size_t)(found - start) + 1 + (line == 1 ? source->columns_before : 0);
    text_format(out, ":%llu:%zu", (unsigned long long)(line + source->lines_before), column);
}

/* "<path>:<line>:<column>: <where>: <what>" */
static void add_front(const struct subject *subject, const char *what, struct text *out)
{
    text_add(out, subject->source->path);
    add_location(subject->source, subject->key, out);
    text_format(out, ": %s%s%s", subject->where, *subject->where ? ": " : "", what);
}

static enum sgr_status refuse(const struct subject *subject, const char *text)
{
    struct text line = {0};
    add_front(subject, text, &line);
    enum sgr_status status = line.failed ? error_no_memory(subject->error, subject->source->path)
                                         : error_set(subject->error, SGR_INPUT, "%s", line.bytes);
    text_finish(&line);
    return status;
}

static enum sgr_status refuse_word(const struct subject *subject, const char *what,
                                   const char *word, const char *const *words)
{
    struct text front = {0};
    add_front(subject, what, &front);
    enum sgr_status status =
        front.failed ? error_no_memory(subject->error, subject->source->path)
                     : suggest_error(subject->error, SGR_INPUT, front.bytes, word, words);
    text_finish(&front);
    return status;
}

enum sgr_status json_schema_error(const struct json_source *source, const char *where,
                                  const char *key, const char *text, struct sgr_error *error)
{
    return refuse(&(struct subject){source, where, key, error}, text);
}

enum sgr_status json_schema_unknown(const struct json_source *source, const char *where,
                                    const char *what, const char *word, const char *const *words,
                                    struct sgr_error *error)
{
    return refuse_word(&(struct subject){source, where, NULL, error}, what, word, words);
}

struct json_span json_schema_span(const struct json_source *source, json_t *object, const char *key)
{
    struct json_span container = source->span;
    if (container.last == 0)
        container = json_span_whole(source->bytes, source->size);
    size_t index = 0;
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        if (strcmp(json_object_iter_key(at), key) == 0)
            return json_span_value(source->bytes,
                                   json_span_member(source->bytes, container, index));
        index++;
    }
    return container;
}

void json_schema_front(const struct json_source *source, const char *where, struct text *out)
{
    add_front(&(struct subject){source, where, NULL, NULL}, "", out);
}

bool json_schema_scaled(const json_t *value, uint64_t *out_scaled)
{
    uint64_t step = 1000000000;
    if (json_is_integer(value)) {
        json_int_t whole = json_integer_value(value);
        return whole >= 0 && !__builtin_mul_overflow((uint64_t)whole, step, out_scaled);
    }
    double number = json_is_real(value) ? json_real_value(value) : -1;
    double power = 1;
    for (int decimals = 0; decimals <= DECIMALS && number >= 0; decimals++) {
        double product = number * power;
        if (product > EXACT_MAX)
            return false;
        uint64_t whole = (uint64_t)(product + 0.5);
        /* The quotient of two exact doubles is rounded as the decimal itself was when read. */
        if ((double)whole / power == number)
            return !__builtin_mul_overflow(whole, step, out_scaled);
        power *= 10;
        step /= 10;
    }
    /* What programs compute (0.1 + 0.2) has more places than anyone means. */
    if (number < 0 || number * 1e9 > EXACT_MAX)
        return false;
    *out_scaled = (uint64_t)(number * 1e9 + 0.5);
    return *out_scaled > 0;
}

/* Adds a multiple of 10^-9 in as few digits as it needs. */
static void add_scaled(struct text *out, int64_t scaled)
{
    text_format(out, "%lld.%09lld", (long long)(scaled / 1000000000),
                (long long)(scaled % 1000000000));
    if (out->failed)
        return;
    while (out->bytes[out->length - 1] == '0')
        out->bytes[--out->length] = '\0';
    if (out->bytes[out->length - 1] == '.')
        out->bytes[--out->length] = '\0';
}

/* Adds what the key's value has to be. */
static void add_expectation(struct text *out, const struct json_schema_key *key)
{
    switch (key->type) {
    case SCHEMA_TEXT:
        text_add(out, key->low ? "a text that is not empty" : "a text");
        break;
    case SCHEMA_SEED:
        text_add(out, "a text or a whole number");
        break;
    case SCHEMA_WHOLE:
        text_format(out, "a whole number from %lld to %lld", (long long)key->low,
                    (long long)key->high);
        break;
    case SCHEMA_DECIMAL:
        text_add(out, "a number from ");
        add_scaled(out, key->low);
        text_add(out, " to ");
        add_scaled(out, key->high);
        break;
    case SCHEMA_FLAG:
        text_add(out, "true or false");
        break;
    case SCHEMA_PLACE:
        text_format(out, "two whole numbers [x, y] from -%d to %d", JSON_SCHEMA_PLACE_MAX,
                    JSON_SCHEMA_PLACE_MAX);
        break;
    case SCHEMA_BLEND:
        text_add(out, "the name of a blend mode");
        break;
    case SCHEMA_TEXTS:
        text_add(out, "a list of texts");
        break;
    case SCHEMA_TEXT_OR_TEXTS:
        text_add(out, "a text or a list of texts");
        break;
    case SCHEMA_OBJECT:
        text_add(out, "an object {...}");
        break;
    case SCHEMA_LIST:
        text_add(out, "a list [...]");
        break;
    }
}

static bool is_place(const json_t *value)
{
    if (!json_is_array(value) || json_array_size(value) != 2)
        return false;
    for (size_t index = 0; index < 2; index++) {
        const json_t *number = json_array_get(value, index);
        json_int_t place = json_integer_value(number);
        if (!json_is_integer(number) || place < -JSON_SCHEMA_PLACE_MAX ||
            place > JSON_SCHEMA_PLACE_MAX)
            return false;
    }
    return true;
}

static bool is_list_of_texts(const json_t *value)
{
    bool texts = json_is_array(value);
    for (size_t index = 0; texts && index < json_array_size(value); index++)
        texts = json_is_string(json_array_get(value, index));
    return texts;
}

bool json_schema_fits(const json_t *value, const struct json_schema_key *key)
{
    uint64_t scaled;
    json_int_t whole = json_integer_value(value);
    switch (key->type) {
    case SCHEMA_TEXT:
        return json_is_string(value) && json_string_length(value) >= (size_t)key->low;
    case SCHEMA_SEED:
        return json_is_string(value) || json_is_integer(value);
    case SCHEMA_WHOLE:
        return json_is_integer(value) && whole >= key->low && whole <= key->high;
    case SCHEMA_DECIMAL:
        return json_schema_scaled(value, &scaled) && scaled >= (uint64_t)key->low &&
               scaled <= (uint64_t)key->high;
    case SCHEMA_FLAG:
        return json_is_boolean(value);
    case SCHEMA_PLACE:
        return is_place(value);
    case SCHEMA_BLEND:
        return json_is_string(value);
    case SCHEMA_TEXTS:
        return is_list_of_texts(value);
    case SCHEMA_TEXT_OR_TEXTS:
        return json_is_string(value) || is_list_of_texts(value);
    case SCHEMA_OBJECT:
        return json_is_object(value);
    case SCHEMA_LIST:
        return json_is_array(value);
    }
    return false;
}

static enum sgr_status refuse_value(const struct subject *subject,
                                    const struct json_schema_key *key)
{
    struct text line = {0};
    text_format(&line, "\"%s\" has to be ", key->name);
    add_expectation(&line, key);
    enum sgr_status status = line.failed ? error_no_memory(subject->error, subject->source->path)
                                         : refuse(subject, line.bytes);
    text_finish(&line);
    return status;
}

static enum sgr_status check_value(const struct subject *subject, const json_t *value,
                                   const struct json_schema_key *key)
{
    if (!json_schema_fits(value, key))
        return refuse_value(subject, key);
    enum blend_mode mode;
    if (key->type == SCHEMA_BLEND && !blend_mode_parse(json_string_value(value), &mode))
        return refuse_word(subject, "the blend mode", json_string_value(value), blend_mode_names());
    return SGR_OK;
}

static enum sgr_status refuse_key(const struct subject *subject, const struct json_schema_key *keys)
{
    const char *words[KEYS_MAX + 1] = {NULL};
    for (size_t index = 0; index < KEYS_MAX && keys[index].name; index++)
        words[index] = keys[index].name;
    return refuse_word(subject, "the key", subject->key, words);
}

enum sgr_status json_schema_check(const struct json_source *source, const char *where,
                                  json_t *object, const struct json_schema_key *keys,
                                  struct sgr_error *error)
{
    struct subject subject = {source, where, NULL, error};
    if (!json_is_object(object))
        return refuse(&subject, "this has to be an object {...}");
    enum sgr_status status = SGR_OK;
    for (void *at = json_object_iter(object); at && status == SGR_OK;
         at = json_object_iter_next(object, at)) {
        const struct json_schema_key *key = keys;
        subject.key = json_object_iter_key(at);
        while (key->name && strcmp(key->name, subject.key) != 0)
            key++;
        status = key->name ? check_value(&subject, json_object_iter_value(at), key)
                           : refuse_key(&subject, keys);
    }
    return status;
}

bool json_schema_whole(const json_t *object, const char *key, int64_t *out_value)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return false;
    *out_value = json_integer_value(value);
    return true;
}

bool json_schema_decimal(const json_t *object, const char *key, uint64_t *out_scaled)
{
    const json_t *value = json_object_get(object, key);
    return value && json_schema_scaled(value, out_scaled);
}

bool json_schema_blend(const json_t *object, const char *key, enum blend_mode *out_mode)
{
    const char *name = json_schema_text(object, key);
    return name && blend_mode_parse(name, out_mode);
}

bool json_schema_place(const json_t *object, const char *key, int32_t *out_x, int32_t *out_y)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return false;
    *out_x = (int32_t)json_integer_value(json_array_get(value, 0));
    *out_y = (int32_t)json_integer_value(json_array_get(value, 1));
    return true;
}

const char *json_schema_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}
