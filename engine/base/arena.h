/*
 * Memory that lives and dies together: the names and tables of a collection. Nothing is freed
 * alone, so nothing can be freed twice.
 */
#ifndef SGR_BASE_ARENA_H
#define SGR_BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;

/* Start from all zero bytes. One thread at a time. */
struct arena {
    struct arena_chunk *newest;
};

/* `count * size` zeroed bytes aligned for any type, or NULL without memory. */
void *arena_allocate(struct arena *arena, size_t count, size_t size);

/* A zero-terminated copy of `length` bytes, or NULL without memory. */
char *arena_text(struct arena *arena, const char *bytes, size_t length);

/* A formatted text, or NULL without memory. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees everything; the arena can be used again. */
void arena_finish(struct arena *arena);

#endif
