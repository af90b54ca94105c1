/* The list of recipes and what each of them counts towards. */
#include "plan/solve_choice.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/group_scope.h"

#include <string.h>

void solve_choice_finish(struct solve_choice *choice)
{
    memory_free(choice->recipes);
    memory_free(choice->values);
    memory_free(choice->column_bases);
    memory_free(choice->asked);
    memory_free(choice->lower);
    memory_free(choice->upper);
    memory_free(choice->chosen);
    *choice = (struct solve_choice){0};
}

static bool is_listed(const struct solve_choice *choice, const struct solve_group *group)
{
    size_t found = 0;
    for (size_t index = 0; index < choice->layer_count && found < group->layer_count; index++)
        found += choice->layers[index] == group->layers[found];
    return found == group->layer_count;
}

static enum sgr_status list_recipes(struct solve_choice *choice, struct solve_walk *walk,
                                    uint64_t recipes_max, enum solve_end *out_end)
{
    size_t row = choice->state->layer_count;
    size_t capacity = 0;
    *out_end = SOLVE_FOUND;
    solve_walk_begin(walk, recipes_max * (row + 1) * 4 + 10000);
    while (solve_walk_next(walk)) {
        if (choice->recipe_count == recipes_max) {
            *out_end = SOLVE_LIMIT;
            return SGR_OK;
        }
        uint16_t *grown = memory_grow(choice->recipes, &capacity, choice->recipe_count + 1,
                                      (row ? row : 1) * sizeof *grown);
        if (!grown)
            return SGR_NO_MEMORY;
        choice->recipes = grown;
        memcpy(grown + choice->recipe_count++ * row, walk->row, row * sizeof *grown);
    }
    if (walk->steps_left == 0)
        *out_end = SOLVE_LIMIT;
    return SGR_OK;
}

/* A table for the recipes' keys in a group. */
static enum sgr_status open_keys(const struct solve_choice *choice, const struct solve_group *group,
                                 struct solve_keys *keys, struct sgr_error *error)
{
    const struct solve_state *state = choice->state;
    struct random random;
    random_init(&random, "keys", (uint64_t)(group - state->groups));
    *keys = (struct solve_keys){.layers = group->layers,
                                .layer_count = group->layer_count,
                                .trait_bases = state->solve->trait_bases,
                                .rows = choice->recipes,
                                .row_length = state->layer_count};
    return solve_keys_init(keys, choice->recipe_count, &random, error);
}

/* What is known of a recipe beside given rows. */
enum { KEY_GIVEN = 1, DROPPED = 2 };

/* Marks the recipes whose key in a group a given row has. */
static enum sgr_status mark_given(const struct solve_choice *choice,
                                  const struct solve_group *group, uint8_t *marks,
                                  struct sgr_error *error)
{
    const struct solve_state *state = choice->state;
    struct solve_keys keys;
    enum sgr_status status = open_keys(choice, group, &keys, error);
    for (uint64_t recipe = 0; status == SGR_OK && recipe < choice->recipe_count; recipe++)
        (void)solve_keys_enter(&keys, recipe);
    for (uint64_t row = 0; status == SGR_OK && row < state->solve->given_count; row++) {
        const uint16_t *given = state->solve->rows + row * state->layer_count;
        uint64_t known = SOLVE_KEYS_NONE;
        if (solve_in_scope(state, group, given))
            known = solve_keys_find(&keys, given);
        if (known != SOLVE_KEYS_NONE)
            marks[known] |= KEY_GIVEN;
    }
    /* Only the first recipe with a key has its mark. */
    for (uint64_t recipe = 0; status == SGR_OK && recipe < choice->recipe_count; recipe++) {
        const uint16_t *traits = choice->recipes + recipe * keys.row_length;
        uint64_t known = solve_keys_find(&keys, traits);
        if (solve_in_scope(state, group, traits))
            marks[recipe] |= marks[known] & KEY_GIVEN ? DROPPED : 0;
    }
    for (uint64_t recipe = 0; recipe < choice->recipe_count; recipe++)
        marks[recipe] &= DROPPED;
    solve_keys_finish(&keys);
    return status;
}

/* Takes the recipes out that may not stand beside given rows. */
static enum sgr_status drop_given(struct solve_choice *choice, struct sgr_error *error)
{
    const struct solve_state *state = choice->state;
    size_t length = state->layer_count;
    uint64_t kept = 0;
    enum sgr_status status = SGR_OK;
    if (state->solve->given_count == 0)
        return SGR_OK;
    uint8_t *marks = memory_allocate_zeroed(choice->recipe_count + 1, sizeof *marks);
    if (!marks)
        return error_no_memory(error, "the plan's recipes");
    for (size_t group = 0; group < state->group_count && status == SGR_OK; group++) {
        if (is_listed(choice, &state->groups[group]))
            status = mark_given(choice, &state->groups[group], marks, error);
    }
    for (uint64_t recipe = 0; recipe < choice->recipe_count; recipe++) {
        if (!marks[recipe])
            memmove(choice->recipes + kept++ * length, choice->recipes + recipe * length,
                    length * sizeof *choice->recipes);
    }
    choice->recipe_count = kept;
    memory_free(marks);
    return status;
}

/* The groups of a collection in whose items a recipe may come again. */
enum repeating { REPEAT_NEVER, REPEAT_ALWAYS, REPEAT_SOMETIMES };

/* Whether recipes may repeat; those of one-of-one items come once by their count. */
static enum repeating find_repeating(const struct solve_choice *choice)
{
    const struct solve_state *state = choice->state;
    bool once = false;
    bool again = false;
    size_t groups = state->group_layer == SIZE_MAX ? 1 : state->collection_groups;
    for (size_t index = 0; index < groups; index++) {
        bool bound = state->group_layer != SIZE_MAX &&
                     state->solve->collection->layers[state->group_layer].traits[index].single;
        for (size_t group = 0; group < state->group_count; group++)
            bound |= is_listed(choice, &state->groups[group]) &&
                     group_scope_has(state->groups[group].scope, index);
        once |= bound;
        again |= !bound;
    }
    if (once && again)
        return REPEAT_SOMETIMES;
    return again ? REPEAT_ALWAYS : REPEAT_NEVER;
}

/*
 * Numbers the different keys of a group in order of appearance. Recipes that it is not about share
 * the first number.
 */
static enum sgr_status number_keys(struct solve_choice *choice, const struct solve_group *group,
                                   size_t column, struct sgr_error *error)
{
    const struct solve_state *state = choice->state;
    struct solve_keys keys;
    enum sgr_status status = open_keys(choice, group, &keys, error);
    uint32_t base = choice->column_bases[column];
    uint32_t next = base + (group->scope != NULL);
    for (uint64_t recipe = 0; status == SGR_OK && recipe < choice->recipe_count; recipe++) {
        uint32_t *value = &choice->values[recipe * choice->column_count + column];
        const uint16_t *traits = choice->recipes + recipe * state->layer_count;
        if (!solve_in_scope(state, group, traits)) {
            *value = base;
            continue;
        }
        uint64_t known = solve_keys_find(&keys, traits);
        if (known == SOLVE_KEYS_NONE) {
            *value = next++;
            ERROR_ASSERT(solve_keys_enter(&keys, recipe));
        } else {
            *value = choice->values[known * choice->column_count + column];
        }
    }
    solve_keys_finish(&keys);
    choice->column_bases[column + 1] = next;
    return status;
}

static enum sgr_status set_values(struct solve_choice *choice, struct sgr_error *error)
{
    const struct solve_state *state = choice->state;
    const uint32_t *bases = state->solve->trait_bases;
    choice->column_bases[0] = 0;
    for (size_t column = 0; column < choice->layer_count; column++) {
        uint32_t layer = choice->layers[column];
        uint32_t base = choice->column_bases[column];
        choice->column_bases[column + 1] = base + bases[layer + 1] - bases[layer];
        for (uint64_t recipe = 0; recipe < choice->recipe_count; recipe++)
            choice->values[recipe * choice->column_count + column] =
                base + choice->recipes[recipe * state->layer_count + layer];
    }
    size_t column = choice->layer_count;
    enum sgr_status status = SGR_OK;
    for (size_t group = 0; group < state->group_count && status == SGR_OK; group++) {
        if (is_listed(choice, &state->groups[group]))
            status = number_keys(choice, &state->groups[group], column++, error);
    }
    return status;
}

static enum sgr_status set_bounds(struct solve_choice *choice)
{
    const struct plan_solve *solve = choice->state->solve;
    size_t values = choice->column_bases[choice->column_count];
    choice->asked = memory_allocate_zeroed(values + 1, sizeof *choice->asked);
    choice->lower = memory_allocate_zeroed(values + 1, sizeof *choice->lower);
    choice->upper = memory_allocate_zeroed(values + 1, sizeof *choice->upper);
    choice->chosen = memory_allocate(solve->count + 1, sizeof *choice->chosen);
    if (!choice->asked || !choice->lower || !choice->upper || !choice->chosen)
        return SGR_NO_MEMORY;
    for (size_t column = 0; column < choice->layer_count; column++) {
        uint32_t base = choice->column_bases[column];
        uint32_t from = solve->trait_bases[choice->layers[column]];
        for (uint32_t index = 0; base + index < choice->column_bases[column + 1]; index++) {
            choice->asked[base + index] = solve->asked[from + index];
            choice->lower[base + index] = solve->lower[from + index];
            choice->upper[base + index] = choice->state->caps[from + index];
        }
    }
    for (size_t value = choice->column_bases[choice->layer_count]; value < values; value++)
        choice->upper[value] = 1;
    size_t column = choice->layer_count;
    for (size_t group = 0; group < choice->state->group_count; group++) {
        if (!is_listed(choice, &choice->state->groups[group]))
            continue;
        if (choice->state->groups[group].scope)
            choice->upper[choice->column_bases[column]] = UINT64_MAX;
        column++;
    }
    return SGR_OK;
}

enum sgr_status solve_choice_init(struct solve_choice *choice, const struct solve_state *state,
                                  struct solve_walk *walk, uint64_t recipes_max,
                                  enum solve_end *out_end, struct sgr_error *error)
{
    choice->state = state;
    choice->column_count = choice->layer_count;
    for (size_t group = 0; group < state->group_count; group++)
        choice->column_count += is_listed(choice, &state->groups[group]);
    enum repeating repeating = find_repeating(choice);
    choice->repeats = repeating != REPEAT_NEVER;
    *out_end = SOLVE_LIMIT;
    /* Searching to the end minds which keys may come once; choosing a group's keys does not. */
    if (repeating == REPEAT_SOMETIMES && choice->layer_count < state->layer_count)
        return SGR_OK;
    if (list_recipes(choice, walk, recipes_max, out_end) != SGR_OK)
        return error_no_memory(error, "the plan's recipes");
    if (*out_end == SOLVE_LIMIT)
        return SGR_OK;
    enum sgr_status status = drop_given(choice, error);
    if (status != SGR_OK)
        return status;
    choice->values =
        memory_allocate(choice->recipe_count * choice->column_count + 1, sizeof *choice->values);
    choice->column_bases = memory_allocate(choice->column_count + 2, sizeof(uint32_t));
    if (!choice->values || !choice->column_bases)
        return error_no_memory(error, "the plan's recipes");
    status = set_values(choice, error);
    if (status == SGR_OK && set_bounds(choice) != SGR_OK)
        return error_no_memory(error, "the plan's recipes");
    return status;
}
