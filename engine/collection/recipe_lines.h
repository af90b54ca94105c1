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
    uint64_t line; /* the number of lines that were handed out whole */
};

/* Opens a file and passes over a byte order mark; `path` is kept. */
enum sgr_status recipe_lines_open(struct recipe_lines *lines, const char *path,
                                  struct sgr_error *error) SGR_MUST_USE;

/*
 * Hands out the next line without its line break, valid until the next call; *out_bytes is NULL
 * at the end of the file. SGR_INPUT names file and line.
 */
enum sgr_status recipe_lines_next(struct recipe_lines *lines, const char **out_bytes,
                                  size_t *out_size, struct sgr_error *error) SGR_MUST_USE;

/*
 * Looks at what was not handed out yet: more than `known` bytes of it, unless the file ends before.
 * *out_bytes is valid until the next call. SGR_INPUT when that is more than a line may have.
 */
enum sgr_status recipe_lines_peek(struct recipe_lines *lines, size_t known, const char **out_bytes,
                                  size_t *out_size, struct sgr_error *error) SGR_MUST_USE;

/* Hands out `size` bytes that were looked at; lines are counted up to them. */
void recipe_lines_skip(struct recipe_lines *lines, size_t size);

/* Whether a line holds nothing but blanks. */
bool recipe_lines_is_blank(const char *bytes, size_t size);

/* Closes the file and frees the window; all zero with OPEN_FILE_NONE is fine. */
void recipe_lines_close(struct recipe_lines *lines);

#endif
