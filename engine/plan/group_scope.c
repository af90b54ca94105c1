/* Stacks are looked at one by one. */
#include "plan/group_scope.h"

static bool fits(const struct group_scope_request *request, const struct collection_stack *stack)
{
    size_t found = 0;
    for (size_t index = 0; index < request->layer_count; index++)
        found += collection_stack_has(stack, request->layers[index]);
    return request->any ? found > 0 : found == request->layer_count;
}

const uint64_t *group_scope_make(const struct group_scope_request *request, struct arena *arena)
{
    const struct collection *collection = request->collection;
    const struct collection_layer *groups = &collection->layers[collection_group_layer(collection)];
    uint64_t *scope = arena_allocate(arena, (groups->trait_count + 63) / 64, sizeof *scope);
    for (size_t group = 0; scope && group < groups->trait_count; group++) {
        bool inside = !groups->traits[group].single && fits(request, &collection->stacks[group]);
        scope[group / 64] |= (uint64_t)inside << (group % 64);
    }
    return scope;
}
