/* How often each comes stands with the traits of the group layer. */
#include "collection/describe_groups.h"

static void add_layers(const struct collection *collection, const struct collection_stack *stack,
                       void (*add)(struct text *out, const char *name), struct text *out)
{
    for (size_t index = 0; index + 1 < stack->layer_count; index++) { /* the last is the group's */
        text_add(out, index ? ", " : "");
        add(out, collection->layers[stack->layers[index]].name);
    }
}

static void add_plain(struct text *out, const char *name)
{
    text_add_cell(out, name, 0);
}

void describe_groups_text(const struct collection *collection, struct text *out)
{
    if (!collection->stacks)
        return;
    const struct collection_layer *groups = &collection->layers[collection_group_layer(collection)];
    text_add(out, "\nGroups, each with its layers, bottom first, and one-of-one items:\n");
    for (size_t group = 0; group < groups->trait_count; group++) {
        const struct collection_trait *trait = &groups->traits[group];
        const struct collection_stack *stack = &collection->stacks[group];
        text_add(out, "  ");
        text_add_cell(out, trait->name, 0);
        text_add(out, ": ");
        if (!trait->single)
            add_layers(collection, stack, add_plain, out);
        else if (stack->placed)
            text_format(out, "one of one, id %llu", (unsigned long long)stack->id);
        else
            text_add(out, "one of one, its id by chance");
        for (size_t index = 0; index < trait->attribute_count; index++) {
            text_add(out, ", ");
            text_add_cell(out, trait->attributes[index], 0);
        }
        text_add(out, "\n");
    }
}

static void add_group(const struct collection *collection, const struct collection_trait *trait,
                      const struct collection_stack *stack, struct text *out)
{
    text_add(out, "\n    {\"name\": ");
    text_json(out, trait->name);
    if (trait->count_fixed)
        text_format(out, ", \"count\": %llu", (unsigned long long)trait->count);
    else
        text_format(out, ", \"weight\": %llu", (unsigned long long)trait->weight);
    text_add(out, ", \"layers\": [");
    add_layers(collection, stack, text_json, out);
    text_add(out, "]}");
}

static void add_item(const struct collection *collection, const struct collection_trait *trait,
                     const struct collection_stack *stack, struct text *out)
{
    text_add(out, "\n    {\"name\": ");
    text_json(out, trait->name);
    if (stack->placed)
        text_format(out, ", \"id\": %llu", (unsigned long long)stack->id);
    text_add(out, ", \"image\": ");
    text_json(out, collection->pictures[trait->parts[0].picture].path);
    text_add(out, ", \"attributes\": [");
    for (size_t index = 0; index < trait->attribute_count; index++) {
        text_add(out, index ? ", " : "");
        text_add(out, trait->attributes[index]);
    }
    text_add(out, "]}");
}

static void add_list(const struct collection *collection, bool single, struct text *out)
{
    const struct collection_layer *groups = &collection->layers[collection_group_layer(collection)];
    size_t shown = 0;
    text_add(out, single ? "\"items\": [" : "\"groups\": [");
    for (size_t group = 0; group < groups->trait_count; group++) {
        if (groups->traits[group].single != single)
            continue;
        text_add(out, shown++ ? "," : "");
        (single ? add_item : add_group)(collection, &groups->traits[group],
                                        &collection->stacks[group], out);
    }
    text_add(out, shown ? "\n  ],\n  " : "],\n  ");
}

void describe_groups_json(const struct collection *collection, struct text *out)
{
    if (!collection->stacks)
        return;
    add_list(collection, false, out);
    add_list(collection, true, out);
    text_format(out, "\"shuffle\": %s,\n  ", collection->in_group_order ? "false" : "true");
}
