/*
 * Drawing a plan: every layer's traits are dealt out in their counts and shuffled, then rows that
 * are alike are resolved. When more than half of all combinations are wanted, the ones to leave
 * out are drawn that way instead, which is as easy as the sparse case and works up to the very
 * last combination.
 */
#include "plan/plan_draft.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "plan/plan_counts.h"
#include "plan/plan_deal.h"
#include "plan/plan_distinct.h"
#include "plan/plan_places.h"
#include "plan/plan_solve.h"

#include <string.h>

/* Streams of random numbers, so that one use does not shift another's. */
enum stream { STREAM_SHUFFLE = 1, STREAM_RESOLVE = 1 << 20, STREAM_ORDER };

void plan_draft_finish(struct plan_draft *draft)
{
    memory_free(draft->traits);
    memory_free(draft->trait_bases);
    memory_free(draft->asked);
    memory_free(draft->planned);
    plan_orders_finish(&draft->orders);
    plan_extension_finish(&draft->extension);
    *draft = (struct plan_draft){0};
}

enum sgr_status plan_draft_begin(struct plan_draft *draft, struct sgr_error *error)
{
    const struct collection *collection = draft->collection;
    draft->trait_bases = memory_allocate(collection->layer_count + 1, sizeof *draft->trait_bases);
    if (!draft->trait_bases)
        return error_no_memory(error, "the plan");
    uint32_t next = 0;
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        draft->trait_bases[layer] = next;
        next += (uint32_t)collection->layers[layer].trait_count;
    }
    draft->trait_bases[collection->layer_count] = next;
    draft->asked = memory_allocate_zeroed((size_t)next + 1, sizeof *draft->asked);
    draft->planned = memory_allocate_zeroed((size_t)next + 1, sizeof *draft->planned);
    if (!draft->asked || !draft->planned)
        return error_no_memory(error, "the plan");
    return SGR_OK;
}

/* Rows to fill: how many, and how often each trait shall come. */
struct deal {
    const struct plan_draft *draft;
    uint16_t *rows;
    uint64_t count;
    const uint64_t *counts; /* [trait_bases[layer] + trait], of every layer adding up to count */
    const char *seed;
};

/* Deals out each layer's traits and shuffles them. */
static enum sgr_status deal_rows(const struct deal *deal, struct sgr_error *error)
{
    const struct collection *collection = deal->draft->collection;
    uint16_t *column = memory_allocate((size_t)deal->count + 1, sizeof *column);
    if (!column)
        return error_no_memory(error, "the plan");
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        const uint64_t *counts = deal->counts + deal->draft->trait_bases[layer];
        struct random random;
        random_init(&random, deal->seed, STREAM_SHUFFLE + layer);
        plan_deal(column, deal->count, counts, collection->layers[layer].trait_count, &random);
        for (uint64_t row = 0; row < deal->count; row++)
            deal->rows[row * collection->layer_count + layer] = column[row];
    }
    memory_free(column);
    return SGR_OK;
}

void plan_draft_count(struct plan_draft *draft)
{
    size_t layer_count = draft->collection->layer_count;
    memset(draft->planned, 0, draft->trait_bases[layer_count] * sizeof *draft->planned);
    for (uint64_t item = 0; item < draft->count; item++) {
        const uint16_t *traits = plan_draft_traits(draft, item);
        for (size_t layer = 0; layer < layer_count; layer++)
            draft->planned[draft->trait_bases[layer] + traits[layer]]++;
    }
}

/* How far what is planned is from what is asked, in sum. */
static uint64_t deviation(const struct plan_draft *draft)
{
    uint64_t sum = 0;
    for (size_t trait = 0; trait < draft->trait_bases[draft->collection->layer_count]; trait++) {
        uint64_t asked = draft->asked[trait];
        uint64_t planned = draft->planned[trait];
        sum += asked > planned ? asked - planned : planned - asked;
    }
    return sum;
}

/* Deals and resolves rows; `asked_sign` is -1 when the rows are those to leave out. */
static enum sgr_status draw_rows(const struct deal *deal, int asked_sign, struct sgr_error *error)
{
    const struct plan_draft *draft = deal->draft;
    size_t traits = draft->trait_bases[draft->collection->layer_count];
    int64_t *surplus = memory_allocate_zeroed(traits + 1, sizeof *surplus);
    if (!surplus)
        return error_no_memory(error, "the plan");
    for (size_t index = 0; index < traits; index++) {
        int64_t difference = (int64_t)(draft->planned[index] - draft->asked[index]);
        surplus[index] = asked_sign * difference;
    }
    enum sgr_status status = deal_rows(deal, error);
    /* Where no layer must differ, repeated items are as good as others. */
    if (status == SGR_OK && plan_counts_must_differ(draft->collection)) {
        struct plan_distinct distinct = {.collection = draft->collection,
                                         .rows = deal->rows,
                                         .count = deal->count,
                                         .trait_bases = draft->trait_bases,
                                         .wanted = draft->count,
                                         .surplus = surplus};
        struct random random;
        random_init(&random, deal->seed, STREAM_RESOLVE);
        status = plan_distinct_resolve(&distinct, &random, error);
    }
    memory_free(surplus);
    return status;
}

/* The drawable traits of a layer, as digits of a combination's number. */
struct digits {
    uint16_t *traits;
    uint64_t count;
};

/* The number of a row's combination; rows hold drawable traits only. */
static uint64_t number_of(const struct digits *digits, const uint16_t *row, size_t layer_count)
{
    uint64_t number = 0;
    for (size_t layer = 0; layer < layer_count; layer++) {
        uint64_t digit = 0;
        while (digits[layer].traits[digit] != row[layer])
            digit++;
        number = number * digits[layer].count + digit;
    }
    return number;
}

/* Everything that drawing the complement needs; start from all zero. */
struct complement {
    struct plan_draft *draft;
    struct digits *digits;
    uint16_t *digit_traits;
    uint64_t *counts;
    uint16_t *rows;
    uint8_t *left_out; /* a bit for each combination */
    uint64_t combinations;
};

static void complement_finish(struct complement *complement)
{
    memory_free(complement->digits);
    memory_free(complement->digit_traits);
    memory_free(complement->counts);
    memory_free(complement->rows);
    memory_free(complement->left_out);
}

static enum sgr_status complement_init(struct complement *complement, struct sgr_error *error)
{
    const struct plan_draft *draft = complement->draft;
    const struct collection *collection = draft->collection;
    uint64_t rows = complement->combinations - draft->count;
    size_t traits = draft->trait_bases[collection->layer_count];
    complement->digits = memory_allocate(collection->layer_count + 1, sizeof(struct digits));
    complement->digit_traits = memory_allocate(traits + 1, sizeof(uint16_t));
    complement->counts = memory_allocate_zeroed(traits + 1, sizeof(uint64_t));
    complement->rows = memory_allocate((size_t)rows * collection->layer_count + 1, 2);
    complement->left_out = memory_allocate_zeroed((size_t)(complement->combinations / 8 + 1), 1);
    if (!complement->digits || !complement->digit_traits || !complement->counts ||
        !complement->rows || !complement->left_out)
        return error_no_memory(error, "the plan");
    for (size_t layer = 0; layer < collection->layer_count; layer++) {
        struct digits *digits = &complement->digits[layer];
        digits->traits = complement->digit_traits + draft->trait_bases[layer];
        digits->count = 0;
        for (size_t trait = 0; trait < collection->layers[layer].trait_count; trait++) {
            if (plan_counts_may_draw(&collection->layers[layer].traits[trait]))
                digits->traits[digits->count++] = (uint16_t)trait;
        }
        for (uint64_t digit = 0; digit < digits->count; digit++) {
            size_t index = draft->trait_bases[layer] + digits->traits[digit];
            uint64_t all = complement->combinations / digits->count;
            ERROR_ASSERT(draft->planned[index] <= all);
            complement->counts[index] = all - draft->planned[index];
        }
    }
    return SGR_OK;
}

/* Writes every combination that is not left out as a row, then shuffles the rows. */
static void complement_invert(const struct complement *complement, const char *seed)
{
    const struct plan_draft *draft = complement->draft;
    size_t layer_count = draft->collection->layer_count;
    uint16_t *row = draft->traits;
    for (uint64_t number = 0; number < complement->combinations; number++) {
        if (complement->left_out[number / 8] >> (number % 8) & 1)
            continue;
        uint64_t rest = number;
        for (size_t layer = layer_count; layer-- > 0;) {
            row[layer] = complement->digits[layer].traits[rest % complement->digits[layer].count];
            rest /= complement->digits[layer].count;
        }
        row += layer_count;
    }
    struct random random;
    random_init(&random, seed, STREAM_ORDER);
    plan_deal_shuffle(draft->traits, draft->count, layer_count, &random);
}

static enum sgr_status draw_complement(struct plan_draft *draft, uint64_t combinations,
                                       const char *seed, struct sgr_error *error)
{
    struct complement complement = {.draft = draft, .combinations = combinations};
    enum sgr_status status = complement_init(&complement, error);
    uint64_t rows = combinations - draft->count;
    struct deal deal = {draft, complement.rows, rows, complement.counts, seed};
    if (status == SGR_OK)
        status = draw_rows(&deal, -1, error);
    if (status == SGR_OK) {
        size_t layer_count = draft->collection->layer_count;
        for (uint64_t row = 0; row < rows; row++) {
            uint64_t number =
                number_of(complement.digits, complement.rows + row * layer_count, layer_count);
            complement.left_out[number / 8] |= (uint8_t)(1u << (number % 8));
        }
        complement_invert(&complement, seed);
    }
    complement_finish(&complement);
    return status;
}

/* The complement needs every layer to matter: without, a row is not one combination. */
static bool use_complement(const struct plan_draft *draft, uint64_t combinations)
{
    for (size_t layer = 0; layer < draft->collection->layer_count; layer++) {
        if (!draft->collection->layers[layer].distinct)
            return false;
    }
    return combinations / 2 < draft->count;
}

/* Traits may only have changed where the user left their count open. */
static enum sgr_status check_fixed(const struct plan_draft *draft, struct sgr_error *error)
{
    for (size_t layer = 0; layer < draft->collection->layer_count; layer++) {
        const struct collection_layer *choices = &draft->collection->layers[layer];
        for (size_t trait = 0; trait < choices->trait_count; trait++) {
            uint64_t planned = draft->planned[draft->trait_bases[layer] + trait];
            if (choices->traits[trait].count_fixed && planned != choices->traits[trait].count)
                return error_set(error, SGR_INFEASIBLE,
                                 "%s/%s: %llu items are asked for, %llu were found that differ; "
                                 "change its count, or lower --count",
                                 choices->name, choices->traits[trait].name,
                                 (unsigned long long)choices->traits[trait].count,
                                 (unsigned long long)planned);
        }
    }
    return SGR_OK;
}

/* Whether rules or bounds of counts ask for more than items that differ. */
static bool has_rules(const struct collection *collection)
{
    bool bounds = false;
    for (size_t index = 0; index < collection->layer_count; index++) {
        const struct collection_layer *layer = &collection->layers[index];
        for (size_t trait = 0; trait < layer->trait_count; trait++)
            bounds |= layer->traits[trait].min > 0 || layer->traits[trait].max != UINT64_MAX;
    }
    return collection->stacks || bounds ||
           collection->rules.rule_count + collection->rules.unique_count > 0;
}

/* Solves for the rules. */
static enum sgr_status solve_rows(struct plan_draft *draft, const char *seed,
                                  struct sgr_error *error)
{
    size_t traits = draft->trait_bases[draft->collection->layer_count];
    uint64_t *bounds = memory_allocate(2 * traits + 1, sizeof *bounds);
    if (!bounds)
        return error_no_memory(error, "the plan");
    plan_counts_bounds(draft, bounds, bounds + traits);
    struct plan_solve solve = {.collection = draft->collection,
                               .rules = &draft->collection->rules,
                               .trait_bases = draft->trait_bases,
                               .count = draft->count,
                               .seed = seed,
                               .asked = draft->asked,
                               .lower = bounds,
                               .upper = bounds + traits,
                               .rows = draft->traits};
    enum sgr_status status = plan_solve(&solve, error);
    draft->limited = solve.limited;
    memory_free(bounds);
    return status;
}

/* All of a drawn plan's items. */
static struct plan_places places_of(const struct plan_draft *draft)
{
    size_t groups = collection_group_layer(draft->collection);
    return (struct plan_places){.collection = draft->collection,
                                .rows = draft->traits,
                                .count = draft->count,
                                .first_id = draft->start,
                                .counts = draft->asked + draft->trait_bases[groups]};
}

static enum sgr_status check_places(const struct plan_draft *draft, struct sgr_error *error)
{
    if (!draft->collection->stacks)
        return SGR_OK;
    const struct plan_places places = places_of(draft);
    return plan_places_check(&places, error);
}

static enum sgr_status set_places(const struct plan_draft *draft, const char *seed,
                                  struct sgr_error *error)
{
    if (!draft->collection->stacks)
        return SGR_OK;
    const struct plan_places places = places_of(draft);
    return plan_places_set(&places, seed, error);
}

enum sgr_status plan_draft_draw(struct plan_draft *draft, const struct collection *collection,
                                uint64_t count, const char *seed, struct sgr_error *error)
{
    draft->collection = collection;
    draft->count = count;
    enum sgr_status status = plan_draft_begin(draft, error);
    if (status == SGR_OK)
        status = plan_counts_set(draft, error);
    if (status == SGR_OK)
        status = check_places(draft, error);
    if (status != SGR_OK)
        return status;
    size_t cells;
    if (__builtin_mul_overflow((size_t)count, collection->layer_count, &cells))
        return error_no_memory(error, "the plan");
    draft->traits = memory_allocate(cells + 1, sizeof *draft->traits);
    if (!draft->traits)
        return error_no_memory(error, "the plan");
    uint64_t combinations = plan_counts_combinations(collection);
    if (has_rules(collection)) {
        status = solve_rows(draft, seed, error);
    } else if (use_complement(draft, combinations)) {
        status = draw_complement(draft, combinations, seed, error);
    } else {
        struct deal deal = {draft, draft->traits, count, draft->planned, seed};
        status = draw_rows(&deal, 1, error);
    }
    if (status == SGR_OK)
        status = set_places(draft, seed, error);
    if (status != SGR_OK)
        return status;
    uint64_t intended = deviation(draft);
    plan_draft_count(draft);
    draft->limited |= !has_rules(collection) && deviation(draft) > intended;
    status = check_fixed(draft, error);
    if (status == SGR_OK)
        status = plan_orders_make(&draft->orders, collection, draft->traits, count, error);
    return status;
}

enum sgr_status plan_draft_adopt(struct plan_draft *draft, const struct recipes *recipes,
                                 uint64_t count, struct sgr_error *error)
{
    draft->recipes = recipes;
    draft->collection = recipes->collection;
    draft->count = count ? count : recipes->count;
    draft->start = recipes->count ? recipes->ids[0] : 0;
    enum sgr_status status = plan_draft_begin(draft, error);
    if (status != SGR_OK)
        return status;
    bool by_name = recipes->order_count == 0;
    /* What the weights ask for is worth telling; that recipes cannot meet it is no error. */
    bool asked = by_name && plan_counts_set(draft, NULL) == SGR_OK;
    plan_draft_count(draft);
    size_t traits = draft->trait_bases[draft->collection->layer_count];
    if (!asked)
        memcpy(draft->asked, draft->planned, traits * sizeof *draft->asked);
    if (!by_name)
        return SGR_OK;
    return plan_orders_make(&draft->orders, draft->collection, recipes->traits, draft->count,
                            error);
}
