/*
 * What the order of items is worth: how many strips a run makes with a cache of some size, without
 * making one. A strip's encoded size is a guess from its parts.
 *
 * usage: schedule_bench ART N [RECIPES.jsonl]
 */
#include "api/sgr_plan.h"
#include "base/memory.h"
#include "pipeline/schedule.h"
#include "pipeline/strip_cache.h"

#include <serigraph/serigraph.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEGABYTE UINT64_C(1000000)

/* A flat part of a band takes little, so runs count, not pixels: mfers come to 9,000 bytes each. */
enum { STRIP_BYTES = 400, WORDS_A_BYTE = 2 };

/* How a run is simulated. */
struct way {
    const char *name;
    bool plain; /* in the plan's order */
    uint64_t cache_bytes;
};

struct bench {
    struct sgr_plan *plan;
    struct visibility *visibility;
    struct selection all;
    size_t bands;
    struct hash128 *keys;
    struct schedule_scratch scratch;
};

static void check(enum sgr_status status, const struct sgr_error *error)
{
    if (status == SGR_OK)
        return;
    fprintf(stderr, "schedule_bench: %s\n", error->text);
    exit(EXIT_FAILURE);
}

static uint64_t guess_bytes(const struct bench *bench, const struct stack *stack, size_t band)
{
    const struct plan_choices *choices = plan_choices(bench->plan->plan);
    struct compose_part parts[256];
    uint64_t words = 0;
    if (stack->part_count > sizeof parts / sizeof *parts)
        return STRIP_BYTES;
    size_t count = visibility_find(bench->visibility, stack, band, parts);
    for (size_t part = 0; part < count; part++) {
        const struct sprite *sprite = &bench->plan->sprites->sprites[parts[part].sprite];
        uint32_t top = choices->band_edges[band];
        uint32_t bottom = choices->band_edges[band + 1];
        top = top > sprite->top ? top : sprite->top;
        bottom = bottom < sprite->bottom ? bottom : sprite->bottom;
        if (top < bottom)
            words +=
                sprite->row_starts[bottom - sprite->top] - sprite->row_starts[top - sprite->top];
    }
    return STRIP_BYTES + words / WORDS_A_BYTE;
}

/* Uses the strips of one item; returns how many had to be made. */
static uint64_t use_item(struct bench *bench, struct strip_cache *cache, uint64_t index,
                         const struct hash128 *keys, const struct schedule_source *source)
{
    static const struct compose_part part = {0, 0};
    static const struct compose_strip strip = {0, 1, &part, 1};
    struct sgr_error error;
    struct plan_item item;
    uint64_t made = 0;
    check(plan_read(source->plan, index, &item, &error), &error);
    check(schedule_keys(source, &bench->scratch, &item, bench->keys, &error), &error);
    keys = keys ? keys : bench->keys;
    for (size_t band = 0; band < bench->bands; band++) {
        struct fragment *fragment = strip_cache_acquire(cache, keys[band]);
        if (!fragment) {
            made++;
            fragment = strip_cache_add(cache, keys[band], &strip, (uint32_t)band, true);
            if (!fragment)
                exit(EXIT_FAILURE);
            strip_cache_fill(cache, fragment, NULL, 0, 1);
            /* Only the number is kept: bytes that nobody looks at need no memory. */
            fragment->size = (size_t)guess_bytes(bench, &bench->scratch.stack, band);
            cache->bytes += fragment->size;
        }
        strip_cache_release(cache, fragment);
    }
    return made;
}

static void look_ahead(struct schedule *schedule, struct strip_cache *cache)
{
    const struct hash128 *keys;
    struct sgr_error error;
    size_t count;
    if (schedule_has_told_all(schedule))
        return;
    check(schedule_look(schedule, &keys, &count, &error), &error);
    for (size_t key = 0; key < count; key++)
        strip_cache_expect(cache, keys[key]);
    if (schedule_has_told_all(schedule))
        strip_cache_expect_no_more(cache);
}

/* Runs one way and prints its line; returns how many strips it made. */
static uint64_t run(struct bench *bench, const struct way *way, uint64_t distinct)
{
    struct schedule_source source = {.plan = bench->plan->plan,
                                     .sprites = bench->plan->sprites,
                                     .visibility = bench->visibility,
                                     .band_count = bench->bands,
                                     .wanted = &bench->all,
                                     .memory_bytes = way->cache_bytes,
                                     .plain = way->plain};
    struct schedule *schedule = NULL;
    struct strip_cache cache;
    struct sgr_error error;
    const struct hash128 *keys;
    uint64_t index;
    uint64_t made = 0;
    check(schedule_create(&source, &schedule, &error), &error);
    size_t ahead = schedule_ahead_max(schedule);
    uint64_t taken = schedule_memory(schedule) + strip_cache_expected_bytes(ahead);
    uint64_t left = taken < way->cache_bytes ? way->cache_bytes - taken : 0;
    check(strip_cache_init(&cache, left, ahead, &error), &error);
    for (;;) {
        look_ahead(schedule, &cache);
        if (!schedule_next(schedule, &index, &keys))
            break;
        made += use_item(bench, &cache, index, keys, &source);
        cache.bytes_peak = cache.bytes > cache.bytes_peak ? cache.bytes : cache.bytes_peak;
    }
    uint64_t needed = plan_count(source.plan) * bench->bands;
    uint64_t least = distinct ? distinct : made;
    printf("%-20s %10llu %10llu %10.2f %10llu %10llu\n", way->name,
           (unsigned long long)(way->cache_bytes == UINT64_MAX ? 0 : way->cache_bytes / MEGABYTE),
           (unsigned long long)made, 100.0 * (double)(made - least) / (double)(needed - least),
           (unsigned long long)(cache.bytes_peak / MEGABYTE),
           (unsigned long long)(taken / MEGABYTE));
    fflush(stdout);
    strip_cache_finish(&cache);
    schedule_destroy(&schedule);
    return made;
}

static void open_plan(struct bench *bench, int count, char **words)
{
    struct sgr_error error;
    struct sgr_art *art = NULL;
    struct sgr_art_options art_options = {.path = words[1], .recipes = count > 3 ? words[3] : NULL};
    struct sgr_plan_options options = {.count = strtoull(words[2], NULL, 10)};
    check(sgr_art_open(&art_options, &art, &error), &error);
    check(sgr_plan_create(art, &options, &bench->plan, &error), &error);
    sgr_art_close(&art);
    const struct plan_choices *choices = plan_choices(bench->plan->plan);
    bench->bands = choices->band_count;
    bench->keys = memory_allocate(bench->bands, sizeof *bench->keys);
    check(visibility_create(bench->plan->sprites, choices->band_edges, bench->bands, 32 * MEGABYTE,
                            &bench->visibility, &error),
          &error);
    check(selection_all(&bench->all, bench->plan->plan, &error), &error);
}

int main(int count, char **words)
{
    static const struct way ways[] = {{"unlimited", true, UINT64_MAX},
                                      {"plan's order", true, 340 * MEGABYTE},
                                      {"scheduled", false, 340 * MEGABYTE},
                                      {"scheduled", false, 100 * MEGABYTE},
                                      {"scheduled", false, 30 * MEGABYTE}};
    struct bench bench = {.plan = NULL};
    uint64_t distinct = 0;
    if (count < 3) {
        fprintf(stderr, "usage: schedule_bench ART N [RECIPES.jsonl]\n");
        return EXIT_FAILURE;
    }
    open_plan(&bench, count, words);
    printf("%llu items, %llu strips needed\n", (unsigned long long)plan_count(bench.plan->plan),
           (unsigned long long)(plan_count(bench.plan->plan) * bench.bands));
    printf("%-20s %10s %10s %10s %10s %10s\n", "order", "cache MB", "made", "lost %", "peak MB",
           "order MB");
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        uint64_t made = run(&bench, &ways[way], distinct);
        distinct = distinct ? distinct : made;
    }
    schedule_scratch_finish(&bench.scratch);
    memory_free(bench.keys);
    selection_finish(&bench.all);
    visibility_destroy(&bench.visibility);
    sgr_plan_close(&bench.plan);
    return EXIT_SUCCESS;
}
