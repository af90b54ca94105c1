/*
 * Writers take whole items, oldest first: join, digest, write. Where files are kept they are
 * threads of their own: they mostly sleep while the disk works, and the workers go on making strips
 * meanwhile.
 */
#include "base/error.h"
#include "base/memory.h"
#include "pipeline/render_state.h"

_Static_assert(RENDER_STAGED_MAX == 2 * RENDER_BATCH_MAX, "one batch gathers while one is synced");

/* Joins an item's fragments to a file and stages it; the mutex is not held. */
static enum sgr_status stage(struct render_writer *writer, struct render_job *job,
                             struct item_staged *staged, struct sgr_error *error)
{
    const struct plan_choices *choices = writer->state->choices;
    uint8_t head[PNG_HEAD_BYTES_MAX];
    uint8_t tail[PNG_TAIL_BYTES];
    uint32_t adler = 1;
    uint64_t start_ns = machine_now_ns();
    unsigned palette_used = 0;
    for (size_t band = 0; band < choices->band_count; band++) {
        const struct fragment *fragment = job->fragments[band];
        writer->pieces[band + 1] = (struct file_piece){fragment->chunk, fragment->size};
        adler = png_strip_join_adler(adler, fragment->adler, strip_maker_raw_size(choices, band));
        if (fragment->palette_used > palette_used)
            palette_used = fragment->palette_used;
    }
    struct png_header header = strip_maker_header(choices, palette_used);
    writer->pieces[0] = (struct file_piece){head, png_strip_head(head, &header)};
    png_strip_tail(tail, adler);
    writer->pieces[choices->band_count + 1] = (struct file_piece){tail, sizeof tail};
    (void)stage_end(&writer->stages, SGR_STAGE_ASSEMBLE, start_ns, 0);
    struct item_content content = {writer->pieces, choices->band_count + 2, &job->metadata,
                                   &writer->stages};
    return item_store_stage(writer->state->options->store, &writer->writer, &content, staged,
                            error);
}

/*
 * Stages an item. Where it cannot be written, but others of its size can, it is tried again, and
 * given up in the end: then its row is all that is staged.
 */
static enum sgr_status stage_patiently(struct render_writer *writer, struct render_job *job,
                                       struct item_staged *staged, struct sgr_error *error)
{
    static const unsigned waits_ms[] = {10, 100};
    struct item_store *store = writer->state->options->store;
    staged->id = job->id;
    staged->recipe = job->recipe;
    job->recipe = NULL;
    enum sgr_status status = stage(writer, job, staged, error);
    for (size_t tried = 0; status == SGR_OUTPUT; tried++) {
        if (!item_store_can_write(store, staged->id, staged->image.bytes))
            return status;
        if (tried == sizeof waits_ms / sizeof *waits_ms) {
            staged->failure = memory_copy_text(error->text);
            return staged->failure ? SGR_OK : error_no_memory(error, "a failure's reason");
        }
        thread_sleep_ms(waits_ms[tried]);
        status = stage(writer, job, staged, error);
    }
    return status;
}

struct render_job *render_whole_pop(struct render_state *state)
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

/* The most items that may be staged now. */
static size_t staged_max(const struct render_state *state)
{
    return item_store_batch_max(state->options->store) * 2;
}

void render_write_item(struct render_writer *writer, struct render_job *job)
{
    struct render_state *state = writer->state;
    mutex_unlock(&state->mutex);
    struct sgr_error error = {SGR_OK, ""};
    struct item_staged staged = {.image_handle = OPEN_FILE_NONE, .metadata_handle = OPEN_FILE_NONE};
    enum sgr_status status = stage_patiently(writer, job, &staged, &error);
    mutex_lock(&state->mutex);
    render_job_release(state, job);
    uint64_t now_ns = machine_now_ns();
    while (status == SGR_OK && state->status == SGR_OK && state->staged_count >= staged_max(state))
        condition_wait(&state->committed, &state->mutex);
    now_ns = stage_waited(&writer->stages, SGR_STAGE_WRITE, now_ns);
    if (status == SGR_OK && state->staged_count < staged_max(state)) {
        state->staged_items[state->staged_count++] = staged;
        stage_queue_enter(&state->staged_waiting, now_ns);
        if (state->staged_count == 1 || state->staged_count >= staged_max(state) / 2)
            condition_signal(&state->staged);
        return;
    }
    item_store_discard(state->options->store, &staged);
    if (status != SGR_OK)
        render_fail(state, status, &error);
}

void render_writer_run(void *context)
{
    struct render_writer *writer = context;
    struct render_state *state = writer->state;
    mutex_lock(&state->mutex);
    while (state->status == SGR_OK) {
        struct render_job *job = render_whole_pop(state);
        if (job) {
            render_write_item(writer, job);
            continue;
        }
        if (state->scheduled_all && state->jobs_in_flight == 0)
            break;
        uint64_t start_ns = machine_now_ns();
        condition_wait(&state->writing, &state->mutex);
        (void)stage_waited(&writer->stages, SGR_STAGE_ASSEMBLE, start_ns);
    }
    /* The others may be asleep with nothing left that would wake them. */
    condition_broadcast(&state->writing);
    condition_broadcast(&state->work);
    mutex_unlock(&state->mutex);
}

enum sgr_status render_writers_init(struct render_state *state, struct sgr_error *error)
{
    const struct render_options *options = state->options;
    state->writes_apart = item_store_folder(options->store) != NULL;
    state->writer_count = state->writes_apart ? (unsigned)RENDER_WRITERS : options->threads;
    state->writers = memory_allocate_zeroed(state->writer_count, sizeof *state->writers);
    if (!state->writers)
        return error_no_memory(error, "the run");
    enum sgr_status status = SGR_OK;
    for (unsigned index = 0; index < state->writer_count && status == SGR_OK; index++) {
        struct render_writer *writer = &state->writers[index];
        writer->state = state;
        writer->pieces = memory_allocate(state->choices->band_count + 2, sizeof(struct file_piece));
        status = writer->pieces ? item_store_writer_init(options->store, &writer->writer, error)
                                : error_no_memory(error, "the run");
    }
    return status;
}

enum sgr_status render_writers_start(struct render_state *state, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    while (state->writes_apart && state->writer_started < state->writer_count && status == SGR_OK) {
        struct render_writer *writer = &state->writers[state->writer_started];
        status = thread_start(&writer->thread, render_writer_run, writer, error);
        state->writer_started += status == SGR_OK;
    }
    /* Fewer than wished for are slower, not wrong. */
    return state->writer_started > 0 ? SGR_OK : status;
}

void render_writers_join(struct render_state *state)
{
    for (unsigned index = 0; index < state->writer_started; index++)
        thread_join(&state->writers[index].thread);
}

void render_writers_finish(struct render_state *state)
{
    for (unsigned index = 0; state->writers && index < state->writer_count; index++) {
        item_store_writer_finish(&state->writers[index].writer);
        memory_free(state->writers[index].pieces);
    }
    memory_free(state->writers);
}
