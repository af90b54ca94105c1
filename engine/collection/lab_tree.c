/* Three levels of folders and no more, so each has a function of its own. */
#include "collection/lab_tree.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "collection/layer_tree.h"
#include "os/file.h"

#include <stdlib.h>
#include <string.h>

#define EDGE_CASES "edge-cases"

/* In a layer. */
enum { CASES_MAX = 4096 };

/* A folder that is being read. */
struct level {
    struct lab_tree *tree;
    struct draft *draft;
    size_t layer;
    const char *path;            /* below the root */
    const struct lab_name *edge; /* the folder within edge-cases that says when, or NULL */
    bool in_edge_cases;
};

bool lab_tree_layer(const struct lab_tree *tree, const char *name, size_t *out_layer)
{
    for (size_t index = 0; index < tree->layer_count; index++) {
        if (strcmp(tree->layers[index].name.name, name) != 0)
            continue;
        *out_layer = index;
        return true;
    }
    return false;
}

/* Finds or adds a variant; false without memory. */
static bool add_variant(struct level *level, const struct lab_variant *variant, size_t *out_number)
{
    struct lab_tree *tree = level->tree;
    struct text key = {0};
    uint32_t number = 0;
    size_t known = tree->keys.count;
    text_format(&key, "%zu%c%s%c%s%c%s", variant->layer, 1, variant->option, 1,
                variant->trait ? variant->trait : "", 1, variant->trait ? variant->value : "");
    bool done = !key.failed &&
                intern_add(&tree->keys, &level->draft->scratch, key.bytes, key.length, &number);
    text_finish(&key);
    *out_number = number;
    if (!done || number < known)
        return done;
    struct lab_variant *grown =
        memory_grow(tree->variants, &tree->variant_capacity, known + 1, sizeof *grown);
    if (!grown)
        return false;
    tree->variants = grown;
    grown[known] = *variant;
    tree->layers[variant->layer].count++;
    tree->layers[variant->layer].plain_count += variant->trait == NULL;
    return true;
}

static bool add_part(struct lab_tree *tree, const struct lab_part *part)
{
    struct lab_part *grown =
        memory_grow(tree->parts, &tree->part_capacity, tree->part_count + 1, sizeof *grown);
    if (!grown)
        return false;
    tree->parts = grown;
    grown[tree->part_count++] = *part;
    return true;
}

static enum sgr_status take_weight(struct lab_variant *variant, const struct lab_name *name,
                                   const char *shown, struct sgr_error *error)
{
    if (!name->weighted)
        return SGR_OK;
    if (variant->weighted)
        return error_set(error, SGR_INPUT,
                         "%s: %s has given the weight of %s already; keep one of them", shown,
                         variant->shown, variant->option);
    variant->weight = name->weight;
    variant->weighted = true;
    return SGR_OK;
}

/* Where a picture is drawn: its own offsets from those of the layer. */
static enum sgr_status place(const struct lab_layer *layer, const struct lab_name *name,
                             const struct lab_name *edge, struct lab_part *part, const char *shown,
                             struct sgr_error *error)
{
    /* What the file does not say, the edge case's folder may. */
    const struct lab_name *at = edge && !name->placed ? edge : name;
    const struct lab_name *deep = edge && !name->z_set ? edge : name;
    part->x = layer->name.x + at->x;
    part->y = layer->name.y + at->y;
    part->z = layer->name.z + deep->z;
    part->placed = layer->name.placed || at->placed;
    if (part->z >= -TRAIT_NAME_Z_MAX && part->z <= TRAIT_NAME_Z_MAX)
        return SGR_OK;
    return error_set(error, SGR_INPUT, "%s: with the layer's, z is outside -%d..%d", shown,
                     TRAIT_NAME_Z_MAX, TRAIT_NAME_Z_MAX);
}

/* Takes one picture. */
static enum sgr_status take_picture(struct level *level, const char *file, const char *shown,
                                    struct sgr_error *error)
{
    struct draft *draft = level->draft;
    struct trait_name_input input = {file, shown, true};
    struct lab_name name;
    struct lab_part part = {0};
    enum sgr_status status = lab_name_parse(&draft->scratch, &input, &name, error);
    if (status != SGR_OK)
        return status;
    const struct lab_name *when = level->edge ? level->edge : &name;
    struct lab_variant variant = {.option = name.name,
                                  .trait = when->trait,
                                  .value = when->value,
                                  .shown = shown,
                                  .layer = level->layer,
                                  .weight = 1};
    bool is_half = (name.trait || name.value) && !level->in_edge_cases;
    if (is_half || level->in_edge_cases != (when->trait && when->value))
        return error_set(error, SGR_INPUT,
                         level->in_edge_cases
                             ? "%s: an edge case says when it is drawn: __t<Layer>__v<Trait>"
                             : "%s: __t and __v belong to pictures in " EDGE_CASES,
                         shown);
    if (!add_variant(level, &variant, &part.variant))
        return error_no_memory(error, "the layers");
    struct lab_variant *known = &level->tree->variants[part.variant];
    status = level->in_edge_cases ? SGR_OK : take_weight(known, &name, shown, error);
    if (status == SGR_OK)
        status = place(&level->tree->layers[level->layer], &name, level->edge, &part, shown, error);
    if (status != SGR_OK)
        return status;
    part.path = arena_format(&draft->scratch, "%s/%s", level->path, file);
    return part.path && add_part(level->tree, &part) ? SGR_OK
                                                     : error_no_memory(error, "the layers");
}

/* Judges a name; *out_shown is NULL for one that is to be left out without a word. */
static enum sgr_status look_at(struct draft *draft, const char *folder, const char *name,
                               const char **out_shown, struct sgr_error *error)
{
    *out_shown = NULL;
    if (draft_is_hidden(name))
        return SGR_OK;
    if (++draft->entry_count > LAYER_TREE_ENTRIES_MAX)
        return error_set(error, SGR_INPUT, "%s: the art has more than %d files and folders",
                         draft->root, LAYER_TREE_ENTRIES_MAX);
    enum sgr_status status = draft_check_name(draft->root, name, error);
    if (status != SGR_OK)
        return status;
    const char *path = *folder ? arena_format(&draft->scratch, "%s/%s", folder, name) : name;
    *out_shown = path ? draft_full_path(draft, path) : NULL;
    return *out_shown ? SGR_OK : error_no_memory(error, "a path");
}

static enum sgr_status notice_stray(struct draft *draft, const char *shown, struct sgr_error *error)
{
    return draft_notice(draft, error, SGR_LOG_NOTICE, "stray-file",
                        "%s is no picture of a layer, so it is left out", shown);
}

/* The pictures of a folder, and the names of folders in it, which come after them. */
static enum sgr_status read_pictures(struct level *level, struct file_list *list,
                                     struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    const char *full = draft_full_path(level->draft, level->path);
    if (!full)
        return error_no_memory(error, "a path");
    status = file_list_read(list, full, error);
    for (size_t at = 0; status == SGR_OK && at < list->count; at++) {
        const struct file_entry *entry = &list->entries[at];
        const char *shown;
        if (entry->info.kind == FILE_FOLDER)
            continue;
        status = look_at(level->draft, level->path, entry->name, &shown, error);
        if (status != SGR_OK || !shown)
            continue;
        bool is_picture = entry->info.kind == FILE_REGULAR && draft_is_picture(entry->name);
        status = is_picture ? take_picture(level, entry->name, shown, error)
                            : notice_stray(level->draft, shown, error);
    }
    return status;
}

/* A folder in edge-cases: its name says when, its files which options. */
static enum sgr_status read_edge_folder(const struct level *above, const char *name,
                                        const char *shown, struct sgr_error *error)
{
    struct file_list list = {0};
    struct trait_name_input input = {name, shown, false};
    struct lab_name edge;
    struct level level = *above;
    enum sgr_status status = lab_name_parse(&level.draft->scratch, &input, &edge, error);
    if (status != SGR_OK)
        return status;
    level.edge = &edge;
    level.path = arena_format(&level.draft->scratch, "%s/%s", above->path, name);
    if (!level.path)
        return error_no_memory(error, "a path");
    status = read_pictures(&level, &list, error);
    file_list_finish(&list);
    return status;
}

static enum sgr_status read_edge_cases(const struct level *above, struct sgr_error *error)
{
    struct file_list list = {0};
    struct level level = *above;
    level.in_edge_cases = true;
    level.path = arena_format(&level.draft->scratch, "%s/" EDGE_CASES, above->path);
    if (!level.path)
        return error_no_memory(error, "a path");
    enum sgr_status status = read_pictures(&level, &list, error);
    for (size_t at = 0; status == SGR_OK && at < list.count; at++) {
        const char *shown;
        if (list.entries[at].info.kind != FILE_FOLDER)
            continue;
        status = look_at(level.draft, level.path, list.entries[at].name, &shown, error);
        if (status == SGR_OK && shown)
            status = read_edge_folder(&level, list.entries[at].name, shown, error);
    }
    file_list_finish(&list);
    return status;
}

static enum sgr_status read_layer(struct level *level, struct sgr_error *error)
{
    struct file_list list = {0};
    enum sgr_status status = read_pictures(level, &list, error);
    for (size_t at = 0; status == SGR_OK && at < list.count; at++) {
        const char *shown;
        if (list.entries[at].info.kind != FILE_FOLDER)
            continue;
        status = look_at(level->draft, level->path, list.entries[at].name, &shown, error);
        if (status != SGR_OK || !shown)
            continue;
        if (strcmp(list.entries[at].name, EDGE_CASES) == 0)
            status = read_edge_cases(level, error);
        else
            status = draft_notice(level->draft, error, SGR_LOG_WARNING, "sub-folder",
                                  "%s: the lab grammar has no sub-folders but " EDGE_CASES
                                  ", so it is left out",
                                  shown);
    }
    file_list_finish(&list);
    struct lab_layer *layer = &level->tree->layers[level->layer];
    for (size_t at = layer->first; at < layer->first + layer->plain_count; at++)
        layer->weight += level->tree->variants[at].weight;
    if (status == SGR_OK && layer->count - layer->plain_count > CASES_MAX)
        status = error_set(error, SGR_INPUT, "%s/%s: there are more than %d edge cases",
                           level->draft->root, level->path, CASES_MAX);
    if (status == SGR_OK && layer->plain_count == 0)
        status = error_set(error, SGR_INPUT,
                           "%s/%s: the layer's folder has no picture; add PNG files, or remove it",
                           level->draft->root, level->path);
    return status;
}

/* Makes a layer of a folder in the root. */
static enum sgr_status add_layer(struct lab_tree *tree, struct draft *draft, const char *name,
                                 const char *shown, struct sgr_error *error)
{
    struct trait_name_input input = {name, shown, false};
    struct lab_layer layer = {.first = tree->keys.count};
    size_t other;
    enum sgr_status status = lab_name_parse(&draft->scratch, &input, &layer.name, error);
    if (status != SGR_OK)
        return status;
    if (lab_tree_layer(tree, layer.name.name, &other))
        return error_set(error, SGR_INPUT, "%s/%s and %s: both would be the layer %s; rename one",
                         draft->root, tree->layers[other].folder, shown, layer.name.name);
    if (tree->layer_count == COLLECTION_LAYERS_MAX)
        return error_set(error, SGR_INPUT, "%s: there are more than %d layer folders", draft->root,
                         COLLECTION_LAYERS_MAX);
    layer.folder = arena_text(&draft->scratch, name, strlen(name));
    struct lab_layer *grown =
        memory_grow(tree->layers, &tree->layer_capacity, tree->layer_count + 1, sizeof *grown);
    if (!grown || !layer.folder)
        return error_no_memory(error, "the layers");
    tree->layers = grown;
    grown[tree->layer_count] = layer;
    struct level level = {tree, draft, tree->layer_count++, layer.folder, NULL, false};
    return read_layer(&level, error);
}

enum sgr_status lab_tree_read(struct lab_tree *tree, struct draft *draft, struct sgr_error *error)
{
    struct file_list list = {0};
    enum sgr_status status = file_list_read(&list, draft->root, error);
    for (size_t at = 0; status == SGR_OK && at < list.count; at++) {
        const struct file_entry *entry = &list.entries[at];
        const char *shown;
        status = look_at(draft, "", entry->name, &shown, error);
        if (status != SGR_OK || !shown)
            continue;
        if (entry->info.kind == FILE_FOLDER)
            status = add_layer(tree, draft, entry->name, shown, error);
        else
            status = notice_stray(draft, shown, error);
    }
    file_list_finish(&list);
    if (status == SGR_OK && tree->layer_count == 0)
        return error_set(error, SGR_INPUT,
                         "%s: no layer folders here; ART is the folder that holds them",
                         draft->root);
    return status;
}

void lab_tree_finish(struct lab_tree *tree)
{
    intern_finish(&tree->keys);
    memory_free(tree->layers);
    memory_free(tree->variants);
    memory_free(tree->parts);
    *tree = (struct lab_tree){0};
}
