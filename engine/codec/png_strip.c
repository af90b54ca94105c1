/*
 * The strip writer. libdeflate has no flush, so after compressing, its last block is found, the
 * final bit cleared, and an empty stored block added, which ends on a byte: what zlib calls a sync
 * flush. Walking the blocks is left to zlib's inflate.
 */
#include "codec/png_strip.h"

#include "base/error.h"
#include "base/memory.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK_FRAME_BYTES = 12, CHUNK_DATA_OFFSET = 8, FLUSH_BYTES = 6 };

struct png_strip_encoder {
    struct libdeflate_compressor *compressor;
    z_stream inflater;
    bool inflater_ready;
    uint8_t *chunk;
    size_t chunk_capacity;
    uint8_t *discard; /* what the inflater writes while it looks for blocks */
    size_t raw_max;
};

/* Libdeflate levels on the size and speed front measured in bench/README.md. */
static int compression_level(enum sgr_png_level level)
{
    switch (level) {
    case SGR_PNG_FAST:
        return 2;
    case SGR_PNG_SMALL:
        return 9;
    case SGR_PNG_BALANCED:
        break;
    }
    return 6;
}

const char *png_strip_encoder_name(enum sgr_png_level level)
{
    switch (level) {
    case SGR_PNG_FAST:
        return "libdeflate-" LIBDEFLATE_VERSION_STRING "-2";
    case SGR_PNG_SMALL:
        return "libdeflate-" LIBDEFLATE_VERSION_STRING "-9";
    case SGR_PNG_BALANCED:
        break;
    }
    return "libdeflate-" LIBDEFLATE_VERSION_STRING "-6";
}

static void put_big_endian(uint8_t *target, uint32_t value)
{
    target[0] = (uint8_t)(value >> 24);
    target[1] = (uint8_t)(value >> 16);
    target[2] = (uint8_t)(value >> 8);
    target[3] = (uint8_t)value;
}

/* Frames `size` bytes that already stand at target + 8; returns the chunk's whole size. */
static size_t frame_chunk(uint8_t *target, const char type[4], size_t size)
{
    put_big_endian(target, (uint32_t)size);
    memcpy(target + 4, type, 4);
    put_big_endian(target + CHUNK_DATA_OFFSET + size, libdeflate_crc32(0, target + 4, size + 4));
    return size + CHUNK_FRAME_BYTES;
}

void png_strip_head(uint8_t head[PNG_HEAD_BYTES], uint32_t width, uint32_t height,
                    enum png_color color)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t zlib_header[2] = {0x78, 0x9c};
    memcpy(head, signature, sizeof signature);
    uint8_t *chunk = head + sizeof signature;
    uint8_t *data = chunk + CHUNK_DATA_OFFSET;
    put_big_endian(data, width);
    put_big_endian(data + 4, height);
    data[8] = 8;
    data[9] = (uint8_t)color;
    memset(data + 10, 0, 3);
    chunk += frame_chunk(chunk, "IHDR", 13);
    memcpy(chunk + CHUNK_DATA_OFFSET, zlib_header, sizeof zlib_header);
    frame_chunk(chunk, "IDAT", sizeof zlib_header);
}

void png_strip_tail(uint8_t tail[PNG_TAIL_BYTES], uint32_t adler)
{
    /* A final block of type "fixed" that holds only its end code. */
    static const uint8_t final_block[2] = {0x03, 0x00};
    memcpy(tail + CHUNK_DATA_OFFSET, final_block, sizeof final_block);
    put_big_endian(tail + CHUNK_DATA_OFFSET + sizeof final_block, adler);
    size_t used = frame_chunk(tail, "IDAT", sizeof final_block + 4);
    frame_chunk(tail + used, "IEND", 0);
}

uint32_t png_strip_join_adler(uint32_t first, uint32_t second, uint64_t second_size)
{
    return (uint32_t)adler32_combine(first, second, (z_off_t)second_size);
}

void png_strip_destroy(struct png_strip_encoder **encoder)
{
    if (!*encoder)
        return;
    libdeflate_free_compressor((*encoder)->compressor);
    if ((*encoder)->inflater_ready)
        inflateEnd(&(*encoder)->inflater);
    memory_free((*encoder)->chunk);
    memory_free((*encoder)->discard);
    memory_free(*encoder);
    *encoder = NULL;
}

enum sgr_status png_strip_create(enum sgr_png_level level, size_t raw_max,
                                 struct png_strip_encoder **out_encoder, struct sgr_error *error)
{
    struct png_strip_encoder *encoder = memory_allocate_zeroed(1, sizeof *encoder);
    if (!encoder)
        return error_no_memory(error, "an encoder");
    encoder->raw_max = raw_max;
    encoder->compressor = libdeflate_alloc_compressor(compression_level(level));
    encoder->inflater_ready = inflateInit2(&encoder->inflater, -MAX_WBITS) == Z_OK;
    encoder->discard = memory_allocate(raw_max + 1, 1);
    if (encoder->compressor) {
        size_t bound = libdeflate_deflate_compress_bound(encoder->compressor, raw_max);
        encoder->chunk_capacity = bound + FLUSH_BYTES + CHUNK_FRAME_BYTES;
        encoder->chunk = memory_allocate(encoder->chunk_capacity, 1);
    }
    if (!encoder->compressor || !encoder->inflater_ready || !encoder->discard || !encoder->chunk) {
        png_strip_destroy(&encoder);
        return error_no_memory(error, "an encoder");
    }
    *out_encoder = encoder;
    return SGR_OK;
}

/* The bit offsets of the last block's header and of the end of the stream. */
struct block_ends {
    size_t last_header;
    size_t end;
};

/* Inflates `size` bytes of a complete stream block by block; false when it is not one. */
static bool find_last_block(struct png_strip_encoder *encoder, const uint8_t *data, size_t size,
                            struct block_ends *out_ends)
{
    z_stream *stream = &encoder->inflater;
    if (inflateReset(stream) != Z_OK)
        return false;
    stream->next_in = (uint8_t *)(uintptr_t)data;
    stream->avail_in = (uInt)size;
    stream->next_out = encoder->discard;
    stream->avail_out = (uInt)(encoder->raw_max + 1);
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

enum sgr_status png_strip_encode(struct png_strip_encoder *encoder, const uint8_t *raw,
                                 size_t raw_size, struct png_strip *out_strip,
                                 struct sgr_error *error)
{
    ERROR_ASSERT(raw_size <= encoder->raw_max);
    uint8_t *data = encoder->chunk + CHUNK_DATA_OFFSET;
    size_t room = encoder->chunk_capacity - CHUNK_FRAME_BYTES - FLUSH_BYTES;
    size_t size = libdeflate_deflate_compress(encoder->compressor, raw, raw_size, data, room);
    struct block_ends ends;
    if (size == 0 || !find_last_block(encoder, data, size, &ends))
        return error_set(error, SGR_INTERNAL,
                         "compressing a strip of %zu bytes failed; please report it", raw_size);
    data[ends.last_header / 8] &= (uint8_t) ~(1u << (ends.last_header % 8));
    /* The stored block's three header bits are zero, and so is the padding after the end. */
    size_t bytes = (ends.end + 3 + 7) / 8;
    if (bytes > size)
        memset(data + size, 0, bytes - size);
    static const uint8_t empty_stored[4] = {0x00, 0x00, 0xff, 0xff};
    memcpy(data + bytes, empty_stored, sizeof empty_stored);
    out_strip->chunk = encoder->chunk;
    out_strip->size = frame_chunk(encoder->chunk, "IDAT", bytes + sizeof empty_stored);
    out_strip->adler = libdeflate_adler32(1, raw, raw_size);
    return SGR_OK;
}
