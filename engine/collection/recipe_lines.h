/* The lines of a text file of any size through a small window. One thread at a time. */
#ifndef SGR_COLLECTION_RECIPE_LINES_H
#define SGR_COLLECTION_RECIPE_LINES_H

#include "os/file.h"

/* The largest file, and the longest line, in bytes. */
#define RECIPE_LINES_FILE_MAX (UINT64_C(8) << 30)
#define RECIPE_LINES_LINE_MAX (UINT64_C(64) << 20)

/* Start from recipe_lines_open; end with recipe_lines_close. */
struct recipe_lines {
    struct open_file handle;
    const char *path;
    uint64_t size;
    uint64_t offset; /* of the file, where the next read begins */
    char *bytes;
    size_t capacity;
    size_t start; /* in bytes, of what was not handed out yet */
    size_t end;
    uint64_t line; /* the number of the line handed out last, from 1 */
};

/* Opens a file; `path` is kept. */
enum sgr_status recipe_lines_open(struct recipe_lines *lines, const char *path,
                                  struct sgr_error *error) SGR_MUST_USE;

/*
 * Hands out the next line without its line break, valid until the next call; *out_bytes is NULL
 * at the end of the file. SGR_INPUT names file and line.
 */
enum sgr_status recipe_lines_next(struct recipe_lines *lines, const char **out_bytes,
                                  size_t *out_size, struct sgr_error *error) SGR_MUST_USE;

/* Closes the file and frees the window; all zero with OPEN_FILE_NONE is fine. */
void recipe_lines_close(struct recipe_lines *lines);

#endif
