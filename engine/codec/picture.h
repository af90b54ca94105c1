/*
 * Pictures in: what a file is, its size, its pixels as straight 8-bit RGBA. PNG of every colour
 * type and depth, through libpng; other picture formats are refused by name. Any thread.
 */
#ifndef SGR_CODEC_PICTURE_H
#define SGR_CODEC_PICTURE_H

#include "image/image.h"

/* The largest file that is read, in bytes. */
#define PICTURE_FILE_MAX (UINT64_C(1) << 30)

/* What the first bytes of a picture tell. */
struct picture_info {
    uint32_t width;
    uint32_t height;
};

/* Whether a file name ends like a picture (.png, .jpg, .webp ...), whatever its letters' case. */
int picture_is_name(const char *name);

/*
 * Reads only the header. SGR_INPUT, naming the file, for what is not a PNG, another format (by
 * its name), a side above IMAGE_SIDE_MAX, an empty or too short file.
 */
enum sgr_status picture_probe(const char *path, struct picture_info *out_info,
                              struct sgr_error *error) SGR_MUST_USE;

/*
 * Decodes a file; 16 bits become 8 rounded to nearest, profiles and gamma are ignored, colour
 * under alpha 0 is stored as 0. *out is the caller's on success. SGR_INPUT names the file.
 */
enum sgr_status picture_read(const char *path, struct image *out,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
