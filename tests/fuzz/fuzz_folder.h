/* A folder of its own for a target whose input is a file beside others. One for each process. */
#ifndef SGR_FUZZ_FUZZ_FOLDER_H
#define SGR_FUZZ_FUZZ_FOLDER_H

#include "fuzz/fuzz_target.h"
#include "os/file.h"
#include "unit/temporary_folder.h"

#include <png.h>
#include <string.h>
#include <unistd.h>

static char fuzz_folder[64];

static inline void fuzz_folder_remove(void)
{
    temporary_folder_remove(fuzz_folder);
}

/* Makes the folder; it goes with the process. */
static inline void fuzz_folder_make(void)
{
    strcpy(fuzz_folder, "/tmp/serigraph_fuzz.XXXXXX");
    CHECK(mkdtemp(fuzz_folder));
    CHECK(atexit(fuzz_folder_remove) == 0);
}

/* Makes an empty picture of 4x4 pixels at `name`, below the folder, and the folders above it. */
static inline void fuzz_folder_picture(const char *name)
{
    static const uint8_t pixels[4 * 4 * 4];
    char path[160];
    png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGBA};
    image.width = 4;
    image.height = 4;
    snprintf(path, sizeof path, "%s/%s", fuzz_folder, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    CHECK(file_make_folders(path, NULL) == SGR_OK);
    *slash = '/';
    CHECK(png_image_write_to_file(&image, path, 0, pixels, 0, NULL) == 1);
}

#endif
