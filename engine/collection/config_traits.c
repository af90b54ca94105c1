/* Two passes over the keys; a key that meets no trait is an error, for it is likely a typo. */
#include "collection/config_traits.h"

#include "base/memory.h"
#include "collection/glob.h"
#include "collection/layer_traits.h"
#include "collection/trait_index.h"
#include "collection/weights.h"

#include <stdlib.h>
#include <string.h>

/* What matching all patterns may cost: a fraction of a second. */
#define PATTERN_STEPS_MAX UINT64_C(100000000)

static const struct json_schema_key trait_keys[] = {
    {"count", SCHEMA_WHOLE, 0, (int64_t)COLLECTION_COUNT_MAX},
    {"weight", SCHEMA_DECIMAL, 0, (int64_t)WEIGHTS_ONE_MAX},
    {"tags", SCHEMA_TEXTS, 0, 0},
    {"z", SCHEMA_WHOLE, -TRAIT_NAME_Z_MAX, TRAIT_NAME_Z_MAX},
    {"opacity", SCHEMA_DECIMAL, 0, OPACITY_SCALE},
    {"blend", SCHEMA_BLEND, 0, 0},
    {"at", SCHEMA_PLACE, 0, 0},
    {"min", SCHEMA_WHOLE, 0, (int64_t)COLLECTION_COUNT_MAX},
    {"max", SCHEMA_WHOLE, 0, (int64_t)COLLECTION_COUNT_MAX},
    {"value", SCHEMA_TEXT, 1, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

/* What all keys share. */
struct traits_reader {
    const struct config *config;
    struct draft *draft;
    struct trait_index index; /* of the draft's layers and traits, for keys without a '*' */
    uint32_t *positions;      /* owned: of the index' traits in their layers */
    struct intern tags;
    uint64_t steps; /* that patterns took so far */
};

/* A key taken apart. */
struct target {
    struct json_source source; /* its span is the key and its settings */
    const char *key;           /* as written */
    const char *where;         /* for messages */
    const char *layer;         /* before the first '/' */
    const char *trait;         /* behind it */
    const json_t *settings;
    const char *const *tags; /* sorted, each once, in the collection's arena */
    size_t tag_count;
};

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
    int64_t number;
    const char *value = json_schema_text(target->settings, "value");
    apply_to_parts(target, trait);
    if (value)
        trait->value = value;
    if (json_schema_decimal(target->settings, "weight", &trait->weight_given)) {
        trait->weight_set = true;
        trait->count_fixed = false;
    }
    if (json_schema_whole(target->settings, "count", &number)) {
        trait->count = (uint64_t)number;
        trait->count_fixed = true;
        trait->min = 0;
        trait->max_set = false;
    }
    if (json_schema_whole(target->settings, "min", &number)) {
        trait->min = (uint64_t)number;
        trait->count_fixed = false;
    }
    if (json_schema_whole(target->settings, "max", &number)) {
        trait->max = (uint64_t)number;
        trait->max_set = true;
        trait->count_fixed = false;
    }
    if (json_object_get(target->settings, "tags")) {
        trait->tags = target->tags;
        trait->tag_count = target->tag_count;
    }
}

static enum sgr_status refuse(const struct target *target, const char *key, const char *text,
                              struct sgr_error *error)
{
    return json_schema_error(&target->source, target->where, key, text, error);
}

/* What is absent can be more or less frequent, nothing else. */
static enum sgr_status check_settings(const struct target *target, struct sgr_error *error)
{
    static const char *const of_pictures[] = {"z", "opacity", "blend", "at", "value"};
    int64_t low;
    int64_t high;
    bool has_weight = json_object_get(target->settings, "weight") != NULL;
    bool has_count = json_object_get(target->settings, "count") != NULL;
    bool has_low = json_schema_whole(target->settings, "min", &low);
    bool has_high = json_schema_whole(target->settings, "max", &high);
    if (has_weight && has_count)
        return refuse(target, "count", "\"weight\" and \"count\" both say how often; keep one",
                      error);
    if (has_count && (has_low || has_high))
        return refuse(target, "count",
                      "\"count\" is exact, so \"min\" and \"max\" do not go with it; keep one",
                      error);
    if (has_low && has_high && low > high)
        return refuse(target, "min", "\"min\" is above \"max\"", error);
    for (size_t index = 0; index < sizeof of_pictures / sizeof *of_pictures; index++) {
        if (strcmp(target->trait, DRAFT_NONE) == 0 &&
            json_object_get(target->settings, of_pictures[index]))
            return refuse(target, of_pictures[index],
                          "the absent trait takes only \"weight\", \"count\", \"min\", \"max\" and "
                          "\"tags\"",
                          error);
    }
    return SGR_OK;
}

static int compare_tags(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;
    return strcmp(*a, *b);
}

/* The key's tags, sorted, each once; equal texts are kept once. */
static enum sgr_status read_tags(struct traits_reader *reader, struct target *target,
                                 struct sgr_error *error)
{
    struct arena *arena = &reader->draft->collection->arena;
    const json_t *list = json_object_get(target->settings, "tags");
    size_t count = json_array_size(list);
    if (count > COLLECTION_TAGS_MAX)
        return refuse(target, "tags", "a trait has at most 64 tags", error);
    const char **tags = arena_allocate(arena, count + 1, sizeof *tags);
    if (!tags)
        return error_no_memory(error, "the tags");
    for (size_t index = 0; index < count; index++) {
        uint32_t number;
        const char *tag = json_string_value(json_array_get(list, index));
        if (!*tag)
            return refuse(target, "tags", "a tag is empty", error);
        if (!intern_add(&reader->tags, arena, tag, strlen(tag), &number))
            return error_no_memory(error, "the tags");
        tags[index] = reader->tags.entries[number].bytes;
    }
    if (count)
        qsort(tags, count, sizeof *tags, compare_tags);
    target->tag_count = 0;
    for (size_t index = 0; index < count; index++) {
        if (target->tag_count == 0 || tags[target->tag_count - 1] != tags[index])
            tags[target->tag_count++] = tags[index];
    }
    target->tags = tags;
    return SGR_OK;
}

/* Makes the absent trait when the key says how often it comes; false when it does not. */
static bool add_absent(const struct target *target, struct draft_layer *layer)
{
    if (!json_object_get(target->settings, "weight") &&
        !json_object_get(target->settings, "count") && !json_object_get(target->settings, "min"))
        return false;
    /* layer_traits_make leaves room for this one. */
    struct draft_trait *none = &layer->traits[layer->trait_count++];
    *none = (struct draft_trait){
        .name = DRAFT_NONE, .value = DRAFT_NONE, .path = DRAFT_NONE, .none = true};
    apply(target, none);
    layer_traits_sort(layer);
    return true;
}

/* Applies a pattern to one layer; returns how many traits it met. */
static size_t apply_pattern(struct traits_reader *reader, const struct target *target,
                            struct draft_layer *layer)
{
    bool is_none = strcmp(target->trait, DRAFT_NONE) == 0;
    size_t matches = 0;
    if (!glob_match(target->layer, layer->name, &reader->steps))
        return 0;
    for (size_t index = 0; index < layer->trait_count; index++) {
        struct draft_trait *trait = &layer->traits[index];
        if ((trait->none && !is_none) || reader->steps > PATTERN_STEPS_MAX ||
            !glob_match(target->trait, trait->name, &reader->steps))
            continue;
        apply(target, trait);
        matches++;
    }
    return matches || !is_none ? matches : add_absent(target, layer);
}

/* Notes where the layer's traits stand, again after they were sorted. */
static bool index_layer(struct traits_reader *reader, uint32_t number)
{
    const struct draft_layer *layer = &reader->draft->layers[number];
    for (size_t index = 0; index < layer->trait_count; index++) {
        uint32_t trait;
        if (!trait_index_add(&reader->index, number, layer->traits[index].name, &trait))
            return false;
        reader->positions[trait] = (uint32_t)index;
    }
    return true;
}

static enum sgr_status index_layers(struct traits_reader *reader, struct sgr_error *error)
{
    const struct draft *draft = reader->draft;
    size_t count = 0;
    /* Each layer may get an absent trait. */
    for (size_t index = 0; index < draft->layer_count; index++)
        count += draft->layers[index].trait_count + 1;
    reader->positions = memory_allocate(count, sizeof *reader->positions);
    bool done = reader->positions != NULL;
    for (size_t index = 0; done && index < draft->layer_count; index++) {
        uint32_t number;
        done = trait_index_add_layer(&reader->index, draft->layers[index].name, &number) &&
               index_layer(reader, number);
    }
    return done ? SGR_OK : error_no_memory(error, "the traits");
}

/* The names that a mistyped key may have meant: traits of its layer, else layers. */
static enum sgr_status refuse_unknown(struct traits_reader *reader, const struct target *target,
                                      const struct draft_layer *layer, struct sgr_error *error)
{
    struct draft *draft = reader->draft;
    size_t count = layer ? layer->trait_count : draft->layer_count;
    const char **words = arena_allocate(&draft->scratch, count + 1, sizeof *words);
    if (!words)
        return error_no_memory(error, "the traits");
    for (size_t index = 0; index < count; index++)
        words[index] = layer ? layer->traits[index].name : draft->layers[index].name;
    return json_schema_unknown(&target->source, target->where, layer ? "the trait" : "the layer",
                               layer ? target->trait : target->layer, words, error);
}

/* Whether --layers has left out a layer that the file lists, so that keys about it say nothing. */
static bool is_left_out(const struct traits_reader *reader, const char *layer)
{
    const json_t *layers = json_object_get(reader->config->root, "layers");
    if (!reader->draft->options->layers)
        return false;
    for (size_t index = 0; index < json_array_size(layers); index++) {
        if (strcmp(json_schema_text(json_array_get(layers, index), "name"), layer) == 0)
            return true;
    }
    return false;
}

/* Applies a key without '*'. */
static enum sgr_status apply_exact(struct traits_reader *reader, const struct target *target,
                                   struct sgr_error *error)
{
    uint32_t number;
    uint32_t trait;
    if (!trait_index_find_layer(&reader->index, target->layer, strlen(target->layer), &number))
        return is_left_out(reader, target->layer) ? SGR_OK
                                                  : refuse_unknown(reader, target, NULL, error);
    struct draft_layer *layer = &reader->draft->layers[number];
    if (trait_index_find(&reader->index, number, target->trait, &trait)) {
        apply(target, &layer->traits[reader->positions[trait]]);
        return SGR_OK;
    }
    if (strcmp(target->trait, DRAFT_NONE) != 0 || !add_absent(target, layer))
        return refuse_unknown(reader, target, layer, error);
    return index_layer(reader, number) ? SGR_OK : error_no_memory(error, "the traits");
}

static enum sgr_status apply_patterns(struct traits_reader *reader, const struct target *target,
                                      struct sgr_error *error)
{
    size_t matches = 0;
    for (size_t index = 0; index < reader->draft->layer_count; index++)
        matches += apply_pattern(reader, target, &reader->draft->layers[index]);
    if (reader->steps > PATTERN_STEPS_MAX)
        return refuse(target, NULL,
                      "too many patterns for so many traits: matching them takes more than "
                      "100000000 steps; use fewer patterns",
                      error);
    return matches ? SGR_OK : refuse(target, NULL, "no trait fits this pattern", error);
}

static enum sgr_status apply_key(struct traits_reader *reader, struct target *target,
                                 json_t *settings, struct sgr_error *error)
{
    struct arena *scratch = &reader->draft->scratch;
    target->where = arena_format(scratch, "traits[\"%s\"]", target->key);
    const char *slash = strchr(target->key, '/');
    if (!target->where)
        return error_no_memory(error, "the traits");
    if (!slash || slash == target->key || !slash[1])
        return refuse(target, NULL, "the key of a trait is \"Layer/Trait\"", error);
    target->layer = arena_text(scratch, target->key, (size_t)(slash - target->key));
    target->trait = slash + 1;
    if (!target->layer)
        return error_no_memory(error, "the traits");
    enum sgr_status status =
        json_schema_check(&target->source, target->where, settings, trait_keys, error);
    if (status == SGR_OK)
        status = check_settings(target, error);
    if (status == SGR_OK)
        status = read_tags(reader, target, error);
    if (status != SGR_OK)
        return status;
    return glob_is_pattern(target->key) ? apply_patterns(reader, target, error)
                                        : apply_exact(reader, target, error);
}

/* One pass over the keys, of those with or those without a '*'. */
static enum sgr_status apply_keys(struct traits_reader *reader, json_t *traits, bool patterns,
                                  struct sgr_error *error)
{
    const struct json_source *whole = &reader->config->source;
    struct json_span_walk walk =
        json_span_enter(whole->bytes, json_schema_span(whole, reader->config->root, "traits"));
    enum sgr_status status = SGR_OK;
    for (void *at = json_object_iter(traits); at && status == SGR_OK;
         at = json_object_iter_next(traits, at)) {
        struct target target = {.source = *whole, .key = json_object_iter_key(at)};
        json_t *settings = json_object_iter_value(at);
        (void)json_span_next(&walk, &target.source.span);
        target.settings = settings;
        if (glob_is_pattern(target.key) == patterns)
            status = apply_key(reader, &target, settings, error);
    }
    return status;
}

/* Bounds may come from different keys, so they are compared when all have been read. */
static enum sgr_status check_bounds(const struct traits_reader *reader, struct sgr_error *error)
{
    struct draft *draft = reader->draft;
    for (size_t index = 0; index < draft->layer_count; index++) {
        const struct draft_layer *layer = &draft->layers[index];
        for (size_t at = 0; at < layer->trait_count; at++) {
            const struct draft_trait *trait = &layer->traits[at];
            if (!trait->max_set || trait->min <= trait->max)
                continue;
            const char *text = arena_format(
                &draft->scratch, "of %s/%s \"min\" %llu is above \"max\" %llu", layer->name,
                trait->name, (unsigned long long)trait->min, (unsigned long long)trait->max);
            if (!text)
                return error_no_memory(error, "the traits");
            return json_schema_error(&reader->config->source, "traits", "traits", text, error);
        }
    }
    return SGR_OK;
}

enum sgr_status config_traits_apply(const struct config *config, struct draft *draft,
                                    struct sgr_error *error)
{
    json_t *traits = json_object_get(config->root, "traits");
    if (!traits)
        return SGR_OK;
    struct traits_reader reader = {.config = config, .draft = draft};
    enum sgr_status status = apply_keys(&reader, traits, true, error);
    if (status == SGR_OK)
        status = index_layers(&reader, error);
    if (status == SGR_OK)
        status = apply_keys(&reader, traits, false, error);
    if (status == SGR_OK)
        status = check_bounds(&reader, error);
    trait_index_finish(&reader.index);
    intern_finish(&reader.tags);
    memory_free(reader.positions);
    return status;
}
