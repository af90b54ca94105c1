/* A window that moves along the file and grows only for a line that is longer than it. */
#include "collection/recipe_lines.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum { WINDOW_BYTES = 1 << 20 };

/* Moves what is left to the front and reads on behind it. */
static enum sgr_status fill(struct recipe_lines *lines, struct sgr_error *error)
{
    size_t left = lines->end - lines->start;
    if (left > RECIPE_LINES_LINE_MAX)
        return error_set(error, SGR_INPUT, "%s:%llu: the line or value is longer than %llu bytes",
                         lines->path, (unsigned long long)lines->line + 1,
                         (unsigned long long)RECIPE_LINES_LINE_MAX);
    if (left)
        memmove(lines->bytes, lines->bytes + lines->start, left);
    lines->start = 0;
    lines->end = left;
    char *grown = memory_grow(lines->bytes, &lines->capacity, left + WINDOW_BYTES, 1);
    if (!grown)
        return error_no_memory(error, lines->path);
    lines->bytes = grown;
    uint64_t rest = lines->size - lines->offset;
    size_t size = lines->capacity - left;
    if (size > rest)
        size = (size_t)rest;
    enum sgr_status status =
        file_read_at(lines->handle, lines->offset, lines->bytes + left, size, lines->path, error);
    if (status != SGR_OK)
        return status;
    lines->offset += size;
    lines->end += size;
    return SGR_OK;
}

static enum sgr_status open_file(struct recipe_lines *lines, const char *path,
                                 struct sgr_error *error)
{
    enum sgr_status status = file_open_read(path, &lines->handle, &lines->size, error);
    if (status == SGR_OK && lines->size > RECIPE_LINES_FILE_MAX)
        status = error_set(
            error, SGR_INPUT, "%s: the file has %llu bytes, at most %llu are read; split it", path,
            (unsigned long long)lines->size, (unsigned long long)RECIPE_LINES_FILE_MAX);
    return status;
}

enum sgr_status recipe_lines_open(struct recipe_lines *lines, const char *path,
                                  struct sgr_error *error)
{
    struct recipe_lines opened = {.handle = OPEN_FILE_NONE, .path = path};
    const char *bytes = NULL;
    size_t size = 0;
    enum sgr_status status = open_file(&opened, path, error);
    if (status == SGR_OK)
        status = recipe_lines_peek(&opened, 2, &bytes, &size, error);
    if (status != SGR_OK) {
        recipe_lines_close(&opened);
        return status;
    }
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        recipe_lines_skip(&opened, 3);
    *lines = opened;
    return SGR_OK;
}

enum sgr_status recipe_lines_next(struct recipe_lines *lines, const char **out_bytes,
                                  size_t *out_size, struct sgr_error *error)
{
    size_t searched = 0;
    const char *line_break = NULL;
    for (;;) {
        size_t left = lines->end - lines->start;
        if (left > searched)
            line_break = memchr(lines->bytes + lines->start + searched, '\n', left - searched);
        if (line_break || lines->offset == lines->size)
            break;
        searched = left;
        enum sgr_status status = fill(lines, error);
        if (status != SGR_OK)
            return status;
    }
    *out_bytes = NULL;
    *out_size = 0;
    if (lines->start == lines->end)
        return SGR_OK;
    const char *start = lines->bytes + lines->start;
    size_t size = line_break ? (size_t)(line_break - start) : lines->end - lines->start;
    lines->start += size + (line_break != NULL);
    lines->line++;
    *out_bytes = start;
    *out_size = size;
    return SGR_OK;
}

enum sgr_status recipe_lines_peek(struct recipe_lines *lines, size_t known, const char **out_bytes,
                                  size_t *out_size, struct sgr_error *error)
{
    while (lines->end - lines->start <= known && lines->offset < lines->size) {
        enum sgr_status status = fill(lines, error);
        if (status != SGR_OK)
            return status;
    }
    *out_bytes = lines->bytes ? lines->bytes + lines->start : "";
    *out_size = lines->end - lines->start;
    return SGR_OK;
}

void recipe_lines_skip(struct recipe_lines *lines, size_t size)
{
    if (size == 0)
        return;
    const char *at = lines->bytes + lines->start;
    const char *end = at + size;
    lines->start += size;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        lines->line++;
        at++;
    }
}

bool recipe_lines_is_blank(const char *bytes, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        if (!strchr(" \t\r", bytes[at]))
            return false;
    }
    return true;
}

void recipe_lines_close(struct recipe_lines *lines)
{
    file_abandon(&lines->handle);
    memory_free(lines->bytes);
    *lines = (struct recipe_lines){.handle = OPEN_FILE_NONE};
}
