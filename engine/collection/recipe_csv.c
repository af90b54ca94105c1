/* Line by line; a quoted cell that is open at a line's end goes on with the next line. */
#include "collection/recipe_csv.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* A line and how far it was read. */
struct reach {
    const char *bytes;
    size_t size;
    size_t at;
};

static enum sgr_status refuse(const struct recipe_csv *csv, const struct reach *reach,
                              const char *what, struct sgr_error *error)
{
    return error_set(error, SGR_INPUT, "%s:%llu:%zu: %s", csv->lines->path,
                     (unsigned long long)csv->lines->line, reach->at + 1, what);
}

/* Reads a line without the CR at its end; *out_found is false at the end of the file. */
static enum sgr_status next_line(struct recipe_csv *csv, struct reach *reach, bool *out_found,
                                 struct sgr_error *error)
{
    enum sgr_status status = recipe_lines_next(csv->lines, &reach->bytes, &reach->size, error);
    if (status != SGR_OK)
        return status;
    *out_found = reach->bytes != NULL;
    reach->at = 0;
    if (!*out_found)
        return SGR_OK;
    const char *zero = memchr(reach->bytes, 0, reach->size);
    if (zero || !text_is_utf8(reach->bytes, reach->size)) {
        reach->at = zero ? (size_t)(zero - reach->bytes) : 0;
        return refuse(csv, reach, "the line is not UTF-8 text; save the table as UTF-8", error);
    }
    if (reach->size > 0 && reach->bytes[reach->size - 1] == '\r')
        reach->size--;
    return SGR_OK;
}

static bool begin_cell(struct recipe_csv *csv)
{
    size_t *grown =
        memory_grow(csv->starts, &csv->starts_capacity, csv->cell_count + 1, sizeof *grown);
    if (!grown)
        return false;
    csv->starts = grown;
    grown[csv->cell_count++] = csv->bytes.length;
    return true;
}

/* Adds what is quoted, from behind the first quote to behind the last. */
static enum sgr_status add_quoted(struct recipe_csv *csv, struct reach *reach,
                                  struct sgr_error *error)
{
    struct text *bytes = &csv->bytes;
    for (;;) {
        const char *from = reach->bytes + reach->at;
        const char *quote = memchr(from, '"', reach->size - reach->at);
        size_t size = quote ? (size_t)(quote - from) : reach->size - reach->at;
        text_append(bytes, from, size);
        reach->at += size + (quote != NULL);
        if (quote && (reach->at == reach->size || reach->bytes[reach->at] != '"'))
            return SGR_OK;
        if (quote) {
            text_append(bytes, "\"", 1);
            reach->at++;
            continue;
        }
        bool found;
        text_append(bytes, "\n", 1);
        enum sgr_status status = next_line(csv, reach, &found, error);
        if (status != SGR_OK)
            return status;
        if (!found || bytes->length > RECIPE_LINES_LINE_MAX)
            return error_set(error, SGR_INPUT,
                             "%s:%llu: a quote that opens in this record does not close",
                             csv->lines->path, (unsigned long long)csv->line);
    }
}

static enum sgr_status add_cell(struct recipe_csv *csv, struct reach *reach,
                                struct sgr_error *error)
{
    if (!begin_cell(csv))
        return error_no_memory(error, csv->lines->path);
    if (reach->at < reach->size && reach->bytes[reach->at] == '"') {
        reach->at++;
        enum sgr_status status = add_quoted(csv, reach, error);
        if (status != SGR_OK)
            return status;
        if (reach->at < reach->size && reach->bytes[reach->at] != ',')
            return refuse(csv, reach,
                          "a comma has to follow a closing quote; a quote inside a quoted cell is "
                          "written twice",
                          error);
    } else {
        const char *from = reach->bytes + reach->at;
        const char *comma = memchr(from, ',', reach->size - reach->at);
        size_t size = comma ? (size_t)(comma - from) : reach->size - reach->at;
        const char *quote = memchr(from, '"', size);
        if (quote) {
            reach->at += (size_t)(quote - from);
            return refuse(csv, reach, "a quote inside a cell that is not quoted; quote the cell",
                          error);
        }
        text_append(&csv->bytes, from, size);
        reach->at += size;
    }
    text_append(&csv->bytes, "", 1);
    return SGR_OK;
}

enum sgr_status recipe_csv_next(struct recipe_csv *csv, bool *out_found, struct sgr_error *error)
{
    struct reach reach;
    do {
        enum sgr_status status = next_line(csv, &reach, out_found, error);
        if (status != SGR_OK || !*out_found)
            return status;
    } while (reach.at == reach.size);
    text_clear(&csv->bytes);
    csv->cell_count = 0;
    csv->line = csv->lines->line;
    for (;;) {
        enum sgr_status status = add_cell(csv, &reach, error);
        if (status != SGR_OK)
            return status;
        if (reach.at == reach.size)
            break;
        reach.at++;
    }
    return csv->bytes.failed ? error_no_memory(error, csv->lines->path) : SGR_OK;
}

void recipe_csv_finish(struct recipe_csv *csv)
{
    text_finish(&csv->bytes);
    memory_free(csv->starts);
    *csv = (struct recipe_csv){.lines = NULL};
}
