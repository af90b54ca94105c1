/* A trait can be had when a walk that holds its layer to it meets a recipe. */
#include "plan/solve_targets.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide.h"
#include "plan/solve_conflict.h"

#include <string.h>

enum { SUPPORT_STEPS = 20000 };

/* Marks the traits' classes that a walk finds recipes with, or does not prove to have none. */
static void find_supported(struct solve_walk *walk, uint64_t *supported)
{
    const struct solve_tables *tables = walk->tables;
    for (uint32_t layer = 0; layer < tables->layer_count; layer++) {
        const struct solve_layer *here = &tables->layers[layer];
        const uint16_t *candidates = walk->candidates + walk->trait_bases[layer];
        for (uint32_t index = 0; index < walk->candidate_counts[layer]; index++) {
            size_t kind = here->class_of[candidates[index]];
            uint64_t *own = supported + walk->offsets[layer];
            if (solve_bit(own, kind))
                continue;
            solve_walk_begin_with(walk, layer, candidates[index], SUPPORT_STEPS);
            bool found = solve_walk_next(walk);
            if (!found && walk->steps_left == 0)
                own[kind / 64] |= UINT64_C(1) << (kind % 64);
            for (size_t other = 0; found && other < tables->layer_count; other++) {
                size_t its = tables->layers[other].class_of[walk->row[other]];
                supported[walk->offsets[other] + its / 64] |= UINT64_C(1) << (its % 64);
            }
        }
    }
}

static enum sgr_status set_caps(struct solve_state *state, struct solve_walk *walk,
                                struct sgr_error *error)
{
    uint64_t *supported = memory_allocate_zeroed(state->tables.words_all + 1, sizeof *supported);
    if (!supported)
        return error_no_memory(error, "the plan");
    find_supported(walk, supported);
    for (size_t layer = 0; layer < state->layer_count; layer++) {
        const struct solve_layer *here = &state->tables.layers[layer];
        for (size_t trait = 0; trait < here->trait_count; trait++) {
            size_t index = state->solve->trait_bases[layer] + trait;
            bool can = solve_bit(supported + walk->offsets[layer], here->class_of[trait]);
            state->caps[index] = can ? state->solve->upper[index] : 0;
        }
    }
    memory_free(supported);
    return SGR_OK;
}

/* How many traits of a layer can be had. */
static uint64_t usable_traits(const struct solve_state *state, uint32_t layer)
{
    const uint64_t *caps = state->caps + state->solve->trait_bases[layer];
    uint64_t usable = 0;
    for (size_t trait = 0; trait < state->tables.layers[layer].trait_count; trait++)
        usable += caps[trait] > 0;
    return usable;
}

/* The keys that a group of layers could have, but for one layer; UINT64_MAX when it is more. */
static uint64_t group_keys(const struct solve_state *state, const uint32_t *layers, size_t count,
                           size_t without)
{
    uint64_t keys = 1;
    for (size_t index = 0; index < count; index++) {
        uint64_t usable = usable_traits(state, layers[index]);
        if (index != without && __builtin_mul_overflow(keys, usable, &keys))
            keys = UINT64_MAX;
    }
    return keys;
}

/* Whether all items with a layer are among those that a unique rule is about. */
static bool is_about_all(const struct solve_state *state, const struct rule_unique *unique,
                         uint32_t layer)
{
    const struct collection *collection = state->solve->collection;
    bool all = true;
    for (size_t group = 0; all && group < state->collection_groups; group++) {
        const struct collection_stack *stack = &collection->stacks[group];
        for (size_t index = 0; collection_stack_has(stack, layer) && index < unique->layer_count;
             index++)
            all &= collection_stack_has(stack, unique->layers[index]);
    }
    return all;
}

/* A trait comes no more often than the other layers of a group that may not repeat can differ. */
static void cap_by_group(struct solve_state *state, const struct rule_unique *group)
{
    /* Groups that are too small are told of as such, later. */
    if (group_keys(state, group->layers, group->layer_count, SIZE_MAX) < state->solve->count)
        return;
    for (size_t index = 0; index < group->layer_count; index++) {
        uint32_t layer = group->layers[index];
        uint64_t *caps = state->caps + state->solve->trait_bases[layer];
        uint64_t others = group_keys(state, group->layers, group->layer_count, index);
        if (!is_about_all(state, group, layer))
            continue;
        for (size_t trait = 0; trait < state->tables.layers[layer].trait_count; trait++)
            if (!state->solve->collection->layers[layer].traits[trait].lacked)
                caps[trait] = caps[trait] > others ? others : caps[trait];
    }
}

/* Counts the keys of a group that given rows have, for each trait, where they could be had. */
static void count_taken(struct solve_state *state, size_t index, uint64_t *taken)
{
    struct solve_group *group = &state->groups[index];
    const uint32_t *bases = state->solve->trait_bases;
    memset(taken, 0, bases[state->layer_count] * sizeof *taken);
    group->taken = 0;
    for (uint64_t row = 0; row < state->solve->given_count; row++) {
        const uint16_t *given = state->solve->rows + row * state->layer_count;
        /* A key that several rows have is held by the first. */
        bool counts = solve_in_scope(state, group, given) &&
                      solve_keys_find(&state->keys[index], given) == row;
        for (size_t at = 0; at < group->layer_count && counts; at++)
            counts = state->caps[bases[group->layers[at]] + given[group->layers[at]]] > 0;
        group->taken += counts;
        for (size_t at = 0; at < group->layer_count && counts; at++)
            taken[bases[group->layers[at]] + given[group->layers[at]]]++;
    }
}

/* Caps the traits of a group by the keys that are left of those that could be had. */
static void lower_caps(struct solve_state *state, const struct solve_group *group, uint64_t *taken)
{
    const uint32_t *bases = state->solve->trait_bases;
    /* What is left is worked out for all layers before a cap changes what could be had. */
    for (size_t at = 0; at < group->layer_count; at++) {
        uint64_t others = group_keys(state, group->layers, group->layer_count, at);
        for (uint32_t trait = bases[group->layers[at]]; trait < bases[group->layers[at] + 1];
             trait++)
            taken[trait] = others - taken[trait];
    }
    for (size_t at = 0; at < group->layer_count; at++) {
        for (uint32_t trait = bases[group->layers[at]]; trait < bases[group->layers[at] + 1];
             trait++) {
            if (state->caps[trait] > taken[trait])
                state->caps[trait] = taken[trait];
        }
    }
}

/* A trait comes no more often than there are keys with it that given rows leave. */
static enum sgr_status cap_by_given(struct solve_state *state, struct sgr_error *error)
{
    const uint32_t *bases = state->solve->trait_bases;
    uint64_t *taken = memory_allocate(bases[state->layer_count] + 1, sizeof *taken);
    if (!taken)
        return error_no_memory(error, "the plan");
    enum sgr_status status = solve_state_open_keys(state, error);
    for (size_t index = 0; index < state->group_count && status == SGR_OK; index++) {
        const struct solve_group *group = &state->groups[index];
        count_taken(state, index, taken);
        /* Groups that are too small are told of as such, later; items beside a scope are free. */
        bool enough = solve_state_keys(state, group) >= state->solve->count;
        if (enough && !group->scope)
            lower_caps(state, group, taken);
    }
    /* Again, as traits of which nothing is left do not count. */
    for (size_t index = 0; index < state->group_count && status == SGR_OK; index++)
        count_taken(state, index, taken);
    memory_free(taken);
    return status;
}

/* A layer's targets while they are set. */
struct sharing {
    const uint64_t *asked;
    const uint64_t *lower;
    const uint64_t *caps;
    uint64_t *targets;
    size_t count;
};

/* Adds `more` items where there is room: by what is asked first, then to the first with room. */
static uint64_t add(const struct sharing *sharing, uint64_t more)
{
    wide weights = 0;
    uint64_t all = more;
    for (size_t trait = 0; trait < sharing->count; trait++)
        weights += sharing->caps[trait] > sharing->targets[trait] ? sharing->asked[trait] : 0;
    for (size_t trait = 0; weights > 0 && trait < sharing->count; trait++) {
        uint64_t room = sharing->caps[trait] - sharing->targets[trait];
        uint64_t part = (uint64_t)((wide)sharing->asked[trait] * all / weights);
        part = room < part ? room : part;
        part = more < part ? more : part;
        sharing->targets[trait] += part;
        more -= part;
    }
    while (more > 0) {
        uint64_t before = more;
        for (size_t trait = 0; trait < sharing->count && more > 0; trait++) {
            bool room = sharing->caps[trait] > sharing->targets[trait];
            sharing->targets[trait] += room;
            more -= room;
        }
        if (more == before)
            break;
    }
    return more;
}

/* Takes `less` items away, one from each in turn. */
static uint64_t take(const struct sharing *sharing, uint64_t less)
{
    while (less > 0) {
        uint64_t before = less;
        for (size_t trait = 0; trait < sharing->count && less > 0; trait++) {
            bool room = sharing->targets[trait] > sharing->lower[trait];
            sharing->targets[trait] -= room;
            less -= room;
        }
        if (less == before)
            break;
    }
    return less;
}

static enum sgr_status share(struct solve_state *state, uint32_t layer, struct sgr_error *error)
{
    const struct plan_solve *solve = state->solve;
    uint32_t base = solve->trait_bases[layer];
    struct sharing sharing = {solve->asked + base, solve->lower + base, state->caps + base,
                              state->targets + base, state->tables.layers[layer].trait_count};
    uint64_t sum = 0;
    for (size_t trait = 0; trait < sharing.count; trait++) {
        uint64_t target = sharing.asked[trait];
        target = target < sharing.lower[trait] ? sharing.lower[trait] : target;
        if (sharing.lower[trait] > sharing.caps[trait])
            return solve_conflict_trait(state, layer, (uint16_t)trait, error);
        sharing.targets[trait] = target > sharing.caps[trait] ? sharing.caps[trait] : target;
        sum += sharing.targets[trait];
    }
    uint64_t left =
        sum < solve->count ? add(&sharing, solve->count - sum) : take(&sharing, sum - solve->count);
    return left ? solve_conflict_layer(state, layer, error) : SGR_OK;
}

enum sgr_status solve_targets_set(struct solve_state *state, struct solve_walk *walk,
                                  struct sgr_error *error)
{
    struct solve_walk_options options = {.tables = &state->tables,
                                         .trait_bases = state->solve->trait_bases,
                                         .upper = state->solve->upper};
    enum sgr_status status = solve_walk_init(walk, &options, error);
    if (status == SGR_OK)
        status = set_caps(state, walk, error);
    solve_walk_finish(walk);
    options.upper = state->caps;
    const struct rules *rules = state->solve->rules;
    for (size_t group = 0; rules && group < rules->unique_count && status == SGR_OK; group++)
        cap_by_group(state, &rules->uniques[group]);
    if (status == SGR_OK && state->solve->given_count > 0)
        status = cap_by_given(state, error);
    if (status == SGR_OK)
        status = solve_walk_init(walk, &options, error);
    for (uint32_t layer = 0; layer < state->layer_count && status == SGR_OK; layer++)
        status = share(state, layer, error);
    return status;
}

/* Moves a layer's targets a quarter of the way to its mean, as far as bounds allow. */
static void relax_layer(struct solve_state *state, uint32_t layer)
{
    const struct plan_solve *solve = state->solve;
    uint32_t base = solve->trait_bases[layer];
    const uint64_t *lower = solve->lower + base;
    const uint64_t *caps = state->caps + base;
    uint64_t *targets = state->targets + base;
    uint64_t usable = usable_traits(state, layer);
    uint64_t mean = usable ? solve->count / usable : 0;
    uint64_t pool = 0;
    for (size_t trait = 0; trait < state->tables.layers[layer].trait_count; trait++) {
        uint64_t above = targets[trait] > mean ? (targets[trait] - mean + 3) / 4 : 0;
        uint64_t room = targets[trait] > lower[trait] ? targets[trait] - lower[trait] : 0;
        targets[trait] -= above < room ? above : room;
        pool += above < room ? above : room;
    }
    for (uint64_t before = 0; pool > 0 && pool != before;) {
        before = pool;
        for (size_t trait = 0; pool > 0 && trait < state->tables.layers[layer].trait_count;
             trait++) {
            bool takes = targets[trait] < caps[trait] && targets[trait] <= mean;
            targets[trait] += takes;
            pool -= takes;
        }
    }
    for (size_t trait = 0; pool > 0 && trait < state->tables.layers[layer].trait_count; trait++) {
        uint64_t room = caps[trait] > targets[trait] ? caps[trait] - targets[trait] : 0;
        uint64_t part = pool < room ? pool : room;
        targets[trait] += part;
        pool -= part;
    }
    ERROR_ASSERT(pool == 0);
}

void solve_targets_relax(struct solve_state *state)
{
    const struct rules *rules = state->solve->rules;
    for (uint32_t layer = 0; layer < state->layer_count; layer++) {
        bool grouped = !rules || rules->unique_count == 0;
        for (size_t group = 0; !grouped && group < rules->unique_count; group++) {
            for (size_t index = 0; index < rules->uniques[group].layer_count; index++)
                grouped |= rules->uniques[group].layers[index] == layer;
        }
        if (grouped)
            relax_layer(state, layer);
    }
}
