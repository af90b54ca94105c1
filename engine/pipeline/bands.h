/* Where the canvas is cut into bands, and what each sprite does in each band. */
#ifndef SGR_PIPELINE_BANDS_H
#define SGR_PIPELINE_BANDS_H

#include "sheet/sprite.h"

/*
 * The edges of bands of `rows` rows (0: a height that suits the canvas), fewer where a strip would
 * take more than 1 GiB: edges[0] is 0, edges[count] is height. *out_edges is the caller's, to be
 * freed with memory_free.
 */
enum sgr_status bands_choose(uint32_t width, uint32_t height, uint32_t rows, uint32_t **out_edges,
                             size_t *out_count, struct sgr_error *error) SGR_MUST_USE;

/* What a sprite does in a band. */
enum band_effect {
    BAND_UNTOUCHED,
    BAND_REACHED, /* some pixel can be seen */
    BAND_COVERED  /* every pixel is opaque: in normal mode nothing below matters */
};

/* The effect of every sprite in every band; read-only after bands_table_init. */
struct bands_table {
    size_t band_count;
    const uint32_t *edges; /* borrowed */
    uint8_t *effects;      /* [sprite * band_count + band], enum band_effect */
};

/* Looks at every sprite; `edges` must outlive the table. */
enum sgr_status bands_table_init(struct bands_table *table, const struct sprite_set *sprites,
                                 const uint32_t *edges, size_t band_count,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Frees the table. */
void bands_table_finish(struct bands_table *table);

/* What a sprite does in a band. */
static inline enum band_effect bands_table_effect(const struct bands_table *table, uint32_t sprite,
                                                  size_t band)
{
    return (enum band_effect)table->effects[sprite * table->band_count + band];
}

#endif
