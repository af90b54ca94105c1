/*
 * Folders are read in the order of the array, so there is no recursion; links that lead back run
 * into the depth limit.
 */
#include "collection/layer_tree.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "os/file.h"

#include <stdlib.h>
#include <string.h>

static struct layer_node *add_node(struct layer_tree *tree)
{
    struct layer_node *grown =
        memory_grow(tree->nodes, &tree->capacity, tree->count + 1, sizeof *tree->nodes);
    if (!grown)
        return NULL;
    tree->nodes = grown;
    grown[tree->count] = (struct layer_node){0};
    return &grown[tree->count++];
}

/* What is written in the name counts over what the folder passes on, except that both dim. */
static enum sgr_status inherit(struct layer_node *node, const struct layer_node *parent,
                               struct sgr_error *error)
{
    node->settings = parent->settings;
    if (node->name.z_set) {
        node->settings.z = node->name.z;
        node->settings.z_set = true;
    }
    if (node->name.mode_set) {
        node->settings.mode = node->name.mode;
        node->settings.mode_set = true;
    }
    if (node->name.opacity_set &&
        !opacity_multiply(&node->settings.opacity, opacity_of(node->name.opacity)))
        return error_set(error, SGR_INPUT,
                         "%s: the opacities of the folders and the file have too many decimals "
                         "together; shorten them",
                         node->full);
    return SGR_OK;
}

/* Whether an entry is a part of the layer; says so to the user when it is not. */
static enum sgr_status judge_entry(struct draft *draft, const struct layer_node *folder,
                                   const struct file_entry *entry, bool *out_wanted,
                                   struct sgr_error *error)
{
    enum file_kind kind = entry->info.kind;
    *out_wanted = false;
    if (draft_is_hidden(entry->name))
        return SGR_OK;
    if (draft_check_name(folder->full, entry->name, error) != SGR_OK)
        return SGR_INPUT;
    if (++draft->entry_count > LAYER_TREE_ENTRIES_MAX)
        return error_set(error, SGR_INPUT, "%s: the art has more than %d files and folders",
                         draft->root, LAYER_TREE_ENTRIES_MAX);
    if (kind == FILE_FOLDER && draft->grammar == SGR_GRAMMAR_HASHLIPS)
        return draft_notice(draft, error, SGR_LOG_WARNING, "sub-folder",
                            "%s/%s: the hashlips grammar has no sub-folders, so it is left out",
                            folder->full, entry->name);
    if (kind == FILE_FOLDER && folder->depth >= LAYER_TREE_DEPTH_MAX)
        return error_set(error, SGR_INPUT,
                         "%s: folders are nested deeper than %d; a link may lead back to a folder "
                         "above",
                         folder->full, LAYER_TREE_DEPTH_MAX);
    bool is_picture = draft_is_picture(entry->name);
    if (kind == FILE_MISSING && is_picture)
        return error_set(error, SGR_INPUT,
                         "%s/%s: the link leads nowhere; restore the file or remove the link",
                         folder->full, entry->name);
    *out_wanted = kind == FILE_FOLDER || (kind == FILE_REGULAR && is_picture);
    bool is_config = !*folder->path && strcmp(entry->name, DRAFT_CONFIG_NAME) == 0;
    if (*out_wanted || is_config)
        return SGR_OK;
    return draft_notice(draft, error, SGR_LOG_NOTICE, "stray-file",
                        "%s/%s is no picture, so it is left out", folder->full, entry->name);
}

static enum sgr_status add_entry(struct layer_tree *tree, struct draft *draft, size_t parent,
                                 const struct file_entry *entry, struct sgr_error *error)
{
    struct layer_node *node = add_node(tree);
    if (!node)
        return error_no_memory(error, "a layer's files");
    const struct layer_node *folder = &tree->nodes[parent];
    const char *slash = *folder->path ? "/" : "";
    node->path = arena_format(&draft->scratch, "%s%s%s", folder->path, slash, entry->name);
    node->full = node->path ? draft_full_path(draft, node->path) : NULL;
    if (!node->full)
        return error_no_memory(error, "a layer's files");
    node->parent = parent;
    node->depth = folder->depth + 1;
    node->is_folder = entry->info.kind == FILE_FOLDER;
    struct trait_name_input input = {entry->name, node->full, !node->is_folder};
    enum sgr_status status = trait_name_parse(&draft->scratch, &input, &node->name, error);
    if (status != SGR_OK)
        return status;
    node->absent = !node->is_folder && strcmp(node->name.name, TRAIT_NAME_ABSENT) == 0;
    return inherit(node, folder, error);
}

static int compare_entries(const void *left, const void *right)
{
    const struct file_entry *a = left;
    const struct file_entry *b = right;
    return text_compare_natural(a->name, b->name);
}

static enum sgr_status read_folder(struct layer_tree *tree, struct draft *draft, size_t index,
                                   struct sgr_error *error)
{
    struct file_list list = {0};
    enum sgr_status status = file_list_read(&list, tree->nodes[index].full, error);
    if (status == SGR_OK && list.count > 1)
        qsort(list.entries, list.count, sizeof *list.entries, compare_entries);
    tree->nodes[index].first = tree->count;
    for (size_t at = 0; status == SGR_OK && at < list.count; at++) {
        bool wanted;
        status = judge_entry(draft, &tree->nodes[index], &list.entries[at], &wanted, error);
        if (status == SGR_OK && wanted)
            status = add_entry(tree, draft, index, &list.entries[at], error);
    }
    tree->nodes[index].count = tree->count - tree->nodes[index].first;
    file_list_finish(&list);
    return status;
}

/* Children stand behind their parents, so one pass from the back tells all parents. */
static void tell_parents(struct layer_tree *tree)
{
    for (size_t index = tree->count; index-- > 1;) {
        const struct layer_node *node = &tree->nodes[index];
        struct layer_node *parent = &tree->nodes[node->parent];
        parent->weighted_inside |= node->name.weighted || node->weighted_inside;
        parent->picture_inside |= !node->is_folder || node->picture_inside;
    }
}

enum sgr_status layer_tree_read(struct layer_tree *tree, struct draft *draft,
                                const struct draft_layer *layer, struct sgr_error *error)
{
    struct layer_node *root = add_node(tree);
    if (!root)
        return error_no_memory(error, "a layer's files");
    root->path = layer->folder ? layer->folder : "";
    root->full = draft_full_path(draft, root->path);
    root->settings = layer->settings;
    root->is_folder = true;
    if (!root->full)
        return error_no_memory(error, "a layer's files");
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < tree->count; index++) {
        if (tree->nodes[index].is_folder)
            status = read_folder(tree, draft, index, error);
    }
    if (status != SGR_OK)
        return status;
    tell_parents(tree);
    if (!tree->nodes[0].picture_inside)
        return error_set(error, SGR_INPUT,
                         "%s: the layer's folder has no picture; add PNG files, or leave it out "
                         "with --layers",
                         tree->nodes[0].full);
    return SGR_OK;
}

void layer_tree_finish(struct layer_tree *tree)
{
    memory_free(tree->nodes);
    *tree = (struct layer_tree){0};
}
