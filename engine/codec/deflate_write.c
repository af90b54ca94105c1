/* The three kinds of block, priced before one is written. */
#include "codec/deflate_write.h"

#include "base/error.h"
#include "codec/huffman.h"

#include <string.h>

enum {
    STORED_MAX = 65535,
    PRECODES = 19,
    FLUSH_BYTES = 5,
    /* A bit writer stores eight bytes at a time, so it may touch this many past its end. */
    WRITE_SLACK = 16
};

/* Bits gathered from the lowest up, and where they go. */
struct bit_writer {
    uint64_t bits;
    unsigned count;
    uint8_t *at;
};

/* A run-length item of the code lengths: the symbol, its extra bits and how many. */
struct length_item {
    uint8_t symbol;
    uint8_t extra;
    uint8_t extra_bits;
};

/* Everything a dynamic block's header needs. */
struct dynamic_codes {
    uint8_t lengths[DEFLATE_LITERALS + DEFLATE_DISTANCES];
    uint16_t literal_codes[HUFFMAN_SYMBOLS_MAX];
    uint16_t distance_codes[DEFLATE_DISTANCES];
    uint8_t literal_lengths[HUFFMAN_SYMBOLS_MAX];
    uint8_t distance_lengths[32];
    unsigned literal_count;
    unsigned distance_count;
    struct length_item items[DEFLATE_LITERALS + DEFLATE_DISTANCES];
    unsigned item_count;
    uint8_t precode_lengths[PRECODES];
    uint16_t precodes[PRECODES];
    unsigned precode_count;
    uint64_t header_bits;
};

static const uint8_t precode_order[PRECODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};

size_t deflate_write_bound(size_t raw_size)
{
    return raw_size + (raw_size / STORED_MAX + 2) * FLUSH_BYTES + WRITE_SLACK;
}

static inline void put(struct bit_writer *writer, uint64_t bits, unsigned count)
{
    writer->bits |= bits << writer->count;
    writer->count += count;
}

/* Stores whole bytes; leaves at most 7 bits, so 57 more fit. */
static inline void flush(struct bit_writer *writer)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(writer->at, &writer->bits, sizeof writer->bits);
#else
    for (int index = 0; index < 8; index++)
        writer->at[index] = (uint8_t)(writer->bits >> (8 * index));
#endif
    unsigned bytes = writer->count / 8;
    writer->at += bytes;
    writer->bits >>= 8 * bytes;
    writer->count &= 7;
}

static void add_item(struct dynamic_codes *codes, uint32_t *uses, struct length_item item)
{
    codes->items[codes->item_count++] = item;
    uses[item.symbol]++;
}

/* Describes the code lengths by runs. */
static void make_items(struct dynamic_codes *codes, uint32_t *uses)
{
    unsigned total = codes->literal_count + codes->distance_count;
    for (unsigned at = 0; at < total;) {
        uint8_t length = codes->lengths[at];
        unsigned run = 1;
        while (at + run < total && codes->lengths[at + run] == length)
            run++;
        unsigned left = run;
        if (length != 0) {
            add_item(codes, uses, (struct length_item){length, 0, 0});
            left--;
        }
        while (left >= 3) {
            unsigned most = length ? 6 : 138;
            unsigned step = left < most ? left : most;
            if (length)
                add_item(codes, uses, (struct length_item){16, (uint8_t)(step - 3), 2});
            else if (step <= 10)
                add_item(codes, uses, (struct length_item){17, (uint8_t)(step - 3), 3});
            else
                add_item(codes, uses, (struct length_item){18, (uint8_t)(step - 11), 7});
            left -= step;
        }
        for (; left > 0; left--)
            add_item(codes, uses, (struct length_item){length, 0, 0});
        at += run;
    }
}

static unsigned trim(const uint8_t *lengths, unsigned count, unsigned least)
{
    while (count > least && lengths[count - 1] == 0)
        count--;
    return count;
}

/* Makes the codes and prices the header. */
static void make_codes(struct dynamic_codes *codes, const struct deflate_tokens *tokens)
{
    uint32_t literals[DEFLATE_LITERALS];
    uint32_t uses[PRECODES] = {0};
    memset(codes, 0, sizeof *codes);
    memcpy(literals, tokens->literal_uses, sizeof literals);
    literals[DEFLATE_END] = 1;
    huffman_lengths(literals, DEFLATE_LITERALS, HUFFMAN_BITS_MAX, codes->literal_lengths);
    huffman_lengths(tokens->distance_uses, DEFLATE_DISTANCES, HUFFMAN_BITS_MAX,
                    codes->distance_lengths);
    codes->literal_count = trim(codes->literal_lengths, DEFLATE_LITERALS, 257);
    codes->distance_count = trim(codes->distance_lengths, DEFLATE_DISTANCES, 1);
    memcpy(codes->lengths, codes->literal_lengths, codes->literal_count);
    memcpy(codes->lengths + codes->literal_count, codes->distance_lengths, codes->distance_count);
    make_items(codes, uses);
    huffman_lengths(uses, PRECODES, 7, codes->precode_lengths);
    codes->precode_count = PRECODES;
    while (codes->precode_count > 4 &&
           codes->precode_lengths[precode_order[codes->precode_count - 1]] == 0)
        codes->precode_count--;
    codes->header_bits = 3 + 5 + 5 + 4 + 3 * codes->precode_count;
    for (unsigned item = 0; item < codes->item_count; item++)
        codes->header_bits += codes->precode_lengths[codes->items[item].symbol] +
                              (uint64_t)codes->items[item].extra_bits;
}

/* Bits of all symbols under some lengths, their extra bits and the end symbol included. */
static uint64_t price(const struct deflate_tokens *tokens, const uint8_t *literals,
                      const uint8_t *distances)
{
    uint64_t bits = tokens->extra_bits + literals[DEFLATE_END];
    for (unsigned symbol = 0; symbol < DEFLATE_LITERALS; symbol++)
        bits += (uint64_t)tokens->literal_uses[symbol] * literals[symbol];
    for (unsigned symbol = 0; symbol < DEFLATE_DISTANCES; symbol++)
        bits += (uint64_t)tokens->distance_uses[symbol] * distances[symbol];
    return bits;
}

static void make_fixed(struct dynamic_codes *codes)
{
    for (unsigned symbol = 0; symbol < HUFFMAN_SYMBOLS_MAX; symbol++)
        codes->literal_lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    memset(codes->distance_lengths, 5, sizeof codes->distance_lengths);
}

static void put_header(struct bit_writer *writer, struct dynamic_codes *codes)
{
    huffman_codes(codes->precode_lengths, PRECODES, codes->precodes);
    put(writer, 2 << 1, 3);
    put(writer, codes->literal_count - 257, 5);
    put(writer, codes->distance_count - 1, 5);
    put(writer, codes->precode_count - 4, 4);
    flush(writer);
    for (unsigned index = 0; index < codes->precode_count; index++) {
        put(writer, codes->precode_lengths[precode_order[index]], 3);
        flush(writer);
    }
    for (unsigned item = 0; item < codes->item_count; item++) {
        const struct length_item *run = &codes->items[item];
        put(writer, codes->precodes[run->symbol], codes->precode_lengths[run->symbol]);
        put(writer, run->extra, run->extra_bits);
        flush(writer);
    }
}

/* A length of 3 to 258 with its extra bits, ready to be put. */
struct length_code {
    uint32_t bits;
    uint32_t count;
};

static void make_length_codes(const struct dynamic_codes *codes,
                              struct length_code lengths[DEFLATE_MATCH_MAX + 1])
{
    for (unsigned length = DEFLATE_MATCH_MIN; length <= DEFLATE_MATCH_MAX; length++) {
        unsigned symbol = deflate_length_symbol(length);
        unsigned extra_bits = deflate_length_bits(symbol);
        unsigned code_bits = codes->literal_lengths[symbol];
        uint32_t extra = (length - DEFLATE_MATCH_MIN) & ((1u << extra_bits) - 1);
        lengths[length] = (struct length_code){codes->literal_codes[symbol] | extra << code_bits,
                                               code_bits + extra_bits};
    }
}

static const uint8_t *put_literals(struct bit_writer *writer, const struct dynamic_codes *codes,
                                   const uint8_t *bytes, size_t count)
{
    const uint8_t *end = bytes + count;
    /* A literal takes at most 15 bits: one flush serves three. */
    for (; end - bytes >= 3; bytes += 3) {
        put(writer, codes->literal_codes[bytes[0]], codes->literal_lengths[bytes[0]]);
        put(writer, codes->literal_codes[bytes[1]], codes->literal_lengths[bytes[1]]);
        put(writer, codes->literal_codes[bytes[2]], codes->literal_lengths[bytes[2]]);
        flush(writer);
    }
    for (; bytes < end; bytes++)
        put(writer, codes->literal_codes[*bytes], codes->literal_lengths[*bytes]);
    flush(writer);
    return end;
}

static void put_tokens(struct bit_writer *writer, struct dynamic_codes *codes,
                       const struct deflate_tokens *tokens)
{
    struct length_code lengths[DEFLATE_MATCH_MAX + 1];
    const uint8_t *literals = tokens->literals;
    huffman_codes(codes->literal_lengths, HUFFMAN_SYMBOLS_MAX, codes->literal_codes);
    huffman_codes(codes->distance_lengths, DEFLATE_DISTANCES, codes->distance_codes);
    make_length_codes(codes, lengths);
    for (size_t index = 0; index < tokens->step_count; index++) {
        const struct deflate_step *step = &tokens->steps[index];
        unsigned far = deflate_distance_symbol(step->distance);
        unsigned far_bits = deflate_distance_bits(far);
        uint64_t distance = (step->distance - 1) & ((1u << far_bits) - 1);
        uint32_t left = step->length;
        literals = put_literals(writer, codes, literals, step->literals);
        do {
            uint32_t piece = deflate_first_piece(left);
            put(writer, lengths[piece].bits, lengths[piece].count);
            put(writer, codes->distance_codes[far], codes->distance_lengths[far]);
            put(writer, distance, far_bits);
            flush(writer);
            left -= piece;
        } while (left > 0);
    }
    put_literals(writer, codes, literals,
                 (size_t)(tokens->literals + tokens->literal_count - literals));
    put(writer, codes->literal_codes[DEFLATE_END], codes->literal_lengths[DEFLATE_END]);
    flush(writer);
}

/* Writes stored blocks from a byte border on. */
static uint8_t *put_stored(uint8_t *at, const uint8_t *raw, size_t raw_size)
{
    while (raw_size > 0) {
        size_t step = raw_size < STORED_MAX ? raw_size : STORED_MAX;
        at[0] = 0;
        at[1] = (uint8_t)step;
        at[2] = (uint8_t)(step >> 8);
        at[3] = (uint8_t)~step;
        at[4] = (uint8_t)(~step >> 8);
        memcpy(at + 5, raw, step);
        at += 5 + step;
        raw += step;
        raw_size -= step;
    }
    return at;
}

/* Ends on a byte with an empty stored block: three zero bits, padding, and its lengths. */
static uint8_t *end_on_byte(struct bit_writer *writer)
{
    static const uint8_t empty[4] = {0x00, 0x00, 0xff, 0xff};
    put(writer, 0, 3);
    put(writer, 0, (0u - writer->count) & 7);
    flush(writer);
    memcpy(writer->at, empty, sizeof empty);
    return writer->at + sizeof empty;
}

size_t deflate_write(const struct deflate_tokens *tokens, const uint8_t *raw, size_t raw_size,
                     uint8_t *target)
{
    struct dynamic_codes codes;
    struct dynamic_codes fixed;
    struct bit_writer writer = {0, 0, target};
    make_codes(&codes, tokens);
    make_fixed(&fixed);
    uint64_t dynamic_bits =
        codes.header_bits + price(tokens, codes.literal_lengths, codes.distance_lengths);
    uint64_t fixed_bits = 3 + price(tokens, fixed.literal_lengths, fixed.distance_lengths);
    uint64_t stored_bits = 8 * ((uint64_t)raw_size + 5 * (raw_size / STORED_MAX + 1));
    if (stored_bits <= dynamic_bits && stored_bits <= fixed_bits) {
        writer.at = put_stored(target, raw, raw_size);
    } else if (fixed_bits <= dynamic_bits) {
        put(&writer, 1 << 1, 3);
        put_tokens(&writer, &fixed, tokens);
    } else {
        put_header(&writer, &codes);
        put_tokens(&writer, &codes, tokens);
    }
    return (size_t)(end_on_byte(&writer) - target);
}
