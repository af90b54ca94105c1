/* One item at a time through one buffer: a plan of ten million exports in constant memory. */
#include "publish/export.h"

#include "base/error.h"
#include "base/memory.h"
#include "publish/attributes.h"

#include <stdlib.h>

/* A part and where it stands in the item. */
struct drawn {
    const struct collection_part *part;
    size_t position;
};

struct exporter {
    struct plan *plan;
    const struct sgr_sink *sink;
    struct text line;
    struct drawn *drawn;
    size_t drawn_capacity;
};

enum sgr_status export_send(const struct text *text, const struct sgr_sink *sink,
                            struct sgr_error *error)
{
    if (text->failed)
        return error_no_memory(error, "a report");
    if (text->length && sink->write(sink->context, text->bytes, text->length) != 0)
        return error_set(error, SGR_OUTPUT, "the report could not be written; check where it goes");
    return SGR_OK;
}

/* Millionths of opacity that round back to the same 0..255. */
static unsigned millionths(uint8_t opacity)
{
    return ((unsigned)opacity * 1000000u + 127u) / 255u;
}

static void add_part(const struct collection *collection, const struct collection_part *part,
                     struct text *out)
{
    const char *path = collection->pictures[part->picture].path;
    if (part->mode == BLEND_NORMAL && part->opacity == 255 && !part->placed) {
        text_json(out, path);
        return;
    }
    text_add(out, "{\"path\":");
    text_json(out, path);
    text_format(out, ",\"blend\":\"%s\"", blend_mode_name((enum blend_mode)part->mode));
    if (part->opacity == 255)
        text_add(out, ",\"opacity\":1");
    else
        text_format(out, ",\"opacity\":0.%06u", millionths(part->opacity));
    if (part->placed)
        text_format(out, ",\"at\":[%d,%d]", part->x, part->y);
    text_add(out, "}");
}

static int compare_drawn(const void *left, const void *right)
{
    const struct drawn *a = left;
    const struct drawn *b = right;
    if (a->part->z != b->part->z)
        return a->part->z < b->part->z ? -1 : 1;
    return a->position < b->position ? -1 : 1;
}

/* Lists the item's parts in draw order; returns how many, or SIZE_MAX without memory. */
static size_t list_parts(struct exporter *exporter, const struct plan_item *item)
{
    const struct collection *collection = plan_collection(exporter->plan);
    const struct plan_order *order = plan_order(exporter->plan, item->order);
    size_t count = 0;
    for (size_t index = 0; index < order->layer_count; index++) {
        uint16_t layer = order->layers[index];
        const struct collection_trait *trait =
            &collection->layers[layer].traits[item->traits[layer]];
        struct drawn *grown = memory_grow(exporter->drawn, &exporter->drawn_capacity,
                                          count + trait->part_count + 1, sizeof *grown);
        if (!grown)
            return SIZE_MAX;
        exporter->drawn = grown;
        for (size_t part = 0; part < trait->part_count; part++, count++)
            grown[count] = (struct drawn){&trait->parts[part], count};
    }
    if (count > 1)
        qsort(exporter->drawn, count, sizeof *exporter->drawn, compare_drawn);
    return count;
}

static void add_json_line(struct exporter *exporter, const struct plan_item *item)
{
    const struct collection *collection = plan_collection(exporter->plan);
    struct text *out = &exporter->line;
    size_t count = list_parts(exporter, item);
    if (count == SIZE_MAX) {
        out->failed = true;
        return;
    }
    text_format(out, "{\"id\":%llu,\"layers\":[", (unsigned long long)item->id);
    for (size_t index = 0; index < count; index++) {
        text_add(out, index ? "," : "");
        add_part(collection, exporter->drawn[index].part, out);
    }
    text_add(out, "],\"attributes\":[");
    attributes_add(exporter->plan, item, "", ",", out);
    text_add(out, "]}\n");
}

static void add_csv_line(struct exporter *exporter, const struct plan_item *item)
{
    const struct collection *collection = plan_collection(exporter->plan);
    text_format(&exporter->line, "%llu", (unsigned long long)item->id);
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        text_add(&exporter->line, ",");
        text_csv(&exporter->line, collection->layers[layer].traits[item->traits[layer]].name);
    }
    text_add(&exporter->line, "\n");
}

static void add_csv_head(struct exporter *exporter)
{
    const struct collection *collection = plan_collection(exporter->plan);
    text_add(&exporter->line, "id");
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        text_add(&exporter->line, ",");
        text_csv(&exporter->line, collection->layers[layer].name);
    }
    text_add(&exporter->line, "\n");
}

enum sgr_status export_items(struct plan *plan, enum sgr_format format, const struct sgr_sink *sink,
                             struct sgr_error *error)
{
    struct exporter exporter = {.plan = plan, .sink = sink};
    enum sgr_status status = SGR_OK;
    if (format == SGR_FORMAT_CSV)
        add_csv_head(&exporter);
    for (uint64_t index = 0; index < plan_count(plan) && status == SGR_OK; index++) {
        struct plan_item item;
        status = plan_read(plan, index, &item, error);
        if (status != SGR_OK)
            break;
        if (format == SGR_FORMAT_CSV)
            add_csv_line(&exporter, &item);
        else
            add_json_line(&exporter, &item);
        if (exporter.line.length >= 1 << 16 || exporter.line.failed) {
            status = export_send(&exporter.line, sink, error);
            text_clear(&exporter.line);
        }
    }
    if (status == SGR_OK)
        status = export_send(&exporter.line, sink, error);
    text_finish(&exporter.line);
    memory_free(exporter.drawn);
    return status;
}
