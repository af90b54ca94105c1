/* Reads a finished file back, so that its row says what is on disk. */
#include "store/document.h"

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"

enum { READ_BYTES = 1 << 18 };

static enum sgr_status digest(const char *path, struct manifest_file *out_file,
                              struct sgr_error *error)
{
    struct hash_sha256 *hash = hash_sha256_create();
    uint8_t *buffer = memory_allocate(READ_BYTES, 1);
    struct open_file handle = OPEN_FILE_NONE;
    enum sgr_status status = SGR_OK;
    if (!hash || !buffer)
        status = error_no_memory(error, "a digest");
    else
        status = file_open_read(path, &handle, &out_file->bytes, error);
    if (status == SGR_OK)
        hash_sha256_begin(hash);
    for (uint64_t at = 0; status == SGR_OK && at < out_file->bytes; at += READ_BYTES) {
        uint64_t left = out_file->bytes - at;
        size_t step = left < READ_BYTES ? (size_t)left : READ_BYTES;
        status = file_read_at(handle, at, buffer, step, path, error);
        if (status == SGR_OK)
            hash_sha256_add(hash, buffer, step);
    }
    if (status == SGR_OK)
        hash_sha256_end(hash, out_file->sha256);
    file_abandon(&handle);
    memory_free(buffer);
    hash_sha256_destroy(&hash);
    return status;
}

enum sgr_status document_add(struct manifest *manifest, const char *folder, const char *name,
                             struct sgr_error *error)
{
    struct text path = {0};
    struct manifest_file file = {0};
    text_format(&path, "%s/%s", folder, name);
    enum sgr_status status =
        path.failed ? error_no_memory(error, "a path") : digest(path.bytes, &file, error);
    text_finish(&path);
    if (status == SGR_OK)
        status = manifest_begin(manifest, error);
    if (status != SGR_OK)
        return status;
    status = manifest_add_document(manifest, name, &file, error);
    if (status == SGR_OK)
        status = manifest_commit(manifest, error);
    if (status != SGR_OK)
        manifest_rollback(manifest);
    return status;
}
