/* Items against rules. */
#include "collection/rules.h"

size_t rules_broken(const struct rules *rules, const uint16_t *traits)
{
    for (size_t index = 0; index < rules->rule_count; index++) {
        if (!rule_holds(&rules->rules[index], traits))
            return index;
    }
    return RULES_NONE;
}
