/* Each is run twice and the second time counts, when memory, caches and drivers are warm. */
#include "pipeline/compose_trial.h"

#include "base/error.h"
#include "os/machine.h"

enum { WAIT_MS = 100, ROUNDS = 2 };

enum sgr_status compose_trial_cpu(struct compose_trial *trial, const struct strip_sample *sample,
                                  struct strip_maker *maker, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct sgr_stage_metrics compose = maker->stages.stages[SGR_STAGE_COMPOSE];
        struct sgr_stage_metrics encode = maker->stages.stages[SGR_STAGE_ENCODE];
        for (size_t index = 0; index < sample->count && status == SGR_OK; index++) {
            struct png_strip strip;
            status = strip_maker_make(maker, sample->strips[index].parts,
                                      sample->strips[index].part_count, sample->bands[index],
                                      &strip, error);
        }
        const struct sgr_stage_metrics *stages = maker->stages.stages;
        trial->compose_ns = stages[SGR_STAGE_COMPOSE].busy_ns - compose.busy_ns;
        trial->encode_ns = stages[SGR_STAGE_ENCODE].busy_ns - encode.busy_ns;
    }
    trial->strips = sample->count;
    return status;
}

/* Has all strips composed, the slots taking turns so that the device always has work. */
static enum sgr_status run_batches(const struct strip_sample *sample,
                                   struct batch_composer *composer, struct sgr_error *error)
{
    unsigned slots = batch_shape(composer)->slot_count;
    size_t submitted = 0;
    size_t first = 0; /* batches since the start: [first, end) are under way */
    size_t end = 0;
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK && (submitted < sample->count || first < end)) {
        const uint32_t *pixels = NULL;
        if (submitted < sample->count && end - first < slots) {
            size_t taken = sample->count - submitted;
            status = batch_submit(composer, (unsigned)(end % slots), &sample->strips[submitted],
                                  &taken, error);
            submitted += taken;
            end++;
            continue;
        }
        status = batch_collect(composer, (unsigned)(first % slots), WAIT_MS, &pixels, error);
        first += pixels != NULL;
    }
    return status;
}

enum sgr_status compose_trial_batch(struct compose_trial *trial, const struct strip_sample *sample,
                                    struct batch_composer *composer, struct sgr_error *error)
{
    enum sgr_status status = batch_begin(composer, error);
    if (status != SGR_OK)
        return status;
    for (unsigned round = 0; round < ROUNDS && status == SGR_OK; round++) {
        uint64_t start_ns = machine_now_ns();
        status = run_batches(sample, composer, error);
        trial->batch_ns = machine_now_ns() - start_ns;
    }
    batch_end(composer);
    return status;
}

bool compose_trial_pays(const struct compose_trial *trial, unsigned threads)
{
    uint64_t both_ns = (trial->compose_ns + trial->encode_ns) / threads;
    uint64_t apart_ns = trial->encode_ns / threads;
    if (trial->batch_ns > apart_ns)
        apart_ns = trial->batch_ns;
    return apart_ns + both_ns / 20 <= both_ns;
}
