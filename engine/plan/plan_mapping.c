/* Names are looked for behind the one found last, as new ones mostly stand between old ones. */
#include "plan/plan_mapping.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

void plan_mapping_finish(struct plan_mapping *mapping)
{
    memory_free(mapping->layers);
    memory_free(mapping->traits);
    memory_free(mapping->absent);
    *mapping = (struct plan_mapping){0};
}

static uint32_t find_layer(const struct collection *collection, const char *name)
{
    for (uint32_t layer = 0; layer < collection->layer_count; layer++) {
        if (strcmp(collection->layers[layer].name, name) == 0)
            return layer;
    }
    return PLAN_MAPPING_NONE;
}

static uint32_t find_absent(const struct collection_layer *layer)
{
    for (uint32_t trait = 0; trait < layer->trait_count; trait++) {
        if (layer->traits[trait].none)
            return trait;
    }
    return PLAN_MAPPING_NONE;
}

static uint32_t find_trait(const struct collection_layer *layer, const char *name, uint32_t from)
{
    for (size_t step = 0; step < layer->trait_count; step++) {
        uint32_t trait = (uint32_t)((from + step) % layer->trait_count);
        if (!layer->traits[trait].none && strcmp(layer->traits[trait].name, name) == 0)
            return trait;
    }
    return PLAN_MAPPING_NONE;
}

/* Whether two traits' pictures are put on the canvas in the same way. */
static bool drawn_alike(const struct collection_trait *left, const struct collection_trait *right)
{
    bool alike = left->part_count == right->part_count;
    for (size_t index = 0; alike && index < left->part_count; index++) {
        const struct collection_part *a = &left->parts[index];
        const struct collection_part *b = &right->parts[index];
        alike = a->z == b->z && a->mode == b->mode && a->opacity == b->opacity &&
                a->placed == b->placed && (!a->placed || (a->x == b->x && a->y == b->y));
    }
    return alike;
}

/* Whether metadata says the same of two traits. */
static bool told_alike(const struct collection_trait *left, const struct collection_trait *right)
{
    bool alike =
        strcmp(left->value, right->value) == 0 && left->attribute_count == right->attribute_count;
    for (size_t index = 0; alike && index < left->attribute_count; index++)
        alike = strcmp(left->attributes[index], right->attributes[index]) == 0;
    return alike;
}

/* Finds the traits of one layer of the old plan that items have. */
static enum sgr_status map_traits(struct plan_mapping *mapping, const struct plan *old,
                                  const struct collection *collection, uint32_t layer,
                                  struct sgr_error *error)
{
    const struct collection_layer *was = &plan_collection(old)->layers[layer];
    uint32_t *traits = mapping->traits + plan_trait_base(old, layer);
    uint32_t place = mapping->layers[layer];
    uint32_t from = 0;
    for (uint32_t trait = 0; trait < was->trait_count; trait++) {
        const struct collection_trait *choice = &was->traits[trait];
        unsigned long long items = plan_planned(old, layer, trait);
        traits[trait] = PLAN_MAPPING_NONE;
        if (items == 0)
            continue;
        if (place == PLAN_MAPPING_NONE && !choice->none)
            return error_set(error, SGR_INPUT,
                             "layer %s: not in the art any more, but %llu items of %s have %s/%s; "
                             "put it back, or plan anew without --extend",
                             was->name, items, plan_name(old), was->name, choice->name);
        if (place == PLAN_MAPPING_NONE) {
            traits[trait] = 0; /* nothing is drawn, with or without the layer */
            continue;
        }
        const struct collection_layer *now = &collection->layers[place];
        traits[trait] = choice->none ? find_absent(now) : find_trait(now, choice->name, from);
        if (traits[trait] == PLAN_MAPPING_NONE && choice->none)
            return error_set(
                error, SGR_INPUT,
                "layer %s: %llu items of %s have nothing in it, but it is not optional "
                "any more; make it \"optional\", or plan anew without --extend",
                was->name, items, plan_name(old));
        if (traits[trait] == PLAN_MAPPING_NONE)
            return error_set(error, SGR_INPUT,
                             "%s/%s: not in the art any more, but %llu items of %s have it; put it "
                             "back, or plan anew without --extend",
                             was->name, choice->name, items, plan_name(old));
        if (!drawn_alike(choice, &now->traits[traits[trait]]))
            return error_set(error, SGR_INPUT,
                             "%s/%s: its parts, z, place, blend mode or opacity are not those that "
                             "%s has; put them back, or plan anew without --extend",
                             was->name, choice->name, plan_name(old));
        if (!choice->none && (strcmp(was->trait_type, now->trait_type) != 0 ||
                              !told_alike(choice, &now->traits[traits[trait]])))
            mapping->retold = now->name;
        from = traits[trait] + 1;
    }
    return SGR_OK;
}

/* Sets what old items take in each of today's layers unless they have something there. */
static enum sgr_status set_absent(struct plan_mapping *mapping, const struct plan *old,
                                  const struct collection *collection, struct sgr_error *error)
{
    const struct collection *before = plan_collection(old);
    for (uint32_t layer = 0; layer < collection->layer_count; layer++) {
        uint32_t absent = find_absent(&collection->layers[layer]);
        bool known = false;
        for (size_t index = 0; index < before->layer_count && !known; index++)
            known = mapping->layers[index] == layer;
        if (absent == PLAN_MAPPING_NONE && !known && collection->layers[layer].groups)
            return error_set(
                error, SGR_INPUT,
                "the art has \"groups\" or \"items\", and the items of %s are in none; "
                "take them out, or plan anew without --extend",
                plan_name(old));
        if (absent == PLAN_MAPPING_NONE && !known)
            return error_set(error, SGR_INPUT,
                             "layer %s: new, and the items of %s have nothing in it; make it "
                             "\"optional\", or plan anew without --extend",
                             collection->layers[layer].name, plan_name(old));
        mapping->absent[layer] = absent == PLAN_MAPPING_NONE ? 0 : (uint16_t)absent;
    }
    return SGR_OK;
}

enum sgr_status plan_mapping_make(struct plan_mapping *mapping, const struct plan *old,
                                  const struct collection *collection, struct sgr_error *error)
{
    const struct collection *before = plan_collection(old);
    size_t traits = plan_trait_base(old, before->layer_count);
    mapping->layers = memory_allocate(before->layer_count + 1, sizeof *mapping->layers);
    mapping->traits = memory_allocate(traits + 1, sizeof *mapping->traits);
    mapping->absent = memory_allocate(collection->layer_count + 1, sizeof *mapping->absent);
    if (!mapping->layers || !mapping->traits || !mapping->absent)
        return error_no_memory(error, "the plan");
    enum sgr_status status = SGR_OK;
    uint32_t above = 0;
    for (uint32_t layer = 0; layer < before->layer_count && status == SGR_OK; layer++) {
        mapping->layers[layer] = find_layer(collection, before->layers[layer].name);
        status = map_traits(mapping, old, collection, layer, error);
        if (mapping->layers[layer] == PLAN_MAPPING_NONE)
            continue;
        /* Metadata lists layers in their order. */
        if (mapping->layers[layer] < above)
            mapping->retold = before->layers[layer].name;
        above = mapping->layers[layer];
    }
    return status == SGR_OK ? set_absent(mapping, old, collection, error) : status;
}

enum sgr_status plan_mapping_row(const struct plan_mapping *mapping, const struct plan *old,
                                 const struct collection *collection, const uint16_t *traits,
                                 uint16_t *out_row, struct sgr_error *error)
{
    memcpy(out_row, mapping->absent, collection->layer_count * sizeof *out_row);
    for (size_t layer = 0; layer < plan_collection(old)->layer_count; layer++) {
        uint32_t trait = mapping->traits[plan_trait_base(old, layer) + traits[layer]];
        if (trait == PLAN_MAPPING_NONE)
            return error_set(error, SGR_INPUT, "%s: the plan's counts are damaged; make it again",
                             plan_name(old));
        if (mapping->layers[layer] != PLAN_MAPPING_NONE)
            out_row[mapping->layers[layer]] = (uint16_t)trait;
    }
    return SGR_OK;
}
