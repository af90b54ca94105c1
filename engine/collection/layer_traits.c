/* Names are compared through a table, so that a layer of 65,535 traits is no quadratic search. */
#include "collection/layer_traits.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "collection/weights.h"

#include <stdlib.h>
#include <string.h>

bool layer_traits_nest_weights(const uint64_t *parents, const size_t *sizes, size_t group_count,
                               struct layer_option_list *list)
{
    uint64_t *weights = memory_allocate(list->count, sizeof *weights);
    if (!weights)
        return false;
    for (size_t index = 0; index < list->count; index++)
        weights[index] = list->items[index].weight;
    bool done = weights_nest(parents, sizes, group_count, weights);
    for (size_t index = 0; done && index < list->count; index++)
        list->items[index].weight = weights[index];
    memory_free(weights);
    return done;
}

bool layer_traits_combine_weights(const struct layer_option_list *lower,
                                  const struct layer_option_list *upper,
                                  struct layer_option_list *list)
{
    uint64_t *weights = memory_allocate(lower->count + upper->count + list->count, sizeof *weights);
    if (!weights)
        return false;
    uint64_t *left = weights;
    uint64_t *right = left + lower->count;
    uint64_t *product = right + upper->count;
    for (size_t index = 0; index < lower->count; index++)
        left[index] = lower->items[index].weight;
    for (size_t index = 0; index < upper->count; index++)
        right[index] = upper->items[index].weight;
    bool done = weights_product(left, lower->count, right, upper->count, product);
    for (size_t index = 0; done && index < list->count; index++)
        list->items[index].weight = product[index];
    memory_free(weights);
    return done;
}

bool layer_traits_any_weight(const struct layer_option_list *list)
{
    for (size_t index = 0; index < list->count; index++) {
        if (list->items[index].weight)
            return true;
    }
    return false;
}

/* Options without a picture look the same however they came about, so they become one trait. */
static void fold_absent(struct draft_layer *layer, const struct layer_option *option)
{
    for (size_t index = 0; index < layer->trait_count; index++) {
        if (!layer->traits[index].none)
            continue;
        layer->traits[index].weight += option->weight;
        return;
    }
    layer->traits[layer->trait_count++] = (struct draft_trait){.name = DRAFT_NONE,
                                                               .value = DRAFT_NONE,
                                                               .path = DRAFT_NONE,
                                                               .file = option->file,
                                                               .weight = option->weight,
                                                               .none = true};
}

/* A trait that no weighted name names (everything in the layer is drawn) is called by its only
 * picture, or else by the layer. */
static enum sgr_status add_trait(struct draft *draft, struct draft_layer *layer,
                                 const struct layer_tree *tree, const struct layer_option *option,
                                 struct sgr_error *error)
{
    struct draft_trait *trait = &layer->traits[layer->trait_count++];
    const struct layer_node *first = &tree->nodes[option->parts[0]];
    const char *fallback = option->part_count == 1 ? first->name.name : layer->name;
    trait->value = *option->value ? option->value : fallback;
    trait->path = *option->path ? option->path : fallback;
    trait->name = tree->nodes[0].weighted_inside ? trait->value : trait->path;
    trait->file = option->file ? option->file : first->full;
    trait->weight = option->weight;
    trait->opacity = OPACITY_FULL;
    trait->part_count = option->part_count;
    trait->parts = arena_allocate(&draft->scratch, trait->part_count, sizeof *trait->parts);
    if (!trait->parts)
        return error_no_memory(error, "a layer's traits");
    for (size_t index = 0; index < trait->part_count; index++) {
        const struct layer_node *node = &tree->nodes[option->parts[index]];
        trait->parts[index] = (struct draft_part){node->path, node->settings};
    }
    return SGR_OK;
}

/* Puts all names into a table; for each name, holder[number] is the first trait that has it. */
static bool note_names(const struct draft_layer *layer, struct arena *arena, struct intern *names,
                       size_t *holders, bool *shared)
{
    for (size_t index = 0; index < layer->trait_count; index++) {
        const char *name = layer->traits[index].name;
        size_t known = names->count;
        uint32_t number;
        if (!intern_add(names, arena, name, strlen(name), &number))
            return false;
        if (number == known)
            holders[number] = index;
        shared[index] = number != known;
        shared[holders[number]] |= number != known;
    }
    return true;
}

static enum sgr_status refuse_shared(const struct draft_layer *layer, size_t index,
                                     struct sgr_error *error)
{
    const struct draft_trait *trait = &layer->traits[index];
    size_t other = 0;
    while (other == index || strcmp(layer->traits[other].name, trait->name) != 0)
        other++;
    return error_set(error, SGR_INPUT, "%s and %s: both would be the trait %s/%s; rename one",
                     trait->file ? trait->file : layer->shown,
                     layer->traits[other].file ? layer->traits[other].file : layer->shown,
                     layer->name, trait->name);
}

/* Traits that share a name get their whole path as name; that must tell them apart. */
static enum sgr_status make_unique(struct draft *draft, struct draft_layer *layer,
                                   struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    size_t *holders = memory_allocate(layer->trait_count, sizeof *holders);
    bool *shared = memory_allocate_zeroed(layer->trait_count, sizeof *shared);
    if (!holders || !shared)
        status = error_no_memory(error, "a layer's traits");
    for (int pass = 0; status == SGR_OK && pass < 2; pass++) {
        struct intern names = {0};
        if (!note_names(layer, &draft->scratch, &names, holders, shared))
            status = error_no_memory(error, "a layer's traits");
        intern_finish(&names);
        for (size_t index = 0; status == SGR_OK && index < layer->trait_count; index++) {
            if (shared[index] && pass == 1)
                status = refuse_shared(layer, index, error);
            else if (shared[index])
                layer->traits[index].name = layer->traits[index].path;
        }
    }
    memory_free(holders);
    memory_free(shared);
    return status;
}

static int compare_traits(const void *left, const void *right)
{
    const struct draft_trait *a = left;
    const struct draft_trait *b = right;
    int order = text_compare_natural(a->path, b->path);
    return order ? order : strcmp(a->name, b->name);
}

void layer_traits_sort(struct draft_layer *layer)
{
    if (layer->trait_count > 1)
        qsort(layer->traits, layer->trait_count, sizeof *layer->traits, compare_traits);
}

enum sgr_status layer_traits_make(struct draft *draft, struct draft_layer *layer,
                                  const struct layer_tree *tree,
                                  const struct layer_option_list *list, struct sgr_error *error)
{
    /* One more than the options: collection.json may add the absent trait. */
    layer->traits = arena_allocate(&draft->scratch, list->count + 1, sizeof *layer->traits);
    layer->trait_count = 0;
    if (!layer->traits)
        return error_no_memory(error, "a layer's traits");
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < list->count; index++) {
        if (list->items[index].part_count == 0)
            fold_absent(layer, &list->items[index]);
        else
            status = add_trait(draft, layer, tree, &list->items[index], error);
    }
    if (status == SGR_OK)
        status = make_unique(draft, layer, error);
    if (status == SGR_OK)
        layer_traits_sort(layer);
    return status;
}
