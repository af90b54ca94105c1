/* Nobody checks single steps: a failure is kept and told when the text is written. */
#include "collection/import_document.h"

#include "base/error.h"

#include <string.h>

/*
 * Digits enough for decimals of 9 places, without noise behind them; the length up to which a value
 * stays on one line; and how many containers within each other are spread over lines.
 */
enum { REAL_DIGITS = 15, LINE_BYTES_MAX = 98, SPREAD_MAX = 5 };

void import_document_init(struct import_document *document)
{
    *document = (struct import_document){.root = json_object()};
    document->failed = !document->root;
}

void import_document_finish(struct import_document *document)
{
    json_decref(document->root);
    *document = (struct import_document){0};
}

static json_t *add(struct import_document *document, json_t *container, const char *key,
                   json_t *value)
{
    if (!container || !value) {
        document->failed |= !value;
        json_decref(value);
        return NULL;
    }
    int done =
        key ? json_object_set_new(container, key, value) : json_array_append_new(container, value);
    document->failed |= done != 0;
    return done == 0 ? value : NULL;
}

json_t *import_document_object(struct import_document *document, json_t *container, const char *key)
{
    return add(document, container, key, json_object());
}

json_t *import_document_list(struct import_document *document, json_t *container, const char *key)
{
    return add(document, container, key, json_array());
}

void import_document_text(struct import_document *document, json_t *container, const char *key,
                          const char *value)
{
    (void)add(document, container, key, json_string(value));
}

void import_document_whole(struct import_document *document, json_t *container, const char *key,
                           int64_t value)
{
    (void)add(document, container, key, json_integer(value));
}

void import_document_flag(struct import_document *document, json_t *container, const char *key,
                          bool value)
{
    (void)add(document, container, key, json_boolean(value));
}

void import_document_decimal(struct import_document *document, json_t *container, const char *key,
                             uint64_t scaled)
{
    uint64_t unit = 1000000000;
    bool is_whole = scaled % unit == 0;
    (void)add(document, container, key,
              is_whole ? json_integer((json_int_t)(scaled / unit))
                       : json_real((double)scaled / (double)unit));
}

void import_document_place(struct import_document *document, json_t *container, const char *key,
                           int64_t x, int64_t y)
{
    json_t *place = import_document_list(document, container, key);
    import_document_whole(document, place, NULL, x);
    import_document_whole(document, place, NULL, y);
}

json_t *import_document_member(struct import_document *document, const char *key, bool is_list)
{
    json_t *member = json_object_get(document->root, key);
    if (member)
        return member;
    return is_list ? import_document_list(document, document->root, key)
                   : import_document_object(document, document->root, key);
}

json_t *import_document_trait(struct import_document *document, const char *layer,
                              const char *trait)
{
    json_t *traits = import_document_member(document, "traits", false);
    struct text key = {0};
    text_format(&key, "%s/%s", layer, trait);
    document->failed |= key.failed;
    json_t *settings = key.failed ? NULL : json_object_get(traits, key.bytes);
    if (!settings && !key.failed)
        settings = import_document_object(document, traits, key.bytes);
    text_finish(&key);
    return settings;
}

bool import_document_layer_name(struct text *out_name, const char *name)
{
    text_clear(out_name);
    for (const char *at = name; *at; at++) {
        if (*at == '/')
            text_add(out_name, " - ");
        else
            text_append(out_name, at, 1);
    }
    return !out_name->failed;
}

static int append_piece(const char *bytes, size_t size, void *text)
{
    text_append(text, bytes, size);
    return 0;
}

/* Adds a value on one line. */
static bool add_short(struct text *out, const json_t *value)
{
    return json_dump_callback(value, append_piece, out,
                              JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS)) == 0;
}

static bool is_container(const json_t *value)
{
    return json_object_size(value) + json_array_size(value) > 0;
}

static bool has_containers(json_t *value)
{
    for (size_t index = 0; index < json_array_size(value); index++) {
        if (is_container(json_array_get(value, index)))
            return true;
    }
    for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at)) {
        if (is_container(json_object_iter_value(at)))
            return true;
    }
    return false;
}

/* Containers that are spread over lines, the outermost first. */
struct layout {
    json_t *open[SPREAD_MAX];
    void *member[SPREAD_MAX]; /* the next of an object */
    size_t index[SPREAD_MAX]; /* and of a list */
    size_t depth;
    struct text line;
};

static void begin_line(struct text *out, size_t depth)
{
    text_add(out, "\n");
    for (size_t level = 0; level < depth; level++)
        text_add(out, "  ");
}

/* Adds a value on this line, or opens it to be spread. */
static bool add_value(struct layout *layout, struct text *out, json_t *value)
{
    text_clear(&layout->line);
    if (!add_short(&layout->line, value))
        return false;
    bool spread = layout->depth < SPREAD_MAX && is_container(value);
    if (layout->depth == 1)
        spread &= has_containers(value);
    else if (layout->depth > 1)
        spread &= layout->line.length + 2 * layout->depth > LINE_BYTES_MAX;
    if (!spread) {
        text_append(out, layout->line.bytes, layout->line.length);
        return !layout->line.failed;
    }
    text_add(out, json_is_array(value) ? "[" : "{");
    layout->open[layout->depth] = value;
    layout->member[layout->depth] = json_object_iter(value);
    layout->index[layout->depth++] = 0;
    return true;
}

/* Adds the next member of the innermost container, or closes it. */
static bool add_next(struct layout *layout, struct text *out)
{
    size_t top = layout->depth - 1;
    json_t *container = layout->open[top];
    bool is_list = json_is_array(container);
    void *member = layout->member[top];
    size_t index = layout->index[top]++;
    if (is_list ? index == json_array_size(container) : member == NULL) {
        layout->depth--;
        begin_line(out, layout->depth);
        text_add(out, is_list ? "]" : "}");
        return true;
    }
    text_add(out, index ? "," : "");
    begin_line(out, layout->depth);
    if (is_list)
        return add_value(layout, out, json_array_get(container, index));
    text_json(out, json_object_iter_key(member));
    text_add(out, ": ");
    layout->member[top] = json_object_iter_next(container, member);
    return add_value(layout, out, json_object_iter_value(member));
}

enum sgr_status import_document_write(const struct import_document *document, struct text *out_text,
                                      struct sgr_error *error)
{
    struct layout layout = {.depth = 0};
    bool done = !document->failed && add_value(&layout, out_text, document->root);
    while (done && layout.depth)
        done = add_next(&layout, out_text);
    text_add(out_text, "\n");
    done &= !layout.line.failed && !out_text->failed;
    text_finish(&layout.line);
    return done ? SGR_OK : error_no_memory(error, "a collection.json");
}
