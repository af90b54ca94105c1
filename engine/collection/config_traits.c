/* Two passes over the keys; a key that meets no trait is an error, for it is likely a typo. */
#include "collection/config_traits.h"

#include "collection/layer_traits.h"
#include "collection/suggest.h"
#include "collection/weights.h"

#include <string.h>

static const struct json_schema_key trait_keys[] = {
    {"count", SCHEMA_WHOLE, 0, (int64_t)COLLECTION_COUNT_MAX},
    {"weight", SCHEMA_DECIMAL, 0, (int64_t)WEIGHTS_ONE_MAX},
    {"tags", SCHEMA_TEXTS, 0, 0},
    {"z", SCHEMA_WHOLE, -TRAIT_NAME_Z_MAX, TRAIT_NAME_Z_MAX},
    {"opacity", SCHEMA_DECIMAL, 0, OPACITY_SCALE},
    {"blend", SCHEMA_BLEND, 0, 0},
    {"at", SCHEMA_PLACE, 0, 0},
    {"min", SCHEMA_LATER, 0, 0},
    {"max", SCHEMA_LATER, 0, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

/* A key taken apart. */
struct target {
    const struct config *config;
    const char *key;   /* as written */
    const char *where; /* for messages */
    const char *layer; /* before the first '/' */
    const char *trait; /* behind it */
    const json_t *settings;
};

/* Whether a text is what a pattern with '*' describes; steps back only to the last '*'. */
static bool is_match(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *retry = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            retry = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static void apply_to_parts(const struct target *target, struct draft_trait *trait)
{
    struct draft_settings given = DRAFT_SETTINGS_NONE;
    int64_t z = 0;
    uint64_t opacity;
    given.z_set = json_schema_whole(target->settings, "z", &z);
    given.mode_set = json_schema_blend(target->settings, "blend", &given.mode);
    given.placed = json_schema_place(target->settings, "at", &given.x, &given.y);
    if (json_schema_decimal(target->settings, "opacity", &opacity))
        trait->opacity = opacity_of(opacity);
    for (size_t index = 0; index < trait->part_count; index++) {
        struct draft_settings *settings = &trait->parts[index].settings;
        if (given.z_set)
            settings->z = (int32_t)z;
        if (given.mode_set)
            settings->mode = given.mode;
        if (given.placed) {
            settings->placed = true;
            settings->x = given.x;
            settings->y = given.y;
        }
    }
}

static void apply(const struct target *target, struct draft_trait *trait)
{
    int64_t count;
    apply_to_parts(target, trait);
    if (json_schema_decimal(target->settings, "weight", &trait->weight_given)) {
        trait->weight_set = true;
        trait->count_fixed = false;
    }
    if (json_schema_whole(target->settings, "count", &count)) {
        trait->count = (uint64_t)count;
        trait->count_fixed = true;
    }
}

static enum sgr_status refuse(const struct target *target, const char *text,
                              struct sgr_error *error)
{
    return json_schema_error(&target->config->source, target->where, target->key, text, error);
}

/* What is absent can be more or less frequent, nothing else. */
static enum sgr_status check_settings(const struct target *target, struct sgr_error *error)
{
    static const char *const of_pictures[] = {"z", "opacity", "blend", "at"};
    bool has_weight = json_object_get(target->settings, "weight") != NULL;
    bool has_count = json_object_get(target->settings, "count") != NULL;
    if (has_weight && has_count)
        return refuse(target, "\"weight\" and \"count\" both say how often; keep one", error);
    for (size_t index = 0; index < sizeof of_pictures / sizeof *of_pictures; index++) {
        if (strcmp(target->trait, DRAFT_NONE) == 0 &&
            json_object_get(target->settings, of_pictures[index]))
            return refuse(target, "the absent trait takes only \"weight\", \"count\" and \"tags\"",
                          error);
    }
    return SGR_OK;
}

/* Applies a key to one layer; returns how many traits it met. */
static size_t apply_to_layer(const struct target *target, struct draft_layer *layer)
{
    bool is_none = strcmp(target->trait, DRAFT_NONE) == 0;
    size_t matches = 0;
    if (!is_match(target->layer, layer->name))
        return 0;
    for (size_t index = 0; index < layer->trait_count; index++) {
        struct draft_trait *trait = &layer->traits[index];
        if ((trait->none && !is_none) || !is_match(target->trait, trait->name))
            continue;
        apply(target, trait);
        matches++;
    }
    bool is_new =
        is_none && matches == 0 &&
        (json_object_get(target->settings, "weight") || json_object_get(target->settings, "count"));
    if (is_new) {
        /* layer_traits_make leaves room for this one. */
        struct draft_trait *none = &layer->traits[layer->trait_count++];
        *none = (struct draft_trait){
            .name = DRAFT_NONE, .value = DRAFT_NONE, .path = DRAFT_NONE, .none = true};
        apply(target, none);
        layer_traits_sort(layer);
        matches++;
    }
    return matches;
}

/* The names that a mistyped key may have meant: traits of its layer, else layers. */
static enum sgr_status refuse_unknown(const struct target *target, struct draft *draft,
                                      struct sgr_error *error)
{
    const struct draft_layer *layer = NULL;
    for (size_t index = 0; index < draft->layer_count; index++) {
        if (strcmp(draft->layers[index].name, target->layer) == 0)
            layer = &draft->layers[index];
    }
    size_t count = layer ? layer->trait_count : draft->layer_count;
    const char **words = arena_allocate(&draft->scratch, count + 1, sizeof *words);
    const char *what = arena_format(&draft->scratch, "%s: %s: the %s", target->config->source.path,
                                    target->where, layer ? "trait" : "layer");
    if (!words || !what)
        return error_no_memory(error, "the traits");
    for (size_t index = 0; index < count; index++)
        words[index] = layer ? layer->traits[index].name : draft->layers[index].name;
    return suggest_error(error, SGR_INPUT, what, layer ? target->trait : target->layer, words);
}

static enum sgr_status apply_key(struct target *target, struct draft *draft, json_t *settings,
                                 struct sgr_error *error)
{
    target->where = arena_format(&draft->scratch, "traits[\"%s\"]", target->key);
    const char *slash = strchr(target->key, '/');
    if (!target->where)
        return error_no_memory(error, "the traits");
    if (!slash || slash == target->key || !slash[1])
        return refuse(target, "the key of a trait is \"Layer/Trait\"", error);
    target->layer = arena_text(&draft->scratch, target->key, (size_t)(slash - target->key));
    target->trait = slash + 1;
    if (!target->layer)
        return error_no_memory(error, "the traits");
    enum sgr_status status =
        json_schema_check(&target->config->source, target->where, settings, trait_keys, error);
    if (status == SGR_OK)
        status = check_settings(target, error);
    if (status != SGR_OK)
        return status;
    size_t matches = 0;
    for (size_t index = 0; index < draft->layer_count; index++)
        matches += apply_to_layer(target, &draft->layers[index]);
    if (matches)
        return SGR_OK;
    if (strchr(target->key, '*'))
        return refuse(target, "no trait fits this pattern", error);
    return refuse_unknown(target, draft, error);
}

enum sgr_status config_traits_apply(const struct config *config, struct draft *draft,
                                    struct sgr_error *error)
{
    json_t *traits = json_object_get(config->root, "traits");
    enum sgr_status status = SGR_OK;
    for (int pass = 0; traits && pass < 2; pass++) {
        for (void *at = json_object_iter(traits); at && status == SGR_OK;
             at = json_object_iter_next(traits, at)) {
            struct target target = {.config = config, .key = json_object_iter_key(at)};
            json_t *settings = json_object_iter_value(at);
            bool is_exact = strchr(target.key, '*') == NULL;
            target.settings = settings;
            if (is_exact == (pass == 1))
                status = apply_key(&target, draft, settings, error);
        }
    }
    return status;
}
