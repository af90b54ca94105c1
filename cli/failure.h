/* Saying what went wrong, in the words and the form of the library's own errors. */
#ifndef SGR_CLI_FAILURE_H
#define SGR_CLI_FAILURE_H

#include <serigraph/status.h>

/* Writes the one line into *error and returns `status`, so that it can be returned at once. */
enum sgr_status failure_set(struct sgr_error *error, enum sgr_status status, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

#endif
