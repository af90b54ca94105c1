/*
 * Rules first, row by row: a row that breaks something takes a trait with which that holds from a
 * partner that can do without. Then keys: a row that is like another exchanges with a random
 * partner; where that fails, chains of exchanges walk out of the crowd of frequent traits.
 */
#include "plan/solve_swap.h"

#include "base/error.h"

#include <string.h>

enum {
    PROBES_FEW = 64,
    PROBES_MANY = 2048,
    CHAIN_MAX = 4096,
    CHAIN_MIN = 4,
    SCANS_FAILED_MAX = 8,
    SCAN_STEP = 16, /* rows read one after the other that cost as much as one at random */
    PASSES_MAX = 8,
    TRIES = 64,
    PARTNERS_TRIED = 8
};

/* How a stage fares: what keeps failing is tried less. */
struct mending {
    struct solve_state *state;
    uint32_t chain_limit;
    uint32_t scans_failed;
};

static void exchange(const struct solve_unit *unit, uint16_t *left, uint16_t *right)
{
    for (size_t index = 0; index < unit->layer_count; index++) {
        uint32_t layer = unit->layers[index];
        uint16_t kept = left[layer];
        left[layer] = right[layer];
        right[layer] = kept;
    }
}

static bool same_in(const struct solve_unit *unit, const uint16_t *left, const uint16_t *right)
{
    for (size_t index = 0; index < unit->layer_count; index++) {
        if (left[unit->layers[index]] != right[unit->layers[index]])
            return false;
    }
    return true;
}

static uint64_t random_row(struct solve_state *state)
{
    return random_below(&state->random, state->solve->count);
}

/*
 * A row to exchange with. With groups every other one is of the same group, where more fit: a small
 * group would hardly meet its own otherwise.
 */
static uint64_t random_partner(struct solve_state *state, uint64_t row)
{
    if (state->group_layer == SIZE_MAX || random_below(&state->random, 2) == 0)
        return random_row(state);
    const uint64_t *start = state->starts + solve_row(state, row)[state->group_layer];
    return start[0] + random_below(&state->random, start[1] - start[0]);
}

/* A search for the partner of a row in a unit. */
struct partner_search {
    uint64_t row;
    const struct solve_unit *unit;
    const uint64_t *wanted; /* classes, when the unit is one layer; NULL: any */
    uint64_t found;         /* one that lowers the sum of both costs */
    uint64_t equal;         /* one that leaves it as it is */
    uint64_t equal_count;
};

/* What the two rows in hand break, of what an exchange of the unit may change. */
static uint64_t cost_about(const struct solve_state *state, const struct solve_unit *unit)
{
    const struct solve_tables *tables = &state->tables;
    if (unit->layer_count == 1)
        return solve_tables_cost_about(tables, state->own, unit->layers[0]) +
               solve_tables_cost_about(tables, state->others, unit->layers[0]);
    return solve_tables_cost(tables, state->own) + solve_tables_cost(tables, state->others);
}

/* Looks at one row; true when it is a partner that betters things. */
static bool try_partner(struct solve_state *state, struct partner_search *search, uint64_t other)
{
    const uint16_t *own = solve_row(state, search->row);
    const uint16_t *others = solve_row(state, other);
    uint32_t layer = search->unit->layers[0];
    if (search->wanted &&
        !solve_bit(search->wanted, state->tables.layers[layer].class_of[others[layer]]))
        return false;
    if (same_in(search->unit, own, others))
        return false;
    memcpy(state->own, own, state->layer_count * sizeof *own);
    memcpy(state->others, others, state->layer_count * sizeof *others);
    uint64_t before = cost_about(state, search->unit);
    exchange(search->unit, state->own, state->others);
    uint64_t after = cost_about(state, search->unit);
    if (after == before && random_below(&state->random, ++search->equal_count) == 0)
        search->equal = other;
    if (after >= before)
        return false;
    search->found = other;
    return true;
}

/* Tries rows at random, then, where that may help, one after the other. */
static void find_partner(struct mending *mending, struct partner_search *search)
{
    struct solve_state *state = mending->state;
    uint64_t count = state->solve->count;
    search->found = SOLVE_KEYS_NONE;
    search->equal = SOLVE_KEYS_NONE;
    for (int probe = 0; probe < PROBES_MANY && solve_step(state); probe++) {
        if (try_partner(state, search, random_partner(state, search->row)))
            return;
        bool hopeless = mending->chain_limit <= CHAIN_MIN || mending->scans_failed > 1;
        if (probe >= PROBES_FEW && (hopeless || search->equal != SOLVE_KEYS_NONE))
            break;
    }
    uint64_t price = count / SCAN_STEP + 1;
    if (mending->scans_failed >= SCANS_FAILED_MAX || state->steps_left < price)
        return;
    state->steps_left -= price;
    uint64_t start = random_row(state);
    for (uint64_t index = 0; index < count; index++) {
        uint64_t other = start + index < count ? start + index : start + index - count;
        if (try_partner(state, search, other)) {
            mending->scans_failed = 0;
            return;
        }
    }
    mending->scans_failed++;
}

/* Any exchange that breaks no more than before. */
static void drift(struct solve_state *state, uint64_t row, const struct solve_unit *unit)
{
    struct partner_search search = {.row = row, .unit = unit};
    search.found = SOLVE_KEYS_NONE;
    search.equal = SOLVE_KEYS_NONE;
    for (int probe = 0; probe < PROBES_FEW && solve_step(state); probe++) {
        if (try_partner(state, &search, random_partner(state, row)))
            break;
    }
    uint64_t other = search.found != SOLVE_KEYS_NONE ? search.found : search.equal;
    if (other != SOLVE_KEYS_NONE)
        exchange(unit, solve_row(state, row), solve_row(state, other));
}

static bool any_class(const struct solve_state *state, uint32_t layer)
{
    uint64_t any = 0;
    for (size_t word = 0; word < state->tables.layers[layer].words; word++)
        any |= state->classes[word];
    return any != 0;
}

/*
 * Takes the groups' layer, which is never exchanged, out of the broken ones; where there is no
 * other the first layer stands for it.
 */
static size_t without_groups(struct solve_state *state, size_t broken)
{
    size_t kept = 0;
    if (state->group_layer == SIZE_MAX)
        return broken;
    for (size_t index = 0; index < broken; index++) {
        if (state->broken[index] != state->group_layer)
            state->broken[kept++] = state->broken[index];
    }
    if (kept == 0)
        state->broken[kept++] = 0;
    return kept;
}

/* One exchange for a broken row; *row becomes the partner where the fault moved to it. */
static void mend_step(struct mending *mending, uint64_t *row)
{
    struct solve_state *state = mending->state;
    uint16_t *own = solve_row(state, *row);
    size_t broken = solve_tables_broken(&state->tables, own, state->broken, SOLVE_BROKEN_MAX);
    broken = without_groups(state, broken);
    uint32_t layer = state->broken[random_below(&state->random, broken)];
    const struct solve_unit *unit = &state->units[state->unit_of[layer]];
    struct partner_search search = {.row = *row, .unit = unit};
    if (unit->layer_count == 1) {
        solve_tables_allowed(&state->tables, own, layer, state->classes);
        search.wanted = state->classes;
        if (!any_class(state, layer)) {
            drift(state, *row, unit);
            return;
        }
    }
    find_partner(mending, &search);
    uint64_t other = search.found != SOLVE_KEYS_NONE ? search.found : search.equal;
    if (other == SOLVE_KEYS_NONE)
        return;
    exchange(unit, own, solve_row(state, other));
    if (search.found == SOLVE_KEYS_NONE &&
        (solve_tables_cost(&state->tables, own) == 0 || random_below(&state->random, 2) == 0))
        *row = other;
}

/*
 * Exchanges until a row and those that its fault moves to break nothing, or the chain is too long.
 */
static bool mend_row(struct mending *mending, uint64_t row)
{
    struct solve_state *state = mending->state;
    bool mended = false;
    for (uint32_t step = 0; step < mending->chain_limit && solve_step(state); step++) {
        mended = solve_tables_cost(&state->tables, solve_row(state, row)) == 0;
        if (mended)
            break;
        mend_step(mending, &row);
    }
    if (mended && mending->chain_limit < CHAIN_MAX)
        mending->chain_limit += mending->chain_limit / 8 + 1;
    if (!mended && mending->chain_limit > CHAIN_MIN)
        mending->chain_limit /= 2;
    return mended;
}

static bool has_rules(const struct solve_state *state)
{
    bool any = state->tables.rule_count > 0;
    for (size_t layer = 0; layer < state->layer_count; layer++)
        any |= state->tables.layers[layer].link_count > 0;
    return any;
}

void solve_swap_mend(struct solve_state *state)
{
    struct mending mending = {.state = state, .chain_limit = CHAIN_MAX};
    uint64_t last = UINT64_MAX;
    if (!has_rules(state) || state->solve->count < 2)
        return;
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        uint64_t failed = 0;
        for (uint64_t row = 0; row < state->solve->count && solve_may_go_on(state); row++) {
            if (solve_tables_cost(&state->tables, solve_row(state, row)) > 0)
                failed += !mend_row(&mending, row);
        }
        if (failed == 0 || failed > last - last / 8)
            return;
        last = failed;
    }
}

/* Exchanges a row that is not held with one that is, where both then are. */
static bool settle(struct solve_state *state, uint64_t row, uint64_t other,
                   const struct solve_unit *unit)
{
    uint16_t *own = solve_row(state, row);
    uint16_t *others = solve_row(state, other);
    if (!solve_held(state, other) || same_in(unit, own, others))
        return false;
    memcpy(state->own, own, state->layer_count * sizeof *own);
    memcpy(state->others, others, state->layer_count * sizeof *others);
    exchange(unit, state->own, state->others);
    if (solve_tables_cost(&state->tables, state->others) > 0 ||
        !solve_state_fits(state, state->own))
        return false;
    solve_state_leave(state, other);
    exchange(unit, own, others);
    if (solve_state_hold(state, row)) {
        if (solve_state_hold(state, other))
            return true;
        solve_state_leave(state, row);
    }
    exchange(unit, own, others);
    ERROR_ASSERT(solve_state_hold(state, other));
    return false;
}

/* A trait that would make a row fit. */
struct wish {
    uint32_t layer;
    uint16_t trait;
};

/* Draws one of the single changes that would make a row fit; false when there is none. */
static bool draw_wish(struct solve_state *state, uint64_t row, struct wish *out_wish)
{
    uint64_t found = 0;
    memcpy(state->own, solve_row(state, row), state->layer_count * sizeof *state->own);
    for (uint32_t layer = 0; layer < state->layer_count && solve_may_go_on(state); layer++) {
        if (layer == state->group_layer)
            continue;
        const struct solve_layer *here = &state->tables.layers[layer];
        const uint64_t *counts = state->counts + state->solve->trait_bases[layer];
        uint16_t mine = state->own[layer];
        solve_tables_allowed(&state->tables, state->own, layer, state->classes);
        for (size_t trait = 0; trait < here->trait_count; trait++) {
            if (trait == mine || counts[trait] == 0 ||
                !solve_bit(state->classes, here->class_of[trait]))
                continue;
            state->own[layer] = (uint16_t)trait;
            if (solve_state_fits(state, state->own) && random_below(&state->random, ++found) == 0)
                *out_wish = (struct wish){layer, (uint16_t)trait};
            state->own[layer] = mine;
        }
    }
    return found > 0;
}

uint64_t solve_swap_draw(struct solve_state *state, uint32_t layer, uint16_t trait)
{
    uint64_t count = state->solve->count;
    for (int probe = 0; probe < PROBES_MANY && solve_step(state); probe++) {
        uint64_t other = random_row(state);
        if (solve_row(state, other)[layer] == trait)
            return other;
    }
    uint64_t price = count / SCAN_STEP + 1;
    if (state->steps_left < price)
        return SOLVE_KEYS_NONE;
    state->steps_left -= price;
    uint64_t start = random_row(state);
    for (uint64_t index = 0; index < count; index++) {
        uint64_t other = start + index < count ? start + index : start + index - count;
        if (solve_row(state, other)[layer] == trait)
            return other;
    }
    return SOLVE_KEYS_NONE;
}

/* Gives a row that no single change helps another trait, by a partner that stays held. */
static bool wander(struct solve_state *state, uint64_t row)
{
    for (int probe = 0; probe < PROBES_MANY && solve_step(state); probe++) {
        const struct solve_unit *unit =
            &state->units[random_below(&state->random, state->unit_count)];
        uint64_t other = random_partner(state, row);
        uint16_t *own = solve_row(state, row);
        uint16_t *others = solve_row(state, other);
        if (!solve_held(state, other) || same_in(unit, own, others))
            continue;
        solve_state_leave(state, other);
        exchange(unit, own, others);
        if (solve_state_enter(state, other))
            return true;
        exchange(unit, own, others);
        ERROR_ASSERT(solve_state_enter(state, other));
    }
    return false;
}

/* Grants a wish by an exchange; the partner may be left over and becomes *row. True when done. */
static bool grant(struct solve_state *state, uint64_t *row, struct wish wish)
{
    const struct solve_unit unit = {&wish.layer, 1};
    uint64_t other = SOLVE_KEYS_NONE;
    for (int tried = 0; tried < PARTNERS_TRIED; tried++) {
        uint64_t drawn = solve_swap_draw(state, wish.layer, wish.trait);
        if (drawn == SOLVE_KEYS_NONE || drawn == *row)
            continue;
        if (settle(state, *row, drawn, &unit))
            return true;
        memcpy(state->others, solve_row(state, drawn), state->layer_count * sizeof(uint16_t));
        state->others[wish.layer] = solve_row(state, *row)[wish.layer];
        if (other == SOLVE_KEYS_NONE || solve_tables_cost(&state->tables, state->others) == 0)
            other = drawn;
    }
    if (other == SOLVE_KEYS_NONE)
        return false;
    bool was_held = solve_held(state, other);
    solve_state_leave(state, other);
    exchange(&unit, solve_row(state, *row), solve_row(state, other));
    ERROR_ASSERT(solve_state_enter(state, *row));
    *row = other;
    return solve_state_enter(state, other) || !was_held;
}

/* The layers of the first group in which a row is like one that is held; NULL: none. */
static const struct solve_group *blocking(const struct solve_state *state, const uint16_t *row)
{
    for (size_t index = 0; index < state->group_count; index++) {
        if (solve_in_scope(state, &state->groups[index], row) &&
            solve_keys_find(&state->keys[index], row) != SOLVE_KEYS_NONE)
            return &state->groups[index];
    }
    return NULL;
}

bool solve_swap_settle(struct solve_state *state, uint64_t row, int tries)
{
    const uint16_t *own = solve_row(state, row);
    bool broken = solve_tables_cost(&state->tables, own) > 0;
    const struct solve_group *group = broken ? NULL : blocking(state, own);
    for (int tried = 0; tried < tries && solve_step(state); tried++) {
        const struct solve_unit *unit =
            &state->units[random_below(&state->random, state->unit_count)];
        if (group) {
            uint64_t drawn = random_below(&state->random, group->layer_count);
            unit = &state->units[state->unit_of[group->layers[drawn]]];
        }
        if (settle(state, row, random_partner(state, row), unit))
            return true;
    }
    return false;
}

/* Exchanges until a row and those that it throws out are held, or the chain is too long. */
static bool settle_row(struct mending *mending, uint64_t row)
{
    struct solve_state *state = mending->state;
    if (solve_swap_settle(state, row, TRIES))
        return true;
    for (uint32_t step = 0; step < mending->chain_limit && solve_step(state); step++) {
        struct wish wish;
        if (solve_state_enter(state, row))
            return true;
        if (draw_wish(state, row, &wish)) {
            if (grant(state, &row, wish))
                return true;
        } else if (!wander(state, row)) {
            return false;
        }
    }
    return false;
}

/* Holds a row if it fits and there is work left to see that. */
static bool enter(struct solve_state *state, uint64_t row)
{
    return !solve_tables_exhausted(&state->tables) && solve_state_enter(state, row);
}

uint64_t solve_swap_enter(struct solve_state *state)
{
    struct mending mending = {.state = state, .chain_limit = CHAIN_MAX};
    uint64_t left = 0;
    for (uint64_t row = 0; row < state->solve->count; row++)
        left += !enter(state, row);
    uint64_t last = UINT64_MAX;
    for (int pass = 0; pass < PASSES_MAX && left > 0 && left < last - last / 8; pass++) {
        last = left;
        left = 0;
        for (uint64_t row = 0; row < state->solve->count; row++) {
            if (solve_held(state, row) || enter(state, row))
                continue;
            bool settled = solve_may_go_on(state) && settle_row(&mending, row);
            if (settled && mending.chain_limit < CHAIN_MAX)
                mending.chain_limit += mending.chain_limit / 8 + 1;
            if (!settled && mending.chain_limit > CHAIN_MIN)
                mending.chain_limit /= 2;
        }
        for (uint64_t row = 0; row < state->solve->count; row++)
            left += !solve_held(state, row) && !enter(state, row);
    }
    return left;
}

void solve_swap_mix(struct solve_state *state, uint64_t proposals)
{
    uint64_t all = state->solve->count > 1 ? proposals : 0;
    for (uint64_t index = 0; index < all && solve_may_go_on(state); index++) {
        const struct solve_unit *unit =
            &state->units[random_below(&state->random, state->unit_count)];
        uint64_t row = random_row(state);
        uint64_t other = random_partner(state, row);
        uint16_t *own = solve_row(state, row);
        uint16_t *others = solve_row(state, other);
        if (same_in(unit, own, others) || !solve_held(state, row) || !solve_held(state, other))
            continue;
        solve_state_leave(state, row);
        solve_state_leave(state, other);
        exchange(unit, own, others);
        bool fits = solve_state_enter(state, row);
        if (fits && solve_state_enter(state, other))
            continue;
        solve_state_leave(state, row);
        exchange(unit, own, others);
        ERROR_ASSERT(solve_state_enter(state, row));
        ERROR_ASSERT(solve_state_enter(state, other));
    }
}
