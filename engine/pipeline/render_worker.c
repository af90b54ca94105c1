/*
 * Workers. Whole items go first: writing one frees a job, which lets the scheduler go on, and its
 * fragments are still warm. Then strips are made, oldest first.
 */
#include "base/error.h"
#include "base/memory.h"
#include "pipeline/render_state.h"

#include <string.h>

void render_fail(struct render_state *state, enum sgr_status status, const struct sgr_error *error)
{
    if (state->status == SGR_OK) {
        state->status = status;
        state->error = *error;
    }
    condition_broadcast(&state->work);
    condition_broadcast(&state->room);
    condition_broadcast(&state->staged);
    condition_broadcast(&state->committed);
}

void render_queue_push(struct render_queue *queue, struct fragment *fragment, uint64_t now_ns)
{
    ERROR_ASSERT(queue->count < queue->capacity);
    stage_queue_enter(&queue->waiting, now_ns);
    queue->items[(queue->first + queue->count++) % queue->capacity] = fragment;
}

struct fragment *render_queue_pop(struct render_queue *queue)
{
    if (queue->count == 0)
        return NULL;
    struct fragment *fragment = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    stage_queue_leave(&queue->waiting, 1, machine_now_ns());
    return fragment;
}

void render_whole_push(struct render_state *state, struct render_job *job, uint64_t now_ns)
{
    job->next = NULL;
    *state->whole_end = job;
    state->whole_end = &job->next;
    stage_queue_enter(&state->whole_waiting, now_ns);
    condition_signal(&state->work);
}

void render_job_release(struct render_state *state, struct render_job *job)
{
    for (size_t band = 0; band < state->choices->band_count; band++) {
        if (job->fragments[band])
            strip_cache_release(&state->cache, job->fragments[band]);
        job->fragments[band] = NULL;
    }
    memory_free(job->recipe);
    job->recipe = NULL;
    job->next = state->free_jobs;
    state->free_jobs = job;
    state->jobs_in_flight--;
    condition_signal(&state->room);
}

/* Joins an item's fragments to a file and stages it; the mutex is not held. */
static enum sgr_status stage(struct render_worker *worker, struct render_job *job,
                             struct item_staged *staged, struct sgr_error *error)
{
    const struct plan_choices *choices = worker->state->choices;
    uint8_t head[PNG_HEAD_BYTES_MAX];
    uint8_t tail[PNG_TAIL_BYTES];
    uint32_t adler = 1;
    uint64_t start_ns = machine_now_ns();
    unsigned palette_used = 0;
    for (size_t band = 0; band < choices->band_count; band++) {
        const struct fragment *fragment = job->fragments[band];
        worker->pieces[band + 1] = (struct file_piece){fragment->chunk, fragment->size};
        adler = png_strip_join_adler(adler, fragment->adler, strip_maker_raw_size(choices, band));
        if (fragment->palette_used > palette_used)
            palette_used = fragment->palette_used;
    }
    struct png_header header = strip_maker_header(choices, palette_used);
    worker->pieces[0] = (struct file_piece){head, png_strip_head(head, &header)};
    png_strip_tail(tail, adler);
    worker->pieces[choices->band_count + 1] = (struct file_piece){tail, sizeof tail};
    staged->id = job->id;
    staged->recipe = job->recipe;
    job->recipe = NULL;
    (void)stage_end(&worker->stages, SGR_STAGE_ASSEMBLE, start_ns, 0);
    struct item_content content = {worker->pieces, choices->band_count + 2, &job->metadata,
                                   &worker->stages};
    return item_store_stage(worker->state->options->store, worker->hash, &content, staged, error);
}

/* Takes the oldest whole item, or NULL; the mutex is held. */
static struct render_job *take_whole(struct render_state *state)
{
    struct render_job *job = state->whole;
    if (job) {
        state->whole = job->next;
        if (!state->whole)
            state->whole_end = &state->whole;
        stage_queue_leave(&state->whole_waiting, 1, machine_now_ns());
    }
    return job;
}

/* Writes one item; the mutex is held on entry and exit. */
static void write_item(struct render_worker *worker, struct render_job *job)
{
    struct render_state *state = worker->state;
    mutex_unlock(&state->mutex);
    struct sgr_error error = {SGR_OK, ""};
    struct item_staged staged = {.image_handle = OPEN_FILE_NONE, .metadata_handle = OPEN_FILE_NONE};
    enum sgr_status status = stage(worker, job, &staged, &error);
    mutex_lock(&state->mutex);
    render_job_release(state, job);
    uint64_t now_ns = machine_now_ns();
    while (status == SGR_OK && state->status == SGR_OK && state->staged_count == RENDER_STAGED_MAX)
        condition_wait(&state->committed, &state->mutex);
    now_ns = stage_waited(&worker->stages, SGR_STAGE_WRITE, now_ns);
    if (status == SGR_OK && state->staged_count < RENDER_STAGED_MAX) {
        state->staged_items[state->staged_count++] = staged;
        stage_queue_enter(&state->staged_waiting, now_ns);
        if (state->staged_count == 1 || state->staged_count >= RENDER_BATCH_MAX)
            condition_signal(&state->staged);
        return;
    }
    item_store_discard(state->options->store, &staged);
    if (status != SGR_OK)
        render_fail(state, status, &error);
}

/* Tells the items that waited for a fragment; the mutex is held. */
static void wake_waiters(struct render_state *state, struct fragment *fragment)
{
    uint64_t now_ns = machine_now_ns();
    struct waiter *waiter = fragment->waiters;
    fragment->waiters = NULL;
    while (waiter) {
        struct render_job *job = waiter->job;
        waiter = waiter->next;
        if (--job->unready == 0)
            render_whole_push(state, job, now_ns);
    }
}

/* Makes one fragment; the mutex is held on entry and exit. */
static void make_fragment(struct render_worker *worker, struct fragment *fragment)
{
    struct render_state *state = worker->state;
    mutex_unlock(&state->mutex);
    struct sgr_error error = {SGR_OK, ""};
    struct png_strip strip = {NULL, 0, 1};
    uint8_t *chunk = NULL;
    enum sgr_status status = strip_maker_make(&worker->maker, fragment->parts, fragment->part_count,
                                              fragment->band, &strip, &error);
    if (status == SGR_OK) {
        chunk = memory_allocate(strip.size, 1);
        if (chunk)
            memcpy(chunk, strip.chunk, strip.size);
        else
            status = error_no_memory(&error, "a strip");
    }
    mutex_lock(&state->mutex);
    state->progress.strips_made++;
    if (status != SGR_OK) {
        render_fail(state, status, &error);
        return;
    }
    fragment->palette_used = worker->maker.pack.used;
    strip_cache_fill(&state->cache, fragment, chunk, strip.size, strip.adler);
    wake_waiters(state, fragment);
}

void render_worker_run(void *context)
{
    struct render_worker *worker = context;
    struct render_state *state = worker->state;
    mutex_lock(&state->mutex);
    while (state->status == SGR_OK) {
        struct render_job *job = take_whole(state);
        if (job) {
            write_item(worker, job);
            continue;
        }
        struct fragment *fragment = render_queue_pop(&state->strips);
        if (fragment) {
            make_fragment(worker, fragment);
            continue;
        }
        if (state->scheduled_all && state->jobs_in_flight == 0)
            break;
        uint64_t start_ns = machine_now_ns();
        condition_wait(&state->work, &state->mutex);
        (void)stage_waited(&worker->stages, SGR_STAGE_COMPOSE, start_ns);
    }
    /* The others may be asleep with nothing left that would wake them. */
    condition_broadcast(&state->work);
    mutex_unlock(&state->mutex);
}
