/* One-of-one items all have the same stack, so the first of them stands for all. */
#include "collection/group_rules.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/rules_read.h"

#include <string.h>

/* Steps of comparing rules with stacks: a fraction of a second. */
#define GROUP_STEPS_MAX UINT64_C(400000000)

struct group_rules {
    struct collection *collection;
    uint32_t layer; /* of the groups */
    size_t count;   /* groups and items */
    size_t words;
    struct rule *rules; /* owned */
    size_t rule_count;
    size_t rule_capacity;
    uint64_t *exempt;     /* scratch: groups that a rule does not apply to */
    const uint64_t *last; /* the set that was kept last: often the next one is equal */
    size_t set_bytes;
    uint64_t steps;
};

static enum sgr_status no_memory(struct sgr_error *error)
{
    return error_no_memory(error, "the groups' rules");
}

static struct rule *add(struct group_rules *made, const struct rule *rule)
{
    struct rule *grown =
        memory_grow(made->rules, &made->rule_capacity, made->rule_count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    made->rules = grown;
    grown[made->rule_count] = *rule;
    return &grown[made->rule_count++];
}

/* The scratch set in the collection's arena, or all that are not in it; NULL without memory. */
static const uint64_t *keep(struct group_rules *made, bool others)
{
    for (size_t group = 0; others && group < made->count; group++)
        made->exempt[group / 64] ^= UINT64_C(1) << (group % 64);
    if (made->last && memcmp(made->last, made->exempt, made->words * sizeof *made->exempt) == 0)
        return made->last;
    uint64_t *kept = arena_allocate(&made->collection->arena, made->words, sizeof *kept);
    if (kept)
        memcpy(kept, made->exempt, made->words * sizeof *kept);
    made->last = kept;
    made->set_bytes += made->words * sizeof *kept;
    return kept;
}

/* Whether a literal holds for items that lack its layer. */
static bool holds_absent(const struct collection *collection, const struct rule_literal *literal)
{
    const struct collection_layer *layer = &collection->layers[literal->layer];
    for (size_t trait = 0; trait < layer->trait_count; trait++) {
        if (layer->traits[trait].none)
            return literal->traits[trait / 64] >> (trait % 64) & 1;
    }
    return false;
}

/* Whether the rule would be broken by an item that has none of its layers. */
static bool breaks_absent(const struct collection *collection, const struct rule *rule)
{
    bool matters = rule->condition_count == 0;
    uint32_t count = 0;
    for (size_t index = 0; index < rule->condition_count && !matters; index++)
        matters = holds_absent(collection, &rule->conditions[index]);
    for (size_t index = 0; index < rule->literal_count; index++)
        count += holds_absent(collection, &rule->literals[index]);
    return matters && (count < rule->at_least || count > rule->at_most);
}

static bool has_any(const struct collection_stack *stack, const struct rule *rule)
{
    bool any = false;
    for (size_t index = 0; index < rule->condition_count; index++)
        any |= collection_stack_has(stack, rule->conditions[index].layer);
    for (size_t index = 0; index < rule->literal_count; index++)
        any |= collection_stack_has(stack, rule->literals[index].layer);
    return any;
}

/* Finds the groups whose stacks have none of a rule's layers; how many. */
static size_t find_exempt(struct group_rules *made, const struct rule *rule)
{
    const struct collection_layer *groups = &made->collection->layers[made->layer];
    size_t found = 0;
    bool single = false;
    bool lacks = false;
    memset(made->exempt, 0, made->words * sizeof *made->exempt);
    made->steps += made->words;
    for (size_t group = 0; group < made->count; group++) {
        bool is_single = groups->traits[group].single;
        if (!is_single || !single) {
            lacks = !has_any(&made->collection->stacks[group], rule);
            made->steps += rule->condition_count + rule->literal_count;
        }
        single |= is_single;
        made->exempt[group / 64] |= (uint64_t)lacks << (group % 64);
        found += lacks;
    }
    return found;
}

/* A rule without conditions applies to the groups that are not exempt. */
static bool add_conditioned(struct group_rules *made, const struct rule *rule)
{
    struct rule_literal *condition = arena_allocate(&made->collection->arena, 1, sizeof *condition);
    struct rule limited = *rule;
    const uint64_t *groups = keep(made, true);
    if (!condition || !groups)
        return false;
    *condition = (struct rule_literal){made->layer, groups};
    limited.conditions = condition;
    limited.condition_count = 1;
    return add(made, &limited) != NULL;
}

/* A rule that asks for all of its literals is one rule for each: that, or an exempt group. */
static bool add_alternatives(struct group_rules *made, const struct rule *rule)
{
    const uint64_t *groups = keep(made, false);
    bool done = groups != NULL;
    for (size_t index = 0; index < rule->literal_count && done; index++) {
        struct rule_literal *pair = arena_allocate(&made->collection->arena, 2, sizeof *pair);
        struct rule one = *rule;
        if (!pair)
            return false;
        pair[0] = rule->literals[index];
        pair[1] = (struct rule_literal){made->layer, groups};
        one.literals = pair;
        one.literal_count = holds_absent(made->collection, &pair[0]) ? 1 : 2;
        one.at_least = 1;
        one.at_most = (uint32_t)one.literal_count;
        done = add(made, &one) != NULL;
    }
    return done;
}

/* Adds a rule of the user as far as it applies. */
static enum sgr_status add_users(struct group_rules *made, const struct rule *rule,
                                 struct sgr_error *error)
{
    bool done;
    if (!breaks_absent(made->collection, rule) || find_exempt(made, rule) == 0) {
        done = add(made, rule) != NULL;
    } else if (rule->condition_count == 0) {
        done = add_conditioned(made, rule);
    } else {
        ERROR_ASSERT(rule->at_least == rule->literal_count); /* as rules_read makes them */
        done = add_alternatives(made, rule);
    }
    if (made->steps > GROUP_STEPS_MAX || made->set_bytes > RULES_SETS_BYTES_MAX)
        return error_set(error, SGR_INPUT,
                         "\"rules\": there are too many of them for so many groups; use fewer");
    return done ? SGR_OK : no_memory(error);
}

/* If an item is of one of the groups in the scratch set, it has one of the traits. */
static bool add_own(struct group_rules *made, uint32_t layer, const uint64_t *traits,
                    const char *with)
{
    struct arena *arena = &made->collection->arena;
    struct rule_literal *literals = arena_allocate(arena, 2, sizeof *literals);
    const uint64_t *groups = keep(made, false);
    struct rule rule = {.source = RULES_NONE,
                        .conditions = literals,
                        .condition_count = 1,
                        .literals = literals + 1,
                        .literal_count = 1,
                        .at_least = 1,
                        .at_most = 1};
    rule.text =
        arena_format(arena, "groups %s the layer %s", with, made->collection->layers[layer].name);
    if (!literals || !groups || !rule.text)
        return false;
    literals[0] = (struct rule_literal){made->layer, groups};
    literals[1] = (struct rule_literal){layer, traits};
    return add(made, &rule) != NULL;
}

/* Sets the scratch set to the groups with, or without, a layer; how many they are. */
static size_t find_groups(struct group_rules *made, uint32_t layer, bool with)
{
    size_t found = 0;
    memset(made->exempt, 0, made->words * sizeof *made->exempt);
    for (size_t group = 0; group < made->count; group++) {
        bool fits = collection_stack_has(&made->collection->stacks[group], layer) == with;
        made->exempt[group / 64] |= (uint64_t)fits << (group % 64);
        found += fits;
    }
    return found;
}

static bool add_layer(struct group_rules *made, uint32_t layer)
{
    const struct collection_layer *choices = &made->collection->layers[layer];
    size_t words = (choices->trait_count + 63) / 64;
    uint64_t *absent = arena_allocate(&made->collection->arena, words, sizeof *absent);
    uint64_t *present = arena_allocate(&made->collection->arena, words, sizeof *present);
    bool lacked = false;
    bool optional = false;
    if (!absent || !present)
        return false;
    for (size_t index = 0; index < choices->trait_count; index++) {
        const struct collection_trait *trait = &choices->traits[index];
        (trait->none ? absent : present)[index / 64] |= UINT64_C(1) << (index % 64);
        lacked |= trait->lacked;
        optional |= trait->none && (trait->weight > 0 || trait->count_fixed || trait->min > 0);
    }
    if (!lacked)
        return true;
    if (find_groups(made, layer, false) > 0 && !add_own(made, layer, absent, "without"))
        return false;
    return optional || find_groups(made, layer, true) == 0 || add_own(made, layer, present, "with");
}

static enum sgr_status make(struct group_rules *made, struct sgr_error *error)
{
    struct collection *collection = made->collection;
    enum sgr_status status = SGR_OK;
    for (size_t rule = 0; status == SGR_OK && rule < collection->rules.rule_count; rule++)
        status = add_users(made, &collection->rules.rules[rule], error);
    for (uint32_t layer = 0; status == SGR_OK && layer < made->layer; layer++)
        status = add_layer(made, layer) ? SGR_OK : no_memory(error);
    if (status != SGR_OK || made->rule_count == 0)
        return status;
    struct rule *rules = arena_allocate(&collection->arena, made->rule_count, sizeof *rules);
    if (!rules)
        return no_memory(error);
    memcpy(rules, made->rules, made->rule_count * sizeof *rules);
    collection->rules.rules = rules;
    collection->rules.rule_count = made->rule_count;
    return SGR_OK;
}

enum sgr_status group_rules_add(struct collection *collection, struct sgr_error *error)
{
    size_t layer = collection_group_layer(collection);
    if (layer == SIZE_MAX || !collection->stacks)
        return SGR_OK;
    struct group_rules made = {.collection = collection,
                               .layer = (uint32_t)layer,
                               .count = collection->layers[layer].trait_count};
    made.words = (made.count + 63) / 64;
    made.exempt = memory_allocate(made.words, sizeof *made.exempt);
    enum sgr_status status = made.exempt ? make(&made, error) : no_memory(error);
    memory_free(made.exempt);
    memory_free(made.rules);
    return status;
}
