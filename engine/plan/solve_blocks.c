/* Pairs as a graph, larger groups as a choice from the list of their keys. */
#include "plan/solve_blocks.h"

#include "base/error.h"
#include "plan/plan_deal.h"
#include "plan/solve_choice.h"
#include "plan/solve_pairs.h"

/* Lists of keys are not made where there are more than so many for each item. */
enum { KEYS_EACH_MAX = 4 };

void solve_blocks_split(struct solve_state *state)
{
    state->unit_count = state->layer_count;
    for (uint32_t layer = 0; layer < state->layer_count; layer++) {
        state->unit_of[layer] = layer;
        state->units[layer] = (struct solve_unit){&state->singles[layer], 1};
    }
}

/* Makes a group one unit; the layers after it move up. */
static void join(struct solve_state *state, const struct solve_group *group)
{
    size_t kept = 0;
    uint32_t unit_of_group = 0;
    for (size_t unit = 0; unit < state->unit_count; unit++) {
        bool inside = false;
        for (size_t index = 0; index < group->layer_count; index++)
            inside |= state->units[unit].layers[0] == group->layers[index];
        if (!inside)
            state->units[kept++] = state->units[unit];
    }
    unit_of_group = (uint32_t)kept;
    state->units[kept++] = (struct solve_unit){group->layers, group->layer_count};
    state->unit_count = kept;
    for (uint32_t unit = 0; unit < unit_of_group; unit++) {
        for (size_t index = 0; index < state->units[unit].layer_count; index++)
            state->unit_of[state->units[unit].layers[index]] = unit;
    }
    for (size_t index = 0; index < group->layer_count; index++)
        state->unit_of[group->layers[index]] = unit_of_group;
}

/* Whether no layer of the group is in a block already. */
static bool is_open(const struct solve_state *state, const struct solve_group *group)
{
    bool open = group->layer_count > 1;
    for (size_t index = 0; index < group->layer_count; index++)
        open &= state->units[state->unit_of[group->layers[index]]].layer_count == 1;
    return open;
}

/* Chooses keys from their list; *out_exact when all bounds and targets are met. */
static enum sgr_status choose_keys(struct solve_state *state, const struct solve_group *group,
                                   bool *out_exact, struct sgr_error *error)
{
    uint64_t most = state->solve->count * KEYS_EACH_MAX + group->taken;
    struct solve_walk walk;
    struct solve_choice choice = {.layers = group->layers, .layer_count = group->layer_count};
    struct solve_walk_options options = {&state->tables, state->solve->trait_bases, state->caps,
                                         group->layers, group->layer_count};
    enum solve_end end = SOLVE_LIMIT;
    enum sgr_status status = solve_walk_init(&walk, &options, error);
    if (status == SGR_OK)
        status = solve_choice_init(&choice, state, &walk, most, &end, error);
    if (status == SGR_OK && end == SOLVE_FOUND)
        status = solve_select(&choice, &state->random, &end, error);
    *out_exact = status == SGR_OK && end == SOLVE_FOUND;
    if (*out_exact) {
        for (uint64_t row = 0; row < state->solve->count; row++) {
            const uint16_t *key = choice.recipes + choice.chosen[row] * state->layer_count;
            for (size_t index = 0; index < group->layer_count; index++)
                solve_row(state, row)[group->layers[index]] = key[group->layers[index]];
        }
        /* Only the group's layers are set yet, so whole rows may move. */
        plan_deal_shuffle(state->rows, state->solve->count, state->layer_count, &state->random);
    }
    solve_choice_finish(&choice);
    solve_walk_finish(&walk);
    return status;
}

enum sgr_status solve_blocks_deal(struct solve_state *state, uint64_t sparseness,
                                  struct sgr_error *error)
{
    uint64_t count = state->solve->count;
    solve_blocks_split(state);
    for (size_t index = 0; index < state->group_count; index++) {
        const struct solve_group *group = &state->groups[index];
        uint64_t keys = solve_state_keys(state, group);
        bool exact = true;
        uint64_t placed = count;
        enum sgr_status status;
        if (!is_open(state, group) || keys / sparseness > count)
            continue;
        if (group->layer_count == 2 && keys <= SOLVE_PAIRS_MAX)
            status = solve_pairs_deal(state, group, &placed, error);
        else if (group->layer_count < state->layer_count && keys / KEYS_EACH_MAX <= count)
            status = choose_keys(state, group, &exact, error);
        else
            continue;
        if (status != SGR_OK)
            return status;
        if (exact && placed == count)
            join(state, group);
    }
    return SGR_OK;
}
