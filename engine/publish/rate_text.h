/* Rates in words. */
#ifndef SGR_PUBLISH_RATE_TEXT_H
#define SGR_PUBLISH_RATE_TEXT_H

#include "base/text.h"

/* Adds `name`, and bytes in nanoseconds as "1.25 GB/s" or "12 MB/s". */
void rate_text_add(const char *name, uint64_t bytes, uint64_t ns, struct text *out);

#endif
