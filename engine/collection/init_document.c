/*
 * Only what is not said elsewhere is written: the file is for hands, and a weight that stands in a
 * file's name would have to be changed in two places.
 */
#include "collection/init_document.h"

#include "base/error.h"
#include "collection/draft.h"
#include "collection/import_document.h"

#include <string.h>

/* The layers of a folder, by names and folders. */
static void add_layers(struct import_document *document, const struct collection *collection)
{
    json_t *layers = import_document_member(document, "layers", true);
    for (size_t index = 0; index < collection->layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[index];
        json_t *out = import_document_object(document, layers, NULL);
        import_document_text(document, out, "name", layer->name);
        if (strcmp(layer->folder, layer->name) != 0)
            import_document_text(document, out, "folder", layer->folder);
    }
}

static void add_canvas(struct import_document *document, const struct collection *collection)
{
    if (json_object_get(document->root, "canvas"))
        return;
    json_t *canvas = import_document_object(document, document->root, "canvas");
    import_document_whole(document, canvas, "width", collection->width);
    import_document_whole(document, canvas, "height", collection->height);
}

static const struct collection_layer *find_layer(const struct collection *collection,
                                                 const char *name, size_t length)
{
    for (size_t index = 0; index < collection->layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[index];
        if (strlen(layer->name) == length && memcmp(layer->name, name, length) == 0)
            return layer;
    }
    return NULL;
}

/* Keeps the layers that the collection has, in its order, and what "traits" says of them. */
static void select_layers(struct import_document *document, const struct collection *collection)
{
    const json_t *old = json_object_get(document->root, "layers");
    json_t *layers = json_array();
    void *next;
    document->failed |= !layers;
    for (size_t index = 0; index < collection->layer_count; index++) {
        for (size_t at = 0; at < json_array_size(old); at++) {
            json_t *layer = json_array_get(old, at);
            const char *name = json_string_value(json_object_get(layer, "name"));
            if (strcmp(name, collection->layers[index].name) == 0)
                document->failed |= json_array_append(layers, layer) != 0;
        }
    }
    document->failed |= json_object_set_new(document->root, "layers", layers) != 0;
    json_t *traits = json_object_get(document->root, "traits");
    for (void *at = json_object_iter(traits); at; at = next) {
        const char *key = json_object_iter_key(at);
        next = json_object_iter_next(traits, at);
        if (!find_layer(collection, key, strcspn(key, "/")))
            document->failed |= json_object_del(traits, key) != 0;
    }
}

/* The keys as people look for them. */
static void put_in_order(struct import_document *document)
{
    static const char *const keys[] = {"name",   "description", "grammar", "count",  "start",
                                       "seed",   "canvas",      "layers",  "traits", "rules",
                                       "groups", "shuffle",     "items"};
    json_t *ordered = json_object();
    document->failed |= !ordered;
    for (size_t index = 0; index < sizeof keys / sizeof *keys; index++) {
        json_t *value = json_object_get(document->root, keys[index]);
        bool is_empty = json_is_object(value) && json_object_size(value) == 0;
        if (value && !is_empty)
            document->failed |= json_object_set(ordered, keys[index], value) != 0;
    }
    json_decref(document->root);
    document->root = ordered;
}

static enum sgr_status check(const struct collection *collection, struct sgr_error *error)
{
    if (collection->has_config && !collection->imported)
        return error_set(error, SGR_USAGE,
                         "%s: there is a " DRAFT_CONFIG_NAME " already; edit it, or move it away "
                         "to begin with the names of files again",
                         collection->root);
    if (strcmp(collection->grammar, "recipes") == 0)
        return error_set(error, SGR_USAGE,
                         "%s: recipes name every picture, so there is nothing to write down",
                         collection->root);
    return SGR_OK;
}

enum sgr_status init_document_write(const struct collection *collection, struct text *out_text,
                                    struct sgr_error *error)
{
    struct import_document document;
    enum sgr_status status = check(collection, error);
    if (status != SGR_OK)
        return status;
    import_document_init(&document);
    if (collection->imported) {
        json_decref(document.root);
        document.root = json_loads(collection->imported, 0, NULL);
        document.failed |= !document.root;
        select_layers(&document, collection);
    } else {
        /* Loose pictures have no folder to name, and are found without one. */
        if (collection->layers[0].folder)
            add_layers(&document, collection);
    }
    import_document_text(&document, document.root, "name", collection->name);
    import_document_text(&document, document.root, "grammar", collection->grammar);
    add_canvas(&document, collection);
    put_in_order(&document);
    status = import_document_write(&document, out_text, error);
    import_document_finish(&document);
    return status;
}
