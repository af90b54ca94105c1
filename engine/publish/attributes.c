/* Source: ERC-721 and OpenSea's metadata standards, trait_type and value. */
#include "publish/attributes.h"

static size_t add_given(const struct plan *plan, const struct plan_item *item, const char *first,
                        const char *next, struct text *out)
{
    for (size_t index = 0; index < item->attribute_count; index++) {
        text_add(out, index ? next : first);
        text_add(out, plan_attribute(plan, item->attributes[index]));
    }
    return item->attribute_count;
}

/* Those of a one-of-one item. */
static size_t add_own(const struct collection_trait *trait, const char *first, const char *next,
                      struct text *out)
{
    for (size_t index = 0; index < trait->attribute_count; index++) {
        text_add(out, index ? next : first);
        text_add(out, trait->attributes[index]);
    }
    return trait->attribute_count;
}

size_t attributes_add(const struct plan *plan, const struct plan_item *item, const char *first,
                      const char *next, struct text *out)
{
    const struct collection *collection = plan_collection(plan);
    size_t count = 0;
    if (plan_has_attributes(plan))
        return add_given(plan, item, first, next, out);
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        const struct collection_layer *choices = &collection->layers[layer];
        const struct collection_trait *trait = &choices->traits[item->traits[layer]];
        if (trait->single) /* the last layer, and this item has no other */
            return add_own(trait, first, next, out);
        if (trait->none || choices->groups)
            continue;
        text_add(out, count++ ? next : first);
        collection_add_attribute(choices, trait, out);
    }
    return count;
}
