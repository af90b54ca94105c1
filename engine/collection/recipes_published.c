/* One object at a time is in memory, whatever they are spread over. */
#include "collection/recipes_published.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/published_item.h"
#include "collection/recipe_lines.h"
#include "collection/recipe_objects.h"

#include <string.h>

/* How the items of a form are read, one after another. */
typedef enum sgr_status (*items_reader)(struct published_items *items, const char *path,
                                        struct sgr_error *error);

static enum sgr_status add_text(struct published_items *items, struct json_source *source,
                                struct recipe_row row, const uint64_t *file_id,
                                struct sgr_error *error)
{
    json_t *object;
    source->span = (struct json_span){0, source->size};
    enum sgr_status status = json_schema_parse(source, source->bytes, source->size, &object, error);
    if (status != SGR_OK)
        return status;
    status = published_item_add(items, source, object, row, file_id, error);
    json_decref(object);
    return status;
}

static enum sgr_status read_list(struct published_items *items, const char *path,
                                 struct sgr_error *error)
{
    struct recipe_lines lines = {.handle = OPEN_FILE_NONE};
    struct recipe_objects objects = {.lines = &lines};
    enum sgr_status status = recipe_lines_open(&lines, path, error);
    while (status == SGR_OK) {
        struct json_source source;
        status = recipe_objects_next(&objects, &source, error);
        if (status != SGR_OK || !source.bytes)
            break;
        struct recipe_row row = {.line = source.lines_before + 1};
        status = add_text(items, &source, row, NULL, error);
    }
    recipe_lines_close(&lines);
    return status;
}

static enum sgr_status read_lines(struct published_items *items, const char *path,
                                  struct sgr_error *error)
{
    struct recipe_lines lines = {.handle = OPEN_FILE_NONE};
    enum sgr_status status = recipe_lines_open(&lines, path, error);
    while (status == SGR_OK) {
        struct json_source source = {.path = path};
        status = recipe_lines_next(&lines, &source.bytes, &source.size, error);
        if (status != SGR_OK || !source.bytes)
            break;
        source.lines_before = lines.line - 1;
        if (!recipe_lines_is_blank(source.bytes, source.size))
            status = add_text(items, &source, (struct recipe_row){.line = lines.line}, NULL, error);
    }
    recipe_lines_close(&lines);
    return status;
}

/* The files of a folder. */
struct folder {
    struct published_items *items;
    const char *path;
    struct arena arena;
    const char **names; /* below the path */
    size_t count;
    size_t capacity;
};

static enum sgr_status add_name(struct folder *folder, const char *name, struct sgr_error *error)
{
    const char **grown =
        memory_grow(folder->names, &folder->capacity, folder->count + 1, sizeof *grown);
    folder->names = grown ? grown : folder->names;
    char *copy = grown ? arena_text(&folder->arena, name, strlen(name)) : NULL;
    if (!copy)
        return error_no_memory(error, "the recipes");
    grown[folder->count++] = copy;
    return SGR_OK;
}

/* Lists the files whose names are numbers, in `below`: "", or a folder. */
static enum sgr_status list_files(struct folder *folder, const char *below, struct sgr_error *error)
{
    struct file_list list = {.entries = NULL};
    const char *path =
        *below ? arena_format(&folder->arena, "%s/%s", folder->path, below) : folder->path;
    enum sgr_status status =
        path ? file_list_read(&list, path, error) : error_no_memory(error, "the recipes");
    for (size_t index = 0; index < list.count && status == SGR_OK; index++) {
        const struct file_entry *entry = &list.entries[index];
        uint64_t id;
        if (entry->info.kind != FILE_REGULAR || !published_item_file_id(entry->name, &id))
            continue;
        const char *name =
            *below ? arena_format(&folder->arena, "%s/%s", below, entry->name) : entry->name;
        status = name ? add_name(folder, name, error) : error_no_memory(error, "the recipes");
    }
    file_list_finish(&list);
    return status;
}

/* The folders of a run with --fanout are called by numbers. */
static enum sgr_status list_folders(struct folder *folder, struct sgr_error *error)
{
    struct file_list list = {.entries = NULL};
    enum sgr_status status = file_list_read(&list, folder->path, error);
    for (size_t index = 0; index < list.count && status == SGR_OK; index++) {
        const struct file_entry *entry = &list.entries[index];
        uint64_t number;
        if (entry->info.kind == FILE_FOLDER && text_parse_whole(entry->name, UINT64_MAX, &number))
            status = list_files(folder, entry->name, error);
    }
    file_list_finish(&list);
    return status;
}

static enum sgr_status add_file(struct folder *folder, size_t index, struct sgr_error *error)
{
    struct text path = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *name = folder->names[index];
    const char *slash = strrchr(name, '/');
    text_format(&path, "%s/%s", folder->path, name);
    enum sgr_status status =
        path.failed ? error_no_memory(error, "the recipes")
                    : file_read(path.bytes, RECIPES_PUBLISHED_FILE_MAX, &bytes, &size, error);
    if (status == SGR_OK) {
        size_t mark = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        struct json_source source = {
            .path = path.bytes, .bytes = (const char *)bytes + mark, .size = size - mark};
        uint64_t id = 0;
        bool has_id = published_item_file_id(slash ? slash + 1 : name, &id);
        ERROR_ASSERT(has_id);
        status =
            add_text(folder->items, &source, (struct recipe_row){.line = index + 1}, &id, error);
    }
    memory_free(bytes);
    text_finish(&path);
    return status;
}

static enum sgr_status read_files(struct folder *folder, struct sgr_error *error)
{
    enum sgr_status status = list_files(folder, "", error);
    if (status == SGR_OK)
        status = list_folders(folder, error);
    if (status == SGR_OK && folder->count == 0)
        return error_set(error, SGR_INPUT,
                         "%s: no file here is an item's metadata, called like 1.json or 1; name "
                         "the folder that has them, or a file such as _metadata.json",
                         folder->path);
    for (size_t index = 0; index < folder->count && status == SGR_OK; index++)
        status = add_file(folder, index, error);
    return status;
}

/* Reads the items and settles them, while rows can still name their files. */
static enum sgr_status read_all(struct published_items *items, const char *path,
                                items_reader read_items, struct sgr_error *error)
{
    struct folder folder = {.items = items, .path = path};
    enum sgr_status status =
        read_items ? read_items(items, path, error) : read_files(&folder, error);
    items->named.rows.files = folder.names;
    if (status == SGR_OK)
        status = recipe_named_settle(&items->named, error);
    if (status == SGR_OK)
        status = published_item_note_unknown(items, error);
    items->named.rows.files = NULL;
    memory_free(folder.names);
    arena_finish(&folder.arena);
    return status;
}

static enum sgr_status read_published(const char *path, const struct collection_options *options,
                                      items_reader read_items, struct recipes *recipes,
                                      struct sgr_error *error)
{
    struct published_items *items = memory_allocate_zeroed(1, sizeof *items);
    if (!items)
        return error_no_memory(error, "the recipes");
    enum sgr_status status = recipe_named_init(&items->named, path, options, recipes, error);
    if (status == SGR_OK)
        status = read_all(items, path, read_items, error);
    published_item_finish(items);
    memory_free(items);
    return status;
}

enum sgr_status recipes_published_list(const char *path, const struct collection_options *options,
                                       struct recipes *recipes, struct sgr_error *error)
{
    return read_published(path, options, read_list, recipes, error);
}

enum sgr_status recipes_published_lines(const char *path, const struct collection_options *options,
                                        struct recipes *recipes, struct sgr_error *error)
{
    return read_published(path, options, read_lines, recipes, error);
}

enum sgr_status recipes_published_folder(const char *path, const struct collection_options *options,
                                         struct recipes *recipes, struct sgr_error *error)
{
    return read_published(path, options, NULL, recipes, error);
}
