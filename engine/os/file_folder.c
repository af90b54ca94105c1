/* Names in an open folder, and what makes them and their files durable. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/file_folder.h"

#include "base/error.h"
#include "base/text.h"
#include "os/os_error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Numbers of statfs, from the kernel's magic.h. */
#define EXT_MAGIC 0xef53
#define XFS_MAGIC 0x58465342
#define BTRFS_MAGIC 0x9123683e

enum { OPEN_FOLDER = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

enum sgr_status file_folder_fail(const struct file_folder *folder, const char *what,
                                 const char *name, struct sgr_error *error)
{
    int reason = errno;
    struct text path = {0};
    text_format(&path, "%s/%s", folder->path, name);
    errno = reason;
    enum sgr_status status =
        os_error_output(error, what, path.failed || !path.bytes ? folder->path : path.bytes);
    text_finish(&path);
    return status;
}

enum sgr_status file_folder_open(const char *path, struct file_folder *out_folder,
                                 struct sgr_error *error)
{
    int descriptor = open(path, OPEN_FOLDER);
    if (descriptor < 0)
        return os_error_output(error, "cannot open the folder", path);
    *out_folder = (struct file_folder){{descriptor}, path};
    return SGR_OK;
}

void file_folder_close(struct file_folder *folder)
{
    file_abandon(&folder->handle);
}

enum sgr_status file_folder_create(const struct file_folder *folder, const char *name,
                                   struct open_file *out_handle, struct sgr_error *error)
{
    int descriptor = openat(folder->handle.descriptor, name,
                            O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (descriptor < 0)
        return file_folder_fail(folder, "cannot create", name, error);
    out_handle->descriptor = descriptor;
    return SGR_OK;
}

enum sgr_status file_folder_remove(const struct file_folder *folder, const char *name,
                                   struct sgr_error *error)
{
    if (unlinkat(folder->handle.descriptor, name, 0) != 0 && errno != ENOENT)
        return file_folder_fail(folder, "cannot remove", name, error);
    return SGR_OK;
}

void file_folder_remove_if_empty(const struct file_folder *folder, const char *name)
{
    /* Not empty and missing are both fine, and there is nothing to do about the rest. */
    (void)unlinkat(folder->handle.descriptor, name, AT_REMOVEDIR);
}

enum sgr_status file_folder_make(const struct file_folder *folder, const char *name,
                                 struct sgr_error *error)
{
    if (mkdirat(folder->handle.descriptor, name, 0777) == 0)
        return file_folder_sync(folder, error);
    struct stat status;
    int reason = errno;
    if (reason == EEXIST && fstatat(folder->handle.descriptor, name, &status, 0) == 0 &&
        S_ISDIR(status.st_mode))
        return SGR_OK;
    errno = reason == EEXIST ? ENOTDIR : reason;
    return file_folder_fail(folder, "cannot make the folder", name, error);
}

enum sgr_status file_folder_rename(const struct file_folder *from, const char *from_name,
                                   const struct file_folder *to, const char *to_name,
                                   struct sgr_error *error)
{
    if (renameat(from->handle.descriptor, from_name, to->handle.descriptor, to_name) != 0)
        return file_folder_fail(to, "cannot rename a finished file to", to_name, error);
    return SGR_OK;
}

/* A file system that cannot sync folders says so; its renames are as durable as they get. */
static bool sync_names(int descriptor)
{
    return fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP;
}

enum sgr_status file_folder_sync(const struct file_folder *folder, struct sgr_error *error)
{
    if (!sync_names(folder->handle.descriptor))
        return os_error_output(error, "cannot sync the folder", folder->path);
    return SGR_OK;
}

enum sgr_status file_folder_sync_in(const struct file_folder *folder, const char *name,
                                    struct sgr_error *error)
{
    struct open_file handle = {openat(folder->handle.descriptor, name, OPEN_FOLDER)};
    if (handle.descriptor < 0)
        return file_folder_fail(folder, "cannot open the folder", name, error);
    enum sgr_status status = SGR_OK;
    if (!sync_names(handle.descriptor))
        status = file_folder_fail(folder, "cannot sync the folder", name, error);
    file_abandon(&handle);
    return status;
}

bool file_folder_can_sync_all(const struct file_folder *folder)
{
    struct utsname system;
    struct statfs status;
    if (uname(&system) != 0 || fstatfs(folder->handle.descriptor, &status) != 0)
        return false;
    /* Before Linux 5.8, syncfs kept silent about bytes that could not be written. */
    const char *dot = strchr(system.release, '.');
    unsigned long major = strtoul(system.release, NULL, 10);
    if (!dot || major < 5 || (major == 5 && strtoul(dot + 1, NULL, 10) < 8))
        return false;
    unsigned long type = (unsigned long)status.f_type;
    return type == EXT_MAGIC || type == XFS_MAGIC || type == BTRFS_MAGIC;
}

enum sgr_status file_folder_sync_all(const struct file_folder *folder, struct sgr_error *error)
{
    if (syncfs(folder->handle.descriptor) != 0)
        return os_error_output(error, "cannot make durable the files of", folder->path);
    /* ext4 without a journal writes inodes after its last flush of the disk's own cache. */
    return file_folder_sync(folder, error);
}
