/* One text for a mistake that is always the calling program's. */
#include "api/api_check.h"

#include "base/error.h"

enum sgr_status api_check(bool given, const char *call, struct sgr_error *error)
{
    if (given)
        return SGR_OK;
    return error_set(error, SGR_USAGE,
                     "%s was called without something that it needs; see its header", call);
}
