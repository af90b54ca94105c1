/* The settings one by one; layers and combinations are read in files of their own. */
#include "collection/import_hashlips.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/import_combinations.h"
#include "collection/import_layers.h"
#include "image/image.h"
#include "os/file.h"

#include <string.h>

/* nftchef has settings that HashLips has not, and layers with folders inside. */
static bool is_nftchef(const struct script_value *root)
{
    static const char *const names[] = {
        "incompatible", "forcedCombinations", "traitValueOverrides", "emptyLayerName",
        "outputJPEG",   "hashImages",         "useRootTraitType"};
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        if (script_find(root, names[index]))
            return true;
    }
    return false;
}

static enum sgr_status check_delimiter(const struct import_settings *settings,
                                       struct sgr_error *error)
{
    const struct script_value *value = script_find(&settings->root, "rarityDelimiter");
    if (!value || (value->kind == SCRIPT_TEXT && strcmp(value->text, "#") == 0))
        return SGR_OK;
    return error_set(error, SGR_INPUT,
                     "%s:%zu: rarityDelimiter is %s, but weights are read behind '#'; rename the "
                     "files to Name#<weight>.png and set it to \"#\"",
                     settings->path, value->line, value->text ? value->text : "no plain text");
}

/* The name before the number: HashLips has it for the whole, nftchef with the layers. */
static enum sgr_status take_texts(const struct import_settings *settings, struct sgr_error *error)
{
    const struct script_value *list = script_find(&settings->root, "layerConfigurations");
    const struct script_value *first = list && list->kind == SCRIPT_LIST ? list->first : NULL;
    struct import_document *document = settings->document;
    const char *name;
    const char *own = NULL;
    const char *description;
    enum sgr_status status =
        import_settings_text(settings, &settings->root, "namePrefix", &name, error);
    if (status == SGR_OK && !name && first)
        status = import_settings_text(settings, first, "namePrefix", &name, error);
    if (status == SGR_OK)
        status =
            import_settings_text(settings, &settings->root, "description", &description, error);
    for (; status == SGR_OK && first; first = first->next) {
        const struct script_value *other = script_find(first, "namePrefix");
        status = import_settings_text(settings, first, "namePrefix", &own, error);
        if (status == SGR_OK && own && strcmp(own, name ? name : "") != 0)
            status = import_settings_pass(settings, other, SGR_LOG_WARNING,
                                          "a collection has one name here", error);
    }
    if (status == SGR_OK && name)
        import_document_text(document, document->root, "name", name);
    if (status == SGR_OK && description)
        import_document_text(document, document->root, "description", description);
    return status;
}

/* The first item's number; on Solana they begin with 0. */
static enum sgr_status take_start(const struct import_settings *settings, struct sgr_error *error)
{
    static const char *const names[] = {"startIndex", "startEditionFrom", "startCollectionAt"};
    const struct script_value *network = script_find(&settings->root, "network");
    bool known = network && strcmp(network->text ? network->text : "", "NETWORK.sol") == 0;
    uint64_t start = 0;
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        const struct script_value *value = script_find(&settings->root, names[index]);
        if (!value)
            continue;
        if (!import_settings_whole(value, COLLECTION_COUNT_MAX, &start))
            return import_settings_pass(settings, value, SGR_LOG_WARNING,
                                        "it is no plain whole number; --start sets it", error);
        known = true;
    }
    if (known)
        import_document_whole(settings->document, settings->document->root, "start",
                              (int64_t)start);
    return SGR_OK;
}

static enum sgr_status take_canvas(const struct import_settings *settings, struct sgr_error *error)
{
    const struct script_value *format = script_find(&settings->root, "format");
    struct import_document *document = settings->document;
    uint64_t width;
    uint64_t height;
    if (!format)
        return SGR_OK;
    if (format->kind != SCRIPT_OBJECT ||
        !import_settings_whole(script_find(format, "width"), IMAGE_SIDE_MAX, &width) ||
        !import_settings_whole(script_find(format, "height"), IMAGE_SIDE_MAX, &height) ||
        width == 0 || height == 0)
        return import_settings_pass(settings, format, SGR_LOG_WARNING,
                                    "its width and height are no plain whole numbers; the canvas "
                                    "is the commonest size of the pictures, --size sets another",
                                    error);
    json_t *canvas = import_document_object(document, document->root, "canvas");
    import_document_whole(document, canvas, "width", (int64_t)width);
    import_document_whole(document, canvas, "height", (int64_t)height);
    return SGR_OK;
}

static bool is_on(const struct script_value *value)
{
    return value && value->kind == SCRIPT_FLAG && value->flag;
}

/* What would make other pictures than ours, were it on. */
static enum sgr_status warn_of_pictures(const struct import_settings *settings,
                                        struct sgr_error *error)
{
    static const struct {
        const char *name;
        const char *member;
        const char *text;
    } rows[] = {
        {"background", "generate", "no colour is drawn below the layers; add a layer for it"},
        {"text", "only", "pictures are drawn, not their names"},
        {"gif", "export", "no animations are made"},
        {"outputJPEG", NULL, "images are PNG files"},
    };
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < sizeof rows / sizeof *rows; index++) {
        const struct script_value *value = script_find(&settings->root, rows[index].name);
        const struct script_value *flag =
            value && rows[index].member ? script_find(value, rows[index].member) : value;
        if (is_on(flag))
            status =
                import_settings_pass(settings, value, SGR_LOG_WARNING, rows[index].text, error);
    }
    const struct script_value *empty = script_find(&settings->root, "emptyLayerName");
    if (status == SGR_OK && empty &&
        (empty->kind != SCRIPT_TEXT || strcmp(empty->text, "NONE") != 0))
        status = import_settings_pass(settings, empty, SGR_LOG_WARNING,
                                      "what is absent is a file called NONE#<weight>.png; rename "
                                      "those files",
                                      error);
    const struct script_value *layers = script_find(&settings->root, "layersDir");
    if (status == SGR_OK && layers && !strstr(layers->text ? layers->text : "", "/layers"))
        status = import_settings_pass(settings, layers, SGR_LOG_WARNING,
                                      "the folder layers beside src is read", error);
    return status;
}

/* Whether a declaration was read, is told of elsewhere, or is no setting. */
static bool is_settled(const char *name)
{
    static const char *const names[] = {"path",
                                        "fs",
                                        "isLocal",
                                        "basePath",
                                        "MODE",
                                        "NETWORK",
                                        "network",
                                        "buildDir",
                                        "layersDir",
                                        "namePrefix",
                                        "description",
                                        "layerConfigurations",
                                        "format",
                                        "background",
                                        "text",
                                        "gif",
                                        "outputJPEG",
                                        "startIndex",
                                        "startEditionFrom",
                                        "startCollectionAt",
                                        "incompatible",
                                        "debugLogs",
                                        "rarityDelimiter",
                                        "forcedCombinations",
                                        "preview",
                                        "preview_gif",
                                        "emptyLayerName",
                                        "traitValueOverrides",
                                        "hashImages",
                                        "uniqueDnaTorrance",
                                        "shuffleLayerConfigurations"};
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        if (strcmp(names[index], name) == 0)
            return true;
    }
    return false;
}

/* One line for all others. */
static enum sgr_status notice_others(const struct import_settings *settings,
                                     struct sgr_error *error)
{
    struct text line = {0};
    for (const struct script_value *at = settings->root.first; at; at = at->next) {
        bool is_empty = (at->kind == SCRIPT_OBJECT || at->kind == SCRIPT_LIST) && !at->first;
        if (at->replaced || is_empty || is_settled(at->key))
            continue;
        text_format(&line, "%s%s (line %zu)", line.length ? ", " : "", at->key, at->line);
    }
    enum sgr_status status = SGR_OK;
    if (line.failed)
        status = error_no_memory(error, "the settings");
    else if (line.length)
        status = draft_notice(settings->draft, error, SGR_LOG_NOTICE, "import-setting",
                              "%s: these settings have no part in what is drawn, or are not known, "
                              "and are passed over: %s",
                              settings->path, line.bytes);
    text_finish(&line);
    return status;
}

/* Layers first, so that combinations find them; stacks last, for they go beyond them. */
static enum sgr_status read_settings(const struct import_settings *settings,
                                     struct sgr_error *error)
{
    struct import_stacks stacks = {0};
    enum sgr_status status = check_delimiter(settings, error);
    if (status == SGR_OK)
        status = take_texts(settings, error);
    import_document_text(settings->document, settings->document->root, "grammar",
                         settings->is_nftchef ? "nftchef" : "hashlips");
    if (status == SGR_OK)
        status = take_start(settings, error);
    if (status == SGR_OK)
        status = take_canvas(settings, error);
    if (status == SGR_OK)
        status = import_layers_read(settings, &stacks, error);
    if (status == SGR_OK)
        status = import_combinations_read(settings, error);
    import_layers_finish(settings, &stacks);
    if (status == SGR_OK)
        status = warn_of_pictures(settings, error);
    return status == SGR_OK ? notice_others(settings, error) : status;
}

enum sgr_status import_hashlips_read(struct draft *draft, const char *path,
                                     struct import_document *document, struct sgr_error *error)
{
    struct import_settings settings = {.draft = draft, .path = path, .document = document};
    uint8_t *bytes = NULL;
    size_t size;
    enum sgr_status status = file_read(path, SCRIPT_BYTES_MAX, &bytes, &size, error);
    if (status == SGR_OK)
        status =
            script_read(path, (const char *)bytes, size, &draft->scratch, &settings.root, error);
    if (status == SGR_OK) {
        settings.is_nftchef = is_nftchef(&settings.root);
        status = read_settings(&settings, error);
    }
    memory_free(bytes);
    return status;
}
