/* A unit-capacity transport problem on tables of bits. */
#include "plan/solve_pairs.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/plan_deal.h"

#include <stdlib.h>
#include <string.h>

enum { SWITCHES_EACH = 8 };

/* How often a trait on the right is still to be used, for sorting. */
struct need {
    uint64_t left;
    uint32_t trait;
};

struct pairs {
    struct solve_state *state;
    uint32_t layers[2];
    size_t counts[2];
    size_t words[2];   /* of a set of traits of that side */
    uint64_t *allowed; /* [left trait * words[1]] */
    uint64_t *used;    /* the same */
    uint64_t *back;    /* [right trait * words[0]]: used, seen from the right */
    uint64_t *needs[2];
    struct need *order; /* scratch: [right trait], or left ones while these are ordered */
    uint32_t *parents[2];
    uint32_t *queue;
    uint16_t *dealt; /* [row * 2] */
};

static void finish(struct pairs *pairs)
{
    memory_free(pairs->allowed);
    memory_free(pairs->used);
    memory_free(pairs->back);
    memory_free(pairs->order);
    memory_free(pairs->queue);
    memory_free(pairs->dealt);
    for (int side = 0; side < 2; side++) {
        memory_free(pairs->needs[side]);
        memory_free(pairs->parents[side]);
    }
}

/* Sets which pairs rules about these two layers allow and no given row has. */
static void set_allowed(struct pairs *pairs)
{
    const struct solve_layer *left = &pairs->state->tables.layers[pairs->layers[0]];
    const struct solve_layer *right = &pairs->state->tables.layers[pairs->layers[1]];
    const struct solve_link *link = NULL;
    for (size_t index = 0; index < left->link_count; index++) {
        if (left->links[index].layer == pairs->layers[1])
            link = &left->links[index];
    }
    for (size_t trait = 0; trait < pairs->counts[0]; trait++) {
        const uint64_t *classes = link ? link->allowed + left->class_of[trait] * link->words : NULL;
        for (size_t other = 0; other < pairs->counts[1]; other++) {
            bool may = !classes || solve_bit(classes, right->class_of[other]);
            pairs->allowed[trait * pairs->words[1] + other / 64] |= (uint64_t)may << (other % 64);
        }
    }
    const struct plan_solve *solve = pairs->state->solve;
    for (uint64_t row = 0; row < solve->given_count; row++) {
        const uint16_t *given = solve->rows + row * pairs->state->layer_count;
        size_t other = given[pairs->layers[1]];
        pairs->allowed[given[pairs->layers[0]] * pairs->words[1] + other / 64] &=
            ~(UINT64_C(1) << (other % 64));
    }
}

static enum sgr_status init(struct pairs *pairs, const struct solve_group *group)
{
    size_t largest = 0;
    uint64_t count = pairs->state->solve->count;
    for (int side = 0; side < 2; side++) {
        pairs->layers[side] = group->layers[side];
        pairs->counts[side] = pairs->state->tables.layers[group->layers[side]].trait_count;
        pairs->words[side] = (pairs->counts[side] + 63) / 64;
        pairs->needs[side] = memory_allocate(pairs->counts[side] + 1, sizeof(uint64_t));
        pairs->parents[side] = memory_allocate(pairs->counts[side] + 1, sizeof(uint32_t));
        if (!pairs->needs[side] || !pairs->parents[side])
            return SGR_NO_MEMORY;
        memcpy(pairs->needs[side],
               pairs->state->targets + pairs->state->solve->trait_bases[group->layers[side]],
               pairs->counts[side] * sizeof(uint64_t));
        largest = pairs->counts[side] > largest ? pairs->counts[side] : largest;
    }
    size_t cells = pairs->counts[0] * pairs->words[1];
    pairs->allowed = memory_allocate_zeroed(cells + 1, sizeof(uint64_t));
    pairs->used = memory_allocate_zeroed(cells + 1, sizeof(uint64_t));
    pairs->back = memory_allocate_zeroed(pairs->counts[1] * pairs->words[0] + 1, sizeof(uint64_t));
    pairs->order = memory_allocate(largest + 1, sizeof *pairs->order);
    pairs->queue = memory_allocate(pairs->counts[0] + 1, sizeof *pairs->queue);
    pairs->dealt = memory_allocate(2 * count + 1, sizeof *pairs->dealt);
    if (!pairs->allowed || !pairs->used || !pairs->back || !pairs->order || !pairs->queue ||
        !pairs->dealt)
        return SGR_NO_MEMORY;
    set_allowed(pairs);
    return SGR_OK;
}

static void flip(struct pairs *pairs, uint32_t left, uint32_t right)
{
    pairs->used[left * pairs->words[1] + right / 64] ^= UINT64_C(1) << (right % 64);
    pairs->back[right * pairs->words[0] + left / 64] ^= UINT64_C(1) << (left % 64);
}

/* By need, the most first; ties to the earlier trait. */
static int compare_needs(const void *left, const void *right)
{
    const struct need *a = left;
    const struct need *b = right;
    if (a->left != b->left)
        return a->left > b->left ? -1 : 1;
    return a->trait < b->trait ? -1 : 1;
}

static void sort_side(struct pairs *pairs, int side)
{
    for (uint32_t trait = 0; trait < pairs->counts[side]; trait++)
        pairs->order[trait] = (struct need){pairs->needs[side][trait], trait};
    qsort(pairs->order, pairs->counts[side], sizeof *pairs->order, compare_needs);
}

/* Each trait on the left, the most frequent first, takes those on the right with the most need. */
static void take_greedily(struct pairs *pairs)
{
    sort_side(pairs, 0);
    for (size_t index = 0; index < pairs->counts[0]; index++)
        pairs->queue[index] = pairs->order[index].trait;
    for (size_t index = 0; index < pairs->counts[0]; index++) {
        uint32_t left = pairs->queue[index];
        const uint64_t *allowed = pairs->allowed + left * pairs->words[1];
        sort_side(pairs, 1);
        for (size_t place = 0; place < pairs->counts[1] && pairs->needs[0][left] > 0; place++) {
            uint32_t right = pairs->order[place].trait;
            if (pairs->needs[1][right] == 0 || !solve_bit(allowed, right))
                continue;
            flip(pairs, left, right);
            pairs->needs[0][left]--;
            pairs->needs[1][right]--;
        }
    }
}

/* Enters the rights that a left reaches; one with need left ends the search and is returned. */
static uint32_t reach_rights(struct pairs *pairs, uint32_t left)
{
    for (size_t word = 0; word < pairs->words[1]; word++) {
        uint64_t bits = pairs->allowed[left * pairs->words[1] + word] &
                        ~pairs->used[left * pairs->words[1] + word];
        for (; bits; bits &= bits - 1) {
            uint32_t right = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
            if (pairs->parents[1][right] != UINT32_MAX)
                continue;
            pairs->parents[1][right] = left;
            if (pairs->needs[1][right] > 0)
                return right;
        }
    }
    return UINT32_MAX;
}

/* Enters the lefts that use a right. */
static size_t reach_lefts(struct pairs *pairs, uint32_t right, size_t queued)
{
    for (size_t word = 0; word < pairs->words[0]; word++) {
        uint64_t bits = pairs->back[right * pairs->words[0] + word];
        for (; bits; bits &= bits - 1) {
            uint32_t left = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
            if (pairs->parents[0][left] != UINT32_MAX)
                continue;
            pairs->parents[0][left] = right;
            pairs->queue[queued++] = left;
        }
    }
    return queued;
}

/* Finds a path from a left with need to a right with need, unused pairs one way, used ones back. */
static uint32_t find_path(struct pairs *pairs)
{
    size_t queued = 0;
    memset(pairs->parents[0], 0xff, pairs->counts[0] * sizeof(uint32_t));
    memset(pairs->parents[1], 0xff, pairs->counts[1] * sizeof(uint32_t));
    for (uint32_t left = 0; left < pairs->counts[0]; left++) {
        if (pairs->needs[0][left] == 0)
            continue;
        pairs->parents[0][left] = UINT32_MAX - 1;
        pairs->queue[queued++] = left;
    }
    for (size_t index = 0; index < queued; index++) {
        uint32_t left = pairs->queue[index];
        uint32_t end = reach_rights(pairs, left);
        if (end != UINT32_MAX)
            return end;
        for (uint32_t right = 0; right < pairs->counts[1]; right++) {
            if (pairs->parents[1][right] == left)
                queued = reach_lefts(pairs, right, queued);
        }
    }
    return UINT32_MAX;
}

/* Uses one pair more along every path that there is. */
static void augment(struct pairs *pairs)
{
    for (uint32_t right = find_path(pairs); right != UINT32_MAX; right = find_path(pairs)) {
        pairs->needs[1][right]--;
        for (;;) {
            uint32_t left = pairs->parents[1][right];
            flip(pairs, left, right);
            right = pairs->parents[0][left];
            if (right == UINT32_MAX - 1) {
                pairs->needs[0][left]--;
                break;
            }
            flip(pairs, left, right);
        }
    }
}

/* Lists the pairs in use, then what need is left over; returns how many are in use. */
static uint64_t list_pairs(struct pairs *pairs)
{
    uint64_t row = 0;
    for (uint32_t left = 0; left < pairs->counts[0]; left++) {
        for (uint32_t right = 0; right < pairs->counts[1]; right++) {
            if (!solve_bit(pairs->used + left * pairs->words[1], right))
                continue;
            pairs->dealt[2 * row] = (uint16_t)left;
            pairs->dealt[2 * row++ + 1] = (uint16_t)right;
        }
    }
    uint64_t placed = row;
    for (int side = 0; side < 2; side++) {
        row = placed;
        for (uint32_t trait = 0; trait < pairs->counts[side]; trait++) {
            for (; pairs->needs[side][trait] > 0; pairs->needs[side][trait]--)
                pairs->dealt[2 * row++ + (size_t)side] = (uint16_t)trait;
        }
        ERROR_ASSERT(row == pairs->state->solve->count);
    }
    return placed;
}

static bool is_free(const struct pairs *pairs, uint32_t left, uint32_t right)
{
    size_t row = left * pairs->words[1];
    return solve_bit(pairs->allowed + row, right) && !solve_bit(pairs->used + row, right);
}

/* Two pairs exchange their rights where both new ones are free: a chain that prefers no graph. */
static void switch_pairs(struct pairs *pairs, uint64_t placed)
{
    struct random *random = &pairs->state->random;
    for (uint64_t index = 0; index < SWITCHES_EACH * placed; index++) {
        uint16_t *first = pairs->dealt + 2 * random_below(random, placed);
        uint16_t *second = pairs->dealt + 2 * random_below(random, placed);
        if (!is_free(pairs, first[0], second[1]) || !is_free(pairs, second[0], first[1]))
            continue;
        uint16_t kept = first[1];
        flip(pairs, first[0], first[1]);
        flip(pairs, second[0], second[1]);
        first[1] = second[1];
        second[1] = kept;
        flip(pairs, first[0], first[1]);
        flip(pairs, second[0], second[1]);
    }
}

enum sgr_status solve_pairs_deal(struct solve_state *state, const struct solve_group *group,
                                 uint64_t *out_placed, struct sgr_error *error)
{
    struct pairs pairs = {.state = state};
    if (init(&pairs, group) != SGR_OK) {
        finish(&pairs);
        return error_no_memory(error, "the plan");
    }
    take_greedily(&pairs);
    augment(&pairs);
    *out_placed = list_pairs(&pairs);
    switch_pairs(&pairs, *out_placed);
    plan_deal_shuffle(pairs.dealt, state->solve->count, 2, &state->random);
    for (uint64_t row = 0; row < state->solve->count; row++) {
        solve_row(state, row)[pairs.layers[0]] = pairs.dealt[2 * row];
        solve_row(state, row)[pairs.layers[1]] = pairs.dealt[2 * row + 1];
    }
    finish(&pairs);
    return SGR_OK;
}
