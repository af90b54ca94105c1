/* Where notices and warnings go: to whoever the program named, never to a global stream. */
#ifndef SGR_BASE_LOG_H
#define SGR_BASE_LOG_H

#include <serigraph/log.h>

/* Sends one formatted line; does nothing without a log or a function in it. Any thread. */
void log_write(const struct sgr_log *log, enum sgr_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
