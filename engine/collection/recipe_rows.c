/* A row is small and stays; what was read of an item besides is a number into a table. */
#include "collection/recipe_rows.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

enum sgr_status recipe_rows_reserve(struct recipe_rows *rows, struct sgr_error *error)
{
    if (rows->count >= COLLECTION_COUNT_MAX)
        return error_set(error, SGR_INPUT, "%s: there are more than %llu recipes", rows->path,
                         (unsigned long long)COLLECTION_COUNT_MAX);
    struct recipe_row *grown =
        memory_grow(rows->rows, &rows->capacity, rows->count + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes");
    rows->rows = grown;
    return SGR_OK;
}

void recipe_rows_add(struct recipe_rows *rows, const struct recipe_row *row)
{
    ERROR_ASSERT(rows->count < rows->capacity);
    struct recipe_row *added = &rows->rows[rows->count++];
    *added = *row;
    added->attribute_count = (uint32_t)(rows->attribute_count - row->first_attribute);
}

bool recipe_rows_add_attribute(struct recipe_rows *rows, struct arena *arena, const char *bytes,
                               size_t length)
{
    uint32_t *grown = memory_grow(rows->attribute_ids, &rows->attribute_capacity,
                                  rows->attribute_count + 1, sizeof *grown);
    if (!grown)
        return false;
    rows->attribute_ids = grown;
    if (!intern_add(&rows->attributes, arena, bytes, length, &grown[rows->attribute_count]))
        return false;
    rows->attribute_count++;
    return true;
}

static int compare_rows(const void *left, const void *right)
{
    const struct recipe_row *a = left;
    const struct recipe_row *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static enum sgr_status refuse_twice(const struct recipe_rows *rows, const struct recipe_row *first,
                                    const struct recipe_row *second, struct sgr_error *error)
{
    if (rows->files)
        return error_set(error, SGR_INPUT,
                         "%s/%s: the id %llu is that of %s already; ids have to differ", rows->path,
                         rows->files[second->line - 1], (unsigned long long)second->id,
                         rows->files[first->line - 1]);
    return error_set(error, SGR_INPUT,
                     "%s:%llu: the id %llu stands in line %llu already; ids have to differ",
                     rows->path, (unsigned long long)second->line, (unsigned long long)second->id,
                     (unsigned long long)first->line);
}

enum sgr_status recipe_rows_sort(struct recipe_rows *rows, struct sgr_error *error)
{
    bool sorted = true;
    for (size_t index = 1; index < rows->count; index++)
        sorted &= rows->rows[index - 1].id < rows->rows[index].id;
    if (sorted)
        return SGR_OK;
    qsort(rows->rows, rows->count, sizeof *rows->rows, compare_rows);
    for (size_t index = 1; index < rows->count; index++) {
        const struct recipe_row *row = &rows->rows[index];
        if (row[-1].id == row->id)
            return refuse_twice(rows, row - 1, row, error);
    }
    return SGR_OK;
}

static bool settle_attributes(const struct recipe_rows *rows, struct arena *arena,
                              struct recipes *recipes)
{
    recipes->attribute_count = rows->attributes.count;
    recipes->attributes =
        arena_allocate(arena, recipes->attribute_count, sizeof *recipes->attributes);
    recipes->attribute_ids =
        arena_allocate(arena, rows->attribute_count, sizeof *recipes->attribute_ids);
    recipes->attribute_starts =
        arena_allocate(arena, recipes->count + 1, sizeof *recipes->attribute_starts);
    if (!recipes->attributes || !recipes->attribute_ids || !recipes->attribute_starts)
        return false;
    for (size_t index = 0; index < recipes->attribute_count; index++)
        recipes->attributes[index] = rows->attributes.entries[index].bytes;
    uint64_t used = 0;
    for (size_t item = 0; item < recipes->count; item++) {
        const struct recipe_row *row = &rows->rows[item];
        recipes->attribute_starts[item] = used;
        for (uint32_t index = 0; index < row->attribute_count; index++)
            recipes->attribute_ids[used++] = rows->attribute_ids[row->first_attribute + index];
    }
    recipes->attribute_starts[recipes->count] = used;
    return true;
}

bool recipe_rows_settle(const struct recipe_rows *rows, struct arena *arena,
                        struct recipes *recipes)
{
    recipes->count = rows->count;
    recipes->ids = arena_allocate(arena, recipes->count, sizeof *recipes->ids);
    if (!recipes->ids)
        return false;
    for (size_t item = 0; item < recipes->count; item++)
        recipes->ids[item] = rows->rows[item].id;
    return !rows->has_attributes || settle_attributes(rows, arena, recipes);
}

void recipe_rows_finish(struct recipe_rows *rows)
{
    intern_finish(&rows->attributes);
    memory_free(rows->rows);
    memory_free(rows->attribute_ids);
    *rows = (struct recipe_rows){.path = NULL};
}
