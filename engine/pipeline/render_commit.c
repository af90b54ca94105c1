/*
 * The committing thread. Batches are as large as the disk's pace makes them: while one is synced,
 * the next one gathers.
 */
#include "base/error.h"
#include "pipeline/render_state.h"

#include <string.h>

/* Enough to be written at the disk's full pace, little enough that a batch takes no long time. */
#define BATCH_BYTES UINT64_C(128000000)

/* Takes up to a batch of staged items; the mutex is held. */
static size_t take_batch(struct render_state *state, struct item_staged *batch)
{
    size_t most = item_store_batch_max(state->options->store);
    uint64_t bytes = 0;
    size_t count = 0;
    while (count < state->staged_count && count < most && bytes < BATCH_BYTES)
        bytes += state->staged_items[count++].image.bytes;
    memcpy(batch, state->staged_items, count * sizeof *batch);
    stage_queue_leave(&state->staged_waiting, count, machine_now_ns());
    state->staged_count -= count;
    memmove(state->staged_items, state->staged_items + count, state->staged_count * sizeof *batch);
    condition_broadcast(&state->committed);
    return count;
}

/* Waits until there is a batch worth committing; false at the end. The mutex is held. */
static bool await_batch(struct render_state *state)
{
    uint64_t start_ns = machine_now_ns();
    while (state->staged_count == 0 && !state->workers_done)
        condition_wait(&state->staged, &state->mutex);
    size_t most = item_store_batch_max(state->options->store);
    if (state->staged_count > 0 && state->staged_count < most && !state->workers_done)
        (void)condition_wait_ms(&state->staged, &state->mutex, ITEM_STORE_GATHER_MS);
    (void)stage_waited(&state->commit_stages, SGR_STAGE_COMMIT, start_ns);
    return state->staged_count > 0;
}

void render_commit_run(void *context)
{
    struct render_state *state = context;
    struct item_staged batch[RENDER_BATCH_MAX];
    mutex_lock(&state->mutex);
    while (await_batch(state)) {
        size_t count = take_batch(state, batch);
        mutex_unlock(&state->mutex);
        uint64_t bytes = 0;
        for (size_t index = 0; index < count; index++)
            bytes += batch[index].image.bytes + batch[index].metadata.bytes;
        struct sgr_error error = {SGR_OK, ""};
        size_t failed = 0;
        uint64_t start = machine_now_ns();
        enum sgr_status status =
            item_store_commit(state->options->store, batch, count, &failed, &error);
        (void)stage_end(&state->commit_stages, SGR_STAGE_COMMIT, start, bytes);
        /* A batch is one piece of work, but items are what goes through every stage. */
        state->commit_stages.stages[SGR_STAGE_COMMIT].count += count - 1;
        mutex_lock(&state->mutex);
        if (status != SGR_OK) {
            render_fail(state, status, &error);
            break;
        }
        if (failed > 0 && state->progress.items_failed == 0)
            state->failure = error;
        state->progress.items_failed += failed;
        state->progress.items_done += count - failed;
        state->progress.bytes_written += bytes;
    }
    /* After a failed commit nothing more can be made durable; what waits is made again later. */
    for (size_t index = 0; index < state->staged_count; index++)
        item_store_discard(state->options->store, &state->staged_items[index]);
    state->staged_count = 0;
    mutex_unlock(&state->mutex);
}
