/*
 * One walk over the runs of every sprite, a tile row at a time, gives the masks and the box of what
 * can be seen of the row in each chunk. Rows are then joined from the top down when the joint box
 * holds little else. While sprites are looked at there is room for a piece in every slot, a tile
 * row of a chunk, so that they do not wait for each other; counting them closes the gaps.
 */
#include "sheet/sheet_cut.h"

#include "base/error.h"
#include "base/memory.h"
#include "work/parallel.h"

#include <stdlib.h>
#include <string.h>

/*
 * A joint box may be this many thirds as large as the boxes of its rows together. A disc takes
 * 4 / pi of its rows, so it stays in one piece.
 */
enum { JOINT_THIRDS_MAX = 4 };

/* What a slot says while sprites are looked at; SHEET_NO_PIECE where nothing is visible. */
enum { SLOT_BEGINS, SLOT_CONTINUES };

/* What a worker needs for itself. */
struct cutter {
    struct sprite_window window;
    uint32_t *opaque; /* [tile columns]: opaque pixels in the tile row that is looked at */
};

struct cutting {
    struct sheet *sheet;
    struct cutter *cutters; /* [threads] */
    const uint32_t *twins;  /* [sprite_count]: the first sprite that looks the same */
    size_t tile_columns;
};

/* A tile row of a sprite being looked at. */
struct tile_row {
    struct sheet *sheet;
    uint32_t *opaque;
    uint32_t *shows;
    struct sheet_piece *slots; /* [chunk_count] */
};

struct digest {
    struct hash128 value;
    uint32_t sprite;
};

static int compare_digests(const void *left, const void *right)
{
    const struct digest *a = left;
    const struct digest *b = right;
    if (a->value.high != b->value.high)
        return a->value.high < b->value.high ? -1 : 1;
    if (a->value.low != b->value.low)
        return a->value.low < b->value.low ? -1 : 1;
    return a->sprite < b->sprite ? -1 : a->sprite > b->sprite;
}

static enum sgr_status find_twins(const struct sprite_set *set, uint32_t *twins,
                                  struct sgr_error *error)
{
    struct digest *digests = memory_allocate(set->sprite_count, sizeof *digests);
    if (!digests)
        return error_no_memory(error, "sheets");
    for (size_t index = 0; index < set->sprite_count; index++)
        digests[index] = (struct digest){set->sprites[index].digest, (uint32_t)index};
    qsort(digests, set->sprite_count, sizeof *digests, compare_digests);
    uint32_t first = 0;
    for (size_t index = 0; index < set->sprite_count; index++) {
        if (index == 0 || !hash_equal(digests[index].value, digests[index - 1].value))
            first = digests[index].sprite;
        twins[digests[index].sprite] = first;
    }
    memory_free(digests);
    return SGR_OK;
}

/* Adds columns [left, right) of a row, which lie in one tile and start and end visibly. */
static void add_visible(struct tile_row *tiles, uint32_t left, uint32_t right, uint32_t row)
{
    uint32_t tile = left / SHEET_TILE_WIDTH;
    struct image_box *box = &tiles->slots[left / tiles->sheet->side].box;
    tiles->shows[tile / 32] |= UINT32_C(1) << tile % 32;
    if (box->right == 0)
        *box = (struct image_box){left, row, right, row};
    box->left = left < box->left ? left : box->left;
    box->right = right > box->right ? right : box->right;
    box->bottom = row + 1;
}

/* The same for pixels of any alpha. */
static void add_translucent(struct tile_row *tiles, const uint32_t *pixels, uint32_t left,
                            uint32_t right, uint32_t row)
{
    uint32_t first = right;
    uint32_t end = left;
    uint32_t opaque = 0;
    for (uint32_t x = left; x < right; x++) {
        uint32_t alpha = image_alpha(pixels[x - left]);
        first = alpha && x < first ? x : first;
        end = alpha ? x + 1 : end;
        opaque += alpha == 255;
    }
    tiles->opaque[left / SHEET_TILE_WIDTH] += opaque;
    if (first < end)
        add_visible(tiles, first, end, row);
}

/* Adds a run, tile by tile. */
static void add_run(struct tile_row *tiles, const uint32_t *run, uint32_t row)
{
    uint32_t left = sprite_run_column(*run);
    uint32_t end = left + sprite_run_length(*run);
    const uint32_t *pixels = run + 1;
    while (left < end) {
        uint32_t tile = left / SHEET_TILE_WIDTH;
        uint32_t tile_end = (tile + 1) * SHEET_TILE_WIDTH;
        uint32_t right = end < tile_end ? end : tile_end;
        if (sprite_run_kind(*run) == SPRITE_RUN_TRANSLUCENT) {
            add_translucent(tiles, pixels, left, right, row);
        } else {
            tiles->opaque[tile] += right - left;
            add_visible(tiles, left, right, row);
        }
        pixels += right - left;
        left = right;
    }
}

/* Sets the bits of the tiles of which all that lies on the canvas is opaque. */
static void set_covers(const struct cutting *cutting, const uint32_t *opaque, uint32_t tile_row,
                       uint32_t *covers)
{
    const struct sprite_set *set = cutting->sheet->sprite_set;
    uint32_t rows = set->height - tile_row * SHEET_TILE_HEIGHT;
    rows = rows < SHEET_TILE_HEIGHT ? rows : SHEET_TILE_HEIGHT;
    for (uint32_t tile = 0; tile < cutting->tile_columns; tile++) {
        uint32_t columns = set->width - tile * SHEET_TILE_WIDTH;
        columns = columns < SHEET_TILE_WIDTH ? columns : SHEET_TILE_WIDTH;
        if (opaque[tile] == rows * columns)
            covers[tile / 32] |= UINT32_C(1) << tile % 32;
    }
}

/* Looks at one tile row of a sprite. */
static enum sgr_status look_at(const struct cutting *cutting, struct cutter *cutter, size_t index,
                               uint32_t tile_row, struct sgr_error *error)
{
    struct sheet *sheet = cutting->sheet;
    const struct sprite *sprite = &sheet->sprite_set->sprites[index];
    const struct sheet_sprite *entry = &sheet->sprites[index];
    size_t masks = entry->masks + (tile_row - entry->tile_top) * sheet->mask_words;
    size_t slots = entry->pieces + (tile_row - entry->tile_top) * sheet->chunk_count;
    struct tile_row tiles = {sheet, cutter->opaque, sheet->shows + masks, sheet->pieces + slots};
    uint32_t top = tile_row * SHEET_TILE_HEIGHT;
    uint32_t bottom = top + SHEET_TILE_HEIGHT;
    struct image_box rows = {0, top > sprite->top ? top : sprite->top, 0,
                             bottom < sprite->bottom ? bottom : sprite->bottom};
    const uint32_t *words;
    enum sgr_status status =
        sprite_set_rows(sheet->sprite_set, sprite, rows, &cutter->window, &words, error);
    if (status != SGR_OK)
        return status;
    memset(cutter->opaque, 0, cutting->tile_columns * sizeof *cutter->opaque);
    for (uint32_t row = rows.top; row < rows.bottom; row++) {
        const uint64_t *starts = sprite->row_starts + (row - sprite->top);
        const uint32_t *end = words + (starts[1] - starts[0]);
        for (; words < end; words += 1 + sprite_run_stored(*words))
            add_run(&tiles, words, row);
    }
    set_covers(cutting, cutter->opaque, tile_row, sheet->covers + masks);
    return SGR_OK;
}

static uint64_t box_area(struct image_box box)
{
    return (uint64_t)(box.right - box.left) * (box.bottom - box.top);
}

/* The smallest box that holds both. */
static struct image_box box_join(struct image_box upper, struct image_box lower)
{
    return (struct image_box){upper.left < lower.left ? upper.left : lower.left, upper.top,
                              upper.right > lower.right ? upper.right : lower.right, lower.bottom};
}

/*
 * How many slots, from a visible one on, make a piece: as many as possible. A shape that starts
 * narrow wastes much at first and little in the end, so all that could follow are looked at, up to
 * `count` tile rows. *out_box is the piece's.
 */
static size_t join_slots(const struct sheet *sheet, const struct sheet_piece *slots, size_t count,
                         struct image_box *out_box)
{
    struct image_box joint = slots->box;
    uint64_t area = 0; /* of the boxes that are joined */
    size_t best = 1;
    *out_box = joint;
    for (size_t at = 0; at < count && slots->box.right > 0; at++, slots += sheet->chunk_count) {
        joint = box_join(joint, slots->box);
        area += box_area(slots->box);
        if (joint.bottom - joint.top > sheet->side)
            break;
        if (box_area(joint) * 3 <= area * JOINT_THIRDS_MAX) {
            best = at + 1;
            *out_box = joint;
        }
    }
    return best;
}

/* Joins the tile rows of a sprite in one chunk. */
static void join_rows(const struct sheet *sheet, const struct sheet_sprite *entry, size_t chunk)
{
    size_t count = entry->tile_bottom - entry->tile_top;
    size_t slot = entry->pieces + chunk;
    size_t joined = 1;
    for (size_t row = 0; row < count; row += joined) {
        struct sheet_piece *piece = &sheet->pieces[slot];
        struct image_box box = piece->box;
        bool is_visible = box.right > 0;
        joined = is_visible ? join_slots(sheet, piece, count - row, &box) : 1;
        piece->box = box;
        sheet->piece_at[slot] = is_visible ? SLOT_BEGINS : SHEET_NO_PIECE;
        for (size_t at = 1; at < joined; at++)
            sheet->piece_at[slot + at * sheet->chunk_count] = SLOT_CONTINUES;
        slot += joined * sheet->chunk_count;
    }
}

static enum sgr_status cut_sprite(void *context, size_t index, unsigned worker,
                                  struct sgr_error *error)
{
    const struct cutting *cutting = context;
    const struct sheet_sprite *entry = &cutting->sheet->sprites[index];
    if (cutting->twins[index] != index)
        return SGR_OK;
    for (uint32_t row = entry->tile_top; row < entry->tile_bottom; row++) {
        enum sgr_status status = look_at(cutting, &cutting->cutters[worker], index, row, error);
        if (status != SGR_OK)
            return status;
    }
    for (size_t chunk = 0; chunk < cutting->sheet->chunk_count; chunk++)
        join_rows(cutting->sheet, entry, chunk);
    return SGR_OK;
}

static enum sgr_status cut_sprites(struct cutting *cutting, unsigned threads,
                                   struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    cutting->cutters = memory_allocate_zeroed(threads, sizeof *cutting->cutters);
    if (!cutting->cutters)
        return error_no_memory(error, "sheets");
    for (unsigned worker = 0; worker < threads && status == SGR_OK; worker++) {
        struct cutter *cutter = &cutting->cutters[worker];
        cutter->opaque = memory_allocate(cutting->tile_columns, sizeof *cutter->opaque);
        status = cutter->opaque ? SGR_OK : error_no_memory(error, "sheets");
    }
    if (status == SGR_OK)
        status = parallel_run(threads, cutting->sheet->sprite_set->sprite_count, cut_sprite,
                              cutting, error);
    for (unsigned worker = 0; worker < threads; worker++) {
        memory_free(cutting->cutters[worker].opaque);
        sprite_window_finish(&cutting->cutters[worker].window);
    }
    memory_free(cutting->cutters);
    return status;
}

/* Says where each sprite's tile rows stand in the tables, and makes those. */
static enum sgr_status make_tables(const struct cutting *cutting, struct sgr_error *error)
{
    struct sheet *sheet = cutting->sheet;
    size_t rows = 0;
    for (size_t index = 0; index < sheet->sprite_set->sprite_count; index++) {
        const struct sprite *sprite = &sheet->sprite_set->sprites[index];
        struct sheet_sprite *entry = &sheet->sprites[index];
        if (cutting->twins[index] != index) {
            *entry = sheet->sprites[cutting->twins[index]];
            continue;
        }
        if (sprite->top < sprite->bottom) {
            entry->tile_top = sprite->top / SHEET_TILE_HEIGHT;
            entry->tile_bottom = (sprite->bottom - 1) / SHEET_TILE_HEIGHT + 1;
        }
        entry->pieces = rows * sheet->chunk_count;
        entry->masks = rows * sheet->mask_words;
        rows += entry->tile_bottom - entry->tile_top;
    }
    size_t slots = rows * sheet->chunk_count;
    if (slots >= SHEET_NO_PIECE)
        return error_no_memory(error, "sheets");
    sheet->pieces = memory_allocate_zeroed(slots, sizeof *sheet->pieces);
    sheet->piece_at = memory_allocate(slots, sizeof *sheet->piece_at);
    sheet->shows = memory_allocate_zeroed(rows * sheet->mask_words, sizeof *sheet->shows);
    sheet->covers = memory_allocate_zeroed(rows * sheet->mask_words, sizeof *sheet->covers);
    if (!sheet->pieces || !sheet->piece_at || !sheet->shows || !sheet->covers)
        return error_no_memory(error, "sheets");
    return SGR_OK;
}

/* Numbers a sprite's pieces in the order of its slots, and moves them up to those before. */
static void number_pieces(struct sheet *sheet, size_t index)
{
    const struct sheet_sprite *entry = &sheet->sprites[index];
    size_t end = entry->pieces + (entry->tile_bottom - entry->tile_top) * sheet->chunk_count;
    for (size_t slot = entry->pieces; slot < end; slot++) {
        uint32_t *piece = &sheet->piece_at[slot];
        if (*piece == SLOT_CONTINUES) {
            *piece = sheet->piece_at[slot - sheet->chunk_count];
        } else if (*piece == SLOT_BEGINS) {
            *piece = (uint32_t)sheet->piece_count;
            sheet->pieces[sheet->piece_count] = sheet->pieces[slot];
            sheet->pieces[sheet->piece_count++].sprite = (uint32_t)index;
        }
    }
}

/* Frees the room that the pieces do not need. */
static enum sgr_status give_back(struct sheet *sheet, struct sgr_error *error)
{
    struct sheet_piece *kept =
        memory_resize(sheet->pieces, sheet->piece_count, sizeof *sheet->pieces);
    if (!kept)
        return error_no_memory(error, "sheets");
    sheet->pieces = kept;
    return SGR_OK;
}

enum sgr_status sheet_cut(struct sheet *sheet, unsigned threads, struct sgr_error *error)
{
    const struct sprite_set *set = sheet->sprite_set;
    size_t tile_columns = (set->width - 1) / SHEET_TILE_WIDTH + 1;
    struct cutting cutting = {.sheet = sheet, .tile_columns = tile_columns};
    sheet->chunk_count = (set->width - 1) / sheet->side + 1;
    sheet->mask_words = (tile_columns - 1) / 32 + 1;
    uint32_t *twins = memory_allocate(set->sprite_count, sizeof *twins);
    sheet->sprites = memory_allocate_zeroed(set->sprite_count, sizeof *sheet->sprites);
    cutting.twins = twins;
    enum sgr_status status = twins && sheet->sprites ? SGR_OK : error_no_memory(error, "sheets");
    if (status == SGR_OK)
        status = find_twins(set, twins, error);
    if (status == SGR_OK)
        status = make_tables(&cutting, error);
    if (status == SGR_OK)
        status = cut_sprites(&cutting, threads, error);
    for (size_t index = 0; status == SGR_OK && index < set->sprite_count; index++) {
        if (twins[index] == index)
            number_pieces(sheet, index);
    }
    memory_free(twins);
    return status == SGR_OK ? give_back(sheet, error) : status;
}
