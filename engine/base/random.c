/* xoshiro256** and unbiased bounded numbers. */
#include "base/random.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/wide.h"

#include <string.h>

static uint64_t split_mix(uint64_t *state)
{
    uint64_t value = *state += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

void random_init(struct random *random, const char *seed, uint64_t stream)
{
    uint64_t start = hash_64(seed, strlen(seed)) ^ (stream * 0xd1342543de82ef95u);
    for (int index = 0; index < 4; index++)
        random->state[index] = split_mix(&start);
}

static uint64_t rotate(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t carried = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= carried;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    ERROR_ASSERT(bound > 0);
    wide product = (wide)random_next(random) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = (0 - bound) % bound;
        while ((uint64_t)product < threshold)
            product = (wide)random_next(random) * bound;
    }
    return (uint64_t)(product >> 64);
}
