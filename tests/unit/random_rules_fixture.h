/* Rules made by hand and at random, for the tests of what looks at them. */
#ifndef RANDOM_RULES_FIXTURE_H
#define RANDOM_RULES_FIXTURE_H

#include "plan_fixture.h"

#include "base/random.h"
#include "collection/rules.h"

/* The bits of one trait of a layer, or with `trait` SIZE_MAX of none. */
static inline uint64_t *trait_bits(struct collection *collection, size_t layer, size_t trait)
{
    size_t words = (collection->layers[layer].trait_count + 63) / 64;
    uint64_t *bits = arena_allocate(&collection->arena, words + 1, sizeof *bits);
    assert_non_null(bits);
    if (trait != SIZE_MAX)
        bits[trait / 64] |= UINT64_C(1) << (trait % 64);
    return bits;
}

/* A rule of the collection's arena with room for literals, which hold for nothing yet. */
static inline struct rule *add_rule(struct collection *collection, struct rules *rules,
                                    size_t conditions, size_t literals)
{
    struct rule *grown = arena_allocate(&collection->arena, rules->rule_count + 1, sizeof *grown);
    struct rule_literal *room =
        arena_allocate(&collection->arena, conditions + literals + 1, sizeof *room);
    assert_non_null(grown);
    assert_non_null(room);
    if (rules->rule_count > 0)
        memcpy(grown, rules->rules, rules->rule_count * sizeof *grown);
    rules->rules = grown;
    grown[rules->rule_count] = (struct rule){
        .text = arena_format(&collection->arena, "rule %zu", rules->rule_count),
        .source = rules->rule_count,
        .conditions = room,
        .condition_count = conditions,
        .literals = room + conditions,
        .literal_count = literals,
        .at_most = (uint32_t)literals,
    };
    return &grown[rules->rule_count++];
}

/* Sets a condition or a literal, which the rule sees as read-only. */
static inline void set_literal(const struct rule_literal *literal, size_t layer,
                               const uint64_t *traits)
{
    *(struct rule_literal *)(uintptr_t)literal = (struct rule_literal){(uint32_t)layer, traits};
}

/* Forbids two traits together. */
static inline void forbid_pair(struct collection *collection, struct rules *rules,
                               const size_t left[2], const size_t right[2])
{
    struct rule *rule = add_rule(collection, rules, 0, 2);
    set_literal(&rule->literals[0], left[0], trait_bits(collection, left[0], left[1]));
    set_literal(&rule->literals[1], right[0], trait_bits(collection, right[0], right[1]));
    rule->at_most = 1;
}

static inline uint64_t *random_bits(struct collection *collection, struct random *random,
                                    size_t layer)
{
    uint64_t *bits = trait_bits(collection, layer, SIZE_MAX);
    for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
        if (random_below(random, 2))
            bits[trait / 64] |= UINT64_C(1) << (trait % 64);
    }
    return bits;
}

/* A rule with up to two conditions and any number of literals, of every shape there is. */
static inline void add_random_rule(struct collection *collection, struct rules *rules,
                                   struct random *random)
{
    size_t layers = collection->layer_count;
    size_t conditions = random_below(random, 3);
    size_t literals = random_below(random, layers + 1);
    size_t order[16];
    struct rule *rule = add_rule(collection, rules, conditions, literals);
    for (size_t at = 0; at < layers; at++)
        order[at] = at;
    for (size_t at = layers; at > 1; at--) {
        size_t other = random_below(random, at);
        size_t moved = order[other];
        order[other] = order[at - 1];
        order[at - 1] = moved;
    }
    for (size_t at = 0; at < conditions; at++) {
        size_t layer = random_below(random, layers);
        set_literal(&rule->conditions[at], layer, random_bits(collection, random, layer));
    }
    for (size_t at = 0; at < literals; at++)
        set_literal(&rule->literals[at], order[at], random_bits(collection, random, order[at]));
    switch (random_below(random, 4)) {
    case 0: /* forbid */
        rule->at_most = literals ? (uint32_t)literals - 1 : 0;
        break;
    case 1: /* all of them */
        rule->at_least = (uint32_t)literals;
        break;
    case 2: /* at most */
        rule->at_most = (uint32_t)random_below(random, literals + 2);
        break;
    default:
        rule->at_least = (uint32_t)random_below(random, literals + 1);
        rule->at_most = rule->at_least + (uint32_t)random_below(random, 3);
        break;
    }
}

/* The rules' meaning, written down once more. */
static inline bool recipe_is_valid(const struct rules *rules, const uint16_t *traits)
{
    for (size_t index = 0; index < rules->rule_count; index++) {
        const struct rule *rule = &rules->rules[index];
        bool matters = rule->condition_count == 0;
        size_t held = 0;
        for (size_t at = 0; at < rule->condition_count; at++)
            matters |= rule_literal_holds(&rule->conditions[at], traits);
        for (size_t at = 0; at < rule->literal_count; at++)
            held += rule_literal_holds(&rule->literals[at], traits);
        if (matters && (held < rule->at_least || held > rule->at_most))
            return false;
    }
    return true;
}

#endif
