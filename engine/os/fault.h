/*
 * Faults on demand, so that tests can see what happens when things that hardly ever fail do. The
 * environment variable SGR_FAULT names one: "gles-lost@3" lets the third passing of that point
 * fail, "gles-lost@3+" the third and all later ones.
 */
#ifndef SGR_OS_FAULT_H
#define SGR_OS_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* Counts a passing of the point `name` in `counter` and tells whether it is to fail. Any thread. */
bool fault_strikes(const char *name, _Atomic uint64_t *counter);

#endif
