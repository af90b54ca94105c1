/* The list is taken apart name by name; layers move over as they are. */
#include "collection/layer_select.h"

#include "base/error.h"
#include "collection/suggest.h"
#include "collection/trait_name.h"

#include <string.h>

/* The ways to name a layer, the most exact first. */
static bool is_named(const struct draft_layer *layer, const char *name, int way)
{
    const char *folder = layer->folder ? layer->folder : layer->name;
    uint64_t number;
    if (way == 0)
        return strcmp(folder, name) == 0;
    if (way == 1)
        return strcmp(layer->name, name) == 0;
    return strcmp(folder + trait_name_prefix(folder, &number), name) == 0;
}

static enum sgr_status refuse_unknown(struct draft *draft, const char *name,
                                      struct sgr_error *error)
{
    const char **words = arena_allocate(&draft->scratch, 2 * draft->layer_count + 1, sizeof *words);
    if (!words)
        return error_no_memory(error, "the layers");
    size_t count = draft->layer_count;
    for (size_t index = 0; index < draft->layer_count; index++) {
        const struct draft_layer *layer = &draft->layers[index];
        words[index] = layer->name;
        if (layer->folder && strcmp(layer->folder, layer->name) != 0)
            words[count++] = layer->folder;
    }
    return suggest_error(error, SGR_USAGE, "--layers: the layer", name, words);
}

static enum sgr_status find_layer(struct draft *draft, const char *name, size_t *out_index,
                                  struct sgr_error *error)
{
    for (int way = 0; way < 3; way++) {
        size_t matches = 0;
        size_t found = 0;
        for (size_t index = 0; index < draft->layer_count; index++) {
            if (!is_named(&draft->layers[index], name, way))
                continue;
            found = index;
            matches++;
        }
        if (matches > 1)
            return error_set(error, SGR_USAGE,
                             "--layers: \"%s\" could be %zu layers; write the whole folder name",
                             name, matches);
        if (matches == 1) {
            *out_index = found;
            return SGR_OK;
        }
    }
    return refuse_unknown(draft, name, error);
}

/* The next name of the list without blanks around it; moves *at behind it. */
static const char *next_name(struct draft *draft, const char **at)
{
    const char *start = *at + strspn(*at, " ");
    const char *end = start + strcspn(start, ",");
    *at = *end ? end + 1 : end;
    while (end > start && end[-1] == ' ')
        end--;
    return arena_text(&draft->scratch, start, (size_t)(end - start));
}

static enum sgr_status add_listed(struct draft *draft, const char *name, bool *taken,
                                  struct draft_layer *out_layer, struct sgr_error *error)
{
    size_t index = 0;
    if (!name)
        return error_no_memory(error, "the layers");
    if (!*name)
        return error_set(error, SGR_USAGE,
                         "--layers: a name is empty; write names with commas between them, bottom "
                         "first");
    enum sgr_status status = find_layer(draft, name, &index, error);
    if (status != SGR_OK)
        return status;
    if (taken[index])
        return error_set(error, SGR_USAGE, "--layers: \"%s\" is listed twice", name);
    taken[index] = true;
    *out_layer = draft->layers[index];
    return SGR_OK;
}

enum sgr_status layer_select(struct draft *draft, struct sgr_error *error)
{
    const char *at = draft->options->layers;
    if (!at)
        return SGR_OK;
    size_t count = 0;
    bool *taken = arena_allocate(&draft->scratch, draft->layer_count, sizeof *taken);
    struct draft_layer *layers =
        arena_allocate(&draft->scratch, draft->layer_count, sizeof *layers);
    if (!taken || !layers)
        return error_no_memory(error, "the layers");
    enum sgr_status status = SGR_OK;
    bool more = true;
    while (status == SGR_OK && more) {
        const char *comma = strchr(at, ',');
        struct draft_layer layer;
        status = add_listed(draft, next_name(draft, &at), taken, &layer, error);
        if (status == SGR_OK)
            layers[count++] = layer;
        more = comma != NULL;
    }
    if (status != SGR_OK)
        return status;
    draft->layers = layers;
    draft->layer_count = count;
    return SGR_OK;
}
