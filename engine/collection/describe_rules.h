/* How rules were understood, for both reports of `serigraph inspect`. */
#ifndef SGR_COLLECTION_DESCRIBE_RULES_H
#define SGR_COLLECTION_DESCRIBE_RULES_H

#include "base/text.h"
#include "collection/collection.h"

/* Adds a paragraph: each rule as written, and below it in words; nothing when there are none. */
void describe_rules_text(const struct collection *collection, struct text *out);

/* Adds the value of "rules", a list. */
void describe_rules_json(const struct collection *collection, struct text *out);

#endif
