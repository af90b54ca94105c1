/* Asking a run to end early, from a signal handler or another thread. */
#ifndef SGR_WORK_CANCEL_H
#define SGR_WORK_CANCEL_H

#include <serigraph/cancel.h>

#include <stdatomic.h>
#include <stdbool.h>

/*
 * The flag itself; start from all zero. Atomic and lock-free, so that it may be set from anywhere.
 * Its value is the status that the run shall end with, SGR_OK while nobody asked.
 */
struct sgr_cancel {
    _Atomic int status;
};

/* The status asked for, SGR_OK when the run shall go on. Any thread; NULL never asks. */
static inline enum sgr_status cancel_status(const struct sgr_cancel *cancel)
{
    return cancel ? (enum sgr_status)atomic_load_explicit(&cancel->status, memory_order_relaxed)
                  : SGR_OK;
}

#endif
