/* An item of a plan being made, from its traits to the parts that are drawn. */
#ifndef SGR_PIPELINE_DRAFT_STACK_H
#define SGR_PIPELINE_DRAFT_STACK_H

#include "pipeline/stack.h"
#include "plan/plan_draft.h"

/* One thread at a time; end with draft_stack_finish, also after failure. */
struct draft_stack {
    const struct plan_draft *draft;   /* borrowed */
    const struct sprite_set *sprites; /* borrowed */
    struct stack stack;               /* of the item put there last */
    uint16_t *layers;                 /* owned: the order that drawn recipes have */
};

/* Begins with an empty stack. */
enum sgr_status draft_stack_init(struct draft_stack *at, const struct plan_draft *draft,
                                 const struct sprite_set *sprites,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Frees what draft_stack_init and draft_stack_item made. */
void draft_stack_finish(struct draft_stack *at);

/* Puts the parts of an item, counted from 0, on the stack. */
enum sgr_status draft_stack_item(struct draft_stack *at, uint64_t item,
                                 struct sgr_error *error) SGR_MUST_USE;

#endif
