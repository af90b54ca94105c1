/*
 * The listing for people; the JSON document is in describe_json.c. Columns are measured in
 * characters, not bytes, so that names of any language line up.
 */
#include "collection/describe.h"

#include "collection/describe_groups.h"
#include "collection/describe_json.h"
#include "collection/describe_rules.h"

#include <string.h>

enum { NAME_COLUMNS_MAX = 40 };

/* The layer that is being listed. */
struct listing {
    const struct collection *collection;
    const struct collection_layer *layer;
    wide sum;     /* of its weights */
    size_t width; /* of its names, in columns */
};

static size_t widest_name(const struct collection_layer *layer)
{
    size_t widest = 0;
    for (size_t index = 0; index < layer->trait_count; index++) {
        size_t columns = text_columns(layer->traits[index].name);
        if (columns > widest)
            widest = columns;
    }
    return widest < NAME_COLUMNS_MAX ? widest : NAME_COLUMNS_MAX;
}

static void add_part(struct text *out, const struct collection *collection,
                     const struct collection_part *part)
{
    const struct collection_picture *picture = &collection->pictures[part->picture];
    text_add_cell(out, picture->path, 0);
    if (picture->width != collection->width || picture->height != collection->height)
        text_format(out, "  %ux%u", picture->width, picture->height);
    if (part->placed)
        text_format(out, "  at %d,%d", part->x, part->y);
    if (part->mode != BLEND_NORMAL)
        text_format(out, "  %s", blend_mode_name((enum blend_mode)part->mode));
    if (part->opacity != 255)
        text_format(out, "  opacity %u/255", part->opacity);
    if (part->z)
        text_format(out, "  z %d", part->z);
    text_add(out, "\n");
}

/* "12.34 %" of the layer's weights, or the exact count that was asked for. */
static void add_chance(struct text *out, const struct collection_trait *trait, wide sum)
{
    if (trait->count_fixed) {
        text_format(out, "%9llu x", (unsigned long long)trait->count);
        return;
    }
    unsigned share = sum ? (unsigned)(((wide)trait->weight * 10000 * 2 + sum) / (sum * 2)) : 0;
    text_format(out, "%6u.%02u %%", share / 100, share % 100);
}

/* A line about the bounds and tags of a trait that has any. */
static void add_limits(struct text *out, const struct listing *listing,
                       const struct collection_trait *trait)
{
    if (trait->min == 0 && trait->max == UINT64_MAX && trait->tag_count == 0)
        return;
    text_format(out, "  %11s  %*s", "", (int)listing->width, "");
    if (trait->min)
        text_format(out, "  at least %llu x", (unsigned long long)trait->min);
    if (trait->max != UINT64_MAX)
        text_format(out, "  at most %llu x", (unsigned long long)trait->max);
    for (size_t tag = 0; tag < trait->tag_count; tag++) {
        text_add(out, tag ? ", " : "  tags ");
        text_add_cell(out, trait->tags[tag], 0);
    }
    text_add(out, "\n");
}

static void add_trait(struct text *out, const struct listing *listing, size_t index)
{
    const struct collection_trait *trait = &listing->layer->traits[index];
    text_add(out, "  ");
    add_chance(out, trait, listing->sum);
    text_add(out, "  ");
    text_add_cell(out, trait->name, trait->none && trait->part_count == 0 ? 0 : listing->width);
    if (trait->none)
        text_add(out, "  (nothing is drawn)");
    if (trait->part_count == 0)
        text_add(out, "\n");
    for (size_t part = 0; part < trait->part_count; part++) {
        if (part == 0)
            text_add(out, "  ");
        else
            text_format(out, "  %11s  %*s  ", "", (int)listing->width, "");
        add_part(out, listing->collection, &trait->parts[part]);
    }
    add_limits(out, listing, trait);
}

static void add_layer(struct text *out, const struct collection *collection, size_t index)
{
    const struct collection_layer *layer = &collection->layers[index];
    struct listing listing = {collection, layer, describe_json_weights(layer), widest_name(layer)};
    text_format(out, "\n%zu. ", index + 1);
    text_add_cell(out, layer->name, 0);
    text_format(out, "  %zu trait%s", layer->trait_count, layer->trait_count == 1 ? "" : "s");
    if (layer->folder && strcmp(layer->folder, layer->name) != 0) {
        text_add(out, "  folder ");
        text_add_cell(out, layer->folder, 0);
    }
    if (strcmp(layer->trait_type, layer->name) != 0) {
        text_add(out, "  trait type ");
        text_add_cell(out, layer->trait_type, 0);
    }
    if (!layer->distinct)
        text_add(out, "  not counted as a difference between items");
    text_add(out, "\n");
    for (size_t trait = 0; trait < layer->trait_count; trait++)
        add_trait(out, &listing, trait);
}

static void add_head(struct text *out, const struct collection *collection)
{
    text_add_cell(out, collection->name, 0);
    text_format(out, ": %zu layers, %zu pictures, canvas %ux%u, read as %s\n",
                collection->layer_count - (collection->stacks != NULL), collection->picture_count,
                collection->width, collection->height, collection->grammar);
    if (*collection->description) {
        text_add_cell(out, collection->description, 0);
        text_add(out, "\n");
    }
    if (collection->count)
        text_format(out, "count %llu\n", (unsigned long long)collection->count);
    if (collection->start_set)
        text_format(out, "start %llu\n", (unsigned long long)collection->start);
    if (collection->seed) {
        text_add(out, "seed ");
        text_add_cell(out, collection->seed, 0);
        text_add(out, "\n");
    }
    text_add(out, "Layers in the order they are drawn, bottom first:\n");
}

static void describe_text(const struct collection *collection, struct text *out)
{
    add_head(out, collection);
    for (size_t index = 0; index < collection->layer_count; index++)
        add_layer(out, collection, index);
    describe_groups_text(collection, out);
    describe_rules_text(collection, out);
    if (collection->notice_count)
        text_add(out, "\n");
    for (size_t index = 0; index < collection->notice_count; index++) {
        const struct collection_notice *notice = &collection->notices[index];
        text_format(out, "%s: %s [%s]\n", describe_json_level(notice->level), notice->text,
                    notice->code);
    }
}

void describe_collection(const struct collection *collection, enum sgr_format format,
                         struct text *out)
{
    if (format == SGR_FORMAT_JSON || format == SGR_FORMAT_JSON_LINES)
        describe_json(collection, out);
    else
        describe_text(collection, out);
}
