/* The process's cancel flags. */
#include "work/cancel.h"

#include <serigraph/cancel.h>
#include <stddef.h>

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "signal handlers set the flags, so they must not lock");

struct sgr_cancel *sgr_cancel_shared(void)
{
    /* A signal handler knows no object, so these flags belong to the process. */
    static struct sgr_cancel shared;
    return &shared;
}

void sgr_cancel_request(struct sgr_cancel *cancel, enum sgr_status status)
{
    if (cancel)
        atomic_store(&cancel->status, (int)status);
}

void sgr_cancel_pause(struct sgr_cancel *cancel, int pause)
{
    if (cancel)
        atomic_store(&cancel->paused, pause != 0);
}
