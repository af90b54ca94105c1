/* Fast digests for keys (XXH3) and the published one for files (SHA-256). */
#ifndef SGR_BASE_HASH_H
#define SGR_BASE_HASH_H

#include <serigraph/status.h>

#include <stddef.h>
#include <stdint.h>

/* A 128-bit key; compare with hash_equal. */
struct hash128 {
    uint64_t low;
    uint64_t high;
};

/* XXH3, 64 bits, seed 0. */
uint64_t hash_64(const void *bytes, size_t size);

/* XXH3, 128 bits, seed 0. */
struct hash128 hash_128(const void *bytes, size_t size);

/* Whether two keys are the same; 1 or 0. */
static inline int hash_equal(struct hash128 left, struct hash128 right)
{
    return left.low == right.low && left.high == right.high;
}

enum { HASH_SHA256_BYTES = 32, HASH_SHA256_TEXT = 65 };

struct hash_sha256;

/* A reusable SHA-256 state, or NULL without memory; one thread at a time. */
struct hash_sha256 *hash_sha256_create(void);

/* Starts a new message. */
void hash_sha256_begin(struct hash_sha256 *state);

/* Adds bytes to the message. */
void hash_sha256_add(struct hash_sha256 *state, const void *bytes, size_t size);

/* Ends the message and writes its digest. */
void hash_sha256_end(struct hash_sha256 *state, uint8_t digest[HASH_SHA256_BYTES]);

/* Accepts NULL, sets *state to NULL. */
void hash_sha256_destroy(struct hash_sha256 **state);

/* Lower-case hexadecimal with a final zero. */
void hash_sha256_text(const uint8_t digest[HASH_SHA256_BYTES], char out_text[HASH_SHA256_TEXT]);

#endif
