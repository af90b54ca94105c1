/* Nearly every word fits one trait and is settled at once; the rest is searched, depth first. */
#include "collection/recipe_match.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum sgr_status recipe_match_init(struct recipe_match *match, struct recipe_names *names,
                                  struct sgr_error *error)
{
    size_t layers = names->collection->layer_count;
    *match = (struct recipe_match){.names = names};
    match->traits = memory_allocate_zeroed(layers + 1, sizeof *match->traits);
    match->taken = memory_allocate_zeroed(layers + 1, sizeof *match->taken);
    match->found = memory_allocate_zeroed(2 * layers + 1, sizeof *match->found);
    if (match->traits && match->taken && match->found)
        return SGR_OK;
    recipe_match_finish(match);
    return error_no_memory(error, "the recipes");
}

void recipe_match_finish(struct recipe_match *match)
{
    memory_free(match->traits);
    memory_free(match->taken);
    memory_free(match->found);
    memory_free(match->places);
    *match = (struct recipe_match){.names = NULL};
}

void recipe_match_begin(struct recipe_match *match)
{
    memset(match->taken, 0, match->names->collection->layer_count);
    match->open_count = 0;
    match->place_count = 0;
}

static const struct collection_layer *layer_at(const struct recipe_match *match, size_t layer)
{
    return &match->names->collection->layers[layer];
}

static const char *trait_name(const struct recipe_match *match, struct recipe_name_place place)
{
    return layer_at(match, place.layer)->traits[place.trait].name;
}

/* Gathers the places that a word fits behind the others. */
static enum sgr_status gather(struct recipe_match *match, const struct recipe_name_list *layers,
                              const char *text, bool values_first, struct sgr_error *error)
{
    for (size_t index = 0; index < layers->count; index++) {
        struct recipe_name_list fits;
        struct recipe_name_place *grown = NULL;
        if (recipe_names_traits(match->names, layers->places[index].layer, text, values_first,
                                &fits))
            grown = memory_grow(match->places, &match->place_capacity,
                                match->place_count + fits.count + 1, sizeof *grown);
        if (!grown)
            return error_no_memory(error, "the recipes");
        match->places = grown;
        if (fits.count)
            memcpy(grown + match->place_count, fits.places, fits.count * sizeof *grown);
        match->place_count += fits.count;
    }
    return SGR_OK;
}

static enum sgr_status refuse_twice(const struct recipe_match *match, size_t layer,
                                    struct sgr_error *error)
{
    return error_set(error, SGR_INPUT,
                     "layer %s is named twice; an item has one trait of each layer",
                     layer_at(match, layer)->name);
}

/* Says that a layer has no trait. */
static enum sgr_status add_none(struct recipe_match *match, const struct recipe_name_list *layers,
                                struct sgr_error *error)
{
    for (size_t index = 0; index < layers->count; index++) {
        uint16_t layer = layers->places[index].layer;
        uint32_t absent = match->names->absents[layer];
        if (match->taken[layer] || (absent == RECIPE_NAMES_NO_TRAIT && index + 1 < layers->count))
            continue;
        if (absent == RECIPE_NAMES_NO_TRAIT)
            return error_set(error, SGR_INPUT,
                             "layer %s has no absent trait; give it \"optional\" in "
                             "collection.json, or name one of its traits",
                             layer_at(match, layer)->name);
        match->traits[layer] = (uint16_t)absent;
        match->taken[layer] = true;
        return SGR_OK;
    }
    return refuse_twice(match, layers->places[0].layer, error);
}

/* Whether an open word fits the same traits as the word before it. */
static bool is_repeated(const struct recipe_match *match, size_t first, size_t count)
{
    if (match->open_count == 0)
        return false;
    const struct recipe_match_word *last = &match->open[match->open_count - 1];
    return last->count == count && memcmp(match->places + last->first, match->places + first,
                                          count * sizeof *match->places) == 0;
}

enum sgr_status recipe_match_add(struct recipe_match *match, const struct recipe_name_list *layers,
                                 const char *text, bool values_first, struct sgr_error *error)
{
    size_t first = match->place_count;
    enum sgr_status status = gather(match, layers, text, values_first, error);
    if (status != SGR_OK)
        return status;
    size_t count = match->place_count - first;
    if (count == 0 && recipe_names_is_none(text))
        return add_none(match, layers, error);
    if (count == 0)
        return recipe_names_unknown_trait(match->names, layers->places[0].layer, text, error);
    struct recipe_name_place place = match->places[first];
    if (count == 1) {
        match->place_count = first;
        if (match->taken[place.layer])
            return refuse_twice(match, place.layer, error);
        match->traits[place.layer] = place.trait;
        match->taken[place.layer] = true;
        return SGR_OK;
    }
    if (match->open_count == RECIPE_MATCH_OPEN_MAX)
        return error_set(error, SGR_INPUT,
                         "more than %d traits may mean several; give traits values that differ",
                         RECIPE_MATCH_OPEN_MAX);
    bool repeats = is_repeated(match, first, count);
    match->open[match->open_count++] =
        (struct recipe_match_word){first, count, trait_name(match, place), repeats};
    return SGR_OK;
}

/* The ways to read an item that were found: those that could be drawn, and all. */
struct ways {
    size_t likely;
    size_t all;
};

/* Whether items that could have a layer may be without it. */
static bool is_optional(const struct collection_layer *layer)
{
    bool optional = false;
    for (size_t index = 0; index < layer->trait_count; index++) {
        const struct collection_trait *trait = &layer->traits[index];
        optional |= trait->none && (trait->weight > 0 || trait->count_fixed || trait->min > 0);
    }
    return optional;
}

/* Whether the item has the layers that a stack asks for, and no others. */
static bool fits_stack(const struct recipe_match *match, const struct collection_stack *stack)
{
    size_t layers = match->names->collection->layer_count - 1;
    for (size_t index = 0; index < layers; index++) {
        const struct collection_layer *layer = layer_at(match, index);
        bool absent = layer->traits[match->traits[index]].none;
        bool has = collection_stack_has(stack, index);
        if (absent ? has && !is_optional(layer) : !has)
            return false;
    }
    return true;
}

/* The first two groups, or one-of-one items, whose stacks fit; how many of the two there are. */
static size_t find_groups(const struct recipe_match *match, uint16_t *out_groups)
{
    const struct collection *collection = match->names->collection;
    size_t count = collection->layers[collection->layer_count - 1].trait_count;
    size_t found = 0;
    for (size_t group = 0; group < count && found < 2; group++) {
        if (fits_stack(match, &collection->stacks[group]))
            out_groups[found++] = (uint16_t)group;
    }
    return found;
}

/* Whether the other layers tell the trait of this one: groups, while their stacks are known. */
static bool is_told_by_others(const struct recipe_match *match, size_t layer)
{
    const struct collection *collection = match->names->collection;
    return collection->stacks && layer == collection_group_layer(collection);
}

/*
 * Gives the layers that no word names their absent trait, and the group layer, which is the last,
 * the one group that fits; the first layer without, or SIZE_MAX.
 */
static size_t fill_absent(struct recipe_match *match)
{
    for (size_t layer = 0; layer < match->names->collection->layer_count; layer++) {
        uint16_t groups[2];
        if (match->taken[layer])
            continue;
        if (match->names->absents[layer] != RECIPE_NAMES_NO_TRAIT)
            match->traits[layer] = (uint16_t)match->names->absents[layer];
        else if (is_told_by_others(match, layer) && find_groups(match, groups) == 1)
            match->traits[layer] = groups[0];
        else
            return layer;
    }
    return SIZE_MAX;
}

/* Whether the planner could have drawn the item's open words. */
static bool is_likely(const struct recipe_match *match, const size_t *choices)
{
    for (size_t word = 0; word < match->open_count; word++) {
        struct recipe_name_place place = match->places[match->open[word].first + choices[word]];
        const struct collection_trait *trait = &layer_at(match, place.layer)->traits[place.trait];
        if (trait->count_fixed ? trait->count == 0 : trait->weight == 0 && trait->min == 0)
            return false;
    }
    return rules_broken(&match->names->collection->rules, match->traits) == RULES_NONE;
}

/* Keeps the first two ways, likely ones before others. */
static void note_way(struct recipe_match *match, const size_t *choices, struct ways *ways)
{
    size_t layers = match->names->collection->layer_count;
    bool likely = is_likely(match, choices);
    size_t place = likely ? ways->likely : ways->all;
    if (likely)
        ways->likely++;
    ways->all++;
    if (place < 2 && (likely || ways->likely == 0))
        memcpy(match->found + place * layers, match->traits, layers * sizeof *match->traits);
}

/* Whether a word may take a place: its layer is free, and equal words take theirs in order. */
static bool may_take(const struct recipe_match *match, const size_t *choices, size_t word)
{
    struct recipe_name_place place = match->places[match->open[word].first + choices[word]];
    bool ordered = !match->open[word].repeats || choices[word] > choices[word - 1];
    return ordered && !match->taken[place.layer];
}

/* Tries the places of all open words; false when there were too many steps. */
static bool search(struct recipe_match *match, struct ways *ways)
{
    size_t choices[RECIPE_MATCH_OPEN_MAX] = {0};
    size_t word = 0;
    for (size_t step = 0; step < RECIPE_MATCH_STEPS_MAX; step++) {
        if (word == match->open_count) {
            if (fill_absent(match) == SIZE_MAX)
                note_way(match, choices, ways);
        } else if (choices[word] < match->open[word].count) {
            struct recipe_name_place place = match->places[match->open[word].first + choices[word]];
            if (!may_take(match, choices, word)) {
                choices[word]++;
                continue;
            }
            match->taken[place.layer] = true;
            match->traits[place.layer] = place.trait;
            if (++word < match->open_count)
                choices[word] = 0;
            continue;
        }
        if (word-- == 0)
            return true;
        match->taken[match->places[match->open[word].first + choices[word]].layer] = false;
        choices[word]++;
    }
    return false;
}

/* Names the first layer in which the two ways that were found differ. */
static enum sgr_status refuse_ambiguous(const struct recipe_match *match, struct sgr_error *error)
{
    size_t layers = match->names->collection->layer_count;
    const uint16_t *found = match->found;
    size_t layer = 0;
    while (layer + 1 < layers && found[layer] == found[layers + layer])
        layer++;
    const struct collection_layer *from = layer_at(match, layer);
    return error_set(error, SGR_INPUT,
                     "this may mean %s/%s or %s/%s; give traits values that differ, or name them "
                     "in a CSV",
                     from->name, from->traits[found[layer]].name, from->name,
                     from->traits[found[layers + layer]].name);
}

static enum sgr_status refuse_group(const struct recipe_match *match, size_t layer,
                                    struct sgr_error *error)
{
    const struct collection_layer *from = layer_at(match, layer);
    uint16_t groups[2];
    if (find_groups(match, groups) == 0)
        return error_set(error, SGR_INPUT,
                         "no group draws just these layers; name others, or one of the groups as "
                         "layer %s",
                         from->name);
    return error_set(error, SGR_INPUT,
                     "this may be an item of %s/%s or %s/%s; name one of the groups as layer %s",
                     from->name, from->traits[groups[0]].name, from->name,
                     from->traits[groups[1]].name, from->name);
}

static enum sgr_status refuse_missing(const struct recipe_match *match, size_t layer,
                                      struct sgr_error *error)
{
    if (is_told_by_others(match, layer))
        return refuse_group(match, layer, error);
    return error_set(error, SGR_INPUT,
                     "no trait of layer %s is named, and it has no absent trait; name one, or give "
                     "the layer \"optional\" in collection.json",
                     layer_at(match, layer)->name);
}

/* Whether an open word may mean a trait of the layer. */
static bool may_be_named(const struct recipe_match *match, size_t layer)
{
    for (size_t place = 0; place < match->place_count; place++) {
        if (match->places[place].layer == layer)
            return true;
    }
    return false;
}

size_t recipe_match_missing(const struct recipe_match *match)
{
    for (size_t layer = 0; layer < match->names->collection->layer_count; layer++) {
        if (!match->taken[layer] && match->names->absents[layer] == RECIPE_NAMES_NO_TRAIT &&
            !may_be_named(match, layer) && !is_told_by_others(match, layer))
            return layer;
    }
    return SIZE_MAX;
}

enum sgr_status recipe_match_settle(struct recipe_match *match, struct sgr_error *error)
{
    size_t layers = match->names->collection->layer_count;
    size_t missing = match->open_count ? recipe_match_missing(match) : fill_absent(match);
    if (missing != SIZE_MAX)
        return refuse_missing(match, missing, error);
    if (match->open_count == 0)
        return SGR_OK;
    struct ways ways = {0, 0};
    bool finished = search(match, &ways);
    bool is_one = ways.likely == 1 || (ways.likely == 0 && ways.all == 1);
    if (!finished)
        return error_set(error, SGR_INPUT,
                         "\"%s\" and others may mean too many traits; give traits values that "
                         "differ, or name them in a CSV",
                         match->open[0].text);
    if (is_one) {
        memcpy(match->traits, match->found, layers * sizeof *match->traits);
        return SGR_OK;
    }
    if (ways.all)
        return refuse_ambiguous(match, error);
    return error_set(error, SGR_INPUT,
                     "there is no way to give every layer one trait: \"%s\" and what else is named "
                     "leave a layer with two or with none",
                     match->open[0].text);
}
