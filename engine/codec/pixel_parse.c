/*
 * The parser. Equality with the left and upper pixel comes as bit masks, so that runs, by far the
 * most frequent matches in drawn art, are found by counting ones. Positions enter the hash tables
 * only where a pixel differs from its left neighbour: runs have nothing to find.
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
    SEARCH_BELOW = 16, /* a match of so many pixels is not bettered by searching */
    FAR_GAIN = 1       /* pixels that a match must be longer than a nearer one to be taken */
};

/* A match under consideration. */
struct candidate {
    uint32_t pixels; /* 0: none */
    uint32_t bytes;
    uint32_t distance;
};

struct pixel_parse {
    enum pixel_effort effort;
    const struct kernel_table *kernels;
    struct deflate_tokens tokens;
    size_t mask_words;                /* of a row, one more than its pixels need */
    uint64_t *left;                   /* bit c: pixel c + 1 equals pixel c */
    uint64_t *up;                     /* bit c: pixel c equals the one above */
    uint32_t first_row;               /* the strip's rows are numbered from here */
    uint32_t colors[1 << COLOR_BITS]; /* row << 16 | column of a pixel */
    uint32_t pairs[1 << PAIR_BITS];
    uint32_t quads[(1 << QUAD_BITS) * QUAD_WAYS];
    /* The strip at hand. */
    const struct pixel_rows *rows;
    uint32_t row_bytes;
    uint32_t row;
    uint32_t column;
    uint32_t at;            /* the byte that the next token begins with */
    uint32_t literal_bytes; /* the last so many bytes before `at` are literals not yet written */
    uint32_t match_length;  /* or a match ends at `at` that is not yet written */
    uint32_t match_distance;
};

void pixel_parse_destroy(struct pixel_parse **parse)
{
    if (!*parse)
        return;
    memory_free((*parse)->tokens.items);
    memory_free((*parse)->left);
    memory_free((*parse)->up);
    memory_free(*parse);
    *parse = NULL;
}

/* A pixel makes at most two tokens, a row's filter byte one. */
static size_t tokens_max(uint32_t width, uint32_t rows_max)
{
    return ((size_t)width * 2 + 1) * rows_max + 1;
}

uint64_t pixel_parse_memory(uint32_t width, uint32_t rows_max)
{
    return sizeof(struct pixel_parse) + tokens_max(width, rows_max) * sizeof(uint32_t);
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
    parse->mask_words = (size_t)width / 64 + 2;
    parse->left = memory_allocate_zeroed(parse->mask_words, sizeof(uint64_t));
    parse->up = memory_allocate_zeroed(parse->mask_words, sizeof(uint64_t));
    parse->tokens.items = memory_allocate(tokens_max(width, rows_max), sizeof(uint32_t));
    if (!parse->left || !parse->up || !parse->tokens.items) {
        pixel_parse_destroy(&parse);
        return error_no_memory(error, "an encoder");
    }
    *out_parser = parse;
    return SGR_OK;
}

static void add_token(struct pixel_parse *parse, uint32_t token)
{
    parse->tokens.items[parse->tokens.count++] = token;
}

/* Writes the literals that wait. */
static void flush_literals(struct pixel_parse *parse)
{
    const uint8_t *bytes = parse->rows->raw + parse->at - parse->literal_bytes;
    while (parse->literal_bytes > 0) {
        uint32_t count = parse->literal_bytes < 3 ? parse->literal_bytes : 3;
        uint32_t token = count << 24;
        for (uint32_t index = 0; index < count; index++) {
            token |= (uint32_t)bytes[index] << (8 * index);
            parse->tokens.literals[bytes[index]]++;
        }
        add_token(parse, token);
        bytes += count;
        parse->literal_bytes -= count;
    }
}

/* Writes the match that waits, in pieces that deflate can say. */
static void flush_match(struct pixel_parse *parse)
{
    struct deflate_tokens *tokens = &parse->tokens;
    if (parse->match_length == 0)
        return;
    unsigned distance_symbol = deflate_distance_symbol(parse->match_distance);
    while (parse->match_length > 0) {
        uint32_t step = parse->match_length;
        if (step > DEFLATE_MATCH_MAX) {
            /* The rest must not be shorter than a match can be. */
            step = step - DEFLATE_MATCH_MAX < DEFLATE_MATCH_MIN
                       ? DEFLATE_MATCH_MAX - DEFLATE_MATCH_MIN
                       : DEFLATE_MATCH_MAX;
        }
        unsigned length_symbol = deflate_length_symbol(step);
        add_token(parse, UINT32_C(1) << 31 | (step - DEFLATE_MATCH_MIN) << 16 |
                             (parse->match_distance - 1));
        tokens->literals[length_symbol]++;
        tokens->distances[distance_symbol]++;
        tokens->extra_bits +=
            deflate_length_bits(length_symbol) + deflate_distance_bits(distance_symbol);
        parse->match_length -= step;
    }
}

/* Says the next bytes literally, but for those that a match just before can be extended to. */
static void take_literals(struct pixel_parse *parse, uint32_t count)
{
    const uint8_t *raw = parse->rows->raw;
    while (parse->match_length > 0 && count > 0 &&
           raw[parse->at] == raw[parse->at - parse->match_distance]) {
        parse->match_length++;
        parse->at++;
        count--;
    }
    if (count == 0)
        return;
    flush_match(parse);
    if (parse->literal_bytes >= 64)
        flush_literals(parse);
    parse->at += count;
    parse->literal_bytes += count;
}

/* Says the next bytes by a match, and takes back literals just before that it reaches too. */
static void take_match(struct pixel_parse *parse, uint32_t bytes, uint32_t distance)
{
    const uint8_t *raw = parse->rows->raw;
    if (parse->match_length > 0 && parse->match_distance == distance) {
        parse->match_length += bytes;
        parse->at += bytes;
        return;
    }
    uint32_t back = 0;
    while (back < parse->literal_bytes && distance < parse->at - back &&
           raw[parse->at - back - 1] == raw[parse->at - back - 1 - distance])
        back++;
    /* What is taken back is the end of the literals, so they are flushed as if it had not been. */
    parse->at -= back;
    parse->literal_bytes -= back;
    flush_match(parse);
    flush_literals(parse);
    parse->at += back + bytes;
    parse->match_length = back + bytes;
    parse->match_distance = distance;
}

/* How many ones follow from a bit on; a zero is known to come. */
static inline uint32_t count_ones(const uint64_t *mask, uint32_t bit)
{
    const uint64_t *word = mask + bit / 64;
    uint64_t zeros = ~*word >> (bit % 64);
    if (zeros)
        return (uint32_t)__builtin_ctzll(zeros);
    uint32_t ones = 64 - bit % 64;
    while (*++word == UINT64_MAX)
        ones += 64;
    return ones + (uint32_t)__builtin_ctzll(~*word);
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

static inline const uint32_t *pixels_at(const struct pixel_parse *parse, uint32_t row,
                                        uint32_t column)
{
    return parse->rows->pixels + (size_t)row * parse->rows->width + column;
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

/* Enters a pixel into the tables; `column` is where it stands in the row at hand. */
static void insert(struct pixel_parse *parse, uint32_t row, uint32_t column)
{
    const uint32_t *pixels = pixels_at(parse, row, column);
    uint32_t left = parse->rows->width - column;
    uint32_t entry = (parse->first_row + row) << 16 | column;
    parse->colors[hash_color(*pixels)] = entry;
    if (left < 2)
        return;
    parse->pairs[hash_pair(pixels)] = entry;
    if (left < 4 || parse->effort == PIXEL_EFFORT_FAST)
        return;
    uint32_t *bucket = parse->quads + (size_t)hash_quad(pixels) * QUAD_WAYS;
    /* Through a copy of fixed size, which compilers keep in registers, unlike memmove. */
    uint32_t older[QUAD_WAYS - 1];
    memcpy(older, bucket, sizeof older);
    memcpy(bucket + 1, older, sizeof older);
    bucket[0] = entry;
}

/* Enters the pixels of columns [from, to) that differ from their left neighbours. */
static void insert_edges(struct pixel_parse *parse, uint32_t row, uint32_t from, uint32_t to)
{
    if (from == 0 && to > 0) {
        insert(parse, row, 0);
        from = 1;
    }
    for (uint32_t bit = from - 1; from < to && bit < to - 1;) {
        bit += count_ones(parse->left, bit);
        if (bit < to - 1)
            insert(parse, row, ++bit);
    }
}

/*
 * Looks at one table entry and keeps it when it gives a longer match; false when it lies before
 * the window, where older entries lie too.
 */
static inline bool consider(const struct pixel_parse *parse, uint32_t entry, struct candidate *best)
{
    uint32_t row = (entry >> 16) - parse->first_row;
    uint32_t column = entry & 0xffff;
    /* Entries of earlier strips wrap to rows that are far too large. */
    if (row > parse->row)
        return false;
    uint32_t distance = (parse->row - row) * parse->row_bytes +
                        parse->column * parse->rows->pixel_bytes -
                        column * parse->rows->pixel_bytes;
    if (distance > DEFLATE_WINDOW)
        return false;
    const uint32_t *here = pixels_at(parse, parse->row, parse->column);
    const uint32_t *there = pixels_at(parse, row, column);
    uint32_t later = column > parse->column ? column : parse->column;
    uint32_t most = parse->rows->width - later;
    if (most <= best->pixels || here[best->pixels] != there[best->pixels])
        return true;
    uint32_t pixels = equal_pixels(here, there, most);
    if (pixels > best->pixels)
        *best = (struct candidate){pixels, pixels * parse->rows->pixel_bytes, distance};
    return true;
}

/* Follows equality with the row above over row ends, filter bytes included. */
static struct candidate find_up(struct pixel_parse *parse)
{
    const struct pixel_rows *rows = parse->rows;
    struct candidate found = {0, 0, parse->row_bytes};
    if (parse->row == 0 || parse->row_bytes > DEFLATE_WINDOW)
        return found;
    found.pixels = count_ones(parse->up, parse->column);
    found.bytes = found.pixels * rows->pixel_bytes;
    return found;
}

/* The longest match at the pixel at hand. */
static struct candidate find(struct pixel_parse *parse)
{
    const struct pixel_rows *rows = parse->rows;
    struct candidate best = {0, 0, rows->pixel_bytes};
    if (parse->column > 0)
        best.pixels = count_ones(parse->left, parse->column - 1);
    best.bytes = best.pixels * rows->pixel_bytes;
    struct candidate up = find_up(parse);
    if (up.pixels >= best.pixels + FAR_GAIN || (best.pixels == 0 && up.pixels > 0))
        best = up;
    if (best.pixels >= SEARCH_BELOW)
        return best;
    const uint32_t *pixels = pixels_at(parse, parse->row, parse->column);
    uint32_t left = rows->width - parse->column;
    struct candidate far = best;
    if (best.pixels > 0)
        far.pixels = best.pixels + FAR_GAIN - 1;
    uint32_t floor = far.pixels;
    if (left >= 4 && parse->effort != PIXEL_EFFORT_FAST) {
        const uint32_t *bucket = parse->quads + (size_t)hash_quad(pixels) * QUAD_WAYS;
        for (int way = 0; way < QUAD_WAYS && consider(parse, bucket[way], &far); way++)
            continue;
    }
    if (left >= 2 && far.pixels < 4)
        consider(parse, parse->pairs[hash_pair(pixels)], &far);
    if (far.pixels == 0)
        consider(parse, parse->colors[hash_color(*pixels)], &far);
    return far.pixels > floor ? far : best;
}

static void make_left_mask(struct pixel_parse *parse, uint32_t row)
{
    const uint32_t *pixels = pixels_at(parse, row, 0);
    if (parse->rows->width > 1)
        parse->kernels->equal_mask(parse->left, pixels + 1, pixels, parse->rows->width - 1);
}

static void make_up_mask(struct pixel_parse *parse, uint32_t row)
{
    const uint32_t *pixels = pixels_at(parse, row, 0);
    parse->kernels->equal_mask(parse->up, pixels, pixels - parse->rows->width, parse->rows->width);
}

static void parse_row(struct pixel_parse *parse)
{
    const struct pixel_rows *rows = parse->rows;
    make_left_mask(parse, parse->row);
    if (parse->row > 0)
        make_up_mask(parse, parse->row);
    parse->column = 0;
    /* A match with the row above that reached its end goes on over the filter byte. */
    take_literals(parse, 1);
    while (parse->column < rows->width) {
        struct candidate found = find(parse);
        uint32_t end = parse->column + (found.pixels ? found.pixels : 1);
        if (found.pixels)
            take_match(parse, found.bytes, found.distance);
        else
            take_literals(parse, rows->pixel_bytes);
        insert_edges(parse, parse->row, parse->column, end);
        parse->column = end;
    }
}

const struct deflate_tokens *pixel_parse_run(struct pixel_parse *parse,
                                             const struct pixel_rows *rows)
{
    struct deflate_tokens *tokens = &parse->tokens;
    ERROR_ASSERT((size_t)rows->width / 64 + 2 <= parse->mask_words);
    if (parse->first_row + rows->rows >= ROW_LIMIT) {
        memset(parse->colors, 0, sizeof parse->colors);
        memset(parse->pairs, 0, sizeof parse->pairs);
        memset(parse->quads, 0, sizeof parse->quads);
        parse->first_row = 1;
    }
    tokens->count = 0;
    tokens->extra_bits = 0;
    memset(tokens->literals, 0, sizeof tokens->literals);
    memset(tokens->distances, 0, sizeof tokens->distances);
    parse->rows = rows;
    parse->row_bytes = 1 + rows->width * rows->pixel_bytes;
    parse->at = 0;
    parse->literal_bytes = 0;
    parse->match_length = 0;
    for (parse->row = 0; parse->row < rows->rows; parse->row++)
        parse_row(parse);
    flush_match(parse);
    flush_literals(parse);
    parse->first_row += rows->rows;
    return tokens;
}
