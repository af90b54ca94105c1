/* Writing plan files: blocks of items as they come, then the sections, then the header. */
#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "collection/collection_file.h"
#include "os/file_stream.h"
#include "plan/plan_draft.h"
#include "plan/plan_format.h"

#include <string.h>

struct section {
    uint64_t offset;
    uint64_t size;
    uint64_t hash;
};

struct writer {
    const struct plan_draft *draft;
    const struct plan_choices *choices;
    struct file_stream stream;
    struct text block;
    struct text index;
    struct section sections[PLAN_SECTION_COUNT];
    unsigned flags;
};

/* Writes a section's bytes where the stream stands. */
static enum sgr_status put_section(struct writer *writer, enum plan_section section,
                                   const struct text *bytes, struct sgr_error *error)
{
    if (bytes->failed)
        return error_no_memory(error, "the plan");
    if (bytes->length > PLAN_SECTION_BYTES_MAX)
        return error_set(error, SGR_INPUT,
                         "the plan's tables are too large; split the recipes, or leave out "
                         "attributes that are different for every item");
    writer->sections[section] =
        (struct section){writer->stream.size, bytes->length, hash_64(bytes->bytes, bytes->length)};
    return file_stream_write(&writer->stream, bytes->bytes, bytes->length, error);
}

static void put_attributes(struct writer *writer, uint64_t first, uint64_t count)
{
    struct plan_attributes attributes = plan_draft_attributes(writer->draft);
    uint64_t start = attributes.starts[first];
    for (uint64_t item = 0; item <= count; item++)
        bytes_put(&writer->block, attributes.starts[first + item] - start, 4);
    uint64_t end = attributes.starts[first + count];
    for (uint64_t at = start; at < end; at++)
        bytes_put(&writer->block, attributes.ids[at], 4);
}

/* Writes `count` items from `first` as columns. */
static enum sgr_status put_block(struct writer *writer, uint64_t first, uint64_t count,
                                 struct sgr_error *error)
{
    const struct plan_draft *draft = writer->draft;
    const uint64_t *ids = plan_draft_ids(draft);
    struct text *block = &writer->block;
    text_clear(block);
    for (size_t layer = 0; layer < draft->collection->layer_count; layer++) {
        unsigned width = plan_format_trait_width(draft->collection->layers[layer].trait_count);
        for (uint64_t item = first; item < first + count; item++)
            bytes_put(block, plan_draft_traits(draft, item)[layer], width);
    }
    for (uint64_t item = first; writer->flags & PLAN_HAS_IDS && item < first + count; item++)
        bytes_put(block, ids[item], 8);
    for (uint64_t item = first; writer->flags & PLAN_HAS_ORDERS && item < first + count; item++)
        bytes_put(block, plan_draft_order_id(draft, item),
                  plan_format_order_width(plan_draft_order_count(draft)));
    if (writer->flags & PLAN_HAS_ATTRIBUTES)
        put_attributes(writer, first, count);
    if (block->failed)
        return error_no_memory(error, "the plan");
    bytes_put(&writer->index, writer->stream.size, 8);
    bytes_put(&writer->index, block->length, 4);
    bytes_put(&writer->index, hash_64(block->bytes, block->length), 8);
    return file_stream_write(&writer->stream, block->bytes, block->length, error);
}

static enum sgr_status put_blocks(struct writer *writer, struct sgr_error *error)
{
    struct section *section = &writer->sections[PLAN_SECTION_BLOCKS];
    section->offset = writer->stream.size;
    enum sgr_status status = SGR_OK;
    for (uint64_t first = 0; first < writer->draft->count && status == SGR_OK;
         first += PLAN_FORMAT_BLOCK_ITEMS) {
        uint64_t left = writer->draft->count - first;
        status = put_block(writer, first,
                           left < PLAN_FORMAT_BLOCK_ITEMS ? left : PLAN_FORMAT_BLOCK_ITEMS, error);
    }
    section->size = writer->stream.size - section->offset;
    /* Blocks have hashes of their own in the index, whose hash stands in the header. */
    section->hash = 0;
    return status == SGR_OK ? put_section(writer, PLAN_SECTION_INDEX, &writer->index, error)
                            : status;
}

static void encode_choices(const struct plan_choices *choices, struct text *out)
{
    bytes_put(out, choices->width, 4);
    bytes_put(out, choices->height, 4);
    bytes_put(out, choices->resample, 1);
    bytes_put(out, choices->png_level, 1);
    bytes_put(out, choices->color, 1);
    bytes_put(out, choices->palette.count, 2);
    for (size_t index = 0; index < choices->palette.count; index++)
        bytes_put(out, choices->palette.colors[index], 4);
    bytes_put_text(out, choices->encoder);
    bytes_put_text(out, choices->seed);
    bytes_put(out, choices->band_count, 4);
    for (size_t edge = 0; edge <= choices->band_count; edge++)
        bytes_put(out, choices->band_edges[edge], 4);
    bytes_put(out, choices->part_count, 4);
    for (size_t part = 0; part < choices->part_count; part++) {
        bytes_put(out, choices->part_digests[part].low, 8);
        bytes_put(out, choices->part_digests[part].high, 8);
    }
}

static void encode_counts(const struct plan_draft *draft, struct text *out)
{
    size_t traits = draft->trait_bases[draft->collection->layer_count];
    for (size_t trait = 0; trait < traits; trait++) {
        bytes_put(out, draft->asked[trait], 8);
        bytes_put(out, draft->planned[trait], 8);
    }
}

/* Orders of all layers: those that rules give, or the layers' own. */
static void encode_drawn_orders(const struct plan_draft *draft, struct text *out)
{
    size_t layer_count = draft->collection->layer_count;
    bytes_put(out, plan_draft_order_count(draft), 4);
    for (size_t order = 0; order < plan_draft_order_count(draft); order++) {
        bytes_put(out, layer_count, 4);
        for (size_t layer = 0; layer < layer_count; layer++)
            bytes_put(
                out,
                draft->orders.count ? draft->orders.layers[order * layer_count + layer] : layer, 2);
    }
}

static void encode_orders(const struct plan_draft *draft, struct text *out)
{
    const struct recipes *recipes = draft->recipes;
    if (!recipes || recipes->order_count == 0) {
        encode_drawn_orders(draft, out);
        return;
    }
    bytes_put(out, recipes->order_count, 4);
    for (size_t order = 0; order < recipes->order_count; order++) {
        bytes_put(out, recipes->orders[order].layer_count, 4);
        for (size_t layer = 0; layer < recipes->orders[order].layer_count; layer++)
            bytes_put(out, recipes->orders[order].layers[layer], 2);
    }
}

static void encode_attributes(const struct plan_draft *draft, struct text *out)
{
    struct plan_attributes attributes = plan_draft_attributes(draft);
    bytes_put(out, attributes.count, 4);
    for (size_t index = 0; index < attributes.count; index++)
        bytes_put_text(out, attributes.texts[index]);
}

static enum sgr_status put_tables(struct writer *writer, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    struct text *bytes = &writer->block;
    for (int section = PLAN_SECTION_COLLECTION; section < PLAN_SECTION_COUNT && status == SGR_OK;
         section++) {
        text_clear(bytes);
        if (section == PLAN_SECTION_COLLECTION)
            collection_file_encode(writer->draft->collection, bytes);
        else if (section == PLAN_SECTION_CHOICES)
            encode_choices(writer->choices, bytes);
        else if (section == PLAN_SECTION_COUNTS)
            encode_counts(writer->draft, bytes);
        else if (section == PLAN_SECTION_ORDERS)
            encode_orders(writer->draft, bytes);
        else
            encode_attributes(writer->draft, bytes);
        status = put_section(writer, (enum plan_section)section, bytes, error);
    }
    return status;
}

static enum sgr_status patch_header(struct writer *writer, struct sgr_error *error)
{
    uint8_t header[PLAN_HEADER_BYTES];
    memcpy(header, PLAN_FORMAT_MAGIC, 8);
    bytes_store(header + 8, PLAN_FORMAT_VERSION, 4);
    bytes_store(header + 12, writer->flags, 4);
    bytes_store(header + 16, writer->draft->count, 8);
    bytes_store(header + 24, writer->draft->start, 8);
    for (int section = 0; section < PLAN_SECTION_COUNT; section++) {
        uint8_t *row = header + PLAN_HEADER_SECTIONS + section * PLAN_SECTION_BYTES;
        bytes_store(row, writer->sections[section].offset, 8);
        bytes_store(row + 8, writer->sections[section].size, 8);
        bytes_store(row + 16, writer->sections[section].hash, 8);
    }
    bytes_store(header + PLAN_HEADER_HASHED, hash_64(header, PLAN_HEADER_HASHED), 8);
    return file_stream_patch(&writer->stream, 0, header, sizeof header, error);
}

static unsigned flags_of(const struct plan_draft *draft)
{
    bool has_orders = draft->orders.count || (draft->recipes && draft->recipes->order_count);
    unsigned flags = has_orders ? PLAN_HAS_ORDERS : 0;
    if (plan_draft_ids(draft))
        flags |= PLAN_HAS_IDS;
    if (plan_draft_attributes(draft).starts)
        flags |= PLAN_HAS_ATTRIBUTES;
    return flags;
}

enum sgr_status plan_draft_store(const struct plan_draft *draft, const struct plan_choices *choices,
                                 struct plan **out_plan, struct sgr_error *error)
{
    struct writer writer = {.draft = draft, .choices = choices, .flags = flags_of(draft)};
    if (draft->recipes && draft->recipes->order_count > PLAN_ORDERS_MAX)
        return error_set(error, SGR_INPUT, "the recipes have %zu different orders, at most %d",
                         draft->recipes->order_count, PLAN_ORDERS_MAX);
    enum sgr_status status = file_stream_open_scratch(&writer.stream, error);
    if (status != SGR_OK)
        return status;
    static const uint8_t empty[PLAN_HEADER_BYTES];
    status = file_stream_write(&writer.stream, empty, sizeof empty, error);
    if (status == SGR_OK)
        status = put_blocks(&writer, error);
    if (status == SGR_OK)
        status = put_tables(&writer, error);
    if (status == SGR_OK)
        status = patch_header(&writer, error);
    struct open_file handle = OPEN_FILE_NONE;
    uint64_t size = 0;
    if (status == SGR_OK)
        status = file_stream_take(&writer.stream, &handle, &size, error);
    if (status == SGR_OK)
        status = plan_open_handle(&handle, size, "the new plan", draft->collection->root, out_plan,
                                  error);
    file_abandon(&handle);
    file_stream_discard(&writer.stream);
    text_finish(&writer.block);
    text_finish(&writer.index);
    return status;
}
