/* Which way is tried when, and which plan is kept. */
#include "plan/plan_solve.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/plan_deal.h"
#include "plan/solve_blocks.h"
#include "plan/solve_change.h"
#include "plan/solve_choice.h"
#include "plan/solve_conflict.h"
#include "plan/solve_swap.h"
#include "plan/solve_targets.h"

#include <string.h>

enum {
    DESCENTS = 256,
    SEARCH_RECIPES_MAX = 4096,
    SEARCH_ITEMS_MAX = 4096,
    SEARCH_DEVIATIONS = 16, /* tried one after the other before the search is given up */
    SPARSE = 3,
    SPARSER = 64, /* when the first way found no plan */
    RELAXED_TRIES = 6,
    RELAXED_ITEMS_MAX = 100000, /* more would take long where there is no plan at all */
    MIX_EACH = 8,
    MIX_MAX = 2000000,
    MIX_ITEMS_MAX = 100000
};

/* One plan being solved; start from all zero. */
struct solving {
    struct solve_state state;
    struct solve_walk walk;
    struct solve_choice choice;
    bool listed; /* the choice holds all recipes */
    bool found;  /* the rows are a plan */
    uint64_t deviation;
    uint32_t *all; /* every layer */
};

static void finish(struct solving *solving)
{
    solve_choice_finish(&solving->choice);
    solve_walk_finish(&solving->walk);
    solve_state_finish(&solving->state);
    memory_free(solving->all);
}

/* Lists all recipes where that looks short enough. */
static enum sgr_status list_recipes(struct solving *solving, struct sgr_error *error)
{
    struct solve_state *state = &solving->state;
    uint64_t most = 2 * (state->solve->given_count + state->solve->count);
    solve_state_allow(state);
    if (most < PLAN_SOLVE_RECIPES_MAX)
        most = PLAN_SOLVE_RECIPES_MAX;
    if (solve_walk_estimate(&solving->walk, &state->random, DESCENTS) > 2 * most)
        return SGR_OK;
    solving->all = memory_allocate(state->layer_count + 1, sizeof *solving->all);
    if (!solving->all)
        return error_no_memory(error, "the plan");
    for (uint32_t layer = 0; layer < state->layer_count; layer++)
        solving->all[layer] = layer;
    solving->choice.layers = solving->all;
    solving->choice.layer_count = state->layer_count;
    enum solve_end end;
    enum sgr_status status =
        solve_choice_init(&solving->choice, state, &solving->walk, most, &end, error);
    solving->listed = end == SOLVE_FOUND;
    return status;
}

/* Gives all rows their groups, one group after the other. */
static void deal_groups(struct solve_state *state)
{
    for (size_t group = 0; group < state->collection_groups; group++) {
        for (uint64_t row = state->starts[group]; row < state->starts[group + 1]; row++)
            solve_row(state, row)[state->group_layer] = (uint16_t)group;
    }
}

/* Writes a dealt column into the rows whose group has the layer; the others lack it. */
static void spread_column(struct solve_state *state, size_t layer, const uint16_t *column)
{
    const struct collection_stack *stacks = state->solve->collection->stacks;
    for (size_t group = 0; group < state->collection_groups; group++) {
        bool has = collection_stack_has(&stacks[group], layer);
        for (uint64_t row = state->starts[group]; row < state->starts[group + 1]; row++)
            solve_row(state, row)[layer] = has ? *column++ : state->absences[layer].trait;
    }
}

/* Deals a layer's traits to the rows that may have them. */
static void deal_layer(struct solve_state *state, size_t layer, uint16_t *column)
{
    uint64_t count = state->solve->count;
    uint64_t *targets = state->targets + state->solve->trait_bases[layer];
    uint64_t lacking = state->absences ? state->absences[layer].lacking : 0;
    if (lacking > 0) {
        ERROR_ASSERT(targets[state->absences[layer].trait] >= lacking);
        targets[state->absences[layer].trait] -= lacking;
    }
    plan_deal(column, count - lacking, targets, state->tables.layers[layer].trait_count,
              &state->random);
    if (lacking > 0) {
        targets[state->absences[layer].trait] += lacking;
        spread_column(state, layer, column);
        return;
    }
    for (uint64_t row = 0; row < count; row++)
        solve_row(state, row)[layer] = column[row];
}

/* Deals every unit of layers that was not dealt yet. */
static enum sgr_status deal(struct solving *solving, struct sgr_error *error)
{
    struct solve_state *state = &solving->state;
    uint64_t count = state->solve->count;
    uint16_t *column = memory_allocate((size_t)count + 1, sizeof *column);
    if (!column)
        return error_no_memory(error, "the plan");
    for (size_t layer = 0; layer < state->layer_count; layer++) {
        bool dealt = state->units[state->unit_of[layer]].layer_count > 1;
        if (!dealt && layer != state->group_layer)
            deal_layer(state, layer, column);
    }
    memory_free(column);
    return SGR_OK;
}

static void mix(struct solve_state *state)
{
    uint64_t proposals = MIX_EACH * state->solve->count * state->unit_count;
    if (state->solve->count <= MIX_ITEMS_MAX)
        solve_swap_mix(state, proposals < MIX_MAX ? proposals : MIX_MAX);
}

/*
 * Deals, exchanges, and changes what exchanges cannot mend. Groups that use more than one key in
 * `sparseness` are dealt as a whole.
 */
static enum sgr_status exchange_rows(struct solving *solving, uint64_t sparseness,
                                     struct sgr_error *error)
{
    struct solve_state *state = &solving->state;
    enum sgr_status status = solve_blocks_deal(state, sparseness, error);
    deal_groups(state);
    if (status == SGR_OK)
        status = deal(solving, error);
    if (status != SGR_OK)
        return status;
    solve_state_allow(state);
    solve_swap_mend(state);
    status = solve_state_open_keys(state, error);
    if (status != SGR_OK)
        return status;
    solve_state_allow(state);
    solve_state_count(state);
    uint64_t left = solve_swap_enter(state);
    solve_state_allow(state);
    if (left > 0)
        left = solve_change_rows(state, &solving->walk);
    if (left > 0)
        return SGR_OK;
    solve_state_allow(state);
    solve_blocks_split(state);
    solve_change_polish(state);
    mix(state);
    solving->found = true;
    solving->deviation = solve_state_deviation(state);
    return SGR_OK;
}

/* Makes the recipes that were chosen the rows, in random order. */
static enum sgr_status take_choice(struct solving *solving, struct sgr_error *error)
{
    struct solve_state *state = &solving->state;
    const struct solve_choice *choice = &solving->choice;
    for (uint64_t row = 0; row < state->solve->count; row++)
        memcpy(solve_row(state, row), choice->recipes + choice->chosen[row] * state->layer_count,
               state->layer_count * sizeof(uint16_t));
    plan_deal_shuffle(state->rows, state->solve->count, state->layer_count, &state->random);
    if (state->group_layer != SIZE_MAX &&
        plan_deal_gather(state->rows, state->layer_count, state->group_layer,
                         state->targets + state->solve->trait_bases[state->group_layer],
                         state->collection_groups) != SGR_OK)
        return error_no_memory(error, "the plan");
    enum sgr_status status = solve_state_open_keys(state, error);
    if (status != SGR_OK)
        return status;
    solve_state_count(state);
    solve_blocks_split(state);
    for (uint64_t row = 0; row < state->solve->count; row++)
        ERROR_ASSERT(solve_state_enter(state, row));
    mix(state);
    solving->found = true;
    solving->deviation = choice->deviation;
    ERROR_ASSERT(solve_state_deviation(state) == choice->deviation);
    return SGR_OK;
}

/* Takes what a choice came to where it is better than what there is. */
static enum sgr_status better(struct solving *solving, enum solve_end end, struct sgr_error *error)
{
    if (end != SOLVE_FOUND || (solving->found && solving->choice.deviation >= solving->deviation))
        return SGR_OK;
    return take_choice(solving, error);
}

static enum sgr_status select_recipes(struct solving *solving, struct sgr_error *error)
{
    enum solve_end end;
    enum sgr_status status = solve_select(&solving->choice, &solving->state.random, &end, error);
    return status == SGR_OK ? better(solving, end, error) : status;
}

/* Searches to the end, for no deviation first, then for more; proves what it can. */
static enum sgr_status search_recipes(struct solving *solving, struct sgr_error *error)
{
    struct solve_choice *choice = &solving->choice;
    struct random *random = &solving->state.random;
    bool proven = true;
    enum solve_end end;
    enum sgr_status status = SGR_OK;
    if (!solving->found) {
        status = solve_search(choice, UINT64_MAX, PLAN_SOLVE_NODES, random, &end, error);
        if (status == SGR_OK)
            status = better(solving, end, error);
        if (status == SGR_OK && end == SOLVE_NONE)
            return solve_conflict_explain(&solving->state, error);
    }
    uint64_t deviation = 0;
    for (int tried = 0; status == SGR_OK && tried < SEARCH_DEVIATIONS; tried++) {
        if (solving->found && deviation >= solving->deviation)
            break;
        status = solve_search(choice, deviation, PLAN_SOLVE_NODES, random, &end, error);
        if (status == SGR_OK)
            status = better(solving, end, error);
        proven &= end != SOLVE_LIMIT;
        deviation += tried < SEARCH_DEVIATIONS / 2 ? 2 : deviation;
    }
    solving->state.solve->proven =
        proven && solving->found && solving->deviation <= SEARCH_DEVIATIONS;
    return status;
}

static bool is_done(const struct solving *solving)
{
    return solving->found && solving->deviation == 0;
}

static enum sgr_status run(struct solving *solving, struct sgr_error *error)
{
    struct solve_state *state = &solving->state;
    uint64_t count = state->solve->count;
    for (size_t group = 0; group < state->group_count; group++) {
        if (solve_state_keys(state, &state->groups[group]) < state->groups[group].item_count)
            return solve_conflict_explain(state, error);
    }
    enum sgr_status status = list_recipes(solving, error);
    const struct solve_choice *choice = &solving->choice;
    bool once = solving->listed && !choice->repeats;
    if (status == SGR_OK && once && choice->recipe_count < count)
        return solve_conflict_too_few(state, choice->recipe_count, error);
    bool dense = once && count > choice->recipe_count / 2;
    if (status == SGR_OK && dense)
        status = select_recipes(solving, error);
    if (status == SGR_OK && !solving->found)
        status = exchange_rows(solving, SPARSE, error);
    if (status == SGR_OK && !solving->found)
        status = exchange_rows(solving, SPARSER, error);
    bool small =
        solving->listed && choice->recipe_count <= SEARCH_RECIPES_MAX && count <= SEARCH_ITEMS_MAX;
    if (status == SGR_OK && small && !is_done(solving))
        status = search_recipes(solving, error);
    if (status == SGR_OK && once && !dense && !is_done(solving) && !state->solve->proven)
        status = select_recipes(solving, error);
    int tries = count <= RELAXED_ITEMS_MAX ? RELAXED_TRIES : 0;
    for (int tried = 0; status == SGR_OK && !solving->found && tried < tries; tried++) {
        solve_targets_relax(state);
        status = exchange_rows(solving, tried % 2 ? SPARSER : SPARSE, error);
    }
    if (status == SGR_OK && !solving->found)
        status = solve_conflict_explain(state, error);
    return status;
}

enum sgr_status plan_solve(struct plan_solve *solve, struct sgr_error *error)
{
    struct solving solving = {.deviation = UINT64_MAX};
    solve->proven = false;
    enum sgr_status status = solve_state_init(&solving.state, solve, error);
    if (status == SGR_OK)
        status = solve_targets_set(&solving.state, &solving.walk, error);
    if (status == SGR_OK)
        status = run(&solving, error);
    if (status == SGR_OK) {
        solve->deviation = solving.deviation;
        solve->proven |= solving.deviation == 0;
        solve->limited = !solve->proven;
    }
    finish(&solving);
    return status;
}
