/* What every public call says when it is given nothing where something is needed. */
#ifndef SGR_API_API_CHECK_H
#define SGR_API_API_CHECK_H

#include <serigraph/types.h>

#include <stdbool.h>

/* SGR_USAGE when `given` is false: `call` was handed NULL for what it needs. */
enum sgr_status api_check(bool given, const char *call, struct sgr_error *error) SGR_MUST_USE;

/* Whether a report can go there. */
static inline bool api_is_sink(const struct sgr_sink *sink)
{
    return sink && sink->write;
}

#endif
