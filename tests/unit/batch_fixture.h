/*
 * A batch composer that composes with the CPU backend into its slots, and takes fewer strips,
 * delivers later or fails just when a test wants it to.
 */
#ifndef BATCH_FIXTURE_H
#define BATCH_FIXTURE_H

#include "base/error.h"
#include "compose/batch.h"
#include "compose/cpu/compose_cpu.h"
#include "work/cancel.h"

#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The calls that can be made to fail, and are counted. */
enum fake_call { FAKE_BEGIN, FAKE_SUBMIT, FAKE_COLLECT, FAKE_RESTART, FAKE_CALLS };

/* A call that fails: calls `first` (from 1 on; 0: none) to `last`. */
struct fake_fault {
    unsigned first;
    unsigned last;
};

/* How a fake behaves; all zero behaves well. */
struct fake_options {
    const char *name; /* NULL: "fake" */
    unsigned slot_count;
    size_t slot_pixels;
    bool late;          /* draws when collected, not when submitted */
    unsigned take_most; /* strips of one batch; 0: what fits */
    unsigned not_done;  /* this many collects of each batch find it unfinished */
    unsigned delay_us;  /* of every submit and collect */
    struct fake_fault faults[FAKE_CALLS];
    bool refuses;              /* faults are refusals, not losses */
    struct sgr_cancel *cancel; /* asked to stop by submit number cancel_at */
    unsigned cancel_at;
};

struct fake_slot {
    uint32_t *pixels;
    struct compose_strip *strips; /* copies, with their parts */
    size_t count;
    unsigned left; /* collects that find it unfinished */
};

struct fake {
    struct fake_options options;
    struct compose *cpu;
    const struct sprite_set *sprites;
    struct fake_slot *slots;
    pthread_t thread; /* the one it is bound to */
    unsigned calls[FAKE_CALLS];
    unsigned ends;
};

static inline enum sgr_status fake_called(struct fake *fake, enum fake_call call,
                                          struct sgr_error *error)
{
    static const char *const names[] = {"begin", "submit", "collect", "restart"};
    const struct fake_fault *fault = &fake->options.faults[call];
    unsigned number = ++fake->calls[call];
    /* A macro of cmocka's would only end this thread's test. */
    ERROR_ASSERT(call == FAKE_BEGIN || pthread_equal(fake->thread, pthread_self()));
    if (fake->options.delay_us)
        usleep(fake->options.delay_us);
    if (fault->first && number >= fault->first && number <= fault->last)
        return error_set(error, fake->options.refuses ? SGR_USAGE : SGR_INTERNAL, "%s %u failed",
                         names[call], number);
    return SGR_OK;
}

static inline void fake_forget(struct fake_slot *slot)
{
    for (size_t index = 0; index < slot->count; index++)
        free((void *)(uintptr_t)slot->strips[index].parts);
    slot->count = 0;
}

/* Whoever still reads a slot gets wrong pixels, and is told off by a thread sanitizer. */
static inline void fake_spoil(struct fake *fake)
{
    for (unsigned slot = 0; slot < fake->options.slot_count; slot++) {
        fake_forget(&fake->slots[slot]);
        memset(fake->slots[slot].pixels, 0xa5, fake->options.slot_pixels * sizeof(uint32_t));
    }
}

static inline enum sgr_status fake_draw(struct fake *fake, struct fake_slot *slot,
                                        struct sgr_error *error)
{
    uint32_t *target = slot->pixels;
    enum sgr_status status = SGR_OK;
    for (size_t index = 0; index < slot->count && status == SGR_OK; index++) {
        const struct compose_strip *strip = &slot->strips[index];
        status = compose_draw(fake->cpu, 0, strip, target, error);
        target += (size_t)(strip->bottom - strip->top) * fake->sprites->width;
    }
    return status;
}

static inline enum sgr_status fake_begin(void *state, struct sgr_error *error)
{
    struct fake *fake = state;
    fake->thread = pthread_self();
    return fake_called(fake, FAKE_BEGIN, error);
}

static inline void fake_end(void *state)
{
    struct fake *fake = state;
    ERROR_ASSERT(pthread_equal(fake->thread, pthread_self()));
    fake->ends++;
    fake_spoil(fake);
}

/* Copies the strips that fit, so that the caller's may be spoiled. */
static inline size_t fake_copy(const struct fake *fake, struct fake_slot *slot,
                               const struct compose_strip *strips, size_t count)
{
    size_t pixels = 0;
    slot->strips = realloc(slot->strips, count * sizeof *slot->strips);
    ERROR_ASSERT(slot->strips);
    for (slot->count = 0; slot->count < count; slot->count++) {
        const struct compose_strip *strip = &strips[slot->count];
        size_t bytes = strip->part_count * sizeof *strip->parts;
        pixels += (size_t)(strip->bottom - strip->top) * fake->sprites->width;
        if (pixels > fake->options.slot_pixels)
            break;
        struct compose_part *parts = malloc(bytes + 1);
        ERROR_ASSERT(parts);
        memcpy(parts, strip->parts, bytes);
        slot->strips[slot->count] = *strip;
        slot->strips[slot->count].parts = parts;
    }
    return slot->count;
}

static inline enum sgr_status fake_submit(void *state, unsigned number,
                                          const struct compose_strip *strips, size_t *inout_count,
                                          struct sgr_error *error)
{
    struct fake *fake = state;
    struct fake_slot *slot = &fake->slots[number];
    enum sgr_status status = fake_called(fake, FAKE_SUBMIT, error);
    if (fake->options.cancel && fake->calls[FAKE_SUBMIT] == fake->options.cancel_at)
        sgr_cancel_request(fake->options.cancel, SGR_INTERRUPTED);
    if (status != SGR_OK)
        return status;
    fake_forget(slot);
    memset(slot->pixels, 0x5a, fake->options.slot_pixels * sizeof(uint32_t));
    if (fake->options.take_most && *inout_count > fake->options.take_most)
        *inout_count = fake->options.take_most;
    *inout_count = fake_copy(fake, slot, strips, *inout_count);
    slot->left = fake->options.not_done;
    return fake->options.late ? SGR_OK : fake_draw(fake, slot, error);
}

static inline enum sgr_status fake_collect(void *state, unsigned number, unsigned wait_ms,
                                           const uint32_t **out_pixels, struct sgr_error *error)
{
    struct fake *fake = state;
    struct fake_slot *slot = &fake->slots[number];
    enum sgr_status status = fake_called(fake, FAKE_COLLECT, error);
    *out_pixels = NULL;
    if (status != SGR_OK)
        return status;
    if (slot->left > 0) {
        slot->left--;
        usleep(wait_ms * 10);
        return SGR_OK;
    }
    if (fake->options.late)
        status = fake_draw(fake, slot, error);
    *out_pixels = status == SGR_OK ? slot->pixels : NULL;
    return status;
}

static inline enum sgr_status fake_restart(void *state, struct sgr_error *error)
{
    struct fake *fake = state;
    fake_spoil(fake);
    return fake_called(fake, FAKE_RESTART, error);
}

static inline void fake_destroy(void *state)
{
    struct fake *fake = state;
    for (unsigned slot = 0; slot < fake->options.slot_count; slot++) {
        fake_forget(&fake->slots[slot]);
        free(fake->slots[slot].strips);
        free(fake->slots[slot].pixels);
    }
    free(fake->slots);
    compose_destroy(&fake->cpu);
    free(fake);
}

/* Makes a fake; *out_fake (may be NULL) tells what it was asked until it is destroyed. */
static inline struct batch_composer *make_fake(const struct sprite_set *sprites,
                                               const struct fake_options *options,
                                               struct fake **out_fake)
{
    static const struct batch_interface interface = {fake_begin,   fake_end,     fake_submit,
                                                     fake_collect, fake_restart, fake_destroy};
    struct fake *fake = calloc(1, sizeof *fake);
    const struct kernel_table *kernels = NULL;
    struct batch_composer *composer = NULL;
    assert_non_null(fake);
    fake->options = *options;
    fake->sprites = sprites;
    fake->slots = calloc(options->slot_count, sizeof *fake->slots);
    assert_non_null(fake->slots);
    for (unsigned slot = 0; slot < options->slot_count; slot++) {
        fake->slots[slot].pixels = malloc(options->slot_pixels * sizeof(uint32_t));
        assert_non_null(fake->slots[slot].pixels);
    }
    assert_int_equal(kernel_choose(NULL, &kernels, NULL), SGR_OK);
    assert_int_equal(compose_cpu_create(sprites, kernels, 1, &fake->cpu, NULL), SGR_OK);
    struct batch_shape shape = {options->name ? options->name : "fake", options->slot_count,
                                options->slot_pixels, 0};
    assert_int_equal(batch_create(&interface, fake, sprites, &shape, &composer, NULL), SGR_OK);
    if (out_fake)
        *out_fake = fake;
    return composer;
}

#endif
