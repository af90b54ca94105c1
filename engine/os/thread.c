/* POSIX threads that leave signals to the program. */
#include "os/thread.h"

#include "base/error.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

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

void thread_sleep_ms(unsigned milliseconds)
{
    struct timespec left = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

void thread_join(struct thread *thread)
{
    ERROR_ASSERT(pthread_join(thread->handle, NULL) == 0);
}
