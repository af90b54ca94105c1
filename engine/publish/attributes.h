/* An item's attributes, as metadata and exports both list them. */
#ifndef SGR_PUBLISH_ATTRIBUTES_H
#define SGR_PUBLISH_ATTRIBUTES_H

#include "plan/plan.h"

/*
 * Adds the item's attributes as JSON objects: those that its recipe brought, else one for each
 * layer whose trait is not absent, in layer order. `first` stands before the first object, `next`
 * before each other one. Returns how many there were.
 */
size_t attributes_add(const struct plan *plan, const struct plan_item *item, const char *first,
                      const char *next, struct text *out);

#endif
