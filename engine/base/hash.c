/* XXH3 by xxHash, SHA-256 by libcrypto. */
#include "base/hash.h"

#include "base/error.h"
#include "base/memory.h"

#define XXH_INLINE_ALL
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <xxhash.h>

struct hash_sha256 {
    EVP_MD_CTX *context;
};

uint64_t hash_64(const void *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

struct hash128 hash_128(const void *bytes, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, size);
    return (struct hash128){hash.low64, hash.high64};
}

struct hash_sha256 *hash_sha256_create(void)
{
    struct hash_sha256 *state = memory_allocate_zeroed(1, sizeof *state);
    if (!state)
        return NULL;
    /* Without memory for its own tables libcrypto 3.0 would go on and crash. */
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1 &&
        OSSL_LIB_CTX_get0_global_default())
        state->context = EVP_MD_CTX_new();
    if (!state->context || EVP_DigestInit_ex(state->context, EVP_sha256(), NULL) != 1)
        hash_sha256_destroy(&state);
    return state;
}

/* libcrypto's digests fail only on misuse once their context exists, hence asserts. */
void hash_sha256_begin(struct hash_sha256 *state)
{
    ERROR_ASSERT(EVP_DigestInit_ex(state->context, NULL, NULL) == 1);
}

void hash_sha256_add(struct hash_sha256 *state, const void *bytes, size_t size)
{
    ERROR_ASSERT(EVP_DigestUpdate(state->context, bytes, size) == 1);
}

void hash_sha256_end(struct hash_sha256 *state, uint8_t digest[HASH_SHA256_BYTES])
{
    unsigned length = 0;
    ERROR_ASSERT(EVP_DigestFinal_ex(state->context, digest, &length) == 1);
    ERROR_ASSERT(length == HASH_SHA256_BYTES);
}

void hash_sha256_destroy(struct hash_sha256 **state)
{
    if (!*state)
        return;
    EVP_MD_CTX_free((*state)->context);
    memory_free(*state);
    *state = NULL;
}

void hash_sha256_text(const uint8_t digest[HASH_SHA256_BYTES], char out_text[HASH_SHA256_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (int index = 0; index < HASH_SHA256_BYTES; index++) {
        out_text[2 * index] = digits[digest[index] >> 4];
        out_text[2 * index + 1] = digits[digest[index] & 15];
    }
    out_text[HASH_SHA256_TEXT - 1] = '\0';
}
