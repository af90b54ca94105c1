/*
 * Rows are found through a hash table whose keys are sums of one random number a trait. A key is
 * summed up when it is needed: kept for all rows, they would take as much room as the table.
 */
#include "plan/plan_distinct.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/plan_counts.h"

#include <string.h>

/*
 * Steps of one chain of swaps, and of all chains of a plan: the count of its items and some more.
 * Where counts cannot be met, chains fail one after the other, so their limit halves with each
 * that does and recovers slowly.
 */
enum {
    CHAIN_MAX = 16384,
    CHAIN_MIN = 16,
    PARTNERS_TRIED = 4,
    PARTNER_SEARCH_MAX = 2048,
    CHANGES_TRIED = 64
};

#define STEPS_MORE UINT64_C(250000)

struct table {
    struct plan_distinct *distinct;
    struct random *random;
    size_t layer_count;
    uint64_t *traits; /* [trait_bases[layer] + trait]: its share of a key, 0 where it is ignored */
    uint32_t *slots;  /* row + 1; 0 is empty */
    uint64_t mask;
    size_t *layers; /* those that matter and have a choice */
    size_t layers_count;
    uint32_t chain_limit;
    uint64_t steps_left; /* of all chains together */
};

static uint16_t *row_of(const struct table *table, uint64_t row)
{
    return table->distinct->rows + row * table->layer_count;
}

static uint64_t trait_key(const struct table *table, size_t layer, uint16_t trait)
{
    return table->traits[table->distinct->trait_bases[layer] + trait];
}

static uint64_t key_of(const struct table *table, uint64_t row)
{
    const uint16_t *traits = row_of(table, row);
    uint64_t key = 0;
    for (size_t layer = 0; layer < table->layer_count; layer++)
        key += trait_key(table, layer, traits[layer]);
    return key;
}

static bool rows_equal(const struct table *table, const uint16_t *left, const uint16_t *right)
{
    for (size_t index = 0; index < table->layers_count; index++) {
        size_t layer = table->layers[index];
        if (left[layer] != right[layer])
            return false;
    }
    return true;
}

static uint64_t home(const struct table *table, uint64_t key)
{
    return (key * 0x9e3779b97f4a7c15u >> 20) & table->mask;
}

/* The slot that holds a row like `traits`, or the empty one where it belongs. */
static uint64_t find(const struct table *table, uint64_t key, const uint16_t *traits)
{
    uint64_t slot = home(table, key);
    while (table->slots[slot]) {
        if (rows_equal(table, row_of(table, table->slots[slot] - 1), traits))
            return slot;
        slot = (slot + 1) & table->mask;
    }
    return slot;
}

/* The slot of a row, or the one where it belongs. */
static uint64_t find_row(const struct table *table, uint64_t row)
{
    return find(table, key_of(table, row), row_of(table, row));
}

static bool is_free(const struct table *table, uint64_t row)
{
    return !table->slots[find_row(table, row)];
}

/* Empties a slot and closes the gap, so that later rows are still found. */
static void remove_slot(struct table *table, uint64_t slot)
{
    uint64_t next = slot;
    for (;;) {
        next = (next + 1) & table->mask;
        if (!table->slots[next])
            break;
        uint64_t wanted = home(table, key_of(table, table->slots[next] - 1));
        bool stays =
            slot <= next ? (slot < wanted && wanted <= next) : (slot < wanted || wanted <= next);
        if (stays)
            continue;
        table->slots[slot] = table->slots[next];
        slot = next;
    }
    table->slots[slot] = 0;
}

/* Enters a row unless one like it is there. */
static bool enter(struct table *table, uint64_t row)
{
    uint64_t slot = find_row(table, row);
    if (table->slots[slot])
        return false;
    table->slots[slot] = (uint32_t)row + 1;
    return true;
}

/* Whether the table holds this very row, not one like it. */
static bool holds(const struct table *table, uint64_t row)
{
    uint64_t slot = find_row(table, row);
    return table->slots[slot] == (uint32_t)row + 1;
}

/* A trait that would make a row distinct, were it to have it in a layer. */
struct wish {
    size_t layer;
    uint16_t trait;
};

/* Draws one of the single changes that would make a row distinct; false when there is none. */
static bool draw_wish(struct table *table, uint64_t row, struct wish *out_wish)
{
    uint64_t found = 0;
    uint64_t key = key_of(table, row);
    uint16_t *own = row_of(table, row);
    for (size_t index = 0; index < table->layers_count; index++) {
        size_t layer = table->layers[index];
        const struct collection_layer *choices = &table->distinct->collection->layers[layer];
        uint16_t mine = own[layer];
        uint64_t others = key - trait_key(table, layer, mine);
        for (size_t trait = 0; trait < choices->trait_count; trait++) {
            if (trait == mine || !plan_counts_may_draw(&choices->traits[trait]))
                continue;
            own[layer] = (uint16_t)trait;
            uint64_t changed = others + trait_key(table, layer, own[layer]);
            bool free = !table->slots[find(table, changed, own)];
            own[layer] = mine;
            /* Each one found replaces the choice with the chance that makes all equally likely. */
            if (free && random_below(table->random, ++found) == 0)
                *out_wish = (struct wish){layer, (uint16_t)trait};
        }
    }
    return found > 0;
}

/* Draws a row that has a trait; false when none is met soon. */
static bool draw_partner(struct table *table, uint64_t row, struct wish wish, uint64_t *out_other)
{
    for (int tried = 0; tried < PARTNER_SEARCH_MAX; tried++) {
        uint64_t other = random_below(table->random, table->distinct->count);
        if (other != row && row_of(table, other)[wish.layer] == wish.trait) {
            *out_other = other;
            return true;
        }
    }
    return false;
}

/*
 * Gives a row outside the table its wish by swapping with another, which is left outside when it is
 * no longer distinct. The row enters.
 */
static void swap(struct table *table, uint64_t row, uint64_t other, struct wish wish)
{
    uint16_t mine = row_of(table, row)[wish.layer];
    if (holds(table, other))
        remove_slot(table, find_row(table, other));
    row_of(table, row)[wish.layer] = wish.trait;
    row_of(table, other)[wish.layer] = mine;
    ERROR_ASSERT(enter(table, row));
}

/* Whether another row would still be distinct with `mine` in the wish's layer. */
static bool partner_stays_distinct(struct table *table, uint64_t other, struct wish wish,
                                   uint16_t mine)
{
    row_of(table, other)[wish.layer] = mine;
    bool distinct = is_free(table, other);
    row_of(table, other)[wish.layer] = wish.trait;
    return distinct;
}

/* Moves a row that no single change makes distinct: it swaps with a row that stays distinct. */
static bool wander(struct table *table, uint64_t row)
{
    for (int tried = 0; tried < PARTNER_SEARCH_MAX; tried++) {
        size_t layer = table->layers[random_below(table->random, table->layers_count)];
        uint64_t other = random_below(table->random, table->distinct->count);
        uint16_t mine = row_of(table, row)[layer];
        struct wish wish = {layer, row_of(table, other)[layer]};
        if (wish.trait == mine || !holds(table, other) ||
            !partner_stays_distinct(table, other, wish, mine))
            continue;
        remove_slot(table, find_row(table, other));
        row_of(table, row)[layer] = wish.trait;
        row_of(table, other)[layer] = mine;
        ERROR_ASSERT(enter(table, other));
        return true;
    }
    return false;
}

/*
 * Swaps until all rows of a chain are distinct: a swap that makes one row distinct may throw its
 * partner out, which then looks for a swap of its own. Chains walk out of the crowd of frequent
 * traits, where no single swap helps. *row is the one left outside when the chain is given up.
 */
static bool swap_until_distinct(struct table *table, uint64_t *row)
{
    if (table->layers_count == 0 || table->distinct->count < 2)
        return false;
    for (uint32_t step = 0; step < table->chain_limit && table->steps_left > 0; step++) {
        struct wish wish;
        uint64_t other = *row;
        table->steps_left--;
        if (enter(table, *row))
            return true;
        if (!draw_wish(table, *row, &wish)) {
            if (!wander(table, *row))
                return false;
            continue;
        }
        uint16_t mine = row_of(table, *row)[wish.layer];
        bool stays = false;
        for (int tried = 0; tried < PARTNERS_TRIED && !stays; tried++) {
            if (!draw_partner(table, *row, wish, &other))
                break;
            stays = partner_stays_distinct(table, other, wish, mine);
        }
        if (other == *row)
            continue;
        swap(table, *row, other, wish);
        if (enter(table, other) || holds(table, other))
            return true;
        *row = other;
    }
    return false;
}

/* The same, and adapts the limit of chains to how they fare. */
static bool run_chain(struct table *table, uint64_t *row)
{
    bool found = swap_until_distinct(table, row);
    if (found && table->chain_limit < CHAIN_MAX)
        table->chain_limit += table->chain_limit / 8;
    if (!found && table->chain_limit > CHAIN_MIN)
        table->chain_limit /= 2;
    return found;
}

/* Whether a trait's count may change to make a row distinct. */
static bool may_change(const struct collection_trait *trait)
{
    return !trait->count_fixed && trait->weight > 0;
}

/* Gives a row another trait in one layer and keeps the books. */
static void change(struct table *table, uint64_t row, size_t layer, uint16_t trait)
{
    uint32_t base = table->distinct->trait_bases[layer];
    table->distinct->surplus[base + row_of(table, row)[layer]]--;
    table->distinct->surplus[base + trait]++;
    row_of(table, row)[layer] = trait;
}

/* The change of one trait that makes the row distinct and the counts least wrong. */
static bool change_one(struct table *table, uint64_t row)
{
    const struct plan_distinct *distinct = table->distinct;
    int64_t best_gain = INT64_MIN;
    size_t best_layer = 0;
    uint16_t best_trait = 0;
    for (size_t index = 0; index < table->layers_count; index++) {
        size_t layer = table->layers[index];
        const struct collection_layer *choices = &distinct->collection->layers[layer];
        uint16_t *own = row_of(table, row);
        uint16_t old = own[layer];
        const int64_t *surplus = distinct->surplus + distinct->trait_bases[layer];
        for (size_t trait = 0; may_change(&choices->traits[old]) && trait < choices->trait_count;
             trait++) {
            int64_t gain = surplus[old] - surplus[trait];
            if (trait == old || !may_change(&choices->traits[trait]) || gain <= best_gain)
                continue;
            own[layer] = (uint16_t)trait;
            if (is_free(table, row)) {
                best_gain = gain;
                best_layer = layer;
                best_trait = (uint16_t)trait;
            }
            own[layer] = old;
        }
    }
    if (best_gain == INT64_MIN)
        return false;
    change(table, row, best_layer, best_trait);
    return enter(table, row);
}

/* Changes two or more traits at random, one after the other, until the row is distinct. */
static bool change_some(struct table *table, uint64_t row)
{
    for (int tried = 0; tried < CHANGES_TRIED; tried++) {
        size_t layer = table->layers[random_below(table->random, table->layers_count)];
        const struct collection_layer *choices = &table->distinct->collection->layers[layer];
        uint16_t trait = (uint16_t)random_below(table->random, choices->trait_count);
        if (!may_change(&choices->traits[row_of(table, row)[layer]]) ||
            !may_change(&choices->traits[trait]))
            continue;
        change(table, row, layer, trait);
        if (enter(table, row))
            return true;
    }
    return false;
}

/* Moves a row to the next combination of free traits, like an odometer. */
static void step(struct table *table, uint64_t row)
{
    for (size_t index = 0; index < table->layers_count; index++) {
        size_t layer = table->layers[index];
        const struct collection_layer *choices = &table->distinct->collection->layers[layer];
        size_t trait = row_of(table, row)[layer];
        if (!may_change(&choices->traits[trait]))
            continue;
        size_t next = trait;
        do
            next = next + 1 < choices->trait_count ? next + 1 : 0;
        while (!may_change(&choices->traits[next]));
        change(table, row, layer, (uint16_t)next);
        if (next > trait)
            return;
    }
}

/* Of count + 1 different combinations, one is not taken: the search ends. */
static bool change_many(struct table *table, uint64_t row)
{
    for (uint64_t tried = 0; tried <= table->distinct->count; tried++) {
        step(table, row);
        if (enter(table, row))
            return true;
    }
    return false;
}

static void finish(struct table *table)
{
    memory_free(table->traits);
    memory_free(table->slots);
    memory_free(table->layers);
}

/* Draws the traits' shares of keys and lists the layers that matter. */
static void draw_shares(struct table *table)
{
    const struct plan_distinct *distinct = table->distinct;
    for (size_t layer = 0; layer < table->layer_count; layer++) {
        const struct collection_layer *choices = &distinct->collection->layers[layer];
        size_t drawable = 0;
        for (size_t trait = 0; trait < choices->trait_count; trait++) {
            drawable += plan_counts_may_draw(&choices->traits[trait]);
            table->traits[distinct->trait_bases[layer] + trait] =
                choices->distinct ? random_next(table->random) : 0;
        }
        if (choices->distinct && drawable > 1)
            table->layers[table->layers_count++] = layer;
    }
}

enum sgr_status plan_distinct_resolve(struct plan_distinct *distinct, struct random *random,
                                      struct sgr_error *error)
{
    size_t layer_count = distinct->collection->layer_count;
    struct table table = {.distinct = distinct, .random = random, .layer_count = layer_count};
    uint64_t slots = 16;
    while (slots < distinct->count * 2)
        slots *= 2;
    table.mask = slots - 1;
    table.chain_limit = CHAIN_MAX;
    table.steps_left = distinct->count + STEPS_MORE;
    table.traits = memory_allocate(distinct->trait_bases[layer_count] + 1, sizeof *table.traits);
    table.slots = memory_allocate_zeroed(slots, sizeof *table.slots);
    table.layers = memory_allocate(layer_count + 1, sizeof *table.layers);
    if (!table.traits || !table.slots || !table.layers) {
        finish(&table);
        return error_no_memory(error, "the plan");
    }
    draw_shares(&table);
    uint64_t *twins = NULL;
    size_t twin_count = 0;
    size_t twin_capacity = 0;
    enum sgr_status status = SGR_OK;
    for (uint64_t row = 0; row < distinct->count && status == SGR_OK; row++) {
        if (enter(&table, row))
            continue;
        uint64_t *grown = memory_grow(twins, &twin_capacity, twin_count + 1, sizeof *twins);
        if (grown)
            twins = grown;
        else
            status = error_no_memory(error, "the plan");
        if (grown)
            twins[twin_count++] = row;
    }
    for (size_t index = 0; index < twin_count && status == SGR_OK; index++) {
        uint64_t row = twins[index];
        /* An earlier swap may have made this row distinct already. */
        if (!enter(&table, row) && !holds(&table, row) && !run_chain(&table, &row) &&
            !change_one(&table, row) && !change_some(&table, row) && !change_many(&table, row))
            status = error_set(error, SGR_INFEASIBLE,
                               "%llu items that differ were not found with the fixed counts; "
                               "free a count, or lower --count",
                               (unsigned long long)distinct->wanted);
    }
    memory_free(twins);
    finish(&table);
    return status;
}
