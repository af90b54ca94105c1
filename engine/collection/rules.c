/* Items against rules. */
#include "collection/rules.h"

#include <string.h>

bool rules_are_one(const struct rule *rule, const struct rule *other)
{
    return rule->source == other->source &&
           (rule->source != RULES_NONE || strcmp(rule->text, other->text) == 0);
}

size_t rules_broken(const struct rules *rules, const uint16_t *traits)
{
    for (size_t index = 0; index < rules->rule_count; index++) {
        if (!rule_holds(&rules->rules[index], traits))
            return index;
    }
    return RULES_NONE;
}
