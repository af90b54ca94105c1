/* Layers are chosen independently, so the fewest and most literals that hold can be counted. */
#include "collection/rules_verdict.h"

/* How many of some literals hold for every item, and for some item. */
struct range {
    size_t always;
    size_t ever;
};

/* Traits of a layer that a literal has. */
static size_t count_bits(const struct rules_list *list, const struct rule_literal *literal)
{
    size_t words = rules_list_words(list, literal->layer);
    size_t count = 0;
    for (size_t word = 0; word < words; word++)
        count += (size_t)__builtin_popcountll(literal->traits[word]);
    return count;
}

static struct range count_range(const struct rules_list *list, const struct rule_literal *literals,
                                size_t count)
{
    struct range range = {0, 0};
    for (size_t index = 0; index < count; index++) {
        size_t bits = count_bits(list, &literals[index]);
        range.always += bits == list->collection->layers[literals[index].layer].trait_count;
        range.ever += bits > 0;
    }
    return range;
}

/* Whether a condition and a literal are of one layer and no trait fits both. */
static bool has_conflict(const struct rules_list *list, const struct rule *rule,
                         uint32_t *out_layer)
{
    size_t at = 0;
    for (size_t index = 0; index < rule->condition_count; index++) {
        const struct rule_literal *condition = &rule->conditions[index];
        while (at < rule->literal_count && rule->literals[at].layer < condition->layer)
            at++;
        if (at == rule->literal_count)
            return false;
        if (rule->literals[at].layer != condition->layer)
            continue;
        bool meets = false;
        for (size_t word = 0; word < rules_list_words(list, condition->layer); word++)
            meets |= (rule->literals[at].traits[word] & condition->traits[word]) != 0;
        *out_layer = condition->layer;
        if (!meets)
            return true;
    }
    return false;
}

static enum sgr_status refuse_conflict(const struct rules_list *list,
                                       const struct rules_entry *entry, uint32_t layer,
                                       struct sgr_error *error)
{
    const char *text = arena_format(&list->draft->scratch,
                                    "an item has only one trait of %s, and the rule asks for two",
                                    list->collection->layers[layer].name);
    if (!text)
        return error_no_memory(error, "the rules");
    return json_schema_error(&entry->source, entry->where, NULL, text, error);
}

enum sgr_status rules_verdict_check(struct rules_list *list, const struct rules_entry *entry,
                                    const struct rule *rule, struct sgr_error *error)
{
    struct range conditions = count_range(list, rule->conditions, rule->condition_count);
    struct range literals = count_range(list, rule->literals, rule->literal_count);
    bool has_condition = rule->condition_count > 0;
    uint32_t layer;
    if (has_condition && conditions.ever == 0)
        return rules_list_warn(list, entry, error, "rule-without-effect",
                               "the rule changes nothing, for no item has what it speaks of");
    if (has_conflict(list, rule, &layer))
        return refuse_conflict(list, entry, layer, error);
    bool can_hold = literals.ever >= rule->at_least && literals.always <= rule->at_most;
    if (!can_hold && (!has_condition || conditions.always > 0))
        return json_schema_error(&entry->source, entry->where, NULL,
                                 "no item can ever keep this rule", error);
    if (!can_hold)
        return rules_list_warn(list, entry, error, "rule-excludes-trait",
                               "nothing goes with what the rule speaks of, so no item has it");
    if (!has_condition && literals.always == rule->at_most && literals.ever > literals.always)
        return rules_list_warn(list, entry, error, "rule-excludes-trait",
                               "every item has the most that the rule allows, whatever its other "
                               "traits, so no item has the rest of those named");
    if (literals.always >= rule->at_least && literals.ever <= rule->at_most)
        return rules_list_warn(list, entry, error, "rule-without-effect",
                               "the rule changes nothing, for every item keeps it");
    return SGR_OK;
}
