/*
 * Which groups' items must be all different in certain layers. One-of-one items never; for what is
 * `distinct`, items whose stack has any of the layers; for a unique rule, those whose stack has
 * all.
 */
#ifndef SGR_PLAN_GROUP_SCOPE_H
#define SGR_PLAN_GROUP_SCOPE_H

#include "base/arena.h"
#include "collection/collection.h"

/* Layers that may not repeat together. */
struct group_scope_request {
    const struct collection *collection;
    const uint32_t *layers;
    size_t layer_count;
    bool any; /* one layer of them suffices, else a stack has to have them all */
};

/* A bit for each group, in the arena; NULL without memory. The collection has groups. */
const uint64_t *group_scope_make(const struct group_scope_request *request, struct arena *arena);

/* Whether a scope holds a group; NULL holds all. */
static inline bool group_scope_has(const uint64_t *scope, size_t group)
{
    return !scope || (scope[group / 64] >> (group % 64) & 1);
}

#endif
