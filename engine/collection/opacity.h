/*
 * Opacities as exact fractions: those of a layer, its folders, a file and a trait multiply, and
 * only the product is rounded, once, to the 0..255 that the blend rule takes. Pure functions.
 */
#ifndef SGR_COLLECTION_OPACITY_H
#define SGR_COLLECTION_OPACITY_H

#include <stdbool.h>
#include <stdint.h>

/* What 1.0 is among decimals read with 9 places. */
#define OPACITY_SCALE UINT64_C(1000000000)

/* top / bottom, 0..1, in lowest terms. */
struct opacity {
    uint64_t top;
    uint64_t bottom;
};

#define OPACITY_FULL ((struct opacity){1, 1})

/* The fraction scaled / OPACITY_SCALE; `scaled` is 0..OPACITY_SCALE. */
struct opacity opacity_of(uint64_t scaled);

/*
 * Multiplies *opacity by `factor`; false, and nothing changed, when the exact product needs more
 * than 64 bits (about 18 decimals in all).
 */
bool opacity_multiply(struct opacity *opacity, struct opacity factor);

/* round(255 * opacity), ties up. */
uint8_t opacity_byte(struct opacity opacity);

#endif
