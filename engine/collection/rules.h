/*
 * The rules of a collection, in one form. A literal holds for an item that has one of certain
 * traits in a layer. A rule holds for an item when none of its conditions does, though it has some,
 * or when the number of its literals that hold is within its bounds:
 *
 *     forbid A, B, ...            no condition; A, B, ...; at most one less than there are
 *     if X then Y, ...            condition X; a literal for each layer in Y; all of them
 *     only_with T: Y, ...         as if T then Y
 *     same_tag, different_tag     as if/then, for each set of tags that traits of a layer have
 *     at_most, at_least, exactly  no condition; a literal for each layer; the bounds as given
 *
 * so that the order in which rules are written never matters. Beside them stand groups of layers
 * whose traits together may not come twice ("unique"), and changes of the draw order.
 */
#ifndef SGR_COLLECTION_RULES_H
#define SGR_COLLECTION_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULES_NONE SIZE_MAX

/* Holds when the item's trait in the layer is one of those whose bit is set. */
struct rule_literal {
    uint32_t layer;
    const uint64_t *traits; /* [(trait_count + 63) / 64] of the layer */
};

/* A rule about one item. */
struct rule {
    const char *text; /* as the user wrote it, one line, for messages: never NULL */
    size_t source;    /* its place in the config's list, from 0; several may come from one;
                         RULES_NONE: it is what a group's stack of layers means */
    const struct rule_literal *conditions; /* it matters when any of them holds; none: always */
    size_t condition_count;
    const struct rule_literal *literals; /* each layer once */
    size_t literal_count;
    uint32_t at_least;
    uint32_t at_most;
};

/* Layers whose traits, taken together, no two items share. */
struct rule_unique {
    const char *text;
    size_t source;
    const uint32_t *layers; /* ascending */
    size_t layer_count;
};

/* A change of the draw order: one layer goes right above or below another. */
struct rule_order {
    const char *text;
    size_t source;
    const struct rule_literal *conditions; /* when any of them holds; none: always */
    size_t condition_count;
    uint32_t layer;
    uint32_t other;
    bool above;
};

/* All of them; lives in the collection's arena. All zero: no rules. */
struct rules {
    struct rule *rules;
    size_t rule_count;
    struct rule_unique *uniques;
    size_t unique_count;
    struct rule_order *orders;
    size_t order_count;
};

/* Whether a literal holds for an item's traits, one a layer. */
static inline bool rule_literal_holds(const struct rule_literal *literal, const uint16_t *traits)
{
    uint16_t trait = traits[literal->layer];
    return literal->traits[trait / 64] >> (trait % 64) & 1;
}

/* Whether one rule holds for an item. Inline, for planners ask this millions of times. */
static inline bool rule_holds(const struct rule *rule, const uint16_t *traits)
{
    bool matters = rule->condition_count == 0;
    for (size_t index = 0; index < rule->condition_count && !matters; index++)
        matters = rule_literal_holds(&rule->conditions[index], traits);
    uint32_t holding = 0;
    for (size_t index = 0; index < rule->literal_count && matters; index++)
        holding += rule_literal_holds(&rule->literals[index], traits);
    return !matters || (holding >= rule->at_least && holding <= rule->at_most);
}

/* Whether both came from one rule as it was written, or mean the same of groups' stacks. */
bool rules_are_one(const struct rule *rule, const struct rule *other);

/* The first rule that does not hold for an item, or RULES_NONE. */
size_t rules_broken(const struct rules *rules, const uint16_t *traits);

#endif
