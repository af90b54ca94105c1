/* What libFuzzer calls, and the replay of a corpus. */
#ifndef SGR_FUZZ_FUZZ_TARGET_H
#define SGR_FUZZ_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Tries one input; ends the process when something is not as it has to be. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
