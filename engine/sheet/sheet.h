/*
 * Packed sprite sheets: what can be seen of all sprites, in square pages of one size, for composers
 * that read pixels rather than runs. A sprite is cut into pieces, rectangles that hold little
 * else than visible pixels; the canvas is seen as tiles, and masks tell for every tile what the
 * sprite does there. A piece reaches a tile or does not: its rows start and end with tile rows,
 * but for rows that show nothing, and it does not cross the columns at which the canvas is cut
 * into chunks of a page's side. So a sprite has at most one piece for a tile row of a chunk, and
 * every visible pixel of that tile row and chunk lies in it. Sprites that look the same share
 * pieces and masks.
 */
#ifndef SGR_SHEET_SHEET_H
#define SGR_SHEET_SHEET_H

#include "sheet/sprite.h"

/* Pixels of a tile, and the sides that pages may have (powers of two). */
enum { SHEET_TILE_WIDTH = 32, SHEET_TILE_HEIGHT = 16, SHEET_SIDE_MIN = 256, SHEET_SIDE_MAX = 4096 };

#define SHEET_NO_PIECE UINT32_MAX

/* A rectangle of a sprite, and where its pixels lie. */
struct sheet_piece {
    struct image_box box; /* on the canvas */
    uint32_t sprite;      /* the first of those that share it */
    uint32_t page;
    uint32_t x; /* of the box's left top corner on the page */
    uint32_t y;
};

/*
 * A sprite's tiles: rows of the canvas's grid of tiles, [tile_top, tile_bottom), which may be none.
 * The tables of `struct sheet` have its tile rows one after another: chunk c of tile row r is
 * piece_at[pieces + (r - tile_top) * chunk_count + c], word w of its mask
 * shows[masks + (r - tile_top) * mask_words + w].
 */
struct sheet_sprite {
    uint32_t tile_top;
    uint32_t tile_bottom;
    size_t pieces; /* index into piece_at */
    size_t masks;  /* index into shows and covers */
};

/* Read-only after sheet_create, for any number of threads. */
struct sheet {
    const struct sprite_set *sprite_set; /* borrowed */
    uint32_t side;                       /* pixels of a page's rows, and its rows */
    size_t page_count;
    size_t chunk_count;         /* how many chunks the canvas's width is cut into, 1 or more */
    size_t mask_words;          /* of a tile row: bit t % 32 of word t / 32 is tile column t */
    struct sheet_piece *pieces; /* by sprite, then from the top down */
    size_t piece_count;
    struct sheet_sprite *sprites; /* [sprite_set->sprite_count] */
    uint32_t *piece_at; /* [tile row * chunk_count + chunk]; SHEET_NO_PIECE if nothing is visible */
    uint32_t *shows;    /* [tile row * mask_words]: any pixel of the tile is visible */
    uint32_t *covers;   /* the same: every pixel of the tile that is on the canvas is opaque */
};

/*
 * Cuts and packs all sprites on up to `threads` threads. `side` is a power of two from
 * SHEET_SIDE_MIN to SHEET_SIDE_MAX. Fails when the scratch file cannot be read. *out_sheet is the
 * caller's.
 */
enum sgr_status sheet_create(const struct sprite_set *sprite_set, uint32_t side, unsigned threads,
                             struct sheet **out_sheet, struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *sheet to NULL. */
void sheet_destroy(struct sheet **sheet);

/* The bytes that the tables take. */
uint64_t sheet_memory(const struct sheet *sheet);

/*
 * Draws a page: side * side pixels, straight alpha, every pixel without alpha 0,0,0,0. Any thread,
 * each with a window and memory of its own. Fails when the scratch file cannot be read.
 */
enum sgr_status sheet_draw_page(const struct sheet *sheet, size_t page,
                                struct sprite_window *window, uint32_t *pixels,
                                struct sgr_error *error) SGR_MUST_USE;

#endif
