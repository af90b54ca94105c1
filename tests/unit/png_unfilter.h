/* PNG's row filters undone, as the standard spells it, for tests that decode strips themselves. */
#ifndef SGR_TESTS_PNG_UNFILTER_H
#define SGR_TESTS_PNG_UNFILTER_H

#include "codec/png_filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static inline int unfilter_paeth(int left, int upper, int corner)
{
    int first = abs(upper - corner);
    int second = abs(left - corner);
    int third = abs(left + upper - 2 * corner);
    return first <= second && first <= third ? left : second <= third ? upper : corner;
}

/* Undoes a row's filter in place; `above` is NULL for the first row. */
static inline void unfilter_row(uint8_t *row, const uint8_t *above, size_t row_bytes,
                                size_t pixel_bytes)
{
    for (size_t at = 1; at < row_bytes; at++) {
        bool is_first = at <= pixel_bytes;
        int left = is_first ? 0 : row[at - pixel_bytes];
        int upper = above ? above[at] : 0;
        int corner = above && !is_first ? above[at - pixel_bytes] : 0;
        int added = row[0] == PNG_ROW_SUB ? left : unfilter_paeth(left, upper, corner);
        row[at] = (uint8_t)(row[at] + added);
    }
}

/* What unfilter returns for rows that no strip has. */
enum { UNFILTER_WRONG = 255 };

/* Undoes the filters in place; returns that of the last row. No strip looks above its first. */
static inline unsigned unfilter(uint8_t *raw, const struct pixel_rows *rows)
{
    size_t row_bytes = (size_t)pixel_rows_raw_size(rows) / rows->rows;
    unsigned filter = 0;
    for (uint32_t row = 0; row < rows->rows; row++, raw += row_bytes) {
        filter = raw[0];
        if (filter != PNG_ROW_NONE && filter != PNG_ROW_SUB &&
            (filter != PNG_ROW_PAETH || row == 0))
            return UNFILTER_WRONG;
        if (filter != PNG_ROW_NONE)
            unfilter_row(raw, row ? raw - row_bytes : NULL, row_bytes, rows->pixel_bytes);
        raw[0] = 0;
    }
    return filter;
}

#endif
