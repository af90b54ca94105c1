/* Huffman codes for deflate: lengths from counts, codes from lengths. Source: RFC 1951. */
#ifndef SGR_CODEC_HUFFMAN_H
#define SGR_CODEC_HUFFMAN_H

#include <stdint.h>

enum { HUFFMAN_SYMBOLS_MAX = 288, HUFFMAN_BITS_MAX = 15 };

/*
 * Gives every symbol with a count above 0 a length of 1..bits_max, others 0, so that the lengths
 * are those of a complete prefix code (of one symbol alone: length 1) and frequent symbols are
 * short. At most HUFFMAN_SYMBOLS_MAX symbols, which must be at most 2^bits_max. The same counts
 * give the same lengths on every machine.
 */
void huffman_lengths(const uint32_t *counts, unsigned symbols, unsigned bits_max, uint8_t *lengths);

/* The canonical codes of some lengths, their first bit lowest, as deflate writes them. */
void huffman_codes(const uint8_t *lengths, unsigned symbols, uint16_t *codes);

#endif
