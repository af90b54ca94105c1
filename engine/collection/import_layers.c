/*
 * A layer that several stacks draw in the same way is one layer; drawn in another way it is another
 * layer with the same folder.
 */
#include "collection/import_layers.h"

#include "base/error.h"
#include "collection/suggest.h"

#include <string.h>

#define COUNT_LIMIT COLLECTION_COUNT_MAX

enum { MODE_BYTES = 32 };

/* The blend mode that is meant: a text, or MODE.colorBurn, which stands for "color-burn". */
static enum sgr_status take_blend(const struct import_settings *settings,
                                  const struct script_value *value, json_t *out,
                                  struct sgr_error *error)
{
    char name[MODE_BYTES];
    size_t used = 0;
    enum blend_mode mode;
    bool is_constant = value->kind == SCRIPT_OTHER && strncmp(value->text, "MODE.", 5) == 0;
    if (value->kind != SCRIPT_TEXT && !is_constant)
        return import_settings_refuse(settings, value, "it is no plain text nor MODE.<name>",
                                      error);
    for (const char *at = value->text + (is_constant ? 5 : 0); *at && used < sizeof name - 2;
         at++) {
        bool is_capital = is_constant && *at >= 'A' && *at <= 'Z';
        if (is_capital)
            name[used++] = '-';
        name[used++] = (char)(is_capital ? *at - 'A' + 'a' : *at);
    }
    name[used] = '\0';
    if (!blend_mode_parse(name, &mode)) {
        const char *what = arena_format(&settings->draft->scratch, "%s:%zu: the blend mode",
                                        settings->path, value->line);
        return what ? suggest_error(error, SGR_INPUT, what, name, blend_mode_names())
                    : error_no_memory(error, "the settings");
    }
    if (mode != BLEND_NORMAL)
        import_document_text(settings->document, out, "blend", name);
    return SGR_OK;
}

static enum sgr_status take_opacity(const struct import_settings *settings,
                                    const struct script_value *value, json_t *out,
                                    struct sgr_error *error)
{
    if (value->kind != SCRIPT_NUMBER || value->negative || value->number > OPACITY_SCALE)
        return import_settings_refuse(settings, value, "it is no plain number from 0 to 1", error);
    if (value->number != OPACITY_SCALE)
        import_document_decimal(settings->document, out, "opacity", value->number);
    return SGR_OK;
}

/* One setting of a layer, of its own or in its "options". */
static enum sgr_status take_setting(const struct import_settings *settings,
                                    const struct script_value *value, json_t *out,
                                    struct sgr_error *error)
{
    bool is_type = strcmp(value->key, "displayName") == 0 || strcmp(value->key, "trait") == 0;
    if (value->replaced || value->kind == SCRIPT_NULL || strcmp(value->key, "name") == 0)
        return SGR_OK;
    if (strcmp(value->key, "blend") == 0)
        return take_blend(settings, value, out, error);
    if (strcmp(value->key, "opacity") == 0)
        return take_opacity(settings, value, out, error);
    if (is_type && value->kind == SCRIPT_TEXT && *value->text) {
        import_document_text(settings->document, out, "trait_type", value->text);
        return SGR_OK;
    }
    if (strcmp(value->key, "bypassDNA") == 0 && value->kind == SCRIPT_FLAG) {
        if (value->flag)
            import_document_flag(settings->document, out, "distinct", false);
        return SGR_OK;
    }
    if (is_type || strcmp(value->key, "bypassDNA") == 0 || strcmp(value->key, "...") == 0)
        return import_settings_refuse(settings, value,
                                      "it is no plain literal, so it is not known "
                                      "what it stands for; write it out",
                                      error);
    return import_settings_pass(settings, value, SGR_LOG_WARNING, "", error);
}

static enum sgr_status take_settings(const struct import_settings *settings,
                                     const struct script_value *entry, json_t *out,
                                     struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    for (const struct script_value *at = entry->first; status == SGR_OK && at; at = at->next) {
        bool is_options = strcmp(at->key, "options") == 0 && at->kind == SCRIPT_OBJECT;
        if (!is_options) {
            status = take_setting(settings, at, out, error);
            continue;
        }
        for (const struct script_value *in = at->first; status == SGR_OK && in; in = in->next)
            status = take_setting(settings, in, out, error);
    }
    return status;
}

/* What metadata calls a layer that is called `name` where it has no name for metadata. */
static const char *type_of(const json_t *layer, const char *name)
{
    const char *type = json_string_value(json_object_get(layer, "trait_type"));
    return type ? type : name;
}

/* Whether a layer of the document is what was made of an entry, but for its name. */
static bool is_same(json_t *known, json_t *made, const char *plain)
{
    const char *name = json_string_value(json_object_get(known, "name"));
    /* Most layers differ in this already, and copies cost more than a look. */
    if (!json_equal(json_object_get(known, "folder"), json_object_get(made, "folder")) ||
        strcmp(type_of(known, name), type_of(made, plain)) != 0)
        return false;
    json_t *left = json_copy(known);
    json_t *right = json_copy(made);
    bool same = left && right && json_object_del(left, "name") == 0;
    if (same) {
        (void)json_object_del(left, "trait_type");
        (void)json_object_del(right, "trait_type");
        same = json_equal(left, right);
    }
    json_decref(left);
    json_decref(right);
    return same;
}

static bool is_listed(const json_t *list, const char *name)
{
    for (size_t index = 0; index < json_array_size(list); index++) {
        if (strcmp(json_string_value(json_array_get(list, index)), name) == 0)
            return true;
    }
    return false;
}

/* Whether a layer of the document has the name. */
static bool is_taken(const json_t *layers, const char *name)
{
    for (size_t index = 0; index < json_array_size(layers); index++) {
        const json_t *layer = json_array_get(layers, index);
        if (strcmp(json_string_value(json_object_get(layer, "name")), name) == 0)
            return true;
    }
    return false;
}

/*
 * Adds a layer to the document under a name that is free. Metadata knows nothing of a number that
 * makes it so. Returns the name, in the scratch arena, or NULL without memory.
 */
static const char *add_new(const struct import_settings *settings, json_t *layers, json_t *made,
                           const char *plain)
{
    struct import_document *document = settings->document;
    const char *name = plain;
    for (unsigned number = 2; name && is_taken(layers, name); number++)
        name = arena_format(&settings->draft->scratch, "%s %u", plain, number);
    json_t *layer = import_document_object(document, layers, NULL);
    if (!name)
        return NULL;
    import_document_text(document, layer, "name", name);
    if (name != plain && !json_object_get(made, "trait_type"))
        import_document_text(document, made, "trait_type", plain);
    document->failed |= json_object_update(layer, made) != 0;
    return name;
}

/* The plain name of a folder's layer, in the scratch arena; NULL without memory. */
static const char *plain_name(const struct import_settings *settings, const char *folder)
{
    struct text plain = {0};
    const char *name = NULL;
    if (import_document_layer_name(&plain, folder))
        name = arena_text(&settings->draft->scratch, plain.bytes, plain.length);
    text_finish(&plain);
    return name;
}

/* Adds an entry of layersOrder to the document's layers and its name to the stack's. */
static enum sgr_status add_layer(const struct import_settings *settings,
                                 const struct script_value *entry, json_t *stack,
                                 struct sgr_error *error)
{
    struct import_document *document = settings->document;
    json_t *layers = import_document_member(document, "layers", true);
    const struct script_value *folder =
        entry->kind == SCRIPT_OBJECT ? script_find(entry, "name") : NULL;
    if (!folder || folder->kind != SCRIPT_TEXT || !*folder->text)
        return import_settings_refuse(settings, entry,
                                      "an entry of layersOrder is no { name: \"...\" } in plain "
                                      "literals, so the layers are not known; write it out",
                                      error);
    if (json_array_size(layers) >= COLLECTION_LAYERS_MAX ||
        json_array_size(stack) >= COLLECTION_LAYERS_MAX)
        return import_settings_refuse(settings, entry, "there are more than 1024 layers", error);
    json_t *made = json_object();
    document->failed |= !made;
    const char *path = arena_format(&settings->draft->scratch, "layers/%s", folder->text);
    if (!path)
        document->failed = true;
    else
        import_document_text(document, made, "folder", path);
    enum sgr_status status = take_settings(settings, entry, made, error);
    const char *plain = plain_name(settings, folder->text);
    const char *name = NULL;
    if (status == SGR_OK && !plain)
        status = error_no_memory(error, "the settings");
    for (size_t index = 0; status == SGR_OK && index < json_array_size(layers) && !name; index++) {
        json_t *known = json_array_get(layers, index);
        const char *known_name = json_string_value(json_object_get(known, "name"));
        if (is_same(known, made, plain) && !is_listed(stack, known_name))
            name = known_name;
    }
    if (status == SGR_OK && !name)
        name = add_new(settings, layers, made, plain);
    if (status == SGR_OK && !name)
        status = error_no_memory(error, "the settings");
    if (status == SGR_OK)
        import_document_text(document, stack, NULL, name);
    json_decref(made);
    return status;
}

/* What a configuration has besides layers and size. */
static enum sgr_status notice_others(const struct import_settings *settings,
                                     const struct script_value *configuration,
                                     struct sgr_error *error)
{
    static const char *const names[] = {"growEditionSizeTo", "layersOrder", "namePrefix"};
    enum sgr_status status = SGR_OK;
    for (const struct script_value *at = configuration->first; status == SGR_OK && at;
         at = at->next) {
        bool is_known = at->replaced;
        for (size_t index = 0; index < sizeof names / sizeof *names; index++)
            is_known |= strcmp(names[index], at->key) == 0;
        if (!is_known)
            status = import_settings_pass(settings, at, SGR_LOG_WARNING, "", error);
    }
    return status;
}

/* Reads one configuration; *size is how many items there were before and are with it. */
static enum sgr_status add_stack(const struct import_settings *settings,
                                 const struct script_value *configuration, json_t *groups,
                                 uint64_t *size, struct sgr_error *error)
{
    const struct script_value *order = script_find(configuration, "layersOrder");
    const struct script_value *grow = script_find(configuration, "growEditionSizeTo");
    struct import_document *document = settings->document;
    uint64_t last;
    if (!order || order->kind != SCRIPT_LIST || !order->first)
        return import_settings_refuse(settings, order ? order : configuration,
                                      "layersOrder is no list of plain literals, so the layers are "
                                      "not known; write it out",
                                      error);
    if (!import_settings_whole(grow, COUNT_LIMIT, &last))
        return import_settings_refuse(settings, grow ? grow : configuration,
                                      "growEditionSizeTo is no plain whole number, so it is not "
                                      "known how many items there are; write it out",
                                      error);
    if (last <= *size)
        return draft_notice(settings->draft, error, SGR_LOG_WARNING, "import-setting",
                            "%s:%zu: growEditionSizeTo %llu counts from the first item on, so this "
                            "configuration makes none and is left out",
                            settings->path, grow->line, (unsigned long long)last);
    json_t *group = import_document_object(document, groups, NULL);
    const char *name = arena_format(&settings->draft->scratch, "Set %zu", json_array_size(groups));
    document->failed |= !name;
    if (name)
        import_document_text(document, group, "name", name);
    import_document_whole(document, group, "count", (int64_t)(last - *size));
    json_t *stack = import_document_list(document, group, "layers");
    enum sgr_status status = SGR_OK;
    for (const struct script_value *at = order->first; status == SGR_OK && at; at = at->next)
        status = add_layer(settings, at, stack, error);
    *size = last;
    return status == SGR_OK ? notice_others(settings, configuration, error) : status;
}

enum sgr_status import_layers_read(const struct import_settings *settings,
                                   struct import_stacks *out_stacks, struct sgr_error *error)
{
    const struct script_value *list = script_find(&settings->root, "layerConfigurations");
    uint64_t size = 0;
    if (!list)
        return error_set(error, SGR_INPUT,
                         "%s: there is no layerConfigurations, which says what the layers are; "
                         "give the layers folder as ART, with --layers",
                         settings->path);
    if (list->kind != SCRIPT_LIST || !list->first)
        return import_settings_refuse(settings, list,
                                      "it is no list of plain literals, so the layers are not "
                                      "known; write it out, or give the layers folder as ART, with "
                                      "--layers",
                                      error);
    json_t *groups = json_array();
    settings->document->failed |= !groups;
    enum sgr_status status = SGR_OK;
    for (const struct script_value *at = list->first; status == SGR_OK && at; at = at->next) {
        if (at->kind == SCRIPT_OBJECT)
            status = add_stack(settings, at, groups, &size, error);
        else
            status = import_settings_refuse(settings, at,
                                            "an entry of layerConfigurations is no plain {...}; "
                                            "write it out",
                                            error);
    }
    if (status == SGR_OK && size == 0)
        status = import_settings_refuse(settings, list, "no configuration makes an item", error);
    if (status == SGR_OK)
        import_document_whole(settings->document, settings->document->root, "count", (int64_t)size);
    if (status != SGR_OK || json_array_size(groups) < 2) {
        json_decref(groups);
        groups = NULL;
    }
    out_stacks->groups = groups;
    return status;
}

void import_layers_finish(const struct import_settings *settings, struct import_stacks *stacks)
{
    const struct script_value *shuffle = script_find(&settings->root, "shuffleLayerConfigurations");
    struct import_document *document = settings->document;
    bool is_shuffled = shuffle && shuffle->kind == SCRIPT_FLAG && shuffle->flag;
    if (!stacks->groups)
        return;
    document->failed |= json_object_set(document->root, "groups", stacks->groups) != 0;
    import_document_flag(document, document->root, "shuffle", is_shuffled);
    json_decref(stacks->groups);
    stacks->groups = NULL;
}
