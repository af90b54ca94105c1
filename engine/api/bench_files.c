/* Makes, reads and removes what a bench writes. */
#include "api/bench_files.h"

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "store/item_folder.h"

/* Far above any image; a size that a file cannot have is a mistake. */
#define FILE_BYTES_MAX (UINT64_C(1) << 34)

static enum sgr_status make_in(const char *folder, const char *name, char **out_path,
                               struct sgr_error *error)
{
    *out_path = item_folder_join(folder, name);
    return *out_path ? file_make_folders(*out_path, error) : error_no_memory(error, "a path");
}

/* Makes the floor's folder anew: files that are replaced cost something else than new ones. */
static enum sgr_status empty_floor(struct bench_files *files, struct sgr_error *error)
{
    char *paths[2] = {NULL, NULL};
    enum sgr_status status = file_remove_tree(files->floor_folder, error);
    if (status == SGR_OK)
        status = make_in(files->floor_folder, "images", &paths[0], error);
    if (status == SGR_OK)
        status = make_in(files->floor_folder, "metadata", &paths[1], error);
    memory_free(paths[0]);
    memory_free(paths[1]);
    return status;
}

enum sgr_status bench_files_open(struct bench_files *files, const char *parent,
                                 struct sgr_error *error)
{
    struct file_info info;
    files->parent = memory_copy_text(parent ? parent : ".");
    if (!files->parent)
        return error_no_memory(error, "a path");
    enum sgr_status status = file_look(files->parent, &info, error);
    if (status == SGR_OK)
        status = file_make_folders(files->parent, error);
    files->made_parent = status == SGR_OK && info.kind == FILE_MISSING;
    if (status == SGR_OK)
        status = file_make_unique_folder(files->parent, ".serigraph-bench-", &files->folder, error);
    if (status == SGR_OK)
        status = make_in(files->folder, "run", &files->run_folder, error);
    if (status == SGR_OK)
        status = make_in(files->folder, "floor", &files->floor_folder, error);
    return status;
}

static enum sgr_status load_file(const struct bench_files *files, enum manifest_kind kind,
                                 uint64_t id, uint8_t **out_bytes, size_t *out_size,
                                 struct sgr_error *error)
{
    char name[MANIFEST_PATH_BYTES];
    manifest_path(name, kind, id, 0);
    char *path = item_folder_join(files->run_folder, name);
    if (!path)
        return error_no_memory(error, "a path");
    enum sgr_status status = file_read(path, FILE_BYTES_MAX, out_bytes, out_size, error);
    memory_free(path);
    return status;
}

/* Whether the run made an item: those after the last one have no files. */
static bool was_made(const struct bench_files *files, uint64_t id)
{
    char name[MANIFEST_PATH_BYTES];
    struct file_info info = {FILE_MISSING, 0};
    manifest_path(name, MANIFEST_IMAGE, id, 0);
    char *path = item_folder_join(files->run_folder, name);
    bool made = path && file_look(path, &info, NULL) == SGR_OK && info.kind == FILE_REGULAR;
    memory_free(path);
    return made;
}

static enum sgr_status load_item(struct bench_files *files, uint64_t id, struct sgr_error *error)
{
    struct floor_item *grown =
        memory_grow(files->items, &files->capacity, files->count + 1, sizeof *files->items);
    if (!grown)
        return error_no_memory(error, "the files of a run");
    files->items = grown;
    struct floor_item *item = &files->items[files->count++];
    *item = (struct floor_item){.id = id};
    enum sgr_status status =
        load_file(files, MANIFEST_IMAGE, id, &item->image, &item->image_size, error);
    if (status == SGR_OK)
        status =
            load_file(files, MANIFEST_METADATA, id, &item->metadata, &item->metadata_size, error);
    files->bytes += item->image_size + item->metadata_size;
    return status;
}

enum sgr_status bench_files_load(struct bench_files *files, struct plan *plan,
                                 struct sgr_error *error)
{
    enum sgr_status status = empty_floor(files, error);
    for (uint64_t index = 0; index < plan_count(plan) && status == SGR_OK; index++) {
        struct plan_item item;
        status = plan_read(plan, index, &item, error);
        if (status != SGR_OK || !was_made(files, item.id))
            break;
        status = load_item(files, item.id, error);
    }
    return status;
}

void bench_files_unload(struct bench_files *files)
{
    for (size_t index = 0; index < files->count; index++) {
        memory_free(files->items[index].image);
        memory_free(files->items[index].metadata);
    }
    memory_free(files->items);
    files->items = NULL;
    files->count = 0;
    files->capacity = 0;
    files->bytes = 0;
}

enum sgr_status bench_files_close(struct bench_files *files, enum sgr_status status,
                                  struct sgr_error *error)
{
    enum sgr_status removed = SGR_OK;
    if (files->folder)
        removed = file_remove_tree(files->folder, status == SGR_OK ? error : NULL);
    if (files->made_parent)
        file_remove_folder_if_empty(files->parent);
    bench_files_unload(files);
    memory_free(files->floor_folder);
    memory_free(files->run_folder);
    memory_free(files->folder);
    memory_free(files->parent);
    *files = (struct bench_files){0};
    return status == SGR_OK ? removed : status;
}
