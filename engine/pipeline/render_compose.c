/*
 * Composing threads, one for each batch composer: they take strips from the queue, have a slot full
 * of them composed at a time, and hand the slots to the workers. Those encode from the slots'
 * memory and take the oldest slot's strips first, so that with two slots more than workers one is
 * always being filled: pixels are never copied out to free a slot.
 *
 * A composer that fails is started anew once; when it fails again, or at once when it refuses a
 * batch, the run goes on without it.
 */
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "pipeline/render_state.h"

#include <stdio.h>

/*
 * How long a composing thread waits for its oldest batch before it looks at the queue again; the
 * most strips of a batch, more gain nothing; strips that must be there for each worker before a
 * batch may wait to become larger.
 */
enum { COLLECT_MS = 2, BATCH_STRIPS_MAX = 4096, STRIPS_A_WORKER = 2 };

/*
 * Of the items whose strips fill a composer's slots, most strips are there already; an eighth is
 * new where little is used again. What the items take beside their strips is bounded.
 */
enum { NEW_SHARE = 8, JOB_BYTES = 2000 };

static uint64_t canvas_pixels(const struct plan_choices *choices)
{
    return (uint64_t)choices->width * choices->height;
}

static size_t band_pixels(const struct plan_choices *choices, size_t band)
{
    return (size_t)(choices->band_edges[band + 1] - choices->band_edges[band]) * choices->width;
}

size_t render_compose_jobs(const struct render_state *state)
{
    const struct render_options *options = state->options;
    uint64_t pixels = 0;
    for (size_t index = 0; index < options->composer_count; index++) {
        const struct batch_shape *shape = batch_shape(options->composers[index]);
        pixels += (uint64_t)shape->slot_count * shape->slot_pixels;
    }
    uint64_t bytes = JOB_BYTES + state->choices->band_count *
                                     (sizeof(struct waiter) + 2 * sizeof(struct fragment *));
    uint64_t wanted = pixels * NEW_SHARE / canvas_pixels(state->choices);
    uint64_t most = RENDER_COMPOSE_JOBS_BYTES / bytes;
    return (size_t)(wanted < most ? wanted : most);
}

bool render_compose_wants(const struct render_state *state)
{
    return state->composers_alive > 0 && state->strips.count < state->strips_wanted &&
           state->whole_waiting.count < state->jobs_usual &&
           state->cache.bytes <= state->cache.bytes_max;
}

static struct render_slot *free_slot(const struct render_composer *composer)
{
    for (unsigned index = 0; index < composer->slot_count; index++) {
        if (composer->slots[index].count == 0)
            return &composer->slots[index];
    }
    return NULL;
}

/*
 * Whether a batch shall be submitted now: one that is worth it, or when nothing else is on its way
 * and workers will soon have nothing to do, or when no more strips will come.
 */
static bool can_submit(const struct render_composer *composer)
{
    const struct render_state *state = composer->state;
    if (state->strips.count == 0 || !free_slot(composer))
        return false;
    if (state->strips.count >= composer->worth || state->scheduled_all)
        return true;
    return composer->submitted_count == 0 &&
           state->composed_waiting.count < (uint64_t)state->options->threads * STRIPS_A_WORKER;
}

/* Whether no worker needs the slots any more; after a failure those that read are the last. */
static bool is_drained(const struct render_composer *composer)
{
    return composer->reading == 0 && (composer->unread == 0 || composer->state->status != SGR_OK);
}

void render_compose_wake(struct render_state *state)
{
    for (size_t index = 0; index < state->composer_count; index++) {
        const struct render_composer *composer = &state->composers[index];
        if (composer->asleep && (composer->draining ? is_drained(composer) : can_submit(composer)))
            condition_broadcast(&state->composing);
    }
}

bool render_composed_pop(struct render_state *state, struct render_composed *out_composed)
{
    struct render_slot *slot = state->composed;
    if (!slot)
        return false;
    struct fragment *fragment = slot->fragments[slot->taken++];
    *out_composed = (struct render_composed){fragment, slot->pixels, slot};
    slot->pixels += band_pixels(state->choices, fragment->band);
    slot->composer->reading++;
    if (slot->taken == slot->count) {
        state->composed = slot->next;
        if (!state->composed)
            state->composed_end = &state->composed;
    }
    stage_queue_leave(&state->composed_waiting, 1, machine_now_ns());
    render_compose_wake(state);
    return true;
}

void render_composed_release(struct render_slot *slot)
{
    struct render_composer *composer = slot->composer;
    composer->reading--;
    composer->unread--;
    if (--slot->unread == 0)
        slot->count = 0;
    render_compose_wake(composer->state);
}

/* Sleeps until something changes; the mutex is held. */
static void sleep_once(struct render_composer *composer)
{
    struct render_state *state = composer->state;
    uint64_t start_ns = machine_now_ns();
    composer->asleep = true;
    condition_wait(&state->composing, &state->mutex);
    composer->asleep = false;
    (void)stage_waited(&composer->stages, SGR_STAGE_COMPOSE, start_ns);
}

/* Waits for something to submit or to collect; false when the run ends. The mutex is held. */
static bool await_strips(struct render_composer *composer)
{
    const struct render_state *state = composer->state;
    while (state->status == SGR_OK && composer->submitted_count == 0 && !can_submit(composer)) {
        if (state->scheduled_all && state->jobs_in_flight == 0)
            return false;
        sleep_once(composer);
    }
    return state->status == SGR_OK;
}

/* Puts strips of a slot back from `first` on, as they were; the mutex is held. */
static void put_back(struct render_slot *slot, size_t first)
{
    uint64_t now_ns = machine_now_ns();
    while (slot->count > first)
        render_queue_return(&slot->composer->state->strips, slot->fragments[--slot->count], now_ns);
}

/* Takes as many strips as a slot has pixels for; the mutex is held. */
static void take_strips(struct render_composer *composer, struct render_slot *slot)
{
    struct render_state *state = composer->state;
    const uint32_t *edges = state->choices->band_edges;
    size_t pixels = 0;
    while (state->strips.count > 0 && slot->count < composer->strips_max) {
        const struct fragment *oldest = state->strips.items[state->strips.first];
        pixels += band_pixels(state->choices, oldest->band);
        if (pixels > batch_shape(composer->batch)->slot_pixels)
            break;
        struct fragment *fragment = render_queue_pop(&state->strips);
        composer->strips[slot->count] =
            (struct compose_strip){edges[fragment->band], edges[fragment->band + 1],
                                   fragment->parts, fragment->part_count};
        slot->fragments[slot->count++] = fragment;
    }
    condition_signal(&state->room);
}

/* Submits what fits a free slot; the mutex is held on entry and exit. */
static bool submit(struct render_composer *composer)
{
    struct render_state *state = composer->state;
    struct render_slot *slot = free_slot(composer);
    take_strips(composer, slot);
    size_t taken = slot->count;
    unsigned number = (unsigned)(slot - composer->slots);
    mutex_unlock(&state->mutex);
    uint64_t start_ns = machine_now_ns();
    enum sgr_status status =
        batch_submit(composer->batch, number, composer->strips, &taken, &composer->error);
    composer->stages.stages[SGR_STAGE_COMPOSE].busy_ns += machine_now_ns() - start_ns;
    mutex_lock(&state->mutex);
    if (status != SGR_OK)
        taken = 0;
    put_back(slot, taken);
    /* Another composer may have gone to sleep while these strips were away. */
    render_compose_wake(state);
    if (status != SGR_OK)
        return false;
    unsigned end = composer->submitted_first + composer->submitted_count++;
    composer->submitted[end % composer->slot_count] = slot;
    return true;
}

/* Hands the strips of the oldest batch to the workers; the mutex is held. */
static void hand_over(struct render_composer *composer, const uint32_t *pixels)
{
    struct render_state *state = composer->state;
    struct render_slot *slot = composer->submitted[composer->submitted_first];
    struct sgr_stage_metrics *metrics = &composer->stages.stages[SGR_STAGE_COMPOSE];
    uint64_t now_ns = machine_now_ns();
    composer->submitted_first = (composer->submitted_first + 1) % composer->slot_count;
    composer->submitted_count--;
    composer->unread += slot->count;
    for (size_t index = 0; index < slot->count; index++) {
        metrics->bytes += band_pixels(state->choices, slot->fragments[index]->band) * 4;
        stage_queue_enter(&state->composed_waiting, now_ns);
    }
    metrics->count += slot->count;
    slot->pixels = pixels;
    slot->taken = 0;
    slot->unread = slot->count;
    slot->next = NULL;
    *state->composed_end = slot;
    state->composed_end = &slot->next;
    condition_broadcast(&state->work);
}

/* Waits a little for the oldest batch; the mutex is held on entry and exit. */
static bool collect(struct render_composer *composer)
{
    struct render_state *state = composer->state;
    const struct render_slot *slot = composer->submitted[composer->submitted_first];
    unsigned number = (unsigned)(slot - composer->slots);
    unsigned wait_ms = can_submit(composer) ? 0 : COLLECT_MS;
    const uint32_t *pixels = NULL;
    mutex_unlock(&state->mutex);
    uint64_t start_ns = machine_now_ns();
    enum sgr_status status =
        batch_collect(composer->batch, number, wait_ms, &pixels, &composer->error);
    /* Where it may wait, it hardly does anything else. */
    struct sgr_stage_metrics *metrics = &composer->stages.stages[SGR_STAGE_COMPOSE];
    *(wait_ms ? &metrics->wait_ns : &metrics->busy_ns) += machine_now_ns() - start_ns;
    mutex_lock(&state->mutex);
    if (status == SGR_OK && pixels)
        hand_over(composer, pixels);
    return status == SGR_OK;
}

/* Waits until no worker needs the slots any more; the mutex is held. */
static void drain(struct render_composer *composer)
{
    composer->draining = true;
    while (!is_drained(composer))
        sleep_once(composer);
    composer->draining = false;
}

/*
 * Takes back what a failed composer has not delivered, and starts it anew the first time; false
 * when it cannot go on. The mutex is held on entry and exit.
 */
static bool recover(struct render_composer *composer)
{
    struct render_state *state = composer->state;
    while (composer->submitted_count > 0) {
        unsigned last = composer->submitted_first + --composer->submitted_count;
        put_back(composer->submitted[last % composer->slot_count], 0);
    }
    render_compose_wake(state);
    drain(composer);
    bool is_refused = composer->error.status == SGR_USAGE;
    if (composer->restarted || is_refused || state->status != SGR_OK)
        return false;
    composer->restarted = true;
    /* Under the mutex, so that lines come one at a time. */
    log_write(&state->options->log, SGR_LOG_NOTICE, "%s: %s; it is started anew",
              batch_shape(composer->batch)->name, composer->error.text);
    mutex_unlock(&state->mutex);
    enum sgr_status status = batch_restart(composer->batch, &composer->error);
    mutex_lock(&state->mutex);
    return status == SGR_OK;
}

/* Notes that a composer ended, for `reason` before the run did, else NULL; the mutex is held. */
static void retire(struct render_composer *composer, const char *reason)
{
    struct render_state *state = composer->state;
    state->composers_alive--;
    state->strips_wanted -= composer->wanted;
    if (reason && state->status == SGR_OK)
        log_write(&state->options->log, SGR_LOG_WARNING, "%s: %s; going on with the CPU",
                  batch_shape(composer->batch)->name, reason);
    condition_broadcast(&state->work);
}

/* A composing thread's body. */
static void render_compose_run(void *context)
{
    struct render_composer *composer = context;
    struct render_state *state = composer->state;
    bool begun = batch_begin(composer->batch, &composer->error) == SGR_OK;
    bool works = begun;
    mutex_lock(&state->mutex);
    while (works && await_strips(composer)) {
        if (can_submit(composer))
            works = submit(composer);
        if (works && composer->submitted_count > 0)
            works = collect(composer);
        works = works || recover(composer);
    }
    drain(composer);
    retire(composer, works ? NULL : composer->error.text);
    mutex_unlock(&state->mutex);
    if (begun)
        batch_end(composer->batch);
}

/* Makes what a composer needs; its thread is not started. */
static enum sgr_status init(struct render_composer *composer, struct sgr_error *error)
{
    const struct render_state *state = composer->state;
    const struct plan_choices *choices = state->choices;
    const struct batch_shape *shape = batch_shape(composer->batch);
    uint64_t full = (uint64_t)shape->slot_pixels * choices->band_count / canvas_pixels(choices);
    composer->strips_max = state->strips.capacity < BATCH_STRIPS_MAX ? state->strips.capacity
                                                                     : (size_t)BATCH_STRIPS_MAX;
    if (full > composer->strips_max)
        full = composer->strips_max;
    composer->worth = (size_t)(full + 1) / 2;
    composer->wanted = (size_t)full * 2;
    composer->slot_count = shape->slot_count;
    composer->slots = memory_allocate_zeroed(shape->slot_count, sizeof *composer->slots);
    composer->submitted = memory_allocate(shape->slot_count, sizeof(struct render_slot *));
    composer->strips = memory_allocate(composer->strips_max, sizeof *composer->strips);
    if (!composer->slots || !composer->submitted || !composer->strips)
        return error_no_memory(error, "the run");
    for (unsigned index = 0; index < composer->slot_count; index++) {
        struct render_slot *slot = &composer->slots[index];
        slot->composer = composer;
        slot->fragments = memory_allocate(composer->strips_max, sizeof(struct fragment *));
        if (!slot->fragments)
            return error_no_memory(error, "the run");
    }
    return SGR_OK;
}

/* Whether every strip of the plan fits a slot; says so when one does not. */
static bool fits(const struct render_state *state, const struct batch_composer *batch)
{
    const struct batch_shape *shape = batch_shape(batch);
    for (size_t band = 0; band < state->choices->band_count; band++) {
        if (band_pixels(state->choices, band) <= shape->slot_pixels)
            continue;
        log_write(&state->options->log, SGR_LOG_WARNING,
                  "%s: rows %u to %u of an item are more than the %zu pixels it draws at once; "
                  "going on with the CPU",
                  shape->name, state->choices->band_edges[band],
                  state->choices->band_edges[band + 1], shape->slot_pixels);
        return false;
    }
    return true;
}

enum sgr_status render_composers_init(struct render_state *state, struct sgr_error *error)
{
    const struct render_options *options = state->options;
    enum sgr_status status = SGR_OK;
    state->composed_end = &state->composed;
    if (options->composer_count == 0)
        return SGR_OK;
    state->composers = memory_allocate_zeroed(options->composer_count, sizeof *state->composers);
    if (!state->composers)
        return error_no_memory(error, "the run");
    for (size_t index = 0; index < options->composer_count && status == SGR_OK; index++) {
        if (!fits(state, options->composers[index]))
            continue;
        struct render_composer *composer = &state->composers[state->composer_count++];
        composer->state = state;
        composer->batch = options->composers[index];
        status = init(composer, error);
    }
    return status;
}

void render_composers_start(struct render_state *state)
{
    for (size_t index = 0; index < state->composer_count; index++) {
        struct render_composer *composer = &state->composers[index];
        mutex_lock(&state->mutex);
        state->composers_alive++;
        state->strips_wanted += composer->wanted;
        mutex_unlock(&state->mutex);
        composer->started = thread_start(&composer->thread, render_compose_run, composer,
                                         &composer->error) == SGR_OK;
        if (composer->started)
            continue;
        mutex_lock(&state->mutex);
        retire(composer, composer->error.text);
        mutex_unlock(&state->mutex);
    }
}

void render_composers_join(struct render_state *state)
{
    for (size_t index = 0; index < state->composer_count; index++) {
        if (state->composers[index].started)
            thread_join(&state->composers[index].thread);
    }
}

void render_composers_result(const struct render_state *state, struct sgr_generate_result *result)
{
    for (size_t index = 0; index < state->composer_count; index++) {
        const struct render_composer *composer = &state->composers[index];
        if (!composer->started)
            continue;
        struct sgr_device_share *share = &result->devices[result->composers++];
        share->strips = composer->stages.stages[SGR_STAGE_COMPOSE].count;
        snprintf(share->name, sizeof share->name, "%s", batch_shape(composer->batch)->name);
        result->strips_batched += share->strips;
        stage_add(result->stages, &composer->stages);
    }
}

void render_composers_finish(struct render_state *state)
{
    for (size_t index = 0; index < state->composer_count; index++) {
        struct render_composer *composer = &state->composers[index];
        for (unsigned slot = 0; composer->slots && slot < composer->slot_count; slot++)
            memory_free(composer->slots[slot].fragments);
        memory_free(composer->slots);
        memory_free(composer->submitted);
        memory_free(composer->strips);
    }
    memory_free(state->composers);
}
