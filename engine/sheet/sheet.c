/* A sheet from its sprites, and the pixels of its pages. */
#include "sheet/sheet.h"

#include "base/error.h"
#include "base/memory.h"
#include "sheet/sheet_cut.h"
#include "sheet/sheet_pack.h"

#include <string.h>

/* Rows that are read at once, so that a scratch file's rows do not take a page's memory. */
enum { ROWS_AT_ONCE = 64 };

enum sgr_status sheet_create(const struct sprite_set *sprite_set, uint32_t side, unsigned threads,
                             struct sheet **out_sheet, struct sgr_error *error)
{
    ERROR_ASSERT(side >= SHEET_SIDE_MIN && side <= SHEET_SIDE_MAX && (side & (side - 1)) == 0);
    struct sheet *sheet = memory_allocate_zeroed(1, sizeof *sheet);
    if (!sheet)
        return error_no_memory(error, "sheets");
    sheet->sprite_set = sprite_set;
    sheet->side = side;
    enum sgr_status status = sheet_cut(sheet, threads < 1 ? 1 : threads, error);
    if (status == SGR_OK)
        status = sheet_pack(sheet, error);
    if (status != SGR_OK) {
        sheet_destroy(&sheet);
        return status;
    }
    *out_sheet = sheet;
    return SGR_OK;
}

void sheet_destroy(struct sheet **sheet)
{
    if (!*sheet)
        return;
    memory_free((*sheet)->pieces);
    memory_free((*sheet)->sprites);
    memory_free((*sheet)->piece_at);
    memory_free((*sheet)->shows);
    memory_free((*sheet)->covers);
    memory_free(*sheet);
    *sheet = NULL;
}

uint64_t sheet_memory(const struct sheet *sheet)
{
    uint64_t sprites = sheet->sprite_set->sprite_count;
    uint64_t slots = 0;
    uint64_t words = 0;
    for (size_t index = 0; index < sprites; index++) {
        const struct sheet_sprite *sprite = &sheet->sprites[index];
        size_t rows = sprite->tile_bottom - sprite->tile_top;
        size_t slots_end = sprite->pieces + rows * sheet->chunk_count;
        size_t words_end = sprite->masks + rows * sheet->mask_words;
        slots = slots_end > slots ? slots_end : slots;
        words = words_end > words ? words_end : words;
    }
    return sizeof *sheet + sprites * sizeof *sheet->sprites +
           sheet->piece_count * sizeof *sheet->pieces + slots * sizeof *sheet->piece_at +
           words * (sizeof *sheet->shows + sizeof *sheet->covers);
}

/* Draws what lies in columns [left, right) of a row; target[0] is column `left`. */
static void draw_row(uint32_t *target, struct image_box columns, const uint32_t *words,
                     const uint32_t *end)
{
    for (; words < end; words += 1 + sprite_run_stored(*words)) {
        uint32_t column = sprite_run_column(*words);
        uint32_t run_end = column + sprite_run_length(*words);
        uint32_t from = column > columns.left ? column : columns.left;
        uint32_t to = run_end < columns.right ? run_end : columns.right;
        bool is_flat = sprite_run_kind(*words) == SPRITE_RUN_FLAT;
        for (uint32_t x = from; x < to; x++) {
            uint32_t pixel = words[1 + (is_flat ? 0 : x - column)];
            target[x - columns.left] = image_alpha(pixel) ? pixel : 0;
        }
    }
}

static enum sgr_status draw_piece(const struct sheet *sheet, const struct sheet_piece *piece,
                                  struct sprite_window *window, uint32_t *pixels,
                                  struct sgr_error *error)
{
    const struct sprite *sprite = &sheet->sprite_set->sprites[piece->sprite];
    uint32_t *target = pixels + (size_t)piece->y * sheet->side + piece->x;
    struct image_box rows = piece->box;
    for (; rows.top < piece->box.bottom; rows.top = rows.bottom) {
        uint32_t left = piece->box.bottom - rows.top;
        const uint32_t *words;
        rows.bottom = rows.top + (left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE);
        enum sgr_status status =
            sprite_set_rows(sheet->sprite_set, sprite, rows, window, &words, error);
        if (status != SGR_OK)
            return status;
        for (uint32_t row = rows.top; row < rows.bottom; row++, target += sheet->side) {
            const uint64_t *starts = sprite->row_starts + (row - sprite->top);
            const uint32_t *end = words + (starts[1] - starts[0]);
            draw_row(target, rows, words, end);
            words = end;
        }
    }
    return SGR_OK;
}

enum sgr_status sheet_draw_page(const struct sheet *sheet, size_t page,
                                struct sprite_window *window, uint32_t *pixels,
                                struct sgr_error *error)
{
    memset(pixels, 0, (size_t)sheet->side * sheet->side * sizeof *pixels);
    for (size_t index = 0; index < sheet->piece_count; index++) {
        const struct sheet_piece *piece = &sheet->pieces[index];
        if (piece->page != page)
            continue;
        enum sgr_status status = draw_piece(sheet, piece, window, pixels, error);
        if (status != SGR_OK)
            return status;
    }
    return SGR_OK;
}
