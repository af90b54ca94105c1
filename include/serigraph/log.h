/* Where the library's notices and warnings go. */
#ifndef SERIGRAPH_LOG_H
#define SERIGRAPH_LOG_H

#ifdef __cplusplus
extern "C" {
#endif

/* How much a line matters. */
enum sgr_log_level { SGR_LOG_WARNING, SGR_LOG_NOTICE, SGR_LOG_DETAIL };

/*
 * Called with one UTF-8 line without a line break, from any thread, one call at a time for each
 * log unless the library says otherwise. May be all zero: then nothing is told.
 */
struct sgr_log {
    void *context;
    void (*line)(void *context, enum sgr_log_level level, const char *text);
};

#ifdef __cplusplus
}
#endif

#endif
