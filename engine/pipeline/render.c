/* Setting a run up, scheduling its items, and taking it down again. */
#include "pipeline/render.h"

#include "base/error.h"
#include "base/memory.h"
#include "os/machine.h"
#include "pipeline/render_state.h"
#include "pipeline/schedule.h"
#include "pipeline/stack.h"

#include <string.h>

/* Enough items in flight that no worker waits for the scheduler, few enough to stay in cache. */
enum { JOBS_A_WORKER = 4, JOBS_MORE = 8, PROGRESS_MS = 100 };

/* What the scheduling thread alone uses. */
struct scheduler {
    struct render_state *state;
    struct schedule *schedule;
    struct stack stack;
    struct compose_part *strip_parts; /* the parts of all bands of one item, one after another */
    size_t strip_parts_capacity;
    struct compose_strip *strips; /* [band_count] */
    struct hash128 *keys;         /* [band_count] */
    uint64_t reported_ns;
};

/* Marks the items that the manifest has, so that they are not made again. */
struct finished_walk {
    const struct render_options *options;
    struct selection *done;
    uint64_t cursor;
    uint64_t found; /* of those selected */
};

static enum sgr_status note_finished(void *context, const struct manifest_item *item,
                                     struct sgr_error *error)
{
    struct finished_walk *walk = context;
    struct plan *plan = walk->options->plan;
    if (item->state != MANIFEST_DONE || !item_store_has_files(walk->options->store, item))
        return SGR_OK;
    while (walk->cursor < plan_count(plan)) {
        struct plan_item planned;
        enum sgr_status status = plan_read(plan, walk->cursor, &planned, error);
        if (status != SGR_OK)
            return status;
        if (planned.id > item->id)
            return SGR_OK;
        uint64_t index = walk->cursor++;
        if (planned.id < item->id)
            continue;
        selection_add(walk->done, index);
        walk->found += selection_has(walk->options->selection, index);
        return SGR_OK;
    }
    return SGR_OK;
}

static enum sgr_status find_finished(struct render_state *state, struct selection *done,
                                     struct sgr_error *error)
{
    struct manifest *manifest = item_store_manifest(state->options->store);
    enum sgr_status status = selection_sample(done, state->options->plan, 0, error);
    struct finished_walk walk = {state->options, done, 0, 0};
    if (status == SGR_OK && manifest)
        status = manifest_each_item(manifest, note_finished, &walk, error);
    state->progress.items_total = state->options->selection->count;
    state->progress.items_found = walk.found;
    state->progress.items_done = walk.found;
    return status;
}

/* Tells how far the run is; the mutex is held on entry and exit. */
static void report(struct scheduler *scheduler)
{
    struct render_state *state = scheduler->state;
    uint64_t now = machine_now_ns();
    if (!state->options->progress || now - scheduler->reported_ns < (uint64_t)PROGRESS_MS * 1000000)
        return;
    scheduler->reported_ns = now;
    struct sgr_progress progress = state->progress;
    progress.elapsed_ns = now - state->start_ns;
    progress.strips_queued = state->strips.count;
    progress.items_in_flight = state->jobs_in_flight;
    progress.items_queued = state->whole_waiting.count;
    progress.items_staged = state->staged_count;
    if (cancel_status(state->options->cancel) != SGR_OK)
        progress.state = SGR_RUN_FINISHING;
    mutex_unlock(&state->mutex);
    progress.memory_bytes = machine_memory_now_bytes();
    state->options->progress(state->options->progress_context, &progress);
    mutex_lock(&state->mutex);
}

/* Whether there is a job for one more item; the mutex is held. */
static bool has_room(const struct render_state *state)
{
    return state->free_jobs &&
           (state->jobs_in_flight < state->jobs_usual || render_compose_wants(state));
}

/* Takes a free job, waiting for one; NULL when the run fails meanwhile. The mutex is held. */
static struct render_job *take_job(struct scheduler *scheduler)
{
    struct render_state *state = scheduler->state;
    uint64_t start_ns = machine_now_ns();
    while (state->status == SGR_OK && !has_room(state)) {
        (void)condition_wait_ms(&state->room, &state->mutex, PROGRESS_MS);
        report(scheduler);
    }
    (void)stage_waited(&state->schedule_stages, SGR_STAGE_SCHEDULE, start_ns);
    if (state->status != SGR_OK)
        return NULL;
    struct render_job *job = state->free_jobs;
    state->free_jobs = job->next;
    job->next = NULL;
    job->unready = 0;
    state->jobs_in_flight++;
    return job;
}

/*
 * Works out which parts each band of the item shows, and their keys, where the job has no fragment
 * yet; no lock is needed.
 */
static enum sgr_status find_strips(struct scheduler *scheduler, const struct render_job *job,
                                   const struct plan_item *item, struct sgr_error *error)
{
    const struct render_state *state = scheduler->state;
    enum sgr_status status = stack_fill(&scheduler->stack, state->options->sprites, item->traits,
                                        plan_order(state->options->plan, item->order), error);
    if (status != SGR_OK)
        return status;
    size_t bands = state->choices->band_count;
    size_t parts = scheduler->stack.part_count;
    struct compose_part *grown =
        memory_grow(scheduler->strip_parts, &scheduler->strip_parts_capacity, bands * parts + 1,
                    sizeof *scheduler->strip_parts);
    if (!grown)
        return error_no_memory(error, "an item's strips");
    scheduler->strip_parts = grown;
    for (size_t band = 0; band < bands; band++) {
        if (job->fragments[band])
            continue;
        struct compose_part *visible = grown + band * parts;
        size_t count =
            visibility_find(state->options->visibility, &scheduler->stack, band, visible);
        scheduler->strips[band] = (struct compose_strip){
            state->choices->band_edges[band], state->choices->band_edges[band + 1], visible, count};
        scheduler->keys[band] = stack_key(visible, count, band);
    }
    return SGR_OK;
}

/* Writes what goes into the item's row and metadata. */
static enum sgr_status describe_item(const struct render_state *state, struct render_job *job,
                                     const struct plan_item *item, struct sgr_error *error)
{
    struct text recipe = {0};
    plan_recipe_text(state->options->plan, item, &recipe);
    text_clear(&job->metadata);
    state->options->describe(state->options->describe_context, item, &job->metadata);
    job->id = item->id;
    job->recipe = recipe.failed ? NULL : memory_copy_text(recipe.bytes ? recipe.bytes : "");
    text_finish(&recipe);
    if (!job->recipe || job->metadata.failed)
        return error_no_memory(error, "an item");
    return SGR_OK;
}

/* Lets the job have a fragment, and wait for it when it is not made yet; the mutex is held. */
static void give_fragment(struct render_job *job, size_t band, struct fragment *fragment)
{
    job->fragments[band] = fragment;
    if (fragment->ready)
        return;
    job->waiters[band] = (struct waiter){fragment->waiters, job};
    fragment->waiters = &job->waiters[band];
    job->unready++;
}

/* Finds the fragments that are there already; the mutex is held. */
static void find_fragments(struct scheduler *scheduler, struct render_job *job,
                           const struct hash128 *keys)
{
    struct render_state *state = scheduler->state;
    for (size_t band = 0; band < state->choices->band_count; band++) {
        struct fragment *fragment = strip_cache_acquire(&state->cache, keys[band]);
        if (fragment)
            give_fragment(job, band, fragment);
    }
}

/* Orders the fragment of one band; the mutex is held. */
static bool order_fragment(struct scheduler *scheduler, struct render_job *job, size_t band,
                           uint64_t now_ns)
{
    struct render_state *state = scheduler->state;
    struct fragment *fragment =
        strip_cache_add(&state->cache, scheduler->keys[band], &scheduler->strips[band],
                        (uint32_t)band, state->options->reuse);
    if (!fragment)
        return false;
    render_queue_push(&state->strips, fragment, now_ns);
    if (state->composers_alive == 0)
        condition_signal(&state->work);
    give_fragment(job, band, fragment);
    return true;
}

/* Reads an item and works out what it needs; no lock is needed. */
static enum sgr_status prepare_item(struct scheduler *scheduler, struct render_job *job,
                                    uint64_t index, struct sgr_error *error)
{
    struct plan_item item;
    enum sgr_status status = plan_read(scheduler->state->options->plan, index, &item, error);
    if (status == SGR_OK)
        status = describe_item(scheduler->state, job, &item, error);
    if (status == SGR_OK)
        status = find_strips(scheduler, job, &item, error);
    return status;
}

/*
 * Schedules one item, whose keys may be known already (else NULL): then only what is new in it
 * needs a closer look. The mutex is held on entry and exit.
 */
static void schedule_item(struct scheduler *scheduler, uint64_t index, const struct hash128 *keys)
{
    struct render_state *state = scheduler->state;
    struct sgr_error error = {SGR_OK, ""};
    struct render_job *job = take_job(scheduler);
    if (!job)
        return;
    /* The extra count keeps the item from being whole before its last band is looked up. */
    job->unready = 1;
    if (keys)
        find_fragments(scheduler, job, keys);
    mutex_unlock(&state->mutex);
    uint64_t start_ns = machine_now_ns();
    enum sgr_status status = prepare_item(scheduler, job, index, &error);
    mutex_lock(&state->mutex);
    uint64_t now_ns = machine_now_ns();
    if (!keys && state->options->reuse && status == SGR_OK)
        find_fragments(scheduler, job, scheduler->keys);
    for (size_t band = 0; band < state->choices->band_count && status == SGR_OK; band++) {
        if (!job->fragments[band] && !order_fragment(scheduler, job, band, now_ns))
            status = error_no_memory(&error, "a strip");
    }
    render_compose_wake(state);
    state->progress.strips_needed += state->choices->band_count;
    if (status != SGR_OK) {
        render_fail(state, status, &error);
    } else if (--job->unready == 0) {
        render_whole_push(state, job, now_ns);
    }
    (void)stage_end(&state->schedule_stages, SGR_STAGE_SCHEDULE, start_ns, 0);
}

/* Tells the cache what will be needed soon; the mutex is held on entry and exit. */
static void look_ahead(struct scheduler *scheduler)
{
    struct render_state *state = scheduler->state;
    struct sgr_error error = {SGR_OK, ""};
    const struct hash128 *keys;
    size_t count;
    if (schedule_has_told_all(scheduler->schedule) || schedule_ahead_max(scheduler->schedule) == 0)
        return;
    mutex_unlock(&state->mutex);
    uint64_t start_ns = machine_now_ns();
    enum sgr_status status = schedule_look(scheduler->schedule, &keys, &count, &error);
    mutex_lock(&state->mutex);
    /* Part of the work on items, which are counted when they are scheduled. */
    state->schedule_stages.stages[SGR_STAGE_SCHEDULE].busy_ns += machine_now_ns() - start_ns;
    if (status != SGR_OK) {
        render_fail(state, status, &error);
        return;
    }
    for (size_t key = 0; key < count; key++)
        strip_cache_expect(&state->cache, keys[key]);
    if (schedule_has_told_all(scheduler->schedule))
        strip_cache_expect_no_more(&state->cache);
}

/* Waits as long as the run is asked to pause; the mutex is held on entry and exit. */
static void pause_while_asked(struct scheduler *scheduler)
{
    struct render_state *state = scheduler->state;
    while (state->status == SGR_OK && cancel_paused(state->options->cancel)) {
        state->progress.state = SGR_RUN_PAUSED;
        (void)condition_wait_ms(&state->room, &state->mutex, PROGRESS_MS);
        report(scheduler);
    }
    state->progress.state = SGR_RUN_WORKING;
}

/* Schedules every selected item that is not done, then waits for the last one. */
static void schedule(struct scheduler *scheduler)
{
    struct render_state *state = scheduler->state;
    const struct render_options *options = state->options;
    uint64_t index;
    const struct hash128 *keys;
    mutex_lock(&state->mutex);
    while (state->status == SGR_OK && cancel_status(options->cancel) == SGR_OK) {
        pause_while_asked(scheduler);
        look_ahead(scheduler);
        if (state->status != SGR_OK || !schedule_next(scheduler->schedule, &index, &keys))
            break;
        schedule_item(scheduler, index, keys);
        report(scheduler);
    }
    state->scheduled_all = true;
    state->progress.state = SGR_RUN_FINISHING;
    condition_broadcast(&state->work);
    condition_broadcast(&state->writing);
    condition_broadcast(&state->composing);
    while (state->status == SGR_OK && state->jobs_in_flight > 0) {
        (void)condition_wait_ms(&state->room, &state->mutex, PROGRESS_MS);
        report(scheduler);
    }
    mutex_unlock(&state->mutex);
}

/* Chooses the order, and gives the cache what the order leaves of the memory. */
static enum sgr_status make_schedule(struct scheduler *scheduler, struct render_state *state,
                                     const struct selection *done, struct sgr_error *error)
{
    const struct render_options *options = state->options;
    struct schedule_source source = {.plan = options->plan,
                                     .sprites = options->sprites,
                                     .visibility = options->visibility,
                                     .band_count = state->choices->band_count,
                                     .wanted = options->selection,
                                     .done = done,
                                     .memory_bytes = options->fragment_bytes,
                                     .plain = !options->reuse};
    enum sgr_status status = schedule_create(&source, &scheduler->schedule, error);
    if (status != SGR_OK)
        return status;
    size_t ahead = schedule_ahead_max(scheduler->schedule);
    uint64_t taken = schedule_memory(scheduler->schedule) + strip_cache_expected_bytes(ahead);
    uint64_t left = taken < options->fragment_bytes ? options->fragment_bytes - taken : 0;
    return strip_cache_init(&state->cache, left, ahead, error);
}

static enum sgr_status make_jobs(struct render_state *state, struct sgr_error *error)
{
    size_t bands = state->choices->band_count;
    state->jobs_usual = (size_t)state->options->threads * JOBS_A_WORKER + JOBS_MORE;
    if (state->writes_apart)
        state->jobs_usual += state->writer_count;
    state->job_count = state->jobs_usual + render_compose_jobs(state);
    state->jobs = memory_allocate_zeroed(state->job_count, sizeof *state->jobs);
    state->strips.capacity = state->job_count * bands;
    state->strips.items = memory_allocate(state->strips.capacity, sizeof(struct fragment *));
    if (!state->jobs || !state->strips.items)
        return error_no_memory(error, "the run");
    for (size_t index = 0; index < state->job_count; index++) {
        struct render_job *job = &state->jobs[index];
        job->fragments = memory_allocate_zeroed(bands, sizeof(struct fragment *));
        job->waiters = memory_allocate_zeroed(bands, sizeof *job->waiters);
        if (!job->fragments || !job->waiters)
            return error_no_memory(error, "the run");
        job->next = state->free_jobs;
        state->free_jobs = job;
    }
    return SGR_OK;
}

static enum sgr_status make_workers(struct render_state *state, struct sgr_error *error)
{
    const struct render_options *options = state->options;
    state->workers = memory_allocate_zeroed(options->threads, sizeof *state->workers);
    if (!state->workers)
        return error_no_memory(error, "the run");
    for (unsigned index = 0; index < options->threads; index++) {
        struct render_worker *worker = &state->workers[index];
        worker->state = state;
        enum sgr_status status = strip_maker_init(&worker->maker, options->compose,
                                                  options->kernels, index, state->choices, error);
        if (status != SGR_OK)
            return status;
    }
    return SGR_OK;
}

static void free_state(struct render_state *state)
{
    for (unsigned index = 0; state->workers && index < state->options->threads; index++) {
        strip_maker_finish(&state->workers[index].maker);
    }
    render_writers_finish(state);
    render_composers_finish(state);
    /* After a failure some fragments are still pinned, and those made for one item stand alone. */
    for (size_t index = 0; state->jobs && index < state->job_count; index++) {
        struct render_job *job = &state->jobs[index];
        for (size_t band = 0; job->fragments && band < state->choices->band_count; band++) {
            if (job->fragments[band])
                strip_cache_release(&state->cache, job->fragments[band]);
        }
        memory_free(job->recipe);
        text_finish(&job->metadata);
        memory_free(job->fragments);
        memory_free(job->waiters);
    }
    memory_free(state->jobs);
    memory_free(state->workers);
    memory_free(state->strips.items);
    strip_cache_finish(&state->cache);
}

static void scheduler_finish(struct scheduler *scheduler)
{
    schedule_destroy(&scheduler->schedule);
    stack_finish(&scheduler->stack);
    memory_free(scheduler->strip_parts);
    memory_free(scheduler->strips);
    memory_free(scheduler->keys);
}

/* Waits for all threads, the committer last, so that it sees everything that was staged. */
static void join_threads(struct render_state *state)
{
    for (unsigned index = 0; index < state->worker_count; index++)
        thread_join(&state->workers[index].thread);
    render_composers_join(state);
    render_writers_join(state);
    mutex_lock(&state->mutex);
    state->workers_done = true;
    condition_broadcast(&state->staged);
    mutex_unlock(&state->mutex);
    thread_join(&state->committer);
    /* A worker may have staged an item after a failed commit had ended the committer. */
    for (size_t index = 0; index < state->staged_count; index++)
        item_store_discard(state->options->store, &state->staged_items[index]);
    state->staged_count = 0;
}

static enum sgr_status start_threads(struct render_state *state, struct sgr_error *error)
{
    enum sgr_status status = thread_start(&state->committer, render_commit_run, state, error);
    if (status != SGR_OK)
        return status;
    while (state->worker_count < state->options->threads && status == SGR_OK) {
        struct render_worker *worker = &state->workers[state->worker_count];
        status = thread_start(&worker->thread, render_worker_run, worker, error);
        state->worker_count += status == SGR_OK;
    }
    /* Fewer workers than asked for are slower, not wrong; none at all is the end. */
    struct sgr_error reason = {SGR_OK, ""};
    if (state->worker_count > 0)
        status = render_writers_start(state, &reason);
    if (status == SGR_OK) {
        render_composers_start(state);
        return SGR_OK;
    }
    mutex_lock(&state->mutex);
    render_fail(state, status, &reason);
    mutex_unlock(&state->mutex);
    join_threads(state);
    if (error && state->worker_count > 0)
        *error = reason;
    return status;
}

static void fill_result(struct render_state *state, struct sgr_generate_result *result)
{
    result->progress = state->progress;
    result->progress.elapsed_ns = machine_now_ns() - state->start_ns;
    result->progress.memory_bytes = machine_memory_now_bytes();
    result->fragment_bytes = state->cache.bytes_peak;
    result->fragments_evicted = state->cache.evicted;
    result->threads = state->worker_count;
    result->kernel = state->options->kernels->name;
    result->writers = state->writer_started;
    stage_add(result->stages, &state->schedule_stages);
    stage_add(result->stages, &state->commit_stages);
    for (unsigned index = 0; state->workers && index < state->options->threads; index++) {
        stage_add(result->stages, &state->workers[index].maker.stages);
        stage_add(result->stages, &state->workers[index].stages);
    }
    for (unsigned index = 0; state->writers && index < state->writer_count; index++)
        stage_add(result->stages, &state->writers[index].stages);
    render_composers_result(state, result);
    stage_queue_finish(&state->strips.waiting, &result->stages[SGR_STAGE_COMPOSE]);
    stage_queue_finish(&state->composed_waiting, &result->stages[SGR_STAGE_ENCODE]);
    stage_queue_finish(&state->whole_waiting, &result->stages[SGR_STAGE_ASSEMBLE]);
    stage_queue_finish(&state->staged_waiting, &result->stages[SGR_STAGE_COMMIT]);
}

static enum sgr_status run(struct render_state *state, struct scheduler *scheduler,
                           struct sgr_error *error)
{
    size_t bands = state->choices->band_count;
    scheduler->state = state;
    scheduler->strips = memory_allocate(bands, sizeof *scheduler->strips);
    scheduler->keys = memory_allocate(bands, sizeof *scheduler->keys);
    if (!scheduler->strips || !scheduler->keys)
        return error_no_memory(error, "the run");
    enum sgr_status status = start_threads(state, error);
    if (status != SGR_OK)
        return status;
    schedule(scheduler);
    join_threads(state);
    if (state->status != SGR_OK && error)
        *error = state->error;
    return state->status;
}

/* What a run that did not fail comes to. */
static enum sgr_status conclude(const struct render_state *state,
                                const struct sgr_generate_result *result, struct sgr_error *error)
{
    const struct sgr_progress *progress = &result->progress;
    enum sgr_status asked = cancel_status(state->options->cancel);
    if (asked != SGR_OK && progress->items_done + progress->items_failed < progress->items_total)
        return error_set(
            error, asked, "stopped after %llu of %llu items; run the same command again to go on",
            (unsigned long long)progress->items_done, (unsigned long long)progress->items_total);
    if (progress->items_failed == 0)
        return SGR_OK;
    return error_set(error, SGR_PARTIAL,
                     "%llu of %llu items were given up; run the same command again to try them "
                     "again; the first, %s",
                     (unsigned long long)progress->items_failed,
                     (unsigned long long)progress->items_total, state->failure.text);
}

enum sgr_status render_run(const struct render_options *options,
                           struct sgr_generate_result *out_result, struct sgr_error *error)
{
    struct render_state *state = memory_allocate_zeroed(1, sizeof *state);
    if (!state)
        return error_no_memory(error, "the run");
    state->options = options;
    state->choices = options->choices ? options->choices : plan_choices(options->plan);
    state->start_ns = machine_now_ns();
    state->whole_end = &state->whole;
    mutex_init(&state->mutex);
    struct condition *conditions[] = {&state->work,   &state->writing,   &state->room,
                                      &state->staged, &state->committed, &state->composing};
    for (size_t index = 0; index < sizeof conditions / sizeof *conditions; index++)
        condition_init(conditions[index]);
    struct selection done = {0};
    struct scheduler scheduler = {0};
    enum sgr_status status = find_finished(state, &done, error);
    if (status == SGR_OK)
        status = make_schedule(&scheduler, state, &done, error);
    if (status == SGR_OK)
        status = render_writers_init(state, error);
    if (status == SGR_OK)
        status = make_jobs(state, error);
    if (status == SGR_OK)
        status = render_composers_init(state, error);
    if (status == SGR_OK)
        status = make_workers(state, error);
    if (status == SGR_OK)
        status = run(state, &scheduler, error);
    fill_result(state, out_result);
    scheduler_finish(&scheduler);
    selection_finish(&done);
    free_state(state);
    for (size_t index = 0; index < sizeof conditions / sizeof *conditions; index++)
        condition_finish(conditions[index]);
    mutex_finish(&state->mutex);
    if (status == SGR_OK)
        status = conclude(state, out_result, error);
    memory_free(state);
    return status;
}
