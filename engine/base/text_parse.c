/* Reading numbers from text, exactly: no floating point, no locale, no silent overflow. */
#include "base/text.h"

#include <string.h>

/* Appends one decimal digit; false when the value does not fit. */
static bool push_digit(uint64_t *value, char digit)
{
    if (digit < '0' || digit > '9')
        return false;
    return !__builtin_mul_overflow(*value, 10u, value) &&
           !__builtin_add_overflow(*value, (uint64_t)(digit - '0'), value);
}

bool text_parse_whole(const char *text, uint64_t limit, uint64_t *out_value)
{
    uint64_t value = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (!push_digit(&value, *text))
            return false;
    }
    if (value > limit)
        return false;
    *out_value = value;
    return true;
}

bool text_parse_decimal(const char *text, size_t length, unsigned decimals, uint64_t *out_value)
{
    uint64_t value = 0;
    bool seen_point = false;
    bool seen_digit = false;
    unsigned fraction = 0;
    for (size_t at = 0; at < length; at++) {
        if (text[at] == '.' && !seen_point) {
            seen_point = true;
            continue;
        }
        if (seen_point && fraction == decimals && text[at] == '0') {
            seen_digit = true;
            continue;
        }
        if ((seen_point && fraction == decimals) || !push_digit(&value, text[at]))
            return false;
        seen_digit = true;
        fraction += seen_point;
    }
    for (; fraction < decimals; fraction++) {
        if (!push_digit(&value, '0'))
            return false;
    }
    if (!seen_digit)
        return false;
    *out_value = value;
    return true;
}

bool text_parse_size(const char *text, uint64_t *out_bytes)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (!push_digit(&value, *at))
            return false;
    }
    if (at == text)
        return false;
    static const char units[] = "KMGT";
    if (*at) {
        const char *unit = strchr(units, *at >= 'a' ? *at - ('a' - 'A') : *at);
        if (!unit)
            return false;
        at++;
        uint64_t step = *at == 'i' ? 1024 : 1000;
        at += *at == 'i';
        at += *at == 'B' || *at == 'b';
        for (ptrdiff_t power = 0; power <= unit - units; power++) {
            if (__builtin_mul_overflow(value, step, &value))
                return false;
        }
    }
    if (*at || value == 0)
        return false;
    *out_bytes = value;
    return true;
}

bool text_parse_dimensions(const char *text, uint32_t *out_width, uint32_t *out_height)
{
    uint64_t side[2] = {0, 0};
    for (int index = 0; index < 2; index++) {
        const char *start = text;
        while (*text >= '0' && *text <= '9') {
            if (!push_digit(&side[index], *text++) || side[index] > UINT32_MAX)
                return false;
        }
        if (text == start || side[index] == 0 || *text != (index == 0 ? 'x' : '\0'))
            return false;
        text += index == 0;
    }
    *out_width = (uint32_t)side[0];
    *out_height = (uint32_t)side[1];
    return true;
}
