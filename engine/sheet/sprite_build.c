/*
 * Run building. A run ends where pixels turn invisible for a while, and changes its kind where
 * opaque or flat stretches are long enough to pay for another header.
 */
#include "sheet/sprite_build.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* Below these, splitting a run costs more in headers and loops than it saves. */
enum { GAP_MIN = 4, OPAQUE_MIN = 16, FLAT_MIN = 8, LENGTH_MAX = 0x7fff };

/* A canvas row being cut into runs. */
struct row {
    const uint32_t *pixels; /* opacity applied */
    uint32_t count;
    uint32_t column; /* of pixels[0] on the canvas */
};

struct builder {
    uint32_t *words;
    size_t count;
    size_t capacity;
};

static bool emit(struct builder *builder, const struct row *row, uint32_t from, uint32_t to,
                 enum sprite_run_kind kind)
{
    uint32_t length = to - from;
    size_t body = kind == SPRITE_RUN_FLAT ? 1 : length;
    uint32_t *grown = memory_grow(builder->words, &builder->capacity, builder->count + 1 + body,
                                  sizeof *builder->words);
    if (!grown)
        return false;
    builder->words = grown;
    builder->words[builder->count++] = (uint32_t)kind << 30 | (row->column + from) << 15 | length;
    memcpy(builder->words + builder->count, row->pixels + from, body * sizeof(uint32_t));
    builder->count += body;
    return true;
}

/* How many opaque pixels follow from `at`, at most up to `end`. */
static uint32_t opaque_length(const struct row *row, uint32_t at, uint32_t end)
{
    uint32_t from = at;
    while (at < end && image_alpha(row->pixels[at]) == 255)
        at++;
    return at - from;
}

/* How many pixels from `at` have the colour of the first. */
static uint32_t flat_length(const struct row *row, uint32_t at, uint32_t end)
{
    uint32_t from = at;
    while (at < end && row->pixels[at] == row->pixels[from])
        at++;
    return at - from;
}

/* Cuts an opaque stretch into flat and other runs. */
static bool emit_opaque(struct builder *builder, const struct row *row, uint32_t from, uint32_t to)
{
    uint32_t start = from;
    while (from < to) {
        uint32_t flat = flat_length(row, from, to);
        if (flat >= FLAT_MIN) {
            if (start < from && !emit(builder, row, start, from, SPRITE_RUN_OPAQUE))
                return false;
            if (!emit(builder, row, from, from + flat, SPRITE_RUN_FLAT))
                return false;
            start = from + flat;
        }
        from += flat;
    }
    return start == to || emit(builder, row, start, to, SPRITE_RUN_OPAQUE);
}

/* Cuts a stretch without long gaps into opaque and translucent runs. */
static bool emit_visible(struct builder *builder, const struct row *row, uint32_t from, uint32_t to)
{
    uint32_t start = from;
    while (from < to) {
        uint32_t opaque = opaque_length(row, from, to);
        bool worth = opaque >= OPAQUE_MIN || (opaque > 0 && opaque == to - start);
        if (worth) {
            if (start < from && !emit(builder, row, start, from, SPRITE_RUN_TRANSLUCENT))
                return false;
            if (!emit_opaque(builder, row, from, from + opaque))
                return false;
            start = from + opaque;
        }
        from += opaque ? opaque : 1;
    }
    return start == to || emit(builder, row, start, to, SPRITE_RUN_TRANSLUCENT);
}

/* Finds the stretches of a row that can be seen. */
static bool build_row(struct builder *builder, const struct row *row)
{
    uint32_t at = 0;
    while (at < row->count) {
        while (at < row->count && image_alpha(row->pixels[at]) == 0)
            at++;
        uint32_t from = at;
        uint32_t seen = at;
        while (at < row->count && at - seen < GAP_MIN && at - from < LENGTH_MAX) {
            if (image_alpha(row->pixels[at]) != 0)
                seen = at + 1;
            at++;
        }
        if (seen > from && !emit_visible(builder, row, from, seen))
            return false;
        at = seen > from ? seen : at;
    }
    return true;
}

/* Copies a picture's row with its alpha scaled; colour under alpha 0 is dropped. */
static void scale_row(uint32_t *target, const uint32_t *source, uint32_t count, uint8_t opacity)
{
    if (opacity == 255) {
        memcpy(target, source, (size_t)count * sizeof *target);
        return;
    }
    for (uint32_t index = 0; index < count; index++) {
        uint8_t alpha = blend_scale_alpha((uint8_t)image_alpha(source[index]), opacity);
        target[index] = alpha ? (source[index] & 0xffffff) | (uint32_t)alpha << 24 : 0;
    }
}

/* The part of the picture that lies on the canvas, in picture coordinates; empty when none. */
static struct image_box clip(const struct image *image, const struct sprite_place *place)
{
    int64_t x = place->x;
    int64_t y = place->y;
    struct image_box visible = image_visible_box(image);
    int64_t left = visible.left + x < 0 ? -x : visible.left;
    int64_t top = visible.top + y < 0 ? -y : visible.top;
    int64_t right =
        visible.right + x > place->canvas_width ? place->canvas_width - x : visible.right;
    int64_t bottom =
        visible.bottom + y > place->canvas_height ? place->canvas_height - y : visible.bottom;
    if (left >= right || top >= bottom)
        return (struct image_box){0, 0, 0, 0};
    return (struct image_box){(uint32_t)left, (uint32_t)top, (uint32_t)right, (uint32_t)bottom};
}

/* Whether the runs in words [from, to) are opaque and fill the canvas from edge to edge. */
static bool row_covers(const uint32_t *words, uint64_t from, uint64_t to, uint32_t width)
{
    uint32_t reached = 0;
    while (from < to) {
        uint32_t header = words[from];
        uint32_t length = sprite_run_length(header);
        if (sprite_run_kind(header) == SPRITE_RUN_TRANSLUCENT ||
            sprite_run_column(header) != reached)
            return false;
        reached += length;
        from += 1 + (sprite_run_kind(header) == SPRITE_RUN_FLAT ? 1 : length);
    }
    return reached == width;
}

void sprite_build_finish(struct sprite *sprite)
{
    memory_free(sprite->row_starts);
    memory_free(sprite->words);
    memory_free(sprite->covered_rows);
    *sprite = (struct sprite){0};
}

/* Hashes what a sprite looks like: its place, and its runs row by row. */
static void set_digest(struct sprite *sprite)
{
    uint32_t rows = sprite->bottom - sprite->top;
    struct hash128 parts[2] = {
        hash_128(sprite->words, (size_t)sprite_word_count(sprite) * sizeof(uint32_t)),
        hash_128(sprite->row_starts, ((size_t)rows + 1) * sizeof *sprite->row_starts)};
    parts[1].low ^= (uint64_t)sprite->top << 32 | sprite->bottom;
    sprite->digest = hash_128(parts, sizeof parts);
}

enum sgr_status sprite_build(const struct image *image, const struct sprite_place *place,
                             struct sprite *out_sprite, struct sgr_error *error)
{
    struct image_box box = clip(image, place);
    uint32_t rows = box.bottom - box.top;
    struct row row = {NULL, box.right - box.left,
                      rows ? (uint32_t)((int64_t)box.left + place->x) : 0};
    struct builder builder = {NULL, 0, 0};
    struct sprite sprite = {0};
    uint32_t *scaled = memory_allocate((size_t)row.count + 1, sizeof *scaled);
    sprite.top = rows ? (uint32_t)((int64_t)box.top + place->y) : 0;
    sprite.bottom = sprite.top + rows;
    sprite.row_starts = memory_allocate_zeroed((size_t)rows + 1, sizeof *sprite.row_starts);
    sprite.covered_rows = memory_allocate_zeroed((size_t)rows + 1, 1);
    bool complete = scaled && sprite.row_starts && sprite.covered_rows;
    row.pixels = scaled;
    for (uint32_t index = 0; complete && index < rows; index++) {
        scale_row(scaled, image->pixels + (size_t)(box.top + index) * image->width + box.left,
                  row.count, place->opacity);
        complete = build_row(&builder, &row);
        sprite.row_starts[index + 1] = builder.count;
        if (complete)
            sprite.covered_rows[index] = row_covers(builder.words, sprite.row_starts[index],
                                                    builder.count, place->canvas_width);
    }
    memory_free(scaled);
    sprite.words = builder.words;
    if (!complete) {
        sprite_build_finish(&sprite);
        return error_no_memory(error, "a sprite");
    }
    /* Give back the room that growing left over; a failure only wastes it. */
    uint32_t *fitted = memory_resize(sprite.words, builder.count + 1, sizeof *sprite.words);
    if (fitted)
        sprite.words = fitted;
    set_digest(&sprite);
    *out_sprite = sprite;
    return SGR_OK;
}
