/*
 * With W the sum of the recipes' weights and Q that of their squares, 1 / sum of p^2 is W^2 / Q:
 * two counts with weights in the place of ones.
 */
#include "plan/capacity_state.h"

#include "plan/plan_counts.h"

#include <string.h>

enum { THOUSANDTHS = 1000 };

/* Multiplies a part's number for one goal into a product. */
static enum factor_outcome multiply_part(struct capacity_counting *counting,
                                         const struct capacity_part *part, enum capacity_goal goal,
                                         struct natural *product)
{
    const struct capacity_request request = capacity_request_of(counting, part, goal);
    struct factor factor;
    enum factor_outcome outcome = capacity_settle_count(&request, &factor);
    if (outcome != FACTOR_DONE)
        return outcome;
    struct natural number = {.limbs = NULL};
    size_t count = 0;
    const uint64_t *limbs = capacity_part_cell(&factor, 0, &count);
    bool fits = natural_set(&number, limbs, count) && natural_multiply(product, &number);
    natural_finish(&number);
    factor_finish(&factor);
    return fits ? FACTOR_DONE : FACTOR_NO_MEMORY;
}

/* Multiplies in a layer that no rule is about, whose one class has all its traits. */
static bool multiply_layer(const struct capacity_weights *weights, struct natural *sum,
                           struct natural *squares)
{
    struct natural one = {.limbs = NULL};
    bool fits = natural_set(&one, weights->sums, CAPACITY_WEIGHT_LIMBS) &&
                natural_multiply(sum, &one) &&
                natural_set(&one, weights->squares, CAPACITY_WEIGHT_LIMBS) &&
                natural_multiply(squares, &one);
    natural_finish(&one);
    return fits;
}

static enum factor_outcome multiply_parts(struct capacity_counting *counting, struct natural *sum,
                                          struct natural *squares)
{
    const struct collection *collection = counting->options->collection;
    enum factor_outcome outcome = FACTOR_DONE;
    for (size_t part = 0; part < counting->part_count && outcome == FACTOR_DONE; part++)
        outcome = multiply_part(counting, &counting->parts[part], CAPACITY_SQUARES, squares);
    memset(counting->stages, FACTOR_LATE, collection->layer_count);
    for (size_t part = 0; part < counting->part_count && outcome == FACTOR_DONE; part++)
        outcome = multiply_part(counting, &counting->parts[part], CAPACITY_WEIGH, sum);
    for (size_t layer = 0; layer < collection->layer_count; layer++)
        counting->stages[layer] = collection->layers[layer].distinct ? FACTOR_LATE : FACTOR_EARLY;
    return outcome;
}

enum factor_outcome capacity_find_effective(struct capacity_counting *counting)
{
    struct capacity *capacity = counting->capacity;
    struct natural sum = {.limbs = NULL};
    struct natural squares = {.limbs = NULL};
    struct natural unit = {.limbs = NULL};
    if (!counting->weights || capacity->repeats || !capacity_number_is_exact(&capacity->recipes))
        return FACTOR_DONE;
    bool fits = natural_set_small(&sum, 1) && natural_set_small(&squares, 1) &&
                natural_set_small(&unit, THOUSANDTHS);
    enum factor_outcome outcome =
        fits ? multiply_parts(counting, &sum, &squares) : FACTOR_NO_MEMORY;
    for (size_t layer = 0; layer < capacity->classes.layer_count && fits; layer++) {
        if (!capacity->reaches[layer].counted && capacity->reaches[layer].differs)
            fits = multiply_layer(&counting->weights[layer], &sum, &squares);
    }
    if (fits && outcome == FACTOR_DONE && squares.count > 0) {
        fits = natural_multiply(&sum, &sum) && natural_multiply(&sum, &unit) &&
               natural_divide(&sum, &squares) &&
               natural_set(&capacity->effective_thousandths, sum.limbs, sum.count);
        capacity->effective_known = fits;
    }
    natural_finish(&sum);
    natural_finish(&squares);
    natural_finish(&unit);
    return fits ? outcome : FACTOR_NO_MEMORY;
}
