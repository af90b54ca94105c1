/*
 * The "rules" of collection.json, from the user's words to the form of rules.h. What cannot be
 * meant is refused with file, line and column; what changes nothing is a warning.
 */
#ifndef SGR_COLLECTION_RULES_READ_H
#define SGR_COLLECTION_RULES_READ_H

#include "collection/config_read.h"

enum {
    RULES_ENTRIES_MAX = 65536, /* of the config's list */
    RULES_MAX = 65536,         /* of what they come to: one of tags may come to many */
    RULES_SETS_BYTES_MAX = 128 << 20
};

/* What making sense of all of them may cost: steps of patterns, words of bits, tags looked up. */
#define RULES_STEPS_MAX UINT64_C(200000000)

/* Sets the rules of the draft's collection, whose layers must have been settled. */
enum sgr_status rules_read(const struct config *config, struct draft *draft,
                           struct sgr_error *error) SGR_MUST_USE;

#endif
