/* Fractions are reduced across before they are multiplied, so that real ones never overflow. */
#include "collection/opacity.h"

#include "base/wide.h"

struct opacity opacity_of(uint64_t scaled)
{
    uint64_t divisor = wide_gcd(scaled, OPACITY_SCALE);
    return (struct opacity){scaled / divisor, OPACITY_SCALE / divisor};
}

bool opacity_multiply(struct opacity *opacity, struct opacity factor)
{
    uint64_t first = wide_gcd(opacity->top, factor.bottom);
    uint64_t second = wide_gcd(factor.top, opacity->bottom);
    struct opacity product;
    /* The tops are no larger than the bottoms, so only the bottom can overflow. */
    if (__builtin_mul_overflow(opacity->bottom / second, factor.bottom / first, &product.bottom))
        return false;
    product.top = (opacity->top / first) * (factor.top / second);
    *opacity = product;
    return true;
}

uint8_t opacity_byte(struct opacity opacity)
{
    wide doubled = (wide)opacity.top * 255 * 2 + opacity.bottom;
    return (uint8_t)(doubled / ((wide)opacity.bottom * 2));
}
