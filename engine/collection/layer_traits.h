/*
 * The list of options that a layer's folder came to, and the traits that it becomes: names made
 * unique, the options without a picture joined into the absent trait, all in order.
 */
#ifndef SGR_COLLECTION_LAYER_TRAITS_H
#define SGR_COLLECTION_LAYER_TRAITS_H

#include "collection/draft.h"
#include "collection/layer_tree.h"

/* One way to choose inside a folder. */
struct layer_option {
    uint64_t weight;
    uint32_t *parts; /* nodes of the tree, bottom first */
    size_t part_count;
    const char *value; /* innermost weighted name, "" for none */
    const char *path;  /* all of them, joined */
    const char *file;  /* for messages, NULL for none */
};

/* All of them. */
struct layer_option_list {
    struct layer_option *items;
    size_t count;
};

/*
 * Gives the options of a folder's choices, group after group in `list`, the exact weights that
 * weights_nest makes of theirs and the parents'. False without memory.
 */
bool layer_traits_nest_weights(const uint64_t *parents, const size_t *sizes, size_t group_count,
                               struct layer_option_list *list);

/* Gives the combinations of two lists, in the order l * upper + u, their weights. */
bool layer_traits_combine_weights(const struct layer_option_list *lower,
                                  const struct layer_option_list *upper,
                                  struct layer_option_list *list);

/* Whether any of the options can be chosen. */
bool layer_traits_any_weight(const struct layer_option_list *list);

/* Sets the traits of the layer. SGR_INPUT when two would have the same name. */
enum sgr_status layer_traits_make(struct draft *draft, struct draft_layer *layer,
                                  const struct layer_tree *tree,
                                  const struct layer_option_list *list,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Puts the layer's traits in natural order of their paths. */
void layer_traits_sort(struct draft_layer *layer);

#endif
