/*
 * Fragments: encoded strips, found by their key, kept while there is room, counted while items
 * need them. Whoever knows what comes next tells the cache, which then gives away first what
 * nobody is known to need. Not thread-safe: whoever uses a cache holds one lock around it.
 */
#ifndef SGR_PIPELINE_STRIP_CACHE_H
#define SGR_PIPELINE_STRIP_CACHE_H

#include "base/hash.h"
#include "compose/compose.h"

struct waiter;

/* One encoded strip, or one that is being made. */
struct fragment {
    struct hash128 key;
    struct fragment *chain; /* next with the same place in the table */
    struct fragment *newer; /* neighbours in a list of unpinned fragments */
    struct fragment *older;
    struct waiter *waiters;     /* items that need it and found it unmade */
    struct compose_part *parts; /* owned until it is ready */
    size_t part_count;
    uint32_t band;
    uint32_t pins; /* items in flight that use it */
    bool cached;   /* found by its key; otherwise it goes with its last pin */
    bool spare;    /* which list it is in while it is unpinned */
    bool ready;
    uint8_t *chunk; /* owned; a complete IDAT chunk, once ready */
    size_t size;
    uint32_t adler;
    unsigned palette_used; /* set by whoever fills it: the highest palette index + 1 */
};

/* Unpinned fragments by last use. */
struct fragment_list {
    struct fragment *newest;
    struct fragment *oldest;
};

/* The table. Start from strip_cache_init. */
struct strip_cache {
    struct fragment **buckets;
    size_t bucket_count; /* a power of two */
    size_t fragment_count;
    struct fragment_list wanted; /* unpinned ones that a use is expected of */
    struct fragment_list spare;  /* the others; they go first */
    uint16_t *uses;              /* [uses_count] expected, by key; NULL: any use may come */
    size_t uses_count;           /* a power of two */
    bool all_expected;
    uint64_t bytes;
    uint64_t bytes_max;
    uint64_t bytes_peak;
    uint64_t evicted; /* fragments so far */
};

/*
 * An empty cache that holds at most `bytes_max` bytes besides what items in flight need, for users
 * who expect at most `expected_max` uses at a time; 0: they expect none, and the oldest go first.
 */
enum sgr_status strip_cache_init(struct strip_cache *cache, uint64_t bytes_max, size_t expected_max,
                                 struct sgr_error *error) SGR_MUST_USE;

/* The bytes that expecting so many uses takes. */
uint64_t strip_cache_expected_bytes(size_t expected_max);

/* Frees everything; no fragment may be used any more. */
void strip_cache_finish(struct strip_cache *cache);

/* Tells that a key will be acquired once more; only for caches made to expect. */
void strip_cache_expect(struct strip_cache *cache, struct hash128 key);

/*
 * Tells that nothing will be acquired that is not expected by now: fragments go with their last
 * expected use. Two keys may count as one, so that a few stay longer.
 */
void strip_cache_expect_no_more(struct strip_cache *cache);

/* Finds a fragment and pins it; NULL when there is none. Either is one of the expected uses. */
struct fragment *strip_cache_acquire(struct strip_cache *cache, struct hash128 key);

/*
 * Makes a pinned, unready fragment of copied parts; `cached` enters it under its key, which must
 * be new. NULL without memory.
 */
struct fragment *strip_cache_add(struct strip_cache *cache, struct hash128 key,
                                 const struct compose_strip *strip, uint32_t band, bool cached);

/* Takes the bytes of a fragment that was made, and forgets its parts. */
void strip_cache_fill(struct strip_cache *cache, struct fragment *fragment, uint8_t *take_chunk,
                      size_t size, uint32_t adler);

/*
 * Gives a pin back. When there are too many bytes, unpinned fragments go: first those that no use
 * is expected of, the oldest first.
 */
void strip_cache_release(struct strip_cache *cache, struct fragment *fragment);

#endif
