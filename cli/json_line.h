/*
 * One line of JSON for programs that watch a run: put together first, then written with one call,
 * so that lines of several threads do not mix.
 */
#ifndef SGR_CLI_JSON_LINE_H
#define SGR_CLI_JSON_LINE_H

#include <serigraph/status.h>
#include <serigraph/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a failure's text with every byte escaped, and the rest. */
enum { JSON_LINE_BYTES = 6 * SGR_ERROR_TEXT_MAX + 1024, JSON_LINE_TIME_BYTES = 32 };

/* A line under construction; start from all zero. What does not fit leaves it cut short. */
struct json_line {
    char bytes[JSON_LINE_BYTES];
    size_t length;
    bool cut;
};

/* Where report_format and its like add to the line, which must outlive it. */
struct sgr_sink json_line_sink(struct json_line *line);

/* Adds formatted text. */
void json_line_add(struct json_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a JSON string with its quotes. */
void json_line_add_string(struct json_line *line, const char *text);

/* The wall clock `seconds` from now in RFC 3339, UTC, to the millisecond. */
void json_line_time(char out_time[JSON_LINE_TIME_BYTES], double seconds);

/*
 * Ends the line and writes it. A reader that is too slow misses lines rather than stopping the
 * run. Returns 0, or the errno of a failed write.
 */
int json_line_write(struct json_line *line, int descriptor);

#endif
