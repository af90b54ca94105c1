/*
 * One entry after the other. The key that only one kind of rule has tells the kind; the others
 * must go with it.
 */
#include "collection/rules_read.h"

#include "base/memory.h"
#include "collection/rules_list.h"
#include "collection/rules_tags.h"
#include "collection/rules_verdict.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES_MAX = 160 };

/* What is being read. */
struct rules_reader {
    struct rules_list list;
    struct rules_tags tags;
    struct rule_unique *uniques;
    size_t unique_count;
    size_t unique_capacity;
    struct rule_order *orders;
    size_t order_count;
    size_t order_capacity;
};

static const struct json_schema_key rule_keys[] = {
    {"forbid", SCHEMA_TEXTS, 0, 0},
    {"if", SCHEMA_TEXT_OR_TEXTS, 0, 0},
    {"then", SCHEMA_TEXT_OR_TEXTS, 0, 0},
    {"only_with", SCHEMA_OBJECT, 0, 0},
    {"same_tag", SCHEMA_TEXTS, 0, 0},
    {"different_tag", SCHEMA_TEXTS, 0, 0},
    {"at_least", SCHEMA_WHOLE, 0, COLLECTION_LAYERS_MAX},
    {"at_most", SCHEMA_WHOLE, 0, COLLECTION_LAYERS_MAX},
    {"exactly", SCHEMA_WHOLE, 0, COLLECTION_LAYERS_MAX},
    {"of", SCHEMA_TEXTS, 0, 0},
    {"unique", SCHEMA_TEXTS, 0, 0},
    {"order", SCHEMA_TEXTS, 0, 0},
    {NULL, SCHEMA_TEXT, 0, 0},
};

static enum sgr_status refuse(const struct rules_entry *entry, const char *key, const char *text,
                              struct sgr_error *error)
{
    return json_schema_error(&entry->source, entry->where, key, text, error);
}

/* Adds a rule, unless it can never be kept; warns when it changes nothing. */
static enum sgr_status add_checked(struct rules_list *list, const struct rules_entry *entry,
                                   const struct rule *rule, struct sgr_error *error)
{
    enum sgr_status status = rules_verdict_check(list, entry, rule, error);
    return status == SGR_OK ? rules_list_add(list, entry, rule, error) : status;
}

static enum sgr_status read_forbid(struct rules_reader *reader, const struct rules_entry *entry,
                                   struct sgr_error *error)
{
    struct rules_literals traits;
    enum sgr_status status = rules_list_traits(&reader->list, entry, "forbid", &traits, error);
    if (status != SGR_OK)
        return status;
    if (traits.count < 2)
        return refuse(entry, "forbid",
                      "\"forbid\" is about traits of different layers that must not come together, "
                      "and these are of one layer; to leave out a trait give it \"weight\" 0",
                      error);
    struct rule rule = {.literals = traits.items,
                        .literal_count = traits.count,
                        .at_most = (uint32_t)traits.count - 1};
    return add_checked(&reader->list, entry, &rule, error);
}

/* Whatever the condition holds for must have one of the traits in each layer. */
static enum sgr_status add_implied(struct rules_reader *reader, const struct rules_entry *entry,
                                   const struct rules_literals *conditions,
                                   const struct rules_literals *traits, struct sgr_error *error)
{
    struct rule rule = {.conditions = conditions->items,
                        .condition_count = conditions->count,
                        .literals = traits->items,
                        .literal_count = traits->count,
                        .at_least = (uint32_t)traits->count,
                        .at_most = (uint32_t)traits->count};
    return add_checked(&reader->list, entry, &rule, error);
}

static enum sgr_status read_then(struct rules_reader *reader, const struct rules_entry *entry,
                                 struct sgr_error *error)
{
    struct rules_literals conditions;
    struct rules_literals traits;
    if (!json_object_get(entry->object, "if"))
        return refuse(entry, "then", "\"then\" needs \"if\" beside it", error);
    enum sgr_status status = rules_list_traits(&reader->list, entry, "if", &conditions, error);
    if (status == SGR_OK)
        status = rules_list_traits(&reader->list, entry, "then", &traits, error);
    return status == SGR_OK ? add_implied(reader, entry, &conditions, &traits, error) : status;
}

/* Reads one member of "only_with"; the entry's span is the member. */
static enum sgr_status read_pair(struct rules_reader *reader, const struct rules_entry *entry,
                                 const char *trait, const json_t *value, struct sgr_error *error)
{
    static const struct json_schema_key any = {"only_with", SCHEMA_TEXT_OR_TEXTS, 0, 0};
    struct rules_literals conditions;
    struct rules_literals traits;
    struct rules_entry at = *entry;
    at.source.span = json_span_value(entry->source.bytes, entry->source.span);
    if (!json_schema_fits(value, &any))
        return refuse(&at, NULL, "this has to be a trait or a list of traits", error);
    enum sgr_status status = rules_list_trait(&reader->list, entry, trait, &conditions, error);
    if (status == SGR_OK)
        status = rules_list_value(&reader->list, &at, value, &traits, error);
    return status == SGR_OK ? add_implied(reader, entry, &conditions, &traits, error) : status;
}

static enum sgr_status read_only_with(struct rules_reader *reader, const struct rules_entry *entry,
                                      struct sgr_error *error)
{
    json_t *pairs = json_object_get(entry->object, "only_with");
    struct rules_entry pair = *entry;
    pair.source.span = json_schema_span(&entry->source, entry->object, "only_with");
    if (json_object_size(pairs) == 0)
        return refuse(&pair, NULL, "\"only_with\" is empty", error);
    struct json_span_walk walk = json_span_enter(pair.source.bytes, pair.source.span);
    enum sgr_status status = SGR_OK;
    for (void *at = json_object_iter(pairs); at && status == SGR_OK;
         at = json_object_iter_next(pairs, at)) {
        (void)json_span_next(&walk, &pair.source.span);
        status =
            read_pair(reader, &pair, json_object_iter_key(at), json_object_iter_value(at), error);
    }
    return status;
}

static enum sgr_status read_same_tag(struct rules_reader *reader, const struct rules_entry *entry,
                                     struct sgr_error *error)
{
    return rules_tags_add(&reader->tags, &reader->list, entry, true, error);
}

static enum sgr_status read_different_tag(struct rules_reader *reader,
                                          const struct rules_entry *entry, struct sgr_error *error)
{
    return rules_tags_add(&reader->tags, &reader->list, entry, false, error);
}

static enum sgr_status read_of(struct rules_reader *reader, const struct rules_entry *entry,
                               struct sgr_error *error)
{
    int64_t least = 0;
    int64_t most = COLLECTION_LAYERS_MAX;
    bool has_bound = json_schema_whole(entry->object, "at_least", &least);
    has_bound |= json_schema_whole(entry->object, "at_most", &most);
    if (json_object_get(entry->object, "exactly")) {
        if (has_bound)
            return refuse(entry, "exactly",
                          "\"exactly\" does not go with \"at_least\" and \"at_most\"; keep one",
                          error);
        has_bound = json_schema_whole(entry->object, "exactly", &least);
        most = least;
    }
    if (!has_bound)
        return refuse(entry, "of",
                      "\"of\" needs \"at_most\", \"at_least\" or \"exactly\" beside it", error);
    if (least > most)
        return refuse(entry, "at_least", "\"at_least\" is above \"at_most\"", error);
    struct rules_literals traits;
    enum sgr_status status = rules_list_traits(&reader->list, entry, "of", &traits, error);
    if (status != SGR_OK)
        return status;
    if ((uint64_t)least > traits.count)
        return refuse(entry, "of",
                      "the traits are of fewer layers than an item has to have of them, and it has "
                      "only one of a layer",
                      error);
    struct rule rule = {.literals = traits.items,
                        .literal_count = traits.count,
                        .at_least = (uint32_t)least,
                        .at_most = (uint32_t)most};
    return add_checked(&reader->list, entry, &rule, error);
}

static enum sgr_status read_unique(struct rules_reader *reader, const struct rules_entry *entry,
                                   struct sgr_error *error)
{
    struct rule_unique unique = {.text = entry->text, .source = entry->number};
    const struct collection *collection = reader->list.collection;
    enum sgr_status status =
        rules_list_layers(&reader->list, entry, "unique", &unique.layers, error);
    unique.layer_count = json_array_size(json_object_get(entry->object, "unique"));
    for (size_t index = 0; status == SGR_OK && index < unique.layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[unique.layers[index]];
        if (layer->trait_count == 1)
            status = rules_list_warn(&reader->list, entry, error, "rule-one-trait",
                                     "%s has only one trait, so it tells no item from another",
                                     layer->name);
    }
    struct rule_unique *grown = memory_grow(reader->uniques, &reader->unique_capacity,
                                            reader->unique_count + 1, sizeof *grown);
    if (status == SGR_OK && !grown)
        status = error_no_memory(error, "the rules");
    if (grown) {
        reader->uniques = grown;
        grown[reader->unique_count++] = unique;
    }
    return status;
}

/* The layers of ["Hat", "above", "Hair"]. */
static enum sgr_status read_places(struct rules_reader *reader, const struct rules_entry *entry,
                                   struct rule_order *order, struct sgr_error *error)
{
    const json_t *list = json_object_get(entry->object, "order");
    const char *word = json_string_value(json_array_get(list, 1));
    order->above = word && strcmp(word, "above") == 0;
    if (json_array_size(list) != 3 || (!order->above && strcmp(word, "below") != 0))
        return refuse(entry, "order",
                      "\"order\" has to be a layer, \"above\" or \"below\", and another layer",
                      error);
    struct json_span span = json_schema_span(&entry->source, entry->object, "order");
    uint32_t *layers[2] = {&order->layer, &order->other};
    struct rules_entry name = *entry;
    for (size_t index = 0; index < 2; index++) {
        name.source.span = json_span_member(entry->source.bytes, span, 2 * index);
        enum sgr_status status = rules_list_layer(
            &reader->list, &name, json_string_value(json_array_get(list, 2 * index)), layers[index],
            error);
        if (status != SGR_OK)
            return status;
    }
    if (order->layer == order->other)
        return refuse(&name, NULL, "a layer cannot go above or below itself", error);
    return SGR_OK;
}

static enum sgr_status read_order(struct rules_reader *reader, const struct rules_entry *entry,
                                  struct sgr_error *error)
{
    struct rule_order order = {.text = entry->text, .source = entry->number};
    struct rules_literals conditions = {NULL, 0};
    enum sgr_status status = read_places(reader, entry, &order, error);
    if (status == SGR_OK && json_object_get(entry->object, "if"))
        status = rules_list_traits(&reader->list, entry, "if", &conditions, error);
    if (status != SGR_OK)
        return status;
    order.conditions = conditions.items;
    order.condition_count = conditions.count;
    struct rule_order *grown = memory_grow(reader->orders, &reader->order_capacity,
                                           reader->order_count + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the rules");
    reader->orders = grown;
    grown[reader->order_count++] = order;
    return SGR_OK;
}

/* A kind of rule: the key that tells it, and those that may stand beside it. */
struct rules_kind {
    const char *key;
    const char *beside[4];
    enum sgr_status (*read)(struct rules_reader *reader, const struct rules_entry *entry,
                            struct sgr_error *error);
};

static const struct rules_kind kinds[] = {
    {"forbid", {NULL}, read_forbid},
    {"then", {"if", NULL}, read_then},
    {"only_with", {NULL}, read_only_with},
    {"same_tag", {NULL}, read_same_tag},
    {"different_tag", {NULL}, read_different_tag},
    {"of", {"at_least", "at_most", "exactly", NULL}, read_of},
    {"unique", {NULL}, read_unique},
    {"order", {"if", NULL}, read_order},
};

enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static enum sgr_status refuse_kind(const struct rules_entry *entry, struct sgr_error *error)
{
    if (json_object_get(entry->object, "if"))
        return refuse(entry, "if", "\"if\" needs \"then\" or \"order\" beside it", error);
    if (json_object_size(entry->object))
        return refuse(entry, NULL, "this needs a list \"of\" traits beside it", error);
    return refuse(entry, NULL,
                  "a rule has one of \"forbid\", \"if\" and \"then\", \"only_with\", \"same_tag\", "
                  "\"different_tag\", \"at_most\", \"at_least\" or \"exactly\" with \"of\", "
                  "\"unique\", \"order\"",
                  error);
}

/* Finds the kind, and refuses keys that do not go with it. */
static enum sgr_status find_kind(const struct rules_entry *entry,
                                 const struct rules_kind **out_kind, struct sgr_error *error)
{
    const struct rules_kind *kind = NULL;
    for (size_t index = 0; index < KIND_COUNT && !kind; index++) {
        if (json_object_get(entry->object, kinds[index].key))
            kind = &kinds[index];
    }
    if (!kind)
        return refuse_kind(entry, error);
    *out_kind = kind;
    for (void *at = json_object_iter(entry->object); at;
         at = json_object_iter_next(entry->object, at)) {
        const char *key = json_object_iter_key(at);
        bool fits = strcmp(key, kind->key) == 0;
        for (size_t index = 0; kind->beside[index]; index++)
            fits |= strcmp(key, kind->beside[index]) == 0;
        if (fits)
            continue;
        char text[128];
        (void)snprintf(text, sizeof text,
                       "\"%s\" does not go with \"%s\"; write an entry for each rule", key,
                       kind->key);
        return refuse(entry, key, text, error);
    }
    return SGR_OK;
}

/* The entry as one line, cut where it is long. */
static const char *entry_text(struct arena *arena, const json_t *object)
{
    /* What does not fit is not written, so zeros follow what was. */
    char dump[TEXT_BYTES_MAX + 1] = {0};
    size_t size = json_dumpb(object, dump, TEXT_BYTES_MAX, 0);
    size_t end = strlen(dump);
    while (!text_is_utf8(dump, end))
        end--;
    dump[end] = '\0';
    return arena_format(arena, "%s%s", dump, size > TEXT_BYTES_MAX ? " ..." : "");
}

static enum sgr_status read_entry(struct rules_reader *reader, struct rules_entry *entry,
                                  struct sgr_error *error)
{
    struct draft *draft = reader->list.draft;
    const struct rules_kind *kind = NULL;
    entry->where = arena_format(&draft->scratch, "rules[%zu]", entry->number);
    if (!entry->where)
        return error_no_memory(error, "the rules");
    enum sgr_status status =
        json_schema_check(&entry->source, entry->where, entry->object, rule_keys, error);
    if (status == SGR_OK)
        status = find_kind(entry, &kind, error);
    if (status != SGR_OK)
        return status;
    entry->text = entry_text(&draft->collection->arena, entry->object);
    return entry->text ? kind->read(reader, entry, error) : error_no_memory(error, "the rules");
}

/* Hands the tables to the collection. */
static enum sgr_status take(struct rules_reader *reader, struct sgr_error *error)
{
    struct collection *collection = reader->list.collection;
    struct rules *rules = &collection->rules;
    struct arena *arena = &collection->arena;
    struct {
        const void *from;
        size_t count;
        size_t size;
        void *to;
    } tables[] = {
        {reader->list.rules, reader->list.rule_count, sizeof *rules->rules, NULL},
        {reader->uniques, reader->unique_count, sizeof *rules->uniques, NULL},
        {reader->orders, reader->order_count, sizeof *rules->orders, NULL},
    };
    for (size_t index = 0; index < sizeof tables / sizeof *tables; index++) {
        if (tables[index].count == 0)
            continue;
        tables[index].to = arena_allocate(arena, tables[index].count, tables[index].size);
        if (!tables[index].to)
            return error_no_memory(error, "the rules");
        memcpy(tables[index].to, tables[index].from, tables[index].count * tables[index].size);
    }
    *rules = (struct rules){
        .rules = tables[0].to,
        .rule_count = tables[0].count,
        .uniques = tables[1].to,
        .unique_count = tables[1].count,
        .orders = tables[2].to,
        .order_count = tables[2].count,
    };
    return SGR_OK;
}

enum sgr_status rules_read(const struct config *config, struct draft *draft,
                           struct sgr_error *error)
{
    json_t *list = json_object_get(config->root, "rules");
    size_t count = json_array_size(list);
    if (count == 0)
        return SGR_OK;
    if (count > RULES_ENTRIES_MAX)
        return json_schema_error(&config->source, "", "rules", "there are more than 65536 rules",
                                 error);
    struct rules_reader reader = {.unique_count = 0};
    const struct json_source *source = &config->source;
    struct json_span_walk walk =
        json_span_enter(source->bytes, json_schema_span(source, config->root, "rules"));
    enum sgr_status status = rules_list_init(&reader.list, draft, error);
    for (size_t index = 0; status == SGR_OK && index < count; index++) {
        struct rules_entry entry = {
            .source = *source, .object = json_array_get(list, index), .number = index};
        (void)json_span_next(&walk, &entry.source.span);
        status = read_entry(&reader, &entry, error);
    }
    if (status == SGR_OK)
        status = take(&reader, error);
    rules_list_finish(&reader.list);
    rules_tags_finish(&reader.tags);
    memory_free(reader.uniques);
    memory_free(reader.orders);
    return status;
}
