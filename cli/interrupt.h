/* Ctrl-C and the other signals that ask the program to end, to pause, or to go on. */
#ifndef SGR_CLI_INTERRUPT_H
#define SGR_CLI_INTERRUPT_H

#include <stdbool.h>

/*
 * Takes over SIGINT, SIGTERM, SIGHUP, SIGUSR1 (pause) and SIGUSR2 (go on), and ignores SIGPIPE, so
 * that a reader that left shows as a failed write. `live` tells whether stderr is a terminal whose
 * line can be cleared. Call once, before other threads start.
 */
void interrupt_init(bool live);

/*
 * Between these two calls a job runs that looks at sgr_cancel_shared(): a signal asks it to finish
 * what is in flight. At other times a signal ends the process at once; nothing is half done then.
 */
void interrupt_job_begin(void);

/* Ends what interrupt_job_begin began. */
void interrupt_job_end(void);

#endif
