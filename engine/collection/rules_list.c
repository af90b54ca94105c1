/*
 * Names are looked up, patterns are matched once. What a list says of a layer is gathered in one
 * set of bits, which is kept when the list has been read.
 */
#include "collection/rules_list.h"

#include "base/memory.h"
#include "collection/glob.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum sgr_status rules_list_init(struct rules_list *list, struct draft *draft,
                                struct sgr_error *error)
{
    const struct collection *collection = draft->collection;
    size_t count = collection->layer_count;
    *list = (struct rules_list){.draft = draft, .collection = draft->collection};
    list->bases = arena_allocate(&draft->scratch, count, sizeof *list->bases);
    list->bits = arena_allocate(&draft->scratch, count, sizeof *list->bits);
    list->is_touched = arena_allocate(&draft->scratch, count, sizeof *list->is_touched);
    list->touched = arena_allocate(&draft->scratch, count, sizeof *list->touched);
    bool done = list->bases && list->bits && list->is_touched && list->touched;
    for (size_t index = 0; done && index < count; index++) {
        const struct collection_layer *layer = &collection->layers[index];
        uint32_t number;
        uint32_t added;
        done = trait_index_add_layer(&list->index, layer->name, &number);
        list->bases[index] = (uint32_t)list->index.traits.count;
        for (size_t trait = 0; done && trait < layer->trait_count; trait++)
            done = trait_index_add(&list->index, number, layer->traits[trait].name, &added);
    }
    return done ? SGR_OK : error_no_memory(error, "the rules");
}

void rules_list_finish(struct rules_list *list)
{
    trait_index_finish(&list->index);
    trait_index_finish(&list->patterns);
    intern_finish(&list->sets);
    memory_free(list->pattern_sets);
    memory_free(list->rules);
    *list = (struct rules_list){0};
}

size_t rules_list_words(const struct rules_list *list, uint32_t layer)
{
    return (list->collection->layers[layer].trait_count + 63) / 64;
}

static enum sgr_status refuse(const struct rules_entry *entry, const char *text,
                              struct sgr_error *error)
{
    return json_schema_error(&entry->source, entry->where, NULL, text, error);
}

enum sgr_status rules_list_work(struct rules_list *list, const struct rules_entry *entry,
                                uint64_t steps, struct sgr_error *error)
{
    list->steps += steps;
    if (list->steps <= RULES_STEPS_MAX)
        return SGR_OK;
    return refuse(entry,
                  "up to here the rules take more than 200000000 steps to understand; use fewer "
                  "rules, patterns or tags",
                  error);
}

enum sgr_status rules_list_keep(struct rules_list *list, const struct rules_entry *entry,
                                struct rule_literal *literal, const uint64_t *bits,
                                struct sgr_error *error)
{
    size_t words = rules_list_words(list, literal->layer);
    size_t known = list->sets.count;
    uint32_t number;
    if (!intern_add(&list->sets, &list->collection->arena, bits, words * sizeof *bits, &number))
        return error_no_memory(error, "the rules");
    literal->traits = (const void *)list->sets.entries[number].bytes;
    if (number == known)
        list->set_bytes += words * sizeof *bits;
    if (list->set_bytes > RULES_SETS_BYTES_MAX)
        return refuse(entry,
                      "up to here the rules speak of too many different sets of traits (128 MiB); "
                      "use fewer rules",
                      error);
    return rules_list_work(list, entry, words, error);
}

/* The names that a mistyped one may have meant. */
static enum sgr_status refuse_unknown(struct rules_list *list, const struct rules_entry *entry,
                                      const struct collection_layer *layer, const char *name,
                                      struct sgr_error *error)
{
    const struct collection *collection = list->collection;
    size_t count = layer ? layer->trait_count : collection->layer_count;
    const char **words = arena_allocate(&list->draft->scratch, count + 1, sizeof *words);
    if (!words)
        return error_no_memory(error, "the rules");
    for (size_t index = 0; index < count; index++)
        words[index] = layer ? layer->traits[index].name : collection->layers[index].name;
    const char *what =
        layer ? arena_format(&list->draft->scratch, "the trait of %s", layer->name) : "the layer";
    if (!what)
        return error_no_memory(error, "the rules");
    return json_schema_unknown(&entry->source, entry->where, what, name, words, error);
}

static enum sgr_status find_layer(struct rules_list *list, const struct rules_entry *entry,
                                  const char *name, size_t length, uint32_t *out_layer,
                                  struct sgr_error *error)
{
    if (trait_index_find_layer(&list->index, name, length, out_layer))
        return SGR_OK;
    const char *copy = arena_text(&list->draft->scratch, name, length);
    if (!copy)
        return error_no_memory(error, "the rules");
    return refuse_unknown(list, entry, NULL, copy, error);
}

enum sgr_status rules_list_layer(struct rules_list *list, const struct rules_entry *entry,
                                 const char *name, uint32_t *out_layer, struct sgr_error *error)
{
    return find_layer(list, entry, name, strlen(name), out_layer, error);
}

/* The layer's bits, zero at the first touch. */
static uint64_t *touch(struct rules_list *list, uint32_t layer)
{
    if (!list->bits[layer])
        list->bits[layer] = arena_allocate(&list->draft->scratch, rules_list_words(list, layer),
                                           sizeof **list->bits);
    if (list->bits[layer] && !list->is_touched[layer]) {
        list->is_touched[layer] = true;
        list->touched[list->touched_count++] = layer;
    }
    return list->bits[layer];
}

/* The set of what a new pattern means. */
static enum sgr_status match_pattern(struct rules_list *list, const struct rules_entry *entry,
                                     struct rule_literal *literal, const char *pattern,
                                     struct sgr_error *error)
{
    const struct collection_layer *layer = &list->collection->layers[literal->layer];
    uint64_t *bits = memory_allocate_zeroed(rules_list_words(list, literal->layer), sizeof *bits);
    uint64_t steps = 0;
    size_t matches = 0;
    if (!bits)
        return error_no_memory(error, "the rules");
    for (size_t index = 0; index < layer->trait_count; index++) {
        if (layer->traits[index].none || !glob_match(pattern, layer->traits[index].name, &steps))
            continue;
        bits[index / 64] |= UINT64_C(1) << (index % 64);
        matches++;
    }
    enum sgr_status status = rules_list_work(list, entry, steps, error);
    if (status == SGR_OK && matches == 0)
        status = refuse(entry, "no trait fits this pattern", error);
    if (status == SGR_OK)
        status = rules_list_keep(list, entry, literal, bits, error);
    memory_free(bits);
    return status;
}

static enum sgr_status add_pattern(struct rules_list *list, const struct rules_entry *entry,
                                   uint32_t layer, const char *pattern, struct sgr_error *error)
{
    size_t known = list->patterns.traits.count;
    uint32_t number;
    struct rule_literal literal = {.layer = layer};
    if (!trait_index_add(&list->patterns, layer, pattern, &number))
        return error_no_memory(error, "the rules");
    if (number == known) {
        const uint64_t **grown =
            memory_grow(list->pattern_sets, &list->pattern_capacity, known + 1, sizeof *grown);
        if (!grown)
            return error_no_memory(error, "the rules");
        list->pattern_sets = grown;
        enum sgr_status status = match_pattern(list, entry, &literal, pattern, error);
        if (status != SGR_OK)
            return status;
        grown[number] = literal.traits;
    }
    uint64_t *bits = touch(list, layer);
    size_t words = rules_list_words(list, layer);
    for (size_t word = 0; bits && word < words; word++)
        bits[word] |= list->pattern_sets[number][word];
    return bits ? rules_list_work(list, entry, words, error) : error_no_memory(error, "the rules");
}

/* Notes one name of a list in the bits of its layer. */
static enum sgr_status add_name(struct rules_list *list, const struct rules_entry *entry,
                                const char *name, struct sgr_error *error)
{
    const char *slash = strchr(name, '/');
    if (!slash || slash == name || !slash[1])
        return refuse(entry, "a trait is written \"Layer/Trait\"", error);
    uint32_t layer;
    uint32_t trait;
    enum sgr_status status = find_layer(list, entry, name, (size_t)(slash - name), &layer, error);
    if (status != SGR_OK)
        return status;
    if (trait_index_find(&list->index, layer, slash + 1, &trait)) {
        uint64_t *bits = touch(list, layer);
        if (!bits)
            return error_no_memory(error, "the rules");
        trait -= list->bases[layer];
        bits[trait / 64] |= UINT64_C(1) << (trait % 64);
        return SGR_OK;
    }
    if (glob_is_pattern(slash + 1))
        return add_pattern(list, entry, layer, slash + 1, error);
    if (strcmp(slash + 1, DRAFT_NONE) != 0)
        return refuse_unknown(list, entry, &list->collection->layers[layer], slash + 1, error);
    if (!touch(list, layer))
        return error_no_memory(error, "the rules");
    return rules_list_warn(list, entry, error, "rule-never-absent",
                           "the layer %s is never absent, so no item has \"%s\"",
                           list->collection->layers[layer].name, name);
}

static int compare_numbers(const void *left, const void *right)
{
    const uint32_t *a = left;
    const uint32_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Makes literals of what was gathered. */
static enum sgr_status take(struct rules_list *list, const struct rules_entry *entry,
                            struct rules_literals *out_literals, struct sgr_error *error)
{
    size_t count = list->touched_count;
    struct rule_literal *items = arena_allocate(&list->collection->arena, count, sizeof *items);
    if (!items)
        return error_no_memory(error, "the rules");
    qsort(list->touched, count, sizeof *list->touched, compare_numbers);
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < count; index++) {
        uint32_t layer = list->touched[index];
        items[index].layer = layer;
        if (status == SGR_OK)
            status = rules_list_keep(list, entry, &items[index], list->bits[layer], error);
        memset(list->bits[layer], 0, rules_list_words(list, layer) * sizeof **list->bits);
        list->is_touched[layer] = false;
    }
    list->touched_count = 0;
    *out_literals = (struct rules_literals){items, count};
    return status;
}

enum sgr_status rules_list_trait(struct rules_list *list, const struct rules_entry *entry,
                                 const char *name, struct rules_literals *out_literals,
                                 struct sgr_error *error)
{
    enum sgr_status status = add_name(list, entry, name, error);
    return status == SGR_OK ? take(list, entry, out_literals, error) : status;
}

/* The entry, narrowed to the value of one of its keys. */
static struct rules_entry narrow(const struct rules_entry *entry, const char *key)
{
    struct rules_entry value = *entry;
    value.source.span = json_schema_span(&entry->source, entry->object, key);
    return value;
}

enum sgr_status rules_list_value(struct rules_list *list, const struct rules_entry *entry,
                                 const json_t *value, struct rules_literals *out_literals,
                                 struct sgr_error *error)
{
    if (json_is_string(value))
        return rules_list_trait(list, entry, json_string_value(value), out_literals, error);
    if (json_array_size(value) == 0)
        return refuse(entry, "the list is empty", error);
    struct rules_entry at = *entry;
    struct json_span_walk walk = json_span_enter(at.source.bytes, at.source.span);
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; status == SGR_OK && index < json_array_size(value); index++) {
        (void)json_span_next(&walk, &at.source.span);
        status = add_name(list, &at, json_string_value(json_array_get(value, index)), error);
    }
    return status == SGR_OK ? take(list, entry, out_literals, error) : status;
}

enum sgr_status rules_list_traits(struct rules_list *list, const struct rules_entry *entry,
                                  const char *key, struct rules_literals *out_literals,
                                  struct sgr_error *error)
{
    struct rules_entry at = narrow(entry, key);
    return rules_list_value(list, &at, json_object_get(entry->object, key), out_literals, error);
}

enum sgr_status rules_list_layers(struct rules_list *list, const struct rules_entry *entry,
                                  const char *key, const uint32_t **out_layers,
                                  struct sgr_error *error)
{
    const json_t *value = json_object_get(entry->object, key);
    struct rules_entry at = narrow(entry, key);
    struct json_span_walk walk = json_span_enter(at.source.bytes, at.source.span);
    size_t count = json_array_size(value);
    if (count == 0)
        return refuse(&at, "the list is empty", error);
    if (count > list->collection->layer_count)
        return refuse(&at, "there are not so many layers", error);
    uint32_t *layers = arena_allocate(&list->collection->arena, count, sizeof *layers);
    if (!layers)
        return error_no_memory(error, "the rules");
    for (size_t index = 0; index < count; index++) {
        (void)json_span_next(&walk, &at.source.span);
        const char *name = json_string_value(json_array_get(value, index));
        enum sgr_status status = rules_list_layer(list, &at, name, &layers[index], error);
        if (status != SGR_OK)
            return status;
        if (list->is_touched[layers[index]])
            return refuse(&at, "this layer is listed twice", error);
        list->is_touched[layers[index]] = true;
    }
    for (size_t index = 0; index < count; index++)
        list->is_touched[layers[index]] = false;
    qsort(layers, count, sizeof *layers, compare_numbers);
    *out_layers = layers;
    return SGR_OK;
}

enum sgr_status rules_list_add(struct rules_list *list, const struct rules_entry *entry,
                               const struct rule *rule, struct sgr_error *error)
{
    if (list->rule_count >= RULES_MAX)
        return refuse(entry, "up to here there are more than 65536 rules; use fewer", error);
    struct rule *grown =
        memory_grow(list->rules, &list->rule_capacity, list->rule_count + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the rules");
    list->rules = grown;
    struct rule *added = &grown[list->rule_count++];
    *added = *rule;
    added->text = entry->text;
    added->source = entry->number;
    return SGR_OK;
}

enum sgr_status rules_list_warn(struct rules_list *list, const struct rules_entry *entry,
                                struct sgr_error *error, const char *code, const char *format, ...)
{
    /* Those that are only counted cost nothing: a hostile file may cause millions. */
    if (list->draft->notice_count >= COLLECTION_NOTICES_MAX - 1)
        return draft_notice(list->draft, error, SGR_LOG_WARNING, code, "%s", code);
    char text[512];
    struct text front = {0};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    json_schema_front(&entry->source, entry->where, &front);
    enum sgr_status status = front.failed ? error_no_memory(error, "the rules")
                                          : draft_notice(list->draft, error, SGR_LOG_WARNING, code,
                                                         "%s%s", front.bytes, text);
    text_finish(&front);
    return status;
}
