/* A hash for the seeds of random numbers where the libraries behind base/hash.c are missing. */
#include "base/hash.h"

uint64_t hash_64(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    while (size-- > 0)
        hash = (hash ^ *at++) * UINT64_C(0x100000001b3);
    return hash;
}
