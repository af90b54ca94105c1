/* Recomputing every digest of a finished folder: what differs, is missing, or is extra. */
#ifndef SGR_STORE_VERIFY_H
#define SGR_STORE_VERIFY_H

#include "work/cancel.h"

#include <serigraph/log.h>
#include <stdint.h>

/* What was found. */
struct verify_result {
    uint64_t items;   /* rows that are done */
    uint64_t files;   /* files checked, documents included */
    uint64_t bytes;   /* bytes digested */
    uint64_t altered; /* other size or digest */
    uint64_t missing;
    uint64_t extra;  /* in images/ or metadata/ without a row, or left in .partial */
    uint64_t failed; /* items recorded as failed */
};

/*
 * Checks DIR on `threads` threads. Each finding is one warning line on `log` (the first 100 of a
 * kind, then a line that says how many more). SGR_OK when all could be looked at, whatever was
 * found; SGR_INPUT when there is no manifest.
 */
enum sgr_status verify_folder(const char *folder, unsigned threads, const struct sgr_cancel *cancel,
                              const struct sgr_log *log, struct verify_result *out_result,
                              struct sgr_error *error) SGR_MUST_USE;

#endif
