/*
 * Small rules become one table; of a larger one every layer adds a table with a state on each side.
 */
#include "plan/rule_graph.h"

#include "base/memory.h"

#include <string.h>

enum {
    TABLE_PLACES_MAX = 3,
    TABLE_CELLS_MAX = 1 << 12,
    PAIR_CELLS_MAX = 1 << 16 /* rules about the same two layers share a table */
};

/* A graph in the making. */
struct building {
    struct factor_graph *graph;
    const struct rule_graph_request *request;
    const struct rule_graph_map *map;
    struct rule_scope scope;
    uint32_t *domains; /* [all layers]: how many values */
    uint32_t *splits;  /* scratch: four for each value of a layer */
    bool broken;       /* a rule surely is */
};

static uint32_t variable_at(const struct building *building, size_t place)
{
    return building->map->variables[building->scope.places[place].layer];
}

/* Puts up to TABLE_PLACES_MAX places in the order of their variables. */
static void sort_places(struct building *building)
{
    struct rule_place *places = building->scope.places;
    for (size_t end = 1; end < building->scope.place_count; end++) {
        struct rule_place moved = places[end];
        size_t at = end;
        for (; at > 0 && variable_at(building, at - 1) > building->map->variables[moved.layer];
             at--)
            places[at] = places[at - 1];
        places[at] = moved;
    }
}

/* A table of the same variables that rules already have, or a new one of ones. */
static enum factor_outcome find_table(struct building *building, const uint32_t *variables,
                                      struct factor **out_factor)
{
    struct factor_graph *graph = building->graph;
    size_t count = building->scope.place_count;
    if (!factor_graph_spend(graph, graph->factor_count))
        return FACTOR_TOO_MUCH;
    for (size_t index = 0; index < graph->factor_count; index++) {
        *out_factor = &graph->factors[index];
        if ((*out_factor)->variable_count == count &&
            memcmp((*out_factor)->variables, variables, count * sizeof *variables) == 0)
            return factor_graph_spend(graph, (*out_factor)->cells) ? FACTOR_DONE : FACTOR_TOO_MUCH;
    }
    enum factor_outcome outcome = factor_graph_add(graph, variables, count, 1, out_factor);
    for (size_t cell = 0; outcome == FACTOR_DONE && cell < (*out_factor)->cells; cell++)
        (*out_factor)->values[cell] = 1;
    return outcome;
}

/* The rule's state after the places' classes in a cell of its table. */
static struct rule_state state_of(const struct rule_scope *scope, size_t cell)
{
    struct rule_state state = scope->start;
    for (size_t place = scope->place_count; place > 0; place--) {
        const struct rule_place *read = &scope->places[place - 1];
        state = rule_scope_next(scope, state, read->marks[cell % read->class_count]);
        cell /= read->class_count;
    }
    return state;
}

static enum factor_outcome add_table(struct building *building)
{
    uint32_t variables[TABLE_PLACES_MAX];
    struct factor *factor;
    sort_places(building);
    for (size_t place = 0; place < building->scope.place_count; place++)
        variables[place] = variable_at(building, place);
    enum factor_outcome outcome = find_table(building, variables, &factor);
    for (size_t cell = 0; outcome == FACTOR_DONE && cell < factor->cells; cell++) {
        if (!rule_scope_accepts(&building->scope, state_of(&building->scope, cell)))
            factor->values[cell] = 0;
    }
    return outcome;
}

/* The cell of a link's table, whose variables are layer, state before, state after. */
struct link {
    bool first; /* there is no state before */
    bool last;  /* there is none after: the rule has to hold */
    uint32_t states;
};

static void set_links(const struct rule_scope *scope, const struct rule_place *place,
                      struct link link, struct factor *factor)
{
    uint32_t before_count = link.first ? 1 : link.states;
    uint32_t after_count = link.last ? 1 : link.states;
    for (uint32_t class = 0; class < place->class_count; class ++) {
        for (uint32_t before = 0; before < before_count; before++) {
            struct rule_state state = link.first ? scope->start : rule_scope_state(scope, before);
            state = rule_scope_next(scope, state, place->marks[class]);
            size_t row = ((size_t) class * before_count + before) * after_count;
            if (link.last)
                factor->values[row] = rule_scope_accepts(scope, state);
            else if (!rule_scope_is_lost(scope, state))
                factor->values[row + rule_scope_index(scope, state)] = 1;
        }
    }
}

/*
 * Layers that go late stand first in the chain, so that states after them alone may go late too;
 * states that know of layers which go early have to go early.
 */
static enum factor_outcome add_chain(struct building *building)
{
    const struct rule_scope *scope = &building->scope;
    enum factor_outcome outcome = FACTOR_DONE;
    struct link link = {.states = rule_scope_states(scope)};
    uint32_t before = FACTOR_NOTHING;
    bool early = false;
    for (size_t at = 0; at < scope->place_count && outcome == FACTOR_DONE; at++) {
        const struct rule_place *place = &scope->places[at];
        uint32_t variables[3] = {variable_at(building, at)};
        size_t count = 1;
        struct factor *factor;
        early |= building->request->stages[place->layer] == FACTOR_EARLY;
        link.first = at == 0;
        link.last = at + 1 == scope->place_count;
        if (!link.first)
            variables[count++] = before;
        if (!link.last) {
            before = factor_graph_variable(building->graph, link.states,
                                           early ? FACTOR_EARLY : FACTOR_EITHER);
            variables[count++] = before;
            if (before == FACTOR_NOTHING)
                return FACTOR_TOO_MUCH;
        }
        outcome = factor_graph_add(building->graph, variables, count, 1, &factor);
        if (outcome == FACTOR_DONE)
            set_links(scope, place, link, factor);
    }
    return outcome;
}

/* A rule that nothing can meet: all is multiplied by 0. */
static enum factor_outcome add_nothing(struct building *building)
{
    struct factor *factor;
    return factor_graph_add(building->graph, NULL, 0, 1, &factor);
}

static bool fits_table(const struct rule_scope *scope)
{
    uint64_t cells = 1;
    for (size_t place = 0; place < scope->place_count && place < TABLE_PLACES_MAX; place++)
        cells *= scope->places[place].class_count;
    if (scope->place_count == 1)
        return true;
    return scope->place_count <= TABLE_PLACES_MAX &&
           cells <= (scope->place_count == 2 ? PAIR_CELLS_MAX : TABLE_CELLS_MAX);
}

/* Reads a rule, in terms of classes. */
static enum factor_outcome read_rule(struct building *building, const struct rule *rule)
{
    const struct rule_graph_request *request = building->request;
    const struct rule_scope_request reading = {request->classes, rule, request->settled,
                                               request->stages};
    if (!factor_graph_spend(building->graph, rule_scope_work(request->classes, rule)))
        return FACTOR_TOO_MUCH;
    return rule_scope_read(&building->scope, &reading) ? FACTOR_DONE : FACTOR_NO_MEMORY;
}

/* Gives classes of a place different values where they had the same but are marked differently. */
static void split_values(struct building *building, const struct rule_place *place)
{
    const struct rule_layer *layer = &building->request->classes->layers[place->layer];
    uint32_t *values = building->map->values + layer->base;
    uint32_t *splits = building->splits;
    uint32_t count = 0;
    for (size_t split = 0; split < (size_t)building->domains[place->layer] * 4; split++)
        splits[split] = RULE_CLASSES_NONE;
    for (uint32_t class = 0; class < place->class_count; class ++) {
        uint32_t *split = &splits[(size_t)values[class] * 4 + place->marks[class]];
        if (*split == RULE_CLASSES_NONE)
            *split = count++;
        values[class] = *split;
    }
    building->domains[place->layer] = count;
}

/* Goes over all rules for the values that the classes need. */
static enum factor_outcome survey(struct building *building)
{
    const struct rule_graph_request *request = building->request;
    for (size_t at = 0; at < request->rule_count && !building->broken; at++) {
        uint32_t index = request->rule_indexes[at];
        if (request->left_out && request->left_out[index])
            continue;
        enum factor_outcome outcome = read_rule(building, &request->rules->rules[index]);
        if (outcome != FACTOR_DONE)
            return outcome;
        enum rule_verdict verdict = rule_scope_verdict(&building->scope);
        building->broken = verdict == RULE_BROKEN;
        for (size_t place = 0; place < building->scope.place_count && verdict == RULE_OPEN;
             place++) {
            building->map->degrees[building->scope.places[place].layer]++;
            split_values(building, &building->scope.places[place]);
        }
    }
    return FACTOR_DONE;
}

/* Marks values in the place of classes; a value is never above its first class. */
static void mark_values(struct building *building)
{
    for (size_t at = 0; at < building->scope.place_count; at++) {
        struct rule_place *place = &building->scope.places[at];
        const struct rule_layer *layer = &building->request->classes->layers[place->layer];
        const uint32_t *values = building->map->values + layer->base;
        for (uint32_t class = 0; class < place->class_count; class ++)
            place->marks[values[class]] = place->marks[class];
        place->class_count = building->domains[place->layer];
    }
}

static enum factor_outcome add_rule(struct building *building, const struct rule *rule)
{
    enum factor_outcome outcome = read_rule(building, rule);
    if (outcome != FACTOR_DONE || rule_scope_verdict(&building->scope) == RULE_HOLDS)
        return outcome;
    mark_values(building);
    return fits_table(&building->scope) ? add_table(building) : add_chain(building);
}

static enum factor_outcome add_rules(struct building *building)
{
    const struct rule_graph_request *request = building->request;
    enum factor_outcome outcome = FACTOR_DONE;
    if (building->broken)
        return add_nothing(building);
    for (size_t at = 0; at < request->rule_count && outcome == FACTOR_DONE; at++) {
        uint32_t index = request->rule_indexes[at];
        if (request->left_out && request->left_out[index])
            continue;
        outcome = add_rule(building, &request->rules->rules[index]);
    }
    return outcome;
}

/* At first all classes of a layer share a value. */
static enum factor_outcome begin(struct building *building)
{
    const struct rule_graph_request *request = building->request;
    const struct rule_classes *classes = request->classes;
    uint32_t most = 1;
    for (size_t at = 0; at < request->layer_count; at++) {
        uint32_t count = classes->layers[request->layers[at]].class_count;
        most = count > most ? count : most;
    }
    building->domains = memory_allocate(classes->layer_count, sizeof *building->domains);
    building->splits = memory_allocate(most, 4 * sizeof *building->splits);
    if (!building->domains || !building->splits)
        return FACTOR_NO_MEMORY;
    for (size_t at = 0; at < request->layer_count; at++) {
        const struct rule_layer *layer = &classes->layers[request->layers[at]];
        building->domains[request->layers[at]] = 1;
        building->map->degrees[request->layers[at]] = 0;
        memset(building->map->values + layer->base, 0,
               layer->class_count * sizeof *building->map->values);
    }
    return survey(building);
}

enum factor_outcome rule_graph_init(struct factor_graph *graph,
                                    const struct rule_graph_request *request,
                                    const struct rule_graph_map *map)
{
    struct building building = {.graph = graph, .request = request, .map = map};
    if (!factor_graph_init(graph, request->cells_max, request->work))
        return FACTOR_NO_MEMORY;
    enum factor_outcome outcome = begin(&building);
    for (size_t at = 0; at < request->layer_count && outcome == FACTOR_DONE; at++) {
        uint32_t layer = request->layers[at];
        map->variables[layer] = factor_graph_variable(graph, building.domains[layer],
                                                      (enum factor_stage)request->stages[layer]);
        if (map->variables[layer] == FACTOR_NOTHING)
            outcome = FACTOR_TOO_MUCH;
    }
    if (outcome == FACTOR_DONE)
        outcome = add_rules(&building);
    rule_scope_finish(&building.scope);
    memory_free(building.domains);
    memory_free(building.splits);
    if (outcome != FACTOR_DONE)
        factor_graph_finish(graph);
    return outcome;
}
