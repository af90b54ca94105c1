/*
 * Everything said on stderr but the signal handler's line: errors, warnings, notices, and the
 * line at the bottom of a terminal that shows how far a run is.
 */
#ifndef SGR_CLI_CONSOLE_H
#define SGR_CLI_CONSOLE_H

#include "log_file.h"

#include <serigraph/log.h>

#include <pthread.h>
#include <stdbool.h>

/* What the user asked for. */
struct console_options {
    bool quiet;    /* warnings and errors only */
    bool verbose;  /* details too */
    bool no_color; /* whatever the terminal can do */
};

/* Who may speak when. `live` and `color` do not change after the start. */
struct console {
    pthread_mutex_t mutex; /* guards stderr and status_shown */
    struct console_options options;
    const struct log_file *log; /* borrowed; gets every line too; NULL: none */
    bool live;                  /* stderr is a terminal that can clear a line */
    bool color;                 /* ... and may show colours */
    bool status_shown;
};

/* Looks at stderr and the environment. Call before other threads start. */
void console_init(struct console *console, struct console_options options);

/* Clears the status line and ends the console's life. */
void console_finish(struct console *console);

/* Prints the one line of a failure. Any thread. */
void console_error(struct console *console, const char *text);

/* Prints a line that --quiet keeps back. Any thread. */
void console_notice(struct console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints a warning. Any thread. */
void console_warning(struct console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Where the library's lines go: here, from any thread, while the console lives. */
struct sgr_log console_log(struct console *console);

/* Shows `text` as the status line, in place of the last one; only when `live`. Any thread. */
void console_show_status(struct console *console, const char *text);

/* Takes the status line away. Any thread. */
void console_clear_status(struct console *console);

#endif
