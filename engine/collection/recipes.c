/*
 * One line at a time: the JSON of a line is gone before the next is read, what stays of an item is
 * a row, its trait numbers, and the numbers of its attributes. Rows are sorted by id at the end,
 * then the tables are filled in that order.
 */
#include "collection/recipes.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/config_read.h"
#include "collection/recipe_layers.h"
#include "collection/recipe_lines.h"
#include "collection/recipe_parse.h"

#include <stdlib.h>
#include <string.h>

/* An item as it was read. */
struct recipe_row {
    uint64_t id;
    uint64_t line;
    uint64_t first_trait;     /* in traits */
    uint64_t first_attribute; /* in attribute_ids */
    uint32_t attribute_count;
    uint32_t order;
};

/* The reading of one file. */
struct recipe_reading {
    const char *path;
    struct draft draft;
    struct recipe_layers layers;
    struct arena arena; /* of the result */
    struct json_source source;
    struct intern orders;
    struct intern attributes;
    struct text attribute; /* reused */
    struct recipe_row *rows;
    size_t row_count;
    size_t row_capacity;
    uint16_t *traits; /* of all items, in the layers of their orders */
    size_t trait_count;
    size_t trait_capacity;
    uint32_t *attribute_ids;
    size_t attribute_count;
    size_t attribute_capacity;
    uint16_t order[COLLECTION_LAYERS_MAX]; /* of the line that is being read */
    size_t order_length;
    bool has_attributes;
};

/* Puts the file and line in front of what went wrong with an element. */
static enum sgr_status add_element(struct recipe_reading *reading,
                                   const struct recipe_element *element,
                                   struct recipe_place *out_place, struct sgr_error *error)
{
    struct sgr_error inner = {SGR_OK, ""};
    enum sgr_status status = recipe_layers_add(&reading->layers, element, out_place, &inner);
    if (status != SGR_OK)
        return error_set(error, status, "%s:%llu: %s", reading->path,
                         (unsigned long long)reading->source.line, inner.text);
    return SGR_OK;
}

static enum sgr_status take_layers(struct recipe_reading *reading, const json_t *elements,
                                   struct sgr_error *error)
{
    size_t count = json_array_size(elements);
    uint16_t *grown = memory_grow(reading->traits, &reading->trait_capacity,
                                  reading->trait_count + count, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes");
    reading->traits = grown;
    reading->order_length = 0;
    recipe_layers_begin(&reading->layers);
    for (size_t index = 0; index < count; index++) {
        struct recipe_element element;
        struct recipe_place place;
        recipe_parse_element(json_array_get(elements, index), &element);
        enum sgr_status status = add_element(reading, &element, &place, error);
        if (status != SGR_OK)
            return status;
        if (place.absent)
            continue;
        /* A layer is met once in a recipe, so there are never more than layers. */
        ERROR_ASSERT(reading->order_length < COLLECTION_LAYERS_MAX);
        reading->order[reading->order_length++] = place.layer;
        reading->traits[reading->trait_count++] = place.trait;
    }
    return SGR_OK;
}

static enum sgr_status take_attributes(struct recipe_reading *reading, const json_t *attributes,
                                       struct sgr_error *error)
{
    size_t count = json_array_size(attributes);
    uint32_t *grown = memory_grow(reading->attribute_ids, &reading->attribute_capacity,
                                  reading->attribute_count + count, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes");
    reading->attribute_ids = grown;
    reading->has_attributes |= attributes != NULL;
    for (size_t index = 0; index < count; index++) {
        uint32_t *id = &reading->attribute_ids[reading->attribute_count];
        struct text *text = &reading->attribute;
        if (!recipe_parse_attribute(json_array_get(attributes, index), text) ||
            !intern_add(&reading->attributes, &reading->arena, text->bytes, text->length, id))
            return error_no_memory(error, "the recipes");
        reading->attribute_count++;
    }
    return SGR_OK;
}

static enum sgr_status take_recipe(struct recipe_reading *reading, const json_t *recipe,
                                   struct sgr_error *error)
{
    struct recipe_row row = {.line = reading->source.line,
                             .first_trait = reading->trait_count,
                             .first_attribute = reading->attribute_count};
    struct recipe_row *grown =
        memory_grow(reading->rows, &reading->row_capacity, reading->row_count + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes");
    reading->rows = grown;
    int64_t id;
    row.id = json_schema_whole(recipe, "id", &id) ? (uint64_t)id : row.line - 1;
    enum sgr_status status = take_layers(reading, json_object_get(recipe, "layers"), error);
    if (status == SGR_OK)
        status = take_attributes(reading, json_object_get(recipe, "attributes"), error);
    if (status != SGR_OK)
        return status;
    row.attribute_count = (uint32_t)(reading->attribute_count - row.first_attribute);
    if (!intern_add(&reading->orders, &reading->arena, reading->order,
                    reading->order_length * sizeof *reading->order, &row.order))
        return error_no_memory(error, "the recipes");
    grown[reading->row_count++] = row;
    return SGR_OK;
}

static bool is_blank(const char *bytes, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        if (!strchr(" \t\r", bytes[at]))
            return false;
    }
    return true;
}

static enum sgr_status take_line(struct recipe_reading *reading, const char *bytes, size_t size,
                                 struct sgr_error *error)
{
    if (reading->source.line == 1 && size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        size -= 3;
    }
    if (is_blank(bytes, size))
        return SGR_OK;
    if (reading->row_count >= COLLECTION_COUNT_MAX)
        return error_set(error, SGR_INPUT, "%s: the file has more than %llu recipes", reading->path,
                         (unsigned long long)COLLECTION_COUNT_MAX);
    json_t *recipe;
    enum sgr_status status = json_schema_parse(&reading->source, bytes, size, &recipe, error);
    if (status != SGR_OK)
        return status;
    status = recipe_parse_check(&reading->source, recipe, error);
    if (status == SGR_OK)
        status = take_recipe(reading, recipe, error);
    json_decref(recipe);
    return status;
}

static enum sgr_status read_lines(struct recipe_reading *reading, struct sgr_error *error)
{
    struct recipe_lines lines = {.handle = OPEN_FILE_NONE};
    enum sgr_status status = recipe_lines_open(&lines, reading->path, error);
    while (status == SGR_OK) {
        const char *bytes;
        size_t size;
        status = recipe_lines_next(&lines, &bytes, &size, error);
        if (status != SGR_OK || !bytes)
            break;
        reading->source = (struct json_source){.path = reading->path, .line = lines.line};
        status = take_line(reading, bytes, size, error);
    }
    recipe_lines_close(&lines);
    if (status == SGR_OK && reading->row_count == 0)
        return error_set(error, SGR_INPUT,
                         "%s: the file has no recipe; write one JSON object a line, like "
                         "{\"id\":0,\"layers\":[\"background/red.png\"]}",
                         reading->path);
    return status;
}

static int compare_rows(const void *left, const void *right)
{
    const struct recipe_row *a = left;
    const struct recipe_row *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static enum sgr_status sort_rows(struct recipe_reading *reading, struct sgr_error *error)
{
    bool sorted = true;
    const struct recipe_row *rows = reading->rows;
    for (size_t index = 1; index < reading->row_count; index++)
        sorted &= rows[index - 1].id < rows[index].id;
    if (sorted)
        return SGR_OK;
    qsort(reading->rows, reading->row_count, sizeof *reading->rows, compare_rows);
    for (size_t index = 1; index < reading->row_count; index++) {
        if (rows[index - 1].id == rows[index].id)
            return error_set(error, SGR_INPUT,
                             "%s:%llu: the id %llu stands in line %llu already; ids have to differ",
                             reading->path, (unsigned long long)rows[index].line,
                             (unsigned long long)rows[index].id,
                             (unsigned long long)rows[index - 1].line);
    }
    return SGR_OK;
}

/* The draw orders; their keys are the layer numbers themselves. */
static bool settle_orders(struct recipe_reading *reading, struct recipes *recipes)
{
    recipes->order_count = reading->orders.count;
    recipes->orders =
        arena_allocate(&reading->arena, recipes->order_count, sizeof *recipes->orders);
    for (size_t index = 0; recipes->orders && index < recipes->order_count; index++) {
        const struct intern_entry *entry = &reading->orders.entries[index];
        uint16_t *layers = arena_allocate(&reading->arena, entry->length, 1);
        if (!layers)
            return false;
        memcpy(layers, entry->bytes, entry->length);
        recipes->orders[index] = (struct recipes_order){layers, entry->length / sizeof *layers};
    }
    return recipes->orders != NULL;
}

static bool settle_items(struct recipe_reading *reading, struct recipes *recipes)
{
    struct arena *arena = &reading->arena;
    size_t layer_count = reading->layers.slots.count;
    recipes->count = reading->row_count;
    recipes->ids = arena_allocate(arena, recipes->count, sizeof *recipes->ids);
    recipes->order_ids = arena_allocate(arena, recipes->count, sizeof *recipes->order_ids);
    recipes->traits = arena_allocate(arena, recipes->count, layer_count * sizeof *recipes->traits);
    if (!recipes->ids || !recipes->order_ids || !recipes->traits)
        return false;
    for (size_t item = 0; item < recipes->count; item++) {
        const struct recipe_row *row = &reading->rows[item];
        const struct recipes_order *order = &recipes->orders[row->order];
        const uint16_t *traits = reading->traits + row->first_trait;
        recipes->ids[item] = row->id;
        recipes->order_ids[item] = row->order;
        for (size_t index = 0; index < order->layer_count; index++)
            recipes->traits[item * layer_count + order->layers[index]] = traits[index];
    }
    return true;
}

static bool settle_attributes(struct recipe_reading *reading, struct recipes *recipes)
{
    struct arena *arena = &reading->arena;
    if (!reading->has_attributes)
        return true;
    recipes->attribute_count = reading->attributes.count;
    recipes->attributes =
        arena_allocate(arena, recipes->attribute_count, sizeof *recipes->attributes);
    recipes->attribute_ids =
        arena_allocate(arena, reading->attribute_count, sizeof *recipes->attribute_ids);
    recipes->attribute_starts =
        arena_allocate(arena, recipes->count + 1, sizeof *recipes->attribute_starts);
    if (!recipes->attributes || !recipes->attribute_ids || !recipes->attribute_starts)
        return false;
    for (size_t index = 0; index < recipes->attribute_count; index++)
        recipes->attributes[index] = reading->attributes.entries[index].bytes;
    uint64_t used = 0;
    for (size_t item = 0; item < recipes->count; item++) {
        const struct recipe_row *row = &reading->rows[item];
        recipes->attribute_starts[item] = used;
        for (uint32_t index = 0; index < row->attribute_count; index++)
            recipes->attribute_ids[used++] = reading->attribute_ids[row->first_attribute + index];
    }
    recipes->attribute_starts[recipes->count] = used;
    return true;
}

/* collection.json beside the art gives the name and the canvas; layers are the recipes' matter. */
static enum sgr_status read_config(struct recipe_reading *reading, struct sgr_error *error)
{
    const char *path;
    struct draft *draft = &reading->draft;
    enum sgr_status status = draft_locate(draft, &path, error);
    draft->collection->grammar = "recipes";
    if (status != SGR_OK || !path)
        return status;
    struct config config = {0};
    status = config_read_open(&config, draft, path, error);
    bool unused = status == SGR_OK && (json_object_get(config.root, "layers") ||
                                       json_object_get(config.root, "traits"));
    config_read_close(&config);
    if (!unused)
        return status;
    return draft_notice(draft, error, SGR_LOG_NOTICE, "config-unused",
                        "%s: \"layers\" and \"traits\" are not used with a recipes file",
                        draft->root);
}

static enum sgr_status read_all(struct recipe_reading *reading, struct recipes *recipes,
                                struct sgr_error *error)
{
    enum sgr_status status = read_config(reading, error);
    if (status == SGR_OK)
        status = read_lines(reading, error);
    if (status == SGR_OK)
        status = sort_rows(reading, error);
    if (status == SGR_OK)
        status = recipe_layers_settle(&reading->layers, reading->row_count, error);
    if (status == SGR_OK)
        status = draft_canvas_settle(&reading->draft, error);
    if (status == SGR_OK && (!settle_orders(reading, recipes) || !settle_items(reading, recipes) ||
                             !settle_attributes(reading, recipes)))
        status = error_no_memory(error, "the recipes");
    if (status == SGR_OK)
        status = draft_take(&reading->draft, &recipes->collection, error);
    return status;
}

static void finish(struct recipe_reading *reading)
{
    recipe_layers_finish(&reading->layers);
    draft_finish(&reading->draft);
    intern_finish(&reading->orders);
    intern_finish(&reading->attributes);
    text_finish(&reading->attribute);
    memory_free(reading->rows);
    memory_free(reading->traits);
    memory_free(reading->attribute_ids);
    arena_finish(&reading->arena);
    memory_free(reading);
}

enum sgr_status recipes_read(const char *path, const struct collection_options *options,
                             struct recipes **out_recipes, struct sgr_error *error)
{
    struct recipe_reading *reading = memory_allocate_zeroed(1, sizeof *reading);
    struct recipes *recipes = memory_allocate_zeroed(1, sizeof *recipes);
    enum sgr_status status = SGR_OK;
    if (!reading || !recipes)
        status = error_no_memory(error, "the recipes");
    if (status == SGR_OK) {
        reading->path = path;
        status = draft_init(&reading->draft, options, error);
    }
    if (status == SGR_OK) {
        recipe_layers_init(&reading->layers, &reading->draft);
        status = read_all(reading, recipes, error);
    }
    if (status == SGR_OK) {
        recipes->arena = reading->arena;
        reading->arena = (struct arena){0};
        *out_recipes = recipes;
        recipes = NULL;
    }
    if (reading)
        finish(reading);
    recipes_destroy(&recipes);
    return status;
}

void recipes_destroy(struct recipes **recipes)
{
    if (!*recipes)
        return;
    collection_destroy(&(*recipes)->collection);
    arena_finish(&(*recipes)->arena);
    memory_free(*recipes);
    *recipes = NULL;
}
