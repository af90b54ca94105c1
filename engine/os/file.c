/* Paths, listings, whole reads: what is done with names. Open files are in file_open.c. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/file.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "os/os_error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Folders that a removal keeps open; deeper ones are opened again. */
enum { REMOVE_HANDLES_MAX = 16 };

static struct file_info info_of(const struct stat *status)
{
    struct file_info info = {FILE_OTHER, 0};
    if (S_ISREG(status->st_mode)) {
        info.kind = FILE_REGULAR;
        info.size = (uint64_t)status->st_size;
    } else if (S_ISDIR(status->st_mode)) {
        info.kind = FILE_FOLDER;
    }
    return info;
}

enum sgr_status file_look(const char *path, struct file_info *out_info, struct sgr_error *error)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return os_error_input(error, "cannot look at", path);
        /* A link to nothing is there, and is nothing that could be read. */
        bool dangling = lstat(path, &status) == 0;
        *out_info = (struct file_info){dangling ? FILE_OTHER : FILE_MISSING, 0};
        return SGR_OK;
    }
    *out_info = info_of(&status);
    return SGR_OK;
}

static int compare_entries(const void *left, const void *right)
{
    const struct file_entry *a = left;
    const struct file_entry *b = right;
    return strcmp(a->name, b->name);
}

/* Calls `visit` for every name but "." and "..", in whatever order the system has them. */
static enum sgr_status each_name(DIR *folder, const char *path, file_visit visit, void *context,
                                 struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK) {
        errno = 0;
        struct dirent *entry = readdir(folder);
        if (!entry)
            return errno ? os_error_input(error, "cannot list the folder", path) : SGR_OK;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = visit(context, entry->d_name, error);
    }
    return status;
}

enum sgr_status file_each_name(const char *path, file_visit visit, void *context,
                               struct sgr_error *error)
{
    DIR *folder = opendir(path);
    if (!folder)
        return os_error_input(error, "cannot open the folder", path);
    enum sgr_status status = each_name(folder, path, visit, context, error);
    closedir(folder);
    return status;
}

/* A list being filled from an open folder. */
struct listing {
    struct file_list *list;
    const char *path;
    DIR *folder;
};

/*
 * What a name stands for. A link to nothing, or in a circle, is no more there than a file removed
 * meanwhile; whatever else hides an entry might hide art, and is a failure.
 */
static enum sgr_status look_in(const struct listing *listing, const char *name,
                               struct file_info *out_info, struct sgr_error *error)
{
    struct stat status;
    *out_info = (struct file_info){FILE_MISSING, 0};
    if (fstatat(dirfd(listing->folder), name, &status, 0) == 0) {
        *out_info = info_of(&status);
        return SGR_OK;
    }
    if (errno == ENOENT || errno == ELOOP)
        return SGR_OK;
    struct text path = {0};
    int reason = errno;
    text_format(&path, "%s/%s", listing->path, name);
    errno = reason;
    enum sgr_status failed =
        os_error_input(error, "cannot look at", path.failed ? name : path.bytes);
    text_finish(&path);
    return failed;
}

static enum sgr_status list_add(void *context, const char *name, struct sgr_error *error)
{
    const struct listing *listing = context;
    struct file_list *list = listing->list;
    struct file_entry *grown =
        memory_grow(list->entries, &list->capacity, list->count + 1, sizeof *list->entries);
    if (!grown)
        return error_no_memory(error, "a folder's names");
    list->entries = grown;
    struct file_entry *entry = &list->entries[list->count];
    enum sgr_status status = look_in(listing, name, &entry->info, error);
    if (status != SGR_OK)
        return status;
    entry->name = memory_copy_text(name);
    if (!entry->name)
        return error_no_memory(error, "a folder's names");
    list->count++;
    return SGR_OK;
}

enum sgr_status file_list_read(struct file_list *list, const char *path, struct sgr_error *error)
{
    struct listing listing = {list, path, opendir(path)};
    if (!listing.folder)
        return os_error_input(error, "cannot open the folder", path);
    enum sgr_status status = each_name(listing.folder, path, list_add, &listing, error);
    closedir(listing.folder);
    if (status == SGR_OK && list->count > 1)
        qsort(list->entries, list->count, sizeof *list->entries, compare_entries);
    return status;
}

void file_list_finish(struct file_list *list)
{
    for (size_t index = 0; index < list->count; index++)
        memory_free(list->entries[index].name);
    memory_free(list->entries);
    *list = (struct file_list){0};
}

enum sgr_status file_read(const char *path, uint64_t limit, uint8_t **out_bytes, size_t *out_size,
                          struct sgr_error *error)
{
    struct open_file handle;
    uint64_t size;
    enum sgr_status status = file_open_read(path, &handle, &size, error);
    if (status != SGR_OK)
        return status;
    uint8_t *bytes = NULL;
    if (size > limit)
        status = error_set(error, SGR_INPUT, "%s: the file has %llu bytes, more than the %llu read",
                           path, (unsigned long long)size, (unsigned long long)limit);
    else if (!(bytes = memory_allocate((size_t)size + 1, 1)))
        status = error_no_memory(error, path);
    else
        status = file_read_at(handle, 0, bytes, (size_t)size, path, error);
    file_abandon(&handle);
    if (status != SGR_OK) {
        memory_free(bytes);
        return status;
    }
    bytes[size] = 0;
    *out_bytes = bytes;
    *out_size = (size_t)size;
    return SGR_OK;
}

static enum sgr_status make_folder(const char *path, struct sgr_error *error)
{
    if (mkdir(path, 0777) == 0)
        return SGR_OK;
    struct stat status;
    int reason = errno;
    if (reason == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return SGR_OK;
    errno = reason == EEXIST ? ENOTDIR : reason;
    return os_error_output(error, "cannot make the folder", path);
}

enum sgr_status file_make_folders(const char *path, struct sgr_error *error)
{
    char *copy = memory_copy_text(path);
    if (!copy)
        return error_no_memory(error, "a path");
    enum sgr_status status = SGR_OK;
    for (char *at = copy + (*copy == '/'); *at && status == SGR_OK; at++) {
        if (*at != '/' || at[-1] == '/')
            continue;
        *at = '\0';
        status = make_folder(copy, error);
        *at = '/';
    }
    if (status == SGR_OK)
        status = make_folder(copy, error);
    memory_free(copy);
    return status;
}

enum sgr_status file_remove(const char *path, struct sgr_error *error)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return os_error_output(error, "cannot remove", path);
    return SGR_OK;
}

void file_remove_folder_if_empty(const char *path)
{
    /* Not empty and missing are both fine, and there is nothing to do about the rest. */
    (void)rmdir(path);
}

enum sgr_status file_make_unique_folder(const char *folder, const char *prefix, char **out_path,
                                        struct sgr_error *error)
{
    struct text path = {0};
    text_format(&path, "%s/%sXXXXXX", folder, prefix);
    if (path.failed)
        return error_no_memory(error, "a path");
    if (!mkdtemp(path.bytes)) {
        enum sgr_status status = os_error_output(error, "cannot make a folder in", folder);
        text_finish(&path);
        return status;
    }
    *out_path = path.bytes;
    return SGR_OK;
}

static int remove_visited(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

enum sgr_status file_remove_tree(const char *path, struct sgr_error *error)
{
    if (nftw(path, remove_visited, REMOVE_HANDLES_MAX, FTW_DEPTH | FTW_PHYS) != 0 &&
        errno != ENOENT)
        return os_error_output(error, "cannot remove", path);
    return SGR_OK;
}

enum sgr_status file_rename(const char *from, const char *to, struct sgr_error *error)
{
    if (rename(from, to) != 0)
        return os_error_output(error, "cannot rename a finished file to", to);
    return SGR_OK;
}

enum sgr_status file_sync_folder(const char *path, struct sgr_error *error)
{
    struct open_file handle = {open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (handle.descriptor < 0)
        return os_error_output(error, "cannot open the folder", path);
    enum sgr_status status = SGR_OK;
    /* A file system that cannot sync folders says so; its renames are as durable as they get. */
    if (fsync(handle.descriptor) != 0 && errno != EINVAL && errno != ENOTSUP)
        status = os_error_output(error, "cannot sync the folder", path);
    file_abandon(&handle);
    return status;
}

uint64_t file_free_bytes(const char *path)
{
    struct statvfs status;
    if (statvfs(path, &status) != 0)
        return UINT64_MAX;
    return (uint64_t)status.f_bavail * (uint64_t)status.f_frsize;
}

char *file_absolute(const char *path)
{
    char *resolved = realpath(path, NULL);
    if (!resolved)
        return NULL;
    char *copy = memory_copy_text(resolved);
    os_free(resolved);
    return copy;
}
