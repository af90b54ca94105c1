/* Locks through POSIX mutexes, which only fail when misused. */
#include "os/mutex.h"

#include "base/error.h"

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
