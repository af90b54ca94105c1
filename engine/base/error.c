/* Error texts: formatted once, always one clean line. */
#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum sgr_status error_set(struct sgr_error *error, enum sgr_status status, const char *format, ...)
{
    if (!error)
        return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    if (written < 0)
        error->text[0] = '\0';
    text_clean_line(error->text, (size_t)written >= sizeof error->text);
    return status;
}

enum sgr_status error_no_memory(struct sgr_error *error, const char *what)
{
    return error_set(error, SGR_NO_MEMORY,
                     "out of memory for %s: free some, or lower --memory and --threads", what);
}

void error_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "serigraph: internal error: %s:%d: %s does not hold; please report it\n", file,
            line, condition);
    abort();
}
