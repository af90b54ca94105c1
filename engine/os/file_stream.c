/* A buffered writer that publishes its file only when it is complete. */
#include "os/file_stream.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum { BUFFER_BYTES = 1 << 18 };

static void finish(struct file_stream *stream)
{
    file_abandon(&stream->handle);
    memory_free(stream->path);
    memory_free(stream->temporary);
    memory_free(stream->buffer);
    *stream = (struct file_stream){.handle = OPEN_FILE_NONE};
}

/* A commit renames, which would put a file in the place of a device. */
static enum sgr_status check_place(const char *path, struct sgr_error *error)
{
    struct file_info info;
    /* What cannot be looked at is told of when the file is opened beside it. */
    if (file_look(path, &info, NULL) != SGR_OK || info.kind == FILE_MISSING ||
        info.kind == FILE_REGULAR)
        return SGR_OK;
    return error_set(error, SGR_OUTPUT,
                     "%s: this is no regular file, so it is not replaced; choose another name",
                     path);
}

enum sgr_status file_stream_open(struct file_stream *stream, const char *path,
                                 struct sgr_error *error)
{
    static const char ending[] = ".tmp";
    size_t length = strlen(path);
    *stream = (struct file_stream){.handle = OPEN_FILE_NONE};
    enum sgr_status status = check_place(path, error);
    if (status != SGR_OK)
        return status;
    stream->path = memory_copy_text(path);
    stream->temporary = memory_allocate(length + sizeof ending, 1);
    stream->buffer = memory_allocate(BUFFER_BYTES, 1);
    if (!stream->path || !stream->temporary || !stream->buffer) {
        finish(stream);
        return error_no_memory(error, path);
    }
    memcpy(stream->temporary, path, length);
    memcpy(stream->temporary + length, ending, sizeof ending);
    status = file_open_write(stream->temporary, &stream->handle, error);
    if (status != SGR_OK)
        finish(stream);
    return status;
}

enum sgr_status file_stream_open_scratch(struct file_stream *stream, struct sgr_error *error)
{
    *stream = (struct file_stream){.handle = OPEN_FILE_NONE};
    stream->path = memory_copy_text("a scratch file");
    stream->buffer = memory_allocate(BUFFER_BYTES, 1);
    if (!stream->path || !stream->buffer) {
        finish(stream);
        return error_no_memory(error, "a scratch file");
    }
    enum sgr_status status = file_open_scratch(&stream->handle, error);
    if (status != SGR_OK)
        finish(stream);
    return status;
}

static enum sgr_status flush(struct file_stream *stream, struct sgr_error *error)
{
    enum sgr_status status = file_write_at(stream->handle, stream->size - stream->used,
                                           stream->buffer, stream->used, stream->path, error);
    if (status == SGR_OK)
        stream->used = 0;
    return status;
}

enum sgr_status file_stream_write(struct file_stream *stream, const void *bytes, size_t size,
                                  struct sgr_error *error)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        if (stream->used == BUFFER_BYTES) {
            enum sgr_status status = flush(stream, error);
            if (status != SGR_OK)
                return status;
        }
        size_t room = BUFFER_BYTES - stream->used;
        size_t step = size < room ? size : room;
        memcpy(stream->buffer + stream->used, at, step);
        stream->used += step;
        stream->size += step;
        at += step;
        size -= step;
    }
    return SGR_OK;
}

enum sgr_status file_stream_patch(struct file_stream *stream, uint64_t offset, const void *bytes,
                                  size_t size, struct sgr_error *error)
{
    ERROR_ASSERT(offset + size <= stream->size);
    enum sgr_status status = flush(stream, error);
    if (status != SGR_OK)
        return status;
    return file_write_at(stream->handle, offset, bytes, size, stream->path, error);
}

/* Syncs the folder that holds `path`; the separator is put back. */
static enum sgr_status sync_folder_of(char *path, struct sgr_error *error)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return file_sync_folder(".", error);
    if (slash == path)
        return file_sync_folder("/", error);
    *slash = '\0';
    enum sgr_status status = file_sync_folder(path, error);
    *slash = '/';
    return status;
}

enum sgr_status file_stream_commit(struct file_stream *stream, struct sgr_error *error)
{
    enum sgr_status status = flush(stream, error);
    if (status == SGR_OK)
        status = file_sync(stream->handle, stream->path, error);
    if (status == SGR_OK)
        status = file_close(&stream->handle, stream->path, error);
    if (status == SGR_OK)
        status = file_rename(stream->temporary, stream->path, error);
    if (status != SGR_OK) {
        file_stream_discard(stream);
        return status;
    }
    status = sync_folder_of(stream->path, error);
    finish(stream);
    return status;
}

enum sgr_status file_stream_take(struct file_stream *stream, struct open_file *out_handle,
                                 uint64_t *out_size, struct sgr_error *error)
{
    enum sgr_status status = flush(stream, error);
    if (status == SGR_OK) {
        *out_handle = stream->handle;
        *out_size = stream->size;
        stream->handle = OPEN_FILE_NONE;
    }
    finish(stream);
    return status;
}

void file_stream_discard(struct file_stream *stream)
{
    if (!stream->path)
        return;
    file_abandon(&stream->handle);
    if (stream->temporary) {
        struct sgr_error ignored;
        (void)!file_remove(stream->temporary, &ignored);
    }
    finish(stream);
}
