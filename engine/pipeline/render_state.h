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

struct render_composer;

/* A batch composer's slot. */
struct render_slot {
    struct render_composer *composer;
    struct render_slot *next;    /* in the list of those with strips for workers */
    struct fragment **fragments; /* [strips_max] */
    size_t count;                /* strips in it; 0: it is free */
    size_t taken;                /* of them by workers */
    size_t unread;               /* composed, and not yet encoded */
    const uint32_t *pixels;      /* of the strip that is taken next */
};

/* A strip that a batch composer made. */
struct render_composed {
    struct fragment *fragment;
    const uint32_t *pixels; /* until render_composed_release */
    struct render_slot *slot;
};

/* A batch composer and its thread, which alone talks to it. The mutex guards what changes. */
struct render_composer {
    struct render_state *state;
    struct batch_composer *batch; /* borrowed */
    struct thread thread;
    bool started;
    struct stage_counters stages; /* the thread's own until it is joined */
    struct sgr_error error;       /* the thread's own: its last failure */
    struct compose_strip *strips; /* [strips_max]; the thread's own */
    size_t strips_max;            /* of one batch */
    size_t worth;                 /* strips that are worth a batch while others are on their way */
    size_t wanted;                /* strips that shall wait for it, so that batches are full */
    struct render_slot *slots;    /* [slot_count] */
    unsigned slot_count;
    struct render_slot **submitted; /* [slot_count], a ring: those being composed, oldest first */
    unsigned submitted_first;
    unsigned submitted_count;
    size_t unread;    /* strips in its slots that are composed and not yet encoded */
    unsigned reading; /* workers that read its slots now */
    bool restarted;
    bool asleep;
    bool draining; /* asleep until workers have left its slots */
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
    struct render_composer *composers; /* [composer_count] */
    size_t composer_count;             /* those that can hold the plan's strips */
    uint64_t start_ns;
    struct stage_counters schedule_stages; /* the scheduling thread's own */
    struct stage_counters commit_stages;   /* the committer's own until it is joined */

    struct mutex mutex;
    struct condition work;      /* something to do for workers */
    struct condition writing;   /* something to do for writers that are threads */
    struct condition room;      /* a job is free, or a run ends: for the scheduler */
    struct condition staged;    /* something to commit, or the end */
    struct condition committed; /* room for staged items */
    struct condition composing; /* something to do for composing threads */
    struct strip_cache cache;
    struct render_queue strips;   /* to be made */
    size_t strips_wanted;         /* that many shall lie there for composing threads */
    unsigned composers_alive;     /* composing threads that have not ended; 0: workers compose */
    struct render_slot *composed; /* slots with strips for workers, oldest first */
    struct render_slot **composed_end;
    struct stage_queue composed_waiting; /* strips in them */
    struct render_job *whole;            /* jobs whose fragments are all ready, oldest first */
    struct render_job **whole_end;
    struct stage_queue whole_waiting;
    struct render_job *free_jobs;
    struct render_job *jobs; /* all of them, [job_count] */
    size_t job_count;
    size_t jobs_usual; /* of them: more are in flight only while composing threads want strips */
    size_t jobs_in_flight;
    struct item_staged staged_items[RENDER_STAGED_MAX];
    size_t staged_count;
    struct stage_queue staged_waiting;
    bool scheduled_all;
    bool workers_done;
    enum sgr_status status; /* of the failure that ends the run */
    struct sgr_error error;
    struct sgr_error failure; /* of the first item that was given up */
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

/* Puts a fragment back where render_queue_pop took it from; the mutex is held. */
void render_queue_return(struct render_queue *queue, struct fragment *fragment, uint64_t now_ns);

/* The items in flight that fill the slots of all composers, beside the usual ones. */
size_t render_compose_jobs(const struct render_state *state);

/*
 * Whether composing threads lack strips, nobody is behind with whole items, and the cache has not
 * more than its room: then more than the usual items may be in flight. The mutex is held.
 */
bool render_compose_wants(const struct render_state *state);

/* Wakes composing threads that have something to do by now; the mutex is held. */
void render_compose_wake(struct render_state *state);

/* Takes the oldest composed strip; false when there is none. The mutex is held. */
bool render_composed_pop(struct render_state *state, struct render_composed *out_composed);

/* Gives the pixels of a composed strip back to its slot; the mutex is held. */
void render_composed_release(struct render_slot *slot);

/* Makes the composers that can hold the plan's strips; the queue of strips is made. */
enum sgr_status render_composers_init(struct render_state *state,
                                      struct sgr_error *error) SGR_MUST_USE;

/* Starts their threads; what cannot be started is told and done without. */
void render_composers_start(struct render_state *state);

/* Waits for the threads that were started. */
void render_composers_join(struct render_state *state);

/* Adds what they did; their threads have ended. */
void render_composers_result(const struct render_state *state, struct sgr_generate_result *result);

/* Frees them; their threads have ended. */
void render_composers_finish(struct render_state *state);

/* Takes the oldest fragment, or NULL; the mutex is held. */
struct fragment *render_queue_pop(struct render_queue *queue);

#endif
