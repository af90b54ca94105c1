/* Rows are gathered by group, shuffled unless they stay so, and make room for one-of-one items. */
#include "plan/plan_places.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "plan/plan_deal.h"

#include <string.h>

enum { STREAM_PLACES = 1 << 22 };

/* What is moved; start from all zero. */
struct moving {
    const struct plan_places *places;
    size_t layers;
    size_t group_layer;
    size_t group_count;
    uint64_t single_count; /* items, which come last when gathered */
    uint16_t *singles;     /* owned: their rows */
    uint64_t *held;        /* owned: a bit for each place that a one-of-one item takes */
    uint32_t *wanted;      /* owned: [single]: the place that was asked for, or UINT32_MAX */
};

enum sgr_status plan_places_check(const struct plan_places *places, struct sgr_error *error)
{
    const struct collection *collection = places->collection;
    const struct collection_layer *groups = &collection->layers[collection_group_layer(collection)];
    for (size_t group = 0; group < groups->trait_count; group++) {
        const struct collection_stack *stack = &collection->stacks[group];
        if (places->counts[group] > 0 && stack->placed &&
            stack->id - places->first_id >= places->count)
            return error_set(error, SGR_INPUT,
                             "item %s of \"items\" has the id %llu, but ids go from %llu to %llu; "
                             "change it, --start or --count",
                             groups->traits[group].name, (unsigned long long)stack->id,
                             (unsigned long long)places->first_id,
                             (unsigned long long)(places->first_id + places->count - 1));
    }
    return SGR_OK;
}

static bool has_place(const struct moving *moving, uint64_t place)
{
    return moving->held[place / 64] >> (place % 64) & 1;
}

static void hold(struct moving *moving, uint64_t place)
{
    moving->held[place / 64] |= UINT64_C(1) << (place % 64);
}

/* Copies the one-of-one items' rows, and notes which places were asked for. */
static void take_singles(struct moving *moving)
{
    const struct plan_places *places = moving->places;
    size_t layers = moving->layers;
    const uint16_t *rows = places->rows + (places->count - moving->single_count) * layers;
    if (moving->single_count > 0)
        memcpy(moving->singles, rows, moving->single_count * layers * sizeof *rows);
    for (uint64_t single = 0; single < moving->single_count; single++) {
        uint16_t group = rows[single * layers + moving->group_layer];
        const struct collection_stack *stack = &places->collection->stacks[group];
        moving->wanted[single] =
            stack->placed ? (uint32_t)(stack->id - places->first_id) : UINT32_MAX;
        if (stack->placed)
            hold(moving, stack->id - places->first_id);
    }
}

/* Gives the others places by chance. */
static void draw_places(struct moving *moving, struct random *random)
{
    for (uint64_t single = 0; single < moving->single_count; single++) {
        if (moving->wanted[single] != UINT32_MAX)
            continue;
        uint64_t place = random_below(random, moving->places->count);
        while (has_place(moving, place))
            place = place + 1 < moving->places->count ? place + 1 : 0;
        hold(moving, place);
        moving->wanted[single] = (uint32_t)place;
    }
}

/* Moves the other rows up to the places that are free, from the back, then puts the items in. */
static void spread(struct moving *moving)
{
    const struct plan_places *places = moving->places;
    size_t layers = moving->layers;
    uint64_t rest = places->count - moving->single_count;
    for (uint64_t place = places->count; place-- > rest || rest > 0;) {
        if (has_place(moving, place))
            continue;
        rest--;
        if (rest != place)
            memcpy(places->rows + place * layers, places->rows + rest * layers,
                   layers * sizeof *places->rows);
    }
    for (uint64_t single = 0; single < moving->single_count; single++)
        memcpy(places->rows + moving->wanted[single] * layers, moving->singles + single * layers,
               layers * sizeof *places->rows);
}

static enum sgr_status init(struct moving *moving)
{
    const struct plan_places *places = moving->places;
    const struct collection_layer *groups = &places->collection->layers[moving->group_layer];
    moving->group_count = groups->trait_count;
    for (size_t group = 0; group < moving->group_count; group++)
        moving->single_count += groups->traits[group].single ? places->counts[group] : 0;
    moving->singles =
        memory_allocate((size_t)moving->single_count * moving->layers + 1, sizeof *moving->singles);
    moving->wanted = memory_allocate((size_t)moving->single_count + 1, sizeof *moving->wanted);
    moving->held = memory_allocate_zeroed((size_t)(places->count / 64 + 1), sizeof *moving->held);
    return moving->singles && moving->wanted && moving->held ? SGR_OK : SGR_NO_MEMORY;
}

enum sgr_status plan_places_set(const struct plan_places *places, const char *seed,
                                struct sgr_error *error)
{
    const struct collection *collection = places->collection;
    struct moving moving = {.places = places,
                            .layers = collection->layer_count,
                            .group_layer = collection_group_layer(collection)};
    enum sgr_status status = init(&moving);
    if (status == SGR_OK)
        status = plan_deal_gather(places->rows, moving.layers, moving.group_layer, places->counts,
                                  moving.group_count);
    if (status == SGR_OK) {
        struct random random;
        random_init(&random, seed, STREAM_PLACES);
        take_singles(&moving);
        draw_places(&moving, &random);
        if (!collection->in_group_order)
            plan_deal_shuffle(places->rows, places->count - moving.single_count, moving.layers,
                              &random);
        spread(&moving);
    }
    memory_free(moving.singles);
    memory_free(moving.held);
    memory_free(moving.wanted);
    return status == SGR_OK ? SGR_OK : error_no_memory(error, "the plan");
}
