/* Waiting under a lock until something changes. */
#ifndef SGR_OS_CONDITION_H
#define SGR_OS_CONDITION_H

#include "os/mutex.h"

#include <stdbool.h>
#include <stdint.h>

/* A condition to wait on under a mutex; init before use, finish when nobody waits. */
struct condition {
    pthread_cond_t handle;
};

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

#endif
