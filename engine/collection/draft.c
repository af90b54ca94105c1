/* The parts of a draft that every reader needs: paths, names, notices, pictures. */
#include "collection/draft.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "codec/picture.h"
#include "os/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NOTICE_BYTES = 1024 };

enum sgr_status draft_init(struct draft *draft, const struct collection_options *options,
                           struct sgr_error *error)
{
    *draft = (struct draft){.options = options, .grammar = options->grammar};
    draft->collection = memory_allocate_zeroed(1, sizeof *draft->collection);
    if (!draft->collection)
        return error_no_memory(error, "a collection");
    draft->collection->name = "";
    draft->collection->description = "";
    return SGR_OK;
}

void draft_finish(struct draft *draft)
{
    collection_destroy(&draft->collection);
    intern_finish(&draft->paths);
    intern_finish(&draft->item_images);
    memory_free(draft->pictures);
    memory_free(draft->notices);
    arena_finish(&draft->scratch);
    *draft = (struct draft){0};
}

enum sgr_status draft_take(struct draft *draft, struct collection **out_collection,
                           struct sgr_error *error)
{
    struct collection *collection = draft->collection;
    enum sgr_status status = SGR_OK;
    const char *name = collection->name;
    if (!*name)
        status = draft_root_name(draft, &name, error);
    if (status == SGR_OK && draft->notices_dropped)
        status = draft_notice(draft, error, SGR_LOG_WARNING, "more-notices",
                              "%zu more notices are not shown", draft->notices_dropped);
    if (status != SGR_OK)
        return status;
    collection->name = arena_text(&collection->arena, name, strlen(name));
    size_t picture_count = draft->paths.count;
    collection->pictures =
        arena_allocate(&collection->arena, picture_count, sizeof *collection->pictures);
    collection->notices =
        arena_allocate(&collection->arena, draft->notice_count, sizeof *collection->notices);
    if (!collection->name || !collection->pictures || !collection->notices)
        return error_no_memory(error, "a collection");
    if (picture_count)
        memcpy(collection->pictures, draft->pictures, picture_count * sizeof *draft->pictures);
    if (draft->notice_count)
        memcpy(collection->notices, draft->notices, draft->notice_count * sizeof *draft->notices);
    collection->picture_count = picture_count;
    collection->notice_count = draft->notice_count;
    draft->collection = NULL;
    *out_collection = collection;
    return SGR_OK;
}

/* The folder that `path` names, or, for a file, the folder that it is in; no '/' at its end. */
static const char *root_of(struct draft *draft, const char *path, bool is_file)
{
    size_t length = strlen(path);
    if (is_file) {
        const char *slash = strrchr(path, '/');
        if (!slash)
            return ".";
        length = (size_t)(slash - path) + 1;
    }
    while (length > 1 && path[length - 1] == '/')
        length--;
    return arena_text(&draft->collection->arena, path, length);
}

enum sgr_status draft_locate(struct draft *draft, const char **out_config, struct sgr_error *error)
{
    const char *path = draft->options->path;
    struct file_info info;
    if (!path || !*path)
        return error_set(error, SGR_USAGE, "no art folder is given");
    enum sgr_status status = file_look(path, &info, error);
    if (status != SGR_OK)
        return status;
    if (info.kind == FILE_MISSING)
        return error_set(error, SGR_INPUT, "%s: there is no such art folder; check the path of ART",
                         path);
    bool is_file = info.kind != FILE_FOLDER;
    bool is_config =
        text_ends_with_ignoring_case(path, ".json") || text_ends_with_ignoring_case(path, ".js");
    if (is_file && (info.kind != FILE_REGULAR || !is_config))
        return error_set(error, SGR_INPUT,
                         "%s: ART is neither a folder nor a collection.json; give the folder that "
                         "holds the layer folders",
                         path);
    draft->root = root_of(draft, path, is_file);
    if (!draft->root)
        return error_no_memory(error, "a path");
    const char *config = is_file ? path : draft_full_path(draft, DRAFT_CONFIG_NAME);
    if (!config)
        return error_no_memory(error, "a path");
    draft->collection->root = draft->root;
    if (!is_file)
        status = file_look(config, &info, error);
    if (status == SGR_OK && info.kind != FILE_REGULAR && info.kind != FILE_MISSING)
        return error_set(error, SGR_INPUT,
                         "%s: not a regular file; replace it by one, or remove it", config);
    if (status == SGR_OK)
        *out_config = info.kind == FILE_REGULAR ? config : NULL;
    return status;
}

enum sgr_status draft_notice(struct draft *draft, struct sgr_error *error, enum sgr_log_level level,
                             const char *code, const char *format, ...)
{
    /* One place is kept for the line that counts the others. */
    bool is_count = strcmp(code, "more-notices") == 0;
    if (draft->notice_count >= COLLECTION_NOTICES_MAX - 1 && !is_count) {
        draft->notices_dropped++;
        return SGR_OK;
    }
    char line[NOTICE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (char *at = line; length > 0 && *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    }
    /* A cut within a character would leave bytes that are not UTF-8. */
    size_t end = length > 0 ? strlen(line) : 0;
    while (end > 0 && !text_is_utf8(line, end))
        end--;
    struct collection_notice *grown = memory_grow(draft->notices, &draft->notice_capacity,
                                                  draft->notice_count + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "a notice");
    draft->notices = grown;
    const char *text = arena_text(&draft->collection->arena, line, end);
    if (!text)
        return error_no_memory(error, "a notice");
    draft->notices[draft->notice_count++] = (struct collection_notice){level, code, text};
    return SGR_OK;
}

const char *draft_full_path(struct draft *draft, const char *path)
{
    if (!*path)
        return draft->root;
    const char *slash = strcmp(draft->root, "/") == 0 ? "" : "/";
    return arena_format(&draft->scratch, "%s%s%s", draft->root, slash, path);
}

/* Whether a folder's name says what is in it instead of what it is called. */
static bool is_generic(const char *name)
{
    static const char *const generic[] = {"layers", "traits", "assets", "images", "art", "src"};
    for (size_t index = 0; index < sizeof generic / sizeof *generic; index++) {
        if (text_equal_ignoring_case(name, generic[index]))
            return true;
    }
    return false;
}

enum sgr_status draft_root_name(struct draft *draft, const char **out_name, struct sgr_error *error)
{
    char *absolute = file_absolute(draft->root);
    char *slash = absolute ? strrchr(absolute, '/') : NULL;
    while (slash && slash != absolute && is_generic(slash + 1)) {
        *slash = '\0';
        slash = strrchr(absolute, '/');
    }
    const char *last = slash && slash[1] ? slash + 1 : "collection";
    enum sgr_status status = draft_check_name("..", last, error);
    *out_name = arena_text(&draft->scratch, last, strlen(last));
    memory_free(absolute);
    if (status == SGR_OK && !*out_name)
        status = error_no_memory(error, "a path");
    return status;
}

bool draft_is_hidden(const char *name)
{
    return *name == '.' || text_equal_ignoring_case(name, "__MACOSX") ||
           text_equal_ignoring_case(name, "Thumbs.db") ||
           text_equal_ignoring_case(name, "desktop.ini");
}

bool draft_is_picture(const char *name)
{
    return picture_is_name(name) && !text_ends_with_ignoring_case(name, ".psd");
}

enum sgr_status draft_check_name(const char *folder, const char *name, struct sgr_error *error)
{
    size_t length = strlen(name);
    if (text_is_utf8(name, length))
        return SGR_OK;
    /* The error's text has to be UTF-8, so the bytes that are not ASCII are shown as '?'. */
    char shown[256];
    size_t used = length < sizeof shown - 1 ? length : sizeof shown - 1;
    for (size_t at = 0; at < used; at++)
        shown[at] = (unsigned char)name[at] < 0x80 ? name[at] : '?';
    shown[used] = '\0';
    return error_set(error, SGR_INPUT, "%s/%s: the name is not UTF-8; rename it", folder, shown);
}

bool draft_is_plain_path(const char *path)
{
    if (strchr(path, '\\'))
        return false;
    for (const char *at = path;; at++) {
        size_t length = strcspn(at, "/");
        if (length == 0 || strncmp(at, ".", length) == 0 || strncmp(at, "..", length) == 0)
            return false;
        at += length;
        if (!*at)
            return true;
    }
}

enum sgr_status draft_picture(struct draft *draft, const char *path, uint32_t *out_index,
                              struct sgr_error *error)
{
    size_t known = draft->paths.count;
    struct arena *arena = &draft->collection->arena;
    if (intern_find(&draft->paths, path, strlen(path), out_index))
        return SGR_OK;
    const char *full = draft_full_path(draft, path);
    if (!full)
        return error_no_memory(error, "a path");
    struct picture_info info;
    enum sgr_status status = picture_probe(full, &info, error);
    if (status != SGR_OK)
        return status;
    struct collection_picture *grown =
        memory_grow(draft->pictures, &draft->picture_capacity, known + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the list of pictures");
    draft->pictures = grown;
    if (!intern_add(&draft->paths, arena, path, strlen(path), out_index))
        return error_no_memory(error, "the list of pictures");
    draft->pictures[known] =
        (struct collection_picture){draft->paths.entries[known].bytes, info.width, info.height};
    return SGR_OK;
}
