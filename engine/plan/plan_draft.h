/*
 * A plan being made: exact counts from weights, then one recipe an item with no two alike, or the
 * recipes that the user gave. One thread at a time.
 */
#ifndef SGR_PLAN_PLAN_DRAFT_H
#define SGR_PLAN_PLAN_DRAFT_H

#include "collection/recipes.h"
#include "plan/plan.h"
#include "plan/plan_extension.h"
#include "plan/plan_orders.h"

/* Attributes that do not follow from traits: item i has texts[ids[starts[i] .. starts[i + 1] - 1]].
 */
struct plan_attributes {
    const uint64_t *starts; /* NULL: they follow from the traits */
    const uint32_t *ids;
    const char *const *texts; /* JSON objects */
    size_t count;
};

/* Start from all zero; end with plan_draft_finish. */
struct plan_draft {
    const struct collection *collection;
    const struct recipes *recipes; /* borrowed; NULL when the plan is drawn */
    uint64_t count;
    uint64_t start;
    uint16_t *traits;                /* owned when drawn: [item * layer_count + layer] */
    uint32_t *trait_bases;           /* owned: [layer_count + 1] */
    uint64_t *asked;                 /* owned: [trait_bases[layer] + trait] */
    uint64_t *planned;               /* owned */
    struct plan_orders orders;       /* owned, unless recipes have theirs */
    struct plan_extension extension; /* owned, of an extended plan */
    bool limited; /* a limit of work was reached: nearer counts may be possible */
};

/*
 * Decides the recipes of `count` items. SGR_INFEASIBLE, with the numbers, when there are fewer
 * combinations than items or the fixed counts do not fit.
 */
enum sgr_status plan_draft_draw(struct plan_draft *draft, const struct collection *collection,
                                uint64_t count, const char *seed,
                                struct sgr_error *error) SGR_MUST_USE;

/* Takes over the first `count` given recipes (0: all), which must outlive the draft. */
enum sgr_status plan_draft_adopt(struct plan_draft *draft, const struct recipes *recipes,
                                 uint64_t count, struct sgr_error *error) SGR_MUST_USE;

/* Makes the tables of a draft whose collection is set. */
enum sgr_status plan_draft_begin(struct plan_draft *draft, struct sgr_error *error) SGR_MUST_USE;

/* Counts what items have, which may differ from what is asked. */
void plan_draft_count(struct plan_draft *draft);

/* Frees what the draft owns. */
void plan_draft_finish(struct plan_draft *draft);

/* How many draw orders the plan has, 1 or more. */
static inline size_t plan_draft_order_count(const struct plan_draft *draft)
{
    if (draft->recipes && draft->recipes->order_count)
        return draft->recipes->order_count;
    return draft->orders.count ? draft->orders.count : 1;
}

/* Which of them an item has. */
static inline uint32_t plan_draft_order_id(const struct plan_draft *draft, uint64_t item)
{
    if (draft->recipes && draft->recipes->order_count)
        return draft->recipes->order_ids[item];
    return draft->orders.count ? draft->orders.ids[item] : 0;
}

/*
 * The ids of items, or NULL when they count up from the draft's start. Recipes that name traits are
 * written as a drawn plan would be, where they could be one.
 */
static inline const uint64_t *plan_draft_ids(const struct plan_draft *draft)
{
    const struct recipes *recipes = draft->recipes;
    if (!recipes)
        return draft->extension.ids;
    bool count_up = recipes->order_count == 0 &&
                    recipes->ids[draft->count - 1] - recipes->ids[0] == draft->count - 1;
    return count_up ? NULL : recipes->ids;
}

/* The attributes that items bring. */
static inline struct plan_attributes plan_draft_attributes(const struct plan_draft *draft)
{
    const struct recipes *recipes = draft->recipes;
    const struct plan_extension *extension = &draft->extension;
    if (recipes)
        return (struct plan_attributes){recipes->attribute_starts, recipes->attribute_ids,
                                        recipes->attributes, recipes->attribute_count};
    return (struct plan_attributes){extension->attribute_starts, extension->attribute_ids,
                                    extension->attributes, extension->attribute_count};
}

/* The traits of an item. */
static inline const uint16_t *plan_draft_traits(const struct plan_draft *draft, uint64_t item)
{
    const uint16_t *traits = draft->recipes ? draft->recipes->traits : draft->traits;
    return traits + item * draft->collection->layer_count;
}

/*
 * Writes the plan file to a nameless scratch file and opens it. `root` as for plan_open.
 * *out_plan is the caller's.
 */
enum sgr_status plan_draft_store(const struct plan_draft *draft, const struct plan_choices *choices,
                                 struct plan **out_plan, struct sgr_error *error) SGR_MUST_USE;

#endif
