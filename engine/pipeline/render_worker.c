/*
 * Workers make strips, oldest first: those that a composing thread drew they only encode, and as
 * long as there is such a thread they leave drawing to it. Where nothing is kept they also take
 * whole items, and those first: that frees a job, which lets the scheduler go on, and its fragments
 * are still warm.
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
    condition_broadcast(&state->writing);
    condition_broadcast(&state->room);
    condition_broadcast(&state->staged);
    condition_broadcast(&state->committed);
    condition_broadcast(&state->composing);
}

void render_queue_push(struct render_queue *queue, struct fragment *fragment, uint64_t now_ns)
{
    ERROR_ASSERT(queue->count < queue->capacity);
    stage_queue_enter(&queue->waiting, now_ns);
    queue->items[(queue->first + queue->count++) % queue->capacity] = fragment;
}

void render_queue_return(struct render_queue *queue, struct fragment *fragment, uint64_t now_ns)
{
    ERROR_ASSERT(queue->count < queue->capacity);
    stage_queue_enter(&queue->waiting, now_ns);
    queue->first = (queue->first + queue->capacity - 1) % queue->capacity;
    queue->items[queue->first] = fragment;
    queue->count++;
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
    condition_signal(state->writes_apart ? &state->writing : &state->work);
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

/* Encodes what is composed, or also composes; the mutex is not held. */
static enum sgr_status make_strip(struct render_worker *worker, const struct render_composed *made,
                                  struct png_strip *out_strip, struct sgr_error *error)
{
    const struct fragment *fragment = made->fragment;
    return made->slot
               ? strip_maker_encode(&worker->maker, made->pixels, fragment->band, out_strip, error)
               : strip_maker_make(&worker->maker, fragment->parts, fragment->part_count,
                                  fragment->band, out_strip, error);
}

/* Makes one fragment, which may be composed; the mutex is held on entry and exit. */
static void make_fragment(struct render_worker *worker, const struct render_composed *made)
{
    struct render_state *state = worker->state;
    struct fragment *fragment = made->fragment;
    mutex_unlock(&state->mutex);
    struct sgr_error error = {SGR_OK, ""};
    struct png_strip strip = {NULL, 0, 1};
    uint8_t *chunk = NULL;
    enum sgr_status status = make_strip(worker, made, &strip, &error);
    if (status == SGR_OK) {
        chunk = memory_allocate(strip.size, 1);
        if (chunk)
            memcpy(chunk, strip.chunk, strip.size);
        else
            status = error_no_memory(&error, "a strip");
    }
    mutex_lock(&state->mutex);
    state->progress.strips_made++;
    if (made->slot)
        render_composed_release(made->slot);
    if (status != SGR_OK) {
        render_fail(state, status, &error);
        return;
    }
    fragment->palette_used = worker->maker.pack.used;
    strip_cache_fill(&state->cache, fragment, chunk, strip.size, strip.adler);
    wake_waiters(state, fragment);
}

/* Takes the strip to be made next; false when there is none for workers. The mutex is held. */
static bool take_strip(struct render_state *state, struct render_composed *out_strip)
{
    if (render_composed_pop(state, out_strip))
        return true;
    *out_strip = (struct render_composed){.slot = NULL};
    if (state->composers_alive == 0)
        out_strip->fragment = render_queue_pop(&state->strips);
    return out_strip->fragment != NULL;
}

void render_worker_run(void *context)
{
    struct render_worker *worker = context;
    struct render_state *state = worker->state;
    mutex_lock(&state->mutex);
    while (state->status == SGR_OK) {
        struct render_job *job = state->writes_apart ? NULL : render_whole_pop(state);
        if (job) {
            render_write_item(&state->writers[worker - state->workers], job);
            continue;
        }
        struct render_composed strip;
        if (take_strip(state, &strip)) {
            make_fragment(worker, &strip);
            continue;
        }
        if (state->scheduled_all && state->jobs_in_flight == 0)
            break;
        uint64_t start_ns = machine_now_ns();
        condition_wait(&state->work, &state->mutex);
        (void)stage_waited(&worker->stages,
                           state->composer_count ? SGR_STAGE_ENCODE : SGR_STAGE_COMPOSE, start_ns);
    }
    /* The others may be asleep with nothing left that would wake them. */
    condition_broadcast(&state->work);
    condition_broadcast(&state->composing);
    mutex_unlock(&state->mutex);
}
