/*
 * Local search over which recipes are chosen: one goes, the best of some random others comes. Moves
 * that change nothing are taken, and now and then one that is a little worse.
 */
#include "plan/solve_choice.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum {
    OUT_SAMPLE = 8,
    IN_SAMPLE = 32,
    WORSE_ONCE_IN = 32,
    WORSE_MAX = 2,
    STALE_LEAST = 2000,
    STALE_EACH = 16
};

struct selecting {
    struct solve_choice *choice;
    struct random *random;
    uint64_t count;   /* recipes to choose */
    uint64_t *order;  /* all recipes; the first `count` are chosen */
    uint64_t *counts; /* [value] */
    int64_t cost;
    int64_t best;
    int64_t weight; /* of a bound that is not met, against a unit of deviation */
};

static int64_t value_cost(const struct selecting *selecting, uint32_t value, uint64_t count)
{
    const struct solve_choice *choice = selecting->choice;
    uint64_t asked = choice->asked[value];
    int64_t cost = 0;
    if (value < choice->column_bases[choice->layer_count])
        cost = (int64_t)(count > asked ? count - asked : asked - count);
    if (count < choice->lower[value])
        cost += selecting->weight * (int64_t)(choice->lower[value] - count);
    if (count > choice->upper[value])
        cost += selecting->weight * (int64_t)(count - choice->upper[value]);
    return cost;
}

static const uint32_t *values_of(const struct selecting *selecting, uint64_t recipe)
{
    return selecting->choice->values + recipe * selecting->choice->column_count;
}

/* What the cost gains when a recipe goes. */
static int64_t gain_out(const struct selecting *selecting, uint64_t recipe)
{
    const uint32_t *values = values_of(selecting, recipe);
    int64_t sum = 0;
    for (size_t column = 0; column < selecting->choice->column_count; column++) {
        uint64_t count = selecting->counts[values[column]];
        sum += value_cost(selecting, values[column], count - 1) -
               value_cost(selecting, values[column], count);
    }
    return sum;
}

/* What it gains when one goes and another comes. */
static int64_t gain_of(const struct selecting *selecting, uint64_t out, uint64_t in)
{
    const uint32_t *old = values_of(selecting, out);
    const uint32_t *new = values_of(selecting, in);
    int64_t sum = 0;
    for (size_t column = 0; column < selecting->choice->column_count; column++) {
        uint64_t less = selecting->counts[old[column]];
        uint64_t more = selecting->counts[new[column]];
        if (old[column] == new[column])
            continue;
        sum +=
            value_cost(selecting, old[column], less - 1) - value_cost(selecting, old[column], less);
        sum +=
            value_cost(selecting, new[column], more + 1) - value_cost(selecting, new[column], more);
    }
    return sum;
}

/* Keeps what is chosen now as the best so far. */
static void keep(struct selecting *selecting)
{
    if (selecting->cost >= selecting->best)
        return;
    selecting->best = selecting->cost;
    memcpy(selecting->choice->chosen, selecting->order,
           selecting->count * sizeof *selecting->order);
}

/* One move; how much better things are. */
static int64_t move(struct selecting *selecting, uint64_t others)
{
    uint64_t out = 0;
    for (int sample = 0; sample < OUT_SAMPLE; sample++) {
        out = random_below(selecting->random, selecting->count);
        if (gain_out(selecting, selecting->order[out]) < 0)
            break;
    }
    uint64_t in = 0;
    int64_t gain = INT64_MAX;
    for (int sample = 0; sample < IN_SAMPLE; sample++) {
        uint64_t other = selecting->count + random_below(selecting->random, others);
        int64_t its = gain_of(selecting, selecting->order[out], selecting->order[other]);
        if (its >= gain)
            continue;
        gain = its;
        in = other;
    }
    bool worse = gain > 0;
    if (worse && (gain > WORSE_MAX || random_below(selecting->random, WORSE_ONCE_IN) != 0))
        return 0;
    if (worse)
        keep(selecting);
    uint64_t old = selecting->order[out];
    uint64_t new = selecting->order[in];
    for (size_t column = 0; column < selecting->choice->column_count; column++) {
        selecting->counts[values_of(selecting, old)[column]]--;
        selecting->counts[values_of(selecting, new)[column]]++;
    }
    selecting->order[out] = new;
    selecting->order[in] = old;
    selecting->cost += gain;
    return -gain;
}

static void search(struct selecting *selecting)
{
    const struct solve_choice *choice = selecting->choice;
    uint64_t others = choice->recipe_count - selecting->count;
    uint64_t stale_max = STALE_LEAST + STALE_EACH * choice->recipe_count;
    uint64_t steps = PLAN_SOLVE_STEPS / IN_SAMPLE;
    int64_t lowest = selecting->cost;
    for (uint64_t stale = 0; steps > 0 && stale < stale_max && lowest > 0 && others > 0; steps--) {
        move(selecting, others);
        stale = selecting->cost < lowest ? 0 : stale + 1;
        lowest = selecting->cost < lowest ? selecting->cost : lowest;
    }
    keep(selecting);
}

/* Whether what is chosen meets all bounds; sets its deviation. */
static bool check(struct selecting *selecting)
{
    struct solve_choice *choice = selecting->choice;
    size_t values = choice->column_bases[choice->column_count];
    memset(selecting->counts, 0, values * sizeof *selecting->counts);
    for (uint64_t index = 0; index < selecting->count; index++) {
        for (size_t column = 0; column < choice->column_count; column++)
            selecting->counts[values_of(selecting, choice->chosen[index])[column]]++;
    }
    choice->deviation = 0;
    for (uint32_t value = 0; value < values; value++) {
        uint64_t count = selecting->counts[value];
        if (count < choice->lower[value] || count > choice->upper[value])
            return false;
        choice->deviation += (uint64_t)value_cost(selecting, value, count);
    }
    return true;
}

enum sgr_status solve_select(struct solve_choice *choice, struct random *random,
                             enum solve_end *out_end, struct sgr_error *error)
{
    size_t values = choice->column_bases[choice->column_count];
    struct selecting selecting = {.choice = choice, .random = random};
    selecting.count = choice->state->solve->count;
    selecting.weight = 2 * (int64_t)choice->layer_count + 2;
    selecting.best = INT64_MAX;
    *out_end = SOLVE_NONE;
    if (choice->recipe_count < selecting.count)
        return SGR_OK;
    selecting.order = memory_allocate(choice->recipe_count + 1, sizeof *selecting.order);
    selecting.counts = memory_allocate_zeroed(values + 1, sizeof *selecting.counts);
    if (!selecting.order || !selecting.counts) {
        memory_free(selecting.order);
        memory_free(selecting.counts);
        return error_no_memory(error, "the plan");
    }
    for (uint64_t index = 0; index < choice->recipe_count; index++) {
        uint64_t place = random_below(random, index + 1);
        selecting.order[index] = selecting.order[place];
        selecting.order[place] = index;
    }
    for (uint64_t index = 0; index < selecting.count; index++) {
        for (size_t column = 0; column < choice->column_count; column++)
            selecting.counts[values_of(&selecting, selecting.order[index])[column]]++;
    }
    for (uint32_t value = 0; value < values; value++)
        selecting.cost += value_cost(&selecting, value, selecting.counts[value]);
    if (selecting.count > 0)
        search(&selecting);
    *out_end = check(&selecting) ? SOLVE_FOUND : SOLVE_LIMIT;
    memory_free(selecting.order);
    memory_free(selecting.counts);
    return SGR_OK;
}
