/*
 * Sprites: what can be seen of each picture, in canvas coordinates, at its final size and opacity,
 * as runs of pixels a row. Empty pixels cost nothing, flat ones a word a run.
 *
 * A row is a sequence of runs, ascending and apart; a run is a header word (kind in bits 30-31,
 * first column in bits 15-29, length in bits 0-14) and its pixels: one word for a flat run,
 * `length` words for the others.
 */
#ifndef SGR_SHEET_SPRITE_H
#define SGR_SHEET_SPRITE_H

#include "base/hash.h"
#include "collection/collection.h"
#include "image/image.h"
#include "os/file.h"

#include <serigraph/stage.h>

/* What a run's pixels are like. */
enum sprite_run_kind {
    SPRITE_RUN_FLAT,       /* one opaque colour */
    SPRITE_RUN_OPAQUE,     /* every alpha is 255 */
    SPRITE_RUN_TRANSLUCENT /* any alpha, 0 included */
};

/* One picture as it is drawn; its rows are [top, bottom). */
struct sprite {
    uint32_t top;
    uint32_t bottom;
    uint64_t *row_starts; /* [bottom - top + 1] in words from the start of `words` or of scratch */
    uint32_t *words;      /* NULL when they are in the scratch file */
    uint64_t scratch_offset; /* in bytes */
    uint8_t *covered_rows;   /* [bottom - top]: 1 when the row is opaque from edge to edge */
    struct hash128 digest;
};

/* A part of a trait: which sprite, and how it is drawn. */
struct sprite_part {
    uint32_t sprite;
    int32_t z;
    uint8_t mode;
};

/* The sprites of a collection; read-only after sprite_set_load, for any number of threads. */
struct sprite_set {
    uint32_t width; /* canvas */
    uint32_t height;
    struct sprite *sprites;
    size_t sprite_count;
    struct sprite_part *parts;
    size_t part_count;
    uint32_t *trait_starts; /* [trait_bases[layer] + trait] -> index into parts, one more at end */
    uint32_t *trait_bases;  /* [layer] */
    uint64_t words_total;
    struct open_file scratch;
    uint64_t resident_bytes;          /* of words in memory */
    uint64_t table_bytes;             /* of the tables of rows, always in memory */
    struct sgr_stage_metrics reading; /* decoding; bytes are those of decoded pixels */
};

/* How to load. */
struct sprite_options {
    uint32_t width; /* canvas to draw on; the collection's own or another size */
    uint32_t height;
    enum sgr_resample resample; /* for pictures that do not fit */
    unsigned threads;
    uint64_t memory_bytes;   /* the whole promise; decides how many pictures decode at once */
    uint64_t resident_bytes; /* above this the sprites go to a scratch file */
};

/*
 * Decodes every picture on all threads, scales it when the canvas asks for it, and keeps what can
 * be seen. Pictures that look the same share a sprite. SGR_INPUT names a picture that cannot be
 * read or does not fit. *out_set is the caller's.
 */
enum sgr_status sprite_set_load(const struct collection *collection,
                                const struct sprite_options *options, struct sprite_set **out_set,
                                struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *set to NULL. */
void sprite_set_destroy(struct sprite_set **set);

/* The parts of a trait: an index into parts, and how many. */
static inline uint32_t sprite_set_trait(const struct sprite_set *set, size_t layer, size_t trait,
                                        uint32_t *out_count)
{
    const uint32_t *start = &set->trait_starts[set->trait_bases[layer] + trait];
    *out_count = start[1] - start[0];
    return start[0];
}

/* Memory for rows that come from the scratch file; one a thread, start from all zero. */
struct sprite_window {
    uint32_t *words;
    size_t capacity;
};

/*
 * The runs of rows [top, bottom) of a sprite, which must lie within it: *out_words points at the
 * words from which its row_starts, less row_starts[top - sprite->top], count. Valid until the
 * next call with the same window.
 */
enum sgr_status sprite_set_rows(const struct sprite_set *set, const struct sprite *sprite,
                                struct image_box rows, struct sprite_window *window,
                                const uint32_t **out_words, struct sgr_error *error) SGR_MUST_USE;

/* Frees a window's memory. */
void sprite_window_finish(struct sprite_window *window);

/* Whether rows [top, bottom) of the canvas show anything of the sprite. */
bool sprite_reaches(const struct sprite *sprite, uint32_t top, uint32_t bottom);

/* Whether the sprite is opaque on every pixel of rows [top, bottom). */
bool sprite_covers(const struct sprite *sprite, uint32_t top, uint32_t bottom);

/* Takes a run apart. */
static inline enum sprite_run_kind sprite_run_kind(uint32_t header)
{
    return (enum sprite_run_kind)(header >> 30);
}

/* The first column of a run. */
static inline uint32_t sprite_run_column(uint32_t header)
{
    return (header >> 15) & 0x7fff;
}

/* The pixels of a run. */
static inline uint32_t sprite_run_length(uint32_t header)
{
    return header & 0x7fff;
}

/* The words of pixels that follow a run's header. */
static inline uint32_t sprite_run_stored(uint32_t header)
{
    return sprite_run_kind(header) == SPRITE_RUN_FLAT ? 1 : sprite_run_length(header);
}

#endif
