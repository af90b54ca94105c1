/*
 * How a failure is told: whoever detects it writes the text once, everyone above passes the
 * status on.
 */
#ifndef SGR_BASE_ERROR_H
#define SGR_BASE_ERROR_H

#include <serigraph/status.h>

#include <stdbool.h>

/*
 * Writes one line into `error` (which may be NULL) and returns `status`, so that a failing
 * function ends with `return error_set(error, SGR_INPUT, "...")`. Control characters in the
 * result (from file names, say) are replaced by '?', a text that is too long is cut.
 */
enum sgr_status error_set(struct sgr_error *error, enum sgr_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for "there was no memory for `what`", status SGR_NO_MEMORY. */
enum sgr_status error_no_memory(struct sgr_error *error, const char *what);

/*
 * An assert for our own mistakes, on in every build: states an invariant whose breach means that
 * going on could write wrong bytes.
 */
#define ERROR_ASSERT(condition)                                                                    \
    ((condition) ? (void)0 : error_assert_failed(#condition, __FILE__, __LINE__))

/* Prints the broken invariant on stderr and ends the process with SIGABRT. */
_Noreturn void error_assert_failed(const char *condition, const char *file, int line);

#endif
