/* Fills the error that a command hands up; main prints it. */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

enum sgr_status failure_set(struct sgr_error *error, enum sgr_status status, const char *format,
                            ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->status = status;
    /* A text too long for its line is cut: its beginning is what says where to look. */
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}
