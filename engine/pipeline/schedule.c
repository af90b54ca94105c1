/*
 * An entry of the order holds an item's traits, packed by the order of layers, above its place in
 * the window: sorting plain numbers sorts items, and ties stay in the plan's order. Keys that were
 * looked up wait in a ring for their items.
 */
#include "pipeline/schedule.h"

#include "base/error.h"
#include "base/memory.h"
#include "pipeline/schedule_layers.h"
#include "plan/plan_format.h"

#include <stdlib.h>

/*
 * Of the memory for strips, one part in MEMORY_SHARE is for the schedule. bench/schedule_bench
 * shows what windows and looking ahead gain: 2^20 items leave room for a million in one window,
 * and beyond 8,192 items ahead there is little left to know.
 */
enum {
    MEMORY_SHARE = 8,
    WINDOW_BITS_MAX = 20,
    AHEAD_ITEMS_MAX = 8192,
    STEP_ITEMS = 8,
    /* A key in the ring and its share of the counts; an entry and what sorting it takes. */
    KEY_BYTES = sizeof(struct hash128) + 8,
    ENTRY_BYTES = 2 * sizeof(uint64_t)
};

struct schedule {
    struct schedule_source source;
    struct schedule_scratch scratch;
    uint64_t cursor;  /* the first plan index that is in no window yet; when plain, the next one */
    uint16_t *layers; /* to sort by; NULL when plain */
    uint64_t *order;  /* [window_items], the first order_count in use */
    uint64_t window_items;
    uint64_t window_first;
    unsigned place_bits;
    uint64_t order_count;
    uint64_t at;          /* entries handed out */
    uint64_t ahead;       /* entries looked at */
    struct hash128 *ring; /* [ring_items * band_count] */
    uint64_t ring_items;
};

enum sgr_status schedule_keys(const struct schedule_source *source,
                              struct schedule_scratch *scratch, const struct plan_item *item,
                              struct hash128 *keys, struct sgr_error *error)
{
    enum sgr_status status = stack_fill(&scratch->stack, source->sprites, item->traits,
                                        plan_order(source->plan, item->order), error);
    if (status != SGR_OK)
        return status;
    struct compose_part *grown = memory_grow(scratch->parts, &scratch->capacity,
                                             scratch->stack.part_count + 1, sizeof *scratch->parts);
    if (!grown)
        return error_no_memory(error, "an item's strips");
    scratch->parts = grown;
    for (size_t band = 0; band < source->band_count; band++) {
        size_t count = visibility_find(source->visibility, &scratch->stack, band, grown);
        keys[band] = stack_key(grown, count, band);
    }
    return SGR_OK;
}

void schedule_scratch_finish(struct schedule_scratch *scratch)
{
    stack_finish(&scratch->stack);
    memory_free(scratch->parts);
    *scratch = (struct schedule_scratch){0};
}

/* Divides the memory between looking ahead and the window, which is of whole blocks. */
static void choose_sizes(struct schedule *schedule)
{
    const struct schedule_source *source = &schedule->source;
    uint64_t count = plan_count(source->plan);
    uint64_t share = source->memory_bytes / MEMORY_SHARE;
    uint64_t item_bytes = source->band_count * KEY_BYTES;
    uint64_t items = share / 4 / item_bytes / STEP_ITEMS * STEP_ITEMS;
    uint64_t needed = (count + STEP_ITEMS - 1) / STEP_ITEMS * STEP_ITEMS;
    items = items < AHEAD_ITEMS_MAX ? items : AHEAD_ITEMS_MAX;
    items = items < needed ? items : needed;
    schedule->ring_items = items > STEP_ITEMS ? items : STEP_ITEMS;
    uint64_t entry_bytes = plan_items_bytes(source->plan) / (count + 1) + 1 + ENTRY_BYTES;
    uint64_t ring_bytes = schedule->ring_items * item_bytes;
    uint64_t blocks =
        share > ring_bytes ? (share - ring_bytes) / entry_bytes / PLAN_FORMAT_BLOCK_ITEMS : 0;
    uint64_t most = (UINT64_C(1) << WINDOW_BITS_MAX) / PLAN_FORMAT_BLOCK_ITEMS;
    needed = (count + PLAN_FORMAT_BLOCK_ITEMS - 1) / PLAN_FORMAT_BLOCK_ITEMS;
    blocks = blocks < most ? blocks : most;
    blocks = blocks < needed ? blocks : needed;
    schedule->window_items = (blocks ? blocks : 1) * PLAN_FORMAT_BLOCK_ITEMS;
    while (UINT64_C(1) << schedule->place_bits < schedule->window_items)
        schedule->place_bits++;
}

static enum sgr_status prepare(struct schedule *schedule, struct sgr_error *error)
{
    const struct schedule_source *source = &schedule->source;
    choose_sizes(schedule);
    size_t layers = plan_collection(source->plan)->layer_count;
    schedule->layers = memory_allocate(layers + 1, sizeof *schedule->layers);
    schedule->order = memory_allocate((size_t)schedule->window_items, sizeof *schedule->order);
    schedule->ring =
        memory_allocate((size_t)schedule->ring_items * source->band_count, sizeof *schedule->ring);
    if (!schedule->layers || !schedule->order || !schedule->ring)
        return error_no_memory(error, "the order of items");
    enum sgr_status status = schedule_layers_choose(source, schedule->layers, error);
    size_t blocks = (size_t)(schedule->window_items / PLAN_FORMAT_BLOCK_ITEMS);
    return status == SGR_OK ? plan_keep(source->plan, blocks, error) : status;
}

enum sgr_status schedule_create(const struct schedule_source *source,
                                struct schedule **out_schedule, struct sgr_error *error)
{
    struct schedule *schedule = memory_allocate_zeroed(1, sizeof *schedule);
    if (!schedule)
        return error_no_memory(error, "the order of items");
    schedule->source = *source;
    schedule->source.plain |= source->band_count < 2;
    enum sgr_status status = schedule->source.plain ? SGR_OK : prepare(schedule, error);
    if (status != SGR_OK) {
        schedule_destroy(&schedule);
        return status;
    }
    *out_schedule = schedule;
    return SGR_OK;
}

void schedule_destroy(struct schedule **schedule)
{
    struct schedule *gone = *schedule;
    if (!gone)
        return;
    /* Without memory for one block, the plan goes on with those that it has. */
    if (gone->ring && plan_keep(gone->source.plan, 1, NULL) != SGR_OK)
        gone->ring_items = 0;
    memory_free(gone->layers);
    memory_free(gone->order);
    memory_free(gone->ring);
    schedule_scratch_finish(&gone->scratch);
    memory_free(gone);
    *schedule = NULL;
}

uint64_t schedule_memory(const struct schedule *schedule)
{
    const struct schedule_source *source = &schedule->source;
    if (source->plain)
        return 0;
    uint64_t count = plan_count(source->plan);
    uint64_t kept = schedule->window_items < count ? schedule->window_items : count;
    return kept * (plan_items_bytes(source->plan) / (count + 1) + 1) +
           schedule->window_items * ENTRY_BYTES +
           schedule->ring_items * source->band_count * sizeof *schedule->ring;
}

size_t schedule_ahead_max(const struct schedule *schedule)
{
    return (size_t)schedule->ring_items * schedule->source.band_count;
}

static unsigned bits_of(size_t trait_count)
{
    unsigned bits = 0;
    while ((size_t)1 << bits < trait_count)
        bits++;
    return bits;
}

/* An item's traits in the order of layers, as many of them as there are bits for. */
static uint64_t pack_traits(const struct schedule *schedule, const struct plan_item *item)
{
    const struct collection *collection = plan_collection(schedule->source.plan);
    unsigned left = 64 - schedule->place_bits;
    uint64_t packed = 0;
    for (size_t index = 0; index < collection->layer_count && left > 0; index++) {
        uint16_t layer = schedule->layers[index];
        unsigned bits = bits_of(collection->layers[layer].trait_count);
        unsigned taken = bits < left ? bits : left;
        packed = packed << taken | (uint64_t)item->traits[layer] >> (bits - taken);
        left -= taken;
    }
    return packed;
}

static int compare_entries(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static bool is_wanted(const struct schedule *schedule, uint64_t index)
{
    return selection_has(schedule->source.wanted, index) &&
           !(schedule->source.done && selection_has(schedule->source.done, index));
}

/* Sorts the next window that has an item in it; at the plan's end it is empty. */
static enum sgr_status open_window(struct schedule *schedule, struct sgr_error *error)
{
    struct plan *plan = schedule->source.plan;
    uint64_t count = plan_count(plan);
    schedule->at = 0;
    schedule->ahead = 0;
    schedule->order_count = 0;
    while (schedule->order_count == 0 && schedule->cursor < count) {
        uint64_t first = schedule->cursor;
        uint64_t left = count - first;
        schedule->window_first = first;
        schedule->cursor += left < schedule->window_items ? left : schedule->window_items;
        for (uint64_t index = first; index < schedule->cursor; index++) {
            struct plan_item item;
            if (!is_wanted(schedule, index))
                continue;
            enum sgr_status status = plan_read(plan, index, &item, error);
            if (status != SGR_OK)
                return status;
            schedule->order[schedule->order_count++] =
                pack_traits(schedule, &item) << schedule->place_bits | (index - first);
        }
    }
    qsort(schedule->order, (size_t)schedule->order_count, sizeof *schedule->order, compare_entries);
    return SGR_OK;
}

static uint64_t index_at(const struct schedule *schedule, uint64_t entry)
{
    uint64_t places = (UINT64_C(1) << schedule->place_bits) - 1;
    return schedule->window_first + (schedule->order[entry] & places);
}

static struct hash128 *keys_at(const struct schedule *schedule, uint64_t entry)
{
    return schedule->ring + entry % schedule->ring_items * schedule->source.band_count;
}

enum sgr_status schedule_look(struct schedule *schedule, const struct hash128 **out_keys,
                              size_t *out_count, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    *out_count = 0;
    if (schedule->source.plain)
        return SGR_OK;
    if (schedule->at == schedule->order_count)
        status = open_window(schedule, error);
    *out_keys = keys_at(schedule, schedule->ahead);
    uint64_t room = schedule->ring_items - (schedule->ahead - schedule->at);
    uint64_t left = schedule->order_count - schedule->ahead;
    /* The ring is whole steps long, so that a step's keys are one run of it. */
    uint64_t step = STEP_ITEMS - schedule->ahead % STEP_ITEMS;
    step = step < room ? step : room;
    step = step < left ? step : left;
    for (uint64_t item = 0; item < step && status == SGR_OK; item++) {
        struct plan_item planned;
        status =
            plan_read(schedule->source.plan, index_at(schedule, schedule->ahead), &planned, error);
        if (status == SGR_OK)
            status = schedule_keys(&schedule->source, &schedule->scratch, &planned,
                                   keys_at(schedule, schedule->ahead++), error);
    }
    if (status == SGR_OK)
        *out_count = (size_t)step * schedule->source.band_count;
    return status;
}

bool schedule_has_told_all(const struct schedule *schedule)
{
    return !schedule->source.plain && schedule->cursor == plan_count(schedule->source.plan) &&
           schedule->ahead == schedule->order_count;
}

bool schedule_next(struct schedule *schedule, uint64_t *out_index, const struct hash128 **out_keys)
{
    uint64_t count = plan_count(schedule->source.plan);
    *out_keys = NULL;
    if (!schedule->source.plain) {
        if (schedule->at == schedule->order_count)
            return false;
        ERROR_ASSERT(schedule->at < schedule->ahead);
        *out_keys = keys_at(schedule, schedule->at);
        *out_index = index_at(schedule, schedule->at++);
        return true;
    }
    while (schedule->cursor < count && !is_wanted(schedule, schedule->cursor))
        schedule->cursor++;
    *out_index = schedule->cursor;
    return schedule->cursor < count && schedule->cursor++ < count;
}
