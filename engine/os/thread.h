/* Starting threads and waiting for their end. */
#ifndef SGR_OS_THREAD_H
#define SGR_OS_THREAD_H

#include <serigraph/status.h>

#include <pthread.h>

/* A started thread; join it exactly once. */
struct thread {
    pthread_t handle;
    void (*run)(void *context);
    void *context;
};

/*
 * Starts `run(context)`; `thread` must stay where it is until joined. All signals are blocked in
 * the new thread, so that the program's own thread takes them.
 */
enum sgr_status thread_start(struct thread *thread, void (*run)(void *context), void *context,
                             struct sgr_error *error) SGR_MUST_USE;

/* Lets the calling thread rest. */
void thread_sleep_ms(unsigned milliseconds);

/* Waits for the end of a started thread. */
void thread_join(struct thread *thread);

#endif
