/*
 * The records of a CSV file as RFC 4180 has them, one at a time. A reader of our own: it is small,
 * and messages need the line and column of what is wrong, which libraries do not keep. Cells that
 * begin with a quote end with one; lines end with LF or CR LF.
 */
#ifndef SGR_COLLECTION_RECIPE_CSV_H
#define SGR_COLLECTION_RECIPE_CSV_H

#include "base/text.h"
#include "collection/recipe_lines.h"

/* Start with open lines, all else zero; end with recipe_csv_finish. One thread at a time. */
struct recipe_csv {
    struct recipe_lines *lines; /* borrowed */
    struct text bytes;          /* of the record: its cells, each with a zero byte behind it */
    size_t *starts;             /* [cell_count] in bytes */
    size_t starts_capacity;
    size_t cell_count;
    uint64_t line; /* where the record begins, from 1 */
};

/*
 * Reads the next record that is not empty; *out_found is false at the end of the file. SGR_INPUT
 * names line and column.
 */
enum sgr_status recipe_csv_next(struct recipe_csv *csv, bool *out_found,
                                struct sgr_error *error) SGR_MUST_USE;

/* A cell of the record, UTF-8, valid until the next one is read. */
static inline const char *recipe_csv_cell(const struct recipe_csv *csv, size_t cell)
{
    return csv->bytes.bytes + csv->starts[cell];
}

/* Frees the record. */
void recipe_csv_finish(struct recipe_csv *csv);

#endif
