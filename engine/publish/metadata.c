/* The objects are written by hand, key by key in a fixed order, so that their bytes never vary. */
#include "publish/metadata.h"

static void add_attribute(const char *type, const char *value, bool first, struct text *out)
{
    text_add(out, first ? "\n    {\"trait_type\": " : ",\n    {\"trait_type\": ");
    text_json(out, type);
    text_add(out, ", \"value\": ");
    text_json(out, value);
    text_add(out, "}");
}

/* Attributes that follow from the traits, in layer order; absent traits are not mentioned. */
static bool add_traits(const struct plan *plan, const struct plan_item *item, struct text *out)
{
    const struct collection *collection = plan_collection(plan);
    bool first = true;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        const struct collection_layer *choices = &collection->layers[layer];
        const struct collection_trait *trait = &choices->traits[item->traits[layer]];
        if (trait->none)
            continue;
        add_attribute(choices->trait_type, trait->value, first, out);
        first = false;
    }
    return !first;
}

void metadata_add_item(const struct metadata_options *options, const struct plan_item *item,
                       struct text *out)
{
    const struct collection *collection = plan_collection(options->plan);
    struct text line = {0};
    text_format(&line, "%s #%llu", collection->name, (unsigned long long)item->id);
    text_add(out, "{\n  \"name\": ");
    text_json(out, line.bytes ? line.bytes : "");
    text_add(out, ",\n  \"description\": ");
    text_json(out, collection->description);
    text_clear(&line);
    text_format(&line, "%s%llu.png", options->image_prefix, (unsigned long long)item->id);
    text_add(out, ",\n  \"image\": ");
    text_json(out, line.bytes ? line.bytes : "");
    out->failed |= line.failed;
    text_finish(&line);
    text_format(out, ",\n  \"edition\": %llu,\n  \"attributes\": [", (unsigned long long)item->id);
    bool any = item->attribute_count > 0;
    if (plan_has_attributes(options->plan)) {
        for (size_t index = 0; index < item->attribute_count; index++) {
            text_add(out, index ? ",\n    " : "\n    ");
            text_add(out, plan_attribute(options->plan, item->attributes[index]));
        }
    } else {
        any = add_traits(options->plan, item, out);
    }
    text_add(out, any ? "\n  ]\n}" : "]\n}");
}
