/* Formats a line and hands it on. */
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void log_write(const struct sgr_log *log, enum sgr_log_level level, const char *format, ...)
{
    if (!log || !log->line)
        return;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (written < 0)
        return;
    text_clean_line(text, (size_t)written >= sizeof text);
    log->line(log->context, level, text);
}
