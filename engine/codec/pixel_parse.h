/*
 * Finding matches in drawn pixels: whole pixels against the left and upper neighbours, the colour
 * seen last, and hashes of the next few pixels; bytes only at the ends of matches. Greedy, because
 * trying one step further costs more time than it saves bytes.
 */
#ifndef SGR_CODEC_PIXEL_PARSE_H
#define SGR_CODEC_PIXEL_PARSE_H

#include "codec/deflate_tokens.h"
#include "codec/pixel_rows.h"
#include "kernel/kernel.h"

#include <serigraph/types.h>

/*
 * How hard to look; for runs of some pixels alone in noise, where short matches cost more than the
 * literals that they replace. The results are part of the encoder's version.
 */
enum pixel_effort { PIXEL_EFFORT_RUNS, PIXEL_EFFORT_FAST, PIXEL_EFFORT_BALANCED };

struct pixel_parse;

/* A parser for strips of `width` and at most `rows_max` rows; one thread at a time. */
enum sgr_status pixel_parse_create(enum pixel_effort effort, uint32_t width, uint32_t rows_max,
                                   const struct kernel_table *kernels,
                                   struct pixel_parse **out_parse,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *parse to NULL. */
void pixel_parse_destroy(struct pixel_parse **parse);

/* The memory that a parser takes, in bytes. */
uint64_t pixel_parse_memory(uint32_t width, uint32_t rows_max);

/*
 * Parses the rows; the tokens are the parser's, valid until its next call, and the same for the
 * same rows whatever was parsed before and whatever the kernels.
 */
const struct deflate_tokens *pixel_parse_run(struct pixel_parse *parse,
                                             const struct pixel_rows *rows);

/* Parses the rows likewise, but for PIXEL_EFFORT_RUNS. */
const struct deflate_tokens *pixel_parse_runs(struct pixel_parse *parse,
                                              const struct pixel_rows *rows);

#endif
