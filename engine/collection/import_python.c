/*
 * Values become traits with a picture each, incompatible values become rules of two layers. Its
 * weights are percentages; only their proportions matter here, so a sum that is not 100 is no
 * fault.
 */
#include "collection/import_python.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/json_schema.h"
#include "collection/weights.h"
#include "os/file.h"

#include <stdio.h>
#include <string.h>

#define CONFIG_BYTES_MAX (UINT64_C(1) << 20)

enum { WHERE_BYTES = 64 };

/* What is being read. */
struct reader {
    struct draft *draft;
    struct json_source source;
    json_t *root;
    json_t *layers;
    struct import_document *document;
    struct text name; /* of the layer at hand */
    struct sgr_error *error;
};

bool import_python_is(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (file_read(path, CONFIG_BYTES_MAX, &bytes, &size, NULL) != SGR_OK)
        return false;
    json_t *root = json_loadb((const char *)bytes, size, 0, NULL);
    const json_t *layer = json_array_get(json_object_get(root, "layers"), 0);
    bool is = json_object_get(layer, "trait_path") && json_object_get(layer, "values");
    json_decref(root);
    memory_free(bytes);
    return is;
}

/* A member that has to be there with a fitting value. */
static enum sgr_status take(struct reader *reader, const char *where, json_t *object,
                            const struct json_schema_key *key, json_t **out_value)
{
    static const char *const names[] = {[SCHEMA_TEXT] = "a text that is not empty",
                                        [SCHEMA_TEXTS] = "a list of texts",
                                        [SCHEMA_LIST] = "a list"};
    json_t *value = json_object_get(object, key->name);
    if (value && json_schema_fits(value, key)) {
        *out_value = value;
        return SGR_OK;
    }
    const char *text =
        arena_format(&reader->draft->scratch, "\"%s\" has to be %s", key->name, names[key->type]);
    if (!text)
        return error_no_memory(reader->error, "the settings");
    return json_schema_error(&reader->source, where, value ? key->name : NULL, text, reader->error);
}

/* The path of a picture below the root: the folder without "./", the file with its ending. */
static enum sgr_status picture_path(struct reader *reader, const char *where, const char *folder,
                                    const char *file, const char **out_path)
{
    size_t length = strlen(folder);
    while (length && folder[length - 1] == '/')
        length--;
    while (length >= 2 && strncmp(folder, "./", 2) == 0) {
        folder += 2;
        length -= 2;
    }
    if (length == 1 && *folder == '.')
        length = 0;
    *out_path = arena_format(&reader->draft->scratch, "%.*s%s%s.png", (int)length, folder,
                             length ? "/" : "", file);
    if (!*out_path)
        return error_no_memory(reader->error, "the settings");
    if (draft_is_plain_path(*out_path))
        return SGR_OK;
    return json_schema_error(&reader->source, where, "trait_path",
                             "\"trait_path\" and \"filename\" have to lead to files below the "
                             "folder of this file",
                             reader->error);
}

static enum sgr_status add_pictures(struct reader *reader, const char *where, json_t *layer,
                                    json_t *values, json_t *out_layer)
{
    static const struct json_schema_key folder_key = {"trait_path", SCHEMA_TEXT, 1, 0};
    static const struct json_schema_key files_key = {"filename", SCHEMA_TEXTS, 0, 0};
    json_t *folder;
    json_t *files;
    enum sgr_status status = take(reader, where, layer, &folder_key, &folder);
    if (status == SGR_OK)
        status = take(reader, where, layer, &files_key, &files);
    if (status != SGR_OK)
        return status;
    if (json_array_size(files) != json_array_size(values))
        return json_schema_error(&reader->source, where, "filename",
                                 "\"filename\" and \"values\" have to be equally long",
                                 reader->error);
    json_t *pictures = import_document_object(reader->document, out_layer, "pictures");
    for (size_t index = 0; status == SGR_OK && index < json_array_size(values); index++) {
        const char *value = json_string_value(json_array_get(values, index));
        const char *path;
        if (json_object_get(pictures, value))
            return json_schema_error(&reader->source, where, "values",
                                     "\"values\" has a value twice; rename one", reader->error);
        status = picture_path(reader, where, json_string_value(folder),
                              json_string_value(json_array_get(files, index)), &path);
        if (status == SGR_OK)
            import_document_text(reader->document, pictures, value, path);
    }
    return status;
}

/* Weights that are all the same say nothing. */
static enum sgr_status add_weights(struct reader *reader, const char *where, json_t *layer,
                                   json_t *values)
{
    static const struct json_schema_key list_key = {"weights", SCHEMA_LIST, 0, 0};
    json_t *list;
    uint64_t first = 0;
    bool differ = false;
    enum sgr_status status = take(reader, where, layer, &list_key, &list);
    if (status != SGR_OK)
        return status;
    bool fits = json_array_size(list) == json_array_size(values);
    for (size_t index = 0; fits && index < json_array_size(list); index++) {
        uint64_t weight;
        fits =
            json_schema_scaled(json_array_get(list, index), &weight) && weight <= WEIGHTS_ONE_MAX;
        first = index ? first : weight;
        differ |= fits && weight != first;
    }
    if (!fits)
        return json_schema_error(&reader->source, where, "weights",
                                 "\"weights\" has to be a number from 0 to 1000000000 for each of "
                                 "\"values\"",
                                 reader->error);
    for (size_t index = 0; differ && index < json_array_size(list); index++) {
        uint64_t weight;
        (void)json_schema_scaled(json_array_get(list, index), &weight);
        json_t *trait = import_document_trait(reader->document, reader->name.bytes,
                                              json_string_value(json_array_get(values, index)));
        import_document_decimal(reader->document, trait, "weight", weight);
    }
    return SGR_OK;
}

static enum sgr_status add_layer(struct reader *reader, size_t number)
{
    static const struct json_schema_key name_key = {"name", SCHEMA_TEXT, 1, 0};
    static const struct json_schema_key values_key = {"values", SCHEMA_TEXTS, 0, 0};
    json_t *layer = json_array_get(reader->layers, number);
    char where[WHERE_BYTES];
    json_t *name;
    json_t *values;
    (void)snprintf(where, sizeof where, "layers[%zu]", number);
    if (!json_is_object(layer))
        return json_schema_error(&reader->source, where, NULL, "this has to be an object {...}",
                                 reader->error);
    enum sgr_status status = take(reader, where, layer, &name_key, &name);
    if (status == SGR_OK)
        status = take(reader, where, layer, &values_key, &values);
    if (status != SGR_OK)
        return status;
    if (!import_document_layer_name(&reader->name, json_string_value(name)))
        return error_no_memory(reader->error, "the settings");
    json_t *out = import_document_object(
        reader->document, import_document_member(reader->document, "layers", true), NULL);
    import_document_text(reader->document, out, "name", reader->name.bytes);
    if (strcmp(reader->name.bytes, json_string_value(name)) != 0)
        import_document_text(reader->document, out, "trait_type", json_string_value(name));
    status = add_pictures(reader, where, layer, values, out);
    return status == SGR_OK ? add_weights(reader, where, layer, values) : status;
}

static bool has_value(const json_t *layer, const char *value)
{
    const json_t *values = json_object_get(layer, "values");
    for (size_t index = 0; index < json_array_size(values); index++) {
        if (strcmp(json_string_value(json_array_get(values, index)), value) == 0)
            return true;
    }
    return false;
}

/* Adds "Layer/Value" to a list. */
static bool add_name(struct reader *reader, json_t *list, const json_t *layer, const char *value)
{
    if (!import_document_layer_name(&reader->name, json_schema_text(layer, "name")))
        return false;
    text_format(&reader->name, "/%s", value);
    if (!reader->name.failed)
        import_document_text(reader->document, list, NULL, reader->name.bytes);
    return !reader->name.failed;
}

/* The values that a misspelt one may have meant. */
static enum sgr_status refuse_value(struct reader *reader, const char *where, const char *value)
{
    size_t count = 0;
    for (size_t layer = 0; layer < json_array_size(reader->layers); layer++)
        count += json_array_size(json_object_get(json_array_get(reader->layers, layer), "values"));
    const char **words = arena_allocate(&reader->draft->scratch, count + 1, sizeof *words);
    if (!words)
        return error_no_memory(reader->error, "the settings");
    count = 0;
    for (size_t layer = 0; layer < json_array_size(reader->layers); layer++) {
        const json_t *values = json_object_get(json_array_get(reader->layers, layer), "values");
        for (size_t index = 0; index < json_array_size(values); index++)
            words[count++] = json_string_value(json_array_get(values, index));
    }
    return json_schema_unknown(&reader->source, where, "the value", value, words, reader->error);
}

/* Forbids a value's company in one layer. */
static bool add_rule(struct reader *reader, const json_t *layer, const char *value,
                     const json_t *other, const json_t *list)
{
    json_t *forbid = NULL;
    bool done = true;
    for (size_t index = 0; done && index < json_array_size(list); index++) {
        const char *company = json_string_value(json_array_get(list, index));
        if (!has_value(other, company))
            continue;
        if (!forbid) {
            json_t *rules = import_document_member(reader->document, "rules", true);
            json_t *rule = import_document_object(reader->document, rules, NULL);
            forbid = import_document_list(reader->document, rule, "forbid");
            done = add_name(reader, forbid, layer, value);
        }
        done = done && add_name(reader, forbid, other, company);
    }
    return done;
}

static enum sgr_status add_rules(struct reader *reader, const char *where, const json_t *layer,
                                 const char *value, const json_t *list)
{
    for (size_t index = 0; index < json_array_size(list); index++) {
        const char *company = json_string_value(json_array_get(list, index));
        bool known = false;
        for (size_t at = 0; at < json_array_size(reader->layers); at++)
            known |= has_value(json_array_get(reader->layers, at), company);
        if (!known)
            return refuse_value(reader, where, company);
    }
    bool done = true;
    for (size_t at = 0; done && at < json_array_size(reader->layers); at++) {
        const json_t *other = json_array_get(reader->layers, at);
        if (other != layer)
            done = add_rule(reader, layer, value, other, list);
    }
    return done ? SGR_OK : error_no_memory(reader->error, "the settings");
}

static enum sgr_status add_incompatibility(struct reader *reader, json_t *entry, size_t number)
{
    static const struct json_schema_key layer_key = {"layer", SCHEMA_TEXT, 1, 0};
    static const struct json_schema_key value_key = {"value", SCHEMA_TEXT, 1, 0};
    static const struct json_schema_key with_key = {"incompatible_with", SCHEMA_TEXTS, 0, 0};
    char where[WHERE_BYTES];
    json_t *name;
    json_t *value;
    json_t *list;
    const json_t *layer = NULL;
    (void)snprintf(where, sizeof where, "incompatibilities[%zu]", number);
    enum sgr_status status = take(reader, where, entry, &layer_key, &name);
    if (status == SGR_OK)
        status = take(reader, where, entry, &value_key, &value);
    if (status == SGR_OK)
        status = take(reader, where, entry, &with_key, &list);
    if (status != SGR_OK)
        return status;
    for (size_t at = 0; at < json_array_size(reader->layers); at++) {
        const json_t *known = json_array_get(reader->layers, at);
        if (strcmp(json_schema_text(known, "name"), json_string_value(name)) == 0)
            layer = known;
    }
    if (!layer)
        return json_schema_error(&reader->source, where, NULL, "\"layer\" names no layer",
                                 reader->error);
    if (!has_value(layer, json_string_value(value)))
        return refuse_value(reader, where, json_string_value(value));
    if (json_object_get(entry, "default"))
        status = draft_notice(reader->draft, reader->error, SGR_LOG_NOTICE, "import-setting",
                              "%s: %s: \"default\" is passed over: values that are incompatible "
                              "never come together, so none has to be replaced",
                              reader->source.path, where);
    return status == SGR_OK ? add_rules(reader, where, layer, json_string_value(value), list)
                            : status;
}

/* "NFT #" is the front of every item's name; the number follows by itself. */
static void add_texts(struct reader *reader)
{
    const char *name = json_schema_text(reader->root, "name");
    const char *description = json_schema_text(reader->root, "description");
    size_t length = name ? strlen(name) : 0;
    while (length && (name[length - 1] == '#' || name[length - 1] == ' '))
        length--;
    char *front = arena_text(&reader->draft->scratch, name ? name : "", length);
    reader->document->failed |= !front;
    if (front && length)
        import_document_text(reader->document, reader->document->root, "name", front);
    if (description && *description)
        import_document_text(reader->document, reader->document->root, "description", description);
    import_document_text(reader->document, reader->document->root, "grammar", "python");
}

static enum sgr_status notice_others(struct reader *reader)
{
    static const char *const known[] = {"layers", "incompatibilities", "name", "description"};
    enum sgr_status status = SGR_OK;
    for (void *at = json_object_iter(reader->root); at && status == SGR_OK;
         at = json_object_iter_next(reader->root, at)) {
        const char *key = json_object_iter_key(at);
        bool is_known = false;
        for (size_t index = 0; index < sizeof known / sizeof *known; index++)
            is_known |= strcmp(known[index], key) == 0;
        if (is_known)
            continue;
        const char *remedy = strcmp(key, "baseURI") == 0 ? " (see --image-prefix)" : "";
        status = draft_notice(reader->draft, reader->error, SGR_LOG_NOTICE, "import-setting",
                              "%s: \"%s\" is passed over%s", reader->source.path, key, remedy);
    }
    return status;
}

static enum sgr_status read_all(struct reader *reader)
{
    static const struct json_schema_key layers_key = {"layers", SCHEMA_LIST, 0, 0};
    static const struct json_schema_key list_key = {"incompatibilities", SCHEMA_LIST, 0, 0};
    enum sgr_status status = take(reader, "", reader->root, &layers_key, &reader->layers);
    if (status != SGR_OK)
        return status;
    add_texts(reader);
    for (size_t at = 0; status == SGR_OK && at < json_array_size(reader->layers); at++)
        status = add_layer(reader, at);
    json_t *list = json_object_get(reader->root, list_key.name);
    if (status == SGR_OK && list && !json_is_null(list))
        status = take(reader, "", reader->root, &list_key, &list);
    for (size_t at = 0; status == SGR_OK && at < json_array_size(list); at++)
        status = add_incompatibility(reader, json_array_get(list, at), at);
    return status == SGR_OK ? notice_others(reader) : status;
}

enum sgr_status import_python_read(struct draft *draft, const char *path,
                                   struct import_document *document, struct sgr_error *error)
{
    uint8_t *bytes = NULL;
    size_t size;
    enum sgr_status status = file_read(path, CONFIG_BYTES_MAX, &bytes, &size, error);
    if (status != SGR_OK)
        return status;
    struct reader reader = {.draft = draft, .document = document, .error = error};
    reader.source = (struct json_source){.path = path, .bytes = (const char *)bytes, .size = size};
    status = json_schema_parse(&reader.source, reader.source.bytes, size, &reader.root, error);
    if (status == SGR_OK)
        status = read_all(&reader);
    json_decref(reader.root);
    text_finish(&reader.name);
    memory_free(bytes);
    return status;
}
