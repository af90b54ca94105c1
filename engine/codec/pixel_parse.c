/*
 * The parser. Equality with the left and upper pixel comes as bit masks, so that runs, by far the
 * most frequent matches in drawn art, are found by counting ones. Positions enter the hash tables
 * only where a pixel differs from its left neighbour: runs have nothing to find.
 *
 * What costs time is not the arithmetic but branches that the CPU cannot foresee, about one a
 * token at best. So lengths come from counting bits where loops would do, bytes are copied before
 * it is known how many are wanted, and counting symbols is left to a loop of its own.
 *
 * Tables are not cleared between strips: rows are numbered on, and what lies before the strip's
 * first row does not count. Within a bucket newer entries stand first, so old ones never push a
 * new one out, and the result does not depend on earlier strips.
 */
#include "codec/pixel_parse.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdbool.h>
#include <string.h>

/*
 * The loops are written once for all kinds of pixels and efforts, and must be compiled for each,
 * with what they change in registers.
 */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum {
    COLOR_BITS = 13,
    PAIR_BITS = 13,
    QUAD_BITS = 12,
    QUAD_WAYS = 8,
    QUAD_PIXELS = 4,
    ROW_LIMIT = 65536,
    SEARCH_BELOW = 3, /* a run of so many pixels is hardly bettered by searching */
    SLACK_BYTES = 16  /* literals are copied eight bytes at a time */
};

struct pixel_parse {
    enum pixel_effort effort;
    const struct kernel_table *kernels;
    struct deflate_tokens tokens;
    struct deflate_step *steps;       /* the first says nothing and stands before all others */
    size_t mask_words;                /* of a row, two more than its pixels need */
    uint64_t *left;                   /* bit c: pixel c equals pixel c - 1 */
    uint64_t *up;                     /* bit c: pixel c equals the one above */
    uint32_t first_row;               /* the strip's rows are numbered from here */
    uint32_t colors[1 << COLOR_BITS]; /* row << 16 | column of a pixel */
    uint32_t pairs[1 << PAIR_BITS];
    uint32_t quads[(1 << QUAD_BITS) * QUAD_WAYS]; /* buckets that go round */
    uint8_t newest[1 << QUAD_BITS];               /* in each bucket; older ones follow */
};

/* What a loop is compiled for. */
struct variant {
    unsigned pixel_bytes;
    enum pixel_effort effort;
};

/* The strip and row at hand. What the loops change is kept in locals. */
struct row_view {
    const uint32_t *pixels; /* the whole strip's */
    uint32_t width;
    uint32_t row;
    uint32_t first_row;
    uint32_t row_bytes;
    size_t (*equal_run)(const uint32_t *left, const uint32_t *right, size_t most);
};

/* Where steps and literals are being written. */
struct output {
    const uint8_t *raw;
    struct deflate_step *step; /* the last one written */
    uint8_t *literal;          /* where the next one goes */
    uint32_t literals;         /* since the last match */
    uint32_t at;               /* the byte of raw that comes next */
};

/* A match under consideration. */
struct candidate {
    uint32_t pixels; /* 0: none */
    uint32_t distance;
};

void pixel_parse_destroy(struct pixel_parse **parse)
{
    if (!*parse)
        return;
    memory_free((*parse)->steps);
    memory_free((*parse)->tokens.literals);
    memory_free((*parse)->left);
    memory_free((*parse)->up);
    memory_free(*parse);
    *parse = NULL;
}

/* Every match has a pixel or more; the first step is a place before them all. */
static size_t steps_max(uint32_t width, uint32_t rows_max)
{
    return (size_t)width * rows_max + 2;
}

static size_t literals_max(uint32_t width, uint32_t rows_max)
{
    return (1 + 4 * (size_t)width) * rows_max + SLACK_BYTES;
}

uint64_t pixel_parse_memory(uint32_t width, uint32_t rows_max)
{
    return sizeof(struct pixel_parse) + literals_max(width, rows_max) +
           steps_max(width, rows_max) * sizeof(struct deflate_step);
}

enum sgr_status pixel_parse_create(enum pixel_effort effort, uint32_t width, uint32_t rows_max,
                                   const struct kernel_table *kernels,
                                   struct pixel_parse **out_parser, struct sgr_error *error)
{
    struct pixel_parse *parse = memory_allocate_zeroed(1, sizeof *parse);
    if (!parse)
        return error_no_memory(error, "an encoder");
    parse->effort = effort;
    parse->kernels = kernels;
    parse->first_row = 1;
    parse->mask_words = (size_t)width / 64 + 3;
    parse->left = memory_allocate_zeroed(parse->mask_words, sizeof(uint64_t));
    parse->up = memory_allocate_zeroed(parse->mask_words, sizeof(uint64_t));
    parse->steps = memory_allocate(steps_max(width, rows_max), sizeof(struct deflate_step));
    parse->tokens.literals = memory_allocate(literals_max(width, rows_max), 1);
    if (!parse->left || !parse->up || !parse->steps || !parse->tokens.literals) {
        pixel_parse_destroy(&parse);
        return error_no_memory(error, "an encoder");
    }
    *out_parser = parse;
    return SGR_OK;
}

static inline uint32_t load_32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/* How many of the bytes from the lowest address on are zero; 4 for none set. */
static inline uint32_t equal_bytes(uint32_t difference)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    difference = __builtin_bswap32(difference);
#endif
    return difference ? (uint32_t)__builtin_ctz(difference) / 8 : 4;
}

/* The same from the highest address down. */
static inline uint32_t equal_bytes_back(uint32_t difference)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    difference = __builtin_bswap32(difference);
#endif
    return difference ? (uint32_t)__builtin_clz(difference) / 8 : 4;
}

/* How many ones follow from a bit on; a zero is known to come, and a word behind it. */
static inline uint32_t count_ones(const uint64_t *mask, uint32_t bit)
{
    const uint64_t *word = mask + bit / 64;
    uint64_t ones = word[0] >> (bit % 64) | word[1] << 1 << (63 - bit % 64);
    if (ones != UINT64_MAX)
        return (uint32_t)__builtin_ctzll(~ones);
    uint32_t count = 64 - bit % 64;
    while (*++word == UINT64_MAX)
        count += 64;
    return count + (uint32_t)__builtin_ctzll(~*word);
}

static inline uint32_t hash_color(uint32_t pixel)
{
    return pixel * 0x9e3779b1u >> (32 - COLOR_BITS);
}

static inline uint32_t hash_pair(const uint32_t *pixels)
{
    return (pixels[0] * 0x9e3779b1u ^ pixels[1] * 0x85ebca6bu) * 0xc2b2ae35u >> (32 - PAIR_BITS);
}

static inline uint32_t hash_quad(const uint32_t *pixels)
{
    uint32_t mixed = pixels[0] * 0x9e3779b1u ^ pixels[1] * 0x85ebca6bu;
    mixed = (mixed << 13 | mixed >> 19) ^ pixels[2] * 0xc2b2ae35u ^ pixels[3] * 0x27d4eb2fu;
    return mixed * 0x165667b1u >> (32 - QUAD_BITS);
}

static inline const uint32_t *pixels_at(const struct row_view *view, uint32_t row, uint32_t column)
{
    return view->pixels + (size_t)row * view->width + column;
}

/* What stands in tables for a pixel of the row at hand. */
static inline uint32_t place_of(const struct row_view *view, uint32_t column)
{
    return (view->first_row + view->row) << 16 | column;
}

/* Enters a place into a bucket; the oldest one goes. */
static inline void enter_quad(struct pixel_parse *parse, uint32_t hash, uint32_t entry)
{
    uint32_t newest = (parse->newest[hash] + QUAD_WAYS - 1u) % QUAD_WAYS;
    parse->newest[hash] = (uint8_t)newest;
    parse->quads[hash * QUAD_WAYS + newest] = entry;
}

/* Enters a pixel into the tables; `column` is where it stands in the row at hand. */
ALWAYS_INLINE void insert(struct pixel_parse *parse, const struct row_view *view, uint32_t column,
                          enum pixel_effort effort)
{
    const uint32_t *pixels = pixels_at(view, view->row, column);
    parse->colors[hash_color(*pixels)] = place_of(view, column);
    if (view->width - column < QUAD_PIXELS)
        return;
    parse->pairs[hash_pair(pixels)] = place_of(view, column);
    if (effort != PIXEL_EFFORT_FAST)
        enter_quad(parse, hash_quad(pixels), place_of(view, column));
}

/* Enters the pixels of columns [from, to) that differ from their left neighbours. */
ALWAYS_INLINE void insert_edges(struct pixel_parse *parse, const struct row_view *view,
                                uint32_t from, uint32_t to, enum pixel_effort effort)
{
    while (from < to) {
        uint32_t word = from / 64;
        uint64_t edges = ~parse->left[word] & UINT64_MAX << (from % 64);
        if (to - word * 64 < 64)
            edges &= ~(UINT64_MAX << (to % 64));
        for (; edges; edges &= edges - 1)
            insert(parse, view, word * 64 + (uint32_t)__builtin_ctzll(edges), effort);
        from = (word + 1) * 64;
    }
}

/*
 * Looks at one table entry and keeps it when it gives a longer match; false when it lies before
 * the window, where older entries lie too.
 */
ALWAYS_INLINE bool consider(const struct row_view *view, uint32_t column, uint32_t entry,
                            unsigned pixel_bytes, struct candidate *best)
{
    uint32_t row = (entry >> 16) - view->first_row;
    uint32_t found = entry & 0xffff;
    uint32_t distance =
        (view->row - row) * view->row_bytes + column * pixel_bytes - found * pixel_bytes;
    /* Entries of earlier strips wrap to rows that are far too large. */
    if (row > view->row || distance > DEFLATE_WINDOW)
        return false;
    const uint32_t *here = pixels_at(view, view->row, column);
    const uint32_t *there = pixels_at(view, row, found);
    uint32_t most = view->width - (found > column ? found : column);
    if (most <= best->pixels || here[best->pixels] != there[best->pixels])
        return true;
    uint32_t pixels = (uint32_t)view->equal_run(here, there, most);
    if (pixels > best->pixels)
        *best = (struct candidate){pixels, distance};
    return true;
}

/* Looks through the bucket of four pixels, newest first, and enters the pixel. */
ALWAYS_INLINE void search_quads(struct pixel_parse *parse, const struct row_view *view,
                                uint32_t column, const struct variant *variant,
                                struct candidate *best)
{
    uint32_t hash = hash_quad(pixels_at(view, view->row, column));
    const uint32_t *bucket = parse->quads + (size_t)hash * QUAD_WAYS;
    uint32_t way = parse->newest[hash];
    uint32_t end = way + QUAD_WAYS;
    /* Where not even two pixels were seen lately, four are not worth the time. */
    while (best->pixels >= 2 && way < end &&
           consider(view, column, bucket[way % QUAD_WAYS], variant->pixel_bytes, best))
        way++;
    enter_quad(parse, hash, place_of(view, column));
}

/*
 * Looks for a match that is longer than the best run, and enters the pixel on the way, while its
 * places in the tables are known.
 */
ALWAYS_INLINE struct candidate search(struct pixel_parse *parse, const struct row_view *view,
                                      uint32_t column, struct candidate best,
                                      const struct variant *variant)
{
    const uint32_t *pixels = pixels_at(view, view->row, column);
    uint32_t *color = &parse->colors[hash_color(*pixels)];
    uint32_t same_color = *color;
    *color = place_of(view, column);
    if (view->width - column >= QUAD_PIXELS) {
        uint32_t *pair = &parse->pairs[hash_pair(pixels)];
        uint32_t same_pair = *pair;
        *pair = place_of(view, column);
        consider(view, column, same_pair, variant->pixel_bytes, &best);
        if (variant->effort != PIXEL_EFFORT_FAST)
            search_quads(parse, view, column, variant, &best);
    }
    if (best.pixels == 0)
        consider(view, column, same_color, variant->pixel_bytes, &best);
    return best;
}

/* Says the next bytes literally, at most four, but for those that a match just before reaches. */
ALWAYS_INLINE void put_literals(struct output *out, uint32_t count)
{
    struct deflate_step *step = out->step;
    if (out->literals == 0) {
        uint32_t reach =
            equal_bytes(load_32(out->raw + out->at) ^ load_32(out->raw + out->at - step->distance));
        reach = reach < count ? reach : count;
        step->length += reach;
        out->at += reach;
        count -= reach;
    }
    memcpy(out->literal, out->raw + out->at, 4);
    out->literal += count;
    out->literals += count;
    out->at += count;
}

/* Says the next bytes by a match, and takes back literals just before that it reaches too. */
ALWAYS_INLINE void put_match(struct output *out, uint32_t bytes, uint32_t distance)
{
    uint32_t back = 0;
    if (out->literals == 0 && out->step->distance == distance) {
        out->step->length += bytes;
        out->at += bytes;
        return;
    }
    if (out->at >= distance + 4) {
        const uint8_t *before = out->raw + out->at - 4;
        back = equal_bytes_back(load_32(before) ^ load_32(before - distance));
        back = back < out->literals ? back : out->literals;
    }
    out->literal -= back;
    *++out->step = (struct deflate_step){out->literals - back, bytes + back, distance};
    out->literals = 0;
    out->at += bytes;
}

ALWAYS_INLINE void parse_row(struct pixel_parse *parse, const struct row_view *view,
                             struct output *out, const struct variant *variant)
{
    uint32_t inserted = 0;
    /* A match with the row above that reached its end goes on over the filter byte. */
    if (view->row > 0)
        put_literals(out, 1);
    for (uint32_t column = 0; column < view->width;) {
        struct candidate best = {count_ones(parse->left, column), variant->pixel_bytes};
        uint32_t up = count_ones(parse->up, column);
        if (up > best.pixels)
            best = (struct candidate){up, view->row_bytes};
        if (best.pixels < SEARCH_BELOW && variant->effort == PIXEL_EFFORT_RUNS) {
            best.pixels = 0;
        } else if (best.pixels < SEARCH_BELOW) {
            insert_edges(parse, view, inserted, column, variant->effort);
            inserted = column + 1;
            best = search(parse, view, column, best, variant);
        }
        if (best.pixels) {
            put_match(out, best.pixels * variant->pixel_bytes, best.distance);
            column += best.pixels;
        } else {
            put_literals(out, variant->pixel_bytes);
            column++;
        }
    }
    if (variant->effort != PIXEL_EFFORT_RUNS)
        insert_edges(parse, view, inserted, view->width, variant->effort);
}

/* Masks of equality with the left and upper neighbours, which the first column and row lack. */
static void make_masks(struct pixel_parse *parse, const struct row_view *view)
{
    const uint32_t *pixels = pixels_at(view, view->row, 0);
    if (view->row > 0) {
        parse->kernels->equal_mask(parse->left, pixels, pixels - 1, view->width);
        parse->left[0] &= ~UINT64_C(1);
        if (view->row_bytes <= DEFLATE_WINDOW)
            parse->kernels->equal_mask(parse->up, pixels, pixels - view->width, view->width);
        return;
    }
    memset(parse->up, 0, parse->mask_words * sizeof *parse->up);
    memset(parse->left, 0, parse->mask_words * sizeof *parse->left);
    for (uint32_t column = 1; column < view->width; column++)
        parse->left[column / 64] |= (uint64_t)(pixels[column] == pixels[column - 1])
                                    << (column % 64);
}

ALWAYS_INLINE void parse_rows(struct pixel_parse *parse, const struct pixel_rows *rows,
                              struct output *shared, unsigned pixel_bytes, enum pixel_effort effort)
{
    const struct variant variant = {pixel_bytes, effort};
    /* A copy that no call sees, so that it can stay in registers. */
    struct output out = *shared;
    struct row_view view = {rows->pixels,
                            rows->width,
                            0,
                            parse->first_row,
                            1 + rows->width * pixel_bytes,
                            parse->kernels->equal_run};
    for (; view.row < rows->rows; view.row++) {
        make_masks(parse, &view);
        parse_row(parse, &view, &out, &variant);
    }
    *shared = out;
}

static void reserve_rows(struct pixel_parse *parse, uint32_t rows)
{
    if (parse->first_row + rows < ROW_LIMIT)
        return;
    memset(parse->colors, 0, sizeof parse->colors);
    memset(parse->pairs, 0, sizeof parse->pairs);
    memset(parse->quads, 0, sizeof parse->quads);
    parse->first_row = 1;
}

static const struct deflate_tokens *parse_strip(struct pixel_parse *parse,
                                                const struct pixel_rows *rows,
                                                enum pixel_effort effort)
{
    struct deflate_tokens *tokens = &parse->tokens;
    ERROR_ASSERT((size_t)rows->width / 64 + 3 <= parse->mask_words);
    reserve_rows(parse, rows->rows);
    /* The first filter byte is literal, so nothing is ever added to the step that says nothing. */
    struct output out = {rows->raw, parse->steps, tokens->literals + 1, 1, 1};
    tokens->literals[0] = rows->raw[0];
    *out.step = (struct deflate_step){0, 0, 0};
    bool is_rgb = rows->pixel_bytes == 3;
    switch (effort) {
    case PIXEL_EFFORT_RUNS:
        is_rgb ? parse_rows(parse, rows, &out, 3, PIXEL_EFFORT_RUNS)
               : parse_rows(parse, rows, &out, 4, PIXEL_EFFORT_RUNS);
        break;
    case PIXEL_EFFORT_FAST:
        is_rgb ? parse_rows(parse, rows, &out, 3, PIXEL_EFFORT_FAST)
               : parse_rows(parse, rows, &out, 4, PIXEL_EFFORT_FAST);
        break;
    case PIXEL_EFFORT_BALANCED:
        is_rgb ? parse_rows(parse, rows, &out, 3, PIXEL_EFFORT_BALANCED)
               : parse_rows(parse, rows, &out, 4, PIXEL_EFFORT_BALANCED);
        break;
    }
    parse->first_row += rows->rows;
    tokens->steps = parse->steps + 1;
    tokens->step_count = (size_t)(out.step - parse->steps);
    tokens->literal_count = (size_t)(out.literal - tokens->literals);
    deflate_tokens_count(tokens);
    return tokens;
}

const struct deflate_tokens *pixel_parse_run(struct pixel_parse *parse,
                                             const struct pixel_rows *rows)
{
    return parse_strip(parse, rows, parse->effort);
}

const struct deflate_tokens *pixel_parse_runs(struct pixel_parse *parse,
                                              const struct pixel_rows *rows)
{
    return parse_strip(parse, rows, PIXEL_EFFORT_RUNS);
}
