/* How far a run is, on stderr: one line that is redrawn, or a plain line every ten seconds. */
#ifndef SGR_CLI_PROGRESS_H
#define SGR_CLI_PROGRESS_H

#include "console.h"

#include <serigraph/generate.h>

#include <stdint.h>

enum { PROGRESS_SAMPLES = 32 };

/* How far the run was at one time. */
struct progress_sample {
    uint64_t elapsed_ns;
    uint64_t items_made;
};

/* What is remembered between two calls. Used by the thread that reports progress alone. */
struct progress {
    struct console *console;
    struct progress_sample samples[PROGRESS_SAMPLES]; /* a ring */
    unsigned sample_count;
    unsigned sample_next;
    uint64_t plain_line_ns; /* when the last plain line was printed */
};

/* Begins with no samples. */
void progress_init(struct progress *progress, struct console *console);

/* For sgr_generate_options.progress; `context` is the struct progress. */
void progress_update(void *context, const struct sgr_progress *now);

#endif
