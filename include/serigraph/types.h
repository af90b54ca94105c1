/* The choices that several parts of the library share. */
#ifndef SERIGRAPH_TYPES_H
#define SERIGRAPH_TYPES_H

#include <serigraph/status.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a picture of another size is fitted to the canvas; none refuses it. */
enum sgr_resample {
    SGR_RESAMPLE_NONE,
    SGR_RESAMPLE_NEAREST,
    SGR_RESAMPLE_BILINEAR,
    SGR_RESAMPLE_LANCZOS
};

/* Which convention the names in an art folder follow; auto finds out. */
enum sgr_grammar { SGR_GRAMMAR_AUTO, SGR_GRAMMAR_HASHLIPS, SGR_GRAMMAR_NFTCHEF, SGR_GRAMMAR_LAB };

/* How hard PNG strips are compressed. */
enum sgr_png_level { SGR_PNG_BALANCED, SGR_PNG_FAST, SGR_PNG_SMALL };

/* The form of a report. */
enum sgr_format { SGR_FORMAT_TEXT, SGR_FORMAT_JSON, SGR_FORMAT_JSON_LINES, SGR_FORMAT_CSV };

/*
 * Where a report goes: `write` is called with consecutive pieces on the calling thread and returns
 * 0, or anything else to stop with SGR_OUTPUT.
 */
struct sgr_sink {
    void *context;
    int (*write)(void *context, const char *bytes, size_t size);
};

#ifdef __cplusplus
}
#endif

#endif
