/* Rows are gathered by group, shuffled unless they stay so, and make room for one-of-one items. */
#include "plan/plan_places.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "plan/plan_deal.h"

#include <string.h>

enum { STREAM_PLACES = 1 << 22 };

/* What is moved; start from all zero. */
struct places {
    struct plan_draft *draft;
    const struct collection *collection;
    size_t group_layer;
    size_t group_count;
    const uint64_t *counts; /* [group] */
    uint64_t single_count;  /* items, which come last when gathered */
    uint16_t *singles;      /* owned: their rows */
    uint64_t *held;         /* owned: a bit for each place that a one-of-one item takes */
    uint32_t *wanted;       /* owned: [single]: the place that was asked for, or UINT32_MAX */
};

enum sgr_status plan_places_check(const struct plan_draft *draft, struct sgr_error *error)
{
    const struct collection *collection = draft->collection;
    size_t layer = collection_group_layer(collection);
    for (size_t group = 0; collection->stacks && group < collection->layers[layer].trait_count;
         group++) {
        const struct collection_stack *stack = &collection->stacks[group];
        if (stack->placed && stack->id - draft->start >= draft->count)
            return error_set(error, SGR_INPUT,
                             "item %s of \"items\" has the id %llu, but ids go from %llu to %llu; "
                             "change it, --start or --count",
                             collection->layers[layer].traits[group].name,
                             (unsigned long long)stack->id, (unsigned long long)draft->start,
                             (unsigned long long)(draft->start + draft->count - 1));
    }
    return SGR_OK;
}

static bool has_place(const struct places *places, uint64_t place)
{
    return places->held[place / 64] >> (place % 64) & 1;
}

static void hold(struct places *places, uint64_t place)
{
    places->held[place / 64] |= UINT64_C(1) << (place % 64);
}

/* Copies the one-of-one items' rows, and notes which places were asked for. */
static void take_singles(struct places *places)
{
    const struct plan_draft *draft = places->draft;
    size_t layers = places->collection->layer_count;
    const uint16_t *rows = draft->traits + (draft->count - places->single_count) * layers;
    if (places->single_count > 0)
        memcpy(places->singles, rows, places->single_count * layers * sizeof *rows);
    for (uint64_t single = 0; single < places->single_count; single++) {
        uint16_t group = rows[single * layers + places->group_layer];
        const struct collection_stack *stack = &places->collection->stacks[group];
        places->wanted[single] = stack->placed ? (uint32_t)(stack->id - draft->start) : UINT32_MAX;
        if (stack->placed)
            hold(places, stack->id - draft->start);
    }
}

/* Gives the others places by chance. */
static void draw_places(struct places *places, struct random *random)
{
    for (uint64_t single = 0; single < places->single_count; single++) {
        if (places->wanted[single] != UINT32_MAX)
            continue;
        uint64_t place = random_below(random, places->draft->count);
        while (has_place(places, place))
            place = place + 1 < places->draft->count ? place + 1 : 0;
        hold(places, place);
        places->wanted[single] = (uint32_t)place;
    }
}

/* Moves the other rows up to the places that are free, from the back, then puts the items in. */
static void spread(struct places *places)
{
    const struct plan_draft *draft = places->draft;
    size_t layers = places->collection->layer_count;
    uint64_t rest = draft->count - places->single_count;
    for (uint64_t place = draft->count; place-- > rest || rest > 0;) {
        if (has_place(places, place))
            continue;
        rest--;
        if (rest != place)
            memcpy(draft->traits + place * layers, draft->traits + rest * layers,
                   layers * sizeof *draft->traits);
    }
    for (uint64_t single = 0; single < places->single_count; single++)
        memcpy(draft->traits + places->wanted[single] * layers, places->singles + single * layers,
               layers * sizeof *draft->traits);
}

static enum sgr_status init(struct places *places)
{
    const struct plan_draft *draft = places->draft;
    const struct collection_layer *groups = &places->collection->layers[places->group_layer];
    places->group_count = groups->trait_count;
    places->counts = draft->asked + draft->trait_bases[places->group_layer];
    for (size_t group = 0; group < places->group_count; group++)
        places->single_count += groups->traits[group].single ? places->counts[group] : 0;
    size_t layers = places->collection->layer_count;
    places->singles =
        memory_allocate((size_t)places->single_count * layers + 1, sizeof *places->singles);
    places->wanted = memory_allocate((size_t)places->single_count + 1, sizeof *places->wanted);
    places->held = memory_allocate_zeroed((size_t)(draft->count / 64 + 1), sizeof *places->held);
    return places->singles && places->wanted && places->held ? SGR_OK : SGR_NO_MEMORY;
}

enum sgr_status plan_places_set(struct plan_draft *draft, const char *seed, struct sgr_error *error)
{
    const struct collection *collection = draft->collection;
    struct places places = {.draft = draft, .collection = collection};
    if (!collection->stacks)
        return SGR_OK;
    places.group_layer = collection_group_layer(collection);
    enum sgr_status status = init(&places);
    if (status == SGR_OK)
        status = plan_deal_gather(draft->traits, collection->layer_count, places.group_layer,
                                  places.counts, places.group_count);
    if (status == SGR_OK) {
        struct random random;
        random_init(&random, seed, STREAM_PLACES);
        take_singles(&places);
        draw_places(&places, &random);
        if (!collection->in_group_order)
            plan_deal_shuffle(draft->traits, draft->count - places.single_count,
                              collection->layer_count, &random);
        spread(&places);
    }
    memory_free(places.singles);
    memory_free(places.held);
    memory_free(places.wanted);
    return status == SGR_OK ? SGR_OK : error_no_memory(error, "the plan");
}
