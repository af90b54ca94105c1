/*
 * Metadata as marketplaces read it: one ERC-721 JSON object an item, with the attributes that
 * OpenSea made the custom, and all of them joined in one array. Source: ERC-721, OpenSea's
 * metadata standards.
 */
#ifndef SGR_PUBLISH_METADATA_H
#define SGR_PUBLISH_METADATA_H

#include "plan/plan.h"

/* What items' metadata has in common; borrowed. */
struct metadata_options {
    struct plan *plan;
    const char *image_prefix; /* before "<id>.png", or "<sub-folder>/<id>.png" */
    uint64_t fanout;          /* see manifest_path */
};

/* Adds one item's object, without a line break at its end. */
void metadata_add_item(const struct metadata_options *options, const struct plan_item *item,
                       struct text *out);

#endif
