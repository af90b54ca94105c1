/* Rules made by hand for tests of planning; everything lives in the collection's arena. */
#ifndef RULES_FIXTURE_H
#define RULES_FIXTURE_H

#include "plan_fixture.h"

#include "collection/rules.h"

enum { RULES_MADE_MAX = 64 };

/* A literal: traits of a layer as bits, for layers of up to 64 traits. */
struct made_literal {
    uint32_t layer;
    uint64_t traits;
};

/* Makes room for rules when there is none, so that they can be added one by one. */
static inline void make_room(struct collection *collection, struct rules *rules)
{
    if (rules->rules)
        return;
    rules->rules = arena_allocate(&collection->arena, RULES_MADE_MAX, sizeof *rules->rules);
    rules->uniques = arena_allocate(&collection->arena, RULES_MADE_MAX, sizeof *rules->uniques);
    assert_true(rules->rules && rules->uniques);
}

static inline struct rule_literal *copy_literals(struct collection *collection,
                                                 const struct made_literal *made, size_t count)
{
    struct rule_literal *literals = arena_allocate(&collection->arena, count + 1, sizeof *literals);
    assert_non_null(literals);
    for (size_t index = 0; index < count; index++) {
        uint64_t *bits = arena_allocate(&collection->arena, 1, sizeof *bits);
        assert_non_null(bits);
        *bits = made[index].traits;
        literals[index] = (struct rule_literal){made[index].layer, bits};
    }
    return literals;
}

/* Adds a rule; literals at [0 .. condition_count - 1] are its conditions. */
static inline struct rule *add_rule(struct collection *collection, struct rules *rules,
                                    const struct made_literal *made, size_t condition_count,
                                    size_t literal_count)
{
    make_room(collection, rules);
    assert_true(rules->rule_count < RULES_MADE_MAX);
    struct rule *rule = &rules->rules[rules->rule_count];
    rule->text = arena_format(&collection->arena, "rule number %zu", rules->rule_count);
    rule->source = rules->rule_count++;
    rule->conditions = copy_literals(collection, made, condition_count);
    rule->condition_count = condition_count;
    rule->literals = copy_literals(collection, made + condition_count, literal_count);
    rule->literal_count = literal_count;
    rule->at_most = (uint32_t)literal_count;
    return rule;
}

/* Two literals that may not hold together. */
static inline void add_forbid(struct collection *collection, struct rules *rules,
                              struct made_literal first, struct made_literal second)
{
    const struct made_literal made[] = {first, second};
    add_rule(collection, rules, made, 0, 2)->at_most = 1;
}

/* If the first holds, the second has to. */
static inline void add_then(struct collection *collection, struct rules *rules,
                            struct made_literal first, struct made_literal second)
{
    const struct made_literal made[] = {first, second};
    add_rule(collection, rules, made, 1, 1)->at_least = 1;
}

static inline void add_unique(struct collection *collection, struct rules *rules,
                              const uint32_t *layers, size_t count)
{
    make_room(collection, rules);
    uint32_t *copy = arena_allocate(&collection->arena, count + 1, sizeof *copy);
    assert_true(copy && rules->unique_count < RULES_MADE_MAX);
    memcpy(copy, layers, count * sizeof *copy);
    struct rule_unique *unique = &rules->uniques[rules->unique_count];
    unique->text = arena_format(&collection->arena, "unique number %zu", rules->unique_count);
    unique->source = RULES_MADE_MAX + rules->unique_count++;
    unique->layers = copy;
    unique->layer_count = count;
}

/* Rules looked at as rules.h puts them, without what the engine makes of them. */
static inline bool keeps_rules(const struct rules *rules, const uint16_t *row)
{
    for (size_t index = 0; index < rules->rule_count; index++) {
        const struct rule *rule = &rules->rules[index];
        uint32_t conditions = 0;
        uint32_t literals = 0;
        for (size_t term = 0; term < rule->condition_count; term++)
            conditions += rule_literal_holds(&rule->conditions[term], row);
        for (size_t term = 0; term < rule->literal_count; term++)
            literals += rule_literal_holds(&rule->literals[term], row);
        if (rule->condition_count > 0 && conditions == 0)
            continue;
        if (literals < rule->at_least || literals > rule->at_most)
            return false;
    }
    return true;
}

#endif
