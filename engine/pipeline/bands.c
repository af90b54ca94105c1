/* Bands of one height. */
#include "pipeline/bands.h"

#include "base/error.h"
#include "base/memory.h"
#include "codec/png_strip.h"

/*
 * 32 rows leave 22 % of a real collection's strips to be made, and cost 2 % in size against 64
 * rows. A strip below 16,384 pixels spends more on its Huffman codes than reuse gives back.
 */
enum { ROWS_MIN = 32, STRIP_PIXELS_MIN = 16384 };

static uint32_t most_rows(uint32_t width)
{
    return (uint32_t)(PNG_STRIP_BYTES_MAX / (1 + 4 * (uint64_t)width));
}

static uint32_t suitable_rows(uint32_t width)
{
    uint32_t rows = (STRIP_PIXELS_MIN + width - 1) / width;
    return rows < ROWS_MIN ? ROWS_MIN : rows;
}

enum sgr_status bands_choose(uint32_t width, uint32_t height, uint32_t rows, uint32_t **out_edges,
                             size_t *out_count, struct sgr_error *error)
{
    uint32_t step = rows ? rows : suitable_rows(width);
    if (step > most_rows(width))
        step = most_rows(width);
    size_t count = ((size_t)height + step - 1) / step;
    uint32_t *edges = memory_allocate(count + 1, sizeof *edges);
    if (!edges)
        return error_no_memory(error, "bands");
    for (size_t band = 0; band < count; band++)
        edges[band] = (uint32_t)band * step;
    edges[count] = height;
    *out_edges = edges;
    *out_count = count;
    return SGR_OK;
}
