/* One worker's way from a strip's parts to its encoded bytes. */
#ifndef SGR_PIPELINE_STRIP_MAKER_H
#define SGR_PIPELINE_STRIP_MAKER_H

#include "codec/png_pack.h"
#include "codec/png_strip.h"
#include "compose/compose.h"
#include "kernel/kernel.h"
#include "plan/plan.h"
#include "work/stage.h"

/* Buffers and an encoder; one thread at a time. Start from all zero. */
struct strip_maker {
    struct compose *compose; /* borrowed */
    const struct kernel_table *kernels;
    const struct plan_choices *choices; /* borrowed */
    unsigned worker;
    uint32_t *pixels;
    uint8_t *raw;
    struct png_pack pack; /* by the plan's palette; `used` is about the strip made last */
    struct png_strip_encoder *encoder;
    struct stage_counters stages; /* compose: pixels made; encode: bytes before compression */
};

/* Makes the buffers for the plan's tallest band. */
enum sgr_status strip_maker_init(struct strip_maker *maker, struct compose *compose,
                                 const struct kernel_table *kernels, unsigned worker,
                                 const struct plan_choices *choices,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Frees the buffers. */
void strip_maker_finish(struct strip_maker *maker);

/*
 * Composes and encodes a band of some parts; the result is valid until the next call. SGR_INPUT
 * when the plan's palette lacks a colour of the strip, which no plan of ours does.
 */
enum sgr_status strip_maker_make(struct strip_maker *maker, const struct compose_part *parts,
                                 size_t part_count, size_t band, struct png_strip *out_strip,
                                 struct sgr_error *error) SGR_MUST_USE;

/*
 * Encodes a band from its pixels, rows of the canvas's width without gaps, that were composed
 * elsewhere; else as strip_maker_make.
 */
enum sgr_status strip_maker_encode(struct strip_maker *maker, const uint32_t *pixels, size_t band,
                                   struct png_strip *out_strip,
                                   struct sgr_error *error) SGR_MUST_USE;

/* What the start of an item's file says; `palette_used` is the highest of its strips'. */
struct png_header strip_maker_header(const struct plan_choices *choices, unsigned palette_used);

/* The bytes of a band's rows before compression. */
size_t strip_maker_raw_size(const struct plan_choices *choices, size_t band);

/* The rows of the tallest band. */
uint32_t strip_maker_rows_max(const struct plan_choices *choices);

/* The memory that one maker takes, in bytes. */
uint64_t strip_maker_memory(const struct plan_choices *choices);

#endif
