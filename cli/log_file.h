/*
 * --log FILE: everything that is said, whatever --quiet keeps back, as JSON lines with the time. A
 * file that is there is added to, so that a run's parts stand one after the other.
 */
#ifndef SGR_CLI_LOG_FILE_H
#define SGR_CLI_LOG_FILE_H

#include "arguments.h"

/* Start from LOG_FILE_NONE. Any thread: a line is one write. */
struct log_file {
    int descriptor;
};

#define LOG_FILE_NONE ((struct log_file){.descriptor = -1})

/* Opens the file for adding; SGR_OUTPUT names it. */
enum sgr_status log_file_open(struct log_file *file, const char *path,
                              struct sgr_error *error) SGR_MUST_USE;

/* Adds a line; does nothing when there is no file. */
void log_file_add(const struct log_file *file, const char *level, const char *text);

/* Adds what the program was called with. */
void log_file_begin(const struct log_file *file, int word_count, char *const *words);

/* Adds how the program ends, and closes. */
void log_file_end(struct log_file *file, enum sgr_status status);

#endif
