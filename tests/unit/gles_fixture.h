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

/* Composes all strips, as many at a time as are taken, a slot after another; all must be right. */
static inline enum sgr_status compose_all(const struct scene *scene,
                                          struct batch_composer *composer,
                                          const struct batch *batch, struct sgr_error *error)
{
    size_t done = 0;
    for (unsigned slot = 0; done < batch->count; slot = (slot + 1) % SLOTS) {
        size_t count = batch->count - done;
        const uint32_t *pixels = NULL;
        enum sgr_status status = batch_submit(composer, slot, &batch->strips[done], &count, error);
        while (status == SGR_OK && !pixels)
            status = batch_collect(composer, slot, COLLECT_MS, &pixels, error);
        if (status != SGR_OK)
            return status;
        for (size_t strip = done; strip < done + count; strip++) {
            const struct compose_strip *one = &batch->strips[strip];
            check_strip(scene, one, pixels);
            pixels += (size_t)(one->bottom - one->top) * scene->set.width;
        }
        done += count;
    }
    return SGR_OK;
}

#endif
