/* Pictures in: telling formats apart by their first bytes, and the limits on what is accepted. */
#include "codec/picture.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "codec/png_read.h"
#include "os/file.h"

#include <string.h>

/* 2^28 pixels decode to 1 GiB; a larger header is a mistake or a decompression bomb. */
#define PIXELS_MAX (UINT64_C(1) << 28)

enum { PNG_HEADER_BYTES = 33 };

static const char *const picture_endings[] = {
    ".png", ".apng", ".jpg", ".jpeg", ".jpe",  ".webp", ".avif", ".jxl", ".gif",
    ".bmp", ".tga",  ".psd", ".tif",  ".tiff", ".svg",  ".heic", ".ico",
};

int picture_is_name(const char *name)
{
    for (size_t index = 0; index < sizeof picture_endings / sizeof *picture_endings; index++) {
        if (text_ends_with_ignoring_case(name, picture_endings[index]))
            return 1;
    }
    return 0;
}

/* The name of a picture format that is known but not read, or NULL. */
static const char *foreign_format(const uint8_t *bytes, size_t size)
{
    static const struct {
        const char *name;
        size_t offset;
        const char *magic;
    } formats[] = {
        {"JPEG", 0, "\xff\xd8\xff"}, {"WebP", 8, "WEBP"},
        {"GIF", 0, "GIF8"},          {"BMP", 0, "BM"},
        {"AVIF", 4, "ftypavif"},     {"HEIC", 4, "ftypheic"},
        {"JPEG XL", 0, "\xff\x0a"},  {"JPEG XL", 4, "JXL "},
        {"Photoshop", 0, "8BPS"},    {"TIFF", 0, "II*"},
        {"TIFF", 0, "MM"},           {"SVG", 0, "<svg"},
    };
    for (size_t index = 0; index < sizeof formats / sizeof *formats; index++) {
        size_t length = strlen(formats[index].magic);
        if (size >= formats[index].offset + length &&
            memcmp(bytes + formats[index].offset, formats[index].magic, length) == 0)
            return formats[index].name;
    }
    return NULL;
}

/* Checks the first bytes of a file and reads its size from them. */
static enum sgr_status read_header(const char *path, const uint8_t *bytes, size_t size,
                                   struct picture_info *out_info, struct sgr_error *error)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (size == 0)
        return error_set(error, SGR_INPUT,
                         "%s: the file is empty (0 bytes); export it again, or call it NONE#weight"
                         ".png if it stands for an absent trait",
                         path);
    if (size < sizeof signature || memcmp(bytes, signature, sizeof signature) != 0) {
        const char *format = foreign_format(bytes, size);
        if (format)
            return error_set(error, SGR_INPUT,
                             "%s: this is a %s file, which this version does not read; convert it "
                             "to PNG",
                             path, format);
        return error_set(error, SGR_INPUT,
                         "%s: not a PNG file, whatever its name says; export it again as PNG",
                         path);
    }
    if (size < PNG_HEADER_BYTES || memcmp(bytes + 12, "IHDR", 4) != 0)
        return error_set(error, SGR_INPUT, "%s: the PNG header is cut off; export it again", path);
    uint32_t width = bytes_load_big_endian(bytes + 16);
    uint32_t height = bytes_load_big_endian(bytes + 20);
    if (width < 1 || height < 1 || width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX)
        return error_set(error, SGR_INPUT,
                         "%s: %ux%u pixels, but sides go from 1 to %d; scale the picture", path,
                         width, height, IMAGE_SIDE_MAX);
    if ((uint64_t)width * height > PIXELS_MAX)
        return error_set(error, SGR_INPUT,
                         "%s: %ux%u is more than the %llu pixels that are read; scale the picture",
                         path, width, height, (unsigned long long)PIXELS_MAX);
    *out_info = (struct picture_info){width, height};
    return SGR_OK;
}

enum sgr_status picture_probe(const char *path, struct picture_info *out_info,
                              struct sgr_error *error)
{
    struct open_file handle;
    uint64_t size;
    enum sgr_status status = file_open_read(path, &handle, &size, error);
    if (status != SGR_OK)
        return status;
    uint8_t bytes[PNG_HEADER_BYTES] = {0};
    size_t read = size < sizeof bytes ? (size_t)size : sizeof bytes;
    status = file_read_at(handle, 0, bytes, read, path, error);
    file_abandon(&handle);
    return status == SGR_OK ? read_header(path, bytes, read, out_info, error) : status;
}

enum sgr_status picture_read(const char *path, struct image *out, struct sgr_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sgr_status status = file_read(path, PICTURE_FILE_MAX, &bytes, &size, error);
    if (status != SGR_OK)
        return status;
    struct picture_info info = {0, 0};
    struct image image = {0, 0, NULL};
    status = read_header(path, bytes, size, &info, error);
    if (status == SGR_OK)
        status = image_init(&image, info.width, info.height, error);
    if (status == SGR_OK)
        status = png_read_pixels(path, bytes, size, &image, error);
    memory_free(bytes);
    if (status != SGR_OK) {
        image_finish(&image);
        return status;
    }
    *out = image;
    return SGR_OK;
}
