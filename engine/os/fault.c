/* The variable is read at every passing, so that a test may change it on the way. */
#include "os/fault.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

bool fault_strikes(const char *name, _Atomic uint64_t *counter)
{
    uint64_t passed = atomic_fetch_add(counter, 1) + 1;
    const char *wanted = getenv("SGR_FAULT");
    size_t length = strlen(name);
    if (!wanted || strncmp(wanted, name, length) != 0 || wanted[length] != '@')
        return false;
    char *end = NULL;
    uint64_t first = strtoull(wanted + length + 1, &end, 10);
    return first > 0 && (passed == first || (*end == '+' && passed > first));
}
