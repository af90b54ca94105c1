/* Groups and one-of-one items, for both reports of `serigraph inspect`. */
#ifndef SGR_COLLECTION_DESCRIBE_GROUPS_H
#define SGR_COLLECTION_DESCRIBE_GROUPS_H

#include "base/text.h"
#include "collection/collection.h"

/* Adds a paragraph: each group's layers, each item's id and attributes; nothing without groups. */
void describe_groups_text(const struct collection *collection, struct text *out);

/* Adds the keys "groups" and "items", both lists, ended by a comma; nothing without groups. */
void describe_groups_json(const struct collection *collection, struct text *out);

#endif
