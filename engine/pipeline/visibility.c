/*
 * A mask holds two bits a pixel, seen and opaque, of the box that a sprite fills in a band. Parts
 * are looked at from the top down, with the union of the opaque pixels so far. Items repeat the
 * same parts in a band over and over, so what was found is remembered by the parts.
 */
#include "pipeline/visibility.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Remembered results: 1.5 MB, enough for the strips of ten thousand rich items. */
enum { MEMO_BITS = 16, MEMO_PARTS_MAX = 64 };

/* One sprite in one band. The bits of a row are whole words, first column lowest. */
struct mask {
    uint32_t first_row; /* within the band */
    uint32_t rows;
    uint32_t first_word; /* within a row of the band */
    uint32_t words;
    uint64_t *seen;   /* [rows * words]; NULL when there is no mask */
    uint64_t *opaque; /* [rows * words] */
};

struct memo {
    struct hash128 key;
    uint64_t visible; /* bit n: the nth of the parts that reach the band */
};

struct visibility {
    const struct sprite_set *sprites;
    const uint32_t *edges;
    size_t band_count;
    uint8_t *effects;   /* [sprite * band_count + band] */
    struct mask *masks; /* the same */
    uint32_t *twins;    /* the same: the first sprite that looks the same in the band */
    uint64_t mask_bytes;
    size_t row_words;   /* of a band */
    uint64_t *covered;  /* [tallest band's rows * row_words] */
    struct memo *memos; /* [1 << MEMO_BITS] */
    struct sprite_window window;
};

static uint32_t band_rows(const struct visibility *visibility, size_t band)
{
    return visibility->edges[band + 1] - visibility->edges[band];
}

static size_t place_of(const struct visibility *visibility, uint32_t sprite, size_t band)
{
    return sprite * visibility->band_count + band;
}

enum visibility_effect visibility_effect(const struct visibility *visibility, uint32_t sprite,
                                         size_t band)
{
    return (enum visibility_effect)visibility->effects[place_of(visibility, sprite, band)];
}

/* Sets bits [from, to). */
static void set_bits(uint64_t *words, uint32_t from, uint32_t to)
{
    uint32_t last = (to - 1) / 64;
    uint64_t tail = UINT64_MAX >> (63 - (to - 1) % 64);
    uint64_t head = UINT64_MAX << (from % 64);
    if (from / 64 == last) {
        words[last] |= head & tail;
        return;
    }
    words[from / 64] |= head;
    for (uint32_t word = from / 64 + 1; word < last; word++)
        words[word] = UINT64_MAX;
    words[last] |= tail;
}

/* Enters a row's runs, which lie in words [at, end), into rows of bits that begin at `column`. */
static void enter_runs(const uint32_t *at, const uint32_t *end, uint32_t column, uint64_t *seen,
                       uint64_t *opaque)
{
    while (at < end) {
        uint32_t header = *at++;
        uint32_t from = sprite_run_column(header) - column;
        uint32_t length = sprite_run_length(header);
        if (sprite_run_kind(header) != SPRITE_RUN_TRANSLUCENT) {
            set_bits(seen, from, from + length);
            set_bits(opaque, from, from + length);
            at += sprite_run_kind(header) == SPRITE_RUN_FLAT ? 1 : length;
            continue;
        }
        for (uint32_t bit = from; bit < from + length; bit++, at++) {
            uint32_t alpha = image_alpha(*at);
            seen[bit / 64] |= (uint64_t)(alpha > 0) << (bit % 64);
            opaque[bit / 64] |= (uint64_t)(alpha == 255) << (bit % 64);
        }
    }
}

/* The words that hold every run of the rows; an empty range when there are none. */
static void find_words(const uint32_t *at, const uint32_t *end, struct mask *mask)
{
    uint32_t first = UINT32_MAX;
    uint32_t last = 0;
    while (at < end) {
        uint32_t header = *at++;
        uint32_t column = sprite_run_column(header);
        uint32_t length = sprite_run_length(header);
        if (column / 64 < first)
            first = column / 64;
        if ((column + length - 1) / 64 > last)
            last = (column + length - 1) / 64;
        at += sprite_run_kind(header) == SPRITE_RUN_FLAT ? 1 : length;
    }
    mask->first_word = first;
    mask->words = first <= last ? last - first + 1 : 0;
}

/* The rows of a sprite that lie in a band. */
static struct image_box rows_in_band(const struct visibility *visibility, uint32_t index,
                                     size_t band)
{
    const struct sprite *sprite = &visibility->sprites->sprites[index];
    uint32_t top = visibility->edges[band];
    uint32_t bottom = visibility->edges[band + 1];
    return (struct image_box){0, top > sprite->top ? top : sprite->top, 0,
                              bottom < sprite->bottom ? bottom : sprite->bottom};
}

/* Makes the mask of a sprite in a band that it reaches; its memory is the caller's. */
static enum sgr_status make_mask(struct visibility *visibility, uint32_t index, size_t band,
                                 struct mask *out_mask, struct sgr_error *error)
{
    const struct sprite *sprite = &visibility->sprites->sprites[index];
    uint32_t top = visibility->edges[band];
    uint32_t bottom = visibility->edges[band + 1];
    struct image_box rows = {0, top > sprite->top ? top : sprite->top, 0,
                             bottom < sprite->bottom ? bottom : sprite->bottom};
    const uint32_t *words;
    enum sgr_status status =
        sprite_set_rows(visibility->sprites, sprite, rows, &visibility->window, &words, error);
    if (status != SGR_OK)
        return status;
    const uint64_t *starts = sprite->row_starts + (rows.top - sprite->top);
    struct mask mask = {.first_row = rows.top - top, .rows = rows.bottom - rows.top};
    find_words(words, words + (starts[mask.rows] - starts[0]), &mask);
    size_t size = (size_t)mask.rows * mask.words;
    mask.seen = memory_allocate_zeroed(2 * size, sizeof(uint64_t));
    if (!mask.seen)
        return error_no_memory(error, "the sprites' masks");
    mask.opaque = mask.seen + size;
    for (uint32_t row = 0; row < mask.rows; row++)
        enter_runs(words + (starts[row] - starts[0]), words + (starts[row + 1] - starts[0]),
                   mask.first_word * 64, mask.seen + (size_t)row * mask.words,
                   mask.opaque + (size_t)row * mask.words);
    *out_mask = mask;
    return SGR_OK;
}

/* Finds a sprite's effects, and keeps masks while there is room for them. */
static enum sgr_status look_at(struct visibility *visibility, uint32_t index, uint64_t mask_bytes,
                               struct sgr_error *error)
{
    const struct sprite *sprite = &visibility->sprites->sprites[index];
    enum sgr_status status = SGR_OK;
    for (size_t band = 0; band < visibility->band_count && status == SGR_OK; band++) {
        uint32_t top = visibility->edges[band];
        uint32_t bottom = visibility->edges[band + 1];
        size_t place = place_of(visibility, index, band);
        enum visibility_effect effect = VISIBILITY_NONE;
        if (sprite_covers(sprite, top, bottom))
            effect = VISIBILITY_COVERED;
        else if (sprite_reaches(sprite, top, bottom))
            effect = VISIBILITY_SOME;
        visibility->effects[place] = (uint8_t)effect;
        if (effect != VISIBILITY_SOME || visibility->mask_bytes >= mask_bytes)
            continue;
        struct mask *mask = &visibility->masks[place];
        status = make_mask(visibility, index, band, mask, error);
        visibility->mask_bytes += (uint64_t)mask->rows * mask->words * 2 * sizeof(uint64_t);
    }
    return status;
}

/* A sprite's looks in one band. */
struct look {
    struct hash128 digest;
    uint32_t sprite;
};

static int compare_looks(const void *left, const void *right)
{
    const struct look *a = left;
    const struct look *b = right;
    if (a->digest.high != b->digest.high)
        return a->digest.high < b->digest.high ? -1 : 1;
    if (a->digest.low != b->digest.low)
        return a->digest.low < b->digest.low ? -1 : 1;
    return a->sprite < b->sprite ? -1 : a->sprite > b->sprite;
}

/* Digests what a sprite that reaches a band shows there: its runs, row by row, and where. */
static enum sgr_status digest_look(struct visibility *visibility, uint32_t index, size_t band,
                                   struct hash128 *out_digest, struct sgr_error *error)
{
    const struct sprite *sprite = &visibility->sprites->sprites[index];
    struct image_box rows = rows_in_band(visibility, index, band);
    const uint32_t *words;
    enum sgr_status status =
        sprite_set_rows(visibility->sprites, sprite, rows, &visibility->window, &words, error);
    if (status != SGR_OK)
        return status;
    const uint64_t *starts = sprite->row_starts + (rows.top - sprite->top);
    uint32_t row_count = rows.bottom - rows.top;
    while (row_count > 0 && starts[row_count] == starts[row_count - 1])
        row_count--;
    while (row_count > 0 && starts[1] == starts[0]) {
        starts++;
        rows.top++;
        row_count--;
    }
    struct hash128 digest = {rows.top, row_count};
    for (uint32_t row = 0; row < row_count; row++) {
        struct hash128 both[2] = {
            digest, hash_128(words, (size_t)(starts[row + 1] - starts[row]) * sizeof *words)};
        digest = hash_128(both, sizeof both);
        words += starts[row + 1] - starts[row];
    }
    *out_digest = digest;
    return SGR_OK;
}

/* Sprites that look the same in a band stand for each other there, so that their strips do. */
static enum sgr_status find_twins(struct visibility *visibility, struct sgr_error *error)
{
    size_t sprite_count = visibility->sprites->sprite_count;
    struct look *looks = memory_allocate(sprite_count + 1, sizeof *looks);
    enum sgr_status status = looks ? SGR_OK : error_no_memory(error, "the sprites' masks");
    for (size_t band = 0; band < visibility->band_count && status == SGR_OK; band++) {
        size_t count = 0;
        for (uint32_t index = 0; index < sprite_count && status == SGR_OK; index++) {
            looks[count].sprite = index;
            looks[count].digest = (struct hash128){0, 0};
            if (visibility_effect(visibility, index, band) != VISIBILITY_NONE)
                status = digest_look(visibility, index, band, &looks[count].digest, error);
            count++;
        }
        qsort(looks, count, sizeof *looks, compare_looks);
        uint32_t first = 0;
        for (size_t look = 0; look < count; look++) {
            if (look == 0 || !hash_equal(looks[look].digest, looks[look - 1].digest))
                first = looks[look].sprite;
            visibility->twins[place_of(visibility, looks[look].sprite, band)] = first;
        }
    }
    memory_free(looks);
    return status;
}

static uint32_t tallest_band(const struct visibility *visibility)
{
    uint32_t tallest = 0;
    for (size_t band = 0; band < visibility->band_count; band++) {
        if (band_rows(visibility, band) > tallest)
            tallest = band_rows(visibility, band);
    }
    return tallest;
}

enum sgr_status visibility_create(const struct sprite_set *sprites, const uint32_t *edges,
                                  size_t band_count, uint64_t mask_bytes,
                                  struct visibility **out_visibility, struct sgr_error *error)
{
    struct visibility *visibility = memory_allocate_zeroed(1, sizeof *visibility);
    if (!visibility)
        return error_no_memory(error, "the sprites' masks");
    visibility->sprites = sprites;
    visibility->edges = edges;
    visibility->band_count = band_count;
    visibility->row_words = (sprites->width + 63) / 64;
    size_t places = sprites->sprite_count * band_count;
    visibility->effects = memory_allocate_zeroed(places + 1, 1);
    visibility->masks = memory_allocate_zeroed(places + 1, sizeof *visibility->masks);
    visibility->twins = memory_allocate(places + 1, sizeof *visibility->twins);
    visibility->covered =
        memory_allocate(tallest_band(visibility) * visibility->row_words, sizeof(uint64_t));
    visibility->memos = memory_allocate_zeroed((size_t)1 << MEMO_BITS, sizeof(struct memo));
    enum sgr_status status = SGR_OK;
    if (!visibility->effects || !visibility->masks || !visibility->twins || !visibility->covered ||
        !visibility->memos)
        status = error_no_memory(error, "the sprites' masks");
    for (uint32_t index = 0; index < sprites->sprite_count && status == SGR_OK; index++)
        status = look_at(visibility, index, mask_bytes, error);
    if (status == SGR_OK)
        status = find_twins(visibility, error);
    if (status != SGR_OK)
        visibility_destroy(&visibility);
    *out_visibility = visibility;
    return status;
}

void visibility_destroy(struct visibility **visibility)
{
    if (!*visibility)
        return;
    size_t places = (*visibility)->sprites->sprite_count * (*visibility)->band_count;
    for (size_t place = 0; (*visibility)->masks && place < places; place++)
        memory_free((*visibility)->masks[place].seen);
    memory_free((*visibility)->effects);
    memory_free((*visibility)->masks);
    memory_free((*visibility)->twins);
    memory_free((*visibility)->covered);
    memory_free((*visibility)->memos);
    sprite_window_finish(&(*visibility)->window);
    memory_free(*visibility);
    *visibility = NULL;
}

uint64_t visibility_memory(const struct visibility *visibility)
{
    size_t places = visibility->sprites->sprite_count * visibility->band_count;
    return visibility->mask_bytes + places * (1 + sizeof(struct mask) + sizeof(uint32_t)) +
           (sizeof(struct memo) << MEMO_BITS);
}

/* Whether nothing below a part can be seen in a band: copy replaces every pixel. */
static bool hides_band(const struct visibility *visibility, const struct compose_part *part,
                       size_t band)
{
    enum blend_mode mode = (enum blend_mode)part->mode;
    return blend_mode_hides(mode) &&
           (blend_mode_touches_empty(mode) ||
            visibility_effect(visibility, part->sprite, band) == VISIBILITY_COVERED);
}

/* Whether a part can change a pixel of a band. */
static bool changes_band(const struct visibility *visibility, const struct compose_part *part,
                         size_t band)
{
    return blend_mode_touches_empty((enum blend_mode)part->mode) ||
           visibility_effect(visibility, part->sprite, band) != VISIBILITY_NONE;
}

/* The parts that can change the band, from the topmost one that hides all below. */
static size_t list_changing(const struct visibility *visibility, const struct stack *stack,
                            size_t band, struct compose_part *parts)
{
    size_t first = stack->part_count;
    while (first > 0 && !hides_band(visibility, &stack->parts[first - 1], band))
        first--;
    size_t count = 0;
    for (size_t index = first ? first - 1 : 0; index < stack->part_count; index++) {
        struct compose_part part = stack->parts[index];
        if (!changes_band(visibility, &part, band))
            continue;
        part.sprite = visibility->twins[place_of(visibility, part.sprite, band)];
        parts[count++] = part;
    }
    return count;
}

/* Whether every seen pixel of the mask is covered. */
static bool is_hidden(const struct visibility *visibility, const struct mask *mask)
{
    const uint64_t *seen = mask->seen;
    for (uint32_t row = 0; row < mask->rows; row++, seen += mask->words) {
        const uint64_t *covered = visibility->covered +
                                  (mask->first_row + row) * visibility->row_words +
                                  mask->first_word;
        uint64_t left = 0;
        for (uint32_t word = 0; word < mask->words; word++)
            left |= seen[word] & ~covered[word];
        if (left)
            return false;
    }
    return true;
}

static void add_opaque(const struct visibility *visibility, const struct mask *mask)
{
    const uint64_t *opaque = mask->opaque;
    for (uint32_t row = 0; row < mask->rows; row++, opaque += mask->words) {
        uint64_t *covered = visibility->covered + (mask->first_row + row) * visibility->row_words +
                            mask->first_word;
        for (uint32_t word = 0; word < mask->words; word++)
            covered[word] |= opaque[word];
    }
}

static void clear_covered(const struct visibility *visibility, size_t band)
{
    memset(visibility->covered, 0,
           band_rows(visibility, band) * visibility->row_words * sizeof(uint64_t));
}

static bool all_covered(const struct visibility *visibility, size_t band)
{
    uint32_t width = visibility->sprites->width;
    uint64_t tail = UINT64_MAX >> (63 - (width - 1) % 64);
    const uint64_t *row = visibility->covered;
    for (uint32_t left = band_rows(visibility, band); left > 0; left--) {
        for (size_t word = 0; word + 1 < visibility->row_words; word++) {
            if (row[word] != UINT64_MAX)
                return false;
        }
        if (row[visibility->row_words - 1] != tail)
            return false;
        row += visibility->row_words;
    }
    return true;
}

/* Which parts show a pixel, bit by bit; at most MEMO_PARTS_MAX parts. */
static uint64_t find_visible(const struct visibility *visibility, const struct compose_part *parts,
                             size_t count, size_t band)
{
    uint64_t visible = 0;
    bool any_opaque = false;
    clear_covered(visibility, band);
    for (size_t index = count; index-- > 0;) {
        enum blend_mode mode = (enum blend_mode)parts[index].mode;
        const struct mask *mask =
            &visibility->masks[place_of(visibility, parts[index].sprite, band)];
        /* Without a mask, or in a mode that acts everywhere, only a full cover hides. */
        bool by_mask = mask->seen && !blend_mode_touches_empty(mode);
        if (any_opaque && (by_mask ? is_hidden(visibility, mask) : all_covered(visibility, band)))
            continue;
        visible |= UINT64_C(1) << index;
        if (by_mask && blend_mode_hides(mode)) {
            add_opaque(visibility, mask);
            any_opaque = true;
        }
    }
    return visible;
}

size_t visibility_find(struct visibility *visibility, const struct stack *stack, size_t band,
                       struct compose_part *parts)
{
    size_t count = list_changing(visibility, stack, band, parts);
    if (count < 2 || count > MEMO_PARTS_MAX)
        return count;
    struct hash128 key = stack_key(parts, count, band);
    struct memo *memo = &visibility->memos[key.low >> (64 - MEMO_BITS)];
    if (!hash_equal(memo->key, key))
        *memo = (struct memo){key, find_visible(visibility, parts, count, band)};
    size_t kept = 0;
    for (size_t index = 0; index < count; index++) {
        if (memo->visible >> index & 1)
            parts[kept++] = parts[index];
    }
    return kept;
}

/* Adds the opaque pixels of a sprite to those covered, with or without a mask at hand. */
static enum sgr_status cover_by(struct visibility *visibility, uint32_t sprite, size_t band,
                                struct sgr_error *error)
{
    const struct mask *mask = &visibility->masks[place_of(visibility, sprite, band)];
    if (mask->seen) {
        add_opaque(visibility, mask);
        return SGR_OK;
    }
    struct mask made = {0};
    enum sgr_status status = make_mask(visibility, sprite, band, &made, error);
    if (status == SGR_OK)
        add_opaque(visibility, &made);
    memory_free(made.seen);
    return status;
}

/* Whether a part covers the band with opaque pixels, and none above can undo it. */
static bool has_cover(const struct visibility *visibility, const struct stack *stack, size_t band)
{
    for (size_t index = stack->part_count; index-- > 0;) {
        const struct compose_part *part = &stack->parts[index];
        enum blend_mode mode = (enum blend_mode)part->mode;
        if (blend_mode_makes_opaque(mode) &&
            visibility_effect(visibility, part->sprite, band) == VISIBILITY_COVERED)
            return true;
        if (changes_band(visibility, part, band) && !blend_mode_keeps_opaque(mode))
            return false;
    }
    return false;
}

/* Whether the parts' opaque pixels together fill the band, and stay. */
static enum sgr_status fill_band(struct visibility *visibility, const struct stack *stack,
                                 size_t band, bool *out_filled, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    *out_filled = has_cover(visibility, stack, band);
    if (*out_filled)
        return SGR_OK;
    clear_covered(visibility, band);
    for (size_t index = 0; index < stack->part_count && status == SGR_OK; index++) {
        const struct compose_part *part = &stack->parts[index];
        enum blend_mode mode = (enum blend_mode)part->mode;
        if (changes_band(visibility, part, band) && !blend_mode_keeps_opaque(mode))
            clear_covered(visibility, band);
        if (blend_mode_makes_opaque(mode) &&
            visibility_effect(visibility, part->sprite, band) != VISIBILITY_NONE)
            status = cover_by(visibility, part->sprite, band, error);
    }
    *out_filled = all_covered(visibility, band);
    return status;
}

enum sgr_status visibility_is_opaque(struct visibility *visibility, const struct stack *stack,
                                     bool *out_opaque, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    *out_opaque = true;
    for (size_t band = 0; band < visibility->band_count && *out_opaque && status == SGR_OK; band++)
        status = fill_band(visibility, stack, band, out_opaque, error);
    return status;
}
