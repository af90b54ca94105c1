/* Numbers by shifts, so that the machine's own byte order never matters. */
#include "base/bytes.h"

#include <string.h>

#define TEXT_IS_NULL UINT32_MAX

void bytes_store(uint8_t *target, uint64_t value, unsigned width)
{
    for (unsigned index = 0; index < width; index++)
        target[index] = (uint8_t)(value >> (8 * index));
}

uint64_t bytes_load(const uint8_t *source, unsigned width)
{
    uint64_t value = 0;
    for (unsigned index = 0; index < width; index++)
        value |= (uint64_t)source[index] << (8 * index);
    return value;
}

uint32_t bytes_load_big_endian(const uint8_t *source)
{
    return (uint32_t)source[0] << 24 | (uint32_t)source[1] << 16 | (uint32_t)source[2] << 8 |
           source[3];
}

void bytes_put(struct text *out, uint64_t value, unsigned width)
{
    uint8_t bytes[8];
    bytes_store(bytes, value, width);
    text_append(out, (const char *)bytes, width);
}

void bytes_put_text(struct text *out, const char *value)
{
    if (!value) {
        bytes_put(out, TEXT_IS_NULL, 4);
        return;
    }
    size_t length = strlen(value);
    if (length >= TEXT_IS_NULL) {
        out->failed = true;
        return;
    }
    bytes_put(out, length, 4);
    text_append(out, value, length);
}

uint64_t bytes_get(struct bytes_reader *reader, unsigned width, uint64_t limit)
{
    if (reader->failed || reader->left < width) {
        reader->failed = true;
        return 0;
    }
    uint64_t value = bytes_load(reader->at, width);
    reader->at += width;
    reader->left -= width;
    if (value > limit) {
        reader->failed = true;
        return 0;
    }
    return value;
}

size_t bytes_get_text(struct bytes_reader *reader, const char **out_bytes)
{
    *out_bytes = NULL;
    size_t length = (size_t)bytes_get(reader, 4, UINT32_MAX);
    if (reader->failed || length == TEXT_IS_NULL)
        return 0;
    if (length > reader->left || memchr(reader->at, 0, length)) {
        reader->failed = true;
        return 0;
    }
    *out_bytes = (const char *)reader->at;
    reader->at += length;
    reader->left -= length;
    return length;
}
