/* Traits are kept as rows are read and put in the order of ids at the end. */
#include "collection/recipe_named.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum sgr_status recipe_named_init(struct recipe_named *named, const char *path,
                                  const struct collection_options *options, struct recipes *recipes,
                                  struct sgr_error *error)
{
    *named = (struct recipe_named){.path = path, .recipes = recipes, .rows = {.path = path}};
    enum sgr_status status = collection_read(options, &recipes->collection, error);
    if (status == SGR_OK)
        status = recipe_names_init(&named->names, recipes->collection, error);
    if (status == SGR_OK)
        status = recipe_match_init(&named->match, &named->names, error);
    if (status != SGR_OK)
        return status;
    size_t rules = recipes->collection->rules.rule_count;
    named->broken = memory_allocate_zeroed(rules + 1, sizeof *named->broken);
    return named->broken ? SGR_OK : error_no_memory(error, "the recipes");
}

/* Counts the rules that do not hold. */
static void note_broken(struct recipe_named *named, uint64_t id)
{
    const struct rules *rules = &named->recipes->collection->rules;
    for (size_t rule = 0; rule < rules->rule_count; rule++) {
        struct recipe_named_broken *broken = &named->broken[rule];
        if (rule_holds(&rules->rules[rule], named->match.traits))
            continue;
        if (broken->count++ == 0)
            broken->first_id = id;
    }
}

enum sgr_status recipe_named_add(struct recipe_named *named, const struct recipe_row *row,
                                 struct sgr_error *error)
{
    size_t layers = named->recipes->collection->layer_count;
    enum sgr_status status = recipe_rows_reserve(&named->rows, error);
    if (status != SGR_OK)
        return status;
    size_t used = named->rows.count * layers;
    uint16_t *grown =
        memory_grow(named->traits, &named->trait_capacity, used + layers, sizeof *grown);
    if (!grown)
        return error_no_memory(error, "the recipes");
    named->traits = grown;
    memcpy(grown + used, named->match.traits, layers * sizeof *grown);
    struct recipe_row added = *row;
    added.first_trait = used;
    recipe_rows_add(&named->rows, &added);
    note_broken(named, row->id);
    return SGR_OK;
}

enum sgr_status recipe_named_notice(struct recipe_named *named, enum sgr_log_level level,
                                    const char *code, const struct text *text,
                                    struct sgr_error *error)
{
    struct collection *collection = named->recipes->collection;
    size_t count = collection->notice_count;
    if (count >= COLLECTION_NOTICES_MAX)
        return SGR_OK;
    struct collection_notice *notices =
        arena_allocate(&collection->arena, count + 1, sizeof *notices);
    char *line = text->failed ? NULL : arena_text(&collection->arena, text->bytes, text->length);
    if (!notices || !line)
        return error_no_memory(error, "the recipes");
    if (count)
        memcpy(notices, collection->notices, count * sizeof *notices);
    text_clean_line(line, false);
    notices[count] = (struct collection_notice){level, code, line};
    collection->notices = notices;
    collection->notice_count++;
    return SGR_OK;
}

/* One warning a rule as it was written: several may have come from one. */
static enum sgr_status warn_broken(struct recipe_named *named, struct sgr_error *error)
{
    const struct rules *rules = &named->recipes->collection->rules;
    struct text text = {0};
    enum sgr_status status = SGR_OK;
    const struct rule *told = NULL;
    for (size_t index = 0; index < rules->rule_count && status == SGR_OK; index++) {
        const struct recipe_named_broken *broken = &named->broken[index];
        const struct rule *rule = &rules->rules[index];
        if (broken->count == 0 || (told && rules_are_one(rule, told)))
            continue;
        told = rule;
        text_clear(&text);
        text_format(&text, "%s: %llu of the items break ", named->path,
                    (unsigned long long)broken->count);
        if (rule->source == RULES_NONE)
            text_add(&text, "this: ");
        else
            text_format(&text, "rules[%zu], ", rule->source);
        text_format(&text, "%s; the first is item %llu", rule->text,
                    (unsigned long long)broken->first_id);
        status = recipe_named_notice(named, SGR_LOG_WARNING, "rule-broken", &text, error);
    }
    text_finish(&text);
    return status;
}

enum sgr_status recipe_named_settle(struct recipe_named *named, struct sgr_error *error)
{
    struct recipes *recipes = named->recipes;
    size_t layers = recipes->collection->layer_count;
    if (named->rows.count == 0)
        return error_set(error, SGR_INPUT, "%s: there is no item in it", named->path);
    enum sgr_status status = recipe_rows_sort(&named->rows, error);
    if (status != SGR_OK)
        return status;
    recipes->traits =
        arena_allocate(&recipes->arena, named->rows.count, layers * sizeof *recipes->traits);
    if (!recipes->traits || !recipe_rows_settle(&named->rows, &recipes->arena, recipes))
        return error_no_memory(error, "the recipes");
    for (size_t item = 0; item < recipes->count; item++)
        memcpy(recipes->traits + item * layers, named->traits + named->rows.rows[item].first_trait,
               layers * sizeof *recipes->traits);
    return warn_broken(named, error);
}

void recipe_named_finish(struct recipe_named *named)
{
    recipe_match_finish(&named->match);
    recipe_names_finish(&named->names);
    recipe_rows_finish(&named->rows);
    memory_free(named->traits);
    memory_free(named->broken);
    *named = (struct recipe_named){.path = NULL};
}
