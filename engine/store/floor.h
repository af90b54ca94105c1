/*
 * The floor under every run that writes: the same bytes, ready in memory, digested, written and
 * made durable in the same batches, without a manifest, temporary names, or anything to compute.
 */
#ifndef SGR_STORE_FLOOR_H
#define SGR_STORE_FLOOR_H

#include "store/manifest.h"
#include "work/cancel.h"

#include <stddef.h>

/* One item's files, borrowed. */
struct floor_item {
    uint64_t id;
    uint8_t *image;
    size_t image_size;
    uint8_t *metadata;
    size_t metadata_size;
};

/* What to write, and where to. */
struct floor_options {
    const char *folder; /* with images/ and metadata/ in it; files there are replaced */
    const struct floor_item *items;
    size_t count;
    unsigned threads; /* that digest and write; one more syncs */
    const struct sgr_cancel *cancel;
};

/* Writes everything and tells how long it took, folders included; the files stay. */
enum sgr_status floor_run(const struct floor_options *options, uint64_t *out_ns,
                          struct sgr_error *error) SGR_MUST_USE;

#endif
