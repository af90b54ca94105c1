/* Drawing one item outside of a run: as pixels, or as the file that a full run would write. */
#ifndef SGR_API_RENDER_ONE_H
#define SGR_API_RENDER_ONE_H

#include "api/sgr_plan.h"
#include "pipeline/stack.h"

/* What drawing one item takes. Start from all zero; end with render_one_finish, always. */
struct render_one {
    struct sgr_plan *plan; /* borrowed */
    const struct plan_choices *choices;
    const struct kernel_table *kernels;
    struct compose *compose;
    struct stack stack;
};

/* Puts an item's parts on the stack: traits one a layer, in a draw order. */
enum sgr_status render_one_begin(struct render_one *one, struct sgr_plan *plan,
                                 const uint16_t *traits, const struct plan_order *order,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Composes the item: `pixels` has room for the canvas. */
enum sgr_status render_one_compose(struct render_one *one, uint32_t *pixels,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Writes the item's file, complete or not at all. */
enum sgr_status render_one_write(struct render_one *one, const char *path,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Frees what drawing took. */
void render_one_finish(struct render_one *one);

#endif
