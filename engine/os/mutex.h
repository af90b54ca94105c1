/* Locks; a failing one is our own mistake and asserts. */
#ifndef SGR_OS_MUTEX_H
#define SGR_OS_MUTEX_H

#include <pthread.h>

/* A lock; init before use, finish when nobody holds it. */
struct mutex {
    pthread_mutex_t handle;
};

/* What a lock that lives as long as the program starts from, instead of mutex_init. */
#define MUTEX_READY                                                                                \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER                                                                  \
    }

/* Makes a lock ready. */
void mutex_init(struct mutex *mutex);

/* Ends a lock that nobody holds. */
void mutex_finish(struct mutex *mutex);

/* Waits for the lock and takes it. */
void mutex_lock(struct mutex *mutex);

/* Gives the lock back. */
void mutex_unlock(struct mutex *mutex);

#endif
