/*
 * With conditions a rule watches these. Without, and with no least, more literals than its most
 * have to hold to break it, so it watches all but that many.
 */
#include "plan/solve_watch.h"

#include "plan/solve_tables.h"

/* Classes of a rule's watched terms; one with more is looked at always. */
enum { CLASSES_WATCHED_MAX = 512 };

/* How many terms a rule watches, from the first on; SIZE_MAX: it has to be looked at always. */
static size_t watched_terms(const struct solve_rule *rule)
{
    if (rule->condition_count > 0)
        return rule->condition_count;
    if (rule->at_least > 0)
        return SIZE_MAX;
    return rule->literal_count > rule->at_most ? rule->literal_count - rule->at_most : 0;
}

static const struct solve_term *terms_of(const struct solve_rule *rule)
{
    return rule->condition_count > 0 ? rule->conditions : rule->literals;
}

/* The classes of a rule's watched terms; SIZE_MAX: it has to be looked at always. */
static size_t count_classes(const struct solve_tables *tables, const struct solve_rule *rule)
{
    size_t terms = watched_terms(rule);
    size_t count = 0;
    for (size_t place = 0; place < terms && terms != SIZE_MAX; place++) {
        const struct solve_term *term = &terms_of(rule)[place];
        for (size_t word = 0; word < tables->layers[term->layer].words; word++)
            count += (size_t)__builtin_popcountll(term->classes[word]);
    }
    return terms == SIZE_MAX || count > CLASSES_WATCHED_MAX ? SIZE_MAX : count;
}

/* Counts a watched term's classes in `starts` at first, then enters its rule. */
static void list_term(struct solve_tables *tables, struct solve_watched watched, bool enters)
{
    struct solve_watch *watch = &tables->watch;
    const struct solve_term *term = &terms_of(&tables->rules[watched.rule])[watched.place];
    size_t *starts = watch->starts + watch->class_bases[term->layer];
    for (size_t kind = 0; kind < tables->layers[term->layer].class_count; kind++) {
        if (!solve_bit(term->classes, kind))
            continue;
        if (enters)
            watch->watched[--starts[kind]] = watched;
        else
            starts[kind]++;
    }
}

/* Goes over all watched terms. */
static void list(struct solve_tables *tables, bool enters)
{
    struct solve_watch *watch = &tables->watch;
    watch->other_count = 0;
    for (uint32_t rule = 0; rule < tables->rule_count; rule++) {
        if (count_classes(tables, &tables->rules[rule]) == SIZE_MAX) {
            watch->others[watch->other_count++] = rule;
            continue;
        }
        for (uint32_t place = 0; place < watched_terms(&tables->rules[rule]); place++)
            list_term(tables, (struct solve_watched){rule, place}, enters);
    }
}

bool solve_watch_init(struct solve_tables *tables)
{
    struct solve_watch *watch = &tables->watch;
    size_t classes = 0;
    watch->class_bases =
        arena_allocate(&tables->arena, tables->layer_count + 1, sizeof *watch->class_bases);
    watch->others = arena_allocate(&tables->arena, tables->rule_count + 1, sizeof *watch->others);
    for (size_t layer = 0; watch->class_bases && layer < tables->layer_count; layer++) {
        watch->class_bases[layer] = classes;
        classes += tables->layers[layer].class_count;
    }
    watch->starts = arena_allocate(&tables->arena, classes + 1, sizeof *watch->starts);
    if (!watch->class_bases || !watch->others || !watch->starts)
        return false;
    list(tables, false);
    for (size_t kind = 1; kind <= classes; kind++)
        watch->starts[kind] += watch->starts[kind - 1];
    watch->watched =
        arena_allocate(&tables->arena, watch->starts[classes] + 1, sizeof *watch->watched);
    if (watch->watched)
        list(tables, true);
    return watch->watched;
}

/* Whether a term before the one that is watched holds, so that the rule is looked at there. */
static bool is_seen(const struct solve_tables *tables, const struct solve_watched *watched,
                    const uint16_t *row)
{
    const struct solve_term *terms = terms_of(&tables->rules[watched->rule]);
    for (uint32_t place = 0; place < watched->place; place++) {
        const struct solve_layer *layer = &tables->layers[terms[place].layer];
        if (solve_bit(terms[place].classes, layer->class_of[row[terms[place].layer]]))
            return true;
    }
    return false;
}

uint64_t solve_watch_cost(const struct solve_tables *tables, const uint16_t *row)
{
    const struct solve_watch *watch = &tables->watch;
    uint64_t cost = 0;
    uint64_t looked_at = watch->other_count;
    for (size_t index = 0; index < watch->other_count; index++)
        cost += !solve_tables_rule_holds(tables, &tables->rules[watch->others[index]], row);
    for (size_t layer = 0; layer < tables->layer_count; layer++) {
        size_t kind = watch->class_bases[layer] + tables->layers[layer].class_of[row[layer]];
        looked_at += watch->starts[kind + 1] - watch->starts[kind];
        for (size_t index = watch->starts[kind]; index < watch->starts[kind + 1]; index++) {
            const struct solve_watched *watched = &watch->watched[index];
            cost += !is_seen(tables, watched, row) &&
                    !solve_tables_rule_holds(tables, &tables->rules[watched->rule], row);
        }
    }
    solve_tables_spend(tables, looked_at * tables->rule_work);
    return cost;
}
