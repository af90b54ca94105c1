/* What stacks of layers mean for single items, said as rules, which all planners obey. */
#ifndef SGR_COLLECTION_GROUP_RULES_H
#define SGR_COLLECTION_GROUP_RULES_H

#include "collection/collection.h"

/*
 * Adds rules to a collection that has groups: items lack what their group's stack lacks, and have
 * what it has unless the layer is optional. Their source is RULES_NONE, for the user wrote none of
 * them. Rules of the user do not apply to items whose stack has none of the rule's layers: they
 * could be about nothing. Does nothing where there are no groups.
 */
enum sgr_status group_rules_add(struct collection *collection,
                                struct sgr_error *error) SGR_MUST_USE;

#endif
