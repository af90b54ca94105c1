/*
 * Everybody who watches a run: people on stderr, programs that read JSON lines, and a file of
 * metrics.
 */
#ifndef SGR_CLI_WATCH_H
#define SGR_CLI_WATCH_H

#include "metrics_file.h"
#include "progress_text.h"
#include "session.h"

/* Start with watch_init. One thread at a time. */
struct watch {
    struct progress_rate rate;
    struct progress_text text;
    struct metrics_file metrics;
    bool shows_text;
    int json_descriptor; /* -1: none */
};

/* Reads --progress and --metrics. SGR_USAGE for what they do not take. */
enum sgr_status watch_init(struct watch *watch, const struct session *session,
                           struct sgr_error *error) SGR_MUST_USE;

/* For sgr_generate_options.progress; `context` is the struct watch. */
void watch_update(void *context, const struct sgr_progress *now);

/* Tells how the run ended, as text such as "done"; `now` is its last state. */
void watch_end(struct watch *watch, const struct sgr_progress *now, const char *ended);

#endif
