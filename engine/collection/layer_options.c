/*
 * Nodes are evaluated from the back of the tree's array, so every folder finds the options of what
 * is inside it ready. Options live in the draft's scratch arena: a folder's list is built from
 * the lists inside it and shares their texts.
 */
#include "collection/layer_options.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/layer_traits.h"
#include "collection/layer_tree.h"
#include "collection/weights.h"

#include <string.h>

/* The evaluation of one layer. */
struct evaluation {
    struct draft *draft;
    const struct layer_tree *tree;
    struct layer_option_list *lists; /* one a node */
    struct sgr_error *error;
    bool plain; /* nothing has a weight, so everything is a choice */
    bool flat;  /* grammar hashlips */
};

static bool is_choice(const struct evaluation *run, const struct layer_node *node)
{
    if (node->is_folder && !node->picture_inside)
        return false;
    return run->plain || run->flat || node->name.weighted;
}

static uint64_t weight_of(const struct layer_node *node)
{
    return node->name.weighted ? node->name.weight : WEIGHTS_SCALE;
}

/* Makes a list of `count` options whose fields are all zero. */
static enum sgr_status make_list(struct evaluation *run, const struct layer_node *node,
                                 size_t count, struct layer_option_list *out_list)
{
    if (count > COLLECTION_TRAITS_MAX)
        return error_set(run->error, SGR_INPUT,
                         "%s: the choices inside combine to %zu traits, more than the %d of a "
                         "layer; if its sub-folders are the layers, give this folder as ART",
                         node->full, count, COLLECTION_TRAITS_MAX);
    out_list->items = arena_allocate(&run->draft->scratch, count, sizeof *out_list->items);
    out_list->count = count;
    return out_list->items ? SGR_OK : error_no_memory(run->error, "a layer's traits");
}

/* "left + right", or the one that is not empty; NULL without memory. */
static const char *join(struct evaluation *run, const char *left, const char *between,
                        const char *right)
{
    if (!*left || !*right)
        return *left ? left : right;
    return arena_format(&run->draft->scratch, "%s%s%s", left, between, right);
}

static enum sgr_status check_part_count(struct evaluation *run, const struct layer_node *node,
                                        size_t count)
{
    if (count <= COLLECTION_PARTS_MAX)
        return SGR_OK;
    return error_set(run->error, SGR_INPUT,
                     "%s: a trait would have %zu parts, at most %d are allowed; give its choices "
                     "weights (Name#1.png)",
                     node->full, count, COLLECTION_PARTS_MAX);
}

static enum sgr_status join_parts(struct evaluation *run, const struct layer_node *node,
                                  const struct layer_option *below,
                                  const struct layer_option *above, struct layer_option *out)
{
    out->part_count = below->part_count + above->part_count;
    if (check_part_count(run, node, out->part_count) != SGR_OK)
        return SGR_INPUT;
    out->parts = arena_allocate(&run->draft->scratch, out->part_count, sizeof *out->parts);
    if (!out->parts)
        return error_no_memory(run->error, "a layer's traits");
    if (below->part_count)
        memcpy(out->parts, below->parts, below->part_count * sizeof *out->parts);
    if (above->part_count)
        memcpy(out->parts + below->part_count, above->parts,
               above->part_count * sizeof *out->parts);
    return SGR_OK;
}

/* Every option of `lower` with every option of `upper`, whose names come first. */
static enum sgr_status combine(struct evaluation *run, const struct layer_node *node,
                               const struct layer_option_list *lower,
                               const struct layer_option_list *upper,
                               struct layer_option_list *out_list)
{
    struct layer_option_list list = {0};
    enum sgr_status status = make_list(run, node, lower->count * upper->count, &list);
    if (status != SGR_OK)
        return status;
    for (size_t index = 0; status == SGR_OK && index < list.count; index++) {
        const struct layer_option *below = &lower->items[index / upper->count];
        const struct layer_option *above = &upper->items[index % upper->count];
        struct layer_option *option = &list.items[index];
        status = join_parts(run, node, below, above, option);
        option->value = join(run, above->value, " + ", below->value);
        option->path = join(run, above->path, " + ", below->path);
        option->file = above->file ? above->file : below->file;
        if (status == SGR_OK && (!option->value || !option->path))
            status = error_no_memory(run->error, "a layer's traits");
    }
    if (status == SGR_OK && !layer_traits_combine_weights(lower, upper, &list))
        status = error_no_memory(run->error, "a layer's traits");
    if (status == SGR_OK)
        *out_list = list;
    return status;
}

/* A picture is one option; NONE is one without parts and name. */
static enum sgr_status evaluate_file(struct evaluation *run, size_t index)
{
    const struct layer_node *node = &run->tree->nodes[index];
    struct layer_option_list *list = &run->lists[index];
    enum sgr_status status = make_list(run, node, 1, list);
    if (status != SGR_OK)
        return status;
    uint32_t *part = arena_allocate(&run->draft->scratch, 1, sizeof *part);
    if (!part)
        return error_no_memory(run->error, "a layer's traits");
    *part = (uint32_t)index;
    const char *name = node->absent ? "" : node->name.name;
    *list->items = (struct layer_option){1, part, node->absent ? 0 : 1, name, name, node->full};
    return SGR_OK;
}

/* The names of a choice's options as its folder sees them: the innermost name is the value. */
static enum sgr_status add_choice(struct evaluation *run, size_t index,
                                  struct layer_option *options)
{
    const struct layer_node *node = &run->tree->nodes[index];
    const struct layer_option_list *inside = &run->lists[index];
    for (size_t at = 0; at < inside->count; at++) {
        options[at] = inside->items[at];
        if (!node->is_folder)
            continue;
        if (!options[at].file)
            options[at].file = node->full;
        if (!*options[at].value)
            options[at].value = node->name.name;
        options[at].path = join(run, node->name.name, "/", options[at].path);
        if (!options[at].path)
            return error_no_memory(run->error, "a layer's traits");
    }
    return SGR_OK;
}

/* The weighted entries of a folder, one group of options each. */
static enum sgr_status collect_choices(struct evaluation *run, const struct layer_node *folder,
                                       struct layer_option_list *out_list)
{
    size_t count = 0;
    for (size_t at = folder->first; at < folder->first + folder->count; at++)
        count += is_choice(run, &run->tree->nodes[at]) ? run->lists[at].count : 0;
    enum sgr_status status = make_list(run, folder, count, out_list);
    uint64_t *parents = memory_allocate(folder->count, sizeof *parents);
    size_t *sizes = memory_allocate(folder->count, sizeof *sizes);
    if (status == SGR_OK && (!parents || !sizes))
        status = error_no_memory(run->error, "a layer's traits");
    size_t groups = 0;
    size_t used = 0;
    wide total = 0;
    for (size_t at = folder->first; status == SGR_OK && at < folder->first + folder->count; at++) {
        if (!is_choice(run, &run->tree->nodes[at]))
            continue;
        parents[groups] = weight_of(&run->tree->nodes[at]);
        total += parents[groups];
        sizes[groups] = run->lists[at].count;
        status = add_choice(run, at, out_list->items + used);
        used += sizes[groups++];
    }
    if (status == SGR_OK && total >> 63)
        status = error_set(run->error, SGR_INPUT,
                           "%s: the weights add up to more than 9 billion; use smaller ones",
                           folder->full);
    if (status == SGR_OK && !layer_traits_nest_weights(parents, sizes, groups, out_list))
        status = error_no_memory(run->error, "a layer's traits");
    memory_free(parents);
    memory_free(sizes);
    return status;
}

/* The unweighted files of a folder as one option, the first name on top. */
static enum sgr_status collect_required(struct evaluation *run, const struct layer_node *folder,
                                        struct layer_option_list *out_list)
{
    enum sgr_status status = make_list(run, folder, 1, out_list);
    uint32_t *parts = arena_allocate(&run->draft->scratch, folder->count, sizeof *parts);
    if (status == SGR_OK && !parts)
        status = error_no_memory(run->error, "a layer's traits");
    uint32_t count = 0;
    for (size_t at = folder->first + folder->count; status == SGR_OK && at-- > folder->first;) {
        const struct layer_node *node = &run->tree->nodes[at];
        if (node->is_folder || is_choice(run, node))
            continue;
        if (!node->absent)
            parts[count++] = (uint32_t)at;
        else
            status = draft_notice(run->draft, run->error, SGR_LOG_WARNING, "none-without-weight",
                                  "%s has no weight beside names that have one, so it is left out; "
                                  "call it NONE#<weight>.png",
                                  node->full);
    }
    if (status == SGR_OK)
        status = check_part_count(run, folder, count);
    if (status == SGR_OK)
        *out_list->items = (struct layer_option){1, parts, count, "", "", NULL};
    return status;
}

/* A choice of which nothing can be chosen has no chance to share out. */
static enum sgr_status check_folder(struct evaluation *run, const struct layer_node *node,
                                    const struct layer_option_list *inside)
{
    if (!node->picture_inside && node->name.weighted)
        return error_set(run->error, SGR_INPUT,
                         "%s: the folder has a weight but no picture; add one, or use an empty "
                         "file NONE#<weight>.png for the absent trait",
                         node->full);
    if (!node->picture_inside)
        return draft_notice(run->draft, run->error, SGR_LOG_NOTICE, "empty-folder",
                            "%s has no picture, so it is left out", node->full);
    if (!layer_traits_any_weight(inside))
        return error_set(run->error, SGR_INPUT,
                         "%s: all weights inside are 0, so nothing can be chosen; raise one",
                         node->full);
    return SGR_OK;
}

static enum sgr_status evaluate_folder(struct evaluation *run, size_t index)
{
    const struct layer_node *node = &run->tree->nodes[index];
    struct layer_option_list choices;
    struct layer_option_list list;
    enum sgr_status status = collect_choices(run, node, &choices);
    if (status == SGR_OK)
        status = collect_required(run, node, &list);
    for (size_t at = node->first + node->count; status == SGR_OK && at-- > node->first;) {
        const struct layer_node *child = &run->tree->nodes[at];
        if (child->is_folder && child->picture_inside && !is_choice(run, child))
            status = combine(run, node, &list, &run->lists[at], &list);
    }
    if (status == SGR_OK && choices.count)
        status = combine(run, node, &list, &choices, &list);
    if (status != SGR_OK)
        return status;
    run->lists[index] = list;
    return index ? check_folder(run, node, &list) : SGR_OK;
}

/* Tells what the user may not have meant by leaving weights out. */
static enum sgr_status notice_unweighted(struct evaluation *run)
{
    const struct layer_node *root = &run->tree->nodes[0];
    bool weighted = false;
    size_t folders = 0;
    const struct layer_node *file = NULL;
    const struct layer_node *folder = NULL;
    for (size_t at = root->first + root->count; at-- > root->first;) {
        const struct layer_node *node = &run->tree->nodes[at];
        weighted |= node->name.weighted;
        if (!node->is_folder && !node->name.weighted && !node->absent)
            file = node;
        if (!node->is_folder || !node->picture_inside)
            continue;
        folder = node;
        folders++;
    }
    if (run->plain && folder)
        return draft_notice(run->draft, run->error, SGR_LOG_NOTICE, "sub-folder-choices",
                            "%s: nothing here has a weight, so each sub-folder is one choice and "
                            "its pictures are choices within it (%s)",
                            root->full, folder->name.name);
    if (!run->plain && !weighted && !file && folders > 1)
        return draft_notice(run->draft, run->error, SGR_LOG_WARNING, "nested-layers",
                            "%s: no sub-folder has a weight, so each adds a choice to every trait; "
                            "if they are the layers, give this folder as ART",
                            root->full);
    if (weighted && file && run->draft->grammar == SGR_GRAMMAR_AUTO)
        return draft_notice(run->draft, run->error, SGR_LOG_NOTICE, "required-part",
                            "%s has no weight beside names that have one, so it is drawn with "
                            "every choice; if it is a choice, call it Name#<weight>.png",
                            file->full);
    return SGR_OK;
}

/* What the weights in the layer's own folder add up to, so that collection.json can add to them. */
static uint64_t total_of(const struct evaluation *run)
{
    const struct layer_node *root = &run->tree->nodes[0];
    uint64_t total = 0;
    for (size_t at = root->first; at < root->first + root->count; at++) {
        const struct layer_node *node = &run->tree->nodes[at];
        total += is_choice(run, node) ? weight_of(node) : 0;
    }
    return total;
}

enum sgr_status layer_options_read(struct draft *draft, struct draft_layer *layer,
                                   struct sgr_error *error)
{
    struct layer_tree tree = {0};
    struct evaluation run = {.draft = draft, .tree = &tree, .error = error};
    enum sgr_grammar grammar = draft->grammar;
    enum sgr_status status = layer_tree_read(&tree, draft, layer, error);
    if (status == SGR_OK) {
        run.plain = grammar == SGR_GRAMMAR_AUTO && !tree.nodes[0].weighted_inside;
        run.flat = grammar == SGR_GRAMMAR_HASHLIPS;
        run.lists = memory_allocate_zeroed(tree.count, sizeof *run.lists);
        status = run.lists ? notice_unweighted(&run) : error_no_memory(error, "a layer's traits");
    }
    for (size_t index = tree.count; status == SGR_OK && index-- > 0;)
        status =
            tree.nodes[index].is_folder ? evaluate_folder(&run, index) : evaluate_file(&run, index);
    if (status == SGR_OK) {
        layer->weight_total = total_of(&run);
        status = layer_traits_make(draft, layer, &tree, &run.lists[0], error);
    }
    memory_free(run.lists);
    layer_tree_finish(&tree);
    return status;
}
