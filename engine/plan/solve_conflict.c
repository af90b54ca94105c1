/* Numbers first: what is asked, and what there can be; then the names of what conflicts. */
#include "plan/solve_conflict.h"

#include "base/error.h"
#include "plan/solve_core.h"
#include "plan/solve_walk.h"

/* What a number of items is called: those that are there already are not counted. */
static const char *items(const struct solve_state *state)
{
    return state->solve->given_count ? "new items" : "items";
}

/* Why a trait cannot come, where the filter finds no name for it. */
static const char *reason(const struct solve_state *state, const char *otherwise)
{
    return state->solve->given_count ? "the items that are there already leave none" : otherwise;
}

/* Room for the names, so that numbers and remedy fit beside them. */
enum { NAMES_MAX = 400 };

/* Steps of a walk that counts the keys of a group. */
enum { KEY_STEPS_MAX = 2000000 };

/* Names what conflicts, or nothing where that is not proven; SGR_OK, or no memory. */
static enum sgr_status find_names(const struct solve_core_question *question, char names[NAMES_MAX],
                                  struct sgr_error *error)
{
    names[0] = '\0';
    enum sgr_status status = solve_core_find(question, names, NAMES_MAX, error);
    return status == SGR_INFEASIBLE ? SGR_OK : status;
}

/* The same, about there being a plan. */
static enum sgr_status find_plan_names(const struct solve_state *state, char names[NAMES_MAX],
                                       struct sgr_error *error)
{
    const struct solve_core_question question = {.solve = state->solve};
    return find_names(&question, names, error);
}

enum sgr_status solve_conflict_trait(const struct solve_state *state, uint32_t layer,
                                     uint16_t trait, struct sgr_error *error)
{
    const struct collection_layer *choices = &state->solve->collection->layers[layer];
    uint64_t wanted = state->solve->lower[state->solve->trait_bases[layer] + trait];
    uint64_t most = state->caps[state->solve->trait_bases[layer] + trait];
    const struct solve_core_question question = {state->solve, true, layer, trait};
    char names[NAMES_MAX];
    if (most > 0)
        return error_set(error, SGR_INFEASIBLE,
                         "%s/%s asks for %llu %s, but a unique group leaves room for %llu; lower "
                         "its count, add traits to the group's other layers, or change a rule",
                         choices->name, choices->traits[trait].name, (unsigned long long)wanted,
                         items(state), (unsigned long long)most);
    enum sgr_status status = find_names(&question, names, error);
    if (status != SGR_OK)
        return status;
    return error_set(error, SGR_INFEASIBLE,
                     "%s/%s asks for %llu %s, but no item can have it: %s; lower its count, or "
                     "change a rule",
                     choices->name, choices->traits[trait].name, (unsigned long long)wanted,
                     items(state), names[0] ? names : reason(state, "the rules forbid it"));
}

enum sgr_status solve_conflict_layer(const struct solve_state *state, uint32_t layer,
                                     struct sgr_error *error)
{
    const struct collection_layer *choices = &state->solve->collection->layers[layer];
    uint64_t least = 0;
    uint64_t most = 0;
    for (size_t trait = 0; trait < choices->trait_count; trait++) {
        size_t index = state->solve->trait_bases[layer] + trait;
        least += state->solve->lower[index];
        if (__builtin_add_overflow(most, state->caps[index], &most))
            most = UINT64_MAX;
    }
    if (most > 0)
        return error_set(error, SGR_INFEASIBLE,
                         "layer %s: its counts allow %s %llu %s, but %llu are asked for; change "
                         "a count, or --count",
                         choices->name, least > state->solve->count ? "no fewer than" : "at most",
                         (unsigned long long)(least > state->solve->count ? least : most),
                         items(state), (unsigned long long)state->solve->count);
    char names[NAMES_MAX];
    enum sgr_status status = find_plan_names(state, names, error);
    if (status != SGR_OK)
        return status;
    return error_set(error, SGR_INFEASIBLE,
                     "layer %s: no item can have any of its traits: %s; change a rule",
                     choices->name, names[0] ? names : reason(state, "the rules forbid them all"));
}

enum sgr_status solve_conflict_too_few(const struct solve_state *state, uint64_t recipes,
                                       struct sgr_error *error)
{
    char names[NAMES_MAX];
    enum sgr_status status = find_plan_names(state, names, error);
    if (status != SGR_OK)
        return status;
    return error_set(error, SGR_INFEASIBLE,
                     "%llu %s are asked for, but only %llu valid recipes %s%s%s; ask for "
                     "fewer with --count, add traits, or change a rule",
                     (unsigned long long)state->solve->count, items(state),
                     (unsigned long long)recipes, state->solve->given_count ? "are left" : "exist",
                     names[0] ? ": " : "", names);
}

/*
 * How many keys a group has, or UINT64_MAX where there are as many as items or it takes too long.
 */
static enum sgr_status count_keys(const struct solve_state *state, size_t index, uint64_t *out_keys,
                                  struct sgr_error *error)
{
    const struct solve_group *group = &state->groups[index];
    uint64_t given = state->solve->given_count;
    struct solve_walk walk;
    struct solve_walk_options options = {&state->tables, state->solve->trait_bases, state->caps,
                                         group->layers, group->layer_count};
    enum sgr_status status = solve_walk_init(&walk, &options, error);
    uint64_t keys = 0;
    if (status == SGR_OK) {
        solve_walk_begin(&walk, KEY_STEPS_MAX);
        while (keys < group->item_count && solve_walk_next(&walk))
            keys += given == 0 || solve_keys_find(&state->keys[index], walk.row) >= given;
        bool fewer = keys < group->item_count && walk.steps_left > 0;
        *out_keys = fewer ? keys : UINT64_MAX;
    }
    solve_walk_finish(&walk);
    return status;
}

/* A trait that has to come more often than the traits beside which it may stand. */
static bool find_crowded(const struct solve_state *state, uint32_t *out_layer, size_t *out_trait,
                         uint64_t *out_room)
{
    for (uint32_t layer = 0; layer < state->layer_count; layer++) {
        const struct solve_layer *here = &state->tables.layers[layer];
        for (size_t pair = 0; pair < here->trait_count * here->link_count; pair++) {
            size_t trait = pair / here->link_count;
            if (state->solve->lower[state->solve->trait_bases[layer] + trait] == 0)
                continue;
            const struct solve_link *link = &here->links[pair % here->link_count];
            const struct solve_layer *there = &state->tables.layers[link->layer];
            const uint64_t *allowed = link->allowed + here->class_of[trait] * link->words;
            uint32_t base = state->solve->trait_bases[link->layer];
            uint64_t room = 0;
            for (size_t other = 0; other < there->trait_count; other++) {
                uint64_t cap =
                    solve_bit(allowed, there->class_of[other]) ? state->caps[base + other] : 0;
                room = room + cap < room ? UINT64_MAX : room + cap;
            }
            if (state->solve->lower[state->solve->trait_bases[layer] + trait] <= room)
                continue;
            *out_layer = layer;
            *out_trait = trait;
            *out_room = room;
            return true;
        }
    }
    return false;
}

/* Says it where one trait or one group is already too much; SGR_OK where that is not it. */
static enum sgr_status explain_numbers(const struct solve_state *state, const char *names,
                                       struct sgr_error *error)
{
    const struct collection *collection = state->solve->collection;
    uint32_t layer;
    size_t trait;
    uint64_t room;
    if (find_crowded(state, &layer, &trait, &room))
        return error_set(
            error, SGR_INFEASIBLE,
            "%s/%s asks for %llu %s, but only %llu can have it%s%s; lower its count, or change "
            "a rule",
            collection->layers[layer].name, collection->layers[layer].traits[trait].name,
            (unsigned long long)state->solve->lower[state->solve->trait_bases[layer] + trait],
            items(state), (unsigned long long)room, names[0] ? ": " : "", names);
    for (size_t index = 0; index < state->group_count; index++) {
        const struct solve_group *group = &state->groups[index];
        uint64_t keys = UINT64_MAX;
        enum sgr_status status = count_keys(state, index, &keys, error);
        if (status != SGR_OK)
            return status;
        if (keys < group->item_count)
            return error_set(error, SGR_INFEASIBLE,
                             "%llu %s are asked for, but only %llu can differ as %s wants; ask "
                             "for fewer with --count, add traits, or change a rule",
                             (unsigned long long)group->item_count, items(state),
                             (unsigned long long)keys, group->text ? group->text : "\"distinct\"");
    }
    return SGR_OK;
}

enum sgr_status solve_conflict_explain(const struct solve_state *state, struct sgr_error *error)
{
    char names[NAMES_MAX];
    enum sgr_status status = find_plan_names(state, names, error);
    if (status != SGR_OK)
        return status;
    status = explain_numbers(state, names, error);
    if (status != SGR_OK)
        return status;
    if (names[0])
        return error_set(error, SGR_INFEASIBLE,
                         "%llu %s cannot be had under %s; change one of these, or --count",
                         (unsigned long long)state->solve->count, items(state), names);
    return error_set(error, SGR_INFEASIBLE,
                     "no plan of %llu %s was found within the limit of work, which does not "
                     "prove that there is none; free a count, change a rule, or lower --count",
                     (unsigned long long)state->solve->count, items(state));
}
