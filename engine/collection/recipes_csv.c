/* The header says once which layer a column is, so a record costs one look-up a cell. */
#include "collection/recipes_csv.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/recipe_csv.h"
#include "collection/recipe_named.h"

#include <string.h>

/* The reading of one table. */
struct csv_reading {
    struct recipe_named named;
    struct recipe_lines lines;
    struct recipe_csv csv;
    struct recipe_name_place *columns; /* owned: [column_count], the layers */
    size_t column_count;
    size_t id_column;
};

/* Puts line and column in front of what went wrong with a cell. */
static enum sgr_status refuse_cell(const struct csv_reading *reading, size_t column,
                                   const struct sgr_error *inner, struct sgr_error *error)
{
    return error_set(error, inner->status, "%s:%llu: cell %zu: %s", reading->named.path,
                     (unsigned long long)reading->csv.line, column + 1, inner->text);
}

/* What a column of the header stands for. */
static enum sgr_status read_column(struct csv_reading *reading, size_t column,
                                   struct sgr_error *error)
{
    const char *name = recipe_csv_cell(&reading->csv, column);
    uint16_t layer;
    if (reading->id_column == SIZE_MAX && strcmp(name, "id") == 0) {
        reading->id_column = column;
        return SGR_OK;
    }
    if (!recipe_names_layer(&reading->named.names, name, &layer))
        return recipe_names_unknown_layer(&reading->named.names, name, error);
    if (reading->named.match.taken[layer])
        return error_set(error, SGR_INPUT, "two columns are called \"%s\"; leave one out", name);
    reading->named.match.taken[layer] = true;
    reading->columns[column].layer = layer;
    return SGR_OK;
}

static enum sgr_status read_header(struct csv_reading *reading, struct sgr_error *error)
{
    bool found;
    enum sgr_status status = recipe_csv_next(&reading->csv, &found, error);
    if (status != SGR_OK)
        return status;
    size_t count = found ? reading->csv.cell_count : 0;
    bool has_id = false;
    for (size_t column = 0; column < count; column++)
        has_id |= strcmp(recipe_csv_cell(&reading->csv, column), "id") == 0;
    if (!has_id)
        return error_set(error, SGR_INPUT,
                         "%s:%llu: these are no recipes: neither JSON (objects, one a line, or a "
                         "list of them) nor a CSV whose header names \"id\" and layers",
                         reading->named.path, (unsigned long long)(found ? reading->csv.line : 1));
    reading->columns = memory_allocate_zeroed(count, sizeof *reading->columns);
    if (!reading->columns)
        return error_no_memory(error, "the recipes");
    reading->column_count = count;
    reading->id_column = SIZE_MAX;
    recipe_match_begin(&reading->named.match);
    for (size_t column = 0; column < count; column++) {
        struct sgr_error inner = {SGR_OK, ""};
        if (read_column(reading, column, &inner) != SGR_OK)
            return refuse_cell(reading, column, &inner, error);
    }
    return SGR_OK;
}

static enum sgr_status read_cells(struct csv_reading *reading, struct sgr_error *error)
{
    struct recipe_match *match = &reading->named.match;
    recipe_match_begin(match);
    for (size_t column = 0; column < reading->column_count; column++) {
        struct recipe_name_list layer = {&reading->columns[column], 1};
        struct sgr_error inner = {SGR_OK, ""};
        const char *text = recipe_csv_cell(&reading->csv, column);
        if (column != reading->id_column &&
            recipe_match_add(match, &layer, text, false, &inner) != SGR_OK)
            return refuse_cell(reading, column, &inner, error);
    }
    return SGR_OK;
}

static enum sgr_status read_record(struct csv_reading *reading, struct sgr_error *error)
{
    struct recipe_row row = {.line = reading->csv.line};
    const char *path = reading->named.path;
    if (reading->csv.cell_count != reading->column_count)
        return error_set(error, SGR_INPUT, "%s:%llu: the record has %zu cells, the header has %zu",
                         path, (unsigned long long)row.line, reading->csv.cell_count,
                         reading->column_count);
    const char *id = recipe_csv_cell(&reading->csv, reading->id_column);
    if (!text_parse_whole(id, COLLECTION_ID_MAX, &row.id))
        return error_set(error, SGR_INPUT,
                         "%s:%llu: the id \"%s\" is not a whole number from 0 to %llu", path,
                         (unsigned long long)row.line, id, (unsigned long long)COLLECTION_ID_MAX);
    enum sgr_status status = read_cells(reading, error);
    if (status != SGR_OK)
        return status;
    struct sgr_error inner = {SGR_OK, ""};
    status = recipe_match_settle(&reading->named.match, &inner);
    if (status != SGR_OK)
        return error_set(error, status, "%s:%llu: item %llu: %s", path,
                         (unsigned long long)row.line, (unsigned long long)row.id, inner.text);
    return recipe_named_add(&reading->named, &row, error);
}

static enum sgr_status read_records(struct csv_reading *reading, struct sgr_error *error)
{
    enum sgr_status status = read_header(reading, error);
    while (status == SGR_OK) {
        bool found;
        status = recipe_csv_next(&reading->csv, &found, error);
        if (status != SGR_OK || !found)
            break;
        status = read_record(reading, error);
    }
    return status;
}

enum sgr_status recipes_csv_read(const char *path, const struct collection_options *options,
                                 struct recipes *recipes, struct sgr_error *error)
{
    struct csv_reading *reading = memory_allocate_zeroed(1, sizeof *reading);
    if (!reading)
        return error_no_memory(error, "the recipes");
    reading->lines.handle = OPEN_FILE_NONE;
    reading->csv.lines = &reading->lines;
    enum sgr_status status = recipe_named_init(&reading->named, path, options, recipes, error);
    if (status == SGR_OK)
        status = recipe_lines_open(&reading->lines, path, error);
    if (status == SGR_OK)
        status = read_records(reading, error);
    if (status == SGR_OK)
        status = recipe_named_settle(&reading->named, error);
    recipe_lines_close(&reading->lines);
    recipe_csv_finish(&reading->csv);
    recipe_named_finish(&reading->named);
    memory_free(reading->columns);
    memory_free(reading);
    return status;
}
