/* A deletion filter; every question is a small complete search. */
#include "plan/solve_core.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/solve_choice.h"

#include <stdio.h>
#include <string.h>

/* How much one question may cost, and how many are asked. */
enum { RECIPES_MAX = 5000, WALK_STEPS = 50000, NODES_MAX = 5000, QUESTIONS_MAX = 400 };

/* Work with tables for one question; parts of the problem that are made anew, for all of them. */
#define QUESTION_WORK (UINT64_C(1) << 22)
#define PARTS_MADE_MAX (UINT64_C(1) << 21)

/* A problem of which parts are left out; start from all zero. */
struct trial {
    const struct solve_core_question *question;
    struct plan_solve solve;
    struct rules rules;
    uint64_t *lower;
    uint64_t *upper;
    bool *dropped; /* [rules, then unique groups, then traits] */
    size_t rule_count;
    size_t unique_count;
    size_t part_count;
    unsigned left; /* questions */
    bool impossible;
};

static void finish(struct trial *trial)
{
    memory_free(trial->rules.rules);
    memory_free(trial->rules.uniques);
    memory_free(trial->lower);
    memory_free(trial->upper);
    memory_free(trial->dropped);
}

static enum sgr_status init(struct trial *trial, struct sgr_error *error)
{
    const struct plan_solve *solve = trial->question->solve;
    size_t traits = solve->trait_bases[solve->collection->layer_count];
    trial->rule_count = solve->rules ? solve->rules->rule_count : 0;
    trial->unique_count = solve->rules ? solve->rules->unique_count : 0;
    trial->part_count = trial->rule_count + trial->unique_count + traits;
    uint64_t affordable = PARTS_MADE_MAX / (trial->part_count + 1) + 1;
    trial->left = affordable < QUESTIONS_MAX ? (unsigned)affordable : QUESTIONS_MAX;
    trial->rules.rules = memory_allocate(trial->rule_count + 1, sizeof *trial->rules.rules);
    trial->rules.uniques = memory_allocate(trial->unique_count + 1, sizeof *trial->rules.uniques);
    trial->lower = memory_allocate(traits + 1, sizeof *trial->lower);
    trial->upper = memory_allocate(traits + 1, sizeof *trial->upper);
    trial->dropped = memory_allocate_zeroed(trial->part_count + 1, sizeof *trial->dropped);
    if (!trial->rules.rules || !trial->rules.uniques || !trial->lower || !trial->upper ||
        !trial->dropped)
        return error_no_memory(error, "the plan's conflicts");
    trial->solve = *solve;
    trial->solve.rules = &trial->rules;
    trial->solve.lower = trial->lower;
    trial->solve.upper = trial->upper;
    return SGR_OK;
}

/* Makes the problem without what is dropped. */
static void apply(struct trial *trial)
{
    const struct plan_solve *solve = trial->question->solve;
    const bool *dropped = trial->dropped;
    trial->rules.rule_count = 0;
    trial->rules.unique_count = 0;
    for (size_t rule = 0; rule < trial->rule_count; rule++) {
        if (!*dropped++)
            trial->rules.rules[trial->rules.rule_count++] = solve->rules->rules[rule];
    }
    for (size_t unique = 0; unique < trial->unique_count; unique++) {
        if (!*dropped++)
            trial->rules.uniques[trial->rules.unique_count++] = solve->rules->uniques[unique];
    }
    for (size_t trait = 0; trait < solve->trait_bases[solve->collection->layer_count]; trait++) {
        bool free = *dropped++ && solve->upper[trait] > 0;
        trial->lower[trait] = free ? 0 : solve->lower[trait];
        trial->upper[trait] = free ? UINT64_MAX : solve->upper[trait];
    }
}

/* Whether no plan exists, as far as a short list and a short search prove it. */
static enum sgr_status look_for_plan(struct trial *trial, struct solve_state *state,
                                     struct solve_walk *walk, struct sgr_error *error)
{
    struct solve_choice choice = {.layers = state->singles, .layer_count = state->layer_count};
    enum solve_end end;
    enum sgr_status status = solve_choice_init(&choice, state, walk, RECIPES_MAX, &end, error);
    if (status == SGR_OK && end == SOLVE_FOUND)
        status = solve_search(&choice, UINT64_MAX, NODES_MAX, &state->random, &end, error);
    trial->impossible = status == SGR_OK && end == SOLVE_NONE;
    solve_choice_finish(&choice);
    return status;
}

/* Sets trial->impossible for what is not dropped. */
static enum sgr_status ask(struct trial *trial, struct sgr_error *error)
{
    const struct solve_core_question *question = trial->question;
    struct solve_state state;
    struct solve_walk walk = {0};
    apply(trial);
    trial->impossible = false;
    enum sgr_status status = solve_state_init(&state, &trial->solve, error);
    struct solve_walk_options options = {
        .tables = &state.tables, .trait_bases = trial->solve.trait_bases, .upper = trial->upper};
    if (status == SGR_OK) {
        solve_tables_allow(&state.tables, QUESTION_WORK);
        memcpy(state.caps, trial->upper,
               trial->solve.trait_bases[state.layer_count] * sizeof *state.caps);
        status = solve_walk_init(&walk, &options, error);
    }
    if (status == SGR_OK && question->about_trait) {
        solve_walk_begin_with(&walk, question->layer, question->trait, WALK_STEPS);
        trial->impossible = !solve_walk_next(&walk) && walk.steps_left > 0;
    } else if (status == SGR_OK) {
        status = look_for_plan(trial, &state, &walk, error);
    }
    solve_walk_finish(&walk);
    solve_state_finish(&state);
    return status;
}

/* Whether leaving a part out could change anything. */
static bool matters(const struct trial *trial, size_t part)
{
    const struct plan_solve *solve = trial->question->solve;
    if (part < trial->rule_count)
        return true;
    if (trial->question->about_trait)
        return false;
    if (part < trial->rule_count + trial->unique_count)
        return true;
    size_t trait = part - trial->rule_count - trial->unique_count;
    return solve->upper[trait] > 0 && (solve->lower[trait] > 0 || solve->upper[trait] < UINT64_MAX);
}

/* Leaves out parts, `step` at a time, where the rest is still impossible. */
static enum sgr_status drop(struct trial *trial, const size_t *parts, size_t count, size_t step,
                            struct sgr_error *error)
{
    for (size_t start = 0; start < count && trial->left > 0; start += step) {
        size_t end = start + step < count ? start + step : count;
        bool any = false;
        for (size_t index = start; index < end; index++)
            any |= !trial->dropped[parts[index]];
        if (!any)
            continue;
        bool *before = memory_allocate(trial->part_count + 1, sizeof *before);
        if (!before)
            return error_no_memory(error, "the plan's conflicts");
        memcpy(before, trial->dropped, trial->part_count * sizeof *before);
        for (size_t index = start; index < end; index++)
            trial->dropped[parts[index]] = true;
        trial->left--;
        enum sgr_status status = ask(trial, error);
        if (status == SGR_OK && !trial->impossible)
            memcpy(trial->dropped, before, trial->part_count * sizeof *before);
        memory_free(before);
        if (status != SGR_OK)
            return status;
    }
    return SGR_OK;
}

/* Appends the name of a part; false when there is no more room. */
static bool append(const struct trial *trial, size_t part, char *text, size_t size)
{
    const struct plan_solve *solve = trial->question->solve;
    size_t used = strlen(text);
    const char *comma = used ? ", " : "";
    int length;
    if (part < trial->rule_count) {
        const struct rule *rule = &solve->rules->rules[part];
        length = rule->source == RULES_NONE
                     ? snprintf(text + used, size - used, "%s%s", comma, rule->text)
                     : snprintf(text + used, size - used, "%srule %zu (%s)", comma,
                                rule->source + 1, rule->text);
    } else if (part < trial->rule_count + trial->unique_count) {
        const struct rule_unique *unique = &solve->rules->uniques[part - trial->rule_count];
        length = snprintf(text + used, size - used, "%srule %zu (%s)", comma, unique->source + 1,
                          unique->text);
    } else {
        uint32_t trait = (uint32_t)(part - trial->rule_count - trial->unique_count);
        size_t layer = 0;
        while (solve->trait_bases[layer + 1] <= trait)
            layer++;
        const struct collection_layer *choices = &solve->collection->layers[layer];
        bool least = solve->lower[trait] > 0;
        length = snprintf(text + used, size - used, "%s%s/%s %s %llu%s", comma, choices->name,
                          choices->traits[trait - solve->trait_bases[layer]].name,
                          solve->lower[trait] == solve->upper[trait] ? "exactly"
                          : least                                    ? "at least"
                                                                     : "at most",
                          (unsigned long long)(least ? solve->lower[trait] : solve->upper[trait]),
                          solve->given_count ? " more" : "");
    }
    if (length >= 0 && (size_t)length < size - used)
        return true;
    text[used] = '\0';
    return false;
}

static void list_parts(const struct trial *trial, const size_t *parts, size_t count, char *text,
                       size_t size)
{
    enum { MORE_ROOM = 24 };
    size_t left = 0;
    text[0] = '\0';
    for (size_t index = 0; index < count; index++) {
        if (!trial->dropped[parts[index]])
            left += left > 0 || !append(trial, parts[index], text, size - MORE_ROOM);
    }
    size_t used = strlen(text);
    if (left > 0)
        snprintf(text + used, size - used, "%s%zu more", used ? " and " : "", left);
}

static enum sgr_status run(struct trial *trial, size_t *parts, char *text, size_t size,
                           struct sgr_error *error)
{
    size_t count = 0;
    for (size_t part = 0; part < trial->part_count; part++) {
        if (matters(trial, part))
            parts[count++] = part;
        else
            trial->dropped[part] = true;
    }
    enum sgr_status status = ask(trial, error);
    if (status != SGR_OK || !trial->impossible)
        return status;
    for (size_t step = (count + 1) / 2; status == SGR_OK && step > 1; step = (step + 1) / 2)
        status = drop(trial, parts, count, step, error);
    if (status == SGR_OK)
        status = drop(trial, parts, count, 1, error);
    if (status != SGR_OK)
        return status;
    list_parts(trial, parts, count, text, size);
    return SGR_INFEASIBLE;
}

enum sgr_status solve_core_find(const struct solve_core_question *question, char *text, size_t size,
                                struct sgr_error *error)
{
    struct trial trial = {.question = question};
    enum sgr_status status = init(&trial, error);
    size_t *parts = NULL;
    if (status == SGR_OK) {
        parts = memory_allocate(trial.part_count + 1, sizeof *parts);
        status = parts ? run(&trial, parts, text, size, error)
                       : error_no_memory(error, "the plan's conflicts");
    }
    memory_free(parts);
    finish(&trial);
    return status;
}
