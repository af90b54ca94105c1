/* The listing comes first, so that notices and orders can look at all sub-folders together. */
#include "collection/folder_read.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "os/file.h"

#include <stdlib.h>
#include <string.h>

static enum sgr_status parse_folder_name(struct draft *draft, struct folder_entry *entry,
                                         struct sgr_error *error)
{
    const char *shown = draft_full_path(draft, entry->raw);
    if (!shown)
        return error_no_memory(error, "a path");
    struct trait_name_input input = {entry->raw, shown, false};
    enum sgr_status status = trait_name_parse(&draft->scratch, &input, &entry->as_is, error);
    if (status != SGR_OK)
        return status;
    entry->stripped = entry->as_is;
    size_t prefix = trait_name_prefix(entry->raw, &entry->number);
    entry->numbered = prefix > 0;
    if (prefix) {
        input.text += prefix;
        return trait_name_parse(&draft->scratch, &input, &entry->stripped, error);
    }
    prefix = trait_name_prefix(entry->as_is.name, &entry->number);
    entry->numbered = prefix > 0;
    entry->stripped.name += prefix;
    return SGR_OK;
}

/* Whether a sub-folder holds pictures of one-of-one items and nothing else. */
static enum sgr_status is_for_items(struct draft *draft, const char *name, bool *out_is,
                                    struct sgr_error *error)
{
    struct file_list files = {0};
    size_t found = 0;
    *out_is = false;
    if (draft->item_images.count == 0)
        return SGR_OK;
    const char *full = draft_full_path(draft, name);
    enum sgr_status status =
        full ? file_list_read(&files, full, error) : error_no_memory(error, "a path");
    bool only = status == SGR_OK;
    for (size_t index = 0; only && index < files.count; index++) {
        uint32_t number;
        if (draft_is_hidden(files.entries[index].name))
            continue;
        const char *path = arena_format(&draft->scratch, "%s/%s", name, files.entries[index].name);
        only = path && intern_find(&draft->item_images, path, strlen(path), &number);
        found += only;
    }
    file_list_finish(&files);
    *out_is = only && found > 0;
    return status;
}

/* One name in the root; its fate may depend on whether there are sub-folders. */
static enum sgr_status sort_in(struct draft *draft, const struct file_entry *file,
                               struct folder_listing *listing, bool has_folders,
                               struct sgr_error *error)
{
    if (draft_is_hidden(file->name) || strcmp(file->name, DRAFT_CONFIG_NAME) == 0)
        return SGR_OK;
    enum sgr_status status = draft_check_name(draft->root, file->name, error);
    if (status != SGR_OK)
        return status;
    bool is_for = false;
    if (file->info.kind == FILE_FOLDER)
        status = is_for_items(draft, file->name, &is_for, error);
    if (status != SGR_OK || is_for)
        return status;
    if (file->info.kind == FILE_FOLDER) {
        struct folder_entry *entry = &listing->entries[listing->count++];
        entry->raw = arena_text(&draft->scratch, file->name, strlen(file->name));
        return entry->raw ? parse_folder_name(draft, entry, error)
                          : error_no_memory(error, "the layers");
    }
    uint32_t number;
    if (intern_find(&draft->item_images, file->name, strlen(file->name), &number))
        return SGR_OK;
    bool is_picture = draft_is_picture(file->name);
    listing->picture_count += is_picture;
    if (!has_folders || draft->quiet_root)
        return SGR_OK;
    return draft_notice(draft, error, is_picture ? SGR_LOG_WARNING : SGR_LOG_NOTICE, "stray-file",
                        "%s/%s stands beside the layer folders, so it is left out", draft->root,
                        file->name);
}

static int compare_numbers(const void *left, const void *right)
{
    const struct folder_entry *a = left;
    const struct folder_entry *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return text_compare_natural(a->raw, b->raw);
}

static int compare_names(const void *left, const void *right)
{
    const struct folder_entry *a = left;
    const struct folder_entry *b = right;
    return text_compare_natural(a->raw, b->raw);
}

static void put_in_order(struct folder_listing *listing)
{
    listing->all_numbered = listing->count > 0;
    for (size_t index = 0; index < listing->count; index++)
        listing->all_numbered &= listing->entries[index].numbered;
    if (listing->count > 1)
        qsort(listing->entries, listing->count, sizeof *listing->entries,
              listing->all_numbered ? compare_numbers : compare_names);
}

enum sgr_status folder_read_listing(struct draft *draft, struct folder_listing *out_listing,
                                    struct sgr_error *error)
{
    struct file_list files = {0};
    struct folder_listing listing = {0};
    enum sgr_status status = file_list_read(&files, draft->root, error);
    size_t folders = 0;
    for (size_t index = 0; status == SGR_OK && index < files.count; index++)
        folders += files.entries[index].info.kind == FILE_FOLDER &&
                   !draft_is_hidden(files.entries[index].name);
    listing.entries = arena_allocate(&draft->scratch, folders, sizeof *listing.entries);
    if (status == SGR_OK && !listing.entries)
        status = error_no_memory(error, "the layers");
    for (size_t index = 0; status == SGR_OK && index < files.count; index++)
        status = sort_in(draft, &files.entries[index], &listing, folders > 0, error);
    file_list_finish(&files);
    if (status != SGR_OK)
        return status;
    put_in_order(&listing);
    *out_listing = listing;
    return SGR_OK;
}

const struct trait_name *folder_read_name(const struct folder_listing *listing,
                                          const struct folder_entry *entry)
{
    return listing->all_numbered ? &entry->stripped : &entry->as_is;
}

/* The ways to name a folder, the most exact first. */
static bool is_named(const struct folder_listing *listing, const struct folder_entry *entry,
                     const char *name, int way)
{
    if (way == 0)
        return strcmp(entry->raw, name) == 0;
    if (way == 1)
        return strcmp(folder_read_name(listing, entry)->name, name) == 0;
    return strcmp(entry->stripped.name, name) == 0;
}

const struct folder_entry *folder_read_find(const struct folder_listing *listing, const char *name)
{
    for (int way = 0; way < 3; way++) {
        const struct folder_entry *found = NULL;
        size_t matches = 0;
        for (size_t index = 0; index < listing->count; index++) {
            if (!is_named(listing, &listing->entries[index], name, way))
                continue;
            found = &listing->entries[index];
            matches++;
        }
        if (matches)
            return matches == 1 ? found : NULL;
    }
    return NULL;
}

enum sgr_status folder_read_settings(struct draft *draft, struct draft_layer *layer,
                                     const struct trait_name *name, struct sgr_error *error)
{
    struct draft_settings *settings = &layer->settings;
    if (name->z_set && !settings->z_set) {
        settings->z = name->z;
        settings->z_set = true;
    }
    if (name->mode_set && !settings->mode_set) {
        settings->mode = name->mode;
        settings->mode_set = true;
    }
    if (name->opacity_set && !opacity_multiply(&settings->opacity, opacity_of(name->opacity)))
        return error_set(error, SGR_INPUT, "%s: the opacities have too many decimals together",
                         layer->shown);
    if (!name->weighted)
        return SGR_OK;
    return draft_notice(draft, error, SGR_LOG_WARNING, "layer-weight",
                        "%s: a layer is always drawn, so the weight in its name means nothing; if "
                        "it is a choice, give the folder above as part of ART",
                        layer->shown);
}

static enum sgr_status add_layer(struct draft *draft, const char *name, const char *folder,
                                 struct sgr_error *error)
{
    if (draft->layer_count >= COLLECTION_LAYERS_MAX)
        return error_set(error, SGR_INPUT, "%s: there are more than %d layer folders", draft->root,
                         COLLECTION_LAYERS_MAX);
    struct draft_layer *layer = &draft->layers[draft->layer_count++];
    *layer = (struct draft_layer){.name = name,
                                  .folder = folder,
                                  .trait_type = name,
                                  .shown = draft_full_path(draft, folder ? folder : ""),
                                  .distinct = true,
                                  .settings = DRAFT_SETTINGS_NONE};
    return layer->shown ? SGR_OK : error_no_memory(error, "a layer");
}

/* Pictures without layer folders are one layer, called like the art folder. */
static enum sgr_status add_loose_layer(struct draft *draft, const struct folder_listing *listing,
                                       struct sgr_error *error)
{
    if (listing->picture_count == 0)
        return error_set(error, SGR_INPUT,
                         "%s: no pictures here; ART is the folder that holds the layer folders "
                         "with PNG files",
                         draft->root);
    const char *name;
    enum sgr_status status = draft_root_name(draft, &name, error);
    return status == SGR_OK ? add_layer(draft, name, NULL, error) : status;
}

static enum sgr_status notice_order(struct draft *draft, struct sgr_error *error)
{
    struct text order = {0};
    for (size_t index = 0; index < draft->layer_count; index++)
        text_format(&order, "%s%s", index ? ", " : "", draft->layers[index].name);
    enum sgr_status status =
        order.failed ? error_no_memory(error, "the layers")
                     : draft_notice(draft, error, SGR_LOG_WARNING, "layer-order",
                                    "the layer folders have no numbers, so they are drawn in the "
                                    "order of their names, bottom first: %s (--layers sets "
                                    "another)",
                                    order.bytes);
    text_finish(&order);
    return status;
}

enum sgr_status folder_read_layers(struct draft *draft, struct folder_listing *listing,
                                   struct sgr_error *error)
{
    draft->layers = arena_allocate(&draft->scratch, listing->count + 1, sizeof *draft->layers);
    if (!draft->layers)
        return error_no_memory(error, "the layers");
    if (listing->count == 0)
        return add_loose_layer(draft, listing, error);
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < listing->count; index++) {
        const struct folder_entry *entry = &listing->entries[index];
        const struct trait_name *name = folder_read_name(listing, entry);
        status = add_layer(draft, name->name, entry->raw, error);
        if (status == SGR_OK)
            status = folder_read_settings(draft, &draft->layers[index], name, error);
    }
    bool told = listing->all_numbered || listing->count == 1 || draft->options->layers;
    return status != SGR_OK || told ? status : notice_order(draft, error);
}
