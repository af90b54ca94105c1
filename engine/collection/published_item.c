/*
 * Attributes that say no more than the traits do are not kept, so that a collection read back is
 * planned as it was drawn. At the first item with others all items before it get theirs as well.
 */
#include "collection/published_item.h"

#include "base/error.h"
#include "collection/recipe_parse.h"

#include <stdlib.h>
#include <string.h>

enum { HEX_DIGITS = 64, TYPES_SHOWN = 8 };

bool published_item_file_id(const char *name, uint64_t *out_id)
{
    char stem[HEX_DIGITS + 1];
    size_t length = strlen(name);
    if (text_ends_with_ignoring_case(name, ".json"))
        length -= strlen(".json");
    if (length == 0 || length > HEX_DIGITS)
        return false;
    memcpy(stem, name, length);
    stem[length] = '\0';
    if (length < HEX_DIGITS)
        return text_parse_whole(stem, COLLECTION_ID_MAX, out_id);
    if (strspn(stem, "0123456789abcdefABCDEF") < HEX_DIGITS)
        return false;
    /* Token ids of ERC-1155 fill 256 bits; of those that can be numbers of items, most are 0. */
    *out_id = strtoull(stem + HEX_DIGITS - 16, NULL, 16);
    return strspn(stem, "0") >= HEX_DIGITS - 16 && *out_id <= COLLECTION_ID_MAX;
}

/* The number behind the last '#' of a name. */
static bool read_name_id(const json_t *object, uint64_t *out_id)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    const char *mark = name ? strrchr(name, '#') : NULL;
    return mark && text_parse_whole(mark + 1, COLLECTION_ID_MAX, out_id);
}

/* A number, or a text of digits. */
static bool read_key_id(const json_t *object, const char *key, uint64_t *out_id)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value))
        return text_parse_whole(json_string_value(value), COLLECTION_ID_MAX, out_id);
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > COLLECTION_ID_MAX)
        return false;
    *out_id = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_id(const json_t *object, const uint64_t *file_id, uint64_t *out_id)
{
    static const char *const keys[] = {"edition", "id", "tokenId", "token_id"};
    for (size_t index = 0; index < sizeof keys / sizeof keys[0]; index++) {
        if (read_key_id(object, keys[index], out_id))
            return true;
    }
    if (file_id)
        *out_id = *file_id;
    return file_id || read_name_id(object, out_id);
}

/* The text of an attribute's value, as it stands; false when it is none that names a trait. */
static bool read_value(struct published_items *items, json_t *attribute, const char **out_value)
{
    json_t *value = json_object_get(attribute, "value");
    *out_value = json_string_value(value);
    if (json_is_null(value))
        *out_value = "";
    if (*out_value)
        return true;
    if (json_is_array(value) || json_is_object(value) || !recipe_parse_value(value, &items->text))
        return false;
    *out_value = items->text.bytes;
    return true;
}

/* Keeps the trait types that no layer has, for the notice. */
static bool note_unknown(struct published_items *items, const char *type)
{
    uint32_t number;
    return intern_add(&items->unknown, &items->arena, type, strlen(type), &number);
}

/* An attribute names a trait when a layer has its type; one with a display type is a number. */
static enum sgr_status add_word(struct published_items *items, json_t *attribute,
                                struct sgr_error *error)
{
    const char *type = json_string_value(json_object_get(attribute, "trait_type"));
    const char *value;
    struct recipe_name_list layers = {NULL, 0};
    if (type && !json_object_get(attribute, "display_type"))
        layers = recipe_names_type(&items->named.names, type);
    if (layers.count == 0)
        return note_unknown(items, type ? type : "without trait_type")
                   ? SGR_OK
                   : error_no_memory(error, "the recipes");
    if (!read_value(items, attribute, &value))
        return items->text.failed
                   ? error_no_memory(error, "the recipes")
                   : error_set(error, SGR_INPUT, "the value of \"%s\" has to be a text", type);
    return recipe_match_add(&items->named.match, &layers, value, true, error);
}

/* Whether an attribute is what follows from a trait. */
static bool follows(const json_t *attribute, const struct collection_layer *layer,
                    const struct collection_trait *trait)
{
    const char *type = json_string_value(json_object_get(attribute, "trait_type"));
    const char *value = json_string_value(json_object_get(attribute, "value"));
    return json_object_size(attribute) == 2 && type && value &&
           strcmp(type, layer->trait_type) == 0 && strcmp(value, trait->value) == 0;
}

/* Whether the attributes are those that follow from the item's traits, in the layers' order. */
static bool all_follow(const struct published_items *items, const json_t *attributes)
{
    const struct collection *collection = items->named.recipes->collection;
    size_t next = 0;
    for (size_t index = 0; index < collection->layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[index];
        const struct collection_trait *trait = &layer->traits[items->named.match.traits[index]];
        if (!trait->none && !follows(json_array_get(attributes, next++), layer, trait))
            return false;
    }
    return next == json_array_size(attributes);
}

/* Writes down the attributes of an item that followed from its traits. */
static bool derive_attributes(struct published_items *items, struct recipe_row *row)
{
    const struct collection *collection = items->named.recipes->collection;
    struct recipe_rows *rows = &items->named.rows;
    struct text *text = &items->text;
    row->first_attribute = rows->attribute_count;
    for (size_t index = 0; index < collection->layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[index];
        uint16_t trait = items->named.traits[row->first_trait + index];
        if (layer->traits[trait].none)
            continue;
        text_clear(text);
        text_add(text, "{\"trait_type\":");
        text_json(text, layer->trait_type);
        text_add(text, ",\"value\":");
        text_json(text, layer->traits[trait].value);
        text_add(text, "}");
        if (text->failed || !recipe_rows_add_attribute(rows, &items->named.recipes->arena,
                                                       text->bytes, text->length))
            return false;
    }
    row->attribute_count = (uint32_t)(rows->attribute_count - row->first_attribute);
    return true;
}

/* Keeps the attributes as they are, unless they follow from the traits as everything so far. */
static bool keep_attributes(struct published_items *items, const json_t *attributes)
{
    struct recipe_rows *rows = &items->named.rows;
    if (!rows->has_attributes && all_follow(items, attributes))
        return true;
    for (size_t row = 0; row < rows->count && !rows->has_attributes; row++) {
        if (!derive_attributes(items, &rows->rows[row]))
            return false;
    }
    rows->has_attributes = true;
    for (size_t index = 0; index < json_array_size(attributes); index++) {
        if (!recipe_parse_attribute(json_array_get(attributes, index), &items->text) ||
            !recipe_rows_add_attribute(rows, &items->named.recipes->arena, items->text.bytes,
                                       items->text.length))
            return false;
    }
    return true;
}

/* Finds the item's traits. */
static enum sgr_status match(struct published_items *items, const struct json_source *source,
                             const json_t *attributes, uint64_t id, struct sgr_error *error)
{
    struct text what = {0};
    struct sgr_error inner = {SGR_OK, ""};
    enum sgr_status status = SGR_OK;
    recipe_match_begin(&items->named.match);
    for (size_t index = 0; status == SGR_OK && index < json_array_size(attributes); index++)
        status = add_word(items, json_array_get(attributes, index), &inner);
    if (status == SGR_OK)
        status = recipe_match_settle(&items->named.match, &inner);
    if (status != SGR_OK) {
        text_format(&what, "item %llu: %s", (unsigned long long)id, inner.text);
        status = status == SGR_NO_MEMORY || what.failed
                     ? error_no_memory(error, "the recipes")
                     : json_schema_error(source, "", NULL, what.bytes, error);
    }
    text_finish(&what);
    return status;
}

static enum sgr_status check(const struct json_source *source, const json_t *object,
                             struct sgr_error *error)
{
    const json_t *attributes = json_object_get(object, "attributes");
    if (!json_is_array(attributes))
        return json_schema_error(source, "", "attributes",
                                 "\"attributes\" has to be there, a list of objects", error);
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < json_array_size(attributes); index++)
        status =
            recipe_parse_check_attribute(source, json_array_get(attributes, index), index, error);
    return status;
}

enum sgr_status published_item_add(struct published_items *items, const struct json_source *source,
                                   json_t *object, struct recipe_row row, const uint64_t *file_id,
                                   struct sgr_error *error)
{
    enum sgr_status status = check(source, object, error);
    if (status != SGR_OK)
        return status;
    if (!read_id(object, file_id, &row.id))
        return json_schema_error(source, "", NULL,
                                 "the item has no id: no whole number in \"edition\", \"id\", "
                                 "\"tokenId\", \"token_id\", the file's name, or after '#' at the "
                                 "end of \"name\"; add one",
                                 error);
    const json_t *attributes = json_object_get(object, "attributes");
    status = match(items, source, attributes, row.id, error);
    if (status != SGR_OK)
        return status;
    row.first_attribute = items->named.rows.attribute_count;
    bool had_attributes = items->named.rows.has_attributes;
    if (!keep_attributes(items, attributes))
        return error_no_memory(error, "the recipes");
    if (items->named.rows.has_attributes && !had_attributes)
        row.first_attribute = items->named.rows.attribute_count - json_array_size(attributes);
    return recipe_named_add(&items->named, &row, error);
}

enum sgr_status published_item_note_unknown(struct published_items *items, struct sgr_error *error)
{
    size_t count = items->unknown.count;
    if (count == 0)
        return SGR_OK;
    struct text text = {0};
    text_format(&text, "%s: attributes that no layer has stay as they are: ", items->named.path);
    for (size_t index = 0; index < count && index < TYPES_SHOWN; index++)
        text_format(&text, "%s%s", index ? ", " : "", items->unknown.entries[index].bytes);
    text_add(&text, count > TYPES_SHOWN ? " ..." : "");
    enum sgr_status status =
        recipe_named_notice(&items->named, SGR_LOG_NOTICE, "attribute-kept", &text, error);
    text_finish(&text);
    return status;
}

void published_item_finish(struct published_items *items)
{
    recipe_named_finish(&items->named);
    intern_finish(&items->unknown);
    arena_finish(&items->arena);
    text_finish(&items->text);
}
