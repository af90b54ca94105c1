/*
 * Bands with few different strips come first: the layers that decide them split the items into few
 * groups, and within a group those strips are all the same. The bands with the most strips hardly
 * share any, so it does not matter that they are met last. Which layer decides a band is seen from
 * pairs of items that are alike in all layers chosen so far: how much more often they have the
 * same strip when they are alike in this layer as well. Pairs, unlike counts of groups, do not
 * deceive when a sample is small.
 */
#include "pipeline/schedule_layers.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

enum { SAMPLE_MAX = 1024, BANDS_MAX = 64, NUMBERS_BITS = 11, NUMBERS = 1 << NUMBERS_BITS };

/* A band whose strips are the same in so many of the pairs is decided. */
#define SAME_ENOUGH 0.98

/* A layer that makes less of a difference does not decide a band. */
#define GAIN_MIN 0.005

/* Gives equal pairs of values one number, from 0, and counts them. */
struct numbering {
    uint64_t pairs[NUMBERS];
    uint32_t numbers[NUMBERS];
    uint32_t stamps[NUMBERS]; /* entries of an older turn are free */
    uint32_t turn;
    uint32_t count;
    uint32_t members[SAMPLE_MAX];
};

struct sample {
    uint32_t items;
    size_t bands;
    size_t layers;
    uint32_t *strips;       /* [band * SAMPLE_MAX + item], numbered for each band */
    uint32_t *traits;       /* [layer * SAMPLE_MAX + item] */
    uint32_t *strip_counts; /* [band] */
    uint32_t groups[SAMPLE_MAX];
    uint32_t finer[SAMPLE_MAX];
    struct numbering numbering;
};

static void number_begin(struct numbering *numbering)
{
    numbering->turn++;
    numbering->count = 0;
}

static uint32_t number_of(struct numbering *numbering, uint64_t pair)
{
    size_t place = (size_t)(pair * 0x9e3779b97f4a7c15u >> (64 - NUMBERS_BITS));
    while (numbering->stamps[place] == numbering->turn && numbering->pairs[place] != pair)
        place = (place + 1) % NUMBERS;
    if (numbering->stamps[place] != numbering->turn) {
        numbering->stamps[place] = numbering->turn;
        numbering->pairs[place] = pair;
        numbering->numbers[place] = numbering->count;
        numbering->members[numbering->count++] = 0;
    }
    uint32_t number = numbering->numbers[place];
    numbering->members[number]++;
    return number;
}

/* Numbers the items by group and value; how many ordered pairs of items are alike in both. */
static double number_pairs(struct sample *sample, const uint32_t *groups, const uint32_t *values,
                           uint32_t *out_numbers)
{
    struct numbering *numbering = &sample->numbering;
    number_begin(numbering);
    for (uint32_t item = 0; item < sample->items; item++) {
        uint32_t number = number_of(numbering, (uint64_t)groups[item] << 32 | values[item]);
        if (out_numbers)
            out_numbers[item] = number;
    }
    double alike = 0;
    for (uint32_t number = 0; number < numbering->count; number++)
        alike += (double)numbering->members[number] * (numbering->members[number] - 1);
    return alike;
}

/* Takes the strips and traits of items that are spread over the plan. */
static enum sgr_status take_sample(const struct schedule_source *source, struct sample *sample,
                                   struct hash128 *keys, struct sgr_error *error)
{
    struct schedule_scratch scratch = {.parts = NULL};
    enum sgr_status status = SGR_OK;
    uint64_t count = plan_count(source->plan);
    for (uint32_t item = 0; item < sample->items && status == SGR_OK; item++) {
        struct plan_item planned;
        /* Below SAMPLE_MAX * COLLECTION_COUNT_MAX, which a product of 64 bits holds. */
        status = plan_read(source->plan, item * count / sample->items, &planned, error);
        if (status == SGR_OK)
            status = schedule_keys(source, &scratch, &planned, keys, error);
        for (size_t layer = 0; status == SGR_OK && layer < sample->layers; layer++)
            sample->traits[layer * SAMPLE_MAX + item] = planned.traits[layer];
        for (size_t band = 0; status == SGR_OK && band < sample->bands; band++)
            sample->strips[band * SAMPLE_MAX + item] =
                (uint32_t)(keys[band * source->band_count / sample->bands].low >> 32);
    }
    schedule_scratch_finish(&scratch);
    for (size_t band = 0; status == SGR_OK && band < sample->bands; band++) {
        uint32_t *strips = sample->strips + band * SAMPLE_MAX;
        (void)number_pairs(sample, sample->groups, strips, strips);
        sample->strip_counts[band] = sample->numbering.count;
    }
    return status;
}

/* The layer that decides most of a band, for what it splits; layer_count when none does. */
static size_t find_layer(struct sample *sample, const uint32_t *strips, double pairs, double alike,
                         const uint8_t *chosen)
{
    size_t best = sample->layers;
    double best_ratio = 0;
    for (size_t layer = 0; layer < sample->layers; layer++) {
        if (chosen[layer])
            continue;
        const uint32_t *traits = sample->traits + layer * SAMPLE_MAX;
        double kept = number_pairs(sample, sample->groups, traits, sample->finer);
        if (kept == 0 || kept == pairs)
            continue;
        double gain = number_pairs(sample, sample->finer, strips, NULL) / kept - alike / pairs;
        double ratio = gain / (1 - kept / pairs);
        if (gain >= GAIN_MIN && ratio > best_ratio) {
            best_ratio = ratio;
            best = layer;
        }
    }
    return best;
}

/* Chooses layers until a band's strip follows from them, or too few pairs are left to tell. */
static size_t settle_band(struct sample *sample, size_t band, uint8_t *chosen, uint16_t *layers,
                          size_t count)
{
    const uint32_t *strips = sample->strips + band * SAMPLE_MAX;
    for (;;) {
        double pairs = number_pairs(sample, sample->groups, sample->groups, NULL);
        double alike = number_pairs(sample, sample->groups, strips, NULL);
        if (pairs < sample->items || alike >= SAME_ENOUGH * pairs)
            return count;
        size_t layer = find_layer(sample, strips, pairs, alike, chosen);
        if (layer == sample->layers)
            return count;
        chosen[layer] = 1;
        layers[count++] = (uint16_t)layer;
        (void)number_pairs(sample, sample->groups, sample->traits + layer * SAMPLE_MAX,
                           sample->groups);
    }
}

/* The band with the fewest strips that is not settled yet. */
static size_t next_band(const struct sample *sample)
{
    size_t best = 0;
    for (size_t band = 1; band < sample->bands; band++) {
        if (sample->strip_counts[band] < sample->strip_counts[best])
            best = band;
    }
    return best;
}

static void choose(struct sample *sample, uint8_t *chosen, uint16_t *layers)
{
    size_t count = 0;
    for (size_t turn = 0; turn < sample->bands; turn++) {
        size_t band = next_band(sample);
        sample->strip_counts[band] = UINT32_MAX;
        count = settle_band(sample, band, chosen, layers, count);
    }
    for (size_t layer = 0; layer < sample->layers; layer++) {
        if (!chosen[layer])
            layers[count++] = (uint16_t)layer;
    }
}

enum sgr_status schedule_layers_choose(const struct schedule_source *source, uint16_t *layers,
                                       struct sgr_error *error)
{
    uint64_t count = plan_count(source->plan);
    struct sample *sample = memory_allocate_zeroed(1, sizeof *sample);
    if (!sample)
        return error_no_memory(error, "the order of items");
    sample->items = count < SAMPLE_MAX ? (uint32_t)count : SAMPLE_MAX;
    sample->bands = source->band_count < BANDS_MAX ? source->band_count : BANDS_MAX;
    sample->layers = plan_collection(source->plan)->layer_count;
    sample->strips = memory_allocate(sample->bands * SAMPLE_MAX, sizeof *sample->strips);
    sample->traits = memory_allocate(sample->layers * SAMPLE_MAX + 1, sizeof *sample->traits);
    sample->strip_counts = memory_allocate(sample->bands, sizeof *sample->strip_counts);
    uint8_t *chosen = memory_allocate_zeroed(sample->layers + 1, 1);
    struct hash128 *keys = memory_allocate(source->band_count, sizeof *keys);
    enum sgr_status status = SGR_OK;
    if (!sample->strips || !sample->traits || !sample->strip_counts || !chosen || !keys)
        status = error_no_memory(error, "the order of items");
    if (status == SGR_OK)
        status = take_sample(source, sample, keys, error);
    if (status == SGR_OK)
        choose(sample, chosen, layers);
    memory_free(keys);
    memory_free(chosen);
    memory_free(sample->strips);
    memory_free(sample->traits);
    memory_free(sample->strip_counts);
    memory_free(sample);
    return status;
}
