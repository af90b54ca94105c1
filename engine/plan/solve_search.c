/*
 * Depth-first over recipes: a recipe is chosen, or else left out. After each decision bounds are
 * followed to their ends: a value that has come often enough leaves its other recipes out, one that
 * needs all that are left takes them, and a column that can no longer be filled ends the branch.
 * The next decision is about the value with the least slack.
 */
#include "plan/solve_choice.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* Something done to a recipe, to be undone. */
struct deed {
    uint32_t recipe;
    bool chose; /* otherwise left out */
};

/* A recipe that was tried; when that failed it is left out. */
struct decision {
    uint32_t recipe;
    size_t deeds; /* how many there were before */
    bool left_out;
};

struct searching {
    struct solve_choice *choice;
    struct random *random;
    uint64_t left;    /* items still to choose */
    uint64_t surplus; /* by which traits may still come more often than asked, in sum */
    bool any_surplus; /* no limit to it */
    uint64_t *counts; /* [value]: chosen */
    uint64_t *open;   /* [value]: recipes that may still be chosen */
    uint64_t *lower;
    uint64_t *upper;
    bool *closed; /* [recipe]: chosen for good or left out */
    struct deed *deeds;
    size_t deed_count;
    struct decision *decisions;
    size_t decision_count;
    size_t value_count;
    size_t trait_count; /* the values below are traits, others keys */
};

static const uint32_t *values_of(const struct searching *searching, uint32_t recipe)
{
    return searching->choice->values + (size_t)recipe * searching->choice->column_count;
}

static void close_recipe(struct searching *searching, uint32_t recipe, bool closed)
{
    const uint32_t *values = values_of(searching, recipe);
    searching->closed[recipe] = closed;
    for (size_t column = 0; column < searching->choice->column_count; column++)
        searching->open[values[column]] += closed ? UINT64_MAX : 1;
}

static void leave_out(struct searching *searching, uint32_t recipe)
{
    searching->deeds[searching->deed_count++] = (struct deed){recipe, false};
    close_recipe(searching, recipe, true);
}

/* Chooses a recipe; false when that is more than a bound allows. */
static bool choose(struct searching *searching, uint32_t recipe)
{
    const struct solve_choice *choice = searching->choice;
    const uint32_t *values = values_of(searching, recipe);
    bool within = searching->left > 0;
    searching->deeds[searching->deed_count++] = (struct deed){recipe, true};
    searching->left--;
    if (!choice->repeats)
        close_recipe(searching, recipe, true);
    for (size_t column = 0; column < choice->column_count; column++) {
        uint32_t value = values[column];
        bool over = ++searching->counts[value] > choice->asked[value] &&
                    value < searching->trait_count && !searching->any_surplus;
        within &= searching->counts[value] <= searching->upper[value];
        within &= !over || searching->surplus > 0;
        searching->surplus -= over;
    }
    return within;
}

static void undo(struct searching *searching, size_t deeds)
{
    const struct solve_choice *choice = searching->choice;
    while (searching->deed_count > deeds) {
        struct deed deed = searching->deeds[--searching->deed_count];
        const uint32_t *values = values_of(searching, deed.recipe);
        if (!deed.chose || !choice->repeats)
            close_recipe(searching, deed.recipe, false);
        if (!deed.chose)
            continue;
        searching->left++;
        for (size_t column = 0; column < choice->column_count; column++) {
            uint32_t value = values[column];
            searching->surplus += searching->counts[value]-- > choice->asked[value] &&
                                  value < searching->trait_count && !searching->any_surplus;
        }
    }
}

/* How many items with a value may still come, by its bound and by what is left of it. */
static uint64_t room_of(const struct searching *searching, size_t value)
{
    uint64_t room = searching->upper[value] - searching->counts[value];
    uint64_t open = searching->open[value];
    if (searching->choice->repeats)
        open = open ? searching->left : 0;
    if (value < searching->trait_count && !searching->any_surplus) {
        uint64_t asked = searching->choice->asked[value];
        uint64_t count = searching->counts[value];
        uint64_t wanted = (asked > count ? asked - count : 0) + searching->surplus;
        room = wanted < room ? wanted : room;
    }
    return open < room ? open : room;
}

/* Leaves out, or chooses, every open recipe with a value; false when a bound is broken. */
static bool close_value(struct searching *searching, uint32_t value, size_t column, bool chosen)
{
    const struct solve_choice *choice = searching->choice;
    for (uint32_t recipe = 0; recipe < choice->recipe_count && searching->open[value]; recipe++) {
        if (searching->closed[recipe] || values_of(searching, recipe)[column] != value)
            continue;
        if (!chosen)
            leave_out(searching, recipe);
        else if (!choose(searching, recipe))
            return false;
    }
    return true;
}

/* Follows the bounds of one column; false at a dead end, *changed when recipes were closed. */
static bool follow_column(struct searching *searching, size_t column, bool *changed)
{
    const struct solve_choice *choice = searching->choice;
    uint64_t room = 0;
    uint64_t needed = 0;
    for (uint32_t value = choice->column_bases[column]; value < choice->column_bases[column + 1];
         value++) {
        uint64_t count = searching->counts[value];
        uint64_t may = room_of(searching, value);
        if (count > searching->upper[value] || count + may < searching->lower[value])
            return false;
        room += may;
        needed += searching->lower[value] > count ? searching->lower[value] - count : 0;
        bool all = may > 0 && count + may == searching->lower[value] &&
                   may == searching->open[value] && !choice->repeats;
        if (searching->open[value] == 0 || (may > 0 && !all))
            continue;
        *changed = true;
        if (!close_value(searching, value, column, all))
            return false;
        if (all) /* the sums are no longer true; the next round makes them again */
            return true;
    }
    return room >= searching->left && needed <= searching->left;
}

static bool follow(struct searching *searching)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t column = 0; column < searching->choice->column_count; column++) {
            if (!follow_column(searching, column, &changed))
                return false;
        }
    }
    return true;
}

/* The value to decide about: the one with the least slack, those that are needed first. */
static uint32_t tightest(const struct searching *searching)
{
    uint32_t best = 0;
    uint64_t best_slack = UINT64_MAX;
    for (uint32_t value = 0; value < searching->value_count; value++) {
        uint64_t count = searching->counts[value];
        uint64_t open = searching->open[value];
        if (open == 0)
            continue;
        uint64_t slack = (UINT64_C(1) << 40) + open;
        if (searching->lower[value] > count)
            slack = searching->choice->repeats ? open : count + open - searching->lower[value];
        else if (value < searching->trait_count && searching->choice->asked[value] > count)
            slack = (UINT64_C(1) << 20) + open;
        if (slack >= best_slack)
            continue;
        best = value;
        best_slack = slack;
    }
    return best;
}

/* An open recipe with a value, drawn at random. */
static uint32_t draw_recipe(struct searching *searching, uint32_t value)
{
    const struct solve_choice *choice = searching->choice;
    uint64_t nth = random_below(searching->random, searching->open[value]);
    size_t column = 0;
    while (choice->column_bases[column + 1] <= value)
        column++;
    for (uint32_t recipe = 0; recipe < choice->recipe_count; recipe++) {
        if (!searching->closed[recipe] && values_of(searching, recipe)[column] == value &&
            nth-- == 0)
            return recipe;
    }
    /* A value has as many open recipes as are counted. */
    ERROR_ASSERT(false);
    return 0;
}

/* Goes back to the last decision that has another side, and takes that; false when none has. */
static bool turn_back(struct searching *searching)
{
    while (searching->decision_count > 0) {
        struct decision *last = &searching->decisions[searching->decision_count - 1];
        undo(searching, last->deeds);
        if (!last->left_out) {
            last->left_out = true;
            leave_out(searching, last->recipe);
            return true;
        }
        searching->decision_count--;
    }
    return false;
}

static enum solve_end run(struct searching *searching, uint64_t nodes)
{
    for (bool alive = true; nodes > 0; nodes--) {
        alive = alive && follow(searching);
        if (alive && searching->left == 0)
            return SOLVE_FOUND;
        if (!alive) {
            if (!turn_back(searching))
                return SOLVE_NONE;
            alive = true;
            continue;
        }
        uint32_t recipe = draw_recipe(searching, tightest(searching));
        searching->decisions[searching->decision_count++] =
            (struct decision){recipe, searching->deed_count, false};
        alive = choose(searching, recipe);
    }
    return SOLVE_LIMIT;
}

static void set_bounds(struct searching *searching, uint64_t deviation)
{
    const struct solve_choice *choice = searching->choice;
    searching->surplus = deviation / 2;
    searching->any_surplus = deviation == UINT64_MAX;
    for (size_t value = 0; value < searching->value_count; value++) {
        uint64_t asked = choice->asked[value];
        uint64_t least = asked > searching->surplus ? asked - searching->surplus : 0;
        uint64_t most = asked + searching->surplus;
        bool free = value >= searching->trait_count || searching->any_surplus;
        searching->lower[value] = choice->lower[value];
        searching->upper[value] = choice->upper[value];
        if (!free && least > searching->lower[value])
            searching->lower[value] = least;
        if (!free && most < searching->upper[value])
            searching->upper[value] = most;
        /* More than all items never come, and bounds of 2^64 would overflow sums. */
        if (searching->upper[value] > searching->left)
            searching->upper[value] = searching->left;
    }
}

/* Writes down what was chosen. */
static void take(struct searching *searching)
{
    struct solve_choice *choice = searching->choice;
    uint64_t next = 0;
    for (size_t index = 0; index < searching->deed_count; index++) {
        if (searching->deeds[index].chose)
            choice->chosen[next++] = searching->deeds[index].recipe;
    }
    choice->deviation = 0;
    for (size_t value = 0; value < searching->trait_count; value++) {
        uint64_t count = searching->counts[value];
        uint64_t asked = choice->asked[value];
        choice->deviation += count > asked ? count - asked : asked - count;
    }
}

static void finish(struct searching *searching)
{
    memory_free(searching->counts);
    memory_free(searching->open);
    memory_free(searching->lower);
    memory_free(searching->upper);
    memory_free(searching->closed);
    memory_free(searching->deeds);
    memory_free(searching->decisions);
}

enum sgr_status solve_search(struct solve_choice *choice, uint64_t deviation, uint64_t nodes,
                             struct random *random, enum solve_end *out_end,
                             struct sgr_error *error)
{
    struct searching searching = {.choice = choice, .random = random};
    size_t deeds = (size_t)(choice->recipe_count + choice->state->solve->count + 2);
    searching.left = choice->state->solve->count;
    searching.value_count = choice->column_bases[choice->column_count];
    searching.trait_count = choice->column_bases[choice->layer_count];
    searching.counts = memory_allocate_zeroed(searching.value_count + 1, sizeof(uint64_t));
    searching.open = memory_allocate_zeroed(searching.value_count + 1, sizeof(uint64_t));
    searching.lower = memory_allocate(searching.value_count + 1, sizeof(uint64_t));
    searching.upper = memory_allocate(searching.value_count + 1, sizeof(uint64_t));
    searching.closed = memory_allocate_zeroed(choice->recipe_count + 1, sizeof(bool));
    searching.deeds = memory_allocate(deeds, sizeof *searching.deeds);
    searching.decisions = memory_allocate(deeds, sizeof *searching.decisions);
    if (!searching.counts || !searching.open || !searching.lower || !searching.upper ||
        !searching.closed || !searching.deeds || !searching.decisions) {
        finish(&searching);
        return error_no_memory(error, "the plan");
    }
    for (uint32_t recipe = 0; recipe < choice->recipe_count; recipe++) {
        for (size_t column = 0; column < choice->column_count; column++)
            searching.open[values_of(&searching, recipe)[column]]++;
    }
    set_bounds(&searching, deviation);
    *out_end = run(&searching, nodes);
    if (*out_end == SOLVE_FOUND)
        take(&searching);
    finish(&searching);
    return SGR_OK;
}
