/* Checking and reading are apart, so that a wrong line is refused before anything is kept of it. */
#include "collection/recipe_parse.h"

#include "collection/collection.h"

#include <stdio.h>
#include <string.h>

enum { WHERE_BYTES = 64, PRECISION_SHORT = 15, PRECISION_FULL = 17 };

static const struct json_schema_key recipe_keys[] = {
    {"id", SCHEMA_WHOLE, 0, (int64_t)COLLECTION_ID_MAX},
    {"layers", SCHEMA_LIST, 0, 0},
    {"attributes", SCHEMA_LIST, 0, 0},
    {"traits", SCHEMA_OBJECT, 0, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

static const struct json_schema_key element_keys[] = {
    {"path", SCHEMA_TEXT, 1, 0},
    {"blend", SCHEMA_BLEND, 0, 0},
    {"opacity", SCHEMA_DECIMAL, 0, OPACITY_SCALE},
    {"at", SCHEMA_PLACE, 0, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

static enum sgr_status check_element(const struct json_source *source, json_t *element,
                                     size_t index, struct sgr_error *error)
{
    char where[WHERE_BYTES];
    if (json_is_string(element))
        return SGR_OK;
    (void)snprintf(where, sizeof where, "layers[%zu]", index);
    if (!json_is_object(element))
        return json_schema_error(source, where, NULL,
                                 "a layer is the path of a picture, or an object with \"path\"",
                                 error);
    enum sgr_status status = json_schema_check(source, where, element, element_keys, error);
    if (status == SGR_OK && !json_object_get(element, "path"))
        status = json_schema_error(source, where, NULL, "\"path\" is missing", error);
    return status;
}

enum sgr_status recipe_parse_check_attribute(const struct json_source *source,
                                             const json_t *attribute, size_t index,
                                             struct sgr_error *error)
{
    const json_t *type = json_object_get(attribute, "trait_type");
    if (json_object_get(attribute, "value") && (!type || json_is_string(type)))
        return SGR_OK;
    char where[WHERE_BYTES];
    (void)snprintf(where, sizeof where, "attributes[%zu]", index);
    return json_schema_error(source, where, NULL,
                             "an attribute is an object with \"value\" and, if wanted, a text "
                             "\"trait_type\"",
                             error);
}

enum sgr_status recipe_parse_check(const struct json_source *source, json_t *recipe,
                                   struct sgr_error *error)
{
    enum sgr_status status = json_schema_check(source, "", recipe, recipe_keys, error);
    if (status != SGR_OK)
        return status;
    json_t *layers = json_object_get(recipe, "layers");
    json_t *attributes = json_object_get(recipe, "attributes");
    if (!layers)
        return json_schema_error(source, "", NULL, "\"layers\" is missing", error);
    for (size_t index = 0; status == SGR_OK && index < json_array_size(layers); index++)
        status = check_element(source, json_array_get(layers, index), index, error);
    for (size_t index = 0; status == SGR_OK && index < json_array_size(attributes); index++)
        status =
            recipe_parse_check_attribute(source, json_array_get(attributes, index), index, error);
    return status;
}

void recipe_parse_element(const json_t *element, struct recipe_element *out_element)
{
    struct recipe_element read = {.path = json_string_value(element)};
    if (!read.path) {
        read.path = json_schema_text(element, "path");
        read.mode_set = json_schema_blend(element, "blend", &read.mode);
        read.opacity_set = json_schema_decimal(element, "opacity", &read.opacity);
        read.placed = json_schema_place(element, "at", &read.x, &read.y);
    }
    *out_element = read;
}

static int append(const char *bytes, size_t size, void *context)
{
    struct text *text = context;
    text_append(text, bytes, size);
    return text->failed ? -1 : 0;
}

static bool dump(json_t *value, size_t digits, struct text *text)
{
    size_t flags =
        JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits);
    text_clear(text);
    return json_dump_callback(value, append, text, flags) == 0 && !text->failed;
}

static bool has_real(json_t *attribute)
{
    const char *key;
    json_t *value;
    json_object_foreach(attribute, key, value)
    {
        if (json_is_real(value))
            return true;
    }
    return false;
}

/* Whether the text reads as the same value again. */
static bool reads_as(const struct text *text, json_t *value)
{
    json_error_t fault;
    json_t *again = json_loadb(text->bytes, text->length, JSON_DECODE_ANY, &fault);
    bool equal = again && json_equal(again, value);
    json_decref(again);
    return equal;
}

/* With all 17 digits 0.1 would come out as 0.10000000000000001. */
static bool dump_short(json_t *value, bool has_reals, struct text *text)
{
    for (size_t digits = has_reals ? PRECISION_SHORT : PRECISION_FULL;; digits++) {
        if (!dump(value, digits, text))
            return false;
        if (digits == PRECISION_FULL || reads_as(text, value))
            return true;
    }
}

bool recipe_parse_attribute(json_t *attribute, struct text *text)
{
    return dump_short(attribute, has_real(attribute), text);
}

bool recipe_parse_value(json_t *value, struct text *text)
{
    return dump_short(value, json_is_real(value), text);
}
