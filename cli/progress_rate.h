/*
 * How fast a run goes now, and when it will end. Rates come from a window of about ten seconds:
 * items are committed in batches, so a shorter one jumps, and a run speeds up as strips are found
 * again, so the mean since the start is too low.
 */
#ifndef SGR_CLI_PROGRESS_RATE_H
#define SGR_CLI_PROGRESS_RATE_H

#include <serigraph/generate.h>

enum { PROGRESS_RATE_SAMPLES = 32 };

/* How far the run was at one time. */
struct progress_sample {
    uint64_t elapsed_ns;
    uint64_t items_made;
};

/* The window; start with progress_rate_init. One thread at a time. */
struct progress_rate {
    struct progress_sample samples[PROGRESS_RATE_SAMPLES]; /* a ring */
    unsigned sample_count;
    unsigned sample_next;
};

/* What the window tells. */
struct progress_speed {
    double images_a_second; /* 0: not known yet, or nothing comes out */
    double seconds_left;    /* negative: not known */
    double reuse;           /* the share of strips that were used again, 0 to 1 */
};

/* Begins with no samples. */
void progress_rate_init(struct progress_rate *rate);

/* Takes a sample, and tells what the window says by now. */
struct progress_speed progress_rate_update(struct progress_rate *rate,
                                           const struct sgr_progress *now);

#endif
