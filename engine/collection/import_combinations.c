/*
 * There a choice rules out, or forces, what comes in later layers, so that the order of layers
 * matters. Here a pair that must not be is forbidden whatever the order; only where a name stands
 * both before and behind the layer is what stands behind taken.
 */
#include "collection/import_combinations.h"

#include "base/error.h"
#include "collection/config_read.h"
#include "collection/layer_options.h"

#include <string.h>

/* Looking for names in all traits, summed over the settings. */
#define STEPS_MAX UINT64_C(200000000)

struct combiner {
    const struct import_settings *settings;
    struct draft names; /* the layers with their traits */
    uint64_t steps;
    struct text text;
    struct sgr_error *error;
};

/* Whether a name is one of those that a trait's path joins ("male/hat", "left + right"). */
static bool is_part(struct combiner *combiner, const struct draft_trait *trait, const char *name)
{
    size_t length = strlen(name);
    const char *path = trait->path;
    combiner->steps += 1;
    for (const char *at = path; (at = strstr(at, name)) != NULL; at++) {
        const char *end = at + length;
        bool begins = at == path || at[-1] == '/' || (at - path >= 3 && !memcmp(at - 3, " + ", 3));
        if (begins && (!*end || *end == '/' || strncmp(end, " + ", 3) == 0))
            return true;
    }
    return false;
}

/* Whether the layer has the name among its choices. */
static bool has_name(struct combiner *combiner, const struct draft_layer *layer, const char *name)
{
    for (size_t index = 0; index < layer->trait_count; index++) {
        if (is_part(combiner, &layer->traits[index], name))
            return true;
    }
    return false;
}

/* Adds the layer's traits with the name to a list; returns how many. */
static size_t add_traits(struct combiner *combiner, const struct draft_layer *layer,
                         const char *name, json_t *list)
{
    size_t count = 0;
    for (size_t index = 0; index < layer->trait_count; index++) {
        if (!is_part(combiner, &layer->traits[index], name))
            continue;
        text_clear(&combiner->text);
        text_format(&combiner->text, "%s/%s", layer->name, layer->traits[index].name);
        combiner->settings->document->failed |= combiner->text.failed;
        if (!combiner->text.failed)
            import_document_text(combiner->settings->document, list, NULL, combiner->text.bytes);
        count++;
    }
    return count;
}

/*
 * The first layer behind `layer` that has the name; else, for pairs that must not be, any before.
 */
static size_t find_company(struct combiner *combiner, size_t layer, const char *name,
                           bool any_order)
{
    const struct draft *names = &combiner->names;
    for (size_t at = layer + 1; at < names->layer_count; at++) {
        if (has_name(combiner, &names->layers[at], name))
            return at;
    }
    for (size_t at = 0; any_order && at < layer; at++) {
        if (has_name(combiner, &names->layers[at], name))
            return at;
    }
    return names->layer_count;
}

static enum sgr_status pass_name(const struct combiner *combiner, const struct script_value *entry,
                                 const char *name, const char *text)
{
    return draft_notice(combiner->settings->draft, combiner->error, SGR_LOG_WARNING,
                        "import-setting", "%s:%zu: %s: \"%s\" %s", combiner->settings->path,
                        entry->line, entry->key, name, text);
}

static enum sgr_status check_steps(const struct combiner *combiner,
                                   const struct script_value *entry)
{
    if (combiner->steps <= STEPS_MAX)
        return SGR_OK;
    return import_settings_refuse(combiner->settings, entry,
                                  "too many names for so many traits: looking them up takes more "
                                  "than 200000000 steps",
                                  combiner->error);
}

/* Adds {"forbid": [...]} for the layers at hand; of one layer the traits are alternatives. */
static void add_forbidden(struct combiner *combiner, const struct draft_layer *layer,
                          const char *name, const struct draft_layer *other, const char *company)
{
    struct import_document *document = combiner->settings->document;
    json_t *rule =
        import_document_object(document, import_document_member(document, "rules", true), NULL);
    json_t *list = import_document_list(document, rule, "forbid");
    (void)add_traits(combiner, layer, name, list);
    (void)add_traits(combiner, other, company, list);
}

/* One name that must not come with the entry's, in all layers where it does. */
static enum sgr_status forbid(struct combiner *combiner, const struct script_value *entry,
                              size_t layer, const char *company)
{
    const struct draft *names = &combiner->names;
    size_t first = find_company(combiner, layer, company, true);
    size_t end = first < layer ? layer : names->layer_count;
    enum sgr_status status = check_steps(combiner, entry);
    if (status != SGR_OK || first == names->layer_count)
        return status == SGR_OK ? pass_name(combiner, entry, company,
                                            "is no choice of another layer, so it is passed over")
                                : status;
    for (size_t at = first; at < end; at++) {
        if (has_name(combiner, &names->layers[at], company))
            add_forbidden(combiner, &names->layers[layer], entry->key, &names->layers[at], company);
    }
    return SGR_OK;
}

/* What an entry forces in the layers behind: one rule, with one trait of each of these. */
static enum sgr_status force(struct combiner *combiner, const struct script_value *entry,
                             size_t layer, const struct script_value *company)
{
    struct import_document *document = combiner->settings->document;
    const struct draft *names = &combiner->names;
    json_t *rule = json_object();
    json_t *list = import_document_list(document, rule, "if");
    enum sgr_status status = SGR_OK;
    size_t count = 0;
    (void)add_traits(combiner, &names->layers[layer], entry->key, list);
    list = import_document_list(document, rule, "then");
    for (const struct script_value *at = company; status == SGR_OK && at; at = at->next) {
        size_t found = find_company(combiner, layer, at->text, false);
        if (found == names->layer_count)
            status = pass_name(combiner, entry, at->text,
                               "is no choice of a layer above, so it is passed over");
        for (; status == SGR_OK && found < names->layer_count; found++)
            count += add_traits(combiner, &names->layers[found], at->text, list);
        if (status == SGR_OK)
            status = check_steps(combiner, entry);
        if (entry->kind == SCRIPT_TEXT)
            break;
    }
    if (status == SGR_OK && count) {
        json_t *rules = import_document_member(document, "rules", true);
        document->failed |= json_array_append(rules, rule) != 0;
    }
    json_decref(rule);
    return status;
}

/* Checks that the value is a list of names; a single text counts as a list of one. */
static enum sgr_status check_names(struct combiner *combiner, const struct script_value *entry)
{
    bool plain = entry->kind == SCRIPT_TEXT || entry->kind == SCRIPT_LIST;
    for (const struct script_value *at = entry->first; plain && at; at = at->next)
        plain = at->kind == SCRIPT_TEXT && *at->text;
    if (plain && *entry->key)
        return SGR_OK;
    return import_settings_refuse(combiner->settings, entry,
                                  "it is no list of plain texts, so it is not known what goes "
                                  "together; write it out",
                                  combiner->error);
}

/* Reads one member of `incompatible` or `forcedCombinations`. */
static enum sgr_status read_entry(struct combiner *combiner, const struct script_value *entry,
                                  bool is_forced)
{
    const struct draft *names = &combiner->names;
    const struct script_value *company = entry->kind == SCRIPT_LIST ? entry->first : entry;
    enum sgr_status status = check_names(combiner, entry);
    bool known = false;
    for (size_t layer = 0; status == SGR_OK && company && layer < names->layer_count; layer++) {
        if (!has_name(combiner, &names->layers[layer], entry->key))
            continue;
        known = true;
        if (is_forced)
            status = force(combiner, entry, layer, company);
        for (const struct script_value *at = company; !is_forced && status == SGR_OK && at;
             at = entry->kind == SCRIPT_LIST ? at->next : NULL)
            status = forbid(combiner, entry, layer, at->text);
    }
    if (status == SGR_OK)
        status = check_steps(combiner, entry);
    if (status == SGR_OK && !known && company)
        return pass_name(combiner, entry, entry->key,
                         "is no choice of any layer, so the entry is passed over");
    return status;
}

/* A value in metadata that is not the trait's name. */
static enum sgr_status override_value(struct combiner *combiner, const struct script_value *entry)
{
    const struct draft *names = &combiner->names;
    struct import_document *document = combiner->settings->document;
    if (entry->kind != SCRIPT_TEXT || !*entry->text)
        return import_settings_pass(combiner->settings, entry, SGR_LOG_WARNING,
                                    "it is no plain text", combiner->error);
    for (size_t layer = 0; layer < names->layer_count; layer++) {
        const struct draft_layer *from = &names->layers[layer];
        combiner->steps += from->trait_count;
        for (size_t index = 0; index < from->trait_count; index++) {
            const struct draft_trait *trait = &from->traits[index];
            if (trait->none || strcmp(trait->value, entry->key) != 0)
                continue;
            json_t *out = import_document_trait(document, from->name, trait->name);
            import_document_text(document, out, "value", entry->text);
        }
    }
    return check_steps(combiner, entry);
}

/* Reads the layers that the document has by now, for their names. */
static enum sgr_status read_names(struct combiner *combiner, struct config *config,
                                  const struct collection_options *options)
{
    const struct import_settings *settings = combiner->settings;
    struct draft *names = &combiner->names;
    struct folder_listing listing;
    struct text text = {0};
    enum sgr_status status = draft_init(names, options, combiner->error);
    if (status != SGR_OK)
        return status;
    names->root = settings->draft->root;
    status = import_document_write(settings->document, &text, combiner->error);
    if (status == SGR_OK)
        status = config_read_made(config, names, settings->path, &text, combiner->error);
    text_finish(&text);
    if (status == SGR_OK)
        status = folder_read_listing(names, &listing, combiner->error);
    if (status == SGR_OK)
        status = config_read_layers(config, names, &listing, combiner->error);
    for (size_t at = 0; status == SGR_OK && at < names->layer_count; at++)
        status = layer_options_read(names, &names->layers[at], combiner->error);
    return status;
}

enum sgr_status import_combinations_read(const struct import_settings *settings,
                                         struct sgr_error *error)
{
    static const char *const keys[] = {"incompatible", "forcedCombinations", "traitValueOverrides"};
    const struct collection_options options = {.path = settings->path,
                                               .grammar = settings->draft->options->grammar};
    struct combiner combiner = {.settings = settings, .error = error};
    struct config config = {0};
    enum sgr_status status = SGR_OK;
    bool has_names = false;
    for (int kind = 0; status == SGR_OK && kind < 3; kind++) {
        const struct script_value *value = script_find(&settings->root, keys[kind]);
        if (!value || value->kind == SCRIPT_NULL || (value->kind == SCRIPT_OBJECT && !value->first))
            continue;
        if (value->kind != SCRIPT_OBJECT) {
            status = import_settings_refuse(settings, value,
                                            "it is no plain {...}, so it is not known what goes "
                                            "together; write it out",
                                            error);
            break;
        }
        if (!has_names)
            status = read_names(&combiner, &config, &options);
        has_names = true;
        for (const struct script_value *at = value->first; status == SGR_OK && at; at = at->next) {
            if (at->replaced)
                status = import_settings_pass(
                    settings, at, SGR_LOG_WARNING,
                    "the name stands again below, and the last one counts", error);
            else
                status =
                    kind == 2 ? override_value(&combiner, at) : read_entry(&combiner, at, kind);
        }
    }
    config_read_close(&config);
    draft_finish(&combiner.names);
    text_finish(&combiner.text);
    return status;
}
