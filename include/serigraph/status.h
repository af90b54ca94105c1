/* What every call of the library answers: a status, and one line that says what went wrong. */
#ifndef SERIGRAPH_STATUS_H
#define SERIGRAPH_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what is visible outside the shared library. */
#define SGR_API __attribute__((visibility("default")))
/* A status that nobody looks at is a bug in the caller. */
#define SGR_MUST_USE __attribute__((warn_unused_result))

/* Every status: name, the exit code a program should end with, a short text. */
#define SGR_STATUS_LIST(X)                                                                         \
    X(SGR_OK, 0, "done")                                                                           \
    X(SGR_INTERNAL, 1, "internal error")                                                           \
    X(SGR_USAGE, 2, "wrong usage")                                                                 \
    X(SGR_INPUT, 3, "bad input")                                                                   \
    X(SGR_INFEASIBLE, 4, "rules or counts cannot be met")                                          \
    X(SGR_PARTIAL, 5, "finished, but some items failed")                                           \
    X(SGR_OUTPUT, 6, "the output could not be written")                                            \
    X(SGR_STOPPED, 75, "stopped, run again to go on")                                              \
    X(SGR_NO_MEMORY, 75, "out of memory, run again with more")                                     \
    X(SGR_INTERRUPTED, 130, "interrupted, run again to go on")

/* What became of a call. The order is fixed; new ones are added at the end. */
enum sgr_status {
#define SGR_STATUS_ENUMERATOR(name, exit_code, text) name,
    SGR_STATUS_LIST(SGR_STATUS_ENUMERATOR)
#undef SGR_STATUS_ENUMERATOR
};

/* Room for one line, its final zero included. */
enum { SGR_ERROR_TEXT_MAX = 640 };

/*
 * Who calls owns it, one for each job; every function that takes one accepts NULL. `text` is one
 * line, UTF-8, without a line break: what, where, and what to do about it. It is written by the
 * function that found the failure and is meaningless after success.
 */
struct sgr_error {
    enum sgr_status status;
    char text[SGR_ERROR_TEXT_MAX];
};

/* The process exit code for a status, from the list above; 1 for a value that is none. */
SGR_API int sgr_status_exit_code(enum sgr_status status);

/* A short constant text for a status; never NULL. */
SGR_API const char *sgr_status_text(enum sgr_status status);

#ifdef __cplusplus
}
#endif

#endif
