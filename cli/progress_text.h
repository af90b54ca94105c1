/* How far a run is, for people: one line that is redrawn, or a plain line every ten seconds. */
#ifndef SGR_CLI_PROGRESS_TEXT_H
#define SGR_CLI_PROGRESS_TEXT_H

#include "console.h"
#include "progress_rate.h"

/* What is remembered between two calls; start with only the console set. One thread at a time. */
struct progress_text {
    struct console *console;
    uint64_t plain_line_ns; /* when the last plain line was printed */
};

/* Shows how far the run is, on stderr, unless --quiet. */
void progress_text_update(struct progress_text *text, const struct sgr_progress *now,
                          const struct progress_speed *speed);

#endif
