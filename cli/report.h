/*
 * Everything that goes to stdout: reports as text, or, with --json, one document, for failures
 * too. A reader that goes away early (`| head`) is no failure; any other trouble is SGR_OUTPUT.
 */
#ifndef SGR_CLI_REPORT_H
#define SGR_CLI_REPORT_H

#include <serigraph/types.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The state of stdout. */
struct report {
    bool json;
    bool reader_left;   /* stdout is a pipe that nobody reads any more */
    int failure_number; /* the errno of the first failed write; 0: none */
    bool document_out;  /* a JSON document went straight out, because it could not be held */
    FILE *held;         /* the JSON document, until it is known how all ended */
};

/* What prints one report in the wanted form; has the shape of the library's describe calls. */
typedef enum sgr_status (*report_writer)(void *context, enum sgr_format format,
                                         const struct sgr_sink *sink, struct sgr_error *error);

/* Starts with nothing written. */
void report_init(struct report *report, bool json);

/* Where a report's bytes go; valid as long as the report. */
struct sgr_sink report_sink(struct report *report);

/* Prints to stdout. Failures are kept for report_finish. */
void report_print(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Has `writer` print the command's result, as text or as the JSON document. */
enum sgr_status report_result(struct report *report, report_writer writer, void *context,
                              struct sgr_error *error) SGR_MUST_USE;

/* Turns the failure of a library call that a lost reader caused into success. */
enum sgr_status report_forgive(const struct report *report, enum sgr_status status) SGR_MUST_USE;

/*
 * Writes the JSON document that tells how all ended, and flushes. Returns `status`, or SGR_OUTPUT
 * with *error set when stdout did not take everything.
 */
enum sgr_status report_finish(struct report *report, enum sgr_status status,
                              struct sgr_error *error) SGR_MUST_USE;

/* Prints through any sink; nothing after the sink has failed. Answers what the sink answered. */
int report_format(const struct sgr_sink *sink, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
int report_json_string(const struct sgr_sink *sink, const char *text);

#endif
