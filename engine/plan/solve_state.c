/* What the solver's stages share. */
#include "plan/solve_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/group_scope.h"

#include <string.h>

enum { STREAM_SOLVE = 1 << 21 };

static void close_keys(struct solve_state *state)
{
    for (size_t index = 0; state->keys && index < state->group_count; index++)
        solve_keys_finish(&state->keys[index]);
    memory_free(state->keys);
    state->keys = NULL;
}

void solve_state_finish(struct solve_state *state)
{
    close_keys(state);
    memory_free(state->held);
    memory_free(state->counts);
    memory_free(state->targets);
    memory_free(state->caps);
    memory_free(state->own);
    memory_free(state->others);
    memory_free(state->classes);
    memory_free(state->broken);
    solve_tables_finish(&state->tables);
    arena_finish(&state->arena);
    *state = (struct solve_state){0};
}

/* Whether a group is about all items that another is about. */
static bool covers(const struct solve_state *state, const struct solve_group *wide,
                   const struct solve_group *narrow)
{
    bool all = true;
    for (size_t group = 0; wide->scope && all && group < state->collection_groups; group++)
        all = group_scope_has(wide->scope, group) || !group_scope_has(narrow->scope, group);
    return all;
}

/* Whether all layers of one group are in another, and it is about all its items; both ascend. */
static bool is_within(const struct solve_state *state, const struct solve_group *inner,
                      const struct solve_group *outer)
{
    size_t place = 0;
    for (size_t index = 0; index < inner->layer_count; index++) {
        while (place < outer->layer_count && outer->layers[place] < inner->layers[index])
            place++;
        if (place == outer->layer_count || outer->layers[place] != inner->layers[index])
            return false;
    }
    return covers(state, inner, outer);
}

/* Adds a group unless another makes it needless; takes out those that it makes needless. */
static void add_group(struct solve_state *state, struct solve_group group)
{
    size_t kept = 0;
    for (size_t index = 0; index < state->group_count; index++) {
        if (is_within(state, &state->groups[index], &group))
            return;
    }
    for (size_t index = 0; index < state->group_count; index++) {
        if (!is_within(state, &group, &state->groups[index]))
            state->groups[kept++] = state->groups[index];
    }
    state->groups[kept++] = group;
    state->group_count = kept;
}

/* Finds the items that a group of layers is about. */
static bool set_scope(struct solve_state *state, struct solve_group *group)
{
    const struct plan_solve *solve = state->solve;
    struct group_scope_request request = {solve->collection, group->layers, group->layer_count,
                                          group->text == NULL};
    group->item_count = solve->count;
    if (state->group_layer == SIZE_MAX)
        return true;
    group->scope = group_scope_make(&request, &state->arena);
    group->item_count = 0;
    for (size_t index = 0; group->scope && index < state->collection_groups; index++) {
        if (group_scope_has(group->scope, index))
            group->item_count += state->starts[index + 1] - state->starts[index];
    }
    return group->scope != NULL;
}

/* Which rows the collection's groups are dealt to, and how many items lack each layer. */
static enum sgr_status make_ranges(struct solve_state *state, struct sgr_error *error)
{
    const struct collection *collection = state->solve->collection;
    state->group_layer = collection->stacks ? collection_group_layer(collection) : SIZE_MAX;
    if (state->group_layer == SIZE_MAX)
        return SGR_OK;
    const uint64_t *counts = state->solve->asked + state->solve->trait_bases[state->group_layer];
    size_t groups = collection->layers[state->group_layer].trait_count;
    state->collection_groups = groups;
    state->starts = arena_allocate(&state->arena, groups + 1, sizeof *state->starts);
    state->absences = arena_allocate(&state->arena, state->layer_count, sizeof *state->absences);
    if (!state->starts || !state->absences)
        return error_no_memory(error, "the plan");
    for (size_t group = 0; group < groups; group++)
        state->starts[group + 1] = state->starts[group] + counts[group];
    for (size_t layer = 0; layer < state->layer_count; layer++) {
        struct solve_absence *absence = &state->absences[layer];
        for (size_t group = 0; layer != state->group_layer && group < groups; group++) {
            if (!collection_stack_has(&collection->stacks[group], layer))
                absence->lacking += counts[group];
        }
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            if (collection->layers[layer].traits[trait].none)
                absence->trait = (uint16_t)trait;
        }
    }
    return SGR_OK;
}

static enum sgr_status make_groups(struct solve_state *state, struct sgr_error *error)
{
    const struct collection *collection = state->solve->collection;
    const struct rules *rules = state->solve->rules;
    size_t uniques = rules ? rules->unique_count : 0;
    uint32_t *layers = arena_allocate(&state->arena, state->layer_count + 1, sizeof *layers);
    state->groups = arena_allocate(&state->arena, uniques + 2, sizeof *state->groups);
    state->units = arena_allocate(&state->arena, state->layer_count + 1, sizeof *state->units);
    state->unit_of = arena_allocate(&state->arena, state->layer_count + 1, sizeof(uint32_t));
    state->singles = arena_allocate(&state->arena, state->layer_count + 1, sizeof(uint32_t));
    if (!layers || !state->groups || !state->units || !state->unit_of || !state->singles)
        return error_no_memory(error, "the plan");
    size_t distinct = 0;
    for (uint32_t layer = 0; layer < state->layer_count; layer++) {
        if (collection->layers[layer].distinct)
            layers[distinct++] = layer;
        state->singles[layer] = layer;
        state->unit_of[layer] = layer;
        state->units[layer] = (struct solve_unit){&state->singles[layer], 1};
    }
    state->unit_count = state->layer_count;
    for (size_t index = 0; index < uniques + (distinct > 0); index++) {
        struct solve_group group = {.layers = layers, .layer_count = distinct};
        if (index < uniques)
            group = (struct solve_group){.layers = rules->uniques[index].layers,
                                         .layer_count = rules->uniques[index].layer_count,
                                         .text = rules->uniques[index].text};
        if (!set_scope(state, &group))
            return error_no_memory(error, "the plan");
        if (group.item_count > 0)
            add_group(state, group);
    }
    return SGR_OK;
}

enum sgr_status solve_state_init(struct solve_state *state, struct plan_solve *solve,
                                 struct sgr_error *error)
{
    *state = (struct solve_state){.solve = solve, .layer_count = solve->collection->layer_count};
    size_t traits = solve->trait_bases[state->layer_count];
    state->rows = solve->rows + solve->given_count * state->layer_count;
    random_init(&state->random, solve->seed, STREAM_SOLVE);
    enum sgr_status status = make_ranges(state, error);
    if (status == SGR_OK)
        status = make_groups(state, error);
    if (status == SGR_OK)
        status = solve_tables_init(&state->tables, solve->collection, solve->rules, error);
    if (status != SGR_OK)
        return status;
    solve_state_allow(state);
    state->held = memory_allocate_zeroed(solve->count / 64 + 1, sizeof *state->held);
    state->counts = memory_allocate_zeroed(traits + 1, sizeof *state->counts);
    state->targets = memory_allocate_zeroed(traits + 1, sizeof *state->targets);
    state->caps = memory_allocate_zeroed(traits + 1, sizeof *state->caps);
    state->own = memory_allocate(state->layer_count + 1, sizeof *state->own);
    state->others = memory_allocate(state->layer_count + 1, sizeof *state->others);
    state->classes = memory_allocate(state->tables.words_max + 1, sizeof *state->classes);
    state->broken = memory_allocate(SOLVE_BROKEN_MAX, sizeof *state->broken);
    if (!state->held || !state->counts || !state->targets || !state->caps || !state->own ||
        !state->others || !state->classes || !state->broken)
        return error_no_memory(error, "the plan");
    return SGR_OK;
}

void solve_state_allow(struct solve_state *state)
{
    state->steps_left = 64 * state->solve->count + PLAN_SOLVE_STEPS;
    solve_tables_allow(&state->tables,
                       PLAN_SOLVE_WORK_EACH * state->solve->count + PLAN_SOLVE_WORK);
}

enum sgr_status solve_state_open_keys(struct solve_state *state, struct sgr_error *error)
{
    uint64_t given = state->solve->given_count;
    close_keys(state);
    memset(state->held, 0, (state->solve->count / 64 + 1) * sizeof *state->held);
    state->keys = memory_allocate_zeroed(state->group_count + 1, sizeof *state->keys);
    if (!state->keys)
        return error_no_memory(error, "the plan");
    for (size_t index = 0; index < state->group_count; index++) {
        state->keys[index] = (struct solve_keys){.layers = state->groups[index].layers,
                                                 .layer_count = state->groups[index].layer_count,
                                                 .trait_bases = state->solve->trait_bases,
                                                 .rows = state->solve->rows,
                                                 .row_length = state->layer_count};
        enum sgr_status status = solve_keys_init(&state->keys[index], given + state->solve->count,
                                                 &state->random, error);
        if (status != SGR_OK)
            return status;
        /* Given rows may repeat a key, which is then held by the first of them. */
        for (uint64_t row = 0; row < given; row++) {
            const uint16_t *traits = state->solve->rows + row * state->layer_count;
            if (solve_in_scope(state, &state->groups[index], traits))
                (void)solve_keys_enter(&state->keys[index], row);
        }
    }
    return SGR_OK;
}

void solve_state_count(struct solve_state *state)
{
    size_t traits = state->solve->trait_bases[state->layer_count];
    memset(state->counts, 0, traits * sizeof *state->counts);
    for (uint64_t row = 0; row < state->solve->count; row++) {
        const uint16_t *own = solve_row(state, row);
        for (size_t layer = 0; layer < state->layer_count; layer++)
            state->counts[state->solve->trait_bases[layer] + own[layer]]++;
    }
}

uint64_t solve_state_deviation(const struct solve_state *state)
{
    uint64_t sum = 0;
    for (size_t trait = 0; trait < state->solve->trait_bases[state->layer_count]; trait++) {
        uint64_t asked = state->solve->asked[trait];
        uint64_t count = state->counts[trait];
        sum += count > asked ? count - asked : asked - count;
    }
    return sum;
}

uint64_t solve_state_keys(const struct solve_state *state, const struct solve_group *group)
{
    uint64_t keys = 1;
    for (size_t index = 0; index < group->layer_count; index++) {
        uint32_t layer = group->layers[index];
        const uint64_t *caps = state->caps + state->solve->trait_bases[layer];
        uint64_t usable = 0;
        for (size_t trait = 0; trait < state->tables.layers[layer].trait_count; trait++)
            usable += caps[trait] > 0;
        if (__builtin_mul_overflow(keys, usable, &keys))
            return UINT64_MAX;
    }
    return keys > group->taken ? keys - group->taken : 0;
}

bool solve_state_fits(const struct solve_state *state, const uint16_t *traits)
{
    if (solve_tables_cost(&state->tables, traits) > 0)
        return false;
    for (size_t index = 0; index < state->group_count; index++) {
        solve_tables_spend(&state->tables, state->groups[index].layer_count);
        if (solve_in_scope(state, &state->groups[index], traits) &&
            solve_keys_find(&state->keys[index], traits) != SOLVE_KEYS_NONE)
            return false;
    }
    return true;
}

bool solve_state_enter(struct solve_state *state, uint64_t row)
{
    return solve_tables_cost(&state->tables, solve_row(state, row)) == 0 &&
           solve_state_hold(state, row);
}

bool solve_state_hold(struct solve_state *state, uint64_t row)
{
    uint64_t place = state->solve->given_count + row;
    const uint16_t *own = solve_row(state, row);
    for (size_t index = 0; index < state->group_count; index++) {
        solve_tables_spend(&state->tables, state->groups[index].layer_count);
        if (!solve_in_scope(state, &state->groups[index], own) ||
            solve_keys_enter(&state->keys[index], place))
            continue;
        while (index-- > 0) {
            if (solve_in_scope(state, &state->groups[index], own))
                solve_keys_leave(&state->keys[index], place);
        }
        return false;
    }
    state->held[row / 64] |= UINT64_C(1) << (row % 64);
    return true;
}

void solve_state_leave(struct solve_state *state, uint64_t row)
{
    if (!solve_held(state, row))
        return;
    uint64_t place = state->solve->given_count + row;
    for (size_t index = 0; index < state->group_count; index++) {
        if (solve_in_scope(state, &state->groups[index], solve_row(state, row)))
            solve_keys_leave(&state->keys[index], place);
    }
    state->held[row / 64] &= ~(UINT64_C(1) << (row % 64));
}

void solve_state_set(struct solve_state *state, uint64_t row, uint32_t layer, uint16_t trait)
{
    uint16_t *own = solve_row(state, row);
    uint32_t base = state->solve->trait_bases[layer];
    state->counts[base + own[layer]]--;
    state->counts[base + trait]++;
    own[layer] = trait;
}
