/* Bytes a nanosecond are gigabytes a second. */
#include "publish/rate_text.h"

#include <inttypes.h>

enum { GIGABYTES_FROM = 1000 };

void rate_text_add(const char *name, uint64_t bytes, uint64_t ns, struct text *out)
{
    uint64_t megabytes = ns ? (uint64_t)((double)bytes * 1000 / (double)ns + 0.5) : 0;
    if (megabytes < GIGABYTES_FROM)
        text_format(out, "%s%" PRIu64 " MB/s", name, megabytes);
    else
        text_format(out, "%s%" PRIu64 ".%02" PRIu64 " GB/s", name, megabytes / 1000,
                    megabytes % 1000 / 10);
}
