/*
 * Making and taking the output folder. A folder without a manifest is only taken when there is
 * nothing in it that a run could confuse with its own files.
 */
#include "store/item_folder.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

char *item_folder_join(const char *folder, const char *name)
{
    struct text path = {0};
    size_t length = strlen(folder);
    text_append(&path, folder, length);
    if (length > 0 && folder[length - 1] != '/')
        text_add(&path, "/");
    text_add(&path, name);
    if (path.failed)
        text_finish(&path);
    return path.bytes;
}

void item_folder_sub_name(char out_name[MANIFEST_PATH_BYTES], uint64_t number)
{
    /* With a fanout of one, an item's number is its sub-folder's. */
    char path[MANIFEST_PATH_BYTES];
    manifest_path(path, MANIFEST_IMAGE, number, 1);
    const char *name = strchr(path, '/') + 1;
    size_t length = strcspn(name, "/");
    memcpy(out_name, name, length);
    out_name[length] = '\0';
}

/* The next length of `path` after `length` that ends a component. */
static size_t next_length(const char *path, size_t length)
{
    length += strspn(path + length, "/");
    return length + strcspn(path + length, "/");
}

/* Finds out how much of the path is there already. */
static enum sgr_status measure_existing(struct item_folder *folder, struct sgr_error *error)
{
    size_t length = 0;
    size_t total = strlen(folder->path);
    while (length < total) {
        size_t next = next_length(folder->path, length);
        char saved = folder->path[next];
        struct file_info info;
        folder->path[next] = '\0';
        enum sgr_status status = file_look(folder->path, &info, error);
        folder->path[next] = saved;
        if (status != SGR_OK)
            return status;
        if (info.kind == FILE_MISSING)
            break;
        length = next;
    }
    folder->existing = length;
    return SGR_OK;
}

/* Makes durable the names of the folders that were made above DIR's own files. */
static enum sgr_status sync_parents(struct item_folder *folder, struct sgr_error *error)
{
    size_t total = strlen(folder->path);
    enum sgr_status status = SGR_OK;
    for (size_t length = folder->existing; length < total && status == SGR_OK;
         length = next_length(folder->path, length)) {
        /* Nothing before the first component is the root or the working folder. */
        const char *start = folder->path[0] == '/' ? "/" : ".";
        char saved = folder->path[length];
        folder->path[length] = '\0';
        status = file_sync_folder(length > 0 ? folder->path : start, error);
        folder->path[length] = saved;
    }
    return status;
}

static enum sgr_status refuse_entry(void *context, const char *name, struct sgr_error *error)
{
    return error_set(error, SGR_USAGE,
                     "%s: it has %s but no manifest.db, so serigraph did not make it; choose "
                     "another --out",
                     (const char *)context, name);
}

/* A subfolder with something in it, in a folder without a manifest, is somebody else's. */
static enum sgr_status check_unused(char *path, struct sgr_error *error)
{
    struct file_info info;
    enum sgr_status status = file_look(path, &info, error);
    if (status != SGR_OK || info.kind != FILE_FOLDER)
        return status;
    return file_each_name(path, refuse_entry, path, error);
}

static enum sgr_status check_ours(struct item_folder *folder, struct sgr_error *error)
{
    struct file_info info;
    enum sgr_status status = file_look(folder->manifest, &info, error);
    if (status != SGR_OK)
        return status;
    if (info.kind != FILE_MISSING)
        return SGR_OK;
    status = check_unused(folder->images, error);
    if (status == SGR_OK)
        status = check_unused(folder->metadata, error);
    return status == SGR_OK ? check_unused(folder->partial, error) : status;
}

/* Removes what a run that was cut off left in .partial; no row vouches for any of it. */
static enum sgr_status empty_partial(struct item_folder *folder, struct sgr_error *error)
{
    struct file_list list = {0};
    enum sgr_status status = file_list_read(&list, folder->partial, error);
    for (size_t index = 0; index < list.count && status == SGR_OK; index++) {
        /* We never make folders there. */
        if (list.entries[index].info.kind == FILE_FOLDER)
            continue;
        char *path = item_folder_join(folder->partial, list.entries[index].name);
        status = path ? file_remove(path, error) : error_no_memory(error, "a path");
        memory_free(path);
    }
    file_list_finish(&list);
    return status;
}

/* Makes a subfolder and tells whether it is new. */
static enum sgr_status make_subfolder(const char *path, bool *out_made, struct sgr_error *error)
{
    struct file_info info;
    enum sgr_status status = file_look(path, &info, error);
    if (status != SGR_OK)
        return status;
    *out_made = info.kind == FILE_MISSING;
    return file_make_folders(path, error);
}

/* Everything that needs the folder to be taken. */
static enum sgr_status fill(struct item_folder *folder, struct sgr_error *error)
{
    enum sgr_status status = check_ours(folder, error);
    if (status == SGR_OK)
        status = make_subfolder(folder->images, &folder->made_images, error);
    if (status == SGR_OK)
        status = make_subfolder(folder->metadata, &folder->made_metadata, error);
    if (status == SGR_OK)
        status = file_make_folders(folder->partial, error);
    if (status == SGR_OK)
        status = empty_partial(folder, error);
    if (status == SGR_OK)
        status = sync_parents(folder, error);
    if (status == SGR_OK)
        status = file_sync_folder(folder->path, error);
    if (status == SGR_OK)
        status = file_folder_open(folder->images, &folder->images_folder, error);
    if (status == SGR_OK)
        status = file_folder_open(folder->metadata, &folder->metadata_folder, error);
    return status == SGR_OK ? file_folder_open(folder->partial, &folder->partial_folder, error)
                            : status;
}

static void finish(struct item_folder *folder)
{
    file_folder_close(&folder->images_folder);
    file_folder_close(&folder->metadata_folder);
    file_folder_close(&folder->partial_folder);
    memory_free(folder->path);
    memory_free(folder->images);
    memory_free(folder->metadata);
    memory_free(folder->partial);
    memory_free(folder->manifest);
    *folder = (struct item_folder){0};
}

enum sgr_status item_folder_open(const char *path, struct item_folder *out_folder,
                                 struct sgr_error *error)
{
    if (!*path)
        return error_set(error, SGR_USAGE, "the output folder's name is empty; name one by --out");
    struct item_folder folder = {.lock = OPEN_FILE_NONE,
                                 .images_folder.handle = OPEN_FILE_NONE,
                                 .metadata_folder.handle = OPEN_FILE_NONE,
                                 .partial_folder.handle = OPEN_FILE_NONE};
    folder.path = memory_copy_text(path);
    folder.images = item_folder_join(path, "images");
    folder.metadata = item_folder_join(path, "metadata");
    folder.partial = item_folder_join(path, ".partial");
    folder.manifest = item_folder_join(path, "manifest.db");
    if (!folder.path || !folder.images || !folder.metadata || !folder.partial || !folder.manifest) {
        finish(&folder);
        return error_no_memory(error, "the output folder's paths");
    }
    enum sgr_status status = measure_existing(&folder, error);
    if (status == SGR_OK)
        status = file_make_folders(path, error);
    if (status == SGR_OK) {
        status = file_lock_folder(path, &folder.lock, error);
        folder.held_elsewhere = status == SGR_USAGE;
    }
    if (status == SGR_OK)
        status = fill(&folder, error);
    if (status != SGR_OK) {
        item_folder_withdraw(&folder);
        return status;
    }
    *out_folder = folder;
    return SGR_OK;
}

void item_folder_close(struct item_folder *folder)
{
    if (!folder->path)
        return;
    file_remove_folder_if_empty(folder->partial);
    file_abandon(&folder->lock);
    finish(folder);
}

/* Removes the empty folders of DIR's path from its end back to what was there before. */
static void remove_made(struct item_folder *folder)
{
    char *path = folder->path;
    size_t length = strlen(path);
    while (length > folder->existing) {
        path[length] = '\0';
        file_remove_folder_if_empty(path);
        while (length > 0 && path[length - 1] == '/')
            length--;
        while (length > 0 && path[length - 1] != '/')
            length--;
        while (length > 0 && path[length - 1] == '/')
            length--;
    }
}

void item_folder_withdraw(struct item_folder *folder)
{
    if (!folder->path)
        return;
    /* What another process works in is its own, even when this one made the folder. */
    if (!folder->held_elsewhere) {
        if (folder->made_images)
            file_remove_folder_if_empty(folder->images);
        if (folder->made_metadata)
            file_remove_folder_if_empty(folder->metadata);
        file_remove_folder_if_empty(folder->partial);
        remove_made(folder);
    }
    file_abandon(&folder->lock);
    finish(folder);
}
