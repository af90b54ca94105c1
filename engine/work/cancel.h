/* Asking a run to end early or to pause, from a signal handler or another thread. */
#ifndef SGR_WORK_CANCEL_H
#define SGR_WORK_CANCEL_H

#include <serigraph/cancel.h>

#include <stdatomic.h>
#include <stdbool.h>

/* The flags; start from all zero. Atomic and lock-free, so that they may be set from anywhere. */
struct sgr_cancel {
    _Atomic int status; /* that the run shall end with, SGR_OK while nobody asked */
    _Atomic int paused;
};

/* The status asked for, SGR_OK when the run shall go on. Any thread; NULL never asks. */
static inline enum sgr_status cancel_status(const struct sgr_cancel *cancel)
{
    return cancel ? (enum sgr_status)atomic_load_explicit(&cancel->status, memory_order_relaxed)
                  : SGR_OK;
}

/* Whether the run shall pause, as long as it shall not end. Any thread; NULL never asks. */
static inline bool cancel_paused(const struct sgr_cancel *cancel)
{
    return cancel && atomic_load_explicit(&cancel->paused, memory_order_relaxed) != 0 &&
           cancel_status(cancel) == SGR_OK;
}

#endif
