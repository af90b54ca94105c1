/* Two look-ups an element: its path, which knows folder and picture, then all of the element. */
#include "collection/recipe_layers.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/trait_name.h"

#include <string.h>

/* A file that recipes name. */
struct recipe_path {
    const char *name; /* without weight, z and settings */
    uint32_t folder;
    uint32_t picture;
    bool absent;
    enum blend_mode mode;
    struct opacity opacity;
};

/* A folder of such files. */
struct recipe_folder {
    uint64_t recipe; /* the last one that used it */
    uint32_t uses;   /* in that one */
};

/* A layer in the making; its traits grow on the heap. */
struct recipe_layer {
    uint32_t folder;
    uint32_t occurrence;
    struct collection_trait *traits;
    size_t count;
    size_t capacity;
};

void recipe_layers_init(struct recipe_layers *layers, struct draft *draft)
{
    *layers = (struct recipe_layers){.draft = draft};
}

void recipe_layers_begin(struct recipe_layers *layers)
{
    layers->recipe++;
}

/* The number of the folder of a path; "" is the root. */
static enum sgr_status find_folder(struct recipe_layers *layers, const char *path,
                                   uint32_t *out_folder, struct sgr_error *error)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    size_t known = layers->folders.count;
    struct recipe_folder *grown =
        memory_grow(layers->folder_infos, &layers->folder_capacity, known + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes' folders");
    layers->folder_infos = grown;
    if (!intern_add(&layers->folders, &layers->draft->scratch, path, length, out_folder))
        return error_no_memory(error, "the recipes' folders");
    if (*out_folder == known)
        grown[known] = (struct recipe_folder){0};
    return SGR_OK;
}

/* Looks at a file for the first time. */
static enum sgr_status learn_path(struct recipe_layers *layers, const char *path,
                                  struct recipe_path *info, struct sgr_error *error)
{
    struct draft *draft = layers->draft;
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    if (!draft_is_plain_path(path))
        return error_set(error, SGR_INPUT,
                         "\"%s\" has to be a path below the art folder, with '/' between names "
                         "and without \"..\"",
                         path);
    if (!draft_is_picture(base))
        return error_set(error, SGR_INPUT, "\"%s\" is not the name of a picture", path);
    struct trait_name name;
    struct trait_name_input input = {base, path, true};
    enum sgr_status status = trait_name_parse(&draft->scratch, &input, &name, error);
    if (status != SGR_OK)
        return status;
    *info = (struct recipe_path){
        .name = name.name,
        .absent = strcmp(name.name, TRAIT_NAME_ABSENT) == 0,
        .mode = name.mode_set ? name.mode : BLEND_NORMAL,
        .opacity = name.opacity_set ? opacity_of(name.opacity) : OPACITY_FULL,
    };
    status = find_folder(layers, path, &info->folder, error);
    if (status != SGR_OK || info->absent)
        return status;
    return draft_picture(draft, path, &info->picture, error);
}

static enum sgr_status find_path(struct recipe_layers *layers, const char *path, uint32_t *out_path,
                                 struct sgr_error *error)
{
    if (intern_find(&layers->paths, path, strlen(path), out_path))
        return SGR_OK;
    size_t known = layers->paths.count;
    struct recipe_path *grown =
        memory_grow(layers->path_infos, &layers->path_capacity, known + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes' pictures");
    layers->path_infos = grown;
    enum sgr_status status = learn_path(layers, path, &grown[known], error);
    if (status == SGR_OK &&
        !intern_add(&layers->paths, &layers->draft->scratch, path, strlen(path), out_path))
        status = error_no_memory(error, "the recipes' pictures");
    return status;
}

/* The layer of a folder that was used `occurrence` times before in this recipe. */
static enum sgr_status find_layer(struct recipe_layers *layers, uint32_t folder,
                                  uint32_t occurrence, uint32_t *out_layer, struct sgr_error *error)
{
    uint32_t key[2] = {folder, occurrence};
    size_t known = layers->slots.count;
    if (intern_find(&layers->slots, key, sizeof key, out_layer))
        return SGR_OK;
    if (known >= COLLECTION_LAYERS_MAX)
        return error_set(error, SGR_INPUT, "the recipes come to more than %d layers",
                         COLLECTION_LAYERS_MAX);
    struct recipe_layer *grown =
        memory_grow(layers->layers, &layers->layer_capacity, known + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes' layers");
    layers->layers = grown;
    grown[known] = (struct recipe_layer){.folder = folder, .occurrence = occurrence};
    if (!intern_add(&layers->slots, &layers->draft->scratch, key, sizeof key, out_layer))
        return error_no_memory(error, "the recipes' layers");
    return SGR_OK;
}

/* The name itself, or with " (2)", " (3)" ... behind it, whichever the layer does not have yet. */
static const char *unique_name(struct recipe_layers *layers, uint32_t layer, const char *name)
{
    struct arena *scratch = &layers->draft->scratch;
    for (unsigned number = 1;; number++) {
        const char *tried = number == 1 ? name : arena_format(scratch, "%s (%u)", name, number);
        const char *key = tried ? arena_format(scratch, "%u/%s", layer, tried) : NULL;
        size_t known = layers->names.count;
        uint32_t found;
        if (!key || !intern_add(&layers->names, scratch, key, strlen(key), &found))
            return NULL;
        if (found == known)
            return tried;
    }
}

static enum sgr_status add_trait(struct recipe_layers *layers, uint32_t layer,
                                 const struct recipe_path *path, const struct collection_part *part,
                                 struct sgr_error *error)
{
    struct recipe_layer *owner = &layers->layers[layer];
    struct arena *arena = &layers->draft->collection->arena;
    if (owner->count + 1 >= COLLECTION_TRAITS_MAX)
        return error_set(error, SGR_INPUT, "the folder of %s has more than %d traits", path->name,
                         COLLECTION_TRAITS_MAX - 1);
    struct collection_trait *grown =
        memory_grow(owner->traits, &owner->capacity, owner->count + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes' traits");
    owner->traits = grown;
    /* A picture called like the absent trait must not be taken for it. */
    uint32_t taken;
    const char *none = arena_format(&layers->draft->scratch, "%u/" DRAFT_NONE, layer);
    const char *name = NULL;
    if (none && intern_add(&layers->names, &layers->draft->scratch, none, strlen(none), &taken))
        name = unique_name(layers, layer, path->name);
    struct collection_trait trait = {.max = UINT64_MAX, .part_count = 1, .count_fixed = true};
    trait.name = name ? arena_text(arena, name, strlen(name)) : NULL;
    trait.value = arena_text(arena, path->name, strlen(path->name));
    trait.parts = arena_allocate(arena, 1, sizeof *trait.parts);
    if (!trait.name || !trait.value || !trait.parts)
        return error_no_memory(error, "the recipes' traits");
    *trait.parts = *part;
    grown[owner->count++] = trait;
    return SGR_OK;
}

/* What tells traits apart; no padding, so that it can be compared as bytes. */
struct element_key {
    uint32_t path;
    uint32_t occurrence;
    uint32_t mode;
    uint32_t opacity;
    uint32_t placed;
    int32_t x;
    int32_t y;
};

static enum sgr_status learn_element(struct recipe_layers *layers, const struct element_key *key,
                                     struct recipe_place *out_place, struct sgr_error *error)
{
    const struct recipe_path *path = &layers->path_infos[key->path];
    struct collection_part part = {.picture = path->picture,
                                   .placed = key->placed != 0,
                                   .x = key->x,
                                   .y = key->y,
                                   .mode = (uint8_t)key->mode,
                                   .opacity = (uint8_t)key->opacity};
    uint32_t layer;
    enum sgr_status status = find_layer(layers, path->folder, key->occurrence, &layer, error);
    if (status == SGR_OK)
        status = add_trait(layers, layer, path, &part, error);
    if (status == SGR_OK)
        *out_place = (struct recipe_place){.layer = (uint16_t)layer,
                                           .trait = (uint16_t)layers->layers[layer].count};
    return status;
}

static enum sgr_status find_element(struct recipe_layers *layers, const struct element_key *key,
                                    struct recipe_place *out_place, struct sgr_error *error)
{
    uint32_t found;
    if (intern_find(&layers->elements, key, sizeof *key, &found)) {
        *out_place = layers->places[found];
        return SGR_OK;
    }
    size_t known = layers->elements.count;
    struct recipe_place *grown =
        memory_grow(layers->places, &layers->place_capacity, known + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes' traits");
    layers->places = grown;
    enum sgr_status status = learn_element(layers, key, &grown[known], error);
    if (status != SGR_OK)
        return status;
    if (!intern_add(&layers->elements, &layers->draft->scratch, key, sizeof *key, &found))
        return error_no_memory(error, "the recipes' traits");
    *out_place = grown[known];
    return SGR_OK;
}

enum sgr_status recipe_layers_add(struct recipe_layers *layers,
                                  const struct recipe_element *element,
                                  struct recipe_place *out_place, struct sgr_error *error)
{
    struct element_key key = {0};
    enum sgr_status status = find_path(layers, element->path, &key.path, error);
    if (status != SGR_OK)
        return status;
    const struct recipe_path *path = &layers->path_infos[key.path];
    if (path->absent) {
        *out_place = (struct recipe_place){.absent = true};
        return SGR_OK;
    }
    struct recipe_folder *folder = &layers->folder_infos[path->folder];
    if (folder->recipe != layers->recipe)
        *folder = (struct recipe_folder){layers->recipe, 0};
    key.occurrence = folder->uses++;
    key.mode = (uint32_t)(element->mode_set ? element->mode : path->mode);
    key.opacity = opacity_byte(element->opacity_set ? opacity_of(element->opacity) : path->opacity);
    key.placed = element->placed;
    key.x = element->placed ? element->x : 0;
    key.y = element->placed ? element->y : 0;
    status = find_element(layers, &key, out_place, error);
    if (status == SGR_OK) {
        struct recipe_layer *layer = &layers->layers[out_place->layer];
        layer->traits[out_place->trait - 1].count++;
    }
    return status;
}

/* The last name of a layer's folder as the folder grammar reads it. */
static enum sgr_status read_folder_name(struct recipe_layers *layers, size_t index,
                                        bool without_number, const char **out_name,
                                        struct sgr_error *error)
{
    const char *folder = layers->folders.entries[layers->layers[index].folder].bytes;
    if (!*folder)
        return draft_root_name(layers->draft, out_name, error);
    const char *slash = strrchr(folder, '/');
    uint64_t number;
    const char *base = slash ? slash + 1 : folder;
    base += without_number ? trait_name_prefix(base, &number) : 0;
    struct trait_name name;
    struct trait_name_input input = {base, folder, false};
    enum sgr_status status = trait_name_parse(&layers->draft->scratch, &input, &name, error);
    if (status == SGR_OK)
        *out_name = name.name;
    return status;
}

static bool all_numbered(const struct recipe_layers *layers)
{
    bool numbered = layers->slots.count > 0;
    for (size_t index = 0; index < layers->slots.count; index++) {
        const char *folder = layers->folders.entries[layers->layers[index].folder].bytes;
        const char *slash = strrchr(folder, '/');
        uint64_t number;
        numbered &= trait_name_prefix(slash ? slash + 1 : folder, &number) > 0;
    }
    return numbered;
}

/* "setting", then "setting 2" for its second use in a recipe, or the next free number. */
static enum sgr_status name_layer(struct recipe_layers *layers, size_t index, const char *base,
                                  struct intern *names, struct sgr_error *error)
{
    struct arena *arena = &layers->draft->collection->arena;
    struct collection_layer *layer = &layers->draft->collection->layers[index];
    for (uint32_t number = layers->layers[index].occurrence + 1;; number++) {
        layer->name = number == 1 ? arena_text(arena, base, strlen(base))
                                  : arena_format(arena, "%s %u", base, number);
        size_t known = names->count;
        uint32_t found;
        if (!layer->name ||
            !intern_add(names, &layers->draft->scratch, layer->name, strlen(layer->name), &found))
            return error_no_memory(error, "the recipes' layers");
        if (found == known)
            break;
    }
    layer->trait_type = layer->name;
    layer->distinct = true;
    return SGR_OK;
}

/* Copies a layer's traits behind the absent one; how often each is used is its weight. */
static enum sgr_status settle_traits(struct recipe_layers *layers, size_t index,
                                     uint64_t item_count, struct sgr_error *error)
{
    struct recipe_layer *from = &layers->layers[index];
    struct collection_layer *layer = &layers->draft->collection->layers[index];
    layer->trait_count = from->count + 1;
    layer->traits = arena_allocate(&layers->draft->collection->arena, layer->trait_count,
                                   sizeof *layer->traits);
    if (!layer->traits)
        return error_no_memory(error, "the recipes' traits");
    uint64_t used = 0;
    for (size_t trait = 0; trait < from->count; trait++) {
        layer->traits[trait + 1] = from->traits[trait];
        layer->traits[trait + 1].weight = from->traits[trait].count;
        used += from->traits[trait].count;
    }
    layer->traits[0] = (struct collection_trait){.name = DRAFT_NONE,
                                                 .value = DRAFT_NONE,
                                                 .weight = item_count - used,
                                                 .count = item_count - used,
                                                 .max = UINT64_MAX,
                                                 .count_fixed = true,
                                                 .none = true};
    return SGR_OK;
}

enum sgr_status recipe_layers_settle(struct recipe_layers *layers, uint64_t item_count,
                                     struct sgr_error *error)
{
    struct collection *collection = layers->draft->collection;
    struct intern names = {0};
    bool without_numbers = all_numbered(layers);
    enum sgr_status status = SGR_OK;
    collection->layer_count = layers->slots.count;
    collection->layers =
        arena_allocate(&collection->arena, collection->layer_count, sizeof *collection->layers);
    if (!collection->layers)
        status = error_no_memory(error, "the recipes' layers");
    for (size_t index = 0; status == SGR_OK && index < collection->layer_count; index++) {
        const char *base;
        status = read_folder_name(layers, index, without_numbers, &base, error);
        if (status == SGR_OK)
            status = name_layer(layers, index, base, &names, error);
        if (status == SGR_OK)
            status = settle_traits(layers, index, item_count, error);
    }
    intern_finish(&names);
    return status;
}

void recipe_layers_finish(struct recipe_layers *layers)
{
    for (size_t index = 0; index < layers->slots.count; index++)
        memory_free(layers->layers[index].traits);
    intern_finish(&layers->paths);
    intern_finish(&layers->folders);
    intern_finish(&layers->slots);
    intern_finish(&layers->elements);
    intern_finish(&layers->names);
    memory_free(layers->path_infos);
    memory_free(layers->folder_infos);
    memory_free(layers->places);
    memory_free(layers->layers);
    *layers = (struct recipe_layers){0};
}
