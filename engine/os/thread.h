/* Threads, locks and conditions; a failing lock is our own mistake and asserts. */
#ifndef SGR_OS_THREAD_H
#define SGR_OS_THREAD_H

#include <serigraph/status.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* A lock; init before use, finish when nobody holds it. */
struct mutex {
    pthread_mutex_t handle;
};

/* A condition to wait on under a mutex. */
struct condition {
    pthread_cond_t handle;
};

/* A started thread; join it exactly once. */
struct thread {
    pthread_t handle;
    void (*run)(void *context);
    void *context;
};

/* Makes a lock ready. */
void mutex_init(struct mutex *mutex);

/* Ends a lock that nobody holds. */
void mutex_finish(struct mutex *mutex);

/* Waits for the lock and takes it. */
void mutex_lock(struct mutex *mutex);

/* Gives the lock back. */
void mutex_unlock(struct mutex *mutex);

/* Makes a condition ready. */
void condition_init(struct condition *condition);

/* Ends a condition that nobody waits on. */
void condition_finish(struct condition *condition);

/* Waits under `mutex`, which the caller holds; may wake without cause. */
void condition_wait(struct condition *condition, struct mutex *mutex);

/* The same for at most `timeout_ms`; false when the time ran out. */
bool condition_wait_ms(struct condition *condition, struct mutex *mutex, uint64_t timeout_ms);

/* Wakes one waiter. */
void condition_signal(struct condition *condition);

/* Wakes all waiters. */
void condition_broadcast(struct condition *condition);

/*
 * Starts `run(context)`; `thread` must stay where it is until joined. All signals are blocked in
 * the new thread, so that the program's own thread takes them.
 */
enum sgr_status thread_start(struct thread *thread, void (*run)(void *context), void *context,
                             struct sgr_error *error) SGR_MUST_USE;

/* Waits for the end of a started thread. */
void thread_join(struct thread *thread);

#endif
