/* From an item's traits to the parts that are drawn, and to those that matter in a band. */
#ifndef SGR_PIPELINE_STACK_H
#define SGR_PIPELINE_STACK_H

#include "base/hash.h"
#include "compose/compose.h"
#include "pipeline/bands.h"
#include "plan/plan.h"

/* An item's parts, bottom first. Start from all zero; one thread at a time. */
struct stack {
    struct compose_part *parts;
    size_t part_count;
    int32_t *z; /* scratch, parallel to parts */
    size_t capacity;
    size_t z_capacity;
};

/*
 * Fills the stack: layers in the given order, each one's parts bottom first, then a stable sort by
 * z. `traits` has one entry for each layer of the collection.
 */
enum sgr_status stack_fill(struct stack *stack, const struct sprite_set *sprites,
                           const uint16_t *traits, const struct plan_order *order,
                           struct sgr_error *error) SGR_MUST_USE;

/* Frees the stack. */
void stack_finish(struct stack *stack);

/*
 * Copies the parts that can be seen in a band to `parts` (room for part_count) and returns how
 * many: those that reach it, from the topmost one that hides all below. A part whose mode touches
 * empty pixels reaches every band.
 */
size_t stack_visible(const struct stack *stack, const struct bands_table *bands, size_t band,
                     struct compose_part *parts);

/* The key of a strip: equal keys mean equal pixels. */
struct hash128 stack_key(const struct compose_part *parts, size_t part_count, size_t band);

/* Whether in every band some part makes every pixel opaque and those above keep it so. */
bool stack_is_opaque(const struct stack *stack, const struct bands_table *bands);

#endif
