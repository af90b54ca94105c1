/* POSIX threads behind names that say what they do. */
#include "os/thread.h"

#include "base/error.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

void mutex_init(struct mutex *mutex)
{
    ERROR_ASSERT(pthread_mutex_init(&mutex->handle, NULL) == 0);
}

void mutex_finish(struct mutex *mutex)
{
    ERROR_ASSERT(pthread_mutex_destroy(&mutex->handle) == 0);
}

void mutex_lock(struct mutex *mutex)
{
    ERROR_ASSERT(pthread_mutex_lock(&mutex->handle) == 0);
}

void mutex_unlock(struct mutex *mutex)
{
    ERROR_ASSERT(pthread_mutex_unlock(&mutex->handle) == 0);
}

void condition_init(struct condition *condition)
{
    pthread_condattr_t attributes;
    ERROR_ASSERT(pthread_condattr_init(&attributes) == 0);
    ERROR_ASSERT(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    ERROR_ASSERT(pthread_cond_init(&condition->handle, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

void condition_finish(struct condition *condition)
{
    ERROR_ASSERT(pthread_cond_destroy(&condition->handle) == 0);
}

void condition_wait(struct condition *condition, struct mutex *mutex)
{
    ERROR_ASSERT(pthread_cond_wait(&condition->handle, &mutex->handle) == 0);
}

bool condition_wait_ms(struct condition *condition, struct mutex *mutex, uint64_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(timeout_ms / 1000);
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int result = pthread_cond_timedwait(&condition->handle, &mutex->handle, &until);
    ERROR_ASSERT(result == 0 || result == ETIMEDOUT);
    return result == 0;
}

void condition_signal(struct condition *condition)
{
    ERROR_ASSERT(pthread_cond_signal(&condition->handle) == 0);
}

void condition_broadcast(struct condition *condition)
{
    ERROR_ASSERT(pthread_cond_broadcast(&condition->handle) == 0);
}

static void *enter(void *argument)
{
    struct thread *thread = argument;
    thread->run(thread->context);
    return NULL;
}

enum sgr_status thread_start(struct thread *thread, void (*run)(void *context), void *context,
                             struct sgr_error *error)
{
    thread->run = run;
    thread->context = context;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int result = pthread_create(&thread->handle, NULL, enter, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result != 0)
        return error_set(error, SGR_STOPPED,
                         "cannot start a thread: %s; lower --threads or raise the process limit",
                         strerror(result));
    return SGR_OK;
}

void thread_join(struct thread *thread)
{
    ERROR_ASSERT(pthread_join(thread->handle, NULL) == 0);
}
