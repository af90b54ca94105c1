/*
 * A file written from front to back through a buffer, under a temporary name until it is complete
 * and durable. Thread rule: one thread at a time.
 */
#ifndef SGR_OS_FILE_STREAM_H
#define SGR_OS_FILE_STREAM_H

#include "os/file.h"

/* Start from file_stream_open; end with file_stream_commit or file_stream_discard. */
struct file_stream {
    struct open_file handle;
    char *path;
    char *temporary;
    uint8_t *buffer;
    size_t used;
    uint64_t size; /* bytes written so far, buffered ones included */
};

/* Begins "<path>.tmp"; nothing stands under `path` until the commit. */
enum sgr_status file_stream_open(struct file_stream *stream, const char *path,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Begins a nameless file that file_stream_take hands over instead of a commit. */
enum sgr_status file_stream_open_scratch(struct file_stream *stream,
                                         struct sgr_error *error) SGR_MUST_USE;

/* Flushes a scratch stream and hands its file over; the stream is ended either way. */
enum sgr_status file_stream_take(struct file_stream *stream, struct open_file *out_handle,
                                 uint64_t *out_size, struct sgr_error *error) SGR_MUST_USE;

/* Adds bytes. */
enum sgr_status file_stream_write(struct file_stream *stream, const void *bytes, size_t size,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Writes `size` bytes over earlier ones at `offset` (a header that is known only at the end). */
enum sgr_status file_stream_patch(struct file_stream *stream, uint64_t offset, const void *bytes,
                                  size_t size, struct sgr_error *error) SGR_MUST_USE;

/* Flushes, syncs, renames to the final name, syncs the folder; ends the stream in any case. */
enum sgr_status file_stream_commit(struct file_stream *stream,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Removes what was written; does nothing on a stream that is ended or all zero. */
void file_stream_discard(struct file_stream *stream);

#endif
