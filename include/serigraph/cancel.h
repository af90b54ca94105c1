/* Asking a running job to end early, or to pause. */
#ifndef SERIGRAPH_CANCEL_H
#define SERIGRAPH_CANCEL_H

#include <serigraph/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flags that one thread or signal handler sets and a running job looks at. */
struct sgr_cancel;

/* The process's own flags, all that a program needs; never NULL. Any thread, any signal handler. */
SGR_API struct sgr_cancel *sgr_cancel_shared(void);

/*
 * Asks the job that was given these flags to finish what is in flight, commit it, and return
 * `status` (SGR_INTERRUPTED or SGR_STOPPED; SGR_OK takes the request back). Any thread, any signal
 * handler; NULL does nothing.
 */
SGR_API void sgr_cancel_request(struct sgr_cancel *cancel, enum sgr_status status);

/*
 * Asks the job to pause (not 0): it finishes what is in flight, commits it, and begins nothing new
 * until it is asked to go on (0) or to end. Any thread, any signal handler; NULL does nothing.
 */
SGR_API void sgr_cancel_pause(struct sgr_cancel *cancel, int pause);

#ifdef __cplusplus
}
#endif

#endif
