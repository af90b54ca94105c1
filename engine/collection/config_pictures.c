/* A trait is a path, or a list of parts from the bottom up; the absent trait is an empty list. */
#include "collection/config_pictures.h"

#include "collection/layer_traits.h"
#include "collection/weights.h"

#include <string.h>

static const struct json_schema_key part_keys[] = {
    {"file", SCHEMA_TEXT, 1, 0},
    {"z", SCHEMA_WHOLE, -TRAIT_NAME_Z_MAX, TRAIT_NAME_Z_MAX},
    {"opacity", SCHEMA_DECIMAL, 0, OPACITY_SCALE},
    {"blend", SCHEMA_BLEND, 0, 0},
    {"at", SCHEMA_PLACE, 0, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

/* The trait that is being read. */
struct pictures_trait {
    const struct json_source *source;
    const char *where;
    struct draft *draft;
    const struct draft_layer *layer;
    struct sgr_error *error;
};

static enum sgr_status refuse(const struct pictures_trait *at, const char *text)
{
    return json_schema_error(at->source, at->where, NULL, text, at->error);
}

static enum sgr_status read_settings(const struct pictures_trait *at, json_t *object,
                                     struct draft_settings *settings)
{
    int64_t z;
    uint64_t opacity;
    enum sgr_status status = json_schema_check(at->source, at->where, object, part_keys, at->error);
    if (status != SGR_OK)
        return status;
    settings->mode_set |= json_schema_blend(object, "blend", &settings->mode);
    settings->placed |= json_schema_place(object, "at", &settings->x, &settings->y);
    if (json_schema_whole(object, "z", &z)) {
        settings->z = (int32_t)z;
        settings->z_set = true;
    }
    if (json_schema_decimal(object, "opacity", &opacity) &&
        !opacity_multiply(&settings->opacity, opacity_of(opacity)))
        return refuse(at, "the opacities of the layer and the picture have too many decimals "
                          "together; shorten them");
    return SGR_OK;
}

/* Reads a path, or an object with a path and settings that count over the layer's. */
static enum sgr_status read_part(const struct pictures_trait *at, json_t *value,
                                 struct draft_part *out_part)
{
    enum sgr_status status = SGR_OK;
    *out_part =
        (struct draft_part){.path = json_string_value(value), .settings = at->layer->settings};
    if (!json_is_string(value)) {
        status = read_settings(at, value, &out_part->settings);
        out_part->path = json_schema_text(value, "file");
    }
    if (status != SGR_OK)
        return status;
    if (!out_part->path || !draft_is_plain_path(out_part->path))
        return refuse(at, "a picture is a path below the art folder, with '/' between names and "
                          "without \"..\", or {\"file\": path, ...}");
    return SGR_OK;
}

static enum sgr_status read_trait(const struct pictures_trait *at, const char *name, json_t *value,
                                  struct draft_trait *trait)
{
    bool is_list = json_is_array(value);
    size_t count = is_list ? json_array_size(value) : 1;
    *trait = (struct draft_trait){.name = name,
                                  .value = name,
                                  .path = name,
                                  .weight = 1,
                                  .opacity = OPACITY_FULL,
                                  .none = count == 0,
                                  .part_count = count};
    if (!*name)
        return refuse(at, "a trait needs a name");
    if (count == 0 && strcmp(name, DRAFT_NONE) != 0)
        return refuse(at, "only the trait None has no pictures");
    if (count > COLLECTION_PARTS_MAX)
        return refuse(at, "a trait has at most 64 pictures");
    trait->parts = arena_allocate(&at->draft->scratch, count, sizeof *trait->parts);
    if (!trait->parts)
        return error_no_memory(at->error, "a layer's traits");
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < count; index++)
        status =
            read_part(at, is_list ? json_array_get(value, index) : value, &trait->parts[index]);
    return status;
}

enum sgr_status config_pictures_read(const struct config *config, struct draft *draft,
                                     struct draft_layer *layer, struct sgr_error *error)
{
    json_t *pictures = layer->pictures;
    size_t count = json_object_size(pictures);
    struct pictures_trait at = {&config->source, NULL, draft, layer, error};
    at.where = arena_format(&draft->scratch, "layer %s: pictures", layer->name);
    if (!at.where)
        return error_no_memory(error, "a layer's traits");
    if (count == 0 || count > COLLECTION_TRAITS_MAX)
        return refuse(&at, "this has to be 1 to 65535 traits with their pictures");
    /* One more than there are: "traits" may add the absent one. */
    layer->traits = arena_allocate(&draft->scratch, count + 1, sizeof *layer->traits);
    if (!layer->traits)
        return error_no_memory(error, "a layer's traits");
    enum sgr_status status = SGR_OK;
    for (void *member = json_object_iter(pictures); member && status == SGR_OK;
         member = json_object_iter_next(pictures, member)) {
        const char *name = json_object_iter_key(member);
        at.where = arena_format(&draft->scratch, "layer %s: pictures[\"%s\"]", layer->name, name);
        if (!at.where)
            return error_no_memory(error, "a layer's traits");
        status = read_trait(&at, name, json_object_iter_value(member),
                            &layer->traits[layer->trait_count++]);
    }
    layer->weight_total = layer->trait_count * WEIGHTS_SCALE;
    if (status == SGR_OK)
        layer_traits_sort(layer);
    return status;
}
