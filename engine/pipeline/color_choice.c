/* Everything here is a function of plan, art and options; see engine/ARCHITECTURE.md. */
#include "pipeline/color_choice.h"

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/draft_stack.h"
#include "pipeline/strip_maker.h"
#include "sheet/colors.h"

#include <string.h>

/* The sample: this many items, fewer when they have more pixels, but not fewer than the least. */
enum { SAMPLE_ITEMS_MAX = 16, SAMPLE_ITEMS_MIN = 4, SAMPLE_PIXELS = 1 << 23 };

/* What looking at items takes. */
struct chooser {
    const struct color_source *source;
    struct draft_stack items;
};

/* Whether every item is opaque. */
static enum sgr_status all_opaque(struct chooser *chooser, bool *out_opaque,
                                  struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    *out_opaque = true;
    for (uint64_t item = 0; item < chooser->source->draft->count && *out_opaque && status == SGR_OK;
         item++) {
        status = draft_stack_item(&chooser->items, item, error);
        if (status == SGR_OK)
            status = visibility_is_opaque(chooser->source->visibility, &chooser->items.stack,
                                          out_opaque, error);
    }
    return status;
}

/* Looks at the colours of the parts that items have. */
static enum sgr_status survey(const struct chooser *chooser, struct colors *out_colors,
                              struct sgr_error *error)
{
    const struct plan_draft *draft = chooser->source->draft;
    uint64_t *uses = memory_allocate_zeroed(chooser->source->sprites->part_count + 1, sizeof *uses);
    if (!uses)
        return error_no_memory(error, "the plan");
    for (size_t layer = 0; layer < draft->collection->layer_count; layer++) {
        for (size_t trait = 0; trait < draft->collection->layers[layer].trait_count; trait++) {
            uint32_t count;
            uint32_t first = sprite_set_trait(chooser->source->sprites, layer, trait, &count);
            for (uint32_t part = first; part < first + count; part++)
                uses[part] = draft->planned[draft->trait_bases[layer] + trait];
        }
    }
    enum sgr_status status = colors_survey(chooser->source->sprites, uses, out_colors, error);
    memory_free(uses);
    return status;
}

/* Adds the bytes of the file of the item on the stack. */
static enum sgr_status add_item_size(struct chooser *chooser, struct strip_maker *maker,
                                     uint64_t *bytes, struct sgr_error *error)
{
    const struct plan_choices *choices = maker->choices;
    enum sgr_status status = SGR_OK;
    unsigned palette_used = 0;
    for (size_t band = 0; band < choices->band_count && status == SGR_OK; band++) {
        struct png_strip strip = {NULL, 0, 1};
        status = strip_maker_make(maker, chooser->items.stack.parts,
                                  chooser->items.stack.part_count, band, &strip, error);
        palette_used = maker->pack.used > palette_used ? maker->pack.used : palette_used;
        *bytes += strip.size;
    }
    if (status != SGR_OK)
        return status;
    uint8_t head[PNG_HEAD_BYTES_MAX];
    struct png_header header = strip_maker_header(choices, palette_used);
    *bytes += png_strip_head(head, &header);
    return SGR_OK;
}

/* The bytes of a sample of items, spread evenly over the plan, under the given choices. */
static enum sgr_status sample_size(struct chooser *chooser, const struct plan_choices *choices,
                                   uint64_t *out_bytes, struct sgr_error *error)
{
    uint64_t items = SAMPLE_PIXELS / ((uint64_t)choices->width * choices->height);
    items = items > SAMPLE_ITEMS_MAX ? SAMPLE_ITEMS_MAX : items;
    items = items < SAMPLE_ITEMS_MIN ? SAMPLE_ITEMS_MIN : items;
    items = items > chooser->source->draft->count ? chooser->source->draft->count : items;
    const struct kernel_table *kernels;
    struct strip_maker maker = {0};
    *out_bytes = 0;
    enum sgr_status status = kernel_choose("auto", &kernels, error);
    if (status == SGR_OK)
        status = strip_maker_init(&maker, chooser->source->compose, kernels, 0, choices, error);
    for (uint64_t item = 0; item < items && status == SGR_OK; item++) {
        status =
            draft_stack_item(&chooser->items, item * chooser->source->draft->count / items, error);
        if (status == SGR_OK)
            status = add_item_size(chooser, &maker, out_bytes, error);
    }
    strip_maker_finish(&maker);
    return status;
}

/* Takes the palette when the sample is smaller with it. */
static enum sgr_status try_palette(struct chooser *chooser, struct plan_choices *choices,
                                   const struct png_palette *palette, struct sgr_error *error)
{
    struct plan_choices indexed = *choices;
    uint64_t plain_bytes = 0;
    uint64_t indexed_bytes = 0;
    indexed.color = PNG_COLOR_PALETTE;
    indexed.palette = *palette;
    enum sgr_status status = sample_size(chooser, choices, &plain_bytes, error);
    if (status == SGR_OK)
        status = sample_size(chooser, &indexed, &indexed_bytes, error);
    if (status == SGR_OK && indexed_bytes < plain_bytes)
        *choices = indexed;
    return status;
}

/* Finds out which colours the items show, and whether all are opaque; begins chooser->items. */
static enum sgr_status look(struct chooser *chooser, struct colors *out_colors, bool *out_opaque,
                            struct sgr_error *error)
{
    const struct color_source *source = chooser->source;
    enum sgr_status status =
        draft_stack_init(&chooser->items, source->draft, source->sprites, error);
    if (status == SGR_OK)
        status = all_opaque(chooser, out_opaque, error);
    return status == SGR_OK ? survey(chooser, out_colors, error) : status;
}

enum sgr_status color_choice_make(struct plan_choices *choices, const struct color_source *source,
                                  uint32_t palette[PNG_PALETTE_COLORS_MAX], struct sgr_error *error)
{
    struct chooser chooser = {.source = source};
    struct colors colors = {.grey = false};
    bool opaque = false;
    enum sgr_status status = look(&chooser, &colors, &opaque, error);
    if (status == SGR_OK) {
        choices->color = colors.grey ? (opaque ? PNG_COLOR_GREY : PNG_COLOR_GREY_ALPHA)
                                     : (opaque ? PNG_COLOR_RGB : PNG_COLOR_RGBA);
        size_t empty = !opaque;
        struct png_palette all = {palette, empty + colors.palette_count};
        if (colors.countable && all.count <= PNG_PALETTE_COLORS_MAX && source->draft->count > 0) {
            palette[0] = 0;
            memcpy(palette + empty, colors.palette, colors.palette_count * sizeof *palette);
            status = try_palette(&chooser, choices, &all, error);
        }
    }
    draft_stack_finish(&chooser.items);
    return status;
}

/* Whether a palette has all colours that items show. */
static bool palette_holds(const struct png_palette *palette, const struct colors *colors,
                          bool opaque)
{
    bool holds = colors->countable && (opaque || (palette->count > 0 && palette->colors[0] == 0));
    for (size_t wanted = 0; wanted < colors->palette_count && holds; wanted++) {
        holds = false;
        for (size_t index = 0; index < palette->count && !holds; index++)
            holds = palette->colors[index] == colors->palette[wanted];
    }
    return holds;
}

enum sgr_status color_choice_check(const struct plan_choices *choices,
                                   const struct color_source *source, const char **out_problem,
                                   struct sgr_error *error)
{
    struct chooser chooser = {.source = source};
    struct colors colors = {.grey = false};
    enum png_color color = choices->color;
    bool opaque = false;
    enum sgr_status status = look(&chooser, &colors, &opaque, error);
    draft_stack_finish(&chooser.items);
    *out_problem = NULL;
    if (status != SGR_OK)
        return status;
    if (color == PNG_COLOR_PALETTE && !palette_holds(&choices->palette, &colors, opaque))
        *out_problem = "its palette lacks colours";
    else if ((color == PNG_COLOR_GREY || color == PNG_COLOR_GREY_ALPHA) && !colors.grey)
        *out_problem = "it is grey, and the new items are not";
    else if ((color == PNG_COLOR_GREY || color == PNG_COLOR_RGB) && !opaque)
        *out_problem = "it has no alpha, and new items are not opaque";
    return SGR_OK;
}
