/*
 * Linked into sanitizer builds, instead of the C library's function: drivers that stay loaded keep
 * the names by which drivers.lsan knows their leaks.
 */
#include <dlfcn.h>

__attribute__((visibility("default"))) int dlclose(void *handle)
{
    (void)handle;
    return 0;
}
