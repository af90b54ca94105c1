/* Pairs as a graph, larger groups as a choice from the list of their keys. */
#include "plan/solve_blocks.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/group_scope.h"
#include "plan/plan_deal.h"
#include "plan/solve_choice.h"
#include "plan/solve_pairs.h"

#include <string.h>

/* Lists of keys are not made where there are more than so many for each item. */
enum { KEYS_EACH_MAX = 4 };

void solve_blocks_split(struct solve_state *state)
{
    /* An item stays in its group. */
    state->unit_count = state->layer_count - (state->group_layer != SIZE_MAX);
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

/* A problem that is only the rows which a group of layers is about; start from all zero. */
struct part {
    struct plan_solve solve;
    struct solve_state state;   /* borrows all but what is below */
    uint64_t *asked;            /* owned: [trait], then lower, caps and targets */
    struct solve_group *groups; /* owned: about all rows of the part */
};

/* Whether the rows that have all layers of the group come first, and others have none of them. */
static bool is_apart(const struct solve_state *state, const struct solve_group *group)
{
    bool apart = true;
    bool ended = false;
    for (size_t index = 0; index < state->collection_groups && apart; index++) {
        const struct collection_stack *stack = &state->solve->collection->stacks[index];
        bool inside = group_scope_has(group->scope, index);
        for (size_t layer = 0; layer < group->layer_count; layer++)
            apart &= collection_stack_has(stack, group->layers[layer]) == inside;
        apart &= !inside || !ended;
        ended |= !inside;
    }
    return apart;
}

static enum sgr_status part_init(struct part *part, struct solve_state *state,
                                 const struct solve_group *group, struct sgr_error *error)
{
    size_t traits = state->solve->trait_bases[state->layer_count];
    const uint64_t *tables[] = {state->solve->asked, state->solve->lower, state->caps,
                                state->targets};
    part->asked = memory_allocate(4 * traits + 1, sizeof *part->asked);
    part->groups = memory_allocate(state->group_count, sizeof *part->groups);
    if (!part->asked || !part->groups)
        return error_no_memory(error, "the plan");
    memcpy(part->groups, state->groups, state->group_count * sizeof *part->groups);
    for (size_t index = 0; index < state->group_count; index++)
        part->groups[index].scope = NULL;
    for (size_t table = 0; table < 4; table++) {
        uint64_t *own = part->asked + table * traits;
        memcpy(own, tables[table], traits * sizeof *own);
        for (size_t index = 0; index < group->layer_count; index++) {
            uint32_t layer = group->layers[index];
            const struct solve_absence *absence = &state->absences[layer];
            uint64_t *absent = own + state->solve->trait_bases[layer] + absence->trait;
            bool bound = absence->lacking > 0 && *absent != UINT64_MAX;
            if (bound)
                *absent = *absent > absence->lacking ? *absent - absence->lacking : 0;
        }
    }
    part->solve = *state->solve;
    part->solve.count = group->item_count;
    part->solve.asked = part->asked;
    part->solve.lower = part->asked + traits;
    part->state = *state;
    part->state.solve = &part->solve;
    part->state.groups = part->groups;
    part->state.group_layer = SIZE_MAX;
    part->state.caps = part->asked + 2 * traits;
    part->state.targets = part->asked + 3 * traits;
    return SGR_OK;
}

/* Deals a group in one of two ways; *out_exact when all its rows differ as they should. */
static enum sgr_status deal_group(struct solve_state *state, const struct solve_group *group,
                                  bool *out_exact, struct sgr_error *error)
{
    uint64_t count = state->solve->count;
    uint64_t keys = solve_state_keys(state, group);
    uint64_t placed = count;
    enum sgr_status status = SGR_OK;
    if (group->layer_count == 2 && keys <= SOLVE_PAIRS_MAX) {
        status = solve_pairs_deal(state, group, &placed, error);
        *out_exact = placed == count;
    } else if (group->layer_count < state->layer_count && keys / KEYS_EACH_MAX <= count) {
        status = choose_keys(state, group, out_exact, error);
    }
    return status;
}

/* The same for the rows that the group is about; those behind them lack its layers. */
static enum sgr_status deal_part(struct solve_state *state, const struct solve_group *group,
                                 bool *out_exact, struct sgr_error *error)
{
    struct part part = {.asked = NULL};
    enum sgr_status status = part_init(&part, state, group, error);
    if (status == SGR_OK)
        status = deal_group(&part.state, group, out_exact, error);
    if (status == SGR_OK)
        state->random = part.state.random;
    for (uint64_t row = group->item_count; *out_exact && row < state->solve->count; row++) {
        for (size_t index = 0; index < group->layer_count; index++)
            solve_row(state, row)[group->layers[index]] =
                state->absences[group->layers[index]].trait;
    }
    memory_free(part.asked);
    memory_free(part.groups);
    return status;
}

enum sgr_status solve_blocks_deal(struct solve_state *state, uint64_t sparseness,
                                  struct sgr_error *error)
{
    solve_blocks_split(state);
    for (size_t index = 0; index < state->group_count; index++) {
        const struct solve_group *group = &state->groups[index];
        bool exact = false;
        if (!is_open(state, group) ||
            solve_state_keys(state, group) / sparseness > group->item_count)
            continue;
        if (group->scope && !is_apart(state, group))
            continue;
        enum sgr_status status = group->scope ? deal_part(state, group, &exact, error)
                                              : deal_group(state, group, &exact, error);
        if (status != SGR_OK)
            return status;
        if (exact)
            join(state, group);
    }
    return SGR_OK;
}
