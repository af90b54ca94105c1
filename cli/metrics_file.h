/*
 * How far a run is, as a file in the text format of Prometheus: renewed every second, always whole,
 * since it is replaced under its name.
 */
#ifndef SGR_CLI_METRICS_FILE_H
#define SGR_CLI_METRICS_FILE_H

#include "console.h"
#include "progress_rate.h"

/* What is remembered between two calls; start with path and console set. One thread at a time. */
struct metrics_file {
    const char *path; /* borrowed; NULL: no file is wanted */
    struct console *console;
    uint64_t written_ns; /* when it was renewed last, since the run's start */
    bool failed;         /* told once; the run goes on without */
};

/* Renews the file when a second has gone by, or `last`. */
void metrics_file_update(struct metrics_file *file, const struct sgr_progress *now,
                         const struct progress_speed *speed, bool last);

#endif
