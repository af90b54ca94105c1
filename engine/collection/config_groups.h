/*
 * The "groups" and one-of-one "items" of collection.json: sub-collections with their own stacks of
 * layers, and items with a picture of their own. Together they are the traits of one more layer,
 * the last, so that everything that plans traits plans them too: groups first, as written, then
 * items.
 */
#ifndef SGR_COLLECTION_CONFIG_GROUPS_H
#define SGR_COLLECTION_CONFIG_GROUPS_H

#include "collection/config_read.h"

/* The group that all other items belong to where only one-of-ones are written. */
#define CONFIG_GROUPS_REST_NAME "Rest"

/* What was read; all zero: no groups. Lives in the draft's arenas. */
struct config_groups {
    struct collection_stack *stacks; /* [group_count], in the collection's arena */
    size_t group_count;              /* items and the rest included */
};

/* Notes the paths of the items' pictures, whose folder is no layer; before layers are read. */
enum sgr_status config_groups_note_images(const struct config *config, struct draft *draft,
                                          struct sgr_error *error) SGR_MUST_USE;

/*
 * Reads both lists and adds the group layer to the draft, whose other layers and traits must have
 * been read; layers that a stack lacks are marked. Where all counts are exact and the collection
 * has none, their sum is its count.
 */
enum sgr_status config_groups_read(const struct config *config, struct draft *draft,
                                   struct config_groups *out_groups,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Gives the collection, whose layers have been settled, its stacks. */
void config_groups_settle(const struct config_groups *groups, struct draft *draft);

#endif
