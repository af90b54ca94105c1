/* Plain aligned text, and JSON documents with the same content. */
#include "publish/summary.h"

#include "publish/capacity_report.h"
#include "publish/stage_table.h"

#include <string.h>

typedef unsigned long long number; /* what printf's %llu takes */

/* The colour type for programs. */
static const char *color_name(enum png_color color)
{
    static const char *const names[] = {[PNG_COLOR_GREY] = "grey",
                                        [PNG_COLOR_RGB] = "rgb",
                                        [PNG_COLOR_PALETTE] = "palette",
                                        [PNG_COLOR_GREY_ALPHA] = "grey-alpha",
                                        [PNG_COLOR_RGBA] = "rgba"};
    return names[color];
}

/* The colour type for people. */
static void add_color_text(const struct plan_choices *choices, struct text *out)
{
    size_t colors = choices->palette.count;
    bool empty = colors > 0 && choices->palette.colors[0] == 0;
    if (choices->color == PNG_COLOR_GREY_ALPHA)
        text_add(out, "grey with alpha");
    else if (choices->color == PNG_COLOR_PALETTE)
        text_format(out, "palette of %zu colour%s%s", colors - empty,
                    colors - empty == 1 ? "" : "s", empty ? " and none" : "");
    else
        text_add(out, color_name(choices->color));
}

/* The length of the longest trait name, within reason, for aligned columns. */
static size_t name_width(const struct collection *collection)
{
    size_t width = 8;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            size_t columns = text_columns(collection->layers[layer].traits[trait].name);
            width = columns > width && columns <= 40 ? columns : width;
        }
    }
    return width;
}

/* A share in hundredths of a percent, as text. */
static void add_share(uint64_t part, uint64_t whole, struct text *out)
{
    uint64_t hundredths = whole ? (part * 10000 + whole / 2) / whole : 0;
    text_format(out, "%3llu.%02llu %%", (number)(hundredths / 100), (number)(hundredths % 100));
}

/* How often a trait came out, or is planned when nothing was counted. */
static uint64_t trait_count(const struct plan *plan, const struct tally *tally, size_t layer,
                            size_t trait)
{
    if (!tally->counts)
        return plan_planned(plan, layer, trait);
    return tally->counts[plan_trait_base(plan, layer) + trait];
}

static void add_traits_text(const struct plan *plan, const struct tally *tally, struct text *out)
{
    const struct collection *collection = plan_collection(plan);
    size_t width = name_width(collection);
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        const struct collection_layer *choices = &collection->layers[layer];
        text_add_cell(out, choices->name, 0);
        text_add(out, "\n");
        for (size_t trait = 0; trait < choices->trait_count; trait++) {
            uint64_t asked = plan_asked(plan, layer, trait);
            uint64_t planned = plan_planned(plan, layer, trait);
            uint64_t count = trait_count(plan, tally, layer, trait);
            text_add(out, "  ");
            text_add_cell(out, choices->traits[trait].name, width);
            text_format(out, " %9llu  ", (number)count);
            add_share(count, tally->counts ? tally->items : plan_count(plan), out);
            if (planned != asked)
                text_format(out, "  (%llu planned, %llu asked for)", (number)planned,
                            (number)asked);
            text_add(out, "\n");
        }
    }
}

static void add_traits_json(const struct plan *plan, const struct tally *tally,
                            const struct explanation *explanation, struct text *out)
{
    const struct collection *collection = plan_collection(plan);
    text_add(out, "\"layers\": [");
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        const struct collection_layer *choices = &collection->layers[layer];
        text_add(out, layer ? ",\n    {\"name\": " : "\n    {\"name\": ");
        text_json(out, choices->name);
        text_add(out, ", \"traits\": [");
        for (size_t trait = 0; trait < choices->trait_count; trait++) {
            text_add(out, trait ? ",\n      {\"name\": " : "\n      {\"name\": ");
            text_json(out, choices->traits[trait].name);
            text_format(out, ", \"asked\": %llu, \"planned\": %llu",
                        (number)plan_asked(plan, layer, trait),
                        (number)plan_planned(plan, layer, trait));
            if (tally->counts)
                text_format(out, ", \"made\": %llu",
                            (number)trait_count(plan, tally, layer, trait));
            if (explanation)
                capacity_report_trait(&explanation->capacity, layer, trait, out);
            text_add(out, "}");
        }
        text_add(out, "]}");
    }
    text_add(out, "]");
}

static void add_digest(const struct plan *plan, struct text *out)
{
    struct hash128 digest = plan_digest(plan);
    text_format(out, "%016llx%016llx", (number)digest.high, (number)digest.low);
}

static void add_plan_json(const struct plan *plan, const struct tally *tally,
                          const struct explanation *explanation, struct text *out)
{
    const struct plan_choices *choices = plan_choices(plan);
    text_add(out, "\"collection\": ");
    text_json(out, plan_collection(plan)->name);
    text_add(out, ",\n  \"plan\": \"");
    add_digest(plan, out);
    text_format(out,
                "\",\n  \"items\": %llu,\n  \"width\": %u,\n  \"height\": %u,\n"
                "  \"bands\": %zu,\n  \"color\": \"%s\",\n  \"palette_colors\": %zu,\n"
                "  \"encoder\": ",
                (number)plan_count(plan), choices->width, choices->height, choices->band_count,
                color_name(choices->color), choices->palette.count);
    text_json(out, choices->encoder);
    text_add(out, ",\n  \"seed\": ");
    text_json(out, choices->seed);
    text_add(out, ",\n  ");
    if (explanation) {
        explain_report_json(explanation, plan_collection(plan), out);
        text_add(out, ",\n  ");
    }
    add_traits_json(plan, tally, explanation, out);
}

void summary_plan(const struct plan *plan, const struct explanation *explanation,
                  enum sgr_format format, struct text *out)
{
    static const struct tally nothing;
    if (format == SGR_FORMAT_JSON) {
        text_add(out, "{\n  ");
        add_plan_json(plan, &nothing, explanation, out);
        text_add(out, "\n}\n");
        return;
    }
    const struct plan_choices *choices = plan_choices(plan);
    text_add_cell(out, plan_collection(plan)->name, 0);
    text_format(out, ": %llu items, %ux%u pixels, ", (number)plan_count(plan), choices->width,
                choices->height);
    add_color_text(choices, out);
    text_format(out, "\n%zu bands, encoder %s, ", choices->band_count, choices->encoder);
    if (choices->seed[0]) {
        text_add(out, "seed ");
        text_add_cell(out, choices->seed, 0);
        text_add(out, ", ");
    }
    text_add(out, "plan ");
    add_digest(plan, out);
    text_add(out, "\n");
    if (explanation)
        explain_report_text(explanation, plan_collection(plan), out);
    text_add(out, "\n");
    add_traits_text(plan, &nothing, out);
}

/* Items a second in tenths. */
static uint64_t rate_tenths(const struct sgr_progress *progress)
{
    uint64_t made = progress->items_done - progress->items_found;
    uint64_t tenths_of_ms = progress->elapsed_ns / 100000;
    return tenths_of_ms ? made * 100000 / tenths_of_ms : 0;
}

static void add_composers_json(const struct sgr_generate_result *result, struct text *out)
{
    text_add(out, "\"kernel\": ");
    text_json(out, result->kernel ? result->kernel : "");
    text_format(out, ",\n  \"strips_batched\": %llu,\n  \"devices\": [",
                (number)result->strips_batched);
    for (unsigned index = 0; index < result->composers; index++) {
        text_add(out, index ? ",\n    {\"name\": " : "\n    {\"name\": ");
        text_json(out, result->devices[index].name);
        text_format(out, ", \"strips\": %llu}", (number)result->devices[index].strips);
    }
    text_add(out, "],\n  ");
}

static void add_run_json(const struct sgr_generate_result *result, struct text *out)
{
    const struct sgr_progress *progress = &result->progress;
    text_format(out,
                "\"made\": %llu,\n  \"found\": %llu,\n  \"done\": %llu,\n  \"failed\": %llu,\n"
                "  \"complete\": %s,\n  \"bytes\": %llu,\n",
                (number)(progress->items_done - progress->items_found),
                (number)progress->items_found, (number)progress->items_done,
                (number)result->items_failed, result->complete ? "true" : "false",
                (number)progress->bytes_written);
    text_format(out,
                "  \"seconds\": %llu.%03llu,\n  \"images_per_second\": %llu.%llu,\n"
                "  \"strips\": %llu,\n  \"strips_made\": %llu,\n"
                "  \"fragments_evicted\": %llu,\n  \"threads\": %u,\n  ",
                (number)(progress->elapsed_ns / 1000000000),
                (number)(progress->elapsed_ns / 1000000 % 1000),
                (number)(rate_tenths(progress) / 10), (number)(rate_tenths(progress) % 10),
                (number)progress->strips_needed, (number)progress->strips_made,
                (number)result->fragments_evicted, result->threads);
    add_composers_json(result, out);
    text_add(out, "\"stages\": ");
    stage_table_json(result, out);
    text_format(out,
                ",\n  \"memory\": {\"peak\": %llu, \"sprites\": %llu, \"fragments\": %llu},\n  ",
                (number)result->peak_memory_bytes, (number)result->sprite_bytes,
                (number)result->fragment_bytes);
}

static void add_run_text(const struct plan *plan, const struct sgr_generate_result *result,
                         struct text *out)
{
    const struct sgr_progress *progress = &result->progress;
    uint64_t made = progress->items_done - progress->items_found;
    text_add_cell(out, plan_collection(plan)->name, 0);
    text_format(out, ": made %llu items", (number)made);
    if (progress->items_found)
        text_format(out, ", found %llu finished", (number)progress->items_found);
    text_format(out, " (%llu of %llu planned)\n", (number)progress->items_done,
                (number)plan_count(plan));
    text_format(out, "%llu.%llu MB in %llu.%llu s, %llu.%llu images/s, mean %llu KB an item\n",
                (number)(progress->bytes_written / 1000000),
                (number)(progress->bytes_written / 100000 % 10),
                (number)(progress->elapsed_ns / 1000000000),
                (number)(progress->elapsed_ns / 100000000 % 10),
                (number)(rate_tenths(progress) / 10), (number)(rate_tenths(progress) % 10),
                (number)(made ? progress->bytes_written / made / 1000 : 0));
    text_format(out, "strips drawn: %llu of %llu (", (number)progress->strips_made,
                (number)progress->strips_needed);
    add_share(progress->strips_made, progress->strips_needed, out);
    text_format(out, "), peak memory %llu MB\n\n", (number)(result->peak_memory_bytes / 1000000));
}

void summary_run(const struct plan *plan, const struct sgr_generate_result *result,
                 const struct tally *tally, enum sgr_format format, struct text *out)
{
    if (format == SGR_FORMAT_JSON) {
        text_add(out, "{\n  ");
        add_run_json(result, out);
        add_plan_json(plan, tally, NULL, out);
        text_add(out, "\n}\n");
        return;
    }
    add_run_text(plan, result, out);
    add_traits_text(plan, tally, out);
}
