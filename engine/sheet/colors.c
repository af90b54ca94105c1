/*
 * One walk over the runs of every sprite in use. A pixel that equals the one before it costs one
 * comparison, a flat run as much as one pixel.
 */
#include "sheet/colors.h"

#include "base/error.h"
#include "base/memory.h"
#include "image/blend.h"

#include <stdlib.h>

/* Rows that are read at once, so that a scratch file is not read whole. */
enum { ROWS_AT_ONCE = 64 };

/* A colour and how many items it may come up in. */
struct use {
    uint32_t color;
    uint64_t items;
};

struct survey {
    const struct sprite_set *set;
    struct colors *colors;
    struct color_table table;
    struct use uses[COLOR_TABLE_COLORS_MAX];   /* [table.count] */
    size_t counted_in[COLOR_TABLE_COLORS_MAX]; /* the last sprite, + 1 */
    size_t sprite;                             /* being looked at, + 1 */
    uint64_t items;                            /* that have it */
    uint32_t last;                             /* the pixel looked at last, 0 to begin with */
    struct sprite_window window;
};

static bool is_grey(uint32_t pixel)
{
    return (((pixel >> 8) ^ pixel) & 0xffff) == 0;
}

/* Takes one visible pixel that is unlike the last one into account. */
static void add_pixel(struct survey *survey, uint32_t pixel)
{
    struct colors *colors = survey->colors;
    colors->grey = colors->grey && is_grey(pixel);
    colors->countable = colors->countable && image_alpha(pixel) == 255;
    unsigned index =
        colors->countable ? color_table_add(&survey->table, pixel) : (unsigned)COLOR_TABLE_NONE;
    colors->countable = index != COLOR_TABLE_NONE;
    if (!colors->countable || survey->counted_in[index] == survey->sprite)
        return;
    survey->counted_in[index] = survey->sprite;
    survey->uses[index].color = pixel;
    survey->uses[index].items += survey->items;
}

static void add_pixels(struct survey *survey, const uint32_t *pixels, uint32_t count)
{
    uint32_t last = survey->last;
    for (uint32_t index = 0; index < count; index++) {
        /* What stands under alpha 0 is never seen. */
        if (pixels[index] == last || image_alpha(pixels[index]) == 0)
            continue;
        last = pixels[index];
        add_pixel(survey, last);
    }
    survey->last = last;
}

static bool is_done(const struct survey *survey)
{
    return !survey->colors->grey && !survey->colors->countable;
}

static void add_runs(struct survey *survey, const uint32_t *words, uint64_t count)
{
    const uint32_t *end = words + count;
    while (words < end && !is_done(survey)) {
        uint32_t header = *words++;
        uint32_t stored = sprite_run_stored(header);
        add_pixels(survey, words, stored);
        words += stored;
    }
}

static enum sgr_status add_sprite(struct survey *survey, size_t index, struct sgr_error *error)
{
    const struct sprite *sprite = &survey->set->sprites[index];
    survey->sprite = index + 1;
    survey->last = 0;
    for (uint32_t top = sprite->top; top < sprite->bottom && !is_done(survey);
         top += ROWS_AT_ONCE) {
        uint32_t left = sprite->bottom - top;
        struct image_box rows = {0, top, 0, top + (left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE)};
        const uint32_t *words;
        enum sgr_status status =
            sprite_set_rows(survey->set, sprite, rows, &survey->window, &words, error);
        if (status != SGR_OK)
            return status;
        add_runs(survey, words,
                 sprite->row_starts[rows.bottom - sprite->top] -
                     sprite->row_starts[rows.top - sprite->top]);
    }
    return SGR_OK;
}

/* Adds up each sprite's items, and gives up what the blend modes in use leave unproven. */
static void add_modes(struct survey *survey, const uint64_t *uses, uint64_t *sprite_items)
{
    const struct sprite_set *set = survey->set;
    for (size_t part = 0; part < set->part_count; part++) {
        if (uses[part] == 0)
            continue;
        sprite_items[set->parts[part].sprite] += uses[part];
        survey->colors->grey = survey->colors->grey && set->parts[part].mode <= BLEND_EXCLUSION;
        survey->colors->countable =
            survey->colors->countable && set->parts[part].mode == BLEND_NORMAL;
    }
}

static int compare_uses(const void *left, const void *right)
{
    const struct use *a = left;
    const struct use *b = right;
    if (a->items != b->items)
        return a->items > b->items ? -1 : 1;
    return a->color < b->color ? -1 : a->color > b->color;
}

static void make_palette(struct survey *survey)
{
    struct colors *colors = survey->colors;
    colors->palette_count = colors->countable ? survey->table.count : 0;
    qsort(survey->uses, colors->palette_count, sizeof *survey->uses, compare_uses);
    for (size_t index = 0; index < colors->palette_count; index++)
        colors->palette[index] = survey->uses[index].color;
}

enum sgr_status colors_survey(const struct sprite_set *set, const uint64_t *uses,
                              struct colors *out_colors, struct sgr_error *error)
{
    struct survey *survey = memory_allocate_zeroed(1, sizeof *survey);
    uint64_t *sprite_items = memory_allocate_zeroed(set->sprite_count + 1, sizeof *sprite_items);
    enum sgr_status status =
        survey && sprite_items ? SGR_OK : error_no_memory(error, "the list of colours");
    if (status == SGR_OK) {
        *out_colors = (struct colors){.grey = true, .countable = true};
        survey->set = set;
        survey->colors = out_colors;
        add_modes(survey, uses, sprite_items);
        for (size_t index = 0; status == SGR_OK && index < set->sprite_count; index++) {
            survey->items = sprite_items[index];
            if (survey->items && !is_done(survey))
                status = add_sprite(survey, index, error);
        }
        make_palette(survey);
        sprite_window_finish(&survey->window);
    }
    memory_free(survey);
    memory_free(sprite_items);
    return status;
}
