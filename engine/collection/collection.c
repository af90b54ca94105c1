/* The front door: finds out what the art is and lets the readers work in their order. */
#include "collection/collection.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/config_groups.h"
#include "collection/config_pictures.h"
#include "collection/config_read.h"
#include "collection/config_traits.h"
#include "collection/draft.h"
#include "collection/folder_read.h"
#include "collection/group_rules.h"
#include "collection/import.h"
#include "collection/layer_options.h"
#include "collection/layer_select.h"
#include "collection/rules_read.h"

#include <string.h>

static const char *grammar_name(const struct collection_options *options, const char *config)
{
    if (options->grammar == SGR_GRAMMAR_HASHLIPS)
        return "hashlips";
    if (options->grammar == SGR_GRAMMAR_NFTCHEF)
        return "nftchef";
    if (options->grammar == SGR_GRAMMAR_LAB)
        return "lab";
    return config ? "collection.json" : "folders";
}

/* Two layers of one name could not be told apart in rules, options and metadata. */
static enum sgr_status check_layer_names(const struct draft *draft, struct sgr_error *error)
{
    struct intern names = {0};
    struct arena arena = {0};
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < draft->layer_count; index++) {
        const struct draft_layer *layer = &draft->layers[index];
        uint32_t first;
        if (!intern_add(&names, &arena, layer->name, strlen(layer->name), &first))
            status = error_no_memory(error, "the layers");
        else if (first != index)
            status =
                error_set(error, SGR_INPUT, "%s and %s: both would be the layer %s; rename one",
                          draft->layers[first].shown, layer->shown, layer->name);
    }
    intern_finish(&names);
    arena_finish(&arena);
    return status;
}

static enum sgr_status read_traits(struct draft *draft, const struct config *config,
                                   struct draft_layer *layer, struct sgr_error *error)
{
    return layer->pictures ? config_pictures_read(config, draft, layer, error)
                           : layer_options_read(draft, layer, error);
}

static enum sgr_status read_layers(struct draft *draft, const struct config *config,
                                   struct sgr_error *error)
{
    struct folder_listing listing;
    enum sgr_status status = folder_read_listing(draft, &listing, error);
    if (status != SGR_OK)
        return status;
    status = config_read_has_layers(config) ? config_read_layers(config, draft, &listing, error)
                                            : folder_read_layers(draft, &listing, error);
    if (status == SGR_OK)
        status = layer_select(draft, error);
    if (status == SGR_OK)
        status = check_layer_names(draft, error);
    for (size_t index = 0; status == SGR_OK && index < draft->layer_count; index++)
        status = read_traits(draft, config, &draft->layers[index], error);
    return status;
}

/* Opens collection.json, or what an importer makes of another program's settings. */
static enum sgr_status open_config(struct draft *draft, struct config *config, const char **path,
                                   struct sgr_error *error)
{
    struct text made = {0};
    enum import_kind kind;
    enum sgr_status status = import_find(draft, path, &kind, error);
    if (status != SGR_OK)
        return status;
    draft->collection->grammar = grammar_name(draft->options, *path);
    if (!*path)
        return SGR_OK;
    draft->collection->has_config = true;
    if (kind == IMPORT_NONE)
        return config_read_open(config, draft, *path, error);
    status = import_read(draft, kind, *path, &made, error);
    if (status == SGR_OK) {
        draft->collection->imported =
            arena_text(&draft->collection->arena, made.bytes, made.length);
        if (!draft->collection->imported)
            status = error_no_memory(error, "a collection");
    }
    if (status == SGR_OK)
        return config_read_made(config, draft, *path, &made, error);
    text_finish(&made);
    return status;
}

/* What is read first decides how the rest is understood: the file, the folders, then traits. */
static enum sgr_status read_art(struct draft *draft, struct config *config, struct sgr_error *error)
{
    const char *path;
    enum sgr_status status = draft_locate(draft, &path, error);
    if (status != SGR_OK)
        return status;
    status = open_config(draft, config, &path, error);
    if (status == SGR_OK && path)
        status = config_groups_note_images(config, draft, error);
    if (status == SGR_OK)
        status = read_layers(draft, config, error);
    if (status == SGR_OK && path)
        status = config_traits_apply(config, draft, error);
    struct config_groups groups = {.group_count = 0};
    if (status == SGR_OK && path)
        status = config_groups_read(config, draft, &groups, error);
    if (status == SGR_OK)
        status = draft_layers_settle(draft, error);
    if (status == SGR_OK)
        config_groups_settle(&groups, draft);
    if (status == SGR_OK)
        status = draft_canvas_settle(draft, error);
    if (status == SGR_OK && path)
        status = rules_read(config, draft, error);
    if (status == SGR_OK)
        status = group_rules_add(draft->collection, error);
    return status;
}

enum sgr_status collection_read(const struct collection_options *options,
                                struct collection **out_collection, struct sgr_error *error)
{
    struct draft draft;
    struct config config = {0};
    enum sgr_status status = draft_init(&draft, options, error);
    if (status == SGR_OK)
        status = read_art(&draft, &config, error);
    if (status == SGR_OK)
        status = draft_take(&draft, out_collection, error);
    config_read_close(&config);
    draft_finish(&draft);
    return status;
}

void collection_destroy(struct collection **collection)
{
    if (!*collection)
        return;
    arena_finish(&(*collection)->arena);
    memory_free(*collection);
    *collection = NULL;
}

void collection_add_attribute(const struct collection_layer *layer,
                              const struct collection_trait *trait, struct text *out)
{
    text_add(out, "{\"trait_type\":");
    text_json(out, layer->trait_type);
    text_add(out, ",\"value\":");
    text_json(out, trait->value);
    text_add(out, "}");
}
