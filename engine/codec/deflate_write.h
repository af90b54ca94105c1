/* Writing tokens as one deflate block that ends on a byte. Source: RFC 1951. */
#ifndef SGR_CODEC_DEFLATE_WRITE_H
#define SGR_CODEC_DEFLATE_WRITE_H

#include "codec/deflate_tokens.h"

/* Room that deflate_write needs for `raw_size` bytes, whatever they are. */
size_t deflate_write_bound(size_t raw_size);

/*
 * Writes the tokens, which stand for `raw`, as the smallest of a dynamic, a fixed or stored blocks,
 * none of them final, and an empty stored block, so that the result ends on a byte and more may
 * follow. `target` has deflate_write_bound(raw_size) bytes. Returns how many were written.
 */
size_t deflate_write(const struct deflate_tokens *tokens, const uint8_t *raw, size_t raw_size,
                     uint8_t *target);

#endif
