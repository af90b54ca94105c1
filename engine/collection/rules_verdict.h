/* What one rule alone comes to: some can never be kept, some change nothing. */
#ifndef SGR_COLLECTION_RULES_VERDICT_H
#define SGR_COLLECTION_RULES_VERDICT_H

#include "collection/rules_list.h"

/*
 * SGR_INPUT for a rule that no item can keep, or that asks for two traits of one layer; a warning
 * for one that every item keeps, or that makes traits impossible.
 */
enum sgr_status rules_verdict_check(struct rules_list *list, const struct rules_entry *entry,
                                    const struct rule *rule, struct sgr_error *error) SGR_MUST_USE;

#endif
