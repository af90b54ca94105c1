/* libpng's classic interface: its simplified one would apply gamma. */
#include "codec/png_read.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

/* Profiles and texts above this are refused, so that a small file cannot unpack into a huge one. */
enum { CHUNK_BYTES_MAX = 8000000 };

/* Everything a libpng callback needs; lives across longjmp, hence behind one pointer. */
struct reader {
    const char *name;
    const uint8_t *bytes;
    size_t left;
    size_t left_min; /* reading on when less is left would only unpack what no row needs */
    struct image *image;
    struct sgr_error *error;
    enum sgr_status status;
    bool no_memory; /* libpng does not say why it failed */
    png_structp png;
    png_infop info;
    png_bytep *rows; /* heap; only for interlaced files */
    jmp_buf escape;
};

static void on_error(png_structp png, png_const_charp message)
{
    struct reader *reader = png_get_error_ptr(png);
    if (reader->status == SGR_OK && reader->no_memory)
        reader->status = error_no_memory(reader->error, reader->name);
    if (reader->status == SGR_OK)
        reader->status =
            error_set(reader->error, SGR_INPUT, "%s: damaged PNG (%s); export the picture again",
                      reader->name, message);
    longjmp(reader->escape, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    /* Warnings are about chunks that do not change a pixel here. */
    (void)png;
    (void)message;
}

static void on_read(png_structp png, png_bytep target, png_size_t size)
{
    struct reader *reader = png_get_io_ptr(png);
    if (size > reader->left)
        png_error(png, "the file ends too early");
    if (reader->left < reader->left_min)
        png_error(png, "there is more data than pixels");
    memcpy(target, reader->bytes, size);
    reader->bytes += size;
    reader->left -= size;
}

static png_voidp on_allocate(png_structp png, png_alloc_size_t size)
{
    struct reader *reader = png_get_mem_ptr(png);
    void *memory = memory_allocate(size, 1);
    reader->no_memory |= !memory;
    return memory;
}

static void on_free(png_structp png, png_voidp memory)
{
    (void)png;
    memory_free(memory);
}

/*
 * Whether the file is a whole chain of undamaged chunks up to IEND. libpng would find this out by
 * unpacking everything behind the last row, however much that is.
 */
static const char *find_damage(const uint8_t *bytes, size_t size, uint64_t data_max)
{
    enum { SIGNATURE = 8, FRAME = 12 };
    uint64_t data = 0;
    for (size_t at = SIGNATURE; size >= at + FRAME;) {
        uint32_t length = bytes_load_big_endian(bytes + at);
        if (length > size - at - FRAME)
            return "a chunk is cut off";
        const uint8_t *type = bytes + at + 4;
        if (crc32(0, type, (uInt)length + 4) != bytes_load_big_endian(type + 4 + length))
            return "a checksum does not fit its chunk";
        data += memcmp(type, "IDAT", 4) == 0 ? length : 0;
        if (memcmp(type, "IEND", 4) == 0)
            return data > data_max ? "there is more data than pixels" : NULL;
        at += FRAME + (size_t)length;
    }
    return "the end is missing";
}

/* Has libpng pass over chunks that change no pixel but could unpack into much. */
static void ignore_chunks(png_structp png)
{
    static const png_byte names[] = "iCCP\0zTXt\0iTXt\0tEXt\0eXIf\0sPLT\0hIST\0pCAL\0sCAL";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names, sizeof names / 5);
}

/* Asks libpng for straight 8-bit RGBA, whatever the file holds. */
static void set_transforms(png_structp png, png_infop info)
{
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

/* Compressed data is never much longer than what it stands for, here the last row. */
static void limit_rest(struct reader *reader)
{
    enum { SLACK = 1 << 16 };
    size_t row = (size_t)reader->image->width * 8 + SLACK;
    reader->left_min = reader->left > row ? reader->left - row : 0;
}

static void read_rows(struct reader *reader)
{
    struct image *image = reader->image;
    if (png_get_image_width(reader->png, reader->info) != image->width ||
        png_get_image_height(reader->png, reader->info) != image->height ||
        png_get_rowbytes(reader->png, reader->info) != (size_t)image->width * 4)
        png_error(reader->png, "its header contradicts itself");
    if (png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_NONE) {
        for (uint32_t row = 0; row < image->height; row++) {
            if (row + 1 == image->height)
                limit_rest(reader);
            png_read_row(reader->png, (png_bytep)(image->pixels + (size_t)row * image->width),
                         NULL);
        }
        return;
    }
    reader->rows = memory_allocate(image->height, sizeof *reader->rows);
    if (!reader->rows) {
        reader->status = error_no_memory(reader->error, reader->name);
        longjmp(reader->escape, 1);
    }
    for (uint32_t row = 0; row < image->height; row++)
        reader->rows[row] = (png_bytep)(image->pixels + (size_t)row * image->width);
    png_read_image(reader->png, reader->rows);
}

static void read_file(struct reader *reader)
{
    if (setjmp(reader->escape))
        return;
    png_set_user_limits(reader->png, IMAGE_SIDE_MAX, IMAGE_SIDE_MAX);
    png_set_chunk_malloc_max(reader->png, CHUNK_BYTES_MAX);
    ignore_chunks(reader->png);
    png_set_read_fn(reader->png, reader, on_read);
    png_read_info(reader->png, reader->info);
    set_transforms(reader->png, reader->info);
    read_rows(reader);
}

/* Colour that cannot be seen is not compared, hashed or resampled. */
static void clear_invisible(struct image *image)
{
    size_t count = (size_t)image->width * image->height;
    for (size_t index = 0; index < count; index++) {
        uint32_t pixel = image->pixels[index];
        image->pixels[index] = image_alpha(pixel) ? pixel : 0;
    }
}

enum sgr_status png_read_pixels(const char *name, const uint8_t *bytes, size_t size,
                                struct image *image, struct sgr_error *error)
{
    /* 16 bits a channel, a filter byte a row, and what deflate and interlacing add at the most. */
    uint64_t raw = (uint64_t)image->width * image->height * 8 + (uint64_t)image->height * 2;
    const char *damage = find_damage(bytes, size, raw + raw / 8 + (1 << 16));
    if (damage)
        return error_set(error, SGR_INPUT, "%s: damaged PNG (%s); export the picture again", name,
                         damage);
    struct reader reader = {.name = name,
                            .bytes = bytes,
                            .left = size,
                            .image = image,
                            .error = error,
                            .status = SGR_OK};
    reader.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning,
                                          &reader, on_allocate, on_free);
    if (reader.png)
        reader.info = png_create_info_struct(reader.png);
    if (reader.info)
        read_file(&reader);
    else
        reader.status = error_no_memory(error, name);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    memory_free(reader.rows);
    if (reader.status == SGR_OK)
        clear_invisible(image);
    return reader.status;
}
