/*
 * Decodes a PNG file by a library of its own choice and writes its pixels to the standard output,
 * four bytes each: R, G, B, A with straight alpha.
 *
 * usage: decode_image libpng|libspng|stb FILE
 *
 * Exits with 1 when the file cannot be decoded, 77 when the library was missing at build time.
 */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if TEST_HAS_SPNG
#include <spng.h>
#endif
#if TEST_HAS_STB
#include <stb_image.h>
#endif

enum { PIXEL_BYTES = 4, EXIT_MISSING = 77 };

/* Writes the pixels; returns the exit code. */
static int write_pixels(const void *pixels, size_t size)
{
    return fwrite(pixels, 1, size, stdout) == size && fflush(stdout) == 0 ? 0 : 1;
}

static int decode_libpng(const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path))
        return 1;
    image.format = PNG_FORMAT_RGBA;
    void *pixels = malloc(PNG_IMAGE_SIZE(image));
    int code = 1;
    if (pixels && png_image_finish_read(&image, NULL, pixels, 0, NULL) && !PNG_IMAGE_FAILED(image))
        code = write_pixels(pixels, PNG_IMAGE_SIZE(image));
    free(pixels);
    png_image_free(&image);
    return code;
}

static int decode_libspng(const char *path)
{
#if TEST_HAS_SPNG
    FILE *file = fopen(path, "rb");
    spng_ctx *context = spng_ctx_new(0);
    size_t size = 0;
    void *pixels = NULL;
    int code = 1;
    if (file && context && spng_set_png_file(context, file) == 0 &&
        spng_decoded_image_size(context, SPNG_FMT_RGBA8, &size) == 0)
        pixels = malloc(size);
    if (pixels && spng_decode_image(context, pixels, size, SPNG_FMT_RGBA8, 0) == 0 &&
        spng_decode_chunks(context) == 0)
        code = write_pixels(pixels, size);
    free(pixels);
    spng_ctx_free(context);
    if (file)
        fclose(file);
    return code;
#else
    (void)path;
    return EXIT_MISSING;
#endif
}

static int decode_stb(const char *path)
{
#if TEST_HAS_STB
    int width = 0;
    int height = 0;
    int channels = 0;
    stbi_uc *pixels = stbi_load(path, &width, &height, &channels, PIXEL_BYTES);
    if (!pixels)
        return 1;
    int code = write_pixels(pixels, (size_t)width * (size_t)height * PIXEL_BYTES);
    stbi_image_free(pixels);
    return code;
#else
    (void)path;
    return EXIT_MISSING;
#endif
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "libpng") == 0)
        return decode_libpng(words[2]);
    if (count == 3 && strcmp(words[1], "libspng") == 0)
        return decode_libspng(words[2]);
    if (count == 3 && strcmp(words[1], "stb") == 0)
        return decode_stb(words[2]);
    fprintf(stderr, "usage: decode_image libpng|libspng|stb FILE\n");
    return 2;
}
