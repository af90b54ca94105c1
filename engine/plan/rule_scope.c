/*
 * "All of them" and "all but one at most" need few states when it is the literals that do not hold
 * which are counted, so the side with fewer states is.
 */
#include "plan/rule_scope.h"

#include "base/memory.h"

#include <limits.h>
#include <string.h>

static uint32_t smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

/* The highest number that has to be told from lower ones. */
static uint32_t cap_of(uint32_t at_least, uint32_t at_most, uint32_t count)
{
    return at_most < count ? at_most + 1 : at_least;
}

/* Sets the bounds; true when what does not hold is counted. */
static bool set_bounds(struct rule_scope *scope, const struct rule *rule)
{
    uint32_t count = (uint32_t)rule->literal_count;
    uint32_t least = smaller(rule->at_least, count + 1);
    uint32_t most = smaller(rule->at_most, count);
    bool flips =
        least <= most && cap_of(count - most, count - least, count) < cap_of(least, most, count);
    scope->at_least = flips ? count - most : least;
    scope->at_most = flips ? count - least : most;
    scope->cap = cap_of(scope->at_least, scope->at_most, count);
    scope->open = scope->at_most < count;
    return flips;
}

static unsigned char rank_of(const struct rule_scope_request *request, uint32_t layer)
{
    return request->ranks ? request->ranks[layer] : 0;
}

/* Adds a layer once; what it means is found when all are known. */
static void add_place(struct rule_scope *scope, const struct rule_scope_request *request,
                      uint32_t layer)
{
    size_t at = scope->place_count;
    for (size_t place = 0; place < scope->place_count; place++) {
        if (scope->places[place].layer == layer)
            return;
    }
    for (; at > 0 && rank_of(request, scope->places[at - 1].layer) > rank_of(request, layer); at--)
        scope->places[at] = scope->places[at - 1];
    scope->places[at] =
        (struct rule_place){layer, request->classes->layers[layer].class_count, NULL};
    scope->place_count++;
}

static void mark(struct rule_place *place, const struct rule_scope_request *request, bool flips)
{
    const struct rule *rule = request->rule;
    memset(place->marks, 0, place->class_count);
    for (size_t at = 0; at < rule->condition_count; at++) {
        if (rule->conditions[at].layer != place->layer)
            continue;
        for (uint32_t class = 0; class < place->class_count; class ++) {
            if (rule_classes_hold(request->classes, &rule->conditions[at], class))
                place->marks[class] |= RULE_MARK_CONDITION;
        }
    }
    for (size_t at = 0; at < rule->literal_count; at++) {
        if (rule->literals[at].layer != place->layer)
            continue;
        for (uint32_t class = 0; class < place->class_count; class ++) {
            if (rule_classes_hold(request->classes, &rule->literals[at], class) != flips)
                place->marks[class] |= RULE_MARK_LITERAL;
        }
    }
}

/* The class that a place is sure to have, or RULE_CLASSES_NONE. */
static uint32_t settled_class(const struct rule_scope_request *request,
                              const struct rule_place *place)
{
    if (place->class_count == 1)
        return 0;
    return request->settled ? request->settled[place->layer] : RULE_CLASSES_NONE;
}

/* Takes the places that are settled into the first state. */
static void settle(struct rule_scope *scope, const struct rule_scope_request *request)
{
    size_t left = 0;
    scope->start = (struct rule_state){request->rule->condition_count == 0, 0};
    for (size_t at = 0; at < scope->place_count; at++) {
        struct rule_place place = scope->places[at];
        uint32_t class = settled_class(request, &place);
        if (class == RULE_CLASSES_NONE)
            scope->places[left++] = place;
        else
            scope->start = rule_scope_next(scope, scope->start, place.marks[class]);
    }
    scope->place_count = left;
    scope->conditional = !scope->start.triggered;
}

uint64_t rule_scope_work(const struct rule_classes *classes, const struct rule *rule)
{
    uint64_t count = rule->condition_count + rule->literal_count;
    uint64_t work = count * count;
    for (size_t at = 0; at < rule->condition_count; at++)
        work += classes->layers[rule->conditions[at].layer].class_count;
    for (size_t at = 0; at < rule->literal_count; at++)
        work += classes->layers[rule->literals[at].layer].class_count;
    return work;
}

bool rule_scope_read(struct rule_scope *scope, const struct rule_scope_request *request)
{
    const struct rule *rule = request->rule;
    struct rule_place *places =
        memory_grow(scope->places, &scope->place_capacity,
                    rule->condition_count + rule->literal_count + 1, sizeof *places);
    if (!places)
        return false;
    scope->places = places;
    scope->place_count = 0;
    for (size_t at = 0; at < rule->condition_count; at++)
        add_place(scope, request, rule->conditions[at].layer);
    for (size_t at = 0; at < rule->literal_count; at++)
        add_place(scope, request, rule->literals[at].layer);
    size_t total = 1;
    for (size_t at = 0; at < scope->place_count; at++)
        total += scope->places[at].class_count;
    unsigned char *marks = memory_grow(scope->marks, &scope->mark_capacity, total, 1);
    if (!marks)
        return false;
    scope->marks = marks;
    bool flips = set_bounds(scope, rule);
    for (size_t at = 0; at < scope->place_count; at++) {
        scope->places[at].marks = marks;
        marks += scope->places[at].class_count;
        mark(&scope->places[at], request, flips);
    }
    settle(scope, request);
    return true;
}

enum rule_verdict rule_scope_verdict(const struct rule_scope *scope)
{
    uint32_t surely = scope->start.held;
    uint32_t perhaps = scope->start.held;
    bool may_trigger = scope->start.triggered;
    for (size_t at = 0; at < scope->place_count; at++) {
        const struct rule_place *place = &scope->places[at];
        unsigned char any = 0;
        unsigned char all = UCHAR_MAX;
        for (uint32_t class = 0; class < place->class_count; class ++) {
            any |= place->marks[class];
            all &= place->marks[class];
        }
        may_trigger |= any & RULE_MARK_CONDITION;
        perhaps += (any & RULE_MARK_LITERAL) != 0;
        surely += (all & RULE_MARK_LITERAL) != 0;
    }
    if (!may_trigger || (surely >= scope->at_least && (perhaps <= scope->at_most || !scope->open)))
        return RULE_HOLDS;
    if (scope->start.triggered && (perhaps < scope->at_least || surely > scope->at_most))
        return RULE_BROKEN;
    return RULE_OPEN;
}

struct rule_state rule_scope_next(const struct rule_scope *scope, struct rule_state state,
                                  unsigned char marks)
{
    uint32_t held = state.held + ((marks & RULE_MARK_LITERAL) != 0);
    return (struct rule_state){state.triggered || marks & RULE_MARK_CONDITION,
                               smaller(held, scope->cap)};
}

bool rule_scope_accepts(const struct rule_scope *scope, struct rule_state state)
{
    return !state.triggered ||
           (state.held >= scope->at_least && (!scope->open || state.held <= scope->at_most));
}

bool rule_scope_is_lost(const struct rule_scope *scope, struct rule_state state)
{
    return !scope->conditional && scope->open && state.held > scope->at_most;
}

uint32_t rule_scope_states(const struct rule_scope *scope)
{
    if (scope->conditional)
        return (scope->cap + 1) * 2;
    return scope->open ? scope->cap : scope->cap + 1;
}

uint32_t rule_scope_index(const struct rule_scope *scope, struct rule_state state)
{
    return state.held + (scope->conditional && state.triggered ? scope->cap + 1 : 0);
}

struct rule_state rule_scope_state(const struct rule_scope *scope, uint32_t index)
{
    bool second = index > scope->cap;
    return (struct rule_state){!scope->conditional || second,
                               second ? index - scope->cap - 1 : index};
}

void rule_scope_finish(struct rule_scope *scope)
{
    memory_free(scope->places);
    memory_free(scope->marks);
    *scope = (struct rule_scope){.places = NULL};
}
