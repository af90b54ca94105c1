/*
 * A chained hash table, and two lists of what nobody uses right now. Expected uses are counted in a
 * table without keys: keys that share a place add up, so that a count is never too low.
 */
#include "pipeline/strip_cache.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum { BUCKETS_MIN = 1024, ALLOCATION_OVERHEAD = 48 };

/* Twice as many places as uses: few keys share one, since most are used more than once. */
static size_t places_for(size_t expected_max)
{
    size_t places = 1;
    while (places < 2 * expected_max)
        places *= 2;
    return places;
}

uint64_t strip_cache_expected_bytes(size_t expected_max)
{
    return expected_max ? places_for(expected_max) * sizeof(uint16_t) : 0;
}

enum sgr_status strip_cache_init(struct strip_cache *cache, uint64_t bytes_max, size_t expected_max,
                                 struct sgr_error *error)
{
    *cache = (struct strip_cache){.bytes_max = bytes_max, .bucket_count = BUCKETS_MIN};
    cache->buckets = memory_allocate_zeroed(BUCKETS_MIN, sizeof(struct fragment *));
    if (expected_max) {
        cache->uses_count = places_for(expected_max);
        cache->uses = memory_allocate_zeroed(cache->uses_count, sizeof *cache->uses);
    }
    if (!cache->buckets || (expected_max && !cache->uses))
        return error_no_memory(error, "the strip cache");
    return SGR_OK;
}

static size_t bucket_of(const struct strip_cache *cache, struct hash128 key)
{
    return (size_t)key.low & (cache->bucket_count - 1);
}

static uint64_t memory_of(const struct fragment *fragment)
{
    return sizeof *fragment + fragment->size + ALLOCATION_OVERHEAD;
}

static void free_fragment(struct strip_cache *cache, struct fragment *fragment)
{
    cache->bytes -= memory_of(fragment);
    memory_free(fragment->parts);
    memory_free(fragment->chunk);
    memory_free(fragment);
}

void strip_cache_finish(struct strip_cache *cache)
{
    for (size_t bucket = 0; cache->buckets && bucket < cache->bucket_count; bucket++) {
        while (cache->buckets[bucket]) {
            struct fragment *fragment = cache->buckets[bucket];
            cache->buckets[bucket] = fragment->chain;
            free_fragment(cache, fragment);
        }
    }
    memory_free(cache->buckets);
    memory_free(cache->uses);
    *cache = (struct strip_cache){0};
}

/* The count of a key's expected uses; buckets go by the low half of keys, counts by the high. */
static uint16_t *uses_of(const struct strip_cache *cache, struct hash128 key)
{
    return &cache->uses[(size_t)key.high & (cache->uses_count - 1)];
}

static bool is_expected(const struct strip_cache *cache, const struct fragment *fragment)
{
    return !cache->uses || *uses_of(cache, fragment->key) > 0;
}

static void list_remove(struct fragment_list *list, struct fragment *fragment)
{
    *(fragment->newer ? &fragment->newer->older : &list->newest) = fragment->older;
    *(fragment->older ? &fragment->older->newer : &list->oldest) = fragment->newer;
    fragment->newer = NULL;
    fragment->older = NULL;
}

static void list_add_newest(struct fragment_list *list, struct fragment *fragment)
{
    fragment->older = list->newest;
    fragment->newer = NULL;
    *(list->newest ? &list->newest->newer : &list->oldest) = fragment;
    list->newest = fragment;
}

void strip_cache_expect(struct strip_cache *cache, struct hash128 key)
{
    uint16_t *uses = uses_of(cache, key);
    /* A full count stays full: its fragments are kept as long as there is room. */
    if (*uses < UINT16_MAX)
        (*uses)++;
}

struct fragment *strip_cache_acquire(struct strip_cache *cache, struct hash128 key)
{
    struct fragment *fragment = cache->buckets[bucket_of(cache, key)];
    while (fragment && !hash_equal(fragment->key, key))
        fragment = fragment->chain;
    if (fragment && fragment->pins++ == 0)
        list_remove(fragment->spare ? &cache->spare : &cache->wanted, fragment);
    if (cache->uses) {
        uint16_t *uses = uses_of(cache, key);
        ERROR_ASSERT(*uses > 0);
        if (*uses < UINT16_MAX)
            (*uses)--;
    }
    return fragment;
}

/* Doubles the table; without memory the chains just get longer. */
static void grow(struct strip_cache *cache)
{
    size_t count = cache->bucket_count * 2;
    struct fragment **buckets = memory_allocate_zeroed(count, sizeof(struct fragment *));
    if (!buckets)
        return;
    for (size_t bucket = 0; bucket < cache->bucket_count; bucket++) {
        while (cache->buckets[bucket]) {
            struct fragment *fragment = cache->buckets[bucket];
            cache->buckets[bucket] = fragment->chain;
            size_t place = (size_t)fragment->key.low & (count - 1);
            fragment->chain = buckets[place];
            buckets[place] = fragment;
        }
    }
    memory_free(cache->buckets);
    cache->buckets = buckets;
    cache->bucket_count = count;
}

struct fragment *strip_cache_add(struct strip_cache *cache, struct hash128 key,
                                 const struct compose_strip *strip, uint32_t band, bool cached)
{
    struct fragment *fragment = memory_allocate_zeroed(1, sizeof *fragment);
    if (!fragment)
        return NULL;
    fragment->parts = memory_allocate(strip->part_count + 1, sizeof *fragment->parts);
    if (!fragment->parts) {
        memory_free(fragment);
        return NULL;
    }
    memcpy(fragment->parts, strip->parts, strip->part_count * sizeof *fragment->parts);
    fragment->part_count = strip->part_count;
    fragment->key = key;
    fragment->band = band;
    fragment->pins = 1;
    fragment->cached = cached;
    cache->bytes += memory_of(fragment);
    if (cached) {
        if (cache->fragment_count >= cache->bucket_count)
            grow(cache);
        size_t bucket = bucket_of(cache, key);
        fragment->chain = cache->buckets[bucket];
        cache->buckets[bucket] = fragment;
        cache->fragment_count++;
    }
    return fragment;
}

/* Takes a fragment that is in no list out of the table and frees it. */
static void drop(struct strip_cache *cache, struct fragment *fragment)
{
    struct fragment **link = &cache->buckets[bucket_of(cache, fragment->key)];
    while (*link != fragment)
        link = &(*link)->chain;
    *link = fragment->chain;
    cache->fragment_count--;
    free_fragment(cache, fragment);
}

static void list_unpinned(struct strip_cache *cache, struct fragment *fragment)
{
    fragment->spare = !is_expected(cache, fragment);
    list_add_newest(fragment->spare ? &cache->spare : &cache->wanted, fragment);
}

/* Frees the spare fragment that was used longest ago, unless a use is expected of it by now. */
static bool evict_spare(struct strip_cache *cache)
{
    struct fragment *oldest = cache->spare.oldest;
    list_remove(&cache->spare, oldest);
    if (is_expected(cache, oldest)) {
        list_unpinned(cache, oldest);
        return false;
    }
    drop(cache, oldest);
    return true;
}

static void make_room(struct strip_cache *cache)
{
    while (cache->bytes > cache->bytes_max && cache->spare.oldest)
        cache->evicted += evict_spare(cache);
    while (cache->bytes > cache->bytes_max && cache->wanted.oldest) {
        struct fragment *oldest = cache->wanted.oldest;
        list_remove(&cache->wanted, oldest);
        drop(cache, oldest);
        cache->evicted++;
    }
}

void strip_cache_expect_no_more(struct strip_cache *cache)
{
    cache->all_expected = true;
    while (cache->spare.oldest)
        (void)evict_spare(cache);
}

void strip_cache_fill(struct strip_cache *cache, struct fragment *fragment, uint8_t *take_chunk,
                      size_t size, uint32_t adler)
{
    memory_free(fragment->parts);
    fragment->parts = NULL;
    fragment->chunk = take_chunk;
    fragment->size = size;
    fragment->adler = adler;
    fragment->ready = true;
    cache->bytes += size;
    if (cache->bytes > cache->bytes_peak)
        cache->bytes_peak = cache->bytes;
}

void strip_cache_release(struct strip_cache *cache, struct fragment *fragment)
{
    ERROR_ASSERT(fragment->pins > 0);
    if (--fragment->pins > 0)
        return;
    if (!fragment->cached) {
        free_fragment(cache, fragment);
        return;
    }
    if (cache->all_expected && !is_expected(cache, fragment)) {
        drop(cache, fragment);
        return;
    }
    list_unpinned(cache, fragment);
    make_room(cache);
}
