/*
 * Parts are counted apart and multiplied. Each layer is kept in a count of its own, which tells how
 * many recipes have each of its classes; layers that no rule is about only multiply.
 */
#include "plan/capacity_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "plan/plan_counts.h"

#include <string.h>

/* Multiplications of table cells, for all that is counted: about a second. */
#define CAPACITY_WORK (UINT64_C(1) << 28)

bool capacity_number_is_exact(const struct capacity_number *number)
{
    return natural_compare(&number->least, &number->most) == 0;
}

void capacity_number_finish(struct capacity_number *number)
{
    natural_finish(&number->least);
    natural_finish(&number->most);
}

static bool number_set(struct capacity_number *number, uint64_t value)
{
    return natural_set_small(&number->least, value) && natural_set_small(&number->most, value);
}

static bool number_multiply(struct capacity_number *number, const struct capacity_number *other)
{
    return natural_multiply(&number->least, &other->least) &&
           natural_multiply(&number->most, &other->most);
}

static bool number_copy(struct capacity_number *number, const struct capacity_number *other)
{
    return natural_set(&number->least, other->least.limbs, other->least.count) &&
           natural_set(&number->most, other->most.limbs, other->most.count);
}

struct capacity_request capacity_request_of(struct capacity_counting *counting,
                                            const struct capacity_part *part,
                                            enum capacity_goal goal)
{
    return (struct capacity_request){
        .classes = &counting->capacity->classes,
        .rules = counting->scoped.rules ? &counting->scoped : counting->rules,
        .part = part,
        .stages = counting->stages,
        .map = counting->map,
        .weights = counting->weights,
        .goal = goal,
        .cells_max = counting->cells_max,
        .work = &counting->work,
    };
}

/*
 * Counts with the stages that are set, exactly unless the part is known to be `dense`, else with
 * bounds; one that cannot be had in time stays an empty factor. Both are the caller's.
 */
static enum factor_outcome count_part(struct capacity_counting *counting,
                                      const struct capacity_part *part, bool dense,
                                      struct factor *least, struct factor *most)
{
    const struct capacity_request request = capacity_request_of(counting, part, CAPACITY_COUNT);
    *least = (struct factor){.values = NULL};
    *most = (struct factor){.values = NULL};
    enum factor_outcome outcome = dense ? FACTOR_TOO_MUCH : capacity_settle_count(&request, most);
    if (outcome == FACTOR_DONE)
        return factor_copy(least, most) ? FACTOR_DONE : FACTOR_NO_MEMORY;
    if (outcome == FACTOR_TOO_MUCH)
        outcome = capacity_settle_most(&request, most);
    if (outcome != FACTOR_NO_MEMORY)
        outcome = capacity_settle_least(&request, least);
    return outcome == FACTOR_NO_MEMORY ? outcome : FACTOR_DONE;
}

/* The product of the layers that are counted bounds a count from above when nothing else does. */
static bool set_product(struct capacity_counting *counting, const struct capacity_part *part,
                        struct natural *number)
{
    bool fits = natural_set_small(number, 1);
    for (size_t at = 0; at < part->layer_count && fits; at++) {
        uint32_t layer = part->layers[at];
        struct natural size = {.limbs = NULL};
        fits = natural_set_small(&size, counting->capacity->classes.layers[layer].size) &&
               (counting->stages[layer] != FACTOR_LATE || natural_multiply(number, &size));
        natural_finish(&size);
    }
    return fits;
}

/* Counts the choices of a part's late layers into one number. */
static enum factor_outcome count_number(struct capacity_counting *counting,
                                        const struct capacity_part *part,
                                        struct capacity_number *number)
{
    struct factor least;
    struct factor most;
    enum factor_outcome outcome = count_part(counting, part, false, &least, &most);
    size_t count = 0;
    bool fits = outcome == FACTOR_DONE;
    if (fits && most.values) {
        const uint64_t *limbs = capacity_part_cell(&most, 0, &count);
        fits = natural_set(&number->most, limbs, count);
    } else if (fits) {
        fits = set_product(counting, part, &number->most);
    }
    if (fits && least.values) {
        const uint64_t *limbs = capacity_part_cell(&least, 0, &count);
        fits = natural_set(&number->least, limbs, count);
    }
    factor_finish(&least);
    factor_finish(&most);
    return fits ? FACTOR_DONE : FACTOR_NO_MEMORY;
}

/* Sets every layer's stage by whether recipes must differ in it. */
static void set_stages(struct capacity_counting *counting)
{
    const struct collection *collection = counting->options->collection;
    for (size_t layer = 0; layer < collection->layer_count; layer++)
        counting->stages[layer] = collection->layers[layer].distinct ? FACTOR_LATE : FACTOR_EARLY;
}

/* Counts all recipes: the parts, and the layers that no rule is about. */
static enum factor_outcome count_recipes(struct capacity_counting *counting)
{
    struct capacity *capacity = counting->capacity;
    bool fits = number_set(&capacity->recipes, 1);
    set_stages(counting);
    for (size_t layer = 0; layer < capacity->classes.layer_count && fits; layer++) {
        struct capacity_number size = {.least = {.limbs = NULL}};
        if (capacity->reaches[layer].counted || counting->stages[layer] != FACTOR_LATE)
            continue;
        fits = number_set(&size, capacity->classes.layers[layer].size) &&
               number_multiply(&capacity->recipes, &size);
        capacity_number_finish(&size);
    }
    for (size_t part = 0; part < counting->part_count && fits; part++)
        fits = count_number(counting, &counting->parts[part], &counting->counts[part]) ==
                   FACTOR_DONE &&
               number_multiply(&capacity->recipes, &counting->counts[part]);
    return fits ? FACTOR_DONE : FACTOR_NO_MEMORY;
}

/* What the part adds to a unique group: its combinations, or only whether there is a recipe. */
static enum factor_outcome count_unique_part(struct capacity_counting *counting, size_t unique,
                                             size_t part, struct capacity_number *number)
{
    bool concerned = false;
    for (size_t at = 0; at < counting->parts[part].layer_count; at++)
        concerned |= counting->stages[counting->parts[part].layers[at]] == FACTOR_LATE;
    if (concerned) {
        struct capacity_part scoped;
        enum factor_outcome outcome =
            capacity_scope_part(counting, unique, &counting->parts[part], &scoped);
        if (outcome == FACTOR_DONE)
            outcome = count_number(counting, &scoped, number);
        memory_free(scoped.rules);
        return outcome;
    }
    const struct capacity_number *known = &counting->counts[part];
    return natural_set_small(&number->least, known->least.count > 0) &&
                   natural_set_small(&number->most, known->most.count > 0)
               ? FACTOR_DONE
               : FACTOR_NO_MEMORY;
}

static enum factor_outcome count_unique(struct capacity_counting *counting, size_t index,
                                        struct capacity_unique *counted)
{
    const struct rule_unique *unique = &counting->rules->uniques[index];
    struct capacity *capacity = counting->capacity;
    *counted = (struct capacity_unique){
        .text = arena_text(&capacity->arena, unique->text, strlen(unique->text)),
        .partial = capacity_scope_is_partial(counting, index)};
    memset(counting->stages, FACTOR_EARLY, capacity->classes.layer_count);
    bool fits = counted->text && number_set(&counted->combinations, 1);
    for (size_t at = 0; at < unique->layer_count && fits; at++) {
        uint32_t layer = unique->layers[at];
        struct capacity_number size = {.least = {.limbs = NULL}};
        if (counting->stages[layer] == FACTOR_LATE)
            continue;
        counting->stages[layer] = FACTOR_LATE;
        if (!capacity->reaches[layer].counted)
            fits = number_set(&size, capacity->classes.layers[layer].size) &&
                   number_multiply(&counted->combinations, &size);
        capacity_number_finish(&size);
    }
    for (size_t part = 0; part < counting->part_count && fits; part++) {
        struct capacity_number number = {.least = {.limbs = NULL}};
        fits = count_unique_part(counting, index, part, &number) == FACTOR_DONE &&
               number_multiply(&counted->combinations, &number);
        capacity_number_finish(&number);
    }
    return fits ? FACTOR_DONE : FACTOR_NO_MEMORY;
}

static enum factor_outcome count_uniques(struct capacity_counting *counting)
{
    struct capacity *capacity = counting->capacity;
    const struct rules *rules = counting->rules;
    capacity->uniques =
        arena_allocate(&capacity->arena, rules->unique_count + 1, sizeof *capacity->uniques);
    enum factor_outcome outcome = capacity->uniques ? FACTOR_DONE : FACTOR_NO_MEMORY;
    for (size_t index = 0; index < rules->unique_count && outcome == FACTOR_DONE; index++) {
        capacity->unique_count++;
        outcome = count_unique(counting, index, &capacity->uniques[index]);
    }
    set_stages(counting);
    return outcome;
}

/* Finds how many recipes have each class of a part's layers. */
static enum factor_outcome reach_part(struct capacity_counting *counting, size_t part)
{
    struct capacity *capacity = counting->capacity;
    bool dense = !capacity_number_is_exact(&counting->counts[part]);
    enum factor_outcome outcome = FACTOR_DONE;
    for (size_t at = 0; at < counting->parts[part].layer_count && outcome == FACTOR_DONE; at++) {
        uint32_t layer = counting->parts[part].layers[at];
        struct capacity_reach *reach = &capacity->reaches[layer];
        unsigned char stage = counting->stages[layer];
        reach->rest = part;
        counting->stages[layer] = FACTOR_KEEP;
        outcome = count_part(counting, &counting->parts[part], dense, &reach->least, &reach->most);
        counting->stages[layer] = stage;
    }
    return outcome;
}

/* Multiplies what the parts other than each one, and the free layers, allow. */
static enum factor_outcome find_rests(struct capacity_counting *counting)
{
    struct capacity *capacity = counting->capacity;
    struct capacity_number open = {.least = {.limbs = NULL}};
    capacity->rests =
        arena_allocate(&capacity->arena, counting->part_count + 1, sizeof *capacity->rests);
    bool fits = capacity->rests && number_set(&open, 1);
    for (size_t layer = 0; layer < capacity->classes.layer_count && fits; layer++) {
        struct capacity_number size = {.least = {.limbs = NULL}};
        if (!capacity->reaches[layer].counted && counting->stages[layer] == FACTOR_LATE)
            fits = number_set(&size, capacity->classes.layers[layer].size) &&
                   number_multiply(&open, &size);
        capacity_number_finish(&size);
    }
    for (size_t part = 0; part < counting->part_count && fits; part++) {
        struct capacity_number *rest = &capacity->rests[capacity->rest_count++].recipes;
        fits = number_copy(rest, &open);
        for (size_t other = 0; other < counting->part_count && fits; other++)
            fits = other == part || number_multiply(rest, &counting->counts[other]);
    }
    capacity_number_finish(&open);
    return fits ? FACTOR_DONE : FACTOR_NO_MEMORY;
}

/* Whether the count needs no looking: a layer without traits, or a rule about nothing. */
static bool is_hopeless(struct capacity_counting *counting)
{
    struct capacity *capacity = counting->capacity;
    for (size_t layer = 0; layer < capacity->classes.layer_count; layer++) {
        if (capacity->classes.layers[layer].class_count == 0)
            return true;
    }
    for (size_t index = 0; index < counting->rules->rule_count; index++) {
        const struct rule *rule = &counting->rules->rules[index];
        if (rule->condition_count == 0 && rule->literal_count == 0 && rule->at_least > 0)
            return true;
    }
    return false;
}

static enum factor_outcome begin(struct capacity_counting *counting)
{
    struct capacity *capacity = counting->capacity;
    const struct collection *collection = counting->options->collection;
    size_t layers = collection->layer_count;
    capacity->reaches = arena_allocate(&capacity->arena, layers + 1, sizeof *capacity->reaches);
    counting->stages = memory_allocate(layers, 1);
    counting->map.variables = memory_allocate(layers, sizeof *counting->map.variables);
    counting->map.degrees = memory_allocate(layers, sizeof *counting->map.degrees);
    counting->map.values =
        memory_allocate(capacity->classes.class_count, sizeof *counting->map.values);
    size_t rules = counting->rules->rule_count + counting->scoped.rule_count;
    counting->left_out = memory_allocate_zeroed(rules, sizeof *counting->left_out);
    if (!capacity->reaches || !counting->stages || !counting->map.variables ||
        !counting->map.degrees || !counting->map.values || !counting->left_out ||
        capacity_split(counting) != FACTOR_DONE)
        return FACTOR_NO_MEMORY;
    for (size_t part = 0; part < counting->part_count; part++) {
        for (size_t at = 0; at < counting->parts[part].layer_count; at++)
            capacity->reaches[counting->parts[part].layers[at]].counted = true;
    }
    for (size_t layer = 0; layer < layers; layer++)
        capacity->reaches[layer].differs = collection->layers[layer].distinct;
    return FACTOR_DONE;
}

static enum factor_outcome count_all(struct capacity_counting *counting)
{
    enum factor_outcome outcome = begin(counting);
    if (outcome != FACTOR_DONE || is_hopeless(counting))
        return outcome;
    outcome = count_recipes(counting);
    if (outcome == FACTOR_DONE)
        outcome = count_uniques(counting);
    if (outcome != FACTOR_DONE)
        return outcome;
    if (counting->options->without_traits)
        return counting->capacity->recipes.most.count == 0 ? capacity_blame(counting) : FACTOR_DONE;
    outcome = capacity_weigh(counting);
    if (outcome == FACTOR_DONE)
        outcome = capacity_find_effective(counting);
    for (size_t part = 0; part < counting->part_count && outcome != FACTOR_NO_MEMORY; part++)
        outcome = reach_part(counting, part);
    if (outcome != FACTOR_NO_MEMORY)
        outcome = find_rests(counting);
    return outcome == FACTOR_NO_MEMORY ? outcome : capacity_blame(counting);
}

enum sgr_status capacity_init(struct capacity *capacity, const struct capacity_options *options,
                              struct sgr_error *error)
{
    static const struct rules none;
    struct capacity_counting counting = {
        .capacity = capacity,
        .options = options,
        .rules = options->rules ? options->rules : &none,
        .cells_max = options->cells_max ? options->cells_max : FACTOR_GRAPH_CELLS_MAX,
        .work = options->work_max ? options->work_max : CAPACITY_WORK,
    };
    *capacity = (struct capacity){.repeats = !plan_counts_must_differ(options->collection) ||
                                             capacity_scope_repeats(options->collection),
                                  .singles = capacity_scope_singles(options->collection)};
    enum sgr_status status = capacity_scope_make(&counting) == FACTOR_DONE
                                 ? SGR_OK
                                 : error_no_memory(error, "the capacity");
    const struct rules *rules = counting.scoped.rules ? &counting.scoped : options->rules;
    if (status == SGR_OK)
        status = rule_classes_init(&capacity->classes, options->collection, rules, error);
    if (status == SGR_OK && count_all(&counting) == FACTOR_NO_MEMORY)
        status = error_no_memory(error, "the capacity");
    for (size_t part = 0; part < counting.part_count; part++)
        capacity_number_finish(&counting.counts[part]);
    memory_free(counting.counts);
    memory_free(counting.stages);
    memory_free(counting.map.variables);
    memory_free(counting.map.degrees);
    memory_free(counting.map.values);
    memory_free(counting.left_out);
    memory_free(counting.scoped.rules);
    if (status != SGR_OK)
        capacity_finish(capacity);
    return status;
}

void capacity_finish(struct capacity *capacity)
{
    for (size_t layer = 0; layer < capacity->classes.layer_count && capacity->reaches; layer++) {
        factor_finish(&capacity->reaches[layer].least);
        factor_finish(&capacity->reaches[layer].most);
    }
    for (size_t index = 0; index < capacity->unique_count; index++)
        capacity_number_finish(&capacity->uniques[index].combinations);
    for (size_t index = 0; index < capacity->rest_count; index++)
        capacity_number_finish(&capacity->rests[index].recipes);
    capacity_number_finish(&capacity->recipes);
    natural_finish(&capacity->effective_thousandths);
    rule_classes_finish(&capacity->classes);
    arena_finish(&capacity->arena);
    *capacity = (struct capacity){.recipes = {.least = {.limbs = NULL}}};
}

/* Multiplies one bound of a class with that of the rest. */
static bool set_bound(const struct factor *factor, uint32_t class, const struct natural *rest,
                      struct natural *bound)
{
    size_t count = 0;
    const uint64_t *limbs = capacity_part_cell(factor, class, &count);
    return natural_set(bound, limbs, count) && natural_multiply(bound, rest);
}

/* A layer that no rule is about gives all its traits the same share. */
static bool set_share(const struct capacity *capacity, size_t layer, struct capacity_number *number)
{
    struct natural size = {.limbs = NULL};
    bool fits = number_copy(number, &capacity->recipes);
    if (fits && capacity->reaches[layer].differs)
        fits = natural_set_small(&size, capacity->classes.layers[layer].size) &&
               natural_divide(&number->least, &size) && natural_divide(&number->most, &size);
    natural_finish(&size);
    return fits;
}

bool capacity_trait(const struct capacity *capacity, size_t layer, size_t trait,
                    struct capacity_number *number)
{
    const struct capacity_reach *reach = &capacity->reaches[layer];
    uint32_t class = capacity->classes.layers[layer].of_traits[trait];
    if (class == RULE_CLASSES_NONE || capacity->recipes.most.count == 0)
        return number_set(number, 0);
    if (!reach->counted)
        return set_share(capacity, layer, number);
    if (!number_copy(number, &capacity->recipes) || !natural_set_small(&number->least, 0))
        return false;
    if (!reach->most.values)
        return true;
    const struct capacity_number *rest = &capacity->rests[reach->rest].recipes;
    return set_bound(&reach->most, class, &rest->most, &number->most) &&
           (!reach->least.values || set_bound(&reach->least, class, &rest->least, &number->least));
}

enum sgr_status capacity_combinations(const struct collection *collection,
                                      const struct rules *rules, uint64_t *out_most,
                                      struct sgr_error *error)
{
    struct capacity capacity;
    const struct capacity_options options = {
        .collection = collection, .rules = rules, .without_traits = true};
    enum sgr_status status = capacity_init(&capacity, &options, error);
    if (status != SGR_OK)
        return status;
    *out_most = capacity_items_max(&capacity);
    capacity_finish(&capacity);
    return SGR_OK;
}

uint64_t capacity_items_max(const struct capacity *capacity)
{
    uint64_t most = capacity->repeats && capacity->recipes.most.count > 0
                        ? UINT64_MAX
                        : natural_saturated(&capacity->recipes.most);
    for (size_t index = 0; index < capacity->unique_count; index++) {
        uint64_t unique = natural_saturated(&capacity->uniques[index].combinations.most);
        most = unique < most && !capacity->uniques[index].partial ? unique : most;
    }
    return most > UINT64_MAX - capacity->singles ? UINT64_MAX : most + capacity->singles;
}
