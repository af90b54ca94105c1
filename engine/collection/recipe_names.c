/* Lists of what shares a name are laid out once, by counting, so that finding one costs a hash. */
#include "collection/recipe_names.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/suggest.h"

#include <string.h>

/* The key of a text in a layer. */
static bool make_key(struct recipe_names *names, uint16_t layer, const char *text)
{
    text_clear(&names->key);
    text_append(&names->key, (const char *)&layer, sizeof layer);
    text_add(&names->key, text);
    return !names->key.failed;
}

/* Lists in the making. */
struct lists {
    struct arena *arena;
    struct recipe_name_list *lists;
    struct recipe_name_place *places; /* of all lists, in layer order */
    uint32_t *keys;                   /* [place]: whose list it belongs to */
    size_t count;
};

/* Sorts places, which are in layer order, by their lists. */
static bool lay_out(struct lists *all, size_t list_count)
{
    struct recipe_name_place *sorted = arena_allocate(all->arena, all->count + 1, sizeof *sorted);
    all->lists = arena_allocate(all->arena, list_count + 1, sizeof *all->lists);
    if (!sorted || !all->lists)
        return false;
    for (size_t place = 0; place < all->count; place++)
        all->lists[all->keys[place]].count++;
    size_t next = 0;
    for (size_t list = 0; list < list_count; list++) {
        all->lists[list].places = sorted + next;
        next += all->lists[list].count;
        all->lists[list].count = 0;
    }
    for (size_t place = 0; place < all->count; place++) {
        struct recipe_name_list *list = &all->lists[all->keys[place]];
        sorted[(size_t)(list->places - sorted) + list->count++] = all->places[place];
    }
    return true;
}

static bool make_lists(struct lists *all, struct arena *arena, size_t room)
{
    *all = (struct lists){.arena = arena};
    all->places = memory_allocate(room + 1, sizeof *all->places);
    all->keys = memory_allocate(room + 1, sizeof *all->keys);
    return all->places && all->keys;
}

static void finish_lists(struct lists *all)
{
    memory_free(all->places);
    memory_free(all->keys);
}

static bool add_layers(struct recipe_names *names)
{
    const struct collection *collection = names->collection;
    struct lists types;
    bool added = make_lists(&types, &names->arena, collection->layer_count);
    names->layer_places =
        arena_allocate(&names->arena, collection->layer_count + 1, sizeof *names->layer_places);
    added = added && names->layer_places;
    for (size_t layer = 0; added && layer < collection->layer_count; layer++) {
        const struct collection_layer *from = &collection->layers[layer];
        uint32_t number;
        names->layer_places[layer] = (struct recipe_name_place){.layer = (uint16_t)layer};
        types.places[types.count] = names->layer_places[layer];
        added =
            intern_add(&names->layers, &names->arena, from->name, strlen(from->name), &number) &&
            intern_add(&names->types, &names->arena, from->trait_type, strlen(from->trait_type),
                       &types.keys[types.count++]);
        ERROR_ASSERT(!added || number == layer);
    }
    added = added && lay_out(&types, names->types.count);
    names->type_lists = types.lists;
    finish_lists(&types);
    return added;
}

static bool add_trait(struct recipe_names *names, struct lists *values, uint16_t layer,
                      uint16_t trait)
{
    const struct collection_trait *from = &names->collection->layers[layer].traits[trait];
    struct recipe_name_place place = {layer, trait};
    if (from->none) {
        names->absents[layer] = trait;
        return true;
    }
    uint32_t number;
    if (!make_key(names, layer, from->name) ||
        !intern_add(&names->names, &names->arena, names->key.bytes, names->key.length, &number))
        return false;
    names->name_places[number] = place;
    values->places[values->count] = place;
    return make_key(names, layer, from->value) &&
           intern_add(&names->values, &names->arena, names->key.bytes, names->key.length,
                      &values->keys[values->count++]);
}

static bool add_traits(struct recipe_names *names)
{
    const struct collection *collection = names->collection;
    size_t total = 0;
    for (size_t layer = 0; layer < collection->layer_count; layer++)
        total += collection->layers[layer].trait_count;
    struct lists values;
    bool added = make_lists(&values, &names->arena, total);
    names->absents = arena_allocate(&names->arena, collection->layer_count + 1, sizeof(uint32_t));
    names->name_places = arena_allocate(&names->arena, total + 1, sizeof *names->name_places);
    added = added && names->absents && names->name_places;
    for (size_t layer = 0; added && layer < collection->layer_count; layer++) {
        names->absents[layer] = RECIPE_NAMES_NO_TRAIT;
        for (size_t trait = 0; added && trait < collection->layers[layer].trait_count; trait++)
            added = add_trait(names, &values, (uint16_t)layer, (uint16_t)trait);
    }
    added = added && lay_out(&values, names->values.count);
    names->value_lists = values.lists;
    finish_lists(&values);
    return added;
}

enum sgr_status recipe_names_init(struct recipe_names *names, const struct collection *collection,
                                  struct sgr_error *error)
{
    *names = (struct recipe_names){.collection = collection};
    if (add_layers(names) && add_traits(names))
        return SGR_OK;
    recipe_names_finish(names);
    return error_no_memory(error, "the names of traits");
}

void recipe_names_finish(struct recipe_names *names)
{
    intern_finish(&names->layers);
    intern_finish(&names->types);
    intern_finish(&names->names);
    intern_finish(&names->values);
    arena_finish(&names->arena);
    text_finish(&names->key);
    *names = (struct recipe_names){.collection = NULL};
}

bool recipe_names_layer(const struct recipe_names *names, const char *name, uint16_t *out_layer)
{
    uint32_t layer;
    if (!intern_find(&names->layers, name, strlen(name), &layer))
        return false;
    *out_layer = (uint16_t)layer;
    return true;
}

struct recipe_name_list recipe_names_type(struct recipe_names *names, const char *type)
{
    uint32_t number;
    if (intern_find(&names->types, type, strlen(type), &number))
        return names->type_lists[number];
    if (!intern_find(&names->layers, type, strlen(type), &number))
        return (struct recipe_name_list){NULL, 0};
    return (struct recipe_name_list){&names->layer_places[number], 1};
}

bool recipe_names_traits(struct recipe_names *names, uint16_t layer, const char *text,
                         bool values_first, struct recipe_name_list *out_list)
{
    uint32_t number;
    *out_list = (struct recipe_name_list){NULL, 0};
    if (!make_key(names, layer, text))
        return false;
    const char *key = names->key.bytes;
    bool has_value = intern_find(&names->values, key, names->key.length, &number);
    if (has_value)
        *out_list = names->value_lists[number];
    if ((!has_value || !values_first) &&
        intern_find(&names->names, key, names->key.length, &number))
        *out_list = (struct recipe_name_list){&names->name_places[number], 1};
    return true;
}

bool recipe_names_is_none(const char *text)
{
    return !*text || strcmp(text, "None") == 0 || strcmp(text, "none") == 0;
}

enum sgr_status recipe_names_unknown_layer(const struct recipe_names *names, const char *name,
                                           struct sgr_error *error)
{
    const char *words[COLLECTION_LAYERS_MAX + 1];
    size_t count = names->collection->layer_count;
    for (size_t layer = 0; layer < count; layer++)
        words[layer] = names->collection->layers[layer].name;
    words[count] = NULL;
    return suggest_error(error, SGR_INPUT, "the layer", name, words);
}

enum sgr_status recipe_names_unknown_trait(const struct recipe_names *names, uint16_t layer,
                                           const char *text, struct sgr_error *error)
{
    const struct collection_layer *from = &names->collection->layers[layer];
    const char **words = memory_allocate(2 * from->trait_count + 1, sizeof *words);
    struct text what = {0};
    text_format(&what, "the trait of layer %s", from->name);
    if (!words || what.failed) {
        memory_free(words);
        text_finish(&what);
        return error_no_memory(error, "the names of traits");
    }
    size_t count = 0;
    for (size_t trait = 0; trait < from->trait_count; trait++) {
        words[count++] = from->traits[trait].name;
        if (strcmp(from->traits[trait].name, from->traits[trait].value) != 0)
            words[count++] = from->traits[trait].value;
    }
    words[count] = NULL;
    enum sgr_status status = suggest_error(error, SGR_INPUT, what.bytes, text, words);
    memory_free(words);
    text_finish(&what);
    return status;
}
