/* The words of --backend and --device. */
#include "api/api_backend.h"

#include "base/error.h"

#include <string.h>

enum sgr_status api_backend_check(const char *backend, const char *device, struct sgr_error *error)
{
    const char *name = backend ? backend : "auto";
    if (strcmp(name, "auto") != 0 && strcmp(name, "cpu") != 0 && strcmp(name, "gles") != 0)
        return error_set(error, SGR_USAGE, "--backend \"%s\" is not known: use auto, cpu or gles",
                         name);
    if (device && strcmp(name, "cpu") == 0)
        return error_set(error, SGR_USAGE, "--device and --backend cpu exclude each other");
    if (!device && strcmp(name, "gles") != 0)
        return SGR_OK;
#if SERIGRAPH_GLES
    return error_set(error, SGR_USAGE, "--backend gles does not compose yet; use cpu");
#else
    return error_set(error, SGR_USAGE,
                     "built without the gles backend; use --backend cpu, or build with "
                     "-DSERIGRAPH_GLES=ON");
#endif
}
