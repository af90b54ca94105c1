/*
 * Rows on their way to a plan, shared by the solver's stages: which rows are done ("held": they
 * break no rule and no other held row is alike), how often each trait comes. One thread at a time.
 */
#ifndef SGR_PLAN_SOLVE_STATE_H
#define SGR_PLAN_SOLVE_STATE_H

#include "base/random.h"
#include "plan/plan_solve.h"
#include "plan/solve_keys.h"
#include "plan/solve_tables.h"

/* Layers that no two items may share all traits of. */
struct solve_group {
    const uint32_t *layers; /* ascending */
    size_t layer_count;
    const char *text;      /* the rule's; NULL: the layers that must differ */
    const uint64_t *scope; /* the collection's groups whose items it is about; NULL: all items */
    uint64_t item_count;   /* how many these are, of the new rows */
    uint64_t taken;        /* keys that could be had but for given rows, which have them */
};

/* Items that lack a layer, by their group: they have its absent trait. */
struct solve_absence {
    uint64_t lacking;
    uint16_t trait;
};

/*
 * Layers that are exchanged together, so that a group that was dealt as a whole stays all-
 * different.
 */
struct solve_unit {
    const uint32_t *layers;
    size_t layer_count;
};

/* Start from all zero; end with solve_state_finish. */
struct solve_state {
    struct plan_solve *solve;
    struct arena arena; /* lists of layers */
    size_t layer_count;
    uint16_t *rows;     /* borrowed: those after the given ones */
    size_t group_layer; /* of the collection's groups; SIZE_MAX: none */
    size_t collection_groups;
    uint64_t *starts; /* [group]: its first row, and their end, while rows are dealt */
    struct solve_absence *absences; /* [layer]; NULL without groups */
    struct solve_tables tables;
    struct solve_group *groups; /* none of them contains another */
    size_t group_count;
    struct solve_unit *units; /* every layer is in one of them */
    size_t unit_count;
    uint32_t *unit_of;       /* [layer] */
    uint32_t *singles;       /* [layer]: itself */
    struct solve_keys *keys; /* [group_count] */
    uint64_t *held;          /* a bit for each row */
    uint64_t *counts;        /* [trait]: of all rows */
    uint64_t *targets;       /* [trait]: asked, within the bounds and what can be had */
    uint64_t *caps;          /* [trait]: upper, 0 where no recipe has it */
    uint16_t *own;           /* scratch: two rows and classes */
    uint16_t *others;
    uint64_t *classes;
    uint32_t *broken; /* scratch: SOLVE_BROKEN_MAX layers */
    struct random random;
    uint64_t steps_left;
};

enum { SOLVE_BROKEN_MAX = 256 };

/* Makes groups, tables and scratch; not the tables of keys. */
enum sgr_status solve_state_init(struct solve_state *state, struct plan_solve *solve,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Frees what the state owns. */
void solve_state_finish(struct solve_state *state);

/* Makes the tables of keys, with those of given rows, and holds no other; also a second time. */
enum sgr_status solve_state_open_keys(struct solve_state *state,
                                      struct sgr_error *error) SGR_MUST_USE;

/* Counts all rows again. */
void solve_state_count(struct solve_state *state);

/* The sum of how far the counts are from what is asked. */
uint64_t solve_state_deviation(const struct solve_state *state);

/* How many keys traits that can be had would make in a group, but those taken; saturates. */
uint64_t solve_state_keys(const struct solve_state *state, const struct solve_group *group);

/* Whether traits break no rule and no given or held row is like them in any group. */
bool solve_state_fits(const struct solve_state *state, const uint16_t *traits);

/* Holds a row if it fits. */
bool solve_state_enter(struct solve_state *state, uint64_t row);

/* The same for a row that is known to break no rule. */
bool solve_state_hold(struct solve_state *state, uint64_t row);

/* Lets go of a row, held or not. */
void solve_state_leave(struct solve_state *state, uint64_t row);

/* Gives a row that is not held one other trait and keeps count. */
void solve_state_set(struct solve_state *state, uint64_t row, uint32_t layer, uint16_t trait);

/* Whether a group of layers that may not repeat is about an item with these traits. */
static inline bool solve_in_scope(const struct solve_state *state, const struct solve_group *group,
                                  const uint16_t *traits)
{
    return !group->scope || solve_bit(group->scope, traits[state->group_layer]);
}

static inline uint16_t *solve_row(const struct solve_state *state, uint64_t row)
{
    return state->rows + row * state->layer_count;
}

static inline bool solve_held(const struct solve_state *state, uint64_t row)
{
    return solve_bit(state->held, row);
}

/* Gives a stage its limits of steps and of work with the tables. */
void solve_state_allow(struct solve_state *state);

/* Whether something is left of both limits. */
static inline bool solve_may_go_on(const struct solve_state *state)
{
    return state->steps_left > 0 && !solve_tables_exhausted(&state->tables);
}

/* Spends a step of the limit of work; false when there is none left of that or of the other. */
static inline bool solve_step(struct solve_state *state)
{
    if (solve_tables_exhausted(&state->tables))
        state->steps_left = 0;
    return state->steps_left > 0 && state->steps_left-- > 0;
}

#endif
