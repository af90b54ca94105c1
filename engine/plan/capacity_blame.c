/*
 * Which rules are to blame: all of them at first; then blocks of them are spared, large ones before
 * small ones, wherever what they forbid stays impossible without them.
 */
#include "plan/capacity_state.h"

#include "base/memory.h"

#include <string.h>

enum { BLAMED_MAX = 64 };

/* Something impossible in a part: any recipe, or one with a class of the layer that is kept. */
struct impossible {
    struct capacity_counting *counting;
    const struct capacity_part *part;
    uint32_t class;
};

/* Whether it is still impossible without the rules left out. */
static enum factor_outcome try_without(const struct impossible *impossible, bool *out_impossible)
{
    struct capacity_request request =
        capacity_request_of(impossible->counting, impossible->part, CAPACITY_COUNT);
    struct factor most;
    size_t count = 0;
    request.left_out = impossible->counting->left_out;
    enum factor_outcome outcome = capacity_settle_count(&request, &most);
    if (outcome != FACTOR_DONE)
        return outcome;
    (void)capacity_part_cell(&most, impossible->class, &count);
    *out_impossible = count == 0;
    factor_finish(&most);
    return FACTOR_DONE;
}

static void leave_out(const struct impossible *impossible, size_t first, size_t end, bool *spared,
                      bool out)
{
    for (size_t at = first; at < end; at++) {
        if (!spared[at])
            impossible->counting->left_out[impossible->part->rules[at]] = out;
    }
}

/* Spares what can be; FACTOR_TOO_MUCH when there was no time for all. */
static enum factor_outcome spare(const struct impossible *impossible, bool *spared)
{
    size_t count = impossible->part->rule_count;
    size_t block = 1;
    while (block < count)
        block *= 2;
    for (; block > 0; block /= 2) {
        for (size_t first = 0; first < count; first += block) {
            size_t end = first + block < count ? first + block : count;
            bool still = false;
            leave_out(impossible, first, end, spared, true);
            enum factor_outcome outcome = try_without(impossible, &still);
            if (outcome != FACTOR_DONE)
                return outcome;
            if (still)
                memset(spared + first, true, end - first);
            else
                leave_out(impossible, first, end, spared, false);
        }
    }
    return FACTOR_DONE;
}

/* Finds the rules that cannot be spared; none when there was no time. */
static enum factor_outcome find_rules(const struct impossible *impossible,
                                      const char *const **out_rules, size_t *out_count)
{
    struct capacity_counting *counting = impossible->counting;
    const struct capacity_part *part = impossible->part;
    const char *texts[BLAMED_MAX];
    size_t count = 0;
    bool *spared = memory_allocate_zeroed(part->rule_count, sizeof *spared);
    if (!spared)
        return FACTOR_NO_MEMORY;
    enum factor_outcome outcome = spare(impossible, spared);
    for (size_t at = 0; at < part->rule_count; at++) {
        counting->left_out[part->rules[at]] = false;
        if (outcome == FACTOR_DONE && !spared[at] && count < BLAMED_MAX)
            texts[count++] = counting->rules->rules[part->rules[at]].text;
    }
    memory_free(spared);
    const char **kept = arena_allocate(&counting->capacity->arena, count + 1, sizeof *kept);
    if (!kept || outcome == FACTOR_NO_MEMORY)
        return FACTOR_NO_MEMORY;
    for (size_t at = 0; at < count; at++) {
        kept[at] = arena_text(&counting->capacity->arena, texts[at], strlen(texts[at]));
        if (!kept[at])
            return FACTOR_NO_MEMORY;
    }
    *out_rules = kept;
    *out_count = count;
    return FACTOR_DONE;
}

/* One part without recipes tells why there are none at all. */
static enum factor_outcome blame_conflict(struct capacity_counting *counting)
{
    struct capacity *capacity = counting->capacity;
    memset(counting->stages, FACTOR_EARLY, capacity->classes.layer_count);
    for (size_t part = 0; part < counting->part_count; part++) {
        if (counting->counts[part].most.count > 0)
            continue;
        const struct impossible impossible = {counting, &counting->parts[part], 0};
        return find_rules(&impossible, &capacity->conflict, &capacity->conflict_count);
    }
    return FACTOR_DONE;
}

/* Looks for what bars one class, or takes it from a trait of the same class. */
static enum factor_outcome bar(struct capacity_counting *counting, const struct capacity_part *part,
                               struct capacity_barred *barred)
{
    struct capacity *capacity = counting->capacity;
    const uint32_t *classes = capacity->classes.layers[barred->layer].of_traits;
    const struct impossible impossible = {counting, part, classes[barred->trait]};
    for (const struct capacity_barred *other = capacity->barred; other < barred; other++) {
        if (other->layer != barred->layer || classes[other->trait] != impossible.class)
            continue;
        barred->rules = other->rules;
        barred->rule_count = other->rule_count;
        return FACTOR_DONE;
    }
    memset(counting->stages, FACTOR_EARLY, capacity->classes.layer_count);
    counting->stages[barred->layer] = FACTOR_KEEP;
    return find_rules(&impossible, &barred->rules, &barred->rule_count);
}

static enum factor_outcome blame_layer(struct capacity_counting *counting,
                                       const struct capacity_part *part, uint32_t layer)
{
    struct capacity *capacity = counting->capacity;
    const struct capacity_reach *reach = &capacity->reaches[layer];
    enum factor_outcome outcome = FACTOR_DONE;
    size_t trait_count = counting->options->collection->layers[layer].trait_count;
    for (uint32_t trait = 0; trait < trait_count && outcome == FACTOR_DONE; trait++) {
        size_t count = 0;
        uint32_t class = capacity->classes.layers[layer].of_traits[trait];
        /* What only one-of-one items lack is absent nowhere else, and nobody asked for it. */
        bool lacked = counting->options->collection->layers[layer].traits[trait].lacked;
        if (class == RULE_CLASSES_NONE || !reach->most.values || lacked)
            continue;
        (void)capacity_part_cell(&reach->most, class, &count);
        if (count > 0)
            continue;
        capacity->barred_total++;
        if (capacity->barred_count == CAPACITY_BARRED_MAX)
            continue;
        struct capacity_barred *barred = &capacity->barred[capacity->barred_count++];
        *barred = (struct capacity_barred){.layer = layer, .trait = trait};
        outcome = bar(counting, part, barred);
    }
    return outcome;
}

enum factor_outcome capacity_blame(struct capacity_counting *counting)
{
    struct capacity *capacity = counting->capacity;
    capacity->barred =
        arena_allocate(&capacity->arena, CAPACITY_BARRED_MAX, sizeof *capacity->barred);
    enum factor_outcome outcome = capacity->barred ? FACTOR_DONE : FACTOR_NO_MEMORY;
    if (outcome == FACTOR_DONE && capacity->recipes.most.count == 0)
        return blame_conflict(counting);
    for (size_t index = 0; index < counting->part_count && outcome == FACTOR_DONE; index++) {
        const struct capacity_part *part = &counting->parts[index];
        for (size_t at = 0; at < part->layer_count && outcome == FACTOR_DONE; at++)
            outcome = blame_layer(counting, part, part->layers[at]);
    }
    return outcome;
}
