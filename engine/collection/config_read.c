/* Every object is checked against its table of keys first and then read without further checks. */
#include "collection/config_read.h"

#include "base/memory.h"
#include "collection/weights.h"
#include "image/image.h"
#include "os/file.h"

#include <stdio.h>
#include <string.h>

/* More than a hand or a program would ever write into one; it is held in memory as a whole. */
#define CONFIG_FILE_MAX (UINT64_C(64) << 20)

enum { WHERE_BYTES = 64 };

static const struct json_schema_key config_keys[] = {
    {"$schema", SCHEMA_TEXT, 0, 0},
    {"name", SCHEMA_TEXT, 1, 0},
    {"description", SCHEMA_TEXT, 0, 0},
    {"count", SCHEMA_WHOLE, 1, (int64_t)COLLECTION_COUNT_MAX},
    {"start", SCHEMA_WHOLE, 0, (int64_t)COLLECTION_COUNT_MAX},
    {"seed", SCHEMA_SEED, 0, 0},
    {"grammar", SCHEMA_TEXT, 1, 0},
    {"canvas", SCHEMA_OBJECT, 0, 0},
    {"layers", SCHEMA_LIST, 0, 0},
    {"traits", SCHEMA_OBJECT, 0, 0},
    {"rules", SCHEMA_LIST, 0, 0},
    {"groups", SCHEMA_LIST, 0, 0},
    {"items", SCHEMA_LIST, 0, 0},
    {"shuffle", SCHEMA_FLAG, 0, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

static const struct json_schema_key canvas_keys[] = {
    {"width", SCHEMA_WHOLE, 1, IMAGE_SIDE_MAX},
    {"height", SCHEMA_WHOLE, 1, IMAGE_SIDE_MAX},
    {NULL, SCHEMA_TEXT, 0, 0},
};

static const struct json_schema_key layer_keys[] = {
    {"name", SCHEMA_TEXT, 1, 0},       {"folder", SCHEMA_TEXT, 1, 0},
    {"pictures", SCHEMA_OBJECT, 0, 0}, {"optional", SCHEMA_DECIMAL, 0, WEIGHTS_SCALE - 1},
    {"blend", SCHEMA_BLEND, 0, 0},     {"opacity", SCHEMA_DECIMAL, 0, OPACITY_SCALE},
    {"distinct", SCHEMA_FLAG, 0, 0},   {"trait_type", SCHEMA_TEXT, 1, 0},
    {"at", SCHEMA_PLACE, 0, 0},        {"z", SCHEMA_WHOLE, -TRAIT_NAME_Z_MAX, TRAIT_NAME_Z_MAX},
    {NULL, SCHEMA_TEXT, 0, 0},
};

/* Copies an optional text into the collection; false without memory. */
static bool copy_text(struct draft *draft, const json_t *object, const char *key,
                      const char **out_text)
{
    const char *text = json_schema_text(object, key);
    if (!text)
        return true;
    *out_text = arena_text(&draft->collection->arena, text, strlen(text));
    return *out_text != NULL;
}

static enum sgr_status take_texts(const struct config *config, struct draft *draft,
                                  struct sgr_error *error)
{
    struct collection *collection = draft->collection;
    const json_t *seed = json_object_get(config->root, "seed");
    bool done = copy_text(draft, config->root, "name", &collection->name) &&
                copy_text(draft, config->root, "description", &collection->description) &&
                copy_text(draft, config->root, "seed", &collection->seed);
    if (json_is_integer(seed)) {
        long long number = json_integer_value(seed);
        collection->seed = arena_format(&collection->arena, "%lld", number);
        done &= collection->seed != NULL;
    }
    return done ? SGR_OK : error_no_memory(error, "a collection");
}

static enum sgr_status take_canvas(const struct config *config, struct draft *draft,
                                   struct sgr_error *error)
{
    json_t *canvas = json_object_get(config->root, "canvas");
    if (!canvas)
        return SGR_OK;
    int64_t width;
    int64_t height;
    enum sgr_status status =
        json_schema_check(&config->source, "canvas", canvas, canvas_keys, error);
    if (status != SGR_OK)
        return status;
    if (!json_schema_whole(canvas, "width", &width) ||
        !json_schema_whole(canvas, "height", &height))
        return json_schema_error(&config->source, "canvas", "canvas",
                                 "it needs both \"width\" and \"height\"", error);
    draft->collection->width = (uint32_t)width;
    draft->collection->height = (uint32_t)height;
    return SGR_OK;
}

static enum sgr_status parse(struct config *config, struct sgr_error *error)
{
    const char *bytes = (const char *)config->bytes;
    size_t size = config->source.size;
    /* Some editors begin a file with a byte order mark, which JSON does not know. */
    size_t mark = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    enum sgr_status status =
        json_schema_parse(&config->source, bytes + mark, size - mark, &config->root, error);
    if (status == SGR_OK)
        status = json_schema_check(&config->source, "", config->root, config_keys, error);
    return status;
}

/* How names are read; "folders" is what happens without the key. */
static enum sgr_status take_grammar(const struct config *config, struct draft *draft,
                                    struct sgr_error *error)
{
    static const char *const names[] = {"folders", "hashlips", "nftchef", "lab", "python", NULL};
    static const enum sgr_grammar grammars[] = {SGR_GRAMMAR_AUTO, SGR_GRAMMAR_HASHLIPS,
                                                SGR_GRAMMAR_NFTCHEF, SGR_GRAMMAR_LAB,
                                                SGR_GRAMMAR_AUTO};
    const char *name = json_schema_text(config->root, "grammar");
    size_t index = 0;
    if (!name)
        return SGR_OK;
    while (names[index] && strcmp(names[index], name) != 0)
        index++;
    if (!names[index])
        return json_schema_unknown(&config->source, "", "the grammar", name, names, error);
    if (draft->grammar != SGR_GRAMMAR_AUTO)
        return SGR_OK;
    draft->grammar = grammars[index];
    draft->collection->grammar = names[index];
    return SGR_OK;
}

/* Whether no layer has a folder of its own in the art folder, so that what is there is other. */
static bool is_deep(const struct config *config)
{
    const json_t *layers = json_object_get(config->root, "layers");
    bool deep = json_array_size(layers) > 0;
    for (size_t index = 0; deep && index < json_array_size(layers); index++) {
        const json_t *layer = json_array_get(layers, index);
        const char *folder = json_schema_text(layer, "folder");
        deep = json_object_get(layer, "pictures") || (folder && strchr(folder, '/'));
    }
    return deep;
}

static enum sgr_status take_whole(struct config *config, struct draft *draft,
                                  struct sgr_error *error)
{
    enum sgr_status status = parse(config, error);
    if (status == SGR_OK)
        status = take_texts(config, draft, error);
    if (status == SGR_OK)
        status = take_grammar(config, draft, error);
    if (status == SGR_OK)
        status = take_canvas(config, draft, error);
    if (status != SGR_OK)
        return status;
    int64_t number;
    struct collection *collection = draft->collection;
    collection->in_group_order = json_is_false(json_object_get(config->root, "shuffle"));
    if (json_schema_whole(config->root, "count", &number))
        collection->count = (uint64_t)number;
    collection->start_set = json_schema_whole(config->root, "start", &number);
    if (collection->start_set)
        collection->start = (uint64_t)number;
    draft->quiet_root = is_deep(config);
    return SGR_OK;
}

enum sgr_status config_read_open(struct config *config, struct draft *draft, const char *path,
                                 struct sgr_error *error)
{
    size_t size;
    enum sgr_status status = file_read(path, CONFIG_FILE_MAX, &config->bytes, &size, error);
    if (status != SGR_OK)
        return status;
    config->source =
        (struct json_source){.path = path, .bytes = (const char *)config->bytes, .size = size};
    return take_whole(config, draft, error);
}

enum sgr_status config_read_made(struct config *config, struct draft *draft, const char *path,
                                 struct text *text, struct sgr_error *error)
{
    config->source = (struct json_source){
        .path = path, .bytes = text->bytes, .size = text->length, .made = true};
    config->bytes = (uint8_t *)text->bytes;
    *text = (struct text){0};
    return take_whole(config, draft, error);
}

void config_read_close(struct config *config)
{
    json_decref(config->root);
    memory_free(config->bytes);
    *config = (struct config){0};
}

bool config_read_has_layers(const struct config *config)
{
    return json_object_get(config->root, "layers") != NULL;
}

/* Names the sub-folders in an error about one that is not there. */
static enum sgr_status refuse_folder(const struct config *config, struct draft *draft,
                                     const struct folder_listing *listing, const char *folder,
                                     struct sgr_error *error)
{
    const char **words = arena_allocate(&draft->scratch, listing->count + 1, sizeof *words);
    if (!words)
        return error_no_memory(error, "the layers");
    for (size_t index = 0; index < listing->count; index++)
        words[index] = listing->entries[index].raw;
    return json_schema_unknown(&config->source, "layers", "the folder", folder, words, error);
}

/* Reads the name of a folder that is deeper than the listing goes. */
static enum sgr_status take_deep_folder(const struct config *config, struct draft *draft,
                                        const struct folder_listing *listing,
                                        struct draft_layer *layer, struct sgr_error *error)
{
    struct file_info info;
    const char *slash = strrchr(layer->folder, '/');
    enum sgr_status status = file_look(layer->shown, &info, error);
    if (status != SGR_OK)
        return status;
    if (!slash || info.kind != FILE_FOLDER)
        return refuse_folder(config, draft, listing, layer->folder, error);
    struct trait_name name;
    struct trait_name_input input = {slash + 1, layer->shown, false};
    status = trait_name_parse(&draft->scratch, &input, &name, error);
    return status == SGR_OK ? folder_read_settings(draft, layer, &name, error) : status;
}

static enum sgr_status take_folder(const struct config *config, struct draft *draft,
                                   const struct folder_listing *listing, struct draft_layer *layer,
                                   struct sgr_error *error)
{
    const struct folder_entry *entry = folder_read_find(listing, layer->folder);
    if (entry)
        layer->folder = entry->raw;
    layer->shown = draft_full_path(draft, layer->folder);
    if (!layer->shown)
        return error_no_memory(error, "a path");
    if (entry)
        return folder_read_settings(draft, layer, folder_read_name(listing, entry), error);
    return take_deep_folder(config, draft, listing, layer, error);
}

/* A layer without a folder: its traits stand in the file. */
static enum sgr_status take_pictures(const struct config *config, struct draft *draft,
                                     const char *where, json_t *object, struct draft_layer *layer,
                                     struct sgr_error *error)
{
    layer->folder = NULL;
    layer->shown = draft->root;
    if (json_object_get(object, "folder"))
        return json_schema_error(&config->source, where, "pictures",
                                 "\"folder\" and \"pictures\" both say where the pictures are; "
                                 "keep one",
                                 error);
    return SGR_OK;
}

static enum sgr_status take_layer(const struct config *config, struct draft *draft,
                                  const struct folder_listing *listing, size_t index,
                                  struct sgr_error *error)
{
    json_t *object = json_array_get(json_object_get(config->root, "layers"), index);
    char where[WHERE_BYTES];
    (void)snprintf(where, sizeof where, "layers[%zu]", index);
    enum sgr_status status = json_schema_check(&config->source, where, object, layer_keys, error);
    if (status != SGR_OK)
        return status;
    struct draft_layer *layer = &draft->layers[index];
    const json_t *distinct = json_object_get(object, "distinct");
    int64_t z;
    uint64_t opacity;
    *layer =
        (struct draft_layer){.distinct = !json_is_false(distinct), .settings = DRAFT_SETTINGS_NONE};
    layer->name = json_schema_text(object, "name");
    layer->folder = json_schema_text(object, "folder");
    layer->trait_type = json_schema_text(object, "trait_type");
    if (!layer->name || strchr(layer->name, '/'))
        return json_schema_error(&config->source, where, NULL,
                                 "a layer needs a \"name\", without a '/'", error);
    layer->folder = layer->folder ? layer->folder : layer->name;
    layer->trait_type = layer->trait_type ? layer->trait_type : layer->name;
    if (!draft_is_plain_path(layer->folder))
        return json_schema_error(&config->source, where, "folder",
                                 "\"folder\" has to be a path below the art folder, with '/' "
                                 "between names and without \"..\"",
                                 error);
    struct draft_settings *settings = &layer->settings;
    layer->optional_set = json_schema_decimal(object, "optional", &layer->optional);
    settings->mode_set = json_schema_blend(object, "blend", &settings->mode);
    settings->placed = json_schema_place(object, "at", &settings->x, &settings->y);
    settings->z_set = json_schema_whole(object, "z", &z);
    if (settings->z_set)
        settings->z = (int32_t)z;
    if (json_schema_decimal(object, "opacity", &opacity))
        settings->opacity = opacity_of(opacity);
    layer->pictures = json_object_get(object, "pictures");
    if (layer->pictures)
        return take_pictures(config, draft, where, object, layer, error);
    if (draft->grammar == SGR_GRAMMAR_LAB)
        return json_schema_error(&config->source, where, NULL,
                                 "a layer that is read as lab needs \"pictures\"; leave out "
                                 "\"grammar\", or let `serigraph init` write the file",
                                 error);
    return take_folder(config, draft, listing, layer, error);
}

/* Tells of a sub-folder that no layer uses, which may be a forgotten one. */
static enum sgr_status notice_unused(struct draft *draft, const struct folder_entry *entry,
                                     struct sgr_error *error)
{
    size_t length = strlen(entry->raw);
    for (size_t index = 0; index < draft->layer_count; index++) {
        const char *folder = draft->layers[index].folder;
        if (folder && strncmp(folder, entry->raw, length) == 0 &&
            (folder[length] == '\0' || folder[length] == '/'))
            return SGR_OK;
    }
    return draft_notice(draft, error, SGR_LOG_NOTICE, "unused-folder",
                        "%s/%s is not among the layers of collection.json", draft->root,
                        entry->raw);
}

enum sgr_status config_read_layers(const struct config *config, struct draft *draft,
                                   const struct folder_listing *listing, struct sgr_error *error)
{
    size_t count = json_array_size(json_object_get(config->root, "layers"));
    if (count == 0 || count > COLLECTION_LAYERS_MAX)
        return json_schema_error(&config->source, "", "layers",
                                 "\"layers\" has to list 1 to 1024 layers, bottom first", error);
    draft->layers = arena_allocate(&draft->scratch, count, sizeof *draft->layers);
    if (!draft->layers)
        return error_no_memory(error, "the layers");
    enum sgr_status status = SGR_OK;
    struct config layer = *config; /* its source's span is one layer */
    struct json_span_walk walk = json_span_enter(
        config->source.bytes, json_schema_span(&config->source, config->root, "layers"));
    for (size_t index = 0; status == SGR_OK && index < count; index++) {
        (void)json_span_next(&walk, &layer.source.span);
        status = take_layer(&layer, draft, listing, index, error);
    }
    if (status != SGR_OK)
        return status;
    draft->layer_count = count;
    for (size_t index = 0; status == SGR_OK && !draft->quiet_root && index < listing->count;
         index++)
        status = notice_unused(draft, &listing->entries[index], error);
    return status;
}
