/* What the tests of the GPU backend share: batches of random strips, and their right pixels. */
#ifndef GLES_FIXTURE_H
#define GLES_FIXTURE_H

#include "compose/batch.h"
#include "compose_fixture.h"

#include <inttypes.h>

enum { STRIPS_MAX = 40, SLOTS = 3, COLLECT_MS = 10 };

/* A batch and what must come of it. */
struct batch {
    struct compose_part parts[STRIPS_MAX][PARTS_MAX];
    struct compose_strip strips[STRIPS_MAX];
    size_t count;
};

static inline void make_batch(const struct scene *scene, struct random *random, size_t count,
                              struct batch *batch)
{
    batch->count = count;
    for (size_t strip = 0; strip < count; strip++)
        random_strip(scene, random, batch->parts[strip], &batch->strips[strip]);
}

static inline void check_strip(const struct scene *scene, const struct compose_strip *strip,
                               const uint32_t *pixels)
{
    size_t count = (size_t)(strip->bottom - strip->top) * scene->set.width;
    uint32_t *expected = malloc(count * sizeof *expected);
    assert_non_null(expected);
    draw_reference(scene, strip, expected);
    for (size_t at = 0; at < count; at++) {
        if (pixels[at] == expected[at])
            continue;
        for (size_t part = 0; part < strip->part_count; part++)
            printf("part %zu: sprite %u, %s\n", part, strip->parts[part].sprite,
                   blend_mode_name((enum blend_mode)strip->parts[part].mode));
        fail_msg("rows %u to %u, column %zu, row %zu is %08x, not %08x", strip->top, strip->bottom,
                 at % scene->set.width, at / scene->set.width, pixels[at], expected[at]);
    }
    free(expected);
}

/* A batch that is under way. */
struct under_way {
    size_t first;
    size_t count;
};

static inline enum sgr_status collect_one(const struct scene *scene,
                                          struct batch_composer *composer, unsigned slot,
                                          const struct batch *batch, struct under_way way,
                                          struct sgr_error *error)
{
    const uint32_t *pixels = NULL;
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK && !pixels)
        status = batch_collect(composer, slot, COLLECT_MS, &pixels, error);
    for (size_t strip = way.first; status == SGR_OK && strip < way.first + way.count; strip++) {
        const struct compose_strip *one = &batch->strips[strip];
        check_strip(scene, one, pixels);
        pixels += (size_t)(one->bottom - one->top) * scene->set.width;
    }
    return status;
}

/*
 * Composes all strips, a sixth of them at a time so that all slots are under way before
 * one is collected; all must be right.
 */
static inline enum sgr_status compose_all(const struct scene *scene,
                                          struct batch_composer *composer,
                                          const struct batch *batch, struct sgr_error *error)
{
    struct under_way ways[SLOTS];
    size_t submitted = 0;
    size_t begun = 0;
    size_t ended = 0;
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK && (submitted < batch->count || ended < begun)) {
        size_t left = batch->count - submitted;
        if (left > 0 && begun - ended < SLOTS) {
            size_t count = left < batch->count / 6 + 1 ? left : batch->count / 6 + 1;
            unsigned slot = (unsigned)(begun % SLOTS);
            status = batch_submit(composer, slot, &batch->strips[submitted], &count, error);
            ways[slot] = (struct under_way){submitted, count};
            submitted += count;
            begun++;
            continue;
        }
        unsigned slot = (unsigned)(ended % SLOTS);
        status = collect_one(scene, composer, slot, batch, ways[slot], error);
        ended++;
    }
    return status;
}

#endif
