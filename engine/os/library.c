/* The system's loader. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/library.h"

#include "base/error.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum sgr_status library_open(const char *name, struct library *out_library, struct sgr_error *error)
{
    /* Everything is bound now: a function that is missing shows here, not in the middle of work. */
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        size_t length = strlen(name);
        bool is_named = reason && strncmp(reason, name, length) == 0 && reason[length] == ':';
        return error_set(error, SGR_USAGE, "%s cannot be loaded: %s", name,
                         is_named ? reason + length + 2
                         : reason ? reason
                                  : "no reason is told");
    }
    out_library->handle = handle;
    return SGR_OK;
}

library_function library_find(const struct library *library, const char *name)
{
    /* C has no cast from data to functions; POSIX says that the bytes are the same. */
    void *symbol = dlsym(library->handle, name);
    library_function function = NULL;
    _Static_assert(sizeof symbol == sizeof function, "addresses of data and functions alike");
    memcpy(&function, &symbol, sizeof function);
    return function;
}

void library_set_default(const char *variable, const char *value)
{
    (void)setenv(variable, value, 0);
}
