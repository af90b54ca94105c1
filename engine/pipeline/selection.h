/* Which items of a plan a run makes. */
#ifndef SGR_PIPELINE_SELECTION_H
#define SGR_PIPELINE_SELECTION_H

#include "plan/plan.h"

/* A bit for each item of the plan; start from all zero. */
struct selection {
    uint8_t *bits;
    uint64_t count; /* items chosen */
};

/* Chooses every item. */
enum sgr_status selection_all(struct selection *selection, const struct plan *plan,
                              struct sgr_error *error) SGR_MUST_USE;

/* Chooses the first `count` items (all of them when there are no more). */
enum sgr_status selection_first(struct selection *selection, const struct plan *plan,
                                uint64_t count, struct sgr_error *error) SGR_MUST_USE;

/* Chooses `sample` items spread evenly over the plan (all of them when it has no more). */
enum sgr_status selection_sample(struct selection *selection, const struct plan *plan,
                                 uint64_t sample, struct sgr_error *error) SGR_MUST_USE;

/* Chooses the ids of a list such as "1-20,35". SGR_USAGE for a bad list or an id not planned. */
enum sgr_status selection_ids(struct selection *selection, struct plan *plan, const char *ids,
                              struct sgr_error *error) SGR_MUST_USE;

/* Frees the bits. */
void selection_finish(struct selection *selection);

/* Whether an item is chosen. */
static inline bool selection_has(const struct selection *selection, uint64_t index)
{
    return selection->bits[index / 8] >> (index % 8) & 1;
}

/* Chooses one more item. */
static inline void selection_add(struct selection *selection, uint64_t index)
{
    if (!selection_has(selection, index)) {
        selection->bits[index / 8] |= (uint8_t)(1u << (index % 8));
        selection->count++;
    }
}

#endif
