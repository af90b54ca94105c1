/* Recipes that name files have their own order of layers, all others the collection's. */
#include "pipeline/draft_stack.h"

#include "base/error.h"
#include "base/memory.h"

enum sgr_status draft_stack_init(struct draft_stack *at, const struct plan_draft *draft,
                                 const struct sprite_set *sprites, struct sgr_error *error)
{
    size_t layer_count = draft->collection->layer_count;
    *at = (struct draft_stack){.draft = draft, .sprites = sprites};
    at->layers = memory_allocate(layer_count + 1, sizeof *at->layers);
    if (!at->layers)
        return error_no_memory(error, "the plan");
    for (size_t layer = 0; layer < layer_count; layer++)
        at->layers[layer] = (uint16_t)layer;
    return SGR_OK;
}

void draft_stack_finish(struct draft_stack *at)
{
    stack_finish(&at->stack);
    memory_free(at->layers);
    *at = (struct draft_stack){0};
}

enum sgr_status draft_stack_item(struct draft_stack *at, uint64_t item, struct sgr_error *error)
{
    struct plan_order order = {at->layers, at->draft->collection->layer_count};
    if (at->draft->recipes && at->draft->recipes->order_count) {
        const struct recipes_order *given =
            &at->draft->recipes->orders[at->draft->recipes->order_ids[item]];
        order = (struct plan_order){given->layers, given->layer_count};
    } else if (at->draft->orders.count > 0) {
        order.layers =
            at->draft->orders.layers + plan_draft_order_id(at->draft, item) * order.layer_count;
    }
    return stack_fill(&at->stack, at->sprites, plan_draft_traits(at->draft, item), &order, error);
}
