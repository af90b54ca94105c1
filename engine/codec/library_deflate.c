/*
 * libdeflate has no flush, so after compressing, its last block is found, the final bit cleared,
 * and an empty stored block added: what zlib calls a sync flush. Walking the blocks is left to
 * zlib's inflate.
 */
#include "codec/library_deflate.h"

#include "base/error.h"
#include "base/memory.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

enum { FLUSH_BYTES = 6 };

struct library_deflate {
    struct libdeflate_compressor *compressor;
    z_stream inflater;
    bool inflater_ready;
    uint8_t *discard; /* what the inflater writes while it looks for blocks */
    size_t raw_max;
};

void library_deflate_destroy(struct library_deflate **deflate)
{
    if (!*deflate)
        return;
    libdeflate_free_compressor((*deflate)->compressor);
    if ((*deflate)->inflater_ready)
        inflateEnd(&(*deflate)->inflater);
    memory_free((*deflate)->discard);
    memory_free(*deflate);
    *deflate = NULL;
}

enum sgr_status library_deflate_create(int level, size_t raw_max,
                                       struct library_deflate **out_deflate,
                                       struct sgr_error *error)
{
    struct library_deflate *deflate = memory_allocate_zeroed(1, sizeof *deflate);
    if (!deflate)
        return error_no_memory(error, "an encoder");
    deflate->raw_max = raw_max;
    deflate->compressor = libdeflate_alloc_compressor(level);
    deflate->inflater_ready = inflateInit2(&deflate->inflater, -MAX_WBITS) == Z_OK;
    deflate->discard = memory_allocate(raw_max + 1, 1);
    if (!deflate->compressor || !deflate->inflater_ready || !deflate->discard) {
        library_deflate_destroy(&deflate);
        return error_no_memory(error, "an encoder");
    }
    *out_deflate = deflate;
    return SGR_OK;
}

size_t library_deflate_bound(struct library_deflate *deflate, size_t raw_size)
{
    return libdeflate_deflate_compress_bound(deflate->compressor, raw_size) + FLUSH_BYTES;
}

/* The bit offsets of the last block's header and of the end of the stream. */
struct block_ends {
    size_t last_header;
    size_t end;
};

/* Inflates `size` bytes of a complete stream block by block; false when it is not one. */
static bool find_last_block(struct library_deflate *deflate, const uint8_t *data, size_t size,
                            struct block_ends *out_ends)
{
    z_stream *stream = &deflate->inflater;
    if (inflateReset(stream) != Z_OK)
        return false;
    stream->next_in = (uint8_t *)(uintptr_t)data;
    stream->avail_in = (uInt)size;
    stream->next_out = deflate->discard;
    stream->avail_out = (uInt)(deflate->raw_max + 1);
    out_ends->last_header = 0;
    while (inflate(stream, Z_BLOCK) == Z_OK && (stream->data_type & 128)) {
        /* zlib's data_type: 128 after a block, 64 when it was the last, and the bits not used. */
        size_t position = ((size_t)(stream->next_in - data)) * 8 - (size_t)(stream->data_type & 7);
        if (stream->data_type & 64) {
            out_ends->end = position;
            return true;
        }
        out_ends->last_header = position;
    }
    return false;
}

enum sgr_status library_deflate_run(struct library_deflate *deflate, const uint8_t *raw,
                                    size_t raw_size, uint8_t *target, size_t *out_size,
                                    struct sgr_error *error)
{
    ERROR_ASSERT(raw_size <= deflate->raw_max);
    size_t room = library_deflate_bound(deflate, raw_size) - FLUSH_BYTES;
    size_t size = libdeflate_deflate_compress(deflate->compressor, raw, raw_size, target, room);
    struct block_ends ends;
    if (size == 0 || !find_last_block(deflate, target, size, &ends))
        return error_set(error, SGR_INTERNAL,
                         "compressing a strip of %zu bytes failed; please report it", raw_size);
    target[ends.last_header / 8] &= (uint8_t) ~(1u << (ends.last_header % 8));
    /* The stored block's three header bits are zero, and so is the padding after the end. */
    size_t bytes = (ends.end + 3 + 7) / 8;
    if (bytes > size)
        memset(target + size, 0, bytes - size);
    static const uint8_t empty_stored[4] = {0x00, 0x00, 0xff, 0xff};
    memcpy(target + bytes, empty_stored, sizeof empty_stored);
    *out_size = bytes + sizeof empty_stored;
    return SGR_OK;
}
