/* Shared libraries that are loaded while the program runs, and may be missing. */
#ifndef SGR_OS_LIBRARY_H
#define SGR_OS_LIBRARY_H

#include <serigraph/status.h>

/* A loaded library; all zero means none. */
struct library {
    void *handle;
};

/* Any function of a library; cast it to what it is before it is called. */
typedef void (*library_function)(void);

/*
 * Loads a library by its file's name, such as "libEGL.so.1"; its names are seen by nobody else.
 * SGR_USAGE with the loader's reason when it cannot be loaded. Any thread.
 */
enum sgr_status library_open(const char *name, struct library *out_library,
                             struct sgr_error *error) SGR_MUST_USE;

/* The function called `name`, or NULL. Any thread. */
library_function library_find(const struct library *library, const char *name);

/*
 * Sets an environment variable for libraries that are loaded later, unless the user has set it.
 * The system's environment has no lock: no other thread may be changing it at the same time, and
 * one that is reading it may miss the new variable.
 */
void library_set_default(const char *variable, const char *value);

#endif
