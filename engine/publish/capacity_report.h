/* What plan/capacity counted, for people and programs. */
#ifndef SGR_PUBLISH_CAPACITY_REPORT_H
#define SGR_PUBLISH_CAPACITY_REPORT_H

#include "plan/capacity.h"

/*
 * Adds lines: how many valid recipes there are, what unique groups allow, and warnings about traits
 * that no recipe has. Numbers of 16 digits and more are rounded to three, bounds to their safe
 * side.
 */
void capacity_report_text(const struct capacity *capacity, const struct collection *collection,
                          struct text *out);

/*
 * Adds an object. Counts are strings of all their digits; one that is not exact stands as two,
 * `_at_least` and `_at_most`.
 */
void capacity_report_json(const struct capacity *capacity, const struct collection *collection,
                          struct text *out);

/*
 * Adds to a trait's object how many recipes have it: ", \"recipes\": \"120\"". Where numbers have
 * some 300 digits or more, only whether there are any.
 */
void capacity_report_trait(const struct capacity *capacity, size_t layer, size_t trait,
                           struct text *out);

#endif
