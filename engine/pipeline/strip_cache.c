/* A chained hash table, and a list of what nobody uses right now, oldest first to go. */
#include "pipeline/strip_cache.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum { BUCKETS_MIN = 1024, ALLOCATION_OVERHEAD = 48 };

enum sgr_status strip_cache_init(struct strip_cache *cache, uint64_t bytes_max,
                                 struct sgr_error *error)
{
    *cache = (struct strip_cache){.bytes_max = bytes_max, .bucket_count = BUCKETS_MIN};
    cache->buckets = memory_allocate_zeroed(BUCKETS_MIN, sizeof(struct fragment *));
    return cache->buckets ? SGR_OK : error_no_memory(error, "the strip cache");
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
    *cache = (struct strip_cache){0};
}

static void list_remove(struct strip_cache *cache, struct fragment *fragment)
{
    *(fragment->newer ? &fragment->newer->older : &cache->newest) = fragment->older;
    *(fragment->older ? &fragment->older->newer : &cache->oldest) = fragment->newer;
    fragment->newer = NULL;
    fragment->older = NULL;
}

static void list_add_newest(struct strip_cache *cache, struct fragment *fragment)
{
    fragment->older = cache->newest;
    fragment->newer = NULL;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = fragment;
    cache->newest = fragment;
}

struct fragment *strip_cache_acquire(struct strip_cache *cache, struct hash128 key)
{
    struct fragment *fragment = cache->buckets[bucket_of(cache, key)];
    while (fragment && !hash_equal(fragment->key, key))
        fragment = fragment->chain;
    if (fragment && fragment->pins++ == 0)
        list_remove(cache, fragment);
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

static void evict(struct strip_cache *cache, struct fragment *fragment)
{
    struct fragment **link = &cache->buckets[bucket_of(cache, fragment->key)];
    while (*link != fragment)
        link = &(*link)->chain;
    *link = fragment->chain;
    cache->fragment_count--;
    cache->evicted++;
    free_fragment(cache, fragment);
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
    list_add_newest(cache, fragment);
    while (cache->bytes > cache->bytes_max && cache->oldest) {
        struct fragment *oldest = cache->oldest;
        list_remove(cache, oldest);
        evict(cache, oldest);
    }
}
