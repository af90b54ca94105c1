/*
 * The work of one batch, as the shaders read it: 32-bit words, first a slab for each row of tiles
 * of each strip, then their draws. What a part above hides is left out, tile by tile. It knows
 * nothing of OpenGL.
 *
 *     slab  first row of the target | rows << 16 and canvas row | place of its draws | their count
 *     draw  page << 8 and mode | right << 16 and left | bottom << 16 and top | y << 16 and x on the
 *           page | a mask of the columns of tiles to draw in; the top part comes first
 *
 * A batch's strips lie one after another in the target, whose rows are as wide as the canvas.
 */
#ifndef SGR_COMPOSE_GLES_WORK_LIST_H
#define SGR_COMPOSE_GLES_WORK_LIST_H

#include "compose/compose.h"
#include "sheet/sheet.h"

/* Words of a slab and, besides its mask, of a draw; columns of the texture that may hold them. */
enum { WORK_SLAB_WORDS = 4, WORK_DRAW_WORDS = 4, WORK_COLUMNS = 1024 };

/* How much one batch may be; SIZE_MAX where nothing limits it. */
struct work_limits {
    size_t rows;  /* of the target */
    size_t slabs; /* at most 65,535 */
    size_t pages; /* different ones */
    size_t words; /* of the list */
};

/* A batch's work being made; ends with work_list_finish. One thread at a time. */
struct work_list {
    const struct sheet *sheet; /* borrowed */
    struct work_limits limits;
    uint32_t *slabs; /* [slab_count * WORK_SLAB_WORDS], places of draws counted from 0 */
    size_t slabs_capacity;
    size_t slab_count;
    uint32_t *draws; /* [draw_count * (WORK_DRAW_WORDS + mask_words)] */
    size_t draws_capacity;
    size_t draw_count;
    uint32_t *pages; /* [page_count]: each page that the draws use, once */
    size_t pages_capacity;
    size_t page_count;
    uint32_t *page_batches; /* [sheet->page_count]: the last batch that used it */
    uint32_t batch;
    uint32_t *hidden; /* [mask_words] */
    size_t rows;      /* of the target so far */
};

/* Starts an empty list for a sheet; after failure it is finished already. */
enum sgr_status work_list_init(struct work_list *list, const struct sheet *sheet,
                               const struct work_limits *limits,
                               struct sgr_error *error) SGR_MUST_USE;

/* Frees what the list holds. */
void work_list_finish(struct work_list *list);

/* Empties the list for the next batch. */
void work_list_begin(struct work_list *list);

/*
 * Adds a strip. *out_added is false when there is no room for it; then the list is as before.
 */
enum sgr_status work_list_add(struct work_list *list, const struct compose_strip *strip,
                              bool *out_added, struct sgr_error *error) SGR_MUST_USE;

/* The words of the whole list. */
size_t work_list_words(const struct work_list *list);

/*
 * Copies the list to `words`, [work_list_words]. `layers` [sheet->page_count] tells which layer of
 * the device's texture holds a page.
 */
void work_list_write(const struct work_list *list, const uint32_t *layers, uint32_t *words);

#endif
