/*
 * Little-endian bytes in and out, for files of our own. Reading is bounded: past the end, or after
 * anything that did not fit, every value is 0 and `failed` is set, so that one check at the end of
 * a structure is enough.
 */
#ifndef SGR_BASE_BYTES_H
#define SGR_BASE_BYTES_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes being read from front to back; borrowed. */
struct bytes_reader {
    const uint8_t *at;
    size_t left;
    bool failed;
};

/* Adds an unsigned number of `width` bytes (1, 2, 4 or 8). */
void bytes_put(struct text *out, uint64_t value, unsigned width);

/* Adds a text as its length (4 bytes) and its bytes; NULL is stored apart from the empty text. */
void bytes_put_text(struct text *out, const char *value);

/* Writes an unsigned number of `width` bytes at `target`. */
void bytes_store(uint8_t *target, uint64_t value, unsigned width);

/* Reads an unsigned number of `width` bytes from `source`. */
uint64_t bytes_load(const uint8_t *source, unsigned width);

/* Reads four bytes as PNG has them, the highest first. */
uint32_t bytes_load_big_endian(const uint8_t *source);

/* Takes an unsigned number of `width` bytes; above `limit` it counts as failed. */
uint64_t bytes_get(struct bytes_reader *reader, unsigned width, uint64_t limit);

/*
 * Takes a text: *out_bytes points into the reader's bytes (without a final zero), NULL for a
 * stored NULL or after failure.
 */
size_t bytes_get_text(struct bytes_reader *reader, const char **out_bytes);

#endif
