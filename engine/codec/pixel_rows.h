/* Rows of pixels on their way into a PNG strip. */
#ifndef SGR_CODEC_PIXEL_ROWS_H
#define SGR_CODEC_PIXEL_ROWS_H

#include <stdint.h>

/* So many bytes behind the last row of raw must be readable. */
enum { PIXEL_ROWS_SLACK = 4 };

/*
 * The same rows twice: as pixels, and as PNG wants them, a filter byte and then R, G, B(, A) or
 * what another colour type has. Only pixels of three or four bytes are needed in the first form.
 */
struct pixel_rows {
    const uint32_t *pixels; /* without gaps */
    const uint8_t *raw;
    uint32_t width;       /* 1 to 32767 */
    uint32_t rows;        /* 1 to 32767 */
    unsigned pixel_bytes; /* in raw: 1 to 4; 1 also where several pixels share a byte */
};

/* Bytes of the rows in raw, where a pixel has whole bytes. */
static inline uint64_t pixel_rows_raw_size(const struct pixel_rows *rows)
{
    return (uint64_t)rows->rows * (1 + (uint64_t)rows->width * rows->pixel_bytes);
}

#endif
