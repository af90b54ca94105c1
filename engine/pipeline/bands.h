/* Where the canvas is cut into bands, and what each sprite does in each band. */
#ifndef SGR_PIPELINE_BANDS_H
#define SGR_PIPELINE_BANDS_H

#include <serigraph/status.h>

#include <stddef.h>
#include <stdint.h>

/*
 * The edges of bands of `rows` rows (0: a height that suits the canvas), fewer where a strip would
 * take more than 1 GiB: edges[0] is 0, edges[count] is height. *out_edges is the caller's, to be
 * freed with memory_free.
 */
enum sgr_status bands_choose(uint32_t width, uint32_t height, uint32_t rows, uint32_t **out_edges,
                             size_t *out_count, struct sgr_error *error) SGR_MUST_USE;

#endif
