/* Open files: exact reads, complete writes, durability. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "os/os_error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum sgr_status file_open_read(const char *path, struct open_file *out_handle, uint64_t *out_size,
                               struct sgr_error *error)
{
    /* Non-blocking, so that a FIFO in the place of a picture is refused instead of waited for. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return os_error_input(error, "cannot open", path);
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(descriptor);
        return error_set(error, SGR_INPUT, "%s: not a regular file", path);
    }
    out_handle->descriptor = descriptor;
    *out_size = (uint64_t)status.st_size;
    return SGR_OK;
}

enum sgr_status file_open_device(const char *path, struct open_file *out_handle,
                                 struct sgr_error *error)
{
    int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        int reason = errno;
        bool is_refused = reason == EACCES || reason == EPERM;
        return error_set(error, SGR_USAGE, "cannot open %s: %s%s", path, strerror(reason),
                         is_refused ? "; add this user to the node's group (often render), or give "
                                      "the container the device"
                                    : "");
    }
    out_handle->descriptor = descriptor;
    return SGR_OK;
}

enum sgr_status file_open_write(const char *path, struct open_file *out_handle,
                                struct sgr_error *error)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (descriptor < 0)
        return os_error_output(error, "cannot create", path);
    out_handle->descriptor = descriptor;
    return SGR_OK;
}

enum sgr_status file_open_scratch(struct open_file *out_handle, struct sgr_error *error)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/tmp";
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s/serigraph-XXXXXX", folder);
        if (length > 0 && (size_t)length < sizeof path)
            descriptor = mkostemp(path, O_CLOEXEC);
        if (descriptor >= 0)
            unlink(path);
    }
    if (descriptor < 0)
        return os_error_output(error, "cannot make a scratch file in", folder);
    out_handle->descriptor = descriptor;
    return SGR_OK;
}

enum sgr_status file_read_at(struct open_file handle, uint64_t offset, void *bytes, size_t size,
                             const char *name, struct sgr_error *error)
{
    uint8_t *at = bytes;
    while (size > 0) {
        ssize_t got = pread(handle.descriptor, at, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return os_error_input(error, "cannot read", name);
        if (got == 0)
            return error_set(error, SGR_INPUT, "%s: the file ends too early; copy it again", name);
        at += got;
        size -= (size_t)got;
        offset += (uint64_t)got;
    }
    return SGR_OK;
}

enum sgr_status file_write_at(struct open_file handle, uint64_t offset, const void *bytes,
                              size_t size, const char *name, struct sgr_error *error)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t put = pwrite(handle.descriptor, at, size, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return os_error_output(error, "cannot write", name);
        at += put;
        size -= (size_t)put;
        offset += (uint64_t)put;
    }
    return SGR_OK;
}

void file_write_back(struct open_file handle)
{
    (void)sync_file_range(handle.descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

enum sgr_status file_sync(struct open_file handle, const char *name, struct sgr_error *error)
{
    if (fdatasync(handle.descriptor) != 0)
        return os_error_output(error, "cannot make durable", name);
    return SGR_OK;
}

enum sgr_status file_close(struct open_file *handle, const char *name, struct sgr_error *error)
{
    int descriptor = handle->descriptor;
    handle->descriptor = -1;
    if (descriptor >= 0 && close(descriptor) != 0 && errno != EINTR)
        return os_error_output(error, "cannot close", name);
    return SGR_OK;
}

void file_abandon(struct open_file *handle)
{
    if (handle->descriptor >= 0)
        (void)close(handle->descriptor);
    handle->descriptor = -1;
}

enum sgr_status file_lock_folder(const char *path, struct open_file *out_handle,
                                 struct sgr_error *error)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return os_error_output(error, "cannot open the folder", path);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        int reason = errno;
        close(descriptor);
        if (reason == EWOULDBLOCK)
            return error_set(error, SGR_USAGE,
                             "%s: another run is using this folder; wait for it, or choose "
                             "another --out",
                             path);
        errno = reason;
        return os_error_output(error, "cannot lock the folder", path);
    }
    out_handle->descriptor = descriptor;
    return SGR_OK;
}
