/* Turns errno into one line with a remedy. */
#ifndef SGR_OS_OS_ERROR_H
#define SGR_OS_OS_ERROR_H

#include <serigraph/status.h>

/* "<what> <path>: <reason>; <remedy>" for a failed read, SGR_INPUT; reads errno. */
enum sgr_status os_error_input(struct sgr_error *error, const char *what, const char *path);

/* The same for a failed write, SGR_OUTPUT; a full disk and missing rights get their remedy. */
enum sgr_status os_error_output(struct sgr_error *error, const char *what, const char *path);

/* Frees what the C library allocated (realpath); nothing else may come from there. */
void os_free(void *memory);

#endif
