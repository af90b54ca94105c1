/* One layer at a time, then whole recipes that are near. */
#include "plan/solve_change.h"

#include "base/error.h"
#include "plan/solve_swap.h"

#include <string.h>

enum {
    WALK_STEPS = 4096,
    RECIPES_SEEN_MAX = 256,
    RECIPES_FIT_MAX = 16,
    POLISH_TRIES_EACH = 64,
    POLISH_TRIES_MAX = 200000,
    SETTLE_TRIES = 16
};

/* What the sum of deviations gains when a trait comes once less (-1) or more (1). */
static int64_t gain(const struct solve_state *state, size_t trait, int step)
{
    bool over = state->counts[trait] > state->solve->asked[trait];
    bool under = state->counts[trait] < state->solve->asked[trait];
    return step > 0 ? (under ? -1 : 1) : (over ? -1 : 1);
}

static bool may_change(const struct solve_state *state, size_t from, size_t to)
{
    return state->counts[from] > state->solve->lower[from] && state->counts[to] < state->caps[to];
}

/* The change of one trait that makes a row fit and the counts least wrong. */
static bool change_one(struct solve_state *state, uint64_t row)
{
    int64_t best = INT64_MAX;
    uint64_t found = 0;
    uint32_t best_layer = 0;
    uint16_t best_trait = 0;
    memcpy(state->own, solve_row(state, row), state->layer_count * sizeof *state->own);
    for (uint32_t layer = 0; layer < state->layer_count && solve_may_go_on(state); layer++) {
        const struct solve_layer *here = &state->tables.layers[layer];
        uint32_t base = state->solve->trait_bases[layer];
        uint16_t mine = state->own[layer];
        solve_tables_spend(&state->tables, here->trait_count);
        solve_tables_allowed(&state->tables, state->own, layer, state->classes);
        for (size_t trait = 0; trait < here->trait_count; trait++) {
            if (trait == mine || !solve_bit(state->classes, here->class_of[trait]) ||
                !may_change(state, base + mine, base + trait))
                continue;
            int64_t worse = gain(state, base + mine, -1) + gain(state, base + trait, 1);
            state->own[layer] = (uint16_t)trait;
            bool fits = worse <= best && solve_state_fits(state, state->own);
            state->own[layer] = mine;
            found = fits && worse < best ? 0 : found;
            if (!fits || random_below(&state->random, ++found) != 0)
                continue;
            best = worse;
            best_layer = layer;
            best_trait = (uint16_t)trait;
        }
    }
    if (best == INT64_MAX)
        return false;
    solve_state_set(state, row, best_layer, best_trait);
    return solve_state_enter(state, row);
}

/* What a recipe would cost a row; INT64_MAX where a bound forbids it. */
static int64_t cost_of(const struct solve_state *state, const uint16_t *own, const uint16_t *recipe)
{
    int64_t sum = 0;
    for (size_t layer = 0; layer < state->layer_count; layer++) {
        uint32_t base = state->solve->trait_bases[layer];
        if (own[layer] == recipe[layer])
            continue;
        if (!may_change(state, base + own[layer], base + recipe[layer]))
            return INT64_MAX;
        sum += gain(state, base + own[layer], -1) + gain(state, base + recipe[layer], 1);
    }
    return sum;
}

/* Puts traits that come too seldom first, and before them the row's own. */
static void prefer(struct solve_state *state, struct solve_walk *walk, const uint16_t *own)
{
    solve_walk_shuffle(walk, &state->random);
    solve_tables_spend(&state->tables, state->solve->trait_bases[state->layer_count]);
    for (size_t layer = 0; layer < state->layer_count; layer++) {
        uint32_t base = state->solve->trait_bases[layer];
        uint16_t *candidates = walk->candidates + base;
        uint32_t front = 0;
        for (uint32_t index = 0; index < walk->candidate_counts[layer]; index++) {
            uint16_t trait = candidates[index];
            if (gain(state, base + trait, 1) > 0)
                continue;
            candidates[index] = candidates[front];
            candidates[front++] = trait;
        }
        for (uint32_t index = 0; index < walk->candidate_counts[layer]; index++) {
            if (candidates[index] == own[layer]) {
                candidates[index] = candidates[0];
                candidates[0] = own[layer];
            }
        }
    }
}

/* Gives a row the least costly of some recipes that fit. */
static bool change_many(struct solve_state *state, struct solve_walk *walk, uint64_t row)
{
    uint16_t *own = solve_row(state, row);
    int64_t best = INT64_MAX;
    int fits = 0;
    prefer(state, walk, own);
    if (state->group_layer == SIZE_MAX)
        solve_walk_begin(walk, WALK_STEPS);
    else
        solve_walk_begin_with(walk, (uint32_t)state->group_layer, own[state->group_layer],
                              WALK_STEPS);
    for (int seen = 0; seen < RECIPES_SEEN_MAX && fits < RECIPES_FIT_MAX; seen++) {
        if (!solve_walk_next(walk))
            break;
        int64_t cost = cost_of(state, own, walk->row);
        if (cost == INT64_MAX || !solve_state_fits(state, walk->row))
            continue;
        fits++;
        if (cost >= best)
            continue;
        best = cost;
        memcpy(state->others, walk->row, state->layer_count * sizeof *own);
    }
    for (uint32_t layer = 0; best != INT64_MAX && layer < state->layer_count; layer++)
        solve_state_set(state, row, layer, state->others[layer]);
    return solve_state_enter(state, row);
}

uint64_t solve_change_rows(struct solve_state *state, struct solve_walk *walk)
{
    uint64_t left = 0;
    for (uint64_t row = 0; row < state->solve->count; row++) {
        if (solve_held(state, row))
            continue;
        if (solve_may_go_on(state) && (solve_state_enter(state, row) || change_one(state, row)))
            continue;
        bool changed = solve_step(state) && change_many(state, walk, row);
        left += !changed;
    }
    return left;
}

/*
 * Gives a held row another trait, with exchanges where that breaks something; undone if not held.
 */
static bool try_change(struct solve_state *state, uint64_t row, uint32_t layer, uint16_t trait)
{
    uint16_t mine = solve_row(state, row)[layer];
    uint32_t base = state->solve->trait_bases[layer];
    if (!may_change(state, base + mine, base + trait))
        return false;
    solve_state_leave(state, row);
    solve_state_set(state, row, layer, trait);
    if (solve_state_enter(state, row) || solve_swap_settle(state, row, SETTLE_TRIES))
        return true;
    solve_state_set(state, row, layer, mine);
    ERROR_ASSERT(solve_state_enter(state, row));
    return false;
}

/* A random trait of a layer that comes too seldom, or any at all. */
static uint16_t draw_trait(struct solve_state *state, uint32_t layer, bool seldom)
{
    uint32_t base = state->solve->trait_bases[layer];
    size_t count = state->tables.layers[layer].trait_count;
    uint64_t found = 0;
    uint16_t drawn = 0;
    solve_tables_spend(&state->tables, count);
    for (size_t trait = 0; trait < count; trait++) {
        if (seldom && state->counts[base + trait] >= state->solve->asked[base + trait])
            continue;
        if (state->caps[base + trait] > 0 && random_below(&state->random, ++found) == 0)
            drawn = (uint16_t)trait;
    }
    return drawn;
}

/* One try to lower a trait's surplus; it may move to another trait of the layer instead. */
static void polish_trait(struct solve_state *state, uint32_t layer, uint16_t trait)
{
    uint64_t row = solve_swap_draw(state, layer, trait);
    if (row == SOLVE_KEYS_NONE || !solve_held(state, row))
        return;
    uint16_t wanted = draw_trait(state, layer, true);
    if (wanted != trait && try_change(state, row, layer, wanted))
        return;
    wanted = draw_trait(state, layer, false);
    if (wanted != trait)
        try_change(state, row, layer, wanted);
}

/* One try for each trait of a layer that comes too often; returns how many tries are left. */
static uint64_t polish_layer(struct solve_state *state, uint32_t layer, uint64_t tries)
{
    uint32_t base = state->solve->trait_bases[layer];
    for (size_t trait = 0; trait < state->tables.layers[layer].trait_count; trait++) {
        if (state->counts[base + trait] <= state->solve->asked[base + trait] || tries == 0)
            continue;
        tries--;
        polish_trait(state, layer, (uint16_t)trait);
    }
    return tries;
}

void solve_change_polish(struct solve_state *state)
{
    uint64_t deviation = solve_state_deviation(state);
    uint64_t tries = POLISH_TRIES_EACH * deviation + POLISH_TRIES_EACH;
    if (tries > POLISH_TRIES_MAX)
        tries = POLISH_TRIES_MAX;
    while (tries > 0 && solve_state_deviation(state) > 0 && solve_step(state)) {
        for (uint32_t layer = 0; layer < state->layer_count; layer++)
            tries = polish_layer(state, layer, tries);
    }
}
