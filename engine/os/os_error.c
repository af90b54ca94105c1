/* The remedies for the system errors that users meet. */
#include "os/os_error.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>

static const char *remedy(int reason)
{
    switch (reason) {
    case ENOSPC:
    case EDQUOT:
        return "; free space, then run the same command again to go on";
    case EACCES:
    case EPERM:
        return "; check the rights of the folder, or choose another";
    case EROFS:
        return "; choose a folder that can be written";
    case EMFILE:
    case ENFILE:
        return "; raise the limit of open files (ulimit -n)";
    case ENOENT:
        return "; check the path";
    case ENAMETOOLONG:
        return "; shorten the name";
    case ENOTDIR:
        return "; a part of the path is not a folder";
    default:
        return "";
    }
}

enum sgr_status os_error_input(struct sgr_error *error, const char *what, const char *path)
{
    int reason = errno;
    return error_set(error, SGR_INPUT, "%s %s: %s%s", what, path, strerror(reason), remedy(reason));
}

enum sgr_status os_error_output(struct sgr_error *error, const char *what, const char *path)
{
    int reason = errno;
    return error_set(error, SGR_OUTPUT, "%s %s: %s%s", what, path, strerror(reason),
                     remedy(reason));
}

void os_free(void *memory)
{
    memory_free(memory);
}
