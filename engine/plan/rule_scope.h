/*
 * One rule as a small machine that reads the classes of an item layer by layer: its state is
 * whether a condition was met and how many literals held, no further than the bounds care. Where
 * layers are settled already, what they add is in the first state.
 */
#ifndef SGR_PLAN_RULE_SCOPE_H
#define SGR_PLAN_RULE_SCOPE_H

#include "plan/rule_classes.h"

enum {
    RULE_MARK_CONDITION = 1, /* a condition holds */
    RULE_MARK_LITERAL = 2    /* the literal counts */
};

/* A layer that is not settled. */
struct rule_place {
    uint32_t layer;
    uint32_t class_count;
    unsigned char *marks; /* [class_count] */
};

/* How far a rule has been read. */
struct rule_state {
    bool triggered;
    uint32_t held;
};

/*
 * A rule's places in the order of `ranks`, low ones first. Start from all zero; rule_scope_read may
 * be called again and again; end with rule_scope_finish. One thread at a time.
 */
struct rule_scope {
    struct rule_place *places; /* owned: [place_count] */
    size_t place_count;
    struct rule_state start;
    bool conditional; /* the start is not triggered */
    uint32_t at_least;
    uint32_t at_most;
    uint32_t cap; /* `held` counts to here */
    bool open;    /* more than at_most are possible, so states beyond it matter */
    size_t place_capacity;
    unsigned char *marks; /* owned: of all places */
    size_t mark_capacity;
};

/* What the rule is about. */
struct rule_scope_request {
    const struct rule_classes *classes;
    const struct rule *rule;
    const uint32_t *settled;    /* [layer_count]: a class, or RULE_CLASSES_NONE; NULL: none */
    const unsigned char *ranks; /* [layer_count]; NULL: all the same */
};

/* What is known of a rule before any of its places is. */
enum rule_verdict { RULE_OPEN, RULE_HOLDS, RULE_BROKEN };

/* How many steps reading a rule takes. */
uint64_t rule_scope_work(const struct rule_classes *classes, const struct rule *rule);

/* Reads a rule; false without memory. No layer of the rule is without classes. */
bool rule_scope_read(struct rule_scope *scope, const struct rule_scope_request *request);

/* Whether the rule surely holds, or surely does not, whatever the classes of its places. */
enum rule_verdict rule_scope_verdict(const struct rule_scope *scope);

/* The state after a class with these marks. */
struct rule_state rule_scope_next(const struct rule_scope *scope, struct rule_state state,
                                  unsigned char marks);

/* Whether the rule holds for an item whose last layer led to this state. */
bool rule_scope_accepts(const struct rule_scope *scope, struct rule_state state);

/* Whether the rule can no longer hold; such states have no index. */
bool rule_scope_is_lost(const struct rule_scope *scope, struct rule_state state);

/* How many states there are, and which of them one is: 0 to count - 1. */
uint32_t rule_scope_states(const struct rule_scope *scope);

/* See rule_scope_states. */
uint32_t rule_scope_index(const struct rule_scope *scope, struct rule_state state);

/* The state of an index. */
struct rule_state rule_scope_state(const struct rule_scope *scope, uint32_t index);

/* Frees all of it. */
void rule_scope_finish(struct rule_scope *scope);

#endif
