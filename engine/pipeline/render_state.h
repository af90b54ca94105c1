/* What the threads of a run share. Private to the render files. */
#ifndef SGR_PIPELINE_RENDER_STATE_H
#define SGR_PIPELINE_RENDER_STATE_H

#include "os/condition.h"
#include "os/mutex.h"
#include "os/thread.h"
#include "pipeline/render.h"
#include "pipeline/strip_cache.h"
#include "pipeline/strip_maker.h"
#include "work/stage.h"

struct render_job;

/* A job's wait for one fragment; a node of the fragment's list. */
struct waiter {
    struct waiter *next;
    struct render_job *job;
};

/* An item in flight: scheduled, not yet staged. */
struct render_job {
    struct render_job *next; /* in the free list or in the queue of whole items */
    uint64_t id;
    char *recipe; /* owned */
    struct text metadata;
    struct fragment **fragments; /* [band_count] */
    struct waiter *waiters;      /* [band_count] */
    size_t unready;              /* fragments still being made */
};

/* Fragments waiting to be made. */
struct render_queue {
    struct fragment **items;
    size_t capacity;
    size_t first;
    size_t count;
    struct stage_queue waiting;
};

enum { RENDER_STAGED_MAX = ITEM_STORE_STAGED_MAX, RENDER_BATCH_MAX = ITEM_STORE_BATCH_MAX };

/* What joins and stages items: a thread of its own, or a part of a worker where nothing is kept. */
struct render_writer {
    struct render_state *state;
    struct thread thread;
    struct item_writer writer;
    struct file_piece *pieces; /* [band_count + 2] */
    struct stage_counters stages;
};

/* One worker thread. */
struct render_worker {
    struct render_state *state;
    struct thread thread;
    struct strip_maker maker;
    struct stage_counters stages; /* besides those of the maker */
};

/* The whole run. The mutex guards everything below it. */
struct render_state {
    const struct render_options *options;
    const struct plan_choices *choices;
    struct render_worker *workers;
    unsigned worker_count; /* started */
    bool writes_apart;     /* by threads of their own, so that no worker waits for the disk */
    struct render_writer *writers;
    unsigned writer_count;   /* made; one a worker unless they write apart */
    unsigned writer_started; /* threads */
    struct thread committer;
    uint64_t start_ns;
    struct stage_counters schedule_stages; /* the scheduling thread's own */
    struct stage_counters commit_stages;   /* the committer's own until it is joined */

    struct mutex mutex;
    struct condition work;      /* something to do for workers */
    struct condition writing;   /* something to do for writers that are threads */
    struct condition room;      /* a job is free, or a run ends: for the scheduler */
    struct condition staged;    /* something to commit, or the end */
    struct condition committed; /* room for staged items */
    struct strip_cache cache;
    struct render_queue strips; /* to be made */
    struct render_job *whole;   /* jobs whose fragments are all ready, oldest first */
    struct render_job **whole_end;
    struct stage_queue whole_waiting;
    struct render_job *free_jobs;
    struct render_job *jobs; /* all of them, [job_count] */
    size_t job_count;
    size_t jobs_in_flight;
    struct item_staged staged_items[RENDER_STAGED_MAX];
    size_t staged_count;
    struct stage_queue staged_waiting;
    bool scheduled_all;
    bool workers_done;
    enum sgr_status status; /* the first failure */
    struct sgr_error error;
    struct sgr_progress progress;
};

/* Notes a failure, once, and wakes everybody; the mutex is held. */
void render_fail(struct render_state *state, enum sgr_status status, const struct sgr_error *error);

/* A worker thread's body. */
void render_worker_run(void *worker);

/* A writer thread's body. */
void render_writer_run(void *writer);

/* Makes the writers. */
enum sgr_status render_writers_init(struct render_state *state,
                                    struct sgr_error *error) SGR_MUST_USE;

/* Starts their threads, where they have any. */
enum sgr_status render_writers_start(struct render_state *state,
                                     struct sgr_error *error) SGR_MUST_USE;

/* Waits for the threads that were started. */
void render_writers_join(struct render_state *state);

/* Frees the writers; their threads have ended. */
void render_writers_finish(struct render_state *state);

/* Takes the oldest whole item, or NULL; the mutex is held. */
struct render_job *render_whole_pop(struct render_state *state);

/* Writes one item and stages it; the mutex is held on entry and exit. */
void render_write_item(struct render_writer *writer, struct render_job *job);

/* The committing thread's body. */
void render_commit_run(void *state);

/* Gives a job's fragments back and the job to the free list; the mutex is held. */
void render_job_release(struct render_state *state, struct render_job *job);

/* Adds a fragment to the queue, which has room for all jobs' bands; the mutex is held. */
void render_queue_push(struct render_queue *queue, struct fragment *fragment, uint64_t now_ns);

/* Adds a job whose fragments are all ready to the queue of whole items; the mutex is held. */
void render_whole_push(struct render_state *state, struct render_job *job, uint64_t now_ns);

/* Takes the oldest fragment, or NULL; the mutex is held. */
struct fragment *render_queue_pop(struct render_queue *queue);

#endif
