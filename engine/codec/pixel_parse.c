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

enum {
    COLOR_BITS = 13,
    PAIR_BITS = 13,
    QUAD_BITS = 12,
    QUAD_WAYS = 8,
    ROW_LIMIT = 65536,
    SEARCH_BELOW = 2, /* a run of so many pixels is not bettered by searching */
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
    uint32_t quads[(1 << QUAD_BITS) * QUAD_WAYS];
};

/* The strip and row at hand. What the loops change is kept in locals. */
struct row_view {
    const uint32_t *pixels; /* the whole strip's */
    uint32_t width;
    uint32_t row;
    uint32_t first_row;
    uint32_t row_bytes;
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

/* How many pixels are equal, at most `most`. */
static inline uint32_t equal_pixels(const uint32_t *left, const uint32_t *right, uint32_t most)
{
    uint32_t count = 0;
    uint64_t two_left;
    uint64_t two_right;
    while (most - count >= 2) {
        memcpy(&two_left, left + count, sizeof two_left);
        memcpy(&two_right, right + count, sizeof two_right);
        if (two_left != two_right)
            break;
        count += 2;
    }
    while (count < most && left[count] == right[count])
        count++;
    return count;
}

/* Enters a place into its bucket, before the others; the oldest one goes. */
static inline void enter_quad(uint32_t *bucket, uint32_t entry)
{
    /* Through a copy of fixed size, which compilers keep in registers, unlike memmove. */
    uint32_t older[QUAD_WAYS - 1];
    memcpy(older, bucket, sizeof older);
    memcpy(bucket + 1, older, sizeof older);
    bucket[0] = entry;
}

/* Enters a pixel into the tables; `column` is where it stands in the row at hand. */
static inline void insert(struct pixel_parse *parse, const struct row_view *view, uint32_t column,
                          enum pixel_effort effort)
{
    const uint32_t *pixels = pixels_at(view, view->row, column);
    uint32_t entry = (view->first_row + view->row) << 16 | column;
    parse->colors[hash_color(*pixels)] = entry;
    if (view->width - column < 4)
        return;
    parse->pairs[hash_pair(pixels)] = entry;
    if (effort != PIXEL_EFFORT_FAST)
        enter_quad(parse->quads + (size_t)hash_quad(pixels) * QUAD_WAYS, entry);
}

/* Enters the pixels of columns [from, to) that differ from their left neighbours. */
static inline __attribute__((always_inline)) void insert_edges(struct pixel_parse *parse,
                                                               const struct row_view *view,
                                                               uint32_t from, uint32_t to,
                                                               enum pixel_effort effort)
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
static inline __attribute__((always_inline)) bool consider(const struct row_view *view,
                                                           uint32_t column, uint32_t entry,
                                                           unsigned pixel_bytes,
                                                           struct candidate *best)
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
    uint32_t pixels = equal_pixels(here, there, most);
    if (pixels > best->pixels)
        *best = (struct candidate){pixels, distance};
    return true;
}

/*
 * Looks for a match that is longer than the best run, and enters the pixel on the way, while its
 * places in the tables are known.
 */
static inline __attribute__((always_inline)) struct candidate search(
    struct pixel_parse *parse, const struct row_view *view, uint32_t column, struct candidate best,
    unsigned pixel_bytes, enum pixel_effort effort)
{
    const uint32_t *pixels = pixels_at(view, view->row, column);
    uint32_t left = view->width - column;
    uint32_t entry = (view->first_row + view->row) << 16 | column;
    uint32_t *color = &parse->colors[hash_color(*pixels)];
    uint32_t same_color = *color;
    *color = entry;
    if (left >= 4) {
        uint32_t *pair = &parse->pairs[hash_pair(pixels)];
        uint32_t same_pair = *pair;
        *pair = entry;
        if (effort != PIXEL_EFFORT_FAST) {
            uint32_t *bucket = parse->quads + (size_t)hash_quad(pixels) * QUAD_WAYS;
            for (int way = 0;
                 way < QUAD_WAYS && consider(view, column, bucket[way], pixel_bytes, &best); way++)
                continue;
            enter_quad(bucket, entry);
        }
        if (best.pixels < 4)
            consider(view, column, same_pair, pixel_bytes, &best);
    }
    if (best.pixels == 0)
        consider(view, column, same_color, pixel_bytes, &best);
    return best;
}

/* Says the next bytes literally, at most four, but for those that a match just before reaches. */
static inline __attribute__((always_inline)) void put_literals(struct output *out, uint32_t count)
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
static inline __attribute__((always_inline)) void put_match(struct output *out, uint32_t bytes,
                                                            uint32_t distance)
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

static inline __attribute__((always_inline)) void parse_row(struct pixel_parse *parse,
                                                            const struct row_view *view,
                                                            struct output *out,
                                                            unsigned pixel_bytes,
                                                            enum pixel_effort effort)
{
    uint32_t inserted = 0;
    /* A match with the row above that reached its end goes on over the filter byte. */
    if (view->row > 0)
        put_literals(out, 1);
    for (uint32_t column = 0; column < view->width;) {
        struct candidate best = {count_ones(parse->left, column), pixel_bytes};
        uint32_t up = count_ones(parse->up, column);
        if (up > best.pixels)
            best = (struct candidate){up, view->row_bytes};
        if (best.pixels < SEARCH_BELOW) {
            insert_edges(parse, view, inserted, column, effort);
            inserted = column + 1;
            best = search(parse, view, column, best, pixel_bytes, effort);
        }
        if (best.pixels) {
            put_match(out, best.pixels * pixel_bytes, best.distance);
            column += best.pixels;
        } else {
            put_literals(out, pixel_bytes);
            column++;
        }
    }
    insert_edges(parse, view, inserted, view->width, effort);
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

static inline __attribute__((always_inline)) void parse_rows(struct pixel_parse *parse,
                                                             const struct pixel_rows *rows,
                                                             struct output *shared,
                                                             unsigned pixel_bytes,
                                                             enum pixel_effort effort)
{
    /* A copy that no call sees, so that it can stay in registers. */
    struct output out = *shared;
    struct row_view view = {rows->pixels, rows->width, 0, parse->first_row,
                            1 + rows->width * pixel_bytes};
    for (; view.row < rows->rows; view.row++) {
        make_masks(parse, &view);
        parse_row(parse, &view, &out, pixel_bytes, effort);
    }
    *shared = out;
}

const struct deflate_tokens *pixel_parse_run(struct pixel_parse *parse,
                                             const struct pixel_rows *rows)
{
    struct deflate_tokens *tokens = &parse->tokens;
    ERROR_ASSERT((size_t)rows->width / 64 + 3 <= parse->mask_words);
    if (parse->first_row + rows->rows >= ROW_LIMIT) {
        memset(parse->colors, 0, sizeof parse->colors);
        memset(parse->pairs, 0, sizeof parse->pairs);
        memset(parse->quads, 0, sizeof parse->quads);
        parse->first_row = 1;
    }
    /* The first filter byte is literal, so nothing is ever added to the step that says nothing. */
    struct output out = {rows->raw, parse->steps, tokens->literals + 1, 1, 1};
    tokens->literals[0] = rows->raw[0];
    *out.step = (struct deflate_step){0, 0, 0};
    if (parse->effort == PIXEL_EFFORT_FAST) {
        if (rows->pixel_bytes == 3)
            parse_rows(parse, rows, &out, 3, PIXEL_EFFORT_FAST);
        else
            parse_rows(parse, rows, &out, 4, PIXEL_EFFORT_FAST);
    } else {
        if (rows->pixel_bytes == 3)
            parse_rows(parse, rows, &out, 3, PIXEL_EFFORT_BALANCED);
        else
            parse_rows(parse, rows, &out, 4, PIXEL_EFFORT_BALANCED);
    }
    parse->first_row += rows->rows;
    tokens->steps = parse->steps + 1;
    tokens->step_count = (size_t)(out.step - parse->steps);
    tokens->literal_count = (size_t)(out.literal - tokens->literals);
    deflate_tokens_count(tokens);
    return tokens;
}
