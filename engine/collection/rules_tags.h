/* "same_tag" and "different_tag": what the tags of one layer's traits mean for another layer. */
#ifndef SGR_COLLECTION_RULES_TAGS_H
#define SGR_COLLECTION_RULES_TAGS_H

#include "collection/rules_list.h"

/* The tags of each layer, as far as they were asked for. All zero; end with rules_tags_finish. */
struct rules_tags {
    struct rules_tags_layer *layers; /* owned */
    size_t layer_count;
};

/*
 * Adds the rules that the entry means: each two of its layers must share a tag, or must not. A
 * trait without tags goes with all.
 */
enum sgr_status rules_tags_add(struct rules_tags *tags, struct rules_list *list,
                               const struct rules_entry *entry, bool same,
                               struct sgr_error *error) SGR_MUST_USE;

/* Frees the tables. */
void rules_tags_finish(struct rules_tags *tags);

#endif
