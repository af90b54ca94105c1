/* The best bands of rows [0, b) end with some band [a, b), before which come the best of [0, a). */
#include "pipeline/band_choice.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/wide.h"
#include "pipeline/bands.h"

#include <string.h>

/*
 * Bands begin at multiples of 8 rows, more on tall canvases. Strips of fewer pixels than the least
 * spend more on codes than reuse gives back; the most bounds workers' buffers.
 */
enum { GROUP_ROWS = 8, GROUPS_MAX = 1024, BAND_ROWS_MAX = 128 };
enum { STRIP_PIXELS_MIN = 1 << 13, STRIP_PIXELS_MAX = 1 << 20 };

/* What bounds the time that choosing takes, about a tenth of a second, and its memory. */
enum { SAMPLE_MIN = 64, SAMPLE_MAX = 4096, CELLS_MAX = 1 << 19, PLACES_MAX = 1 << 19 };
static const uint64_t sample_pixels_max = UINT64_C(1) << 32;
static const uint64_t sample_parts_max = UINT64_C(1) << 24;
static const uint64_t words_max = UINT64_C(1) << 26;

/* Ratios are counted in so many parts of one. */
static const uint64_t one = UINT64_C(1) << 16;

/* Counts the different strips of a band that grows by a group at a time. */
struct counter {
    const struct band_survey *survey;
    uint64_t *digests; /* [sample_count]: of the sample's looks in the band */
    uint64_t *words;   /* [sample_count]: in the band */
    uint64_t *slots;   /* [slot_count]: the digests seen, never 0, or 0 */
    size_t slot_count; /* a power of two, at least twice the samples */
};

static void counter_finish(struct counter *counter)
{
    memory_free(counter->digests);
    memory_free(counter->words);
    memory_free(counter->slots);
}

static enum sgr_status counter_init(struct counter *counter, const struct band_survey *survey,
                                    struct sgr_error *error)
{
    *counter = (struct counter){.survey = survey, .slot_count = 2};
    while (counter->slot_count < 2 * survey->sample_count)
        counter->slot_count *= 2;
    counter->digests = memory_allocate(survey->sample_count + 1, sizeof *counter->digests);
    counter->words = memory_allocate(survey->sample_count + 1, sizeof *counter->words);
    counter->slots = memory_allocate(counter->slot_count, sizeof *counter->slots);
    if (!counter->digests || !counter->words || !counter->slots)
        return error_no_memory(error, "bands");
    return SGR_OK;
}

static void counter_begin(struct counter *counter)
{
    memset(counter->digests, 0, counter->survey->sample_count * sizeof *counter->digests);
    memset(counter->words, 0, counter->survey->sample_count * sizeof *counter->words);
}

/* Remembers a digest; whether it is new. */
static bool counter_see(struct counter *counter, uint64_t digest)
{
    uint64_t wanted = digest | 1;
    size_t slot = digest >> 32 & (counter->slot_count - 1);
    while (counter->slots[slot] && counter->slots[slot] != wanted)
        slot = (slot + 1) & (counter->slot_count - 1);
    bool is_new = !counter->slots[slot];
    counter->slots[slot] = wanted;
    return is_new;
}

/* By how much, in parts of `one`, the whole plan has more different strips than the sample. */
static uint64_t extrapolate(const struct band_survey *survey, uint64_t half, uint64_t all)
{
    uint64_t ratio = all * one / half;
    ratio = ratio < 2 * one ? ratio : 2 * one;
    uint64_t scale = one;
    uint64_t reached = survey->sample_count;
    for (; reached <= survey->item_count / 2; reached *= 2)
        scale = (uint64_t)((wide)scale * ratio / one);
    wide rest = (wide)scale * (ratio - one) * (survey->item_count - reached) / reached / one;
    return scale + (uint64_t)rest;
}

/* Adds a group to the band, whose top row is given; returns what making its strips costs. */
static uint64_t counter_add(struct counter *counter, size_t group, uint32_t top)
{
    const struct band_survey *survey = counter->survey;
    const uint64_t *looks = survey->looks + group * survey->sample_count;
    const uint32_t *words = survey->words + group * survey->sample_count;
    uint64_t half = 0;
    uint64_t all = 0;
    uint64_t words_made = 0;
    memset(counter->slots, 0, counter->slot_count * sizeof *counter->slots);
    for (size_t sample = 0; sample < survey->sample_count; sample++) {
        uint64_t digest = (counter->digests[sample] ^ looks[sample]) * 0x9e3779b97f4a7c15u;
        counter->digests[sample] = digest ^ digest >> 29;
        counter->words[sample] += words[sample];
        if (counter_see(counter, counter->digests[sample])) {
            all++;
            words_made += counter->words[sample];
        }
        if (sample == (survey->sample_count - 1) / 2)
            half = all;
    }
    uint64_t pixels = (uint64_t)(survey->edges[group + 1] - top) * survey->width;
    uint64_t cost =
        all * (BAND_COST_STRIP + BAND_COST_PIXEL * pixels) + words_made * BAND_COST_WORD;
    return (uint64_t)((wide)cost * extrapolate(survey, half, all) / one);
}

/* What it costs that a strip of every file starts with this group. */
static uint64_t restart_cost(const struct band_survey *survey, size_t group)
{
    uint64_t bytes =
        survey->sample_count * BAND_RESTART_BYTES + survey->top_words[group] / BAND_RESTART_WORDS;
    return (uint64_t)((wide)bytes * survey->item_count * BAND_COST_BYTE / survey->sample_count);
}

/* The best bands of all rows above each edge between groups. */
struct best {
    uint64_t cost; /* UINT64_MAX when there are none */
    size_t start;  /* the group that the last of the bands starts with */
};

static void search(struct counter *counter, const struct band_limits *limits, struct best *best)
{
    const struct band_survey *survey = counter->survey;
    best[0] = (struct best){0, 0};
    for (size_t edge = 1; edge <= survey->group_count; edge++)
        best[edge] = (struct best){UINT64_MAX, 0};
    for (size_t start = 0; start < survey->group_count; start++) {
        if (best[start].cost == UINT64_MAX)
            continue;
        uint64_t before = best[start].cost + restart_cost(survey, start);
        size_t end = survey->group_count - start;
        end = start + (end < limits->groups_max ? end : limits->groups_max);
        counter_begin(counter);
        for (size_t group = start; group < end; group++) {
            uint64_t cost = before + counter_add(counter, group, survey->edges[start]);
            bool possible =
                group + 1 - start >= limits->groups_min || group + 1 == survey->group_count;
            if (possible && cost < best[group + 1].cost)
                best[group + 1] = (struct best){cost, start};
        }
    }
}

static enum sgr_status list_edges(const struct band_survey *survey, const struct best *best,
                                  uint32_t **out_edges, size_t *out_count, struct sgr_error *error)
{
    size_t count = 0;
    for (size_t edge = survey->group_count; edge > 0; edge = best[edge].start)
        count++;
    uint32_t *edges = memory_allocate(count + 1, sizeof *edges);
    if (!edges)
        return error_no_memory(error, "bands");
    size_t band = count;
    for (size_t edge = survey->group_count; edge > 0; edge = best[edge].start)
        edges[band--] = survey->edges[edge];
    edges[0] = 0;
    *out_edges = edges;
    *out_count = count;
    return SGR_OK;
}

enum sgr_status band_choice_search(const struct band_survey *survey,
                                   const struct band_limits *limits, uint32_t **out_edges,
                                   size_t *out_count, struct sgr_error *error)
{
    struct counter counter;
    struct best *best = NULL;
    enum sgr_status status = counter_init(&counter, survey, error);
    if (status == SGR_OK) {
        best = memory_allocate(survey->group_count + 1, sizeof *best);
        status = best ? SGR_OK : error_no_memory(error, "bands");
    }
    if (status == SGR_OK) {
        search(&counter, limits, best);
        status = list_edges(survey, best, out_edges, out_count, error);
    }
    memory_free(best);
    counter_finish(&counter);
    return status;
}

static uint64_t divide_up(uint64_t dividend, uint64_t divisor)
{
    return (dividend + divisor - 1) / divisor;
}

/* How to look at a plan. */
struct approach {
    uint32_t group_rows;
    size_t sample_count;
    struct band_limits limits;
};

/* Whether there is something to choose from at a bounded price, and how to go about it. */
static bool find_approach(const struct plan_draft *draft, const struct sprite_set *sprites,
                          struct approach *out_approach)
{
    uint64_t rows_min = divide_up(STRIP_PIXELS_MIN, sprites->width);
    uint64_t rows_max = STRIP_PIXELS_MAX / sprites->width;
    rows_max = rows_max < BAND_ROWS_MAX ? rows_max : BAND_ROWS_MAX;
    rows_max = rows_max > 2 * rows_min ? rows_max : 2 * rows_min;
    uint64_t groups_most = PLACES_MAX / (sprites->sprite_count + 1);
    groups_most = groups_most < GROUPS_MAX ? groups_most : GROUPS_MAX;
    if (groups_most == 0 || sprites->words_total > words_max || sprites->height <= rows_min)
        return false;
    uint64_t rows = divide_up(sprites->height, groups_most);
    rows = rows > rows_min / 2 ? rows : rows_min / 2;
    rows = divide_up(rows, GROUP_ROWS) * GROUP_ROWS;
    uint64_t groups = divide_up(sprites->height, rows);
    uint64_t samples = CELLS_MAX / groups;
    uint64_t by_pixels = sample_pixels_max / ((uint64_t)sprites->width * sprites->height);
    uint64_t by_parts = sample_parts_max / (groups * (draft->collection->layer_count + 1));
    samples = samples < SAMPLE_MAX ? samples : SAMPLE_MAX;
    samples = samples < by_pixels ? samples : by_pixels;
    samples = samples < by_parts ? samples : by_parts;
    *out_approach =
        (struct approach){(uint32_t)rows,
                          (size_t)samples,
                          {(size_t)divide_up(rows_min, rows), (size_t)(rows_max / rows)}};
    return draft->count > 0 && rows <= rows_max &&
           (samples >= SAMPLE_MIN || samples >= draft->count);
}

enum sgr_status band_choice_make(const struct plan_draft *draft, const struct sprite_set *sprites,
                                 uint32_t **out_edges, size_t *out_count, struct sgr_error *error)
{
    struct approach approach;
    if (!find_approach(draft, sprites, &approach))
        return bands_choose(sprites->width, sprites->height, 0, out_edges, out_count, error);
    struct band_survey survey = {0};
    enum sgr_status status = band_survey_make(&survey, draft, sprites, approach.group_rows,
                                              approach.sample_count, error);
    if (status == SGR_OK)
        status = band_choice_search(&survey, &approach.limits, out_edges, out_count, error);
    band_survey_finish(&survey);
    return status;
}
