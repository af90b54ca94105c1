/*
 * Keys always stand in the same order, and numbers are made of whole ones, so that reports of the
 * same art are the same bytes.
 */
#include "collection/describe_json.h"

#include "collection/describe_groups.h"
#include "collection/describe_rules.h"

enum { SHARE_PARTS = 1000000 };

wide describe_json_weights(const struct collection_layer *layer)
{
    wide sum = 0;
    for (size_t index = 0; index < layer->trait_count; index++)
        sum += layer->traits[index].count_fixed ? 0 : layer->traits[index].weight;
    return sum;
}

const char *describe_json_level(enum sgr_log_level level)
{
    if (level == SGR_LOG_WARNING)
        return "warning";
    return level == SGR_LOG_NOTICE ? "notice" : "detail";
}

static void add_text(struct text *out, const char *key, const char *value)
{
    text_format(out, "\"%s\": ", key);
    if (value)
        text_json(out, value);
    else
        text_add(out, "null");
}

static void add_part(struct text *out, const struct collection *collection,
                     const struct collection_part *part)
{
    const struct collection_picture *picture = &collection->pictures[part->picture];
    text_add(out, "{");
    add_text(out, "path", picture->path);
    text_format(out, ", \"width\": %u, \"height\": %u, ", picture->width, picture->height);
    if (part->placed)
        text_format(out, "\"at\": [%d, %d], ", part->x, part->y);
    add_text(out, "blend", blend_mode_name((enum blend_mode)part->mode));
    text_format(out, ", \"opacity\": %u, \"z\": %d}", part->opacity, part->z);
}

static void add_trait(struct text *out, const struct collection *collection,
                      const struct collection_trait *trait, wide sum)
{
    text_add(out, "        {");
    add_text(out, "name", trait->name);
    text_add(out, ", ");
    add_text(out, "value", trait->value);
    text_format(out, ", \"none\": %s, ", trait->none ? "true" : "false");
    if (trait->count_fixed) {
        text_format(out, "\"count\": %llu", (unsigned long long)trait->count);
    } else {
        wide share = sum ? ((wide)trait->weight * SHARE_PARTS * 2 + sum) / (sum * 2) : 0;
        text_format(out, "\"weight\": %llu, \"share\": %u.%06u", (unsigned long long)trait->weight,
                    (unsigned)(share / SHARE_PARTS), (unsigned)(share % SHARE_PARTS));
    }
    if (trait->min)
        text_format(out, ", \"min\": %llu", (unsigned long long)trait->min);
    if (trait->max != UINT64_MAX)
        text_format(out, ", \"max\": %llu", (unsigned long long)trait->max);
    for (size_t tag = 0; tag < trait->tag_count; tag++) {
        text_add(out, tag ? ", " : ", \"tags\": [");
        text_json(out, trait->tags[tag]);
    }
    text_add(out, trait->tag_count ? "], \"parts\": [" : ", \"parts\": [");
    for (size_t part = 0; part < trait->part_count; part++) {
        text_add(out, part ? ", " : "");
        add_part(out, collection, &trait->parts[part]);
    }
    text_add(out, "]}");
}

static void add_layer(struct text *out, const struct collection *collection, size_t index)
{
    const struct collection_layer *layer = &collection->layers[index];
    wide sum = describe_json_weights(layer);
    text_add(out, "    {");
    add_text(out, "name", layer->name);
    text_add(out, ", ");
    add_text(out, "folder", layer->folder);
    text_add(out, ", ");
    add_text(out, "trait_type", layer->trait_type);
    text_format(out, ", \"distinct\": %s, \"traits\": [\n", layer->distinct ? "true" : "false");
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        add_trait(out, collection, &layer->traits[trait], sum);
        text_add(out, trait + 1 < layer->trait_count ? ",\n" : "\n");
    }
    text_add(out, "    ]}");
}

static void add_head(struct text *out, const struct collection *collection)
{
    text_add(out, "{\n  ");
    add_text(out, "name", collection->name);
    text_add(out, ",\n  ");
    add_text(out, "description", collection->description);
    text_add(out, ",\n  ");
    add_text(out, "art", collection->root);
    text_add(out, ",\n  ");
    add_text(out, "grammar", collection->grammar);
    text_format(out, ",\n  \"canvas\": {\"width\": %u, \"height\": %u},\n", collection->width,
                collection->height);
    if (collection->count)
        text_format(out, "  \"count\": %llu,\n", (unsigned long long)collection->count);
    if (collection->start_set)
        text_format(out, "  \"start\": %llu,\n", (unsigned long long)collection->start);
    if (collection->seed) {
        text_add(out, "  ");
        add_text(out, "seed", collection->seed);
        text_add(out, ",\n");
    }
}

void describe_json(const struct collection *collection, struct text *out)
{
    add_head(out, collection);
    text_format(out, "  \"pictures\": %zu,\n  \"layers\": [\n", collection->picture_count);
    for (size_t index = 0; index < collection->layer_count; index++) {
        add_layer(out, collection, index);
        text_add(out, index + 1 < collection->layer_count ? ",\n" : "\n");
    }
    text_add(out, "  ],\n  ");
    describe_groups_json(collection, out);
    text_add(out, "\"rules\": ");
    describe_rules_json(collection, out);
    text_add(out, ",\n  \"notices\": [");
    for (size_t index = 0; index < collection->notice_count; index++) {
        const struct collection_notice *notice = &collection->notices[index];
        text_add(out, index ? ",\n    {" : "\n    {");
        add_text(out, "level", describe_json_level(notice->level));
        text_add(out, ", ");
        add_text(out, "code", notice->code);
        text_add(out, ", ");
        add_text(out, "text", notice->text);
        text_add(out, "}");
    }
    text_add(out, collection->notice_count ? "\n  ]\n}\n" : "]\n}\n");
}
