/* POSIX conditions on the clock that never goes back. */
#include "os/condition.h"

#include "base/error.h"

#include <errno.h>
#include <time.h>

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
