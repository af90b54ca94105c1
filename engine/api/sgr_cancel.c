/* The process's cancel flag. */
#include "work/cancel.h"

#include <serigraph/cancel.h>
#include <stddef.h>

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "signal handlers set the flag, so it must not lock");

struct sgr_cancel *sgr_cancel_shared(void)
{
    /* A signal handler knows no object, so this one flag belongs to the process. */
    static struct sgr_cancel shared;
    return &shared;
}

void sgr_cancel_request(struct sgr_cancel *cancel, enum sgr_status status)
{
    if (cancel)
        atomic_store(&cancel->status, (int)status);
}
