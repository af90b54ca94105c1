/*
 * Deflate by libdeflate, ended on a byte so that more may follow: denser than our own encoder and
 * several times slower.
 */
#ifndef SGR_CODEC_LIBRARY_DEFLATE_H
#define SGR_CODEC_LIBRARY_DEFLATE_H

#include <serigraph/status.h>

#include <stddef.h>
#include <stdint.h>

struct library_deflate;

/* An encoder for at most `raw_max` bytes at libdeflate's `level`; one thread at a time. */
enum sgr_status library_deflate_create(int level, size_t raw_max,
                                       struct library_deflate **out_deflate,
                                       struct sgr_error *error) SGR_MUST_USE;

/* Accepts NULL, sets *deflate to NULL. */
void library_deflate_destroy(struct library_deflate **deflate);

/* Room that a result may need. */
size_t library_deflate_bound(struct library_deflate *deflate, size_t raw_size);

/*
 * Compresses `raw` into `target`, which has library_deflate_bound bytes: no block is final and the
 * last one ends on a byte. SGR_INTERNAL when a library fails.
 */
enum sgr_status library_deflate_run(struct library_deflate *deflate, const uint8_t *raw,
                                    size_t raw_size, uint8_t *target, size_t *out_size,
                                    struct sgr_error *error) SGR_MUST_USE;

#endif
