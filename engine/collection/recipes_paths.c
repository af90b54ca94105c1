/*
 * One line at a time: the JSON of a line is gone before the next is read, what stays of an item is
 * a row, its trait numbers, and the numbers of its attributes. Rows are sorted by id at the end,
 * then the tables are filled in that order.
 */
#include "collection/recipes_paths.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/config_read.h"
#include "collection/recipe_layers.h"
#include "collection/recipe_lines.h"
#include "collection/recipe_parse.h"
#include "collection/recipe_rows.h"

#include <string.h>

/* The reading of one file. */
struct recipe_reading {
    const char *path;
    struct draft draft;
    struct recipe_layers layers;
    struct arena arena; /* of the result */
    struct json_source source;
    struct intern orders;
    struct recipe_rows rows;
    struct text attribute; /* reused */
    uint16_t *traits;      /* of all items, in the layers of their orders */
    size_t trait_count;
    size_t trait_capacity;
    uint16_t order[COLLECTION_LAYERS_MAX]; /* of the line that is being read */
    size_t order_length;
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
    struct text *text = &reading->attribute;
    reading->rows.has_attributes |= attributes != NULL;
    for (size_t index = 0; index < json_array_size(attributes); index++) {
        if (!recipe_parse_attribute(json_array_get(attributes, index), text) ||
            !recipe_rows_add_attribute(&reading->rows, &reading->arena, text->bytes, text->length))
            return error_no_memory(error, "the recipes");
    }
    return SGR_OK;
}

static enum sgr_status take_recipe(struct recipe_reading *reading, const json_t *recipe,
                                   struct sgr_error *error)
{
    struct recipe_row row = {.line = reading->source.line,
                             .first_trait = reading->trait_count,
                             .first_attribute = reading->rows.attribute_count};
    int64_t id;
    row.id = json_schema_whole(recipe, "id", &id) ? (uint64_t)id : row.line - 1;
    enum sgr_status status = recipe_rows_reserve(&reading->rows, error);
    if (status == SGR_OK)
        status = take_layers(reading, json_object_get(recipe, "layers"), error);
    if (status == SGR_OK)
        status = take_attributes(reading, json_object_get(recipe, "attributes"), error);
    if (status != SGR_OK)
        return status;
    if (!intern_add(&reading->orders, &reading->arena, reading->order,
                    reading->order_length * sizeof *reading->order, &row.order))
        return error_no_memory(error, "the recipes");
    recipe_rows_add(&reading->rows, &row);
    return SGR_OK;
}

static enum sgr_status take_line(struct recipe_reading *reading, const char *bytes, size_t size,
                                 struct sgr_error *error)
{
    if (recipe_lines_is_blank(bytes, size))
        return SGR_OK;
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
    if (status == SGR_OK && reading->rows.count == 0)
        return error_set(error, SGR_INPUT,
                         "%s: the file has no recipe; write one JSON object a line, like "
                         "{\"id\":0,\"layers\":[\"background/red.png\"]}",
                         reading->path);
    return status;
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
    recipes->order_ids = arena_allocate(arena, recipes->count, sizeof *recipes->order_ids);
    recipes->traits = arena_allocate(arena, recipes->count, layer_count * sizeof *recipes->traits);
    if (!recipes->order_ids || !recipes->traits)
        return false;
    for (size_t item = 0; item < recipes->count; item++) {
        const struct recipe_row *row = &reading->rows.rows[item];
        const struct recipes_order *order = &recipes->orders[row->order];
        const uint16_t *traits = reading->traits + row->first_trait;
        recipes->order_ids[item] = row->order;
        for (size_t index = 0; index < order->layer_count; index++)
            recipes->traits[item * layer_count + order->layers[index]] = traits[index];
    }
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
        status = recipe_rows_sort(&reading->rows, error);
    if (status == SGR_OK)
        status = recipe_layers_settle(&reading->layers, reading->rows.count, error);
    if (status == SGR_OK)
        status = draft_canvas_settle(&reading->draft, error);
    if (status == SGR_OK && (!recipe_rows_settle(&reading->rows, &reading->arena, recipes) ||
                             !settle_orders(reading, recipes) || !settle_items(reading, recipes)))
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
    recipe_rows_finish(&reading->rows);
    text_finish(&reading->attribute);
    memory_free(reading->traits);
    arena_finish(&reading->arena);
    memory_free(reading);
}

enum sgr_status recipes_paths_read(const char *path, const struct collection_options *options,
                                   struct recipes *recipes, struct sgr_error *error)
{
    struct recipe_reading *reading = memory_allocate_zeroed(1, sizeof *reading);
    if (!reading)
        return error_no_memory(error, "the recipes");
    reading->path = path;
    reading->rows.path = path;
    enum sgr_status status = draft_init(&reading->draft, options, error);
    if (status == SGR_OK) {
        recipe_layers_init(&reading->layers, &reading->draft);
        status = read_all(reading, recipes, error);
    }
    if (status == SGR_OK) {
        recipes->arena = reading->arena;
        reading->arena = (struct arena){0};
    }
    finish(reading);
    return status;
}
