/* What an extended plan took over from the older one, beside traits and draw orders. */
#ifndef SGR_PLAN_PLAN_EXTENSION_H
#define SGR_PLAN_PLAN_EXTENSION_H

#include "base/arena.h"
#include "plan/plan_mapping.h"

/* Start from all zero; end with plan_extension_finish. */
struct plan_extension {
    struct plan *old; /* borrowed; NULL: the plan extends none */
    struct plan_mapping mapping;
    uint64_t *ids;              /* [item]; NULL: they count up */
    uint64_t *attribute_starts; /* [item + 1]; NULL: attributes follow from the traits */
    uint32_t *attribute_ids;
    const char **attributes; /* JSON objects, of the old plan or in `texts` */
    size_t attribute_count;
    struct arena texts;
    uint64_t breaches;       /* how often old items break rules of today */
    const char *broken_rule; /* the first of these rules, in words; NULL: none */
    size_t broken_source;    /* its place in the art's "rules" */
};

/* Frees what the extension owns. */
void plan_extension_finish(struct plan_extension *extension);

/*
 * Gives items the old plan's ids and attributes, and new items those that follow; `rows` are those
 * of all items, the old ones first.
 */
enum sgr_status plan_extension_fill(struct plan_extension *extension,
                                    const struct collection *collection, const uint16_t *rows,
                                    uint64_t count, struct sgr_error *error) SGR_MUST_USE;

#endif
