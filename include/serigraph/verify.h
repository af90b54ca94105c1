/* Checking a finished folder against its manifest. */
#ifndef SERIGRAPH_VERIFY_H
#define SERIGRAPH_VERIFY_H

#include <serigraph/cancel.h>
#include <serigraph/log.h>
#include <serigraph/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was found. */
struct sgr_verify_result {
    uint64_t items;   /* finished, by the manifest */
    uint64_t planned; /* items of the plan; 0 when the manifest does not say */
    uint64_t files;   /* checked */
    uint64_t bytes;   /* digested */
    uint64_t altered; /* other size or digest */
    uint64_t missing;
    uint64_t extra;
    uint64_t failed; /* items that a run could not make */
    char digest[65]; /* of the manifest's content, lower-case hexadecimal */
};

/*
 * Recomputes every digest on `threads` threads (0: all cores). Each finding is a warning on `log`.
 * SGR_OK when all is as the manifest says, SGR_PARTIAL when it is not (*out_result is set in both
 * cases), SGR_INPUT without a manifest.
 */
SGR_API enum sgr_status sgr_verify(const char *folder, unsigned threads, struct sgr_cancel *cancel,
                                   const struct sgr_log *log, struct sgr_verify_result *out_result,
                                   struct sgr_error *error) SGR_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
