/* Several rules may come from one of the config: an item counts once for all of them. */
#include "plan/rule_use.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/group_scope.h"
#include "plan/plan_deal.h"
#include "plan/solve_keys.h"

#include <string.h>

enum {
    STREAM_DEAL = 1 << 22,
    DEALT_MAX = 100000,
    DEALT_CELLS_MAX = 1 << 24 /* traits of all dealt items: 32 MiB */
};

/* Terms of rules that are looked at, for the plan's items and again for those dealt. */
#define TERMS_LOOKED_AT (UINT64_C(1) << 27)

/* What is counted; start from all zero. */
struct counting {
    struct rule_use *use;
    const struct plan_draft *draft;
    const struct rules *rules;
    struct rule_use_entry *sources; /* [source_count]: text NULL where no rule comes from it */
    uint64_t *last_items;           /* [source]: the item that was counted last, from 1 */
    size_t source_count;
    uint64_t terms; /* of all rules */
    uint16_t *rows; /* the deal */
};

void rule_use_finish(struct rule_use *use)
{
    arena_finish(&use->arena);
    *use = (struct rule_use){.entries = NULL};
}

/* Makes room for a source, or counts it where there is none yet; rules of no source are passed. */
static void note(struct counting *counting, enum rule_use_kind kind, size_t source,
                 const char *text)
{
    if (source == RULES_NONE)
        return;
    if (!counting->sources)
        counting->source_count =
            source < counting->source_count ? counting->source_count : source + 1;
    else
        counting->sources[source] =
            (struct rule_use_entry){.kind = kind, .source = source, .text = text};
}

static void note_all(struct counting *counting)
{
    const struct rules *rules = counting->rules;
    for (size_t index = 0; index < rules->rule_count; index++)
        note(counting, RULE_USE_TRAITS, rules->rules[index].source, rules->rules[index].text);
    for (size_t index = 0; index < rules->unique_count; index++)
        note(counting, RULE_USE_UNIQUE, rules->uniques[index].source, rules->uniques[index].text);
    for (size_t index = 0; index < rules->order_count; index++)
        note(counting, RULE_USE_ORDER, rules->orders[index].source, rules->orders[index].text);
}

static enum sgr_status init(struct counting *counting, struct sgr_error *error)
{
    const struct rules *rules = counting->rules;
    note_all(counting);
    counting->last_items =
        memory_allocate_zeroed(counting->source_count + 1, sizeof *counting->last_items);
    counting->sources =
        memory_allocate_zeroed(counting->source_count + 1, sizeof *counting->sources);
    if (!counting->last_items || !counting->sources)
        return error_no_memory(error, "the use of rules");
    note_all(counting);
    for (size_t index = 0; index < rules->rule_count; index++)
        counting->terms +=
            1 + rules->rules[index].condition_count + rules->rules[index].literal_count;
    for (size_t index = 0; index < rules->order_count; index++)
        counting->terms += 1 + rules->orders[index].condition_count;
    return SGR_OK;
}

static void finish(struct counting *counting)
{
    memory_free(counting->sources);
    memory_free(counting->last_items);
    memory_free(counting->rows);
}

/* The source of a rule when its item is not yet counted there, which it then is; else NULL. */
static struct rule_use_entry *count_once(struct counting *counting, size_t source, uint64_t item)
{
    if (source == RULES_NONE || counting->last_items[source] == item + 1)
        return NULL;
    counting->last_items[source] = item + 1;
    return &counting->sources[source];
}

static bool any_holds(const struct rule_literal *literals, size_t count, const uint16_t *traits)
{
    for (size_t index = 0; index < count; index++) {
        if (rule_literal_holds(&literals[index], traits))
            return true;
    }
    return false;
}

static bool rule_applies(const struct rule *rule, const uint16_t *traits)
{
    return rule->condition_count > 0 ? any_holds(rule->conditions, rule->condition_count, traits)
                                     : any_holds(rule->literals, rule->literal_count, traits);
}

static bool order_applies(const struct rule_order *order, const uint16_t *traits)
{
    return order->condition_count == 0 ||
           any_holds(order->conditions, order->condition_count, traits);
}

/* How many of `most` items can be looked at. */
static uint64_t affordable(const struct counting *counting, uint64_t most)
{
    uint64_t items = TERMS_LOOKED_AT / (counting->terms + 1) + 1;
    return items < most ? items : most;
}

/* Counts the plan's items to which rules apply. */
static void count_applying(struct counting *counting)
{
    const struct rules *rules = counting->rules;
    uint64_t count = counting->draft->count;
    uint64_t items = affordable(counting, count);
    counting->use->items = items;
    for (uint64_t item = 0; item < items; item++) {
        const uint16_t *traits = plan_draft_traits(counting->draft, item * count / items);
        struct rule_use_entry *entry;
        for (size_t index = 0; index < rules->rule_count; index++) {
            if (rule_applies(&rules->rules[index], traits) &&
                (entry = count_once(counting, rules->rules[index].source, item)))
                entry->applies++;
        }
        for (size_t index = 0; index < rules->order_count; index++) {
            if (order_applies(&rules->orders[index], traits) &&
                (entry = count_once(counting, rules->orders[index].source, item)))
                entry->applies++;
        }
    }
}

/* Deals an even sample of the plan's items anew, each layer on its own. */
static enum sgr_status deal(struct counting *counting, const char *seed, struct sgr_error *error)
{
    const struct plan_draft *draft = counting->draft;
    size_t layers = draft->collection->layer_count;
    uint64_t count = affordable(counting, draft->count < DEALT_MAX ? draft->count : DEALT_MAX);
    count = count * layers > DEALT_CELLS_MAX ? DEALT_CELLS_MAX / layers : count;
    uint16_t *column = memory_allocate(count + 1, sizeof *column);
    counting->rows = memory_allocate(count * layers + 1, sizeof *counting->rows);
    counting->use->dealt = count;
    for (size_t layer = 0; column && counting->rows && layer < layers; layer++) {
        struct random random;
        random_init(&random, seed, STREAM_DEAL + layer);
        for (uint64_t row = 0; row < count; row++)
            column[row] = plan_draft_traits(draft, row * draft->count / count)[layer];
        plan_deal_shuffle(column, count, 1, &random);
        for (uint64_t row = 0; row < count; row++)
            counting->rows[row * layers + layer] = column[row];
    }
    bool fits = column && counting->rows;
    memory_free(column);
    return fits ? SGR_OK : error_no_memory(error, "the use of rules");
}

/* Counts the dealt items that rules refuse. */
static void count_refused(struct counting *counting)
{
    const struct rules *rules = counting->rules;
    size_t layers = counting->draft->collection->layer_count;
    memset(counting->last_items, 0, counting->source_count * sizeof *counting->last_items);
    for (uint64_t row = 0; row < counting->use->dealt; row++) {
        struct rule_use_entry *entry;
        for (size_t index = 0; index < rules->rule_count; index++) {
            if (!rule_holds(&rules->rules[index], counting->rows + row * layers) &&
                (entry = count_once(counting, rules->rules[index].source, row)))
                entry->refused++;
        }
    }
}

/* Counts the dealt items whose key an earlier one has. */
static enum sgr_status count_repeats(struct counting *counting, const struct rule_unique *unique,
                                     struct sgr_error *error)
{
    struct random random;
    struct arena arena = {0};
    const struct collection *collection = counting->draft->collection;
    size_t groups = collection_group_layer(collection);
    const uint64_t *scope = NULL;
    struct rule_use_entry *entry = &counting->sources[unique->source];
    struct solve_keys keys = {.layers = unique->layers,
                              .layer_count = unique->layer_count,
                              .trait_bases = counting->draft->trait_bases,
                              .rows = counting->rows,
                              .row_length = counting->draft->collection->layer_count};
    random_init(&random, "keys", STREAM_DEAL);
    enum sgr_status status = solve_keys_init(&keys, counting->use->dealt, &random, error);
    if (status == SGR_OK && collection->stacks) {
        const struct group_scope_request request = {collection, unique->layers, unique->layer_count,
                                                    false};
        scope = group_scope_make(&request, &arena);
        status = scope ? SGR_OK : error_no_memory(error, "the use of rules");
    }
    uint64_t items = counting->use->items;
    for (uint64_t item = 0; item < items && status == SGR_OK; item++) {
        const uint16_t *traits =
            plan_draft_traits(counting->draft, item * counting->draft->count / items);
        entry->applies += !scope || group_scope_has(scope, traits[groups]);
    }
    for (uint64_t row = 0; row < counting->use->dealt && status == SGR_OK; row++) {
        const uint16_t *traits = counting->rows + row * collection->layer_count;
        if (!scope || group_scope_has(scope, traits[groups]))
            entry->refused += !solve_keys_enter(&keys, row);
    }
    arena_finish(&arena);
    solve_keys_finish(&keys);
    return status;
}

/* Moves the sources that rules come from into the result, with texts of its own. */
static enum sgr_status keep(struct counting *counting, struct sgr_error *error)
{
    struct rule_use *use = counting->use;
    use->entries = arena_allocate(&use->arena, counting->source_count + 1, sizeof *use->entries);
    for (size_t source = 0; use->entries && source < counting->source_count; source++) {
        struct rule_use_entry entry = counting->sources[source];
        if (!entry.text)
            continue;
        entry.text = arena_text(&use->arena, entry.text, strlen(entry.text));
        if (!entry.text)
            return error_no_memory(error, "the use of rules");
        use->entries[use->entry_count++] = entry;
    }
    return use->entries ? SGR_OK : error_no_memory(error, "the use of rules");
}

enum sgr_status rule_use_count(struct rule_use *use, const struct plan_draft *draft,
                               const char *seed, struct sgr_error *error)
{
    const struct rules *rules = &draft->collection->rules;
    struct counting counting = {.use = use, .draft = draft, .rules = rules};
    *use = (struct rule_use){.entries = NULL};
    if (rules->rule_count + rules->unique_count + rules->order_count == 0)
        return SGR_OK;
    enum sgr_status status = init(&counting, error);
    if (status == SGR_OK)
        status = deal(&counting, seed, error);
    if (status == SGR_OK) {
        count_applying(&counting);
        count_refused(&counting);
    }
    for (size_t index = 0; index < rules->unique_count && status == SGR_OK; index++) {
        if (rules->uniques[index].source != RULES_NONE)
            status = count_repeats(&counting, &rules->uniques[index], error);
    }
    if (status == SGR_OK)
        status = keep(&counting, error);
    finish(&counting);
    if (status != SGR_OK)
        rule_use_finish(use);
    return status;
}
