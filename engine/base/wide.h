/* 128-bit whole numbers, for products that must stay exact. */
#ifndef SGR_BASE_WIDE_H
#define SGR_BASE_WIDE_H

#include <stdint.h>

/* Both compilers of the project have it; ISO C does not, hence the marker. */
__extension__ typedef unsigned __int128 wide;

/* The greatest common divisor; wide_gcd(0, x) is x. */
static inline uint64_t wide_gcd(uint64_t left, uint64_t right)
{
    while (right) {
        uint64_t rest = left % right;
        left = right;
        right = rest;
    }
    return left;
}

#endif
