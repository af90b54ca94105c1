/*
 * Binning: from the strips' parts to draws. It looks at tiles only, by whole words of their masks,
 * so it costs some nanoseconds a part and row of tiles whatever the pixels are.
 */
#include "compose/gles/work_list.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* A row of tiles of one strip, while its draws are being made. */
struct row {
    const struct compose_strip *strip;
    uint32_t tile_row;
    size_t first_draw;
};

enum sgr_status work_list_init(struct work_list *list, const struct sheet *sheet,
                               const struct work_limits *limits, struct sgr_error *error)
{
    *list = (struct work_list){.sheet = sheet, .limits = *limits};
    list->page_batches = memory_allocate_zeroed(sheet->page_count + 1, sizeof(uint32_t));
    list->hidden = memory_allocate(sheet->mask_words, sizeof(uint32_t));
    if (list->page_batches && list->hidden) {
        work_list_begin(list);
        return SGR_OK;
    }
    work_list_finish(list);
    return error_no_memory(error, "the device's work");
}

void work_list_finish(struct work_list *list)
{
    memory_free(list->slabs);
    memory_free(list->draws);
    memory_free(list->pages);
    memory_free(list->page_batches);
    memory_free(list->hidden);
    *list = (struct work_list){.sheet = NULL};
}

void work_list_begin(struct work_list *list)
{
    list->slab_count = 0;
    list->draw_count = 0;
    list->page_count = 0;
    list->rows = 0;
    list->batch++;
}

static size_t draw_words(const struct work_list *list)
{
    return WORK_DRAW_WORDS + list->sheet->mask_words;
}

/* The bits of word `word` that stand for tile columns [from, to). */
static uint32_t mask_of(size_t word, size_t from, size_t to)
{
    size_t first = word * 32;
    if (to <= first || from >= first + 32)
        return 0;
    uint32_t mask = UINT32_MAX;
    if (to < first + 32)
        mask = (UINT32_C(1) << (to - first)) - 1;
    return from > first ? mask & UINT32_MAX << (from - first) : mask;
}

/* Makes room for the draws of one more part. */
static bool make_room(struct work_list *list)
{
    size_t chunks = list->sheet->chunk_count;
    uint32_t *draws =
        memory_grow(list->draws, &list->draws_capacity,
                    (list->draw_count + chunks) * draw_words(list), sizeof *list->draws);
    if (draws)
        list->draws = draws;
    uint32_t *pages = memory_grow(list->pages, &list->pages_capacity, list->page_count + chunks,
                                  sizeof *list->pages);
    if (pages)
        list->pages = pages;
    return draws && pages;
}

static void use_page(struct work_list *list, uint32_t page)
{
    if (list->page_batches[page] == list->batch)
        return;
    list->page_batches[page] = list->batch;
    list->pages[list->page_count++] = page;
}

/* Writes what a part does in one chunk, if anything of it can be seen there. */
static void add_draw(struct work_list *list, uint32_t mode, uint32_t piece_index, size_t chunk,
                     const uint32_t *shows)
{
    const struct sheet *sheet = list->sheet;
    static const struct sheet_piece nothing = {.page = 0};
    const struct sheet_piece *piece =
        piece_index == SHEET_NO_PIECE ? &nothing : &sheet->pieces[piece_index];
    size_t chunk_tiles = sheet->side / SHEET_TILE_WIDTH;
    size_t tiles = (sheet->sprite_set->width + SHEET_TILE_WIDTH - 1) / SHEET_TILE_WIDTH;
    size_t from = chunk * chunk_tiles;
    size_t to = from + chunk_tiles < tiles ? from + chunk_tiles : tiles;
    uint32_t *draw = list->draws + list->draw_count * draw_words(list);
    uint32_t any = 0;
    for (size_t word = 0; word < sheet->mask_words; word++) {
        uint32_t mask = mask_of(word, from, to) & ~list->hidden[word];
        draw[WORK_DRAW_WORDS + word] = shows ? mask & shows[word] : mask;
        any |= draw[WORK_DRAW_WORDS + word];
    }
    if (any == 0)
        return;
    draw[0] = piece->page << 8 | mode;
    draw[1] = piece->box.right << 16 | piece->box.left;
    draw[2] = piece->box.bottom << 16 | piece->box.top;
    draw[3] = piece->y << 16 | piece->x;
    list->draw_count++;
    if (piece != &nothing)
        use_page(list, piece->page);
}

/* Adds the draws of a part in a row of tiles, and notes what it hides. */
static bool add_part(struct work_list *list, const struct row *row, const struct compose_part *part)
{
    const struct sheet *sheet = list->sheet;
    const struct sheet_sprite *sprite = &sheet->sprites[part->sprite];
    enum blend_mode mode = (enum blend_mode)part->mode;
    bool reaches = row->tile_row >= sprite->tile_top && row->tile_row < sprite->tile_bottom;
    bool everywhere = blend_mode_touches_empty(mode);
    if (!reaches && !everywhere)
        return true;
    size_t offset = reaches ? row->tile_row - sprite->tile_top : 0;
    const uint32_t *pieces = sheet->piece_at + sprite->pieces + offset * sheet->chunk_count;
    size_t masks = sprite->masks + offset * sheet->mask_words;
    if (!make_room(list))
        return false;
    for (size_t chunk = 0; chunk < sheet->chunk_count; chunk++) {
        uint32_t piece = reaches ? pieces[chunk] : SHEET_NO_PIECE;
        if (piece != SHEET_NO_PIECE || everywhere)
            add_draw(list, part->mode, piece, chunk, everywhere ? NULL : sheet->shows + masks);
    }
    for (size_t word = 0; word < sheet->mask_words && blend_mode_hides(mode); word++)
        list->hidden[word] |= everywhere ? UINT32_MAX : sheet->covers[masks + word];
    return true;
}

/* Adds a slab and its draws, from the top part down. */
static bool add_row(struct work_list *list, const struct row *row)
{
    const struct compose_strip *strip = row->strip;
    uint32_t *slabs = memory_grow(list->slabs, &list->slabs_capacity,
                                  (list->slab_count + 1) * WORK_SLAB_WORDS, sizeof *list->slabs);
    if (!slabs)
        return false;
    list->slabs = slabs;
    uint32_t tile_top = row->tile_row * SHEET_TILE_HEIGHT;
    uint32_t tile_bottom = tile_top + SHEET_TILE_HEIGHT;
    uint32_t top = strip->top > tile_top ? strip->top : tile_top;
    uint32_t bottom = strip->bottom < tile_bottom ? strip->bottom : tile_bottom;
    memset(list->hidden, 0, list->sheet->mask_words * sizeof *list->hidden);
    for (size_t part = strip->part_count; part > 0; part--) {
        if (!add_part(list, row, &strip->parts[part - 1]))
            return false;
    }
    uint32_t *slab = slabs + list->slab_count++ * WORK_SLAB_WORDS;
    slab[0] = (uint32_t)list->rows;
    slab[1] = (bottom - top) << 16 | top;
    slab[2] = (uint32_t)row->first_draw;
    slab[3] = (uint32_t)(list->draw_count - row->first_draw);
    list->rows += bottom - top;
    return true;
}

enum sgr_status work_list_add(struct work_list *list, const struct compose_strip *strip,
                              bool *out_added, struct sgr_error *error)
{
    const struct work_list before = *list;
    uint32_t last = (strip->bottom - 1) / SHEET_TILE_HEIGHT;
    struct row row = {strip, strip->top / SHEET_TILE_HEIGHT, 0};
    *out_added = list->rows + (strip->bottom - strip->top) <= list->limits.rows &&
                 list->slab_count + (last - row.tile_row + 1) <= list->limits.slabs;
    for (; *out_added && row.tile_row <= last; row.tile_row++) {
        row.first_draw = list->draw_count;
        if (!add_row(list, &row))
            return error_no_memory(error, "the device's work");
    }
    if (*out_added && list->page_count <= list->limits.pages &&
        work_list_words(list) <= list->limits.words)
        return SGR_OK;
    *out_added = false;
    for (size_t index = before.page_count; index < list->page_count; index++)
        list->page_batches[list->pages[index]] = 0;
    list->page_count = before.page_count;
    list->draw_count = before.draw_count;
    list->slab_count = before.slab_count;
    list->rows = before.rows;
    return SGR_OK;
}

size_t work_list_words(const struct work_list *list)
{
    return list->slab_count * WORK_SLAB_WORDS + list->draw_count * draw_words(list);
}

void work_list_write(const struct work_list *list, const uint32_t *layers, uint32_t *words)
{
    size_t draws_at = list->slab_count * WORK_SLAB_WORDS;
    size_t step = draw_words(list);
    if (list->slab_count > 0)
        memcpy(words, list->slabs, draws_at * sizeof *words);
    if (list->draw_count > 0)
        memcpy(words + draws_at, list->draws, list->draw_count * step * sizeof *words);
    for (size_t slab = 0; slab < list->slab_count; slab++) {
        uint32_t *place = &words[slab * WORK_SLAB_WORDS + 2];
        *place = (uint32_t)(draws_at + *place * step);
    }
    for (size_t draw = 0; draw < list->draw_count; draw++) {
        uint32_t *kind = &words[draws_at + draw * step];
        *kind = layers[*kind >> 8] << 8 | (*kind & 0xff);
    }
}
