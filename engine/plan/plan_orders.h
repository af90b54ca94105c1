/*
 * The draw orders of a drawn plan. An item's group, if it has one, gives the first order: its
 * stack, else it is that of the layers. The rules that matter to an item are applied in the order
 * that they are written in: each moves one layer right above or below another, from where it is by
 * then.
 */
#ifndef SGR_PLAN_PLAN_ORDERS_H
#define SGR_PLAN_PLAN_ORDERS_H

#include "collection/rules.h"

#include <serigraph/status.h>

struct collection;

/* Different orders, and which one each item has. Start from all zero. */
struct plan_orders {
    uint16_t *layers; /* owned: [order * layer count], bottom first */
    size_t count;     /* 0: no such rules and no groups: layers are drawn as they stand */
    uint32_t *ids;    /* owned: [item] */
};

/* Works out the orders of `item_count` rows of traits. End it with plan_orders_finish, always. */
enum sgr_status plan_orders_make(struct plan_orders *orders, const struct collection *collection,
                                 const uint16_t *rows, uint64_t item_count,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Frees the orders. */
void plan_orders_finish(struct plan_orders *orders);

#endif
