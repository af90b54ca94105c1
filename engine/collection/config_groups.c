/* Groups become traits without a picture, items traits with one; lists are read entry by entry. */
#include "collection/config_groups.h"

#include "collection/recipe_parse.h"
#include "collection/weights.h"

#include <stdio.h>
#include <string.h>

enum { WHERE_BYTES = 64, TEXT_BYTES = 160 };

static const struct json_schema_key group_keys[] = {
    {"name", SCHEMA_TEXT, 1, 0},
    {"count", SCHEMA_WHOLE, 0, (int64_t)COLLECTION_COUNT_MAX},
    {"weight", SCHEMA_DECIMAL, 0, (int64_t)WEIGHTS_ONE_MAX},
    {"layers", SCHEMA_TEXTS, 0, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

static const struct json_schema_key item_keys[] = {
    {"id", SCHEMA_WHOLE, 0, INT64_MAX}, {"image", SCHEMA_TEXT, 1, 0},
    {"name", SCHEMA_TEXT, 1, 0},        {"attributes", SCHEMA_OBJECT, 0, 0},
    {"at", SCHEMA_PLACE, 0, 0},         {"blend", SCHEMA_BLEND, 0, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

/* What both lists share while they are read. */
struct groups_reader {
    const struct config *config;
    struct draft *draft;
    struct draft_trait *traits; /* [count] */
    struct collection_stack *stacks;
    size_t count;
    uint16_t *single; /* the stack of all one-of-one items: the group layer */
    struct intern names;
    struct intern layer_names; /* numbers are the draft's layers */
    struct intern ids;
    struct arena arena;
    struct text text;
    bool open; /* a group's count is not exact */
    uint64_t sum;
};

/* One entry of a list. */
struct entry {
    struct json_source source; /* its span is the entry */
    json_t *object;
    char where[WHERE_BYTES];
};

static enum sgr_status refuse(const struct entry *entry, const char *key, const char *text,
                              struct sgr_error *error)
{
    return json_schema_error(&entry->source, entry->where, key, text, error);
}

static enum sgr_status no_memory(struct sgr_error *error)
{
    return error_no_memory(error, "the groups");
}

enum sgr_status config_groups_note_images(const struct config *config, struct draft *draft,
                                          struct sgr_error *error)
{
    json_t *items = json_object_get(config->root, "items");
    for (size_t index = 0; index < json_array_size(items); index++) {
        const char *image =
            json_string_value(json_object_get(json_array_get(items, index), "image"));
        uint32_t number;
        if (image && !intern_add(&draft->item_images, &draft->collection->arena, image,
                                 strlen(image), &number))
            return no_memory(error);
    }
    return SGR_OK;
}

/* Takes a name that no other group or item has. */
static enum sgr_status take_name(struct groups_reader *reader, const struct entry *entry,
                                 const char *name, struct sgr_error *error)
{
    struct draft_trait *trait = &reader->traits[reader->count];
    size_t known = reader->names.count;
    uint32_t number;
    char text[TEXT_BYTES];
    if (strcmp(name, DRAFT_NONE) == 0)
        return refuse(entry, "name", "\"None\" is the name of what is absent; take another", error);
    if (!intern_add(&reader->names, &reader->arena, name, strlen(name), &number))
        return no_memory(error);
    (void)snprintf(text, sizeof text,
                   "two groups or items are called \"%.100s\"; \"name\" sets one", name);
    if (number < known)
        return refuse(entry, "name", text, error);
    *trait =
        (struct draft_trait){.name = name, .value = name, .path = name, .opacity = OPACITY_FULL};
    return SGR_OK;
}

static bool make_members(struct groups_reader *reader, struct collection_stack *stack)
{
    size_t words = (reader->draft->layer_count + 1 + 63) / 64;
    uint64_t *members = arena_allocate(&reader->draft->collection->arena, words, sizeof *members);
    for (size_t index = 0; members && index < stack->layer_count; index++)
        members[stack->layers[index] / 64] |= UINT64_C(1) << (stack->layers[index] % 64);
    stack->members = members;
    return members != NULL;
}

/* The names that a mistyped layer may have meant. */
static enum sgr_status refuse_layer(struct groups_reader *reader, const struct entry *entry,
                                    const char *name, struct sgr_error *error)
{
    struct draft *draft = reader->draft;
    const char **words = arena_allocate(&draft->scratch, draft->layer_count + 1, sizeof *words);
    if (!words)
        return no_memory(error);
    for (size_t index = 0; index < draft->layer_count; index++)
        words[index] = draft->layers[index].name;
    return json_schema_unknown(&entry->source, entry->where, "the layer", name, words, error);
}

static enum sgr_status take_layers(struct groups_reader *reader, const struct entry *entry,
                                   struct collection_stack *stack, struct sgr_error *error)
{
    json_t *list = json_object_get(entry->object, "layers");
    size_t count = json_array_size(list);
    struct entry at = *entry;
    if (count == 0)
        return refuse(entry, list ? "layers" : NULL,
                      "a group needs \"layers\", the list of those that its items are drawn from, "
                      "bottom first",
                      error);
    at.source.span = json_schema_span(&entry->source, entry->object, "layers");
    struct json_span_walk walk = json_span_enter(at.source.bytes, at.source.span);
    if (count > reader->draft->layer_count)
        return refuse(&at, NULL, "there are not so many layers", error);
    uint16_t *layers = arena_allocate(&reader->draft->collection->arena, count + 1, sizeof *layers);
    bool *seen = arena_allocate(&reader->draft->scratch, reader->draft->layer_count, sizeof *seen);
    if (!layers || !seen)
        return no_memory(error);
    for (size_t index = 0; index < count; index++) {
        const char *name = json_string_value(json_array_get(list, index));
        uint32_t layer;
        (void)json_span_next(&walk, &at.source.span);
        if (!intern_find(&reader->layer_names, name, strlen(name), &layer))
            return refuse_layer(reader, &at, name, error);
        if (seen[layer])
            return refuse(&at, NULL, "this layer is listed twice", error);
        seen[layer] = true;
        layers[index] = (uint16_t)layer;
    }
    layers[count] = *reader->single;
    *stack = (struct collection_stack){.layers = layers, .layer_count = count + 1};
    return make_members(reader, stack) ? SGR_OK : no_memory(error);
}

static enum sgr_status read_group(struct groups_reader *reader, const struct entry *entry,
                                  struct sgr_error *error)
{
    enum sgr_status status =
        json_schema_check(&entry->source, entry->where, entry->object, group_keys, error);
    if (status != SGR_OK)
        return status;
    const char *name = json_schema_text(entry->object, "name");
    int64_t count;
    if (!name)
        return refuse(entry, NULL, "a group needs a \"name\"", error);
    status = take_name(reader, entry, name, error);
    if (status == SGR_OK)
        status = take_layers(reader, entry, &reader->stacks[reader->count], error);
    if (status != SGR_OK)
        return status;
    struct draft_trait *trait = &reader->traits[reader->count++];
    trait->weight_set = true;
    trait->weight_given = WEIGHTS_SCALE;
    bool weighted = json_schema_decimal(entry->object, "weight", &trait->weight_given);
    trait->count_fixed = json_schema_whole(entry->object, "count", &count);
    if (trait->count_fixed && weighted)
        return refuse(entry, "count", "\"weight\" and \"count\" both say how often; keep one",
                      error);
    if (trait->count_fixed) {
        trait->weight_given = 0;
        trait->count = (uint64_t)count;
        reader->sum += trait->count;
    }
    reader->open |= !trait->count_fixed;
    return SGR_OK;
}

/* The picture's name without folder and ending. */
static const char *name_of_image(struct draft *draft, const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *name = slash ? slash + 1 : image;
    const char *dot = strrchr(name, '.');
    return arena_text(&draft->scratch, name,
                      dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

/* One attribute as a JSON object in the collection's arena. */
static enum sgr_status take_attribute(struct groups_reader *reader, const struct entry *entry,
                                      const char *key, json_t *value, const char **out_attribute,
                                      struct sgr_error *error)
{
    if (!json_is_string(value) && !json_is_number(value) && !json_is_boolean(value))
        return refuse(entry, "attributes", "an attribute is a text, a number, true or false",
                      error);
    json_t *object = json_pack("{s:s, s:O}", "trait_type", key, "value", value);
    bool done = object && recipe_parse_attribute(object, &reader->text);
    json_decref(object);
    *out_attribute = done ? arena_text(&reader->draft->collection->arena, reader->text.bytes,
                                       reader->text.length)
                          : NULL;
    return *out_attribute ? SGR_OK : no_memory(error);
}

static enum sgr_status take_attributes(struct groups_reader *reader, const struct entry *entry,
                                       struct draft_trait *trait, struct sgr_error *error)
{
    json_t *attributes = json_object_get(entry->object, "attributes");
    size_t count = json_object_size(attributes);
    const char **texts =
        arena_allocate(&reader->draft->collection->arena, count + 1, sizeof *texts);
    enum sgr_status status = texts ? SGR_OK : no_memory(error);
    for (void *at = json_object_iter(attributes); at && status == SGR_OK;
         at = json_object_iter_next(attributes, at))
        status = take_attribute(reader, entry, json_object_iter_key(at), json_object_iter_value(at),
                                &texts[trait->attribute_count++], error);
    trait->attributes = texts;
    return status;
}

static enum sgr_status take_id(struct groups_reader *reader, const struct entry *entry,
                               struct collection_stack *stack, struct sgr_error *error)
{
    int64_t id = 0;
    uint32_t number;
    size_t known = reader->ids.count;
    stack->placed = json_schema_whole(entry->object, "id", &id);
    stack->id = (uint64_t)id;
    if (!stack->placed)
        return SGR_OK;
    if (!intern_add(&reader->ids, &reader->arena, &id, sizeof id, &number))
        return no_memory(error);
    return number < known ? refuse(entry, "id", "another item has this id", error) : SGR_OK;
}

static enum sgr_status read_item(struct groups_reader *reader, const struct entry *entry,
                                 struct sgr_error *error)
{
    struct draft *draft = reader->draft;
    enum sgr_status status =
        json_schema_check(&entry->source, entry->where, entry->object, item_keys, error);
    if (status != SGR_OK)
        return status;
    const char *image = json_schema_text(entry->object, "image");
    if (!image || !draft_is_plain_path(image))
        return refuse(entry, image ? "image" : NULL,
                      "an item needs an \"image\", a path below the art folder, with '/' between "
                      "names and without \"..\"",
                      error);
    const char *name = json_schema_text(entry->object, "name");
    name = name ? name : name_of_image(draft, image);
    status = name ? take_name(reader, entry, name, error) : no_memory(error);
    struct collection_stack *stack = &reader->stacks[reader->count];
    *stack = (struct collection_stack){.layers = reader->single, .layer_count = 1};
    if (status == SGR_OK)
        status = take_id(reader, entry, stack, error);
    if (status != SGR_OK)
        return status;
    if (!make_members(reader, stack))
        return no_memory(error);
    struct draft_trait *trait = &reader->traits[reader->count++];
    trait->count = 1;
    trait->count_fixed = true;
    trait->single = true;
    trait->weight_set = true;
    trait->file = draft_full_path(draft, image);
    trait->part_count = 1;
    trait->parts = arena_allocate(&draft->scratch, 1, sizeof *trait->parts);
    if (!trait->parts || !trait->file)
        return no_memory(error);
    struct draft_part *part = trait->parts;
    *part = (struct draft_part){.path = image, .settings = DRAFT_SETTINGS_NONE};
    part->settings.placed =
        json_schema_place(entry->object, "at", &part->settings.x, &part->settings.y);
    part->settings.mode_set = json_schema_blend(entry->object, "blend", &part->settings.mode);
    reader->sum++;
    return take_attributes(reader, entry, trait, error);
}

typedef enum sgr_status read_entry(struct groups_reader *reader, const struct entry *entry,
                                   struct sgr_error *error);

static enum sgr_status read_list(struct groups_reader *reader, const char *key, read_entry *read,
                                 struct sgr_error *error)
{
    const struct json_source *source = &reader->config->source;
    json_t *list = json_object_get(reader->config->root, key);
    struct json_span_walk walk =
        json_span_enter(source->bytes, json_schema_span(source, reader->config->root, key));
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < json_array_size(list); index++) {
        struct entry entry = {.source = *source, .object = json_array_get(list, index)};
        (void)json_span_next(&walk, &entry.source.span);
        (void)snprintf(entry.where, sizeof entry.where, "%s[%zu]", key, index);
        status = read(reader, &entry, error);
    }
    return status;
}

/* The group of all items that are not written one by one. */
static enum sgr_status add_rest(struct groups_reader *reader, struct sgr_error *error)
{
    struct entry whole = {.source = reader->config->source, .where = "items"};
    struct collection_stack *stack = &reader->stacks[reader->count];
    enum sgr_status status = take_name(reader, &whole, CONFIG_GROUPS_REST_NAME, error);
    if (status != SGR_OK)
        return status;
    size_t count = reader->draft->layer_count + 1;
    uint16_t *layers = arena_allocate(&reader->draft->collection->arena, count, sizeof *layers);
    if (!layers)
        return no_memory(error);
    for (size_t layer = 0; layer < count; layer++)
        layers[layer] = (uint16_t)layer;
    *stack = (struct collection_stack){.layers = layers, .layer_count = count};
    struct draft_trait *trait = &reader->traits[reader->count++];
    trait->weight_set = true;
    trait->weight_given = WEIGHTS_SCALE;
    reader->open = true;
    return make_members(reader, stack) ? SGR_OK : no_memory(error);
}

/* Marks the layers that some stack lacks; tells of those that every group lacks. */
static enum sgr_status mark_lacked(struct groups_reader *reader, struct sgr_error *error)
{
    struct draft *draft = reader->draft;
    enum sgr_status status = SGR_OK;
    for (size_t layer = 0; status == SGR_OK && layer < draft->layer_count; layer++) {
        bool drawn = false;
        for (size_t group = 0; group < reader->count; group++) {
            bool has = collection_stack_has(&reader->stacks[group], layer);
            draft->layers[layer].lacked |= !has;
            drawn |= has;
        }
        if (!drawn)
            status = draft_notice(draft, error, SGR_LOG_NOTICE, "unused-layer",
                                  "the layer %s is in no group's \"layers\", so no item has it",
                                  draft->layers[layer].name);
    }
    return status;
}

/* Puts the group layer on top of the others. */
static enum sgr_status add_layer(struct groups_reader *reader, struct sgr_error *error)
{
    struct draft *draft = reader->draft;
    size_t count = draft->layer_count;
    struct draft_layer *layers = arena_allocate(&draft->scratch, count + 1, sizeof *layers);
    if (!layers)
        return no_memory(error);
    memcpy(layers, draft->layers, count * sizeof *layers);
    layers[count] = (struct draft_layer){.name = COLLECTION_GROUP_LAYER_NAME,
                                         .trait_type = COLLECTION_GROUP_LAYER_NAME,
                                         .shown = reader->config->source.path,
                                         .groups = true,
                                         .settings = DRAFT_SETTINGS_NONE,
                                         .traits = reader->traits,
                                         .trait_count = reader->count};
    draft->layers = layers;
    draft->layer_count = count + 1;
    return SGR_OK;
}

/* Makes room, and notes the names of the layers. */
static enum sgr_status begin(struct groups_reader *reader, size_t count, struct sgr_error *error)
{
    struct draft *draft = reader->draft;
    const struct json_source *source = &reader->config->source;
    if (count > COLLECTION_TRAITS_MAX)
        return json_schema_error(source, "", NULL, "there are more than 65535 groups and items",
                                 error);
    if (draft->layer_count >= COLLECTION_LAYERS_MAX)
        return json_schema_error(source, "", NULL,
                                 "groups and items take one of the 1024 layers; use fewer", error);
    reader->traits = arena_allocate(&draft->scratch, count, sizeof *reader->traits);
    reader->stacks = arena_allocate(&draft->collection->arena, count, sizeof *reader->stacks);
    reader->single = arena_allocate(&draft->collection->arena, 1, sizeof *reader->single);
    if (!reader->traits || !reader->stacks || !reader->single)
        return no_memory(error);
    *reader->single = (uint16_t)draft->layer_count;
    for (size_t layer = 0; layer < draft->layer_count; layer++) {
        const char *name = draft->layers[layer].name;
        uint32_t number;
        if (strcmp(name, COLLECTION_GROUP_LAYER_NAME) == 0)
            return error_set(error, SGR_INPUT,
                             "%s: a layer called " COLLECTION_GROUP_LAYER_NAME
                             " does not go with \"groups\" and \"items\", which are a layer of "
                             "this name; rename it",
                             draft->layers[layer].shown);
        if (!intern_add(&reader->layer_names, &reader->arena, name, strlen(name), &number))
            return no_memory(error);
    }
    return SGR_OK;
}

static enum sgr_status read_all(struct groups_reader *reader, bool rest, struct sgr_error *error)
{
    struct collection *collection = reader->draft->collection;
    enum sgr_status status = read_list(reader, "groups", read_group, error);
    if (status == SGR_OK && rest)
        status = add_rest(reader, error);
    if (status == SGR_OK)
        status = read_list(reader, "items", read_item, error);
    if (status == SGR_OK)
        status = mark_lacked(reader, error);
    if (status == SGR_OK)
        status = add_layer(reader, error);
    if (status == SGR_OK && !reader->open && collection->count == 0)
        collection->count = reader->sum;
    return status;
}

enum sgr_status config_groups_read(const struct config *config, struct draft *draft,
                                   struct config_groups *out_groups, struct sgr_error *error)
{
    size_t groups = json_array_size(json_object_get(config->root, "groups"));
    size_t items = json_array_size(json_object_get(config->root, "items"));
    struct groups_reader reader = {.config = config, .draft = draft};
    if (groups + items == 0)
        return SGR_OK;
    enum sgr_status status = begin(&reader, groups + items + (groups == 0), error);
    if (status == SGR_OK)
        status = read_all(&reader, groups == 0, error);
    *out_groups = (struct config_groups){reader.stacks, reader.count};
    intern_finish(&reader.names);
    intern_finish(&reader.layer_names);
    intern_finish(&reader.ids);
    arena_finish(&reader.arena);
    text_finish(&reader.text);
    return status;
}

void config_groups_settle(const struct config_groups *groups, struct draft *draft)
{
    if (groups->group_count == 0)
        return;
    struct collection *collection = draft->collection;
    ERROR_ASSERT(collection_group_layer(collection) != SIZE_MAX &&
                 collection->layers[collection->layer_count - 1].trait_count ==
                     groups->group_count);
    collection->stacks = groups->stacks;
}
