/*
 * Reading plan files. Every section and block is checked against its hash before it is believed,
 * and every number against its range even then, since hashes keep out damage, not malice.
 */
#include "plan/plan.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "collection/collection_file.h"
#include "image/color_table.h"
#include "image/image.h"
#include "os/file_stream.h"
#include "plan/plan_blocks.h"
#include "plan/plan_format.h"

#include <string.h>

enum { COPY_BYTES = 1 << 16 };

struct section {
    uint64_t offset;
    uint64_t size;
    uint64_t hash;
};

struct plan {
    struct open_file handle;
    uint64_t size;
    char *name;
    struct arena arena;
    struct collection *collection;
    struct plan_choices choices;
    unsigned flags;
    uint64_t count;
    uint64_t start;
    struct section sections[PLAN_SECTION_COUNT];
    struct hash128 digest;
    bool no_memory; /* while decoding tables */
    struct plan_order *orders;
    size_t order_count;
    const char **attributes;
    size_t attribute_count;
    uint32_t *trait_bases;
    uint8_t *counts; /* the section's bytes */
    uint8_t *index;  /* the section's bytes */
    struct plan_blocks blocks;
    /* The item last read. */
    uint16_t *item_traits;
    uint32_t *item_attributes;
    size_t item_attributes_capacity;
};

static enum sgr_status damaged(const struct plan *plan, const char *what, struct sgr_error *error)
{
    return error_set(error, SGR_INPUT, "%s: the plan's %s is damaged; make the plan again",
                     plan->name, what);
}

void plan_close(struct plan **plan)
{
    if (!*plan)
        return;
    struct plan *gone = *plan;
    file_abandon(&gone->handle);
    memory_free(gone->name);
    collection_destroy(&gone->collection);
    memory_free(gone->trait_bases);
    memory_free(gone->counts);
    memory_free(gone->index);
    plan_blocks_finish(&gone->blocks);
    memory_free(gone->item_traits);
    memory_free(gone->item_attributes);
    arena_finish(&gone->arena);
    memory_free(gone);
    *plan = NULL;
}

static enum sgr_status read_header(struct plan *plan, struct sgr_error *error)
{
    uint8_t header[PLAN_HEADER_BYTES];
    if (plan->size < sizeof header)
        return error_set(error, SGR_INPUT, "%s: not a plan file (too short)", plan->name);
    enum sgr_status status =
        file_read_at(plan->handle, 0, header, sizeof header, plan->name, error);
    if (status != SGR_OK)
        return status;
    if (memcmp(header, PLAN_FORMAT_MAGIC, 8) != 0)
        return error_set(error, SGR_INPUT, "%s: not a plan file", plan->name);
    uint64_t version = bytes_load(header + 8, 4);
    if (version != PLAN_FORMAT_VERSION)
        return error_set(error, SGR_INPUT,
                         "%s: plan format %llu, this version reads %d; make the plan again",
                         plan->name, (unsigned long long)version, PLAN_FORMAT_VERSION);
    if (bytes_load(header + PLAN_HEADER_HASHED, 8) != hash_64(header, PLAN_HEADER_HASHED))
        return damaged(plan, "header", error);
    plan->digest = hash_128(header, sizeof header);
    plan->flags = (unsigned)bytes_load(header + 12, 4);
    plan->count = bytes_load(header + 16, 8);
    plan->start = bytes_load(header + 24, 8);
    if (plan->flags > 7 || plan->count > COLLECTION_COUNT_MAX ||
        plan->start > INT64_MAX - COLLECTION_COUNT_MAX)
        return damaged(plan, "header", error);
    uint64_t end = PLAN_HEADER_BYTES;
    for (int section = 0; section < PLAN_SECTION_COUNT; section++) {
        const uint8_t *row = header + PLAN_HEADER_SECTIONS + section * PLAN_SECTION_BYTES;
        struct section *read = &plan->sections[section];
        *read =
            (struct section){bytes_load(row, 8), bytes_load(row + 8, 8), bytes_load(row + 16, 8)};
        if (read->offset != end || read->size > plan->size - end ||
            (section != PLAN_SECTION_BLOCKS && read->size > PLAN_SECTION_BYTES_MAX))
            return damaged(plan, "header", error);
        end += read->size;
    }
    return end == plan->size ? SGR_OK : damaged(plan, "end", error);
}

/* Reads a whole section and checks its hash; *out_bytes is the caller's. */
static enum sgr_status read_section(const struct plan *plan, enum plan_section section,
                                    uint8_t **out_bytes, struct sgr_error *error)
{
    const struct section *wanted = &plan->sections[section];
    uint8_t *bytes = memory_allocate((size_t)wanted->size + 1, 1);
    if (!bytes)
        return error_no_memory(error, "the plan");
    enum sgr_status status =
        file_read_at(plan->handle, wanted->offset, bytes, (size_t)wanted->size, plan->name, error);
    if (status == SGR_OK && hash_64(bytes, (size_t)wanted->size) != wanted->hash)
        status = damaged(plan, "table", error);
    if (status != SGR_OK) {
        memory_free(bytes);
        return status;
    }
    *out_bytes = bytes;
    return SGR_OK;
}

static const char *copy_text(struct plan *plan, struct bytes_reader *reader)
{
    const char *bytes;
    size_t length = bytes_get_text(reader, &bytes);
    char *text = bytes ? arena_text(&plan->arena, bytes, length) : NULL;
    plan->no_memory |= bytes && !text;
    reader->failed |= !text;
    return text;
}

/* Room for `count` entries of at least `bytes_each` stored bytes; fails the reader otherwise. */
static void *make_array(struct plan *plan, struct bytes_reader *reader, uint64_t count,
                        size_t bytes_each, size_t size)
{
    if (reader->failed || count > reader->left / bytes_each) {
        reader->failed = true;
        return NULL;
    }
    void *array = arena_allocate(&plan->arena, (size_t)count + 1, size);
    plan->no_memory |= !array;
    reader->failed |= !array;
    return array;
}

static void decode_bands(struct plan *plan, struct bytes_reader *reader)
{
    struct plan_choices *choices = &plan->choices;
    choices->band_count = (size_t)bytes_get(reader, 4, IMAGE_SIDE_MAX);
    uint32_t *edges = make_array(plan, reader, choices->band_count + 1, 4, sizeof *edges);
    for (size_t edge = 0; edges && edge <= choices->band_count; edge++) {
        edges[edge] = (uint32_t)bytes_get(reader, 4, choices->height);
        reader->failed |= edge > 0 && edges[edge] <= edges[edge - 1];
        reader->failed |= edge > 0 && (uint64_t)(edges[edge] - edges[edge - 1]) *
                                              (1 + 4 * (uint64_t)choices->width) >
                                          PNG_STRIP_BYTES_MAX;
    }
    if (edges)
        reader->failed |= choices->band_count == 0 || edges[0] != 0 ||
                          edges[choices->band_count] != choices->height;
    choices->band_edges = edges;
}

/* The colour type, and for a palette its colours: all different, and opaque but for a first 0. */
static void decode_color(struct plan *plan, struct bytes_reader *reader)
{
    struct plan_choices *choices = &plan->choices;
    choices->color = (enum png_color)bytes_get(reader, 1, PNG_COLOR_RGBA);
    reader->failed |= png_color_bytes(choices->color) == 0;
    choices->palette.count = (size_t)bytes_get(reader, 2, PNG_PALETTE_COLORS_MAX);
    reader->failed |= (choices->color == PNG_COLOR_PALETTE) != (choices->palette.count > 0);
    uint32_t *colors = make_array(plan, reader, choices->palette.count, 4, sizeof *colors);
    struct color_table seen = {.count = 0};
    for (size_t index = 0; colors && index < choices->palette.count; index++) {
        colors[index] = (uint32_t)bytes_get(reader, 4, UINT32_MAX);
        reader->failed |= image_alpha(colors[index]) != 255 && (index > 0 || colors[index] != 0);
        reader->failed |= color_table_add(&seen, colors[index]) != index;
    }
    choices->palette.colors = colors;
}

static void decode_choices(struct plan *plan, struct bytes_reader *reader)
{
    struct plan_choices *choices = &plan->choices;
    choices->width = (uint32_t)bytes_get(reader, 4, IMAGE_SIDE_MAX);
    choices->height = (uint32_t)bytes_get(reader, 4, IMAGE_SIDE_MAX);
    choices->resample = (enum sgr_resample)bytes_get(reader, 1, SGR_RESAMPLE_LANCZOS);
    choices->png_level = (enum sgr_png_level)bytes_get(reader, 1, SGR_PNG_SMALL);
    decode_color(plan, reader);
    reader->failed |= choices->width == 0 || choices->height == 0;
    choices->encoder = copy_text(plan, reader);
    choices->seed = copy_text(plan, reader);
    decode_bands(plan, reader);
    choices->part_count = (size_t)bytes_get(reader, 4, UINT32_MAX);
    struct hash128 *digests =
        make_array(plan, reader, choices->part_count, 16, sizeof(struct hash128));
    for (size_t part = 0; digests && part < choices->part_count; part++) {
        digests[part].low = bytes_get(reader, 8, UINT64_MAX);
        digests[part].high = bytes_get(reader, 8, UINT64_MAX);
    }
    choices->part_digests = digests;
}

static void decode_orders(struct plan *plan, struct bytes_reader *reader)
{
    plan->order_count = (size_t)bytes_get(reader, 4, PLAN_ORDERS_MAX);
    reader->failed |= plan->order_count == 0;
    plan->orders = make_array(plan, reader, plan->order_count, 4, sizeof *plan->orders);
    for (size_t order = 0; order < plan->order_count && !reader->failed; order++) {
        size_t count = (size_t)bytes_get(reader, 4, COLLECTION_LAYERS_MAX);
        uint16_t *layers = make_array(plan, reader, count, 2, sizeof *layers);
        for (size_t layer = 0; layers && layer < count; layer++) {
            layers[layer] = (uint16_t)bytes_get(reader, 2, UINT16_MAX);
            reader->failed |= layers[layer] >= plan->collection->layer_count;
        }
        plan->orders[order] = (struct plan_order){layers, count};
    }
}

static void decode_attributes(struct plan *plan, struct bytes_reader *reader)
{
    plan->attribute_count = (size_t)bytes_get(reader, 4, UINT32_MAX);
    plan->attributes = make_array(plan, reader, plan->attribute_count, 4, sizeof *plan->attributes);
    for (size_t index = 0; index < plan->attribute_count && !reader->failed; index++)
        plan->attributes[index] = copy_text(plan, reader);
}

/* Reads the sections that are decoded whole. */
static enum sgr_status read_tables(struct plan *plan, struct sgr_error *error)
{
    static const struct {
        enum plan_section section;
        void (*decode)(struct plan *plan, struct bytes_reader *reader);
    } tables[] = {{PLAN_SECTION_CHOICES, decode_choices},
                  {PLAN_SECTION_ORDERS, decode_orders},
                  {PLAN_SECTION_ATTRIBUTES, decode_attributes}};
    for (size_t table = 0; table < sizeof tables / sizeof *tables; table++) {
        uint8_t *bytes = NULL;
        enum sgr_status status = read_section(plan, tables[table].section, &bytes, error);
        if (status != SGR_OK)
            return status;
        struct bytes_reader reader = {bytes, (size_t)plan->sections[tables[table].section].size,
                                      false};
        tables[table].decode(plan, &reader);
        memory_free(bytes);
        if (plan->no_memory)
            return error_no_memory(error, "the plan");
        if (reader.failed || reader.left != 0)
            return damaged(plan, "table", error);
    }
    return SGR_OK;
}

static enum sgr_status read_collection(struct plan *plan, const char *root, struct sgr_error *error)
{
    uint8_t *bytes = NULL;
    enum sgr_status status = read_section(plan, PLAN_SECTION_COLLECTION, &bytes, error);
    if (status != SGR_OK)
        return status;
    status = collection_file_decode(plan->name, bytes,
                                    (size_t)plan->sections[PLAN_SECTION_COLLECTION].size, root,
                                    &plan->collection, error);
    memory_free(bytes);
    return status;
}

static uint64_t block_count(const struct plan *plan)
{
    return (plan->count + PLAN_FORMAT_BLOCK_ITEMS - 1) / PLAN_FORMAT_BLOCK_ITEMS;
}

/* Makes the tables that items are read through, and checks their sizes. */
static enum sgr_status prepare_items(struct plan *plan, struct sgr_error *error)
{
    size_t layers = plan->collection->layer_count;
    plan->trait_bases = memory_allocate(layers + 1, sizeof *plan->trait_bases);
    plan->item_traits = memory_allocate(layers + 1, sizeof *plan->item_traits);
    if (!plan->trait_bases || !plan->item_traits)
        return error_no_memory(error, "the plan");
    uint32_t next = 0;
    for (size_t layer = 0; layer < layers; layer++) {
        plan->trait_bases[layer] = next;
        next += (uint32_t)plan->collection->layers[layer].trait_count;
    }
    plan->trait_bases[layers] = next;
    if (plan->sections[PLAN_SECTION_COUNTS].size != (uint64_t)next * 16 ||
        plan->sections[PLAN_SECTION_INDEX].size != block_count(plan) * PLAN_INDEX_BYTES)
        return damaged(plan, "header", error);
    enum sgr_status status = plan_blocks_keep(&plan->blocks, 1, error);
    if (status == SGR_OK)
        status = read_section(plan, PLAN_SECTION_COUNTS, &plan->counts, error);
    return status == SGR_OK ? read_section(plan, PLAN_SECTION_INDEX, &plan->index, error) : status;
}

enum sgr_status plan_open_handle(struct open_file *take_handle, uint64_t size, const char *name,
                                 const char *root, struct plan **out_plan, struct sgr_error *error)
{
    struct plan *plan = memory_allocate_zeroed(1, sizeof *plan);
    if (!plan)
        return error_no_memory(error, "the plan");
    plan->handle = *take_handle;
    plan->size = size;
    plan->name = memory_copy_text(name);
    enum sgr_status status = plan->name ? SGR_OK : error_no_memory(error, "the plan");
    if (status == SGR_OK)
        status = read_header(plan, error);
    if (status == SGR_OK)
        status = read_collection(plan, root, error);
    if (status == SGR_OK)
        status = read_tables(plan, error);
    if (status == SGR_OK)
        status = prepare_items(plan, error);
    if (status != SGR_OK) {
        plan->handle = OPEN_FILE_NONE;
        plan_close(&plan);
        return status;
    }
    *take_handle = OPEN_FILE_NONE;
    *out_plan = plan;
    return SGR_OK;
}

enum sgr_status plan_open(const char *path, const char *root, struct plan **out_plan,
                          struct sgr_error *error)
{
    struct open_file handle = OPEN_FILE_NONE;
    uint64_t size;
    enum sgr_status status = file_open_read(path, &handle, &size, error);
    if (status == SGR_OK)
        status = plan_open_handle(&handle, size, path, root, out_plan, error);
    file_abandon(&handle);
    return status;
}

enum sgr_status plan_copy(struct plan *plan, const char *path, struct sgr_error *error)
{
    struct file_stream stream;
    uint8_t *bytes = memory_allocate(COPY_BYTES, 1);
    if (!bytes)
        return error_no_memory(error, "the plan");
    enum sgr_status status = file_stream_open(&stream, path, error);
    if (status != SGR_OK) {
        memory_free(bytes);
        return status;
    }
    for (uint64_t at = 0; at < plan->size && status == SGR_OK; at += COPY_BYTES) {
        uint64_t left = plan->size - at;
        size_t step = left < COPY_BYTES ? (size_t)left : COPY_BYTES;
        status = file_read_at(plan->handle, at, bytes, step, plan->name, error);
        if (status == SGR_OK)
            status = file_stream_write(&stream, bytes, step, error);
    }
    memory_free(bytes);
    if (status == SGR_OK)
        return file_stream_commit(&stream, error);
    file_stream_discard(&stream);
    return status;
}

const struct collection *plan_collection(const struct plan *plan)
{
    return plan->collection;
}

const struct plan_choices *plan_choices(const struct plan *plan)
{
    return &plan->choices;
}

uint64_t plan_count(const struct plan *plan)
{
    return plan->count;
}

size_t plan_order_count(const struct plan *plan)
{
    return plan->order_count;
}

const struct plan_order *plan_order(const struct plan *plan, uint32_t order)
{
    ERROR_ASSERT(order < plan->order_count);
    return &plan->orders[order];
}

bool plan_has_attributes(const struct plan *plan)
{
    return plan->flags & PLAN_HAS_ATTRIBUTES;
}

const char *plan_attribute(const struct plan *plan, uint32_t attribute)
{
    ERROR_ASSERT(attribute < plan->attribute_count);
    return plan->attributes[attribute];
}

uint32_t plan_trait_base(const struct plan *plan, size_t layer)
{
    return plan->trait_bases[layer];
}

uint64_t plan_asked(const struct plan *plan, size_t layer, size_t trait)
{
    return bytes_load(plan->counts + (plan->trait_bases[layer] + trait) * 16, 8);
}

uint64_t plan_planned(const struct plan *plan, size_t layer, size_t trait)
{
    return bytes_load(plan->counts + (plan->trait_bases[layer] + trait) * 16 + 8, 8);
}

struct hash128 plan_digest(const struct plan *plan)
{
    return plan->digest;
}

uint64_t plan_items_bytes(const struct plan *plan)
{
    return plan->sections[PLAN_SECTION_BLOCKS].size;
}

enum sgr_status plan_keep(struct plan *plan, size_t blocks, struct sgr_error *error)
{
    return plan_blocks_keep(&plan->blocks, blocks, error);
}

static enum sgr_status read_block(struct plan *plan, uint64_t number,
                                  const struct plan_block **out_block, struct sgr_error *error)
{
    const uint8_t *row = plan->index + number * PLAN_INDEX_BYTES;
    struct plan_block_place place = {number, bytes_load(row, 8), (size_t)bytes_load(row + 8, 4),
                                     bytes_load(row + 12, 8)};
    const struct section *blocks = &plan->sections[PLAN_SECTION_BLOCKS];
    if (place.offset < blocks->offset || place.offset - blocks->offset > blocks->size ||
        place.size > blocks->size - (place.offset - blocks->offset))
        return damaged(plan, "index", error);
    return plan_blocks_read(&plan->blocks, plan->handle, plan->name, &place, out_block, error);
}

/* The value of row `row` in a column of `rows` values; moves the reader past the column. */
static uint64_t column_value(struct bytes_reader *reader, uint64_t rows, uint64_t row,
                             unsigned width)
{
    if (reader->failed || reader->left / width < rows) {
        reader->failed = true;
        return 0;
    }
    uint64_t value = bytes_load(reader->at + row * width, width);
    reader->at += rows * width;
    reader->left -= rows * width;
    return value;
}

/* Takes the item's attributes from behind the block's columns. */
static enum sgr_status read_attributes(struct plan *plan, struct bytes_reader *reader,
                                       uint64_t rows, uint64_t row, struct plan_item *item,
                                       struct sgr_error *error)
{
    if (reader->failed || reader->left / 4 < rows + 1)
        return damaged(plan, "list of items", error);
    uint64_t from = bytes_load(reader->at + row * 4, 4);
    uint64_t to = bytes_load(reader->at + (row + 1) * 4, 4);
    const uint8_t *ids = reader->at + (rows + 1) * 4;
    if (from > to || to > reader->left / 4 - (rows + 1))
        return damaged(plan, "list of items", error);
    uint32_t *grown = memory_grow(plan->item_attributes, &plan->item_attributes_capacity,
                                  (size_t)(to - from) + 1, sizeof *plan->item_attributes);
    if (!grown)
        return error_no_memory(error, "the plan");
    plan->item_attributes = grown;
    for (uint64_t at = from; at < to; at++) {
        grown[at - from] = (uint32_t)bytes_load(ids + at * 4, 4);
        if (grown[at - from] >= plan->attribute_count)
            return damaged(plan, "list of items", error);
    }
    item->attributes = grown;
    item->attribute_count = (size_t)(to - from);
    return SGR_OK;
}

enum sgr_status plan_read(struct plan *plan, uint64_t index, struct plan_item *out_item,
                          struct sgr_error *error)
{
    ERROR_ASSERT(index < plan->count);
    const struct plan_block *block;
    enum sgr_status status = read_block(plan, index / PLAN_FORMAT_BLOCK_ITEMS, &block, error);
    if (status != SGR_OK)
        return status;
    uint64_t first = index / PLAN_FORMAT_BLOCK_ITEMS * PLAN_FORMAT_BLOCK_ITEMS;
    uint64_t rows = plan->count - first < PLAN_FORMAT_BLOCK_ITEMS ? plan->count - first
                                                                  : PLAN_FORMAT_BLOCK_ITEMS;
    uint64_t row = index - first;
    struct bytes_reader reader = {block->bytes, block->size, false};
    for (size_t layer = 0; layer < plan->collection->layer_count; layer++) {
        size_t traits = plan->collection->layers[layer].trait_count;
        uint64_t trait = column_value(&reader, rows, row, plan_format_trait_width(traits));
        reader.failed |= trait >= traits;
        plan->item_traits[layer] = (uint16_t)trait;
    }
    struct plan_item item = {index, plan->start + index, plan->item_traits, 0, NULL, 0};
    if (plan->flags & PLAN_HAS_IDS)
        item.id = column_value(&reader, rows, row, 8);
    if (plan->flags & PLAN_HAS_ORDERS)
        item.order =
            (uint32_t)column_value(&reader, rows, row, plan_format_order_width(plan->order_count));
    if (reader.failed || item.order >= plan->order_count)
        return damaged(plan, "list of items", error);
    if (plan->flags & PLAN_HAS_ATTRIBUTES)
        status = read_attributes(plan, &reader, rows, row, &item, error);
    if (status == SGR_OK)
        *out_item = item;
    return status;
}

enum sgr_status plan_find(struct plan *plan, uint64_t id, uint64_t *out_index, bool *out_found,
                          struct sgr_error *error)
{
    uint64_t low = 0;
    uint64_t high = plan->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct plan_item item;
        enum sgr_status status = plan_read(plan, middle, &item, error);
        if (status != SGR_OK)
            return status;
        if (item.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    *out_found = false;
    if (low == plan->count)
        return SGR_OK;
    struct plan_item item;
    enum sgr_status status = plan_read(plan, low, &item, error);
    *out_index = low;
    *out_found = status == SGR_OK && item.id == id;
    return status;
}

enum sgr_status plan_check(struct plan *plan, struct sgr_error *error)
{
    /* Ids that count up by themselves need no look at every item, one a block checks its hash. */
    uint64_t step = plan->flags & PLAN_HAS_IDS ? 1 : PLAN_FORMAT_BLOCK_ITEMS;
    uint64_t next_id = 0;
    enum sgr_status status = SGR_OK;
    for (uint64_t index = 0; index < plan->count && status == SGR_OK; index += step) {
        struct plan_item item;
        status = plan_read(plan, index, &item, error);
        if (status == SGR_OK && (item.id < next_id || item.id >= INT64_MAX))
            return damaged(plan, "list of ids", error);
        next_id = item.id + 1;
    }
    return status;
}

void plan_recipe_text(const struct plan *plan, const struct plan_item *item, struct text *out)
{
    for (size_t layer = 0; layer < plan->collection->layer_count; layer++)
        text_format(out, layer ? "-%u" : "%u", item->traits[layer]);
    if (item->order != 0)
        text_format(out, "@%u", item->order);
}
