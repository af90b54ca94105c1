/* Ids count on behind the highest, which is the last. */
#include "plan/plan_extension.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* Tables being filled. */
struct filler {
    struct plan_extension *extension;
    const struct collection *collection;
    const uint16_t *rows;
    uint64_t count;
    uint32_t
        *known; /* [trait of all layers]: 1 + the attribute that follows from it; 0: none yet */
    size_t ids_capacity;
    size_t texts_capacity;
    uint64_t used; /* attribute_ids */
};

void plan_extension_finish(struct plan_extension *extension)
{
    plan_mapping_finish(&extension->mapping);
    memory_free(extension->ids);
    memory_free(extension->attribute_starts);
    memory_free(extension->attribute_ids);
    memory_free(extension->attributes);
    arena_finish(&extension->texts);
    *extension = (struct plan_extension){0};
}

/* Keeps ids where they do not count up from the first by themselves. */
static enum sgr_status fill_ids(struct filler *filler, struct sgr_error *error)
{
    struct plan_extension *extension = filler->extension;
    struct plan *old = extension->old;
    uint64_t old_count = plan_count(old);
    struct plan_item first;
    struct plan_item last;
    enum sgr_status status = plan_read(old, 0, &first, error);
    if (status == SGR_OK)
        status = plan_read(old, old_count - 1, &last, error);
    if (status != SGR_OK)
        return status;
    uint64_t added = filler->count - old_count;
    if (last.id >= INT64_MAX - added)
        return error_set(error, SGR_INPUT, "%s: ids up to %llu leave no room for %llu more",
                         plan_name(old), (unsigned long long)last.id, (unsigned long long)added);
    /* Ids ascend, so the ends tell. */
    if (last.id - first.id == old_count - 1)
        return SGR_OK;
    extension->ids = memory_allocate((size_t)filler->count + 1, sizeof *extension->ids);
    if (!extension->ids)
        return error_no_memory(error, "the plan");
    for (uint64_t item = 0; item < old_count && status == SGR_OK; item++) {
        struct plan_item was;
        status = plan_read(old, item, &was, error);
        extension->ids[item] = status == SGR_OK ? was.id : 0;
    }
    for (uint64_t item = old_count; item < filler->count; item++)
        extension->ids[item] = last.id + 1 + (item - old_count);
    return status;
}

static bool add_id(struct filler *filler, uint32_t attribute)
{
    uint32_t *grown = memory_grow(filler->extension->attribute_ids, &filler->ids_capacity,
                                  (size_t)filler->used + 1, sizeof *grown);
    if (!grown)
        return false;
    filler->extension->attribute_ids = grown;
    grown[filler->used++] = attribute;
    return true;
}

/* Adds a text to the list of attributes. */
static bool add_text(struct filler *filler, const char *text)
{
    struct plan_extension *extension = filler->extension;
    const char **grown = memory_grow(extension->attributes, &filler->texts_capacity,
                                     extension->attribute_count + 1, sizeof *grown);
    if (!grown || !text)
        return false;
    extension->attributes = grown;
    grown[extension->attribute_count++] = text;
    return true;
}

/* Adds the attribute of a trait to an item; makes it the first time. */
static bool add_trait(struct filler *filler, size_t layer, uint16_t trait, uint32_t *known)
{
    const struct collection_layer *choices = &filler->collection->layers[layer];
    const struct collection_trait *choice = &choices->traits[trait];
    for (size_t index = 0; choice->single && index < choice->attribute_count; index++) {
        if (!add_text(filler, choice->attributes[index]) ||
            !add_id(filler, (uint32_t)(filler->extension->attribute_count - 1)))
            return false;
    }
    if (choice->none || choices->groups)
        return true;
    if (*known == 0) {
        struct text text = {0};
        collection_add_attribute(choices, choice, &text);
        bool added = !text.failed && add_text(filler, arena_text(&filler->extension->texts,
                                                                 text.bytes, text.length));
        text_finish(&text);
        if (!added)
            return false;
        *known = (uint32_t)filler->extension->attribute_count;
    }
    return add_id(filler, *known - 1);
}

static enum sgr_status fill_old_attributes(struct filler *filler, struct sgr_error *error)
{
    struct plan_extension *extension = filler->extension;
    for (size_t index = 0; index < plan_attribute_count(extension->old); index++) {
        if (!add_text(filler, plan_attribute(extension->old, (uint32_t)index)))
            return error_no_memory(error, "the plan");
    }
    for (uint64_t item = 0; item < plan_count(extension->old); item++) {
        struct plan_item was;
        enum sgr_status status = plan_read(extension->old, item, &was, error);
        if (status != SGR_OK)
            return status;
        extension->attribute_starts[item] = filler->used;
        for (size_t index = 0; index < was.attribute_count; index++) {
            if (!add_id(filler, was.attributes[index]))
                return error_no_memory(error, "the plan");
        }
    }
    return SGR_OK;
}

/* Gives new items the attributes that follow from their traits. */
static enum sgr_status fill_new_attributes(struct filler *filler, struct sgr_error *error)
{
    struct plan_extension *extension = filler->extension;
    size_t layers = filler->collection->layer_count;
    for (uint64_t item = plan_count(extension->old); item < filler->count; item++) {
        uint32_t *known = filler->known;
        extension->attribute_starts[item] = filler->used;
        for (size_t layer = 0; layer < layers; layer++) {
            uint16_t trait = filler->rows[item * layers + layer];
            if (!add_trait(filler, layer, trait, known + trait))
                return error_no_memory(error, "the plan");
            known += filler->collection->layers[layer].trait_count;
        }
    }
    extension->attribute_starts[filler->count] = filler->used;
    return SGR_OK;
}

static enum sgr_status fill_attributes(struct filler *filler, struct sgr_error *error)
{
    struct plan_extension *extension = filler->extension;
    size_t traits = 0;
    for (size_t layer = 0; layer < filler->collection->layer_count; layer++)
        traits += filler->collection->layers[layer].trait_count;
    filler->known = memory_allocate_zeroed(traits + 1, sizeof *filler->known);
    extension->attribute_starts =
        memory_allocate((size_t)filler->count + 1, sizeof *extension->attribute_starts);
    enum sgr_status status = SGR_OK;
    if (!filler->known || !extension->attribute_starts)
        status = error_no_memory(error, "the plan");
    if (status == SGR_OK)
        status = fill_old_attributes(filler, error);
    if (status == SGR_OK)
        status = fill_new_attributes(filler, error);
    memory_free(filler->known);
    return status;
}

enum sgr_status plan_extension_fill(struct plan_extension *extension,
                                    const struct collection *collection, const uint16_t *rows,
                                    uint64_t count, struct sgr_error *error)
{
    struct filler filler = {
        .extension = extension, .collection = collection, .rows = rows, .count = count};
    enum sgr_status status = fill_ids(&filler, error);
    if (status == SGR_OK && plan_has_attributes(extension->old))
        status = fill_attributes(&filler, error);
    return status;
}
