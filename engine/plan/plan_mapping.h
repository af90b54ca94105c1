/*
 * Finding an older plan's layers and traits in today's collection, by their names, so that its
 * items can stand in a new plan with the pixels that they have.
 */
#ifndef SGR_PLAN_PLAN_MAPPING_H
#define SGR_PLAN_PLAN_MAPPING_H

#include "plan/plan.h"

#define PLAN_MAPPING_NONE UINT32_MAX

/* Start from all zero; end with plan_mapping_finish. */
struct plan_mapping {
    uint32_t *layers;   /* [old layer]: today's, or PLAN_MAPPING_NONE where it is gone unused */
    uint32_t *traits;   /* [plan_trait_base(old, layer) + trait]: today's, or PLAN_MAPPING_NONE */
    uint16_t *absent;   /* [today's layer]: what items take that have nothing in it */
    const char *retold; /* a layer about which metadata says something else today; NULL: none */
};

/*
 * Finds everything that items of the old plan have; what none has may be gone. SGR_INPUT names a
 * layer or trait that is gone or drawn in another way, or a new layer that items cannot be without,
 * and the remedy. Pictures are not looked at.
 */
enum sgr_status plan_mapping_make(struct plan_mapping *mapping, const struct plan *old,
                                  const struct collection *collection,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Frees what the mapping owns. */
void plan_mapping_finish(struct plan_mapping *mapping);

/*
 * Writes an old item's traits as a row of today's collection. SGR_INPUT when the item has a trait
 * that, as the old plan's counts say, no item has.
 */
enum sgr_status plan_mapping_row(const struct plan_mapping *mapping, const struct plan *old,
                                 const struct collection *collection, const uint16_t *traits,
                                 uint16_t *out_row, struct sgr_error *error) SGR_MUST_USE;

#endif
